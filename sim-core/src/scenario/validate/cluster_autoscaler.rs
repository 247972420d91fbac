//! Settings that no Cluster Autoscaler could run with.

use alloc::format;
use alloc::string::String;

use super::Validator;
use crate::scenario::Scenario;
use crate::scenario::cluster_autoscaler::ClusterAutoscaler;
use crate::time::SimDuration;

impl Validator {
    fn cluster_autoscaler(&mut self, path: &str, rules: &ClusterAutoscaler, scenario: &Scenario) {
        let zones = scenario.cluster.zones;
        self.check(rules.max_nodes >= rules.min_nodes, &format!("{path}.max_nodes"), || {
            format!(
                "found {}, but min_nodes is {}; an Auto Scaling group refuses a maximum below its minimum",
                rules.max_nodes, rules.min_nodes
            )
        });
        self.check(rules.max_nodes >= zones, &format!("{path}.max_nodes"), || {
            format!(
                "found {}, but each of the {zones} zones has a node group, and the Cluster Autoscaler refuses a group \
                 with a maximum of 0",
                rules.max_nodes
            )
        });
        for (name, value) in [
            ("scan_interval", rules.scan_interval),
            ("eviction_retry", rules.eviction_retry),
            ("drain_poll", rules.drain_poll),
            ("max_node_provision_time", rules.max_node_provision_time),
        ] {
            self.check(!value.is_zero(), &format!("{path}.{name}"), || {
                String::from("found 0s, expected a time above zero")
            });
        }
        self.check(
            rules.scan_interval >= SimDuration::from_secs(1),
            &format!("{path}.scan_interval"),
            || {
                format!(
                    "found {}, expected at least 1s: the model has no time for the loop itself",
                    rules.scan_interval
                )
            },
        );
        let max = u64::from(u32::MAX);
        self.seconds(
            &format!("{path}.max_graceful_termination"),
            rules.max_graceful_termination,
            (0, max),
            "`--max-graceful-termination-sec`",
        );
        for (name, value) in [
            ("max_scale_down_parallelism", rules.max_scale_down_parallelism),
            ("max_drain_parallelism", rules.max_drain_parallelism),
            ("kube_client_qps", rules.kube_client_qps),
            ("kube_client_burst", rules.kube_client_burst),
        ] {
            self.count(
                &format!("{path}.{name}"),
                value,
                (1, 1_000_000),
                "with 0 no node is ever drained",
            );
        }
        self.check(
            rules.max_drain_parallelism <= rules.max_scale_down_parallelism,
            &format!("{path}.max_drain_parallelism"),
            || {
                format!(
                    "found {}, but max_scale_down_parallelism, which counts drained nodes too, is {}",
                    rules.max_drain_parallelism, rules.max_scale_down_parallelism
                )
            },
        );
        self.dist(&format!("{path}.node_ready_time"), &rules.node_ready_time);
    }
}

impl Scenario {
    pub(super) fn validate_cluster_autoscaler(&self, v: &mut Validator) {
        for (index, disruption) in self.disruptions.iter().enumerate() {
            let Some(rules) = &disruption.cluster_autoscaler else {
                continue;
            };
            let path = format!("disruptions[{index}].cluster_autoscaler");
            v.check(
                disruption.every.is_none(),
                &format!("disruptions[{index}].every"),
                || String::from("a cluster_autoscaler works from `at` to the horizon and cannot be repeated"),
            );
            v.cluster_autoscaler(&path, rules, self);
        }
    }
}
