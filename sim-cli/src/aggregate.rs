//! All replications of a run as one: sums, merged distributions, and per replication what its interval needs.
//!
//! Replications are added one by one in the order of their index, so nothing here depends on threads. Everything added
//! is a whole number, and floats are computed from the totals only.

mod peak;

use std::collections::BTreeMap;

use sim_core::outcome::Status;
use sim_core::stats::LatencyHistogram;
use sim_core::summary::{
    CauseCounts, DisruptionSummary, Observations, RaceSamples, RunSummary, SeriesRow, Termination,
};
use sim_core::time::{SimDuration, SimTime};
use validation::interval::{self, Counts, Interval, Method};

pub(crate) use peak::Peak;

/// Confidence of every interval reported.
pub(crate) const CONFIDENCE: f64 = 0.95;

/// What all replications returned together.
#[derive(Debug, Clone)]
pub(crate) struct Aggregate {
    /// Requests by status of each replication, by index.
    pub(crate) replications: Vec<[u64; Status::COUNT]>,
    /// Failed requests by cause and hop.
    pub(crate) causes: CauseCounts,
    /// Latency of all requests.
    pub(crate) latency: LatencyHistogram,
    /// Sum over the replications for each second of the run.
    pub(crate) seconds: Vec<PooledSecond>,
    /// Race window of all pods.
    pub(crate) race: RaceSamples,
    /// Sums over the replications; `drain` is the sum of each replication's longest.
    pub(crate) termination: Termination,
    /// One entry per disruption.
    pub(crate) disruptions: Vec<PooledDisruption>,
    /// Sums, and the largest where one replication's value is itself a largest.
    pub(crate) observations: Observations,
    /// Control-plane events handled.
    pub(crate) events_count: u64,
}

/// One second of the run, summed over the replications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PooledSecond {
    /// Requests issued in it.
    pub(crate) requests_count: u64,
    /// Those of them that ended with 500 or above.
    pub(crate) five_xx_count: u64,
    /// As in [`SeriesRow`].
    pub(crate) dead_target_ns: u128,
    /// As in [`SeriesRow`].
    pub(crate) rotation_target_ns: u128,
}

/// One disruption, over all replications in which it took place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PooledDisruption {
    /// Its start in the first of them.
    pub(crate) at: SimTime,
    /// Its kind in the first of them.
    pub(crate) kind: &'static str,
    /// How many of its kind came before it.
    nth: usize,
    /// Number of replications in which it took place.
    pub(crate) replications_count: u64,
    /// Sum of pods deleted or crashed.
    pub(crate) pods_count: u64,
    /// Sum of requests by status.
    pub(crate) status_counts: [u64; Status::COUNT],
    /// Sum of the drain times.
    pub(crate) drain: SimDuration,
}

impl Aggregate {
    /// Nothing added yet.
    pub(crate) fn new() -> Self {
        Self {
            replications: Vec::new(),
            causes: CauseCounts::default(),
            latency: LatencyHistogram::new(),
            seconds: Vec::new(),
            race: RaceSamples::default(),
            termination: Termination::default(),
            disruptions: Vec::new(),
            observations: Observations::default(),
            events_count: 0,
        }
    }

    /// Adds the next replication.
    pub(crate) fn add(&mut self, run: &RunSummary) {
        let index = self.replications.len();
        assert_eq!(
            usize::try_from(run.replication),
            Ok(index),
            "replications are added in the order of their index"
        );
        self.replications.push(run.status_counts);
        self.causes.merge(&run.causes);
        self.latency.merge(&run.latency);
        if self.seconds.len() < run.series.len() {
            self.seconds.resize(run.series.len(), PooledSecond::default());
        }
        for (pooled, row) in self.seconds.iter_mut().zip(&run.series) {
            pooled.add(row);
        }
        self.race.merge(&run.race);
        self.termination.pods_count += run.termination.pods_count;
        self.termination.pod_time += run.termination.pod_time;
        self.termination.drain += run.termination.drain;
        self.add_disruptions(&run.disruptions);
        merge_observations(&mut self.observations, &run.observations);
        self.events_count += run.events_count;
    }

    /// Pools the first of each kind with the first, the second with the second: an autoscaler acts at other instants in
    /// each replication, so an index in the whole list would mix the kinds.
    fn add_disruptions(&mut self, disruptions: &[DisruptionSummary]) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for disruption in disruptions {
            let of_kind = counts.entry(disruption.kind).or_default();
            let nth = *of_kind;
            *of_kind += 1;
            let mut same = self.disruptions.iter_mut();
            match same.find(|pooled| pooled.kind == disruption.kind && pooled.nth == nth) {
                Some(pooled) => pooled.add(disruption),
                None => self.disruptions.push(PooledDisruption::new(disruption, nth)),
            }
        }
        self.disruptions.sort_by_key(|pooled| pooled.at);
    }

    /// Number of replications.
    pub(crate) fn replications_count(&self) -> u64 {
        self.replications.len() as u64
    }

    /// Requests by status.
    pub(crate) fn status_counts(&self) -> [u64; Status::COUNT] {
        let mut total = [0; Status::COUNT];
        for counts in &self.replications {
            add_counts(&mut total, counts);
        }
        total
    }

    /// Share of requests that ended with 500 or above, its interval, and the interval's method.
    pub(crate) fn five_xx_ratio(&self) -> (f64, Interval, Method) {
        let counts: Vec<Counts> = self
            .replications
            .iter()
            .map(|counts| Counts {
                failures: five_xx_of(counts),
                requests: counts.iter().sum(),
            })
            .collect();
        interval::failure_ratio(&counts, CONFIDENCE)
    }

    /// The worst window of whole seconds after the warm-up.
    pub(crate) fn peak(&self, window: SimDuration, warm_up: SimDuration) -> Option<Peak> {
        let whole = |duration: SimDuration| usize::try_from(duration.as_ns().div_ceil(1_000_000_000)).ok();
        peak::peak(&self.seconds, whole(window)?, whole(warm_up)?)
    }
}

impl PooledSecond {
    fn add(&mut self, row: &SeriesRow) {
        for status in Status::ALL {
            let count = u64::from(row.status_counts[status as usize]);
            self.requests_count += count;
            self.five_xx_count += if status.is_five_xx() { count } else { 0 };
        }
        self.dead_target_ns += u128::from(row.dead_target_ns);
        self.rotation_target_ns += u128::from(row.rotation_target_ns);
    }
}

impl PooledDisruption {
    fn add(&mut self, disruption: &DisruptionSummary) {
        self.replications_count += 1;
        self.pods_count += u64::from(disruption.pods_count);
        add_counts(&mut self.status_counts, &disruption.status_counts);
        self.drain += disruption.drain;
    }

    fn new(disruption: &DisruptionSummary, nth: usize) -> Self {
        Self {
            at: disruption.at,
            kind: disruption.kind,
            nth,
            replications_count: 1,
            pods_count: u64::from(disruption.pods_count),
            status_counts: disruption.status_counts,
            drain: disruption.drain,
        }
    }
}

/// Requests that ended with 500 or above.
pub(crate) fn five_xx_of(status_counts: &[u64; Status::COUNT]) -> u64 {
    Status::ALL
        .iter()
        .filter(|status| status.is_five_xx())
        .map(|status| status_counts[*status as usize])
        .sum()
}

fn add_counts(total: &mut [u64; Status::COUNT], counts: &[u64; Status::COUNT]) {
    for (sum, count) in total.iter_mut().zip(counts) {
        *sum += count;
    }
}

/// Takes the fields apart, so that a new one cannot be forgotten here.
fn merge_observations(total: &mut Observations, run: &Observations) {
    let Observations {
        hooks_cut,
        hooks_failed,
        sigkills,
        stale_syncs,
        throttled,
        client_limited,
        targets_max,
        fail_open_requests,
        in_flight_at_horizon,
        evictions_refused,
        removals_given_up,
        node_group_updates_failed,
        unschedulable,
        probe_restarts,
        shut_down_pods,
        lost_pods,
        addresses_reused,
        waits,
        deregistrations,
        quota_refusals,
        gates_not_injected,
        creations_refused,
        hpa_large_steps,
        hpa_at_max,
        dns_failovers,
        mitigations,
    } = *run;
    total.hooks_cut += hooks_cut;
    total.hooks_failed += hooks_failed;
    total.sigkills += sigkills;
    total.stale_syncs += stale_syncs;
    total.throttled += throttled;
    total.client_limited = total.client_limited.max(client_limited);
    total.targets_max = total.targets_max.max(targets_max);
    total.fail_open_requests += fail_open_requests;
    total.in_flight_at_horizon += in_flight_at_horizon;
    total.evictions_refused += evictions_refused;
    total.removals_given_up += removals_given_up;
    total.node_group_updates_failed += node_group_updates_failed;
    total.unschedulable += unschedulable;
    total.probe_restarts += probe_restarts;
    total.shut_down_pods += shut_down_pods;
    total.lost_pods += lost_pods;
    total.addresses_reused += addresses_reused;
    total.waits.merge(&waits);
    total.deregistrations.merge(&deregistrations);
    total.quota_refusals += quota_refusals;
    total.gates_not_injected += gates_not_injected;
    total.creations_refused += creations_refused;
    total.hpa_large_steps += hpa_large_steps;
    total.hpa_at_max += hpa_at_max;
    total.dns_failovers += dns_failovers;
    total.mitigations += mitigations;
}

#[cfg(test)]
mod tests;
