//! What takes pods away.

mod nodes;

use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::capacity::{AzRebalance, NodeGroupScaleIn, NodeGroupUpdate, SpotInterruption};
use super::cluster_autoscaler::ClusterAutoscaler;
use super::hpa::Hpa;
use super::karpenter::Karpenter;
use super::workload::Profile;
use crate::time::SimDuration;
pub use nodes::{
    AnnouncedBy, Announcement, InstanceTermination, NodeFailure, NodePressureEviction, ZonalShift, ZoneFailure,
};

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
    /// The Cluster Autoscaler starts to work. Source: the scenario's author.
    pub cluster_autoscaler: Option<ClusterAutoscaler>,
    /// The leader of the AWS Load Balancer Controller goes away; another one leads after
    /// `load_balancer_controller.leader_gap`. Source: the scenario's author.
    pub controller_restart: Option<ControllerRestart>,
    /// Somebody else deregisters targets behind the controller's back. Source: the scenario's author.
    pub out_of_band_deregistration: Option<OutOfBandDeregistration>,
    /// A `HorizontalPodAutoscaler` starts, and goes on to the horizon. Source: the scenario's author.
    pub hpa: Option<Hpa>,
    /// ARC shifts a zone's traffic away. Source: the scenario's author.
    pub zonal_shift: Option<ZonalShift>,
    /// Karpenter starts to look after the nodes; at most one entry. Source: the scenario's author.
    pub karpenter: Option<Karpenter>,
    /// EC2 takes spot instances back. Source: the scenario's author.
    pub spot_interruption: Option<SpotInterruption>,
    /// A managed node group gets another version or AMI. Source: the scenario's author.
    pub node_group_update: Option<NodeGroupUpdate>,
    /// A managed node group gets smaller. Source: the scenario's author.
    pub node_group_scale_in: Option<NodeGroupScaleIn>,
    /// An Auto Scaling group moves instances between zones. Source: the scenario's author.
    pub az_rebalance: Option<AzRebalance>,
}

impl Disruption {
    /// Every kind with its name, and whether the entry has it; exactly one must.
    pub fn kinds(&self) -> Vec<(&'static str, bool)> {
        vec![
            ("scale", self.scale.is_some()),
            ("rollout", self.rollout.is_some()),
            ("node_drain", self.node_drain.is_some()),
            ("pod_crash", self.pod_crash.is_some()),
            ("node_pressure_eviction", self.node_pressure_eviction.is_some()),
            ("instance_termination", self.instance_termination.is_some()),
            ("node_failure", self.node_failure.is_some()),
            ("zone_failure", self.zone_failure.is_some()),
            ("cluster_autoscaler", self.cluster_autoscaler.is_some()),
            ("hpa", self.hpa.is_some()),
            ("controller_restart", self.controller_restart.is_some()),
            ("out_of_band_deregistration", self.out_of_band_deregistration.is_some()),
            ("zonal_shift", self.zonal_shift.is_some()),
            ("karpenter", self.karpenter.is_some()),
            ("spot_interruption", self.spot_interruption.is_some()),
            ("node_group_update", self.node_group_update.is_some()),
            ("node_group_scale_in", self.node_group_scale_in.is_some()),
            ("az_rebalance", self.az_rebalance.is_some()),
        ]
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

/// The leader of the AWS Load Balancer Controller goes away.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ControllerRestart {
    /// Whether all replicas go at once, so that nobody answers the pod webhook either until somebody leads again.
    /// Source: lbc §1.9 (false: the chart runs two replicas).
    pub all_replicas: bool,
}

/// Somebody else deregisters targets behind the controller's back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutOfBandDeregistration {
    /// How many registered targets, lowest number first. Source: the scenario's author (1).
    pub targets: u32,
}

impl Default for OutOfBandDeregistration {
    fn default() -> Self {
        Self { targets: 1 }
    }
}
