//! Health checks of the ALB nodes with 15 s, 5 s and thresholds of 2 (alb §1.4–1.7).
//!
//! A pod that is created at 1.07 and Ready at 4.61 is registered at 5.025 (4.61 + 35 + 100 + 50 + 30 + 200) and first
//! checked at 7.025, where its server listens since 6.07: both ALB nodes check at 7.025, 22.025, 37.025, 52.025,
//! 67.025, … The Service publishes addresses that are not ready, so that the controller keeps the target whatever
//! happens to the pod.

use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, PodCrash};
use sim_core::scenario::pod::{HealthPath, Hook};
use sim_core::scenario::value::Limit;

use super::Topic::{Health, Kubelet, Views};
use super::{Timeline, constants, even_requests, scale};
use crate::support::{constant, ms, secs};

fn checked_pod() -> Scenario {
    let mut scenario = constants();
    scenario.horizon = secs(120);
    scenario.deployment.replicas = 0;
    scenario.service.publish_not_ready_addresses = true;
    scenario.elbv2.deregister_propagation = constant(secs(600));
    scenario.disruptions = vec![scale(secs(1), 1)];
    scenario
}

fn crash(at_s: u64) -> Disruption {
    Disruption {
        at: secs(at_s),
        pod_crash: Some(PodCrash::default()),
        ..Disruption::default()
    }
}

#[test]
fn a_refused_check_counts_at_once_and_two_passes_bring_the_target_back() {
    // Crash 30.0, seen 30.03, restarted after 25 s (55.03), listens 57.03. Refused at 37.025 and 52.025 (§1.7: U + 15
    // + 0); passed at 67.025 and 82.025.
    let mut scenario = checked_pod();
    scenario.app.restart_delay = constant(secs(25));
    scenario.disruptions.push(crash(30));
    Timeline::of(&scenario).check(
        &[Health, Views],
        "
        5.025s target 0 initial
        7.025s ALB node 0: target 0 initial
        7.025s ALB node 1: target 0 initial
        7.025s ALB node 0: target 0 healthy
        7.025s ALB node 1: target 0 healthy
        7.025s target 0 healthy
        52.025s ALB node 0: target 0 unhealthy
        52.025s target 0 unhealthy
        52.025s ALB node 1: target 0 unhealthy
        82.025s ALB node 0: target 0 healthy
        82.025s ALB node 1: target 0 healthy
        82.025s target 0 healthy
        ",
    );
}

#[test]
fn a_single_refused_check_changes_nothing() {
    // Crash 30.0, listens again at 30.03 + 10 + 2 = 42.03: only the check at 37.025 was refused.
    let mut scenario = checked_pod();
    scenario.app.restart_delay = constant(secs(10));
    scenario.disruptions.push(crash(30));
    let timeline = Timeline::of(&scenario);
    let states = timeline.all(|fact| matches!(fact, sim_core::trace::Fact::TargetHealth { .. }));
    assert_eq!(states.map(|(at, _)| at.as_ns()).max(), Some(7_025_000_000));
}

/// The pod is deleted with DELETE at 24.07; its object stays, so that it stays registered.
fn deleted_pod(teardown_ms: u64) -> Scenario {
    let mut scenario = checked_pod();
    scenario.kubelet.sandbox_teardown = constant(ms(teardown_ms));
    scenario.kubelet.status_patch = constant(secs(0));
    scenario.disruptions.push(scale(secs(24), 0));
    scenario
}

#[test]
fn a_check_into_silence_fails_at_its_timeout() {
    // Without the 40 of the status PATCH everything is 40 earlier: checks at 6.985, 21.985, 36.985, 51.985. DELETE
    // 24.07, silent 24.07 + 57 + 200 = 24.327. Checks of 36.985 and 51.985 hang; the second fails at 56.985 (§1.7: d
    // = T).
    Timeline::of(&deleted_pod(200)).since_delete().check(
        &[Kubelet, Views],
        "
        0.022s pod 0 kill
        0.026s pod 0 app SIGTERM
        0.027s pod 0 app exited
        0.257s pod 0 silent
        32.915s ALB node 0: target 0 unhealthy
        32.915s ALB node 1: target 0 unhealthy
        ",
    );
}

#[test]
fn a_refused_and_a_silent_check_make_two() {
    // Silent only at 24.07 + 57 + 20 s = 44.127: the check of 36.985 is refused, that of 51.985 hangs until 56.985.
    Timeline::of(&deleted_pod(20_000)).since_delete().check(
        &[Kubelet, Views],
        "
        0.022s pod 0 kill
        0.026s pod 0 app SIGTERM
        0.027s pod 0 app exited
        20.057s pod 0 silent
        32.915s ALB node 0: target 0 unhealthy
        32.915s ALB node 1: target 0 unhealthy
        ",
    );
}

#[test]
fn two_refused_checks_before_the_silence_need_no_timeout() {
    // Silent at 24.07 + 57 + 40 s = 64.127: refused at 36.985 and 51.985.
    Timeline::of(&deleted_pod(40_000)).since_delete().check(
        &[Views],
        "
        27.915s ALB node 0: target 0 unhealthy
        27.915s ALB node 1: target 0 unhealthy
        ",
    );
}

/// DELETE 24.07, hook from 24.092 for 60 s; the ALB nodes learn of the deregistration 60 s after 24.345.
fn slow_propagation(fails_health: bool) -> Scenario {
    let mut scenario = checked_pod();
    scenario.service.publish_not_ready_addresses = false;
    scenario.pod.termination_grace_period = secs(90);
    scenario.pod.pre_stop.exec = Some(Hook {
        duration: constant(secs(60)),
        ..Hook::default()
    });
    scenario.pod.pre_stop.fails_health = fails_health;
    scenario.elbv2.deregister_propagation = constant(secs(60));
    scenario.disruptions.push(scale(secs(24), 0));
    scenario
}

#[test]
fn a_hook_that_fails_the_health_page_is_faster_than_a_slow_propagation() {
    // alb §2.5: checks of 37.025 and 52.025 get a bad status: 52.025 − 24.07 = 27.955. The registration took as long as
    // always (no endpoint was published early), so the checks are those of the module's head.
    // The reconcile of the removal describes first, because the last call left the cache unsettled (lbc §1.5):
    // 35 + 100 + 50 + 70 + 30 + 60 = 345, and 60 s.
    Timeline::of(&slow_propagation(true)).since_delete().check(
        &[Views],
        "
        27.955s ALB node 0: target 0 unhealthy
        27.955s ALB node 1: target 0 unhealthy
        60.345s ALB node 0: target 0 unknown
        60.345s ALB node 1: target 0 unknown
        ",
    );
    Timeline::of(&slow_propagation(false)).since_delete().check(
        &[Views],
        "
        60.345s ALB node 0: target 0 unknown
        60.345s ALB node 1: target 0 unknown
        ",
    );
}

#[test]
fn a_shared_health_page_behind_a_queue_times_out() {
    // One worker, 3 s per request, one request per second from 21 on: the queue grows by 2 s each second. At 37.025
    // and 52.025 a check would wait far longer than its 5 s: unhealthy at 57.025. The last request is that of 50: the
    // worker is busy until 21 + 30 · 3 = 111: the checks of 67.025 to 97.025 fail; at 112.025 and 127.025 they pass.
    let mut scenario = checked_pod();
    scenario.horizon = secs(140);
    scenario.app.workers = Limit::At(1);
    scenario.app.service_time = constant(secs(3));
    scenario.target_group.health_check.path = HealthPath::Shared;
    scenario.workload.open_loop = even_requests(1, secs(20), ms(50_500));
    let mut timeline = Timeline::of(&scenario);
    timeline.trace.retain(|record| record.at_ns > 8_000_000_000);
    timeline.check(
        &[Health],
        "
        57.025s target 0 unhealthy
        127.025s target 0 healthy
        ",
    );
}
