//! `sim validate cases`: reports from the field against the model.
//!
//! One unit of work is one draw of one case: all of its runs, one after another. Units are collected in their own
//! order, so that threads show nowhere.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;

use anyhow::anyhow;
use rayon::prelude::*;
use sim_core::rng::Seed;
use sim_core::trace::TraceLevel;
use sim_core::world;
use validation::cases::format::Case;
use validation::cases::measure::{Measured, Runs};
use validation::cases::observe::Observer;
use validation::cases::plan::{Log, Plan};
use validation::cases::report::CasesReport;
use validation::cases::study::Study;
use validation::cases::verdict::TRIES_PER_EVENT;
use validation::cases::{BUILT_IN, explanations};

use crate::args::validate::CasesArgs;
use crate::text::case_file;
use crate::text::nearest::nearest;
use crate::{scenario_file, simulate};

/// Replications set aside for each draw: more than any run has events.
const REPLICATIONS_PER_DRAW: u32 = 1000;

/// Reads the cases that are asked for.
///
/// # Errors
///
/// If the file cannot be read or has something wrong in it, or no case is called so.
pub(super) fn read(args: &CasesArgs) -> anyhow::Result<Vec<Case>> {
    let cases = match &args.cases {
        None => built_in()?,
        Some(path) => case_file::read(path)?.cases,
    };
    for id in &args.ids {
        if cases.iter().all(|case| case.id != *id) {
            let near = nearest(id, cases.iter().map(|case| case.id.as_str()));
            let help = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(anyhow!("no case is called `{id}`{help}"));
        }
    }
    let asked = |case: &Case| args.ids.is_empty() || args.ids.contains(&case.id);
    Ok(cases.into_iter().filter(asked).collect())
}

/// The cases that come with the program.
///
/// # Errors
///
/// None: they are tested.
pub(super) fn built_in() -> anyhow::Result<Vec<Case>> {
    Ok(case_file::parse("built-in cases", BUILT_IN.into())?.cases)
}

/// Runs and judges the cases of a file, or built-in ones, on the threads of the current pool; `advance` is told of every
/// draw of every case.
///
/// # Errors
///
/// If a case's settings make no valid scenario, or the model breaks one of its invariants.
pub(super) fn examine(
    cases: &[Case],
    file: Option<&Path>,
    draws: NonZeroU32,
    sets: &[String],
    seed: Seed,
    advance: &(dyn Fn() + Sync),
) -> anyhow::Result<CasesReport> {
    // A case of another file may have the name of a built-in one.
    let explanations = if file.is_none() {
        explanations()
    } else {
        BTreeMap::new()
    };
    let studies: Vec<Study<'_>> = cases.iter().map(|case| Study::new(case, seed)).collect();
    let draws_count = draws.get();
    let units: Vec<(usize, u32)> = (0..studies.len())
        .flat_map(|case| (0..draws_count).map(move |draw| (case, draw)))
        .collect();
    let results: Vec<anyhow::Result<(Runs, Log)>> = units
        .par_iter()
        .map(|(case, draw)| {
            let result = one(&cases[*case].id, &studies[*case], *draw, sets);
            advance();
            result
        })
        .collect();
    let mut draws: Vec<(Vec<Runs>, Log)> = cases.iter().map(|_| (Vec::new(), Log::default())).collect();
    for ((case, _), result) in units.iter().zip(results) {
        let (runs, log) = result?;
        draws[*case].0.push(runs);
        draws[*case].1.merge(log);
    }
    let reports = studies
        .iter()
        .zip(cases)
        .zip(&draws)
        .map(|((study, case), (runs, log))| study.conclude(runs, log, explanations.get(&case.id)))
        .collect();
    let file = file.map(|path| path.display().to_string());
    Ok(CasesReport::new(reports, draws_count, sets.to_vec(), file))
}

/// One draw of one case.
fn one(case: &str, study: &Study<'_>, draw: u32, sets: &[String]) -> anyhow::Result<(Runs, Log)> {
    let (plans, log) = study.plans(draw);
    let mut runs = Runs::new();
    for (label, plan) in plans {
        let measured = run(case, &label, &plan, study.seed(), draw, sets)?;
        runs.insert(label, measured);
    }
    Ok((runs, log))
}

/// All events of one run; each is a replication, the same in all runs of the draw.
fn run(case: &str, label: &str, plan: &Plan, seed: Seed, draw: u32, sets: &[String]) -> anyhow::Result<Measured> {
    let assignments = plan.assignments.iter().map(|(path, value)| format!("{path}={value}"));
    let sets: Vec<String> = assignments.chain(sets.iter().cloned()).collect();
    let name = format!("{case}: {label}");
    let loaded = scenario_file::load_text(&name, plan.document.to_owned(), None, &sets).map_err(|error| {
        anyhow!("case `{case}`, run `{label}`: what it states makes no scenario, in draw {draw}\n{error}")
    })?;
    let scenario = &loaded.scenario;
    let mut measured = Measured {
        hook_s: plan.hook_s,
        ..Measured::default()
    };
    let tries = if plan.must_hit { TRIES_PER_EVENT } else { 1 } * plan.events_count;
    for event in 0..tries {
        let replication = draw * REPLICATIONS_PER_DRAW + event;
        let gave = simulate::guarded(scenario, seed, replication, || {
            let mut observer = Observer::new(plan, scenario);
            let summary = world::run(scenario, seed, replication, TraceLevel::Failures, &mut observer);
            observer.finish(&summary)
        })?;
        if gave.hit || !plan.must_hit {
            measured.events.push(gave);
        }
        if measured.events.len() == plan.events_count as usize {
            break;
        }
    }
    Ok(measured)
}
