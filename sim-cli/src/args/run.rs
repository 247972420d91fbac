//! Flags of `sim run`.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use sim_core::time::SimDuration;
use sim_core::trace::TraceLevel;

use super::ScenarioInput;
use crate::pictures::{HtmlArgs, PictureArgs};

/// Run a scenario and explain every failed request
///
/// Prints outcomes by status, the 5xx ratio with its interval, the peak, the causes and the race window.
/// The same scenario, seed and number of replications give the same bytes on any number of threads.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sim run logistics-before
  sim run my-service.yaml --set pod.pre_stop.sleep=15s --max-5xx-ratio 0.1%
  sim run logistics-before --format json --series series.csv --trace trace.ndjson")]
pub(crate) struct RunArgs {
    /// Which scenario.
    #[command(flatten)]
    pub(crate) input: ScenarioInput,
    /// Seed of all random numbers: a whole number, or `random` to draw one (every output names it)
    #[arg(long, value_name = "N|random", default_value = "1")]
    pub(crate) seed: SeedArg,
    /// Independent replications; intervals need at least 2
    #[arg(long, value_name = "N", default_value = "10")]
    pub(crate) replications: NonZeroU32,
    /// Threads to use [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Format of the result
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
    /// Write the result here instead of stdout
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub(crate) output: PathBuf,
    /// Also write one CSV row per replication and second
    #[arg(long, value_name = "FILE")]
    pub(crate) series: Option<PathBuf>,
    /// Also write the trace of replication 0 as NDJSON
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Requests in the trace; control-plane facts are always in it
    #[arg(long, value_enum, default_value = "failures", requires = "trace")]
    pub(crate) trace_requests: TraceRequests,
    /// Also write every request of replication 0 as an ALB access log
    #[arg(long, value_name = "FILE")]
    pub(crate) access_log: Option<PathBuf>,
    /// Pictures.
    #[command(flatten)]
    pub(crate) pictures: PictureArgs,
    /// Page.
    #[command(flatten)]
    pub(crate) page: HtmlArgs,
    /// Window of the peak 5xx ratio, whole seconds
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = whole_seconds)]
    pub(crate) peak_window: SimDuration,
    /// Check a full trace of every replication against the rules of the model; a violation gives exit status 1
    #[arg(long)]
    pub(crate) check: bool,
    /// Exit with status 1 if the mean 5xx ratio is above this, for example `0.001` or `0.1%`
    #[arg(long = "max-5xx-ratio", value_name = "RATIO", value_parser = ratio)]
    pub(crate) max_five_xx_ratio: Option<f64>,
}

/// Format of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One document; `sim-cli/schema/run.schema.json` describes it.
    Json,
    /// One line per replication, then the document.
    Ndjson,
    /// One row per replication, then their mean.
    Csv,
}

/// Requests in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TraceRequests {
    /// Failed ones.
    Failures,
    /// Every one.
    All,
}

impl TraceRequests {
    /// As the model knows it.
    pub(crate) const fn level(self) -> TraceLevel {
        match self {
            TraceRequests::Failures => TraceLevel::Failures,
            TraceRequests::All => TraceLevel::All,
        }
    }
}

/// `--seed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeedArg {
    /// This one.
    Fixed(u64),
    /// One drawn from the operating system.
    Random,
}

impl FromStr for SeedArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "random" {
            return Ok(SeedArg::Random);
        }
        text.parse()
            .map(SeedArg::Fixed)
            .map_err(|_| format!("expected `random` or a whole number from 0 to {}", u64::MAX))
    }
}

fn whole_seconds(text: &str) -> Result<SimDuration, String> {
    let duration = SimDuration::from_str(text).map_err(|error| error.to_string())?;
    if duration.is_zero() || duration.as_ns() % 1_000_000_000 != 0 {
        return Err(format!("found {duration}, expected whole seconds, at least \"1s\""));
    }
    Ok(duration)
}

pub(super) fn ratio(text: &str) -> Result<f64, String> {
    let (number, scale) = text
        .strip_suffix('%')
        .map_or((text, 1.0), |number| (number.trim_end(), 100.0));
    match number.parse::<f64>() {
        Ok(value) if (0.0..=scale).contains(&value) => Ok(value / scale),
        _ => Err(String::from(
            "expected a share from 0 to 1 such as \"0.001\", or a percentage such as \"0.1%\"",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_numbers_or_random() {
        assert_eq!("7".parse(), Ok(SeedArg::Fixed(7)));
        assert_eq!("random".parse(), Ok(SeedArg::Random));
        assert!("-1".parse::<SeedArg>().is_err());
    }

    #[test]
    fn windows_are_whole_seconds() {
        assert_eq!(whole_seconds("1m"), Ok(SimDuration::from_secs(60)));
        for wrong in ["0s", "1.5s", "5", "-5s"] {
            assert!(whole_seconds(wrong).is_err(), "{wrong} was taken");
        }
    }

    #[test]
    fn thresholds_are_shares_or_percentages() {
        assert_eq!(ratio("0.25"), Ok(0.25));
        assert_eq!(ratio("25%"), Ok(0.25));
        for wrong in ["1.5", "101%", "-1%", "NaN", "a few"] {
            assert!(ratio(wrong).is_err(), "{wrong} was taken");
        }
    }
}
