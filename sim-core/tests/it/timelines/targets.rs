//! The target group as each ALB node knows it: propagation, delay, fail open, zones (alb §2, §5).

use std::collections::BTreeMap;

use sim_core::dist::Dist;
use sim_core::outcome::{Cause, Hop};
use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::{Fact, NodeTargetState};

use super::Topic::{Health, Requests, Views};
use super::{Timeline, constants, even_requests, scale};
use crate::support::{constant, ms, secs};

/// The only pod is deleted at 10.07.
fn one_deletion() -> Scenario {
    let mut scenario = constants();
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario
}

#[test]
fn each_alb_node_stops_after_its_own_draw() {
    // alb §5.1: per ALB node a delay from 5 to 15 s after the accepted call at 275.
    let mut scenario = one_deletion();
    scenario.load_balancer.nodes_per_zone = 4;
    scenario.elbv2.deregister_propagation = Dist::Uniform {
        min: secs(5),
        max: secs(15),
    };
    let timeline = Timeline::of(&scenario);
    let accepted = timeline.first(|fact| matches!(fact, Fact::CallAccepted { .. }));
    assert_eq!(accepted, SimTime::from_secs(10) + ms(70 + 275));
    let learned: Vec<SimDuration> = timeline
        .all(|fact| {
            matches!(
                fact,
                Fact::NodeTarget {
                    state: NodeTargetState::Unknown,
                    ..
                }
            )
        })
        .map(|(at, _)| at - accepted)
        .collect();
    assert_eq!(learned.len(), 8);
    assert!(
        learned.iter().all(|lag| (secs(5)..=secs(15)).contains(lag)),
        "{learned:?}"
    );
    assert!(
        learned.windows(2).all(|pair| pair[0] < pair[1]),
        "eight draws, not one: {learned:?}"
    );
    let race = &timeline.summary.race;
    assert_eq!(race.propagation.max(), learned[7], "the last node ends the race");
    // alb §5 and design §2: removal is the sum of the hops: 135 until seen, 140 controller, propagation.
    assert_eq!(race.endpoints.max(), ms(135));
    assert_eq!(race.controller.max(), ms(140));
    assert_eq!(race.removal.max(), ms(275) + learned[7]);
    assert_eq!(race.served.max(), ms(27));
    assert_eq!(race.total.max(), ms(275 - 27) + learned[7]);
}

#[test]
fn every_refused_request_is_charged_to_the_hop_that_was_late() {
    // A request every ms. The server dies at 27 after the DELETE; the controller sees the slice at 135; the call is
    // accepted at 275; the ALB nodes know at 10.275. So 135 − 27, 275 − 135 and 10 000 requests.
    let mut scenario = one_deletion();
    scenario.app.sigterm = SigtermMode::DieNow;
    scenario.kubelet.sandbox_teardown = constant(secs(60));
    scenario.workload.open_loop = even_requests(1000, secs(9), secs(25));
    let timeline = Timeline::of(&scenario);
    let refused: BTreeMap<Hop, u64> = timeline
        .summary
        .causes
        .iter()
        .filter(|(cause, _, _)| *cause == Cause::RefusedProcessDead)
        .map(|(_, hop, count)| (hop, count))
        .collect();
    let expected = [
        (Hop::Endpoints, 108),
        (Hop::Controller, 140),
        (Hop::Propagation, 10_000),
    ];
    assert_eq!(refused, BTreeMap::from(expected));
}

#[test]
fn the_end_of_the_deregistration_delay_cuts_what_is_in_flight() {
    // alb §2.4: call accepted 10.345, delay 5 s: 15.345. In flight then: issued 10 to 15, service 30 s. 16 and 17
    // still come (the nodes know at 20.345) and nothing cuts them: the deaf server stays.
    let mut scenario = one_deletion();
    scenario.horizon = secs(90);
    scenario.pod.termination_grace_period = secs(90);
    scenario.app.sigterm = SigtermMode::Ignored;
    scenario.app.service_time = constant(secs(30));
    scenario.target_group.deregistration_delay = secs(5);
    scenario.workload.open_loop = even_requests(1, secs(9), ms(17_500));
    Timeline::of(&scenario).check(
        &[Health, Requests],
        "
        10.345s target 0 draining
        15.345s issued 10s to pod 0: 502 deregistration_delay_expired
        15.345s issued 11s to pod 0: 502 deregistration_delay_expired
        15.345s issued 12s to pod 0: 502 deregistration_delay_expired
        15.345s issued 13s to pod 0: 502 deregistration_delay_expired
        15.345s issued 14s to pod 0: 502 deregistration_delay_expired
        15.345s issued 15s to pod 0: 502 deregistration_delay_expired
        15.345s target 0 unused
        46s issued 16s to pod 0: 200
        47s issued 17s to pod 0: 200
        ",
    );
}

#[test]
fn a_delay_may_also_bound_the_propagation() {
    // alb §5.1, unknown and therefore a knob: call accepted 275 after the DELETE, + min(10 s, delay of 5 s).
    let mut scenario = one_deletion();
    scenario.target_group.deregistration_delay = secs(5);
    scenario.elbv2.propagation_bounded_by_delay = true;
    Timeline::of(&scenario).since_delete().check(
        &[Views],
        "
        5.275s ALB node 0: target 0 unknown
        5.275s ALB node 1: target 0 unknown
        ",
    );
}

#[test]
fn a_retry_after_a_failed_connect_hides_a_dead_target() {
    // alb §3.3, the knob's other side: of two targets in turn every second request meets the dead one: 89 requests from
    // 11.1 to 19.9, each ALB node half of its own, give or take one. The retry goes to the next in turn, which lives.
    let mut scenario = one_deletion();
    scenario.deployment.replicas = 2;
    scenario.disruptions = vec![scale(secs(10), 1)];
    scenario.app.sigterm = SigtermMode::DieNow;
    scenario.kubelet.sandbox_teardown = constant(secs(30));
    scenario.workload.open_loop = even_requests(10, secs(11), secs(20));
    for (retries, expected) in [(0, 43..=46), (1, 0..=0)] {
        scenario.elbv2.retry_on_connect_failure = retries;
        let timeline = Timeline::of(&scenario);
        let failed = timeline
            .requests()
            .filter(|request| request.elb_status_code == 502)
            .count();
        assert!(expected.contains(&failed), "{failed} with {retries} retries");
    }
}

/// A pod that is Ready (4.61) long before its server listens (14.07) is the first of the group.
fn early_registration() -> Scenario {
    let mut scenario = constants();
    scenario.deployment.replicas = 0;
    scenario.app.start_up = constant(secs(10));
    scenario.disruptions = vec![scale(secs(1), 1)];
    scenario.workload.open_loop = even_requests(1, secs(4), ms(16_500));
    scenario
}

#[test]
fn an_initial_target_takes_fail_open_traffic() {
    // Ready 4.61 + 35 slice + 100 + 50 + 30 + 200 = 5.025 registered; + 2 s the nodes know: checks at 7.025 (refused)
    // and 22.025. alb §2.3: empty group 503; then fail open to the initial target: 502 while it refuses (until
    // 14.07), then 200. One pass makes it healthy (alb §1.6).
    Timeline::of(&early_registration()).check(
        &[Health, Views, Requests],
        "
        5s issued 5s to nobody: 503 no_registered_target
        5.025s target 0 initial
        6s issued 6s to nobody: 503 no_registered_target
        7s issued 7s to nobody: 503 no_registered_target
        7.025s ALB node 0: target 0 initial
        7.025s ALB node 1: target 0 initial
        8s issued 8s to pod 0: 502 fail_open_not_ready
        9s issued 9s to pod 0: 502 fail_open_not_ready
        10s issued 10s to pod 0: 502 fail_open_not_ready
        11s issued 11s to pod 0: 502 fail_open_not_ready
        12s issued 12s to pod 0: 502 fail_open_not_ready
        13s issued 13s to pod 0: 502 fail_open_not_ready
        14s issued 14s to pod 0: 502 fail_open_not_ready
        15s issued 15s to pod 0: 200
        16s issued 16s to pod 0: 200
        22.025s ALB node 0: target 0 healthy
        22.025s ALB node 1: target 0 healthy
        22.025s target 0 healthy
        ",
    );
}

#[test]
fn without_fail_open_to_initial_targets_they_are_unusable() {
    // alb §2.3, the knob's other side: known (7.025) but not usable: 503 until healthy.
    let mut scenario = early_registration();
    scenario.elbv2.initial_in_fail_open = false;
    scenario.workload.open_loop = even_requests(1, secs(6), ms(8_500));
    Timeline::of(&scenario).check(
        &[Requests],
        "
        7s issued 7s to nobody: 503 no_registered_target
        8s issued 8s to nobody: 503 only_unusable_targets
        ",
    );
}

#[test]
fn with_cross_zone_off_an_empty_zone_answers_503() {
    // alb §2.2: the only pod is in zone 0, so is ALB node 0; what enters at node 1 finds no target.
    let mut scenario = constants();
    scenario.horizon = secs(10);
    scenario.target_group.cross_zone = false;
    scenario.workload.open_loop = even_requests(100, secs(0), secs(5));
    let timeline = Timeline::of(&scenario);
    let mut seen = [0; 2];
    for request in timeline.requests() {
        let expected = if request.alb_node == 0 {
            (200, Some(0))
        } else {
            (503, None)
        };
        assert_eq!((request.elb_status_code, request.target), expected);
        seen[request.alb_node as usize] += 1;
    }
    // Clients choose between two addresses: 499 requests, 4 standard deviations of 11.2 around the half.
    assert!(seen.iter().all(|count| (205..=294).contains(count)), "{seen:?}");
}
