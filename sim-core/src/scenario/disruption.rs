//! What takes pods away.

use serde::{Deserialize, Serialize};

use super::hpa::Hpa;
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
    /// A `HorizontalPodAutoscaler` starts, and goes on to the horizon. Source: the scenario's author.
    pub hpa: Option<Hpa>,
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
