//! Automatic target weights (alb §8): every 5 s, at least three healthy targets, a minimum share, a ramp.
//!
//! Four pods; one crashes at 30 and is refused at once. Health checks would find it at 45 to 60. Each ALB node sets its
//! weights every 5 s from a phase of its own below 5 s.

use sim_core::outcome::Status;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, PodCrash};
use sim_core::scenario::elbv2::Algorithm;
use sim_core::scenario::health::Switch;
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::{Fact, NodeTargetState};

use super::{Timeline, constants, even_requests};
use crate::support::{constant, ms, secs};

fn one_of_four_crashes(mitigation: Switch, restart: SimDuration) -> Scenario {
    let mut scenario = constants();
    scenario.horizon = secs(150);
    scenario.deployment.replicas = 4;
    scenario.service.publish_not_ready_addresses = true;
    scenario.elbv2.deregister_propagation = constant(secs(600));
    scenario.app.restart_delay = constant(restart);
    scenario.target_group.algorithm = Algorithm::WeightedRandom;
    scenario.target_group.anomaly_mitigation = mitigation;
    scenario.workload.open_loop = even_requests(400, secs(1), secs(149));
    scenario.disruptions = vec![Disruption {
        at: secs(30),
        pod_crash: Some(PodCrash { pods: 1 }),
        ..Disruption::default()
    }];
    scenario
}

/// When each ALB node cut the weight and had it back.
fn mitigations(timeline: &Timeline) -> Vec<(u32, bool, SimTime)> {
    let facts = timeline.all(|fact| matches!(fact, Fact::TargetMitigated { .. }));
    let mut found: Vec<_> = facts
        .map(|(at, fact)| match fact {
            Fact::TargetMitigated {
                alb_node, mitigated, ..
            } => (*alb_node, *mitigated, at),
            _ => unreachable!("selected"),
        })
        .collect();
    found.sort_by_key(|(alb_node, _, at)| (*alb_node, *at));
    found
}

fn at_ms(milliseconds: u64) -> SimTime {
    SimTime::ZERO + ms(milliseconds)
}

#[test]
fn a_dead_target_is_cut_within_a_period_and_ramps_back_after_it() {
    // Refused from 30 to 30.03 + 20 + 2 = 52.03, while two checks in a row need 15 s and U: unhealthy only if the
    // second comes before 52.03; thresholds of 10 rule that out. Cut at the first tick after 30 with enough failures:
    // 200/s per node, 50/s to the target, so 0.1 s are enough for 5 requests: 30.1 to 35.1. Minimum share 0.05; ramp of
    // 20 s in four steps of 0.2375: the fourth tick after the last one with a failure has it back. That is the first
    // tick after 52.03, or the one before if the rest of that period brought the target no request: back 15 to 25 s
    // after 52.03, and a whole number of periods after the cut.
    let mut scenario = one_of_four_crashes(Switch::On, secs(20));
    scenario.target_group.health_check.unhealthy_threshold = 10;
    scenario.anomaly_detection.ramp = secs(20);
    let timeline = Timeline::of(&scenario);
    let found = mitigations(&timeline);
    assert_eq!(found.len(), 4, "{found:?}");
    for pair in found.chunks(2) {
        let [(cut_by, true, cut), (back_by, false, back)] = pair else {
            panic!("{found:?}");
        };
        assert_eq!(cut_by, back_by);
        assert!((at_ms(30_000)..at_ms(35_100)).contains(cut), "{cut}");
        assert!(
            (at_ms(52_030) + secs(15)..=at_ms(52_030) + secs(25)).contains(back),
            "{back}"
        );
        assert!(
            (*back - *cut).as_ns().is_multiple_of(secs(5).as_ns()),
            "{back} after {cut}"
        );
    }
    assert_eq!(timeline.summary.observations.mitigations, 2);
}

#[test]
fn weights_take_a_dead_target_out_before_health_checks_do() {
    // 200/s per ALB node. Without weights one in four is refused for U + 15 s, 15 to 30: 750 to 1500 per node. With
    // them one in four for at most 5.1 s (256) and 0.05 of 3.05 for at most 25 s (82), 4 standard errors above: 420.
    let lost = |mitigation| {
        let timeline = Timeline::of(&one_of_four_crashes(mitigation, secs(1_000)));
        let unhealthy =
            timeline.all(|fact| matches!(fact, Fact::NodeTarget { state, .. } if *state == NodeTargetState::Unhealthy));
        assert!(unhealthy.map(|(at, _)| at).all(|at| at >= at_ms(45_000)));
        let cuts = mitigations(&timeline);
        let before = cuts.iter().filter(|(_, cut, _)| *cut).map(|(_, _, at)| *at);
        assert!(before.clone().all(|at| at < at_ms(35_100)));
        assert_eq!(before.count(), if mitigation.is_on() { 2 } else { 0 });
        timeline.summary.status_counts[Status::BadGateway as usize]
    };
    let (without, with) = (lost(Switch::Off), lost(Switch::On));
    assert!((1_400..=3_200).contains(&without), "{without}");
    assert!(with <= 840, "{with}");
}

#[test]
fn with_fewer_than_three_healthy_targets_nothing_is_cut() {
    let mut scenario = one_of_four_crashes(Switch::On, secs(1_000));
    scenario.deployment.replicas = 2;
    assert_eq!(mitigations(&Timeline::of(&scenario)), []);
    scenario.deployment.replicas = 3;
    assert!(!mitigations(&Timeline::of(&scenario)).is_empty());
}

#[test]
fn without_a_failure_weights_change_nothing() {
    let mut scenario = one_of_four_crashes(Switch::Off, secs(1));
    scenario.disruptions.clear();
    let before = Timeline::of(&scenario).trace;
    scenario.target_group.anomaly_mitigation = Switch::On;
    assert_eq!(before, Timeline::of(&scenario).trace);
}
