//! metrics-server: what CPU each pod used in the last whole window, as the autoscaler reads it (nodes §6, §7).
//!
//! ```text
//!  scrape            scrape            scrape          (all pods at once, every `resolution`)
//!    ├──── window ─────┤                 │
//!    │ first point     │ first value ─ latency ─► the metrics API shows it until the next one
//! ```
//! A value needs two points of one process: a new pod, or a restarted container, has none for up to two scrapes.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::pod::Pod;
use crate::event::Event;
use crate::id::PodId;
use crate::time::{SimDuration, SimTime};
use crate::trace::ServerState;
use crate::world::World;

/// A pod whose use is measured.
#[derive(Debug)]
struct Measured {
    pod: PodId,
    /// Process of the last point; 0 if there is none.
    process: u32,
}

/// What one scrape found.
#[derive(Debug)]
pub(crate) struct Scrape {
    /// End of the window.
    pub(crate) at: SimTime,
    /// Its length.
    pub(crate) window: SimDuration,
    /// From when on the metrics API shows it.
    shown_at: SimTime,
    /// Millicores by pod, ascending.
    usage: Vec<(PodId, u64)>,
}

impl Scrape {
    /// Millicores that a pod used, if it has a value.
    pub(crate) fn usage_of(&self, pod: PodId) -> Option<u64> {
        let index = self.usage.binary_search_by_key(&pod, |(measured, _)| *measured).ok()?;
        Some(self.usage[index].1)
    }
}

/// metrics-server's memory.
#[derive(Debug, Default)]
pub(crate) struct MetricsState {
    /// Pods without `deletionTimestamp`, ascending; brought up to date by [`MetricsState::follow`].
    measured: Vec<Measured>,
    /// Pods that have been looked at so far.
    known: usize,
    /// Scrapes that may still be read, oldest first.
    scrapes: VecDeque<Scrape>,
}

impl MetricsState {
    /// Adds new pods and forgets deleted ones.
    fn follow(&mut self, pods: &[Pod]) {
        let new = (self.known..pods.len()).map(|index| Measured {
            pod: PodId::at(index),
            process: 0,
        });
        self.measured.extend(new);
        self.known = pods.len();
        self.measured.retain(|measured| {
            let pod = &pods[measured.pod.index()];
            pod.deletion.is_none() && !pod.object_gone
        });
    }

    /// Every pod without `deletionTimestamp`.
    pub(crate) fn pods(&mut self, pods: &[Pod]) -> impl Iterator<Item = PodId> {
        self.follow(pods);
        self.measured.iter().map(|measured| measured.pod)
    }

    /// The scrape that the metrics API shows at `now`.
    pub(crate) fn shown(&mut self, now: SimTime) -> Option<&Scrape> {
        while self.scrapes.get(1).is_some_and(|next| next.shown_at <= now) {
            self.scrapes.pop_front();
        }
        self.scrapes.front().filter(|scrape| scrape.shown_at <= now)
    }
}

impl World<'_> {
    /// metrics-server has long been there; only what it scrapes in this run is known.
    pub(crate) fn metrics_server_starts(&mut self) {
        let resolution = self.scenario.metrics_server.resolution;
        let phase = self.latencies.metrics_phase.next_u64() % resolution.as_ns();
        self.schedule(SimDuration::from_ns(phase), Event::MetricsScraped);
    }

    pub(crate) fn metrics_scraped(&mut self) {
        let window = self.scenario.metrics_server.resolution;
        self.schedule(window, Event::MetricsScraped);
        let now = self.now;
        let mut metrics = core::mem::take(&mut self.hpa.metrics);
        metrics.follow(&self.pods);
        let mut usage = Vec::with_capacity(metrics.measured.len());
        for measured in &mut metrics.measured {
            let pod = &self.pods[measured.pod.index()];
            let state = self.traffic.servers[measured.pod.index()].state;
            if pod.process == 0 || matches!(state, ServerState::Exited | ServerState::Removed) {
                measured.process = 0;
                continue;
            }
            let continues = measured.process == pod.process;
            measured.process = pod.process;
            let elapsed = if continues { window } else { now - pod.container_started };
            let service = self.traffic.take_service_time(measured.pod.0, elapsed.as_ns());
            if continues {
                usage.push((measured.pod, self.millicores(service, window)));
            }
        }
        // Scrapes follow one another, however long one of them takes.
        let latency = self.latencies.metrics_latency.draw();
        let last = metrics.scrapes.back().map_or(SimTime::ZERO, |scrape| scrape.shown_at);
        metrics.scrapes.push_back(Scrape {
            at: now,
            window,
            shown_at: (now + latency).max(last),
            usage,
        });
        metrics.shown(now);
        self.hpa.metrics = metrics;
    }

    /// Mean CPU of a container that spent `service` ns on requests in a window, rounded up as the API's
    /// `MilliValue` does.
    fn millicores(&self, service: u64, window: SimDuration) -> u64 {
        let app = &self.scenario.app;
        let on_cpu = u128::from(service) * u128::from(app.cpu_share.parts_per_million());
        let millicores = (on_cpu * 1_000).div_ceil(u128::from(window.as_ns()) * 1_000_000);
        u64::try_from(millicores).expect("few cores") + app.idle_cpu.millicores()
    }
}
