//! The application server inside the pod: how it serves, and how it shuts down.

use alloc::collections::BTreeMap;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::preset::Preset;
use super::quantity::Cpu;
use super::value::Limit;
use crate::dist::{Dist, Probability};
use crate::time::SimDuration;

/// The application server.
///
/// `preset` fills the shutdown fields with what that server does (kubernetes §6.2); every field can be overridden.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct App {
    /// Which server's behaviour the fields below start from. Source: kubernetes §6.2.
    pub preset: Preset,
    /// Requests one pod serves at the same time. Source: per preset (estimate where the server has no default).
    pub workers: Limit<u32>,
    /// Listen backlog: connections the kernel keeps until the server accepts them. Source: kubernetes §6.2.
    pub backlog: u32,
    /// Service time of a request kind that has no entry under `requests`. Source: estimate.
    pub service_time: Dist,
    /// Request kinds with their own service time. Source: design choice (none).
    pub requests: BTreeMap<String, RequestKind>,
    /// Share of a request's service time that is spent on the CPU; the rest waits, for a database say.
    /// Source: estimate (0.8).
    pub cpu_share: Probability,
    /// CPU that a running container uses without any request. Source: estimate (5m).
    pub idle_cpu: Cpu,
    /// Share of requests that the application itself answers with 500. Source: design choice (0).
    pub error_ratio: Probability,
    /// From the start of the container's process to the listening socket. Source: estimate (2 s).
    pub start_up: Dist,
    /// Idle keep-alive timeout in normal operation; `0s` closes the connection after each response.
    /// Source: kubernetes §6.2.
    pub keep_alive_timeout: Limit<SimDuration>,
    /// Whether the server is PID 1 of its container: a default SIGTERM disposition is then ignored.
    /// Source: kubernetes §6.1.1.
    pub pid_1: bool,
    /// What SIGTERM does. Source: kubernetes §6.2.
    pub sigterm: SigtermMode,
    /// The listening socket while draining. Source: kubernetes §6.2.
    pub listener_on_drain: ListenerOnDrain,
    /// Idle keep-alive connections while draining. Source: kubernetes §6.2.
    pub idle_on_drain: IdleOnDrain,
    /// Whether responses given while draining close their connection. Source: kubernetes §6.2.
    pub response_on_drain: ResponseOnDrain,
    /// Whether the process stays until kept idle connections have timed out. Source: kubernetes §6.2.
    pub waits_for_idle: bool,
    /// Longest drain before the server gives up and cuts what is left. Source: kubernetes §6.2.
    pub drain_timeout: Limit<SimDuration>,
    /// From SIGTERM to the first action of the server. Source: kubernetes §9 (`app_reaction_delay`).
    pub reaction_delay: Dist,
    /// From a crashed or killed container to its restarted process. Source: estimate (1 s; one PLEG period).
    pub restart_delay: Dist,
}

impl Default for App {
    fn default() -> Self {
        Preset::GoShutdown.app()
    }
}

/// A request kind with its own service time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestKind {
    /// Time a worker spends on it. Source: the scenario's author.
    pub service_time: Dist,
}

/// What SIGTERM does to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SigtermMode {
    /// No handler: ignored as PID 1, deadly otherwise (kubernetes §6.1).
    NoHandler,
    /// The signal never reaches the server (a shell as PID 1) or is ignored on purpose.
    Ignored,
    /// The process exits at once; requests in flight are cut.
    DieNow,
    /// The server drains as the other fields say.
    Drain,
}

/// What a new SYN meets while the server drains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ListenerOnDrain {
    /// The listener is closed: RST.
    CloseNow,
    /// The handshake succeeds but nobody accepts; RST when the process exits.
    OpenUnacceptedUntilExit,
    /// New connections are served until the drain ends.
    OpenServed,
}

/// What becomes of idle keep-alive connections while the server drains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum IdleOnDrain {
    /// Closed at once.
    FinNow,
    /// One more request is served on each, then it is closed.
    ServedThenClose,
    /// Served as before until their idle timeout.
    ServedKeep,
    /// Left open but not read: a request on one hangs until the process exits.
    UnservedUntilExit,
}

/// What a response given while draining says about its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ResponseOnDrain {
    /// `Connection: close`.
    CloseHeader,
    /// The connection stays open.
    KeepAlive,
}
