//! `sim advise`: the cheapest settings that meet a target.

use std::io::{self, Write as _};
use std::num::NonZeroU32;
use std::time::Instant;

use anyhow::{Context as _, bail};

use super::progress::Progress;
use crate::advise::search::Status;
use crate::advise::subject::{Origin, Service, Subject};
use crate::advise::write::{Advised, Plan};
use crate::advise::{self, Measure, Target};
use crate::args::advise::{AdviseArgs, AdviseFormat, Only};
use crate::check::patch::Patch;
use crate::commands::ExitStatus;
use crate::import::disruption::Standard;
use crate::import::draft::Draft;
use crate::import::{self, Imported};
use crate::manifest::files;
use crate::output::{OutputFile, json, text};
use crate::pictures::{Page, advise as pictures};
use crate::printer::Printer;
use crate::provenance;
use crate::text::error::LoadError;

/// Candidates of a usual search, for the progress bar.
const USUAL_CANDIDATES: u64 = 60;

/// Runs the command.
///
/// # Errors
///
/// If the scenario or a manifest cannot be used, an output cannot be written, or the model breaks one of its
/// invariants.
pub(crate) fn run(args: &AdviseArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    if let (Some(first), Some(most)) = (args.replications, args.max_replications)
        && most < first
    {
        bail!("--max-replications {most} is below --replications {first}");
    }
    match args.source.as_deref() {
        Some("-") => {
            let text = io::read_to_string(io::stdin()).context("cannot read standard input")?;
            on(args, Origin::Text(text), printer)
        }
        Some(source) => on(args, Origin::Named(source), printer),
        None => on_manifests(args, printer),
    }
}

fn on_manifests(args: &AdviseArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    let (manifests, sources) = files::load(&args.manifests)?;
    let options = args.options();
    let imported = match import::import(&manifests, &options) {
        Ok(imported) => imported,
        Err(problems) => return Err(LoadError::new(sources, problems).into()),
    };
    let Some(draft) = draft(args, &imported) else {
        bail!(
            "{} has one replica, so there is nothing to scale down; choose another disruption, for example \
             `--disruption rollout`",
            imported.route.workload.title()
        );
    };
    let service = Service {
        imported: &imported,
        manifests: &manifests,
        sources: &sources,
        draft,
    };
    on(args, Origin::Manifests(Box::new(service)), printer)
}

fn draft(args: &AdviseArgs, imported: &Imported<'_>) -> Option<Draft> {
    match args.disruption {
        Some(asked) => imported.with(asked),
        None => imported
            .with(Standard::ScaleDown)
            .or_else(|| imported.with(Standard::Rollout)),
    }
}

fn on(args: &AdviseArgs, origin: Origin<'_>, printer: &Printer) -> anyhow::Result<ExitStatus> {
    let subject = Subject {
        origin,
        profile: args.profile.as_deref(),
        sets: &args.sets,
    };
    let outputs = Outputs::open(args)?;
    args.pictures.prepare()?;
    let pool = super::thread_pool(args.threads)?;
    let progress = Progress::start(USUAL_CANDIDATES, "settings", printer);
    let started = Instant::now();
    let advised = pool.install(|| advise::advise(&subject, &plan(args), &|| progress.advance_by(1)))?;
    progress.finish();
    let elapsed = started.elapsed().as_secs_f64();
    pool.install(|| outputs.write(args, &advised, printer))?;
    printer.detail(&format!(
        "{} runs in {elapsed:.2} s",
        advised.advice.provenance.runs_count
    ));
    Ok(match advised.advice.status {
        Status::Met | Status::AlreadyMet => ExitStatus::Success,
        Status::NotReachable | Status::Undecided => ExitStatus::Failure,
    })
}

fn plan(args: &AdviseArgs) -> Plan {
    let (measure, value) = match (args.target_errors_per_event, args.target_5xx_ratio) {
        (Some(errors), _) => (Measure::ErrorsPerEvent, errors),
        (None, Some(ratio)) => (Measure::FiveXxRatio, ratio),
        (None, None) => unreachable!("one target is required"),
    };
    let seed = provenance::seed(args.seed);
    Plan {
        target: Target {
            measure,
            value,
            confidence: args.confidence,
        },
        seed,
        first: args.replications.map(NonZeroU32::get),
        most: args.max_replications.map(NonZeroU32::get),
        manifests_only: args.only == Some(Only::Manifests),
        command: args.command(seed),
    }
}

/// Opened before the search, so that a typing error costs nothing.
struct Outputs {
    result: OutputFile,
    patch: Option<OutputFile>,
    scenario: Option<OutputFile>,
    page: Option<Page>,
}

impl Outputs {
    fn open(args: &AdviseArgs) -> anyhow::Result<Self> {
        let all = [
            ("--output", Some(&args.output)),
            ("--patch", args.patch.as_ref()),
            ("--output-scenario", args.output_scenario.as_ref()),
            ("--html", args.page.html.as_ref()),
        ];
        for (index, (name, path)) in all.iter().enumerate() {
            let same = all[..index].iter().find(|(_, other)| path.is_some() && other == path);
            // The patch, the scenario or the page may take the place of the result on stdout.
            if let Some((other, Some(path))) = same
                && !(*other == "--output" && path.as_os_str() == "-")
            {
                bail!("{other} and {name} would both go to {}", path.display());
            }
        }
        let open = |path: Option<&std::path::PathBuf>| path.map(|path| OutputFile::open(path)).transpose();
        Ok(Self {
            result: OutputFile::open(&args.output)?,
            patch: open(args.patch.as_ref())?,
            scenario: open(args.output_scenario.as_ref())?,
            page: args.page.open()?,
        })
    }

    fn write(mut self, args: &AdviseArgs, advised: &Advised, printer: &Printer) -> anyhow::Result<()> {
        let files = [&self.patch, &self.scenario];
        let mut others = files.iter().filter_map(|file| file.as_ref()).map(OutputFile::is_stdout);
        let is_taken = others.any(|is_stdout| is_stdout) || self.page.as_ref().is_some_and(Page::is_stdout);
        let replaced = self.result.is_stdout() && is_taken;
        if !replaced {
            match args.format {
                AdviseFormat::Text => {
                    let color = self.result.is_stdout() && printer.color_stdout();
                    let text = text::advise::render(&advised.advice, &advised.patches, color);
                    self.result.write_all(text.as_bytes())?;
                }
                AdviseFormat::Json => json::write_document(&mut self.result, &advised.advice)?,
            }
        }
        self.result.commit()?;
        if let Some(mut file) = self.patch {
            let documents: Vec<String> = advised.patches.iter().map(Patch::to_yaml).collect();
            file.write_all(documents.join("---\n").as_bytes())?;
            file.commit()?;
        }
        if let Some(mut file) = self.scenario {
            if let Some(caveat) = advised.caveat {
                writeln!(file, "# {caveat}")?;
            }
            file.write_all(advised.scenario.to_yaml().as_bytes())?;
            file.commit()?;
        }
        if args.pictures.plots.is_some() || self.page.is_some() {
            let figures = pictures::figures(advised)?;
            if let Some(page) = self.page {
                pictures::write(page, advised, &figures)?;
            }
            for problem in args.pictures.write(&figures)? {
                printer.note(&problem);
            }
        }
        Ok(())
    }
}
