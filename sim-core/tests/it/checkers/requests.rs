//! Ways to break the rules on requests and on the summary.

use sim_core::check::Rule;
use sim_core::outcome::{Cause, Hop, Status};
use sim_core::time::SimDuration;
use sim_core::trace::{Fact, NodeTargetState};

use super::Doctoring;
use super::case::Case;

/// Requests issued before this instant, ns, are in the trace but in no count.
const WARM_UP: u64 = 5_000_000_000;

/// Position of an answered request that counts.
fn answered(case: &Case) -> usize {
    case.find_request(|request| request.elb_status_code == 200 && request.issued_ns > WARM_UP)
}

fn failed(case: &Case) -> usize {
    case.find_request(|request| request.elb_status_code != 200 && request.issued_ns > WARM_UP)
}

/// Gives a request another target, where nothing else tells the two apart.
fn reroute(case: &mut Case, at: usize, target: u32) {
    case.request(at).target = Some(target);
}

/// A request that no ALB node could have refused: 503 in the trace and in the summary.
fn turn_away(case: &mut Case) {
    change_status(case, Status::ServiceUnavailable, Cause::NoRegisteredTarget, Hop::None);
}

/// Gives an answered request another outcome, without a target, in the trace and in the summary.
pub(super) fn change_status(case: &mut Case, status: Status, cause: Cause, hop: Hop) {
    let at = answered(case);
    let request = case.request(at);
    let second = usize::try_from(request.issued_ns / 1_000_000_000).expect("few seconds");
    request.elb_status_code = status.code();
    request.target = None;
    request.target_status_code = None;
    request.request_processing_ns = None;
    request.target_processing_ns = None;
    request.response_processing_ns = None;
    request.cause = Some(cause);
    request.hop = Some(hop);
    let summary = &mut case.summary;
    for (status, by) in [(Status::Ok, -1), (status, 1)] {
        let count = &mut summary.status_counts[status as usize];
        *count = count.checked_add_signed(by.into()).expect("counted");
        let count = &mut summary.series[second].status_counts[status as usize];
        *count = count.checked_add_signed(by).expect("counted");
    }
    summary.causes.add(cause, hop);
}

pub(super) const DOCTORINGS: &[Doctoring] = &[
    ("a number given twice", Rule::RequestNumber, |case| {
        let at = answered(case);
        case.request(at).request -= 1;
    }),
    ("a request without an outcome", Rule::RequestNumber, |case| {
        let at = case.find_request(|request| request.issued_ns < WARM_UP);
        case.trace.remove(at);
    }),
    ("numbers against the order of issue", Rule::RequestNumber, |case| {
        let one = answered(case);
        let id = case.request(one).request;
        let other = case.find_request(|request| request.request == id + 2);
        case.request(one).request = id + 2;
        case.request(other).request = id;
    }),
    ("recorded late", Rule::RequestTime, |case| {
        let at = answered(case);
        case.trace[at].at_ns += 1;
    }),
    ("issued at the horizon", Rule::RequestTime, |case| {
        let (horizon, by) = (case.scenario.horizon.as_ns(), 10_000_000);
        let at = case.find_request(|request| request.issued_ns == horizon - by);
        let request = case.request(at);
        let lasted = request.finished_ns - request.issued_ns;
        request.issued_ns = horizon;
        request.target_processing_ns = Some(lasted - by);
        case.summary.latency.unrecord(SimDuration::from_ns(lasted));
        case.summary.latency.record(SimDuration::from_ns(lasted - by));
    }),
    ("issued after it ended", Rule::RequestTime, |case| {
        let at = case.find_request(|request| request.issued_ns < WARM_UP && request.session.is_none());
        let request = case.request(at);
        request.issued_ns = request.finished_ns + 1;
        request.target_processing_ns = Some(0);
    }),
    ("a hop without a failure", Rule::RequestCause, |case| {
        let at = answered(case);
        case.request(at).hop = Some(Hop::None);
    }),
    ("another status's cause", Rule::RequestCause, |case| {
        let at = case.find_request(|request| request.elb_status_code == 500 && request.issued_ns < WARM_UP);
        case.request(at).cause = Some(Cause::KeepAliveRace);
    }),
    ("an unknown kind", Rule::RequestFields, |case| {
        let at = answered(case);
        case.request(at).kind = "another".into();
    }),
    ("an ALB node too many", Rule::RequestFields, |case| {
        case.scenario.cluster.zones = 1;
    }),
    ("a session too many", Rule::RequestFields, |case| {
        let at = case.find_request(|request| request.session.is_some());
        case.request(at).session = Some(99);
    }),
    ("no target status for an answer", Rule::RequestFields, |case| {
        let at = answered(case);
        case.request(at).target_status_code = None;
    }),
    ("a time that does not fit", Rule::RequestFields, |case| {
        let at = answered(case);
        *case.request(at).target_processing_ns.as_mut().expect("answered") += 1;
    }),
    ("a time without its predecessor", Rule::RequestFields, |case| {
        let at = answered(case);
        case.request(at).request_processing_ns = None;
    }),
    ("a session in two places", Rule::SessionOverlap, |case| {
        let found = case.trace.iter().enumerate().find_map(|(at, record)| {
            let Fact::Request(one) = &record.fact else { return None };
            let (session, until) = (one.session?, one.finished_ns);
            let next = case.trace[at + 1..].iter().position(|record| {
                matches!(&record.fact, Fact::Request(other) if other.session.is_none() && other.issued_ns < until)
            })?;
            Some((at + 1 + next, session))
        });
        let (at, session) = found.expect("some request overlaps one of a session");
        case.request(at).session = Some(session);
    }),
    ("longer than its client waits", Rule::ClientTimeout, |case| {
        let open_loop = case.scenario.workload.open_loop.as_mut().expect("it has one");
        open_loop.client_timeout = Some(SimDuration::from_millis(29));
    }),
    (
        "to a target that the node has forgotten",
        Rule::RoutedAfterDeregistration,
        |case| {
            let at = case.find_request(|request| request.issued_ns > 24_000_000_000);
            let victim = case.victim();
            reroute(case, at, victim);
        },
    ),
    (
        "in the very instant in which the node forgets",
        Rule::RoutedAfterDeregistration,
        |case| {
            let victim = case.victim();
            let forgets = case.find(|fact| {
            matches!(fact, Fact::NodeTarget { target, state: NodeTargetState::Unknown, .. } if *target == victim)
        });
            let instant = case.trace[forgets].at_ns;
            let at = case.find_request(|request| request.issued_ns == instant);
            reroute(case, at, victim);
        },
    ),
    ("to a target that is not there yet", Rule::RoutedToUnknown, |case| {
        let (at, newcomer) = (answered(case), case.newcomer());
        reroute(case, at, newcomer);
    }),
    (
        "to an initial target beside healthy ones",
        Rule::RoutedPastHealthy,
        |case| {
            let newcomer = case.newcomer();
            let learns = case.find(|fact| {
            matches!(fact, Fact::NodeTarget { target, state: NodeTargetState::Initial, .. } if *target == newcomer)
        });
            let instant = case.trace[learns].at_ns;
            let at = case.find_request(|request| request.issued_ns > instant);
            reroute(case, at, newcomer);
        },
    ),
    ("503 although a target is healthy", Rule::TurnedAway, turn_away),
    ("a latency too many", Rule::TotalsSummary, |case| {
        let mean = case.summary.latency.mean();
        case.summary.latency.record(mean);
    }),
    ("a race without its parts", Rule::TotalsRace, |case| {
        case.summary.race.total.push(SimDuration::ZERO);
    }),
    ("hops that do not add up", Rule::TotalsRace, |case| {
        let race = &mut case.summary.race;
        let propagation = race.propagation.iter().next().expect("one race");
        race.propagation = sim_core::stats::Samples::new();
        race.propagation.push(propagation + SimDuration::from_ns(1));
    }),
    ("a request too many at the end", Rule::TotalsRequests, |case| {
        if let Some(Fact::RunEnded { requests_count }) = case.trace.last_mut().map(|record| &mut record.fact) {
            *requests_count += 1;
        }
    }),
    ("a request in another second", Rule::TotalsRequests, |case| {
        case.summary.series[7].status_counts[0] += 1;
        case.summary.series[8].status_counts[0] -= 1;
    }),
    ("another hop", Rule::TotalsCauses, |case| {
        let at = failed(case);
        case.request(at).hop = Some(Hop::Endpoints);
    }),
    ("one more in flight", Rule::TotalsInFlight, |case| {
        case.summary.observations.in_flight_at_horizon += 1;
    }),
    ("one more pod", Rule::TotalsTermination, |case| {
        case.summary.termination.pods_count += 1;
    }),
    ("one more SIGKILL", Rule::TotalsTermination, |case| {
        case.summary.observations.sigkills += 1;
    }),
    ("a disruption less", Rule::TotalsDisruptions, |case| {
        case.summary.disruptions.pop();
    }),
];
