//! The AWS Load Balancer Controller: reconciles, calls, buckets, retries, readiness gates (lbc §1, §2).

use std::collections::BTreeMap;

use sim_core::dist::{Probability, Rate};
use sim_core::scenario::Scenario;
use sim_core::scenario::pod::Probe;
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::Fact;

use super::Topic::{Controller, Health, Ready, Slices, Views};
use super::{Timeline, constants, rollout, scale, unlimited_clients};
use crate::support::{ms, secs};

/// All of `replicas` pods are deleted at once; nothing else happens for 20 s.
fn deletions(replicas: u32) -> Scenario {
    let mut scenario = constants();
    scenario.deployment.replicas = replicas;
    scenario.pod.pre_stop.sleep = Some(secs(20));
    unlimited_clients(&mut scenario);
    scenario.horizon = secs(25);
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario
}

/// One gated pod is created at 1.07, runs at 4.07, is noticed at 4.57 and listens at 6.07.
fn gated_start() -> Scenario {
    let mut scenario = constants();
    scenario.deployment.replicas = 0;
    scenario.pod.readiness_gate = true;
    scenario.disruptions = vec![scale(secs(1), 1)];
    scenario
}

#[test]
fn a_deletion_reaches_every_alb_node_in_five_steps() {
    // Slice 35 (kubernetes §2.3); + 100 seen: reconcile; + 50 computed, all cached targets healthy: no describe
    // (§1.5); + 30 checkpoint (§1.4 step 6) + 60 call = 275; + 10 s propagation (alb §5.1). The delay of 5 s runs
    // from the call.
    let mut scenario = deletions(1);
    scenario.target_group.deregistration_delay = secs(5);
    Timeline::of(&scenario).since_delete().check(
        &[Slices, Controller, Health, Views],
        "
        0.035s pod 0 endpoint serving terminating
        0.135s reconcile
        0.275s DeregisterTargets [0]
        0.275s target 0 draining
        5.275s target 0 unused
        10.275s ALB node 0: target 0 unknown
        10.275s ALB node 1: target 0 unknown
        ",
    );
}

#[test]
fn a_cache_older_than_its_ttl_costs_a_describe_call() {
    // §1.5: 300 s after the last full list; the same sum + 70.
    let mut scenario = deletions(1);
    scenario.horizon = secs(415);
    scenario.disruptions = vec![scale(secs(400), 0)];
    Timeline::of(&scenario).since_delete().check(
        &[Controller],
        "
        0.135s reconcile
        0.345s DeregisterTargets [0]
        ",
    );
}

#[test]
fn deregistration_comes_before_registration_in_one_reconcile() {
    // +1, −0 of one (kubernetes §4.3.3): new pod created 10.07, Ready 13.61, seen by the EndpointSlice controller
    // 13.63; the old one's DELETE: 13.61 + 30 + 30 + 10 = 13.68, seen 13.7. A batch of 1 s writes both: 13.63 + 1 +
    // 15 = 14.645. Reconcile 14.745; + 50 + 30 = 14.825; §1.4 steps 7 and 9: Deregister + 60, then Register + 200.
    let mut scenario = deletions(1);
    scenario.endpoint_slice_controller.batch_period = secs(1);
    scenario.disruptions = vec![rollout(secs(10))];
    Timeline::of(&scenario).check(
        &[Slices, Controller],
        "
        14.645s pod 1 endpoint ready serving
        14.645s pod 0 endpoint serving terminating
        14.745s reconcile
        14.885s DeregisterTargets [0]
        15.085s RegisterTargets [1]
        ",
    );
}

#[test]
fn four_hundred_and_fifty_targets_take_three_calls() {
    // §1.5: 200 per call, one after the other, 60 each, the first accepted at 275. One slice of up to 1000 endpoints.
    let mut scenario = deletions(450);
    scenario.cluster.nodes = 20;
    scenario.endpoint_slice_controller.max_endpoints_per_slice = 1000;
    let timeline = Timeline::of(&scenario).since_delete();
    let start = timeline.first(|fact| matches!(fact, Fact::DeletionCommitted { .. }));
    let calls: BTreeMap<SimDuration, usize> = timeline
        .all(|_| true)
        .filter_map(|(at, fact)| match fact {
            Fact::CallAccepted { targets, .. } => Some((at - start, targets.len())),
            _ => None,
        })
        .collect();
    assert_eq!(calls, BTreeMap::from([(ms(275), 200), (ms(335), 200), (ms(395), 50)]));
}

#[test]
fn an_exhausted_bucket_spaces_the_calls() {
    // §1.7: 4/s, here with a burst of 2 and one target per call. Tokens: calls at 215 and 275 take the burst; the third
    // token has come at 215 + 250 = 465 (wanted at 335: waits 130); then every 250: 715 (wanted at 525), 965 (at 775).
    let mut scenario = deletions(5);
    scenario.load_balancer_controller.registration_burst = 2;
    scenario.load_balancer_controller.targets_per_call = 1;
    let timeline = Timeline::of(&scenario).since_delete();
    timeline.check(
        &[Controller],
        "
        0.135s reconcile
        0.275s DeregisterTargets [0]
        0.335s DeregisterTargets [1]
        0.525s DeregisterTargets had waited 130ms
        0.525s DeregisterTargets [2]
        0.775s DeregisterTargets had waited 190ms
        0.775s DeregisterTargets [3]
        1.025s DeregisterTargets had waited 190ms
        1.025s DeregisterTargets [4]
        ",
    );
    assert_eq!(timeline.summary.observations.throttled, ms(130 + 190 + 190));
}

#[test]
fn a_failed_reconcile_is_retried_on_the_ladder_of_the_queue() {
    // §1.3: 5 ms · 2ⁿ. One SDK attempt, always refused: fails at 135 + 50 + 30 = 215; 220. From then on the
    // checkpoint is empty: 50 later 270 + 10 = 280, 330 + 20 = 350, 400 + 40 = 440, 490 + 80 = 570, 620 + 160 = 780,
    // 830 + 320 = 1150.
    let mut scenario = deletions(1);
    scenario.horizon = ms(11_300);
    scenario.elbv2.call_failure = Probability::ONE;
    scenario.load_balancer_controller.sdk_max_attempts = 1;
    Timeline::of(&scenario).since_delete().check(
        &[Controller],
        "
        0.135s reconcile
        0.22s reconcile
        0.28s reconcile
        0.35s reconcile
        0.44s reconcile
        0.57s reconcile
        0.78s reconcile
        1.15s reconcile
        ",
    );
}

#[test]
fn ten_sdk_attempts_take_100_to_130_seconds_before_the_error_surfaces() {
    // alb §5.4: other callers use up the account's rate, and a burst of one lets only the first call through. lbc
    // §1.8: nine sleeps, U(0,1)·2ⁿ for n ≤ 4 (0 to 30 s in all), then five of exactly 20 s. First attempt of the
    // second call at 275; the queue's 5 ms follow.
    let mut scenario = deletions(2);
    scenario.horizon = secs(180);
    scenario.load_balancer_controller.targets_per_call = 1;
    scenario.pod.termination_grace_period = secs(200);
    scenario.pod.pre_stop.sleep = Some(secs(200));
    scenario.elbv2.registration_burst = 1;
    scenario.elbv2.other_callers_rate = Rate::new(4.0).unwrap();
    let timeline = Timeline::of(&scenario).since_delete();
    let start = timeline.first(|fact| matches!(fact, Fact::DeletionCommitted { .. }));
    let reconciles: Vec<SimTime> = timeline
        .all(|fact| *fact == Fact::ReconcileStarted)
        .map(|(at, _)| at)
        .collect();
    let accepted = timeline.all(|fact| matches!(fact, Fact::CallAccepted { .. })).count();
    assert_eq!((reconciles.len(), accepted), (2, 1));
    let failed_after = reconciles[1] - start;
    let first_attempt = ms(275);
    assert!(failed_after >= first_attempt + secs(100) + ms(5), "{failed_after}");
    assert!(failed_after <= first_attempt + secs(130) + ms(5), "{failed_after}");
}

#[test]
fn a_gate_turns_true_at_the_first_poll_after_the_alb_says_healthy() {
    // Status with IP and ContainersReady 4.57 + 40 = 4.61; slice + 35 = 4.645 (not ready: the gate is missing). The
    // pod event comes first (+ 100 = 4.71): nothing to do yet, until 4.76; the slice (4.745) waits for it. 4.76 + 50
    // + 30 checkpoint + 200 = 5.04 registered; + 2 s propagation, first check at once (alb §1.4) and one pass is
    // enough (alb §1.6). lbc §2.2: next reconcile 15 s after the last ended: 20.04; + 50 + 70 describe + 25 PATCH =
    // 20.185; kubelet + 80 (kubernetes §3.2) = 20.265. Slice + 35; reconcile + 100, and another for the pod event at
    // 20.365.
    let timeline = Timeline::of(&gated_start());
    timeline.check(
        &[Ready, Slices, Controller, Health],
        "
        4.645s pod 0 endpoint
        4.71s reconcile
        4.76s reconcile
        5.04s RegisterTargets [0]
        5.04s target 0 initial
        7.04s target 0 healthy
        20.04s reconcile
        20.265s pod 0 Ready
        20.3s pod 0 endpoint ready serving
        20.365s reconcile
        20.415s reconcile
        ",
    );
}

#[test]
fn before_version_3_4_only_the_poll_notices_that_a_gated_pod_can_be_registered() {
    // Readiness probes at 4.57 (refused) and 14.57: ContainersReady 14.61. The slice of 4.645 started a reconcile at
    // 4.745 that found nothing to register but a gate pending: + 50 + 30 checkpoint (lbc §1.4 step 6) = 4.825, polled
    // 15 s later: 19.825; + 50 + 200 = 20.075. Healthy 22.075; polled 35.075; + 50 + 70 + 25 = 35.22; + 80.
    let mut scenario = gated_start();
    scenario.pod.readiness_probe = Some(Probe::default());
    scenario.load_balancer_controller.pod_watch = false;
    Timeline::of(&scenario).check(
        &[Ready, Slices, Controller, Health],
        "
        4.645s pod 0 endpoint
        4.745s reconcile
        19.825s reconcile
        20.075s RegisterTargets [0]
        20.075s target 0 initial
        22.075s target 0 healthy
        35.075s reconcile
        35.3s pod 0 Ready
        35.335s pod 0 endpoint ready serving
        35.435s reconcile
        ",
    );
}

#[test]
fn from_version_3_4_on_the_pod_event_starts_the_registration() {
    // As before until 14.61; the pod event is seen at 14.71: + 50 + 200 = 14.96. Healthy 16.96; polled 15 s after
    // 14.96: 29.96; + 50 + 70 + 25 = 30.105; + 80 = 30.185. The statuses of 4.61 and 30.185 are pod events too: 4.71,
    // 30.285.
    let mut scenario = gated_start();
    scenario.pod.readiness_probe = Some(Probe::default());
    Timeline::of(&scenario).check(
        &[Ready, Controller],
        "
        4.71s reconcile
        4.76s reconcile
        14.71s reconcile
        14.96s RegisterTargets [0]
        29.96s reconcile
        30.185s pod 0 Ready
        30.285s reconcile
        30.335s reconcile
        ",
    );
}
