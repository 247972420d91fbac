//! All replications of a run, in parallel.
//!
//! Replications run in batches; within a batch their results are collected by index and then added in that order, so
//! that the order of completion shows nowhere and memory holds one batch only.

use std::sync::Mutex;

use rayon::prelude::*;
use sim_core::check::Checker;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};
use sim_core::world;

use super::outputs::{Outputs, Recorders};
use crate::aggregate::Aggregate;
use crate::args::run::RunArgs;
use crate::commands::progress::Progress;
use crate::commands::thread_pool;
use crate::printer::Printer;
use crate::simulate;

/// What the replications gave.
pub(super) struct Runs {
    /// All of them together.
    pub(super) aggregate: Aggregate,
    /// Rules of the model that were broken, with `--check`.
    pub(super) violations: Vec<String>,
    /// Threads that ran them.
    pub(super) threads_count: usize,
}

/// One replication's result.
struct Replication {
    summary: RunSummary,
    violations: Vec<String>,
}

/// Runs every replication.
///
/// # Errors
///
/// If the threads cannot be started, the series cannot be written, or the model panics.
pub(super) fn run(
    args: &RunArgs,
    scenario: &Scenario,
    seed: Seed,
    outputs: &mut Outputs,
    printer: &Printer,
) -> anyhow::Result<Runs> {
    let pool = thread_pool(args.threads)?;
    let threads_count = pool.current_num_threads();
    let count = args.replications.get();
    let batch = u32::try_from(threads_count * 8).unwrap_or(u32::MAX).max(64);
    let recorders = Mutex::new(outputs.take_recorders());
    let mut runs = Runs {
        aggregate: Aggregate::new(),
        violations: Vec::new(),
        threads_count,
    };
    let progress = Progress::start(u64::from(count), "replications", printer);
    let mut first = 0;
    while first < count {
        let end = first.saturating_add(batch).min(count);
        let results: Vec<anyhow::Result<Replication>> = pool.install(|| {
            (first..end)
                .into_par_iter()
                .map(|replication| {
                    let result = one(scenario, seed, replication, args.check, &recorders);
                    progress.advance_by(1);
                    result
                })
                .collect()
        });
        for result in results {
            let replication = result?;
            outputs.add_series(&replication.summary)?;
            runs.aggregate.add(&replication.summary);
            runs.violations.extend(replication.violations);
        }
        first = end;
    }
    progress.finish();
    outputs.return_recorders(
        recorders
            .into_inner()
            .expect("no replication panicked while it held the lock"),
    );
    Ok(runs)
}

fn one(
    scenario: &Scenario,
    seed: Seed,
    replication: u32,
    check: bool,
    recorders: &Mutex<Recorders>,
) -> anyhow::Result<Replication> {
    let run = || {
        // Replication 0 alone is recorded, so nobody ever waits for this lock.
        let mut recorders = (replication == 0).then(|| recorders.lock().expect("one replication takes the lock, once"));
        let recorders = recorders
            .as_deref_mut()
            .filter(|recorders| recorders.level() > TraceLevel::Off);
        let recorded = recorders
            .as_ref()
            .map_or(TraceLevel::Off, |recorders| recorders.level());
        let level = if check { TraceLevel::All } else { recorded };
        let mut tap = Tap {
            recorders,
            checker: check.then(|| Checker::new(scenario, level)),
        };
        let summary = world::run(scenario, seed, replication, level, &mut tap);
        let violations = tap.checker.map(|checker| checker.finish(&summary)).unwrap_or_default();
        let named = |violation| format!("replication {replication}: {violation}");
        Replication {
            violations: violations.iter().map(named).collect(),
            summary,
        }
    };
    simulate::guarded(scenario, seed, replication, run)
}

/// Where the records of one replication go.
struct Tap<'a> {
    recorders: Option<&'a mut Recorders>,
    checker: Option<Checker>,
}

impl TraceSink for Tap<'_> {
    fn record(&mut self, record: TraceRecord) {
        if let Some(recorders) = &mut self.recorders {
            recorders.record(&record);
        }
        if let Some(checker) = &mut self.checker {
            checker.record(record);
        }
    }
}
