//! Where pods land: requests, slots, topology spread, other workloads (nodes §4.7).

use sim_core::scenario::Scenario;
use sim_core::scenario::cluster::OtherWorkload;
use sim_core::scenario::disruption::{Disruption, NodeDrain};
use sim_core::scenario::pod::{Resources, TopologyKey, TopologySpread, WhenUnsatisfiable};
use sim_core::scenario::quantity::Cpu;
use sim_core::scenario::workload::{Profile, ProfileStep};
use sim_core::trace::Fact;

use super::Topic::{Nodes, Objects};
use super::{Timeline, constants, scale};
use crate::support::{constant, secs};

fn cpu(millicores: u64) -> Resources {
    Resources {
        cpu: Cpu::from_millicores(millicores),
        ..Resources::ZERO
    }
}

/// Node of every pod, in the order of the pods.
fn placed(scenario: &Scenario) -> Vec<u32> {
    let timeline = Timeline::of(scenario);
    let nodes = timeline.trace.iter().filter_map(|record| match &record.fact {
        Fact::PodScheduled { node, .. } => Some(*node),
        _ => None,
    });
    nodes.collect()
}

#[test]
fn requests_fill_a_node_before_its_slots_do() {
    // m5.large: 1930m less 150m for the system pods: 1780m: two pods of 600m, not three. Two nodes hold four; the
    // other two of six wait, and get their place when two of the four are gone (grace 30 s, exit at once, gone 1.2 s
    // after it).
    let mut scenario = constants();
    scenario.pod.requests = cpu(600);
    scenario.deployment.replicas = 4;
    scenario.disruptions = vec![scale(secs(10), 6)];
    let timeline = Timeline::of(&scenario);
    assert_eq!(placed(&scenario), [0, 1, 0, 1]);
    assert_eq!(timeline.summary.observations.unschedulable, 2);
    scenario.pod.requests = cpu(590);
    assert_eq!(placed(&scenario), [0, 1, 0, 1, 0, 1], "1780 / 590 = 3");
}

#[test]
fn the_least_requested_node_is_taken() {
    // Another workload requests 1000m on each of the first two nodes; three pods of 100m then go to the third node
    // until it is as full: never within three.
    let mut scenario = constants();
    scenario.cluster.nodes = 3;
    scenario.cluster.other_workloads = vec![OtherWorkload {
        replicas: Profile::Constant(2),
        requests: cpu(1000),
        ..OtherWorkload::default()
    }];
    scenario.pod.requests = cpu(100);
    scenario.deployment.replicas = 1;
    scenario.disruptions = vec![scale(secs(10), 4)];
    // The first pod was there first, on node 0; the others came then, to nodes 1 and 2; so node 0 has 100m.
    assert_eq!(placed(&scenario), [0, 0, 0, 0]);
}

#[test]
fn a_hard_spread_over_zones_leaves_pods_pending_rather_than_skewed() {
    // Nodes 0 and 2 are in zone 0, node 1 in zone 1. Two pods fit on each node. Six pods with a skew of at most 1:
    // two in zone 1, so three in zone 0, and the sixth waits.
    let mut scenario = constants();
    scenario.cluster.nodes = 3;
    scenario.pod.requests = cpu(600);
    scenario.pod.topology_spread = vec![TopologySpread {
        topology_key: TopologyKey::Zone,
        max_skew: 1,
        when_unsatisfiable: WhenUnsatisfiable::DoNotSchedule,
    }];
    scenario.deployment.replicas = 1;
    scenario.disruptions = vec![scale(secs(10), 6)];
    let timeline = Timeline::of(&scenario);
    assert_eq!(placed(&scenario).len(), 5);
    assert_eq!(timeline.summary.observations.unschedulable, 1);
    let in_zone_1 = placed(&scenario).iter().filter(|node| **node == 1).count();
    assert_eq!(in_zone_1, 2);
    scenario.pod.topology_spread[0].when_unsatisfiable = WhenUnsatisfiable::ScheduleAnyway;
    assert_eq!(placed(&scenario).len(), 6);
}

#[test]
fn a_drain_waits_for_the_pods_of_other_workloads_too() {
    // Drained at 10 s, evicted 10.03. The other pod on node 0 ignores SIGTERM: + 22 ms dispatch + 30 s grace + 200 ms
    // + 1 s: gone 41.252; its replacement, 10.03 + 10 ms, goes to the node that is not cordoned. Polls at 10.01 + n:
    // the first one after that comes at 42.01, and cordons the second node.
    let mut scenario = constants();
    scenario.cluster.other_workloads = vec![OtherWorkload {
        replicas: Profile::Constant(1),
        stop_time: constant(secs(3600)),
        ..OtherWorkload::default()
    }];
    scenario.deployment.replicas = 1;
    // The pod of the Deployment is on node 0, the other one on node 1.
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        node_drain: Some(NodeDrain {
            nodes: 2,
            ..NodeDrain::default()
        }),
        ..Disruption::default()
    }];
    scenario.cluster.nodes = 3;
    // Node 0 is empty of it after 11.287 s: cordon of node 1 at the poll of 12.01 s.
    Timeline::of(&scenario).check(
        &[Nodes, Objects],
        "
        10s node 0 cordoned
        10.03s pod 0 DELETE, grace 30
        10.06s pod 1 created
        11.287s pod 0 gone
        12.01s node 1 cordoned
        ",
    );
}

#[test]
fn another_workload_that_grows_takes_the_room() {
    // 1600m at 5 s on the only two nodes that have it; the pod that a scale to two asks for at 10 s has to wait until
    // the other workload shrinks at 20 s: DELETE 20.01 + 22 ms + 1 s stop + 200 ms + 1 s = 22.232.
    let mut scenario = constants();
    scenario.pod.requests = cpu(900);
    scenario.deployment.replicas = 1;
    let step = |at, value| ProfileStep { at, value };
    scenario.cluster.other_workloads = vec![OtherWorkload {
        replicas: Profile::Steps(vec![step(secs(0), 0), step(secs(5), 1), step(secs(20), 0)]),
        requests: cpu(1600),
        ..OtherWorkload::default()
    }];
    scenario.disruptions = vec![scale(secs(10), 3)];
    let timeline = Timeline::of(&scenario);
    // One node has 900m of 1780m, the other 1600m of 1780m: neither takes 900m.
    let scheduled: Vec<u64> = timeline
        .trace
        .iter()
        .filter(|record| matches!(record.fact, Fact::PodScheduled { .. }))
        .map(|record| record.at_ns / 1_000_000)
        .collect();
    assert_eq!(scheduled, [0, 22_232]);
}
