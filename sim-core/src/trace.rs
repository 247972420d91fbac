//! The trace: a versioned record of control-plane facts and requests, shared by simulated and live runs.
//!
//! One [`TraceRecord`] is one line of NDJSON. Records leave in the order of `at_ns`, a request when it has finished.

mod node;
mod server;
mod target;

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::outcome::{Cause, Hop};
pub use node::{NodeChange, ShutDownBy};
pub use server::{PreStopResult, ServerState};
pub use target::{Call, NodeTargetState, TargetHealthState, TargetOverride};

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
    /// The address of a pod that an ALB node still knows was given to another pod.
    AddressReused {
        /// The pod that had it.
        pod: u32,
        /// The pod of the Deployment that has it now; nothing for a pod of another workload.
        successor: Option<u32>,
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
    /// The controller starts a reconcile of a further target group.
    OtherReconcileStarted {
        /// Its `TargetGroupBinding`, from 1.
        binding: u32,
    },
    /// A call to ELBv2 for a further target group was accepted.
    OtherCallAccepted {
        /// Its `TargetGroupBinding`, from 1.
        binding: u32,
        /// Which call.
        call: Call,
        /// Its targets.
        targets: Vec<u32>,
    },
    /// A readiness gate's condition changed: the gate of a further target group, or one that is False again. The gate
    /// of the first target group turning True is seen in the pod's Ready.
    ReadinessGate {
        /// The pod.
        pod: u32,
        /// The gate's `TargetGroupBinding`, from 0.
        binding: u32,
        /// Whether the condition is True.
        passes: bool,
    },
    /// The pod was created without the readiness gate that its namespace asks for.
    GateNotInjected {
        /// The pod.
        pod: u32,
    },
    /// The leader of the AWS Load Balancer Controller is gone.
    LeaderLost,
    /// A replica of the AWS Load Balancer Controller leads again.
    LeaderElected,
    /// Somebody else deregistered targets.
    DeregisteredOutOfBand {
        /// The targets.
        targets: Vec<u32>,
    },
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
    /// The `HorizontalPodAutoscaler` looked at its metrics and decided.
    HpaSynced {
        /// CPU use of the pods that count, in thousandths of what they request; nothing if there is none to count.
        cpu_utilization_permille: Option<u32>,
        /// Pods that count.
        ready_count: u32,
        /// Pods left out because they are not Ready, or were not during the whole window.
        unready_count: u32,
        /// Pods that run but have no metrics yet.
        missing_count: u32,
        /// Replicas that it found.
        current_count: u32,
        /// Replicas that the metric alone asks for; nothing if it was not asked or has no answer.
        recommended_count: Option<u32>,
        /// Replicas that it leaves, after stabilization, limits and policies.
        replicas_count: u32,
    },
    /// The load balancer's name resolves to the ALB nodes of these zones from now on; before the first such record,
    /// to those of all.
    DnsAnswered {
        /// The zones.
        zones: Vec<u32>,
    },
    /// An ALB node died with its zone.
    AlbNodeDied {
        /// The ALB node.
        alb_node: u32,
    },
    /// `DescribeTargetHealth` shows another administrative override.
    TargetOverridden {
        /// The target.
        target: u32,
        /// Its override, in the words of AWS.
        state: TargetOverride,
    },
    /// One ALB node cut the weight of an anomalous target, or has it back at the usual one.
    TargetMitigated {
        /// The ALB node.
        alb_node: u32,
        /// The target.
        target: u32,
        /// Whether its weight is below the usual one.
        mitigated: bool,
    },
    /// A request finished.
    Request(RequestRecord),
    /// Last record of every trace.
    RunEnded {
        /// Requests counted after the warm-up.
        requests_count: u64,
    },
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
    /// `elb_status_code`; 0 if no ALB node answered.
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
