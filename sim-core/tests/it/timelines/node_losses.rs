//! Nodes that die without a word (kubernetes §5.3, nodes §5.3).

use sim_core::outcome::Cause;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, NodeFailure, ZoneFailure};
use sim_core::scenario::value::Limit;
use sim_core::time::SimDuration;

use super::Topic::{Controller, Nodes, Objects, Ready, Server, Slices};
use super::{Timeline, constants, even_requests};
use crate::support::secs;

/// The clocks of all controllers that watch over nodes tick all the time, so that no phase is left to chance.
pub(crate) fn tick_always(scenario: &mut Scenario) {
    let rules = &mut scenario.node_lifecycle;
    for period in [
        &mut rules.lease_interval,
        &mut rules.monitor_period,
        &mut rules.cloud_scan_period,
        &mut rules.pod_gc_period,
    ] {
        *period = SimDuration::from_ns(1);
    }
    // Health checks find nothing within these runs.
    scenario.target_group.health_check.interval = secs(300);
}

/// Two nodes with one pod each; the first node dies at 10 s.
fn failure(reported_terminated: bool) -> Scenario {
    let mut scenario = constants();
    tick_always(&mut scenario);
    scenario.deployment.replicas = 2;
    scenario.horizon = secs(500);
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        node_failure: Some(NodeFailure {
            nodes: 1,
            reported_terminated,
        }),
        ..Disruption::default()
    }];
    scenario
}

#[test]
fn the_cluster_notices_after_the_lease_and_replaces_after_the_quarantine() {
    // §5.3: the lease of 50 s lapses at 60; the pod is marked by one write: 60.01; slice: + 20 watch + 5 + 10 PUT.
    // Controller: + 100 watch = 60.145 reconcile, + 50 + 30 checkpoint + 60 call = 60.285.
    // The instance is known to be gone: its object leaves at once, its pods 40 s later, with no grace left.
    // Replacement: 100 + 20 seen + 10 = 100.03, Ready 3 s + 0.5 s + 40 ms later: it lands on the other node.
    // Its slice: 103.57 + 20 + 5 + 10 = 103.605; the endpoint of the lost pod had left at 100.035.
    Timeline::of(&failure(true)).check(
        &[Nodes, Objects, Ready, Server, Slices, Controller],
        "
        10s node 0 terminated
        10s pod 0 server unreachable
        60s node 0 unknown
        60s node 0 deleted
        60.01s pod 0 not Ready
        60.045s pod 0 endpoint
        60.145s reconcile
        60.285s DeregisterTargets [0]
        100s pod 0 DELETE, grace 0
        100s pod 0 gone
        100.03s pod 2 created
        100.035s pod 0 endpoint left
        100.135s reconcile
        103.57s pod 2 Ready
        103.605s pod 2 endpoint ready serving
        103.705s reconcile
        104.055s RegisterTargets [2]
        105.03s pod 2 server serving
        ",
    );
}

#[test]
fn an_impaired_instance_keeps_its_pods_until_they_no_longer_tolerate_it() {
    // §5.3: nobody deletes the Node object; tainted at 60, tolerated for 300 s: DELETE 360.01, and nobody acts on it.
    // Replacement: + 20 + 10.
    let timeline = Timeline::of(&failure(false));
    timeline.check(
        &[Nodes, Objects],
        "
        10s node 0 terminated
        60s node 0 unknown
        360.01s pod 0 DELETE, grace 30
        360.04s pod 2 created
        ",
    );
    let mut patient = failure(false);
    patient.pod.unreachable_toleration = Limit::Unlimited;
    Timeline::of(&patient).check(
        &[Objects],
        "
        ",
    );
}

#[test]
fn packets_to_a_dead_node_meet_silence_on_new_and_on_old_connections() {
    // §7 E: round robin sends every other request to pod 0. The first one after the death finds the connection that
    // its ALB node still has in its pool and waits for an answer until the idle timeout of 60 s; later ones open
    // connections and wait for the connect timeout of 10 s. Nothing sends to it any more 10 s after 60.285.
    let mut scenario = failure(true);
    scenario.horizon = secs(150);
    scenario.app.keep_alive_timeout = Limit::Unlimited;
    scenario.workload.open_loop = even_requests(2, secs(1), secs(90));
    let timeline = Timeline::of(&scenario);
    let mut waits: Vec<(bool, SimDuration)> = Vec::new();
    for request in timeline.requests().filter(|request| request.cause.is_some()) {
        assert_eq!(request.cause, Some(Cause::SilentNode));
        let issued = SimDuration::from_ns(request.issued_ns);
        assert!(
            issued >= secs(10) && issued <= secs(60) + SimDuration::from_millis(10_285),
            "{issued}"
        );
        let waited = SimDuration::from_ns(request.finished_ns - request.issued_ns);
        waits.push((request.reused_connection, waited));
    }
    let pooled = waits.iter().filter(|(reused, _)| *reused).count();
    assert!(
        (1..=2).contains(&pooled),
        "one per ALB node that had a connection, found {pooled}"
    );
    for (reused, waited) in &waits {
        assert_eq!(*waited, if *reused { secs(60) } else { secs(10) });
    }
    // 60 s at one request a second, as far as the two ALB nodes alternate between the two pods.
    assert!((50..=70).contains(&waits.len()), "{}", waits.len());
}

#[test]
fn a_request_in_flight_hangs_until_the_idle_timeout() {
    // §7 E: no FIN comes. Issued from 9.1 to 9.9 s, 2 s of service, dead at 10 s: 504 after 60 s where pod 0 had it.
    let mut scenario = failure(true);
    scenario.horizon = secs(80);
    scenario.app.service_time = crate::support::constant(secs(2));
    scenario.workload.open_loop = even_requests(10, secs(9), secs(10));
    let timeline = Timeline::of(&scenario);
    let mut lost = 0;
    for request in timeline.requests() {
        let waited = SimDuration::from_ns(request.finished_ns - request.issued_ns);
        if request.target == Some(0) {
            assert_eq!((request.cause, waited), (Some(Cause::SilentNode), secs(60)));
            lost += 1;
        } else {
            assert_eq!((request.cause, waited), (None, secs(2)));
        }
    }
    assert_eq!(timeline.requests().count(), 9);
    assert!(
        (4..=5).contains(&lost),
        "two ALB nodes take turns over two pods, found {lost}"
    );
}

#[test]
fn much_of_a_small_zone_is_not_tainted_at_all() {
    // §5.3: three nodes of a zone, all lost: at least 55 % and at least three, and the zone has at most 50 nodes: no
    // taint, so nothing is deleted, however short the toleration. Two lost of three are too few to matter.
    let deletions = |lost: u32| {
        let mut scenario = failure(false);
        scenario.cluster.nodes = 6;
        scenario.deployment.replicas = 6;
        scenario.pod.unreachable_toleration = Limit::At(secs(10));
        scenario.disruptions[0].node_failure = None;
        scenario.disruptions[0].zone_failure = Some(ZoneFailure {
            zone: 0,
            reported_terminated: false,
            alb_nodes: false,
        });
        if lost < 3 {
            // Nodes 0 and 2 are in zone 0, node 1 is not.
            scenario.disruptions[0].zone_failure = None;
            scenario.disruptions[0].node_failure = Some(NodeFailure {
                nodes: 3,
                reported_terminated: false,
            });
        }
        let timeline = Timeline::of(&scenario);
        let deleted = |fact: &sim_core::trace::Fact| matches!(fact, sim_core::trace::Fact::DeletionCommitted { .. });
        timeline.all(deleted).map(|(at, _)| at).collect::<Vec<_>>()
    };
    assert!(deletions(3).is_empty());
    // Tainted at 60 and, in zone 0, one every 10 s (0.1 per second): pods go 10 s later.
    let at = deletions(2);
    assert_eq!(at.len(), 3);
    let expected = [70_010, 70_010, 80_010].map(SimDuration::from_millis);
    let found: Vec<SimDuration> = at.iter().map(|at| *at - sim_core::time::SimTime::ZERO).collect();
    assert_eq!(found, expected);
}

#[test]
fn pods_on_nodes_in_an_unknown_state_are_kept_where_there_is_nothing_better() {
    // lbc §1.10: both nodes are lost; every endpoint is on a node in an unknown state, so none is deregistered.
    let mut scenario = failure(false);
    scenario.disruptions[0].node_failure = Some(NodeFailure {
        nodes: 2,
        reported_terminated: false,
    });
    scenario.horizon = secs(200);
    Timeline::of(&scenario).check(
        &[Nodes, Controller],
        "
        10s node 0 terminated
        10s node 1 terminated
        60s node 0 unknown
        60s node 1 unknown
        60.145s reconcile
        ",
    );
}
