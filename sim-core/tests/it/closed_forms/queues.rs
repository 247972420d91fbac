//! One pod as a queue: open-loop arrivals are Poisson, round trips take no time, each request has a connection of its
//! own, so that latency less service is the wait for a worker.

use sim_core::dist::Dist;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::value::Limit;
use sim_core::scenario::workload::{OpenLoop, Profile, Sessions, Step};
use sim_core::stats;
use sim_core::summary::RunSummary;
use sim_core::trace::TraceLevel;

use super::{milliseconds, replicate};
use crate::support::{constant, instant, ms, run_with, secs};

fn one_pod(workers: u32, service: Dist) -> Scenario {
    let mut scenario = instant();
    scenario.horizon = secs(2_100);
    scenario.warm_up = secs(100);
    scenario.deployment.replicas = 1;
    scenario.app.workers = Limit::At(workers);
    scenario.app.keep_alive_timeout = Limit::At(secs(0));
    scenario.app.service_time = service;
    scenario
}

fn open_loop(mut scenario: Scenario, per_second: u64) -> Scenario {
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(per_second),
        ..OpenLoop::default()
    });
    scenario
}

fn run(scenario: &Scenario, replication: u32) -> RunSummary {
    run_with(scenario, Seed(1), replication, TraceLevel::Off).0
}

/// Probability that an arrival waits in M/M/c at offered load `a`.
fn erlang_c(servers: u32, a: f64) -> f64 {
    let blocked = (1..=servers).fold(1.0, |blocked, k| a * blocked / (f64::from(k) + a * blocked));
    let load = a / f64::from(servers);
    blocked / (1.0 - load * (1.0 - blocked))
}

#[test]
fn the_formula_of_erlang_c_is_typed_right() {
    // Published tables: 10 servers at 8 erlangs, 0.409; one server waits with probability ρ.
    assert!((erlang_c(10, 8.0) - 0.409).abs() < 5e-4);
    assert!((erlang_c(1, 0.3) - 0.3).abs() < 1e-12);
}

#[test]
fn ten_workers_wait_as_erlang_says() {
    // M/M/10: 80/s, 100 ms: ρ = 0.8, mean wait C / (cμ − λ) = 0.409 / 20 s = 20.5 ms.
    let service = Dist::Exponential { mean: ms(100) };
    let scenario = open_loop(one_pod(10, service), 80);
    let wait = replicate(12, |replication| {
        milliseconds(run(&scenario, replication).latency.mean()) - 100.0
    });
    wait.assert_is(1e3 * erlang_c(10, 8.0) / (100.0 - 80.0), 0.06);
}

#[test]
fn one_worker_waits_as_pollaczek_and_khinchine_say() {
    // M/G/1: 80/s, mean 10 ms: ρ = 0.8, wait ρ·S·(1 + cv²) / (2 (1 − ρ)) = 20 ms · (1 + cv²).
    let uniform = Dist::Uniform {
        min: ms(0),
        max: ms(20),
    };
    let bursty = Dist::Gamma {
        mean: ms(10),
        shape: 0.5,
    };
    // M/D/1, uniform (cv² = 1/3), gamma of shape 1/2 (cv² = 2).
    for (service, cv2) in [(constant(ms(10)), 0.0), (uniform, 1.0 / 3.0), (bursty, 2.0)] {
        let scenario = open_loop(one_pod(1, service), 80);
        let wait = replicate(12, |replication| {
            milliseconds(run(&scenario, replication).latency.mean()) - 10.0
        });
        wait.assert_is(20.0 * (1.0 + cv2), 0.2);
    }
}

#[test]
fn the_time_in_an_m_m_1_queue_is_exponential() {
    // Sojourn: exponential with rate μ − λ = 100 − 70 per second: quantile −ln(1 − p) / 30 s. The histogram is 1.6 %
    // wide.
    let scenario = open_loop(one_pod(1, Dist::Exponential { mean: ms(10) }), 70);
    let runs: Vec<RunSummary> = (0..12).map(|replication| run(&scenario, replication)).collect();
    for p in [0.5, 0.9, 0.99] {
        let samples: Vec<f64> = runs.iter().map(|run| milliseconds(run.latency.quantile(p))).collect();
        let super::Estimate { mean, standard_error } = super::Estimate::of(&samples);
        let expected = -1e3 * f64::ln_1p(-p) / 30.0;
        assert!(4.0 * standard_error < 0.1 * expected);
        assert!(
            (mean - expected).abs() < 4.0 * standard_error + 0.016 * expected,
            "p{p}: {mean}, not {expected}"
        );
    }
}

/// Throughput and mean response time of `sessions` with exponential think time Z at one exponential server.
///
/// The finite-source queue M/M/1//N: p_k ∝ N!/(N − k)! · (S/Z)^k, busy 1 − p_0.
fn machine_repair(sessions: u32, think_s: f64, service_s: f64) -> (f64, f64) {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 0..sessions {
        term *= f64::from(sessions - k) * service_s / think_s;
        sum += term;
    }
    let throughput = (1.0 - 1.0 / sum) / service_s;
    (throughput, f64::from(sessions) / throughput - think_s)
}

#[test]
fn a_closed_loop_obeys_the_machine_repair_model_and_little_s_law() {
    // 20 sessions, Z = 1 s, S = 50 ms: the offered load is about one server.
    let mut scenario = one_pod(1, Dist::Exponential { mean: ms(50) });
    scenario.workload.sessions = Some(Sessions {
        count: Profile::Constant(20),
        steps: vec![Step {
            think: Dist::Exponential { mean: secs(1) },
            ..Step::default()
        }],
        ..Sessions::default()
    });
    let (throughput, response_s) = machine_repair(20, 1.0, 0.05);
    let counted_s = 2_000.0;
    let runs: Vec<(f64, f64)> = (0..12)
        .map(|replication| {
            let summary = run(&scenario, replication);
            let throughput = stats::ratio(summary.requests_count(), 1) / counted_s;
            (throughput, stats::seconds(summary.latency.mean()))
        })
        .collect();
    replicate(12, |run| runs[run as usize].0).assert_is(throughput, 0.03);
    replicate(12, |run| runs[run as usize].1).assert_is(response_s, 0.06);
    // N = X·(R + Z), with the Z of the scenario rather than the one drawn.
    replicate(12, |run| runs[run as usize].0 * (runs[run as usize].1 + 1.0)).assert_is(20.0, 0.02);
}
