//! Karpenter's `NodePool`, and the `Provisioner` before it.

use serde::{Deserialize, Serialize};

use super::meta::Scalar;
use crate::text::decode::Spanned;

/// `spec` of a `NodePool` (v1, v1beta1).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NodePoolSpec {
    /// When nodes go.
    pub(crate) disruption: Option<Disruption>,
    /// What nodes are like.
    pub(crate) template: Option<NodeTemplate>,
}

/// `disruption`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Disruption {
    /// `WhenEmpty` or `WhenEmptyOrUnderutilized`.
    pub(crate) consolidation_policy: Option<Spanned<String>>,
    /// A duration, or `Never`.
    pub(crate) consolidate_after: Option<Spanned<String>>,
    /// Nodes that may go at once.
    pub(crate) budgets: Option<Vec<Budget>>,
    /// In v1beta1: a duration, or `Never`.
    pub(crate) expire_after: Option<Spanned<String>>,
}

/// One of `budgets`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Budget {
    /// A number or a percentage.
    pub(crate) nodes: Option<Scalar>,
    /// When it is in force.
    pub(crate) schedule: Option<Spanned<String>>,
    /// Which disruptions it is about, `Empty`, `Underutilized` or `Drifted`; all of them where absent.
    pub(crate) reasons: Option<Vec<Spanned<String>>>,
}

/// `template`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NodeTemplate {
    /// Of its nodes.
    pub(crate) spec: Option<NodeTemplateSpec>,
}

/// `template.spec`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NodeTemplateSpec {
    /// In v1: a duration, or `Never`.
    pub(crate) expire_after: Option<Spanned<String>>,
    /// How long a drain may take.
    pub(crate) termination_grace_period: Option<Spanned<String>>,
    /// What instances may be.
    pub(crate) requirements: Option<Vec<NodeRequirement>>,
}

/// One of `requirements`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NodeRequirement {
    /// A label of nodes.
    pub(crate) key: Option<Spanned<String>>,
    /// `In` and others.
    pub(crate) operator: Option<Spanned<String>>,
    /// Its values.
    pub(crate) values: Option<Vec<Spanned<String>>>,
}

/// `spec` of a `Provisioner` (v1alpha5).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ProvisionerSpec {
    /// When underused nodes go.
    pub(crate) consolidation: Option<Consolidation>,
    /// When empty nodes go, seconds.
    pub(crate) ttl_seconds_after_empty: Option<Spanned<i64>>,
    /// When old nodes go, seconds.
    pub(crate) ttl_seconds_until_expired: Option<Spanned<i64>>,
    /// What instances may be.
    pub(crate) requirements: Option<Vec<NodeRequirement>>,
}

/// `consolidation`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Consolidation {
    /// Whether.
    pub(crate) enabled: Option<Spanned<bool>>,
}
