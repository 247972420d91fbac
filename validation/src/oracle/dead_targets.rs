//! Requests lost to a target that is still in rotation: rate × window × share.
//!
//! One of five pods is deleted; its server dies on SIGTERM, 17 ms after the DELETE, and the last ALB node knows after
//! 10.263 s: a window of 10.246 s (`workload::hops`).

use sim_core::dist::Dist;
use sim_core::outcome::{Cause, Hop, Status};
use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::elbv2::Algorithm;
use sim_core::scenario::workload::Arrivals;
use sim_core::stats;
use sim_core::summary::RunSummary;

use super::Oracle;
use super::bench::Bench;
use super::comparison::Comparison;
use super::workload::{constant, hops, ms, poisson, scale, secs};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "dead_target_round_robin",
        claim: "Round robin loses to a dead target exactly its turns while any ALB node still chooses it.",
        source: "λ · W / n, per ALB node within 1: 1000/s · 10.246 s / 5",
        compare: turns_are_lost,
    },
    Oracle {
        name: "dead_target_weighted_random",
        claim: "Weighted random loses to a dead target its share on average.",
        source: "λ · W / n: 1000/s · 10.246 s / 5",
        compare: a_fifth_is_lost,
    },
    Oracle {
        name: "dead_target_hops",
        claim: "Each request lost to a dead target is charged to the hop that was late.",
        source: "λ · hop / n at 1000/s: endpoints 123 − 17, controller 263 − 123, propagation 10 000 ms, n = 5",
        compare: losses_are_charged_to_their_hop,
    },
    Oracle {
        name: "dead_target_least_outstanding_silent",
        claim: "Least outstanding requests avoids a silent target, on which requests stay for the connect timeout.",
        source: "at 200/s and 100 ms a node has about 10 in flight over four targets, at most 5 on the least loaded: \
                 twice at most 6 per node, against 410 by turns",
        compare: a_silent_target_is_avoided,
    },
    Oracle {
        name: "dead_target_least_outstanding_refusing",
        claim: "Least outstanding requests is drawn to a target that refuses at once: 68 % of all instead of 20 %.",
        source: "birth–death chain over busy live targets: up at λ (n − k) / (n − k + 1), down at k μ; share \
                 Σ p_k / (n − k + 1)",
        compare: a_refusing_target_attracts,
    },
];

const WINDOW_MS: u64 = 10_263 - 17;

fn one_of_five_dies(algorithm: Algorithm, per_second: u64) -> Scenario {
    let mut scenario = hops();
    scenario.horizon = secs(40);
    scenario.deployment.replicas = 5;
    scenario.app.sigterm = SigtermMode::DieNow;
    scenario.target_group.algorithm = algorithm;
    scenario.workload.open_loop = Some(poisson(per_second));
    scenario.disruptions = vec![scale(secs(10), 4)];
    scenario
}

fn lost(summary: &RunSummary) -> f64 {
    let count = |status: Status| summary.status_counts[status as usize];
    stats::ratio(count(Status::BadGateway) + count(Status::GatewayTimeout), 1)
}

fn evenly_by_turns() -> Scenario {
    let mut scenario = one_of_five_dies(Algorithm::RoundRobin, 1000);
    if let Some(open_loop) = &mut scenario.workload.open_loop {
        open_loop.arrivals = Arrivals::Even;
    }
    scenario
}

/// One request each ms, 10 246 in the window give or take the one at its end. Each of the two ALB nodes sends every
/// fifth of its own: two counts, each within 1 of a fifth.
fn turns_are_lost(bench: &mut Bench) -> Comparison {
    let scenario = evenly_by_turns();
    let expected = stats::ratio(WINDOW_MS, 5);
    Comparison::all((0..5).map(|replication| {
        let lost = lost(&bench.run(&scenario, replication));
        let holds = (lost - expected).abs() < 2.2;
        Comparison::new(format!("{expected} ± 2.2"), lost.to_string(), holds)
    }))
}

/// Poisson with mean 2049.2 per run.
fn a_fifth_is_lost(bench: &mut Bench) -> Comparison {
    let scenario = one_of_five_dies(Algorithm::WeightedRandom, 1000);
    let lost = bench.replicate(12, |bench, replication| lost(&bench.run(&scenario, replication)));
    lost.against(stats::ratio(WINDOW_MS, 5), 0.05, "requests")
}

/// With the sandbox gone late, all are refused: 106 / 5, 140 / 5 and 10 000 / 5, each within 2.2 as above.
fn losses_are_charged_to_their_hop(bench: &mut Bench) -> Comparison {
    let mut scenario = evenly_by_turns();
    scenario.kubelet.sandbox_teardown = constant(secs(60));
    let summary = bench.run(&scenario, 0);
    let hops = [
        (Hop::Endpoints, 21.2),
        (Hop::Controller, 28.0),
        (Hop::Propagation, 2000.0),
    ];
    Comparison::all(hops.map(|(hop, expected)| {
        let refused = summary.causes.iter().find_map(|(cause, of, count)| {
            let is_it = cause == Cause::RefusedProcessDead && of == hop;
            is_it.then(|| stats::ratio(count, 1))
        });
        let found = refused.unwrap_or(0.0);
        let holds = (found - expected).abs() < 2.2;
        Comparison::new(format!("{expected} ± 2.2"), found.to_string(), holds).of(hop.name())
    }))
}

/// Silent from the end of its process on. The first to meet the silence come back after 10 s, so that the least loaded
/// count may be reached a second time within the window; at least one per ALB node meets it.
fn a_silent_target_is_avoided(bench: &mut Bench) -> Comparison {
    let mut scenario = one_of_five_dies(Algorithm::LeastOutstandingRequests, 200);
    scenario.app.service_time = constant(ms(100));
    scenario.kubelet.exit_detect = constant(ms(0));
    scenario.kubelet.sandbox_teardown = constant(ms(0));
    Comparison::all((0..5).map(|replication| {
        let silent = bench.run(&scenario, replication).causes.of(Cause::SilentPodIp);
        Comparison::between(2, 24, silent)
    }))
}

/// Share of requests that least outstanding requests sends to a target that refuses at once, next to `live` targets.
///
/// The refusing one never has a request in flight, so a live one is chosen only while it has none, by a tie. With k of
/// them busy, one becomes busy at rate λ·(n − k)/(n − k + 1) and one is done at rate k·μ: a birth–death chain.
fn share_of_the_refusing(live: u32, arrivals: f64, service_rate: f64) -> f64 {
    let (mut weight, mut sum, mut refused) = (1.0, 0.0, 0.0);
    for busy in 0..=live {
        let idle = f64::from(live - busy);
        sum += weight;
        refused += weight / (idle + 1.0);
        weight *= arrivals * idle / (idle + 1.0) / (f64::from(busy + 1) * service_rate);
    }
    refused / sum
}

/// 200/s over two ALB nodes, exponential service of 100 ms; refusing from 10.06 to the horizon.
fn a_refusing_target_attracts(bench: &mut Bench) -> Comparison {
    let mut scenario = one_of_five_dies(Algorithm::LeastOutstandingRequests, 200);
    scenario.app.service_time = Dist::Exponential { mean: ms(100) };
    scenario.horizon = secs(400);
    scenario.kubelet.sandbox_teardown = constant(secs(1_000));
    scenario.elbv2.deregister_propagation = constant(secs(1_000));
    scenario.target_group.health_check.interval = secs(300);
    scenario.target_group.health_check.unhealthy_threshold = 10;
    let share = bench.replicate(12, |bench, replication| {
        let summary = bench.run(&scenario, replication);
        let rows = &summary.series[12..];
        let requests: u64 = rows.iter().flat_map(|row| row.status_counts).map(u64::from).sum();
        let refused = rows
            .iter()
            .map(|row| row.status_counts[Status::BadGateway as usize])
            .map(u64::from);
        stats::ratio(refused.sum(), requests)
    });
    share.against(share_of_the_refusing(4, 100.0, 10.0), 0.02, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_a_refusing_target_is_typed_right() {
        // Weights 1, 8, 30, 66.7, 83.3 for 0 to 4 busy; shares 1/5, 1/4, 1/3, 1/2, 1: 128.9 / 189 = 68.2 %.
        let expected = share_of_the_refusing(4, 100.0, 10.0);
        assert!((expected - 0.682).abs() < 1e-3, "{expected}");
        // Nearly nobody busy: by a tie of five.
        assert!((share_of_the_refusing(4, 1e-9, 1.0) - 0.2).abs() < 1e-6);
    }
}
