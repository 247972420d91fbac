//! `kubectl drain` and the eviction API (kubernetes §5.1).

use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, NodeDrain};
use sim_core::scenario::value::IntOrPercent;

use super::Topic::{Objects, Ready};
use super::{Timeline, constants};
use crate::support::secs;

/// Four pods on two nodes (0 and 2 on the first), one or more nodes drained at 10 s.
fn drain(nodes: u32) -> Scenario {
    let mut scenario = constants();
    scenario.deployment.replicas = 4;
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        node_drain: Some(NodeDrain {
            nodes,
            ..NodeDrain::default()
        }),
        ..Disruption::default()
    }];
    scenario
}

#[test]
fn without_a_budget_all_pods_of_the_node_go_at_once() {
    // §5.1.1, §1.1.5: cordon 10, condition 10, DELETE 10 = 10.03. §4.2.4: replaced at the deletion: + 20 seen + 10.
    // Ready 3.54 later: both run on the other node, whose status writer does them one after another: + 40.
    Timeline::of(&drain(1)).check(
        &[Objects, Ready],
        "
        10.03s pod 0 DELETE, grace 30
        10.03s pod 2 DELETE, grace 30
        10.06s pod 4 created
        10.07s pod 5 created
        10.327s pod 0 not Ready
        10.367s pod 2 not Ready
        11.287s pod 0 gone
        11.287s pod 2 gone
        13.6s pod 4 Ready
        13.64s pod 5 Ready
        ",
    );
}

#[test]
fn a_budget_lets_one_go_and_the_next_waits_for_its_replacement() {
    // Three of four must be healthy. 10.01: pod 0 may go, pod 2 meets 429 and is tried again after 5 s (§5.1.1).
    // 15.01: the replacement is Ready since 13.6 (§5.1.3): two writes, DELETE 15.03; its own replacement 15.06.
    let mut scenario = drain(1);
    scenario.pod_disruption_budget.min_available = Some(IntOrPercent::Int(3));
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Objects, Ready],
        "
        10.03s pod 0 DELETE, grace 30
        10.06s pod 4 created
        10.327s pod 0 not Ready
        11.287s pod 0 gone
        13.6s pod 4 Ready
        15.03s pod 2 DELETE, grace 30
        15.06s pod 5 created
        15.327s pod 2 not Ready
        16.287s pod 2 gone
        18.6s pod 5 Ready
        ",
    );
    assert_eq!(timeline.summary.observations.evictions_refused, 1);
}

#[test]
fn a_refused_eviction_is_tried_every_five_seconds() {
    // The replacement needs 6.54 s: 15.01 is refused too, 20.01 is not.
    let mut scenario = drain(1);
    scenario.kubelet.pod_start = crate::support::constant(secs(6));
    scenario.pod_disruption_budget.max_unavailable = Some(IntOrPercent::Int(1));
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Objects],
        "
        10.03s pod 0 DELETE, grace 30
        10.06s pod 4 created
        11.287s pod 0 gone
        20.03s pod 2 DELETE, grace 30
        20.06s pod 5 created
        21.287s pod 2 gone
        ",
    );
    assert_eq!(timeline.summary.observations.evictions_refused, 2);
}

#[test]
fn the_next_node_waits_until_the_first_is_empty() {
    // Three nodes with one pod each. Node 0: gone 11.287; polled at 11.01 and 12.01 (§5.1.1). Node 1: cordon,
    // condition, DELETE: 12.04. The replacement of pod 0 had landed there and goes too; nothing of it runs yet
    // (§1.2.4): 22 kill + 200 teardown + 1000.
    let mut scenario = drain(2);
    scenario.cluster.nodes = 3;
    scenario.deployment.replicas = 3;
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Objects],
        "
        10.03s pod 0 DELETE, grace 30
        10.06s pod 3 created
        11.287s pod 0 gone
        12.04s pod 1 DELETE, grace 30
        12.04s pod 3 DELETE, grace 30
        12.07s pod 4 created
        12.08s pod 5 created
        13.262s pod 3 gone
        13.297s pod 1 gone
        ",
    );
}
