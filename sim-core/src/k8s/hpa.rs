//! The `HorizontalPodAutoscaler` controller (nodes §7, kubernetes §4.5).
//!
//! ```text
//! requests ─► service time ─► scrape ─► utilisation ─► recommendation ─► stabilization ─► policies ─► replicas
//!    ▲          (server)    (metrics_server)   (recommend)                    (behavior)                  │
//!    └────────────────────────── pods that serve, pods that are taken away ◄──────────────────────────────┘
//! ```
//! The loop is closed: a request that fails before a server has it uses no CPU.

pub(crate) mod behavior;
pub(crate) mod recommend;

use alloc::vec::Vec;

use super::metrics_server::MetricsState;
use super::pod::Pod;
use crate::event::Event;
use crate::id::PodId;
use crate::scenario::hpa::{Hpa, HpaController};
use crate::time::{SimDuration, SimTime};
use crate::trace::Fact;
use crate::world::World;
use behavior::History;
use recommend::Seen;

/// The controller's memory, and that of the metrics-server it asks.
#[derive(Debug, Default)]
pub(crate) struct HpaState {
    pub(crate) metrics: MetricsState,
    /// What it saw last, for the series.
    pub(crate) utilization_permille: Option<u32>,
    history: History,
}

impl World<'_> {
    /// The object is created; the controller looks at it every period, at a random phase.
    pub(crate) fn hpa_starts(&mut self) {
        let period = self.scenario.hpa_controller.sync_period;
        let phase = self.latencies.hpa_phase.next_u64() % period.as_ns();
        self.schedule(SimDuration::from_ns(phase), Event::HpaSync);
    }

    pub(crate) fn hpa_sync(&mut self) {
        self.schedule(self.scenario.hpa_controller.sync_period, Event::HpaSync);
        let scenario = self.scenario;
        let mut hpas = scenario
            .disruptions
            .iter()
            .filter_map(|disruption| disruption.hpa.as_ref());
        let hpa = hpas.next().expect("only an autoscaler in the scenario starts one");
        let (now, current) = (self.now, self.deployment.replicas);
        let seen = self.hpa_sees();
        self.hpa.utilization_permille = seen.utilization_permille();
        let history = &mut self.hpa.history;
        history.begin(now, current);
        let tolerance = scenario.hpa_controller.tolerance.parts_per_million();
        let recommended = in_control(hpa, current)
            .then(|| seen.recommend(current, hpa.target_cpu_utilization, tolerance))
            .flatten();
        let replicas = match recommended {
            Some(recommended) => history.limit(now, hpa, current, recommended),
            // Switched off (0), out of its limits, or without metrics.
            None if current == 0 => 0,
            None => current.clamp(hpa.min_replicas, hpa.max_replicas),
        };
        history.changed(now, current, replicas);
        self.fact(|| Fact::HpaSynced {
            cpu_utilization_permille: seen.utilization_permille(),
            ready_count: seen.ready,
            unready_count: seen.unready,
            missing_count: seen.missing,
            current_count: current,
            recommended_count: recommended,
            replicas_count: replicas,
        });
        let observations = &mut self.traffic.summary.observations;
        observations.hpa_at_max += u64::from(recommended.is_some_and(|recommended| recommended > hpa.max_replicas));
        observations.hpa_large_steps += u64::from(replicas < current.div_ceil(2));
        if replicas != current {
            self.scale("hpa", replicas);
        }
    }

    /// Sorts the pods as upstream's `groupPods` does; the controller's own watch is taken to be up to date.
    fn hpa_sees(&mut self) -> Seen {
        let now = self.now;
        let flags = &self.scenario.hpa_controller;
        let mut metrics = core::mem::take(&mut self.hpa.metrics);
        let mut seen = Seen::new(self.scenario.pod.requests.cpu.millicores());
        // Pods with a `deletionTimestamp` are not among these.
        let pods: Vec<PodId> = metrics.pods(&self.pods).collect();
        let shown = metrics.shown(now);
        for id in pods {
            let pod = &self.pods[id.index()];
            if !pod.view.has_ip {
                // Its phase is Pending.
                seen.unready += 1;
                continue;
            }
            match shown.and_then(|scrape| Some((scrape, scrape.usage_of(id)?))) {
                None => seen.missing += 1,
                Some((scrape, _)) if is_unready(pod, now, flags, scrape.at, scrape.window) => seen.unready += 1,
                Some((_, millicores)) => {
                    seen.ready += 1;
                    seen.usage += millicores;
                }
            }
        }
        self.hpa.metrics = metrics;
        seen
    }
}

/// Whether the metrics are asked: not while it is switched off by 0 replicas or outside of its own limits.
fn in_control(hpa: &Hpa, current: u32) -> bool {
    current > 0 && (hpa.min_replicas..=hpa.max_replicas).contains(&current)
}

/// Whether a pod's CPU is left out: young pods unless they were Ready during the whole window, because starting uses
/// CPU; older ones only if they were never Ready.
fn is_unready(pod: &Pod, now: SimTime, flags: &HpaController, measured_at: SimTime, window: SimDuration) -> bool {
    let Some(started) = pod.started else {
        // It started long before the run, and was Ready then.
        return false;
    };
    if started + flags.cpu_initialization_period > now {
        !pod.view.ready || measured_at < pod.ready_since + window
    } else {
        !pod.view.ready && started + flags.initial_readiness_delay > pod.ready_since
    }
}
