//! Managed node groups and Auto Scaling groups (nodes §3.3, §3.4).

use sim_core::scenario::Scenario;
use sim_core::scenario::capacity::{AzRebalance, NodeGroupScaleIn, NodeGroupUpdate};
use sim_core::scenario::disruption::Disruption;
use sim_core::scenario::value::IntOrPercent;

use super::Timeline;
use super::Topic::{Nodes, Objects};
use super::karpenter::machines;
use crate::support::{constant, secs};

/// Two zones with a node and a pod each, and something at 10 s.
fn group(disruption: Disruption) -> Scenario {
    let mut scenario = machines();
    scenario.deployment.replicas = 2;
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        ..disruption
    }];
    scenario
}

fn update(mut rules: NodeGroupUpdate) -> Scenario {
    rules.node_ready = constant(secs(20));
    group(Disruption {
        node_group_update: Some(rules),
        ..Disruption::default()
    })
}

#[test]
fn an_update_launches_first_and_replaces_the_nodes_one_by_one() {
    // §3.3: max(2 × 2 zones, 1) = 4 extra nodes, Ready at 30; the old ones cordoned and labelled with one write: 30.01.
    // Node 0: first call 10, condition 10, DELETE 30.04; gone 1.257 later; looked at every 1 s from 31.02 on: 32.02;
    // + 60 s: 92.02, and the group launches another. Told 3 s later, off 30 s after that, its object deleted at once.
    // Node 1 begins at 92.02: DELETE 92.05, looked at 94.03, terminated 154.03. Then the extra ones: three nodes in
    // either zone, the oldest is node 2.
    let mut scenario = update(NodeGroupUpdate::default());
    scenario.horizon = secs(155);
    Timeline::of(&scenario).check(
        &[Nodes, Objects],
        "
        10s node 2 launched
        10s node 3 launched
        10s node 4 launched
        10s node 5 launched
        30s node 2 joined
        30s node 3 joined
        30s node 4 joined
        30s node 5 joined
        30.01s node 0 cordoned
        30.01s node 0 excluded
        30.01s node 1 cordoned
        30.01s node 1 excluded
        30.04s pod 0 DELETE, grace 30
        30.07s pod 2 created
        31.297s pod 0 gone
        92.02s node 6 launched
        92.05s pod 1 DELETE, grace 30
        92.08s pod 3 created
        93.307s pod 1 gone
        95.02s node 0 shutting_down
        95.03s node 0 not_ready
        112.02s node 6 joined
        125.02s node 0 terminated
        125.02s node 0 deleted
        154.03s node 7 launched
        154.03s node 2 cordoned
        154.05s pod 2 DELETE, grace 30
        154.08s pod 4 created
        ",
    );
}

#[test]
fn the_group_ends_with_its_old_size() {
    let mut scenario = update(NodeGroupUpdate::default());
    scenario.horizon = secs(400);
    let summary = Timeline::of(&scenario).summary;
    assert_eq!(summary.series.last().unwrap().nodes, 2);
    let most = summary.series.iter().map(|row| row.nodes).max();
    assert_eq!(
        most,
        Some(7),
        "two, four more, and a replacement that joins before the old node's object is gone"
    );
}

#[test]
fn a_drain_that_does_not_end_fails_the_update() {
    // No pod may go. §3.3: the drain begins at 30.01 and is over 100 s later; nothing is terminated after that.
    let mut scenario = update(NodeGroupUpdate {
        drain_timeout: secs(100),
        ..NodeGroupUpdate::default()
    });
    scenario.pod_disruption_budget.max_unavailable = Some(IntOrPercent::Int(0));
    scenario.horizon = secs(300);
    let timeline = Timeline::of(&scenario);
    timeline.check(&[Objects], "");
    assert_eq!(timeline.summary.observations.node_group_updates_failed, 1);
    assert_eq!(timeline.summary.series.last().unwrap().nodes, 6);
}

#[test]
fn a_forced_update_terminates_the_node_with_what_is_left_on_it() {
    // Begun at 30.01, over at 130.01; looked at every 1 s from 31.02 on: 130.02; + 60 = 190.02; told 193.02; the pod
    // ends and is replaced 0.305 later.
    let mut scenario = update(NodeGroupUpdate {
        drain_timeout: secs(100),
        force: true,
        ..NodeGroupUpdate::default()
    });
    scenario.pod_disruption_budget.max_unavailable = Some(IntOrPercent::Int(0));
    scenario.horizon = secs(194);
    let timeline = Timeline::of(&scenario);
    timeline.check(&[Objects], "193.325s pod 2 created");
    assert_eq!(timeline.summary.disruptions[0].pods_count, 1);
}

fn scale_in(rules: NodeGroupScaleIn) -> Scenario {
    group(Disruption {
        node_group_scale_in: Some(rules),
        ..Disruption::default()
    })
}

#[test]
fn lowering_the_desired_size_drains_without_asking_the_budget() {
    // §3.3: call 10, DELETE 10: no condition is written, for nothing is evicted. Gone 11.277, looked at 11.01, 12.01:
    // terminated; told 15.01.
    let mut scenario = scale_in(NodeGroupScaleIn::default());
    scenario.pod_disruption_budget.max_unavailable = Some(IntOrPercent::Int(0));
    scenario.horizon = secs(40);
    Timeline::of(&scenario).check(
        &[Nodes, Objects],
        "
        10s node 0 cordoned
        10.02s pod 0 DELETE, grace 30
        10.05s pod 2 created
        11.277s pod 0 gone
        15.01s node 0 shutting_down
        15.02s node 0 not_ready
        ",
    );
}

#[test]
fn the_other_documented_behaviour_terminates_at_once() {
    // Told at 13; as without a handler: replaced 0.305 later.
    let mut scenario = scale_in(NodeGroupScaleIn {
        drain: false,
        ..NodeGroupScaleIn::default()
    });
    scenario.horizon = secs(40);
    Timeline::of(&scenario).check(
        &[Nodes, Objects],
        "
        13s node 0 shutting_down
        13.01s node 0 not_ready
        13.305s pod 2 created
        ",
    );
}

#[test]
fn a_rebalance_launches_first_but_does_not_wait_for_the_node() {
    // §3.4: in service 15 s after the launch: terminated at 25, told 28; the new node is Ready at 35. The containers
    // have stopped at 28.035, off 30 s later.
    let mut scenario = group(Disruption {
        az_rebalance: Some(AzRebalance {
            in_service: constant(secs(15)),
            node_ready: constant(secs(25)),
            ..AzRebalance::default()
        }),
        ..Disruption::default()
    });
    scenario.horizon = secs(59);
    Timeline::of(&scenario).check(
        &[Nodes, Objects],
        "
        10s node 2 launched
        28s node 0 shutting_down
        28.01s node 0 not_ready
        28.305s pod 2 created
        35s node 2 joined
        58.035s node 0 terminated
        58.035s node 0 deleted
        ",
    );
}

#[test]
fn with_a_hook_a_rebalance_drains_first() {
    // In service 25: call 10, DELETE 25.02; gone 26.277; looked at 26.01, 27.01; told 30.01.
    let mut scenario = group(Disruption {
        az_rebalance: Some(AzRebalance {
            in_service: constant(secs(15)),
            node_ready: constant(secs(25)),
            drain: true,
            ..AzRebalance::default()
        }),
        ..Disruption::default()
    });
    scenario.horizon = secs(40);
    Timeline::of(&scenario).check(
        &[Nodes, Objects],
        "
        10s node 2 launched
        25s node 0 cordoned
        25.02s pod 0 DELETE, grace 30
        25.05s pod 2 created
        26.277s pod 0 gone
        30.01s node 0 shutting_down
        30.02s node 0 not_ready
        35s node 2 joined
        ",
    );
}
