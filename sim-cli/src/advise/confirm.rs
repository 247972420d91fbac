//! Runs of what was found with a seed that the search has not seen.
//!
//! The search looks at many candidates, at each of them several times, and takes the first that seems good enough: its
//! own bounds are too low for what it takes. So the candidate is run again with a fresh seed and a number of
//! replications that is fixed before. Where that is refused and another candidate is tried, there is a second chance to
//! be wrong, so attempt `k` may err with `α / 2^k` of the `α` that the confidence leaves: all attempts together err with
//! `α` at most.

use sim_core::rng::Seed;

use super::Target;
use super::bench::{self, Bench};
use super::candidate::Candidate;
use super::measure::Measured;

/// Candidates that are run with a fresh seed before the search gives up.
pub(crate) const ATTEMPTS: u32 = 6;

/// Replications, in those that the search needed or may need: the search stopped where luck had it, and a confirmation
/// should not fail for want of data.
const TIMES_THE_SEARCH: u32 = 4;

/// What a fresh seed said.
#[derive(Debug, Clone)]
pub(crate) struct Confirmation {
    /// Of what.
    pub(crate) candidate: Candidate,
    /// The seed.
    pub(crate) seed: Seed,
    /// How many candidates were run with fresh seeds, this one included.
    pub(crate) attempt: u32,
    /// Confidence of its bound.
    pub(crate) confidence: f64,
    /// What came of it.
    pub(crate) measured: Measured,
}

/// Runs a candidate that the bench has measured.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn run(bench: &mut Bench<'_>, candidate: &Candidate, attempt: u32) -> anyhow::Result<Confirmation> {
    let search = bench.decide(candidate)?.expect("what is refused meets nothing");
    let seed = Seed(bench.seed.0.wrapping_add(u64::from(attempt)));
    let target = Target {
        confidence: confidence(bench.target.confidence, attempt),
        ..bench.target
    };
    // All of this is decided from the search alone, so that the fresh runs are looked at once.
    let enough = bench::replications_of(bench::ENOUGH_EVENTS, &search);
    let count = if bench.meets(candidate)? {
        let ample = searched(&search).saturating_mul(TIMES_THE_SEARCH);
        let most = bench.effort.most.saturating_mul(TIMES_THE_SEARCH);
        search.enough_for_worst(target).max(ample).max(enough).min(most)
    } else {
        // There is nothing to confirm: as many again show whether it is as bad as it looked.
        searched(&search)
    };
    let rows = bench.fresh(candidate, seed, count)?;
    Ok(Confirmation {
        candidate: candidate.clone(),
        seed,
        attempt,
        confidence: target.confidence,
        // The search has seen whether the run is long enough.
        measured: Measured::new(&rows, target, search.worst_count, search.finished),
    })
}

/// Of one attempt, so that all of them together have that confidence.
fn confidence(all: f64, attempt: u32) -> f64 {
    1.0 - (1.0 - all) / 2_f64.powi(i32::try_from(attempt).expect("a few attempts"))
}

fn searched(search: &Measured) -> u32 {
    u32::try_from(search.replications_count).expect("counted in 32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_attempts_together_err_no_more_than_asked_for() {
        let errs: f64 = (1..=ATTEMPTS).map(|attempt| 1.0 - confidence(0.95, attempt)).sum();
        assert!(errs < 0.05, "{errs}");
        assert!((confidence(0.95, 1) - 0.975).abs() < 1e-12);
    }
}
