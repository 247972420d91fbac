//! Ingresses that share a load balancer by `group.name`: its attributes may stand at any of them (lbc §3.2, items 3 and 5).

use super::annotations;
use super::class::{self, Class};
use crate::manifest::{Body, Manifests, Object};
use crate::text::decode::Spanned;

const ATTRIBUTES: &str = "load-balancer-attributes";

/// An attribute that an Ingress sets.
pub(super) struct Set<'m> {
    /// Its AWS name.
    pub(super) key: String,
    /// Its value.
    pub(super) value: String,
    /// The annotation.
    pub(super) text: &'m Spanned<String>,
    /// What it is called.
    pub(super) field: String,
}

/// The attributes that the other Ingresses of the group set. Whether they agree is checked elsewhere, and so is what
/// cannot be read.
pub(super) fn attributes<'m>(manifests: &'m Manifests, ingress: &Object) -> Vec<Set<'m>> {
    let Some(group) = name(ingress, manifests) else {
        return Vec::new();
    };
    let annotation = format!("{}{ATTRIBUTES}", annotations::PREFIX);
    let others = manifests
        .objects
        .iter()
        .filter(|other| !std::ptr::eq(*other, ingress) && name(other, manifests) == Some(group));
    let mut all = Vec::new();
    for other in others {
        let Some(text) = other.metadata.annotation(&annotation) else {
            continue;
        };
        for (key, value) in annotations::map(text.as_str()).unwrap_or_default() {
            let field = format!("annotation {annotation} of {}", other.title());
            all.push(Set {
                key,
                value,
                text,
                field,
            });
        }
    }
    all
}

/// The group of an Ingress of the controller; its class's beats its own.
fn name<'o>(object: &'o Object, manifests: &'o Manifests) -> Option<&'o str> {
    let Body::Ingress(spec) = &object.body else { return None };
    let Class::Alb(parameters) = class::of(object, spec, manifests) else {
        return None;
    };
    let of_class = parameters.and_then(|(_, parameters)| parameters.group.as_ref()?.name.as_ref());
    let own = || {
        object
            .metadata
            .annotation(&format!("{}group.name", annotations::PREFIX))
    };
    of_class.or_else(own).map(|name| name.as_str())
}
