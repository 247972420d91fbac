//! Health thresholds, DNS, zonal shift and automatic target weights.

use alloc::format;
use alloc::string::String;

use super::Validator;
use crate::dist::Probability;
use crate::scenario::Scenario;
use crate::scenario::disruption::Disruption;
use crate::scenario::elbv2::Algorithm;
use crate::scenario::health::Minimum;

/// Most targets of a target group: no minimum can be above it (alb §5.5).
const TARGETS_MAX: u32 = 1000;

impl Validator {
    fn minimum(&mut self, path: &str, minimum: Minimum, most: u32) {
        if let Minimum::At(value) = minimum {
            self.check((1..=most).contains(&value), path, || {
                format!("found {value}, legal is `off` or 1 to {most} (ELBv2)")
            });
        }
    }

    /// A zonal shift.
    pub(super) fn shift(&mut self, path: &str, disruption: &Disruption, scenario: &Scenario) {
        let Some(shift) = &disruption.zonal_shift else { return };
        let zones = scenario.cluster.zones;
        self.check(shift.zone < zones, &format!("{path}.zonal_shift.zone"), || {
            format!(
                "found {}, but the load balancer has {zones} zones, numbered from 0 to {}",
                shift.zone,
                zones.saturating_sub(1)
            )
        });
        self.check(
            !shift.duration.is_zero(),
            &format!("{path}.zonal_shift.duration"),
            || String::from("found 0s, expected a time above zero"),
        );
        self.check(
            scenario.load_balancer.zonal_shift,
            &format!("{path}.zonal_shift"),
            || {
                String::from(
                    "needs `load_balancer.zonal_shift: true`; ARC would refuse to shift a load balancer with \
                 `zonal_shift.config.enabled` false",
                )
            },
        );
    }
}

impl Scenario {
    pub(super) fn validate_health(&self, v: &mut Validator) {
        let health = &self.target_group.health;
        let routing = &health.unhealthy_state_routing.minimum_healthy_targets;
        let dns = &health.dns_failover.minimum_healthy_targets;
        let path = |part: &str| format!("target_group.health.{part}");
        v.count(
            &path("unhealthy_state_routing.minimum_healthy_targets.count"),
            routing.count,
            (1, TARGETS_MAX),
            "ELBv2",
        );
        let percentage = path("unhealthy_state_routing.minimum_healthy_targets.percentage");
        v.minimum(&percentage, routing.percentage, 100);
        v.minimum(
            &path("dns_failover.minimum_healthy_targets.count"),
            dns.count,
            TARGETS_MAX,
        );
        v.minimum(
            &path("dns_failover.minimum_healthy_targets.percentage"),
            dns.percentage,
            100,
        );
        let not_below = |v: &mut Validator, part: &str, dns: Minimum, routing: Minimum| {
            let (Minimum::At(dns), Minimum::At(routing)) = (dns, routing) else {
                return;
            };
            let path = format!("target_group.health.dns_failover.minimum_healthy_targets.{part}");
            v.check(dns >= routing, &path, || {
                format!(
                    "found {dns}, must be `off` or at least the {routing} of unhealthy_state_routing; ELBv2 would answer \
                     `ValidationError`"
                )
            });
        };
        not_below(v, "count", dns.count, Minimum::At(routing.count));
        not_below(v, "percentage", dns.percentage, routing.percentage);
        self.validate_dns(v);
        self.validate_anomaly_detection(v);
    }

    fn validate_dns(&self, v: &mut Validator) {
        let dns = &self.dns;
        v.check(!dns.ttl.is_zero(), "dns.ttl", || {
            String::from("found 0s, expected a time above zero")
        });
        v.dist("dns.failover_time", &dns.failover_time);
        v.dist("dns.dead_node_time", &dns.dead_node_time);
        v.dist("dns.shift_time", &dns.shift_time);
        v.check(
            !dns.client_silence_timeout.is_zero(),
            "dns.client_silence_timeout",
            || String::from("found 0s, expected a time above zero"),
        );
    }

    fn validate_anomaly_detection(&self, v: &mut Validator) {
        let (group, rules) = (&self.target_group, &self.anomaly_detection);
        v.check(
            !group.anomaly_mitigation.is_on() || group.algorithm == Algorithm::WeightedRandom,
            "target_group.anomaly_mitigation",
            || String::from("ELBv2 allows anomaly mitigation with `weighted_random` only"),
        );
        v.check(!rules.period.is_zero(), "anomaly_detection.period", || {
            String::from("found 0s, expected a time above zero")
        });
        let least = rules.minimum_healthy_targets;
        v.count(
            "anomaly_detection.minimum_healthy_targets",
            least,
            (2, TARGETS_MAX),
            "a target needs peers",
        );
        v.count(
            "anomaly_detection.minimum_requests",
            rules.minimum_requests,
            (1, 1_000_000),
            "the model",
        );
        let lowest = Probability::new(0.001).expect("a probability");
        v.check(rules.minimum_share >= lowest, "anomaly_detection.minimum_share", || {
            format!(
                "found {}, expected 0.001 to 1: a target without traffic never comes back",
                rules.minimum_share
            )
        });
        v.check(
            rules.failure_share_above_peers > Probability::ZERO,
            "anomaly_detection.failure_share_above_peers",
            || String::from("found 0, expected a share above zero, or a target without failures is anomalous"),
        );
    }
}
