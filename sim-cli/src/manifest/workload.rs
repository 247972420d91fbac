//! What owns pods.

use serde::{Deserialize, Serialize};

use super::meta::{LabelSelector, Scalar};
use super::pod::{PodSpec, PodTemplate};
use crate::text::decode::Spanned;

/// `spec` of a Deployment, a `StatefulSet`, a `DaemonSet` or a `ReplicaSet`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WorkloadSpec {
    /// How many pods; absent where an autoscaler decides, and in a `DaemonSet`.
    pub(crate) replicas: Option<Spanned<i64>>,
    /// Which pods are its own.
    pub(crate) selector: Option<LabelSelector>,
    /// The pods.
    pub(crate) template: Option<PodTemplate>,
    /// How a Deployment replaces them.
    pub(crate) strategy: Option<Strategy>,
    /// How the others replace them.
    pub(crate) update_strategy: Option<Strategy>,
    /// How long a pod must be Ready before it counts.
    pub(crate) min_ready_seconds: Option<Spanned<i64>>,
}

/// `strategy` and `updateStrategy`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Strategy {
    /// `RollingUpdate`, `Recreate` or `OnDelete`.
    #[serde(rename = "type")]
    pub(crate) kind: Option<Spanned<String>>,
    /// Its pace.
    pub(crate) rolling_update: Option<RollingUpdate>,
}

/// `rollingUpdate`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RollingUpdate {
    /// Pods above the wanted number.
    pub(crate) max_surge: Option<Scalar>,
    /// Pods below the wanted number.
    pub(crate) max_unavailable: Option<Scalar>,
}

/// `spec` of a pod on its own, in the place of a template.
impl From<PodSpec> for WorkloadSpec {
    fn from(spec: PodSpec) -> Self {
        Self {
            template: Some(PodTemplate {
                metadata: None,
                spec: Some(spec),
            }),
            ..Self::default()
        }
    }
}
