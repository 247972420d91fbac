//! Which kinds Kubernetes and the load balancer controller have, to tell a misspelt one from a foreign one.

use crate::text::decode::Spanned;
use crate::text::error::Diagnostic;
use crate::text::nearest;

/// API groups, the version to suggest, and their kinds (Kubernetes 1.33, lbc §3). Only groups of which objects matter
/// here, or whose kinds stand beside them in most inputs.
const GROUPS: &[(&str, &str, &[&str])] = &[
    (
        "",
        "v1",
        &[
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    (
        "apps",
        "apps/v1",
        &[
            "ControllerRevision",
            "DaemonSet",
            "Deployment",
            "ReplicaSet",
            "StatefulSet",
        ],
    ),
    ("batch", "batch/v1", &["CronJob", "Job"]),
    ("autoscaling", "autoscaling/v2", &["HorizontalPodAutoscaler"]),
    ("policy", "policy/v1", &["PodDisruptionBudget"]),
    (
        "networking.k8s.io",
        "networking.k8s.io/v1",
        &["Ingress", "IngressClass", "NetworkPolicy"],
    ),
    (
        "elbv2.k8s.aws",
        "elbv2.k8s.aws/v1beta1",
        &["IngressClassParams", "TargetGroupBinding"],
    ),
];

/// Groups of Kubernetes itself without a dot in their name. Those of extensions have one.
const WITHOUT_DOT: [&str; 6] = ["", "apps", "autoscaling", "batch", "extensions", "policy"];

/// The version to write for a kind.
pub(super) fn version_of(kind: &str) -> Option<&'static str> {
    let mut groups = GROUPS.iter().filter(|(.., kinds)| kinds.contains(&kind));
    groups.next().map(|(_, version, _)| *version)
}

/// The kinds of an API version's group that are likely to be meant.
pub(super) fn kinds_of(api_version: &str) -> &'static [&'static str] {
    let group = group_of(api_version);
    let found = GROUPS.iter().find(|(name, ..)| *name == group);
    found.map_or(&[], |(.., kinds)| kinds)
}

/// The group within an `apiVersion`.
pub(super) fn group_of(api_version: &str) -> &str {
    api_version.rsplit_once('/').map_or("", |(group, _)| group)
}

/// What is wrong with an object that nothing here reads; nothing if its kind is a foreign one.
pub(super) fn problem(api_version: &Spanned<String>, kind: &Spanned<String>) -> Option<Diagnostic> {
    let group = group_of(api_version);
    if group == "kustomize.config.k8s.io" {
        return Some(
            Diagnostic::at(
                kind.place.clone(),
                format!("a {} is no object: it names other files", kind.value),
            )
            .help("build it first: `kubectl kustomize DIRECTORY | sim import -`"),
        );
    }
    let known = kinds_of(api_version);
    if known.contains(&kind.as_str()) || (group == "extensions" && version_of(kind).is_some()) {
        return None;
    }
    let is_of_kubernetes = WITHOUT_DOT.contains(&group) || !known.is_empty();
    if let Some(version) = version_of(kind).filter(|_| is_of_kubernetes || !group.contains('.')) {
        let title = format!("there is no {} in `{}`", kind.value, api_version.value);
        return Some(
            Diagnostic::at(api_version.place.clone(), title).help(format!("a {} is in `{version}`", kind.value)),
        );
    }
    let near = nearest::nearest(kind, known.iter().copied())?;
    let title = format!("`{}` has no kind `{}`", api_version.value, kind.value);
    Some(Diagnostic::at(kind.place.clone(), title).help(format!("did you mean `{near}`?")))
}
