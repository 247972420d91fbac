//! `TargetGroupBinding`s that nobody wrote: the controller makes one for each target group of an Ingress or a Service, and
//! `kubectl get` prints them beside it (lbc §2.1, §3.8).

use crate::manifest::{Body, Object};

/// Whether the controller made it, for an Ingress or for a Service.
pub(super) fn is_record(object: &Object) -> bool {
    of_ingress(object) || has_label(object, "service.k8s.aws/stack")
}

/// Whether the controller made it for an Ingress.
pub(super) fn of_ingress(object: &Object) -> bool {
    has_label(object, "ingress.k8s.aws/stack")
}

fn has_label(object: &Object, start: &str) -> bool {
    let mut labels = object.metadata.labels.iter().flatten().map(|(key, _)| key);
    matches!(object.body, Body::TargetGroupBinding(_)) && labels.any(|key| key.starts_with(start))
}
