//! What a design point gives.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sim_core::outcome::Status;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use validation::interval::{self, Counts, Interval, Method};

use super::Replications;
use crate::aggregate::{CONFIDENCE, five_xx_of};
use crate::simulate;

/// One replication of a design point. Whole numbers only, so that a journal keeps them exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReplicationRow {
    /// Requests by status, in the order of [`Status::ALL`].
    pub(crate) status_counts: [u64; Status::COUNT],
    /// Pods that were deleted.
    pub(crate) terminated_pods_count: u64,
    /// Time they spent terminating, summed.
    pub(crate) terminating_pod_ns: u64,
    /// The longest of them.
    pub(crate) drain_ns: u64,
    /// Quantiles of the time from a pod's deletion to its removal from the last ALB node: p50, p95, p99, maximum.
    pub(crate) removal_ns: [u64; 4],
    /// The same of the race window.
    pub(crate) race_window_ns: [u64; 4],
    /// Control-plane events.
    pub(crate) events_count: u64,
}

/// A finished design point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PointResult {
    /// Its number in the design, from 0.
    pub(crate) point: usize,
    /// Its replications by index.
    pub(crate) replications: Vec<ReplicationRow>,
}

impl ReplicationRow {
    fn new(run: &RunSummary) -> Self {
        let quantiles = |samples: &sim_core::stats::Samples| {
            [
                samples.quantile(0.5),
                samples.quantile(0.95),
                samples.quantile(0.99),
                samples.max(),
            ]
            .map(sim_core::time::SimDuration::as_ns)
        };
        Self {
            status_counts: run.status_counts,
            terminated_pods_count: run.termination.pods_count,
            terminating_pod_ns: run.termination.pod_time.as_ns(),
            drain_ns: run.termination.drain.as_ns(),
            removal_ns: quantiles(&run.race.removal),
            race_window_ns: quantiles(&run.race.total),
            events_count: run.events_count,
        }
    }

    /// All requests.
    pub(crate) fn requests_count(&self) -> u64 {
        self.status_counts.iter().sum()
    }

    /// Those that ended with 500 or above.
    pub(crate) fn five_xx_count(&self) -> u64 {
        five_xx_of(&self.status_counts)
    }
}

impl PointResult {
    /// Share of requests that ended with 500 or above, its 95 % interval, and the interval's method.
    pub(crate) fn five_xx_ratio(&self) -> (f64, Interval, Method) {
        five_xx_ratio(&self.replications)
    }
}

fn five_xx_ratio(rows: &[ReplicationRow]) -> (f64, Interval, Method) {
    let counts: Vec<Counts> = rows
        .iter()
        .map(|row| Counts {
            failures: row.five_xx_count(),
            requests: row.requests_count(),
        })
        .collect();
    interval::failure_ratio(&counts, CONFIDENCE)
}

/// Runs the replications of a point, and more of them until the interval is narrow enough; nothing if `stop` is set
/// before they are done.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn run(
    point: usize,
    scenario: &Scenario,
    seed: Seed,
    replications: Replications,
    stop: &AtomicBool,
) -> anyhow::Result<Option<PointResult>> {
    let mut rows: Vec<ReplicationRow> = Vec::new();
    let mut wanted = replications.count;
    loop {
        let first = u32::try_from(rows.len()).expect("counted in 32 bits");
        let more: Vec<anyhow::Result<Option<ReplicationRow>>> = (first..wanted)
            .into_par_iter()
            .map(|replication| {
                if stop.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                Ok(Some(ReplicationRow::new(&simulate::one(scenario, seed, replication)?)))
            })
            .collect();
        for row in more {
            let Some(row) = row? else { return Ok(None) };
            rows.push(row);
        }
        let narrow = replications.until_half_width.is_none_or(|half_width| {
            let (_, interval, _) = five_xx_ratio(&rows);
            (interval.high - interval.low) / 2.0 <= half_width
        });
        if narrow || wanted >= replications.max {
            return Ok(Some(PointResult {
                point,
                replications: rows,
            }));
        }
        // Half as many again: few looks at the data, and little waste.
        wanted = (wanted + wanted.div_ceil(2)).min(replications.max);
    }
}
