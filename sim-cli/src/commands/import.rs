//! `sim import`: from manifests to a scenario file.

use std::io::Write as _;

use crate::args::import::ImportArgs;
use crate::commands::ExitStatus;
use crate::import::{self, Imported};
use crate::manifest::files;
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
    let options = args.input.options();
    let imported = match import::import(&manifests, &options) {
        Ok(imported) => imported,
        Err(problems) => return Err(LoadError::new(sources, problems).into()),
    };
    let (draft, notes) = match imported.asked(args.disruption, &manifests) {
        Ok(made) => made,
        Err(problems) => return Err(LoadError::new(sources, problems).into()),
    };
    // What is printed must run.
    import::load(&draft, &sources, None, &[])?;
    report(&imported, &notes, &sources, printer);
    let heading = "Made by `sim import`. Behind each value: where it comes from.\n\
                   What is marked \"change me\" no manifest tells.";
    let yaml = draft.to_yaml(heading, &sources);
    let mut file = OutputFile::open(&args.output)?;
    file.write_all(yaml.as_bytes())?;
    file.commit()?;
    Ok(ExitStatus::Success)
}

/// Says what was refused and what else there is to know.
fn report(imported: &Imported<'_>, notes: &[Diagnostic], sources: &Sources, printer: &Printer) {
    let refusals = imported.refusals.iter().map(|refusal| &refusal.diagnostic);
    let all: Vec<&Diagnostic> = refusals.chain(&imported.notes).chain(notes).collect();
    if !all.is_empty() {
        printer.note(&error::render(all, sources, printer.color_stderr()));
    }
}
