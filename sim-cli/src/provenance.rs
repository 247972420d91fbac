//! What a result comes from: enough to make the same bytes again, and nothing that changes between two builds of the
//! same source.

use std::hash::{BuildHasher as _, RandomState};

use clap::ValueEnum as _;
use schemars::JsonSchema;
use serde::Serialize;
use sim_core::rng::Seed;

use crate::args::ScenarioInput;
use crate::args::run::{RunArgs, SeedArg};
use crate::args::sweep::SweepArgs;
use crate::scenario_file::Loaded;
use crate::sweep::design::Design;

/// What a result comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Provenance {
    /// Version of `sim`.
    pub(crate) tool_version: String,
    /// Seed of all random numbers.
    pub(crate) seed: u64,
    /// Number of replications.
    pub(crate) replications: u32,
    /// Digest of the resolved scenario: equal digests mean equal scenarios.
    pub(crate) scenario_digest: String,
    /// Name of the scenario.
    pub(crate) scenario: String,
    /// Name of the profile of hop latencies.
    pub(crate) profile: String,
    /// The command that gives this result again; output options are left out.
    pub(crate) command: String,
}

impl Provenance {
    /// Of one run.
    pub(crate) fn new(args: &RunArgs, loaded: &Loaded, seed: Seed) -> Self {
        Self {
            tool_version: String::from(env!("CARGO_PKG_VERSION")),
            seed: seed.0,
            replications: args.replications.get(),
            scenario_digest: loaded.digest.clone(),
            scenario: loaded.scenario.name.clone(),
            profile: loaded.scenario.profile.clone(),
            command: command(args, seed),
        }
    }
}

/// The seed asked for, or one drawn from the operating system: below 2^53, so that every reader of JSON keeps it.
pub(crate) fn seed(arg: SeedArg) -> Seed {
    match arg {
        SeedArg::Fixed(seed) => Seed(seed),
        SeedArg::Random => Seed(RandomState::new().hash_one("seed") >> 11),
    }
}

fn command(args: &RunArgs, seed: Seed) -> String {
    let mut words = verb("run", &args.input);
    words.push(format!("--seed {} --replications {}", seed.0, args.replications));
    words.join(" ")
}

/// The command that gives the result of a sweep again; output options are left out.
pub(crate) fn of_sweep(args: &SweepArgs, seed: Seed) -> String {
    let mut words = verb("sweep", &args.input);
    for factor in &args.vary {
        words.push(format!(
            "--vary {}",
            quoted(&format!("{}={}", factor.path, factor.levels_text()))
        ));
    }
    let design = args.design.to_possible_value();
    if args.sensitivity {
        words.push("--sensitivity".to_owned());
    } else if let Some(design) = design.filter(|_| args.design != Design::Grid) {
        words.push(format!("--design {}", design.get_name()));
    }
    if args.sensitivity || args.design != Design::Grid {
        words.push(format!("--points {}", args.points));
    }
    words.push(format!("--seed {} --replications {}", seed.0, args.replications));
    if let Some(half_width) = args.until_half_width {
        words.push(format!(
            "--until-half-width {half_width} --max-replications {}",
            args.max_replications
        ));
    }
    if args.skip_invalid {
        words.push("--skip-invalid".to_owned());
    }
    words.join(" ")
}

/// A command and the scenario that it takes.
fn verb(verb: &str, input: &ScenarioInput) -> Vec<String> {
    let mut words = vec![String::from("sim"), verb.to_owned(), quoted(&input.source)];
    if let Some(profile) = &input.profile {
        words.push(format!("--profile {}", quoted(profile)));
    }
    for set in &input.sets {
        words.push(format!("--set {}", quoted(set)));
    }
    words
}

/// As a POSIX shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return String::from(word);
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("pod.pre_stop.sleep=15s"), "pod.pre_stop.sleep=15s");
        assert_eq!(quoted("disruptions[0].at=1s"), "'disruptions[0].at=1s'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn drawn_seeds_differ_and_fit_a_json_number() {
        let drawn: Vec<Seed> = (0..4).map(|_| seed(SeedArg::Random)).collect();
        assert!(drawn.iter().all(|seed| seed.0 < 1 << 53));
        assert!(
            drawn.iter().any(|seed| *seed != drawn[0]),
            "four equal draws of 53 bits"
        );
        assert_eq!(seed(SeedArg::Fixed(u64::MAX)), Seed(u64::MAX));
    }
}
