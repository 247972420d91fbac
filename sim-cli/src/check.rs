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
    pub(crate) place: Option<Place>,
    /// What would be right.
    pub(crate) fix: Fix,
    /// What the fix changes here.
    pub(crate) effect: Option<Effect>,
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
    /// By disruption, in the order of [`Standard::ALL`]: mean 5xx of an event without and with the fix.
    pub(crate) five_xx_per_event: Vec<(Standard, f64, f64)>,
}
