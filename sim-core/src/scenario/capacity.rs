//! What else takes nodes away: EC2's spot market, managed node groups, Auto Scaling groups.

use serde::{Deserialize, Serialize};

use super::value::IntOrPercent;
use crate::dist::Dist;
use crate::time::SimDuration;

/// From the launch of an instance of an Auto Scaling group to its node being Ready.
/// Source: nodes §9 `ca.node_ready_time` (median 150 s, sigma 0.3, estimate).
const NODE_READY: Dist = Dist::LogNormal {
    median: SimDuration::from_secs(150),
    p99: SimDuration::from_millis(301_400),
};

/// EC2 takes spot instances back (nodes §3.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpotInterruption {
    /// How many nodes, lowest index first. Source: the scenario's author (1).
    pub nodes: u32,
    /// From the interruption notice to EC2's own termination, whatever still runs then. Source: nodes §3.2 (120 s).
    pub notice: SimDuration,
    /// Who acts on the notice. Source: the scenario's author (nobody).
    pub handler: InterruptionHandler,
    /// From the notice to the act of a handler that polls the instance's metadata.
    /// Source: nodes §3.1 (a poll of 2 s and a dispatch tick of 1 s: uniform over 3 s).
    pub metadata_latency: Dist,
    /// From the notice to the act of a handler that reads a queue.
    /// Source: nodes §9 `spot.notice_latency` (median 2 s, p99 10 s, estimate).
    pub queue_latency: Dist,
    /// `nodeTerminationGracePeriod` of the Node Termination Handler: after it evicts no more. Source: nodes §3.1 (120 s).
    pub drain_timeout: SimDuration,
    /// Pause of the Node Termination Handler before a refused eviction is tried again. Source: nodes §3.1 (5 s).
    pub retry: SimDuration,
    /// Its client's limit: evictions per second, of one node with `node_termination_handler_imds`, of all of them with
    /// `node_termination_handler_queue`. Source: nodes §3.1 (5).
    pub kube_client_qps: u32,
    /// Burst of that limit. Source: nodes §3.1 (10).
    pub kube_client_burst: u32,
    /// Whether the Node Termination Handler first labels the node so that load balancers leave it out.
    /// Source: nodes §3.1 (false).
    pub exclude_from_load_balancers: bool,
    /// From EC2's termination to a Ready node that the Auto Scaling group launched instead; `null` if it launches none.
    /// With the handler `karpenter` it is Karpenter that launches what pods need.
    /// Source: nodes §9 `ca.node_ready_time` (median 150 s, sigma 0.3, estimate).
    pub replacement: Option<Dist>,
}

impl Default for SpotInterruption {
    fn default() -> Self {
        Self {
            nodes: 1,
            notice: SimDuration::from_secs(120),
            handler: InterruptionHandler::None,
            metadata_latency: Dist::Uniform {
                min: SimDuration::ZERO,
                max: SimDuration::from_secs(3),
            },
            queue_latency: Dist::LogNormal {
                median: SimDuration::from_secs(2),
                p99: SimDuration::from_secs(10),
            },
            drain_timeout: SimDuration::from_secs(120),
            retry: SimDuration::from_secs(5),
            kube_client_qps: 5,
            kube_client_burst: 10,
            exclude_from_load_balancers: false,
            replacement: Some(NODE_READY),
        }
    }
}

/// Who acts on a spot interruption notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum InterruptionHandler {
    /// Nobody: the pods meet the shutdown of the operating system.
    None,
    /// AWS Node Termination Handler as a `DaemonSet` that polls the instance's metadata (nodes §3.1).
    NodeTerminationHandlerImds,
    /// AWS Node Termination Handler that reads an SQS queue (nodes §3.1).
    NodeTerminationHandlerQueue,
    /// Karpenter's interruption controller: it deletes the `NodeClaim` (nodes §2.5).
    Karpenter,
}

/// A version or AMI update of an EKS managed node group that holds every node (nodes §3.3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NodeGroupUpdate {
    /// `updateConfig.maxUnavailable`: nodes drained at once; a percentage rounds up. Source: nodes §3.3 (1).
    pub max_unavailable: IntOrPercent,
    /// Whether a node goes although its drain did not end in time. Source: nodes §3.3 (false: `PodEvictionFailure`).
    pub force: bool,
    /// Longest drain of a node. Source: nodes §3.3 (15 min).
    pub drain_timeout: SimDuration,
    /// From the end of a node's drain to its termination. Source: nodes §3.3 (60 s).
    pub wait: SimDuration,
    /// Pause before a refused eviction is tried again. Source: nodes §3.1 (5 s, as kubectl).
    pub retry: SimDuration,
    /// From a launch to a Ready node. Source: nodes §9 `ca.node_ready_time` (median 150 s, sigma 0.3, estimate).
    pub node_ready: Dist,
}

impl Default for NodeGroupUpdate {
    fn default() -> Self {
        Self {
            max_unavailable: IntOrPercent::Int(1),
            force: false,
            drain_timeout: SimDuration::from_secs(900),
            wait: SimDuration::from_secs(60),
            retry: SimDuration::from_secs(5),
            node_ready: NODE_READY,
        }
    }
}

/// The desired size of a managed node group is lowered (nodes §3.3).
///
/// AWS documents two behaviours: a drain that ignores budgets for at most 15 minutes, and a termination right away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NodeGroupScaleIn {
    /// By how many nodes: of the zone with the most, oldest first, which is an estimate of the "termination policy" of nodes
    /// §3.4. Source: the scenario's author (1).
    pub nodes: u32,
    /// Whether the nodes are drained first. Source: nodes §3.3 (true; the other page says false).
    pub drain: bool,
    /// Whether that drain respects budgets. Source: nodes §9 `mng.scalein_respects_pdb` (false).
    pub respects_budget: bool,
    /// Longest drain; then the node goes. Source: nodes §3.3 (15 min).
    pub drain_timeout: SimDuration,
    /// Pause before a refused eviction is tried again. Source: nodes §3.1 (5 s, as kubectl).
    pub retry: SimDuration,
}

impl Default for NodeGroupScaleIn {
    fn default() -> Self {
        Self {
            nodes: 1,
            drain: true,
            respects_budget: false,
            drain_timeout: SimDuration::from_secs(900),
            retry: SimDuration::from_secs(5),
        }
    }
}

/// An Auto Scaling group moves instances from one zone to another (nodes §3.4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AzRebalance {
    /// How many nodes; at most a tenth of all nodes, and at least one, at a time. Source: nodes §3.4; 1.
    pub nodes: u32,
    /// Zone that has too many, from 0. Source: the scenario's author (0).
    pub from_zone: u32,
    /// Zone that gets them, from 0. Source: the scenario's author (1).
    pub to_zone: u32,
    /// Whether a hook drains the old nodes, as managed node groups do, ignoring budgets.
    /// Source: nodes §3.4 (false: a group without a hook).
    pub drain: bool,
    /// Longest such drain. Source: nodes §3.3 (15 min).
    pub drain_timeout: SimDuration,
    /// From a launch to the instance being in service for the group, which then terminates an old one.
    /// Source: estimate (median 45 s, p99 90 s).
    pub in_service: Dist,
    /// From a launch to a Ready node. Source: nodes §9 `ca.node_ready_time` (median 150 s, sigma 0.3, estimate).
    pub node_ready: Dist,
}

impl Default for AzRebalance {
    fn default() -> Self {
        Self {
            nodes: 1,
            from_zone: 0,
            to_zone: 1,
            drain: false,
            drain_timeout: SimDuration::from_secs(900),
            in_service: Dist::LogNormal {
                median: SimDuration::from_secs(45),
                p99: SimDuration::from_secs(90),
            },
            node_ready: NODE_READY,
        }
    }
}
