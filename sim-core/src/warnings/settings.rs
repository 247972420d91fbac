//! Warnings that follow from the scenario alone.

use alloc::format;
use alloc::string::String;

use super::List;
use crate::scenario::Scenario;
use crate::scenario::app::{IdleOnDrain, SigtermMode};
use crate::scenario::cluster::Strategy;
use crate::scenario::elbv2::TargetType;
use crate::scenario::pod::{HealthPath, PreStop};
use crate::time::SimDuration;

/// Quantile that stands for "as long as it takes now and then".
const NOW_AND_THEN: f64 = 0.99;

pub(super) fn add(list: &mut List, scenario: &Scenario) {
    grace_period(list, scenario);
    sigterm(list, scenario);
    restarts(list, scenario);
    health_paths(list, scenario);
    load_balancer(list, scenario);
    readiness(list, scenario);
    autoscaler(list, scenario);
    pinned_connections(list, scenario);
}

/// How long the preStop hook takes now and then; zero without one.
fn hook_time(pre_stop: &PreStop) -> SimDuration {
    let hook = pre_stop.exec.as_ref().or(pre_stop.http_get.as_ref());
    let runs = hook.map_or(SimDuration::ZERO, |hook| hook.duration.quantile(NOW_AND_THEN));
    runs.max(pre_stop.sleep.unwrap_or(SimDuration::ZERO))
}

/// Longest service time, now and then, of the request kinds that the workload uses.
fn service_time(scenario: &Scenario) -> SimDuration {
    let steps = scenario.workload.sessions.iter().flat_map(|sessions| &sessions.steps);
    let open_loop = scenario.workload.open_loop.iter().map(|open_loop| &open_loop.request);
    let of_kind = |kind: &String| {
        let own = scenario.app.requests.get(kind).map(|own| &own.service_time);
        own.unwrap_or(&scenario.app.service_time).quantile(NOW_AND_THEN)
    };
    let used = steps.map(|step| &step.request).chain(open_loop);
    used.map(of_kind).max().unwrap_or(SimDuration::ZERO)
}

/// The next whole second, as the Kubernetes API takes it.
fn round_up(duration: SimDuration) -> SimDuration {
    SimDuration::from_secs(duration.as_ns().div_ceil(1_000_000_000))
}

fn grace_period(list: &mut List, scenario: &Scenario) {
    let grace = scenario.pod.termination_grace_period;
    let hook = hook_time(&scenario.pod.pre_stop);
    if hook > grace {
        let slept = scenario.pod.pre_stop.sleep.is_some();
        let consequence = if slept {
            "The API server refuses a sleep action of that length; the run treats it as an exec hook that is cut"
        } else {
            "The hook is cut"
        };
        list.add(
            "pre-stop-longer-than-grace",
            format!(
                "The preStop hook takes {hook} and the grace period is {grace}. {consequence} when the grace period is \
                 over, and SIGKILL follows 2s after SIGTERM."
            ),
            format!(
                "Raise `pod.termination_grace_period` above {}, plus what the server needs to drain.",
                round_up(hook)
            ),
        );
    } else if scenario.app.sigterm == SigtermMode::Drain {
        let (drain, what) = match scenario.app.drain_timeout.get() {
            Some(timeout) => (timeout, "the server's drain timeout"),
            None => (service_time(scenario), "the slowest requests"),
        };
        let needed = hook.saturating_add(drain);
        if needed > grace {
            list.add(
                "grace-period-too-short-to-drain",
                format!(
                    "The preStop hook ({hook}) and {what} ({drain}) together take longer than the grace period of \
                     {grace}, so SIGKILL can cut requests in flight."
                ),
                format!("Raise `pod.termination_grace_period` to {}.", round_up(needed)),
            );
        }
    }
}

fn sigterm(list: &mut List, scenario: &Scenario) {
    let reason = match scenario.app.sigterm {
        SigtermMode::NoHandler if scenario.app.pid_1 => "The server is PID 1 without a handler for SIGTERM",
        SigtermMode::Ignored => "SIGTERM never reaches the server, or it ignores the signal",
        SigtermMode::NoHandler | SigtermMode::DieNow | SigtermMode::Drain => return,
    };
    list.add(
        "sigterm-ignored",
        format!(
            "{reason}, so it keeps running until SIGKILL ends it after the grace period of {}, with whatever it has in \
             flight.",
            scenario.pod.termination_grace_period
        ),
        "Handle SIGTERM in the server, start it with `exec` in a shell script, or put an init such as tini in front.",
    );
}

fn restarts(list: &mut List, scenario: &Scenario) {
    if let Some(closed) = scenario.pod.pre_stop.restarts_server_for {
        list.add(
            "pre-stop-restarts-server",
            format!(
                "The preStop hook makes the server restart: every terminating pod refuses connections for {closed} \
                 while the load balancer still chooses it."
            ),
            "Fail the health page without touching files that the server reloads, or only sleep.",
        );
    }
}

fn health_paths(list: &mut List, scenario: &Scenario) {
    if scenario.target_group.health_check.path == HealthPath::Shared {
        list.add(
            "health-check-on-user-path",
            String::from(
                "The ALB's health check asks for a page that users use: it queues behind them, so load alone can make \
                 healthy targets unhealthy.",
            ),
            "Give the application a health page of its own (`target_group.health_check.path: dedicated`).",
        );
    }
    if scenario
        .pod
        .readiness_probe
        .as_ref()
        .is_some_and(|probe| probe.path == HealthPath::Shared)
    {
        list.add(
            "readiness-probe-on-user-path",
            String::from(
                "The readiness probe asks for a page that users use: it queues behind them, so load alone can take \
                 pods out of rotation.",
            ),
            "Give the application a health page of its own (`pod.readiness_probe.path: dedicated`).",
        );
    }
}

fn load_balancer(list: &mut List, scenario: &Scenario) {
    let idle_timeout = scenario.load_balancer.idle_timeout;
    if let Some(keep_alive) = scenario.app.keep_alive_timeout.get()
        && !keep_alive.is_zero()
        && keep_alive <= idle_timeout
    {
        list.add(
            "keep-alive-not-above-idle-timeout",
            format!(
                "The server closes idle connections after {keep_alive}, the ALB keeps them for {idle_timeout}: now and \
                 then the ALB sends a request on a connection that is just being closed, which is a 502."
            ),
            format!(
                "Set the server's keep-alive timeout above the ALB's idle timeout, for example to {}.",
                idle_timeout + SimDuration::from_secs(5)
            ),
        );
    }
    let delay = scenario.target_group.deregistration_delay;
    let slow = service_time(scenario);
    if delay < slow {
        list.add(
            "deregistration-delay-too-short",
            format!(
                "The deregistration delay of {delay} is shorter than the slowest 1% of requests take ({slow}), so the \
                 ALB cuts such requests to a deregistered target."
            ),
            format!(
                "Set `target_group.deregistration_delay` to at least {}.",
                round_up(slow)
            ),
        );
    }
}

fn readiness(list: &mut List, scenario: &Scenario) {
    let rolls_out = scenario
        .disruptions
        .iter()
        .any(|disruption| disruption.rollout.is_some());
    let rolling = scenario.deployment.strategy == Strategy::RollingUpdate;
    let pods_are_targets = scenario.target_group.target_type == TargetType::Ip;
    if rolls_out && rolling && pods_are_targets && !scenario.pod.readiness_gate {
        list.add(
            "no-readiness-gate",
            String::from(
                "Without a readiness gate a rollout counts new pods as available before the ALB can use them, and \
                 takes old ones away too early.",
            ),
            "Label the namespace `elbv2.k8s.aws/pod-readiness-gate-inject=enabled` (`pod.readiness_gate: true`).",
        );
    }
    if scenario.service.publish_not_ready_addresses {
        list.add(
            "publish-not-ready-addresses",
            String::from(
                "With `publishNotReadyAddresses` a terminating pod's endpoint stays ready, so the controller keeps the \
                 target registered until the pod is gone.",
            ),
            "Remove `publishNotReadyAddresses` from the Service behind the load balancer.",
        );
    }
}

fn autoscaler(list: &mut List, scenario: &Scenario) {
    let mut found = scenario.disruptions.iter();
    let Some(rules) = found.find_map(|disruption| disruption.cluster_autoscaler.as_ref()) else {
        return;
    };
    let (grace, most) = (scenario.pod.termination_grace_period, rules.max_graceful_termination);
    if grace > most {
        list.add(
            "autoscaler-cuts-grace-period",
            format!(
                "The grace period is {grace}, but the Cluster Autoscaler gives pods that it evicts only {most}: preStop \
                 hook and drain are cut then."
            ),
            "Raise `--max-graceful-termination-sec` of the Cluster Autoscaler (`max_graceful_termination`).",
        );
    }
}

fn pinned_connections(list: &mut List, scenario: &Scenario) {
    let app = &scenario.app;
    let keeps = app.sigterm == SigtermMode::Drain
        && app.keep_alive_timeout.get() != Some(SimDuration::ZERO)
        && matches!(
            app.idle_on_drain,
            IdleOnDrain::ServedKeep | IdleOnDrain::UnservedUntilExit
        );
    if scenario.target_group.target_type == TargetType::Instance && keeps {
        list.add(
            "keeps-connections-after-sigterm",
            String::from(
                "Targets are nodes, so no deregistration takes the ALB's old connections away from a terminating pod: \
                 they stay pinned to it until it closes them, and the server does not on SIGTERM.",
            ),
            "Close idle connections on SIGTERM and answer with `Connection: close` from then on.",
        );
    }
}
