//! Each behaviour shown and broken by a trace typed by hand; milliseconds.

mod requests;
mod rollout;

use sim_core::outcome::{Cause, Hop};
use sim_core::trace::{Call, NodeTargetState, PreStopResult, RequestRecord, TargetHealthState};

use super::*;

const POD: u32 = 7;

fn app() -> String {
    "app".to_owned()
}

/// Occasions of `behaviour` in the trace, and those on which it was not shown.
fn seen(scenario: &Scenario, behaviour: Behaviour, facts: Vec<(u64, Fact)>) -> (u64, u64) {
    let mut watched = Conformance::new(scenario, SimDuration::ZERO);
    for (at_ms, fact) in facts {
        watched.record(TraceRecord {
            at_ns: SimDuration::from_millis(at_ms).as_ns(),
            fact,
        });
    }
    watched.finish().of(behaviour)
}

fn deletion(grace_period_s: u64) -> Vec<(u64, Fact)> {
    vec![
        (
            0,
            Fact::DeletionCommitted {
                pod: POD,
                grace_period_s,
            },
        ),
        (0, Fact::KillStarted { pod: POD }),
    ]
}

fn sigterm() -> Fact {
    Fact::SigtermSent {
        pod: POD,
        container: app(),
    }
}

fn sigkill() -> Fact {
    Fact::SigkillSent {
        pod: POD,
        container: app(),
    }
}

fn hook_ended(result: PreStopResult) -> Fact {
    Fact::PreStopEnded {
        pod: POD,
        container: app(),
        result,
    }
}

fn server(state: ServerState) -> Fact {
    Fact::ServerChanged { pod: POD, state }
}

fn call(call: Call) -> Fact {
    Fact::CallAccepted {
        call,
        targets: vec![POD],
    }
}

fn view(alb_node: u32, state: NodeTargetState) -> Fact {
    Fact::NodeTarget {
        alb_node,
        target: POD,
        state,
    }
}

fn described(state: TargetHealthState) -> Fact {
    Fact::TargetHealth { target: POD, state }
}

fn failed(cause: Cause, issued_ms: u64, finished_ms: u64) -> (u64, Fact) {
    let request = RequestRecord {
        request: 1,
        kind: "any".to_owned(),
        session: None,
        alb_node: 0,
        target: Some(POD),
        pod: None,
        issued_ns: SimDuration::from_millis(issued_ms).as_ns(),
        finished_ns: SimDuration::from_millis(finished_ms).as_ns(),
        elb_status_code: cause.status().code(),
        target_status_code: None,
        reused_connection: false,
        request_processing_ns: None,
        target_processing_ns: None,
        response_processing_ns: None,
        cause: Some(cause),
        hop: Some(Hop::Propagation),
    };
    (finished_ms, Fact::Request(request))
}

#[test]
fn a_hook_without_a_sigterm_is_found() {
    let trace = |last| [deletion(30), vec![(5_000, hook_ended(PreStopResult::Completed)), last]].concat();
    let behaviour = Behaviour::SigtermFollowsHook;
    assert_eq!(seen(&Scenario::default(), behaviour, trace((5_001, sigterm()))), (1, 0));
    let other = Fact::ReconcileStarted;
    assert_eq!(
        seen(&Scenario::default(), behaviour, trace((7_001, other.clone()))),
        (1, 1)
    );
    let early = vec![(1_000, sigterm()), (5_000, hook_ended(PreStopResult::Completed))];
    assert_eq!(
        seen(&Scenario::default(), behaviour, [deletion(30), early].concat()),
        (1, 1)
    );
    // The trace ended before it could come.
    assert_eq!(seen(&Scenario::default(), behaviour, trace((5_500, other))), (0, 0));
}

#[test]
fn sigkill_comes_when_the_grace_period_is_over() {
    let trace = |at| [deletion(5), vec![(10, sigterm()), (at, sigkill())]].concat();
    let mut scenario = Scenario::default();
    scenario.pod.termination_grace_period = SimDuration::from_secs(5);
    for (at, broken) in [(4_999, 1), (5_000, 0), (8_000, 0), (8_001, 1)] {
        assert_eq!(
            seen(&scenario, Behaviour::SigkillEndsGrace, trace(at)),
            (1, broken),
            "{at}"
        );
    }
}

#[test]
fn a_cut_hook_leaves_two_seconds() {
    let trace = |at| {
        let rest = vec![
            (30_000, hook_ended(PreStopResult::Cut)),
            (30_000, sigterm()),
            (at, sigkill()),
        ];
        [deletion(30), rest].concat()
    };
    for (at, broken) in [(31_999, 1), (32_000, 0), (33_001, 1)] {
        let found = seen(&Scenario::default(), Behaviour::SigkillFloor, trace(at));
        assert_eq!(found, (1, broken), "{at}");
    }
}

#[test]
fn a_sandbox_that_goes_while_its_server_serves_is_found() {
    let trace = |state| {
        let exited = Fact::ContainerExited {
            pod: POD,
            container: app(),
        };
        let gone = Fact::SandboxRemoved { pod: POD, silent: true };
        [deletion(30), vec![(1, server(state)), (2, exited), (3, gone)]].concat()
    };
    let behaviour = Behaviour::RefusesBeforeSilence;
    assert_eq!(
        seen(&Scenario::default(), behaviour, trace(ServerState::Exited)),
        (1, 0)
    );
    assert_eq!(
        seen(&Scenario::default(), behaviour, trace(ServerState::Serving)),
        (1, 1)
    );
}

#[test]
fn a_deregistration_before_its_endpoint_is_found() {
    let written = Fact::EndpointWritten {
        pod: POD,
        present: true,
        ready: false,
        serving: true,
        terminating: true,
    };
    let behaviour = Behaviour::DeregistrationFollowsEndpoint;
    let call = || call(Call::DeregisterTargets);
    assert_eq!(
        seen(&Scenario::default(), behaviour, vec![(1, written.clone()), (2, call())]),
        (1, 0)
    );
    assert_eq!(
        seen(&Scenario::default(), behaviour, vec![(1, call()), (2, written)]),
        (1, 1)
    );
}

#[test]
fn a_registration_before_a_deregistration_of_the_same_reconcile_is_found() {
    let (register, deregister) = (|| call(Call::RegisterTargets), || call(Call::DeregisterTargets));
    let behaviour = Behaviour::DeregisterBeforeRegister;
    let started = || (0, Fact::ReconcileStarted);
    let right = vec![started(), (1, deregister()), (2, register())];
    assert_eq!(seen(&Scenario::default(), behaviour, right), (1, 0));
    let wrong = vec![started(), (1, register()), (2, deregister())];
    assert_eq!(seen(&Scenario::default(), behaviour, wrong), (1, 1));
    // Two reconciles are two.
    let apart = vec![started(), (1, register()), started(), (2, deregister())];
    assert_eq!(seen(&Scenario::default(), behaviour, apart), (0, 0));
}

#[test]
fn draining_that_lasts_shorter_or_longer_than_the_delay_is_found() {
    let mut scenario = Scenario::default();
    scenario.target_group.deregistration_delay = SimDuration::from_secs(60);
    let trace = |unused_at| {
        vec![
            (0, call(Call::DeregisterTargets)),
            (0, described(TargetHealthState::Draining)),
            (unused_at, described(TargetHealthState::Unused)),
        ]
    };
    for (at, broken) in [(59_999, 1), (60_000, 0), (61_001, 1)] {
        let found = seen(&scenario, Behaviour::DrainingForTheDelay, trace(at));
        assert_eq!(found, (1, broken), "{at}");
    }
}

#[test]
fn alb_nodes_that_learn_at_once_are_found() {
    let trace = |second| {
        vec![
            (0, call(Call::DeregisterTargets)),
            (9_000, view(0, NodeTargetState::Unknown)),
            (second, view(1, NodeTargetState::Unknown)),
        ]
    };
    let behaviour = Behaviour::AlbNodesLearnApart;
    assert_eq!(seen(&Scenario::default(), behaviour, trace(9_001)), (1, 0));
    assert_eq!(seen(&Scenario::default(), behaviour, trace(9_000)), (1, 1));
}

#[test]
fn a_check_that_counts_one_failure_too_few_or_too_many_is_found() {
    // Interval 15 s, timeout 5 s, threshold 2: 15 to 35 s, and 5 s less for a check that was under way.
    let mut scenario = Scenario::default();
    let check = &mut scenario.target_group.health_check;
    (check.interval, check.timeout) = (SimDuration::from_secs(15), SimDuration::from_secs(5));
    check.unhealthy_threshold = 2;
    let trace = |at| {
        vec![
            (0, view(0, NodeTargetState::Healthy)),
            (1_000, server(ServerState::Exited)),
            (at, view(0, NodeTargetState::Unhealthy)),
        ]
    };
    for (at, broken) in [(10_999, 1), (11_000, 0), (36_000, 0), (36_001, 1)] {
        let found = seen(&scenario, Behaviour::UnhealthyAfterThreshold, trace(at));
        assert_eq!(found, (1, broken), "{at}");
    }
}

#[test]
fn a_dead_server_that_is_found_healthy_is_found() {
    let trace = |state| {
        vec![
            (0, view(0, NodeTargetState::Initial)),
            (0, server(state)),
            (60_000, view(0, NodeTargetState::Healthy)),
        ]
    };
    let behaviour = Behaviour::HealthyOnlyIfServed;
    assert_eq!(
        seen(&Scenario::default(), behaviour, trace(ServerState::Serving)),
        (1, 0)
    );
    assert_eq!(
        seen(&Scenario::default(), behaviour, trace(ServerState::Starting)),
        (1, 1)
    );
}

#[test]
fn a_pod_that_is_ready_before_its_target_is_found() {
    let mut scenario = Scenario::default();
    scenario.pod.readiness_gate = true;
    let start = || {
        let disruption = Fact::DisruptionStarted {
            disruption: 0,
            kind: "rollout".to_owned(),
        };
        vec![(0, disruption), (1, Fact::PodCreated { pod: POD })]
    };
    let ready = || Fact::PodReady { pod: POD, ready: true };
    let healthy = || described(TargetHealthState::Healthy);
    let behaviour = Behaviour::ReadyWaitsForTheTarget;
    let right = [start(), vec![(2, healthy()), (3, ready())]].concat();
    assert_eq!(seen(&scenario, behaviour, right), (1, 0));
    let wrong = [start(), vec![(2, ready()), (3, healthy())]].concat();
    assert_eq!(seen(&scenario, behaviour, wrong.clone()), (1, 1));
    scenario.pod.readiness_gate = false;
    assert_eq!(seen(&scenario, behaviour, wrong), (0, 0));
}
