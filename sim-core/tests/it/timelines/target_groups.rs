//! Several `TargetGroupBinding`s: workers, one bucket, one lock, one gate each (lbc §1.3, §1.5, §1.7, §2.2).

use sim_core::bottleneck::{Bottleneck, Wait};
use sim_core::dist::Rate;
use sim_core::scenario::Scenario;
use sim_core::time::SimDuration;
use sim_core::trace::Fact;

use super::Topic::{Controller, Gates, Others, Ready};
use super::{Timeline, constants, scale, unlimited_clients};
use crate::support::{constant, ms, secs};

/// One pod, a target of `others` further groups, is deleted at 10.07.
fn deletion(others: u32) -> Scenario {
    let mut scenario = constants();
    scenario.pod.pre_stop.sleep = Some(secs(20));
    scenario.load_balancer_controller.other_target_group_bindings = others;
    scenario.horizon = secs(25);
    unlimited_clients(&mut scenario);
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario
}

fn wait(count: u64, total: SimDuration, longest: SimDuration) -> Wait {
    Wait { count, total, longest }
}

#[test]
fn three_workers_reconcile_two_bindings_side_by_side() {
    // Both see the slice at 135; + 50 + 30 + 60 = 275 each, and the bucket holds 20.
    let timeline = Timeline::of(&deletion(1)).since_delete();
    timeline.check(
        &[Controller, Others],
        "
        0.135s reconcile
        0.135s binding 1 reconcile
        0.275s DeregisterTargets [0]
        0.275s binding 1 DeregisterTargets [0]
        ",
    );
    assert_eq!(timeline.summary.observations.waits.iter().count(), 0);
}

#[test]
fn one_worker_reconciles_them_one_after_another() {
    // §1.3: the second starts when the first ends, at 275; + 50 + 30 + 60 = 415. It waited 275 − 135 = 140.
    let mut scenario = deletion(1);
    scenario.load_balancer_controller.workers = 1;
    let timeline = Timeline::of(&scenario).since_delete();
    timeline.check(
        &[Controller, Others],
        "
        0.135s reconcile
        0.275s DeregisterTargets [0]
        0.275s binding 1 reconcile
        0.415s binding 1 DeregisterTargets [0]
        ",
    );
    let waits = timeline.summary.observations.waits;
    assert_eq!(waits.of(Bottleneck::Workers), wait(1, ms(140), ms(140)));
}

#[test]
fn all_bindings_draw_from_one_bucket() {
    // §1.7: 4/s, here with a burst of 1. Both ask at 215: the second gets its token 250 later: 465 + 60 = 525.
    let mut scenario = deletion(1);
    scenario.load_balancer_controller.registration_burst = 1;
    let timeline = Timeline::of(&scenario).since_delete();
    timeline.check(
        &[Controller, Others],
        "
        0.135s reconcile
        0.135s binding 1 reconcile
        0.275s DeregisterTargets [0]
        0.525s binding 1 DeregisterTargets [0]
        ",
    );
    let waits = timeline.summary.observations.waits;
    assert_eq!(waits.of(Bottleneck::ControllerRegistration), wait(1, ms(250), ms(250)));
}

#[test]
fn only_one_binding_at_a_time_asks_for_target_health() {
    // §1.5: at 400 s both caches are too old. One asks from 185 to 255 and goes on + 30 + 60 = 345, the other from
    // 255 to 325: 415.
    let mut scenario = deletion(1);
    scenario.horizon = secs(415);
    scenario.disruptions = vec![scale(secs(400), 0)];
    let timeline = Timeline::of(&scenario).since_delete();
    timeline.check(
        &[Controller, Others],
        "
        0.135s reconcile
        0.135s binding 1 reconcile
        0.345s DeregisterTargets [0]
        0.415s binding 1 DeregisterTargets [0]
        ",
    );
    let waits = timeline.summary.observations.waits;
    assert_eq!(waits.of(Bottleneck::DescribeLock), wait(1, ms(70), ms(70)));
}

#[test]
fn three_throttled_bindings_block_all_others() {
    // §1.8: a worker sleeps during the SDK's retries. The account lets one call through, the main binding's at 215.
    // Bindings 1 and 2 are refused at the same instant, binding 3 starts on the freed worker at 275 and is refused
    // too; binding 4 waits until the first of them gives up, 100 to 130 s after its first attempt at 215. With five
    // workers it starts at once.
    let start_of_4 = |workers| {
        let mut scenario = deletion(4);
        scenario.horizon = secs(180);
        scenario.pod.termination_grace_period = secs(200);
        scenario.pod.pre_stop.sleep = Some(secs(200));
        scenario.load_balancer_controller.workers = workers;
        scenario.elbv2.registration_burst = 1;
        scenario.elbv2.other_callers_rate = Rate::new(4.0).unwrap();
        let timeline = Timeline::of(&scenario);
        let deleted = timeline.first(|fact| matches!(fact, Fact::DeletionCommitted { .. }));
        timeline.first(|fact| *fact == Fact::OtherReconcileStarted { binding: 4 }) - deleted
    };
    let started = start_of_4(3);
    assert!(
        (secs(100) + ms(215)..secs(130) + ms(215)).contains(&started),
        "{started}"
    );
    assert_eq!(start_of_4(5), ms(135));
}

#[test]
fn a_pod_is_ready_when_all_its_gates_are_true() {
    // As for one gate until both targets are registered at 5.04 and healthy at 7.04. §1.3: each polls 15 s after its
    // reconcile ended: 20.04 + 50 = 20.09; one asks until 20.16, the other until 20.23 (§1.5); gates + 25 = 20.185
    // and 20.255. Here the kubelet takes 20: at 20.205 one gate is missing, at 20.275 none.
    let mut scenario = constants();
    scenario.deployment.replicas = 0;
    scenario.pod.readiness_gate = true;
    scenario.kubelet.gate_to_ready = constant(ms(20));
    scenario.load_balancer_controller.other_target_group_bindings = 1;
    scenario.disruptions = vec![scale(secs(1), 1)];
    Timeline::of(&scenario).check(
        &[Gates, Ready],
        "
        20.255s pod 0 gate 1 true
        20.275s pod 0 Ready
        ",
    );
}

#[test]
fn a_further_group_waits_for_a_server_as_an_alb_node_does() {
    // Listening only at 4.07 + 10 = 14.07. Registered 5.04, learned 7.04; checks at 7.04 (refused) and, 15 s later,
    // 22.04. Polls 15 s after each end: 20.04 (+ 50, the describes of both until 20.16 and 20.23) and from there
    // 35.16 and 35.23: + 50 = 35.21 and 35.28; asked until 35.28 and 35.35; gates + 25 = 35.305, 35.375; + 20.
    let mut scenario = constants();
    scenario.deployment.replicas = 0;
    scenario.pod.readiness_gate = true;
    scenario.app.start_up = constant(secs(10));
    scenario.kubelet.gate_to_ready = constant(ms(20));
    scenario.load_balancer_controller.other_target_group_bindings = 1;
    scenario.disruptions = vec![scale(secs(1), 1)];
    Timeline::of(&scenario).check(
        &[Gates, Ready],
        "
        35.375s pod 0 gate 1 true
        35.395s pod 0 Ready
        ",
    );
}
