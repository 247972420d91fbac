//! The picture of each series: observed against predicted, bin by bin.

use sim_core::rng::Seed;
use validation::published::report::PublishedReport;

use crate::pictures::Named;

/// One figure per series.
pub(super) fn of(_report: &PublishedReport, _seed: Seed) -> Vec<Named> {
    Vec::new()
}
