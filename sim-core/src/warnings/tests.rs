use alloc::vec;
mod autoscalers;

use std::collections::BTreeSet;

use super::*;
use crate::bottleneck::{Bottleneck, Shares};
use crate::dist::Dist;
use crate::scenario::app::SigtermMode;
use crate::scenario::disruption::{Disruption, Rollout, ZonalShift};
use crate::scenario::health::Minimum;
use crate::scenario::pod::{HealthPath, Hook};
use crate::scenario::preset::Preset;
use crate::scenario::quantity::Cpu;
use crate::scenario::value::Limit;
use crate::scenario::workload::{ClientConnection, OpenLoop, Sessions, Workload};
use crate::time::SimDuration;

const fn secs(secs: u64) -> SimDuration {
    SimDuration::from_secs(secs)
}

fn exec(duration: SimDuration) -> Hook {
    Hook {
        duration: Dist::Constant(duration),
        ..Hook::default()
    }
}

/// Ten replications of a hundred requests each.
fn found(scenario: &Scenario, observations: &Observations) -> Vec<Warning> {
    let totals = Totals {
        observations: *observations,
        requests_count: 1000,
        replications_count: 10,
    };
    warnings(scenario, &totals)
}

fn codes(scenario: &Scenario, observations: &Observations) -> Vec<&'static str> {
    found(scenario, observations)
        .into_iter()
        .map(|warning| warning.code)
        .collect()
}

fn of_settings(change: impl FnOnce(&mut Scenario)) -> Vec<&'static str> {
    let mut scenario = Scenario::default();
    change(&mut scenario);
    codes(&scenario, &Observations::default())
}

fn of_run(change: impl FnOnce(&mut Observations)) -> Vec<&'static str> {
    let mut totals = Observations::default();
    change(&mut totals);
    codes(&Scenario::default(), &totals)
}

#[test]
fn defaults_give_no_warning() {
    assert_eq!(of_settings(|_| {}), [""; 0]);
}

#[test]
fn a_hook_longer_than_grace_is_cut_and_a_sleep_is_refused() {
    for hook in [secs(31), secs(120)] {
        assert_eq!(
            of_settings(|s| s.pod.pre_stop.exec = Some(exec(hook))),
            ["pre-stop-longer-than-grace"]
        );
        assert_eq!(
            of_settings(|s| s.pod.pre_stop.sleep = Some(hook)),
            ["pre-stop-longer-than-grace"]
        );
    }
    let mut scenario = Scenario::default();
    scenario.pod.pre_stop.sleep = Some(secs(45));
    let warning = &found(&scenario, &Observations::default())[0];
    assert!(warning.message.contains("API server refuses"), "{}", warning.message);
    assert!(
        warning.message.contains("45s") && warning.message.contains("30s"),
        "{}",
        warning.message
    );
}

#[test]
fn grace_must_hold_the_hook_and_the_drain() {
    let sleep_and_drain = |sleep, drain| {
        of_settings(|s| {
            s.pod.pre_stop.sleep = Some(secs(sleep));
            s.app.drain_timeout = Limit::At(secs(drain));
        })
    };
    assert_eq!(sleep_and_drain(15, 15), [""; 0]);
    assert_eq!(sleep_and_drain(16, 15), ["grace-period-too-short-to-drain"]);
    // Without a timeout of its own the server drains as long as its requests take.
    let slow = |service: u64| {
        of_settings(|s| {
            s.app.drain_timeout = Limit::Unlimited;
            s.app.service_time = Dist::Constant(secs(service));
            s.workload = open_loop();
        })
    };
    assert_eq!(slow(30), [""; 0]);
    assert_eq!(slow(31), ["grace-period-too-short-to-drain"]);
}

#[test]
fn only_request_kinds_that_are_used_count() {
    let unused = of_settings(|s| s.app.service_time = Dist::Constant(secs(1000)));
    assert_eq!(unused, [""; 0], "the default scenario sends no request");
}

fn open_loop() -> Workload {
    Workload {
        sessions: None,
        open_loop: Some(OpenLoop::default()),
    }
}

#[test]
fn sigterm_is_ignored_by_pid_1_without_handler() {
    assert_eq!(of_settings(|s| s.app = Preset::AxumDefault.app()), ["sigterm-ignored"]);
    assert_eq!(
        of_settings(|s| s.app.sigterm = SigtermMode::Ignored),
        ["sigterm-ignored"]
    );
    let not_pid_1 = |s: &mut Scenario| {
        s.app = Preset::AxumDefault.app();
        s.app.pid_1 = false;
    };
    assert_eq!(of_settings(not_pid_1), [""; 0]);
}

#[test]
fn the_keep_alive_race_needs_a_server_that_closes_first() {
    let keep_alive = |limit| of_settings(|s| s.app.keep_alive_timeout = limit);
    assert_eq!(keep_alive(Limit::At(secs(60))), ["keep-alive-not-above-idle-timeout"]);
    assert_eq!(keep_alive(Limit::At(secs(5))), ["keep-alive-not-above-idle-timeout"]);
    assert_eq!(keep_alive(Limit::At(secs(61))), [""; 0]);
    assert_eq!(
        keep_alive(Limit::At(SimDuration::ZERO)),
        [""; 0],
        "no keep-alive, no race"
    );
    assert_eq!(keep_alive(Limit::Unlimited), [""; 0]);
}

#[test]
fn rollouts_want_a_readiness_gate() {
    let rollout = || {
        vec![Disruption {
            rollout: Some(Rollout::default()),
            ..Disruption::default()
        }]
    };
    assert_eq!(of_settings(|s| s.disruptions = rollout()), ["no-readiness-gate"]);
    let gated = |s: &mut Scenario| {
        s.disruptions = rollout();
        s.pod.readiness_gate = true;
    };
    assert_eq!(of_settings(gated), [""; 0]);
}

#[test]
fn other_settings_each_have_their_warning() {
    assert_eq!(
        of_settings(|s| s.target_group.health_check.path = HealthPath::Shared),
        ["health-check-on-user-path"]
    );
    let probe = |s: &mut Scenario| s.pod.readiness_probe.as_mut().expect("a default probe").path = HealthPath::Shared;
    assert_eq!(of_settings(probe), ["readiness-probe-on-user-path"]);
    assert_eq!(
        of_settings(|s| s.service.publish_not_ready_addresses = true),
        ["publish-not-ready-addresses"]
    );
    let restart = |s: &mut Scenario| {
        s.pod.pre_stop.exec = Some(exec(secs(5)));
        s.pod.pre_stop.restarts_server_for = Some(secs(2));
    };
    assert_eq!(of_settings(restart), ["pre-stop-restarts-server"]);
    let cut = |s: &mut Scenario| {
        s.workload = open_loop();
        s.target_group.deregistration_delay = SimDuration::ZERO;
    };
    assert_eq!(of_settings(cut), ["deregistration-delay-too-short"]);
}

#[test]
fn what_a_run_observes_each_has_its_warning() {
    assert_eq!(of_run(|o| o.hooks_failed = 1), ["pre-stop-hooks-failed"]);
    assert_eq!(of_run(|o| o.hooks_cut = 1), ["pre-stop-hooks-cut"]);
    assert_eq!(of_run(|o| o.sigkills = 1), ["sigkill"]);
    assert_eq!(of_run(|o| o.stale_syncs = 1), ["stale-endpoint-slice-syncs"]);
    assert_eq!(
        of_run(|o| o.throttled = SimDuration::from_ns(1)),
        ["registration-calls-throttled"]
    );
    assert_eq!(
        of_run(|o| o.client_limited = secs(1)),
        ["pod-writes-spread-by-client-limit"]
    );
    assert_eq!(of_run(|o| o.client_limited = SimDuration::from_millis(999)), [""; 0]);
    assert_eq!(of_run(|o| o.targets_max = 1001), ["too-many-targets"]);
    assert_eq!(of_run(|o| o.quota_refusals = 1), ["target-group-full"]);
    assert_eq!(of_run(|o| o.gates_not_injected = 1), ["gates-not-injected"]);
    assert_eq!(of_run(|o| o.creations_refused = 1), ["pod-creations-refused"]);
    assert_eq!(of_run(|o| o.targets_max = 1000), [""; 0]);
    assert_eq!(of_run(|o| o.fail_open_requests = 1), ["failed-open"]);
    assert_eq!(
        of_run(|o| o.in_flight_at_horizon = 2),
        ["requests-in-flight-at-horizon"]
    );
    assert_eq!(
        of_run(|o| o.in_flight_at_horizon = 1),
        [""; 0],
        "one in a thousand is usual"
    );
    assert_eq!(of_run(|o| o.evictions_refused = 1), ["evictions-refused"]);
    assert_eq!(of_run(|o| o.removals_given_up = 1), ["node-removals-given-up"]);
    assert_eq!(
        of_run(|o| o.node_group_updates_failed = 1),
        ["node-group-update-failed"]
    );
    assert_eq!(of_run(|o| o.unschedulable = 1), ["unschedulable-pods"]);
    assert_eq!(of_run(|o| o.probe_restarts = 1), ["probe-restarts"]);
    assert_eq!(of_run(|o| o.shut_down_pods = 1), ["pods-shut-down-by-their-node"]);
    assert_eq!(of_run(|o| o.addresses_reused = 1), ["addresses-reused"]);
    assert_eq!(of_run(|o| o.lost_pods = 1), ["pods-lost-with-their-node"]);
}

#[test]
fn zones_and_weights_are_warned_of() {
    assert_eq!(of_run(|totals| totals.dns_failovers = 1), ["zone-below-dns-threshold"]);
    assert_eq!(of_run(|totals| totals.mitigations = 1), ["anomalous-targets"]);
    let raised = |cross_zone: bool| {
        of_settings(|scenario| {
            scenario.target_group.cross_zone = cross_zone;
            let dns = &mut scenario.target_group.health.dns_failover;
            dns.minimum_healthy_targets.count = Minimum::At(3);
        })
    };
    assert_eq!(raised(true), ["dns-threshold-with-cross-zone"]);
    assert_eq!(raised(false), [""; 0]);
    let shifted = |keep_alive: u64| {
        of_settings(|scenario| {
            scenario.load_balancer.client_keep_alive = secs(keep_alive);
            scenario.workload.sessions = Some(Sessions {
                connection: ClientConnection::KeepAlive,
                ..Sessions::default()
            });
            scenario.disruptions = vec![Disruption {
                zonal_shift: Some(ZonalShift::default()),
                ..Disruption::default()
            }];
        })
    };
    assert_eq!(shifted(3600), ["client-keep-alive-outlives-shift"]);
    assert_eq!(shifted(300), [""; 0]);
}

#[test]
fn one_reason_is_given_once() {
    let mut scenario = Scenario::default();
    scenario.pod.pre_stop.exec = Some(exec(secs(120)));
    let totals = Observations {
        hooks_cut: 220,
        sigkills: 220,
        ..Observations::default()
    };
    assert_eq!(codes(&scenario, &totals), ["pre-stop-longer-than-grace"]);
}

#[test]
fn every_warning_is_a_sentence_with_a_hint() {
    let mut scenario = Scenario::default();
    scenario.pod.pre_stop.sleep = Some(secs(45));
    scenario.pod.pre_stop.restarts_server_for = Some(secs(2));
    scenario.app = Preset::NodeHttp.app();
    scenario.target_group.health_check.path = HealthPath::Shared;
    scenario.app.workers = Limit::At(1);
    scenario.pod.requests.cpu = Cpu::from_millicores(2_000);
    scenario.disruptions = autoscalers::with_hpa(|_| {}).disruptions;
    let totals = Observations {
        hooks_cut: 2200,
        hooks_failed: 3,
        sigkills: 2200,
        stale_syncs: 4,
        throttled: secs(7),
        client_limited: secs(18),
        targets_max: 1200,
        fail_open_requests: 5,
        in_flight_at_horizon: 6,
        evictions_refused: 7,
        node_group_updates_failed: 1,
        unschedulable: 8,
        probe_restarts: 9,
        shut_down_pods: 10,
        lost_pods: 11,
        removals_given_up: 12,
        addresses_reused: 12,
        quota_refusals: 10,
        gates_not_injected: 11,
        creations_refused: 12,
        hpa_large_steps: 10,
        hpa_at_max: 11,
        dns_failovers: 10,
        mitigations: 11,
        ..Observations::default()
    };
    let found = found(&scenario, &totals);
    let unique: BTreeSet<&str> = found.iter().map(|warning| warning.code).collect();
    assert_eq!(unique.len(), found.len(), "a code occurs twice");
    assert!(found.len() >= 17, "only {unique:?}");
    for warning in &found {
        assert!(
            warning
                .code
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        );
        for text in [&warning.message, &warning.hint] {
            assert!(text.ends_with('.') && !text.contains("  "), "{text}");
        }
    }
}

#[test]
fn the_bucket_to_blame_is_named() {
    let mut totals = Observations::default();
    let (few, most) = (Bottleneck::ControllerRegistration, Bottleneck::AccountRegistration);
    totals.throttled = secs(50);
    totals.waits.add(few, secs(10));
    totals.waits.add(most, secs(30));
    totals.waits.add(most, secs(10));
    let mut slowest = Shares::default();
    slowest.add(few, secs(2));
    slowest.add(most, secs(30));
    totals.deregistrations.count = 5000;
    totals.deregistrations.slowest = slowest;
    let found = found(&Scenario::default(), &totals);
    assert_eq!(
        found.iter().map(|warning| warning.code).collect::<Vec<_>>(),
        ["registration-calls-throttled", "deregistrations-waited"]
    );
    let blamed =
        "Most of it, 40s with 30s at the longest, was for the account's bucket for register and deregister calls.";
    assert!(found[0].message.ends_with(blamed), "{}", found[0].message);
    assert_eq!(
        found[1].message,
        "The slowest of 5000 deregistrations waited 32s after its pod's deletion, of which 30s for the account's \
         bucket for register and deregister calls."
    );
    assert!(
        found[1].hint.starts_with("Find the account's other callers"),
        "{}",
        found[1].hint
    );
}
