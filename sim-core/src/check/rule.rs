//! The rules, and what is said when one is broken.

#![expect(clippy::doc_markdown, reason = "the sentences are printed for people")]

use alloc::string::String;
use core::fmt;

use crate::time::SimTime;

macro_rules! rules {
    ($( $name:ident => $key:literal, $text:literal; )*) => {
        /// What every trace obeys. Names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $( #[doc = $text] $name, )*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$name),*];

            /// Stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Rule::$name => $key),* }
            }

            /// The rule in one sentence.
            pub const fn sentence(self) -> &'static str {
                match self { $(Rule::$name => $text),* }
            }
        }
    };
}

rules! {
    TimeGoesBack => "time_goes_back", "Records come in the order of their instants.";
    FirstRecord => "first_record", "The first record, and no other, is run_started, in the version that is read.";
    LastRecord => "last_record", "The last record, and no other, is run_ended.";

    PodNumber => "pod_number", "Pods are numbered in the order of creation, and nothing happens to one before it is created.";
    PodStart => "pod_start", "A pod is scheduled once, then its containers start once, before it is killed.";
    PodReady => "pod_ready", "Ready changes with every pod_ready, and is false once the sandbox is gone.";
    DeletionCommitted => "deletion_committed", "A pod is deleted once, with at most the grace period of its template.";
    KillStarted => "kill_started", "A scheduled pod is killed once, after its deletion was committed.";
    PodShutDown => "pod_shut_down", "A node takes down pods that it has and whose sandbox is there, within their grace period.";
    AddressReused => "address_reused", "A pod's address goes to another pod only after its own sandbox is gone.";
    NodeChange => "node_change", "A node changes only as a machine and its Node object can.";
    NodeTaken => "node_taken", "No pod is scheduled onto a node that is missing, cordoned, tainted or off.";
    NodeEvictions => "node_evictions", "An autoscaler evicts the pods of a node only after it has tainted it.";
    NodeTermination => "node_termination", "An autoscaler asks for the termination of a node that it has tainted, after its pods are gone or the node is off.";
    PreStopOrder => "pre_stop_order", "A container that has a hook runs it once per stop, after the kill or for a restart by a probe, and before SIGTERM.";
    PreStopLength => "pre_stop_length", "A preStop sleep lasts as long as it says, and a hook is cut no earlier than at the grace period.";
    SigtermOrder => "sigterm_order", "SIGTERM goes once to a living container, after its preStop hook unless the operating system sends it, and only to kill the pod or for a restart by a probe.";
    SidecarTurn => "sidecar_turn", "A restartable init container gets SIGTERM after all main containers and all later ones have exited, unless grace is over.";
    SigkillOrder => "sigkill_order", "SIGKILL goes once to a living container that has had SIGTERM.";
    SigkillBeforeGraceEnded => "sigkill_before_grace_ended", "SIGKILL never comes before the grace period, counted from the kill, is over.";
    SigkillBeforeFloor => "sigkill_before_floor", "SIGKILL never comes less than 2 s after SIGTERM.";
    ContainerExit => "container_exit", "A running container exits once, after SIGTERM or because the scenario crashes it.";
    SandboxRemoved => "sandbox_removed", "A killed pod's sandbox is removed once, after all its containers have exited.";
    PodDeleted => "pod_deleted", "The object leaves the API after the sandbox, unless it never had a node, its node is lost or its grace period is zero.";
    PodGone => "pod_gone", "Nothing happens to a pod that is gone.";
    ServerTransition => "server_transition", "A server changes its state only as a process can.";
    Endpoint => "endpoint", "An endpoint's conditions follow from its pod's deletion and the Service's publishNotReadyAddresses.";

    CallTargets => "call_targets", "A call names targets that it changes, each once, and no more than the controller puts into one call.";
    TargetsQuota => "targets_quota", "An enforced quota of targets per target group is never exceeded.";
    LeaderOrder => "leader_order", "The controller's leader is lost and elected in turn.";
    Leaderless => "leaderless", "While nobody leads no reconcile starts, no call of the controller is accepted and no gate is patched.";
    GateNotInjected => "gate_not_injected", "A pod misses the gate its namespace asks for only while all replicas of the controller are gone.";
    ReadinessGate => "readiness_gate", "Each binding has one gate, and its condition changes whenever the trace says so.";
    OtherCall => "other_call", "A call for a further target group names targets that it changes, each once, and no more than fit into one call.";
    TargetTransition => "target_transition", "Described target health changes only as AWS documents it.";
    DeregistrationDelay => "deregistration_delay", "A target is draining for the whole deregistration delay.";
    NodeTransition => "node_transition", "An ALB node's view of a target changes, and only as checks and registrations change it.";
    NodeLearnsEarly => "node_learns_early", "An ALB node adds a target only after its registration was accepted.";
    NodeForgetsEarly => "node_forgets_early", "An ALB node drops a target only after its deregistration was accepted.";
    ProxiesUpdated => "proxies_updated", "The last kube-proxy acts once on each slice write, after it was made.";

    HpaLimits => "hpa_limits", "The HorizontalPodAutoscaler acts only if the scenario has one, and leaves replicas between its limits, or 0 where it found 0.";
    HpaRecommendation => "hpa_recommendation", "With the metrics of every pod the recommendation is usage over target times pods, rounded up, or no change within the tolerance.";
    HpaStabilization => "hpa_stabilization", "Replicas go no further than the recommendations of the stabilization window let them.";
    HpaChange => "hpa_change", "Each change of replicas by the HorizontalPodAutoscaler, and nothing else, begins a disruption of its kind.";
    TargetOverride => "target_override", "A target's override changes with every record, and says what a zonal shift does with cross-zone on or off.";
    DnsAnswer => "dns_answer", "DNS answers with some zones of the load balancer, in order, and with others than before.";
    DeadAlbNode => "dead_alb_node", "An ALB node dies once, changes no view after that, and requests sent to it then, and no others, have no answer.";
    Mitigation => "mitigation", "An ALB node cuts weights only if that is switched on, of a healthy target among enough of them, and restores what it has cut.";

    RequestNumber => "request_number", "Each request ends once; numbers follow the order of issue, without gaps if all requests are recorded.";
    RequestTime => "request_time", "A request is issued before the horizon, ends no earlier than issued, and is recorded when it ends.";
    RequestCause => "request_cause", "A request has a cause and a hop exactly if its status is not 200, and the cause's own status.";
    RequestFields => "request_fields", "A request's fields agree with its status and with the scenario.";
    SessionOverlap => "session_overlap", "A session issues nothing before its last answer.";
    ClientTimeout => "client_timeout", "No request lasts longer than its client waits.";
    RoutedAfterDeregistration => "routed_after_deregistration", "Nothing is routed to a target by an ALB node that has learned of its deregistration.";
    RoutedToUnknown => "routed_to_unknown", "Nothing is routed to a target by an ALB node that never knew it.";
    RoutedPastHealthy => "routed_past_healthy", "An ALB node fails open only if it knows fewer healthy targets than the minimum, and only to targets that may take traffic.";
    RoutedToShifted => "routed_to_shifted", "Nothing is routed to a target that a zonal shift leaves out.";
    StaleDns => "stale_dns", "A client knows only ALB nodes that DNS answered with within the TTL, or that it is connected to.";
    ForwardedAfterRemoval => "forwarded_after_removal", "No new connection goes to a pod once every kube-proxy has acted on its removal.";
    TurnedAway => "turned_away", "An ALB node answers 503 itself only if it knows no target that may take traffic.";

    TotalsSummary => "totals_summary", "The parts of a summary add up to one another.";
    TotalsRace => "totals_race", "A race window has all its parts, and its hops add up to the removal.";
    TotalsRequests => "totals_requests", "The summary counts the requests of the trace issued after the warm-up, by status, second and latency.";
    TotalsCauses => "totals_causes", "The summary counts the causes and hops of the trace.";
    TotalsInFlight => "totals_in_flight", "The summary counts the requests that end after the horizon.";
    TotalsTermination => "totals_termination", "The summary counts the deleted pods, their time and the SIGKILLs of the trace.";
    TotalsControlPlane => "totals_control_plane", "The summary counts the deregistrations of the trace, and its waits add up.";
    TotalsDisruptions => "totals_disruptions", "The summary lists the disruptions of the trace.";
}

/// What a violation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The run as a whole.
    Run,
    /// A pod.
    Pod(u32),
    /// A container of a pod.
    Container(u32, String),
    /// A Kubernetes node.
    Node(u32),
    /// A target.
    Target(u32),
    /// An ALB node and a target.
    NodeTarget(u32, u32),
    /// A request.
    Request(u64),
    /// The run's summary.
    Summary,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Run => f.write_str("run"),
            Subject::Pod(pod) => write!(f, "pod {pod}"),
            Subject::Container(pod, container) => write!(f, "pod {pod}, container {container}"),
            Subject::Node(node) => write!(f, "node {node}"),
            Subject::Target(target) => write!(f, "target {target}"),
            Subject::NodeTarget(alb_node, target) => write!(f, "ALB node {alb_node}, target {target}"),
            Subject::Request(request) => write!(f, "request {request}"),
            Subject::Summary => f.write_str("summary"),
        }
    }
}

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Instant of the record that broke it.
    pub at: SimTime,
    /// Whom it is about.
    pub subject: Subject,
    /// Which rule.
    pub rule: Rule,
    /// What was found.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: {}: {} ({})",
            self.at,
            self.subject,
            self.rule.name(),
            self.detail,
            self.rule.sentence()
        )
    }
}
