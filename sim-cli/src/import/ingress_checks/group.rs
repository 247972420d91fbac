//! Groups of Ingresses that share a load balancer (lbc §3.2, items 3 and 5).

use super::{PREFIX, refuse};
use crate::import::Importer;
use crate::import::annotations::{self, Annotation};
use crate::import::refused::{Refusal, Refused};
use crate::manifest::{Body, Object};

const NAME: &str = "group.name";
const ORDER: &str = "group.order";
const ATTRIBUTES: &str = "load-balancer-attributes";

/// Checks the group of an Ingress.
pub(super) fn check(importer: &mut Importer<'_>, ingress: &Object) {
    if let Some(order) = annotation(ingress, ORDER) {
        match order.value.parse::<i64>() {
            Ok(number) if (-1000..=1000).contains(&number) => {}
            _ => refuse(
                importer,
                Refused::Annotation,
                &order,
                "expected a whole number from -1000 to 1000",
                None,
            ),
        }
    }
    let Some(name) = annotation(ingress, NAME) else { return };
    let is_legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    if name.value.is_empty() || name.value.len() > 63 || !name.value.chars().all(is_legal) {
        let expected = "expected at most 63 lower-case letters, digits, \"-\" and \".\"";
        let lower = name.value.to_lowercase();
        let help = lower.chars().all(is_legal).then(|| format!("write `{lower}`"));
        refuse(importer, Refused::Annotation, &name, expected, help);
        return;
    }
    attributes(importer, ingress, name.value);
}

/// The Ingresses of a group must agree on the attributes of their load balancer.
fn attributes(importer: &mut Importer<'_>, ingress: &Object, group: &str) {
    let Some(own) = annotation(ingress, ATTRIBUTES) else {
        return;
    };
    let Ok(own_pairs) = annotations::map(own.value) else {
        return;
    };
    let manifests = importer.manifests;
    let others = manifests.objects.iter().filter(|other| {
        let is_ingress = matches!(other.body, Body::Ingress(_));
        is_ingress
            && !std::ptr::eq(*other, ingress)
            && annotation(other, NAME).is_some_and(|name| name.value.as_str() == group)
    });
    for other in others {
        let Some(theirs) = annotation(other, ATTRIBUTES) else {
            continue;
        };
        let Ok(their_pairs) = annotations::map(theirs.value) else {
            continue;
        };
        for (key, value) in &own_pairs {
            let Some((_, their)) = their_pairs.iter().find(|(name, their)| name == key && their != value) else {
                continue;
            };
            let problem = format!(
                "the Ingresses of the group `{group}` give `{key}` different values, {value} and {their}: the controller \
                 refuses the whole group"
            );
            let mut refusal = Refusal::new(Refused::Annotation, own.value, problem);
            refusal.diagnostic = refusal
                .diagnostic
                .context(theirs.value.place.clone(), format!("of {}", other.title()))
                .help("give it in one of them, or alike in all");
            importer.refuse(refusal);
        }
    }
}

fn annotation<'m>(object: &'m Object, suffix: &'m str) -> Option<Annotation<'m>> {
    let value = object.metadata.annotation(&format!("{PREFIX}{suffix}"))?;
    Some(Annotation { suffix, value })
}
