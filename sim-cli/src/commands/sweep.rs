//! `sim sweep`: design points in parallel, kept as they end, and their table.

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::{Context as _, anyhow, bail};
use rayon::prelude::*;
use sim_core::scenario::Scenario;

use crate::args::ScenarioInput;
use crate::args::sweep::{SweepArgs, TableFormat};
use crate::commands::ExitStatus;
use crate::commands::progress::Progress;
use crate::output::table::Table;
use crate::output::{OutputFile, table, text};
use crate::pictures::{Named, sweep as pictures};
use crate::printer::Printer;
use crate::provenance;
use crate::scenario_file::{self, LoadError, Loaded};
use crate::sweep::design::{self, Design};
use crate::sweep::journal::{self, Journal};
use crate::sweep::point::{self, PointResult};
use crate::sweep::sensitivity::Index;
use crate::sweep::vary::Factor;
use crate::sweep::waiting::Waiting;
use crate::sweep::{self, Plan, Replications, sensitivity, sobol, table as rows, uncertain, whole};

/// Runs the command.
///
/// # Errors
///
/// If the scenario or a design point is not usable, a file cannot be written, or the sweep is interrupted.
pub(crate) fn run(args: &SweepArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    let plan = plan(args)?;
    let base = load(&args.input, plan.text.as_ref())?;
    let format = args.table_format();
    let to_stdout = args.output == Path::new("-");
    if args.resume && to_stdout {
        bail!("--resume needs the --output FILE of the interrupted sweep");
    }
    let pool = super::thread_pool(args.threads)?;
    let mut scenarios = Waiting::new(&plan, &base);
    if !args.skip_invalid {
        pool.install(|| scenarios.read_all(&plan)).map_err(|(index, error)| {
            printer.note(&format!(
                "design point {index} cannot be run; --skip-invalid leaves such points out"
            ));
            error
        })?;
    }
    args.pictures.prepare()?;
    let page = args.page.open()?;
    let interrupted = interrupt_flag()?;
    let (journal, done) = if to_stdout {
        (None, std::collections::BTreeMap::new())
    } else {
        let path = journal::path_of(&args.output);
        let (journal, done) = journal::open(&path, &plan.digest(&base.digest), plan.points.len(), args.resume)?;
        (Some(journal), done)
    };
    // Opened before the first run, so that a typing error costs nothing.
    let output = OutputFile::open(&args.output)?;
    if !done.is_empty() {
        printer.note(&format!(
            "{} of {} design points are finished already",
            done.len(),
            plan.points.len()
        ));
    }
    let started = Instant::now();
    let sweep = Sweep {
        plan: &plan,
        done,
        journal: Mutex::new(journal),
        interrupted,
        skip_invalid: args.skip_invalid,
    };
    let results = pool.install(|| sweep.run(scenarios, printer))?;
    let journal = sweep
        .journal
        .into_inner()
        .expect("no point panicked while it held the lock");
    if sweep.interrupted.load(Ordering::Relaxed) && results.len() < plan.points.len() {
        return Err(cut_short(journal.as_ref(), results.len(), plan.points.len()));
    }
    if results.is_empty() {
        if let Some(journal) = journal {
            journal.remove()?;
        }
        printer.note("no design point can be run; this is what is wrong with the first");
        let error = plan.scenario(&plan.points[0]).err();
        return Err(error.map_or_else(|| anyhow!("no design point can be run"), Into::into));
    }
    let elapsed = started.elapsed().as_secs_f64();
    let finished = Finished {
        plan: &plan,
        scenario: &base.scenario.name,
        command: provenance::of_sweep(args, plan.seed),
        results: &results,
        indices: if args.sensitivity {
            Indices::of(&plan, &results)
        } else {
            Indices::NotAsked
        },
    };
    if args.pictures.plots.is_some() || page.is_some() {
        let figures = finished.figures();
        if figures.is_empty() && !args.sensitivity {
            printer.note(pictures::NOTHING_TO_DRAW);
        }
        if let Some(page) = page {
            page.write_result(&base.scenario.name, finished.text(false), &figures, base.to_yaml())?;
        }
        for problem in args.pictures.write(&figures)? {
            printer.note(&problem);
        }
    }
    write(output, format, &finished, printer)?;
    if let Some(journal) = journal {
        journal.remove()?;
    }
    if results.len() < plan.points.len() {
        let skipped = plan.points.len() - results.len();
        printer.note(&format!(
            "{skipped} design points were left out: no run could use their settings"
        ));
    }
    printer.detail(&format!(
        "{} design points in {elapsed:.2} s: {:.0} points per second",
        results.len(),
        sim_core::stats::ratio(results.len() as u64, 1) / elapsed.max(1e-9)
    ));
    Ok(ExitStatus::Success)
}

fn plan(args: &SweepArgs) -> anyhow::Result<Plan> {
    let text = read_stdin(args)?;
    let mut factors = args.vary.clone();
    if args.sensitivity {
        let base = load(&args.input, text.as_ref())?;
        if factors.is_empty() {
            factors = uncertain::factors(&base);
        }
        for factor in &mut factors {
            factor.own = Some(uncertain::own(&base, &factor.path));
        }
    }
    for (index, factor) in args.vary.iter().enumerate() {
        if args.vary[..index].iter().any(|known| known.path == factor.path) {
            bail!("--vary {} stands twice; give all its levels in one", factor.path);
        }
    }
    if args.sensitivity || args.design != Design::Grid {
        let is_usable = |set: String| {
            let sets = [&args.input.sets[..], &[set]].concat();
            sweep::scenario(&args.input.source, text.as_ref(), args.input.profile.as_deref(), &sets).is_ok()
        };
        let in_steps = |factor: Factor| {
            let path = factor.path.clone();
            whole::in_whole_steps(factor, |level| is_usable(format!("{path}={level}")))
        };
        factors = factors.into_iter().map(in_steps).collect();
    }
    let count = usize::try_from(args.points.get()).expect("32 bits fit");
    let dimensions = factors.len() * if args.sensitivity { 2 } else { 1 };
    let is_sobol = args.sensitivity || args.design == Design::Sobol;
    if is_sobol && (count > sobol::MOST_POINTS || dimensions > sobol::MOST_DIMENSIONS) {
        bail!(
            "a Sobol sequence has at most {} points of {} factors; use --design latin-hypercube",
            sobol::MOST_POINTS,
            sobol::MOST_DIMENSIONS / if args.sensitivity { 2 } else { 1 }
        );
    }
    let seed = provenance::seed(args.seed);
    let points = if args.sensitivity {
        sensitivity::points(&factors, count, seed)
    } else {
        design::points(args.design, &factors, count, seed).map_err(|error| anyhow!("--vary {error}"))?
    };
    if args.until_half_width.is_some() && args.max_replications < args.replications {
        bail!(
            "--max-replications {} is below --replications {}",
            args.max_replications,
            args.replications
        );
    }
    Ok(Plan {
        source: args.input.source.clone(),
        text,
        profile: args.input.profile.clone(),
        sets: args.input.sets.clone(),
        factors,
        points,
        seed,
        replications: Replications {
            count: args.replications.get(),
            until_half_width: args.until_half_width,
            max: args
                .until_half_width
                .map_or(args.replications, |_| args.max_replications)
                .get(),
        },
    })
}

fn read_stdin(args: &SweepArgs) -> anyhow::Result<Option<String>> {
    if args.input.source != "-" {
        return Ok(None);
    }
    let mut text = String::new();
    std::io::Read::read_to_string(&mut std::io::stdin().lock(), &mut text)
        .context("cannot read the scenario from standard input")?;
    Ok(Some(text))
}

/// The scenario itself, where nothing varies.
fn load(input: &ScenarioInput, text: Option<&String>) -> Result<Loaded, LoadError> {
    match text {
        Some(text) => scenario_file::load_text("<stdin>", text.clone(), input.profile.as_deref(), &input.sets),
        None => input.load(),
    }
}

/// Set by Ctrl-C: replications under way end, and no other starts.
fn interrupt_flag() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    ctrlc::set_handler(move || set.store(true, Ordering::Relaxed)).context("cannot take Ctrl-C")?;
    Ok(flag)
}

fn cut_short(journal: Option<&Journal>, done: usize, all: usize) -> anyhow::Error {
    match journal {
        Some(journal) => anyhow!(
            "interrupted; {done} of {all} design points are kept in {}, go on with --resume",
            journal.path().display()
        ),
        None => anyhow!("interrupted; nothing is kept without --output FILE"),
    }
}

struct Sweep<'p> {
    plan: &'p Plan,
    done: std::collections::BTreeMap<usize, PointResult>,
    journal: Mutex<Option<Journal>>,
    interrupted: Arc<AtomicBool>,
    skip_invalid: bool,
}

impl Sweep<'_> {
    /// All points that ended, in the order of the design.
    fn run(&self, scenarios: Waiting, printer: &Printer) -> anyhow::Result<Vec<PointResult>> {
        let count = u64::try_from(self.plan.points.len()).expect("64 bits fit");
        let progress = Progress::start(count, "design points", printer);
        progress.advance_by(self.done.len() as u64);
        let results: Vec<Option<PointResult>> = scenarios
            .into_points()
            .map(|(index, scenario)| {
                if let Some(done) = self.done.get(&index) {
                    return Ok(Some(done.clone()));
                }
                if self.interrupted.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                let result = self.one(index, scenario)?;
                progress.advance_by(u64::from(result.is_some()));
                Ok(result)
            })
            .collect::<anyhow::Result<_>>()?;
        progress.finish();
        Ok(results.into_iter().flatten().collect())
    }

    fn one(&self, index: usize, scenario: Option<Box<Scenario>>) -> anyhow::Result<Option<PointResult>> {
        let plan = self.plan;
        let scenario = match scenario.map_or_else(|| plan.scenario(&plan.points[index]).map(Box::new), Ok) {
            Ok(scenario) => scenario,
            Err(_) if self.skip_invalid => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Some(result) = point::run(index, &scenario, plan.seed, plan.replications, &self.interrupted)? else {
            return Ok(None);
        };
        if let Some(journal) = self
            .journal
            .lock()
            .expect("no point panicked while it held the lock")
            .as_mut()
        {
            journal.add(&result)?;
        }
        Ok(Some(result))
    }
}

/// Shares of the variance of the 5xx ratio by factor.
enum Indices {
    /// Without `--sensitivity`.
    NotAsked,
    /// In the order of the factors; none if the ratio never changes.
    Found(Vec<Index>),
}

impl Indices {
    fn of(plan: &Plan, results: &[PointResult]) -> Self {
        let ratios: Vec<f64> = results.iter().map(|result| result.five_xx_ratio().0).collect();
        Self::Found(sensitivity::indices(&plan.factors, &ratios, plan.seed).unwrap_or_default())
    }
}

/// A sweep that is done.
struct Finished<'f> {
    plan: &'f Plan,
    scenario: &'f str,
    /// Gives the same again.
    command: String,
    results: &'f [PointResult],
    /// With `--sensitivity`.
    indices: Indices,
}

impl Finished<'_> {
    fn text(&self, color: bool) -> String {
        let result = match &self.indices {
            Indices::Found(indices) => text::sensitivity::render(self.plan, self.scenario, indices, color),
            Indices::NotAsked => text::sweep::render(self.plan, self.scenario, self.results, color),
        };
        format!("{result}\n{}", text::reproduce(&self.command, color))
    }

    fn figures(&self) -> Vec<Named> {
        match &self.indices {
            Indices::Found(indices) if indices.is_empty() => Vec::new(),
            Indices::Found(indices) => {
                let bars = rows::sensitivity_bars(&self.plan.factors, indices);
                vec![pictures::tornado(self.scenario, &bars)]
            }
            Indices::NotAsked => pictures::figures(&rows::data(self.plan, self.scenario, self.results)),
        }
    }

    fn table(&self) -> Table {
        match &self.indices {
            Indices::Found(indices) => rows::sensitivity(&self.plan.factors, indices),
            Indices::NotAsked => rows::table(self.plan, self.results),
        }
    }
}

fn write(
    mut output: OutputFile,
    format: TableFormat,
    finished: &Finished<'_>,
    printer: &Printer,
) -> anyhow::Result<()> {
    if format == TableFormat::Text {
        let color = output.is_stdout() && printer.color_stdout();
        output.write_all(finished.text(color).as_bytes())?;
        return output.commit();
    }
    let all = finished.table();
    match format {
        TableFormat::Text => unreachable!("written above"),
        TableFormat::Csv => table::csv::write(&mut output, &all)?,
        TableFormat::Ndjson => table::ndjson::write(&mut output, &all)?,
        TableFormat::Parquet => table::parquet::write(&mut output, &all)?,
    }
    let is_stdout = output.is_stdout();
    output.commit()?;
    if !is_stdout {
        printer.data(&finished.text(printer.color_stdout()))?;
    }
    Ok(())
}
