//! `sim validate`: may one believe the model? One file per kind of evidence.

mod oracles;
mod published;

use std::io::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use sim_core::rng::Seed;
use validation::published::report::PublishedReport;
use validation::report::{Section, Verdict};

use crate::args::validate::{ValidateArgs, ValidateCommand, ValidateFormat, ValidateOutput};
use crate::commands::ExitStatus;
use crate::output::{OutputFile, json, text};
use crate::printer::Printer;
use crate::provenance;

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
    /// Tables of the comparison with the published run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) published: Option<PublishedReport>,
}

/// What was examined.
#[derive(Debug, Default)]
struct Examined {
    sections: Vec<Section>,
    published: Option<PublishedReport>,
}

/// Runs the command.
///
/// # Errors
///
/// If an input cannot be used, an output cannot be written, or the model breaks one of its invariants.
pub(crate) fn run(args: &ValidateArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    match &args.command {
        ValidateCommand::Oracles(args) => on(&args.output, printer, |seed| {
            Ok(Examined {
                sections: vec![oracles::examine(seed)],
                ..Examined::default()
            })
        }),
        ValidateCommand::Published(args) => {
            // Read before the output is opened, and drawn after it is written.
            let input = published::Input::read(args)?;
            args.pictures.prepare()?;
            on(&args.output, printer, |seed| input.examine(args, seed, printer))
        }
    }
}

/// Opens the output, examines on the asked number of threads, writes.
fn on(
    args: &ValidateOutput,
    printer: &Printer,
    examine: impl FnOnce(Seed) -> anyhow::Result<Examined> + Send,
) -> anyhow::Result<ExitStatus> {
    let mut output = OutputFile::open(&args.output)?;
    let seed = provenance::seed(args.seed);
    let examined = super::thread_pool(args.threads)?.install(|| examine(seed))?;
    let validation = Validation {
        schema_version: 1,
        tool_version: String::from(env!("CARGO_PKG_VERSION")),
        seed: seed.0,
        sections: examined.sections,
        published: examined.published,
    };
    match args.format {
        ValidateFormat::Text => {
            let color = output.is_stdout() && printer.color_stdout();
            output.write_all(text::validate::render(&validation, color).as_bytes())?;
        }
        ValidateFormat::Json => json::write_document(&mut output, &validation)?,
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
