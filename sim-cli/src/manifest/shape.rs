//! Documents that are no Kubernetes objects: what they probably are instead.

use super::kinds;
use crate::text::error::Diagnostic;
use crate::text::source::Place;
use crate::text::tree::{Node, Value};

/// Top-level keys by which other files are known, what those are, and what to do.
const OTHERS: &[(&[&str], &str, &str)] = &[
    (
        &["services"],
        "a Compose file",
        "give the Kubernetes manifests instead; nothing of a Compose file tells how pods go away",
    ),
    (
        &["resources", "bases", "patches", "patchesStrategicMerge", "namePrefix"],
        "a kustomization",
        "build it first: `kubectl kustomize DIRECTORY | sim import -`",
    ),
    (
        &["AWSTemplateFormatVersion", "Resources"],
        "a CloudFormation template",
        "give the Kubernetes manifests instead",
    ),
    (
        &[
            "replicaCount",
            "image",
            "ingress",
            "service",
            "autoscaling",
            "podAnnotations",
            "global",
            "nameOverride",
            "fullnameOverride",
        ],
        "the values of a Helm chart",
        "render the chart with them first: `helm template NAME CHART -f VALUES | sim import -`",
    ),
];

/// A document that is no map.
pub(super) fn no_map(node: &Node) -> Diagnostic {
    let place = node.origin.value_place().cloned();
    let title = format!("expected a Kubernetes object, found {}", node.describe());
    let diagnostic = Diagnostic::maybe_at(place, title);
    match &node.value {
        Value::List(_) => diagnostic
            .help("write its entries as documents of their own with `---` in between, or as `items` of a `kind: List`"),
        Value::Scalar(_) if node.as_str().is_some() => diagnostic
            .note("it looks like a message of the command that wrote the file")
            .help("take it away, and write only what goes to standard output into the file"),
        _ => diagnostic.help("an object starts with `apiVersion:` and `kind:`"),
    }
}

/// A map without one of `apiVersion` and `kind`, or both.
pub(super) fn incomplete(node: &Node, place: Option<Place>) -> Diagnostic {
    let Value::Map(entries) = &node.value else {
        return no_map(node);
    };
    let (kind, api_version) = (text(node, "kind"), text(node, "apiVersion"));
    match (kind, api_version) {
        (Some(kind), _) => {
            let diagnostic = Diagnostic::maybe_at(place, format!("a {kind} without `apiVersion`"));
            match kinds::version_of(kind) {
                Some(version) => diagnostic.help(format!("a {kind} has `apiVersion: {version}`")),
                None => diagnostic.help("every object needs `apiVersion` and `kind`"),
            }
        }
        (None, Some(version)) => {
            let diagnostic = Diagnostic::maybe_at(place, "a Kubernetes object without `kind`");
            let kinds = kinds::kinds_of(version);
            let has_pods = node.get("spec").is_some_and(|spec| spec.get("template").is_some());
            if has_pods && kinds.contains(&"Deployment") {
                diagnostic.help("probably `kind: Deployment` is meant")
            } else if kinds.is_empty() {
                diagnostic.help("every object needs `apiVersion` and `kind`")
            } else {
                diagnostic.help(format!("kinds of `{version}`: {}", kinds.join(", ")))
            }
        }
        (None, None) => {
            let diagnostic = Diagnostic::maybe_at(place, "neither `apiVersion` nor `kind`, so no Kubernetes object");
            let has = |key: &&str| entries.iter().any(|(name, _)| name == key);
            match OTHERS.iter().find(|(keys, ..)| keys.iter().any(&has)) {
                Some((_, what, advice)) => diagnostic.note(format!("this looks like {what}")).help(*advice),
                None => diagnostic.help("every object needs both, such as `apps/v1` and `Deployment`"),
            }
        }
    }
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).and_then(Node::as_str)
}
