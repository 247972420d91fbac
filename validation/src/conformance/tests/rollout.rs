//! How many pods there are.

use sim_core::scenario::disruption::{Disruption, NodeDrain, Rollout};
use sim_core::scenario::value::IntOrPercent;

use super::*;

/// Four replicas that are Ready, and a disruption that begins.
fn four(disruption: Disruption) -> (Scenario, Vec<(u64, Fact)>) {
    let mut scenario = Scenario::default();
    scenario.deployment.replicas = 4;
    scenario.deployment.max_surge = IntOrPercent::Int(1);
    scenario.deployment.max_unavailable = IntOrPercent::Int(1);
    scenario.disruptions = vec![disruption];
    let pods = (0..4).flat_map(|pod| [(0, Fact::PodCreated { pod }), (0, Fact::PodReady { pod, ready: true })]);
    let begins = (
        1,
        Fact::DisruptionStarted {
            disruption: 0,
            kind: "any".to_owned(),
        },
    );
    (scenario, pods.chain([begins]).collect())
}

fn deleted(pod: u32) -> Fact {
    Fact::DeletionCommitted {
        pod,
        grace_period_s: 30,
    }
}

#[test]
fn a_rollout_with_too_many_or_too_few_pods_is_found() {
    let (scenario, start) = four(Disruption {
        rollout: Some(Rollout {}),
        ..Disruption::default()
    });
    let created = |pod| Fact::PodCreated { pod };
    // A sixth pod for six seconds: the surge is 1.
    let many = [
        start.clone(),
        vec![(2, created(4)), (3, created(5)), (6_003, deleted(0))],
    ]
    .concat();
    assert_eq!(seen(&scenario, Behaviour::RolloutKeepsSurge, many), (3, 1));
    let few = [
        start.clone(),
        vec![(2, created(4)), (3, created(5)), (1_003, deleted(0))],
    ]
    .concat();
    assert_eq!(seen(&scenario, Behaviour::RolloutKeepsSurge, few), (3, 0));
    // Three of four must stay.
    let gone = [start, vec![(2, deleted(0)), (3, deleted(1))]].concat();
    assert_eq!(seen(&scenario, Behaviour::RolloutKeepsAvailable, gone), (2, 1));
}

#[test]
fn a_replacement_that_waits_for_the_end_of_its_predecessor_is_found() {
    let drain = Disruption {
        node_drain: Some(NodeDrain::default()),
        ..Disruption::default()
    };
    let (scenario, start) = four(drain);
    let gone = Fact::PodDeleted { pod: 0 };
    let created = Fact::PodCreated { pod: 4 };
    let right = [
        start.clone(),
        vec![(2, deleted(0)), (100, created.clone()), (20_000, gone.clone())],
    ]
    .concat();
    assert_eq!(seen(&scenario, Behaviour::ReplacedAtDeletion, right), (1, 0));
    let wrong = [start, vec![(2, deleted(0)), (20_000, gone), (20_001, created)]].concat();
    assert_eq!(seen(&scenario, Behaviour::ReplacedAtDeletion, wrong), (1, 1));
}
