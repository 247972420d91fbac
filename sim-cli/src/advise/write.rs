//! From a subject to the finished advice.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, ensure};
use sim_core::rng::Seed;
use sim_core::stats;

use super::bench::{self, Bench, ENOUGH_EVENTS, Effort};
use super::candidate::Candidate;
use super::confirm::Confirmation;
use super::document::{Advice, CauseReport, Provenance, SCHEMA_VERSION, TargetReport, TradeOff, WorseReport};
use super::measure::Measured;
use super::neighbours::Neighbour;
use super::notes::Facts;
use super::search::{Search, Status, USUAL_S};
use super::subject::{Guess, Subject};
use super::worse::{self, Assumption};
use super::{Measure, Target, levers, neighbours, patches, reasons};
use crate::check::patch::Patch;
use crate::scenario_file::Loaded;

/// Profile of a busy cluster.
const STRESS: &str = "eks-stress";

/// Requests of one candidate at most, which take some ten seconds on one thread.
const REQUESTS_COUNT: u64 = 150_000_000;

/// Replications of one candidate at most, as few and as many as [`REQUESTS_COUNT`] may give: where one run in a thousand
/// fails hundreds of requests, it takes some thousand to promise less than one failure.
const MOST: (u32, u32) = (bench::USUAL_REPLICATIONS, 2000);

/// Part of these replications for worlds that are only assumed.
const GUESS_PART: u32 = 4;

/// What stands above settings that are only the best found.
const CAVEAT: &str = "Does not meet the target: the best settings found, not advice.";

/// How to search.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// What is to be met.
    pub(crate) target: Target,
    /// Seed of the search; the check takes the next one.
    pub(crate) seed: Seed,
    /// Replications of each candidate at first; nothing: a few, more where a run has few events.
    pub(crate) first: Option<u32>,
    /// Replications of each candidate at most; nothing: by the requests of a run.
    pub(crate) most: Option<u32>,
    /// Whether settings of the application must stay.
    pub(crate) manifests_only: bool,
    /// The command that asks for it.
    pub(crate) command: String,
}

/// The advice and what files are made from.
pub(crate) struct Advised {
    /// All that there is to say.
    pub(crate) advice: Advice,
    /// The changes of the manifests.
    pub(crate) patches: Vec<Patch>,
    /// What is wrong with the settings, where they do not meet the target; the patches say it themselves.
    pub(crate) caveat: Option<&'static str>,
    /// The scenario with the advised settings.
    pub(crate) scenario: Loaded,
}

/// Searches, checks and explains. `done` is called after each candidate.
///
/// # Errors
///
/// If the scenario cannot be used, or the model breaks one of its invariants.
pub(crate) fn advise(subject: &Subject<'_>, plan: &Plan, done: &(dyn Fn() + Sync)) -> anyhow::Result<Advised> {
    let base = subject.load(None, &[])?;
    let scenario = &base.scenario;
    let effort = effort(&base, plan, done)?;
    let bench = Bench::new((scenario, &base.resolved), plan.seed, effort, plan.target, done);
    let mut search = Search::new(bench, levers::of(scenario, plan.manifests_only));
    let guesses = subject.guesses();
    search.keeps_today = Candidate::as_is().covers_by_grace(scenario) && guesses.iter().any(Guess::is_about_sigterm);
    let found = search.find()?;
    // What follows is shown and not checked.
    search.bench.enough_events = ENOUGH_EVENTS;
    let candidate = &found.candidate;
    let before = valid(search.bench.decide(&Candidate::as_is())?);
    let after = valid(search.bench.decide(candidate)?);
    let near = match found.status {
        Status::Met => neighbours::around(&mut search, candidate)?,
        Status::AlreadyMet | Status::NotReachable | Status::Undecided => Vec::new(),
    };
    // The table shows the way there; none of its rows is worth as many runs as the advised one.
    search.bench.effort.most = effort.most.min(bench::USUAL_REPLICATIONS);
    search.bench.effort.insists = false;
    let mut trade_off = trade_off(&mut search.bench, candidate)?;
    let is_met = matches!(found.status, Status::Met | Status::AlreadyMet);
    checked(&mut trade_off, &search, is_met.then_some(&found.confirmation));
    search.bench.effort = effort;
    let other_runs = AtomicU64::new(0);
    let guess = Effort {
        most: effort.most.div_ceil(GUESS_PART).max(effort.first),
        insists: false,
        ..effort
    };
    let if_worse = if_worse(
        subject,
        &base,
        candidate,
        (plan.seed, guess, plan.target),
        done,
        &other_runs,
    )?;
    let sets: Vec<String> = candidate
        .change(scenario)
        .sets
        .iter()
        .map(|(path, value)| format!("{path}={value}"))
        .collect();
    let advised = subject
        .load(None, &sets)
        .context("the advised settings are refused, which is a mistake of `sim advise`")?;
    // What was checked must be what is written.
    ensure!(
        search.bench.scenario_of(candidate) == Some(&advised.scenario),
        "the advised scenario is not the one that was checked, which is a mistake of `sim advise`"
    );
    let mut patches = patches::of(subject, scenario, candidate);
    let caveat = (!is_met).then_some(CAVEAT);
    for patch in &mut patches {
        patch.remarks.splice(0..0, caveat.map(str::to_owned));
    }
    let runs = search.bench.runs_count() + other_runs.into_inner();
    let facts = Facts {
        search: &search,
        found: &found,
        before: &before,
        after: &after,
        near: &near,
        guesses: &guesses,
        target: plan.target,
    };
    let advice = Advice {
        schema_version: SCHEMA_VERSION,
        provenance: Provenance {
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: scenario.name.clone(),
            scenario_digest: base.digest.clone(),
            advised_digest: advised.digest.clone(),
            profile: scenario.profile.clone(),
            seed: plan.seed.0,
            runs_count: runs,
            command: plan.command.clone(),
        },
        target: target(plan.target),
        status: found.status,
        settings: reasons::settings(&base, candidate, &near, plan.target),
        notes: facts.notes(),
        before: (&before).into(),
        after: (&after).into(),
        independent_check: (&found.confirmation).into(),
        remaining_causes: after
            .causes
            .iter()
            .map(|(cause, errors_per_event)| CauseReport {
                cause: *cause,
                errors_per_event: *errors_per_event,
                explanation: cause.explanation().to_owned(),
            })
            .collect(),
        trade_off: trade_off.into_iter().map(|(_, row)| row).collect(),
        neighbours: near
            .iter()
            .map(|near| reasons::neighbour(near, candidate, scenario))
            .collect(),
        cheaper_neighbour_meets: near.iter().any(Neighbour::is_better),
        longest_cover_tried_s: search.longest_s,
        slowest_removal_s: stats::seconds(after.removal_max.max(found.confirmation.measured.removal_max)),
        if_worse,
        patches: patches
            .iter()
            .filter_map(|patch| patch.json.as_object().cloned())
            .collect(),
    };
    Ok(Advised {
        advice,
        patches,
        caveat,
        scenario: advised,
    })
}

/// As asked for, or at first enough to see [`ENOUGH_EVENTS`] but no more than ten and no fewer than four, and at most
/// as many as [`REQUESTS_COUNT`] gives.
fn effort(base: &Loaded, plan: &Plan, done: &(dyn Fn() + Sync)) -> anyhow::Result<Effort> {
    let few = Effort {
        first: 2,
        most: 2,
        insists: false,
    };
    let mut bench = Bench::new((&base.scenario, &base.resolved), plan.seed, few, plan.target, done);
    let pilot = valid(bench.measure(&Candidate::as_is())?);
    let requests = (pilot.requests_count / pilot.replications_count).max(1);
    let affordable = u32::try_from(REQUESTS_COUNT / requests).unwrap_or(u32::MAX);
    let enough = bench::replications_of(ENOUGH_EVENTS, &pilot);
    let first = plan.first.unwrap_or(enough.clamp(4, 10));
    let most = plan.most.unwrap_or(affordable.clamp(MOST.0, MOST.1).max(first));
    Ok(Effort {
        first: first.min(most),
        most,
        insists: plan.most.is_some(),
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
    let bound = "The search is not trusted for that: what it found is run again with a seed that it has not seen and a \
                 number of runs that is fixed before, and the bound of these runs decides. Bounds are those of Gaffke \
                 over runs, which imagine one run more that is as bad as the worst; never below the exact binomial ones.";
    TargetReport {
        measure: target.measure,
        value: target.value,
        confidence_ratio: target.confidence,
        definition: format!("{what} {bound}"),
    }
}

/// Cover by cover, those around the found one too.
fn trade_off(bench: &mut Bench<'_>, found: &Candidate) -> anyhow::Result<Vec<(Candidate, TradeOff)>> {
    let scenario = bench.scenario;
    let at = found.cover_s(scenario);
    let step = if at <= 30 { 5 } else { 15 };
    let mut covers: Vec<u64> = (0..=at.max(20) + 10).step_by(step).collect();
    covers.extend([at.saturating_sub(1), at, at + 1]);
    covers.sort_unstable();
    covers.dedup();
    let candidates: Vec<Candidate> = covers
        .iter()
        .filter(|cover| **cover <= USUAL_S.max(at + 1))
        .map(|cover| found.with_cover(*cover))
        .collect();
    bench.prepare(&candidates)?;
    let mut rows = Vec::new();
    for candidate in candidates {
        if let Some(measured) = bench.decide(&candidate)? {
            let row = TradeOff {
                sleep_s: candidate.sleep_s(scenario).unwrap_or(0),
                termination_grace_period_s: candidate.grace_s(scenario),
                // An own sleep that stays is the same as that sleep advised.
                is_advised: candidate.change(scenario) == found.change(scenario),
                measured: (&measured).into(),
            };
            rows.push((candidate, row));
        }
    }
    Ok(rows)
}

/// What was run with fresh seeds is worth more than what the search saw.
fn checked(rows: &mut [(Candidate, TradeOff)], search: &Search<'_>, confirmed: Option<&Confirmation>) {
    let scenario = search.bench.scenario;
    for check in search.refusals.iter().chain(confirmed) {
        let change = check.candidate.change(scenario);
        for (candidate, row) in rows.iter_mut() {
            if candidate.change(scenario) == change {
                row.measured = (&check.measured).into();
            }
        }
    }
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
            longest_cover_tried_s: worse.longest_s,
        }));
    }
    Ok(reports)
}
