//! How long a failure stays unnoticed: health checks (alb §1.7) and the propagation of a deregistration (alb §5.1).

use sim_core::dist::Dist;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::disruption::{Disruption, PodCrash};
use sim_core::stats;
use sim_core::time::SimDuration;
use sim_core::trace::{Fact, NodeTargetState, TraceLevel};

use super::{Estimate, distance};
use crate::support::{constant, instant, run_with, secs};
use crate::timelines::{scale, unlimited_clients};

/// Thirty pods seen by a hundred ALB nodes with independent phases; nothing but the health check takes a target out.
fn many_phases() -> Scenario {
    let mut scenario = instant();
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

/// Seconds from 100 s to each "unhealthy" of an ALB node.
fn detection_times(scenario: &Scenario) -> Vec<f64> {
    let (_, trace) = run_with(scenario, Seed(3), 0, TraceLevel::Failures);
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
    unhealthy
        .map(|record| stats::seconds(SimDuration::from_ns(record.at_ns - failed_at)))
        .collect()
}

/// Uniform over 15 s from `least` on: mean `least` + 7.5, and Kolmogorov–Smirnov at 1 in 10 000 (2.23 / √n).
fn assert_uniform_over_one_interval(times: &[f64], least: f64) {
    assert_eq!(times.len(), 3_000);
    Estimate::of(times).assert_is(least + 7.5, 0.02);
    let distance = distance(times.to_vec(), |time| ((time - least) / 15.0).clamp(0.0, 1.0));
    assert!(distance < 2.23 / 3_000_f64.sqrt(), "{distance}");
}

#[test]
fn a_refusing_target_is_noticed_after_22_5_seconds_on_average() {
    // Interval 15, threshold 2: U(0, 15) + 15.
    let mut scenario = many_phases();
    scenario.disruptions = vec![Disruption {
        at: secs(100),
        pod_crash: Some(PodCrash { pods: 30 }),
        ..Disruption::default()
    }];
    assert_uniform_over_one_interval(&detection_times(&scenario), 15.0);
}

#[test]
fn a_silent_target_is_noticed_after_27_5_seconds_on_average() {
    // The same + the timeout of 5 s. Deleted, dead and silent at the same instant.
    let mut scenario = many_phases();
    scenario.app.sigterm = SigtermMode::DieNow;
    scenario.disruptions = vec![scale(secs(100), 0)];
    assert_uniform_over_one_interval(&detection_times(&scenario), 20.0);
}

#[test]
fn the_last_of_n_alb_nodes_is_the_maximum_of_n_draws() {
    // One call per target, each with a draw from U(5, 15) for each of 6 ALB nodes: F(t)⁶. 800 pods.
    let mut scenario = instant();
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
    let (summary, _) = run_with(&scenario, Seed(4), 0, TraceLevel::Off);
    let last: Vec<f64> = summary.race.propagation.iter().map(stats::seconds).collect();
    assert_eq!(last.len(), 800);
    let cdf = |time: f64| ((time - 5.0) / 10.0).clamp(0.0, 1.0).powi(6);
    let distance = distance(last, cdf);
    assert!(distance < 2.23 / 800_f64.sqrt(), "{distance}");
}
