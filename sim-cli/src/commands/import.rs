//! `sim import`: from manifests to a scenario file.

use std::io::Write as _;

use crate::args::import::ImportArgs;
use crate::commands::ExitStatus;
use crate::import::disruption::Asked;
use crate::import::{self, Imported, Options};
use crate::manifest::{Manifests, files};
use crate::output::file::OutputFile;
use crate::printer::Printer;
use crate::text::error::{self, Diagnostic, LoadError};
use crate::text::source::Sources;

/// Runs the command.
///
/// # Errors
///
/// If a manifest cannot be used, or the scenario cannot be written.
pub(crate) fn run(args: &ImportArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    let (manifests, sources) = files::load(&args.input.files)?;
    let made = make(
        &manifests,
        sources,
        &args.input.options(),
        args.disruption,
        printer.color_stderr(),
    )?;
    if !made.notes.is_empty() {
        printer.note(&made.notes);
    }
    let mut file = OutputFile::open(&args.output)?;
    file.write_all(made.scenario.as_bytes())?;
    file.commit()?;
    Ok(ExitStatus::Success)
}

/// What the command prints.
#[derive(Debug)]
pub(crate) struct Made {
    /// The scenario file.
    pub(crate) scenario: String,
    /// What was refused and what else there is to know; may be empty.
    pub(crate) notes: String,
}

/// Everything between reading and writing.
///
/// # Errors
///
/// If a manifest cannot be used.
pub(crate) fn make(
    manifests: &Manifests,
    sources: Sources,
    options: &Options,
    disruption: Option<Asked>,
    color: bool,
) -> Result<Made, LoadError> {
    let imported = match import::import(manifests, options) {
        Ok(imported) => imported,
        Err(problems) => return Err(LoadError::new(sources, problems)),
    };
    let (draft, notes) = match imported.asked(disruption, manifests) {
        Ok(made) => made,
        Err(problems) => return Err(LoadError::new(sources, problems)),
    };
    // What is printed must run.
    import::load(&draft, &sources, None, &[])?;
    let heading = "Made by `sim import`. Behind each value: where it comes from.\n\
                   What is marked \"change me\" no manifest tells.";
    Ok(Made {
        scenario: draft.to_yaml(heading, &sources),
        notes: report(&imported, &notes, &sources, color),
    })
}

/// Says what was refused and what else there is to know.
fn report(imported: &Imported<'_>, notes: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let refusals = imported.refusals.iter().map(|refusal| &refusal.diagnostic);
    error::render(refusals.chain(&imported.notes).chain(notes), sources, color)
}
