//! Settings that cost no pod-seconds, each adopted only where it measurably lowers the failures or the target is missed
//! without it.

use schemars::JsonSchema;
use serde::Serialize;
use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::cluster::Strategy;
use sim_core::scenario::elbv2::TargetType;
use sim_core::scenario::value::{IntOrPercent, Limit};
use sim_core::time::SimDuration;

/// How much longer than the ALB a server keeps idle connections, seconds.
const KEEP_ALIVE_RESERVE_S: u64 = 5;

/// `minReadySeconds` that is tried: one interval of the controller's default health check.
const MIN_READY_S: u64 = 15;

/// Deregistration delays that are tried, seconds.
const DELAYS_S: [u64; 5] = [30, 60, 120, 300, 3600];

/// Intervals of the health check that are tried, seconds, the mildest first; 5 s is the shortest that ELBv2 takes, 30 s
/// its default (alb §1.1).
const INTERVALS_S: [u64; 4] = [30, 15, 10, 5];

const HEALTH_CHECK_INTERVAL: &str = "target_group.health_check.interval";
const UNHEALTHY: &str = "target_group.health_check.unhealthy_threshold";

/// Failed checks in a row that take a target out: the least that ELBv2 takes (alb §1.1).
const UNHEALTHY_THRESHOLD: u32 = 2;

/// Where a setting lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scope {
    /// In Kubernetes manifests: a patch sets it.
    Manifest,
    /// In the application's code or configuration: no patch can set it.
    Application,
}

/// One such setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lever {
    /// Paths and values as `--set` takes them; the first is what the setting is called.
    pub(crate) sets: Vec<(&'static str, String)>,
    /// Where it lives.
    pub(crate) scope: Scope,
    /// Whether it makes rollouts longer.
    pub(crate) slows_rollouts: bool,
    /// What it does, a phrase.
    pub(crate) does: String,
}

impl Lever {
    fn new(path: &'static str, value: impl Into<String>, does: impl Into<String>) -> Self {
        Self {
            sets: vec![(path, value.into())],
            scope: Scope::Manifest,
            slows_rollouts: false,
            does: does.into(),
        }
    }

    fn and(mut self, path: &'static str, value: impl Into<String>) -> Self {
        self.sets.push((path, value.into()));
        self
    }

    fn in_application(mut self) -> Self {
        self.scope = Scope::Application;
        self
    }

    fn slow(mut self) -> Self {
        self.slows_rollouts = true;
        self
    }

    /// What the setting is called.
    pub(crate) fn path(&self) -> &'static str {
        self.sets[0].0
    }

    /// Path without its section, and value: short, and what tells one step of a ladder from the next.
    pub(crate) fn label(&self) -> String {
        let (path, value) = &self.sets[0];
        let (_, short) = path.split_once('.').expect("every setting is in a section");
        format!("{short}={value}")
    }

    /// Whether it sets the health check.
    pub(crate) fn checks_health(&self) -> bool {
        [HEALTH_CHECK_INTERVAL, UNHEALTHY].contains(&self.path())
    }

    /// Whether only one of the two can be pulled: they are steps of one ladder.
    pub(crate) fn replaces(&self, other: &Lever) -> bool {
        self.path() == other.path() || (self.checks_health() && other.checks_health())
    }

    /// Whether it makes the server drain.
    pub(crate) fn drains(&self) -> bool {
        self.path() == "app.sigterm"
    }
}

/// The levers that a scenario leaves to pull, the mildest first; `manifests_only` leaves out the application's.
pub(crate) fn of(scenario: &Scenario, manifests_only: bool) -> Vec<Lever> {
    let groups = [
        gate(scenario),
        keep_alive(scenario),
        delay(scenario),
        health_check(scenario),
        rollout(scenario),
        drain(scenario),
    ];
    let all = groups.into_iter().flatten();
    all.filter(|lever| !manifests_only || lever.scope == Scope::Manifest)
        .collect()
}

fn gate(scenario: &Scenario) -> Vec<Lever> {
    if scenario.pod.readiness_gate || scenario.target_group.target_type != TargetType::Ip {
        return Vec::new();
    }
    let lever = Lever::new(
        "pod.readiness_gate",
        "true",
        "a new pod counts as Ready only once the ALB can use it",
    );
    vec![lever]
}

/// The server must not close an idle connection before the ALB does.
fn keep_alive(scenario: &Scenario) -> Vec<Lever> {
    let idle = scenario.load_balancer.idle_timeout;
    let Limit::At(kept) = scenario.app.keep_alive_timeout else {
        return Vec::new();
    };
    if kept.is_zero() || kept > idle {
        return Vec::new();
    }
    let longer = Lever::new(
        "app.keep_alive_timeout",
        format!("{}s", whole_seconds(idle) + KEEP_ALIVE_RESERVE_S),
        format!("the server keeps idle connections longer than the ALB ({idle}), so that the ALB closes first"),
    );
    let mut levers = vec![longer.in_application()];
    // Requests may take as long as the idle timeout at most, so it must not become too short.
    let shorter = kept.as_ns() / 1_000_000_000;
    if shorter > 1 && SimDuration::from_secs(shorter - 1) > longest_request(scenario) {
        levers.push(Lever::new(
            "load_balancer.idle_timeout",
            format!("{}s", shorter - 1),
            format!("the ALB closes idle connections before the server does ({kept})"),
        ));
    }
    levers
}

fn delay(scenario: &Scenario) -> Vec<Lever> {
    let delay = whole_seconds(scenario.target_group.deregistration_delay);
    let longest = whole_seconds(longest_request(scenario));
    if delay > longest {
        return Vec::new();
    }
    let enough = DELAYS_S.into_iter().find(|seconds| *seconds > longest);
    let lever = enough.map(|seconds| {
        Lever::new(
            "target_group.deregistration_delay",
            format!("{seconds}s"),
            format!("requests in flight, up to {longest} s (99.9 %), may end before the ALB cuts them"),
        )
    });
    lever.into_iter().collect()
}

/// Every step that lets the ALB find out sooner than today: fewer failed checks first, then shorter intervals.
fn health_check(scenario: &Scenario) -> Vec<Lever> {
    let check = &scenario.target_group.health_check;
    let fewer = (check.unhealthy_threshold > UNHEALTHY_THRESHOLD)
        .then(|| whole_seconds(check.interval))
        .map(|seconds| Lever::new(UNHEALTHY, UNHEALTHY_THRESHOLD.to_string(), finds_out(seconds)));
    let sooner = INTERVALS_S
        .into_iter()
        .filter(|seconds| SimDuration::from_secs(*seconds) < check.interval)
        .map(|seconds| {
            let mut lever = Lever::new(HEALTH_CHECK_INTERVAL, format!("{seconds}s"), finds_out(seconds));
            // ELBv2 wants the timeout below the interval.
            let timeout = whole_seconds(check.timeout).min(seconds - 1);
            if timeout < whole_seconds(check.timeout) {
                lever = lever.and("target_group.health_check.timeout", format!("{timeout}s"));
            }
            if fewer.is_some() {
                lever = lever.and(UNHEALTHY, UNHEALTHY_THRESHOLD.to_string());
            }
            lever
        });
    fewer.iter().cloned().chain(sooner).collect()
}

fn finds_out(interval_s: u64) -> String {
    let seconds = interval_s * u64::from(UNHEALTHY_THRESHOLD);
    format!("the ALB finds out in about {seconds} s what nobody tells it")
}

fn rollout(scenario: &Scenario) -> Vec<Lever> {
    let disruptions = &scenario.disruptions;
    if !disruptions.iter().any(|disruption| disruption.rollout.is_some()) {
        return Vec::new();
    }
    let deployment = &scenario.deployment;
    let mut levers = Vec::new();
    let recreates = deployment.strategy == Strategy::Recreate;
    let none = [IntOrPercent::Int(0), IntOrPercent::Percent(0)];
    if recreates || !none.contains(&deployment.max_unavailable) {
        let mut lever = Lever::new(
            "deployment.max_unavailable",
            "0",
            "no pod goes before its replacement is available",
        )
        .slow();
        if recreates {
            lever = lever.and("deployment.strategy", "rolling_update");
        }
        if none.contains(&deployment.max_surge) {
            lever = lever.and("deployment.max_surge", "25%");
        }
        levers.push(lever);
    }
    if deployment.min_ready < SimDuration::from_secs(MIN_READY_S) && !recreates {
        let lever = Lever::new(
            "deployment.min_ready",
            format!("{MIN_READY_S}s"),
            "new pods have settled before old ones go",
        );
        levers.push(lever.slow());
    }
    levers
}

fn drain(scenario: &Scenario) -> Vec<Lever> {
    if scenario.app.sigterm == SigtermMode::Drain {
        return Vec::new();
    }
    let lever = Lever::new(
        "app.sigterm",
        "drain",
        "the server must drain on SIGTERM: finish what is in flight, then exit",
    );
    vec![
        lever
            .and("app.listener_on_drain", "close_now")
            .and("app.idle_on_drain", "fin_now")
            .and("app.response_on_drain", "close_header")
            .in_application(),
    ]
}

/// The 99.9th percentile of the slowest kind of request.
fn longest_request(scenario: &Scenario) -> SimDuration {
    let app = &scenario.app;
    let kinds = app.requests.values().map(|kind| &kind.service_time);
    kinds
        .chain([&app.service_time])
        .map(|service_time| service_time.quantile(0.999))
        .max()
        .unwrap_or(SimDuration::ZERO)
}

/// Rounded up.
pub(crate) fn whole_seconds(duration: SimDuration) -> u64 {
    duration.as_ns().div_ceil(1_000_000_000)
}

#[cfg(test)]
mod tests;
