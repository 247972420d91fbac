//! The trace: a versioned record of control-plane facts and requests, shared by simulated and live runs.
//!
//! One [`TraceRecord`] is one line of NDJSON. Records leave in the order of `at_ns`, a request when it has finished.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::outcome::{Cause, Hop};

/// Version of the schema below; it grows when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TraceRecord {
    /// Nanoseconds since the run's start.
    pub at_ns: u64,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened. Pods and nodes are numbered in the order of creation; a target has the number of its pod or node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Fact {
    /// First record of every trace.
    RunStarted {
        /// [`SCHEMA_VERSION`].
        schema_version: u32,
        /// Name of the scenario.
        scenario: String,
        /// Seed of the run.
        seed: u64,
        /// Replication index.
        replication: u32,
    },
    /// A disruption begins.
    DisruptionStarted {
        /// Index in the scenario's list.
        disruption: u32,
        /// Its kind.
        kind: String,
    },
    /// The API server committed a new pod.
    PodCreated {
        /// The pod.
        pod: u32,
    },
    /// The scheduler bound the pod.
    PodScheduled {
        /// The pod.
        pod: u32,
        /// The Kubernetes node.
        node: u32,
    },
    /// The pod's containers run.
    ContainersStarted {
        /// The pod.
        pod: u32,
    },
    /// The pod's Ready condition changed, as the API shows it.
    PodReady {
        /// The pod.
        pod: u32,
        /// New value.
        ready: bool,
    },
    /// The API server committed the DELETE: `deletionTimestamp` is set.
    DeletionCommitted {
        /// The pod.
        pod: u32,
        /// Grace period of the deletion, seconds.
        grace_period_s: u64,
    },
    /// The kubelet starts to kill the pod.
    KillStarted {
        /// The pod.
        pod: u32,
    },
    /// The pod's node starts to take it down on its own, without a `deletionTimestamp`.
    PodShutDown {
        /// The pod.
        pod: u32,
        /// By what.
        by: ShutDownBy,
        /// Time until SIGKILL, preStop included, seconds.
        grace_period_s: u64,
    },
    /// A Kubernetes node or its instance changed.
    NodeChanged {
        /// The Kubernetes node.
        node: u32,
        /// How.
        change: NodeChange,
    },
    /// A preStop hook starts.
    PreStopStarted {
        /// The pod.
        pod: u32,
        /// `app` or the sidecar's name.
        container: String,
    },
    /// A preStop hook ended, failed, or was cut at the grace period.
    PreStopEnded {
        /// The pod.
        pod: u32,
        /// `app` or the sidecar's name.
        container: String,
        /// How it ended.
        result: PreStopResult,
    },
    /// SIGTERM was delivered.
    SigtermSent {
        /// The pod.
        pod: u32,
        /// `app` or the sidecar's name.
        container: String,
    },
    /// SIGKILL was delivered.
    SigkillSent {
        /// The pod.
        pod: u32,
        /// `app` or the sidecar's name.
        container: String,
    },
    /// A container's last process exited.
    ContainerExited {
        /// The pod.
        pod: u32,
        /// `app` or the sidecar's name.
        container: String,
    },
    /// The pod's network is gone.
    SandboxRemoved {
        /// The pod.
        pod: u32,
        /// Whether packets to its IP now meet silence (else ICMP unreachable).
        silent: bool,
    },
    /// The pod object left the API.
    PodDeleted {
        /// The pod.
        pod: u32,
    },
    /// What a new connection to the server meets changed.
    ServerChanged {
        /// The pod.
        pod: u32,
        /// New state.
        state: ServerState,
    },
    /// The `EndpointSlice` controller wrote an endpoint.
    EndpointWritten {
        /// The pod.
        pod: u32,
        /// Whether the endpoint is still in a slice.
        present: bool,
        /// `ready`.
        ready: bool,
        /// `serving`.
        serving: bool,
        /// `terminating`.
        terminating: bool,
    },
    /// kube-proxy of the last node has acted on one slice write.
    ProxiesUpdated {
        /// The pods that the write was about.
        pods: Vec<u32>,
    },
    /// The controller starts a reconcile of the target group.
    ReconcileStarted,
    /// A call to ELBv2 was accepted.
    CallAccepted {
        /// Which call.
        call: Call,
        /// Its targets.
        targets: Vec<u32>,
    },
    /// A call to ELBv2 waited for the controller's token bucket or was throttled by AWS.
    CallDelayed {
        /// Which call.
        call: Call,
        /// How long, nanoseconds.
        delay_ns: u64,
    },
    /// `DescribeTargetHealth` shows a new state, in the words of AWS.
    TargetHealth {
        /// The target.
        target: u32,
        /// New state.
        state: TargetHealthState,
    },
    /// One ALB node changed its view of a target.
    NodeTarget {
        /// The ALB node.
        alb_node: u32,
        /// The target.
        target: u32,
        /// Its new view.
        state: NodeTargetState,
    },
    /// A request finished.
    Request(RequestRecord),
    /// Last record of every trace.
    RunEnded {
        /// Requests counted after the warm-up.
        requests_count: u64,
    },
}

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
    /// Taint and cordon were taken off again.
    Kept,
    /// The label that keeps it out of load balancers was set.
    Excluded,
    /// Its Ready condition is True again.
    Ready,
    /// Its Ready condition is False.
    NotReady,
    /// Its Ready condition is Unknown: the lease has lapsed.
    Unknown,
    /// Its operating system shuts down.
    ShuttingDown,
    /// Its instance is off: packets meet silence.
    Terminated,
    /// Its Node object left the API.
    Deleted,
}

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
    /// The pod's node is gone: silence on new connections and on old ones.
    Unreachable,
}

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

/// A finished request, with the fields of an ALB access log (alb §6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestRecord {
    /// Number of the request, in the order of issue.
    pub request: u64,
    /// Request kind.
    pub kind: String,
    /// Session, or nothing for open-loop arrivals.
    pub session: Option<u32>,
    /// ALB node that took it.
    pub alb_node: u32,
    /// Target it was sent to, if any could be chosen.
    pub target: Option<u32>,
    /// The pod to which a target that is a node forwarded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<u32>,
    /// When the client issued it, nanoseconds since the run's start.
    pub issued_ns: u64,
    /// When the client had its answer.
    pub finished_ns: u64,
    /// `elb_status_code`.
    pub elb_status_code: u16,
    /// `target_status_code`, if the target answered.
    pub target_status_code: Option<u16>,
    /// Whether a pooled connection to the target was used.
    pub reused_connection: bool,
    /// `request_processing_time`, nanoseconds; nothing stands for the log's −1.
    pub request_processing_ns: Option<u64>,
    /// `target_processing_time`, nanoseconds; nothing stands for the log's −1.
    pub target_processing_ns: Option<u64>,
    /// `response_processing_time`, nanoseconds; nothing stands for the log's −1.
    pub response_processing_ns: Option<u64>,
    /// Why it failed.
    pub cause: Option<Cause>,
    /// The hop that lost the race.
    pub hop: Option<Hop>,
}

/// Which requests a trace carries; control-plane facts are always in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TraceLevel {
    /// Nothing at all.
    Off,
    /// Facts and failed requests.
    Failures,
    /// Facts and every request.
    All,
}

/// Takes the records of one run.
pub trait TraceSink {
    /// Takes one record; records come in the order of their instants.
    fn record(&mut self, record: TraceRecord);
}
