//! The grid around what was found: why each setting binds.

use super::candidate::{Candidate, Cover};
use super::levers::whole_seconds;
use super::measure::{Measured, Verdict};
use super::search::{self, Search};

/// What is different from the advised settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Difference {
    /// So many seconds of cover.
    Cover(u64),
    /// Without the lever that sets this path.
    Without(&'static str),
    /// With a second less, and a lever instead.
    With(u64, &'static str),
    /// With a grace period of so many seconds.
    Grace(u64),
}

/// One point of the grid.
#[derive(Debug, Clone)]
pub(crate) struct Neighbour {
    /// How it differs.
    pub(crate) difference: Difference,
    /// What it gave, under the seed that refused it if one did.
    pub(crate) measured: Measured,
    /// Whether that is the seed of the check.
    pub(crate) by_check: bool,
    /// Whether it costs less than what is advised.
    pub(crate) cheaper: bool,
}

/// All points next to `found` that are cheaper, the next longer cover, and the next shorter grace period.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn around(search: &mut Search<'_>, found: &Candidate) -> anyhow::Result<Vec<Neighbour>> {
    let mut all: Vec<(Difference, Candidate, bool)> = Vec::new();
    let shorter = search::shorter(found);
    for candidate in &shorter {
        if let Cover::Seconds(seconds) = candidate.cover {
            all.push((Difference::Cover(seconds), candidate.clone(), true));
        }
    }
    let reversed = found.levers.iter().rev();
    for (lever, candidate) in reversed.zip(search::without_one(found)) {
        all.push((Difference::Without(lever.path()), candidate, true));
    }
    if let Some(shorter) = shorter.first()
        && let Cover::Seconds(seconds) = shorter.cover
    {
        for lever in search.spare(found) {
            let difference = Difference::With(seconds, lever.path());
            all.push((difference, search::with(shorter, &lever), true));
        }
    }
    if let Cover::Seconds(seconds) = found.cover {
        all.push((Difference::Cover(seconds + 1), found.with_cover(seconds + 1), false));
        let scenario = search.bench.scenario;
        let grace = found.grace_s(scenario);
        let today = whole_seconds(scenario.pod.termination_grace_period);
        if grace != today && !found.covers_by_grace(scenario) {
            let mut tighter = found.clone();
            tighter.grace_s = Some(grace - 1);
            all.push((Difference::Grace(grace - 1), tighter, false));
        }
    }
    let candidates: Vec<Candidate> = all.iter().map(|(_, candidate, _)| candidate.clone()).collect();
    search.bench.prepare(&candidates)?;
    let mut neighbours = Vec::new();
    for (difference, candidate, cheaper) in all {
        // A setting that the scenario refuses is no neighbour.
        let Some(measured) = search.bench.decide(&candidate)? else {
            continue;
        };
        let met = measured.verdict == Verdict::Met;
        let checked = if met { search.check.decide(&candidate)? } else { None };
        let refused = checked.filter(|checked| checked.verdict != Verdict::Met);
        let by_check = refused.is_some();
        neighbours.push(Neighbour {
            difference,
            measured: refused.unwrap_or(measured),
            by_check,
            cheaper,
        });
    }
    Ok(neighbours)
}
