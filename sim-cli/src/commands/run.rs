//! `sim run`: replications in parallel, their aggregate, and every output asked for.

mod outputs;
mod replications;

use std::time::Instant;

use anyhow::{Context as _, bail};
use sim_core::time::SimDuration;

use crate::args::run::RunArgs;
use crate::commands::ExitStatus;
use crate::output;
use crate::pictures;
use crate::printer::Printer;
use crate::provenance::{self, Provenance};
use crate::report::{self, Report};
use outputs::Outputs;

/// Violations shown; more of the same help nobody.
const VIOLATIONS_SHOWN: usize = 20;

/// Runs the command.
///
/// # Errors
///
/// If the scenario is not usable, an output cannot be written, or the model breaks one of its invariants.
pub(crate) fn run(args: &RunArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    let loaded = args.input.load()?;
    let scenario = &loaded.scenario;
    check_peak_window(args.peak_window, scenario.horizon.saturating_sub(scenario.warm_up))?;
    let seed = provenance::seed(args.seed);
    let provenance = Provenance::new(args, &loaded, seed);
    args.pictures.prepare()?;
    let page = args.page.open()?;
    let mut outputs = Outputs::open(args, &loaded)?;

    let started = Instant::now();
    let runs = replications::run(args, scenario, seed, &mut outputs, printer)?;
    let elapsed = started.elapsed().as_secs_f64();

    let report = report::report(scenario, provenance, &runs.aggregate, args.peak_window);
    outputs.finish(args, &report, printer)?;
    if args.pictures.plots.is_some() || page.is_some() {
        let figures = pictures::of_run(scenario, seed, args.replications.get())?;
        if let Some(page) = page {
            let mut text = Vec::new();
            output::text::write(&mut text, &report, false)?;
            let text = String::from_utf8(text).context("the result is not UTF-8")?;
            page.write_result(&scenario.name, text, &figures, loaded.to_yaml())?;
        }
        for problem in args.pictures.write(&figures)? {
            printer.note(&problem);
        }
    }
    printer.detail(&format!(
        "{} replications, {} requests and {} control-plane events in {elapsed:.2} s on {} threads",
        report.replications.len(),
        report.requests_count,
        runs.aggregate.events_count,
        runs.threads_count,
    ));
    for violation in runs.violations.iter().take(VIOLATIONS_SHOWN) {
        printer.note(violation);
    }
    if runs.violations.len() > VIOLATIONS_SHOWN {
        printer.note(&format!(
            "... and {} more violations",
            runs.violations.len() - VIOLATIONS_SHOWN
        ));
    }
    let held = runs.violations.is_empty() & threshold_holds(args.max_five_xx_ratio, &report, printer);
    Ok(if held { ExitStatus::Success } else { ExitStatus::Failure })
}

fn check_peak_window(window: SimDuration, counted: SimDuration) -> anyhow::Result<()> {
    if window > counted {
        bail!("--peak-window {window} is longer than the {counted} between the scenario's warm_up and its horizon");
    }
    Ok(())
}

fn threshold_holds(max: Option<f64>, report: &Report, printer: &Printer) -> bool {
    let Some(max) = max else { return true };
    if report.requests_count == 0 {
        printer.note("no request was issued, so --max-5xx-ratio cannot be said to hold");
        return false;
    }
    let mean = report.five_xx_ratio.mean;
    if mean > max {
        printer.note(&format!("the mean 5xx ratio of {mean} is above --max-5xx-ratio {max}"));
    }
    mean <= max
}
