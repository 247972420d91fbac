//! What the runs of one setting give, and whether that meets the target.
//!
//! The replication is the unit: failures of one disruption come together. The upper bound is that of Gaffke (see
//! [`interval::ratio_upper_bounded`]), which imagines one replication more that fails as badly as the worst one, and never
//! below the exact binomial one of the requests. The lower bound is by the delta method with a Student-t quantile.

use std::collections::BTreeMap;

use sim_core::outcome::{Cause, Status};
use sim_core::stats;
use sim_core::summary::RunSummary;
use sim_core::time::SimDuration;
use validation::interval::{self, Counts};

use super::{Measure, Target};

/// Part of what a target allows that one run as bad as the worst may take.
const WORST_RUN_PART: f64 = 0.25;

/// Share of the pods that must be gone before the horizon, of those that are without a cover.
const SEEN_TO_THE_END: f64 = 0.95;

/// Seconds before the horizon in which nothing may fail of pods whose removal from the load balancer was not seen.
const LATE_S: usize = 10;

/// What one replication gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    requests_count: u64,
    five_xx_count: u64,
    events_count: u64,
    pods_count: u64,
    pod_time: SimDuration,
    drain: SimDuration,
    rollout: Option<SimDuration>,
    removal_max: SimDuration,
    removals_count: u64,
    late_count: u64,
    causes: BTreeMap<Cause, u64>,
}

impl Row {
    /// Of a run.
    pub(crate) fn new(run: &RunSummary) -> Self {
        let mut causes: BTreeMap<Cause, u64> = BTreeMap::new();
        for (cause, _, count) in run.causes.iter().filter(|(cause, ..)| cause.status().is_five_xx()) {
            *causes.entry(cause).or_default() += count;
        }
        let rollouts = run.disruptions.iter().filter(|disruption| disruption.kind == "rollout");
        Self {
            requests_count: run.requests_count(),
            five_xx_count: run.five_xx_count(),
            events_count: events(run),
            pods_count: run.termination.pods_count,
            pod_time: run.termination.pod_time,
            drain: run.termination.drain,
            rollout: rollouts.map(|rollout| rollout.drain).max(),
            removal_max: run.race.removal.max(),
            removals_count: run.race.removal.len() as u64,
            late_count: late(run),
            causes,
        }
    }

    /// Failures of this replication.
    pub(crate) fn five_xx_count(&self) -> u64 {
        self.five_xx_count
    }

    /// Events of this replication.
    pub(crate) fn events_count(&self) -> u64 {
        self.events_count
    }

    /// Requests of this replication.
    pub(crate) fn requests_count(&self) -> u64 {
        self.requests_count
    }
}

/// 5xx of the last [`LATE_S`] of the run.
fn late(run: &RunSummary) -> u64 {
    let last = run.series.iter().rev().take(LATE_S);
    let failed = last.flat_map(|second| Status::ALL.iter().zip(second.status_counts));
    failed
        .filter(|(status, _)| status.is_five_xx())
        .map(|(_, count)| u64::from(count))
        .sum()
}

/// Disruptions that took pods away; all of them where none did, such as a node that dies unnoticed; at least one, so
/// that a run without disruptions is one event.
fn events(run: &RunSummary) -> u64 {
    let took = run
        .disruptions
        .iter()
        .filter(|disruption| disruption.pods_count > 0)
        .count();
    let counted = if took == 0 { run.disruptions.len() } else { took };
    (counted as u64).max(1)
}

/// A mean and its one-sided bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    /// Ratio of totals.
    pub(crate) mean: f64,
    /// It is above this with the confidence asked for.
    pub(crate) low: f64,
    /// It is below this with the confidence asked for.
    pub(crate) high: f64,
}

/// Whether a target is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The upper bound is at or below the target.
    Met,
    /// The lower bound is above the target.
    Missed,
    /// The target is not missed, but pods were not gone before the horizon, or not out of the load balancer: what they
    /// fail later is unknown.
    Unfinished,
    /// The target is between the bounds, and there were no more replications.
    Undecided,
}

/// What all replications of one setting gave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    /// Replications.
    pub(crate) replications_count: u64,
    /// Disruption events in them.
    pub(crate) events_count: u64,
    /// Requests in them.
    pub(crate) requests_count: u64,
    /// Those that failed with 500 or above.
    pub(crate) five_xx_count: u64,
    /// 5xx of an event.
    pub(crate) errors_per_event: Estimate,
    /// 5xx of all requests.
    pub(crate) five_xx_ratio: Estimate,
    /// Time that pods spent terminating, of an event, seconds.
    pub(crate) pod_seconds_per_event: f64,
    /// From a disruption's start to the end of its last pod, the longest of a run, mean, seconds.
    pub(crate) drain_s: f64,
    /// The same of rollouts; nothing without one.
    pub(crate) rollout_s: Option<f64>,
    /// The slowest removal from the ALB.
    pub(crate) removal_max: SimDuration,
    /// Failures that the worst replication is taken to have: more than seen where hardly any failed.
    pub(crate) worst_count: u64,
    /// Failures by cause, of an event, most frequent first.
    pub(crate) causes: Vec<(Cause, f64)>,
    /// Whether its pods were seen to their end.
    pub(crate) finished: bool,
    /// Whether the target is met.
    pub(crate) verdict: Verdict,
}

impl Measured {
    /// Of at least one replication. `worst` is how many failures another replication may have; no fewer than seen.
    /// `finished` is whether its pods were seen to their end.
    pub(crate) fn new(rows: &[Row], target: Target, worst: u64, finished: bool) -> Self {
        let sum = |of: &dyn Fn(&Row) -> u64| rows.iter().map(of).sum::<u64>();
        let runs = rows.len() as u64;
        let events = sum(&|row| row.events_count);
        let worst = rows.iter().map(Row::five_xx_count).fold(worst, u64::max);
        let errors_per_event = estimate(rows, Row::events_count, worst, target.confidence);
        let five_xx_ratio = estimate(rows, Row::requests_count, worst, target.confidence);
        let judged = match target.measure {
            Measure::ErrorsPerEvent => errors_per_event,
            Measure::FiveXxRatio => five_xx_ratio,
        };
        let verdict = if judged.low > target.value {
            Verdict::Missed
        } else if !finished {
            Verdict::Unfinished
        } else if judged.high <= target.value {
            Verdict::Met
        } else {
            Verdict::Undecided
        };
        let mut by_cause: BTreeMap<Cause, u64> = BTreeMap::new();
        for (cause, count) in rows.iter().flat_map(|row| &row.causes) {
            *by_cause.entry(*cause).or_default() += count;
        }
        let mut causes: Vec<(Cause, f64)> = by_cause
            .into_iter()
            .map(|(cause, count)| (cause, stats::ratio(count, events)))
            .collect();
        causes.sort_by(|a, b| b.1.total_cmp(&a.1));
        let rollouts: Vec<u64> = rows
            .iter()
            .filter_map(|row| row.rollout)
            .map(SimDuration::as_ns)
            .collect();
        let seconds = |ns: u64, count: u64| stats::ratio(ns, count) / 1e9;
        Self {
            replications_count: runs,
            events_count: events,
            requests_count: sum(&|row| row.requests_count),
            five_xx_count: sum(&|row| row.five_xx_count),
            errors_per_event,
            five_xx_ratio,
            pod_seconds_per_event: seconds(sum(&|row| row.pod_time.as_ns()), events),
            drain_s: seconds(sum(&|row| row.drain.as_ns()), runs),
            rollout_s: (!rollouts.is_empty()).then(|| seconds(rollouts.iter().sum(), rollouts.len() as u64)),
            removal_max: rows
                .iter()
                .map(|row| row.removal_max)
                .max()
                .unwrap_or(SimDuration::ZERO),
            worst_count: worst,
            causes,
            finished,
            verdict,
        }
    }

    /// Replications after which one run that fails as badly as the worst takes no more than [`WORST_RUN_PART`] of what
    /// the target allows. Without a failure in `n` runs of which each may have `worst`, the bound is about
    /// `worst · ln(1/α) / n` (rule of three).
    pub(crate) fn enough_for_worst(&self, target: Target) -> u32 {
        let units = match target.measure {
            Measure::ErrorsPerEvent => self.events_count,
            Measure::FiveXxRatio => self.requests_count,
        };
        let allowed = target.value * stats::ratio(units, self.replications_count);
        let wanted = float(self.worst_count) * (1.0 / (1.0 - target.confidence)).ln() / (allowed * WORST_RUN_PART);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and saturates"
        )]
        let wanted = wanted.ceil() as u32;
        wanted
    }

    /// The estimate that the target limits.
    pub(crate) fn judged(&self, target: Target) -> Estimate {
        match target.measure {
            Measure::ErrorsPerEvent => self.errors_per_event,
            Measure::FiveXxRatio => self.five_xx_ratio,
        }
    }
}

/// Failures per unit of `per`, with bounds.
fn estimate(rows: &[Row], per: impl Fn(&Row) -> u64, worst: u64, confidence: f64) -> Estimate {
    let failures: u64 = rows.iter().map(|row| row.five_xx_count).sum();
    let requests: u64 = rows.iter().map(|row| row.requests_count).sum();
    let units: u64 = rows.iter().map(&per).sum();
    if requests == 0 || units == 0 {
        return Estimate {
            mean: 0.0,
            low: 0.0,
            high: 1.0,
        };
    }
    let mean = stats::ratio(failures, units);
    // The exact bounds are of the share of requests.
    let scale = stats::ratio(requests, units);
    let low = match failures {
        0 => 0.0,
        _ => interval::clopper_pearson(failures, requests, 2.0 * confidence - 1.0 + f64::EPSILON).low * scale,
    };
    let counts: Vec<Counts> = rows
        .iter()
        .map(|row| Counts {
            failures: row.five_xx_count,
            requests: per(row),
        })
        .collect();
    let high = interval::clopper_pearson_upper(failures, requests, confidence) * scale;
    let half_width = half_width(rows, &per, mean, confidence).unwrap_or(0.0);
    Estimate {
        mean,
        low: low.min(mean - half_width).max(0.0),
        high: high.max(interval::ratio_upper_bounded(&counts, float(worst), confidence)),
    }
}

/// By the delta method; nothing with a single replication.
fn half_width(rows: &[Row], per: impl Fn(&Row) -> u64, mean: f64, confidence: f64) -> Option<f64> {
    if rows.len() < 2 {
        return None;
    }
    let n = float(rows.len() as u64);
    let mean_units = rows.iter().map(|row| float(per(row))).sum::<f64>() / n;
    let squares: f64 = rows
        .iter()
        .map(|row| (float(row.five_xx_count) - mean * float(per(row))).powi(2))
        .sum();
    let standard_error = (squares / (n * (n - 1.0))).sqrt() / mean_units;
    Some(interval::student_t_quantile(confidence, n - 1.0) * standard_error)
}

/// Whether the pods of a setting were seen to their end: about as many were gone before the horizon, and out of the load
/// balancer, as with each of the `others` in the same replications. Where pods went, no removal was seen at all and
/// requests fail until the end, the horizon comes before the removals.
pub(crate) fn finished(rows: &[Row], others: [&[Row]; 2]) -> bool {
    let compared = |of: fn(&Row) -> u64| {
        let sum = |rows: &[Row]| rows.iter().map(of).sum::<u64>();
        let sums = others.map(|other| {
            let both = rows.len().min(other.len());
            (sum(&rows[..both]), sum(&other[..both]))
        });
        let is_enough = sums
            .iter()
            .all(|(seen, expected)| float(*seen) >= SEEN_TO_THE_END * float(*expected));
        (is_enough, sums.iter().any(|(_, expected)| *expected > 0))
    };
    let (all_gone, any_gone) = compared(|row| row.pods_count);
    let (all_removed, any_removed) = compared(|row| row.removals_count);
    let (_, any_late) = compared(|row| row.late_count);
    all_gone && all_removed && (any_removed || !any_gone || !any_late)
}

/// Whether the second setting fails measurably less than the first: the same replications, paired.
pub(crate) fn lowers(before: &[Row], after: &[Row], confidence: f64) -> bool {
    let differences: Vec<f64> = before
        .iter()
        .zip(after)
        .map(|(before, after)| float(before.five_xx_count()) - float(after.five_xx_count()))
        .collect();
    let n = float(differences.len() as u64);
    let mean = differences.iter().sum::<f64>() / n;
    if differences.len() < 2 {
        return mean > 0.0;
    }
    let squares: f64 = differences.iter().map(|difference| (difference - mean).powi(2)).sum();
    let standard_error = (squares / (n * (n - 1.0))).sqrt();
    mean - interval::student_t_quantile(confidence, n - 1.0) * standard_error > 0.0
}

/// Counts stay far below 2^53.
fn float(count: u64) -> f64 {
    stats::ratio(count, 1)
}

#[cfg(test)]
mod tests;
