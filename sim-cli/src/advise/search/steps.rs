//! From one candidate to the next.

use super::super::bench::Bench;
use super::super::candidate::{Candidate, Cover};
use super::super::levers::{Lever, whole_seconds};

/// Longest cover of a usual search, seconds; longer ones are tried only where removals were seen to take as long.
pub(crate) const USUAL_S: u64 = 120;

/// Longest cover ever tried, seconds: what the Cluster Autoscaler shortens a longer grace period to (nodes §1.4).
pub(crate) const LONGEST_S: u64 = 600;

/// Added to the slowest removal, seconds.
pub(super) const AMPLE_S: u64 = 5;

/// Seconds below the advised cover that are all looked at.
pub(crate) const NEAR_S: u64 = 3;

/// With one more lever, or another step of a ladder.
pub(crate) fn with(candidate: &Candidate, lever: &Lever) -> Candidate {
    let mut levers = candidate.levers.clone();
    match levers.iter_mut().find(|pulled| lever.replaces(pulled)) {
        Some(pulled) => *pulled = lever.clone(),
        None => levers.push(lever.clone()),
    }
    candidate.with_levers(levers)
}

/// Without each of its levers, the last first.
pub(crate) fn without_one(candidate: &Candidate) -> Vec<Candidate> {
    (0..candidate.levers.len())
        .rev()
        .map(|index| {
            let mut levers = candidate.levers.clone();
            levers.remove(index);
            candidate.with_levers(levers)
        })
        .collect()
}

/// The next shorter covers, the longest first.
pub(crate) fn shorter(candidate: &Candidate) -> Vec<Candidate> {
    let Cover::Seconds(seconds) = candidate.cover else {
        return Vec::new();
    };
    (1..=NEAR_S)
        .filter_map(|less| Some(candidate.with_cover(seconds.checked_sub(less)?)))
        .collect()
}

/// The candidate or, where its pods outlast the run, a shorter cover whose pods do not; and whether it is the latter. It
/// is [`AMPLE_S`] shorter than need be, so that the run does not cut off the last failures of a few pods, which would
/// make it look better than others. Where even pods without a cover outlast the run, it is none.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn within_horizon(bench: &mut Bench<'_>, candidate: &Candidate) -> anyhow::Result<(Candidate, bool)> {
    let mut finishes = |candidate: &Candidate| -> anyhow::Result<bool> {
        Ok(bench.measure(candidate)?.is_none_or(|measured| measured.finished))
    };
    let Cover::Seconds(seconds) = candidate.cover else {
        return Ok((candidate.clone(), false));
    };
    if finishes(candidate)? {
        return Ok((candidate.clone(), false));
    }
    let outlasts = shortest(|seconds| Ok(!finishes(&candidate.with_cover(seconds))?), None, seconds)?;
    Ok((candidate.with_cover(outlasts.saturating_sub(1 + AMPLE_S)), true))
}

/// What to try after `seconds` did not do: the usual limit and, if so many removals take longer that the target is
/// missed on average, as long as they take; nothing if that was tried.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn longer(bench: &mut Bench<'_>, candidate: &Candidate, seconds: u64) -> anyhow::Result<Option<u64>> {
    if seconds < USUAL_S {
        return Ok(Some(USUAL_S));
    }
    let Some(measured) = bench.measure(candidate)? else {
        return Ok(None);
    };
    if measured.judged(bench.target).mean <= bench.target.value {
        return Ok(None);
    }
    let slowest = whole_seconds(measured.removal_max);
    let needed = (slowest + AMPLE_S).min(LONGEST_S);
    Ok((needed > seconds).then_some(needed))
}

/// The shortest cover up to `most`, which meets the target; `fails` is known to be too short.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn shortest(
    mut meets: impl FnMut(u64) -> anyhow::Result<bool>,
    fails: Option<u64>,
    most: u64,
) -> anyhow::Result<u64> {
    let mut low = match fails {
        Some(fails) => fails,
        None if meets(0)? => return Ok(0),
        None => 0,
    };
    let mut high = most;
    while high.saturating_sub(low) > 1 {
        let middle = low + (high - low) / 2;
        if meets(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}
