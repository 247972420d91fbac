//! States of targets and calls that change them, in the words of AWS.

use serde::{Deserialize, Serialize};

/// A call to ELBv2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Call {
    /// `RegisterTargets`.
    RegisterTargets,
    /// `DeregisterTargets`.
    DeregisterTargets,
}

/// Target health as `DescribeTargetHealth` shows it (alb §1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum TargetHealthState {
    /// Not registered.
    Unused,
    /// Registered, first checks pending.
    Initial,
    /// Checks pass.
    Healthy,
    /// Checks fail.
    Unhealthy,
    /// Deregistered, delay running.
    Draining,
}

/// One ALB node's view of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum NodeTargetState {
    /// Not known, or learned to be deregistered.
    Unknown,
    /// Registered, not yet checked often enough.
    Initial,
    /// Chosen.
    Healthy,
    /// Not chosen unless the node fails open.
    Unhealthy,
}
