//! Measures one event of a run from its trace, as an operator would.

use std::collections::{BTreeMap, BTreeSet};

use sim_core::outcome::Cause;
use sim_core::scenario::Scenario;
use sim_core::scenario::elbv2::TargetType;
use sim_core::summary::RunSummary;
use sim_core::trace::{
    Call, Fact, NodeTargetState, RequestRecord, ServerState, TargetHealthState, TraceRecord, TraceSink,
};

use super::plan::{Phase, Plan};

/// Codes of failed requests, in the order of [`Tally`].
const CODES: [u16; 4] = [500, 502, 503, 504];

/// Failed requests by code: 500, 502, 503, 504.
pub type Tally = [u64; CODES.len()];

/// What one event gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventMeasures {
    /// Failed requests from the event on, by code.
    pub failures: Tally,
    /// Those because of pods that do not serve yet.
    pub start_side: Tally,
    /// Whether any of the service's pods was taken away.
    pub hit: bool,
    /// All requests of the run.
    pub run_requests_count: u64,
    /// Those from the event on.
    pub requests_count: u64,
    /// From the first to the last failed request, if any failed.
    pub window: Option<Window>,
    /// Per deleted pod that failed requests: first to last of them, seconds.
    pub pod_windows_s: Vec<f64>,
    /// Per deregistration: accepted to the last ALB node that stops choosing the target, seconds.
    pub propagation_s: Vec<f64>,
    /// Per deletion: to `draining`, as whoever looks once a second reads it off.
    pub controller_lag_s: Vec<f64>,
    /// Per deregistration: `draining` to `unused` or the run's end, seconds.
    pub draining_s: Vec<f64>,
    /// Per registration: accepted to the first ALB node that chooses the target, seconds.
    pub registration_s: Vec<f64>,
    /// Per server and ALB node: the check fails to `unhealthy`, seconds.
    pub detection_s: Vec<f64>,
}

/// From the first to the last failed request of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Its length, seconds.
    pub length_s: f64,
    /// Failed requests in it, by code.
    pub failures: Tally,
    /// All requests issued in the seconds that it touches.
    pub requests_count: u64,
}

/// A failed request.
#[derive(Debug, Clone, Copy)]
struct Failure {
    issued_ns: u64,
    code: usize,
    phase: Phase,
    pod: Option<u32>,
}

#[derive(Debug, Default)]
struct Pod {
    deleted_ns: Option<u64>,
    lag_read: bool,
    /// Since when its health check fails.
    failing_ns: Option<u64>,
}

#[derive(Debug, Default)]
struct Target {
    deregistered_ns: Option<u64>,
    draining_ns: Option<u64>,
    registered_ns: Option<u64>,
    /// ALB nodes that know it.
    known_to: BTreeSet<u32>,
}

/// Takes the records of one run.
#[derive(Debug)]
pub struct Observer {
    counts_phase: Option<Phase>,
    hook_fails_health: bool,
    /// Whether the run has an event at all, and when it began.
    waits_for_event: bool,
    event_ns: u64,
    has_begun: bool,
    targets_are_pods: bool,
    pods: BTreeMap<u32, Pod>,
    targets: BTreeMap<u32, Target>,
    failures: Vec<Failure>,
    measures: EventMeasures,
    end_ns: u64,
}

impl Observer {
    /// For a run of that plan, resolved to `scenario`.
    pub fn new(plan: &Plan, scenario: &Scenario) -> Self {
        let has_event = !scenario.disruptions.is_empty();
        Self {
            counts_phase: plan.phase,
            hook_fails_health: plan.hook_fails_health,
            waits_for_event: has_event,
            event_ns: 0,
            has_begun: !has_event,
            targets_are_pods: scenario.target_group.target_type == TargetType::Ip,
            pods: BTreeMap::new(),
            targets: BTreeMap::new(),
            failures: Vec::new(),
            measures: EventMeasures::default(),
            end_ns: 0,
        }
    }

    fn accepted(&mut self, at_ns: u64, call: Call, targets: &[u32]) {
        for id in targets {
            let target = self.targets.entry(*id).or_default();
            if call == Call::RegisterTargets {
                target.registered_ns = Some(at_ns);
                continue;
            }
            // Where no ALB node knows it, there is nothing to learn.
            target.deregistered_ns = (!target.known_to.is_empty()).then_some(at_ns);
            if !self.targets_are_pods {
                continue;
            }
            let pod = self.pods.entry(*id).or_default();
            if let Some(deleted) = pod.deleted_ns
                && !std::mem::replace(&mut pod.lag_read, true)
            {
                self.measures.controller_lag_s.push(seconds(at_ns - deleted).ceil());
            }
        }
    }

    fn view_changed(&mut self, at_ns: u64, alb_node: u32, id: u32, state: NodeTargetState) {
        let target = self.targets.entry(id).or_default();
        if state != NodeTargetState::Unknown {
            target.known_to.insert(alb_node);
        }
        match state {
            NodeTargetState::Unknown => {
                target.known_to.remove(&alb_node);
                if target.known_to.is_empty()
                    && let Some(accepted) = target.deregistered_ns.take()
                {
                    self.measures.propagation_s.push(seconds(at_ns - accepted));
                }
            }
            NodeTargetState::Healthy => {
                if let Some(accepted) = target.registered_ns.take() {
                    self.measures.registration_s.push(seconds(at_ns - accepted));
                }
            }
            NodeTargetState::Unhealthy if self.targets_are_pods => {
                if let Some(since) = self.pods.get(&id).and_then(|pod| pod.failing_ns) {
                    self.measures.detection_s.push(seconds(at_ns - since));
                }
            }
            NodeTargetState::Unhealthy | NodeTargetState::Initial => {}
        }
    }

    fn server_changed(&mut self, at_ns: u64, id: u32, state: ServerState) {
        let pod = self.pods.entry(id).or_default();
        if matches!(state, ServerState::Serving | ServerState::DrainingOpen) {
            pod.failing_ns = None;
        } else {
            pod.failing_ns.get_or_insert(at_ns);
        }
    }

    fn described(&mut self, at_ns: u64, id: u32, state: TargetHealthState) {
        let target = self.targets.entry(id).or_default();
        match state {
            TargetHealthState::Draining => target.draining_ns = Some(at_ns),
            _ => {
                if let Some(since) = target.draining_ns.take() {
                    self.measures.draining_s.push(seconds(at_ns - since));
                }
            }
        }
    }

    fn request(&mut self, request: &RequestRecord) {
        let Some(code) = CODES.iter().position(|code| *code == request.elb_status_code) else {
            return;
        };
        // What was in flight when the event began is cut by it.
        if !self.has_begun || request.finished_ns < self.event_ns {
            return;
        }
        let pod = request.pod.or(request.target);
        let deleted = pod.and_then(|pod| self.pods.get(&pod)?.deleted_ns);
        let phase = match request.cause {
            Some(
                Cause::RefusedNotListening
                | Cause::FailOpenNotReady
                | Cause::NoRegisteredTarget
                | Cause::OnlyUnusableTargets,
            ) => Phase::Start,
            _ => Phase::Stop,
        };
        self.failures.push(Failure {
            issued_ns: request.issued_ns.max(self.event_ns),
            code,
            phase,
            pod: pod.filter(|_| deleted.is_some_and(|deleted| deleted <= request.issued_ns)),
        });
    }

    /// What the event gave; `summary` is that of the same run.
    pub fn finish(mut self, summary: &RunSummary) -> EventMeasures {
        for target in self.targets.values() {
            if let Some(since) = target.draining_ns {
                self.measures.draining_s.push(seconds(self.end_ns - since));
            }
        }
        self.measures.hit = self.pods.values().any(|pod| pod.deleted_ns.is_some());
        let counted = self.counts_phase;
        self.failures
            .retain(|failure| counted.is_none_or(|phase| failure.phase == phase));
        let mut pods: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for failure in &self.failures {
            self.measures.failures[failure.code] += 1;
            if failure.phase == Phase::Start {
                self.measures.start_side[failure.code] += 1;
            }
            if let Some(pod) = failure.pod {
                let window = pods.entry(pod).or_insert((failure.issued_ns, failure.issued_ns));
                *window = (window.0.min(failure.issued_ns), window.1.max(failure.issued_ns));
            }
        }
        self.measures.pod_windows_s = pods.values().map(|(first, last)| seconds(last - first)).collect();
        self.measures.run_requests_count = requests_between(summary, 0, u64::MAX);
        self.measures.requests_count = requests_between(summary, self.event_ns, u64::MAX);
        let first = self.failures.iter().map(|failure| failure.issued_ns).min();
        let last = self.failures.iter().map(|failure| failure.issued_ns).max();
        self.measures.window = first.zip(last).map(|(first, last)| Window {
            length_s: seconds(last - first),
            failures: self.measures.failures,
            requests_count: requests_between(summary, first, last),
        });
        self.measures
    }
}

impl TraceSink for Observer {
    fn record(&mut self, record: TraceRecord) {
        let at_ns = record.at_ns;
        self.end_ns = self.end_ns.max(at_ns);
        match &record.fact {
            Fact::DisruptionStarted { .. } if self.waits_for_event && !self.has_begun => {
                self.event_ns = at_ns;
                self.has_begun = true;
            }
            Fact::DeletionCommitted { pod, .. } | Fact::PodShutDown { pod, .. } => {
                _ = self.pods.entry(*pod).or_default().deleted_ns.get_or_insert(at_ns);
            }
            Fact::PreStopStarted { pod, .. } if self.hook_fails_health => {
                _ = self.pods.entry(*pod).or_default().failing_ns.get_or_insert(at_ns);
            }
            Fact::ServerChanged { pod, state } => self.server_changed(at_ns, *pod, *state),
            Fact::CallAccepted { call, targets } => self.accepted(at_ns, *call, targets),
            Fact::DeregisteredOutOfBand { targets } => self.accepted(at_ns, Call::DeregisterTargets, targets),
            Fact::NodeTarget {
                alb_node,
                target,
                state,
            } => self.view_changed(at_ns, *alb_node, *target, *state),
            Fact::TargetHealth { target, state } => self.described(at_ns, *target, *state),
            Fact::Request(request) => self.request(request),
            _ => {}
        }
    }
}

/// Requests issued in the seconds of a run that the two instants and what is between them touch.
fn requests_between(summary: &RunSummary, from_ns: u64, to_ns: u64) -> u64 {
    let second = |ns: u64| usize::try_from(ns / 1_000_000_000).unwrap_or(usize::MAX);
    let rows = summary.series.iter().enumerate();
    rows.filter(|(index, _)| (second(from_ns)..=second(to_ns)).contains(index))
        .map(|(_, row)| row.status_counts.iter().map(|count| u64::from(*count)).sum::<u64>())
        .sum()
}

/// Nanoseconds of a run as seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "runs are far shorter than 2^53 ns, which are 104 days"
)]
fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

#[cfg(test)]
mod tests;
