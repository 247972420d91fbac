//! What Kubernetes and ELBv2 would refuse, refused here with the same limits.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::disruption::Disruption;
use super::elbv2::Algorithm;
use super::instance_type::{self, InstanceType};
use super::pod::{PreStop, Probe};
use super::workload::Profile;
use super::{Scenario, cluster::Strategy};
use crate::dist::Dist;
use crate::time::SimDuration;

/// A setting that no run can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct ScenarioError {
    /// Path of the field from the scenario's root, with dots and `[index]`.
    pub path: String,
    /// What was found, what is legal, and what AWS or Kubernetes would do.
    pub problem: String,
}

struct Validator {
    errors: Vec<ScenarioError>,
}

impl Validator {
    fn check(&mut self, holds: bool, path: &str, problem: impl FnOnce() -> String) {
        if !holds {
            self.errors.push(ScenarioError {
                path: path.to_string(),
                problem: problem(),
            });
        }
    }

    fn dist(&mut self, path: &str, dist: &Dist) {
        if let Err(error) = dist.validate() {
            self.errors.push(ScenarioError {
                path: path.to_string(),
                problem: error.to_string(),
            });
        }
    }

    fn whole_seconds(&mut self, path: &str, value: SimDuration, owner: &str) {
        self.check(value.as_ns() % 1_000_000_000 == 0, path, || {
            format!("found {value}, but {owner} takes whole seconds")
        });
    }

    /// A whole number of seconds within the range the owner's API accepts.
    fn seconds(&mut self, path: &str, value: SimDuration, range: (u64, u64), owner: &str) {
        self.whole_seconds(path, value, owner);
        let seconds = value.as_ns() / 1_000_000_000;
        let inside = (range.0..=range.1).contains(&seconds);
        self.check(inside || value.as_ns() % 1_000_000_000 != 0, path, || {
            let bound = if seconds < range.0 {
                format!("greater than or equal to {}", range.0)
            } else {
                format!("less than or equal to {}", range.1)
            };
            format!(
                "found {value}, legal is {}s to {}s; {owner} would answer `ValidationError`: value '{seconds}' must \
                 be {bound}, and keep the previous setting",
                range.0, range.1
            )
        });
    }

    fn count(&mut self, path: &str, value: u32, range: (u32, u32), owner: &str) {
        self.check((range.0..=range.1).contains(&value), path, || {
            format!("found {value}, legal is {} to {} ({owner})", range.0, range.1)
        });
    }

    fn profile(&mut self, path: &str, profile: &Profile) {
        match profile {
            Profile::Constant(_) => {}
            Profile::Steps(steps) => {
                self.check(!steps.is_empty(), path, || {
                    String::from("found no steps, expected at least one")
                });
                let increasing = steps.windows(2).all(|pair| pair[0].at < pair[1].at);
                self.check(increasing, path, || String::from("the steps' `at` must increase"));
            }
            Profile::Sine(sine) => {
                let angle = sine.step_radians;
                self.check(
                    angle > 0.0 && angle < core::f64::consts::PI,
                    &format!("{path}.sine.step_radians"),
                    || format!("found {angle}, expected an angle above 0 and below 3.1415"),
                );
                self.check(!sine.every.is_zero(), &format!("{path}.sine.every"), || {
                    String::from("found 0s, expected a period above zero")
                });
                self.check(sine.divide_by > 0, &format!("{path}.sine.divide_by"), || {
                    String::from("found 0, expected at least 1")
                });
            }
        }
    }

    fn probe(&mut self, path: &str, probe: Option<&Probe>, only_one_success: bool) {
        let Some(probe) = probe else { return };
        let max = u64::from(u32::MAX);
        self.seconds(&format!("{path}.period"), probe.period, (1, max), "Kubernetes");
        self.seconds(&format!("{path}.timeout"), probe.timeout, (1, max), "Kubernetes");
        self.seconds(
            &format!("{path}.initial_delay"),
            probe.initial_delay,
            (0, max),
            "Kubernetes",
        );
        self.count(
            &format!("{path}.failure_threshold"),
            probe.failure_threshold,
            (1, 1000),
            "Kubernetes",
        );
        let most = if only_one_success { 1 } else { 1000 };
        self.count(
            &format!("{path}.success_threshold"),
            probe.success_threshold,
            (1, most),
            "Kubernetes",
        );
    }

    fn pre_stop(&mut self, pre_stop: &PreStop) {
        let handlers = [
            pre_stop.exec.is_some(),
            pre_stop.http_get.is_some(),
            pre_stop.sleep.is_some(),
        ];
        let handlers_count = handlers.iter().filter(|present| **present).count();
        self.check(handlers_count <= 1, "pod.pre_stop", || {
            String::from(
                "found more than one of exec, http_get, sleep; Kubernetes may not specify more than 1 handler type",
            )
        });
        let runs_in_container = pre_stop.exec.is_some() || pre_stop.http_get.is_some();
        self.check(
            runs_in_container || !pre_stop.fails_health,
            "pod.pre_stop.fails_health",
            || String::from("needs `exec` or `http_get`: nothing runs in the container during `sleep`"),
        );
        self.check(
            runs_in_container || pre_stop.restarts_server_for.is_none(),
            "pod.pre_stop.restarts_server_for",
            || String::from("needs `exec` or `http_get`: nothing runs in the container during `sleep`"),
        );
        for (name, hook) in [("exec", &pre_stop.exec), ("http_get", &pre_stop.http_get)] {
            if let Some(hook) = hook {
                self.dist(&format!("pod.pre_stop.{name}.duration"), &hook.duration);
            }
        }
    }

    fn disruption(&mut self, index: usize, disruption: &Disruption) {
        let path = format!("disruptions[{index}]");
        let kinds = [
            disruption.scale.is_some(),
            disruption.rollout.is_some(),
            disruption.node_drain.is_some(),
            disruption.pod_crash.is_some(),
        ];
        self.check(kinds.iter().filter(|present| **present).count() == 1, &path, || {
            String::from("expected exactly one of scale, rollout, node_drain, pod_crash")
        });
        self.check(
            disruption.every != Some(SimDuration::ZERO),
            &format!("{path}.every"),
            || String::from("found 0s, expected a distance above zero"),
        );
        if let Some(scale) = &disruption.scale {
            self.check(
                scale.replicas.is_some() != scale.schedule.is_some(),
                &format!("{path}.scale"),
                || String::from("expected exactly one of replicas, schedule"),
            );
            if let Some(schedule) = &scale.schedule {
                self.profile(&format!("{path}.scale.schedule"), schedule);
            }
        }
        if let Some(drain) = &disruption.node_drain {
            self.check(!drain.retry.is_zero(), &format!("{path}.node_drain.retry"), || {
                String::from("found 0s, expected a pause above zero")
            });
            self.check(!drain.poll.is_zero(), &format!("{path}.node_drain.poll"), || {
                String::from("found 0s, expected a period above zero")
            });
        }
    }
}

impl Scenario {
    /// Whether a run can use this scenario.
    ///
    /// # Errors
    ///
    /// Every setting outside what Kubernetes, ELBv2 or the model accept, with its path.
    pub fn validate(&self) -> Result<(), Vec<ScenarioError>> {
        let mut v = Validator { errors: Vec::new() };
        self.validate_kubernetes(&mut v);
        self.validate_elbv2(&mut v);
        self.validate_hops(&mut v);
        self.validate_workload(&mut v);
        for (index, disruption) in self.disruptions.iter().enumerate() {
            v.disruption(index, disruption);
        }
        if v.errors.is_empty() { Ok(()) } else { Err(v.errors) }
    }

    fn validate_kubernetes(&self, v: &mut Validator) {
        v.check(!self.horizon.is_zero(), "horizon", || {
            String::from("found 0s, expected a period above zero")
        });
        v.check(self.horizon.is_zero() || self.warm_up < self.horizon, "warm_up", || {
            format!(
                "found {}, must be shorter than the horizon of {}",
                self.warm_up, self.horizon
            )
        });
        v.count(
            "cluster.zones",
            self.cluster.zones,
            (2, 6),
            "an ALB needs at least two zones",
        );
        v.count("cluster.nodes", self.cluster.nodes, (1, 15_000), "nodes");
        match InstanceType::named(&self.cluster.instance_type) {
            None => v.check(false, "cluster.instance_type", || {
                let known: Vec<&str> = instance_type::ALL.iter().map(|instance| instance.name).collect();
                format!(
                    "found \"{}\", known are {}",
                    self.cluster.instance_type,
                    known.join(", ")
                )
            }),
            Some(instance) => {
                let room = instance.max_pods().saturating_sub(self.cluster.system_pods_per_node);
                let capacity = u64::from(room) * u64::from(self.cluster.nodes);
                v.check(
                    u64::from(self.deployment.replicas) <= capacity,
                    "deployment.replicas",
                    || {
                        format!(
                            "found {}, but {} nodes of {} hold {capacity} pods beside their system pods",
                            self.deployment.replicas, self.cluster.nodes, instance.name
                        )
                    },
                );
            }
        }
        let both_zero =
            self.deployment.max_surge.round_up(100) == 0 && self.deployment.max_unavailable.round_up(100) == 0;
        v.check(
            self.deployment.strategy == Strategy::Recreate || !both_zero,
            "deployment.max_unavailable",
            || String::from("found 0 with a max_surge of 0; Kubernetes refuses both at once"),
        );
        v.whole_seconds("deployment.min_ready", self.deployment.min_ready, "Kubernetes");
        let budget = &self.pod_disruption_budget;
        v.check(
            budget.min_available.is_none() || budget.max_unavailable.is_none(),
            "pod_disruption_budget",
            || String::from("found both min_available and max_unavailable; Kubernetes takes one of them"),
        );
        let max = u64::from(u32::MAX);
        v.seconds(
            "pod.termination_grace_period",
            self.pod.termination_grace_period,
            (0, max),
            "Kubernetes",
        );
        v.pre_stop(&self.pod.pre_stop);
        v.probe("pod.readiness_probe", self.pod.readiness_probe.as_ref(), false);
        v.probe("pod.liveness_probe", self.pod.liveness_probe.as_ref(), true);
        v.probe("pod.startup_probe", self.pod.startup_probe.as_ref(), true);
        for (index, sidecar) in self.pod.sidecars.iter().enumerate() {
            v.dist(&format!("pod.sidecars[{index}].stop_time"), &sidecar.stop_time);
        }
        for (path, dist) in [
            ("app.service_time", &self.app.service_time),
            ("app.start_up", &self.app.start_up),
            ("app.reaction_delay", &self.app.reaction_delay),
            ("app.restart_delay", &self.app.restart_delay),
        ] {
            v.dist(path, dist);
        }
        for (name, kind) in &self.app.requests {
            v.dist(&format!("app.requests.{name}.service_time"), &kind.service_time);
        }
        if let Some(workers) = self.app.workers.get() {
            v.count("app.workers", workers, (1, 100_000), "or \"unlimited\"");
        }
        v.count(
            "app.backlog",
            self.app.backlog,
            (1, 4096),
            "Linux caps it at net.core.somaxconn, 4096",
        );
    }

    fn validate_elbv2(&self, v: &mut Validator) {
        let group = &self.target_group;
        let check = &group.health_check;
        v.seconds("target_group.health_check.interval", check.interval, (5, 300), "ELBv2");
        v.seconds("target_group.health_check.timeout", check.timeout, (2, 120), "ELBv2");
        v.check(check.timeout < check.interval, "target_group.health_check.timeout", || {
            format!(
                "found {} with an interval of {}; ELBv2 would answer `ValidationError`: health check interval must be \
                 greater than the timeout",
                check.timeout, check.interval
            )
        });
        v.count(
            "target_group.health_check.healthy_threshold",
            check.healthy_threshold,
            (2, 10),
            "ELBv2",
        );
        v.count(
            "target_group.health_check.unhealthy_threshold",
            check.unhealthy_threshold,
            (2, 10),
            "ELBv2",
        );
        v.seconds(
            "target_group.deregistration_delay",
            group.deregistration_delay,
            (0, 3600),
            "ELBv2",
        );
        let slow_start = if group.slow_start.is_zero() {
            (0, 900)
        } else {
            (30, 900)
        };
        v.seconds(
            "target_group.slow_start",
            group.slow_start,
            slow_start,
            "ELBv2 (0s is off)",
        );
        v.check(
            group.slow_start.is_zero() || group.algorithm == Algorithm::RoundRobin,
            "target_group.slow_start",
            || String::from("ELBv2 allows slow start with `round_robin` only"),
        );
        v.check(
            !group.stickiness.enabled || group.algorithm != Algorithm::WeightedRandom,
            "target_group.stickiness.enabled",
            || String::from("ELBv2 does not allow stickiness with `weighted_random`"),
        );
        v.seconds(
            "target_group.stickiness.duration",
            group.stickiness.duration,
            (1, 604_800),
            "ELBv2",
        );
        v.seconds(
            "load_balancer.idle_timeout",
            self.load_balancer.idle_timeout,
            (1, 4000),
            "ELBv2",
        );
        v.seconds(
            "load_balancer.client_keep_alive",
            self.load_balancer.client_keep_alive,
            (60, 604_800),
            "ELBv2",
        );
        let most = 100 / self.cluster.zones.max(1);
        v.count(
            "load_balancer.nodes_per_zone",
            self.load_balancer.nodes_per_zone,
            (1, most),
            "an ALB uses at most 100 addresses",
        );
        v.count(
            "elbv2.initial_pass_count",
            self.elbv2.initial_pass_count,
            (1, 10),
            "ELBv2 thresholds end at 10",
        );
        v.count(
            "elbv2.retry_on_connect_failure",
            self.elbv2.retry_on_connect_failure,
            (0, 1),
            "alb §10",
        );
        v.check(!self.elbv2.connect_timeout.is_zero(), "elbv2.connect_timeout", || {
            String::from("found 0s, expected a time above zero")
        });
    }

    fn validate_hops(&self, v: &mut Validator) {
        v.count(
            "controller_manager.client_qps",
            self.controller_manager.client_qps,
            (1, 1_000_000),
            "requests per second",
        );
        v.count(
            "controller_manager.client_burst",
            self.controller_manager.client_burst,
            (2, 1_000_000),
            "requests",
        );
        let slices = &self.endpoint_slice_controller;
        v.count(
            "endpoint_slice_controller.max_endpoints_per_slice",
            slices.max_endpoints_per_slice,
            (1, 1000),
            "Kubernetes",
        );
        v.check(
            !slices.stale_backoff.is_zero(),
            "endpoint_slice_controller.stale_backoff",
            || String::from("found 0s, expected a pause above zero"),
        );
        let lbc = &self.load_balancer_controller;
        v.count(
            "load_balancer_controller.registration_burst",
            lbc.registration_burst,
            (1, 100_000),
            "calls",
        );
        v.count(
            "load_balancer_controller.describe_burst",
            lbc.describe_burst,
            (1, 100_000),
            "calls",
        );
        v.count(
            "load_balancer_controller.targets_per_call",
            lbc.targets_per_call,
            (1, 1000),
            "targets",
        );
        v.count(
            "load_balancer_controller.sdk_max_attempts",
            lbc.sdk_max_attempts,
            (1, 100),
            "attempts",
        );
        v.count(
            "elbv2.registration_burst",
            self.elbv2.registration_burst,
            (1, 100_000),
            "calls",
        );
        for (path, value) in [
            ("load_balancer_controller.gate_poll", lbc.gate_poll),
            ("load_balancer_controller.queue_backoff", lbc.queue_backoff),
        ] {
            v.check(!value.is_zero(), path, || {
                String::from("found 0s, expected a pause above zero")
            });
        }
        let kubelet = &self.kubelet;
        v.check(
            kubelet.housekeeping <= SimDuration::from_secs(2),
            "kubelet.housekeeping",
            || format!("found {}, but it runs every 2s", kubelet.housekeeping),
        );
        for (path, dist) in [
            ("api_server.write_latency", &self.api_server.write_latency),
            ("api_server.watch_latency", &self.api_server.watch_latency),
            ("endpoint_slice_controller.sync_time", &slices.sync_time),
            ("kubelet.dispatch", &kubelet.dispatch),
            ("kubelet.pleg_wait", &kubelet.pleg_wait),
            ("kubelet.sigterm_delivery", &kubelet.sigterm_delivery),
            ("kubelet.exit_detect", &kubelet.exit_detect),
            ("kubelet.sandbox_teardown", &kubelet.sandbox_teardown),
            ("kubelet.cni_del_retry", &kubelet.cni_del_retry),
            ("kubelet.status_patch", &kubelet.status_patch),
            ("kubelet.object_delete", &kubelet.object_delete),
            ("kubelet.pod_start", &kubelet.pod_start),
            ("kubelet.start_detect", &kubelet.start_detect),
            ("kubelet.gate_to_ready", &kubelet.gate_to_ready),
            ("load_balancer_controller.watch_latency", &lbc.watch_latency),
            ("load_balancer_controller.reconcile_time", &lbc.reconcile_time),
            ("load_balancer_controller.describe_latency", &lbc.describe_latency),
            ("load_balancer_controller.checkpoint_patch", &lbc.checkpoint_patch),
            ("load_balancer_controller.gate_patch", &lbc.gate_patch),
            ("elbv2.deregister_latency", &self.elbv2.deregister_latency),
            ("elbv2.register_latency", &self.elbv2.register_latency),
            ("elbv2.deregister_propagation", &self.elbv2.deregister_propagation),
            ("elbv2.register_propagation", &self.elbv2.register_propagation),
            ("network.rtt_same_zone", &self.network.rtt_same_zone),
            ("network.rtt_cross_zone", &self.network.rtt_cross_zone),
            ("network.keep_alive_race", &self.network.keep_alive_race),
        ] {
            v.dist(path, dist);
        }
        v.check(
            self.network.keep_alive_race.max().is_some(),
            "network.keep_alive_race",
            || String::from("expected a bounded distribution: constant, uniform or empirical"),
        );
    }

    fn validate_workload(&self, v: &mut Validator) {
        if let Some(sessions) = &self.workload.sessions {
            v.profile("workload.sessions.count", &sessions.count);
            v.check(!sessions.steps.is_empty(), "workload.sessions.steps", || {
                String::from("found no steps, expected at least one")
            });
            for (index, step) in sessions.steps.iter().enumerate() {
                v.dist(&format!("workload.sessions.steps[{index}].think"), &step.think);
            }
            v.check(
                sessions.client_timeout != Some(SimDuration::ZERO),
                "workload.sessions.client_timeout",
                || String::from("found 0s, expected a time above zero"),
            );
        }
        if let Some(open_loop) = &self.workload.open_loop {
            v.profile("workload.open_loop.rate", &open_loop.rate);
            v.check(
                open_loop.client_timeout != Some(SimDuration::ZERO),
                "workload.open_loop.client_timeout",
                || String::from("found 0s, expected a time above zero"),
            );
        }
    }
}
