//! The kubelet's sequence from DELETE to the removed object (kubernetes §1.2–1.4).

use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::pod::{Hook, Sidecar, SidecarKind};
use sim_core::trace::{Fact, PreStopResult};

use super::super::Oracle;
use super::super::bench::Bench;
use super::super::comparison::Comparison;
use super::super::workload::{constant, even, hops, ms, scale, secs};
use super::{Timeline, deleted, gone, not_ready, sandbox_removed, terminating};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "termination_pre_stop",
        claim: "SIGTERM waits for preStop, the endpoint does not, and the object goes a second after the sandbox.",
        source: "kubernetes §1.3, §1.4, §2.3.1",
        compare: sigterm_waits_for_pre_stop,
    },
    Oracle {
        name: "termination_whole_seconds",
        claim: "A hook of 5.7 s costs 5 whole seconds of a grace period of 30 s, so SIGKILL follows SIGTERM 25 s later.",
        source: "kubernetes §1.3.1",
        compare: a_hook_costs_whole_seconds,
    },
    Oracle {
        name: "termination_hook_overrun",
        claim: "A hook that overruns is cut at the grace period and leaves the server two seconds.",
        source: "kubernetes §1.3, §1.3.2",
        compare: an_overrun_leaves_two_seconds,
    },
    Oracle {
        name: "termination_grace_zero",
        claim: "A grace period of 0 removes the object at once, and the process still has two seconds.",
        source: "kubernetes §1.1.6, §1.2.8, §1.3",
        compare: grace_zero_gives_two_seconds,
    },
    Oracle {
        name: "termination_sidecars",
        claim: "Sidecars stop after the application, the last declared first.",
        source: "kubernetes §1.3 (sidecars)",
        compare: sidecars_stop_in_reverse_order,
    },
    Oracle {
        name: "termination_sandbox_last",
        claim: "While a container still runs the dead server's address refuses; then it is silent, until no node knows it.",
        source: "kubernetes §1.4.1, §7; alb §3.1 (connect timeout 10 s)",
        compare: the_last_container_holds_the_sandbox,
    },
];

/// The only pod is deleted at 10.043.
fn one_deletion() -> Scenario {
    let mut scenario = hops();
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario
}

fn deaf_server_with_hook(hook_ms: u64) -> Scenario {
    let mut scenario = one_deletion();
    scenario.app.sigterm = SigtermMode::Ignored;
    scenario.pod.pre_stop.exec = Some(Hook {
        duration: constant(ms(hook_ms)),
        ..Hook::default()
    });
    scenario
}

fn sidecar(name: &str, kind: SidecarKind, stop_ms: u64) -> Sidecar {
    Sidecar {
        name: name.into(),
        kind,
        stop_time: constant(ms(stop_ms)),
        ..Sidecar::default()
    }
}

fn kill(fact: &Fact) -> bool {
    matches!(fact, Fact::KillStarted { .. })
}

fn hook_started(fact: &Fact) -> bool {
    matches!(fact, Fact::PreStopStarted { .. })
}

fn hook_ended(wanted: PreStopResult) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::PreStopEnded { result, .. } if *result == wanted)
}

fn sigterm(name: &str) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::SigtermSent { container, .. } if container == name)
}

fn sigkill(fact: &Fact) -> bool {
    matches!(fact, Fact::SigkillSent { .. })
}

fn exited(name: &str) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::ContainerExited { container, .. } if container == name)
}

fn endpoint_left(fact: &Fact) -> bool {
    matches!(fact, Fact::EndpointWritten { present: false, .. })
}

/// Hook from 13 to 5013, SIGTERM + 3, the idle server exits + 1; seen + 17, silent + 200 = 5234; terminal status + 40 =
/// 5274, its endpoint + 23 = 5297; object 5234 + 1000.
fn sigterm_waits_for_pre_stop(bench: &mut Bench) -> Comparison {
    let mut scenario = one_deletion();
    scenario.pod.pre_stop.sleep = Some(secs(5));
    let timeline = Timeline::of(bench, &scenario).at("DELETE", &[10_043], deleted);
    timeline
        .since_delete()
        .at("kill", &[13], kill)
        .at("hook from", &[13], hook_started)
        .at("hook to", &[5_013], hook_ended(PreStopResult::Completed))
        .at("SIGTERM", &[5_016], sigterm("app"))
        .at("exit", &[5_017], exited("app"))
        .at("SIGKILL", &[], sigkill)
        .at("silent", &[5_234], sandbox_removed)
        .at("not Ready", &[5_274], not_ready)
        .at("endpoint terminating", &[23], terminating)
        .at("endpoint gone", &[5_297], endpoint_left)
        .at("object gone", &[6_234], gone)
        .compare()
}

/// Hook from 13 to 5713, SIGTERM + 3; 30 − 5 = 25 s to SIGKILL, 0.7 s past the nominal end; + 17 + 200.
fn a_hook_costs_whole_seconds(bench: &mut Bench) -> Comparison {
    Timeline::of(bench, &deaf_server_with_hook(5_700))
        .since_delete()
        .at("hook to", &[5_713], hook_ended(PreStopResult::Completed))
        .at("SIGTERM", &[5_716], sigterm("app"))
        .at("SIGKILL", &[30_716], sigkill)
        .at("silent", &[30_933], sandbox_removed)
        .compare()
}

/// Cut at 13 + 30 000, SIGTERM + 3, floor of 2 s, + 17 + 200.
fn an_overrun_leaves_two_seconds(bench: &mut Bench) -> Comparison {
    let timeline = Timeline::of(bench, &deaf_server_with_hook(120_000));
    let cut = Comparison::same(1, timeline.summary.observations.hooks_cut).of("hooks cut");
    timeline
        .since_delete()
        .at("hook cut", &[30_013], hook_ended(PreStopResult::Cut))
        .at("SIGTERM", &[30_016], sigterm("app"))
        .at("SIGKILL", &[32_016], sigkill)
        .at("silent", &[32_233], sandbox_removed)
        .and(cut)
        .compare()
}

/// Object and endpoint go with the DELETE; SIGTERM 16, floor of 2 s, + 17 + 200.
fn grace_zero_gives_two_seconds(bench: &mut Bench) -> Comparison {
    let mut scenario = one_deletion();
    scenario.app.sigterm = SigtermMode::Ignored;
    scenario.pod.termination_grace_period = secs(0);
    Timeline::of(bench, &scenario)
        .since_delete()
        .at("object gone", &[0], gone)
        .at("endpoint gone", &[23], endpoint_left)
        .at("SIGTERM", &[16], sigterm("app"))
        .at("SIGKILL", &[2_016], sigkill)
        .at("silent", &[2_233], sandbox_removed)
        .compare()
}

/// App: SIGTERM 16, exit 17, seen 34. Second: SIGTERM 37, exit 137, seen 154. First: 157, 257, 274; teardown 474.
fn sidecars_stop_in_reverse_order(bench: &mut Bench) -> Comparison {
    let mut scenario = one_deletion();
    scenario.pod.sidecars = ["first", "second"]
        .map(|name| sidecar(name, SidecarKind::RestartableInit, 100))
        .into();
    Timeline::of(bench, &scenario)
        .since_delete()
        .at("app SIGTERM", &[16], sigterm("app"))
        .at("second SIGTERM", &[37], sigterm("second"))
        .at("second exit", &[137], exited("second"))
        .at("first SIGTERM", &[157], sigterm("first"))
        .at("first exit", &[257], exited("first"))
        .at("silent", &[474], sandbox_removed)
        .compare()
}

/// A second container of 8 s: SIGTERM 16, exit 8016, seen 8033, silent 8233, that is at 18.276; the ALB nodes know at
/// 10.043 + 10.263 = 20.306. So 11 to 18 are refused, 19 and 20 time out, 21 and 22 find only a draining target.
fn the_last_container_holds_the_sandbox(bench: &mut Bench) -> Comparison {
    let mut scenario = one_deletion();
    scenario.pod.sidecars = vec![sidecar("agent", SidecarKind::Container, 8_000)];
    scenario.workload.open_loop = Some(even(1, secs(10), ms(22_500)));
    Timeline::of(bench, &scenario)
        .requests(&[
            "11s 502 refused_process_dead at 11s",
            "12s 502 refused_process_dead at 12s",
            "13s 502 refused_process_dead at 13s",
            "14s 502 refused_process_dead at 14s",
            "15s 502 refused_process_dead at 15s",
            "16s 502 refused_process_dead at 16s",
            "17s 502 refused_process_dead at 17s",
            "18s 502 refused_process_dead at 18s",
            "19s 504 silent_pod_ip at 29s",
            "20s 504 silent_pod_ip at 30s",
            "21s 503 only_unusable_targets at 21s",
            "22s 503 only_unusable_targets at 22s",
        ])
        .since_delete()
        .at("agent SIGTERM", &[16], sigterm("agent"))
        .at("app exit", &[17], exited("app"))
        .at("agent exit", &[8_016], exited("agent"))
        .at("silent", &[8_233], sandbox_removed)
        .compare()
}
