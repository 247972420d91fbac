//! Ingresses that share a load balancer by `group.name`: its attributes may stand at any of them (lbc §3.2, items 3 and 5).

use super::Importer;
use super::annotations::{self, Annotations};
use super::class::{self, Class};
use super::refused::{Refusal, Refused};
use super::route::Route;
use super::target_group;
use crate::manifest::{Body, Manifests, Object};

const ATTRIBUTES: &str = "load-balancer-attributes";

/// Takes over the attributes that the other Ingresses of the group set. Those of the route's own come later.
pub(super) fn attributes(importer: &mut Importer<'_>, route: &Route<'_>, own: &Annotations<'_>) {
    let manifests = importer.manifests;
    let Some(group) = name(route.entry, manifests) else {
        return;
    };
    let own = own.load_balancer(ATTRIBUTES);
    let own = own
        .and_then(|own| annotations::map(own.value.as_str()).ok())
        .unwrap_or_default();
    for other in manifests
        .objects
        .iter()
        .filter(|other| !std::ptr::eq(*other, route.entry))
    {
        if name(other, manifests) != Some(group) {
            continue;
        }
        let Some(text) = other
            .metadata
            .annotation(&format!("{}{ATTRIBUTES}", annotations::PREFIX))
        else {
            continue;
        };
        // What cannot be read is that Ingress's own fault, and is told where it is imported.
        for pair in annotations::map(text.as_str()).unwrap_or_default() {
            match own.iter().find(|(key, _)| *key == pair.0) {
                None => {
                    let field = format!("annotation {}{ATTRIBUTES} of {}", annotations::PREFIX, other.title());
                    target_group::load_balancer_attribute(importer, &pair, text, &field);
                }
                Some((key, value)) if *value != pair.1 => {
                    let problem = format!(
                        "{} and {} of the group `{group}` have different values for `{key}`: the controller refuses \
                         the group",
                        other.title(),
                        route.entry.title()
                    );
                    importer.refuse(Refusal::new(Refused::Attribute, text, problem));
                }
                Some(_) => {}
            }
        }
    }
}

/// The group of an Ingress of the controller; its class's beats its own.
fn name<'m>(object: &'m Object, manifests: &'m Manifests) -> Option<&'m str> {
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
