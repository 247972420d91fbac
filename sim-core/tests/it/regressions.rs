//! Wrong turns that the swarm found, each as the smallest scenario that took it.

use sim_core::dist::Dist;
use sim_core::outcome::Cause;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::app::{IdleOnDrain, ListenerOnDrain, ResponseOnDrain};
use sim_core::scenario::disruption::{Disruption, PodCrash, Scale};
use sim_core::scenario::hops::Consensus;
use sim_core::scenario::pod::Probe;
use sim_core::scenario::value::Limit;
use sim_core::scenario::workload::{Arrivals, OpenLoop, Profile, ProfileStep};
use sim_core::time::SimDuration;
use sim_core::trace::{Fact, NodeTargetState, ServerState, TargetHealthState, TraceLevel, TraceRecord};

use crate::support::{constant, instant, run_traced, run_with, secs};

fn scale(at: u64, replicas: u32) -> Disruption {
    Disruption {
        at: secs(at),
        scale: Some(Scale {
            replicas: Some(replicas),
            schedule: None,
        }),
        ..Disruption::default()
    }
}

fn crash(at: u64) -> Disruption {
    Disruption {
        at: secs(at),
        pod_crash: Some(PodCrash::default()),
        ..Disruption::default()
    }
}

/// One pod whose readiness follows its server within a second, in a cluster without latencies.
fn one_pod(disruptions: Vec<Disruption>) -> Scenario {
    let mut scenario = instant();
    scenario.horizon = secs(120);
    scenario.deployment.replicas = 1;
    scenario.pod.readiness_probe = Some(Probe {
        period: secs(1),
        failure_threshold: 1,
        ..Probe::default()
    });
    scenario.disruptions = disruptions;
    scenario
}

/// Instants, in whole seconds, of the facts that `select` takes.
fn seconds(trace: &[TraceRecord], select: impl Fn(&Fact) -> bool) -> Vec<u64> {
    trace
        .iter()
        .filter(|record| select(&record.fact))
        .map(|record| SimDuration::from_ns(record.at_ns).whole_secs())
        .collect()
}

#[test]
fn a_scale_down_that_meets_creations_on_their_way_comes_to_an_end() {
    let mut scenario = one_pod(vec![scale(10, 8), scale(11, 0)]);
    scenario.controller_manager.client_qps = 1;
    scenario.controller_manager.client_burst = 2;
    let (_, trace) = run_traced(&scenario);
    let created = seconds(&trace, |fact| matches!(fact, Fact::PodCreated { .. }));
    let deleted = seconds(&trace, |fact| matches!(fact, Fact::PodDeleted { .. }));
    assert_eq!(created.len(), deleted.len());
}

#[test]
fn a_removal_that_began_before_the_deletion_counts_from_the_deletion() {
    // Down at 10 s, out of the slice at once, propagation until about 16 s; deleted at 13 s.
    let mut scenario = one_pod(vec![crash(10), scale(13, 0)]);
    scenario.app.restart_delay = constant(secs(100));
    scenario.elbv2.deregister_propagation = constant(secs(5));
    let (summary, trace) = run_traced(&scenario);
    let forgotten = trace
        .iter()
        .rfind(|record| {
            matches!(
                record.fact,
                Fact::NodeTarget {
                    state: NodeTargetState::Unknown,
                    ..
                }
            )
        })
        .map(|record| SimDuration::from_ns(record.at_ns) - secs(13))
        .expect("the target was dropped");
    assert!(forgotten > secs(1), "{forgotten}");
    assert_eq!(summary.race.removal.iter().collect::<Vec<_>>(), [forgotten]);
    assert_eq!(summary.race.propagation.iter().collect::<Vec<_>>(), [forgotten]);
}

#[test]
fn a_second_deregistration_starts_its_own_delay() {
    let mut scenario = one_pod(vec![crash(10), crash(30)]);
    scenario.app.restart_delay = constant(secs(12));
    scenario.target_group.deregistration_delay = secs(30);
    let (_, trace) = run_traced(&scenario);
    let of_state = |wanted| {
        seconds(
            &trace,
            |fact| matches!(fact, Fact::TargetHealth { state, .. } if *state == wanted),
        )
    };
    let draining = of_state(TargetHealthState::Draining);
    assert_eq!(draining.len(), 2);
    assert!(draining[1] < draining[0] + 30, "{draining:?}");
    assert_eq!(
        of_state(TargetHealthState::Unused),
        [] as [u64; 0],
        "registered anew each time"
    );
}

#[test]
fn an_overtaken_registration_does_not_reach_an_alb_node() {
    // Registered, deregistered and registered again before the first registration has reached a node.
    let mut scenario = one_pod(vec![scale(5, 1), crash(10), crash(20)]);
    scenario.app.restart_delay = constant(secs(3));
    scenario.elbv2.register_propagation = constant(secs(20));
    let (_, trace) = run_traced(&scenario);
    let learned = |node| {
        seconds(
            &trace,
            |fact| matches!(fact, Fact::NodeTarget { alb_node, state: NodeTargetState::Initial, .. } if *alb_node == node),
        )
    };
    for node in 0..scenario.alb_nodes_count() {
        assert_eq!(learned(node).len(), 1, "ALB node {node}: {:?}", learned(node));
    }
}

#[test]
fn a_target_does_not_become_initial_again_while_it_is_registered() {
    let mut scenario = one_pod(vec![scale(0, 1)]);
    scenario.deployment.replicas = 0;
    scenario.cluster.zones = 2;
    scenario.pod.readiness_probe = None;
    scenario.app.start_up = constant(secs(9));
    scenario.elbv2.initial_pass_count = 10;
    scenario.elbv2.register_propagation = Dist::Uniform {
        min: SimDuration::ZERO,
        max: secs(5),
    };
    scenario.target_group.health_check.interval = secs(5);
    scenario.target_group.health_check.timeout = secs(2);
    for seed in 0..20 {
        let (_, trace) = run_with(&scenario, Seed(seed), 0, TraceLevel::All);
        let initial = seconds(&trace, |fact| {
            matches!(
                fact,
                Fact::TargetHealth {
                    state: TargetHealthState::Initial,
                    ..
                }
            )
        });
        assert_eq!(initial.len(), 1, "seed {seed}");
    }
}

#[test]
fn a_readiness_gate_that_turns_true_late_does_not_bring_a_pod_back() {
    let mut scenario = one_pod(vec![scale(10, 2), scale(12, 1)]);
    scenario.pod.readiness_gate = true;
    scenario.kubelet.gate_to_ready = constant(secs(10));
    scenario.load_balancer_controller.gate_poll = secs(1);
    scenario.kubelet.object_delete = constant(secs(60));
    let (_, trace) = run_traced(&scenario);
    let patched = seconds(&trace, |fact| {
        matches!(
            fact,
            Fact::TargetHealth {
                target: 1,
                state: TargetHealthState::Healthy
            }
        )
    });
    assert_eq!(patched, [10], "the gate is True before the deletion");
    let ready = seconds(&trace, |fact| matches!(fact, Fact::PodReady { pod: 1, .. }));
    assert_eq!(ready, [] as [u64; 0]);
}

#[test]
fn a_readiness_gate_does_not_overwrite_a_failure_that_came_after_it() {
    let mut scenario = one_pod(vec![scale(10, 2), crash(15)]);
    scenario.horizon = secs(100);
    scenario.pod.readiness_gate = true;
    scenario.kubelet.gate_to_ready = constant(secs(10));
    scenario.load_balancer_controller.gate_poll = secs(1);
    scenario.app.restart_delay = constant(secs(100));
    for seed in 0..10 {
        let (_, trace) = run_with(&scenario, Seed(seed), 0, TraceLevel::All);
        let crashed = seconds(&trace, |fact| {
            matches!(
                fact,
                Fact::ServerChanged {
                    pod: 1,
                    state: ServerState::Exited
                }
            )
        });
        let ready = seconds(&trace, |fact| matches!(fact, Fact::PodReady { pod: 1, ready: true }));
        assert_eq!(
            crashed.is_empty(),
            !ready.is_empty(),
            "seed {seed}: {crashed:?}, {ready:?}"
        );
    }
}

#[test]
fn a_crash_during_a_restart_waits_for_the_hook_that_runs() {
    // The startup probe fails at 3 s, the server listens at 10 s and crashes at 12 s, the hook runs until 23 s.
    let mut scenario = one_pod(vec![scale(0, 1), crash(12), scale(15, 0)]);
    scenario.deployment.replicas = 0;
    scenario.app.start_up = constant(secs(10));
    scenario.pod.pre_stop.sleep = Some(secs(20));
    scenario.pod.startup_probe = Some(Probe {
        period: secs(1),
        failure_threshold: 4,
        ..Probe::default()
    });
    let (_, trace) = run_traced(&scenario);
    let started = seconds(&trace, |fact| matches!(fact, Fact::PreStopStarted { .. }));
    let ended = seconds(&trace, |fact| matches!(fact, Fact::PreStopEnded { .. }));
    let removed = seconds(&trace, |fact| matches!(fact, Fact::SandboxRemoved { .. }));
    assert_eq!((started, ended, removed), (vec![3], vec![23], vec![23]));
}

#[test]
fn no_signal_goes_to_a_process_that_crashed_before_it_was_delivered() {
    // The startup probe fails at 3 s and SIGTERM is on its way until 13 s; the server listens at 10 s and crashes at
    // 12 s, which the kubelet notices at 17 s.
    let mut scenario = one_pod(vec![scale(0, 1), crash(12)]);
    scenario.deployment.replicas = 0;
    scenario.app.start_up = constant(secs(10));
    scenario.kubelet.sigterm_delivery = constant(secs(10));
    scenario.kubelet.exit_detect = constant(secs(5));
    scenario.pod.startup_probe = Some(Probe {
        period: secs(1),
        failure_threshold: 4,
        ..Probe::default()
    });
    let (_, trace) = run_traced(&scenario);
    let sent = seconds(&trace, |fact| matches!(fact, Fact::SigtermSent { .. }));
    assert!(!sent.contains(&13), "{sent:?}");
}

#[test]
fn a_container_that_is_never_live_restarts_once_per_probe_period() {
    // Its first probe fails at once; without any latency the next one comes with the next tick of the worker.
    let mut scenario = one_pod(vec![scale(0, 1)]);
    scenario.horizon = secs(59);
    scenario.deployment.replicas = 0;
    scenario.app.start_up = constant(secs(100));
    scenario.pod.liveness_probe = Some(Probe {
        period: secs(5),
        failure_threshold: 1,
        ..Probe::default()
    });
    let (_, trace) = run_traced(&scenario);
    let exits = seconds(&trace, |fact| matches!(fact, Fact::ContainerExited { .. }));
    assert_eq!(exits, (0..12).map(|tick| 5 * tick).collect::<Vec<_>>());
}

#[test]
fn an_exit_that_a_probe_noticed_first_restarts_the_container_once() {
    let mut scenario = one_pod(vec![crash(10)]);
    scenario.kubelet.exit_detect = constant(secs(5));
    scenario.pod.liveness_probe = Some(Probe {
        period: secs(1),
        failure_threshold: 1,
        ..Probe::default()
    });
    let (_, trace) = run_traced(&scenario);
    let starts = seconds(&trace, |fact| {
        matches!(
            fact,
            Fact::ServerChanged {
                state: ServerState::Starting,
                ..
            }
        )
    });
    assert_eq!(starts.len(), 1, "{starts:?}");
}

/// One pod that crashes at 10 s and is back about two seconds later, in a cluster with one uncertain latency.
fn flapping(uncertain: impl Fn(&mut Scenario) -> &mut Dist) -> Scenario {
    let mut scenario = one_pod(vec![crash(10)]);
    scenario.app.restart_delay = constant(secs(2));
    *uncertain(&mut scenario) = Dist::Uniform {
        min: SimDuration::ZERO,
        max: secs(8),
    };
    scenario
}

#[test]
fn watch_events_of_one_object_arrive_in_the_order_of_its_changes() {
    let of_pods: fn(&mut Scenario) -> &mut Dist = |scenario| &mut scenario.api_server.watch_latency;
    let of_slices: fn(&mut Scenario) -> &mut Dist = |scenario| &mut scenario.load_balancer_controller.watch_latency;
    for uncertain in [of_pods, of_slices] {
        let scenario = flapping(uncertain);
        for seed in 0..30 {
            let (_, trace) = run_with(&scenario, Seed(seed), 0, TraceLevel::All);
            let last = trace.iter().rev().find_map(|record| match record.fact {
                Fact::EndpointWritten { ready, .. } => Some(ready),
                _ => None,
            });
            assert_ne!(last, Some(false), "seed {seed}: the endpoint stays unready");
            let last = trace.iter().rev().find_map(|record| match record.fact {
                Fact::TargetHealth { state, .. } => Some(state),
                _ => None,
            });
            assert_eq!(
                last,
                Some(TargetHealthState::Healthy),
                "seed {seed}: the target does not come back"
            );
        }
    }
}

/// Two requests, at 5 s and 6 s, to one pod with one worker whose listener stays open, unaccepted, while it drains.
fn two_requests(disruptions: Vec<Disruption>) -> Scenario {
    let mut scenario = one_pod(disruptions);
    scenario.app.workers = Limit::At(1);
    scenario.app.listener_on_drain = ListenerOnDrain::OpenUnacceptedUntilExit;
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Steps(vec![
            ProfileStep { at: secs(0), value: 0 },
            ProfileStep { at: secs(4), value: 1 },
            ProfileStep { at: secs(7), value: 0 },
        ]),
        arrivals: Arrivals::Even,
        ..OpenLoop::default()
    });
    scenario
}

#[test]
fn a_client_gives_up_on_a_request_that_a_draining_server_will_never_read() {
    // The worker is busy until 9 s; the second request waits behind it when SIGTERM comes at 8 s. The process then
    // stays for the sake of the first one's idle connection.
    let mut scenario = two_requests(vec![scale(8, 0)]);
    scenario.app.service_time = constant(secs(4));
    scenario.app.idle_on_drain = IdleOnDrain::ServedKeep;
    scenario.app.response_on_drain = ResponseOnDrain::KeepAlive;
    scenario.app.waits_for_idle = true;
    scenario.workload.open_loop.as_mut().expect("set above").client_timeout = Some(secs(10));
    let (summary, trace) = run_traced(&scenario);
    let ends = seconds(&trace, |fact| matches!(fact, Fact::Request(_)));
    assert_eq!((ends, summary.causes.of(Cause::ClientGaveUp)), (vec![9, 16], 1));
}

#[test]
fn a_request_that_timed_out_in_the_queue_does_not_end_again_when_the_server_drains() {
    let mut scenario = two_requests(vec![scale(10, 0)]);
    scenario.app.service_time = constant(secs(10));
    scenario.load_balancer.idle_timeout = secs(2);
    let (summary, trace) = run_traced(&scenario);
    let ends = seconds(&trace, |fact| matches!(fact, Fact::Request(_)));
    assert_eq!((ends, summary.causes.of(Cause::ResponseTimeout)), (vec![7, 8], 2));
}

#[test]
fn a_node_that_starts_its_checks_anew_does_not_make_a_target_initial_again() {
    // Registered anew before any ALB node has learned of the deregistration: nodes start again one after another.
    let mut scenario = one_pod(vec![crash(10)]);
    scenario.app.restart_delay = constant(secs(3));
    scenario.elbv2.deregister_propagation = constant(secs(100));
    scenario.elbv2.register_propagation = Dist::Uniform {
        min: SimDuration::ZERO,
        max: secs(20),
    };
    scenario.elbv2.initial_pass_count = 2;
    for consensus in [Consensus::Any, Consensus::All] {
        scenario.elbv2.described_healthy_by = consensus;
        for seed in 0..30 {
            // The checker knows the rule.
            run_with(&scenario, Seed(seed), 0, TraceLevel::All);
        }
    }
}
