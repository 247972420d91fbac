//! Hop latencies and limits that no run could use.

use alloc::format;
use alloc::string::String;

use super::Validator;
use crate::scenario::Scenario;
use crate::time::SimDuration;

/// kube-proxy's `syncPeriod` (kubernetes §2.3.16).
const SYNC_PERIOD: SimDuration = SimDuration::from_secs(30);

impl Scenario {
    pub(super) fn validate_hops(&self, v: &mut Validator) {
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
        let period = self.kube_proxy.min_sync_period;
        v.check(period <= SYNC_PERIOD, "kube_proxy.min_sync_period", || {
            format!("found {period}, but kube-proxy refuses more than its syncPeriod of {SYNC_PERIOD}")
        });
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
            ("kube_proxy.watch_latency", &self.kube_proxy.watch_latency),
            ("kube_proxy.sync", &self.kube_proxy.sync),
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
}
