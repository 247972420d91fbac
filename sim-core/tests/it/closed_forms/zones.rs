//! Shares of ALB nodes and targets while DNS, thresholds or weights change (alb §2.1, §2.2, §8).

use sim_core::outcome::{Cause, Status};
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, PodCrash, ZonalShift, ZoneFailure};
use sim_core::scenario::elbv2::Algorithm;
use sim_core::scenario::health::{Minimum, Switch};
use sim_core::scenario::workload::{OpenLoop, Profile};
use sim_core::stats;
use sim_core::time::SimDuration;
use sim_core::trace::{Fact, RequestRecord, TraceLevel};

use super::replicate;
use crate::support::{constant, instant, run_with, secs};

const SECOND: u64 = 1_000_000_000;

fn scenario(zones: u32, replicas: u32, per_second: u64) -> Scenario {
    let mut scenario = instant();
    scenario.cluster.zones = zones;
    scenario.deployment.replicas = replicas;
    scenario.load_balancer.zonal_shift = true;
    scenario.dns.shift_time = constant(secs(0));
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(per_second),
        ..OpenLoop::default()
    });
    scenario
}

fn requests(scenario: &Scenario, replication: u32) -> Vec<RequestRecord> {
    let (_, trace) = run_with(scenario, Seed(8), replication, TraceLevel::All);
    let requests = trace.into_iter().filter_map(|record| match record.fact {
        Fact::Request(request) => Some(request),
        _ => None,
    });
    requests.collect()
}

#[test]
fn a_zone_that_leaves_dns_loses_its_clients_linearly_over_the_ttl() {
    // Copies of the record are uniformly 0 to 60 s old: at t after the change 1 − t/60 of them still have three zones,
    // of which each gets a third. Over the quarters of the minute the zone's share is 7/8, 5/8, 3/8, 1/8 of a third,
    // then nothing.
    let mut scenario = scenario(3, 3, 300);
    scenario.horizon = secs(80);
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        zonal_shift: Some(ZonalShift {
            zone: 1,
            duration: secs(600),
        }),
        ..Disruption::default()
    }];
    let share = |replication, from: u64, to: u64| {
        let requests = requests(&scenario, replication);
        let during = requests
            .iter()
            .filter(|request| (from * SECOND..to * SECOND).contains(&request.issued_ns));
        let (of_zone, others): (Vec<_>, Vec<_>) = during.partition(|request| request.alb_node == 1);
        stats::ratio(of_zone.len() as u64, (of_zone.len() + others.len()) as u64)
    };
    for (quarter, eighths) in [(0, 7.0), (1, 5.0), (2, 3.0), (3, 1.0)] {
        let from = 10 + 15 * quarter;
        replicate(16, |replication| share(replication, from, from + 15)).assert_is(eighths / 24.0, 0.12);
    }
    assert!((0..4).all(|replication| {
        requests(&scenario, replication)
            .iter()
            .all(|request| request.alb_node != 1 || request.issued_ns < 70 * SECOND)
    }));
}

#[test]
fn requests_to_a_lost_zone_are_its_share_until_dns_and_half_of_it_over_the_ttl() {
    // Rate · 1/3 · (dead-node time + TTL / 2) = 100 · 1/3 · (45 + 30) = 2500.
    let mut scenario = scenario(3, 3, 100);
    scenario.horizon = secs(130);
    scenario.dns.dead_node_time = constant(secs(45));
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        zone_failure: Some(ZoneFailure::default()),
        ..Disruption::default()
    }];
    let lost = replicate(16, |replication| {
        let (summary, _) = run_with(&scenario, Seed(8), replication, TraceLevel::Off);
        let unanswered = summary.status_counts[Status::Unanswered as usize];
        assert_eq!(summary.causes.of(Cause::AlbNodeUnreachable), unanswered);
        stats::ratio(unanswered, 1)
    });
    lost.assert_is(2500.0, 0.03);
}

/// Share of requests that are refused from the tenth second on: one pod of four crashes at once, for good, and no check
/// ever finds it.
fn refused(scenario: &Scenario, replication: u32) -> f64 {
    let (summary, _) = run_with(scenario, Seed(8), replication, TraceLevel::Off);
    let rows = &summary.series[10..];
    let requests: u32 = rows.iter().flat_map(|row| row.status_counts).sum();
    let refused: u32 = rows
        .iter()
        .map(|row| row.status_counts[Status::BadGateway as usize])
        .sum();
    stats::ratio(u64::from(refused), u64::from(requests))
}

fn one_of_four_is_dead() -> Scenario {
    let mut scenario = scenario(2, 4, 500);
    scenario.horizon = secs(60);
    scenario.app.restart_delay = constant(secs(1_000));
    scenario.pod.readiness_probe = None;
    // The controller keeps the target although its pod is not ready.
    scenario.service.publish_not_ready_addresses = true;
    scenario.target_group.health_check.interval = secs(300);
    scenario.disruptions = vec![Disruption {
        at: secs(1),
        pod_crash: Some(PodCrash { pods: 1 }),
        ..Disruption::default()
    }];
    scenario
}

#[test]
fn a_cut_target_gets_its_minimum_share() {
    // Weight 0.05 beside three of 1: 0.05 / 3.05 = 1.64 %, with weight 0.2 it is 6.25 %; without a cut a quarter.
    let mut scenario = one_of_four_is_dead();
    scenario.target_group.algorithm = Algorithm::WeightedRandom;
    replicate(12, |replication| refused(&scenario, replication)).assert_is(0.25, 0.03);
    scenario.target_group.anomaly_mitigation = Switch::On;
    replicate(12, |replication| refused(&scenario, replication)).assert_is(0.05 / 3.05, 0.1);
    scenario.anomaly_detection.minimum_share = sim_core::dist::Probability::new(0.2).unwrap();
    replicate(12, |replication| refused(&scenario, replication)).assert_is(0.2 / 3.2, 0.06);
}

#[test]
fn below_a_routing_minimum_the_unhealthy_keep_their_share() {
    // Found after 10 s at the latest (5 s and two refusals); below a minimum of four it keeps its turn: a quarter. At
    // the default of one it gets nothing.
    let mut scenario = one_of_four_is_dead();
    scenario.target_group.health_check.interval = secs(5);
    scenario.target_group.health_check.timeout = secs(2);
    scenario.horizon = secs(100);
    scenario.disruptions[0].at = SimDuration::ZERO;
    let none = refused(&scenario, 0);
    assert!(none <= 0.0, "{none}");
    let health = &mut scenario.target_group.health;
    health.unhealthy_state_routing.minimum_healthy_targets.count = 4;
    health.dns_failover.minimum_healthy_targets.count = Minimum::Off;
    for replication in 0..4 {
        let share = refused(&scenario, replication);
        assert!((share - 0.25).abs() < 1e-3, "{share}: turns are exact");
    }
}
