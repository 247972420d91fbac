//! What deserves attention in a scenario and its run, and what to do about it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::scenario::Scenario;
use crate::summary::Observations;

/// Something that deserves attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Stable name in kebab case.
    pub code: &'static str,
    /// What was found, one or two sentences.
    pub message: String,
    /// What to do, one sentence.
    pub hint: String,
}

/// Every warning that fits the scenario and what its replications observed together.
pub fn warnings(_scenario: &Scenario, _totals: &Observations, _replications_count: u32) -> Vec<Warning> {
    Vec::new()
}
