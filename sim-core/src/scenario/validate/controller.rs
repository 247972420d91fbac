//! Settings of the AWS Load Balancer Controller, its quotas and its gates that no run could use.

use alloc::format;
use alloc::string::String;

use super::Validator;
use crate::dist::Rate;
use crate::scenario::Scenario;

impl Scenario {
    pub(super) fn validate_controller(&self, v: &mut Validator) {
        let lbc = &self.load_balancer_controller;
        v.count(
            "load_balancer_controller.workers",
            lbc.workers,
            (1, 50),
            "--targetgroupbinding-max-concurrent-reconciles",
        );
        v.count(
            "load_balancer_controller.other_target_group_bindings",
            lbc.other_target_group_bindings,
            (0, 99),
            "an ALB has at most 100 target groups",
        );
        for (path, rate) in [
            ("load_balancer_controller.registration_rate", lbc.registration_rate),
            ("load_balancer_controller.describe_rate", lbc.describe_rate),
        ] {
            v.check(rate != Rate::ZERO, path, || {
                String::from(
                    "found 0/s, expected a rate above zero: once the burst is used up no call would ever be made",
                )
            });
        }
        v.dist("load_balancer_controller.leader_gap", &lbc.leader_gap);
        v.dist("load_balancer_controller.resync_jitter", &lbc.resync_jitter);
        v.check(
            !lbc.resync_after.is_zero(),
            "load_balancer_controller.resync_after",
            || String::from("found 0s, expected a pause above zero"),
        );
        if let Some(node) = lbc.leader_node {
            let nodes = self.cluster.nodes;
            v.check(node < nodes, "load_balancer_controller.leader_node", || {
                format!("found {node}, but `cluster.nodes` is {nodes} and they are counted from 0")
            });
        }
        v.check(
            self.pod.readiness_gate_since.is_none() || self.pod.readiness_gate,
            "pod.readiness_gate_since",
            || String::from("needs `pod.readiness_gate: true`: without it no pod ever has a gate"),
        );
        let quota = self.elbv2.targets_per_target_group_quota;
        v.check(
            !self.elbv2.enforce_targets_quota || self.deployment.replicas <= quota,
            "elbv2.enforce_targets_quota",
            || {
                format!(
                    "found true with {} replicas and a quota of {quota}: ELBv2 would have answered `TooManyTargets` \
                     before the run",
                    self.deployment.replicas
                )
            },
        );
        v.count("elbv2.describe_burst", self.elbv2.describe_burst, (1, 100_000), "calls");
        v.count(
            "elbv2.targets_per_target_group_quota",
            self.elbv2.targets_per_target_group_quota,
            (1, 100_000),
            "targets; AWS raises the default of 1000 on request",
        );
    }
}
