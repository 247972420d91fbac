//! Flags of `sim validate`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::run::SeedArg;
use crate::pictures::PictureArgs;

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
    /// The published run: its load drives the model, its failures are compared
    ///
    /// Free parameters are fitted to one falling half of each file; the others are predicted. Each CSV file has the columns
    /// `minutes_since_start` (equal steps), `load_workers`, `http_502`, and, before the change of the application,
    /// `http_504`; `time_of_day` and `nodes` may stand besides. A blank count is zero.
    ///
    /// For example: `sim validate published --observed mine.csv --write-fitted fitted.yaml --plots out/`
    Published(PublishedArgs),
}

/// Flags of `sim validate oracles`.
#[derive(Debug, Args)]
pub(crate) struct OraclesArgs {
    /// Where it goes.
    #[command(flatten)]
    pub(crate) output: ValidateOutput,
}

/// Flags of `sim validate published`.
#[derive(Debug, Args)]
pub(crate) struct PublishedArgs {
    /// Compare with this file instead of the published readings; repeatable
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) observed: Vec<PathBuf>,
    /// Take the free parameters from this file, as `--write-fitted` writes it, and fit nothing
    #[arg(long, value_name = "FILE")]
    pub(crate) fitted: Option<PathBuf>,
    /// Also write the fitted parameters into this file
    #[arg(long, value_name = "FILE", conflicts_with = "fitted")]
    pub(crate) write_fitted: Option<PathBuf>,
    /// Combinations of parameters that the fit learns from
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u16).range(64..=16384))]
    pub(crate) design_runs: u16,
    /// Runs of each file that the predictions come from
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(20..=10000))]
    pub(crate) predictions: u16,
    /// Runs of each event in the table of shares; 0 leaves it out
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub(crate) share_runs: u16,
    /// Pictures.
    #[command(flatten)]
    pub(crate) pictures: PictureArgs,
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
