//! The Cluster Autoscaler: its flags, with the defaults of version 1.36, and what its node groups take to grow.

use serde::{Deserialize, Serialize};

use crate::dist::{Dist, Probability};
use crate::time::SimDuration;

/// A Cluster Autoscaler that works from `at` on. Each zone has one node group of the cluster's instance type.
///
/// Fields that have the name of a flag are that flag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClusterAutoscaler {
    /// Sum of the groups' minimum sizes, divided among the zones as evenly as it goes.
    /// Source: the scenario's author (1).
    pub min_nodes: u32,
    /// Sum of the groups' maximum sizes, divided likewise. Source: the scenario's author (100).
    pub max_nodes: u32,
    /// Pause between two loops; the first comes at a random instant of it. Source: nodes §1.1 (10 s).
    pub scan_interval: SimDuration,
    /// Loop again at once after a loop that added or removed nodes, and when a pod becomes unschedulable.
    /// Source: nodes §1.1 (true since 1.35).
    pub frequent_loops_enabled: bool,

    /// A node must be unneeded for longer than this. Source: nodes §1.1 (10 min).
    pub scale_down_unneeded_time: SimDuration,
    /// The same for a node that is not Ready. Source: nodes §1.1 (20 min).
    pub scale_down_unready_time: SimDuration,
    /// A node is a candidate if the larger share of its CPU and memory that pods request is at most this.
    /// Source: nodes §1.1 (0.5).
    pub scale_down_utilization_threshold: Probability,
    /// No removal begins for so long after nodes were added. Source: nodes §1.1 (10 min).
    pub scale_down_delay_after_add: SimDuration,
    /// No removal begins for so long after another one began. Source: nodes §1.1 (0).
    pub scale_down_delay_after_delete: SimDuration,
    /// No removal begins for so long after nodes could not be tainted. Source: nodes §1.1 (3 min).
    pub scale_down_delay_after_failure: SimDuration,
    /// A node whose pods found no other place is not looked at for so long. Source: nodes §1.1 (5 min).
    pub unremovable_node_recheck_timeout: SimDuration,
    /// Nodes removed at a time. Source: nodes §1.1 (10).
    pub max_scale_down_parallelism: u32,
    /// Those among them that have pods to evict. Source: nodes §1.1 (1).
    pub max_drain_parallelism: u32,
    /// Nodes that one loop marks or unmarks with the soft taint of unneeded nodes. Source: nodes §1.1 (10).
    pub max_bulk_soft_taint_count: u32,
    /// Time that one loop spends on it at most. Source: nodes §1.1 (3 s).
    pub max_bulk_soft_taint_time: SimDuration,

    /// Pause between the taint and the evictions or, on an empty node, the termination. Source: nodes §1.1 (5 s).
    pub node_delete_delay_after_taint: SimDuration,
    /// Whether the node is cordoned too. Source: nodes §1.1 (true since 1.34).
    pub cordon_node_before_terminating: bool,
    /// Chance that a node cannot be tainted, which undoes the whole removal. Source: estimate (0).
    pub taint_failure: Probability,
    /// Longest grace period of an evicted pod, whole seconds. Source: nodes §1.1, §1.4 (600 s).
    pub max_graceful_termination: SimDuration,
    /// How long a refused eviction is tried again. Source: nodes §1.1 (2 min).
    pub max_pod_eviction_time: SimDuration,
    /// Pause between two tries; a constant of the program. Source: nodes §1.1 (10 s).
    pub eviction_retry: SimDuration,
    /// Poll for "all pods of the node are gone"; a constant of the program. Source: nodes §1.1 (5 s).
    pub drain_poll: SimDuration,
    /// How much longer than `max_graceful_termination` it waits for that; a constant of the program.
    /// Source: nodes §1.1 (30 s).
    pub eviction_headroom: SimDuration,
    /// Requests per second of its API client; evictions share it. Source: nodes §1.1 (5).
    pub kube_client_qps: u32,
    /// Burst of that client. Source: nodes §1.1 (10).
    pub kube_client_burst: u32,
    /// How long somebody holds an emptied node back with a `delay-deletion` annotation. Source: nodes §1.3 (nobody does).
    pub delay_deletion_annotation: SimDuration,
    /// How long it respects such an annotation. Source: nodes §1.1 (2 min).
    pub node_deletion_delay_timeout: SimDuration,
    /// How long it collects nodes of a group for one call that terminates them. Source: nodes §1.1 (0).
    pub node_deletion_batcher_interval: SimDuration,
    /// From that call to the shutdown of the instance: what a lifecycle hook of the Auto Scaling group takes.
    /// Source: nodes §1.5 (no hook).
    pub asg_hook_wait: SimDuration,

    /// From the decision to add a node to a Ready node. Source: nodes §9 `ca.node_ready_time` (median 150 s and a
    /// sigma of 0.3, so a p99 of 301 s; estimate).
    pub node_ready_time: Dist,
    /// A node that is not Ready by then is given up and terminated. Source: nodes §6 (15 min).
    pub max_node_provision_time: SimDuration,
}

impl Default for ClusterAutoscaler {
    fn default() -> Self {
        Self {
            min_nodes: 1,
            max_nodes: 100,
            scan_interval: SimDuration::from_secs(10),
            frequent_loops_enabled: true,
            scale_down_unneeded_time: SimDuration::from_secs(600),
            scale_down_unready_time: SimDuration::from_secs(1200),
            scale_down_utilization_threshold: Probability::new(0.5).expect("a probability"),
            scale_down_delay_after_add: SimDuration::from_secs(600),
            scale_down_delay_after_delete: SimDuration::ZERO,
            scale_down_delay_after_failure: SimDuration::from_secs(180),
            unremovable_node_recheck_timeout: SimDuration::from_secs(300),
            max_scale_down_parallelism: 10,
            max_drain_parallelism: 1,
            max_bulk_soft_taint_count: 10,
            max_bulk_soft_taint_time: SimDuration::from_secs(3),
            node_delete_delay_after_taint: SimDuration::from_secs(5),
            cordon_node_before_terminating: true,
            taint_failure: Probability::ZERO,
            max_graceful_termination: SimDuration::from_secs(600),
            max_pod_eviction_time: SimDuration::from_secs(120),
            eviction_retry: SimDuration::from_secs(10),
            drain_poll: SimDuration::from_secs(5),
            eviction_headroom: SimDuration::from_secs(30),
            kube_client_qps: 5,
            kube_client_burst: 10,
            delay_deletion_annotation: SimDuration::ZERO,
            node_deletion_delay_timeout: SimDuration::from_secs(120),
            node_deletion_batcher_interval: SimDuration::ZERO,
            asg_hook_wait: SimDuration::ZERO,
            node_ready_time: Dist::LogNormal {
                median: SimDuration::from_secs(150),
                p99: SimDuration::from_secs(301),
            },
            max_node_provision_time: SimDuration::from_secs(900),
        }
    }
}

impl ClusterAutoscaler {
    /// The share of `total` nodes that the group of a zone has; the first zones have one more where it does not divide.
    pub fn share_of(total: u32, zone: u32, zones: u32) -> u32 {
        total / zones + u32::from(zone < total % zones)
    }
}
