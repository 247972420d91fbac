//! `sim validate`: may one believe the model? One file per kind of evidence.

mod cases;
mod conformance;
mod oracles;
mod page;
mod published;

use std::io::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use sim_core::rng::Seed;
use validation::cases::report::CasesReport;
use validation::published::Effort;
use validation::published::report::PublishedReport;
use validation::report::{Section, Verdict};

use crate::args::validate::{
    AllArgs, CasesArgs, ConformanceArgs, ValidateArgs, ValidateCommand, ValidateFormat, ValidateOutput,
};
use crate::commands::ExitStatus;
use crate::commands::progress::Progress;
use crate::output::{OutputFile, json, text};
use crate::printer::Printer;
use crate::provenance;
use crate::scenario_file;

/// Result of `sim validate`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Validation {
    /// Version of this document.
    pub(crate) schema_version: u32,
    /// Version of `sim`.
    pub(crate) tool_version: String,
    /// Seed of all random numbers.
    pub(crate) seed: u64,
    /// What each kind of evidence says.
    pub(crate) sections: Vec<Section>,
    /// Tables of the comparison with the published run, if it was made.
    pub(crate) published: Option<PublishedReport>,
    /// The field cases, if they were looked at.
    pub(crate) cases: Option<CasesReport>,
}

/// What was found: sections, and the tables that belong to them.
#[derive(Debug, Default)]
struct Evidence {
    sections: Vec<Section>,
    published: Option<PublishedReport>,
    cases: Option<CasesReport>,
}

impl From<Vec<Section>> for Evidence {
    fn from(sections: Vec<Section>) -> Self {
        Self {
            sections,
            ..Self::default()
        }
    }
}

impl From<CasesReport> for Evidence {
    fn from(report: CasesReport) -> Self {
        Self {
            sections: vec![report.section()],
            cases: Some(report),
            ..Self::default()
        }
    }
}

/// Runs the command.
///
/// # Errors
///
/// If an input cannot be used, an output cannot be written, or the model breaks one of its invariants.
pub(crate) fn run(args: &ValidateArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    match &args.command {
        ValidateCommand::All(args) => all(args, printer),
        ValidateCommand::Conformance(args) => conformance(args, printer),
        ValidateCommand::Cases(args) => {
            let chosen = cases::read(args)?;
            let draws = chosen.len() as u64 * u64::from(args.draws.get());
            let progress = Progress::start(draws, "draws", printer);
            on(&args.output, printer, |seed| {
                let advance = || progress.advance_by(1);
                let report = cases::examine(&chosen, args.cases.as_deref(), args.draws, &args.sets, seed, &advance);
                progress.finish();
                report
            })
        }
        ValidateCommand::Oracles(args) => on(&args.output, printer, |seed| Ok(vec![oracles::examine(seed)])),
        ValidateCommand::Published(args) => {
            // Read before the output is opened, and drawn after it is written.
            let input = published::Input::read(args)?;
            args.pictures.prepare()?;
            on(&args.output, printer, |seed| input.examine(args, seed, printer))
        }
    }
}

fn all(args: &AllArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    // Opened before the work, so that a typing error costs nothing.
    let output = OutputFile::open(&args.output.output)?;
    let report = args.report.as_deref().map(OutputFile::open).transpose()?;
    let field = cases::built_in()?;
    let published = published::Input::built_in()?;
    let progress = Progress::start(4, "kinds of evidence", printer);
    let validation = examined(&args.output, |seed| {
        let oracles = oracles::examine(seed);
        progress.advance_by(1);
        let conformance = conformance::examine(seed)?;
        progress.advance_by(1);
        let published = published.outcome(Effort::USUAL, seed, &printer.quieted())?;
        progress.advance_by(1);
        let cases = cases::examine(&field, None, CasesArgs::DRAWS, &[], seed, &|| {})?;
        progress.advance_by(1);
        Ok(Evidence {
            sections: vec![oracles, conformance, published.section, cases.section()],
            published: Some(published.report),
            cases: Some(cases),
        })
    })?;
    progress.finish();
    let status = write(
        output,
        args.output.format,
        &validation,
        text::validate::overview,
        printer,
    )?;
    if let Some(mut file) = report {
        let figures = validation
            .published
            .iter()
            .flat_map(|report| published::figures::of(report, Seed(validation.seed)));
        let mut pictures = Vec::new();
        for figure in figures {
            pictures.extend(figure.section()?);
        }
        file.write_all(page::render(&validation, pictures).as_bytes())?;
        file.commit()?;
    }
    Ok(status)
}

fn conformance(args: &ConformanceArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    let Some(trace) = &args.trace else {
        return on(&args.output, printer, |seed| Ok(vec![conformance::examine(seed)?]));
    };
    let source = args.scenario.as_deref().expect("clap requires it with a trace");
    let scenario = scenario_file::load(source, args.profile.as_deref(), &args.sets)?.scenario;
    on(&args.output, printer, |_| {
        let level = args.trace_requests.level();
        Ok(vec![conformance::examine_trace(trace, level, &scenario, args.slack)?])
    })
}

/// Examines on the asked number of threads, and writes.
fn on<E: Into<Evidence> + Send>(
    args: &ValidateOutput,
    printer: &Printer,
    examine: impl FnOnce(Seed) -> anyhow::Result<E> + Send,
) -> anyhow::Result<ExitStatus> {
    let output = OutputFile::open(&args.output)?;
    let validation = examined(args, examine)?;
    write(output, args.format, &validation, text::validate::render, printer)
}

fn examined<E: Into<Evidence> + Send>(
    args: &ValidateOutput,
    examine: impl FnOnce(Seed) -> anyhow::Result<E> + Send,
) -> anyhow::Result<Validation> {
    let seed = provenance::seed(args.seed);
    let evidence: Evidence = super::thread_pool(args.threads)?.install(|| examine(seed))?.into();
    Ok(Validation {
        schema_version: 1,
        tool_version: String::from(env!("CARGO_PKG_VERSION")),
        seed: seed.0,
        sections: evidence.sections,
        published: evidence.published,
        cases: evidence.cases,
    })
}

fn write(
    mut output: OutputFile,
    format: ValidateFormat,
    validation: &Validation,
    render: fn(&Validation, bool) -> String,
    printer: &Printer,
) -> anyhow::Result<ExitStatus> {
    match format {
        ValidateFormat::Text => {
            let color = output.is_stdout() && printer.color_stdout();
            output.write_all(render(validation, color).as_bytes())?;
        }
        ValidateFormat::Json => json::write_document(&mut output, validation)?,
    }
    output.commit()?;
    let failed = validation
        .sections
        .iter()
        .any(|section| section.count(Verdict::Failed) > 0);
    Ok(if failed {
        ExitStatus::Failure
    } else {
        ExitStatus::Success
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect_file;

    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(super::Validation)).expect("a schema");
        expect_file!["../../schema/validate.schema.json"].assert_eq(&(schema + "\n"));
    }
}
