//! The Cluster Autoscaler: which nodes go, when and in which steps (nodes §1.3), and which ones come (nodes §6).
//!
//! The instant of its first loop is random within the scan interval, so most timelines count from the first taint.

use sim_core::scenario::Scenario;
use sim_core::scenario::cluster::OtherWorkload;
use sim_core::scenario::cluster_autoscaler::ClusterAutoscaler;
use sim_core::scenario::disruption::Disruption;
use sim_core::scenario::pod::Resources;
use sim_core::scenario::quantity::{Cpu, Memory};
use sim_core::scenario::value::IntOrPercent;
use sim_core::scenario::workload::{Profile, ProfileStep};
use sim_core::trace::{Fact, NodeChange};

use super::Topic::{Kubelet, Nodes, Objects};
use super::node_losses::tick_always;
use super::{Timeline, constants, scale};
use crate::support::{constant, secs};

/// Two zones with three m5.large each and pods of 400m. A node has 1930m, of which the system takes 150m, so it holds
/// four; two leave it little used (150 + 2 x 400 of 1930 is 49 %, at most half), three do not (70 %).
///
/// An instance hears of its end after 3 s and is off 18 s later. Kubelets shut down gracefully.
fn nodes(replicas: u32, rules: ClusterAutoscaler) -> Scenario {
    let mut scenario = constants();
    tick_always(&mut scenario);
    scenario.horizon = secs(400);
    scenario.cluster.nodes = 6;
    scenario.deployment.replicas = replicas;
    scenario.pod.requests.cpu = Cpu::from_millicores(400);
    scenario.kubelet.shutdown_grace_period = secs(150);
    scenario.kubelet.shutdown_grace_period_critical_pods = secs(30);
    scenario.ec2.os_shutdown_notice = constant(secs(3));
    scenario.ec2.os_shutdown = constant(secs(18));
    scenario.disruptions = vec![Disruption {
        cluster_autoscaler: Some(rules),
        ..Disruption::default()
    }];
    scenario
}

/// The defaults, with one minute instead of ten until a node may go.
fn quick(min_nodes: u32) -> ClusterAutoscaler {
    ClusterAutoscaler {
        min_nodes,
        max_nodes: 12,
        scale_down_unneeded_time: secs(60),
        scale_down_delay_after_add: secs(120),
        node_ready_time: constant(secs(90)),
        ..ClusterAutoscaler::default()
    }
}

fn is_taint(fact: &Fact) -> bool {
    is_change(fact, NodeChange::Tainted)
}

fn is_change(fact: &Fact, wanted: NodeChange) -> bool {
    matches!(fact, Fact::NodeChanged { change, .. } if *change == wanted)
}

#[test]
fn an_empty_node_is_terminated_five_seconds_after_its_taint() {
    // Five pods, one on each of the first five nodes. All nodes are little used, but min_nodes is three in zone 0 and two
    // in zone 1, which has three; the empty node 5 is taken before the others.
    // §1.3: taint and cordon, written after 10 ms; 5 s; no eviction. §5.1: 3 s until the operating system shuts down;
    // §5.2: its kubelet says NotReady, + 10 ms; off after 18 s.
    Timeline::of(&nodes(5, quick(5))).since_first(is_taint).check(
        &[Nodes, Objects],
        "
        0s node 5 tainted
        0s node 5 cordoned
        5.01s node 5 termination_requested
        8.01s node 5 shutting_down
        8.02s node 5 not_ready
        26.01s node 5 terminated
        26.01s node 5 deleted
        ",
    );
}

#[test]
fn a_node_is_removed_at_the_first_loop_past_the_unneeded_time() {
    // Loops come at p, p + 10, ...; unneeded since p, and 60 s must have passed, so p + 70 (§1.1, strictly longer).
    let timeline = Timeline::of(&nodes(5, quick(5)));
    let tainted = timeline.first(is_taint).as_ns();
    let mut every_second = quick(5);
    every_second.scan_interval = secs(1);
    let sooner = Timeline::of(&nodes(5, every_second)).first(is_taint).as_ns();
    let second = 1_000_000_000;
    assert!((70 * second..80 * second).contains(&tainted), "{tainted}");
    assert!((61 * second..62 * second).contains(&sooner), "{sooner}");
}

#[test]
fn an_occupied_node_waits_until_its_pods_are_gone() {
    // Seventeen pods: three on each node but node 5, whose two (5 and 11) find room elsewhere.
    // §1.3: 5.01 evictions at once (burst 10): condition 10 + DELETE 10 = 5.03. As in a node drain: + 20 seen + 10 the
    // replacements, the second 10 later; gone after 22 kill + 4 + 1 + 30 + 200 + 1000. Polls at 5.01 and 10.01.
    Timeline::of(&nodes(17, quick(1))).since_first(is_taint).check(
        &[Nodes, Objects],
        "
        0s node 5 tainted
        0s node 5 cordoned
        5.01s node 5 evictions_started
        5.03s pod 5 DELETE, grace 30
        5.03s pod 11 DELETE, grace 30
        5.06s pod 17 created
        5.07s pod 18 created
        6.287s pod 5 gone
        6.287s pod 11 gone
        10.01s node 5 termination_requested
        13.01s node 5 shutting_down
        13.02s node 5 not_ready
        31.01s node 5 terminated
        31.01s node 5 deleted
        ",
    );
}

#[test]
fn a_budget_that_refuses_for_two_minutes_keeps_the_node() {
    // One pod may be away, and its replacement needs 200 s. Pod 5 goes at once; pod 11 is refused at 5.01, 15.01 and so
    // on to 115.01, twelve times; at 125.01 its 120 s are over (§1.1, §1.3): taint and cordon are taken off.
    // Pod 5 is gone after all: evicted for nothing. The budget is used up until 208 s, so no loop tries again.
    let mut scenario = nodes(17, quick(1));
    scenario.pod_disruption_budget.max_unavailable = Some(IntOrPercent::Int(1));
    scenario.kubelet.pod_start = constant(secs(200));
    let timeline = Timeline::of(&scenario).since_first(is_taint);
    timeline.check(
        &[Nodes, Objects],
        "
        0s node 5 tainted
        0s node 5 cordoned
        5.01s node 5 evictions_started
        5.03s pod 5 DELETE, grace 30
        5.06s pod 17 created
        6.287s pod 5 gone
        125.01s node 5 kept
        ",
    );
    let seen = timeline.summary.observations;
    assert_eq!((seen.evictions_refused, seen.removals_given_up), (12, 1));
    assert_eq!(timeline.summary.disruptions[0].kind, "cluster_autoscaler");
    assert_eq!(timeline.summary.disruptions[0].pods_count, 1);
}

#[test]
fn a_longer_grace_period_is_cut_at_ten_minutes() {
    // §1.4: the eviction carries 600 s. Kill 5.052; the hook is cut 600 s later, SIGTERM + 4, exit + 1, seen + 30,
    // sandbox + 200, object + 1000: 606.287. Polls at 5.01 + 5 k: 610.01, before the limit of 630 s.
    let mut scenario = nodes(17, quick(1));
    scenario.horizon = secs(800);
    scenario.pod.termination_grace_period = secs(1000);
    scenario.pod.pre_stop.sleep = Some(secs(900));
    Timeline::of(&scenario).since_first(is_taint).check(
        &[Nodes, Objects],
        "
        0s node 5 tainted
        0s node 5 cordoned
        5.01s node 5 evictions_started
        5.03s pod 5 DELETE, grace 600
        5.03s pod 11 DELETE, grace 600
        5.06s pod 17 created
        5.07s pod 18 created
        606.287s pod 5 gone
        606.287s pod 11 gone
        610.01s node 5 termination_requested
        613.01s node 5 shutting_down
        613.02s node 5 not_ready
        631.01s node 5 terminated
        631.01s node 5 deleted
        ",
    );
}

#[test]
fn of_two_occupied_nodes_the_second_waits_for_the_first() {
    // Sixteen pods: nodes 4 and 5 have two each, and the other four nodes one place each. Both nodes are due in the same
    // loop, but one drain runs at a time (§1.1). Its slot is free at 10.01; the loop of 10 s just misses that, the one of
    // 20 s does not. Both are soft tainted (§1.2), so the replacements of node 4's pods do not go to node 5.
    Timeline::of(&nodes(16, quick(1))).since_first(is_taint).check(
        &[Nodes],
        "
        0s node 4 tainted
        0s node 4 cordoned
        5.01s node 4 evictions_started
        10.01s node 4 termination_requested
        13.01s node 4 shutting_down
        13.02s node 4 not_ready
        20s node 5 tainted
        20s node 5 cordoned
        25.01s node 5 evictions_started
        30.01s node 5 termination_requested
        31.01s node 4 terminated
        31.01s node 4 deleted
        33.01s node 5 shutting_down
        33.02s node 5 not_ready
        51.01s node 5 terminated
        51.01s node 5 deleted
        ",
    );
}

#[test]
fn a_pod_without_a_node_gets_one() {
    // Twenty-four pods fill six nodes; one more finds none. Seen + 20 ms: a loop at once (§1.1, frequent loops). Both
    // zones have three nodes, so the first one gets the fourth; Ready 90 s later; the pod's containers start in 3 s.
    let mut scenario = nodes(24, quick(1));
    scenario.disruptions.push(scale(secs(20), 25));
    let timeline = Timeline::of(&scenario).since_first(|fact| matches!(fact, Fact::PodCreated { pod: 24 }));
    timeline.check(
        &[Nodes, Objects, Kubelet],
        "
        0s pod 24 created
        0.02s node 6 launched
        90.02s node 6 joined
        93.02s pod 24 containers run
        ",
    );
    assert_eq!(timeline.summary.observations.unschedulable, 1);
}

#[test]
fn a_group_grows_to_its_maximum_and_no_further() {
    let mut rules = quick(1);
    rules.max_nodes = 7;
    let mut scenario = nodes(24, rules);
    // Two more nodes' worth of pods, and room for one more node, in zone 0.
    scenario.disruptions.push(scale(secs(20), 32));
    let timeline = Timeline::of(&scenario);
    let launched = timeline.all(|fact| is_change(fact, NodeChange::Launched)).count();
    assert_eq!(launched, 1);
    let last = timeline.summary.series.last().expect("a series");
    assert_eq!((last.nodes, last.pods), (7, [4, 28, 0]), "four pods stay Pending");
}

#[test]
fn a_node_that_does_not_come_is_given_up_and_another_one_launched() {
    // §6: given up after max_node_provision_time, 60 s here, and not Ready before 90 s. The loop of that instant finds
    // the pod still Pending. Zone 0 has three nodes again.
    let mut rules = quick(1);
    rules.max_node_provision_time = secs(60);
    let mut scenario = nodes(24, rules);
    scenario.horizon = secs(150);
    scenario.disruptions.push(scale(secs(20), 25));
    let timeline = Timeline::of(&scenario).since_first(|fact| matches!(fact, Fact::PodCreated { pod: 24 }));
    timeline.check(
        &[Nodes],
        "
        0.02s node 6 launched
        60.02s node 6 terminated
        60.02s node 7 launched
        120.02s node 7 terminated
        120.02s node 8 launched
        ",
    );
}

/// One pod of another workload that no node has room for, from 20 s to 60 s.
fn visitor() -> OtherWorkload {
    let step = |at, value| ProfileStep { at: secs(at), value };
    OtherWorkload {
        replicas: Profile::Steps(vec![step(0, 0), step(20, 1), step(60, 0)]),
        requests: Resources {
            cpu: Cpu::from_millicores(1700),
            memory: Memory::ZERO,
        },
        ..OtherWorkload::default()
    }
}

#[test]
fn no_node_goes_for_a_while_after_one_was_added() {
    // Six nodes with one pod each, all long due at 80 s, three in each zone at least. At 20.01 a pod without room is
    // created; seen 20.03: node 6 for zone 0, so that zone has one to spare. §1.1: no removal before 140.03, which is
    // a loop (20.03 + 12 x 10). Node 6, empty since it came at 110.03, is not due yet; node 0 is.
    let mut scenario = nodes(6, quick(6));
    scenario.cluster.other_workloads = vec![visitor()];
    Timeline::of(&scenario).check(
        &[Nodes],
        "
        20.03s node 6 launched
        110.03s node 6 joined
        140.03s node 0 tainted
        140.03s node 0 cordoned
        145.04s node 0 evictions_started
        150.04s node 0 termination_requested
        153.04s node 0 shutting_down
        153.05s node 0 not_ready
        171.04s node 0 terminated
        171.04s node 0 deleted
        ",
    );
}

#[test]
fn annotation_and_lifecycle_hook_hold_the_instance_back() {
    // §1.3: an annotation that stays for 12 s is found gone at the third poll of 5 s: 5.01 + 15. §1.5: the hook keeps
    // the instance for a minute: 80.01, and 3 s until it hears of it.
    let mut rules = quick(5);
    rules.delay_deletion_annotation = secs(12);
    rules.asg_hook_wait = secs(60);
    Timeline::of(&nodes(5, rules)).since_first(is_taint).check(
        &[Nodes],
        "
        0s node 5 tainted
        0s node 5 cordoned
        20.01s node 5 termination_requested
        83.01s node 5 shutting_down
        83.02s node 5 not_ready
        101.01s node 5 terminated
        101.01s node 5 deleted
        ",
    );
}

#[test]
fn ten_empty_nodes_go_at_once_and_the_others_in_the_next_loop() {
    // Fifteen nodes, one pod each on three of them: twelve are empty. §1.1: ten at a time; they are handed to EC2 at
    // 5.01, so the loop 10 s after the first finds room for the other two.
    let mut rules = quick(3);
    rules.max_drain_parallelism = 1;
    let mut scenario = nodes(3, rules);
    scenario.cluster.nodes = 15;
    let timeline = Timeline::of(&scenario);
    let tainted: Vec<u64> = timeline.all(is_taint).map(|(at, _)| at.as_ns()).collect();
    assert_eq!(tainted.len(), 12);
    assert!(tainted[..10].iter().all(|at| *at == tainted[0]));
    assert!(tainted[10..].iter().all(|at| *at == tainted[0] + secs(10).as_ns()));
}
