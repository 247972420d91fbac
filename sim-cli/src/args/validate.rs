//! Flags of `sim validate`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use sim_core::time::SimDuration;

use super::run::{SeedArg, TraceRequests};

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
    All(AllArgs),
    /// Closed forms and hand-worked timelines
    Oracles(OraclesArgs),
    Conformance(ConformanceArgs),
}

/// Everything below, and one page that says what held and what did not
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  sim validate all --report credibility.html")]
pub(crate) struct AllArgs {
    /// Write the credibility page here: one HTML file that needs nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Where the result goes.
    #[command(flatten)]
    pub(crate) output: ValidateOutput,
}

/// Flags of `sim validate oracles`.
#[derive(Debug, Args)]
pub(crate) struct OraclesArgs {
    /// Where it goes.
    #[command(flatten)]
    pub(crate) output: ValidateOutput,
}

/// What the fact sheets say happens, wherever a trace has an occasion for it
///
/// Without a trace, every built-in scenario is simulated and its trace examined. With one, simulated or recorded live,
/// that trace is held against the scenario that ran.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sim validate conformance
  sim run my.yaml --trace trace.ndjson --trace-requests all && sim validate conformance trace.ndjson --scenario my.yaml")]
pub(crate) struct ConformanceArgs {
    /// A trace as `sim run --trace` writes it
    #[arg(value_name = "TRACE", requires = "scenario")]
    pub(crate) trace: Option<PathBuf>,
    /// The scenario that ran: name of a built-in one or path of a YAML file
    #[arg(long, value_name = "NAME|FILE", requires = "trace")]
    pub(crate) scenario: Option<String>,
    /// Profile of hop latencies that the run took instead of the scenario's own
    #[arg(long, value_name = "NAME|FILE", requires = "trace")]
    pub(crate) profile: Option<String>,
    /// What the run replaced in the scenario; repeatable
    #[arg(long = "set", value_name = "PATH=VALUE", requires = "trace")]
    pub(crate) sets: Vec<String>,
    /// Requests in the trace, as the run was told
    #[arg(long, value_enum, default_value = "failures", requires = "trace")]
    pub(crate) trace_requests: TraceRequests,
    /// How far two instants of the trace may be off, for example 500ms
    #[arg(long, value_name = "DURATION", default_value = "0s", requires = "trace")]
    pub(crate) slack: SimDuration,
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
