//! `sim check`: predictions, findings and what each fix changes.

use std::io::Write as _;

use anyhow::{Context as _, bail};
use serde_json::Value as Json;
use sim_core::time::SimDuration;

use crate::args::check::{CheckArgs, CheckFormat};
use crate::check::predict::{self, Plan, Prediction};
use crate::check::report::{self, CheckReport, Limits};
use crate::check::{Change, Context, Effect, Finding, patch, rules};
use crate::commands::ExitStatus;
use crate::import::disruption::Standard;
use crate::import::{self, Imported};
use crate::manifest::{Manifests, files};
use crate::output::OutputFile;
use crate::output::check as formats;
use crate::printer::Printer;
use crate::provenance;
use crate::text::error::LoadError;
use crate::text::source::Sources;

/// Share of requests above which the check fails where no limit is given.
const DEFAULT_MAX_RATIO: f64 = 0.001;

/// Runs the command.
///
/// # Errors
///
/// If a manifest cannot be used, an output cannot be written, or the model breaks one of its invariants.
pub(crate) fn run(args: &CheckArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    if args.list_rules {
        return list_rules(args, printer);
    }
    let (manifests, sources) = files::load(&args.input.files)?;
    let options = args.input.options();
    let imported = match import::import(&manifests, &options) {
        Ok(imported) => imported,
        Err(problems) => return Err(LoadError::new(sources, problems).into()),
    };
    let mut output = OutputFile::open(&args.output)?;
    let patches = args.patches.as_deref().map(OutputFile::open).transpose()?;
    let target = output.target();
    if target.is_some() && target == patches.as_ref().and_then(OutputFile::target) {
        bail!("--output and --patches name the same file");
    }
    let pool = super::thread_pool(args.threads)?;
    let checked = pool.install(|| check(args, &manifests, &imported, &sources))?;
    let color = output.is_stdout() && printer.color_stdout();
    let text = match args.format {
        CheckFormat::Text => formats::text::render(&checked.report, &checked.findings, &imported, &sources, color),
        CheckFormat::Json => serde_json::to_string_pretty(&checked.report).context("the report is no JSON")? + "\n",
        CheckFormat::Sarif => formats::sarif::render(&checked.report),
        CheckFormat::Github => formats::github::render(&checked.report),
    };
    output.write_all(text.as_bytes())?;
    output.commit()?;
    if let Some(mut file) = patches {
        let all = patch::combined(checked.findings.iter().flat_map(|finding| &finding.fix.patches));
        let documents: Vec<String> = all.iter().map(patch::Patch::to_yaml).collect();
        file.write_all(documents.join("---\n").as_bytes())?;
        file.commit()?;
    }
    Ok(if checked.report.passed {
        ExitStatus::Success
    } else {
        ExitStatus::Failure
    })
}

/// Prints the rules.
fn list_rules(args: &CheckArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    let mut output = OutputFile::open(&args.output)?;
    let text = match args.format {
        CheckFormat::Text => formats::list::text(output.is_stdout() && printer.color_stdout()),
        CheckFormat::Json => formats::list::json(),
        CheckFormat::Sarif | CheckFormat::Github => bail!("--list-rules has the formats text and json"),
    };
    output.write_all(text.as_bytes())?;
    output.commit()?;
    Ok(ExitStatus::Success)
}

/// What came out of it.
struct Checked {
    report: CheckReport,
    findings: Vec<Finding>,
}

fn check(
    args: &CheckArgs,
    manifests: &Manifests,
    imported: &Imported<'_>,
    sources: &Sources,
) -> anyhow::Result<Checked> {
    let plan = Plan {
        seed: provenance::seed(args.seed),
        replications: args.replications.get(),
        disruptions: &args.disruptions,
        profile: args.profile.as_deref(),
        sets: &args.sets,
    };
    let base = import::load(&imported.draft, sources, plan.profile, plan.sets)?;
    let predictions = predict::predict(
        predict::scenarios(imported, sources, plan, &|_| Some(Vec::new()))?,
        plan,
    )?;
    if predictions.is_empty() {
        bail!("nothing to simulate: a single pod cannot be scaled down; choose another --disruption");
    }
    let context = Context {
        imported,
        scenario: &base.scenario,
        manifests,
        predictions: &predictions,
    };
    let mut findings = rules::findings(&context);
    for finding in &mut findings {
        if !finding.fix.settings.is_empty() && !finding.rule.shows_in.is_empty() {
            finding.effect = Some(effect(imported, sources, plan, finding, &predictions)?);
        }
    }
    let with_all_fixes = if findings.iter().all(|finding| finding.fix.settings.is_empty()) {
        Vec::new()
    } else {
        let all = |standard| Some(all_settings(&findings, standard));
        predict::predict(predict::scenarios(imported, sources, plan, &all)?, plan)?
    };
    let limits = Limits {
        max_five_xx_ratio: args
            .max_five_xx_ratio
            .or(args.max_five_xx_per_event.is_none().then_some(DEFAULT_MAX_RATIO)),
        max_five_xx_per_event: args.max_five_xx_per_event,
    };
    let report = report::report(&context, &findings, &with_all_fixes, limits, plan, sources);
    Ok(Checked { report, findings })
}

/// The same disruptions under the same seeds with some settings changed.
fn effect(
    imported: &Imported<'_>,
    sources: &Sources,
    plan: Plan<'_>,
    finding: &Finding,
    predictions: &[Prediction],
) -> anyhow::Result<Effect> {
    let settings = |standard| finding.shows_in(standard).then(|| finding.fix.settings.clone());
    let scenarios = predict::scenarios(imported, sources, plan, &settings)?;
    let with = predict::five_xx(&scenarios, plan)?;
    let changes = scenarios.iter().zip(with).filter_map(|((standard, _), with)| {
        // A second replica can be scaled down where a single one could not: nothing to compare with.
        let before = predictions.iter().find(|prediction| prediction.standard == *standard)?;
        Some(Change::new(*standard, &before.five_xx, &with))
    });
    Ok(Effect {
        changes: changes.collect(),
    })
}

/// The settings of all fixes that matter to a disruption; of two durations for one setting the longer, which satisfies
/// both rules.
fn all_settings(findings: &[Finding], standard: Standard) -> Vec<(String, Json)> {
    let mut all: Vec<(String, Json)> = Vec::new();
    // What shows nowhere by itself still belongs to the whole.
    let matters = |finding: &&Finding| finding.rule.shows_in.is_empty() || finding.shows_in(standard);
    for (path, value) in findings
        .iter()
        .filter(matters)
        .flat_map(|finding| &finding.fix.settings)
    {
        match all.iter_mut().find(|(known, _)| known == path) {
            Some((_, known)) => {
                if longest(value) > longest(known) {
                    *known = value.clone();
                }
            }
            None => all.push((path.clone(), value.clone())),
        }
    }
    all
}

/// The longest duration in a value; zero if it has none.
fn longest(value: &Json) -> SimDuration {
    match value {
        Json::String(text) => text.parse().unwrap_or(SimDuration::ZERO),
        Json::Object(fields) => fields.values().map(longest).max().unwrap_or(SimDuration::ZERO),
        _ => SimDuration::ZERO,
    }
}
