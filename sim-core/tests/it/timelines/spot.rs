//! Spot interruptions with each handler (nodes §3.1, §3.2).

use sim_core::scenario::Scenario;
use sim_core::scenario::capacity::{InterruptionHandler, SpotInterruption};
use sim_core::scenario::disruption::Disruption;
use sim_core::scenario::value::IntOrPercent;
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::Fact;

use super::Timeline;
use super::Topic::{Nodes, Objects};
use super::karpenter::{karpenter, machines, steady};
use crate::support::{constant, ms, secs};

/// Two nodes with a pod each; the first gets its notice at 10 s, so that EC2 takes it at 130 s.
fn spot(handler: InterruptionHandler) -> Scenario {
    let mut scenario = machines();
    scenario.deployment.replicas = 2;
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        spot_interruption: Some(SpotInterruption {
            handler,
            metadata_latency: constant(secs(1)),
            queue_latency: constant(secs(2)),
            replacement: Some(constant(secs(20))),
            ..SpotInterruption::default()
        }),
        ..Disruption::default()
    }];
    scenario.horizon = secs(155);
    scenario
}

#[test]
fn without_a_handler_the_pod_learns_of_it_from_the_operating_system() {
    // §3.2: EC2 terminates at 130, told 133; the group's replacement joins 20 s after 130. §5.2: the kubelet says
    // NotReady after one write, stops the pod (+4 SIGTERM +1 +30 +200, status 40: terminal 133.275), which is replaced:
    // +20 watch +10 = 133.305.
    let timeline = Timeline::of(&spot(InterruptionHandler::None));
    timeline.check(
        &[Nodes, Objects],
        "
        10s node 0 interruption_noticed
        130s node 2 launched
        133s node 0 shutting_down
        133.01s node 0 not_ready
        133.305s pod 2 created
        150s node 2 joined
        ",
    );
    assert_eq!(
        timeline.summary.disruptions[0].pods_count, 1,
        "the pod is lost with the node"
    );
}

#[test]
fn the_node_termination_handler_drains_when_it_has_polled() {
    // §3.1: polled at 11: cordon 10, condition 10, DELETE 10; replaced 30 later; gone 1.257 after the DELETE.
    let timeline = Timeline::of(&spot(InterruptionHandler::NodeTerminationHandlerImds));
    timeline.check(
        &[Nodes, Objects],
        "
        10s node 0 interruption_noticed
        11s node 0 cordoned
        11.03s pod 0 DELETE, grace 30
        11.06s pod 2 created
        12.287s pod 0 gone
        130s node 2 launched
        133s node 0 shutting_down
        133.01s node 0 not_ready
        150s node 2 joined
        ",
    );
    assert_eq!(timeline.summary.disruptions[0].pods_count, 1);
}

#[test]
fn in_queue_mode_it_reads_the_event_and_may_label_the_node() {
    let mut scenario = spot(InterruptionHandler::NodeTerminationHandlerQueue);
    let spot = scenario.disruptions[0].spot_interruption.as_mut().unwrap();
    spot.exclude_from_load_balancers = true;
    spot.replacement = None;
    Timeline::of(&scenario).check(
        &[Nodes, Objects],
        "
        10s node 0 interruption_noticed
        12s node 0 excluded
        12s node 0 cordoned
        12.03s pod 0 DELETE, grace 30
        12.06s pod 2 created
        13.287s pod 0 gone
        133s node 0 shutting_down
        133.01s node 0 not_ready
        ",
    );
}

#[test]
fn the_handler_stops_to_evict_after_its_drain_timeout() {
    // Nothing may be evicted: tried at 11.01 and every 5 s, 21 times until 111.01; the timeout is over at 111 with the
    // 20th: 11.01 + 19 × 5 = 106.01. The pod then meets the shutdown as without a handler.
    let mut scenario = spot(InterruptionHandler::NodeTerminationHandlerImds);
    scenario.pod_disruption_budget.max_unavailable = Some(IntOrPercent::Int(0));
    let spot = scenario.disruptions[0].spot_interruption.as_mut().unwrap();
    spot.drain_timeout = secs(100);
    scenario.horizon = secs(135);
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Nodes, Objects],
        "
        10s node 0 interruption_noticed
        11s node 0 cordoned
        130s node 2 launched
        133s node 0 shutting_down
        133.01s node 0 not_ready
        133.305s pod 2 created
        ",
    );
    assert_eq!(timeline.summary.observations.evictions_refused, 20);
}

#[test]
fn karpenter_deletes_the_claim_and_terminates_the_instance_itself() {
    // §2.5: read at 12, claim 12.01, Node 12.04, taint and label 12.07; DELETE 12.09; drained 5 s after 12.07;
    // TerminateInstances 17.57, told 20.57, off 50.57; looked at every 5 s from 17.57 on: 52.57. EC2's own termination
    // at 130 finds nothing. The pod fits on the other node: no new one.
    let mut scenario = spot(InterruptionHandler::Karpenter);
    scenario.disruptions.push(karpenter(secs(5), steady()));
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Nodes, Objects],
        "
        10s node 0 interruption_noticed
        12.07s node 0 tainted
        12.07s node 0 excluded
        12.09s pod 0 DELETE, grace 30
        12.12s pod 2 created
        13.347s pod 0 gone
        20.57s node 0 shutting_down
        20.58s node 0 not_ready
        50.57s node 0 terminated
        52.58s node 0 deleted
        ",
    );
    let entries: Vec<_> = timeline
        .summary
        .disruptions
        .iter()
        .map(|entry| (entry.kind, entry.pods_count))
        .collect();
    assert_eq!(entries, [("spot_interruption", 1)]);
}

fn deletions(scenario: &Scenario) -> Vec<SimDuration> {
    let timeline = Timeline::of(scenario);
    let all = timeline.all(|fact| matches!(fact, Fact::DeletionCommitted { .. }));
    all.map(|(at, _)| at - SimTime::ZERO).collect()
}

#[test]
fn the_client_of_the_handler_limits_its_evictions() {
    // §3.1: 1/s with a burst of 1. Both nodes get their notice at 10. With the queue one client serves both at 12: the
    // evictions go out at 12.01 (after the cordon) and at 13, each 20 before its DELETE.
    let mut scenario = spot(InterruptionHandler::NodeTerminationHandlerQueue);
    scenario.pod_disruption_budget.max_unavailable = Some(IntOrPercent::Int(2));
    scenario.cluster.nodes = 3;
    scenario.deployment.replicas = 3;
    let rules = scenario.disruptions[0].spot_interruption.as_mut().unwrap();
    (rules.nodes, rules.kube_client_qps, rules.kube_client_burst) = (2, 1, 1);
    scenario.horizon = secs(14);
    assert_eq!(deletions(&scenario), [ms(12_030), ms(13_020)]);
    // One handler per node, each with its own client, has polled at 11.
    let rules = scenario.disruptions[0].spot_interruption.as_mut().unwrap();
    rules.handler = InterruptionHandler::NodeTerminationHandlerImds;
    assert_eq!(deletions(&scenario), [ms(11_030), ms(11_030)]);
}
