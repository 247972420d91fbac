//! Simulates candidates, remembers them, and adds replications until it is clear whether one meets the target.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::Value as Json;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;

use super::Target;
use super::candidate::Candidate;
use super::measure::{Measured, Row, Verdict};
use crate::explain::trial;
use crate::simulate;

/// Events that a candidate must have seen before it is taken to meet the target. Failures come together in few events,
/// and a handful without any proves little.
pub(crate) const ENOUGH_EVENTS: u64 = 60;

/// Paths and values of a change.
type Key = Vec<(String, String)>;

/// How often a candidate is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Effort {
    /// Replications at first.
    pub(crate) first: u32,
    /// Replications at most.
    pub(crate) most: u32,
}

/// One scenario under one seed.
pub(crate) struct Bench<'a> {
    /// As it stands.
    pub(crate) scenario: &'a Scenario,
    resolved: &'a Json,
    seed: Seed,
    effort: Effort,
    /// What is to be met.
    pub(crate) target: Target,
    done: &'a (dyn Fn() + Sync),
    known: BTreeMap<Key, Known>,
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
            done,
            known: BTreeMap::new(),
        }
    }

    /// Runs so far.
    pub(crate) fn runs_count(&self) -> u64 {
        self.known.values().map(|known| known.rows.len() as u64).sum()
    }

    /// A candidate after the first replications; nothing if the scenario refuses it.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn measure(&mut self, candidate: &Candidate) -> anyhow::Result<Option<Measured>> {
        self.prepare(std::slice::from_ref(candidate))?;
        let known = &self.known[&self.key(candidate)];
        Ok((!known.rows.is_empty()).then(|| Measured::new(&known.rows, self.target)))
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
            let events = measured.events_count;
            let wanted = match measured.verdict {
                Verdict::Missed => done,
                Verdict::Met if events >= ENOUGH_EVENTS => done,
                Verdict::Met => {
                    let needed = (u64::from(done) * ENOUGH_EVENTS).div_ceil(events);
                    u32::try_from(needed).unwrap_or(u32::MAX)
                }
                // Half as many again: few looks at the data, and little waste.
                Verdict::Undecided => done + done.div_ceil(2),
            };
            let wanted = wanted.min(self.effort.most);
            if wanted <= done {
                return Ok(Some(measured));
            }
            self.extend(candidate, wanted)?;
        }
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

    /// Whether a candidate meets the target.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn meets(&mut self, candidate: &Candidate) -> anyhow::Result<bool> {
        let measured = self.decide(candidate)?;
        Ok(measured.is_some_and(|measured| measured.verdict == Verdict::Met))
    }

    /// The same replications of two candidates.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn pair(&mut self, before: &Candidate, after: &Candidate) -> anyhow::Result<(&[Row], &[Row])> {
        self.prepare(&[before.clone(), after.clone()])?;
        let [before, after] = [before, after].map(|candidate| self.known[&self.key(candidate)].rows.as_slice());
        let both = before.len().min(after.len());
        Ok((&before[..both], &after[..both]))
    }

    fn key(&self, candidate: &Candidate) -> Key {
        candidate.change(self.scenario).sets
    }
}

fn runs(scenario: &Scenario, seed: Seed, replications: std::ops::Range<u32>) -> anyhow::Result<Vec<Row>> {
    replications
        .into_par_iter()
        .map(|replication| Ok(Row::new(&simulate::one(scenario, seed, replication)?)))
        .collect()
}
