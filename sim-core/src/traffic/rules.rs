//! Settings of the request path.

use alloc::vec::Vec;

use super::thresholds::Minimums;
use crate::dist::Probability;
use crate::scenario::Scenario;
use crate::scenario::elbv2::{Algorithm, ConnectionReuse};
use crate::scenario::pod::HealthPath;
use crate::scenario::value::Limit;
use crate::time::SimDuration;

/// Settings of the request path, prepared as plain numbers; times in ns, `u64::MAX` for "never".
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) alb_nodes: u32,
    pub(crate) workers: usize,
    pub(crate) backlog: usize,
    pub(crate) app_keep_alive: u64,
    pub(crate) idle_timeout: u64,
    pub(crate) connect_timeout: u64,
    pub(crate) client_keep_alive: u64,
    /// How long a client waits for a dead ALB node.
    pub(crate) client_silence: u64,
    /// Whether an ALB node may fail open with a healthy target.
    pub(crate) minimum_is_raised: bool,
    pub(crate) icmp_delay: u64,
    /// An idle connection is reused up to this age: then the ALB, or surely the server, has closed it.
    pub(crate) reusable_for: u64,
    /// Up to this age the server has surely not closed it.
    pub(crate) surely_open_for: u64,
    pub(crate) connection_reuse: ConnectionReuse,
    pub(crate) retries: u32,
    pub(crate) algorithm: Algorithm,
    /// Round robin without stickiness: nothing but a slow start can change whose turn it is.
    pub(crate) only_turns: bool,
    pub(crate) sticky_for: u64,
    pub(crate) slow_start: u64,
    pub(crate) error_ratio: Probability,
    /// Waiting times at which a shared health page starts to fail, increasing.
    pub(crate) busy_thresholds: Vec<u64>,
    pub(crate) warm_up: u64,
    pub(crate) horizon: u64,
}

impl Rules {
    /// Those of a valid scenario.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let app = &scenario.app;
        let stickiness = &scenario.target_group.stickiness;
        let algorithm = scenario.target_group.algorithm;
        let idle_timeout = scenario.load_balancer.idle_timeout.as_ns();
        let app_keep_alive = ns_or_never(app.keep_alive_timeout);
        let slack = scenario.network.keep_alive_race.max().map_or(0, SimDuration::as_ns) / 2;
        Self {
            alb_nodes: scenario.alb_nodes_count(),
            workers: app.workers.get().map_or(0, |workers| workers as usize),
            backlog: app.backlog as usize,
            app_keep_alive,
            idle_timeout,
            connect_timeout: scenario.elbv2.connect_timeout.as_ns(),
            client_keep_alive: scenario.load_balancer.client_keep_alive.as_ns(),
            client_silence: scenario.dns.client_silence_timeout.as_ns(),
            minimum_is_raised: Minimums::of_routing(&scenario.target_group.health) != Minimums::ONE,
            icmp_delay: scenario.network.dead_ip_icmp.as_ns(),
            // A server that closes after each response leaves nothing in the pool.
            reusable_for: idle_timeout.min(app_keep_alive.saturating_add(slack)),
            surely_open_for: if app_keep_alive >= idle_timeout {
                u64::MAX
            } else {
                app_keep_alive.saturating_sub(slack)
            },
            connection_reuse: scenario.load_balancer.connection_reuse,
            retries: scenario.elbv2.retry_on_connect_failure,
            algorithm,
            only_turns: algorithm == Algorithm::RoundRobin && !stickiness.enabled,
            sticky_for: if stickiness.enabled {
                stickiness.duration.as_ns()
            } else {
                0
            },
            slow_start: scenario.target_group.slow_start.as_ns(),
            error_ratio: app.error_ratio,
            busy_thresholds: busy_thresholds(scenario),
            warm_up: scenario.warm_up.as_ns(),
            horizon: scenario.horizon.as_ns(),
        }
    }
}

fn ns_or_never(limit: Limit<SimDuration>) -> u64 {
    limit.get().map_or(u64::MAX, SimDuration::as_ns)
}

/// Waiting times at which one of the shared health pages would fail, increasing.
fn busy_thresholds(scenario: &Scenario) -> Vec<u64> {
    let check = &scenario.target_group.health_check;
    let pod = &scenario.pod;
    let probes = [&pod.readiness_probe, &pod.liveness_probe, &pod.startup_probe];
    let mut thresholds: Vec<u64> = probes
        .into_iter()
        .flatten()
        .map(|probe| (probe.path, probe.timeout))
        .chain([(check.path, check.timeout)])
        .filter(|(path, _)| *path == HealthPath::Shared)
        .map(|(_, timeout)| timeout.as_ns())
        .collect();
    thresholds.sort_unstable();
    thresholds.dedup();
    thresholds
}
