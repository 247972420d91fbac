//! Flags of `sim validate`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::run::SeedArg;

/// Confront the model with theory, with a published run and with the field, and say where it is wrong
///
/// Exit status: 0 everything held, 1 something did not, 2 could not run.
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// What to confront it with.
    #[command(subcommand)]
    pub(crate) command: ValidateCommand,
}

/// Subcommands of `sim validate`.
#[derive(Debug, Subcommand)]
pub(crate) enum ValidateCommand {
    /// Closed forms and hand-worked timelines
    Oracles(OraclesArgs),
}

/// Flags of `sim validate oracles`.
#[derive(Debug, Args)]
pub(crate) struct OraclesArgs {
    /// Where it goes.
    #[command(flatten)]
    pub(crate) output: ValidateOutput,
}

/// Seed, threads and output of every kind of validation.
#[derive(Debug, Args)]
pub(crate) struct ValidateOutput {
    /// Seed of all random numbers: a whole number, or `random` to draw one
    #[arg(long, value_name = "N|random", default_value = "1")]
    pub(crate) seed: SeedArg,
    /// Threads to use [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Format of the result
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: ValidateFormat,
    /// Write the result here instead of stdout
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub(crate) output: PathBuf,
}

/// Format of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ValidateFormat {
    /// For people.
    Text,
    /// One document; `sim-cli/schema/validate.schema.json` describes it.
    Json,
}
