//! Keep-alive connections between an ALB node and a target: reuse, and the race (alb §4, §4.1).

use sim_core::dist::Dist;
use sim_core::outcome::Cause;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::value::Limit;
use sim_core::scenario::workload::{OpenLoop, Profile};
use sim_core::stats;
use sim_core::trace::{Fact, TraceLevel};

use super::replicate;
use crate::support::{instant, ms, run_with, secs};

/// One pod, two ALB nodes, each with one pooled connection that gets a Poisson request per second.
fn sparse(keep_alive_s: u64) -> Scenario {
    let mut scenario = instant();
    scenario.horizon = secs(20_000);
    scenario.cluster.zones = 2;
    scenario.deployment.replicas = 1;
    scenario.app.keep_alive_timeout = Limit::At(secs(keep_alive_s));
    scenario.network.keep_alive_race = Dist::Uniform {
        min: ms(0),
        max: ms(100),
    };
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(2),
        ..OpenLoop::default()
    });
    scenario
}

fn lost_share(scenario: &Scenario, replication: u32) -> f64 {
    let (summary, _) = run_with(scenario, Seed(8), replication, TraceLevel::Off);
    stats::ratio(summary.causes.of(Cause::KeepAliveRace), summary.requests_count())
}

#[test]
fn the_race_costs_lambda_w_e_to_the_minus_lambda_k() {
    // A request is lost if the gap before it falls within w around K; w is uniform from 0 to 100 ms, mean 50 ms. Per
    // connection λ = 1/s: e^(−K)·(e^(w/2) − e^(−w/2)) on average, which is λ·w·e^(−λK) to a part in 10³.
    for keep_alive_s in [1, 2] {
        let k = stats::ratio(keep_alive_s, 1);
        let scenario = sparse(keep_alive_s);
        let expected = 0.05 * (-k).exp();
        replicate(12, |replication| lost_share(&scenario, replication)).assert_is(expected, 0.15);
    }
}

#[test]
fn the_race_is_over_where_the_server_waits_longer_than_the_alb() {
    // The ALB closes after 60 s; at one request a second the server's 61 s never come first. With 1 s of idle timeout
    // at the ALB, a server that keeps its connections for 2 s is safe as well.
    assert_eq!(lost_share(&sparse(61), 0).to_bits(), 0);
    let mut scenario = sparse(2);
    scenario.load_balancer.idle_timeout = secs(1);
    assert_eq!(lost_share(&scenario, 0).to_bits(), 0);
}

#[test]
fn a_pooled_connection_is_found_with_probability_one_less_e_to_the_minus_lambda_k() {
    // The gap before a request is exponential with λ = 1/s; it needs a new connection where the gap exceeds K.
    let mut scenario = sparse(1);
    scenario.horizon = secs(5_000);
    scenario.network.keep_alive_race = Dist::ZERO;
    let reused = replicate(12, |replication| {
        let (summary, trace) = run_with(&scenario, Seed(9), replication, TraceLevel::All);
        let reused = trace
            .iter()
            .filter(|record| matches!(&record.fact, Fact::Request(request) if request.reused_connection));
        stats::ratio(reused.count() as u64, summary.requests_count())
    });
    reused.assert_is(1.0 - (-1.0_f64).exp(), 0.02);
}
