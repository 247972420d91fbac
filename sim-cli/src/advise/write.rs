//! From a subject to the finished advice.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use sim_core::rng::Seed;

use super::bench::{Bench, ENOUGH_EVENTS, Effort};
use super::candidate::{Candidate, Cover};
use super::document::{Advice, CauseReport, Provenance, SCHEMA_VERSION, TargetReport, TradeOff, WorseReport};
use super::measure::Measured;
use super::search::{MOST_S, Search, Status};
use super::subject::Subject;
use super::worse::{self, Assumption};
use super::{Measure, Target, levers, neighbours, patches, reasons};
use crate::check::patch::Patch;
use crate::scenario_file::Loaded;

/// Profile of a busy cluster.
const STRESS: &str = "eks-stress";

/// How to search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// What is to be met.
    pub(crate) target: Target,
    /// Seed of the search; the check takes the next one.
    pub(crate) seed: Seed,
    /// Replications of each candidate at first; nothing: a few, more where a run has few events.
    pub(crate) first: Option<u32>,
    /// Replications of each candidate at most.
    pub(crate) most: u32,
    /// Whether settings of the application must stay.
    pub(crate) manifests_only: bool,
}

/// The advice and what files are made from.
pub(crate) struct Advised {
    /// All that there is to say.
    pub(crate) advice: Advice,
    /// The changes of the manifests.
    pub(crate) patches: Vec<Patch>,
    /// The scenario with the advised settings.
    pub(crate) scenario: Loaded,
}

/// Searches, checks and explains. `done` is called after each candidate.
///
/// # Errors
///
/// If the scenario cannot be used, or the model breaks one of its invariants.
pub(crate) fn advise(subject: &Subject<'_>, plan: Plan, done: &(dyn Fn() + Sync)) -> anyhow::Result<Advised> {
    let base = subject.load(None, &[])?;
    let scenario = &base.scenario;
    let check_seed = Seed(plan.seed.0.wrapping_add(1));
    let effort = effort(&base, plan, done)?;
    let bench = |seed| Bench::new((scenario, &base.resolved), seed, effort, plan.target, done);
    let mut search = Search {
        bench: bench(plan.seed),
        check: bench(check_seed),
        levers: levers::of(scenario, plan.manifests_only),
    };
    let (found, status) = search.find()?;
    let before = valid(search.bench.decide(&Candidate::as_is())?);
    let after = valid(search.bench.decide(&found)?);
    let check = valid(search.check.decide(&found)?);
    let near = match status {
        Status::Met => neighbours::around(&mut search, &found)?,
        Status::AlreadyMet | Status::NotReachable | Status::Undecided => Vec::new(),
    };
    let trade_off = trade_off(&mut search.bench, &found)?;
    let other_runs = AtomicU64::new(0);
    let terms = (plan.seed, effort, plan.target);
    let if_worse = if_worse(subject, &base, &found, terms, done, &other_runs)?;
    let sets: Vec<String> = found
        .change(scenario)
        .sets
        .iter()
        .map(|(path, value)| format!("{path}={value}"))
        .collect();
    let advised = subject
        .load(None, &sets)
        .context("the advised settings are refused, which is a mistake of `sim advise`")?;
    let patches = patches::of(subject, scenario, &found);
    let runs = search.bench.runs_count() + search.check.runs_count() + other_runs.into_inner();
    let advice = Advice {
        schema_version: SCHEMA_VERSION,
        provenance: Provenance {
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: scenario.name.clone(),
            scenario_digest: base.digest.clone(),
            advised_digest: advised.digest.clone(),
            profile: scenario.profile.clone(),
            seed: plan.seed.0,
            check_seed: check_seed.0,
            runs_count: runs,
        },
        target: target(plan.target),
        status,
        settings: reasons::settings(&base, &found, &near, plan.target),
        notes: reasons::notes(scenario, &found, status, &before, &after, plan.target),
        before: (&before).into(),
        after: (&after).into(),
        independent_check: (&check).into(),
        remaining_causes: after
            .causes
            .iter()
            .map(|(cause, errors_per_event)| CauseReport {
                cause: *cause,
                errors_per_event: *errors_per_event,
                explanation: cause.explanation().to_owned(),
            })
            .collect(),
        trade_off,
        neighbours: near
            .iter()
            .map(|near| reasons::neighbour(near, &found, scenario))
            .collect(),
        if_worse,
        patches: patches
            .iter()
            .filter_map(|patch| patch.json.as_object().cloned())
            .collect(),
    };
    Ok(Advised {
        advice,
        patches,
        scenario: advised,
    })
}

/// As asked for, or enough to see [`ENOUGH_EVENTS`] but no more than ten and no fewer than four.
fn effort(base: &Loaded, plan: Plan, done: &(dyn Fn() + Sync)) -> anyhow::Result<Effort> {
    let few = Effort {
        first: 2,
        most: plan.most,
    };
    if let Some(first) = plan.first {
        return Ok(Effort { first, ..few });
    }
    let mut bench = Bench::new((&base.scenario, &base.resolved), plan.seed, few, plan.target, done);
    let pilot = valid(bench.measure(&Candidate::as_is())?);
    let enough = (ENOUGH_EVENTS * pilot.replications_count).div_ceil(pilot.events_count);
    let first = u32::try_from(enough).unwrap_or(10).clamp(4, 10);
    Ok(Effort {
        first: first.min(plan.most),
        ..few
    })
}

fn valid(measured: Option<Measured>) -> Measured {
    measured.expect("what was found was simulated")
}

fn target(target: Target) -> TargetReport {
    let what = match target.measure {
        Measure::ErrorsPerEvent => {
            "Errors per event: 5xx responses of a run divided by its events. An event is a disruption that took pods away, \
             each step of a schedule on its own; where none took pods away, every disruption is one, or else the run."
        }
        Measure::FiveXxRatio => "5xx ratio: 5xx responses divided by all requests after the warm-up.",
    };
    let bound = "The bound is one-sided: Student-t over replications, and never below the exact binomial one; settings \
                 that meet the target are shown with 60 events at least, replications permitting.";
    TargetReport {
        measure: target.measure,
        value: target.value,
        confidence_ratio: target.confidence,
        definition: format!("{what} {bound}"),
    }
}

/// Cover by cover, those around the found one too.
fn trade_off(bench: &mut Bench<'_>, found: &Candidate) -> anyhow::Result<Vec<TradeOff>> {
    let scenario = bench.scenario;
    let at = match found.cover {
        Cover::Seconds(seconds) => seconds,
        Cover::AsIs => scenario.pod.pre_stop.sleep.map_or(0, levers::whole_seconds),
    };
    let step = if at <= 30 { 5 } else { 15 };
    let mut covers: Vec<u64> = (0..=at.max(20) + 10).step_by(step).collect();
    covers.extend([at.saturating_sub(1), at, at + 1]);
    covers.sort_unstable();
    covers.dedup();
    let candidates: Vec<Candidate> = covers
        .iter()
        .filter(|cover| **cover <= MOST_S)
        .map(|cover| found.with_cover(*cover))
        .collect();
    bench.prepare(&candidates)?;
    let mut rows = Vec::new();
    for candidate in candidates {
        if let Some(measured) = bench.decide(&candidate)? {
            rows.push(TradeOff {
                sleep_s: candidate.sleep_s(scenario).unwrap_or(0),
                termination_grace_period_s: candidate.grace_s(scenario),
                measured: (&measured).into(),
            });
        }
    }
    Ok(rows)
}

fn if_worse(
    subject: &Subject<'_>,
    base: &Loaded,
    found: &Candidate,
    terms: (Seed, Effort, Target),
    done: &(dyn Fn() + Sync),
    runs: &AtomicU64,
) -> anyhow::Result<Vec<WorseReport>> {
    let scenario = &base.scenario;
    let mut worlds = vec![Assumption::stretched(scenario, 15), Assumption::stretched(scenario, 20)];
    if scenario.profile != STRESS {
        let stress = subject.load(Some(STRESS), &[])?.scenario;
        worlds.push(Assumption::new(format!("profile {STRESS}"), stress));
    }
    let mut reports = Vec::new();
    for world in worlds {
        let (worse, count) = worse::judge(world, found, terms, done)?;
        runs.fetch_add(count, Ordering::Relaxed);
        reports.extend(worse.map(|worse| WorseReport {
            assumption: worse.assumption,
            measured: (&worse.measured).into(),
            needed_s: worse.needed_s,
        }));
    }
    Ok(reports)
}
