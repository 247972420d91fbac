//! Nodes, the Deployment, its budget and its Service.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::kube_proxy::ExternalTrafficPolicy;
use super::pod::Resources;
use super::quantity::{Cpu, Memory};
use super::value::IntOrPercent;
use super::workload::Profile;
use crate::dist::{Dist, Probability};
use crate::time::SimDuration;

/// Nodes and zones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cluster {
    /// Availability Zones with ALB subnets and nodes, 2 to 6. Source: alb §2.2 (an ALB needs at least two).
    pub zones: u32,
    /// Nodes at the start, spread over the zones in turn. Source: design choice.
    pub nodes: u32,
    /// EC2 instance type; it fixes the pods a node can hold (ENIs × (IPv4 per ENI − 1) + 2). Source: nodes §4.7.
    pub instance_type: String,
    /// Pods of each node that are not part of the Deployment (`aws-node`, `kube-proxy` and others).
    /// Source: nodes §4.7 (two per node).
    pub system_pods_per_node: u32,
    /// What those pods request together. Source: estimate (150m and 256Mi: `aws-node` and `kube-proxy` request 125m).
    pub system_requests: Resources,
    /// Workloads whose pods run on the same nodes and serve nobody here. Source: the scenario's author (none).
    pub other_workloads: Vec<OtherWorkload>,
}

/// Pods of another workload: they take room and addresses, and have to be evicted when their node goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OtherWorkload {
    /// Name, for people. Source: none needed.
    pub name: String,
    /// Pods over time. Source: the scenario's author.
    pub replicas: Profile,
    /// What each pod requests. Source: estimate (100m and 128Mi).
    pub requests: Resources,
    /// `terminationGracePeriodSeconds`, whole seconds. Source: kubernetes §1.1.1 (30 s).
    pub termination_grace_period: SimDuration,
    /// From a pod's SIGTERM to its exit; cut at the grace period. Source: estimate (1 s).
    pub stop_time: Dist,
    /// How long a pod runs before it completes and another takes its place; `null` for ever.
    /// Source: the scenario's author (for ever).
    pub lifetime: Option<Dist>,
    /// Probability that a pod has something listening on the application's port: requests that reach it by a reused
    /// address are answered with 404 then, and refused otherwise. Source: estimate (0.5).
    pub listens: Probability,
}

impl Default for OtherWorkload {
    fn default() -> Self {
        Self {
            name: String::from("other"),
            replicas: Profile::Constant(1),
            requests: Resources {
                cpu: Cpu::from_millicores(100),
                memory: Memory::from_mebibytes(128),
            },
            termination_grace_period: SimDuration::from_secs(30),
            stop_time: Dist::Constant(SimDuration::from_secs(1)),
            lifetime: None,
            listens: Probability::new(0.5).expect("a probability"),
        }
    }
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            zones: 3,
            nodes: 6,
            instance_type: String::from("m5.large"),
            system_pods_per_node: 2,
            system_requests: Resources {
                cpu: Cpu::from_millicores(150),
                memory: Memory::from_mebibytes(256),
            },
            other_workloads: Vec::new(),
        }
    }
}

/// The Deployment whose pods are the targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deployment {
    /// Replicas at the start. Source: design choice.
    pub replicas: u32,
    /// How a rollout replaces pods. Source: kubernetes §4.3.1 (`RollingUpdate`).
    pub strategy: Strategy,
    /// Pods above `replicas` during a rolling update; a percentage rounds up. Source: kubernetes §4.3.1 (25 %).
    pub max_surge: IntOrPercent,
    /// Pods that may be unavailable during a rolling update; a percentage rounds down.
    /// Source: kubernetes §4.3.1 (25 %).
    pub max_unavailable: IntOrPercent,
    /// `minReadySeconds`: how long a pod must be Ready before it counts as available, whole seconds.
    /// Source: kubernetes §4.3.1 (0).
    pub min_ready: SimDuration,
}

impl Default for Deployment {
    fn default() -> Self {
        Self {
            replicas: 12,
            strategy: Strategy::RollingUpdate,
            max_surge: IntOrPercent::Percent(25),
            max_unavailable: IntOrPercent::Percent(25),
            min_ready: SimDuration::ZERO,
        }
    }
}

/// Deployment strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Strategy {
    /// Old and new pods overlap within `max_surge` and `max_unavailable`.
    RollingUpdate,
    /// All old pods are gone before the first new one is created (kubernetes §4.3.7).
    Recreate,
}

/// The `PodDisruptionBudget` that evictions respect; without either field there is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PodDisruptionBudget {
    /// Healthy pods that must remain; a percentage rounds up. Source: kubernetes §5.1 (no budget by default).
    pub min_available: Option<IntOrPercent>,
    /// Pods that may be unhealthy; a percentage rounds up. Source: kubernetes §5.1 (no budget by default).
    pub max_unavailable: Option<IntOrPercent>,
}

/// The Service in front of the pods.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Service {
    /// `publishNotReadyAddresses`: endpoints are `ready` even while terminating.
    /// Source: kubernetes §2.3.1 (false), lbc §1.10 (why that keeps dead targets registered).
    pub publish_not_ready_addresses: bool,
    /// `externalTrafficPolicy`: where a node may forward to; it matters only for targets that are nodes.
    /// Source: lbc §4 (never consulted by the controller); Kubernetes API (`Cluster`).
    pub external_traffic_policy: ExternalTrafficPolicy,
}
