//! Whom a scale-down takes (kubernetes §4.1).

use sim_core::scenario::disruption::{Disruption, PodCrash};
use sim_core::trace::{Fact, TraceLevel};

use super::deployments::{check_rollout, rolling};
use super::{Timeline, constants, scale};
use crate::support::{SEED, constant, run_with, secs};

#[test]
fn a_scale_down_takes_the_pod_of_the_youngest_age_octave() {
    // §4.1 rule 6: Ready since 4.61 s, so 55 s against a day.
    let mut scenario = rolling(3);
    scenario.horizon = secs(70);
    scenario.disruptions = vec![scale(secs(1), 4), scale(secs(60), 3)];
    let timeline = Timeline::of(&scenario);
    let deleted = timeline.all(|fact| matches!(fact, Fact::DeletionCommitted { .. }));
    let deleted: Vec<&Fact> = deleted.map(|(_, fact)| fact).collect();
    let newest = Fact::DeletionCommitted {
        pod: 3,
        grace_period_s: 30,
    };
    assert_eq!(deleted, [&newest]);
}

#[test]
fn a_scale_down_takes_a_pod_that_is_not_ready_before_a_ready_one() {
    // §4.1 rule 3: the new pod is not Ready before 4.61 s. It has no containers yet, so the kubelet only tears it down.
    let mut scenario = rolling(3);
    scenario.disruptions = vec![scale(secs(1), 4), scale(secs(2), 3)];
    check_rollout(
        &scenario,
        "
        1.07s pod 0 created
        2.07s pod 0 DELETE, grace 30
        ",
    );
}

#[test]
fn a_pod_that_is_not_ready_goes_before_a_younger_ready_one() {
    // §4.1 rule 3 before rule 6: one of three crashed at 1 s and stays down; the fourth is Ready since 23.61. At 40 s
    // the crashed one goes, although it has been as it is for 39 s and the other for 16 s.
    let mut scenario = rolling(3);
    scenario.app.restart_delay = constant(secs(100));
    let crash = Disruption {
        at: secs(1),
        pod_crash: Some(PodCrash { pods: 1 }),
        ..Disruption::default()
    };
    scenario.disruptions = vec![crash, scale(secs(20), 4), scale(secs(40), 3)];
    let timeline = Timeline::of(&scenario).in_order_of_deletion();
    let not_ready = timeline.first(|fact| matches!(fact, Fact::PodReady { pod: 0, ready: false }));
    assert_eq!(not_ready.as_ns(), 1_070_000_000);
}

#[test]
fn of_equal_pods_one_with_more_siblings_on_its_node_goes() {
    // §4.1 rule 5: pods 0 and 2 share a node. Random otherwise, so over many runs both of them go, and never pod 1.
    let mut scenario = constants();
    scenario.deployment.replicas = 3;
    scenario.disruptions = vec![scale(secs(10), 2)];
    let mut gone = [0; 3];
    for replication in 0..20 {
        let (_, trace) = run_with(&scenario, SEED, replication, TraceLevel::Failures);
        for record in &trace {
            if let Fact::DeletionCommitted { pod, .. } = record.fact {
                gone[pod as usize] += 1;
            }
        }
    }
    assert_eq!((gone[0] + gone[2], gone[1]), (20, 0));
    assert!(gone[0] > 0 && gone[2] > 0, "{gone:?}");
}
