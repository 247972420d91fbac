//! Shares of healthy targets (alb §2.1).

use std::collections::BTreeMap;

use sim_core::rng::Seed;
use sim_core::scenario::elbv2::Algorithm;
use sim_core::scenario::workload::{OpenLoop, Profile};
use sim_core::stats;
use sim_core::trace::{Fact, NodeTargetState, TraceLevel};

use super::replicate;
use crate::support::{constant, instant, ms, run_with, secs};
use crate::timelines::scale;

fn requests_at(per_second: u64) -> Option<OpenLoop> {
    Some(OpenLoop {
        rate: Profile::Constant(per_second),
        ..OpenLoop::default()
    })
}

#[test]
fn round_robin_is_exact_on_every_alb_node() {
    // Per ALB node, seven targets in sequence: any seven requests in a row go to seven different ones.
    let mut scenario = instant();
    scenario.horizon = secs(10);
    scenario.deployment.replicas = 7;
    scenario.workload.open_loop = requests_at(1_000);
    let (_, trace) = run_with(&scenario, Seed(5), 0, TraceLevel::All);
    let mut by_node: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut requests: Vec<_> = trace
        .iter()
        .filter_map(|record| match &record.fact {
            Fact::Request(request) => Some(request),
            _ => None,
        })
        .collect();
    requests.sort_by_key(|request| request.request);
    for request in requests {
        let target = request.target.expect("a healthy target");
        by_node.entry(request.alb_node).or_default().push(target);
    }
    assert_eq!(by_node.len(), 3, "one ALB node in each of three zones");
    for targets in by_node.values() {
        assert!(targets.len() > 2_500, "clients spread over the ALB nodes");
        for window in targets.windows(8) {
            assert_eq!(window[0], window[7]);
            assert!(!window[1..7].contains(&window[0]));
        }
    }
}

#[test]
fn weighted_random_and_least_outstanding_requests_are_even_over_equal_targets() {
    // Four targets: a share of 1/4 of about 20 000 requests per run.
    for algorithm in [Algorithm::WeightedRandom, Algorithm::LeastOutstandingRequests] {
        let mut scenario = instant();
        scenario.horizon = secs(20);
        scenario.deployment.replicas = 4;
        scenario.target_group.algorithm = algorithm;
        scenario.app.service_time = constant(ms(100));
        scenario.workload.open_loop = requests_at(1_000);
        let share = replicate(12, |replication| {
            let (summary, trace) = run_with(&scenario, Seed(6), replication, TraceLevel::All);
            let to_first = trace
                .iter()
                .filter(|record| matches!(&record.fact, Fact::Request(request) if request.target == Some(0)));
            stats::ratio(to_first.count() as u64, summary.requests_count())
        });
        // Least outstanding requests evens out: its shares vary less than those of chance.
        share.assert_is(0.25, 0.03);
    }
}

#[test]
fn slow_start_ramps_the_share_of_a_new_target() {
    // Four old targets and one new: with weight p growing from 0 to 1 over 30 s its share is p / (4 + p); over the ramp
    // ∫ p/(4 + p) dp = 1 − 4·ln(5/4) = 0.1074, a fifth without slow start. 1000/s.
    let mut scenario = instant();
    scenario.horizon = secs(60);
    scenario.deployment.replicas = 4;
    scenario.target_group.slow_start = secs(30);
    scenario.workload.open_loop = requests_at(1_000);
    scenario.disruptions = vec![scale(secs(10), 5)];
    let shares_of = |replication| {
        let (_, trace) = run_with(&scenario, Seed(7), replication, TraceLevel::All);
        let healthy = trace.iter().find(|record| {
            let wanted = NodeTargetState::Healthy;
            matches!(&record.fact, Fact::NodeTarget { target: 4, state, .. } if *state == wanted)
        });
        let start = healthy.expect("the new target turns healthy").at_ns;
        [(0, 30), (0, 10), (30, 45)].map(|(from_s, to_s)| {
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
            stats::ratio(to_new, all)
        })
    };
    let shares: Vec<[f64; 3]> = (0..12).map(shares_of).collect();
    let share_of = |window: usize| replicate(12, |replication| shares[replication as usize][window]);
    share_of(0).assert_is(1.0 - 4.0 * 1.25_f64.ln(), 0.05);
    // The first third: 3 · (1/3 − 4·ln(13/12)).
    share_of(1).assert_is(1.0 - 12.0 * (13.0_f64 / 12.0).ln(), 0.2);
    share_of(2).assert_is(0.2, 0.02);
}
