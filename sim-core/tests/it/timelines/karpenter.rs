//! Karpenter (nodes §2).
//!
//! ```text
//! look ─ +15 s validated ─ +10 marked ─ +10 NodeClaim deleted ─ +20 +10 Node deleted ─ +20 +10 label and drain
//!      evicted ─ +10 condition +10 DELETE; drained ─ +500 TerminateInstances ─ +3 s system told ─ +30 s off
//! ```

use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::Disruption;
use sim_core::scenario::karpenter::{ConsolidationPolicy, Karpenter, KarpenterApi};
use sim_core::scenario::pod::{TopologyKey, TopologySpread, WhenUnsatisfiable};
use sim_core::scenario::value::{IntOrPercent, Limit};
use sim_core::time::SimDuration;
use sim_core::trace::{Fact, NodeChange};

use super::Topic::{Nodes, Objects, Ready};
use super::{Timeline, constants, scale};
use crate::support::{constant, ms, secs};

/// Nodes that come and go in constant times; the cloud provider's controller looks all the time.
pub(crate) fn machines() -> Scenario {
    let mut scenario = constants();
    scenario.ec2.os_shutdown_notice = constant(secs(3));
    scenario.ec2.os_shutdown = constant(secs(30));
    // Graceful node shutdown, so that the node says that it is not Ready.
    scenario.kubelet.shutdown_grace_period = secs(150);
    scenario.node_lifecycle.cloud_scan_period = SimDuration::from_ns(1);
    scenario
}

/// Karpenter that looks for the first time when it starts.
pub(crate) fn steady() -> Karpenter {
    Karpenter {
        expire_after: Limit::Unlimited,
        poll_phase: constant(SimDuration::ZERO),
        replacement_ready: constant(secs(40)),
        terminate_batch: constant(ms(500)),
        ..Karpenter::default()
    }
}

pub(crate) fn karpenter(at: SimDuration, karpenter: Karpenter) -> Disruption {
    Disruption {
        at,
        karpenter: Some(karpenter),
        ..Disruption::default()
    }
}

/// Some nodes and pods, Karpenter from 10 s on.
pub(crate) fn cluster(nodes: u32, replicas: u32, rules: Karpenter) -> Scenario {
    let mut scenario = machines();
    scenario.cluster.nodes = nodes;
    scenario.deployment.replicas = replicas;
    scenario.disruptions = vec![karpenter(secs(10), rules)];
    scenario
}

#[test]
fn an_empty_node_goes_after_the_validation_and_the_shortest_drain() {
    // §2.2: 10, validated 25; §2.3: marked 25.01; §2.4: label 25.08, drained 5 s later (30.08; nothing to evict),
    // TerminateInstances 30.58, told 33.58, off 63.58; looked at every 5 s: 60.58 no, 65.58 yes, written 65.59.
    let rules = Karpenter {
        consolidation_policy: ConsolidationPolicy::WhenEmpty,
        ..steady()
    };
    let mut scenario = cluster(3, 2, rules);
    scenario.horizon = secs(80);
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Nodes, Objects],
        "
        25.01s node 2 tainted
        25.08s node 2 excluded
        33.58s node 2 shutting_down
        33.59s node 2 not_ready
        63.58s node 2 terminated
        65.59s node 2 deleted
        ",
    );
    let entries: Vec<_> = timeline.summary.disruptions.iter().map(|entry| entry.kind).collect();
    assert_eq!(entries, ["karpenter"]);
}

#[test]
fn consolidate_after_counts_from_the_last_pod_event() {
    // Scaled from 3 to 2 at 11: the third node's pod is gone some 1.3 s after its DELETE at about 11.1, so that the
    // node is quiet from 12.4 on. With 60 s: looked at every 10 s: 80 is the first look after 72.4; validated 95.
    let rules = Karpenter {
        consolidation_policy: ConsolidationPolicy::WhenEmpty,
        consolidate_after: Limit::At(secs(60)),
        ..steady()
    };
    let mut scenario = cluster(3, 3, rules);
    scenario.disruptions.push(scale(secs(11), 2));
    scenario.horizon = secs(96);
    let timeline = Timeline::of(&scenario);
    let tainted = timeline.first(|fact| matches!(fact, Fact::NodeChanged { .. }));
    assert_eq!(tainted.as_ns(), 95_010_000_000);
}

#[test]
fn a_dear_node_is_replaced_by_a_cheaper_one_that_is_there_first() {
    // One m5.xlarge whose pod fits into an m5.large. §2.3: marked and launched 25.01, Initialized 65.01 and looked at
    // every 1 s from 26.01 on: 65.01. §2.4: label 65.08, evicted: DELETE 65.1; §4.2.4: created 65.13, Ready 3.54 later.
    // Gone 1.257 after the DELETE; drained 5 s after 65.08: 70.08, told 73.58, off 103.58, looked at 105.58.
    let rules = Karpenter {
        instance_types: vec!["m5.large".into(), "m5.xlarge".into()],
        ..steady()
    };
    let mut scenario = cluster(1, 1, rules);
    scenario.cluster.instance_type = "m5.xlarge".into();
    scenario.horizon = secs(120);
    Timeline::of(&scenario).check(
        &[Nodes, Objects, Ready],
        "
        25.01s node 0 tainted
        25.01s node 1 launched
        65.01s node 1 joined
        65.08s node 0 excluded
        65.1s pod 0 DELETE, grace 30
        65.13s pod 1 created
        65.397s pod 0 not Ready
        66.357s pod 0 gone
        68.67s pod 1 Ready
        73.58s node 0 shutting_down
        73.59s node 0 not_ready
        103.58s node 0 terminated
        105.59s node 0 deleted
        ",
    );
}

#[test]
fn a_replacement_that_does_not_come_in_time_saves_the_node() {
    // §2.3: launched 25.01; the command gives up at its first look 20 s after 25: 26.01 + k: 45.01. Nothing is deleted.
    // Karpenter looks again at 45 (before that) and 55: the new node, expected to be there soon, is no reason to wait,
    // but the old one is a candidate again: its pod fits into a cheaper one. Validated 70.
    let rules = Karpenter {
        instance_types: vec!["m5.large".into(), "m5.xlarge".into()],
        replacement_ready: constant(secs(600)),
        replacement_timeout: secs(20),
        ..steady()
    };
    let mut scenario = cluster(1, 1, rules);
    scenario.cluster.instance_type = "m5.xlarge".into();
    Timeline::of(&scenario).check(
        &[Nodes, Objects],
        "
        25.01s node 0 tainted
        25.01s node 1 launched
        45.01s node 0 kept
        ",
    );
}

#[test]
fn ttl_seconds_after_empty_cordons_and_does_not_wait_for_a_drain() {
    // v1alpha5, §2.1: from the start on, empty for 30 s at the look of 30; validated 45; cordon and label 45.01; the
    // Node is deleted and looked at 45.08; no shortest drain: TerminateInstances 45.58, told 48.58, off 78.58; looked
    // at every 5 s: 80.58.
    let rules = Karpenter {
        api: KarpenterApi::V1alpha5,
        ttl_seconds_after_empty: Limit::At(secs(30)),
        ..steady()
    };
    let mut scenario = cluster(3, 2, rules);
    scenario.horizon = secs(90);
    Timeline::of(&scenario).check(
        &[Nodes, Objects],
        "
        45.01s node 2 cordoned
        45.01s node 2 excluded
        48.58s node 2 shutting_down
        48.59s node 2 not_ready
        78.58s node 2 terminated
        80.59s node 2 deleted
        ",
    );
}

#[test]
fn pods_without_a_node_get_one_after_the_batch() {
    // Pods of one core each: an m5.large has 1.78 left, so the second of two replicas asked for at 20 finds no node.
    // Scale: write 10, watch 20; spec 10, 20; create 10: 20.07. §2.5: no other pod for 1 s: launched 21.07; Ready 40 s
    // later: the pod is bound at once and Ready 3.54 after that.
    let mut scenario = cluster(1, 1, steady());
    scenario.pod.requests.cpu = "1".parse().unwrap();
    scenario.disruptions.push(scale(secs(20), 2));
    scenario.horizon = secs(75);
    Timeline::of(&scenario).check(
        &[Nodes, Objects, Ready],
        "
        20.07s pod 1 created
        21.07s node 1 launched
        61.07s node 1 joined
        64.61s pod 1 Ready
        ",
    );
}

#[test]
fn a_hard_spread_over_zones_keeps_a_node_in_each() {
    // Two zones with two nodes and two pods each: one node of a zone can go, but not both.
    let mut scenario = cluster(4, 4, steady());
    scenario.pod.topology_spread = vec![TopologySpread {
        topology_key: TopologyKey::Zone,
        max_skew: 1,
        when_unsatisfiable: WhenUnsatisfiable::DoNotSchedule,
    }];
    scenario.horizon = secs(900);
    let timeline = Timeline::of(&scenario);
    assert_eq!(timeline.summary.series.last().unwrap().nodes, 2);
    let gone = timeline.all(|fact| {
        matches!(
            fact,
            Fact::NodeChanged {
                change: NodeChange::Deleted,
                ..
            }
        )
    });
    let zones: Vec<u32> = gone
        .map(|(_, fact)| match fact {
            Fact::NodeChanged { node, .. } => node % 2,
            _ => unreachable!("filtered"),
        })
        .collect();
    assert_eq!(zones.iter().filter(|zone| **zone == 0).count(), 1, "{zones:?}");
    assert_eq!(zones.len(), 2);
}

#[test]
fn without_a_spread_one_node_is_left() {
    let mut scenario = cluster(4, 4, steady());
    scenario.horizon = secs(900);
    let summary = Timeline::of(&scenario).summary;
    assert_eq!(summary.series.last().unwrap().nodes, 1);
    // Three commands: the budget of 10 % lets one go at a time.
    assert_eq!(summary.disruptions.len(), 3);
}

#[test]
fn expiry_asks_no_budget() {
    // §2.5: no node may be disrupted, yet each of the start has an age spread over 60 s and goes within that time.
    let rules = Karpenter {
        budget: IntOrPercent::Int(0),
        expire_after: Limit::At(secs(60)),
        ..steady()
    };
    let mut scenario = cluster(3, 3, rules);
    scenario.horizon = secs(300);
    let timeline = Timeline::of(&scenario);
    let tainted: Vec<_> = timeline
        .all(|fact| {
            matches!(
                fact,
                Fact::NodeChanged {
                    node: 0..3,
                    change: NodeChange::Tainted
                }
            )
        })
        .map(|(at, _)| at)
        .collect();
    assert_eq!(tainted.len(), 3);
    // Claim 10, Node 30, patch 30 after the instant of expiry, which lies between 10 s and 70 s.
    assert!(
        tainted
            .iter()
            .all(|at| (10_070_000_000..=70_070_000_000).contains(&at.as_ns())),
        "{tainted:?}"
    );
    let launched = timeline.all(|fact| {
        matches!(
            fact,
            Fact::NodeChanged {
                change: NodeChange::Launched,
                ..
            }
        )
    });
    assert!(launched.count() >= 1, "the last node's pods need another one");
}

#[test]
fn a_pod_of_another_workload_moves_too_or_keeps_its_node() {
    // One pod of 1.5 cores on a node of 1.78: it fits on no other node that has a pod of 500m.
    let moved = |cpu: &str| {
        let mut scenario = cluster(2, 2, steady());
        scenario.pod.requests.cpu = "250m".parse().unwrap();
        scenario.cluster.other_workloads = vec![sim_core::scenario::cluster::OtherWorkload {
            requests: sim_core::scenario::pod::Resources {
                cpu: cpu.parse().unwrap(),
                ..sim_core::scenario::pod::Resources::ZERO
            },
            ..sim_core::scenario::cluster::OtherWorkload::default()
        }];
        scenario.horizon = secs(300);
        Timeline::of(&scenario).summary.series.last().unwrap().nodes
    };
    // m5.large: 1930m less 150m for system pods: 1780m; two pods take 500m.
    assert_eq!(moved("1280m"), 1);
    assert_eq!(moved("1281m"), 2);
}
