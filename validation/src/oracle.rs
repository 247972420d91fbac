//! Oracles: what theory says a scenario must give, and what the model gives.
//!
//! ```text
//! queues   waiting times of one pod                    M/M/c, M/G/1
//! ```

mod estimate;
mod queues;

use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};

use crate::report::Finding;

/// One comparison of the model with theory.
#[derive(Debug, Clone, Copy)]
pub struct Oracle {
    /// Stable name.
    pub name: &'static str,
    /// Runs the scenario and compares; equal seeds give equal findings.
    pub examine: fn(Seed) -> Finding,
}

/// Every oracle.
pub const ALL: &[Oracle] = &[Oracle {
    name: "m_m_c_wait",
    examine: queues::ten_workers_wait_as_erlang_says,
}];

/// Takes nothing.
struct Nowhere;

impl TraceSink for Nowhere {
    fn record(&mut self, _: TraceRecord) {}
}

/// One replication without a trace.
fn run(scenario: &Scenario, seed: Seed, replication: u32) -> RunSummary {
    sim_core::world::run(scenario, seed, replication, TraceLevel::Off, &mut Nowhere)
}
