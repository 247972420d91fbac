//! All state of a run, and the one `match` that routes events to components.

use crate::rng::Seed;
use crate::scenario::Scenario;
use crate::summary::RunSummary;
use crate::trace::{TraceLevel, TraceSink};

/// Runs one replication of a valid scenario.
///
/// # Panics
///
/// If [`Scenario::validate`] does not hold.
pub fn run(
    scenario: &Scenario,
    _seed: Seed,
    replication: u32,
    _level: TraceLevel,
    _sink: &mut dyn TraceSink,
) -> RunSummary {
    RunSummary::new(replication, scenario.horizon)
}
