//! Addresses of pods: cooldown, reuse by the right and by the wrong pod, and pools that run dry (nodes §4).

use sim_core::dist::{Dist, Probability};
use sim_core::outcome::Cause;
use sim_core::scenario::Scenario;
use sim_core::scenario::cluster::OtherWorkload;
use sim_core::scenario::value::IntOrPercent;
use sim_core::scenario::workload::{Profile, ProfileStep};
use sim_core::time::SimDuration;

use super::Topic::Kubelet;
use super::{Timeline, constants, even_requests, rollout, scale, unlimited_clients};
use crate::support::{constant, secs};

/// One node of the smallest kind: two interfaces of four addresses, less one each: three addresses on the first
/// interface, and three more once the second is attached. Deregistration takes 60 s to reach the ALB nodes.
fn small() -> Scenario {
    let mut scenario = constants();
    scenario.horizon = secs(90);
    scenario.cluster.nodes = 1;
    scenario.cluster.instance_type = "m6g.medium".into();
    scenario.vpc_cni.warm_eni_target = 0;
    scenario.vpc_cni.eni_attach_time = constant(secs(1000));
    scenario.elbv2.deregister_propagation = constant(secs(60));
    scenario.target_group.health_check.interval = secs(300);
    scenario
}

#[test]
fn a_released_address_cools_down_before_another_pod_has_it() {
    // Three pods hold the only three addresses. A rollout with one pod more at a time: the first new pod waits for an
    // address. Nobody goes before it is available, so it waits for ever: the pool needs its second interface, 20 s
    // after the new pod was bound at 10.06 (spec 10.03 seen 10.05, created 10.06): 30.06, + 3 s of start.
    let mut scenario = small();
    scenario.deployment.replicas = 3;
    scenario.deployment.max_surge = IntOrPercent::Int(1);
    scenario.deployment.max_unavailable = IntOrPercent::Int(0);
    scenario.vpc_cni.eni_attach_time = constant(secs(20));
    scenario.disruptions = vec![rollout(secs(10))];
    let timeline = Timeline::of(&scenario);
    let started = timeline.first(|fact| matches!(fact, sim_core::trace::Fact::ContainersStarted { .. }));
    let scheduled = timeline.first(|fact| matches!(fact, sim_core::trace::Fact::PodScheduled { pod: 3, .. }));
    assert_eq!(started - scheduled, secs(23));
}

#[test]
fn a_pod_that_finds_no_address_waits_for_the_cooldown() {
    // Down from three to two at 10 s, up to three again at 20 s. DELETE at 10.06 (write, watch, write, watch, write:
    // 10 + 20 + 10 + 20 + 10 = 70 ms: 10.07); the sandbox goes 22 + 4 + 1 + 30 + 200 = 257 ms later: 10.327. The
    // address is free again 30 s after that: the new pod starts at 40.327 + 3 s.
    let mut scenario = small();
    unlimited_clients(&mut scenario);
    scenario.deployment.replicas = 3;
    scenario.disruptions = vec![scale(secs(10), 2), scale(secs(20), 3)];
    let timeline = Timeline::of(&scenario).in_order_of_deletion();
    timeline.check(
        &[Kubelet],
        "
        10.092s pod 0 kill
        10.096s pod 0 app SIGTERM
        10.097s pod 0 app exited
        10.327s pod 0 silent
        40.327s address of pod 0 to pod 3
        43.327s pod 3 containers run
        ",
    );
}

#[test]
fn a_successor_of_the_same_deployment_answers_for_its_predecessor() {
    // As above with a cooldown of 5 s: the new pod of 20.07 has the address at once. The ALB nodes still send to the
    // old target until 10.07 + 275 ms + 60 s: from 20.07 until the new server listens (3 s + 2 s: 25.07) they meet a
    // closed port, afterwards the right application.
    let mut scenario = small();
    unlimited_clients(&mut scenario);
    scenario.vpc_cni.ip_cooldown_period = secs(5);
    scenario.deployment.replicas = 3;
    scenario.disruptions = vec![scale(secs(10), 2), scale(secs(20), 3)];
    scenario.workload.open_loop = even_requests(10, secs(1), secs(60));
    let timeline = Timeline::of(&scenario).in_order_of_deletion();
    let to_gone = |from: u64, until: u64| {
        let inside = move |at: u64| at >= from * 1_000_000 && at < until * 1_000_000;
        let requests = timeline.requests().filter(move |request| request.target == Some(0));
        requests
            .filter(move |request| inside(request.issued_ns))
            .map(|request| request.cause)
    };
    assert!(to_gone(10_400, 20_000).all(|cause| cause == Some(Cause::SilentPodIp)));
    assert!(to_gone(20_100, 25_000).all(|cause| cause == Some(Cause::RefusedNotListening)));
    assert!(to_gone(25_100, 60_000).all(|cause| cause.is_none()));
    for (from, until) in [(10_400, 20_000), (20_100, 25_000), (25_100, 60_000)] {
        assert!(to_gone(from, until).count() >= 10, "of 3.3 a second");
    }
}

/// Pod 0 goes at 10 s; a pod of another workload comes at 20 s and finds its address cooled down.
fn taken_by_another_workload(listens: Probability) -> Scenario {
    let mut scenario = small();
    unlimited_clients(&mut scenario);
    scenario.vpc_cni.ip_cooldown_period = secs(5);
    scenario.deployment.replicas = 3;
    scenario.disruptions = vec![scale(secs(10), 2)];
    let step = |at, value| ProfileStep { at, value };
    scenario.cluster.other_workloads = vec![OtherWorkload {
        replicas: Profile::Steps(vec![step(secs(0), 0), step(secs(20), 1), step(secs(40), 0)]),
        stop_time: Dist::ZERO,
        listens,
        ..OtherWorkload::default()
    }];
    scenario.workload.open_loop = even_requests(10, secs(1), secs(60));
    scenario
}

#[test]
fn the_wrong_application_answers_or_refuses() {
    for (listens, cause, code) in [
        (Probability::ONE, Cause::WrongPod, 404),
        (Probability::ZERO, Cause::RefusedByWrongPod, 502),
    ] {
        let timeline = Timeline::of(&taken_by_another_workload(listens)).in_order_of_deletion();
        let reached: Vec<_> = timeline
            .requests()
            .filter(|request| request.cause == Some(cause))
            .collect();
        // From 20.01 (created) until its own sandbox is gone: DELETE 40.01 + 22 ms + 200 ms = 40.232: 20 s at 3.3/s.
        assert!((60..=73).contains(&reached.len()), "{}", reached.len());
        for request in &reached {
            let issued = SimDuration::from_ns(request.issued_ns);
            assert!(
                issued >= secs(20) && issued <= SimDuration::from_millis(40_232),
                "{issued}"
            );
            assert_eq!((request.target, request.elb_status_code), (Some(0), code));
            assert_eq!(request.target_status_code, (code == 404).then_some(404));
        }
        assert_eq!(timeline.summary.observations.addresses_reused, 1);
        // When that pod has gone too, its predecessor's address is silent again.
        let last = timeline
            .requests()
            .filter(|request| request.target == Some(0))
            .last()
            .expect("one");
        assert_eq!(last.cause, Some(Cause::SilentPodIp));
    }
}

#[test]
fn nobody_is_mistaken_for_another_once_the_alb_has_let_go() {
    let mut scenario = taken_by_another_workload(Probability::ONE);
    scenario.elbv2.deregister_propagation = constant(secs(5));
    let summary = Timeline::of(&scenario).summary;
    assert_eq!(summary.observations.addresses_reused, 0);
    assert_eq!(summary.causes.of(Cause::WrongPod), 0);
    assert!(summary.causes.of(Cause::SilentPodIp) > 0, "5 s at 3.3 a second");
}
