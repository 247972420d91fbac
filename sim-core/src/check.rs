//! Checks every trace for what can never happen.

use alloc::vec::Vec;

use crate::scenario::Scenario;
use crate::summary::RunSummary;
use crate::trace::{TraceLevel, TraceRecord, TraceSink};

/// Checks a trace record by record, without keeping it.
#[derive(Debug)]
pub struct Checker {}

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {}

impl core::fmt::Display for Violation {
    fn fmt(&self, _: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        Ok(())
    }
}

impl Checker {
    /// A checker for a run of `scenario` whose trace is recorded at `level`.
    pub fn new(_scenario: &Scenario, _level: TraceLevel) -> Self {
        Self {}
    }

    /// Everything that was wrong.
    pub fn finish(self, _summary: &RunSummary) -> Vec<Violation> {
        Vec::new()
    }
}

impl TraceSink for Checker {
    fn record(&mut self, _record: TraceRecord) {}
}
