//! Requests: one outcome each, its cause, and where it was routed.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::Log;
use super::ids::{Added, Ids};
use super::rule::{Rule, Subject};
use super::target::{Known, Targets};
use crate::outcome::{Cause, Status};
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};
use crate::trace::{NodeTargetState, RequestRecord, TraceLevel};

/// What is remembered of the requests of a trace.
#[derive(Debug)]
pub(super) struct Requests {
    level: TraceLevel,
    ids: Ids,
    kinds: BTreeSet<String>,
    /// When each session had its last answer.
    sessions: Vec<u64>,
}

/// The status with that code.
pub(super) fn status_of(code: u16) -> Option<Status> {
    Status::ALL.into_iter().find(|status| status.code() == code)
}

impl Requests {
    pub(super) fn new(scenario: &Scenario, level: TraceLevel) -> Self {
        let (sessions, open_loop) = (&scenario.workload.sessions, &scenario.workload.open_loop);
        let steps = sessions.iter().flat_map(|sessions| &sessions.steps);
        let kinds = steps
            .map(|step| step.request.clone())
            .chain(open_loop.iter().map(|open_loop| open_loop.request.clone()))
            .collect();
        let most = sessions.as_ref().map_or(0, |sessions| {
            sessions.count.max_before(SimTime::ZERO + scenario.horizon)
        });
        Self {
            level,
            ids: Ids::default(),
            kinds,
            sessions: vec![0; usize::try_from(most).expect("sessions fit in memory")],
        }
    }

    /// The lowest number missing below another, where all requests are recorded.
    pub(super) fn check_gap(&self, log: &mut Log) {
        let gap = self.ids.first_gap().filter(|_| self.level == TraceLevel::All);
        if let Some(gap) = gap {
            log.broken(Rule::RequestNumber, Subject::Request(gap), || {
                "it has no outcome".into()
            });
        }
    }

    pub(super) fn check(&mut self, request: &RequestRecord, scenario: &Scenario, targets: &Targets, log: &mut Log) {
        let subject = || Subject::Request(request.request);
        match self.ids.add(request.request, request.issued_ns) {
            Added::Fine => {}
            Added::Twice => log.broken(Rule::RequestNumber, subject(), || "a second outcome".into()),
            Added::OutOfOrder => log.broken(Rule::RequestNumber, subject(), || {
                format!("issued at {}, out of order", SimTime::from_ns(request.issued_ns))
            }),
        }
        let fine = request.issued_ns <= request.finished_ns
            && request.finished_ns == log.now
            && request.issued_ns < scenario.horizon.as_ns();
        log.check(fine, Rule::RequestTime, subject, || {
            format!(
                "issued at {}, finished at {}, horizon {}",
                SimTime::from_ns(request.issued_ns),
                SimTime::from_ns(request.finished_ns),
                scenario.horizon
            )
        });
        let lasted = request.finished_ns.saturating_sub(request.issued_ns);
        let timeout = match request.session {
            Some(_) => scenario
                .workload
                .sessions
                .as_ref()
                .and_then(|sessions| sessions.client_timeout),
            None => scenario
                .workload
                .open_loop
                .as_ref()
                .and_then(|open_loop| open_loop.client_timeout),
        };
        let patient = timeout.is_none_or(|timeout| lasted <= timeout.as_ns());
        log.check(patient, Rule::ClientTimeout, subject, || {
            format!("{}, client timeout {timeout:?}", SimDuration::from_ns(lasted))
        });
        check_cause(request, log);
        self.check_fields(request, lasted, scenario, log);
        self.check_session(request, log);
        if targets.tells_views() {
            check_routing(request, scenario, targets, log);
        }
    }

    fn check_fields(&self, request: &RequestRecord, lasted: u64, scenario: &Scenario, log: &mut Log) {
        let code = request.elb_status_code;
        let answered = status_of(code).is_some_and(Status::is_by_target);
        let by_alb = code == Status::ServiceUnavailable.code();
        let times = [
            request.request_processing_ns,
            request.target_processing_ns,
            request.response_processing_ns,
        ];
        let total = times.iter().flatten().fold(0u64, |sum, ns| sum.saturating_add(*ns));
        let sender = match request.session {
            Some(session) => (session as usize) < self.sessions.len(),
            None => scenario.workload.open_loop.is_some(),
        };
        let claims = [
            (
                "an ALB node of the load balancer",
                request.alb_node < scenario.alb_nodes_count(),
            ),
            ("a request kind of the scenario", self.kinds.contains(&request.kind)),
            ("a sender of the scenario", sender),
            (
                "a target unless the ALB itself answered 503",
                request.target.is_none() == by_alb,
            ),
            (
                "target_status_code if the target answered",
                request.target_status_code == answered.then_some(code),
            ),
            (
                "all three times if the target answered",
                !answered || times.iter().all(Option::is_some),
            ),
            (
                "response_processing_ns only if the target answered",
                answered || times[2].is_none(),
            ),
            (
                "target_processing_ns only after request_processing_ns",
                times[0].is_some() || times[1].is_none(),
            ),
            (
                "no times without a target",
                request.target.is_some() || times.iter().all(Option::is_none),
            ),
            ("times that fit into the request's", total <= lasted),
            (
                "a failure at this trace level",
                self.level == TraceLevel::All || code != Status::Ok.code(),
            ),
        ];
        for (claim, _) in claims.iter().filter(|(_, holds)| !holds) {
            log.broken(Rule::RequestFields, Subject::Request(request.request), || {
                format!("expected {claim}, found {request:?}")
            });
        }
    }

    fn check_session(&mut self, request: &RequestRecord, log: &mut Log) {
        let Some(session) = request.session else { return };
        let Some(answered_at) = self.sessions.get_mut(session as usize) else {
            return;
        };
        let before = *answered_at;
        log.check(
            request.issued_ns >= before,
            Rule::SessionOverlap,
            || Subject::Request(request.request),
            || {
                format!(
                    "session {session} issued it at {}, its last answer came at {}",
                    SimTime::from_ns(request.issued_ns),
                    SimTime::from_ns(before)
                )
            },
        );
        *answered_at = before.max(request.finished_ns);
    }
}

fn check_cause(request: &RequestRecord, log: &mut Log) {
    let code = request.elb_status_code;
    let failed = code != Status::Ok.code();
    let fine = status_of(code).is_some()
        && request.cause.is_some() == failed
        && request.hop.is_some() == failed
        && request.cause.is_none_or(|cause: Cause| cause.status().code() == code);
    log.check(
        fine,
        Rule::RequestCause,
        || Subject::Request(request.request),
        || format!("{code}, cause {:?}, hop {:?}", request.cause, request.hop),
    );
}

/// Judges the choice of the target by what the ALB node knew when the request was issued.
fn check_routing(request: &RequestRecord, scenario: &Scenario, targets: &Targets, log: &mut Log) {
    let subject = || Subject::Request(request.request);
    let choice = targets.choice(request.alb_node, request.issued_ns);
    let Some(target) = request.target else {
        let none = choice.healthy + choice.fallback == 0;
        log.check(none, Rule::TurnedAway, subject, || {
            format!("ALB node {} could choose from {choice:?}", request.alb_node)
        });
        return;
    };
    let known = targets.known(request.alb_node, target, request.issued_ns);
    let detail = || {
        format!(
            "target {target}, to ALB node {} {known} at {}",
            request.alb_node,
            SimTime::from_ns(request.issued_ns)
        )
    };
    match known {
        Known::Never => log.broken(Rule::RoutedToUnknown, subject(), detail),
        Known::Forgotten { .. } => log.broken(Rule::RoutedAfterDeregistration, subject(), detail),
        Known::As(NodeTargetState::Healthy) => {}
        Known::As(state) => {
            let may = state == NodeTargetState::Unhealthy || scenario.elbv2.initial_in_fail_open;
            log.check(may && choice.healthy == 0, Rule::RoutedPastHealthy, subject, || {
                format!("{}, which knew {} healthy", detail(), choice.healthy)
            });
        }
    }
}
