//! Closed-loop sessions: stickiness, and what happens after a failed request (alb §2.1, §2.4).

use std::collections::BTreeMap;

use sim_core::outcome::Cause;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::workload::{Profile, Sessions, Step};
use sim_core::trace::RequestRecord;

use super::{Timeline, constants, scale};
use crate::support::{constant, ms, secs};

const SECOND: u64 = 1_000_000_000;

fn thinking_sessions() -> Sessions {
    Sessions {
        count: Profile::Constant(20),
        steps: vec![Step {
            think: constant(secs(1)),
            ..Step::default()
        }],
        ..Sessions::default()
    }
}

/// Two pods, twenty sessions with a think time of 1 s, one pod deleted; requests by session.
fn by_session(sticky: bool) -> (BTreeMap<u32, Vec<RequestRecord>>, u32) {
    let mut scenario = constants();
    scenario.horizon = secs(40);
    scenario.deployment.replicas = 2;
    scenario.app.sigterm = SigtermMode::Ignored;
    scenario.target_group.stickiness.enabled = sticky;
    scenario.workload.sessions = Some(thinking_sessions());
    scenario.disruptions = vec![scale(secs(10), 1)];
    let timeline = Timeline::of(&scenario).in_order_of_deletion();
    let mut sessions: BTreeMap<u32, Vec<RequestRecord>> = BTreeMap::new();
    for request in timeline.requests() {
        sessions
            .entry(request.session.expect("a session"))
            .or_default()
            .push(request.clone());
    }
    let victim = 0;
    (sessions, victim)
}

#[test]
fn a_sticky_session_stays_until_its_alb_nodes_know_that_the_target_drains() {
    // alb §2.1: the cookie outranks the turn while its target is usable; both nodes know at 20.345.
    let (sessions, victim) = by_session(true);
    assert_eq!(sessions.len(), 20);
    let known_at = 20 * SECOND + 345_000_000;
    let mut moved = 0;
    for requests in sessions.values() {
        let first = requests[0].target;
        for request in requests {
            let expected = if request.issued_ns < known_at { first } else { Some(1) };
            assert_eq!(request.target, expected, "{request:?}");
        }
        moved += usize::from(first == Some(victim));
    }
    // Each node starts its turn at a place of its own, so that each pod has about half of the sessions.
    assert!((3..=17).contains(&moved), "{moved}");
}

#[test]
fn a_session_whose_request_is_cut_goes_on_from_there() {
    // A closed loop waits for its answer, whatever that is, and then thinks for 1 s.
    let mut scenario = constants();
    scenario.deployment.replicas = 2;
    scenario.app.sigterm = SigtermMode::DieNow;
    scenario.app.service_time = constant(secs(3));
    scenario.workload.sessions = Some(thinking_sessions());
    scenario.disruptions = vec![scale(secs(10), 1)];
    let timeline = Timeline::of(&scenario);
    let mut last: BTreeMap<u32, u64> = BTreeMap::new();
    let mut cut = 0;
    let mut requests: Vec<&RequestRecord> = timeline.requests().collect();
    requests.sort_by_key(|request| request.request);
    for request in requests {
        if let Some(finished) = last.insert(request.session.expect("a session"), request.finished_ns) {
            assert_eq!(request.issued_ns, finished + SECOND, "{request:?}");
        }
        cut += u32::from(request.cause == Some(Cause::ClosedInFlightAtSigterm));
    }
    assert!(cut > 0, "nothing was in flight");
}

#[test]
fn without_stickiness_a_session_goes_in_turn() {
    let (sessions, _) = by_session(false);
    let before = |request: &&RequestRecord| request.issued_ns < 20 * SECOND;
    for requests in sessions.values() {
        let to_first = requests
            .iter()
            .filter(before)
            .filter(|request| request.target == Some(0))
            .count();
        let all = requests.iter().filter(before).count();
        assert!(0 < to_first && to_first < all, "{to_first} of {all}");
    }
}

#[test]
fn a_session_without_think_time_cannot_stop_the_clock() {
    // alb §2.3: a 503 comes at once, and so does a refusal without round trips. From 20.345 on the group is empty; a
    // loop of no length at all would spin there forever.
    let mut scenario = constants();
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario.horizon = secs(21);
    scenario.app.service_time = constant(ms(100));
    scenario.kubelet.sandbox_teardown = constant(secs(60));
    scenario.workload.sessions = Some(Sessions {
        count: Profile::Constant(1),
        ..Sessions::default()
    });
    let timeline = Timeline::of(&scenario);
    let unavailable = timeline
        .requests()
        .filter(|request| request.elb_status_code == 503)
        .count();
    // One per ms of the client's round trip to the ALB.
    assert!((600..=655).contains(&unavailable), "{unavailable}");
}
