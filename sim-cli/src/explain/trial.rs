//! Settings tried: the scenario simulated again with the same seed and one change.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sim_core::outcome::Cause;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};
use sim_core::world;

use super::document::Trial;
use crate::simulate;

/// What one run of a scenario may cost so that it is simulated again: some seconds on one thread in the worst case,
/// over all trials of an explanation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// Requests of all trials.
    pub(crate) requests_count: u64,
    /// Control-plane events of all trials.
    pub(crate) events_count: u64,
}

impl Budget {
    /// About ten seconds: a request costs some 60 ns, an event some microseconds.
    pub(crate) const DEFAULT: Self = Self {
        requests_count: 120_000_000,
        events_count: 4_000_000,
    };

    /// Trials that fit, each as dear as this run.
    fn trials(self, run: &RunSummary) -> u64 {
        let requests = self.requests_count / run.requests_count().max(1);
        requests.min(self.events_count / run.events_count.max(1))
    }
}

/// One change of a scenario and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// Paths and values as `--set` takes them.
    pub(crate) sets: Vec<(String, String)>,
    /// Why this value.
    pub(crate) reason: String,
}

impl Change {
    /// A change of one setting.
    pub(crate) fn one(path: &str, value: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            sets: vec![(path.to_owned(), value.into())],
            reason: reason.into(),
        }
    }

    /// Together with another setting.
    pub(crate) fn and(mut self, path: &str, value: impl Into<String>) -> Self {
        self.sets.push((path.to_owned(), value.into()));
        self
    }

    fn texts(&self) -> Vec<String> {
        self.sets
            .iter()
            .map(|(path, value)| format!("{path}={value}"))
            .collect()
    }
}

/// Failed requests of a run.
#[derive(Debug, Clone, Default)]
struct Counts {
    causes: BTreeMap<Cause, u64>,
    requests: u64,
    events: u64,
}

impl Counts {
    fn of(run: &RunSummary) -> Self {
        let mut causes = BTreeMap::new();
        for (cause, _, count) in run.causes.iter() {
            *causes.entry(cause).or_default() += count;
        }
        Self {
            causes,
            requests: run.requests_count(),
            events: run.events_count,
        }
    }

    fn failures(&self) -> u64 {
        self.causes.values().sum()
    }
}

/// Simulates a scenario with changes; each change once.
#[derive(Debug)]
pub(crate) struct Bench<'a> {
    /// As it stands.
    pub(crate) scenario: &'a Scenario,
    resolved: &'a Json,
    seed: Seed,
    replication: u32,
    before: Counts,
    budget: Budget,
    /// Changes that may still be simulated.
    trials_left: u64,
    /// Changes that could be simulated at the start.
    trials_most: u64,
    known: Vec<(Vec<String>, Result<Counts, String>)>,
}

impl<'a> Bench<'a> {
    /// For a scenario whose own run gave `before`; `resolved` is the scenario as JSON.
    pub(crate) fn new(
        scenario: &'a Scenario,
        resolved: &'a Json,
        seed: Seed,
        replication: u32,
        before: &RunSummary,
        budget: Budget,
    ) -> Self {
        let trials_most = budget.trials(before);
        Self {
            scenario,
            resolved,
            seed,
            replication,
            before: Counts::of(before),
            budget,
            trials_left: trials_most,
            trials_most,
            known: Vec::new(),
        }
    }

    /// Requests of that cause, and all failed ones, in the scenario as it stands.
    pub(crate) fn before(&self, cause: Cause) -> (u64, u64) {
        let count = self.before.causes.get(&cause).copied().unwrap_or(0);
        (count, self.before.failures())
    }

    /// How often each cause occurs in the scenario as it stands.
    pub(crate) fn causes_before(&self) -> &BTreeMap<Cause, u64> {
        &self.before.causes
    }

    /// Trials that the budget allowed at the start.
    pub(crate) fn trials_most(&self) -> u64 {
        self.trials_most
    }

    /// Why nothing is simulated again, with the bound.
    pub(crate) fn too_costly(&self) -> String {
        let Budget {
            requests_count,
            events_count,
        } = self.budget;
        format!(
            "Not tried: the run of {} requests and {} control-plane events is too large to be simulated again within \
             {requests_count} requests and {events_count} events; try settings with `sim run`.",
            self.before.requests, self.before.events
        )
    }

    /// What becomes of a cause with a change; nothing if the budget is spent.
    pub(crate) fn attempt(&mut self, cause: Cause, change: &Change) -> anyhow::Result<Option<Trial>> {
        let sets = change.texts();
        let known = self.known.iter().find(|(known, _)| *known == sets);
        let outcome = match known.map(|(_, outcome)| outcome.clone()) {
            Some(outcome) => outcome,
            None if self.trials_left == 0 => return Ok(None),
            None => {
                self.trials_left -= 1;
                let outcome = match changed(self.resolved, change) {
                    Ok(scenario) => Ok(Counts::of(&simulate(
                        &scenario,
                        self.seed,
                        self.replication,
                        TraceLevel::Off,
                        &mut |_| {},
                    )?)),
                    Err(refused) => Err(refused),
                };
                self.known.push((sets.clone(), outcome.clone()));
                outcome
            }
        };
        let (counts, refused) = match outcome {
            Ok(counts) => (Some(counts), None),
            Err(refused) => (None, Some(refused)),
        };
        Ok(Some(Trial {
            sets,
            reason: change.reason.clone(),
            cause_count: counts
                .as_ref()
                .map(|counts| counts.causes.get(&cause).copied().unwrap_or(0)),
            failures_count: counts.as_ref().map(Counts::failures),
            requests_count: counts.as_ref().map(|counts| counts.requests),
            refused,
        }))
    }
}

/// The scenario with a change, or why it is refused.
pub(crate) fn changed(resolved: &Json, change: &Change) -> Result<Scenario, String> {
    let mut json = resolved.clone();
    for (path, value) in &change.sets {
        set(&mut json, path, value);
    }
    let scenario: Scenario = serde_json::from_value(json).map_err(|error| error.to_string())?;
    match scenario.validate() {
        Ok(()) => Ok(scenario),
        Err(errors) => Err(format!("`{}`: {}", errors[0].path, errors[0].problem)),
    }
}

/// Sets the value at a path such as `a.b` or `a[0].b`; what is null on the way becomes an object.
fn set(json: &mut Json, path: &str, value: &str) {
    let mut at = json;
    for step in path.split('.') {
        let (key, index) = match step.split_once('[') {
            Some((key, index)) => (key, index.trim_end_matches(']').parse::<usize>().ok()),
            None => (step, None),
        };
        if at.is_null() {
            *at = Json::Object(serde_json::Map::new());
        }
        at = &mut at[key];
        if let Some(index) = index {
            at = &mut at[index];
        }
    }
    *at = serde_json::from_str(value).unwrap_or_else(|_| Json::String(value.to_owned()));
}

/// Takes records for a closure.
struct Tap<'a>(&'a mut dyn FnMut(&TraceRecord));

impl TraceSink for Tap<'_> {
    fn record(&mut self, record: TraceRecord) {
        self.0(&record);
    }
}

/// Runs a valid scenario.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn simulate(
    scenario: &Scenario,
    seed: Seed,
    replication: u32,
    level: TraceLevel,
    take: &mut dyn FnMut(&TraceRecord),
) -> anyhow::Result<RunSummary> {
    simulate::guarded(scenario, seed, replication, || {
        world::run(scenario, seed, replication, level, &mut Tap(take))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_into_lists_and_through_null() {
        let mut json = serde_json::json!({ "pod": { "probe": null }, "disruptions": [{ "at": "1m" }] });
        set(&mut json, "pod.probe.period", "5s");
        set(&mut json, "disruptions[0].at", "2m");
        set(&mut json, "pod.gate", "true");
        let expected = serde_json::json!({
            "pod": { "probe": { "period": "5s" }, "gate": true },
            "disruptions": [{ "at": "2m" }]
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn the_dearer_half_of_a_run_decides_how_often_it_fits() {
        let mut run = RunSummary::new(0, sim_core::time::SimDuration::from_secs(1));
        run.status_counts[0] = 100;
        run.events_count = 5;
        let budget = |requests_count, events_count| Budget {
            requests_count,
            events_count,
        };
        assert_eq!(budget(1_000, 20).trials(&run), 4);
        assert_eq!(budget(299, 1_000).trials(&run), 2);
        assert_eq!(budget(99, 1_000).trials(&run), 0);
    }

    #[test]
    fn without_room_for_a_trial_nothing_is_tried_and_the_bound_is_named() {
        let scenario = Scenario::default();
        let resolved = serde_json::to_value(&scenario).unwrap();
        let mut run = RunSummary::new(0, scenario.horizon);
        run.status_counts[0] = 100;
        let budget = Budget {
            requests_count: 99,
            events_count: 1,
        };
        let mut bench = Bench::new(&scenario, &resolved, Seed(1), 0, &run, budget);
        assert_eq!(bench.trials_most(), 0);
        assert!(
            bench.too_costly().contains("within 99 requests and 1 events"),
            "{}",
            bench.too_costly()
        );
        let change = Change::one("pod.pre_stop.sleep", "5s", "some");
        assert_eq!(bench.attempt(Cause::SilentPodIp, &change).unwrap(), None);
    }

    #[test]
    fn a_change_that_the_scenario_refuses_says_why() {
        let resolved = serde_json::to_value(Scenario::default()).unwrap();
        let change = Change::one("load_balancer.idle_timeout", "0s", "none");
        let refused = changed(&resolved, &change).unwrap_err();
        assert!(refused.contains("load_balancer.idle_timeout"), "{refused}");
        assert!(changed(&resolved, &Change::one("pod.pre_stop.sleep", "5s", "some")).is_ok());
    }
}
