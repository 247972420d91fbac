//! What the scenario does to the fleet, and the summary entry of each.

use crate::event::Event;
use crate::summary::DisruptionSummary;
use crate::time::{SimDuration, SimTime};
use crate::trace::Fact;
use crate::world::World;

impl World<'_> {
    /// The index of the summary entry of a new disruption.
    pub(crate) fn begin_disruption(&mut self, kind: &'static str) -> u32 {
        let disruption = u32::try_from(self.disruptions.len()).expect("few disruptions");
        self.disruptions.push(DisruptionSummary {
            at: self.now,
            kind,
            pods_count: 0,
            status_counts: [0; crate::outcome::Status::COUNT],
            drain: SimDuration::ZERO,
        });
        self.fact(|| Fact::DisruptionStarted {
            disruption,
            kind: kind.into(),
        });
        disruption
    }

    pub(super) fn disruption_due(&mut self, index: u32) {
        let disruption = &self.scenario.disruptions[index as usize];
        if let Some(every) = disruption.every {
            self.schedule(every, Event::DisruptionDue { disruption: index });
        }
        if let Some(scale) = &disruption.scale {
            match (&scale.replicas, &scale.schedule) {
                (Some(replicas), _) => self.scale("scale", *replicas),
                (None, Some(_)) => self.schedule_changed(index),
                (None, None) => unreachable!("validated: one of both"),
            }
        } else if disruption.rollout.is_some() {
            self.rollout();
        } else if let Some(drain) = &disruption.node_drain {
            self.node_drain(drain);
        } else if let Some(crash) = &disruption.pod_crash {
            self.pod_crash(crash.pods);
        } else if disruption.hpa.is_some() {
            self.hpa_starts();
        } else if let Some(restart) = &disruption.controller_restart {
            self.controller_restart(restart.all_replicas);
        } else if let Some(others) = &disruption.out_of_band_deregistration {
            self.deregister_out_of_band(others.targets);
        } else if let Some(rules) = &disruption.node_pressure_eviction {
            self.node_pressure_eviction(rules);
        } else if let Some(rules) = &disruption.instance_termination {
            self.instance_termination(rules);
        } else if let Some(rules) = &disruption.node_failure {
            self.node_failure(rules);
        } else if let Some(rules) = &disruption.zone_failure {
            self.zone_failure(rules);
        } else if let Some(rules) = &disruption.zonal_shift {
            self.zonal_shift(rules);
        } else if disruption.cluster_autoscaler.is_some() {
            self.cluster_autoscaler_starts();
        } else {
            self.capacity_disruption(index);
        }
    }

    pub(super) fn schedule_changed(&mut self, index: u32) {
        let disruption = &self.scenario.disruptions[index as usize];
        let schedule = disruption
            .scale
            .as_ref()
            .and_then(|scale| scale.schedule.as_ref())
            .expect("a scale schedule");
        let start = SimTime::ZERO + disruption.at;
        let into = SimTime::from_ns((self.now - start).as_ns());
        let replicas = u32::try_from(schedule.value_at(into)).expect("fewer than 2^32 replicas");
        if replicas != self.deployment.replicas {
            self.scale("scale", replicas);
        }
        if let Some(next) = schedule.next_change(into) {
            self.schedule_at(
                start + (next - SimTime::ZERO),
                Event::ScheduleChanged { disruption: index },
            );
        }
    }
}
