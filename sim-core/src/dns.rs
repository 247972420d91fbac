//! The load balancer's name in DNS: zones that fall below their health threshold, zones that are shifted away, zones
//! whose ALB nodes are gone (alb §2.2, §8).
//!
//! ```text
//! healthy targets below the minimum ─ failover time ─┐
//! zonal shift begins or ends ───────── shift time ───┼─► record without (or with) the zone ─► clients, within the TTL
//! ALB nodes of the zone die ───── dead-node time ────┘
//! ```
//!
//! If no zone is left, all are answered: DNS fails open.

use alloc::vec::Vec;

use crate::event::Event;
use crate::id::{AlbNodeId, TargetId};
use crate::scenario::Scenario;
use crate::scenario::disruption::ZonalShift;
use crate::time::SimDuration;
use crate::trace::{Fact, NodeTargetState, TargetHealthState, TargetOverride};
use crate::traffic::thresholds::Minimums;
use crate::world::World;

/// One zone of the load balancer.
#[derive(Debug, Clone, Copy, Default)]
struct Zone {
    /// Whether too few of its targets are healthy.
    below: bool,
    /// Grows with every change of `below`.
    changes: u32,
    /// `below` as DNS has it.
    below_in_dns: bool,
    /// Whether DNS has noticed that its ALB nodes are gone.
    dead_in_dns: bool,
    /// Zonal shifts under way.
    shifts: u32,
}

/// What decides over the record.
#[derive(Debug)]
pub(crate) struct DnsState {
    minimum: Minimums,
    /// Whether thresholds can act: with cross-zone on all zones see the same targets.
    by_zone: bool,
    zones: Vec<Zone>,
    /// Zones in the record.
    answer: Vec<u32>,
    /// Targets whose override the trace has told of.
    overridden: Vec<TargetId>,
}

impl DnsState {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self {
            minimum: Minimums::of_dns(&scenario.target_group.health),
            by_zone: !scenario.target_group.cross_zone,
            zones: (0..scenario.cluster.zones).map(|_| Zone::default()).collect(),
            answer: (0..scenario.cluster.zones).collect(),
            overridden: Vec::new(),
        }
    }
}

impl World<'_> {
    /// The state at the run's start: what is below its threshold has long left DNS.
    pub(crate) fn start_dns(&mut self) {
        for zone in 0..self.dns.zones.len() {
            let below = self.dns.by_zone && self.is_below_threshold(zone);
            self.dns.zones[zone].below = below;
            self.dns.zones[zone].below_in_dns = below;
            self.traffic.summary.observations.dns_failovers += u64::from(below);
        }
        self.update_dns();
        if self.scenario.target_group.anomaly_mitigation.is_on() {
            let period = self.scenario.anomaly_detection.period;
            for alb_node in 0..self.traffic.rotations.len() {
                let phase = self.latencies.anomaly_phase.next_u64() % period.as_ns();
                let alb_node = AlbNodeId::at(alb_node);
                self.schedule(SimDuration::from_ns(phase), Event::WeightsDue { alb_node });
            }
        }
    }

    fn alb_nodes_of(&self, zone: usize) -> impl Iterator<Item = usize> + use<> {
        let each = self.scenario.load_balancer.nodes_per_zone as usize;
        zone * each..(zone + 1) * each
    }

    /// Whether all ALB nodes of a zone know too few healthy targets. Without any target the zone stays in DNS and
    /// answers 503 (alb §2.2).
    fn is_below_threshold(&self, zone: usize) -> bool {
        self.alb_nodes_of(zone).all(|alb_node| {
            let rotation = &self.traffic.rotations[alb_node];
            rotation.known() > 0 && self.dns.minimum.is_missed_by(rotation.healthy.len(), rotation.known())
        })
    }

    /// An ALB node's view of some target changed: its zone may have fallen below its threshold, or risen above it.
    pub(crate) fn check_dns_threshold(&mut self, alb_node: usize) {
        let zone = usize::from(self.traffic.rotations[alb_node].zone);
        if !self.dns.by_zone || self.traffic.rotations[alb_node].dead {
            return;
        }
        let below = self.is_below_threshold(zone);
        let state = &mut self.dns.zones[zone];
        if state.below != below {
            state.below = below;
            state.changes += 1;
            let changes = state.changes;
            let zone = u8::try_from(zone).expect("few zones");
            let after = self.latencies.dns_failover.draw();
            self.schedule(after, Event::ZoneHealthSeen { zone, changes });
        }
    }

    /// DNS acts on the threshold of a zone, unless the zone has changed again.
    pub(crate) fn zone_health_seen(&mut self, zone: u8, changes: u32) {
        let state = &mut self.dns.zones[usize::from(zone)];
        if state.changes == changes {
            self.traffic.summary.observations.dns_failovers += u64::from(state.below && !state.below_in_dns);
            state.below_in_dns = state.below;
            self.update_dns();
        }
    }

    /// ALB nodes that learn of calls.
    pub(crate) fn living_alb_nodes(&self) -> Vec<AlbNodeId> {
        let all = (0..self.traffic.rotations.len()).map(AlbNodeId::at);
        all.filter(|alb_node| !self.traffic.rotations[alb_node.index()].dead)
            .collect()
    }

    /// The ALB nodes of a zone die.
    pub(crate) fn alb_nodes_die(&mut self, zone: u32) {
        let now = self.now.as_ns();
        let mut died = false;
        for alb_node in self.alb_nodes_of(zone as usize) {
            if self.traffic.rotations[alb_node].dead {
                continue;
            }
            died = true;
            for target in self.target_ids() {
                if self.traffic.view(target.0, alb_node) != NodeTargetState::Unknown {
                    self.drop_watch(target, alb_node);
                }
            }
            self.fact(|| Fact::AlbNodeDied {
                alb_node: AlbNodeId::at(alb_node).0,
            });
            let initial_usable = self.scenario.elbv2.initial_in_fail_open;
            self.traffic.kill_alb_node(now, alb_node, initial_usable);
        }
        if died {
            // The views of those that live decide from now on.
            for target in self.target_ids() {
                self.update_described(target);
            }
            let zone = u8::try_from(zone).expect("few zones");
            let after = self.latencies.dns_dead_node.draw();
            self.schedule(after, Event::DeadZoneSeen { zone });
        }
    }

    /// DNS drops the dead ALB nodes of a zone.
    pub(crate) fn dead_zone_seen(&mut self, zone: u8) {
        self.dns.zones[usize::from(zone)].dead_in_dns = true;
        self.update_dns();
    }

    /// ARC is asked to shift a zone away.
    pub(crate) fn zonal_shift(&mut self, rules: &ZonalShift) {
        self.begin_disruption("zonal_shift");
        let zone = u8::try_from(rules.zone).expect("few zones");
        let begins = self.latencies.dns_shift.draw();
        // An end never acts before its beginning.
        let ends = (rules.duration + self.latencies.dns_shift.draw()).max(begins);
        self.schedule(begins, Event::ZonalShiftActs { zone, active: true });
        self.schedule(ends, Event::ZonalShiftActs { zone, active: false });
    }

    /// A shift reaches DNS and the targets, or its end does.
    pub(crate) fn zonal_shift_acts(&mut self, zone: u8, active: bool) {
        let shifts = &mut self.dns.zones[usize::from(zone)].shifts;
        *shifts = if active { *shifts + 1 } else { *shifts - 1 };
        if *shifts != u32::from(active) {
            // Another one is under way.
            return;
        }
        if self.scenario.target_group.cross_zone {
            let initial_usable = self.scenario.elbv2.initial_in_fail_open;
            self.traffic.shift_zone(self.now.as_ns(), zone, active, initial_usable);
        }
        if active {
            for target in self.target_ids() {
                let mut nodes = 0..self.traffic.rotations.len();
                // An ALB node may still send to a target whose deregistration delay is over.
                if self.elbv2.described(target) != TargetHealthState::Unused
                    || nodes.any(|node| self.traffic.view(target.0, node) != NodeTargetState::Unknown)
                {
                    self.override_if_shifted(target);
                }
            }
        } else {
            let (back, kept) = core::mem::take(&mut self.dns.overridden)
                .into_iter()
                .partition(|target| self.zone_of(*target) == zone);
            self.dns.overridden = kept;
            let back: Vec<TargetId> = back;
            for target in back {
                self.tell_override(target, TargetOverride::NoOverride);
            }
        }
        self.update_dns();
    }

    /// A registered target of a shifted zone has an administrative override.
    pub(crate) fn override_if_shifted(&mut self, target: TargetId) {
        let zone = usize::from(self.zone_of(target));
        if self.dns.zones[zone].shifts == 0 || self.dns.overridden.contains(&target) {
            return;
        }
        self.dns.overridden.push(target);
        let state = if self.scenario.target_group.cross_zone {
            TargetOverride::ZonalShiftActive
        } else {
            TargetOverride::ZonalShiftDelegatedToDns
        };
        self.tell_override(target, state);
    }

    fn tell_override(&mut self, target: TargetId, state: TargetOverride) {
        self.fact(|| Fact::TargetOverridden {
            target: target.0,
            state,
        });
    }

    /// Writes the record anew, if it changes.
    fn update_dns(&mut self) {
        let zones = || (0u32..).zip(&self.dns.zones);
        let mut answer: Vec<u32> = zones()
            .filter(|(_, state)| !state.below_in_dns && !state.dead_in_dns && state.shifts == 0)
            .map(|(zone, _)| zone)
            .collect();
        if answer.is_empty() {
            answer = zones().map(|(zone, _)| zone).collect();
        }
        if answer == self.dns.answer {
            return;
        }
        let alb_nodes = answer.iter().flat_map(|zone| self.alb_nodes_of(*zone as usize));
        let alb_nodes = alb_nodes.map(|node| AlbNodeId::at(node).0).collect();
        self.traffic.dns_answers(self.now.as_ns(), alb_nodes);
        self.dns.answer.clone_from(&answer);
        self.fact(|| Fact::DnsAnswered { zones: answer });
    }

    /// One ALB node sets the weights of its targets anew.
    pub(crate) fn weights_due(&mut self, alb_node: AlbNodeId) {
        if self.traffic.rotations[alb_node.index()].dead {
            return;
        }
        let changes = self.traffic.set_weights(self.now.as_ns(), alb_node.index());
        for (target, mitigated) in changes {
            self.traffic.summary.observations.mitigations += u64::from(mitigated);
            self.fact(|| Fact::TargetMitigated {
                alb_node: alb_node.0,
                target,
                mitigated,
            });
        }
        let period = self.scenario.anomaly_detection.period;
        self.schedule(period, Event::WeightsDue { alb_node });
    }
}
