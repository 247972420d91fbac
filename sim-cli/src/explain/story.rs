//! One story: the timeline of a request, the lengths of its hops, and who was late.

use std::fmt::Write as _;

use sim_core::outcome::Hop;
use sim_core::trace::{Call, Fact, NodeChange, NodeTargetState, RequestRecord, ServerState, TraceRecord};

use super::collect::Gathered;
use super::document::{Anchor, AnchorKind, Hops, Lateness, Remedy, RemedyStatus, Step, Story, StoryRequest};
use super::says;
use super::survey::{Choice, Survey};
use super::words::span;

/// Tells the story of what was collected; the remedy is still to come.
///
/// # Panics
///
/// If the second reading did not meet the request that the first one chose.
pub(crate) fn tell(gathered: &Gathered, survey: &Survey) -> Story {
    let choice = &gathered.choice;
    let request = gathered.request.as_ref().expect("both readings meet the same records");
    let cause = choice.cause;
    let hop_counts = survey.hop_counts(cause);
    let cause_count: u64 = hop_counts.values().sum();
    let times = Times::of(gathered, request);
    Story {
        cause,
        elb_status_code: cause.status().code(),
        cause_count,
        failures_ratio: sim_core::stats::ratio(cause_count, survey.failures_count()),
        explanation: cause.explanation().to_owned(),
        hop_counts,
        request: StoryRequest {
            request: request.request,
            chosen_as: choice.chosen_as.clone(),
            alb_node: request.alb_node,
            target: request.target,
            pod: choice.pod,
            kubernetes_node: choice.node,
            issued_ns: request.issued_ns,
            finished_ns: request.finished_ns,
            hop: request.hop.unwrap_or(Hop::None),
        },
        anchor: choice.anchor,
        timeline: timeline(gathered, request, &times),
        hops: (choice.anchor.kind == AnchorKind::PodDeleted).then(|| times.hops(choice)),
        late: late(choice, request, &times),
        remedy: Remedy {
            status: RemedyStatus::NoScenario,
            text: String::new(),
            before_cause_count: None,
            before_failures_count: None,
            trials: Vec::new(),
        },
    }
}

/// The instants that a story turns on.
#[derive(Debug, Default)]
struct Times {
    /// The pod stopped serving new connections, by the request's end.
    stopped_serving: Option<u64>,
    /// The pod serves, again or at last, after the request was issued.
    serves_again: Option<u64>,
    /// The slice was written without the pod as a ready endpoint, from the deletion on.
    written: Option<u64>,
    /// `DeregisterTargets` was accepted, and how long the call had waited.
    accepted: Option<(u64, u64)>,
    /// The request's ALB node stopped choosing the target, from the request on.
    stopped_choosing: Option<u64>,
    /// This ALB node learned of the deregistration.
    learned: Option<u64>,
    /// The last ALB node did.
    last_learned: Option<u64>,
    /// The last kube-proxy acted.
    proxies: Option<u64>,
}

impl Times {
    fn of(gathered: &Gathered, request: &RequestRecord) -> Self {
        let choice = &gathered.choice;
        let anchor = choice.anchor.at_ns;
        let mut times = Self::default();
        let mut waited = 0;
        // An endpoint that was not ready before the deletion needs no write after it.
        let mut is_ready = true;
        for TraceRecord { at_ns: at, fact } in &gathered.facts {
            let at = *at;
            match fact {
                Fact::ServerChanged { state, .. } => {
                    let accepts = matches!(state, ServerState::Serving | ServerState::DrainingOpen);
                    if accepts && at > request.issued_ns {
                        times.serves_again.get_or_insert(at);
                    } else if accepts {
                        times.stopped_serving = None;
                    } else if at <= request.finished_ns {
                        times.stopped_serving.get_or_insert(at);
                    }
                }
                Fact::EndpointWritten { ready, .. } => {
                    if !ready && at >= anchor {
                        times.written.get_or_insert(at);
                    } else if at < anchor {
                        is_ready = *ready;
                    }
                }
                Fact::CallDelayed { delay_ns, .. } => waited = *delay_ns,
                Fact::CallAccepted { call, .. } => {
                    if *call == Call::DeregisterTargets && (at >= anchor || !is_ready) {
                        times.accepted.get_or_insert((at, waited));
                    }
                    waited = 0;
                }
                Fact::NodeTarget { alb_node, state, .. } => {
                    let is_this = *alb_node == request.alb_node;
                    if is_this && *state != NodeTargetState::Healthy && at >= request.issued_ns {
                        times.stopped_choosing.get_or_insert(at);
                    }
                    if *state == NodeTargetState::Unknown && at >= anchor {
                        times.last_learned = Some(at);
                        if is_this {
                            times.learned = Some(at);
                        }
                    }
                }
                Fact::ProxiesUpdated { .. } if at >= anchor => {
                    times.proxies.get_or_insert(at);
                }
                _ => {}
            }
        }
        if !is_ready && choice.anchor.kind == AnchorKind::PodDeleted {
            times.written = Some(anchor);
        }
        if choice.by_kube_proxy {
            times.last_learned = times.proxies;
        }
        times
    }

    fn hops(&self, choice: &Choice) -> Hops {
        let deleted = choice.anchor.at_ns;
        let since = |from: u64, to: u64| to.max(deleted) - from.max(deleted).min(to.max(deleted));
        let removed = if choice.by_kube_proxy {
            self.proxies
        } else {
            self.learned
        };
        let mut hops = Hops {
            endpoints_ns: self.written.map(|written| since(deleted, written)),
            removal_ns: removed.map(|removed| since(deleted, removed)),
            last_removal_ns: self.last_learned.map(|learned| since(deleted, learned)),
            ..Hops::default()
        };
        if choice.by_kube_proxy {
            let acted = self.written.zip(self.proxies);
            hops.kube_proxy_ns = acted.map(|(written, proxies)| since(written, proxies));
            return hops;
        }
        if let (Some(written), Some((accepted, waited))) = (self.written, self.accepted) {
            let whole = since(written, accepted);
            let throttle = waited.min(whole);
            hops.api_throttle_ns = Some(throttle);
            hops.controller_ns = Some(whole - throttle);
        }
        let learned = self.accepted.zip(self.learned);
        hops.propagation_ns = learned.map(|((accepted, _), learned)| since(accepted, learned));
        hops
    }
}

/// The facts that matter between the anchor and the removal, and the request among them.
fn timeline(gathered: &Gathered, request: &RequestRecord, times: &Times) -> Vec<Step> {
    let choice = &gathered.choice;
    let anchor = choice.anchor;
    let start = anchor.at_ns.min(request.issued_ns);
    let removed = times
        .last_learned
        .into_iter()
        .chain(times.stopped_choosing)
        .chain(times.serves_again);
    let end = match anchor.kind {
        AnchorKind::RequestIssued => request.finished_ns,
        AnchorKind::PodCreated => times
            .serves_again
            .map_or(request.finished_ns, |at| at.max(request.finished_ns)),
        _ => removed.fold(request.finished_ns, u64::max),
    };
    let mut steps: Vec<(u64, says::Said, bool)> = Vec::new();
    for (index, record) in gathered.facts.iter().enumerate() {
        let at = record.at_ns;
        let leads_in = at < start && leads_in(&gathered.facts[index + 1..], record, start, choice);
        let within = (start..=end).contains(&at) && matters(gathered, index, times);
        if let (true, Some(said)) = (leads_in || within, says::fact(&record.fact)) {
            steps.push((at, said, false));
        }
    }
    let mut add = |at: u64, text: String| {
        // Behind what happened at the same instant: the control plane goes first.
        let position = steps.partition_point(|(other, ..)| *other <= at);
        steps.insert(position, (at, (String::from("request"), text), true));
    };
    add(request.issued_ns, says::issued(request, choice.pod));
    add(request.finished_ns, says::finished(request, choice.cause));
    let step = |(at_ns, (actor, text), is_request)| Step {
        at_ns,
        offset_ns: offset(at_ns, anchor),
        actor,
        text,
        is_request,
    };
    steps.into_iter().map(step).collect()
}

fn offset(at_ns: u64, anchor: Anchor) -> i64 {
    let signed = |ns: u64| i64::try_from(ns).expect("292 years are enough for a run");
    signed(at_ns) - signed(anchor.at_ns)
}

/// Whether a record before the story's start is the last word on something that the story needs.
fn leads_in(later: &[TraceRecord], record: &TraceRecord, start: u64, choice: &Choice) -> bool {
    let before = || later.iter().take_while(|later| later.at_ns < start);
    match &record.fact {
        // What had not reached its pod by then does not matter to a request.
        _ if choice.anchor.kind == AnchorKind::RequestIssued && choice.pod.is_some() => false,
        Fact::DisruptionStarted { .. } => !before().any(|later| matches!(later.fact, Fact::DisruptionStarted { .. })),
        Fact::LeaderLost => !before().any(|later| matches!(later.fact, Fact::LeaderElected)),
        // A node that is about to go says so beforehand.
        Fact::NodeChanged { change, .. } => choice.anchor.kind != AnchorKind::PodCreated && says_goodbye(*change),
        Fact::AlbNodeDied { .. } => true,
        _ => false,
    }
}

fn says_goodbye(change: NodeChange) -> bool {
    !matches!(
        change,
        NodeChange::Launched | NodeChange::Joined | NodeChange::Ready | NodeChange::Kept
    )
}

/// Whether a record within the story's time tells something that no other line does.
fn matters(gathered: &Gathered, index: usize, times: &Times) -> bool {
    let record = &gathered.facts[index];
    let choice = &gathered.choice;
    let is_new = choice.anchor.kind == AnchorKind::PodCreated;
    let beside = |is_it: fn(&Fact) -> bool| {
        let same = gathered.facts.iter().filter(|other| other.at_ns == record.at_ns);
        same.map(|other| &other.fact).any(is_it)
    };
    match &record.fact {
        Fact::ContainerExited { container, .. } if container == "app" => !beside(|fact| {
            matches!(
                fact,
                Fact::ServerChanged {
                    state: ServerState::Exited,
                    ..
                }
            )
        }),
        Fact::ServerChanged {
            state: ServerState::Removed,
            ..
        } => !beside(|fact| matches!(fact, Fact::SandboxRemoved { .. })),
        Fact::ServerChanged {
            state: ServerState::Reused,
            ..
        } => !beside(|fact| matches!(fact, Fact::AddressReused { .. })),
        Fact::PodDeleted { .. } => false,
        Fact::PodReady { .. } => is_new || choice.anchor.kind != AnchorKind::PodDeleted,
        // The first write takes the pod out; later ones repeat it.
        Fact::EndpointWritten { .. } => is_new || times.written.is_none_or(|written| record.at_ns <= written),
        Fact::ProxiesUpdated { .. } => is_new || times.proxies == Some(record.at_ns),
        Fact::TargetHealth { .. } => !beside(|fact| matches!(fact, Fact::CallAccepted { .. })),
        // Of the other ALB nodes only the last one to let go counts.
        Fact::NodeTarget { alb_node, state, .. } => {
            let is_last = *state == NodeTargetState::Unknown && times.last_learned == Some(record.at_ns);
            *alb_node == choice.alb_node || (is_last && times.learned != times.last_learned)
        }
        _ => true,
    }
}

/// Who should have acted earlier, and by how much.
fn late(choice: &Choice, request: &RequestRecord, times: &Times) -> Lateness {
    let hop = request.hop.unwrap_or(Hop::None);
    let hop_done_ns = match hop {
        Hop::None => None,
        Hop::HealthCheck => times.stopped_choosing,
        Hop::Endpoints => times.written,
        Hop::Controller | Hop::ApiThrottle => times.accepted.map(|(accepted, _)| accepted),
        Hop::Propagation => times.learned,
        Hop::Registration => times.serves_again,
        Hop::KubeProxy => times.proxies,
    };
    let (stopped_serving_ns, stopped_choosing_ns) = (times.stopped_serving, times.stopped_choosing);
    let stopped_choosing_ns = stopped_choosing_ns.filter(|_| !choice.by_kube_proxy);
    let late_ns = stopped_choosing_ns
        .zip(stopped_serving_ns)
        .and_then(|(choosing, serving)| choosing.checked_sub(serving));
    Lateness {
        hop,
        stopped_serving_ns,
        stopped_choosing_ns,
        late_ns,
        hop_done_ns,
        text: late_text(choice, request, hop, hop_done_ns, stopped_serving_ns, late_ns),
    }
}

fn late_text(
    choice: &Choice,
    request: &RequestRecord,
    hop: Hop,
    hop_done_ns: Option<u64>,
    stopped_serving_ns: Option<u64>,
    late_ns: Option<u64>,
) -> String {
    let who = match hop {
        Hop::None => return String::from("Nobody was late: this is no race between a pod and its removal."),
        Hop::HealthCheck => "nothing had announced the failure, and the health check had not noticed it",
        Hop::Endpoints => "the controller did not yet know from the EndpointSlice that the pod was leaving",
        Hop::Controller => "the AWS Load Balancer Controller had not called DeregisterTargets",
        Hop::ApiThrottle => "the controller waited for the rate limit of the ELBv2 API",
        Hop::Propagation => "DeregisterTargets was accepted, but this ALB node had not learned of it",
        Hop::Registration => "the target was registered before the pod served",
        Hop::KubeProxy => "the EndpointSlice was written, but kube-proxy still chose the pod",
    };
    let after = match hop_done_ns.map(|at| at.checked_sub(request.issued_ns)) {
        Some(Some(after)) => match hop {
            Hop::Registration => format!("; the pod served {} after the request", span(after)),
            Hop::Endpoints => format!("; the slice was written {} after the request", span(after)),
            _ => format!("; that was done {} after the request", span(after)),
        },
        Some(None) if hop == Hop::Endpoints => {
            let before = request.issued_ns - hop_done_ns.unwrap_or(request.issued_ns);
            format!(
                "; the slice was written {} before the request and still on its way",
                span(before)
            )
        }
        Some(None) => String::new(),
        None => String::from("; that had not happened when the trace ended"),
    };
    let mut text = format!("Late hop `{}`: {who}{after}.", hop.name());
    let node = request.alb_node;
    if let Some(late) = late_ns {
        let _ = write!(
            text,
            " ALB node {node} stopped choosing the target {} after the pod had stopped serving.",
            span(late)
        );
    } else if choice.by_kube_proxy
        && let (Some(serving), Some(done)) = (stopped_serving_ns, hop_done_ns)
        && let Some(late) = done.checked_sub(serving)
    {
        let _ = write!(
            text,
            " kube-proxy acted {} after the pod had stopped serving.",
            span(late)
        );
    }
    text
}
