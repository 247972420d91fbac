//! Runs of several scenarios at once, for those who compare them.

use std::panic::{self, AssertUnwindSafe};

use anyhow::anyhow;
use rayon::prelude::*;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};
use sim_core::world;

use crate::aggregate::Aggregate;

/// Takes nothing.
struct Nowhere;

impl TraceSink for Nowhere {
    fn record(&mut self, _: TraceRecord) {}
}

/// Runs `replications` of each scenario on the threads of the current pool; the results are in the order of the
/// scenarios, whatever order they end in.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn all(scenarios: &[&Scenario], seed: Seed, replications: u32) -> anyhow::Result<Vec<Aggregate>> {
    let aggregate = |scenario: &Scenario| -> anyhow::Result<Aggregate> {
        let runs: Vec<anyhow::Result<RunSummary>> = (0..replications)
            .into_par_iter()
            .map(|replication| one(scenario, seed, replication))
            .collect();
        let mut all = Aggregate::new();
        for run in runs {
            all.add(&run?);
        }
        Ok(all)
    };
    scenarios.par_iter().map(|scenario| aggregate(scenario)).collect()
}

/// One replication, without a trace.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn one(scenario: &Scenario, seed: Seed, replication: u32) -> anyhow::Result<RunSummary> {
    guarded(scenario, seed, replication, || {
        world::run(scenario, seed, replication, TraceLevel::Off, &mut Nowhere)
    })
}

/// Does `work`, which runs that replication.
///
/// # Errors
///
/// If the model breaks one of its invariants: what to report.
pub(crate) fn guarded<T>(
    scenario: &Scenario,
    seed: Seed,
    replication: u32,
    work: impl FnOnce() -> T,
) -> anyhow::Result<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        anyhow!(
            "replication {replication} of {} broke an invariant of the model (the message is above); please report it \
             with the scenario and `--seed {}`",
            scenario.name,
            seed.0
        )
    })
}
