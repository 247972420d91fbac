//! Nodes, what runs on them, and what takes them away.

use alloc::format;
use alloc::string::String;

use super::Validator;
use crate::scenario::Scenario;
use crate::scenario::disruption::Disruption;
use crate::time::SimDuration;

impl Validator {
    fn above_zero(&mut self, path: &str, value: SimDuration) {
        self.check(!value.is_zero(), path, || {
            String::from("found 0s, expected a time above zero")
        });
    }

    /// Disruptions that take nodes away.
    pub(super) fn node_disruption(&mut self, path: &str, disruption: &Disruption, scenario: &Scenario) {
        if let Some(failure) = &disruption.zone_failure {
            let zones = scenario.cluster.zones;
            self.check(failure.zone < zones, &format!("{path}.zone_failure.zone"), || {
                format!(
                    "found {}, but the cluster has {zones} zones, numbered from 0 to {}",
                    failure.zone,
                    zones.saturating_sub(1)
                )
            });
        }
    }
}

impl Scenario {
    pub(super) fn validate_nodes(&self, v: &mut Validator) {
        let max = u64::from(u32::MAX);
        for (index, workload) in self.cluster.other_workloads.iter().enumerate() {
            let path = format!("cluster.other_workloads[{index}]");
            v.profile(&format!("{path}.replicas"), &workload.replicas);
            let grace = workload.termination_grace_period;
            v.seconds(
                &format!("{path}.termination_grace_period"),
                grace,
                (0, max),
                "Kubernetes",
            );
            v.dist(&format!("{path}.stop_time"), &workload.stop_time);
            if let Some(lifetime) = &workload.lifetime {
                v.dist(&format!("{path}.lifetime"), lifetime);
                let path = format!("{path}.lifetime");
                v.check(lifetime.mean() >= SimDuration::from_secs(1), &path, || {
                    format!("found a mean of {}, expected at least 1s", lifetime.mean())
                });
            }
        }
        for (index, constraint) in self.pod.topology_spread.iter().enumerate() {
            let path = format!("pod.topology_spread[{index}].max_skew");
            v.count(&path, constraint.max_skew, (1, 1_000_000), "Kubernetes");
        }
        if let Some(toleration) = self.pod.unreachable_toleration.get() {
            v.whole_seconds("pod.unreachable_toleration", toleration, "Kubernetes");
        }
        let rules = &self.node_lifecycle;
        for (name, value) in [
            ("lease_interval", rules.lease_interval),
            ("monitor_period", rules.monitor_period),
            ("monitor_grace_period", rules.monitor_grace_period),
            ("cloud_scan_period", rules.cloud_scan_period),
            ("pod_gc_period", rules.pod_gc_period),
        ] {
            v.above_zero(&format!("node_lifecycle.{name}"), value);
        }
        v.check(
            rules.monitor_grace_period > rules.lease_interval,
            "node_lifecycle.monitor_grace_period",
            || {
                format!(
                    "found {}, must be longer than the lease_interval of {}, or healthy nodes lapse",
                    rules.monitor_grace_period, rules.lease_interval
                )
            },
        );
        let kubelet = &self.kubelet;
        let (whole, critical) = (
            kubelet.shutdown_grace_period,
            kubelet.shutdown_grace_period_critical_pods,
        );
        v.whole_seconds("kubelet.shutdown_grace_period", whole, "the model");
        v.whole_seconds("kubelet.shutdown_grace_period_critical_pods", critical, "the model");
        v.check(critical <= whole, "kubelet.shutdown_grace_period_critical_pods", || {
            format!("found {critical}, but the kubelet refuses more than the shutdown_grace_period of {whole}")
        });
        v.dist("ec2.os_shutdown_notice", &self.ec2.os_shutdown_notice);
        v.dist("ec2.os_shutdown", &self.ec2.os_shutdown);
        v.whole_seconds("ec2.systemd_stop_timeout", self.ec2.systemd_stop_timeout, "the model");
        v.check(self.ec2.os_shutdown_max > whole, "ec2.os_shutdown_max", || {
            format!(
                "found {}, must be longer than the kubelet's shutdown_grace_period of {whole}",
                self.ec2.os_shutdown_max
            )
        });
    }
}
