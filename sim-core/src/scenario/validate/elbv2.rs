//! What ELBv2 would refuse.

use alloc::format;
use alloc::string::String;

use super::Validator;
use crate::scenario::Scenario;
use crate::scenario::elbv2::{Algorithm, TargetType};

impl Scenario {
    pub(super) fn validate_elbv2(&self, v: &mut Validator) {
        let group = &self.target_group;
        v.check(
            group.target_type != TargetType::Instance || !self.pod.readiness_gate,
            "pod.readiness_gate",
            || {
                String::from(
                    "found true with `target_group.target_type: instance`; the controller puts readiness gates only \
                     into pods that are targets themselves (lbc §2.1)",
                )
            },
        );
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
}
