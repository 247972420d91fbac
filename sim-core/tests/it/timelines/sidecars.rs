//! Stop order of further containers (kubernetes §1.3 "Sidecars", §1.4.1).

use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::pod::{Sidecar, SidecarKind};
use sim_core::trace::Fact;

use super::Topic::{Kubelet, Server};
use super::{Timeline, constants, even_requests, scale};
use crate::support::{constant, ms, secs};

fn sidecar(name: &str, stop_ms: u64) -> Sidecar {
    Sidecar {
        name: name.into(),
        stop_time: constant(ms(stop_ms)),
        ..Sidecar::default()
    }
}

/// The only pod, with these further containers, is deleted.
fn with(sidecars: Vec<Sidecar>) -> Scenario {
    let mut scenario = constants();
    scenario.pod.sidecars = sidecars;
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario
}

#[test]
fn a_sidecar_stops_once_the_main_container_has() {
    // App: SIGTERM 26, exit 27, seen 57. Then the sidecar's turn: + 4 SIGTERM, + 100 exit, + 30 seen, + 200 teardown.
    Timeline::of(&with(vec![sidecar("proxy", 100)])).since_delete().check(
        &[Kubelet],
        "
        0.022s pod 0 kill
        0.026s pod 0 app SIGTERM
        0.027s pod 0 app exited
        0.061s pod 0 proxy SIGTERM
        0.161s pod 0 proxy exited
        0.391s pod 0 silent
        ",
    );
}

#[test]
fn two_sidecars_stop_in_reverse_order() {
    // 57 the last declared: 61, 161, seen 191; then the first: 195, 295, seen 325; teardown 525.
    Timeline::of(&with(vec![sidecar("first", 100), sidecar("second", 100)]))
        .since_delete()
        .check(
            &[Kubelet],
            "
        0.022s pod 0 kill
        0.026s pod 0 app SIGTERM
        0.027s pod 0 app exited
        0.061s pod 0 second SIGTERM
        0.161s pod 0 second exited
        0.195s pod 0 first SIGTERM
        0.295s pod 0 first exited
        0.525s pod 0 silent
        ",
        );
}

#[test]
fn all_hooks_start_together_and_a_sidecar_waits_for_its_own() {
    // The app's hook ends at 2.022: exit 2.027, seen 2.057. The sidecar's hook ends at 3.022, its turn has come: 3.026.
    let mut proxy = sidecar("proxy", 100);
    proxy.pre_stop_sleep = secs(3);
    let mut scenario = with(vec![proxy]);
    scenario.pod.pre_stop.sleep = Some(secs(2));
    Timeline::of(&scenario).since_delete().check(
        &[Kubelet],
        "
        0.022s pod 0 kill
        0.022s pod 0 app preStop
        0.022s pod 0 proxy preStop
        2.022s pod 0 app preStop completed
        2.026s pod 0 app SIGTERM
        2.027s pod 0 app exited
        3.022s pod 0 proxy preStop completed
        3.026s pod 0 proxy SIGTERM
        3.126s pod 0 proxy exited
        3.356s pod 0 silent
        ",
    );
}

#[test]
fn a_sidecar_whose_turn_never_comes_gets_sigterm_at_the_end_of_grace() {
    // Grace 10 s. The deaf app: SIGTERM 26, SIGKILL 10.026. The sidecar waits from 22 to 10.022, which uses up its
    // grace: SIGTERM 10.026, floor of 2 s to SIGKILL. Teardown: 12.026 + 30 + 200.
    let mut scenario = with(vec![sidecar("proxy", 5_000)]);
    scenario.app.sigterm = SigtermMode::Ignored;
    scenario.pod.termination_grace_period = secs(10);
    Timeline::of(&scenario).since_delete().check(
        &[Kubelet],
        "
        0.022s pod 0 kill
        0.026s pod 0 app SIGTERM
        10.026s pod 0 app SIGKILL
        10.026s pod 0 app exited
        10.026s pod 0 proxy SIGTERM
        12.026s pod 0 proxy SIGKILL
        12.026s pod 0 proxy exited
        12.256s pod 0 silent
        ",
    );
}

#[test]
fn waiting_for_its_turn_costs_a_sidecar_whole_seconds_of_grace() {
    // Grace 10 s. The app drains a request of 5.5 s that was issued at 9 s, 1.07 before the DELETE: exit 4.43, seen
    // 4.46. The sidecar waited 4.438 s, 4 whole seconds: 6 left. SIGTERM 4.464, SIGKILL 10.464.
    let mut scenario = with(vec![sidecar("proxy", 60_000)]);
    scenario.pod.termination_grace_period = secs(10);
    scenario.app.service_time = constant(ms(5_500));
    scenario.workload.open_loop = even_requests(1, secs(8), ms(9_500));
    Timeline::of(&scenario).since_delete().check(
        &[Kubelet],
        "
        0.022s pod 0 kill
        0.026s pod 0 app SIGTERM
        4.43s pod 0 app exited
        4.464s pod 0 proxy SIGTERM
        10.464s pod 0 proxy SIGKILL
        10.464s pod 0 proxy exited
        10.694s pod 0 silent
        ",
    );
}

#[test]
fn an_ordinary_container_stops_with_the_app_and_keeps_the_sandbox_alive() {
    // §1.4.1, §7 state C: the port answers RST from 27 until the slow container's exit 8.026 + 30 + 200 = 8.256.
    // Requests at 11, 12, … 22 s; DELETE 10.07, silence 18.326, ALB nodes know at 10.07 + 10.275 = 20.345. So 11 to 18
    // are refused, 19 and 20 meet silence, 21 and 22 find no target.
    let mut agent = sidecar("agent", 8_000);
    agent.kind = SidecarKind::Container;
    let mut scenario = with(vec![agent]);
    scenario.workload.open_loop = even_requests(1, secs(10), ms(22_500));
    let timeline = Timeline::of(&scenario).since_delete();
    timeline.check(
        &[Kubelet, Server],
        "
        0.022s pod 0 kill
        0.026s pod 0 app SIGTERM
        0.026s pod 0 agent SIGTERM
        0.027s pod 0 server draining_closed
        0.027s pod 0 server exited
        0.027s pod 0 app exited
        8.026s pod 0 agent exited
        8.256s pod 0 silent
        8.256s pod 0 server removed
        ",
    );
    let status_of = |second: u64| {
        let issued = second * 1_000_000_000;
        let request = timeline
            .requests()
            .find(|request| request.issued_ns == issued)
            .expect("a request");
        (request.elb_status_code, request.finished_ns / 1_000_000_000 - second)
    };
    let found: Vec<(u16, u64)> = (11..=22).map(status_of).collect();
    let expected = [vec![(502, 0); 8], vec![(504, 10); 2], vec![(503, 0); 2]].concat();
    assert_eq!(found, expected);
    assert_eq!(timeline.all(|fact| matches!(fact, Fact::SigkillSent { .. })).count(), 0);
}
