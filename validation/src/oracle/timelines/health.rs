//! Health checks of the ALB nodes with 15 s, 5 s and thresholds of 2 (alb §1.4–1.7), and fail open (alb §2.3).
//!
//! A pod that is created at 1.043 and Ready at 4.583 is registered at 4.976 (+ 23 + 100 + 50 + 30 + 190) and first
//! checked at 6.976, where its server listens since 6.043: both ALB nodes check at 6.976, 21.976, 36.976, 51.976, … The
//! Service publishes addresses that are not ready, so that the controller keeps the target whatever happens to the pod.

use sim_core::scenario::Scenario;
use sim_core::trace::{Fact, NodeTargetState, TargetHealthState};

use super::super::Oracle;
use super::super::bench::Bench;
use super::super::comparison::Comparison;
use super::super::workload::{constant, crash, even, hops, ms, scale, secs};
use super::{Timeline, sandbox_removed};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "health_check_schedule",
        claim: "Two refused checks in a row take a target out, at the second; two passed ones bring it back.",
        source: "alb §1.4, §1.6, §1.7",
        compare: two_checks_in_a_row,
    },
    Oracle {
        name: "health_check_single_failure",
        claim: "A single refused check changes nothing.",
        source: "alb §1.6 (threshold 2)",
        compare: one_check_is_not_enough,
    },
    Oracle {
        name: "health_check_timeout",
        claim: "A check into silence fails at its timeout.",
        source: "alb §1.7 (timeout 5 s)",
        compare: silence_takes_the_timeout,
    },
    Oracle {
        name: "fail_open_initial",
        claim: "Without a healthy target an ALB node sends to initial ones: 503 while it knows none, 502 until the \
                server listens.",
        source: "alb §1.6, §2.3",
        compare: an_initial_target_takes_traffic,
    },
];

fn checked_pod() -> Scenario {
    let mut scenario = hops();
    scenario.horizon = secs(120);
    scenario.deployment.replicas = 0;
    scenario.service.publish_not_ready_addresses = true;
    scenario.elbv2.deregister_propagation = constant(secs(600));
    scenario.disruptions = vec![scale(secs(1), 1)];
    scenario
}

fn view(wanted: NodeTargetState) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::NodeTarget { state, .. } if *state == wanted)
}

fn health(wanted: TargetHealthState) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::TargetHealth { state, .. } if *state == wanted)
}

/// Crash 30.0, seen 30.017, restarted after 25 s, listens 57.017. Refused at 36.976 and 51.976, passed at 66.976 and
/// 81.976.
fn two_checks_in_a_row(bench: &mut Bench) -> Comparison {
    let mut scenario = checked_pod();
    scenario.app.restart_delay = constant(secs(25));
    scenario.disruptions.push(crash(secs(30), 1));
    Timeline::of(bench, &scenario)
        .at("initial", &[4_976], health(TargetHealthState::Initial))
        .at("healthy", &[6_976, 81_976], health(TargetHealthState::Healthy))
        .at("unhealthy", &[51_976], health(TargetHealthState::Unhealthy))
        .at(
            "ALB nodes see it healthy",
            &[6_976, 6_976, 81_976, 81_976],
            view(NodeTargetState::Healthy),
        )
        .at("unhealthy", &[51_976, 51_976], view(NodeTargetState::Unhealthy))
        .compare()
}

/// Listens again at 30.017 + 10 + 2 = 42.017: only the check at 36.976 was refused.
fn one_check_is_not_enough(bench: &mut Bench) -> Comparison {
    let mut scenario = checked_pod();
    scenario.app.restart_delay = constant(secs(10));
    scenario.disruptions.push(crash(secs(30), 1));
    Timeline::of(bench, &scenario)
        .at("healthy", &[6_976], health(TargetHealthState::Healthy))
        .at("unhealthy", &[], view(NodeTargetState::Unhealthy))
        .compare()
}

/// Without the 40 of the status PATCH all checks are 40 earlier. DELETE 24.043, silent 234 later. The checks of 36.936
/// and 51.936 hang; the second fails at 56.936, that is 32.893 after the DELETE.
fn silence_takes_the_timeout(bench: &mut Bench) -> Comparison {
    let mut scenario = checked_pod();
    scenario.kubelet.status_patch = constant(ms(0));
    scenario.disruptions.push(scale(secs(24), 0));
    Timeline::of(bench, &scenario)
        .since_delete()
        .at("silent", &[234], sandbox_removed)
        .at("unhealthy", &[32_893, 32_893], view(NodeTargetState::Unhealthy))
        .compare()
}

/// Start-up of 10 s: it listens at 14.043. Registered 4.976, known 6.976, when the first check is refused; the next one
/// at 21.976 passes.
fn an_initial_target_takes_traffic(bench: &mut Bench) -> Comparison {
    let mut scenario = hops();
    scenario.deployment.replicas = 0;
    scenario.app.start_up = constant(secs(10));
    scenario.workload.open_loop = Some(even(1, secs(4), ms(16_500)));
    scenario.disruptions = vec![scale(secs(1), 1)];
    Timeline::of(bench, &scenario)
        .at("initial", &[6_976, 6_976], view(NodeTargetState::Initial))
        .at("healthy", &[21_976, 21_976], view(NodeTargetState::Healthy))
        .requests(&[
            "5s 503 no_registered_target at 5s",
            "6s 503 no_registered_target at 6s",
            "7s 502 fail_open_not_ready at 7s",
            "8s 502 fail_open_not_ready at 8s",
            "9s 502 fail_open_not_ready at 9s",
            "10s 502 fail_open_not_ready at 10s",
            "11s 502 fail_open_not_ready at 11s",
            "12s 502 fail_open_not_ready at 12s",
            "13s 502 fail_open_not_ready at 13s",
            "14s 502 fail_open_not_ready at 14s",
            "15s 200 at 15s",
            "16s 200 at 16s",
        ])
        .compare()
}
