//! Readiness gates over a rollout: since when, back to False, and what else holds a pod up (lbc §2, kubernetes §4.3).

use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, PodCrash};
use sim_core::scenario::pod::{HealthPath, Probe};
use sim_core::scenario::value::Limit;

use super::Topic::{Controller, Gates, Objects, Ready, Slices};
use super::{Timeline, constants, even_requests, rollout, scale};
use crate::support::{constant, ms, secs};

/// The only pod is replaced: + 1, − 0 (kubernetes §4.3.3). The new one is created at 10.07, runs at 13.07, is noticed
/// at 13.57 and would be Ready at 13.61 without a gate; with one at 29.265: as at a start from nothing, 9 s later.
fn gated_rollout() -> Scenario {
    let mut scenario = constants();
    scenario.pod.readiness_gate = true;
    scenario.horizon = secs(45);
    scenario.pod.pre_stop.sleep = Some(secs(20));
    scenario.disruptions = vec![rollout(secs(10))];
    scenario
}

#[test]
fn pods_created_before_the_label_have_no_gate() {
    // lbc §2.1. Label at 15: the new pod of 10.07 has no gate; Ready 13.61, available: + 30 + 30 + 10 = 13.68.
    let mut scenario = gated_rollout();
    scenario.pod.readiness_gate_since = Some(secs(15));
    scenario.horizon = secs(30);
    Timeline::of(&scenario).check(
        &[Ready, Objects],
        "
        10.07s pod 1 created
        13.61s pod 1 Ready
        13.68s pod 0 DELETE, grace 30
        ",
    );
}

#[test]
fn the_first_rollout_after_the_label_brings_the_gates() {
    // Label at 5: the fleet of the start has none, the new pod has. Ready 29.265; + 70 = 29.335.
    let mut scenario = gated_rollout();
    scenario.pod.readiness_gate_since = Some(secs(5));
    Timeline::of(&scenario).check(
        &[Ready, Objects],
        "
        10.07s pod 1 created
        29.265s pod 1 Ready
        29.335s pod 0 DELETE, grace 30
        ",
    );
}

#[test]
fn min_ready_seconds_count_from_the_gate_on() {
    // kubernetes §4.3.5: available 10 s after Ready: 39.265; + 70 = 39.335.
    let mut scenario = gated_rollout();
    scenario.deployment.min_ready = secs(10);
    Timeline::of(&scenario).check(
        &[Ready, Objects],
        "
        10.07s pod 1 created
        29.265s pod 1 Ready
        39.335s pod 0 DELETE, grace 30
        ",
    );
}

#[test]
fn published_addresses_are_registered_before_they_are_ready() {
    // lbc §1.10: `ready` is true from the first status on (4.61, probe refused at 4.57): slice 4.645, seen 4.745,
    // + 50 + 30 + 200 = 5.025, a second before the server listens. The probe of 14.57 passes: Ready 14.61; the slice
    // then says `serving`, which the controller never reads: skipped.
    let mut scenario = constants();
    scenario.deployment.replicas = 0;
    scenario.service.publish_not_ready_addresses = true;
    scenario.pod.readiness_probe = Some(Probe::default());
    scenario.disruptions = vec![scale(secs(1), 1)];
    Timeline::of(&scenario).check(
        &[Ready, Slices, Controller],
        "
        4.645s pod 0 endpoint ready
        4.745s reconcile
        5.025s RegisterTargets [0]
        14.61s pod 0 Ready
        14.645s pod 0 endpoint ready serving
        14.745s reconcile
        ",
    );
}

#[test]
fn a_gate_is_false_again_when_a_full_list_shows_the_target_unhealthy() {
    // One request at 10 keeps the only worker of pod 0 busy, so the shared health page fails its checks: unhealthy by
    // 10 + 15 + 15 + 5 = 45. Nobody looks (lbc §2.2) until a change at 70: a new pod, created 70.07, noticed 73.57,
    // status 73.61. Its pod event (73.71) finds nothing to do until 73.76; its slice (73.745) waits for that. The list
    // is older than 1 s: 73.76 + 50 + 70 = 73.88, + 30 + 200 = 74.11 registered, + 25 = 74.135 gate; + 80 = 74.215.
    let mut scenario = constants();
    scenario.pod.readiness_gate = true;
    scenario.app.workers = Limit::At(1);
    scenario.app.service_time = constant(secs(100));
    scenario.load_balancer.idle_timeout = secs(200);
    scenario.target_group.health_check.path = HealthPath::Shared;
    scenario.load_balancer_controller.targets_cache_ttl = secs(1);
    scenario.workload.open_loop = even_requests(1, secs(9), ms(10_500));
    scenario.disruptions = vec![scale(secs(70), 2)];
    scenario.horizon = ms(74_300);
    Timeline::of(&scenario).check(
        &[Gates, Ready, Controller],
        "
        73.71s reconcile
        73.76s reconcile
        74.11s RegisterTargets [1]
        74.135s pod 0 gate 0 false
        74.215s pod 0 not Ready
        ",
    );
}

#[test]
fn a_gate_is_false_again_when_its_pod_is_registered_anew() {
    // Crash at 10, seen 10.03, status 10.07; slice 10.105, seen 10.205, deregistered at 10.36. Restart 1 s after it was
    // seen, which the kubelet does itself: 11.03, status 11.07: Ready, because the gate was never touched. Its pod
    // event at 11.17 starts the registration: + 50 + 70 describe + 30 + 200 = 11.52; lbc §2.2: "just registered" makes
    // the gate False: + 25 = 11.545; + 80 = 11.625. Learned 13.52, listening since 13.03: healthy. Reconciles for the
    // slice of before (11.545), the pod event of 11.725 and its slice (11.76, after 11.845) end at 11.965; the poll 15 s
    // later: 26.965 + 50 + 70 + 25 + 80 = 27.19.
    let mut scenario = constants();
    scenario.pod.readiness_gate = true;
    scenario.horizon = secs(40);
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        pod_crash: Some(PodCrash { pods: 1 }),
        ..Disruption::default()
    }];
    Timeline::of(&scenario).check(
        &[Gates, Ready],
        "
        10.07s pod 0 not Ready
        11.07s pod 0 Ready
        11.545s pod 0 gate 0 false
        11.625s pod 0 not Ready
        27.19s pod 0 Ready
        ",
    );
}
