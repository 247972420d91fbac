//! Field cases: what people reported, held against what the model says of their settings.
//!
//! ```text
//! file ─► format ─► interpret (words, priors) ─► Plan: document + assignments ─► runs ─► observe ─► evaluate ─► verdict
//! ```
//!
//! A case is one report: an environment, settings (many of them not stated), one or more runs, and statements of what
//! was seen. [`mod@format`] reads it, [`plan`] turns one run of it into assignments for a small scenario, [`observe`]
//! measures a run as an operator would, [`evaluate`] says of each statement whether it is true, and [`verdict`] what
//! follows for the case.
//!
//! # The rule
//!
//! It is the same for every case. Its bounds and the priors were fixed before any result was known; what changed after
//! the first results were readings that were wrong (requests in flight when an event begins, events that hit nobody,
//! the length of a quiet service's run, Node's `headersTimeout`, a node that was killed rather than drained).
//!
//! * **A draw** is one imagined reporter. Settings that the source states are taken; those that have a default in
//!   Kubernetes, in ELBv2 or in the AWS Load Balancer Controller have that default; all others are drawn from a
//!   [`prior`] that names its source. All runs of a case share the draw and its random numbers, so that their order is
//!   a paired comparison. The event happens [`verdict::EVENTS_PER_DRAW`] times, because nobody reports after one look;
//!   an event among nodes that takes none of the service's pods is none, because nobody reports it.
//!   Where nothing happens, as in a keep-alive race, a service is looked at until it has had 400,000 requests, or for a
//!   week.
//! * **A statement** is true or false of a draw. `> 0` means: in some of the events; `== 0`: in none of them. Counts
//!   are means per event, and so are the windows.
//! * **A case** is *supported* if all of its statements together hold in at least [`verdict::SUPPORTED_FROM`] of the
//!   draws: the model would sooner have predicted the report than not. It is *contradicted* if they do in at most
//!   [`verdict::CONTRADICTED_UP_TO`]. Between the two it is *undetermined*.
//! * **A softened statement** (`strength`) is left out of "together": it must hold by itself in at least
//!   [`verdict::RARE_FROM`] of the draws, or in the share that its text names.
//! * **A conditional statement** (`when`) is judged on the draws in which its condition holds.
//! * **A case with a statement that the model cannot express** is at best undetermined.
//! * **A case that was among the evidence for a default** is marked, and the supported ones are also counted without
//!   those: where that default decides it, it is no prediction.
//! * The model's own latencies are those of the profile: `eks-2022-docker` for clusters reported before November 2022,
//!   when EKS 1.24 ended dockershim, `eks` for all others. They are what is under test, so they are not drawn.

use std::collections::BTreeMap;

use serde::Deserialize;

pub mod evaluate;
pub mod expectation;
pub mod format;
pub mod measure;
pub mod metric;
pub mod observe;
pub mod plan;
pub mod prior;
pub mod report;
pub mod study;
pub mod verdict;
mod words;

/// The cases that come with the program.
pub const BUILT_IN: &str = include_str!("../data/cases.json");

/// What is known of built-in cases beyond their verdicts, by their names: a JSON object of [`Explanation`]s.
pub const EXPLANATIONS: &str = include_str!("../data/explanations.json");

/// What is known of a case beyond its verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// Why it is not supported, with the evidence.
    pub why: Option<String>,
    /// Defaults that this case was among the evidence for, so that it is no prediction where they decide it.
    #[serde(default)]
    pub moved: Vec<String>,
}

/// Those of the built-in cases.
///
/// # Panics
///
/// Never: the committed file is tested.
pub fn explanations() -> BTreeMap<String, Explanation> {
    serde_json::from_str(EXPLANATIONS).expect("the committed file is an object of explanations")
}

#[cfg(test)]
mod tests;
