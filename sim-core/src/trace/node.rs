//! Nodes in the trace.

use serde::{Deserialize, Serialize};

/// What takes a pod down on its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ShutDownBy {
    /// The kubelet's graceful node shutdown.
    NodeShutdown,
    /// The operating system, without the kubelet.
    OsShutdown,
    /// The kubelet's hard eviction.
    NodePressure,
}

/// How a node changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum NodeChange {
    /// Its instance was launched.
    Launched,
    /// Its kubelet registered; it is Ready.
    Joined,
    /// `spec.unschedulable` was set.
    Cordoned,
    /// An autoscaler's `NoSchedule` taint was set.
    Tainted,
    /// An autoscaler starts to evict its pods.
    EvictionsStarted,
    /// An autoscaler asked EC2 to terminate its instance.
    TerminationRequested,
    /// Taint, cordon and label were taken off again.
    Kept,
    /// The label that keeps it out of load balancers was set.
    Excluded,
    /// Its Ready condition is True again.
    Ready,
    /// Its Ready condition is False.
    NotReady,
    /// Its Ready condition is Unknown: the lease has lapsed.
    Unknown,
    /// EC2 gave its spot interruption notice.
    InterruptionNoticed,
    /// Its operating system shuts down.
    ShuttingDown,
    /// Its instance is off: packets meet silence.
    Terminated,
    /// Its Node object left the API.
    Deleted,
}
