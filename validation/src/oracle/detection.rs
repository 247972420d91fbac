//! How long a failure stays unnoticed: health checks (alb §1.7) and the propagation of a deregistration (alb §5.1).

use sim_core::dist::Dist;
use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::stats;
use sim_core::time::SimDuration;
use sim_core::trace::{Fact, NodeTargetState, TraceLevel};

use super::Oracle;
use super::bench::Bench;
use super::comparison::Comparison;
use super::estimate::Estimate;
use super::sample;
use super::workload::{constant, crash, scale, secs, unlimited_clients};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "detection_refusing",
        claim: "Health checks every 15 s notice a target that refuses after 15 to 30 s, 22.5 s on average.",
        source: "alb §1.7: U(0, I) + (n − 1) · I, I = 15 s, n = 2",
        compare: refusing_targets,
    },
    Oracle {
        name: "detection_silent",
        claim: "They notice a silent target one timeout later, 27.5 s after its end on average.",
        source: "alb §1.7: U(0, I) + (n − 1) · I + T, I = 15 s, n = 2, T = 5 s",
        compare: silent_targets,
    },
    Oracle {
        name: "propagation_maximum",
        claim: "A deregistration is complete when the last of six ALB nodes has learned of it.",
        source: "maximum of n draws: F(t)ⁿ with F = U(5 s, 15 s), n = 6; mean 5 + 10 · 6/7 s",
        compare: the_last_of_six_alb_nodes,
    },
];

/// Thirty pods seen by a hundred ALB nodes with independent phases; nothing but the health check takes a target out.
fn many_phases() -> Scenario {
    let mut scenario = Scenario::instantaneous();
    scenario.horizon = secs(200);
    scenario.cluster.zones = 2;
    scenario.load_balancer.nodes_per_zone = 50;
    scenario.deployment.replicas = 30;
    scenario.pod.readiness_probe = None;
    scenario.app.restart_delay = constant(secs(1_000));
    scenario.elbv2.deregister_propagation = constant(secs(1_000));
    unlimited_clients(&mut scenario);
    scenario
}

/// Seconds from 100 s to each "unhealthy" of an ALB node: uniform over 15 s from `least` on.
fn detected_over_one_interval(bench: &mut Bench, scenario: &Scenario, least: f64) -> Comparison {
    let (_, trace) = bench.traced(scenario, 0, TraceLevel::Failures);
    let unhealthy = trace.iter().filter(|record| {
        matches!(
            record.fact,
            Fact::NodeTarget {
                state: NodeTargetState::Unhealthy,
                ..
            }
        )
    });
    let failed_at = secs(100).as_ns();
    let times: Vec<f64> = unhealthy
        .map(|record| stats::seconds(SimDuration::from_ns(record.at_ns.saturating_sub(failed_at))))
        .collect();
    if times.len() < 2 {
        return Comparison::same(3_000, times.len()).of("verdicts");
    }
    Comparison::all([
        Comparison::same(3_000, times.len()).of("verdicts"),
        Estimate::of(&times).against(least + 7.5, 0.02, "s"),
        sample::follows(times, "uniform over 15 s", |time| {
            ((time - least) / 15.0).clamp(0.0, 1.0)
        }),
    ])
}

fn refusing_targets(bench: &mut Bench) -> Comparison {
    let mut scenario = many_phases();
    scenario.disruptions = vec![crash(secs(100), 30)];
    detected_over_one_interval(bench, &scenario, 15.0)
}

/// Deleted, dead and silent at the same instant.
fn silent_targets(bench: &mut Bench) -> Comparison {
    let mut scenario = many_phases();
    scenario.app.sigterm = SigtermMode::DieNow;
    scenario.disruptions = vec![scale(secs(100), 0)];
    detected_over_one_interval(bench, &scenario, 20.0)
}

/// One call per target, each with a draw for each of 6 ALB nodes; 800 pods.
fn the_last_of_six_alb_nodes(bench: &mut Bench) -> Comparison {
    let mut scenario = Scenario::instantaneous();
    scenario.horizon = secs(60);
    scenario.cluster.nodes = 40;
    scenario.load_balancer.nodes_per_zone = 2;
    scenario.deployment.replicas = 800;
    scenario.pod.readiness_probe = None;
    scenario.load_balancer_controller.targets_per_call = 1;
    scenario.load_balancer_controller.registration_burst = 1_000;
    scenario.elbv2.registration_burst = 1_000;
    scenario.elbv2.deregister_propagation = Dist::Uniform {
        min: secs(5),
        max: secs(15),
    };
    scenario.disruptions = vec![scale(secs(10), 0)];
    unlimited_clients(&mut scenario);
    let last: Vec<f64> = bench
        .run(&scenario, 0)
        .race
        .propagation
        .iter()
        .map(stats::seconds)
        .collect();
    if last.len() < 2 {
        return Comparison::same(800, last.len()).of("removals");
    }
    Comparison::all([
        Comparison::same(800, last.len()).of("removals"),
        Estimate::of(&last).against(5.0 + 60.0 / 7.0, 0.02, "s"),
        sample::follows(last, "F⁶", |time| ((time - 5.0) / 10.0).clamp(0.0, 1.0).powi(6)),
    ])
}
