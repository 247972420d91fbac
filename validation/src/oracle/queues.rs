//! One pod as a queue: open-loop arrivals are Poisson, round trips take no time, each request has a connection of its
//! own, so that latency less service is the wait for a worker.

use sim_core::dist::Dist;
use sim_core::scenario::Scenario;
use sim_core::scenario::value::Limit;
use sim_core::scenario::workload::{Profile, Sessions, Step};
use sim_core::stats;
use sim_core::summary::RunSummary;
use sim_core::time::SimDuration;

use super::Oracle;
use super::bench::Bench;
use super::comparison::Comparison;
use super::estimate::Estimate;
use super::workload::{constant, ms, poisson, secs};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "m_m_c_wait",
        claim: "The mean wait for one of ten workers at utilisation 0.8 is that of M/M/10.",
        source: "Erlang C: wait C(c, a) / (cμ − λ)",
        compare: ten_workers_wait_as_erlang_says,
    },
    Oracle {
        name: "m_d_1_wait",
        claim: "With constant service times the mean wait for a single worker is half of that of M/M/1.",
        source: POLLACZEK_KHINCHINE,
        compare: |bench| one_worker_waits(bench, constant(ms(10)), 0.0),
    },
    Oracle {
        name: "m_u_1_wait",
        claim: "With uniform service times the mean wait for a single worker is that of M/G/1 with cv² = 1/3.",
        source: POLLACZEK_KHINCHINE,
        compare: |bench| {
            let (min, max) = (ms(0), ms(20));
            one_worker_waits(bench, Dist::Uniform { min, max }, 1.0 / 3.0)
        },
    },
    Oracle {
        name: "m_g_1_wait",
        claim: "With gamma service times of shape 1/2 the mean wait for a single worker is that of M/G/1 with cv² = 2.",
        source: POLLACZEK_KHINCHINE,
        compare: |bench| {
            let (mean, shape) = (ms(10), 0.5);
            one_worker_waits(bench, Dist::Gamma { mean, shape }, 2.0)
        },
    },
    Oracle {
        name: "m_m_1_sojourn",
        claim: "Latency at a single worker with exponential service times is exponential: p50, p90 and p99.",
        source: "M/M/1: sojourn exponential with rate μ − λ, quantile −ln(1 − p) / (μ − λ)",
        compare: time_in_system_is_exponential,
    },
    Oracle {
        name: "closed_loop_throughput",
        claim: "Twenty sessions with think time 1 s keep a worker of 50 ms as busy as the finite-source queue says.",
        source: "M/M/1//N: X = (1 − p₀) / S with p_k ∝ N! / (N − k)! · (S / Z)^k",
        compare: |bench| closed_loop(bench).0,
    },
    Oracle {
        name: "closed_loop_response",
        claim: "Their mean response time is that of the finite-source queue.",
        source: "M/M/1//N: R = N / X − Z",
        compare: |bench| closed_loop(bench).1,
    },
    Oracle {
        name: "little",
        claim: "Throughput times response and think time is the number of sessions.",
        source: "Little's law: N = X · (R + Z)",
        compare: |bench| closed_loop(bench).2,
    },
];

const POLLACZEK_KHINCHINE: &str = "Pollaczek–Khinchine: wait ρ · S · (1 + cv²) / (2 (1 − ρ)), ρ = 0.8, S = 10 ms";

fn one_pod(workers: u32, service: Dist) -> Scenario {
    let mut scenario = Scenario::instantaneous();
    scenario.horizon = secs(2_100);
    scenario.warm_up = secs(100);
    scenario.deployment.replicas = 1;
    scenario.app.workers = Limit::At(workers);
    scenario.app.keep_alive_timeout = Limit::At(SimDuration::ZERO);
    scenario.app.service_time = service;
    scenario
}

fn mean_latency_ms(summary: &RunSummary) -> f64 {
    1e3 * stats::seconds(summary.latency.mean())
}

/// Probability that an arrival waits in M/M/c at offered load `a`.
fn erlang_c(servers: u32, a: f64) -> f64 {
    let blocked = (1..=servers).fold(1.0, |blocked, k| a * blocked / (f64::from(k) + a * blocked));
    let load = a / f64::from(servers);
    blocked / (1.0 - load * (1.0 - blocked))
}

/// M/M/10 at 80/s and 100 ms: ρ = 0.8, mean wait 0.409 / 20 s = 20.5 ms.
fn ten_workers_wait_as_erlang_says(bench: &mut Bench) -> Comparison {
    let mut scenario = one_pod(10, Dist::Exponential { mean: ms(100) });
    scenario.workload.open_loop = Some(poisson(80));
    let wait = bench.replicate(24, |bench, replication| {
        mean_latency_ms(&bench.run(&scenario, replication)) - 100.0
    });
    wait.against(1e3 * erlang_c(10, 8.0) / (100.0 - 80.0), 0.06, "ms")
}

/// M/G/1 at 80/s and 10 ms on average: 20 ms · (1 + cv²).
fn one_worker_waits(bench: &mut Bench, service: Dist, cv2: f64) -> Comparison {
    let mut scenario = one_pod(1, service);
    scenario.workload.open_loop = Some(poisson(80));
    let wait = bench.replicate(24, |bench, replication| {
        mean_latency_ms(&bench.run(&scenario, replication)) - 10.0
    });
    wait.against(20.0 * (1.0 + cv2), 0.06, "ms")
}

/// M/M/1 at 70/s and 10 ms: −ln(1 − p) / 30 s. The latency histogram is 1.6 % wide.
fn time_in_system_is_exponential(bench: &mut Bench) -> Comparison {
    let mut scenario = one_pod(1, Dist::Exponential { mean: ms(10) });
    scenario.workload.open_loop = Some(poisson(70));
    let runs: Vec<RunSummary> = (0..12).map(|replication| bench.run(&scenario, replication)).collect();
    let quantile = |(name, p): (&str, f64)| {
        let samples: Vec<f64> = runs
            .iter()
            .map(|run| 1e3 * stats::seconds(run.latency.quantile(p)))
            .collect();
        let expected = -1e3 * f64::ln_1p(-p) / 30.0;
        let quantile = Estimate::of(&samples).within(0.016 * expected);
        quantile.against(expected, 0.1, "ms").of(name)
    };
    Comparison::all([("p50", 0.5), ("p90", 0.9), ("p99", 0.99)].map(quantile))
}

/// Throughput and mean response time of `sessions` with exponential think time Z at one exponential server.
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

/// 20 sessions, Z = 1 s, S = 50 ms: the offered load is about one server. Throughput, response time, Little's law, with
/// the Z of the scenario rather than the one drawn.
fn closed_loop(bench: &mut Bench) -> (Comparison, Comparison, Comparison) {
    let mut scenario = one_pod(1, Dist::Exponential { mean: ms(50) });
    scenario.workload.sessions = Some(Sessions {
        count: Profile::Constant(20),
        steps: vec![Step {
            think: Dist::Exponential { mean: secs(1) },
            ..Step::default()
        }],
        ..Sessions::default()
    });
    let counted_s = stats::seconds(scenario.horizon - scenario.warm_up);
    let runs: Vec<(f64, f64)> = (0..12)
        .map(|replication| {
            let summary = bench.run(&scenario, replication);
            let throughput = stats::ratio(summary.requests_count(), 1) / counted_s;
            (throughput, stats::seconds(summary.latency.mean()))
        })
        .collect();
    let estimate = |of: fn(&(f64, f64)) -> f64| Estimate::of(&runs.iter().map(of).collect::<Vec<_>>());
    let (throughput, response_s) = machine_repair(20, 1.0, 0.05);
    (
        estimate(|run| run.0).against(throughput, 0.03, "requests/s"),
        estimate(|run| run.1).against(response_s, 0.06, "s"),
        estimate(|run| run.0 * (run.1 + 1.0)).against(20.0, 0.02, "sessions"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_of_erlang_c_is_typed_right() {
        // Published tables: 10 servers at 8 erlangs, 0.409; one server waits with probability ρ.
        assert!((erlang_c(10, 8.0) - 0.409).abs() < 5e-4);
        assert!((erlang_c(1, 0.3) - 0.3).abs() < 1e-12);
    }

    #[test]
    fn the_finite_source_queue_of_one_and_of_two_is_typed_right() {
        // One session never waits: X = 1 / (Z + S). Two with Z = S = 1: p ∝ 1, 2, 2: busy 4/5, R = 2 / 0.8 − 1.
        let (throughput, response) = machine_repair(1, 3.0, 1.0);
        assert!((throughput - 0.25).abs() < 1e-12 && (response - 1.0).abs() < 1e-12);
        let (throughput, response) = machine_repair(2, 1.0, 1.0);
        assert!((throughput - 0.8).abs() < 1e-12 && (response - 1.5).abs() < 1e-12);
    }
}
