//! `sim advise`: the cheapest settings that meet a target.
//!
//! ```text
//! scenario or manifests → Subject ─┐
//! levers (settings without cost) ──┼→ search: levers, then the shortest cover → found ─┬→ neighbours: why each binds
//! Bench (simulates, remembers) ────┘   (every candidate under the same seed) ↑         ├→ worse worlds
//!                                       confirm (a fresh seed each time) ────┘         └→ Advice: text, JSON, page,
//!                                                                                         patches
//! ```
//!
//! The *cover* is how long a pod still serves after its deletion: the preStop sleep, or, where the server ignores
//! SIGTERM, the grace period. It is what pods cost, so the search is for the shortest.

pub(crate) mod bench;
pub(crate) mod candidate;
pub(crate) mod confirm;
pub(crate) mod document;
pub(crate) mod levers;
pub(crate) mod measure;
pub(crate) mod neighbours;
mod notes;
pub(crate) mod patches;
pub(crate) mod reasons;
pub(crate) mod search;
pub(crate) mod subject;
pub(crate) mod worse;
pub(crate) mod write;

pub(crate) use write::advise;

use schemars::JsonSchema;
use serde::Serialize;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measure {
    /// 5xx responses divided by the disruptions that took pods away.
    ErrorsPerEvent,
    /// 5xx responses divided by all requests.
    FiveXxRatio,
}

/// The limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Target {
    /// Of what.
    pub(crate) measure: Measure,
    /// The upper bound must be at or below this.
    pub(crate) value: f64,
    /// How sure the bound is, one-sided.
    pub(crate) confidence: f64,
}
