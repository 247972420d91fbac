//! What deserves attention in a scenario and its run, and what to do about it.
//!
//! Warnings are data: a stable code, what was found, and one thing to do. Those that follow from the settings come
//! first, those that only a run can tell come second. Nothing here changes a result.

mod hpa;
mod observed;
mod settings;
#[cfg(test)]
mod tests;
mod waits;

use alloc::string::String;
use alloc::vec::Vec;

use crate::scenario::Scenario;
use crate::summary::Observations;

/// Something that deserves attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Stable name in kebab case.
    pub code: &'static str,
    /// What was found, in one or two sentences.
    pub message: String,
    /// What to do, in one sentence.
    pub hint: String,
}

/// What the replications of a run observed together.
#[derive(Debug, Clone, Copy)]
pub struct Totals {
    /// Sums over the replications, or the largest where a field is a largest itself.
    pub observations: Observations,
    /// Requests counted.
    pub requests_count: u64,
    /// Number of replications.
    pub replications_count: u32,
}

/// Every warning that fits the scenario and its run.
pub fn warnings(scenario: &Scenario, totals: &Totals) -> Vec<Warning> {
    let mut list = List { found: Vec::new() };
    settings::add(&mut list, scenario);
    observed::add(&mut list, scenario, totals);
    waits::add(&mut list, scenario, totals);
    hpa::add(&mut list, scenario, totals);
    list.found
}

/// The warnings found so far.
struct List {
    found: Vec<Warning>,
}

impl List {
    fn add(&mut self, code: &'static str, message: String, hint: impl Into<String>) {
        self.found.push(Warning {
            code,
            message,
            hint: hint.into(),
        });
    }

    fn has(&self, code: &str) -> bool {
        self.found.iter().any(|warning| warning.code == code)
    }
}
