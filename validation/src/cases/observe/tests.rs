//! A trace made up by hand, and a run whose latencies are constants.

use sim_core::dist::Dist;
use sim_core::outcome::{Hop, Status};
use sim_core::rng::Seed;
use sim_core::scenario::disruption::{Disruption, Scale};
use sim_core::scenario::value::Limit;
use sim_core::scenario::workload::{Arrivals, OpenLoop, Profile};
use sim_core::time::SimDuration;
use sim_core::trace::TraceLevel;
use sim_core::world;

use super::*;

const SECOND: u64 = 1_000_000_000;

fn plan(phase: Option<Phase>) -> Plan {
    Plan {
        document: "",
        assignments: Vec::new(),
        events_count: 1,
        must_hit: false,
        phase,
        hook_s: 0.0,
        hook_fails_health: false,
    }
}

/// A scenario with one event; nothing else of it matters to the observer.
fn scenario() -> Scenario {
    Scenario {
        disruptions: vec![Disruption::default()],
        ..Scenario::default()
    }
}

fn request(at_s: u64, status: Status, target: Option<u32>, cause: Cause) -> Fact {
    Fact::Request(RequestRecord {
        request: at_s,
        kind: String::from("request"),
        session: None,
        alb_node: 0,
        target,
        pod: None,
        issued_ns: at_s * SECOND,
        finished_ns: at_s * SECOND + 1,
        elb_status_code: status.code(),
        target_status_code: None,
        reused_connection: false,
        request_processing_ns: None,
        target_processing_ns: None,
        response_processing_ns: None,
        cause: Some(cause),
        hop: Some(Hop::Propagation),
    })
}

/// Two ALB nodes know target 0; it is deleted at 10 s and dies at once.
fn facts() -> Vec<(u64, Fact)> {
    let view = |alb_node, target, state| Fact::NodeTarget {
        alb_node,
        target,
        state,
    };
    let health = |target, state| Fact::TargetHealth { target, state };
    vec![
        (0, view(0, 0, NodeTargetState::Healthy)),
        (0, view(1, 0, NodeTargetState::Healthy)),
        // A failure before the event is none of its own.
        (5_000, request(5, Status::BadGateway, Some(0), Cause::KeepAliveRace)),
        (
            10_000,
            Fact::DisruptionStarted {
                disruption: 0,
                kind: String::from("rollout"),
            },
        ),
        (
            10_000,
            Fact::DeletionCommitted {
                pod: 0,
                grace_period_s: 30,
            },
        ),
        (
            10_100,
            Fact::ServerChanged {
                pod: 0,
                state: ServerState::Exited,
            },
        ),
        (
            10_400,
            Fact::CallAccepted {
                call: Call::DeregisterTargets,
                targets: vec![0],
            },
        ),
        (10_400, health(0, TargetHealthState::Draining)),
        (
            12_000,
            request(12, Status::BadGateway, Some(0), Cause::RefusedProcessDead),
        ),
        (
            13_000,
            Fact::CallAccepted {
                call: Call::RegisterTargets,
                targets: vec![1],
            },
        ),
        (14_500, view(0, 1, NodeTargetState::Initial)),
        (15_000, view(0, 1, NodeTargetState::Healthy)),
        (16_000, view(1, 1, NodeTargetState::Healthy)),
        (18_100, view(1, 0, NodeTargetState::Unhealthy)),
        (20_000, request(20, Status::GatewayTimeout, Some(0), Cause::SilentPodIp)),
        (20_400, view(0, 0, NodeTargetState::Unknown)),
        (24_400, view(1, 0, NodeTargetState::Unknown)),
        (
            26_000,
            request(26, Status::ServiceUnavailable, None, Cause::OnlyUnusableTargets),
        ),
        (40_400, Fact::RunEnded { requests_count: 60 }),
    ]
}

fn observed(phase: Option<Phase>) -> EventMeasures {
    let mut observer = Observer::new(&plan(phase), &scenario());
    for (at_ms, fact) in facts() {
        observer.record(TraceRecord {
            at_ns: at_ms * 1_000_000,
            fact,
        });
    }
    let mut summary = RunSummary::new(0, SimDuration::from_secs(60));
    for row in &mut summary.series {
        row.status_counts[Status::Ok as usize] = 2;
    }
    observer.finish(&summary)
}

#[track_caller]
fn check(found: &[f64], expected: &[f64]) {
    let equal = found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(left, right)| (left - right).abs() < 1e-9);
    assert!(equal, "{found:?} instead of {expected:?}");
}

#[test]
fn every_code_of_the_model_above_499_is_counted() {
    let codes: Vec<u16> = Status::ALL
        .iter()
        .filter(|status| status.is_five_xx())
        .map(|status| status.code())
        .collect();
    assert_eq!(codes, CODES);
}

#[test]
fn hops_are_measured_as_an_operator_does() {
    let measures = observed(None);
    // Accepted at 10.4 s, and the last ALB node lets go at 24.4 s.
    check(&measures.propagation_s, &[14.0]);
    // 0.4 s, which whoever looks once a second reads off as 1 s.
    check(&measures.controller_lag_s, &[1.0]);
    // Still draining at the end of the run.
    check(&measures.draining_s, &[30.0]);
    check(&measures.registration_s, &[2.0]);
    check(&measures.detection_s, &[8.0]);
    assert!(measures.hit);
}

#[test]
fn failures_are_counted_from_the_event_on() {
    let measures = observed(None);
    assert_eq!(measures.failures, [0, 1, 1, 1]);
    assert_eq!(measures.start_side, [0, 0, 1, 0]);
    // Seconds 10 to 59 with two requests each.
    assert_eq!((measures.run_requests_count, measures.requests_count), (120, 100));
    let window = measures.window.expect("some failed");
    check(&[window.length_s], &[14.0]);
    // Seconds 12 to 26.
    assert_eq!(window.requests_count, 30);
    // What went to the deleted pod: at 12 and at 20 s.
    check(&measures.pod_windows_s, &[8.0]);
}

#[test]
fn a_phase_has_its_own_failures() {
    let start = observed(Some(Phase::Start));
    assert_eq!(start.failures, [0, 0, 1, 0]);
    check(&[start.window.expect("one failed").length_s], &[0.0]);
    assert_eq!(observed(Some(Phase::Stop)).failures, [0, 1, 0, 1]);
}

#[test]
fn a_run_of_constants_gives_them_back() {
    // Nothing takes time but the propagation: 7 s, on every ALB node.
    let mut scenario = Scenario::instantaneous();
    scenario.horizon = SimDuration::from_secs(60);
    scenario.deployment.replicas = 2;
    scenario.elbv2.deregister_propagation = Dist::Constant(SimDuration::from_secs(7));
    scenario.app.keep_alive_timeout = Limit::At(SimDuration::ZERO);
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(10),
        arrivals: Arrivals::Even,
        ..OpenLoop::default()
    });
    scenario.disruptions = vec![Disruption {
        at: SimDuration::from_secs(20),
        scale: Some(Scale {
            replicas: Some(1),
            schedule: None,
        }),
        ..Disruption::default()
    }];
    scenario.validate().expect("a scenario");
    let mut observer = Observer::new(&plan(None), &scenario);
    let summary = world::run(&scenario, Seed(1), 0, TraceLevel::Failures, &mut observer);
    let measures = observer.finish(&summary);
    check(&measures.propagation_s, &[7.0]);
    // Every second request of 70 went to the dead pod.
    let failures: u64 = measures.failures.iter().sum();
    assert!((34..=36).contains(&failures), "{failures} failures");
    let window = measures.window.expect("they failed").length_s;
    assert!((6.6..=7.0).contains(&window), "{window} s");
    assert_eq!(measures.requests_count, 400);
}
