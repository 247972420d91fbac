//! `TargetGroupBinding`s that nobody wrote: the controller makes one for each target group of an Ingress or a Service, and
//! `kubectl get` prints them beside it (lbc §2.1, §3.8).

use super::Backend;
use crate::manifest::{Body, Object};

/// Leaves out those of Services, which are no ALB's, and those of Ingresses that are there themselves.
pub(super) fn drop_records(all: &mut Vec<Backend<'_>>) {
    let by_ingress: Vec<(&str, String)> = all
        .iter()
        .filter(|backend| matches!(backend.entry.body, Body::Ingress(_)))
        .map(|backend| (backend.entry.namespace(), backend.service.clone()))
        .collect();
    all.retain(|backend| {
        let known = by_ingress.contains(&(backend.entry.namespace(), backend.service.clone()));
        let of_ingress = has_label(backend.entry, "ingress.k8s.aws/stack");
        !(of_ingress && known || has_label(backend.entry, "service.k8s.aws/stack"))
    });
}

fn has_label(object: &Object, start: &str) -> bool {
    let mut labels = object.metadata.labels.iter().flatten().map(|(key, _)| key);
    matches!(object.body, Body::TargetGroupBinding(_)) && labels.any(|key| key.starts_with(start))
}
