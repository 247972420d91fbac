//! Keep-alive connections between an ALB node and a target: reuse, and the race (alb §4, §4.1).

use sim_core::dist::Dist;
use sim_core::outcome::Cause;
use sim_core::scenario::Scenario;
use sim_core::scenario::value::Limit;
use sim_core::stats;

use super::Oracle;
use super::bench::Bench;
use super::comparison::Comparison;
use super::workload::{ms, poisson, secs};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "keep_alive_race_1s",
        claim: "A server that closes idle connections after 1 s loses the share of requests that cross its FIN.",
        source: RACE,
        compare: |bench| race(bench, 1),
    },
    Oracle {
        name: "keep_alive_race_2s",
        claim: "A server that closes idle connections after 2 s loses the share of requests that cross its FIN.",
        source: RACE,
        compare: |bench| race(bench, 2),
    },
    Oracle {
        name: "keep_alive_race_over",
        claim: "No request crosses a FIN where the server waits longer than the ALB.",
        source: "alb §4.1: the ALB closes first; server 61 s, ALB 60 s; server 2 s, ALB 1 s",
        compare: the_race_is_over,
    },
    Oracle {
        name: "connection_reuse",
        claim: "A request finds a pooled connection if the one before came less than the keep-alive timeout ago.",
        source: "Poisson gaps: 1 − e^(−λK) with λ = 1/s and K = 1 s",
        compare: connections_are_reused,
    },
];

const RACE: &str = "q / (1 + q), q = e^(−λK) · E[2 sinh(λw/2)], about λ · w · e^(−λK): λ = 1/s per connection, w uniform \
                    to 100 ms; a request right after a loss opens a connection and is safe";

/// One pod, two ALB nodes, each with one pooled connection that gets a Poisson request per second.
fn sparse(keep_alive_s: u64) -> Scenario {
    let mut scenario = Scenario::instantaneous();
    scenario.horizon = secs(20_000);
    scenario.cluster.zones = 2;
    scenario.deployment.replicas = 1;
    scenario.app.keep_alive_timeout = Limit::At(secs(keep_alive_s));
    scenario.network.keep_alive_race = Dist::Uniform {
        min: ms(0),
        max: ms(100),
    };
    scenario.workload.open_loop = Some(poisson(2));
    scenario
}

fn lost_share(bench: &mut Bench, scenario: &Scenario, replication: u32) -> f64 {
    let summary = bench.run(scenario, replication);
    stats::ratio(summary.causes.of(Cause::KeepAliveRace), summary.requests_count())
}

/// A request on a pooled connection is lost if the gap before it falls within w around K: q = e^(−K)·(e^(w/2) −
/// e^(−w/2)), averaged over w from 0 to 0.1 s: ∫ 2 sinh(w/2) dw / 0.1 = 40 (cosh 0.05 − 1). A loss takes the connection
/// out of the pool, so the request after it is not exposed: p = (1 − p)·q.
fn race(bench: &mut Bench, keep_alive_s: u64) -> Comparison {
    let scenario = sparse(keep_alive_s);
    let exposed = 40.0 * (0.05_f64.cosh() - 1.0) * (-stats::ratio(keep_alive_s, 1)).exp();
    let share = bench.replicate(24, |bench, replication| lost_share(bench, &scenario, replication));
    share.against(exposed / (1.0 + exposed), 0.1, "")
}

fn the_race_is_over(bench: &mut Bench) -> Comparison {
    let mut scenario = sparse(2);
    scenario.load_balancer.idle_timeout = secs(1);
    Comparison::all([sparse(61), scenario].map(|scenario| Comparison::same(0.0, lost_share(bench, &scenario, 0))))
}

fn connections_are_reused(bench: &mut Bench) -> Comparison {
    let mut scenario = sparse(1);
    scenario.horizon = secs(5_000);
    scenario.network.keep_alive_race = Dist::ZERO;
    let share = bench.replicate(12, |bench, replication| {
        let requests = bench.requests(&scenario, replication);
        let reused = requests.iter().filter(|request| request.reused_connection).count();
        stats::ratio(reused as u64, requests.len() as u64)
    });
    share.against(1.0 - (-1.0_f64).exp(), 0.02, "")
}
