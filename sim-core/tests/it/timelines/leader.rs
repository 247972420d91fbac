//! The leader of the AWS Load Balancer Controller goes away, and another one comes (lbc §1.9, §2.1).

use sim_core::bottleneck::Bottleneck;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{ControllerRestart, Disruption, NodeDrain};
use sim_core::scenario::hops::FailurePolicy;
use sim_core::time::SimDuration;

use super::Topic::{Controller, Gates, Objects, Others, Ready};
use super::{Timeline, constants, scale, unlimited_clients};
use crate::support::{constant, ms, secs};

fn restart(at: SimDuration, all_replicas: bool) -> Disruption {
    Disruption {
        at,
        controller_restart: Some(ControllerRestart { all_replicas }),
        ..Disruption::default()
    }
}

/// One pod is deleted at 10.07; the leader is lost at `lost_at` and another one elected `gap` later.
fn deletion_during_a_gap(lost_at: SimDuration, gap: SimDuration) -> Scenario {
    let mut scenario = constants();
    scenario.pod.pre_stop.sleep = Some(secs(20));
    scenario.load_balancer_controller.leader_gap = constant(gap);
    scenario.horizon = secs(29);
    unlimited_clients(&mut scenario);
    scenario.disruptions = vec![scale(secs(10), 0), restart(lost_at, false)];
    scenario
}

#[test]
fn a_deletion_waits_until_somebody_leads() {
    // DELETE 10.07; lost 9, elected 24 = 13.93. The slice was seen at 135. §1.9, §1.5: the cache of a new leader is
    // empty: 13.93 + 50 + 70 describe + 30 checkpoint + 60 = 14.14. The wait: from 0.135 to 13.93.
    let timeline = Timeline::of(&deletion_during_a_gap(secs(9), secs(15))).since_delete();
    timeline.check(
        &[Controller, Others],
        "
        13.93s leader elected
        13.93s reconcile
        14.14s DeregisterTargets [0]
        ",
    );
    let slowest = timeline.summary.observations.deregistrations.slowest;
    assert_eq!(slowest.largest(), Some((Bottleneck::LeaderGap, ms(13_930 - 135))));
    assert_eq!(slowest.total(), ms(13_795));
}

#[test]
fn a_call_that_elbv2_has_not_accepted_is_made_again_by_the_next_leader() {
    // The call goes out at 215 and would be accepted at 275; lost at 10.32 = 250. Elected at 5.25: + 50 + 70 + 60 =
    // 5.43: the checkpoint has been cleared already (§1.4 step 6).
    let timeline = Timeline::of(&deletion_during_a_gap(ms(10_320), secs(5))).since_delete();
    timeline.check(
        &[Controller, Others],
        "
        0.135s reconcile
        0.25s leader lost
        5.25s leader elected
        5.25s reconcile
        5.43s DeregisterTargets [0]
        ",
    );
}

#[test]
fn a_call_that_elbv2_has_accepted_stays_accepted() {
    // Accepted at 275; lost at 10.35 = 280, when nothing is left to do: the new leader skips (§1.4 step 2).
    let timeline = Timeline::of(&deletion_during_a_gap(ms(10_350), secs(5))).since_delete();
    timeline.check(
        &[Controller, Others],
        "
        0.135s reconcile
        0.275s DeregisterTargets [0]
        0.28s leader lost
        5.28s leader elected
        5.28s reconcile
        ",
    );
}

#[test]
fn a_second_loss_starts_the_wait_again() {
    // Lost at 9, and again at 15 before anybody was elected at 24: elected at 30 = 19.93; + 50 + 70 + 30 + 60.
    let mut scenario = deletion_during_a_gap(secs(9), secs(15));
    scenario.horizon = secs(31);
    scenario.pod.termination_grace_period = secs(60);
    scenario.pod.pre_stop.sleep = Some(secs(40));
    scenario.disruptions.push(restart(secs(15), false));
    Timeline::of(&scenario).since_delete().check(
        &[Controller, Others],
        "
        19.93s leader elected
        19.93s reconcile
        20.14s DeregisterTargets [0]
        ",
    );
}

#[test]
fn a_drain_of_the_leader_s_node_delays_all_that_it_evicts() {
    // Pod and leader are on node 0. Drain at 10: leader lost; cordon 10, two writes 20: DELETE 10.03. RS sees it + 20,
    // creates + 10 = 10.06; runs 13.06, noticed 13.56, Ready 13.6: in the slice long before 25 = 14.97, when somebody
    // leads. + 50 + 70 + 30 + 60 = 15.18 deregistered, + 200 = 15.38 registered.
    let mut scenario = deletion_during_a_gap(secs(9), secs(15));
    scenario.load_balancer_controller.leader_node = Some(0);
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        node_drain: Some(NodeDrain::default()),
        ..Disruption::default()
    }];
    scenario.horizon = secs(27);
    Timeline::of(&scenario).since_delete().check(
        &[Controller, Others],
        "
        14.97s leader elected
        14.97s reconcile
        15.18s DeregisterTargets [0]
        15.38s RegisterTargets [1]
        ",
    );
}

#[test]
fn a_drain_of_another_node_leaves_the_leader_alone() {
    let mut scenario = deletion_during_a_gap(secs(9), secs(15));
    scenario.load_balancer_controller.leader_node = Some(1);
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        node_drain: Some(NodeDrain::default()),
        ..Disruption::default()
    }];
    scenario.horizon = secs(13);
    // The usual sum: 35 + 100, + 50 + 30 + 60 = 275.
    Timeline::of(&scenario).since_delete().check(
        &[Controller, Others],
        "
        0.135s reconcile
        0.275s DeregisterTargets [0]
        ",
    );
}

/// One gated pod is created at 1.07, while no replica of the controller is there from 0.5 to 10.5.
fn creation_without_webhook(policy: FailurePolicy) -> Scenario {
    let mut scenario = constants();
    scenario.deployment.replicas = 0;
    scenario.pod.readiness_gate = true;
    scenario.load_balancer_controller.pod_webhook_failure_policy = policy;
    scenario.load_balancer_controller.leader_gap = constant(secs(10));
    scenario.disruptions = vec![scale(secs(1), 1), restart(ms(500), true)];
    scenario
}

#[test]
fn without_the_webhook_a_pod_comes_up_without_its_gate() {
    // lbc §2.1, failurePolicy Ignore. Runs 4.07, noticed 4.57, status 4.61: Ready at once. Registered when somebody
    // leads: 10.5 + 50 + 70 describe + 30 + 200 = 10.85.
    let timeline = Timeline::of(&creation_without_webhook(FailurePolicy::Ignore));
    timeline.check(
        &[Gates, Ready, Controller, Others],
        "
        0.5s leader lost
        1.07s pod 0 without a gate
        4.61s pod 0 Ready
        10.5s leader elected
        10.5s reconcile
        10.85s RegisterTargets [0]
        ",
    );
    assert_eq!(timeline.summary.observations.gates_not_injected, 1);
}

#[test]
fn a_webhook_that_must_answer_keeps_pods_from_being_created() {
    // failurePolicy Fail: refused at 1.07 and on the ladder 5 ms · (2ⁿ − 1) after it until somebody answers at 10.5:
    // 2ⁿ − 1 > 1886, n = 11: 1.07 + 10.235 = 11.305.
    let timeline = Timeline::of(&creation_without_webhook(FailurePolicy::Fail));
    timeline.check(&[Objects], "11.305s pod 0 created");
    assert_eq!(timeline.summary.observations.creations_refused, 1);
}
