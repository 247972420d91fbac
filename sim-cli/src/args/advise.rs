//! Flags of `sim advise`.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use sim_core::rng::Seed;
use sim_core::scenario::preset::Preset;

use super::import;
use super::run::{SeedArg, ratio};
use crate::import::Options;
use crate::import::disruption::Standard;
use crate::pictures::{HtmlArgs, PictureArgs};
use crate::provenance::quoted;

/// Find the cheapest settings that meet a target: how long to sleep, and what else to set
///
/// Settings that cost nothing (readiness gate, keep-alive timeout, health check, deregistration delay) are advised where
/// they measurably lower the failures, or the target is missed without them; then the shortest preStop sleep is searched, and the grace period that holds it.
/// A target is met when the upper bound of the failures is at or below it, in runs with a seed that the search has not
/// seen. Exit status: 0 target met, 1 no setting meets it, 2 could not run.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("subject").required(true).args(["source", "manifests"])),
    group(ArgGroup::new("target").required(true).args(["target_5xx_ratio", "target_errors_per_event"])),
    after_help = "\
Examples:
  sim advise logistics-before --target-errors-per-event 1
  sim advise my.yaml --target-5xx-ratio 0.01% --patch patch.yaml --output-scenario advised.yaml
  sim advise --manifests k8s/ --disruption rollout --target-errors-per-event 0.1 --html advice.html"
)]
pub(crate) struct AdviseArgs {
    /// Name of a built-in scenario, path of a YAML file, or `-` for standard input
    #[arg(value_name = "SCENARIO")]
    pub(crate) source: Option<String>,
    /// Kubernetes manifests to import and advise on, instead of a scenario; patches then name their objects
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) manifests: Vec<String>,
    /// Profile of hop latencies to use instead of the scenario's own: a built-in name or a YAML file
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) profile: Option<String>,
    /// Replace one value, for example `workload.open_loop.rate=50`; repeatable
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,
    /// At most this share of all requests may fail with 500 or above, such as 0.0001 or 0.01%
    #[arg(long, value_name = "RATIO", value_parser = above_zero_ratio)]
    pub(crate) target_5xx_ratio: Option<f64>,
    /// At most this many requests may fail with 500 or above for each disruption that takes pods away
    #[arg(long, value_name = "N", value_parser = above_zero)]
    pub(crate) target_errors_per_event: Option<f64>,
    /// How sure it must be that the advised settings meet the target
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence)]
    pub(crate) confidence: f64,
    /// Which settings may change
    #[arg(long, value_enum, value_name = "WHICH")]
    pub(crate) only: Option<Only>,
    /// Seed of all random numbers: a whole number, or `random` to draw one; the independent check takes the
    /// next ones
    #[arg(long, value_name = "N|random", default_value = "1")]
    pub(crate) seed: SeedArg,
    /// Replications of each setting at first [default: 4 to 10, by the events of a run]
    #[arg(long, value_name = "N")]
    pub(crate) replications: Option<NonZeroU32>,
    /// Replications of each setting at most, until it is clear whether it meets the target; the check may take four times
    /// as many [default: 160 to 2000, by the requests of a run]
    #[arg(long, value_name = "N")]
    pub(crate) max_replications: Option<NonZeroU32>,
    /// What takes pods away, with --manifests [default: scale-down, or rollout of a single pod]
    #[arg(long, value_enum, value_name = "KIND", conflicts_with = "source")]
    pub(crate) disruption: Option<Standard>,
    /// Ingress to follow, with --manifests, where there are several
    #[arg(long, value_name = "NAME", conflicts_with = "source")]
    pub(crate) ingress: Option<String>,
    /// Service to follow, with --manifests, where there are several
    #[arg(long, value_name = "NAME", conflicts_with = "source")]
    pub(crate) service: Option<String>,
    /// Application server, with --manifests [default: guessed from image, command and port]
    #[arg(long, value_name = "PRESET", conflicts_with = "source", value_parser = import::preset)]
    pub(crate) app: Option<Preset>,
    /// Requests per second, with --manifests, for example `200/s` [default: 10/s for each pod]
    #[arg(long, value_name = "RATE", conflicts_with = "source", value_parser = import::rate)]
    pub(crate) rate: Option<u64>,
    /// Write the changes of the manifests here, as strategic merge patches
    #[arg(long, value_name = "FILE|-")]
    pub(crate) patch: Option<PathBuf>,
    /// Write the scenario with the advised settings here, as `sim run` takes it
    #[arg(long, value_name = "FILE|-")]
    pub(crate) output_scenario: Option<PathBuf>,
    /// Pictures.
    #[command(flatten)]
    pub(crate) pictures: PictureArgs,
    /// Page.
    #[command(flatten)]
    pub(crate) page: HtmlArgs,
    /// Threads to use [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Format of the result
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: AdviseFormat,
    /// Write the result here instead of stdout
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub(crate) output: PathBuf,
}

impl AdviseArgs {
    /// The command that gives this advice again; output options are left out.
    pub(crate) fn command(&self, seed: Seed) -> String {
        let mut words = vec!["sim advise".to_owned()];
        words.extend(self.source.as_deref().map(quoted));
        let mut flag = |name: &str, value: Option<String>| {
            words.extend(value.map(|value| format!("--{name} {}", quoted(&value))));
        };
        for manifest in &self.manifests {
            flag("manifests", Some(manifest.clone()));
        }
        flag("profile", self.profile.clone());
        for set in &self.sets {
            flag("set", Some(set.clone()));
        }
        flag("disruption", self.disruption.map(Standard::flag));
        flag("ingress", self.ingress.clone());
        flag("service", self.service.clone());
        flag("app", self.app.map(import::preset_name));
        flag("rate", self.rate.map(|rate| format!("{rate}/s")));
        flag("target-5xx-ratio", self.target_5xx_ratio.map(|ratio| ratio.to_string()));
        flag(
            "target-errors-per-event",
            self.target_errors_per_event.map(|errors| errors.to_string()),
        );
        let is_usual = (self.confidence - 0.95).abs() < f64::EPSILON;
        flag("confidence", (!is_usual).then(|| self.confidence.to_string()));
        flag("only", self.only.map(|Only::Manifests| "manifests".to_owned()));
        flag("seed", Some(seed.0.to_string()));
        flag("replications", self.replications.map(|count| count.to_string()));
        flag("max-replications", self.max_replications.map(|count| count.to_string()));
        words.join(" ")
    }

    /// As the importer takes them.
    pub(crate) fn options(&self) -> Options {
        Options {
            ingress: self.ingress.clone(),
            service: self.service.clone(),
            app: self.app,
            rate: self.rate,
            ..Options::default()
        }
    }
}

/// Which settings may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Only {
    /// Those of Kubernetes manifests, none of the application
    Manifests,
}

/// Format of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AdviseFormat {
    /// For people.
    Text,
    /// One document; `sim-cli/schema/advise.schema.json` describes it.
    Json,
}

/// No number of runs shows that nothing ever fails.
const NOT_ZERO: &str = "no number of runs can show that nothing ever fails; expected a target above 0";

fn above_zero_ratio(text: &str) -> Result<f64, String> {
    match ratio(text)? {
        0.0 => Err(NOT_ZERO.to_owned()),
        value => Ok(value),
    }
}

fn above_zero(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(0.0) => Err(NOT_ZERO.to_owned()),
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err("expected a number above 0 such as \"1\" or \"0.1\"".to_owned()),
    }
}

fn confidence(text: &str) -> Result<f64, String> {
    match ratio(text)? {
        value if (0.5..=0.9999).contains(&value) => Ok(value),
        _ => Err("expected a share from 0.5 to 0.9999 such as \"0.95\"".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_above_zero() {
        assert_eq!(above_zero("0.5"), Ok(0.5));
        assert_eq!(above_zero_ratio("0.1%"), Ok(0.001));
        for wrong in ["0", "0.0", "-1", "NaN", "inf", "few"] {
            assert!(above_zero(wrong).is_err(), "{wrong} was taken");
        }
        assert!(above_zero_ratio("0%").unwrap_err().contains("no number of runs"));
    }

    #[test]
    fn certainty_is_out_of_reach() {
        assert_eq!(confidence("99%"), Ok(0.99));
        assert!(confidence("1").is_err() && confidence("0.4").is_err());
    }
}
