//! Builders and runs that the modules of this binary share.

#![allow(dead_code, reason = "each module uses some of them")]

use sim_core::check::Checker;
use sim_core::dist::Dist;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::time::SimDuration;
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};

/// Seed of every run that does not ask for another.
pub(crate) const SEED: Seed = Seed(42);

pub(crate) const fn secs(count: u64) -> SimDuration {
    SimDuration::from_secs(count)
}

pub(crate) const fn ms(count: u64) -> SimDuration {
    SimDuration::from_millis(count)
}

pub(crate) const fn constant(duration: SimDuration) -> Dist {
    Dist::Constant(duration)
}

/// [`Scenario::instantaneous`].
pub(crate) fn instant() -> Scenario {
    Scenario::instantaneous()
}

/// Runs replication 0 under [`SEED`], all requests traced. Panics if a checker finds anything.
pub(crate) fn run_traced(scenario: &Scenario) -> (RunSummary, Vec<TraceRecord>) {
    run_with(scenario, SEED, 0, TraceLevel::All)
}

/// Runs one replication with a trace at `level`. Panics if a checker finds anything.
pub(crate) fn run_with(
    scenario: &Scenario,
    seed: Seed,
    replication: u32,
    level: TraceLevel,
) -> (RunSummary, Vec<TraceRecord>) {
    let mut sink = Checked {
        trace: Vec::new(),
        checker: Checker::new(scenario, level),
    };
    let summary = sim_core::world::run(scenario, seed, replication, level, &mut sink);
    let violations = sink.checker.finish(&summary);
    assert!(
        violations.is_empty(),
        "{}",
        violations.iter().map(|found| format!("{found}\n")).collect::<String>()
    );
    (summary, sink.trace)
}

/// Runs replication 0 under [`SEED`] without a trace.
pub(crate) fn run_untraced(scenario: &Scenario) -> RunSummary {
    run_with(scenario, SEED, 0, TraceLevel::Off).0
}

/// Keeps the trace and checks it on the way.
struct Checked {
    trace: Vec<TraceRecord>,
    checker: Checker,
}

impl TraceSink for Checked {
    fn record(&mut self, record: TraceRecord) {
        self.trace.push(record.clone());
        self.checker.record(record);
    }
}
