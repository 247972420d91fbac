//! Health thresholds: fail open below a minimum, zones that leave DNS (alb §2.1–2.3).
//!
//! Two zones with one node, one ALB node and one or two pods each. The Service publishes addresses that are not ready and
//! deregistrations take 600 s, so that health checks alone take targets out: 15 s apart, two failures, each ALB node
//! and target with a phase U of its own below 15 s. A crash at 30 is refused at once: unhealthy at 30 + U + 15. A
//! silent node lets both checks hang for 5 s: 30 + U + 15 + 5.

use sim_core::outcome::Cause;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, NodeFailure, PodCrash};
use sim_core::scenario::health::Minimum;
use sim_core::time::SimTime;
use sim_core::trace::{Fact, NodeTargetState};

use super::Topic::{Views, Zones};
use super::{Timeline, constants, even_requests};
use crate::support::{constant, secs};

/// So many steady pods that only health checks take out.
fn checked(replicas: u32) -> Scenario {
    let mut scenario = constants();
    scenario.horizon = secs(200);
    scenario.deployment.replicas = replicas;
    scenario.service.publish_not_ready_addresses = true;
    scenario.elbv2.deregister_propagation = constant(secs(600));
    scenario.dns.failover_time = constant(secs(20));
    scenario
}

fn node_fails(at_s: u64) -> Disruption {
    Disruption {
        at: secs(at_s),
        node_failure: Some(NodeFailure {
            reported_terminated: false,
            ..NodeFailure::default()
        }),
        ..Disruption::default()
    }
}

fn crash(at_s: u64, pods: u32) -> Disruption {
    Disruption {
        at: secs(at_s),
        pod_crash: Some(PodCrash { pods }),
        ..Disruption::default()
    }
}

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + secs(seconds)
}

fn turned(state: NodeTargetState) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::NodeTarget { state: to, .. } if *to == state)
}

fn is_answer(fact: &Fact) -> bool {
    matches!(fact, Fact::DnsAnswered { .. })
}

/// Instants and zones of the answers.
fn answers(timeline: &Timeline) -> Vec<(SimTime, Vec<u32>)> {
    let answers = timeline.all(is_answer);
    let zones = answers.map(|(at, fact)| match fact {
        Fact::DnsAnswered { zones } => (at, zones.clone()),
        _ => unreachable!("selected"),
    });
    zones.collect()
}

#[test]
fn a_zone_without_a_healthy_target_leaves_dns_after_the_failover_time() {
    // Node 0 (zone 0, pod 0) dies at 30. Cross-zone is off, so that ALB node 0 alone knows pod 0 (§2.2): unhealthy at
    // 50 to 65, and 20 s later the record is changed. No client knows it longer than 60 s more.
    let mut scenario = checked(2);
    scenario.target_group.cross_zone = false;
    scenario.disruptions = vec![node_fails(30)];
    scenario.workload.open_loop = even_requests(2, secs(1), secs(190));
    let timeline = Timeline::of(&scenario).since_first(turned(NodeTargetState::Unhealthy));
    timeline.check(
        &[Views, Zones],
        "
        0s ALB node 0: target 0 unhealthy
        20s DNS answers with zones [1]
        ",
    );
    let unhealthy = timeline.first(turned(NodeTargetState::Unhealthy));
    assert!((at(50)..at(65)).contains(&unhealthy), "{unhealthy}");
    let entered = timeline.requests().filter(|request| request.alb_node == 0);
    let last = entered.map(|request| request.issued_ns).max().expect("some");
    let (changed, forgotten) = (unhealthy + secs(20), unhealthy + secs(80));
    assert!((changed.as_ns()..forgotten.as_ns()).contains(&last), "{last}");
    assert_eq!(timeline.summary.observations.dns_failovers, 1);
}

#[test]
fn dns_answers_with_all_zones_when_none_is_left() {
    // Both pods crash at 30 and listen again at 30.03 + 60 + 2 = 92.03. Each zone falls at 45 to 60 and leaves 20 s
    // later: the first leaves the other alone, the second leaves nobody, and so both are back. Two passed checks: each
    // rises at 107 to 122, and 20 s later the first is alone, then both.
    let mut scenario = checked(2);
    scenario.target_group.cross_zone = false;
    scenario.app.restart_delay = constant(secs(60));
    scenario.disruptions = vec![crash(30, 2)];
    let timeline = Timeline::of(&scenario);
    let turns = |state| -> Vec<(SimTime, u32)> {
        let turns = timeline.all(turned(state)).filter(|(at, _)| *at > SimTime::ZERO);
        let nodes = turns.map(|(at, fact)| match fact {
            Fact::NodeTarget { alb_node, .. } => (at, *alb_node),
            _ => unreachable!("selected"),
        });
        nodes.collect()
    };
    let (fall, rise) = (turns(NodeTargetState::Unhealthy), turns(NodeTargetState::Healthy));
    assert_eq!((fall.len(), rise.len()), (2, 2));
    assert!(fall.iter().all(|(when, _)| (at(45)..at(60)).contains(when)), "{fall:?}");
    assert!(
        rise.iter().all(|(when, _)| (at(107)..at(123)).contains(when)),
        "{rise:?}"
    );
    let expected = [
        (fall[0].0 + secs(20), vec![fall[1].1]),
        (fall[1].0 + secs(20), vec![0, 1]),
        (rise[0].0 + secs(20), vec![rise[0].1]),
        (rise[1].0 + secs(20), vec![0, 1]),
    ];
    assert_eq!(answers(&timeline), expected);
}

#[test]
fn a_zone_that_recovers_within_the_failover_time_stays() {
    // As above, unhealthy for at most 122 − 45 = 77 s: less than 80.
    let mut scenario = checked(2);
    scenario.target_group.cross_zone = false;
    scenario.app.restart_delay = constant(secs(60));
    scenario.dns.failover_time = constant(secs(80));
    scenario.disruptions = vec![crash(30, 2)];
    assert_eq!(answers(&Timeline::of(&scenario)), []);
}

#[test]
fn with_cross_zone_no_zone_leaves_dns() {
    // Both ALB nodes know both pods (§2.2), and none is healthy from 60 to 107.
    let mut scenario = checked(2);
    scenario.app.restart_delay = constant(secs(60));
    scenario.disruptions = vec![crash(30, 2)];
    assert_eq!(answers(&Timeline::of(&scenario)), []);
}

#[test]
fn a_zone_below_a_raised_count_is_out_of_dns_from_the_start() {
    // Three pods over two nodes: zone 0 has two, zone 1 one. Nothing changes later.
    let mut scenario = checked(3);
    scenario.target_group.cross_zone = false;
    let dns = &mut scenario.target_group.health.dns_failover.minimum_healthy_targets;
    dns.count = Minimum::At(2);
    scenario.workload.open_loop = even_requests(2, secs(0), secs(60));
    let timeline = Timeline::of(&scenario);
    assert_eq!(answers(&timeline), [(SimTime::ZERO, vec![0])]);
    assert!(timeline.requests().all(|request| request.alb_node == 0));
    // Half of the registered ones: both zones have all.
    let dns = &mut scenario.target_group.health.dns_failover.minimum_healthy_targets;
    (dns.count, dns.percentage) = (Minimum::Off, Minimum::At(50));
    assert_eq!(answers(&Timeline::of(&scenario)), []);
}

/// Two of four pods crash at 30 for good; refused requests among each four in a row of an ALB node from 70 on, where
/// the checks have seen it.
fn refused_of_four(change: impl FnOnce(&mut Scenario)) -> usize {
    let mut scenario = checked(4);
    scenario.app.restart_delay = constant(secs(1_000));
    scenario.disruptions = vec![crash(30, 2)];
    scenario.workload.open_loop = even_requests(10, secs(1), secs(190));
    change(&mut scenario);
    let timeline = Timeline::of(&scenario);
    let mut counts = Vec::new();
    let mut late = 0;
    for alb_node in 0..2 {
        let mut requests: Vec<_> = timeline
            .requests()
            .filter(|request| request.alb_node == alb_node)
            .collect();
        requests.retain(|request| request.issued_ns >= at(70).as_ns());
        requests.sort_by_key(|request| request.request);
        late += requests.len() as u64;
        let refused: Vec<bool> = requests.iter().map(|request| request.cause.is_some()).collect();
        counts.extend(
            refused
                .windows(4)
                .map(|four| four.iter().filter(|refused| **refused).count()),
        );
    }
    assert!(
        counts.len() > 1_000 && counts.windows(2).all(|pair| pair[0] == pair[1]),
        "{counts:?}"
    );
    let open = timeline.summary.observations.fail_open_requests;
    // Every request from 70 on is one of fail open, or none ever is.
    assert!(if counts[0] > 0 { open >= late } else { open == 0 }, "{open} of {late}");
    assert!(
        timeline
            .summary
            .causes
            .iter()
            .all(|(cause, ..)| cause == Cause::RefusedProcessDead)
    );
    counts[0]
}

#[test]
fn below_the_routing_minimum_healthy_and_unhealthy_targets_take_turns() {
    // §2.1, §2.3: two of four are healthy. Below a minimum of three all four take turns: two of four requests are
    // refused. At a minimum of two the healthy ones take all.
    let count = |count: u32| {
        refused_of_four(|scenario| {
            let health = &mut scenario.target_group.health;
            health.unhealthy_state_routing.minimum_healthy_targets.count = count;
            health.dns_failover.minimum_healthy_targets.count = Minimum::At(count);
        })
    };
    assert_eq!([count(1), count(2), count(3)], [0, 0, 2]);
    let percentage = |percentage: u32| {
        refused_of_four(|scenario| {
            let routing = &mut scenario.target_group.health.unhealthy_state_routing;
            routing.minimum_healthy_targets.percentage = Minimum::At(percentage);
        })
    };
    assert_eq!([percentage(50), percentage(51)], [0, 2]);
}
