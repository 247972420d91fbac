//! What to show where no candidate meets the target.

use super::super::candidate::{Candidate, Cover};
use super::super::confirm;
use super::super::measure::Verdict;
use super::steps::shortest;
use super::{Found, Search, Status};

/// Covers that are compared where none meets the target, seconds.
const COVERS_S: [u64; 15] = [0, 5, 10, 15, 20, 25, 30, 40, 60, 90, 120, 180, 240, 300, 450];

impl Search<'_> {
    /// The shortest cover that meets the target on average or, if none does, that fails measurably no more than the
    /// longest. It is no shorter than today's, as nothing shows that less would do.
    pub(super) fn best_effort(&mut self, top: &Candidate) -> anyhow::Result<Found> {
        let best = self.best(top)?;
        let measured = self.bench.decide(&best)?;
        let undecided = measured.is_some_and(|measured| measured.verdict != Verdict::Missed);
        let attempt = u32::try_from(self.refusals.len()).expect("a few") + 1;
        Ok(Found {
            confirmation: confirm::run(&mut self.bench, &best, attempt)?,
            candidate: best,
            status: if undecided {
                Status::Undecided
            } else {
                Status::NotReachable
            },
        })
    }

    fn best(&mut self, top: &Candidate) -> anyhow::Result<Candidate> {
        let today = [Candidate::as_is(), Candidate::new(Cover::AsIs, &top.levers)];
        let kept = self.kept_s();
        let most = top.cover_s(self.scenario());
        if self.meets_on_average(top)? {
            for candidate in today {
                if self.meets_on_average(&candidate)? {
                    return Ok(candidate);
                }
            }
            let shortest = shortest(
                |seconds| self.meets_on_average(&top.with_cover(seconds)),
                (kept > 0).then_some(kept.min(most)),
                most,
            )?;
            return Ok(top.with_cover(shortest));
        }
        let longer = COVERS_S.into_iter().filter(|cover| (kept..most).contains(cover));
        let mut candidates = today.to_vec();
        candidates.extend(longer.map(|cover| top.with_cover(cover)));
        self.bench.prepare(&candidates)?;
        for candidate in candidates {
            let measured = self.bench.measure(&candidate)?;
            if measured.is_some_and(|measured| measured.finished) && !self.bench.helps(&candidate, top)? {
                return Ok(candidate);
            }
        }
        Ok(top.clone())
    }

    /// Today's cover, seconds; none where the hook itself fails requests.
    fn kept_s(&self) -> u64 {
        let scenario = self.scenario();
        match scenario.pod.pre_stop.restarts_server_for {
            Some(_) => 0,
            None => Candidate::as_is().cover_s(scenario),
        }
    }

    fn meets_on_average(&mut self, candidate: &Candidate) -> anyhow::Result<bool> {
        let target = self.bench.target;
        let measured = self.bench.decide(candidate)?;
        Ok(measured.is_some_and(|measured| measured.finished && measured.judged(target).mean <= target.value))
    }
}
