//! What the scenarios of the oracles are made of.

use sim_core::dist::Dist;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, PodCrash, Rollout, Scale};
use sim_core::scenario::workload::{Arrivals, OpenLoop, Profile, ProfileStep};
use sim_core::time::SimDuration;

pub(super) const fn secs(count: u64) -> SimDuration {
    SimDuration::from_secs(count)
}

pub(super) const fn ms(count: u64) -> SimDuration {
    SimDuration::from_millis(count)
}

pub(super) const fn constant(duration: SimDuration) -> Dist {
    Dist::Constant(duration)
}

/// Poisson arrivals.
pub(super) fn poisson(per_second: u64) -> OpenLoop {
    OpenLoop {
        rate: Profile::Constant(per_second),
        ..OpenLoop::default()
    }
}

/// Evenly spaced requests at `per_second`: the first one interval after `from`, none from `until` on.
pub(super) fn even(per_second: u64, from: SimDuration, until: SimDuration) -> OpenLoop {
    let step = |at, value| ProfileStep { at, value };
    let mut steps = vec![step(from, per_second), step(until, 0)];
    if !from.is_zero() {
        steps.insert(0, step(SimDuration::ZERO, 0));
    }
    OpenLoop {
        rate: Profile::Steps(steps),
        arrivals: Arrivals::Even,
        ..OpenLoop::default()
    }
}

pub(super) fn scale(at: SimDuration, replicas: u32) -> Disruption {
    Disruption {
        at,
        scale: Some(Scale {
            replicas: Some(replicas),
            schedule: None,
        }),
        ..Disruption::default()
    }
}

pub(super) fn rollout(at: SimDuration) -> Disruption {
    Disruption {
        at,
        rollout: Some(Rollout {}),
        ..Disruption::default()
    }
}

pub(super) fn crash(at: SimDuration, pods: u32) -> Disruption {
    Disruption {
        at,
        pod_crash: Some(PodCrash { pods }),
        ..Disruption::default()
    }
}

/// Lets every API client through at once, where its limits are not the point.
pub(super) fn unlimited_clients(scenario: &mut Scenario) {
    scenario.controller_manager.client_qps = 1_000_000;
    scenario.controller_manager.client_burst = 1_000_000;
}

/// Constant latencies, each a number of its own, so that a hop counted twice or left out shows in the sum.
///
/// Two zones with one Kubernetes node and one ALB node each, one replica, no probe, no traffic, no disruption.
///
/// ```text
/// scale +0 ─ 7 write + 11 watch ─ 7 write + 11 watch ─ 7 write = 43 DELETE                           (milliseconds)
///
/// DELETE +0 ┬ +11 watch +2 dispatch = 13 kill, hooks ─ +3 SIGTERM ─ +1 reaction ─ exit ─ +17 seen ─ +200 silent
///           │                                             silent ─ +40 terminal status; silent ─ +1000 object gone
///           └ +11 watch +5 sync +7 PUT = 23 slice ─ +100 watch ─ +50 +30 +60 = 263 DeregisterTargets accepted
///                                                            ─ +10 s every ALB node knows
///
/// created +0 ─ +3000 containers run ┬ +500 noticed +40 status = 3540 Ready ─ +23 slice
///                                   └ +2000 the server listens
/// ```
pub(super) fn hops() -> Scenario {
    let mut scenario = Scenario::instantaneous();
    scenario.horizon = secs(60);
    scenario.cluster.zones = 2;
    scenario.cluster.nodes = 2;
    scenario.deployment.replicas = 1;
    scenario.pod.readiness_probe = None;
    scenario.api_server.write_latency = constant(ms(7));
    scenario.api_server.watch_latency = constant(ms(11));
    scenario.endpoint_slice_controller.sync_time = constant(ms(5));
    let kubelet = &mut scenario.kubelet;
    kubelet.dispatch = constant(ms(2));
    kubelet.sigterm_delivery = constant(ms(3));
    kubelet.exit_detect = constant(ms(17));
    kubelet.sandbox_teardown = constant(ms(200));
    kubelet.status_patch = constant(ms(40));
    kubelet.object_delete = constant(ms(1000));
    kubelet.pod_start = constant(ms(3000));
    kubelet.start_detect = constant(ms(500));
    kubelet.gate_to_ready = constant(ms(80));
    let lbc = &mut scenario.load_balancer_controller;
    lbc.watch_latency = constant(ms(100));
    lbc.reconcile_time = constant(ms(50));
    lbc.describe_latency = constant(ms(70));
    lbc.checkpoint_patch = constant(ms(30));
    lbc.gate_patch = constant(ms(25));
    scenario.elbv2.deregister_latency = constant(ms(60));
    scenario.elbv2.register_latency = constant(ms(190));
    scenario.elbv2.deregister_propagation = constant(secs(10));
    scenario.elbv2.register_propagation = constant(secs(2));
    scenario.app.start_up = constant(secs(2));
    scenario.app.reaction_delay = constant(ms(1));
    scenario.app.restart_delay = constant(secs(1));
    scenario
}
