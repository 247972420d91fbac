//! Client buckets, quotas and drift (kubernetes §2.3.10; alb §5.4, §5.5; lbc §1.5, §1.6, §5.1).

use sim_core::bottleneck::{Bottleneck, Wait};
use sim_core::dist::Rate;
use sim_core::scenario::disruption::{Disruption, NodeDrain, OutOfBandDeregistration};
use sim_core::time::SimTime;
use sim_core::trace::Fact;

use super::Topic::{Controller, Health, Slices};
use super::{Timeline, constants, rollout, unlimited_clients};
use crate::support::{constant, ms, secs};

#[test]
fn slices_wait_for_the_client_bucket_of_their_controller() {
    // Four pods of node 0 evicted at once, one endpoint per slice, so four PUTs: asked at 25, 35, 45; 1/s, burst 2:
    // the third token comes at 25 + 1000 = 1.025 (waits 980), the fourth at 2.025, asked at 1.035 (waits 990).
    let mut scenario = constants();
    scenario.deployment.replicas = 8;
    scenario.pod.pre_stop.sleep = Some(secs(20));
    scenario.endpoint_slice_controller.max_endpoints_per_slice = 1;
    scenario.controller_manager.client_qps = 1;
    scenario.controller_manager.client_burst = 2;
    scenario.horizon = secs(13);
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        node_drain: Some(NodeDrain::default()),
        ..Disruption::default()
    }];
    let timeline = Timeline::of(&scenario).in_order_of_deletion().since_delete();
    timeline.check(
        &[Slices],
        "
        0.035s pod 0 endpoint serving terminating
        0.045s pod 1 endpoint serving terminating
        1.035s pod 2 endpoint serving terminating
        2.035s pod 3 endpoint serving terminating
        ",
    );
    let waits = timeline.summary.observations.waits;
    let (count, total, longest) = (2, ms(980 + 990), ms(990));
    let expected = Wait { count, total, longest };
    assert_eq!(waits.of(Bottleneck::EndpointSliceClient), expected);
    // The last one waited for both.
    let slowest = timeline.summary.observations.deregistrations.slowest;
    assert_eq!(slowest.of(Bottleneck::EndpointSliceClient), total);
}

#[test]
fn a_full_target_group_refuses_the_new_pod_until_the_old_one_is_out() {
    // alb §5.5 with a quota of 1. The new pod is Ready at 13.61, its slice seen at 13.745: + 50 + 30 = 13.825:
    // TooManyTargets, not retried (lbc §1.8). The old pod's DELETE at 13.68, slice 13.715, was seen at 13.815
    // meanwhile, so the next reconcile starts at once: + 50 + 60 = 13.935, and then there is room: + 200 = 14.135.
    let mut scenario = constants();
    scenario.pod.pre_stop.sleep = Some(secs(20));
    scenario.elbv2.enforce_targets_quota = true;
    scenario.elbv2.targets_per_target_group_quota = 1;
    scenario.horizon = secs(30);
    scenario.disruptions = vec![rollout(secs(10))];
    unlimited_clients(&mut scenario);
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Controller],
        "
        13.745s reconcile
        13.825s reconcile
        13.935s DeregisterTargets [0]
        14.135s RegisterTargets [1]
        ",
    );
    assert_eq!(timeline.summary.observations.quota_refusals, 1);
}

#[test]
fn drift_is_repaired_by_the_next_look_at_everything() {
    // lbc §1.6: somebody else deregisters pod 0 at 60; its delay of 5 s runs. Each item is looked at every 30 s here,
    // from a random instant on, and the list is always too old: the first look after 60 registers it again: + 50 + 70
    // describe + 200 (its checkpoint has been cleared already) = 320 later.
    let mut scenario = constants();
    scenario.deployment.replicas = 2;
    scenario.target_group.deregistration_delay = secs(5);
    scenario.load_balancer_controller.targets_cache_ttl = secs(1);
    scenario.load_balancer_controller.resync_after = secs(30);
    scenario.load_balancer_controller.resync_jitter = constant(secs(0));
    scenario.horizon = secs(100);
    scenario.disruptions = vec![Disruption {
        at: secs(60),
        out_of_band_deregistration: Some(OutOfBandDeregistration { targets: 1 }),
        ..Disruption::default()
    }];
    let timeline = Timeline::of(&scenario);
    let mut looks = timeline.all(|fact| *fact == Fact::ReconcileStarted);
    let (look, _) = looks
        .find(|(at, _)| *at >= SimTime::from_secs(60))
        .expect("one every 30 s");
    assert!(look < SimTime::from_secs(91), "{look}");
    let registered = timeline.first(|fact| matches!(fact, Fact::CallAccepted { .. }));
    assert_eq!(registered, look + ms(320));
    let propagation = secs(2);
    let (healthy, unused) = (registered + propagation, SimTime::from_secs(65));
    let mut expected = vec![
        format!("60s target 0 draining"),
        format!("{unused} target 0 unused"),
        format!("{registered} target 0 initial"),
        format!("{healthy} target 0 healthy"),
    ];
    if registered < unused {
        expected.remove(1);
    }
    timeline.check(&[Health], &expected.join("\n"));
}

#[test]
fn drift_is_repaired_although_a_call_fails_midway() {
    // Three pods are deregistered at 60 and one fits into a call. The account lets one call through per second and the
    // SDK tries once, so that a reconcile ends with its first refused call. Each retry goes on where the last one ended,
    // and all three are registered again well before the horizon.
    let mut scenario = constants();
    scenario.deployment.replicas = 3;
    scenario.load_balancer_controller.targets_cache_ttl = secs(1);
    scenario.load_balancer_controller.resync_after = secs(30);
    scenario.load_balancer_controller.resync_jitter = constant(secs(0));
    scenario.load_balancer_controller.targets_per_call = 1;
    scenario.load_balancer_controller.sdk_max_attempts = 1;
    scenario.elbv2.registration_rate = Rate::new(1.0).expect("a rate");
    scenario.elbv2.registration_burst = 1;
    scenario.horizon = secs(150);
    scenario.disruptions = vec![Disruption {
        at: secs(60),
        out_of_band_deregistration: Some(OutOfBandDeregistration { targets: 3 }),
        ..Disruption::default()
    }];
    let timeline = Timeline::of(&scenario);
    let registered: Vec<u32> = timeline
        .all(|fact| matches!(fact, Fact::CallAccepted { .. }))
        .flat_map(|(_, fact)| match fact {
            Fact::CallAccepted { targets, .. } => targets.clone(),
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(registered, [0, 1, 2]);
}
