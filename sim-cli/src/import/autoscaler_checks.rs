//! Autoscalers that contradict each other or scale nothing.

use super::Importer;
use super::route::Route;
use crate::manifest::scaling::{HpaSpec, ScaleTarget};
use crate::manifest::{Body, Object};
use crate::text::error::{Diagnostic, Severity};
use crate::text::nearest;
use crate::text::source::Place;

/// Checks those of the route's namespace.
pub(super) fn check(importer: &mut Importer<'_>, route: &Route<'_>) {
    let manifests = importer.manifests;
    let workload = route.workload;
    let autoscalers = manifests.objects.iter().filter_map(|object| match &object.body {
        Body::Hpa(spec) if object.namespace() == workload.namespace() => Some((object, spec)),
        _ => None,
    });
    let (own, others): (Vec<_>, Vec<_>) = autoscalers.partition(|(_, spec)| scales(spec, workload));
    if let [(first, first_spec), (second, second_spec), ..] = own.as_slice() {
        let title = format!(
            "{} scales {} too: the two would fight",
            second.title(),
            workload.title()
        );
        importer.problems.push(
            Diagnostic::at(target_place(second, second_spec), title)
                .context(target_place(first, first_spec), format!("{} does", first.title()))
                .help("leave one of the two out"),
        );
    }
    for (object, spec) in others {
        let Some(name) = spec.scale_target_ref.as_ref().and_then(|target| target.name.as_ref()) else {
            continue;
        };
        let kind = kind_of(spec.scale_target_ref.as_ref());
        let of_kind = || {
            let objects = manifests
                .objects
                .iter()
                .filter(|other| other.namespace() == object.namespace());
            objects.filter(|other| other.kind == kind).map(Object::name)
        };
        let is_read = matches!(kind, "Deployment" | "StatefulSet" | "ReplicaSet");
        if !is_read || of_kind().any(|other| other == name.as_str()) {
            continue;
        }
        let title = format!(
            "{} scales {kind} {}, which is not in the input",
            object.title(),
            name.value
        );
        let there: Vec<&str> = of_kind().collect();
        let mut diagnostic = Diagnostic::at(name.place.clone(), title);
        if !there.is_empty() {
            diagnostic = diagnostic.note(format!("{kind} in the input: {}", there.join(", ")));
        }
        if let Some(near) = nearest::nearest(name, there) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        // It may be meant for the workload, unless that has one.
        if own.is_empty() {
            importer.problems.push(diagnostic);
        } else {
            importer.notes.push(diagnostic.severity(Severity::Warning));
        }
    }
}

fn scales(spec: &HpaSpec, workload: &Object) -> bool {
    let target = spec.scale_target_ref.as_ref();
    let name = target.and_then(|target| target.name.as_ref());
    kind_of(target) == workload.kind && name.is_some_and(|name| name.as_str() == workload.name())
}

fn kind_of(target: Option<&ScaleTarget>) -> &str {
    let kind = target.and_then(|target| target.kind.as_ref());
    kind.map_or("Deployment", |kind| kind.as_str())
}

fn target_place(object: &Object, spec: &HpaSpec) -> Place {
    let name = spec.scale_target_ref.as_ref().and_then(|target| target.name.as_ref());
    name.map_or_else(|| object.name_place(), |name| name.place.clone())
}
