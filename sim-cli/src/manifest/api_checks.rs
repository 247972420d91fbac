//! What the API server refuses of an object that can be read: it cannot be in a cluster, so it ends the import.

use super::fields::Part;
use crate::text::error::Diagnostic;
use crate::text::source::Place;
use crate::text::tree::{Node, Value};

mod pods;
mod routing;

/// What would be refused of an object of that kind.
pub(super) fn problems(kind: &str, api_version: &str, object: &Node) -> Vec<Diagnostic> {
    let mut checker = Checker::default();
    checker.head(object);
    if let Some(spec) = object.get("spec") {
        match kind {
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => checker.workload(spec),
            "Pod" => checker.pod(spec),
            "Service" => checker.service(spec),
            "Ingress" => checker.ingress(api_version, spec),
            "TargetGroupBinding" => checker.binding(spec),
            "HorizontalPodAutoscaler" => checker.autoscaler(spec),
            "PodDisruptionBudget" => {
                checker.at_most_100_percent(spec, "minAvailable");
                checker.at_most_100_percent(spec, "maxUnavailable");
            }
            _ => {}
        }
    }
    checker.problems
}

#[derive(Default)]
struct Checker {
    problems: Vec<Diagnostic>,
}

impl Checker {
    fn add(&mut self, place: Option<Place>, title: impl Into<String>) {
        self.problems.push(Diagnostic::maybe_at(place, title));
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        self.problems.push(diagnostic);
    }

    /// What all objects share.
    fn head(&mut self, object: &Node) {
        let metadata = object.get("metadata");
        let is_named = |key| {
            metadata
                .and_then(|metadata| metadata.get(key))
                .is_some_and(|name| !is_null(name))
        };
        if !is_named("name") && !is_named("generateName") {
            let place = metadata.and_then(key).or_else(|| key(object));
            self.add(place, "there is no `metadata.name`");
        }
        let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
        for (name, value) in annotations.into_iter().flat_map(entries) {
            if name.starts_with("alb.ingress.kubernetes.io/") && is_null(value) {
                let title = format!("the annotation `{name}` is empty (null)");
                self.push(Diagnostic::maybe_at(key(value), title).help("give it a value, or leave it out"));
            }
        }
        for (name, value) in entries(object) {
            if ["apiVersion", "kind", "metadata", "spec", "status"].contains(&name.as_str()) {
                continue;
            }
            if is_message(name, value) {
                let title = "this is a message of a tool, no field of an object";
                self.push(
                    Diagnostic::maybe_at(key(value), title)
                        .help("standard error went into the file: write only standard output into it"),
                );
                continue;
            }
            let owners: Vec<&str> = [Part::Workload, Part::Pod, Part::Container]
                .iter()
                .filter(|part| part.fields().contains(&name.as_str()))
                .map(|part| part.title())
                .collect();
            if !owners.is_empty() {
                let title = format!("there is no field `{name}` beside `spec`");
                self.push(Diagnostic::maybe_at(key(value), title).help(format!(
                    "it belongs in {}: check the indentation of this line",
                    owners.join(" or ")
                )));
            }
        }
    }

    fn autoscaler(&mut self, spec: &Node) {
        let (least, most) = (spec.get("minReplicas"), spec.get("maxReplicas"));
        let Some(most) = most.filter(|most| !is_null(most)) else {
            self.push(Diagnostic::maybe_at(
                key(spec),
                "there is no `spec.maxReplicas`, which is required",
            ));
            return;
        };
        if let Some(high) = number(most).filter(|high| i32::try_from(*high).is_err()) {
            self.add(
                value(most),
                format!("`spec.maxReplicas` is {high}, which is no number of pods"),
            );
        }
        if let (Some(low), Some(high)) = (least.and_then(number), number(most))
            && low > high
        {
            let title = format!("`spec.minReplicas` of {low} is more than `spec.maxReplicas` of {high}");
            let diagnostic = Diagnostic::maybe_at(least.and_then(value), title);
            self.push(with(diagnostic, value(most), "the most there may be"));
        }
    }

    fn at_most_100_percent(&mut self, node: &Node, name: &str) {
        let Some(found) = node.get(name) else { return };
        let percent = found
            .as_str()
            .and_then(|text| text.strip_suffix('%')?.parse::<u64>().ok());
        if percent.is_some_and(|percent| percent > 100) {
            let title = format!(
                "`{name}` is {}, it must not be more than 100%",
                found.as_str().unwrap_or_default()
            );
            self.push(Diagnostic::maybe_at(value(found), title));
        }
    }

    fn port(&mut self, node: &Node, name: &str) {
        let Some(found) = node.get(name) else { return };
        if let Some(port) = number(found).filter(|port| !(1..=65_535).contains(port)) {
            let title = format!("`{name}` is {port}, it must be 1 to 65535");
            self.add(value(found), title);
        }
    }

    fn port_or_zero(&mut self, node: &Node, name: &str) {
        if node.get(name).and_then(number) != Some(0) {
            self.port(node, name);
        }
    }
}

/// Whether a top-level key is the beginning of a tool's message: `WARNING: …`, `W1125 10:04:05 …: …`.
fn is_message(name: &str, value: &Node) -> bool {
    let levels = ["debug", "error", "fatal", "hint", "info", "note", "warn", "warning"];
    let is_text = value.as_str().is_some();
    name.contains(' ') || (is_text && levels.contains(&name.to_lowercase().as_str()))
}

fn with(diagnostic: Diagnostic, place: Option<Place>, label: &str) -> Diagnostic {
    match place {
        Some(place) => diagnostic.context(place, label),
        None => diagnostic,
    }
}

fn key(node: &Node) -> Option<Place> {
    node.origin.key_place().cloned()
}

fn value(node: &Node) -> Option<Place> {
    node.origin.value_place().cloned()
}

fn is_null(node: &Node) -> bool {
    node.value == Value::Scalar(serde_json::Value::Null)
}

fn number(node: &Node) -> Option<i64> {
    match &node.value {
        Value::Scalar(scalar) => scalar.as_i64(),
        Value::List(_) | Value::Map(_) => None,
    }
}

fn entries(node: &Node) -> impl Iterator<Item = &(String, Node)> {
    let entries: &[(String, Node)] = match &node.value {
        Value::Map(entries) => entries,
        Value::Scalar(_) | Value::List(_) => &[],
    };
    entries.iter()
}

fn items<'n>(node: &'n Node, name: &str) -> &'n [Node] {
    match node.get(name).map(|node| &node.value) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}
