//! The search: levers first, then the shortest cover, then every cheaper neighbour; then a run of other seeds.
//!
//! ```text
//! ample cover ── not met → levers that measurably lower the failures → longer covers ── not met → every lever, less
//!      │                                                                                 those that are not needed
//!      │ met
//! bisection → shortest cover
//!      │
//! neighbours: fewer or milder levers, shorter covers, other levers ── one meets → go there, look again
//!      │
//! confirmation with a fresh seed ── refused → the same again, with as many events as the confirmation had
//! ```

mod best;
pub(crate) mod steps;

use schemars::JsonSchema;
use serde::Serialize;
use sim_core::scenario::Scenario;

use super::bench::Bench;
use super::candidate::{Candidate, Cover};
use super::confirm::{self, Confirmation};
use super::levers::{Lever, Scope, whole_seconds};
use super::measure::{Measured, Verdict};
use steps::{AMPLE_S, longer, shorter, shortest, with, within_horizon, without_one};
pub(crate) use steps::{LONGEST_S, USUAL_S};

/// How often a better neighbour is followed.
const ROUNDS: usize = 12;

/// Pod-seconds that are no saving, relative.
const SAME_COST: f64 = 0.02;

/// How the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Today's settings meet the target, and none does so cheaper.
    AlreadyMet,
    /// The advised settings meet it.
    Met,
    /// No setting tried meets it, for certain.
    NotReachable,
    /// There were too few replications, or the run is too short, to say so of any setting.
    Undecided,
}

/// What was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The cheapest candidate that meets the target, or the best one that does not.
    pub(crate) candidate: Candidate,
    /// Which of them.
    pub(crate) status: Status,
    /// Its runs with a fresh seed.
    pub(crate) confirmation: Confirmation,
}

/// A scenario and what may be changed.
pub(crate) struct Search<'a> {
    /// To search with.
    pub(crate) bench: Bench<'a>,
    /// Settings without cost that there are.
    pub(crate) levers: Vec<Lever>,
    /// Candidates that met the target in the search, but not with a fresh seed.
    pub(crate) refusals: Vec<Confirmation>,
    /// Whether today's hook and grace period stay if they meet the target: what would do instead is a guess.
    pub(crate) keeps_today: bool,
    /// Longest cover tried, seconds.
    pub(crate) longest_s: u64,
    /// Whether longer ones were not tried because their pods outlast the run.
    pub(crate) cut_off: bool,
}

impl<'a> Search<'a> {
    /// Nothing searched yet.
    pub(crate) fn new(bench: Bench<'a>, levers: Vec<Lever>) -> Self {
        Self {
            bench,
            levers,
            refusals: Vec::new(),
            keeps_today: false,
            longest_s: 0,
            cut_off: false,
        }
    }

    fn scenario(&self) -> &'a Scenario {
        self.bench.scenario
    }

    /// The confirmation that refused a candidate: its own, or that of a longer cover.
    pub(crate) fn refusal(&self, candidate: &Candidate) -> Option<&Confirmation> {
        let refuses = |refused: &&Confirmation| match (refused.candidate.cover, candidate.cover) {
            (Cover::Seconds(refused_s), Cover::Seconds(seconds)) => {
                seconds <= refused_s && candidate.levers == refused.candidate.levers
            }
            _ => refused.candidate == *candidate,
        };
        self.refusals.iter().find(refuses)
    }

    /// Whether a candidate meets the target as far as is known.
    pub(crate) fn meets(&mut self, candidate: &Candidate) -> anyhow::Result<bool> {
        Ok(self.refusal(candidate).is_none() && self.bench.meets(candidate)?)
    }

    /// The cheapest candidate that meets the target under a fresh seed, or the best one that does not.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn find(&mut self) -> anyhow::Result<Found> {
        let mut top = Candidate::new(Cover::Seconds(USUAL_S), &[]);
        for attempt in 1..=confirm::ATTEMPTS {
            let proposed = self.proposed(&mut top)?;
            let Some(candidate) = proposed else { break };
            let confirmation = confirm::run(&mut self.bench, &candidate, attempt)?;
            if confirmation.measured.verdict == Verdict::Met {
                let status = if candidate == Candidate::as_is() {
                    Status::AlreadyMet
                } else {
                    Status::Met
                };
                return Ok(Found {
                    candidate,
                    status,
                    confirmation,
                });
            }
            let events = confirmation.measured.events_count;
            self.bench.enough_events = self.bench.enough_events.max(events);
            self.refusals.push(confirmation);
        }
        self.best_effort(&top)
    }

    /// The cheapest candidate that meets the target under the seed of the search; `top` becomes the longest tried.
    fn proposed(&mut self, top: &mut Candidate) -> anyhow::Result<Option<Candidate>> {
        let as_is = Candidate::as_is();
        let today = self.bench.decide(&as_is)?.expect("today's settings are valid");
        if self.keeps_today
            && let Some(own) = self.own_met()?
        {
            return Ok(Some(own));
        }
        let mut slowest = today.removal_max;
        if !today.finished
            && let Some(uncovered) = self.bench.measure(&Bench::uncovered())?
        {
            // Pods that outlast the run show no removal.
            slowest = slowest.max(uncovered.removal_max);
        }
        let ample = whole_seconds(slowest) + AMPLE_S;
        *top = self.judgeable(&Candidate::new(Cover::Seconds(ample.clamp(10, USUAL_S)), &[]))?;
        if !self.meets(top)? {
            *top = self.pulled(top.clone())?;
        }
        let most = match self.reached(top)? {
            Some(most) => most,
            None => match self.all_pulled(top, ample.clamp(10, USUAL_S))? {
                Some(most) => most,
                None => return Ok(None),
            },
        };
        *top = top.with_cover(most);
        let shortest = shortest(|seconds| self.meets(&top.with_cover(seconds)), None, most)?;
        let found = self.improved(top.with_cover(shortest))?;
        self.or_own_hook(found, &today).map(Some)
    }

    /// The candidate, or the longest shorter cover whose pods do not outlast the run.
    fn judgeable(&mut self, candidate: &Candidate) -> anyhow::Result<Candidate> {
        let (within, cut_off) = within_horizon(&mut self.bench, candidate)?;
        self.cut_off |= cut_off;
        Ok(within)
    }

    /// The cover of `top`, or the first longer one, with which it meets the target.
    fn reached(&mut self, top: &mut Candidate) -> anyhow::Result<Option<u64>> {
        while let Cover::Seconds(seconds) = top.cover {
            self.longest_s = self.longest_s.max(seconds);
            if self.meets(top)? {
                return Ok(Some(seconds));
            }
            let Some(longer) = longer(&mut self.bench, top, seconds)? else {
                break;
            };
            let longest = self.judgeable(&top.with_cover(longer))?;
            if longest.cover_s(self.scenario()) <= seconds {
                break;
            }
            *top = longest;
        }
        Ok(None)
    }

    /// With the levers that measurably lower the failures, until the target is met.
    fn pulled(&mut self, mut top: Candidate) -> anyhow::Result<Candidate> {
        let levers = self.levers.clone();
        let each: Vec<Candidate> = levers.iter().map(|lever| with(&top, lever)).collect();
        self.bench.prepare(&each)?;
        for lever in levers {
            let candidate = with(&top, &lever);
            if self.bench.helps(&top, &candidate)? {
                top = candidate;
                if self.meets(&top)? {
                    break;
                }
            }
        }
        Ok(top)
    }

    /// Today's hook and grace period, with levers if need be, where they meet the target.
    fn own_met(&mut self) -> anyhow::Result<Option<Candidate>> {
        let as_is = Candidate::as_is();
        if self.meets(&as_is)? {
            return Ok(Some(as_is));
        }
        let own = self.pulled(as_is)?;
        if self.meets(&own)? {
            return self.improved(own).map(Some);
        }
        Ok(None)
    }

    /// The cover with which `top` meets the target once every lever is pulled, those that it can do without let go again:
    /// `ample` seconds, or more. What fails rarely is too rare for a sample to show that a lever helps. Levers that make
    /// rollouts longer come last. `top` stays as it is where none does.
    fn all_pulled(&mut self, top: &mut Candidate, ample: u64) -> anyhow::Result<Option<u64>> {
        let (slow, quick): (Vec<Lever>, _) = self.levers.iter().cloned().partition(|lever| lever.slows_rollouts);
        let mut all = top.with_cover(ample);
        for levers in [quick, slow] {
            let more = levers.iter().fold(all.clone(), |all, lever| with(&all, lever));
            if more.levers == all.levers {
                continue;
            }
            all = more;
            let mut tried = self.judgeable(&all)?;
            if let Some(most) = self.reached(&mut tried)? {
                let mut met = tried.with_cover(most);
                while let Some(fewer) = self.first_met(without_one(&met).into_iter().chain(self.milder(&met)))? {
                    met = fewer;
                }
                *top = met;
                return Ok(Some(most));
            }
        }
        Ok(None)
    }

    /// The first of the candidates that meets the target.
    fn first_met(&mut self, candidates: impl Iterator<Item = Candidate>) -> anyhow::Result<Option<Candidate>> {
        for candidate in candidates {
            if self.meets(&candidate)? {
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }

    /// Follows cheaper neighbours that meet the target too.
    fn improved(&mut self, mut found: Candidate) -> anyhow::Result<Candidate> {
        for _ in 0..ROUNDS {
            let Some(better) = self.better(&found)? else { break };
            found = better;
        }
        Ok(found)
    }

    fn better(&mut self, found: &Candidate) -> anyhow::Result<Option<Candidate>> {
        let shorter = shorter(found);
        let fewer = without_one(found).into_iter().chain(self.milder(found));
        let cheaper: Vec<Candidate> = fewer.chain(shorter.iter().cloned()).collect();
        if let Some(better) = self.first_met(cheaper.iter().cloned())? {
            return Ok(Some(better));
        }
        let Some(less) = shorter.first() else {
            return Ok(None);
        };
        for lever in self.spare(found) {
            let candidate = with(less, &lever);
            if self.bench.helps(less, &candidate)? && self.meets(&candidate)? {
                let most = candidate.cover_s(self.scenario());
                let shortest = shortest(|seconds| self.meets(&candidate.with_cover(seconds)), None, most)?;
                return Ok(Some(candidate.with_cover(shortest)));
            }
        }
        // The comparison may have enlarged a sample that was small and unlucky.
        self.first_met(cheaper.into_iter())
    }

    /// Levers that are not pulled and cost nothing: no change of the application, no longer rollout.
    pub(crate) fn spare(&self, found: &Candidate) -> Vec<Lever> {
        let free = |lever: &&Lever| {
            let is_pulled = found.levers.iter().any(|pulled| lever.replaces(pulled));
            lever.scope == Scope::Manifest && !lever.slows_rollouts && !is_pulled
        };
        self.levers.iter().filter(free).cloned().collect()
    }

    /// With each pulled lever one step further back, where it is one of a ladder.
    pub(crate) fn milder(&self, found: &Candidate) -> Vec<Candidate> {
        let pulled = found.levers.iter();
        let back = pulled.filter_map(|lever| {
            let steps: Vec<&Lever> = self.levers.iter().filter(|step| step.replaces(lever)).collect();
            let at = steps.iter().position(|step| *step == lever)?;
            Some(with(found, steps[at.checked_sub(1)?]))
        });
        back.collect()
    }

    /// The scenario's own hook, where it meets the target and costs no more.
    fn or_own_hook(&mut self, found: Candidate, today: &Measured) -> anyhow::Result<Candidate> {
        let cost = |measured: Option<Measured>| measured.map_or(f64::INFINITY, |it| it.pod_seconds_per_event);
        let limit = cost(self.bench.measure(&found)?) * (1.0 + SAME_COST);
        let as_is = Candidate::as_is();
        if today.pod_seconds_per_event <= limit && self.meets(&as_is)? {
            return Ok(as_is);
        }
        let hook = &self.scenario().pod.pre_stop;
        if hook.mean_duration().is_none() || hook.sleep.is_some() || hook.restarts_server_for.is_some() {
            return Ok(found);
        }
        let mut own = vec![Candidate::new(Cover::AsIs, &found.levers)];
        if hook.fails_health {
            // The sooner the ALB looks, the sooner it finds that the page fails.
            let checks = self.levers.iter().filter(|lever| lever.checks_health());
            own.extend(checks.map(|lever| with(&own[0], lever)).collect::<Vec<_>>());
        }
        for own in own {
            if cost(self.bench.measure(&own)?) <= limit && self.meets(&own)? {
                return Ok(own);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
