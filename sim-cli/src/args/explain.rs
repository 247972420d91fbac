//! Flags of `sim explain`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use sim_core::outcome::Cause;

use super::run::SeedArg;

/// Tell the story of one failed request per cause, and try the setting that would have saved it
///
/// Told is the median request of each cause, counted from its pod's deletion: what happened when, the lengths of the
/// hops, who was late. Then the scenario is simulated again with the same seed and one setting changed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sim explain rollout
  sim explain my-service.yaml --set pod.pre_stop.sleep=5s --cause silent_pod_ip
  sim explain rollout --request 17880
  sim explain --trace trace.ndjson
  sim explain rollout --trace trace.ndjson --format json")]
pub(crate) struct ExplainArgs {
    /// Name of a built-in scenario, path of a YAML file, or `-` for standard input
    #[arg(value_name = "SCENARIO", required_unless_present = "trace")]
    pub(crate) source: Option<String>,
    /// Profile of hop latencies to use instead of the scenario's own: a built-in name or a YAML file
    #[arg(long, value_name = "NAME|FILE", requires = "source")]
    pub(crate) profile: Option<String>,
    /// Replace one value, for example `pod.pre_stop.sleep=15s`; repeatable
    #[arg(long = "set", value_name = "PATH=VALUE", requires = "source")]
    pub(crate) sets: Vec<String>,
    /// Tell from this trace, as `sim run --trace` writes it, instead of a run; a SCENARIO beside it is used to try
    /// settings
    #[arg(long, value_name = "FILE|-")]
    pub(crate) trace: Option<PathBuf>,
    /// Tell of this cause only; repeatable [default: every cause that occurred]
    #[arg(long = "cause", value_name = "CAUSE", value_parser = cause_parser(), hide_possible_values = true)]
    pub(crate) causes: Vec<Cause>,
    /// Tell of the request with this number, in the order of issue
    #[arg(long, value_name = "N", conflicts_with = "causes")]
    pub(crate) request: Option<u64>,
    /// Seed of all random numbers: a whole number, or `random` to draw one
    #[arg(long, value_name = "N|random", default_value = "1", conflicts_with = "trace")]
    pub(crate) seed: SeedArg,
    /// Replication to tell of; `sim run` counts them from 0
    #[arg(long, value_name = "N", default_value = "0", conflicts_with = "trace")]
    pub(crate) replication: u32,
    /// Do not simulate the scenario again with other settings
    #[arg(long)]
    pub(crate) no_counterfactual: bool,
    /// Format of the result
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: ExplainFormat,
    /// Write the result here instead of stdout
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub(crate) output: PathBuf,
}

/// Format of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people.
    Text,
    /// One document; `sim-cli/schema/explain.schema.json` describes it.
    Json,
}

fn cause_parser() -> impl clap::builder::TypedValueParser<Value = Cause> {
    PossibleValuesParser::new(Cause::ALL.iter().map(|cause| cause.name())).map(|name| {
        let named = Cause::ALL.iter().find(|cause| cause.name() == name);
        *named.expect("the parser takes names of causes only")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        explain: ExplainArgs,
    }

    #[test]
    fn every_cause_can_be_asked_for_by_its_name() {
        for cause in Cause::ALL {
            let parsed = Alone::parse_from(["explain", "rollout", "--cause", cause.name()]);
            assert_eq!(parsed.explain.causes, [*cause]);
        }
    }

    #[test]
    fn a_scenario_or_a_trace_is_needed() {
        assert!(Alone::try_parse_from(["explain"]).is_err());
        assert!(Alone::try_parse_from(["explain", "--trace", "t.ndjson"]).is_ok());
        assert!(Alone::try_parse_from(["explain", "--trace", "t.ndjson", "--set", "a=1"]).is_err());
        assert!(Alone::try_parse_from(["explain", "rollout", "--trace", "t.ndjson", "--seed", "2"]).is_err());
    }
}
