//! Shares of ALB nodes and targets while DNS, thresholds or weights change (alb §2.1, §2.2, §8).

use sim_core::dist::Probability;
use sim_core::outcome::{Cause, Status};
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, ZonalShift, ZoneFailure};
use sim_core::scenario::elbv2::Algorithm;
use sim_core::scenario::health::{Minimum, Switch};
use sim_core::stats;
use sim_core::time::SimDuration;

use super::Oracle;
use super::bench::Bench;
use super::comparison::Comparison;
use super::estimate::Estimate;
use super::workload::{constant, crash, poisson, secs};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "dns_ageing",
        claim: "A zone that leaves DNS loses its clients linearly over the TTL of 60 s, then has none.",
        source: "alb §2.2: copies of the record are U(0, 60 s) old; a third · 7/8, 5/8, 3/8, 1/8 per quarter",
        compare: clients_leave_over_the_ttl,
    },
    Oracle {
        name: "lost_zone_requests",
        claim: "A zone that fails costs its share of the requests until DNS drops it, and half of that over the TTL.",
        source: "λ / 3 · (45 s + 60 s / 2) at 100/s",
        compare: a_lost_zone_loses_its_share,
    },
    Oracle {
        name: "anomaly_weight",
        claim: "A target whose weight anomaly mitigation cuts keeps only its minimum share.",
        source: "alb §2.1: w / (3 + w) beside three targets of weight 1, w = 1 without mitigation, 0.05, 0.2",
        compare: a_cut_target_gets_its_minimum,
    },
    Oracle {
        name: "routing_minimum",
        claim: "Below the routing minimum an unhealthy target keeps its turn; at the default it gets nothing.",
        source: "alb §2.3: 1/4 of the turns, 0",
        compare: the_unhealthy_keep_their_share,
    },
];

const SECOND: u64 = 1_000_000_000;

fn scenario(zones: u32, replicas: u32, per_second: u64) -> Scenario {
    let mut scenario = Scenario::instantaneous();
    scenario.cluster.zones = zones;
    scenario.deployment.replicas = replicas;
    scenario.load_balancer.zonal_shift = true;
    scenario.dns.shift_time = constant(SimDuration::ZERO);
    scenario.workload.open_loop = Some(poisson(per_second));
    scenario
}

/// At t after the change 1 − t/60 of the clients still have three zones, of which each gets a third.
fn clients_leave_over_the_ttl(bench: &mut Bench) -> Comparison {
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
    let mut quarters: [Vec<f64>; 4] = Default::default();
    let mut late = 0;
    for replication in 0..16 {
        let requests = bench.requests(&scenario, replication);
        for (from, shares) in [10, 25, 40, 55].into_iter().zip(&mut quarters) {
            let window = from * SECOND..(from + 15) * SECOND;
            let during = requests.iter().filter(|request| window.contains(&request.issued_ns));
            let (of_zone, others): (Vec<_>, Vec<_>) = during.partition(|request| request.alb_node == 1);
            shares.push(stats::ratio(
                of_zone.len() as u64,
                (of_zone.len() + others.len()) as u64,
            ));
        }
        let stays = requests
            .iter()
            .filter(|request| request.alb_node == 1 && request.issued_ns >= 70 * SECOND);
        late += stays.count();
    }
    let shares = [7.0, 5.0, 3.0, 1.0].into_iter().zip(quarters);
    let quarters = shares.map(|(eighths, shares)| Estimate::of(&shares).against(eighths / 24.0, 0.12, ""));
    Comparison::all(quarters.chain([Comparison::same(0, late).of("requests after the TTL:")]))
}

/// 100 · 1/3 · (45 + 30) = 2500.
fn a_lost_zone_loses_its_share(bench: &mut Bench) -> Comparison {
    let mut scenario = scenario(3, 3, 100);
    scenario.horizon = secs(130);
    scenario.dns.dead_node_time = constant(secs(45));
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        zone_failure: Some(ZoneFailure::default()),
        ..Disruption::default()
    }];
    let mut of_other_causes = 0;
    let lost = bench.replicate(16, |bench, replication| {
        let summary = bench.run(&scenario, replication);
        let unanswered = summary.status_counts[Status::Unanswered as usize];
        of_other_causes += unanswered.abs_diff(summary.causes.of(Cause::AlbNodeUnreachable));
        stats::ratio(unanswered, 1)
    });
    Comparison::all([
        lost.against(2500.0, 0.03, "requests"),
        Comparison::same(0, of_other_causes).of("of other causes:"),
    ])
}

/// One pod of four crashes at once, for good, and no check ever finds it.
fn one_of_four_is_dead() -> Scenario {
    let mut scenario = scenario(2, 4, 500);
    scenario.horizon = secs(60);
    scenario.app.restart_delay = constant(secs(1_000));
    scenario.pod.readiness_probe = None;
    // The controller keeps the target although its pod is not ready.
    scenario.service.publish_not_ready_addresses = true;
    scenario.target_group.health_check.interval = secs(300);
    scenario.disruptions = vec![crash(secs(1), 1)];
    scenario
}

/// Share of requests that are refused from the tenth second on.
fn refused(bench: &mut Bench, scenario: &Scenario, replication: u32) -> f64 {
    let summary = bench.run(scenario, replication);
    let rows = &summary.series[10..];
    let requests: u32 = rows.iter().flat_map(|row| row.status_counts).sum();
    let refused = rows.iter().map(|row| row.status_counts[Status::BadGateway as usize]);
    stats::ratio(u64::from(refused.sum::<u32>()), u64::from(requests))
}

fn a_cut_target_gets_its_minimum(bench: &mut Bench) -> Comparison {
    let mut scenario = one_of_four_is_dead();
    scenario.target_group.algorithm = Algorithm::WeightedRandom;
    let settings = [
        (Switch::Off, 0.05, 0.25, 0.03),
        (Switch::On, 0.05, 0.05 / 3.05, 0.1),
        (Switch::On, 0.2, 0.2 / 3.2, 0.06),
    ];
    Comparison::all(settings.map(|(mitigation, minimum, expected, precision)| {
        scenario.target_group.anomaly_mitigation = mitigation;
        scenario.anomaly_detection.minimum_share = Probability::new(minimum).expect("a probability");
        let share = bench.replicate(12, |bench, replication| refused(bench, &scenario, replication));
        share.against(expected, precision, "")
    }))
}

/// Found after 10 s at the latest: two refusals 5 s apart. Turns are exact.
fn the_unhealthy_keep_their_share(bench: &mut Bench) -> Comparison {
    let mut scenario = one_of_four_is_dead();
    scenario.target_group.health_check.interval = secs(5);
    scenario.target_group.health_check.timeout = secs(2);
    scenario.horizon = secs(100);
    scenario.disruptions[0].at = SimDuration::ZERO;
    let at_default = Comparison::same(0.0, refused(bench, &scenario, 0));
    let health = &mut scenario.target_group.health;
    health.unhealthy_state_routing.minimum_healthy_targets.count = 4;
    health.dns_failover.minimum_healthy_targets.count = Minimum::Off;
    let below = (0..4).map(|replication| {
        let share = refused(bench, &scenario, replication);
        Comparison::new(
            "0.25 ± 0.001".into(),
            format!("{share:.5}"),
            (share - 0.25).abs() < 1e-3,
        )
    });
    Comparison::all([at_default].into_iter().chain(below))
}
