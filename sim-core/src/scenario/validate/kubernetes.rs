//! What the Kubernetes API would refuse.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Validator;
use crate::scenario::Scenario;
use crate::scenario::cluster::Strategy;
use crate::scenario::instance_type::{self, InstanceType};
use crate::scenario::pod::{PreStop, Probe};

impl Validator {
    pub(super) fn probe(&mut self, path: &str, probe: Option<&Probe>, only_one_success: bool) {
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

    pub(super) fn pre_stop(&mut self, pre_stop: &PreStop) {
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
}

impl Scenario {
    /// Pods that fit into what a node of that type has left for requests.
    fn pods_by_requests(&self, instance: InstanceType) -> u64 {
        let room = instance.allocatable().less(self.cluster.system_requests);
        let requests = self.pod.requests;
        let by = |room: u64, each: u64| room.checked_div(each).unwrap_or(u64::MAX);
        let by_cpu = by(room.cpu.millicores(), requests.cpu.millicores());
        by_cpu.min(by(room.memory.bytes(), requests.memory.bytes()))
    }

    pub(super) fn validate_kubernetes(&self, v: &mut Validator) {
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
                let room = u64::from(room).min(self.pods_by_requests(instance));
                let capacity = room * u64::from(self.cluster.nodes);
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
}
