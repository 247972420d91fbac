//! One pod as a queue: open-loop arrivals are Poisson, round trips take no time, each request has a connection of its
//! own, so that latency less service is the wait for a worker.

use sim_core::dist::Dist;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::value::Limit;
use sim_core::scenario::workload::{OpenLoop, Profile};
use sim_core::stats;
use sim_core::time::SimDuration;

use super::estimate::{Claim, Estimate};
use crate::report::Finding;

fn one_pod(workers: u32, service: Dist, per_second: u64) -> Scenario {
    let mut scenario = Scenario::instantaneous();
    scenario.horizon = SimDuration::from_secs(2_100);
    scenario.warm_up = SimDuration::from_secs(100);
    scenario.deployment.replicas = 1;
    scenario.app.workers = Limit::At(workers);
    scenario.app.keep_alive_timeout = Limit::At(SimDuration::ZERO);
    scenario.app.service_time = service;
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(per_second),
        ..OpenLoop::default()
    });
    scenario
}

/// Probability that an arrival waits in M/M/c at offered load `a`.
fn erlang_c(servers: u32, a: f64) -> f64 {
    let blocked = (1..=servers).fold(1.0, |blocked, k| a * blocked / (f64::from(k) + a * blocked));
    let load = a / f64::from(servers);
    blocked / (1.0 - load * (1.0 - blocked))
}

/// M/M/10 at 80/s and 100 ms: ρ = 0.8, mean wait C / (cμ − λ).
pub(super) fn ten_workers_wait_as_erlang_says(seed: Seed) -> Finding {
    let scenario = one_pod(
        10,
        Dist::Exponential {
            mean: SimDuration::from_millis(100),
        },
        80,
    );
    let waits: Vec<f64> = (0..12)
        .map(|replication| 1e3 * stats::seconds(super::run(&scenario, seed, replication).latency.mean()) - 100.0)
        .collect();
    Estimate::of(&waits).against(
        1e3 * erlang_c(10, 8.0) / (100.0 - 80.0),
        0.06,
        Claim {
            name: "m_m_c_wait",
            sentence: "The mean wait for one of ten workers at utilisation 0.8 is that of M/M/10.",
            source: "Erlang C: C / (cμ − λ)",
            unit: "ms",
        },
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
}
