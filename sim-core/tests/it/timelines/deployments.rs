//! Pace and arithmetic of the Deployment and `ReplicaSet` controllers (kubernetes §4).
//!
//! Without a readiness probe a new pod is Ready 3.54 s after its creation: 3000 containers run + 500 noticed + 40
//! status. The Deployment controller acts 30 ms (a write and a watch) after whatever it watches changed, its
//! `ReplicaSet` write is acted upon 30 ms later, and the pod write takes 10 ms.

use sim_core::scenario::Scenario;
use sim_core::scenario::cluster::Strategy;
use sim_core::scenario::disruption::{Disruption, PodCrash};
use sim_core::scenario::value::IntOrPercent;
use sim_core::time::SimDuration;
use sim_core::trace::Fact;

use super::Topic::{Objects, Ready};
use super::{Timeline, constants, rollout, scale};
use crate::support::{constant, ms, secs};

/// A rollout of `replicas` pods at 10 s, on nodes with one pod each, so that no status waits for another.
pub(super) fn rolling(replicas: u32) -> Scenario {
    let mut scenario = constants();
    scenario.deployment.replicas = replicas;
    scenario.cluster.nodes = 3 * replicas;
    scenario.disruptions = vec![rollout(secs(10))];
    scenario
}

/// Creations, Ready and DELETEs of a rollout; old pods come first, in the order of their DELETE.
pub(super) fn check_rollout(scenario: &Scenario, expected: &str) {
    let mut timeline = Timeline::of(scenario).in_order_of_deletion();
    timeline.trace.retain(|record| {
        !matches!(
            record.fact,
            Fact::PodDeleted { .. } | Fact::PodReady { ready: false, .. }
        )
    });
    timeline.check(&[Objects, Ready], expected);
}

fn deletion_instants(scenario: &Scenario) -> Vec<SimDuration> {
    let timeline = Timeline::of(scenario);
    let is_delete = |fact: &Fact| matches!(fact, Fact::DeletionCommitted { .. });
    let first = timeline.first(is_delete);
    timeline.all(is_delete).map(|(at, _)| at - first).collect()
}

#[test]
fn forty_deletions_share_the_client_bucket_with_their_events() {
    // §2.3.10, §4.2.1: burst 30, 20/s, two tokens per deletion: the k-th waits for 2k − 30 tokens of 50 ms. So 15 at
    // once and one every 100 ms; the 40th at 50 · 50 ms = 2.5 s.
    let mut scenario = constants();
    scenario.deployment.replicas = 40;
    scenario.disruptions = vec![scale(secs(10), 0)];
    let expected = |k: u64, tokens: u64| ms(50 * (tokens * k).saturating_sub(30));
    let shared: Vec<SimDuration> = (1..=40).map(|k| expected(k, 2)).collect();
    assert_eq!(shared[39], ms(2_500), "worked out above");
    assert_eq!(deletion_instants(&scenario), shared);
    // Without the Events: 30 at once, the 40th after 10 tokens.
    scenario.controller_manager.events_share_bucket = false;
    let alone: Vec<SimDuration> = (1..=40).map(|k| expected(k, 1)).collect();
    assert_eq!(deletion_instants(&scenario), alone);
}

#[test]
fn creations_start_slowly() {
    // §4.2.2: 1, 2, 4, then the last one; each batch takes one write of 10 ms and is awaited.
    let mut scenario = constants();
    scenario.deployment.replicas = 0;
    scenario.disruptions = vec![scale(secs(1), 8)];
    let timeline = Timeline::of(&scenario);
    let created = timeline.all(|fact| matches!(fact, Fact::PodCreated { .. }));
    let created: Vec<u64> = created.map(|(at, _)| at.as_ns() / 1_000_000).collect();
    assert_eq!(created, [1070, 1080, 1080, 1090, 1090, 1090, 1090, 1100]);
}

#[test]
fn a_rolling_update_of_four_goes_one_up_and_one_down_at_once() {
    // §4.3.3: 25 % of 4: +1, −1. §4.3.4, each line one sync 30 ms after the last: 10.03 new 1 (5 in all) → created
    // 10.07; 10.06 old 4 → 3 (5 − 3 − 1 = 1) → DELETE 10.10; 10.09 new 2 → 10.13; 10.12 nothing: two new ones
    // unavailable. Ready 13.61 → 13.64 old 2 → DELETE 13.68; 13.67 (the other is Ready too) new 3 → 13.71; 13.70 old
    // 1 → DELETE 13.74; 13.73 new 4 → 13.77. Ready 17.25 → 17.28 old 0 → DELETE 17.32. Ready 17.31.
    check_rollout(
        &rolling(4),
        "
        10.07s pod 4 created
        10.1s pod 0 DELETE, grace 30
        10.13s pod 5 created
        13.61s pod 4 Ready
        13.67s pod 5 Ready
        13.68s pod 1 DELETE, grace 30
        13.71s pod 6 created
        13.74s pod 2 DELETE, grace 30
        13.77s pod 7 created
        17.25s pod 6 Ready
        17.31s pod 7 Ready
        17.32s pod 3 DELETE, grace 30
        ",
    );
}

#[test]
fn a_rolling_update_of_ten_goes_three_up_and_two_down_at_once() {
    // §4.3.3: 25 % of 10: +3, −2: at most 13 pods, at least 8 available. Writes take no time here, so that a batch is
    // Ready at once; each sync comes one watch, 20 ms, after the last.
    // 10.02 new 3 → 10.04; 10.04 old 8 → DELETE ×2 10.06; 10.06 new 5 → 10.08.
    // Ready 13.58 → 13.60: 3 of 5 new available: budget 13 − 8 − 2 = 3: old 5 → DELETE ×3 13.62; 13.62 new 8 → 13.64.
    // Ready 13.62 → 13.64: 5 of 8 available: budget 2: old 3 → DELETE ×2 13.66; 13.66 new 10 → 13.68.
    // Ready 17.18 → 17.20: 8 of 10 available: budget 3: old 0 → DELETE ×3 17.22.
    let mut scenario = rolling(10);
    scenario.api_server.write_latency = constant(ms(0));
    check_rollout(
        &scenario,
        "
        10.04s pod 10 created
        10.04s pod 11 created
        10.04s pod 12 created
        10.06s pod 0 DELETE, grace 30
        10.06s pod 1 DELETE, grace 30
        10.08s pod 13 created
        10.08s pod 14 created
        13.58s pod 10 Ready
        13.58s pod 11 Ready
        13.58s pod 12 Ready
        13.62s pod 13 Ready
        13.62s pod 14 Ready
        13.62s pod 2 DELETE, grace 30
        13.62s pod 3 DELETE, grace 30
        13.62s pod 4 DELETE, grace 30
        13.64s pod 15 created
        13.64s pod 16 created
        13.64s pod 17 created
        13.66s pod 5 DELETE, grace 30
        13.66s pod 6 DELETE, grace 30
        13.68s pod 18 created
        13.68s pod 19 created
        17.18s pod 15 Ready
        17.18s pod 16 Ready
        17.18s pod 17 Ready
        17.22s pod 18 Ready
        17.22s pod 19 Ready
        17.22s pod 7 DELETE, grace 30
        17.22s pod 8 DELETE, grace 30
        17.22s pod 9 DELETE, grace 30
        ",
    );
}

#[test]
fn unhealthy_old_pods_go_first_but_not_beyond_the_budget() {
    // +1, −1 of 4, two of which crashed at 9 s and are not Ready since 9.07. §4.3.4: 10.03 new 1; 10.06 budget 5 − 3 −
    // 1 = 1: one of the two goes (§4.1 rule 3), 10.10; 10.09 new 2 → 10.13; 10.12 budget 5 − 3 − 2 = 0: the other one
    // waits for a new pod, Ready at 13.61.
    let mut scenario = rolling(4);
    scenario.horizon = ms(13_650);
    scenario.app.restart_delay = constant(secs(100));
    scenario.disruptions.push(Disruption {
        at: secs(9),
        pod_crash: Some(PodCrash { pods: 2 }),
        ..Disruption::default()
    });
    let not_ready = |fact: &Fact| matches!(fact, Fact::PodReady { pod: 0, ready: false });
    let crashed = Timeline::of(&scenario).in_order_of_deletion().first(not_ready);
    assert_eq!(crashed.as_ns(), 9_070_000_000, "the first one deleted is a crashed one");
    check_rollout(
        &scenario,
        "
        10.07s pod 4 created
        10.1s pod 0 DELETE, grace 30
        10.13s pod 5 created
        13.61s pod 4 Ready
        ",
    );
}

#[test]
fn without_surge_the_old_pod_goes_first() {
    // +0, −1 of 2: 10.03 old 1 → DELETE 10.07; 10.06 new 1 → 10.10; Ready 13.64 → 13.67 old 0 → DELETE 13.71; 13.70
    // new 2 → 13.74; Ready 17.28.
    let mut scenario = rolling(2);
    scenario.deployment.max_surge = IntOrPercent::Int(0);
    scenario.deployment.max_unavailable = IntOrPercent::Int(1);
    check_rollout(
        &scenario,
        "
        10.07s pod 0 DELETE, grace 30
        10.1s pod 2 created
        13.64s pod 2 Ready
        13.71s pod 1 DELETE, grace 30
        13.74s pod 3 created
        17.28s pod 3 Ready
        ",
    );
}

#[test]
fn both_at_zero_after_rounding_means_one_unavailable() {
    // §4.3.2: 0 and 25 % of 2, rounded down, would stop the update; one may be unavailable: the same timeline.
    let mut scenario = rolling(2);
    scenario.deployment.max_surge = IntOrPercent::Int(0);
    check_rollout(
        &scenario,
        "
        10.07s pod 0 DELETE, grace 30
        10.1s pod 2 created
        13.64s pod 2 Ready
        13.71s pod 1 DELETE, grace 30
        13.74s pod 3 created
        17.28s pod 3 Ready
        ",
    );
}

#[test]
fn min_ready_seconds_delay_the_next_step() {
    // 25 % of 2: +1, −0 (§4.3.3). 10.03 new 1 → 10.07; Ready 13.61, available 18.61 (§4.3.5) → 18.64 old 1 → DELETE
    // 18.68; 18.67 new 2 → 18.71; Ready 22.25, available 27.25 → 27.28 old 0 → DELETE 27.32.
    let mut scenario = rolling(2);
    scenario.deployment.min_ready = secs(5);
    check_rollout(
        &scenario,
        "
        10.07s pod 2 created
        13.61s pod 2 Ready
        18.68s pod 0 DELETE, grace 30
        18.71s pod 3 created
        22.25s pod 3 Ready
        27.32s pod 1 DELETE, grace 30
        ",
    );
}

#[test]
fn recreate_waits_until_every_old_pod_is_terminal() {
    // §4.3.7: 10.03 old 0 → DELETE ×2 10.07; terminal 22 + 4 + 1 + 30 + 200 + 40 = 297 later, 10.367; sync 10.397;
    // ReplicaSet 10.427; created 10.437 and 10.447; Ready + 3.54.
    let mut scenario = rolling(2);
    scenario.deployment.strategy = Strategy::Recreate;
    check_rollout(
        &scenario,
        "
        10.07s pod 0 DELETE, grace 30
        10.07s pod 1 DELETE, grace 30
        10.437s pod 2 created
        10.447s pod 3 created
        13.977s pod 2 Ready
        13.987s pod 3 Ready
        ",
    );
}
