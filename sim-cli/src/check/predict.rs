//! The standard disruptions, simulated.

use anyhow::Context as _;
use serde_json::Value as Json;
use sim_core::outcome::Cause;
use sim_core::rng::Seed;
use sim_core::stats;
use sim_core::time::SimDuration;
use std::collections::BTreeMap;
use validation::interval::Interval;

use crate::aggregate::{Aggregate, five_xx_of};
use crate::import::disruption::Standard;
use crate::import::{self, Imported};
use crate::scenario_file::Loaded;
use crate::simulate;
use crate::text::source::Sources;

/// Window of the peak.
const PEAK_WINDOW: SimDuration = SimDuration::from_secs(5);

/// What one disruption does.
#[derive(Debug)]
pub(crate) struct Prediction {
    /// Which.
    pub(crate) standard: Standard,
    /// The scenario.
    pub(crate) loaded: Loaded,
    /// Requests of an event's run, mean.
    pub(crate) requests_per_event: f64,
    /// Those that failed with 500 or above, mean.
    pub(crate) five_xx_per_event: f64,
    /// The same in each replication.
    pub(crate) five_xx: Vec<u64>,
    /// 95 % interval of that mean.
    pub(crate) five_xx_per_event_ci95: Interval,
    /// Share of all requests.
    pub(crate) five_xx_ratio: f64,
    /// 95 % interval of that share; only an upper bound where nothing failed.
    pub(crate) five_xx_ratio_ci95: Interval,
    /// Share in the worst five seconds.
    pub(crate) peak_five_xx_ratio: f64,
    /// Failures by cause, mean of an event, most frequent first.
    pub(crate) causes: Vec<(Cause, f64)>,
    /// The 99th percentile of the time from a pod's deletion to its removal from every ALB node.
    pub(crate) removal_p99: SimDuration,
}

/// How the predictions are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan<'p> {
    /// Seed of all random numbers.
    pub(crate) seed: Seed,
    /// Replications of each disruption.
    pub(crate) replications: u32,
    /// Which disruptions; all if empty.
    pub(crate) disruptions: &'p [Standard],
    /// `--profile`.
    pub(crate) profile: Option<&'p str>,
    /// `--set`.
    pub(crate) sets: &'p [String],
}

/// One scenario for each standard disruption that has something to disrupt, with the settings that `changes` gives for
/// it; where it gives nothing, the disruption is left out.
///
/// # Errors
///
/// As for a scenario file with these values.
pub(crate) fn scenarios(
    imported: &Imported<'_>,
    sources: &Sources,
    plan: Plan<'_>,
    changes: &dyn Fn(Standard) -> Option<Vec<(String, Json)>>,
) -> anyhow::Result<Vec<(Standard, Loaded)>> {
    let mut all = Vec::new();
    for standard in Standard::ALL {
        if !plan.disruptions.is_empty() && !plan.disruptions.contains(&standard) {
            continue;
        }
        let Some(changes) = changes(standard) else { continue };
        let Some(mut draft) = imported.with(standard) else {
            continue;
        };
        for (path, value) in changes {
            draft.set(&path, value, import::draft::Origin::Default("changed by the fix"));
        }
        let loaded = import::load(&draft, sources, plan.profile, plan.sets)
            .with_context(|| format!("cannot simulate the {}", standard.name()))?;
        all.push((standard, loaded));
    }
    Ok(all)
}

/// Simulates each of them.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn predict(scenarios: Vec<(Standard, Loaded)>, plan: Plan<'_>) -> anyhow::Result<Vec<Prediction>> {
    let all: Vec<_> = scenarios.iter().map(|(_, loaded)| &loaded.scenario).collect();
    let aggregates = simulate::all(&all, plan.seed, plan.replications)?;
    let predictions = scenarios.into_iter().zip(&aggregates);
    Ok(predictions
        .map(|((standard, loaded), aggregate)| prediction(standard, loaded, aggregate))
        .collect())
}

/// The 5xx of each scenario, replication by replication.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn five_xx(scenarios: &[(Standard, Loaded)], plan: Plan<'_>) -> anyhow::Result<Vec<Vec<u64>>> {
    let all: Vec<_> = scenarios.iter().map(|(_, loaded)| &loaded.scenario).collect();
    let aggregates = simulate::all(&all, plan.seed, plan.replications)?;
    Ok(aggregates.iter().map(five_xx_of_each).collect())
}

fn five_xx_of_each(aggregate: &Aggregate) -> Vec<u64> {
    aggregate.replications.iter().map(five_xx_of).collect()
}

fn mean_five_xx(aggregate: &Aggregate) -> f64 {
    stats::ratio(five_xx_of(&aggregate.status_counts()), aggregate.replications_count())
}

fn prediction(standard: Standard, loaded: Loaded, aggregate: &Aggregate) -> Prediction {
    let runs = aggregate.replications_count();
    let requests_per_event = stats::ratio(aggregate.status_counts().iter().sum(), runs);
    let (ratio, interval, _) = aggregate.five_xx_ratio();
    let peak = aggregate.peak(PEAK_WINDOW, loaded.scenario.warm_up);
    let mut by_cause: BTreeMap<Cause, u64> = BTreeMap::new();
    for (cause, _, count) in aggregate
        .causes
        .iter()
        .filter(|(cause, ..)| cause.status().is_five_xx())
    {
        *by_cause.entry(cause).or_default() += count;
    }
    let mut causes: Vec<(Cause, f64)> = by_cause
        .into_iter()
        .map(|(cause, count)| (cause, stats::ratio(count, runs)))
        .collect();
    causes.sort_by(|a, b| b.1.total_cmp(&a.1));
    Prediction {
        standard,
        requests_per_event,
        five_xx_per_event: mean_five_xx(aggregate),
        five_xx: five_xx_of_each(aggregate),
        five_xx_per_event_ci95: Interval {
            low: interval.low * requests_per_event,
            high: interval.high * requests_per_event,
        },
        five_xx_ratio: ratio,
        five_xx_ratio_ci95: interval,
        peak_five_xx_ratio: peak.map_or(0.0, |peak| {
            stats::ratio(peak.sums.five_xx_count, peak.sums.requests_count)
        }),
        causes,
        removal_p99: aggregate.race.removal.quantile(0.99),
        loaded,
    }
}
