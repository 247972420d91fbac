//! preStop hooks that overrun, fail, or eat into the grace period (kubernetes §1.3).

use sim_core::dist::Probability;
use sim_core::scenario::pod::Hook;

use super::Topic::{Kubelet, Server};
use super::termination::{deaf_server, hook_of};
use super::{Timeline, constants, scale};
use crate::support::{constant, secs};

#[test]
fn a_hook_that_overruns_is_cut_at_the_grace_period_and_leaves_two_seconds() {
    // §1.3.2: 22 + 30 s the kubelet stops waiting; SIGTERM + 4; §1.3: the floor of 2 s to SIGKILL.
    let mut scenario = deaf_server();
    scenario.pod.pre_stop.exec = Some(hook_of(120_000));
    let timeline = Timeline::of(&scenario).since_delete();
    timeline.check(
        &[Kubelet],
        "
        0.022s pod 0 kill
        0.022s pod 0 app preStop
        30.022s pod 0 app preStop cut
        30.026s pod 0 app SIGTERM
        32.026s pod 0 app SIGKILL
        32.026s pod 0 app exited
        32.256s pod 0 silent
        ",
    );
    assert_eq!(timeline.summary.observations.hooks_cut, 1);
}

#[test]
fn a_hook_costs_whole_seconds_of_grace() {
    // §1.3.1: 5.7 s cost 5 of 30; SIGTERM at 5.722 + 4; SIGKILL 25 s later, 0.7 s past the nominal end of the grace.
    let mut scenario = deaf_server();
    scenario.pod.pre_stop.exec = Some(hook_of(5_700));
    Timeline::of(&scenario).since_delete().check(
        &[Kubelet],
        "
        0.022s pod 0 kill
        0.022s pod 0 app preStop
        5.722s pod 0 app preStop completed
        5.726s pod 0 app SIGTERM
        30.726s pod 0 app SIGKILL
        30.726s pod 0 app exited
        30.956s pod 0 silent
        ",
    );
}

#[test]
fn a_hook_of_just_the_grace_period_is_not_cut_but_leaves_the_floor() {
    // §1.3: min(hook, grace) = 10 either way, 10 − 10 = 0, floor 2.
    let mut scenario = deaf_server();
    scenario.pod.termination_grace_period = secs(10);
    scenario.pod.pre_stop.sleep = Some(secs(10));
    Timeline::of(&scenario).since_delete().check(
        &[Kubelet],
        "
        0.022s pod 0 kill
        0.022s pod 0 app preStop
        10.022s pod 0 app preStop completed
        10.026s pod 0 app SIGTERM
        12.026s pod 0 app SIGKILL
        12.026s pod 0 app exited
        12.256s pod 0 silent
        ",
    );
}

#[test]
fn a_failed_hook_means_sigterm_at_once() {
    // §1.3.4, an exec of a missing binary: no delay at all, and no grace spent.
    let mut scenario = deaf_server();
    scenario.pod.pre_stop.exec = Some(Hook {
        failure: Probability::ONE,
        ..hook_of(10_000)
    });
    Timeline::of(&scenario).since_delete().check(
        &[Kubelet],
        "
        0.022s pod 0 kill
        0.022s pod 0 app preStop
        0.022s pod 0 app preStop failed
        0.026s pod 0 app SIGTERM
        30.026s pod 0 app SIGKILL
        30.026s pod 0 app exited
        30.256s pod 0 silent
        ",
    );
}

#[test]
fn an_http_get_hook_fails_where_nothing_listens() {
    // §1.3.3: the kubelet's GET meets RST while the server starts up, and nobody retries it. SIGTERM then meets a
    // process that drains nothing.
    let mut scenario = constants();
    scenario.deployment.replicas = 0;
    scenario.app.start_up = constant(secs(60));
    scenario.pod.pre_stop.http_get = Some(hook_of(10_000));
    scenario.disruptions = vec![scale(secs(1), 1), scale(secs(20), 0)];
    Timeline::of(&scenario).since_delete().check(
        &[Kubelet, Server],
        "
        0.022s pod 0 kill
        0.022s pod 0 app preStop
        0.022s pod 0 app preStop failed
        0.026s pod 0 app SIGTERM
        0.027s pod 0 server exited
        0.027s pod 0 app exited
        0.257s pod 0 silent
        0.257s pod 0 server removed
        ",
    );
}

#[test]
fn grace_zero_leaves_a_hook_one_second() {
    // §1.2.8: the kubelet works with at least 1 s: the hook is cut at 1.022, SIGTERM + 4, floor of 2 s.
    let mut scenario = deaf_server();
    scenario.pod.termination_grace_period = secs(0);
    scenario.pod.pre_stop.exec = Some(hook_of(10_000));
    Timeline::of(&scenario).since_delete().check(
        &[Kubelet],
        "
        0.022s pod 0 kill
        0.022s pod 0 app preStop
        1.022s pod 0 app preStop cut
        1.026s pod 0 app SIGTERM
        3.026s pod 0 app SIGKILL
        3.026s pod 0 app exited
        3.256s pod 0 silent
        ",
    );
}
