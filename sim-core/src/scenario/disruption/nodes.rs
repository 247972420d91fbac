//! Disruptions that take nodes away, or pods from them.

use serde::{Deserialize, Serialize};

use crate::time::SimDuration;

/// Kubelets evict pods (hard eviction: 1 s of grace, no `deletionTimestamp`, kubernetes §5.1.6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NodePressureEviction {
    /// On how many nodes, lowest index first. Source: the scenario's author (1).
    pub nodes: u32,
    /// Running pods evicted on each. Source: the scenario's author (1).
    pub pods_per_node: u32,
}

impl Default for NodePressureEviction {
    fn default() -> Self {
        Self {
            nodes: 1,
            pods_per_node: 1,
        }
    }
}

/// Instances are terminated without a drain; the pods meet the shutdown of the operating system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InstanceTermination {
    /// How many, lowest index first. Source: the scenario's author (1).
    pub nodes: u32,
    /// What is written into their Node objects beforehand, if anything; it matters to targets that are nodes.
    /// Source: nodes §3.5 (nothing: scale-in without a hook, or the console).
    pub announcement: Option<Announcement>,
}

impl Default for InstanceTermination {
    fn default() -> Self {
        Self {
            nodes: 1,
            announcement: None,
        }
    }
}

/// A change of a Node object some time before its instance is terminated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Announcement {
    /// Which change. Source: nodes §3.5 (Cluster Autoscaler's taint).
    pub by: AnnouncedBy,
    /// Time from there to the termination. Source: nodes §3.5 (5 s, an empty node of Cluster Autoscaler).
    pub before: SimDuration,
}

impl Default for Announcement {
    fn default() -> Self {
        Self {
            by: AnnouncedBy::ToBeDeletedTaint,
            before: SimDuration::from_secs(5),
        }
    }
}

/// How a node's end is announced (nodes §3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum AnnouncedBy {
    /// Taint `ToBeDeletedByClusterAutoscaler`.
    ToBeDeletedTaint,
    /// Taint `karpenter.sh/disrupted:NoSchedule`.
    DisruptedTaint,
    /// Label `node.kubernetes.io/exclude-from-external-load-balancers`.
    ExcludeLabel,
    /// `spec.unschedulable`, which the load balancer controller does not look at (lbc §4).
    Cordon,
}

/// Nodes die without a word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NodeFailure {
    /// How many, lowest index first. Source: the scenario's author (1).
    pub nodes: u32,
    /// Whether EC2 reports the instances as terminated, so that their Node objects are deleted; an impaired instance
    /// stays `running`. Source: nodes §5.3 (true).
    pub reported_terminated: bool,
}

impl Default for NodeFailure {
    fn default() -> Self {
        Self {
            nodes: 1,
            reported_terminated: true,
        }
    }
}

/// A zone is lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ZoneFailure {
    /// Which zone, from 0. Source: the scenario's author (0).
    pub zone: u32,
    /// Whether EC2 reports the instances as terminated. Source: estimate (false: their state is unknown in an outage).
    pub reported_terminated: bool,
    /// Whether the zone's ALB nodes die too. Source: alb §2.2 (true: they live in the zone's subnets).
    pub alb_nodes: bool,
}

impl Default for ZoneFailure {
    fn default() -> Self {
        Self {
            zone: 0,
            reported_terminated: false,
            alb_nodes: true,
        }
    }
}

/// ARC shifts a zone's traffic away: its ALB nodes leave DNS, and with cross-zone on its targets get no new traffic
/// (alb §8). Client connections that are open linger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ZonalShift {
    /// Which zone, from 0. Source: the scenario's author (0).
    pub zone: u32,
    /// After which it ends. Source: the scenario's author (15 min).
    pub duration: SimDuration,
}

impl Default for ZonalShift {
    fn default() -> Self {
        Self {
            zone: 0,
            duration: SimDuration::from_secs(15 * 60),
        }
    }
}
