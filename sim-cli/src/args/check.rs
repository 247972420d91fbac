//! Flags of `sim check`.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::import::ManifestInput;
use super::run::{SeedArg, ratio};
use crate::import::disruption::Standard;

/// Predict what a scale-down, a rollout, a drain and a spot reclaim cost, and what would help
///
/// Imports the manifests as `sim import` does, simulates the standard disruptions, applies a numbered list of rules,
/// and simulates every fix as well. Fails above a limit or where something is refused: made for CI.
#[derive(Debug, Args)]
#[command(mut_arg("files", |files| files.required(false).required_unless_present("list_rules")))]
#[command(after_help = "\
Examples:
  kubectl get deploy,svc,ingress,hpa,pdb -o yaml | sim check -
  helm template ./chart | sim check - --rate 200/s --max-5xx-per-event 1
  sim check k8s/ --format sarif --output drain.sarif
  sim check --list-rules

Exit status: 0 below the limits and nothing refused, 1 otherwise, 2 could not check.")]
pub(crate) struct CheckArgs {
    /// What to check.
    #[command(flatten)]
    pub(crate) input: ManifestInput,
    /// Print the numbered list of rules (as text or JSON) instead of checking anything
    #[arg(long, conflicts_with = "files")]
    pub(crate) list_rules: bool,
    /// Simulate only these; repeatable [default: all]
    #[arg(long = "disruption", value_enum, value_name = "KIND")]
    pub(crate) disruptions: Vec<Standard>,
    /// Profile of hop latencies: a built-in name or a YAML file [default: eks]
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) profile: Option<String>,
    /// Replace one value of the imported scenario, for example `app.service_time=80ms`; repeatable
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Fail if a disruption's mean 5xx ratio is above this, for example `0.0001` or `0.01%` [default: 0.1%, unless the
    /// other limit is given]
    #[arg(long = "max-5xx-ratio", value_name = "RATIO", value_parser = ratio)]
    pub(crate) max_five_xx_ratio: Option<f64>,
    /// Fail if a disruption fails more requests than this with 5xx, on average
    #[arg(long = "max-5xx-per-event", value_name = "N", value_parser = count)]
    pub(crate) max_five_xx_per_event: Option<f64>,
    /// Seed of all random numbers: a whole number, or `random` to draw one (every output names it)
    #[arg(long, value_name = "N|random", default_value = "1")]
    pub(crate) seed: SeedArg,
    /// Independent replications of each disruption
    #[arg(long, value_name = "N", default_value = "10")]
    pub(crate) replications: NonZeroU32,
    /// Threads to use [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Format of the result
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: CheckFormat,
    /// Write the result here instead of stdout
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub(crate) output: PathBuf,
    /// Also write all patches here, as strategic merge patches for kustomize or `kubectl patch`
    #[arg(long, value_name = "FILE")]
    pub(crate) patches: Option<PathBuf>,
}

/// Format of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people.
    Text,
    /// One document; `sim-cli/schema/check.schema.json` describes it.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands that GitHub shows beside the lines.
    Github,
}

fn count(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(count) if count.is_finite() && count >= 0.0 => Ok(count),
        _ => Err("expected a number of requests, such as \"1\" or \"0.5\"".to_owned()),
    }
}
