//! Karpenter: what takes nodes away again, and how.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::value::{IntOrPercent, Limit};
use crate::dist::Dist;
use crate::time::SimDuration;

/// One `NodePool` (or `Provisioner`) that owns every node of the cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Karpenter {
    /// API generation. Source: nodes §2.1 (v1 from 1.0 on).
    pub api: KarpenterApi,
    /// `disruption.consolidationPolicy`, v1. Source: nodes §2.1.
    pub consolidation_policy: ConsolidationPolicy,
    /// `disruption.consolidateAfter`, v1: how long no pod may have come or gone; `unlimited` is `Never`.
    /// Source: nodes §2.1 (0 s).
    pub consolidate_after: Limit<SimDuration>,
    /// `disruption.budgets`, v1: nodes that may be on their way out at once; a percentage rounds up.
    /// Source: nodes §2.1, §2.2 (10 %).
    pub budget: IntOrPercent,
    /// `expireAfter`: a node of that age goes, whatever the budget; `unlimited` is `Never`. The nodes of the start have
    /// ages spread evenly over it. Source: nodes §2.1 (720 h; unset in v1alpha5).
    pub expire_after: Limit<SimDuration>,
    /// `terminationGracePeriod`, v1: after it a node goes, whatever still runs on it. Source: nodes §2.4 (unset).
    pub termination_grace_period: Limit<SimDuration>,
    /// `ttlSecondsAfterEmpty`, v1alpha5. Source: nodes §2.1 (unset).
    pub ttl_seconds_after_empty: Limit<SimDuration>,
    /// `consolidation.enabled`, v1alpha5. Source: nodes §2.1 (unset).
    pub consolidation_enabled: bool,
    /// Instance types of new nodes, cheapest first; without any only `cluster.instance_type`, which counts as the
    /// dearest where it is not in the list. Source: the scenario's author.
    pub instance_types: Vec<String>,
    /// Pause between two looks for something to disrupt. Source: nodes §2.2 (10 s).
    pub poll: SimDuration,
    /// From `at` to the first look. Source: nodes §9 `karp.poll` (uniform over one poll).
    pub poll_phase: Dist,
    /// From a proposal to its validation. Source: nodes §2.2 (15 s).
    pub validation_delay: SimDuration,
    /// Longest wait for replacements before the candidates are kept.
    /// Source: nodes §2.3 (10 min; 9.5 min in v1alpha5, §2.1).
    pub replacement_timeout: SimDuration,
    /// From a node's launch to its registration, Ready and Initialized.
    /// Source: nodes §9 `karp.replacement_ready` (median 60 s, sigma 0.3, estimate).
    pub replacement_ready: Dist,
    /// Shortest drain, v1. Source: nodes §2.4 (5 s from 1.10 on).
    pub min_drain: SimDuration,
    /// Pause between two looks at a draining node. Source: nodes §2.4 (1 s).
    pub drain_poll: SimDuration,
    /// First pause after an eviction that a budget refuses; it doubles. Source: nodes §2.4 (100 ms).
    pub eviction_backoff: SimDuration,
    /// Longest such pause. Source: nodes §2.4 (10 s).
    pub eviction_backoff_max: SimDuration,
    /// How long after the end of its grace period a pod counts as stuck and is waited for no longer.
    /// Source: nodes §2.4 (1 min).
    pub stuck_after: SimDuration,
    /// Time a `TerminateInstances` call waits for others to join it. Source: nodes §2.4 (100 ms to 1 s).
    pub terminate_batch: Dist,
    /// Pause between two looks at a terminating instance. Source: nodes §2.4 (5 s).
    pub instance_poll: SimDuration,
    /// `--batch-idle-duration`: pods without a node are counted together until none came for so long.
    /// Source: nodes §2.5 (1 s).
    pub batch_idle: SimDuration,
    /// `--batch-max-duration`: and no longer than this. Source: nodes §2.5 (10 s).
    pub batch_max: SimDuration,
}

impl Default for Karpenter {
    fn default() -> Self {
        Self {
            api: KarpenterApi::V1,
            consolidation_policy: ConsolidationPolicy::WhenEmptyOrUnderutilized,
            consolidate_after: Limit::At(SimDuration::ZERO),
            budget: IntOrPercent::Percent(10),
            expire_after: Limit::At(SimDuration::from_secs(720 * 3600)),
            termination_grace_period: Limit::Unlimited,
            ttl_seconds_after_empty: Limit::Unlimited,
            consolidation_enabled: false,
            instance_types: Vec::new(),
            poll: SimDuration::from_secs(10),
            poll_phase: Dist::Uniform {
                min: SimDuration::ZERO,
                max: SimDuration::from_secs(10),
            },
            validation_delay: SimDuration::from_secs(15),
            replacement_timeout: SimDuration::from_secs(600),
            replacement_ready: Dist::LogNormal {
                median: SimDuration::from_secs(60),
                p99: SimDuration::from_millis(120_600),
            },
            min_drain: SimDuration::from_secs(5),
            drain_poll: SimDuration::from_secs(1),
            eviction_backoff: SimDuration::from_millis(100),
            eviction_backoff_max: SimDuration::from_secs(10),
            stuck_after: SimDuration::from_secs(60),
            terminate_batch: Dist::Uniform {
                min: SimDuration::from_millis(100),
                max: SimDuration::from_secs(1),
            },
            instance_poll: SimDuration::from_secs(5),
            batch_idle: SimDuration::from_secs(1),
            batch_max: SimDuration::from_secs(10),
        }
    }
}

/// API generation (nodes §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum KarpenterApi {
    /// `NodePool`, Karpenter 1.0 and later.
    V1,
    /// `Provisioner`, up to 0.31: one action at a time, and a cordon where v1 has a taint.
    V1alpha5,
}

/// `consolidationPolicy` (nodes §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ConsolidationPolicy {
    /// Only nodes without pods go.
    WhenEmpty,
    /// Nodes whose pods fit elsewhere go too, and dear ones are replaced by cheaper ones.
    WhenEmptyOrUnderutilized,
}
