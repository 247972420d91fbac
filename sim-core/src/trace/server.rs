//! Servers and their hooks in the trace.

use serde::{Deserialize, Serialize};

/// How a preStop hook ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PreStopResult {
    /// Ran to its end.
    Completed,
    /// Failed at once; termination goes on (kubernetes §1.3.4).
    Failed,
    /// Still ran when the grace period was over (kubernetes §1.3.2).
    Cut,
}

/// What a new connection to a pod's server meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[repr(u8)]
pub enum ServerState {
    /// Accepted and served.
    Serving,
    /// No listener yet: RST.
    Starting,
    /// Draining, still accepting.
    DrainingOpen,
    /// Draining, handshake succeeds but nobody accepts.
    DrainingUnaccepted,
    /// Draining, listener closed: RST.
    DrainingClosed,
    /// Listener closed for a restart by a preStop hook: RST.
    Restarting,
    /// Process gone, network alive: RST.
    Exited,
    /// Network gone: silence or ICMP unreachable.
    Removed,
    /// Network gone, and its address with another pod, which answers in its place.
    Reused,
    /// The pod's node is gone: silence on new connections and on old ones.
    Unreachable,
}
