//! The kubelet's sequence from DELETE to the removed object (kubernetes §1.2–1.4).

use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::disruption::{Disruption, PodCrash};
use sim_core::scenario::pod::{Hook, Probe};

use super::Topic::{Kubelet, Objects, Ready, Server, Slices};
use super::{Timeline, constants, scale};
use crate::support::{constant, ms, secs};

/// The only pod is deleted.
fn one_deletion() -> Scenario {
    let mut scenario = constants();
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario
}

/// The same, with a server that SIGTERM does not end.
pub(super) fn deaf_server() -> Scenario {
    let mut scenario = one_deletion();
    scenario.app.sigterm = SigtermMode::Ignored;
    scenario
}

pub(super) fn hook_of(duration_ms: u64) -> Hook {
    Hook {
        duration: constant(ms(duration_ms)),
        ..Hook::default()
    }
}

#[test]
fn a_scale_down_is_committed_after_three_writes_and_two_watches() {
    // §4.3.6: Deployment written 10 and seen 20, ReplicaSet written 10 and seen 20, DELETE written 10: 10.07.
    // §1.2–1.4: + 22 kill + 4 SIGTERM + 1 reaction + 30 exit seen + 200 teardown = 10.327; terminal status + 40;
    // object + 1000.
    Timeline::of(&one_deletion()).check(
        &[Objects, Ready],
        "
        10.07s pod 0 DELETE, grace 30
        10.367s pod 0 not Ready
        11.327s pod 0 gone
        ",
    );
}

#[test]
fn sigterm_waits_for_pre_stop_and_the_endpoint_does_not() {
    // §1.3: the hook runs from the kill at 22 to 5022; SIGTERM + 4; the idle server closes and exits + 1.
    // §1.4: exit seen + 30; teardown + 200 = 5.257; status + 40; object 1000 after the teardown.
    // §2.3.1: 20 watch + 5 sync + 10 PUT after the DELETE, and after the terminal status 5.297 + 35 = 5.332.
    // §1.4.5: the API shows it Ready until then.
    let mut scenario = one_deletion();
    scenario.pod.pre_stop.sleep = Some(secs(5));
    Timeline::of(&scenario).since_delete().check(
        &[Objects, Ready, Kubelet, Server, Slices],
        "
        0s pod 0 DELETE, grace 30
        0.022s pod 0 kill
        0.022s pod 0 app preStop
        0.035s pod 0 endpoint serving terminating
        5.022s pod 0 app preStop completed
        5.026s pod 0 app SIGTERM
        5.027s pod 0 server draining_closed
        5.027s pod 0 server exited
        5.027s pod 0 app exited
        5.257s pod 0 silent
        5.257s pod 0 server removed
        5.297s pod 0 not Ready
        5.332s pod 0 endpoint left
        6.257s pod 0 gone
        ",
    );
}

#[test]
fn pid_1_without_a_handler_serves_until_sigkill() {
    // §6.1.2: SIGTERM is discarded; SIGKILL 30 s after it.
    let mut scenario = one_deletion();
    scenario.app.sigterm = SigtermMode::NoHandler;
    scenario.app.pid_1 = true;
    Timeline::of(&scenario).since_delete().check(
        &[Kubelet, Server],
        "
        0.022s pod 0 kill
        0.026s pod 0 app SIGTERM
        30.026s pod 0 app SIGKILL
        30.026s pod 0 server exited
        30.026s pod 0 app exited
        30.256s pod 0 silent
        30.256s pod 0 server removed
        ",
    );
}

#[test]
fn below_an_init_process_the_default_disposition_kills() {
    // §6.1.3: the same server that is not PID 1 dies at once.
    let mut scenario = one_deletion();
    scenario.app.sigterm = SigtermMode::NoHandler;
    scenario.app.pid_1 = false;
    Timeline::of(&scenario).since_delete().check(
        &[Kubelet],
        "
        0.022s pod 0 kill
        0.026s pod 0 app SIGTERM
        0.027s pod 0 app exited
        0.257s pod 0 silent
        ",
    );
}

#[test]
fn grace_zero_removes_the_object_at_once_and_still_gives_two_seconds() {
    // §1.1.6: object and endpoint go with the DELETE. §1.2.8 floor 1 s, §1.3 floor 2 s: SIGTERM + 2 s.
    let mut scenario = deaf_server();
    scenario.pod.termination_grace_period = secs(0);
    Timeline::of(&scenario).since_delete().check(
        &[Objects, Kubelet, Slices],
        "
        0s pod 0 DELETE, grace 0
        0s pod 0 gone
        0.022s pod 0 kill
        0.026s pod 0 app SIGTERM
        0.035s pod 0 endpoint left
        2.026s pod 0 app SIGKILL
        2.026s pod 0 app exited
        2.256s pod 0 silent
        ",
    );
}

#[test]
fn a_crashed_container_has_nothing_to_stop() {
    // Dead since 9 s and not restarted before 109: no hook, no signal (§1.3 is about running containers): teardown at
    // once.
    let mut scenario = one_deletion();
    scenario.app.restart_delay = constant(secs(100));
    scenario.pod.pre_stop.sleep = Some(secs(5));
    scenario.disruptions.push(Disruption {
        at: secs(9),
        pod_crash: Some(PodCrash::default()),
        ..Disruption::default()
    });
    Timeline::of(&scenario).since_delete().check(
        &[Kubelet],
        "
        0.022s pod 0 kill
        0.222s pod 0 silent
        ",
    );
}

#[test]
fn readiness_goes_on_during_termination_and_turns_serving_off() {
    // Scale-up at 1 s: 1.07 created, 4.07 containers, 4.57 noticed: readiness probes at 4.57 and every 5 s; the server
    // listens at 6.07, the probe at 9.57 passes. Scale-down at 20 s: DELETE 20.07, kill and hook 20.092.
    // §2.2.1, §2.1.6: probes at 24.57, 29.57, 34.57 fail; status + 40 = 34.61, that is 14.54 after the DELETE.
    // §2.3.1: + 35 the endpoint is no longer `serving`. The hook of 60 s ends at 60.022; + 4 + 1 + 30 + 200 + 40 + 35.
    let mut scenario = constants();
    scenario.horizon = secs(120);
    scenario.deployment.replicas = 0;
    scenario.pod.readiness_probe = Some(Probe {
        period: secs(5),
        ..Probe::default()
    });
    scenario.pod.termination_grace_period = secs(90);
    scenario.pod.pre_stop.exec = Some(hook_of(60_000));
    scenario.pod.pre_stop.fails_health = true;
    scenario.disruptions = vec![scale(secs(1), 1), scale(secs(20), 0)];
    let timeline = Timeline::of(&scenario);
    assert_eq!(
        timeline
            .first(|fact| matches!(fact, sim_core::trace::Fact::PodReady { .. }))
            .as_ns(),
        9_610_000_000
    );
    timeline.since_delete().check(
        &[Objects, Ready, Slices],
        "
        0s pod 0 DELETE, grace 90
        0.035s pod 0 endpoint serving terminating
        14.54s pod 0 not Ready
        14.575s pod 0 endpoint terminating
        60.332s pod 0 endpoint left
        61.257s pod 0 gone
        ",
    );
}
