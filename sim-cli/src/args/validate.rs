//! Flags of `sim validate`.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use sim_core::time::SimDuration;
use validation::published::Effort;

use super::run::{SeedArg, TraceRequests};
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
    All(AllArgs),
    /// Closed forms and hand-worked timelines
    Oracles(OraclesArgs),
    Conformance(ConformanceArgs),
    Cases(CasesArgs),
    /// The published run: its load drives the model, its failures are compared
    ///
    /// Free parameters are fitted to one falling half of each file; the others are predicted. Each CSV file has the columns
    /// `minutes_since_start` (equal steps), `load_workers`, `http_502`, and, before the change of the application,
    /// `http_504`; `time_of_day` and `nodes` may stand besides. A blank count is zero.
    ///
    /// For example: `sim validate published --observed mine.csv --write-fitted fitted.yaml --plots out/`
    Published(PublishedArgs),
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

/// Reports from the field: how often the model would have predicted each
///
/// Settings that a report leaves open are drawn. Exit status 1 if a core ALB case with grade A or B is contradicted
/// without an explanation, or fewer than 85 % of them are supported.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sim validate cases
  sim validate cases --case lbc1064-prestop-5-vs-25 --draws 200
  sim validate cases --set elbv2.initial_pass_count=2 --set elbv2.initial_in_fail_open=false")]
pub(crate) struct CasesArgs {
    /// File of field cases in JSON [default: the built-in one, 63 cases]
    #[arg(long, value_name = "FILE")]
    pub(crate) cases: Option<PathBuf>,
    /// Look at this case only; repeatable
    #[arg(long = "case", value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Draws of what each case leaves open
    #[arg(long, value_name = "N", default_value_t = CasesArgs::DRAWS)]
    pub(crate) draws: NonZeroU32,
    /// Replace one value in every run of every case, for example `elbv2.initial_pass_count=2`; repeatable
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,
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
    /// The files' values were read off plots, as the published ones: off by up to 2 (502), 5 (504) and 7 (load), or 1 and 4 without 504
    #[arg(long, requires = "observed")]
    pub(crate) read_off_plots: bool,
    /// Take the free parameters from this file, as `--write-fitted` writes it, and fit nothing
    #[arg(long, value_name = "FILE")]
    pub(crate) fitted: Option<PathBuf>,
    /// Also write the fitted parameters into this file
    #[arg(long, value_name = "FILE", conflicts_with = "fitted")]
    pub(crate) write_fitted: Option<PathBuf>,
    /// Combinations of parameters that the fit learns from
    #[arg(long, value_name = "N", default_value_t = Effort::USUAL.design_runs, value_parser = clap::value_parser!(u16).range(64..=16384))]
    pub(crate) design_runs: u16,
    /// Runs of each file that the predictions come from
    #[arg(long, value_name = "N", default_value_t = Effort::USUAL.predictions, value_parser = clap::value_parser!(u16).range(20..=10000))]
    pub(crate) predictions: u16,
    /// Runs of each event in the table of shares; 0 leaves it out
    #[arg(long, value_name = "N", default_value_t = Effort::USUAL.share_runs, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub(crate) share_runs: u16,
    /// Pictures.
    #[command(flatten)]
    pub(crate) pictures: PictureArgs,
    /// Where it goes.
    #[command(flatten)]
    pub(crate) output: ValidateOutput,
}

impl CasesArgs {
    /// Draws by default: a share of one half is known to 13 points at 95 %.
    pub(crate) const DRAWS: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
}

impl PublishedArgs {
    /// How much is run.
    pub(crate) fn effort(&self) -> Effort {
        Effort {
            design_runs: self.design_runs,
            predictions: self.predictions,
            share_runs: self.share_runs,
        }
    }
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
