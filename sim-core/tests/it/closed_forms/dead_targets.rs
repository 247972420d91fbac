//! Requests lost to a target that is still in rotation: share × rate × window.
//!
//! One of five pods is deleted; its server dies on SIGTERM. With the constants of the timelines it is dead from 27 ms
//! to 10.275 s after the DELETE: a window of 10.248 s.

use sim_core::outcome::{Cause, Hop, Status};
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::elbv2::Algorithm;
use sim_core::scenario::workload::{Arrivals, OpenLoop, Profile};
use sim_core::stats;
use sim_core::summary::RunSummary;
use sim_core::trace::TraceLevel;

use super::replicate;
use crate::support::{constant, ms, run_with, secs};
use crate::timelines::{constants, scale};

const WINDOW_MS: u64 = 10_275 - 27;

fn one_of_five_dies(algorithm: Algorithm, per_second: u64) -> Scenario {
    let mut scenario = constants();
    scenario.horizon = secs(40);
    scenario.deployment.replicas = 5;
    scenario.app.sigterm = SigtermMode::DieNow;
    scenario.target_group.algorithm = algorithm;
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(per_second),
        ..OpenLoop::default()
    });
    scenario.disruptions = vec![scale(secs(10), 4)];
    scenario
}

fn run(scenario: &Scenario, replication: u32) -> RunSummary {
    run_with(scenario, Seed(2), replication, TraceLevel::Off).0
}

fn lost(summary: &RunSummary) -> u64 {
    summary.status_counts[Status::BadGateway as usize] + summary.status_counts[Status::GatewayTimeout as usize]
}

#[test]
fn round_robin_loses_exactly_its_turns() {
    // 1000/s, one each ms: 10 248 requests in the window, of which each of the two ALB nodes sends every fifth: the
    // sum of two counts that are each within 1 of a fifth.
    let mut scenario = one_of_five_dies(Algorithm::RoundRobin, 1000);
    scenario.workload.open_loop.as_mut().unwrap().arrivals = Arrivals::Even;
    for replication in 0..5 {
        let lost = stats::ratio(lost(&run(&scenario, replication)), 1);
        let expected = stats::ratio(WINDOW_MS, 5);
        assert!((lost - expected).abs() < 2.0, "{lost}, expected {expected}");
    }
}

#[test]
fn weighted_random_loses_a_fifth_on_average() {
    // Poisson arrivals at 1000/s: Poisson with mean 2049.6 per run, so that 12 runs have a standard error of 13.
    let scenario = one_of_five_dies(Algorithm::WeightedRandom, 1000);
    let expected = stats::ratio(WINDOW_MS, 5);
    replicate(12, |replication| stats::ratio(lost(&run(&scenario, replication)), 1)).assert_is(expected, 0.05);
}

#[test]
fn least_outstanding_requests_avoids_a_silent_target() {
    // At once silent: each request there stays for the connect timeout of 10 s, about the whole window. 200/s and 100
    // ms of service over two ALB nodes: a node sees about 10 in flight over its live targets, rarely above 20, so at
    // most 5 on the least loaded. The silent one gets no more than one above that, twice (the first come back after
    // 10 s): at most 24 in all, at least one per node; round robin would lose 200 · 10.25 / 5 = 410.
    let mut scenario = one_of_five_dies(Algorithm::LeastOutstandingRequests, 200);
    scenario.app.service_time = constant(ms(100));
    scenario.kubelet.exit_detect = constant(ms(0));
    scenario.kubelet.sandbox_teardown = constant(ms(0));
    for replication in 0..5 {
        let silent = run(&scenario, replication).causes.of(Cause::SilentPodIp);
        assert!((2..=24).contains(&silent), "{silent}");
    }
    scenario.target_group.algorithm = Algorithm::RoundRobin;
    assert!(run(&scenario, 0).causes.of(Cause::SilentPodIp) > 350);
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

#[test]
fn least_outstanding_requests_is_drawn_to_a_target_that_refuses() {
    // 200/s over two ALB nodes, exponential service of 100 ms: weights 1, 8, 30, 66.7, 83.3 for 0 to 4 busy; shares
    // of the refusing target 1/5, 1/4, 1/3, 1/2, 1: 128.9 / 189 = 68 %, against 20 % by turns.
    let expected = share_of_the_refusing(4, 100.0, 10.0);
    assert!((expected - 0.682).abs() < 1e-3, "{expected}");
    let mut scenario = one_of_five_dies(Algorithm::LeastOutstandingRequests, 200);
    scenario.app.service_time = sim_core::dist::Dist::Exponential { mean: ms(100) };
    // Refusing from 10.097 to the horizon.
    scenario.horizon = secs(400);
    scenario.kubelet.sandbox_teardown = constant(secs(1_000));
    scenario.elbv2.deregister_propagation = constant(secs(1_000));
    scenario.target_group.health_check.interval = secs(300);
    scenario.target_group.health_check.unhealthy_threshold = 10;
    let share = replicate(12, |replication| {
        let summary = run(&scenario, replication);
        let requests: u64 = summary.series[12..]
            .iter()
            .flat_map(|row| row.status_counts)
            .map(u64::from)
            .sum();
        let refused: u64 = summary.series[12..]
            .iter()
            .map(|row| u64::from(row.status_counts[Status::BadGateway as usize]))
            .sum();
        stats::ratio(refused, requests)
    });
    share.assert_is(expected, 0.02);
    let summary = run(&scenario, 0);
    let by_hop = summary.causes.iter().filter(|(_, hop, _)| *hop == Hop::Propagation);
    assert!(by_hop.count() == 1, "all of them because the ALB nodes did not know");
}
