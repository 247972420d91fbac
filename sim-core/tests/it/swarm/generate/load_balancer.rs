//! The load balancer and its controller.

use sim_core::dist::{Probability, Rate};
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{ControllerRestart, Disruption, OutOfBandDeregistration, ZonalShift, ZoneFailure};
use sim_core::scenario::elbv2::{Algorithm, ConnectionReuse};
use sim_core::scenario::health::{Minimum, Switch};
use sim_core::scenario::hops::{Consensus, FailurePolicy};
use sim_core::scenario::pod::HealthPath;
use sim_core::time::SimDuration;

use super::chance::{Chance, IntoSeconds};
use crate::support::{ms, secs};

impl Chance {
    pub(super) fn target_group(&mut self, scenario: &mut Scenario) {
        let group = &mut scenario.target_group;
        let interval = self.between(5, 12);
        group.health_check.interval = secs(interval);
        group.health_check.timeout = self.seconds(2, interval - 1);
        group.health_check.healthy_threshold = self.count(2, 3);
        group.health_check.unhealthy_threshold = self.count(2, 3);
        group.health_check.path = self.pick(&[HealthPath::Dedicated, HealthPath::Shared]);
        group.deregistration_delay = secs(self.pick(&[0, 1, 5, 20, 60, 300]));
        group.algorithm = self.pick(&[
            Algorithm::RoundRobin,
            Algorithm::LeastOutstandingRequests,
            Algorithm::WeightedRandom,
        ]);
        if group.algorithm == Algorithm::RoundRobin && self.one_in(2) {
            group.slow_start = self.seconds(30, 60);
        }
        group.cross_zone = !self.one_in(4);
        group.stickiness.enabled = group.algorithm != Algorithm::WeightedRandom && self.one_in(3);
        group.stickiness.duration = secs(self.pick(&[1, 20, 86_400]));
        let balancer = &mut scenario.load_balancer;
        balancer.idle_timeout = secs(self.pick(&[1, 3, 20, 60]));
        balancer.client_keep_alive = secs(self.pick(&[60, 3600]));
        balancer.nodes_per_zone = self.count(1, 2);
    }

    pub(super) fn elbv2_rules(&mut self, scenario: &mut Scenario) {
        let elbv2 = &mut scenario.elbv2;
        if self.one_in(3) {
            elbv2.call_failure = Probability::new(self.pick(&[0.1, 0.7])).expect("a probability");
            elbv2.registration_rate = Rate::new(1.0).expect("a rate");
            elbv2.registration_burst = self.count(1, 3);
            elbv2.other_callers_rate = Rate::new(self.pick(&[0.0, 0.5, 2.0])).expect("a rate");
        }
        elbv2.propagation_bounded_by_delay = self.one_in(3);
        elbv2.initial_pass_count = self.pick(&[1, 1, 3]);
        elbv2.initial_in_fail_open = self.one_in(2);
        elbv2.unhealthy_cuts_in_flight = self.one_in(2);
        elbv2.retry_on_connect_failure = self.count(0, 1);
        elbv2.described_healthy_by = self.pick(&[Consensus::All, Consensus::Any]);
        elbv2.connect_timeout = self.pick(&[1, 10]).into_seconds();
    }

    /// The controller's leader, further target groups, quotas: drawn after everything else.
    pub(super) fn controller(&mut self, scenario: &mut Scenario) {
        let horizon_ms = scenario.horizon.as_ns() / 1_000_000;
        let lbc = &mut scenario.load_balancer_controller;
        if self.one_in(4) {
            lbc.other_target_group_bindings = self.count(1, 4);
            lbc.workers = self.count(1, 3);
        }
        lbc.leader_gap = self.dist(20_000);
        lbc.leader_node = self.one_in(6).then(|| self.count(0, scenario.cluster.nodes - 1));
        lbc.pod_webhook_failure_policy = self.pick(&[FailurePolicy::Ignore, FailurePolicy::Fail]);
        lbc.resync_after = self.seconds(1, 60);
        lbc.resync_jitter = self.dist(10_000);
        if scenario.pod.readiness_gate && self.one_in(4) {
            scenario.pod.readiness_gate_since = Some(self.seconds(0, 60));
        }
        let elbv2 = &mut scenario.elbv2;
        if self.one_in(6) {
            elbv2.describe_rate = Rate::new(0.5).expect("a rate");
            elbv2.describe_burst = self.count(1, 2);
            elbv2.other_describes_rate = Rate::new(self.pick(&[0.0, 0.5])).expect("a rate");
        }
        if self.one_in(6) {
            elbv2.enforce_targets_quota = true;
            elbv2.targets_per_target_group_quota = scenario.deployment.replicas + self.count(0, 5);
        }
        for _ in 0..self.count(0, 3).saturating_sub(1) {
            let at = ms(self.between(0, horizon_ms));
            let mut disruption = Disruption {
                at,
                ..Disruption::default()
            };
            if self.one_in(3) {
                let targets = self.count(0, 5);
                disruption.out_of_band_deregistration = Some(OutOfBandDeregistration { targets });
            } else {
                let all_replicas = self.one_in(2);
                disruption.controller_restart = Some(ControllerRestart { all_replicas });
            }
            scenario.disruptions.push(disruption);
        }
    }

    pub(super) fn minimum(&mut self, low: u32, high: u32) -> Minimum {
        if self.one_in(2) {
            Minimum::Off
        } else {
            Minimum::At(self.count(low, high))
        }
    }

    /// Thresholds, DNS, weights, zonal shifts, lost zones.
    pub(super) fn health(&mut self, scenario: &mut Scenario) {
        if self.one_in(3) {
            let health = &mut scenario.target_group.health;
            let routing = &mut health.unhealthy_state_routing.minimum_healthy_targets;
            routing.count = self.count(1, 6);
            routing.percentage = self.minimum(1, 60);
            let dns = &mut health.dns_failover.minimum_healthy_targets;
            dns.count = self.minimum(routing.count, 12);
            dns.percentage = self.minimum(60, 100);
        }
        let group = &mut scenario.target_group;
        if group.algorithm == Algorithm::WeightedRandom && self.one_in(2) {
            group.anomaly_mitigation = Switch::On;
            let rules = &mut scenario.anomaly_detection;
            rules.period = ms(self.between(500, 6_000));
            rules.minimum_healthy_targets = self.count(2, 4);
            rules.minimum_requests = self.count(1, 5);
            rules.failure_share_above_peers = Probability::new(self.pick(&[0.05, 0.2, 0.9])).expect("a probability");
            rules.minimum_share = Probability::new(self.pick(&[0.001, 0.05, 1.0])).expect("a probability");
            rules.ramp = self.seconds(0, 30);
        }
        let dns = &mut scenario.dns;
        dns.ttl = self.pick(&[1, 10, 60]).into_seconds();
        dns.failover_time = self.dist(5_000);
        dns.dead_node_time = self.dist(20_000);
        dns.shift_time = self.dist(5_000);
        dns.client_silence_timeout = ms(self.between(1, 10_000));
        scenario.load_balancer.zonal_shift = self.one_in(3);
        let horizon_ms = scenario.horizon.as_ns() / 1_000_000;
        let zones = scenario.cluster.zones;
        let mut add = |chance: &mut Self, set: fn(&mut Disruption, u32, SimDuration)| {
            let mut disruption = Disruption {
                at: ms(chance.between(0, horizon_ms)),
                every: chance.one_in(4).then(|| chance.seconds(5, 40)),
                ..Disruption::default()
            };
            set(
                &mut disruption,
                chance.count(0, zones - 1),
                ms(chance.between(1, 60_000)),
            );
            scenario.disruptions.push(disruption);
        };
        if scenario.load_balancer.zonal_shift {
            add(self, |disruption, zone, duration| {
                disruption.zonal_shift = Some(ZonalShift { zone, duration });
            });
        }
        if self.one_in(6) {
            add(self, |disruption, zone, _| {
                disruption.zone_failure = Some(ZoneFailure {
                    zone,
                    ..ZoneFailure::default()
                });
            });
        }
        scenario.load_balancer.connection_reuse = self.pick(&[ConnectionReuse::Lifo, ConnectionReuse::Fifo]);
    }
}
