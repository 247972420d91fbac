//! Runs the scenarios of one oracle, and checks every trace on the way.

use sim_core::check::Checker;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::trace::{Fact, RequestRecord, TraceLevel, TraceRecord, TraceSink};

use super::estimate::Estimate;

/// Where an oracle's runs take place.
#[derive(Debug)]
pub(super) struct Bench {
    seed: Seed,
    violations: Vec<String>,
}

impl Bench {
    pub(super) fn new(seed: Seed) -> Self {
        Self {
            seed,
            violations: Vec::new(),
        }
    }

    /// Invariants that some run broke.
    pub(super) fn into_violations(self) -> Vec<String> {
        self.violations
    }

    /// One replication without a trace.
    pub(super) fn run(&mut self, scenario: &Scenario, replication: u32) -> RunSummary {
        self.traced(scenario, replication, TraceLevel::Off).0
    }

    /// One replication with facts and requests at `level`.
    pub(super) fn traced(
        &mut self,
        scenario: &Scenario,
        replication: u32,
        level: TraceLevel,
    ) -> (RunSummary, Vec<TraceRecord>) {
        let mut sink = Checked {
            trace: Vec::new(),
            checker: Checker::new(scenario, level),
        };
        let summary = sim_core::world::run(scenario, self.seed, replication, level, &mut sink);
        let violations = sink.checker.finish(&summary);
        self.violations.extend(violations.iter().map(ToString::to_string));
        (summary, sink.trace)
    }

    /// All requests of one replication.
    pub(super) fn requests(&mut self, scenario: &Scenario, replication: u32) -> Vec<RequestRecord> {
        let (_, trace) = self.traced(scenario, replication, TraceLevel::All);
        let requests = trace.into_iter().filter_map(|record| match record.fact {
            Fact::Request(request) => Some(request),
            _ => None,
        });
        requests.collect()
    }

    /// Mean of one number per replication.
    pub(super) fn replicate(&mut self, count: u32, mut sample: impl FnMut(&mut Self, u32) -> f64) -> Estimate {
        let samples: Vec<f64> = (0..count).map(|replication| sample(self, replication)).collect();
        Estimate::of(&samples)
    }
}

#[cfg(test)]
impl Bench {
    /// As if a checker had found something.
    pub(super) fn break_an_invariant(&mut self) {
        self.violations.push(String::from("on purpose"));
    }
}

/// Keeps the trace and checks it.
struct Checked {
    trace: Vec<TraceRecord>,
    checker: Checker,
}

impl TraceSink for Checked {
    fn record(&mut self, record: TraceRecord) {
        self.trace.push(record.clone());
        self.checker.record(record);
    }
}
