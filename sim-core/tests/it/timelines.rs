//! Timelines worked out by hand: with constant latencies every instant of a trace is a sum that a reader can check.
//!
//! Each test's comment adds up the hops and names the section of the fact sheets that says so; the expected text is
//! typed from that sum, never copied from a run, and so there is nothing that would rewrite it.
//!
//! ```text
//! DELETE +0 ┬ +20 watch +2 dispatch = 22 kill, hooks ─ +4 SIGTERM ─ +1 server reacts ─ exit ─ +30 seen ─ +200 silent
//!           │                                            silent ─ +40 terminal status; silent ─ +1000 object gone
//!           └ +20 watch +5 sync +10 PUT = 35 slice ─ +100 reconcile ─ +50 +30 +60 = 275 DeregisterTargets accepted
//!                                                             ─ +10 s every ALB node knows            (milliseconds)
//! ```

mod addresses;
mod cluster_autoscaler;
mod connections;
mod controller;
mod deployments;
mod endpoints;
mod gates;
mod health_checks;
mod hooks;
mod hpa;
mod hpa_load;
mod karpenter;
mod karpenter_budgets;
mod kept_connections;
mod leader;
mod node_drains;
mod node_groups;
mod node_losses;
mod node_shutdown;
mod node_targets;
mod pinned_connections;
mod probes;
mod scheduling;
mod server_shutdown;
mod sessions;
mod show;
mod sidecars;
mod spot;
mod target_groups;
mod targets;
mod termination;
mod thresholds;
mod throttling;
mod victims;
mod weights;
mod zones;

use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, Rollout, Scale};
use sim_core::scenario::workload::{Arrivals, OpenLoop, Profile, ProfileStep};
use sim_core::time::SimDuration;

use crate::support::{constant, instant, ms, secs};

pub(crate) use show::{Timeline, Topic};

/// Constant latencies, each a number of its own, so that a hop counted twice or left out shows in the sum.
///
/// Two zones with one Kubernetes node and one ALB node each, one replica, no probe, no traffic, no disruption.
pub(crate) fn constants() -> Scenario {
    let mut scenario = instant();
    scenario.horizon = secs(60);
    scenario.cluster.zones = 2;
    scenario.cluster.nodes = 2;
    scenario.deployment.replicas = 1;
    scenario.pod.readiness_probe = None;
    scenario.api_server.write_latency = constant(ms(10));
    scenario.api_server.watch_latency = constant(ms(20));
    scenario.endpoint_slice_controller.sync_time = constant(ms(5));
    let kubelet = &mut scenario.kubelet;
    kubelet.dispatch = constant(ms(2));
    kubelet.sigterm_delivery = constant(ms(4));
    kubelet.exit_detect = constant(ms(30));
    kubelet.sandbox_teardown = constant(ms(200));
    kubelet.status_patch = constant(ms(40));
    kubelet.object_delete = constant(ms(1000));
    kubelet.pod_start = constant(ms(3000));
    kubelet.start_detect = constant(ms(500));
    kubelet.gate_to_ready = constant(ms(80));
    kubelet.shutdown_grace_period = SimDuration::ZERO;
    kubelet.shutdown_grace_period_critical_pods = SimDuration::ZERO;
    let lbc = &mut scenario.load_balancer_controller;
    lbc.watch_latency = constant(ms(100));
    lbc.reconcile_time = constant(ms(50));
    lbc.describe_latency = constant(ms(70));
    lbc.checkpoint_patch = constant(ms(30));
    lbc.gate_patch = constant(ms(25));
    scenario.elbv2.deregister_latency = constant(ms(60));
    scenario.elbv2.register_latency = constant(ms(200));
    scenario.elbv2.deregister_propagation = constant(secs(10));
    scenario.elbv2.register_propagation = constant(secs(2));
    scenario.kube_proxy.watch_latency = constant(ms(15));
    scenario.kube_proxy.sync = constant(ms(400));
    scenario.app.start_up = constant(secs(2));
    scenario.app.reaction_delay = constant(ms(1));
    scenario.app.restart_delay = constant(secs(1));
    scenario
}

/// Lets every API client through at once, where its limits are not the point.
pub(crate) fn unlimited_clients(scenario: &mut Scenario) {
    scenario.controller_manager.client_qps = 1_000_000;
    scenario.controller_manager.client_burst = 1_000_000;
}

pub(crate) fn scale(at: SimDuration, replicas: u32) -> Disruption {
    Disruption {
        at,
        scale: Some(Scale {
            replicas: Some(replicas),
            schedule: None,
        }),
        ..Disruption::default()
    }
}

pub(crate) fn rollout(at: SimDuration) -> Disruption {
    Disruption {
        at,
        rollout: Some(Rollout {}),
        ..Disruption::default()
    }
}

/// Evenly spaced requests at `per_second`: the first one interval after `from`, none from `until` on.
pub(crate) fn even_requests(per_second: u64, from: SimDuration, until: SimDuration) -> Option<OpenLoop> {
    let step = |at, value| ProfileStep { at, value };
    let mut steps = vec![step(from, per_second), step(until, 0)];
    if !from.is_zero() {
        steps.insert(0, step(SimDuration::ZERO, 0));
    }
    Some(OpenLoop {
        rate: Profile::Steps(steps),
        arrivals: Arrivals::Even,
        ..OpenLoop::default()
    })
}
