//! What each fact says in a timeline, and who acted.

use sim_core::outcome::Cause;
use sim_core::trace::{
    Call, Fact, NodeChange, NodeTargetState, PreStopResult, RequestRecord, ServerState, ShutDownBy, TargetHealthState,
    TargetOverride,
};

use super::words::span;

/// Who acted, and what happened.
pub(super) type Said = (String, String);

fn said(actor: &str, text: impl Into<String>) -> Said {
    (actor.to_owned(), text.into())
}

/// A fact of the control plane; nothing for what other lines tell already.
pub(super) fn fact(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::DisruptionStarted { kind, .. } => said("disruption", format!("`{kind}` starts")),
        Fact::PodCreated { pod } => said("API server", format!("pod {pod} created")),
        Fact::PodScheduled { node, .. } => said("scheduler", format!("pod bound to Kubernetes node {node}")),
        Fact::ContainersStarted { .. } => said("kubelet", "containers started"),
        Fact::PodReady { ready, .. } => said("kubelet", if *ready { "pod Ready" } else { "pod no longer Ready" }),
        Fact::DeletionCommitted { pod, grace_period_s } => said(
            "API server",
            format!("deletion of pod {pod} committed, grace period {grace_period_s} s"),
        ),
        Fact::KillStarted { .. } => said("kubelet", "begins to stop the pod"),
        Fact::PodShutDown { by, grace_period_s, .. } => {
            let by = match by {
                ShutDownBy::NodeShutdown => "graceful node shutdown takes the pod down",
                ShutDownBy::OsShutdown => "the operating system takes the pod down, nobody tells the API",
                ShutDownBy::NodePressure => "hard eviction takes the pod down",
            };
            said("node", format!("{by}; {grace_period_s} s until SIGKILL"))
        }
        Fact::NodeChanged { node, change } => said("node", node_change(*node, *change)),
        Fact::PreStopStarted { container, .. } => said("kubelet", format!("preStop of `{container}` starts")),
        Fact::PreStopEnded { container, result, .. } => {
            let how = match result {
                PreStopResult::Completed => "ends",
                PreStopResult::Failed => "fails at once",
                PreStopResult::Cut => "is cut at the grace period",
            };
            said("kubelet", format!("preStop of `{container}` {how}"))
        }
        Fact::SigtermSent { container, .. } => said("kubelet", format!("SIGTERM to `{container}`")),
        Fact::SigkillSent { container, .. } => {
            said("kubelet", format!("SIGKILL to `{container}`: the grace period is over"))
        }
        Fact::ContainerExited { container, .. } => said("kubelet", format!("`{container}` exited")),
        Fact::SandboxRemoved { silent, .. } => {
            let meets = if *silent { "silence" } else { "ICMP host unreachable" };
            said(
                "kubelet",
                format!("sandbox torn down: packets to the pod IP meet {meets}"),
            )
        }
        Fact::PodDeleted { .. } => said("API server", "pod object gone"),
        Fact::AddressReused { successor, .. } => said(
            "VPC CNI",
            successor.map_or_else(
                || String::from("the pod IP goes to a pod of another workload"),
                |pod| format!("the pod IP goes to pod {pod}"),
            ),
        ),
        Fact::ServerChanged { state, .. } => said("server", server(*state)),
        Fact::EndpointWritten {
            present,
            ready,
            serving,
            ..
        } => said(
            "endpoints",
            match (present, ready, serving) {
                (false, ..) => "EndpointSlice written without the pod",
                (true, true, _) => "EndpointSlice written: the pod is ready",
                (true, false, true) => "EndpointSlice written: the pod is not ready, still serving",
                (true, false, false) => "EndpointSlice written: the pod is not ready",
            },
        ),
        Fact::ProxiesUpdated { .. } => said("kube-proxy", "the last node has acted on the EndpointSlice"),
        Fact::ReconcileStarted => said("controller", "saw the change and reconciles the target group"),
        Fact::ReadinessGate { passes, .. } => said(
            "controller",
            if *passes {
                "readiness gate True"
            } else {
                "readiness gate False"
            },
        ),
        Fact::GateNotInjected { .. } => said("controller", "the pod was created without its readiness gate"),
        Fact::LeaderLost => said("controller", "its leader is gone: nobody acts"),
        Fact::LeaderElected => said("controller", "a replica leads again"),
        Fact::DeregisteredOutOfBand { .. } => said("ELBv2", "somebody else deregistered the target"),
        Fact::CallDelayed { delay_ns, .. } => said(
            "controller",
            format!("the call below waited {} for the API's rate limit", span(*delay_ns)),
        ),
        Fact::CallAccepted { call, .. } => said(
            "ELBv2",
            match call {
                Call::RegisterTargets => "RegisterTargets accepted",
                Call::DeregisterTargets => "DeregisterTargets accepted",
            },
        ),
        Fact::TargetHealth { state, .. } => said("ELBv2", format!("target shown as `{}`", health(*state))),
        Fact::NodeTarget { alb_node, state, .. } => said(&format!("ALB node {alb_node}"), node_target(*state)),
        Fact::DnsAnswered { zones } => {
            let zones: Vec<String> = zones.iter().map(u32::to_string).collect();
            said(
                "DNS",
                format!("answers with the ALB nodes of zones {}", zones.join(", ")),
            )
        }
        Fact::AlbNodeDied { alb_node } => said(&format!("ALB node {alb_node}"), "died with its zone"),
        Fact::TargetOverridden { state, .. } => said(
            "ELBv2",
            match state {
                TargetOverride::NoOverride => "zonal shift over",
                TargetOverride::ZonalShiftActive => "zonal shift: no new traffic to the target",
                TargetOverride::ZonalShiftDelegatedToDns => "zonal shift: its zone leaves DNS",
            },
        ),
        Fact::TargetMitigated {
            alb_node, mitigated, ..
        } => said(
            &format!("ALB node {alb_node}"),
            if *mitigated {
                "cuts the target's weight"
            } else {
                "gives the target its weight back"
            },
        ),
        Fact::RunStarted { .. }
        | Fact::RunEnded { .. }
        | Fact::Request(_)
        | Fact::OtherReconcileStarted { .. }
        | Fact::OtherCallAccepted { .. }
        | Fact::HpaSynced { .. } => return None,
    })
}

const fn health(state: TargetHealthState) -> &'static str {
    match state {
        TargetHealthState::Unused => "unused",
        TargetHealthState::Initial => "initial",
        TargetHealthState::Healthy => "healthy",
        TargetHealthState::Unhealthy => "unhealthy",
        TargetHealthState::Draining => "draining",
    }
}

const fn node_target(state: NodeTargetState) -> &'static str {
    match state {
        NodeTargetState::Unknown => "stops choosing the target: it has learned of the deregistration",
        NodeTargetState::Initial => "learns of the target, and checks it first",
        NodeTargetState::Healthy => "chooses the target from now on",
        NodeTargetState::Unhealthy => "stops choosing the target: its health checks failed",
    }
}

const fn server(state: ServerState) -> &'static str {
    match state {
        ServerState::Serving => "serves",
        ServerState::Starting => "the container runs, but nothing listens yet",
        ServerState::DrainingOpen => "drains, and still serves new connections",
        ServerState::DrainingUnaccepted => "drains: new connections are no longer accepted",
        ServerState::DrainingClosed => "drains: listener closed, new connections are refused",
        ServerState::Restarting => "restarts by the preStop hook: listener closed",
        ServerState::Exited => "process exited: new connections are refused",
        ServerState::Removed => "pod IP gone",
        ServerState::Reused => "another pod answers at the pod IP",
        ServerState::Unreachable => "the node is gone: no packet is answered",
    }
}

fn node_change(node: u32, change: NodeChange) -> String {
    let what = match change {
        NodeChange::Launched => "launched",
        NodeChange::Joined => "joined, and is Ready",
        NodeChange::Cordoned => "cordoned",
        NodeChange::Tainted => "tainted by an autoscaler",
        NodeChange::EvictionsStarted => "its pods are being evicted",
        NodeChange::TerminationRequested => "an autoscaler asks EC2 to terminate the instance",
        NodeChange::Kept => "kept after all",
        NodeChange::Excluded => "labelled to stay out of load balancers",
        NodeChange::Ready => "Ready again",
        NodeChange::NotReady => "not Ready",
        NodeChange::Unknown => "Ready is Unknown: its lease has lapsed",
        NodeChange::InterruptionNoticed => "EC2 gives notice of a spot interruption",
        NodeChange::ShuttingDown => "its operating system shuts down",
        NodeChange::Terminated => "its instance is off: packets meet silence",
        NodeChange::Deleted => "Node object gone",
    };
    format!("Kubernetes node {node}: {what}")
}

/// The request's issue.
pub(super) fn issued(request: &RequestRecord, pod: Option<u32>) -> String {
    let client = request
        .session
        .map_or_else(String::new, |session| format!(" by session {session}"));
    let node = request.alb_node;
    if request.cause == Some(Cause::AlbNodeUnreachable) {
        return format!("request {} issued{client} to ALB node {node}", request.request);
    }
    let chooses = match (request.target, pod) {
        (None, _) => format!("ALB node {node} takes it and has no target to choose"),
        (Some(target), Some(pod)) if target != pod || request.pod.is_some() => {
            format!("ALB node {node} chooses Kubernetes node {target}, which forwards to pod {pod}")
        }
        (Some(target), None) => format!("ALB node {node} chooses Kubernetes node {target}"),
        (Some(target), Some(_)) => format!("ALB node {node} chooses pod {target}"),
    };
    let connection = if request.reused_connection {
        ", on a pooled connection"
    } else {
        ""
    };
    format!("request {} issued{client}: {chooses}{connection}", request.request)
}

/// The request's end.
pub(super) fn finished(request: &RequestRecord, cause: Cause) -> String {
    let met = met(cause);
    match request.elb_status_code {
        0 => format!("{met}: no answer at all for the client"),
        code => format!("{met}: {code} to the client"),
    }
}

/// What the request met in the end.
const fn met(cause: Cause) -> &'static str {
    match cause {
        Cause::RefusedListenerClosed
        | Cause::RefusedProcessDead
        | Cause::RefusedNotListening
        | Cause::RefusedServerRestart
        | Cause::RefusedByWrongPod => "connection refused",
        Cause::FailOpenNotReady => "not served",
        Cause::ResetInAcceptQueue => "connection reset before the server accepted it",
        Cause::ClosedInFlightAtSigterm
        | Cause::ClosedInFlightAtRestart
        | Cause::ClosedAtDrainTimeout
        | Cause::KilledInFlight
        | Cause::ClosedInFlightAtCrash => "connection closed with the request in flight",
        Cause::KeepAliveRace => "pooled connection closed by the server at that instant",
        Cause::DeregistrationDelayExpired => "deregistration delay over",
        Cause::CutWhenUnhealthy => "cut because the target turned unhealthy",
        Cause::IcmpUnreachable => "ICMP host unreachable",
        Cause::SilentPodIp | Cause::SilentNode => "no answer within the timeout",
        Cause::WrongPod => "answered by a pod of another workload",
        Cause::ResponseTimeout => "idle timeout without a response",
        Cause::BacklogOverflow => "no place in the accept queue within the connect timeout",
        Cause::NoRegisteredTarget => "no registered target",
        Cause::OnlyUnusableTargets => "no usable target",
        Cause::AlbNodeUnreachable => "the ALB node is gone",
        Cause::ClientGaveUp => "the client gives up",
        Cause::ApplicationError => "the application's own error",
        Cause::NoEndpointRejected => "rejected by kube-proxy",
        Cause::NoEndpointDropped => "dropped by kube-proxy",
    }
}
