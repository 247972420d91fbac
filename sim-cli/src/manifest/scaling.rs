//! What changes the number of pods, and what limits evictions.

use serde::{Deserialize, Serialize};

use super::meta::{LabelSelector, Scalar};
use crate::text::decode::Spanned;

/// `spec` of a `HorizontalPodAutoscaler`, in the spelling of any of its APIs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HpaSpec {
    /// What it scales.
    pub(crate) scale_target_ref: Option<ScaleTarget>,
    /// Fewest pods.
    pub(crate) min_replicas: Option<Spanned<i64>>,
    /// Most pods.
    pub(crate) max_replicas: Option<Spanned<i64>>,
    /// The target as in `autoscaling/v1`, percent.
    #[serde(rename = "targetCPUUtilizationPercentage")]
    pub(crate) target_cpu_utilization_percentage: Option<Spanned<i64>>,
    /// The targets.
    pub(crate) metrics: Option<Vec<Metric>>,
    /// How fast.
    pub(crate) behavior: Option<Behavior>,
}

/// `scaleTargetRef`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ScaleTarget {
    /// Kind.
    pub(crate) kind: Option<Spanned<String>>,
    /// Name.
    pub(crate) name: Option<Spanned<String>>,
}

/// One of `metrics`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Metric {
    /// `Resource`, `ContainerResource`, `Pods`, `Object` or `External`.
    #[serde(rename = "type")]
    pub(crate) kind: Option<Spanned<String>>,
    /// Of a `Resource`.
    pub(crate) resource: Option<ResourceMetric>,
    /// Of a `ContainerResource`.
    pub(crate) container_resource: Option<ResourceMetric>,
}

/// `resource` of a metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ResourceMetric {
    /// `cpu` or `memory`.
    pub(crate) name: Option<Spanned<String>>,
    /// As in v2.
    pub(crate) target: Option<MetricTarget>,
    /// As in v2beta1, percent.
    pub(crate) target_average_utilization: Option<Spanned<i64>>,
}

/// `target` of a metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct MetricTarget {
    /// Percent of what the pods request.
    pub(crate) average_utilization: Option<Spanned<i64>>,
    /// An amount for each pod.
    pub(crate) average_value: Option<Scalar>,
}

/// `behavior`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Behavior {
    /// Upwards.
    pub(crate) scale_up: Option<ScalingRules>,
    /// Downwards.
    pub(crate) scale_down: Option<ScalingRules>,
}

/// Rules of one direction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ScalingRules {
    /// Seconds that recommendations are remembered.
    pub(crate) stabilization_window_seconds: Option<Spanned<i64>>,
    /// `Max`, `Min` or `Disabled`.
    pub(crate) select_policy: Option<Spanned<String>>,
    /// Limits.
    pub(crate) policies: Option<Vec<ScalingPolicy>>,
}

/// One limit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ScalingPolicy {
    /// `Pods` or `Percent`.
    #[serde(rename = "type")]
    pub(crate) kind: Option<Spanned<String>>,
    /// How many.
    pub(crate) value: Option<Spanned<i64>>,
    /// In how many seconds.
    pub(crate) period_seconds: Option<Spanned<i64>>,
}

/// `spec` of a `PodDisruptionBudget`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PdbSpec {
    /// Whose.
    pub(crate) selector: Option<LabelSelector>,
    /// Healthy pods that must remain.
    pub(crate) min_available: Option<Scalar>,
    /// Pods that may be missing.
    pub(crate) max_unavailable: Option<Scalar>,
}
