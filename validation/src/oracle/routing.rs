//! Shares of healthy targets (alb §2.1).

use std::collections::BTreeMap;

use sim_core::scenario::Scenario;
use sim_core::scenario::elbv2::Algorithm;
use sim_core::stats;
use sim_core::trace::{Fact, NodeTargetState, TraceLevel};

use super::Oracle;
use super::bench::Bench;
use super::comparison::Comparison;
use super::estimate::Estimate;
use super::workload::{constant, ms, poisson, scale, secs};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "round_robin_turns",
        claim: "With round robin any seven requests in a row at one ALB node go to seven different targets.",
        source: "alb §2.1: targets in turn, per ALB node",
        compare: turns_are_exact,
    },
    Oracle {
        name: "weighted_random_share",
        claim: "Weighted random gives each of four equal targets a quarter.",
        source: "alb §2.1: equal weights; share 1 / n",
        compare: |bench| equal_share(bench, Algorithm::WeightedRandom),
    },
    Oracle {
        name: "least_outstanding_requests_share",
        claim: "Least outstanding requests gives each of four equal targets a quarter.",
        source: "alb §2.1; share 1 / n by symmetry",
        compare: |bench| equal_share(bench, Algorithm::LeastOutstandingRequests),
    },
    Oracle {
        name: "slow_start_ramp",
        claim: "A new target beside four old ones gets its share linearly over the slow start of 30 s.",
        source: "alb §2.1: weight p from 0 to 1, share p / (4 + p); ∫ p / (4 + p) dp = 1 − 4 ln(5/4) over the ramp",
        compare: slow_start_ramps,
    },
];

fn targets(replicas: u32) -> Scenario {
    let mut scenario = Scenario::instantaneous();
    scenario.deployment.replicas = replicas;
    scenario.workload.open_loop = Some(poisson(1_000));
    scenario
}

/// One ALB node in each of three zones.
fn turns_are_exact(bench: &mut Bench) -> Comparison {
    let mut scenario = targets(7);
    scenario.horizon = secs(10);
    let mut requests = bench.requests(&scenario, 0);
    requests.sort_by_key(|request| request.request);
    let mut by_node: BTreeMap<u32, Vec<Option<u32>>> = BTreeMap::new();
    for request in requests {
        by_node.entry(request.alb_node).or_default().push(request.target);
    }
    let windows = by_node.values().flat_map(|targets| targets.windows(8));
    let (mut rows, mut broken) = (0_u64, 0_u64);
    for window in windows {
        let is_turn = window[0].is_some() && window[0] == window[7] && !window[1..7].contains(&window[0]);
        rows += 1;
        broken += u64::from(!is_turn);
    }
    Comparison::all([
        Comparison::same(3, by_node.len()).of("ALB nodes"),
        Comparison::same(0, broken).of("rows out of turn"),
        Comparison::between(9_000, 11_000, rows).of("rows"),
    ])
}

/// About 20 000 requests of 100 ms per run.
fn equal_share(bench: &mut Bench, algorithm: Algorithm) -> Comparison {
    let mut scenario = targets(4);
    scenario.horizon = secs(20);
    scenario.target_group.algorithm = algorithm;
    scenario.app.service_time = constant(ms(100));
    let share = bench.replicate(12, |bench, replication| {
        let requests = bench.requests(&scenario, replication);
        let to_first = requests.iter().filter(|request| request.target == Some(0)).count();
        stats::ratio(to_first as u64, requests.len() as u64)
    });
    share.against(0.25, 0.03, "")
}

/// Over the whole ramp, over its first third (3 · (1/3 − 4 ln(13/12))), and after it.
fn slow_start_ramps(bench: &mut Bench) -> Comparison {
    let mut scenario = targets(4);
    scenario.horizon = secs(60);
    scenario.target_group.slow_start = secs(30);
    scenario.disruptions = vec![scale(secs(10), 5)];
    let mut shares: [Vec<f64>; 3] = Default::default();
    for replication in 0..12 {
        let (_, trace) = bench.traced(&scenario, replication, TraceLevel::All);
        let healthy = trace.iter().find(|record| {
            let wanted = NodeTargetState::Healthy;
            matches!(&record.fact, Fact::NodeTarget { target: 4, state, .. } if *state == wanted)
        });
        let Some(start) = healthy.map(|record| record.at_ns) else {
            return Comparison::new("a healthy new target".into(), "none".into(), false);
        };
        for (share, (from_s, to_s)) in shares.iter_mut().zip([(0, 30), (0, 10), (30, 45)]) {
            let window = start + secs(from_s).as_ns()..start + secs(to_s).as_ns();
            let (mut all, mut to_new) = (0, 0);
            for record in &trace {
                if let Fact::Request(request) = &record.fact
                    && window.contains(&request.issued_ns)
                {
                    all += 1;
                    to_new += u64::from(request.target == Some(4));
                }
            }
            share.push(stats::ratio(to_new, all));
        }
    }
    let [ramp, first_third, after] = shares.map(|shares| Estimate::of(&shares));
    Comparison::all([
        ramp.against(1.0 - 4.0 * 1.25_f64.ln(), 0.05, "").of("ramp"),
        first_third
            .against(1.0 - 12.0 * (13.0_f64 / 12.0).ln(), 0.2, "")
            .of("first third"),
        after.against(0.2, 0.02, "").of("afterwards"),
    ])
}
