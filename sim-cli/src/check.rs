//! `sim check`: what is wrong with a service's settings, and how many requests that fails.
//!
//! ```text
//! manifests → import → the standard disruptions, simulated ─┐
//!                   └→ rules → findings, each with a fix ───┴→ the same, simulated with each fix
//! ```

pub(crate) mod patch;
pub(crate) mod predict;
pub(crate) mod report;
pub(crate) mod rules;

use serde_json::Value as Json;
use sim_core::scenario::Scenario;
use sim_core::stats;
use validation::interval::{self, Interval};

use crate::aggregate::CONFIDENCE;
use crate::import::Imported;
use crate::import::disruption::Standard;
use crate::manifest::Manifests;
use crate::text::source::Place;
use predict::Prediction;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Kubernetes, the controller or AWS does something else than the manifest says, or requests fail for certain.
    Error,
    /// Requests fail, or may.
    Warning,
    /// Worth knowing.
    Note,
}

impl Level {
    /// As shown.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        }
    }
}

/// What the rules look at.
#[derive(Debug)]
pub(crate) struct Context<'c, 'm> {
    /// The imported scenario.
    pub(crate) imported: &'c Imported<'m>,
    /// The same, resolved: every default is in it, and no disruption.
    pub(crate) scenario: &'c Scenario,
    /// All objects of the input.
    pub(crate) manifests: &'m Manifests,
    /// What was predicted of it.
    pub(crate) predictions: &'c [Prediction],
}

/// One thing that a rule found.
#[derive(Debug)]
pub(crate) struct Finding {
    /// The rule.
    pub(crate) rule: &'static rules::Rule,
    /// How bad.
    pub(crate) level: Level,
    /// What was found, in one or two sentences with the values.
    pub(crate) message: String,
    /// Where the value stands that is to change, or the object that lacks it.
    pub(crate) place: Place,
    /// What would be right.
    pub(crate) fix: Fix,
    /// What the fix changes here.
    pub(crate) effect: Option<Effect>,
}

impl Finding {
    /// Whether the fix can change anything in that disruption.
    pub(crate) fn shows_in(&self, standard: Standard) -> bool {
        self.rule.shows_in.contains(&standard)
    }
}

/// How to put something right.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fix {
    /// In words.
    pub(crate) advice: String,
    /// The same in the scenario, to simulate it; empty where the model has no such setting.
    pub(crate) settings: Vec<(String, Json)>,
    /// The same in the manifests.
    pub(crate) patches: Vec<patch::Patch>,
}

/// What a fix changes: the same disruptions under the same seeds, without and with it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Effect {
    /// By disruption, in the order of [`Standard::ALL`].
    pub(crate) changes: Vec<Change>,
}

/// What a fix changes in one disruption.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// Which.
    pub(crate) standard: Standard,
    /// Mean 5xx of an event without the fix.
    pub(crate) without: f64,
    /// The same with it.
    pub(crate) with: f64,
    /// 95 % interval of the mean difference, replication by replication; nothing for a single one.
    pub(crate) difference_ci95: Option<Interval>,
}

impl Change {
    /// Of the 5xx of the same replications.
    pub(crate) fn new(standard: Standard, without: &[u64], with: &[u64]) -> Self {
        let mean = |counts: &[u64]| stats::ratio(counts.iter().sum(), counts.len() as u64);
        Self {
            standard,
            without: mean(without),
            with: mean(with),
            difference_ci95: interval::mean_difference(without, with, CONFIDENCE),
        }
    }

    /// Whether the difference is more than chance: its interval leaves zero out.
    pub(crate) fn is_clear(&self) -> bool {
        self.difference_ci95
            .is_some_and(|interval| interval.low > 0.0 || interval.high < 0.0)
    }
}
