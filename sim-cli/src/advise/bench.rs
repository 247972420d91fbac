//! Simulates candidates, remembers them, and adds replications until it is clear whether one meets the target.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::Value as Json;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;

use super::Target;
use super::candidate::{Candidate, Cover};
use super::measure::{self, Measured, Row, Verdict};
use super::search::LONGEST_S;
use crate::explain::trial;
use crate::simulate;

/// Events that a candidate must have seen before it is taken to meet the target. Failures come together in few events,
/// and a handful without any proves little.
pub(crate) const ENOUGH_EVENTS: u64 = 60;

/// Runs that must have failed before the worst of them stands for how badly a run can fail.
const FEW_RUNS: usize = 5;

/// Replications of a candidate at most, unless runs that are rare and bad need more to be ruled out.
pub(crate) const USUAL_REPLICATIONS: u32 = 160;

/// Part of what is allowed that a candidate may have and still be worth a check, where the search cannot decide.
const WORTH_A_CHECK: f64 = 0.5;

/// Covers at which one looks for runs that fail, seconds: close together where sleeps usually end.
fn rungs() -> Vec<u64> {
    let near = (0..30).step_by(2);
    let middle = (30..60).step_by(5);
    near.chain(middle).chain((60..LONGEST_S).step_by(10)).collect()
}

/// Paths and values of a change.
type Key = Vec<(String, String)>;

/// How often a candidate is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Effort {
    /// Replications at first.
    pub(crate) first: u32,
    /// Replications at most.
    pub(crate) most: u32,
    /// Whether as many are wanted of every candidate that is not decided earlier, or only where they are likely to help.
    pub(crate) insists: bool,
}

/// One scenario under one seed.
pub(crate) struct Bench<'a> {
    /// As it stands.
    pub(crate) scenario: &'a Scenario,
    resolved: &'a Json,
    /// Of the search.
    pub(crate) seed: Seed,
    /// How often a candidate is simulated.
    pub(crate) effort: Effort,
    /// What is to be met.
    pub(crate) target: Target,
    /// Events that a candidate must have seen before it is taken to meet the target.
    pub(crate) enough_events: u64,
    done: &'a (dyn Fn() + Sync),
    known: BTreeMap<Key, Known>,
    other_runs: u64,
}

/// A candidate that was simulated; nothing where the scenario refuses its settings.
struct Known {
    scenario: Option<Scenario>,
    rows: Vec<Row>,
}

impl<'a> Bench<'a> {
    /// `resolved` is the scenario as JSON; `done` is called after each candidate.
    pub(crate) fn new(
        (scenario, resolved): (&'a Scenario, &'a Json),
        seed: Seed,
        effort: Effort,
        target: Target,
        done: &'a (dyn Fn() + Sync),
    ) -> Self {
        Self {
            scenario,
            resolved,
            seed,
            effort,
            target,
            enough_events: ENOUGH_EVENTS,
            done,
            known: BTreeMap::new(),
            other_runs: 0,
        }
    }

    /// Runs so far.
    pub(crate) fn runs_count(&self) -> u64 {
        self.known.values().map(|known| known.rows.len() as u64).sum::<u64>() + self.other_runs
    }

    /// A candidate after the first replications; nothing if the scenario refuses it.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn measure(&mut self, candidate: &Candidate) -> anyhow::Result<Option<Measured>> {
        self.prepare(std::slice::from_ref(candidate))?;
        let key = self.key(candidate);
        if self.known[&key].rows.is_empty() {
            return Ok(None);
        }
        let worst = self.worst(candidate)?;
        let finished = self.is_finished(candidate)?;
        Ok(Some(Measured::new(
            &self.known[&key].rows,
            self.target,
            worst,
            finished,
        )))
    }

    /// Whether the candidate's pods are seen to their end, as far as those of today's settings and of none are.
    fn is_finished(&mut self, candidate: &Candidate) -> anyhow::Result<bool> {
        let others = [Candidate::as_is(), Self::uncovered()];
        self.prepare(&others)?;
        let [today, none] = &others.map(|other| self.key(&other));
        let rows = |key: &Key| self.known[key].rows.as_slice();
        Ok(measure::finished(rows(&self.key(candidate)), [rows(today), rows(none)]))
    }

    /// Without a cover pods go as soon as they can.
    pub(crate) fn uncovered() -> Candidate {
        Candidate::new(Cover::Seconds(0), &[])
    }

    /// The first replications of several candidates, at once.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn prepare(&mut self, candidates: &[Candidate]) -> anyhow::Result<()> {
        let mut new: Vec<(Key, Option<Scenario>)> = Vec::new();
        for candidate in candidates {
            let key = self.key(candidate);
            if !self.known.contains_key(&key) && new.iter().all(|(known, _)| *known != key) {
                let scenario = trial::changed(self.resolved, &candidate.change(self.scenario)).ok();
                new.push((key, scenario));
            }
        }
        let rows: Vec<Vec<Row>> = new
            .par_iter()
            .map(|(_, scenario)| match scenario {
                Some(scenario) => runs(scenario, self.seed, 0..self.effort.first),
                None => Ok(Vec::new()),
            })
            .collect::<anyhow::Result<_>>()?;
        for ((key, scenario), rows) in new.into_iter().zip(rows) {
            self.known.insert(key, Known { scenario, rows });
            (self.done)();
        }
        Ok(())
    }

    /// A candidate after as many replications as it takes to judge it, or as many as there may be.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn decide(&mut self, candidate: &Candidate) -> anyhow::Result<Option<Measured>> {
        loop {
            let Some(measured) = self.measure(candidate)? else {
                return Ok(None);
            };
            let done = u32::try_from(measured.replications_count).expect("counted in 32 bits");
            let wanted = match measured.verdict {
                Verdict::Missed | Verdict::Unfinished => done,
                Verdict::Met => replications_of(self.enough_events, &measured),
                // Twice as many: few looks at the data.
                Verdict::Undecided => (done * 2).min(self.worthwhile(&measured)),
            };
            let wanted = wanted.min(self.effort.most);
            if wanted <= done {
                return Ok(Some(measured));
            }
            self.extend(candidate, wanted)?;
        }
    }

    /// Replications that a candidate is worth about which it is not clear whether it meets the target: as many as were
    /// asked for, or else as the worst run makes necessary, but few if it is not likely to meet it.
    fn worthwhile(&self, measured: &Measured) -> u32 {
        if self.effort.insists {
            return self.effort.most;
        }
        if measured.judged(self.target).mean > self.target.value {
            return USUAL_REPLICATIONS;
        }
        measured.enough_for_worst(self.target).max(USUAL_REPLICATIONS)
    }

    /// How many failures a run of the candidate may have: the most that one had or, where fewer than [`FEW_RUNS`] failed,
    /// the most that one had at the next shorter cover at which so many did.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn worst(&mut self, candidate: &Candidate) -> anyhow::Result<u64> {
        let rows = &self.known[&self.key(candidate)].rows;
        let (mut worst, mut is_known) = worst_of(rows);
        let cover = candidate.cover_s(self.scenario);
        let mut shorter = rungs().into_iter().rev().skip_while(|rung| *rung >= cover);
        while !is_known && let Some(rung) = shorter.next() {
            let seen;
            (seen, is_known) = worst_of(self.sample(&candidate.with_cover(rung))?);
            worst = worst.max(seen);
        }
        Ok(worst)
    }

    /// As many replications of a candidate as give [`ENOUGH_EVENTS`], or as there may be.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    fn sample(&mut self, candidate: &Candidate) -> anyhow::Result<&[Row]> {
        self.prepare(std::slice::from_ref(candidate))?;
        let key = self.key(candidate);
        let rows = &self.known[&key].rows;
        if !rows.is_empty() {
            let measured = Measured::new(rows, self.target, 0, true);
            let wanted = replications_of(ENOUGH_EVENTS, &measured).min(self.effort.most);
            self.extend(candidate, wanted)?;
        }
        Ok(&self.known[&key].rows)
    }

    /// A candidate after at least so many replications.
    fn extend(&mut self, candidate: &Candidate, wanted: u32) -> anyhow::Result<()> {
        let key = self.key(candidate);
        let known = self.known.get_mut(&key).expect("it was measured");
        let have = u32::try_from(known.rows.len()).expect("counted in 32 bits");
        if let Some(scenario) = &known.scenario
            && have < wanted
        {
            known.rows.extend(runs(scenario, self.seed, have..wanted)?);
        }
        Ok(())
    }

    /// Whether a candidate meets the target, or is worth a check with more replications than the search may have: there
    /// were no more, and it has no more than half of the failures that it may have.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn meets(&mut self, candidate: &Candidate) -> anyhow::Result<bool> {
        let Some(measured) = self.decide(candidate)? else {
            return Ok(false);
        };
        Ok(match measured.verdict {
            Verdict::Met => true,
            Verdict::Missed | Verdict::Unfinished => false,
            Verdict::Undecided => {
                let is_exhausted = measured.replications_count >= u64::from(self.effort.most);
                is_exhausted && measured.judged(self.target).mean <= self.target.value * WORTH_A_CHECK
            }
        })
    }

    /// Whether the second candidate fails measurably less than the first, in a sample of the same replications.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn helps(&mut self, before: &Candidate, after: &Candidate) -> anyhow::Result<bool> {
        self.sample(before)?;
        self.sample(after)?;
        let confidence = self.target.confidence;
        let (before, after) = self.pair(before, after);
        Ok(!after.is_empty() && measure::lowers(before, after, confidence))
    }

    /// The same replications of two candidates.
    fn pair(&self, before: &Candidate, after: &Candidate) -> (&[Row], &[Row]) {
        let [before, after] = [before, after].map(|candidate| self.known[&self.key(candidate)].rows.as_slice());
        let both = before.len().min(after.len());
        (&before[..both], &after[..both])
    }

    /// Replications of a candidate under another seed; the candidate was measured before.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn fresh(&mut self, candidate: &Candidate, seed: Seed, count: u32) -> anyhow::Result<Vec<Row>> {
        let scenario = self.scenario_of(candidate).expect("what is refused meets nothing");
        let rows = runs(scenario, seed, 0..count)?;
        self.other_runs += u64::from(count);
        (self.done)();
        Ok(rows)
    }

    /// The scenario with the candidate's settings; nothing if it was refused or not measured.
    pub(crate) fn scenario_of(&self, candidate: &Candidate) -> Option<&Scenario> {
        self.known.get(&self.key(candidate))?.scenario.as_ref()
    }

    fn key(&self, candidate: &Candidate) -> Key {
        candidate.change(self.scenario).sets
    }
}

/// The most failures of one run, and whether enough runs failed for that to say how badly a run can fail.
fn worst_of(rows: &[Row]) -> (u64, bool) {
    let failing = rows.iter().filter(|row| row.five_xx_count() > 0).count();
    let worst = rows.iter().map(Row::five_xx_count).max().unwrap_or(0);
    (worst, failing >= FEW_RUNS.min(rows.len().max(1)))
}

/// Replications that it takes to see so many events.
pub(crate) fn replications_of(events: u64, measured: &Measured) -> u32 {
    let wanted = (events * measured.replications_count).div_ceil(measured.events_count);
    u32::try_from(wanted).unwrap_or(u32::MAX)
}

fn runs(scenario: &Scenario, seed: Seed, replications: std::ops::Range<u32>) -> anyhow::Result<Vec<Row>> {
    replications
        .into_par_iter()
        .map(|replication| Ok(Row::new(&simulate::one(scenario, seed, replication)?)))
        .collect()
}
