//! What requests meet while a server shuts down (kubernetes §6.3, §7; alb §3.1, §3.2).
//!
//! DELETE 10.043, hook 10.056, SIGTERM 10.059, the server reacts 10.060; the ALB nodes know at 20.306. Requests are
//! issued at 9, 10, 11, … s.

use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::pod::Hook;
use sim_core::scenario::value::Limit;
use sim_core::trace::ServerState;

use super::super::Oracle;
use super::super::bench::Bench;
use super::super::comparison::Comparison;
use super::super::workload::{constant, even, hops, ms, scale, secs};
use super::{Timeline, sandbox_removed, server};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "connect_timeout",
        claim: "A server that dies on SIGTERM cuts what is in flight and then refuses; once its address is silent a \
                request is answered with 504 after the connect timeout of 10 s.",
        source: "alb §3.1, §3.2; kubernetes §7 state C",
        compare: silence_is_a_504,
    },
    Oracle {
        name: "drain_waits",
        claim: "A draining server refuses new connections, finishes what is in flight, and only then exits.",
        source: "kubernetes §6.3",
        compare: a_drain_waits,
    },
    Oracle {
        name: "accept_queue_reset",
        claim: "What waits in the accept queue is reset when the listener closes.",
        source: "kubernetes §7 state B′",
        compare: the_accept_queue_is_reset,
    },
    Oracle {
        name: "hook_restarts_server",
        claim: "A hook that restarts the server cuts what is in flight and refuses until the port is open again.",
        source: "published run, after the change; kubernetes §1.3",
        compare: a_restart_closes_the_port,
    },
];

/// The only pod is deleted; requests of that service time, the last one issued at `last_s`.
fn busy_deletion(service_ms: u64, last_s: u64) -> Scenario {
    let mut scenario = hops();
    scenario.app.service_time = constant(ms(service_ms));
    scenario.workload.open_loop = Some(even(1, secs(8), ms(last_s * 1000 + 500)));
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario
}

/// Dead at 10.060, silent + 17 + 2000 = 12.077.
fn silence_is_a_504(bench: &mut Bench) -> Comparison {
    let mut scenario = busy_deletion(3_000, 13);
    scenario.app.sigterm = SigtermMode::DieNow;
    scenario.kubelet.sandbox_teardown = constant(secs(2));
    Timeline::of(bench, &scenario)
        .at("exit", &[10_060], server(ServerState::Exited))
        .at("silent", &[12_077], sandbox_removed)
        .requests(&[
            "9s 502 closed_in_flight_at_sigterm at 10.06s",
            "10s 502 closed_in_flight_at_sigterm at 10.06s",
            "11s 502 refused_process_dead at 11s",
            "12s 502 refused_process_dead at 12s",
            "13s 504 silent_pod_ip at 23s",
        ])
        .compare()
}

/// 9 until 14, 10 until 15, when it exits; + 17 + 200.
fn a_drain_waits(bench: &mut Bench) -> Comparison {
    Timeline::of(bench, &busy_deletion(5_000, 11))
        .at("drain", &[10_060], server(ServerState::DrainingClosed))
        .at("exit", &[15_000], server(ServerState::Exited))
        .at("silent", &[15_217], sandbox_removed)
        .requests(&[
            "9s 200 at 14s",
            "10s 200 at 15s",
            "11s 502 refused_listener_closed at 11s",
        ])
        .compare()
}

/// One worker: 9 is served until 14; 10 waits unaccepted.
fn the_accept_queue_is_reset(bench: &mut Bench) -> Comparison {
    let mut scenario = busy_deletion(5_000, 10);
    scenario.app.workers = Limit::At(1);
    Timeline::of(bench, &scenario)
        .at("exit", &[14_000], server(ServerState::Exited))
        .requests(&["9s 200 at 14s", "10s 502 reset_in_accept_queue at 10.06s"])
        .compare()
}

/// Restart 10.056 to 12.056; the request of 10 would have ended at 10.5. SIGTERM after the hook of 5 s: 15.059; drain
/// 15.060; exit 15.5; silent 15.717.
fn a_restart_closes_the_port(bench: &mut Bench) -> Comparison {
    let mut scenario = busy_deletion(500, 16);
    scenario.pod.pre_stop.exec = Some(Hook {
        duration: constant(secs(5)),
        ..Hook::default()
    });
    scenario.pod.pre_stop.restarts_server_for = Some(secs(2));
    Timeline::of(bench, &scenario)
        .at("restart", &[10_056], server(ServerState::Restarting))
        .at("serving", &[0, 12_056], server(ServerState::Serving))
        .at("drain", &[15_060], server(ServerState::DrainingClosed))
        .at("silent", &[15_717], sandbox_removed)
        .requests(&[
            "9s 200 at 9.5s",
            "10s 502 closed_in_flight_at_restart at 10.056s",
            "11s 502 refused_server_restart at 11s",
            "12s 502 refused_server_restart at 12s",
            "13s 200 at 13.5s",
            "14s 200 at 14.5s",
            "15s 200 at 15.5s",
            "16s 504 silent_pod_ip at 26s",
        ])
        .compare()
}
