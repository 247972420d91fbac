//! What takes pods away.

use serde::{Deserialize, Serialize};

use super::workload::Profile;
use crate::time::SimDuration;

/// One disruption: an instant and exactly one of the kinds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Disruption {
    /// When, counted from the run's start. Source: the scenario's author.
    pub at: SimDuration,
    /// Repeat at this distance until the horizon. Source: the scenario's author.
    pub every: Option<SimDuration>,
    /// Set the Deployment's replicas. Source: the scenario's author.
    pub scale: Option<Scale>,
    /// Change the pod template, so that every pod is replaced. Source: the scenario's author.
    pub rollout: Option<Rollout>,
    /// `kubectl drain`. Source: the scenario's author.
    pub node_drain: Option<NodeDrain>,
    /// The application's process dies in some pods; the kubelet restarts the container.
    /// Source: the scenario's author.
    pub pod_crash: Option<PodCrash>,
    /// Kubelets evict pods because their nodes are short of memory or disk. Source: the scenario's author.
    pub node_pressure_eviction: Option<NodePressureEviction>,
    /// Instances are terminated without a drain: from the console, by a scale-in of their group without a hook.
    /// Source: the scenario's author.
    pub instance_termination: Option<InstanceTermination>,
    /// Nodes die without a word. Source: the scenario's author.
    pub node_failure: Option<NodeFailure>,
    /// All nodes of a zone die without a word, and the zone's ALB nodes with them. Source: the scenario's author.
    pub zone_failure: Option<ZoneFailure>,
}

impl Disruption {
    /// Every kind with its name, and whether the entry has it; exactly one must.
    pub fn kinds(&self) -> [(&'static str, bool); 8] {
        [
            ("scale", self.scale.is_some()),
            ("rollout", self.rollout.is_some()),
            ("node_drain", self.node_drain.is_some()),
            ("pod_crash", self.pod_crash.is_some()),
            ("node_pressure_eviction", self.node_pressure_eviction.is_some()),
            ("instance_termination", self.instance_termination.is_some()),
            ("node_failure", self.node_failure.is_some()),
            ("zone_failure", self.zone_failure.is_some()),
        ]
    }
}

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
}

impl Default for ZoneFailure {
    fn default() -> Self {
        Self {
            zone: 0,
            reported_terminated: false,
        }
    }
}

/// Set the Deployment's replicas, once or following a profile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scale {
    /// New number of replicas. Source: the scenario's author.
    pub replicas: Option<u32>,
    /// Replicas over time, counted from `at`; each change is one scale. Source: the scenario's author.
    pub schedule: Option<Profile>,
}

/// Change the pod template.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rollout {}

/// `kubectl drain` of some nodes, one after another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NodeDrain {
    /// How many nodes, lowest index among the schedulable first. Source: the scenario's author (1).
    pub nodes: u32,
    /// Pause before an eviction refused by the budget is tried again. Source: kubernetes §5.1.1 (5 s).
    pub retry: SimDuration,
    /// Poll for "all pods of the node are gone" before the next node. Source: kubernetes §5.1.1 (1 s).
    pub poll: SimDuration,
}

impl Default for NodeDrain {
    fn default() -> Self {
        Self {
            nodes: 1,
            retry: SimDuration::from_secs(5),
            poll: SimDuration::from_secs(1),
        }
    }
}

/// The application's process dies in some pods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PodCrash {
    /// How many running pods, chosen at random. Source: the scenario's author (1).
    pub pods: u32,
}

impl Default for PodCrash {
    fn default() -> Self {
        Self { pods: 1 }
    }
}
