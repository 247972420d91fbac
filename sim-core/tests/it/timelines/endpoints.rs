//! The `EndpointSlice` controller (kubernetes §2.3): its stale cache, its slices, its conditions.

use std::collections::BTreeMap;

use sim_core::scenario::Scenario;
use sim_core::time::SimTime;
use sim_core::trace::Fact;

use super::Topic::{Controller, Objects, Slices};
use super::{Timeline, constants, scale, unlimited_clients};
use crate::support::{constant, ms, secs};

/// All of `replicas` pods are deleted, one every `spacing` ms, and stay for 20 s more.
fn deletions(replicas: u32, spacing_ms: u32) -> Scenario {
    let mut scenario = constants();
    scenario.deployment.replicas = replicas;
    scenario.pod.pre_stop.sleep = Some(secs(20));
    // Two tokens for each deletion and its Event (§4.2.1); a burst of two lets only the first through at once.
    scenario.controller_manager.client_burst = 2;
    scenario.controller_manager.client_qps = 2_000 / spacing_ms;
    scenario.horizon = secs(25);
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario
}

#[test]
fn a_second_change_before_the_echo_of_the_first_waits_one_second() {
    // §2.3.6: DELETE 0: seen 20, PUT 35, its echo 55. DELETE 20: seen 40, cache stale: retry 1.04, + 15.
    Timeline::of(&deletions(2, 20))
        .since_delete()
        .in_order_of_deletion()
        .check(
            &[Objects, Slices],
            "
        0s pod 0 DELETE, grace 30
        0.02s pod 1 DELETE, grace 30
        0.035s pod 0 endpoint serving terminating
        1.055s pod 1 endpoint serving terminating
        ",
        );
}

#[test]
fn a_change_during_a_sync_is_stale_right_after_it() {
    // §2.3.5: DELETE 10: seen 30 while the sync writes until 35; synced then, stale before 55: retry 1.035, + 15.
    Timeline::of(&deletions(2, 10))
        .since_delete()
        .in_order_of_deletion()
        .check(
            &[Objects, Slices],
            "
        0s pod 0 DELETE, grace 30
        0.01s pod 1 DELETE, grace 30
        0.035s pod 0 endpoint serving terminating
        1.05s pod 1 endpoint serving terminating
        ",
        );
}

#[test]
fn a_further_change_after_the_echo_does_not_wait_for_the_retry() {
    // §2.3.4: a pod event is added to the queue without delay, past the back-off, as `queue.Add` always is (lbc §1.3).
    // DELETE 40: seen 60, echo was at 55: this sync writes the second change too, + 15.
    Timeline::of(&deletions(3, 20))
        .since_delete()
        .in_order_of_deletion()
        .check(
            &[Objects, Slices],
            "
        0s pod 0 DELETE, grace 30
        0.02s pod 1 DELETE, grace 30
        0.035s pod 0 endpoint serving terminating
        0.04s pod 2 DELETE, grace 30
        0.075s pod 1 endpoint serving terminating
        0.075s pod 2 endpoint serving terminating
        ",
        );
}

#[test]
fn the_back_off_doubles_while_the_cache_stays_stale() {
    // A watch of 1.5 s: DELETE 0: seen 1.5, PUT 1.515, echo 3.015. DELETE 20: seen 1.52: stale; 2.52: stale; 4.52, +
    // 15.
    let mut scenario = deletions(2, 20);
    scenario.api_server.watch_latency = constant(ms(1_500));
    Timeline::of(&scenario).since_delete().in_order_of_deletion().check(
        &[Slices],
        "
        1.515s pod 0 endpoint serving terminating
        4.535s pod 1 endpoint serving terminating
        ",
    );
}

#[test]
fn the_back_off_starts_again_after_a_success() {
    // §2.3.6, reset on success: a second pair of deletions 5 s later waits 1 s again, not 2.
    let mut scenario = deletions(4, 20);
    scenario.disruptions = vec![scale(secs(10), 2), scale(secs(15), 0)];
    Timeline::of(&scenario).since_delete().in_order_of_deletion().check(
        &[Slices],
        "
        0.035s pod 0 endpoint serving terminating
        1.055s pod 1 endpoint serving terminating
        5.035s pod 2 endpoint serving terminating
        6.055s pod 3 endpoint serving terminating
        ",
    );
}

#[test]
fn a_batch_period_makes_one_write_of_two_changes() {
    // §2.3.4: seen 20, one second of batching, + 15; the second change comes in between.
    let mut scenario = deletions(2, 20);
    scenario.endpoint_slice_controller.batch_period = secs(1);
    Timeline::of(&scenario).since_delete().in_order_of_deletion().check(
        &[Slices],
        "
        1.035s pod 0 endpoint serving terminating
        1.035s pod 1 endpoint serving terminating
        ",
    );
}

#[test]
fn a_sync_of_three_slices_writes_them_one_after_another() {
    // §2.3.9: 250 endpoints are slices of 100, 100 and 50; PUTs of 10 ms each in sequence after 20 + 5.
    let mut scenario = deletions(250, 20);
    scenario.cluster.nodes = 10;
    unlimited_clients(&mut scenario);
    let timeline = Timeline::of(&scenario).since_delete();
    let start = timeline.first(|fact| matches!(fact, Fact::DeletionCommitted { .. }));
    let mut writes: BTreeMap<_, u32> = BTreeMap::new();
    for (at, _) in timeline.all(|fact| matches!(fact, Fact::EndpointWritten { .. })) {
        *writes.entry(at - start).or_default() += 1;
    }
    let expected = [(ms(35), 100), (ms(45), 100), (ms(55), 50)];
    assert_eq!(writes, BTreeMap::from(expected));
}

#[test]
fn publish_not_ready_addresses_keeps_a_terminating_pod_registered_until_it_is_gone() {
    // §2.3.1: `ready` stays true. §2.3.2: the endpoint leaves with the terminal status: hook 22 + 20 s, SIGTERM 4,
    // exit 1, seen 30, teardown 200, status 40 = 20.297; + 35 = 20.332. lbc §1.10: only then it is deregistered:
    // + 100 seen; + 50 + 30 + 60 = 20.572. The first slice change also starts a reconcile, which has nothing to do.
    let mut scenario = deletions(1, 20);
    scenario.service.publish_not_ready_addresses = true;
    scenario.horizon = SimTime::from_secs(31).saturating_since(SimTime::ZERO);
    Timeline::of(&scenario).since_delete().check(
        &[Slices, Controller],
        "
        0.035s pod 0 endpoint ready serving terminating
        0.135s reconcile
        20.332s pod 0 endpoint left
        20.432s reconcile
        20.572s DeregisterTargets [0]
        ",
    );
}
