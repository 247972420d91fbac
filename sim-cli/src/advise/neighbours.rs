//! The grid around what was found: why each setting binds, and that nothing cheaper would do.

use super::candidate::{Candidate, Cover};
use super::levers::whole_seconds;
use super::measure::{Measured, Verdict};
use super::search::{Search, steps};

/// What is different from the advised settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Difference {
    /// So many seconds of cover.
    Cover(u64),
    /// Without the lever that sets this path.
    Without(&'static str),
    /// With a milder step of a ladder: what it is called.
    Milder(String),
    /// With less cover, and a lever instead: what it is called.
    With(u64, String),
    /// With a grace period of so many seconds.
    Grace(u64),
}

/// One point of the grid.
#[derive(Debug, Clone)]
pub(crate) struct Neighbour {
    /// How it differs.
    pub(crate) difference: Difference,
    /// What it gave, in the runs that refused it if some did.
    pub(crate) measured: Measured,
    /// Whether those are runs with a fresh seed.
    pub(crate) by_check: bool,
    /// Whether its lever does not measurably lower the failures, in a sample that was then not made larger. Such a lever
    /// is never advised, as chance alone would let one of many meet the target.
    pub(crate) no_effect: bool,
    /// Whether it costs less than what is advised, or asks for less.
    pub(crate) cheaper: bool,
}

impl Neighbour {
    /// Whether it would have to be advised instead.
    pub(crate) fn is_better(&self) -> bool {
        self.cheaper && !self.by_check && !self.no_effect && self.measured.verdict == Verdict::Met
    }
}

/// Every cover down to [`steps::NEAR_S`] s less, alone and with each lever that is not pulled; each lever let go or
/// pulled less; then, dearer or as dear, the next longer cover and the next shorter grace period.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn around(search: &mut Search<'_>, found: &Candidate) -> anyhow::Result<Vec<Neighbour>> {
    let mut points: Vec<(Difference, Candidate, bool)> = Vec::new();
    for candidate in steps::shorter(found) {
        let seconds = candidate.cover_s(search.bench.scenario);
        points.push((Difference::Cover(seconds), candidate, true));
    }
    let reversed = found.levers.iter().rev();
    for (lever, candidate) in reversed.zip(steps::without_one(found)) {
        points.push((Difference::Without(lever.path()), candidate, true));
    }
    for candidate in search.milder(found) {
        let lever = candidate.levers.iter().find(|lever| !found.levers.contains(lever));
        let label = lever.map(super::levers::Lever::label).unwrap_or_default();
        points.push((Difference::Milder(label), candidate, true));
    }
    for lever in search.spare(found) {
        for shorter in steps::shorter(found) {
            let seconds = shorter.cover_s(search.bench.scenario);
            let pulled = steps::with(&shorter, &lever);
            let helps = search.bench.helps(&shorter, &pulled)?;
            points.push((Difference::With(seconds, lever.label()), pulled, true));
            if !helps {
                // What does not help against a second is no help against two.
                break;
            }
        }
    }
    if let Cover::Seconds(seconds) = found.cover {
        points.push((Difference::Cover(seconds + 1), found.with_cover(seconds + 1), false));
        let scenario = search.bench.scenario;
        let grace = found.grace_s(scenario);
        let today = whole_seconds(scenario.pod.termination_grace_period);
        if grace != today && !found.covers_by_grace(scenario) {
            let mut tighter = found.clone();
            tighter.grace_s = Some(grace - 1);
            points.push((Difference::Grace(grace - 1), tighter, false));
        }
    }
    let candidates: Vec<Candidate> = points.iter().map(|(_, candidate, _)| candidate.clone()).collect();
    search.bench.prepare(&candidates)?;
    let mut neighbours = Vec::new();
    for (difference, candidate, cheaper) in points {
        // A setting that the scenario refuses is no neighbour.
        neighbours.extend(neighbour(search, found, difference, &candidate, cheaper)?);
    }
    Ok(neighbours)
}

fn neighbour(
    search: &mut Search<'_>,
    found: &Candidate,
    difference: Difference,
    candidate: &Candidate,
    cheaper: bool,
) -> anyhow::Result<Option<Neighbour>> {
    let refusal = search.refusal(candidate).map(|refusal| refusal.measured.clone());
    let no_effect = match difference {
        Difference::With(seconds, _) => !search.bench.helps(&found.with_cover(seconds), candidate)?,
        _ => false,
    };
    let measured = if no_effect {
        search.bench.measure(candidate)?
    } else {
        search.bench.decide(candidate)?
    };
    Ok(measured.map(|measured| {
        let by_check = measured.verdict == Verdict::Met && refusal.is_some();
        Neighbour {
            difference,
            measured: refusal.filter(|_| by_check).unwrap_or(measured),
            by_check,
            no_effect,
            cheaper,
        }
    }))
}
