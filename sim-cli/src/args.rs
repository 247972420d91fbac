//! The command line: flags only, no logic. One file per larger command under `args/`.

pub(crate) mod advise;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod import;
pub(crate) mod plot;
pub(crate) mod run;
pub(crate) mod sweep;
pub(crate) mod validate;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::scenario_file::{self, LoadError, Loaded};

/// Predicts the 502, 503 and 504 responses that users see while pods go away behind an AWS Application Load Balancer
///
/// Exit status: 0 done, 1 done but a check or threshold failed, 2 could not run.
#[derive(Debug, Parser)]
#[command(
    name = "sim",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// When to colour: `auto` means at a terminal and unless `NO_COLOR` is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more about what is being done
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// At a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::RunArgs),
    Sweep(sweep::SweepArgs),
    Advise(Box<advise::AdviseArgs>),
    Plot(plot::PlotArgs),
    Import(import::ImportArgs),
    Check(check::CheckArgs),
    Explain(explain::ExplainArgs),
    Validate(validate::ValidateArgs),
    /// List, show and describe scenarios and profiles
    Scenario(ScenarioArgs),
}

/// Which scenario, and what to change in it.
#[derive(Debug, Args)]
pub(crate) struct ScenarioInput {
    /// Name of a built-in scenario, path of a YAML file, or `-` for standard input
    #[arg(value_name = "SCENARIO")]
    pub(crate) source: String,
    /// Profile of hop latencies to use instead of the scenario's own: a built-in name or a YAML file
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) profile: Option<String>,
    /// Replace one value, for example `pod.pre_stop.sleep=15s` or `disruptions[0].scale.replicas=300`; repeatable
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,
}

impl ScenarioInput {
    /// The resolved and validated scenario.
    pub(crate) fn load(&self) -> Result<Loaded, LoadError> {
        scenario_file::load(&self.source, self.profile.as_deref(), &self.sets)
    }
}

/// List, show and describe scenarios and profiles
#[derive(Debug, Args)]
pub(crate) struct ScenarioArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: ScenarioCommand,
}

/// Subcommands of `sim scenario`.
#[derive(Debug, Subcommand)]
pub(crate) enum ScenarioCommand {
    /// List the built-in scenarios
    List {
        /// Text for people or JSON for programs
        #[arg(long, value_enum, default_value = "text")]
        format: ListFormat,
    },
    /// Print a scenario with every value resolved and where each comes from
    ///
    /// The YAML form can be fed back to `sim`. Example: `sim scenario show rollout --set pod.pre_stop.sleep=15s`
    Show {
        /// Which scenario.
        #[command(flatten)]
        input: ScenarioInput,
        /// YAML with a comment behind each value, or JSON with a map of origins
        #[arg(long, value_enum, default_value = "yaml")]
        format: ShowFormat,
    },
    /// Print the JSON Schema of the scenario file
    Schema,
    /// List the built-in profiles of hop latencies
    Profiles {
        /// Text for people or JSON for programs
        #[arg(long, value_enum, default_value = "text")]
        format: ListFormat,
    },
}

/// Format of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A table.
    Text,
    /// An array of objects.
    Json,
}

/// Format of a resolved scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    /// A scenario file with comments.
    Yaml,
    /// One document: the scenario, the origin of each value, the digest.
    Json,
}
