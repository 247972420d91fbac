//! What requests meet while a server shuts down (kubernetes §6.3, §7; alb §3.2).
//!
//! DELETE 10.07, SIGTERM 10.096, the server reacts 10.097; the controller's call is accepted at 10.345 and the ALB
//! nodes know at 20.345. Requests are issued at 9, 10, 11, … s.

use sim_core::dist::Probability;
use sim_core::scenario::Scenario;
use sim_core::scenario::app::{ListenerOnDrain, SigtermMode};
use sim_core::scenario::disruption::{Disruption, PodCrash};
use sim_core::scenario::pod::Hook;
use sim_core::scenario::value::Limit;

use super::Topic::{Requests, Server};
use super::{Timeline, constants, even_requests, scale};
use crate::support::{constant, ms, secs};

/// The only pod is deleted; requests of that service time, the last one issued at `last_s`.
fn busy_deletion(service_ms: u64, last_s: u64) -> Scenario {
    let mut scenario = constants();
    scenario.app.service_time = constant(ms(service_ms));
    scenario.workload.open_loop = even_requests(1, secs(8), ms(last_s * 1000 + 500));
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario
}

#[test]
fn a_server_that_dies_cuts_then_refuses_then_falls_silent() {
    // In flight at 10.097: 9 and 10 (alb §3.2: FIN before the response). Sandbox torn down after 2 s: 10.127 + 2 =
    // 12.127: 11 and 12 are refused, 13 waits for the connect timeout of 10 s.
    let mut scenario = busy_deletion(3_000, 13);
    scenario.app.sigterm = SigtermMode::DieNow;
    scenario.kubelet.sandbox_teardown = constant(secs(2));
    Timeline::of(&scenario).check(
        &[Server, Requests],
        "
        10.097s issued 9s to pod 0: 502 closed_in_flight_at_sigterm
        10.097s issued 10s to pod 0: 502 closed_in_flight_at_sigterm
        10.097s pod 0 server exited
        11s issued 11s to pod 0: 502 refused_process_dead
        12s issued 12s to pod 0: 502 refused_process_dead
        12.127s pod 0 server removed
        23s issued 13s to pod 0: 504 silent_pod_ip
        ",
    );
}

#[test]
fn where_a_router_answers_for_a_removed_ip_the_failure_is_a_502() {
    // nodes §4.4, alb §3.1: host unreachable after 3 s. Silent, or not, from 10.097 + 30 + 200 = 10.327 on.
    let mut scenario = busy_deletion(100, 11);
    scenario.app.sigterm = SigtermMode::DieNow;
    scenario.network.dead_ip_silent = Probability::ZERO;
    Timeline::of(&scenario).check(
        &[Server, Requests],
        "
        9.1s issued 9s to pod 0: 200
        10.097s issued 10s to pod 0: 502 closed_in_flight_at_sigterm
        10.097s pod 0 server exited
        10.327s pod 0 server removed
        14s issued 11s to pod 0: 502 icmp_unreachable
        ",
    );
}

#[test]
fn a_crash_cuts_and_refuses_until_the_restarted_server_listens() {
    // Crash 10.0; seen 10.03; restart + 1 s = 11.03; listens + 2 s = 13.03.
    let mut scenario = busy_deletion(3_000, 14);
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        pod_crash: Some(PodCrash::default()),
        ..Disruption::default()
    }];
    Timeline::of(&scenario).check(
        &[Server, Requests],
        "
        10s issued 9s to pod 0: 502 closed_in_flight_at_crash
        10s pod 0 server exited
        10s issued 10s to pod 0: 502 refused_process_dead
        11s issued 11s to pod 0: 502 refused_process_dead
        11.03s pod 0 server starting
        12s issued 12s to pod 0: 502 refused_not_listening
        13s issued 13s to pod 0: 502 refused_not_listening
        13.03s pod 0 server serving
        17s issued 14s to pod 0: 200
        ",
    );
}

#[test]
fn a_drain_waits_for_what_is_in_flight() {
    // In flight at 10.097: 9 (until 14) and 10 (until 15); the listener is closed for 11. Exit 15.0; + 30 + 200.
    Timeline::of(&busy_deletion(5_000, 11)).check(
        &[Server, Requests],
        "
        10.097s pod 0 server draining_closed
        11s issued 11s to pod 0: 502 refused_listener_closed
        14s issued 9s to pod 0: 200
        15s issued 10s to pod 0: 200
        15s pod 0 server exited
        15.23s pod 0 server removed
        ",
    );
}

#[test]
fn a_drain_timeout_cuts_what_is_left() {
    // 10.097 + 2 s.
    let mut scenario = busy_deletion(5_000, 10);
    scenario.app.drain_timeout = Limit::At(secs(2));
    Timeline::of(&scenario).check(
        &[Server, Requests],
        "
        10.097s pod 0 server draining_closed
        12.097s issued 9s to pod 0: 502 closed_at_drain_timeout
        12.097s issued 10s to pod 0: 502 closed_at_drain_timeout
        12.097s pod 0 server exited
        12.327s pod 0 server removed
        ",
    );
}

#[test]
fn sigkill_cuts_a_drain_that_outlasts_the_grace_period() {
    // SIGKILL 10.096 + 4 s. The request of 9 has ended at 14.0, that of 10 has not.
    let mut scenario = busy_deletion(5_000, 10);
    scenario.pod.termination_grace_period = secs(4);
    Timeline::of(&scenario).check(
        &[Server, Requests],
        "
        10.097s pod 0 server draining_closed
        14s issued 9s to pod 0: 200
        14.096s issued 10s to pod 0: 502 killed_in_flight
        14.096s pod 0 server exited
        14.326s pod 0 server removed
        ",
    );
}

#[test]
fn a_listener_that_nobody_accepts_on_hangs_and_resets_at_the_exit() {
    // §7 B″: the handshake of 11 and 12 succeeds; RST when the last holder exits, at 15.
    let mut scenario = busy_deletion(5_000, 12);
    scenario.app.listener_on_drain = ListenerOnDrain::OpenUnacceptedUntilExit;
    Timeline::of(&scenario).check(
        &[Server, Requests],
        "
        10.097s pod 0 server draining_unaccepted
        14s issued 9s to pod 0: 200
        15s issued 10s to pod 0: 200
        15s issued 11s to pod 0: 502 reset_in_accept_queue
        15s issued 12s to pod 0: 502 reset_in_accept_queue
        15s pod 0 server exited
        15.23s pod 0 server removed
        ",
    );
}

#[test]
fn what_waits_in_the_accept_queue_is_reset_when_the_listener_closes() {
    // One worker, 5 s each: 9 is served until 14; 10 waits unaccepted and gets RST with the listener (§7 B′) at 10.097.
    let mut scenario = busy_deletion(5_000, 10);
    scenario.app.workers = Limit::At(1);
    Timeline::of(&scenario).check(
        &[Server, Requests],
        "
        10.097s issued 10s to pod 0: 502 reset_in_accept_queue
        10.097s pod 0 server draining_closed
        14s issued 9s to pod 0: 200
        14s pod 0 server exited
        14.23s pod 0 server removed
        ",
    );
}

#[test]
fn a_listener_served_during_the_drain_keeps_the_process_busy() {
    // 11 and 12 are accepted and served: the last ends at 17.
    let mut scenario = busy_deletion(5_000, 12);
    scenario.app.listener_on_drain = ListenerOnDrain::OpenServed;
    Timeline::of(&scenario).check(
        &[Server, Requests],
        "
        10.097s pod 0 server draining_open
        14s issued 9s to pod 0: 200
        15s issued 10s to pod 0: 200
        16s issued 11s to pod 0: 200
        17s issued 12s to pod 0: 200
        17s pod 0 server exited
        17.23s pod 0 server removed
        ",
    );
}

#[test]
fn a_hook_that_restarts_the_server_closes_its_port_for_a_while() {
    // Published run, *after* manifest: the hook starts at 10.092, cuts the request of 10 (until 10.5), and the port
    // is closed until 12.092. SIGTERM after the hook of 5 s: 15.096; the listener closes at 15.097; exit 15.5, silent
    // + 230.
    let mut scenario = busy_deletion(500, 16);
    scenario.pod.pre_stop.exec = Some(Hook {
        duration: constant(secs(5)),
        ..Hook::default()
    });
    scenario.pod.pre_stop.restarts_server_for = Some(secs(2));
    Timeline::of(&scenario).check(
        &[Server, Requests],
        "
        9.5s issued 9s to pod 0: 200
        10.092s issued 10s to pod 0: 502 closed_in_flight_at_restart
        10.092s pod 0 server restarting
        11s issued 11s to pod 0: 502 refused_server_restart
        12s issued 12s to pod 0: 502 refused_server_restart
        12.092s pod 0 server serving
        13.5s issued 13s to pod 0: 200
        14.5s issued 14s to pod 0: 200
        15.097s pod 0 server draining_closed
        15.5s issued 15s to pod 0: 200
        15.5s pod 0 server exited
        15.73s pod 0 server removed
        26s issued 16s to pod 0: 504 silent_pod_ip
        ",
    );
}
