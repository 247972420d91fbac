//! Flags of `sim sweep`.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ScenarioInput;
use super::run::{SeedArg, ratio};
use crate::pictures::{HtmlArgs, PictureArgs};
use crate::sweep::design::Design;
use crate::sweep::vary::{self, Factor};

/// Run a scenario at many settings
///
/// Every design point runs the same replications under the same seed, so that points differ by their settings and not
/// by chance. Finished points are kept when the sweep is interrupted or killed; `--resume` goes on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sim sweep rollout --vary pod.pre_stop.sleep=0s..30s/2s
  sim sweep my.yaml --vary pod.pre_stop.sleep=0s..30s/5s --vary target_group.health_check.interval=5s,15s,30s
  sim sweep rollout --vary pod.pre_stop.sleep=0s..30s --design sobol --points 64 --output sweep.parquet")]
pub(crate) struct SweepArgs {
    /// Which scenario.
    #[command(flatten)]
    pub(crate) input: ScenarioInput,
    /// A setting and its levels: `PATH=a,b,c` or `PATH=from..to/step`; repeatable
    #[arg(long, value_name = "PATH=LEVELS", required_unless_present = "sensitivity", value_parser = vary::parse)]
    pub(crate) vary: Vec<Factor>,
    /// Print which settings drive the 5xx ratio (Sobol indices) over the ranges given with --vary, or else over those of
    /// what nobody knows for certain
    #[arg(long, conflicts_with_all = ["design", "skip_invalid"])]
    pub(crate) sensitivity: bool,
    /// How design points are chosen
    #[arg(long, value_enum, default_value = "grid")]
    pub(crate) design: Design,
    /// Design points of a Latin hypercube or a Sobol sequence; rows of each sample with --sensitivity
    #[arg(long, value_name = "N", default_value = "64")]
    pub(crate) points: NonZeroU32,
    /// Seed of all random numbers: a whole number, or `random` to draw one (every output names it)
    #[arg(long, value_name = "N|random", default_value = "1")]
    pub(crate) seed: SeedArg,
    /// Independent replications of each design point
    #[arg(long, value_name = "N", default_value = "10")]
    pub(crate) replications: NonZeroU32,
    /// Add replications to a point until half of the 95 % interval of its 5xx ratio is no wider than this
    #[arg(long, value_name = "RATIO", value_parser = ratio)]
    pub(crate) until_half_width: Option<f64>,
    /// Most replications of a point with --until-half-width
    #[arg(long, value_name = "N", default_value = "1000", requires = "until_half_width")]
    pub(crate) max_replications: NonZeroU32,
    /// Leave design points out whose settings no run could use, instead of stopping before the first run
    #[arg(long)]
    pub(crate) skip_invalid: bool,
    /// Threads to use [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Format of the table [default: by the ending of --output, else text]
    #[arg(long, value_enum)]
    pub(crate) format: Option<TableFormat>,
    /// Write the table here instead of stdout
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub(crate) output: PathBuf,
    /// Pictures.
    #[command(flatten)]
    pub(crate) pictures: PictureArgs,
    /// Page.
    #[command(flatten)]
    pub(crate) page: HtmlArgs,
    /// Go on with an interrupted sweep of the same --output
    #[arg(long)]
    pub(crate) resume: bool,
}

/// Format of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// For people: the summary of each design point.
    Text,
    /// One row per design point and replication, and one with the point's summary.
    Csv,
    /// The same, one JSON object a line.
    Ndjson,
    /// The same, columnar and compressed.
    Parquet,
}

impl SweepArgs {
    /// As asked for, or as the name of the output says.
    pub(crate) fn table_format(&self) -> TableFormat {
        let ending = self.output.extension().and_then(|ending| ending.to_str());
        self.format.unwrap_or(match ending {
            Some("csv") => TableFormat::Csv,
            Some("ndjson" | "jsonl") => TableFormat::Ndjson,
            Some("parquet") => TableFormat::Parquet,
            _ => TableFormat::Text,
        })
    }
}
