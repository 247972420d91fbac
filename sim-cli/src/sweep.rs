//! `sim sweep`: one scenario at many settings.
//!
//! ```text
//! --vary → factors ─┐
//! --design ─────────┴→ design points → runs (common random numbers) → rows → table
//!                                        └→ journal, one line per finished point
//! ```
//!
//! Every design point runs the same replications under the same seed, so that two points differ by their settings and
//! not by chance. A point's rows depend on nothing but its settings: threads, order and interruptions show nowhere.

pub(crate) mod design;
pub(crate) mod journal;
pub(crate) mod point;
pub(crate) mod sensitivity;
pub(crate) mod sobol;
pub(crate) mod table;
pub(crate) mod uncertain;
pub(crate) mod vary;
pub(crate) mod waiting;
pub(crate) mod whole;

use sha2::{Digest as _, Sha256};
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;

use crate::scenario_file::{self, LoadError};
use vary::{Factor, Level};

/// What is swept, complete: equal plans give equal tables.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Built-in name, path or `-`.
    pub(crate) source: String,
    /// The scenario's text where it came from standard input, which can be read only once.
    pub(crate) text: Option<String>,
    /// `--profile`.
    pub(crate) profile: Option<String>,
    /// `--set`, in force at every point.
    pub(crate) sets: Vec<String>,
    /// What varies.
    pub(crate) factors: Vec<Factor>,
    /// The level of each factor at each point.
    pub(crate) points: Vec<Vec<Level>>,
    /// Seed of all random numbers.
    pub(crate) seed: Seed,
    /// How many replications each point has.
    pub(crate) replications: Replications,
}

/// How many replications a point has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Replications {
    /// So many, or so many at least where there is a half-width.
    pub(crate) count: u32,
    /// More until the 95 % interval of the 5xx ratio is so narrow.
    pub(crate) until_half_width: Option<f64>,
    /// But no more than this.
    pub(crate) max: u32,
}

impl Plan {
    /// The scenario at one point.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as for `sim run` with these `--set` values.
    pub(crate) fn scenario(&self, point: &[Level]) -> Result<Scenario, LoadError> {
        let mut sets = self.sets.clone();
        sets.extend(
            self.factors
                .iter()
                .zip(point)
                .map(|(factor, level)| format!("{}={}", factor.path, level.text)),
        );
        scenario(&self.source, self.text.as_ref(), self.profile.as_deref(), &sets)
    }

    /// First 16 hex digits of a hash of everything that the table depends on; `base` is the scenario's own digest.
    pub(crate) fn digest(&self, base: &str) -> String {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update(text.len().to_le_bytes());
            hash.update(text);
        };
        add(env!("CARGO_PKG_VERSION"));
        add(base);
        for factor in &self.factors {
            add(&factor.path);
        }
        for level in self.points.iter().flatten() {
            add(&level.text);
        }
        add(&format!("{} {:?}", self.seed.0, self.replications));
        scenario_file::hex(&hash.finalize()[..8])
    }
}

/// A scenario with these `--set` values, from its text where it came from standard input.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn scenario(
    source: &str,
    text: Option<&String>,
    profile: Option<&str>,
    sets: &[String],
) -> Result<Scenario, LoadError> {
    let decoded = match text {
        Some(text) => scenario_file::decode_text("<stdin>", text.clone(), profile, sets),
        None => scenario_file::decode(source, profile, sets),
    };
    decoded.map(|decoded| decoded.scenario)
}
