//! Warnings that only a run can tell.

use alloc::format;
use alloc::string::{String, ToString};

use super::{List, Totals};
use crate::scenario::Scenario;
use crate::summary::Observations;
use crate::time::SimDuration;

/// Deletions and creations that wait less than this change no peak.
const CLIENT_LIMIT_MATTERS: SimDuration = SimDuration::from_secs(1);

/// One request in so many may be without an answer at the horizon: any open loop leaves a few.
const IN_FLIGHT_SHARE: u64 = 1000;

pub(super) fn add(list: &mut List, scenario: &Scenario, totals: &Totals) {
    let replications_count = totals.replications_count;
    let counted = |count: u64| {
        Counted {
            count,
            replications_count,
        }
        .to_string()
    };
    hooks(list, scenario, &totals.observations, &counted);
    control_plane(list, scenario, &totals.observations, &counted);
    requests(list, totals, &counted);
    pods(list, scenario, &totals.observations, &counted);
    super::zones::add(list, scenario, &totals.observations, &counted);
}

fn hooks(list: &mut List, scenario: &Scenario, totals: &Observations, counted: &dyn Fn(u64) -> String) {
    if totals.hooks_failed > 0 {
        list.add(
            "pre-stop-hooks-failed",
            format!(
                "{} preStop hooks failed at once: their pods got SIGTERM immediately.",
                counted(totals.hooks_failed)
            ),
            "Use the `sleep` action, which needs no binary in the image.",
        );
    }
    if totals.hooks_cut > 0 && !list.has("pre-stop-longer-than-grace") {
        list.add(
            "pre-stop-hooks-cut",
            format!(
                "{} preStop hooks still ran when the grace period of {} was over and were cut.",
                counted(totals.hooks_cut),
                scenario.pod.termination_grace_period
            ),
            "Raise `pod.termination_grace_period`, or shorten the hook.",
        );
    }
    let explained = [
        "pre-stop-longer-than-grace",
        "pre-stop-hooks-cut",
        "grace-period-too-short-to-drain",
        "sigterm-ignored",
    ];
    if totals.sigkills > 0 && !explained.iter().any(|code| list.has(code)) {
        list.add(
            "sigkill",
            format!(
                "{} containers ended by SIGKILL: they had not finished when the grace period of {} was over.",
                counted(totals.sigkills),
                scenario.pod.termination_grace_period
            ),
            "Raise `pod.termination_grace_period`, or make the server drain faster.",
        );
    }
}

fn control_plane(list: &mut List, scenario: &Scenario, totals: &Observations, counted: &dyn Fn(u64) -> String) {
    let quota = scenario.elbv2.targets_per_target_group_quota;
    if totals.targets_max > quota {
        list.add(
            "too-many-targets",
            format!(
                "{} targets were registered at once; the quota is {quota} per target group and per \
                 ALB, and the run ignores it.",
                totals.targets_max
            ),
            "Have both quotas raised, or spread the pods over several target groups and ALBs.",
        );
    }
    if totals.client_limited >= CLIENT_LIMIT_MATTERS {
        let limits = &scenario.controller_manager;
        list.add(
            "pod-writes-spread-by-client-limit",
            format!(
                "The controller manager's client limit ({} requests/s, burst {}) made the last pod wait {} for its \
                 deletion or creation. That spreads the pods over time and lowers the peak.",
                limits.client_qps,
                limits.client_burst,
                rounded(totals.client_limited)
            ),
            "Expect a higher peak on a control plane with larger limits (`controller_manager.client_qps`, which EKS \
             does not publish).",
        );
    }
    if totals.stale_syncs > 0 {
        list.add(
            "stale-endpoint-slice-syncs",
            format!(
                "{} syncs of the EndpointSlice controller met their own stale cache and backed off for {} or more, \
                 during which deleted pods stayed in rotation.",
                counted(totals.stale_syncs),
                scenario.endpoint_slice_controller.stale_backoff
            ),
            "Let a preStop sleep cover it; the back-off itself cannot be configured.",
        );
    }
}

fn requests(list: &mut List, totals: &Totals, counted: &dyn Fn(u64) -> String) {
    if totals.observations.fail_open_requests > 0 {
        list.add(
            "failed-open",
            format!(
                "{} requests met an ALB node with too few healthy targets, which then sends to any target at all.",
                counted(totals.observations.fail_open_requests)
            ),
            "Keep enough healthy targets in every zone, with a readiness gate and more replicas.",
        );
    }
    let in_flight = totals.observations.in_flight_at_horizon;
    if in_flight * IN_FLIGHT_SHARE > totals.requests_count {
        list.add(
            "requests-in-flight-at-horizon",
            format!(
                "{} requests had no answer at the horizon and are not counted; some of them may be failures that take \
                 long to show.",
                counted(in_flight)
            ),
            "End the last disruption well before the `horizon`.",
        );
    }
}

fn pods(list: &mut List, scenario: &Scenario, totals: &Observations, counted: &dyn Fn(u64) -> String) {
    if totals.evictions_refused > 0 {
        list.add(
            "evictions-refused",
            format!(
                "{} evictions were refused by the PodDisruptionBudget and tried again.",
                counted(totals.evictions_refused)
            ),
            "If drains take too long, let the budget give way to more pods at a time.",
        );
    }
    if totals.removals_given_up > 0 {
        list.add(
            "node-removals-given-up",
            format!(
                "{} times the Cluster Autoscaler tainted a node and then kept it, because its evictions were refused for \
                 too long, its pods did not go, or new ones came; the pods evicted until then moved for nothing.",
                counted(totals.removals_given_up)
            ),
            "Let the PodDisruptionBudget give way to at least one pod at all times, and keep replacements quick.",
        );
    }
    if totals.node_group_updates_failed > 0 {
        list.add(
            "node-group-update-failed",
            format!(
                "{} updates of a managed node group failed (`PodEvictionFailure`): a drain did not end in time.",
                counted(totals.node_group_updates_failed)
            ),
            "Let the budget give way, or set `node_group_update.force`.",
        );
    }
    if totals.unschedulable > 0 {
        list.add(
            "unschedulable-pods",
            format!(
                "{} pods found no node with room and stayed Pending for a while.",
                counted(totals.unschedulable)
            ),
            "Give the cluster more nodes or a larger instance type.",
        );
    }
    if totals.addresses_reused > 0 {
        list.add(
            "addresses-reused",
            format!(
                "{} times a pod's address was given to another pod while an ALB node still sent requests to it: they \
                 reached the wrong pod.",
                counted(totals.addresses_reused)
            ),
            "Raise the VPC CNI's `IP_COOLDOWN_PERIOD` above the slowest removal from the ALB, or find out what delays \
             the removal.",
        );
    }
    if totals.shut_down_pods > 0 {
        list.add(
            "pods-shut-down-by-their-node",
            format!(
                "{} pods were taken down by their own node, without a deletionTimestamp. Their endpoints stay ready \
                 and the ALB goes on choosing them until their containers have stopped, however long preStop and the \
                 grace period are: both run before anybody hears of it.",
                counted(totals.shut_down_pods)
            ),
            "Drain the node before its instance ends: a termination handler, a lifecycle hook that waits for a drain, \
             or an autoscaler that evicts.",
        );
    }
    if totals.lost_pods > 0 {
        let check = &scenario.target_group.health_check;
        let (first, last) = (
            check.interval * (u64::from(check.unhealthy_threshold) - 1) + check.timeout,
            check.interval * u64::from(check.unhealthy_threshold) + check.timeout,
        );
        list.add(
            "pods-lost-with-their-node",
            format!(
                "{} pods were lost with nodes that died without a word. Kubernetes notices when the lease lapses, up \
                 to {} after the last renewal; the ALB's health check ejects a silent target {first} to {last} after \
                 the death.",
                counted(totals.lost_pods),
                scenario.node_lifecycle.monitor_grace_period + scenario.node_lifecycle.monitor_period
            ),
            "Shorten `target_group.health_check.interval` and `timeout`, which notice sooner, and spread the pods \
             over more nodes.",
        );
    }
    if totals.probe_restarts > 0 {
        list.add(
            "probe-restarts",
            format!(
                "{} containers were restarted because their liveness or startup probe failed.",
                counted(totals.probe_restarts)
            ),
            "Give the probe a page that does not queue behind users, and a longer timeout or threshold.",
        );
    }
}

/// To the millisecond: a warning is read by people.
pub(super) fn rounded(duration: SimDuration) -> SimDuration {
    SimDuration::from_millis((duration.as_ns() + 500_000) / 1_000_000)
}

/// A sum over replications at the start of a sentence: `220`, or `In 10 replications, 2200`.
pub(super) struct Counted {
    pub(super) count: u64,
    pub(super) replications_count: u32,
}

impl core::fmt::Display for Counted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.replications_count > 1 {
            write!(f, "In {} replications, ", self.replications_count)?;
        }
        write!(f, "{}", self.count)
    }
}
