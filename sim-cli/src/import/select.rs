//! Which workload a Service leads to, and how objects are named on the command line.

use std::collections::BTreeMap;

use crate::manifest::meta::Words;
use crate::manifest::network::ServiceSpec;
use crate::manifest::workload::WorkloadSpec;
use crate::manifest::{Body, Manifests, Metadata, Object};
use crate::text::error::{Diagnostic, Severity};
use crate::text::few::few;

/// Whether `wanted`, a name or `namespace/name`, means the object.
pub(crate) fn is_named(object: &Object, wanted: &str) -> bool {
    match wanted.split_once('/') {
        Some((namespace, name)) => object.name() == name && object.namespace() == namespace,
        None => object.name() == wanted,
    }
}

/// What there is, in one line: kinds with their names.
pub(crate) fn listing(manifests: &Manifests) -> String {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for object in &manifests.objects {
        names.entry(object.kind).or_default().push(object.name());
    }
    if names.is_empty() {
        return "no object that matters here".to_owned();
    }
    let kinds = names.iter().map(|(kind, names)| format!("{kind} {}", few(names, ", ")));
    kinds.collect::<Vec<_>>().join("; ")
}

/// Labels of a workload's pods: those of its template, or a pod's own.
pub(crate) fn pod_metadata<'m>(object: &'m Object, spec: &'m WorkloadSpec) -> Option<&'m Metadata> {
    if object.kind == "Pod" {
        return Some(&object.metadata);
    }
    spec.template.as_ref()?.metadata.as_ref()
}

/// The workload whose pods the Service selects, and how many further pods on their own there are like it.
///
/// # Errors
///
/// The Service selects nothing in the input.
pub(super) fn workload<'m>(
    service: &'m Object,
    service_spec: &'m ServiceSpec,
    manifests: &'m Manifests,
    notes: &mut Vec<Diagnostic>,
) -> Result<(&'m Object, &'m WorkloadSpec, usize), Diagnostic> {
    let Some(selector) = service_spec.selector.as_ref().filter(|selector| !selector.is_empty()) else {
        let title = format!(
            "{} has no selector, so nothing in the input tells its pods",
            service.title()
        );
        let place = service_spec.selector.as_ref().map(|selector| selector.place.clone());
        return Err(
            Diagnostic::at(place.unwrap_or_else(|| service.name_place()), title).help("give it the labels of the pods")
        );
    };
    let selected: Vec<(&Object, &WorkloadSpec)> = workloads(manifests)
        .filter(|(object, _)| object.namespace() == service.namespace())
        .filter(|(object, spec)| {
            matches(
                selector,
                pod_metadata(object, spec).and_then(|metadata| metadata.labels.as_ref()),
            )
        })
        .collect();
    // Pods and ReplicaSets that others made stand beside their owners in the output of `kubectl get all`.
    let owners: Vec<&(&Object, &WorkloadSpec)> = selected.iter().filter(|(object, _)| !is_owned(object)).collect();
    let candidates: Vec<(&Object, &WorkloadSpec)> = if owners.is_empty() {
        selected.clone()
    } else {
        owners.into_iter().copied().collect()
    };
    let replicas = |spec: &WorkloadSpec| spec.replicas.as_ref().map_or(1, |replicas| replicas.value);
    let Some(&first) = candidates
        .iter()
        .rev()
        .max_by_key(|(object, spec)| (object.kind != "Pod", replicas(spec)))
    else {
        return Err(selects_nothing(service, selector, manifests));
    };
    let pods = candidates.iter().filter(|(object, _)| object.kind == "Pod").count();
    for (other, _) in candidates
        .iter()
        .filter(|(object, _)| object.kind != "Pod" && !std::ptr::eq(*object, first.0))
    {
        let title = format!(
            "{} selects the pods of {} too; only {} is simulated",
            service.title(),
            other.title(),
            first.0.title()
        );
        notes.push(Diagnostic::at(other.name_place(), title).severity(Severity::Warning));
    }
    let more = if first.0.kind == "Pod" { pods - 1 } else { 0 };
    Ok((first.0, first.1, more))
}

fn workloads(manifests: &Manifests) -> impl Iterator<Item = (&Object, &WorkloadSpec)> {
    manifests.objects.iter().filter_map(|object| match &object.body {
        Body::Workload(spec) => Some((object, &**spec)),
        _ => None,
    })
}

/// Pods that somebody made and the Service selects, as `kubectl get pods` prints them.
pub(super) fn pods_of<'m>(
    service: &'m Object,
    service_spec: &'m ServiceSpec,
    manifests: &'m Manifests,
) -> impl Iterator<Item = (&'m Object, &'m WorkloadSpec)> {
    let selector = service_spec.selector.as_ref().filter(|selector| !selector.is_empty());
    workloads(manifests).filter(move |(object, _)| {
        let selected = selector.is_some_and(|selector| matches(selector, object.metadata.labels.as_ref()));
        object.kind == "Pod" && is_owned(object) && object.namespace() == service.namespace() && selected
    })
}

fn is_owned(object: &Object) -> bool {
    object
        .metadata
        .owner_references
        .as_ref()
        .is_some_and(|owners| !owners.is_empty())
}

fn matches(selector: &Words, labels: Option<&Words>) -> bool {
    let value = |key: &str| labels.and_then(|labels| labels.get(key)).map(|value| value.as_str());
    selector.iter().all(|(key, wanted)| value(key) == Some(wanted.as_str()))
}

fn selects_nothing(service: &Object, selector: &Words, manifests: &Manifests) -> Diagnostic {
    let wanted: Vec<String> = selector
        .iter()
        .map(|(key, value)| format!("{key}={}", value.as_str()))
        .collect();
    let place = selector
        .values()
        .next()
        .map_or_else(|| service.name_place(), |value| value.place.clone());
    let title = format!(
        "{} selects no pods of the input: nothing has the labels {}",
        service.title(),
        wanted.join(", ")
    );
    let mut diagnostic = Diagnostic::at(place, title);
    // The nearest miss: the workload that has most of the labels.
    let missing = |(object, spec): &(&Object, &WorkloadSpec)| {
        let labels = pod_metadata(object, spec).and_then(|metadata| metadata.labels.as_ref());
        let has = |key: &str, value: &str| {
            labels
                .and_then(|l| l.get(key))
                .is_some_and(|found| found.as_str() == value)
        };
        selector.iter().filter(|(key, value)| !has(key, value.as_str())).count()
    };
    if let Some((nearest, spec)) = workloads(manifests).min_by_key(missing) {
        let labels = pod_metadata(nearest, spec).and_then(|metadata| metadata.labels.as_ref());
        let labels: Vec<String> = labels
            .into_iter()
            .flatten()
            .map(|(key, value)| format!("{key}={}", value.as_str()))
            .collect();
        let has = if labels.is_empty() {
            "no labels".to_owned()
        } else {
            labels.join(", ")
        };
        let mut label = format!("the pods of {} have {has}", nearest.title());
        if nearest.namespace() != service.namespace() {
            label = format!("{label} in the namespace `{}`", nearest.namespace());
        }
        diagnostic = diagnostic.context(nearest.name_place(), label);
    } else {
        diagnostic = diagnostic.help("there is no workload in the input: add the Deployment");
    }
    if let Some(rollout) = manifests
        .ignored
        .iter()
        .find(|ignored| ignored.api_version.starts_with("argoproj.io/"))
    {
        diagnostic = diagnostic.help(format!(
            "a {} of {} is not read; give its pod template as a Deployment",
            rollout.kind, rollout.api_version
        ));
    }
    diagnostic
}
