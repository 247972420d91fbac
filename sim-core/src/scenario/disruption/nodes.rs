//! Disruptions that take nodes away, or pods from them.

use serde::{Deserialize, Serialize};

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
}

impl Default for InstanceTermination {
    fn default() -> Self {
        Self { nodes: 1 }
    }
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
