//! Timelines worked out by hand: with constant latencies every instant of a trace is a sum that a reader can check.
//!
//! `workload::hops` adds up the usual ones; each oracle's comment adds up the rest. What is expected is typed from that
//! sum, and compared to the nanosecond.

mod connections;
mod health;
mod removal;
mod servers;
mod starting;
mod termination;

use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::time::SimDuration;
use sim_core::trace::{Fact, RequestRecord, ServerState, TraceLevel, TraceRecord};

use super::Oracle;
use super::bench::Bench;
use super::comparison::Comparison;

/// Every hand-worked timeline.
pub(super) fn all() -> impl Iterator<Item = &'static Oracle> {
    [
        termination::ORACLES,
        removal::ORACLES,
        starting::ORACLES,
        health::ORACLES,
        servers::ORACLES,
        connections::ORACLES,
    ]
    .into_iter()
    .flatten()
}

/// The trace of one run, and what it was compared with so far.
struct Timeline {
    summary: RunSummary,
    trace: Vec<TraceRecord>,
    parts: Vec<Comparison>,
}

impl Timeline {
    /// Runs the scenario; instants count from the start of the run.
    fn of(bench: &mut Bench, scenario: &Scenario) -> Self {
        let (summary, trace) = bench.traced(scenario, 0, TraceLevel::All);
        Self {
            summary,
            trace,
            parts: Vec::new(),
        }
    }

    /// Counts from the first DELETE instead, and forgets what came before.
    fn since_delete(mut self) -> Self {
        let deleted = |record: &&TraceRecord| matches!(record.fact, Fact::DeletionCommitted { .. });
        let origin = self.trace.iter().find(deleted).map_or(u64::MAX, |record| record.at_ns);
        self.trace.retain(|record| record.at_ns >= origin);
        for record in &mut self.trace {
            record.at_ns -= origin;
        }
        self
    }

    /// Every instant at which `wanted` holds, in order: exactly these milliseconds.
    fn at(mut self, what: &str, expected_ms: &[u64], wanted: impl Fn(&Fact) -> bool) -> Self {
        let expected = expected_ms.iter().map(|at| SimDuration::from_millis(*at));
        let found = self.trace.iter().filter(|record| wanted(&record.fact));
        let found = found.map(|record| SimDuration::from_ns(record.at_ns));
        let part = Comparison::same(listed(expected), listed(found)).of(what);
        self.parts.push(part);
        self
    }

    /// The requests in the order of their issue, each as `9s 200 at 14s` or `10s 502 cause at 10.06s`.
    fn requests(mut self, expected: &[&str]) -> Self {
        let mut requests = records(&self.trace);
        requests.sort_by_key(|request| request.request);
        let found: Vec<String> = requests.into_iter().map(line).collect();
        let part = Comparison::same(expected.join(", "), found.join(", "));
        self.parts.push(part);
        self
    }

    /// One more thing that is no instant.
    fn and(mut self, part: Comparison) -> Self {
        self.parts.push(part);
        self
    }

    fn compare(self) -> Comparison {
        Comparison::all(self.parts)
    }
}

/// Equal instants are told once, with their number.
fn listed(instants: impl Iterator<Item = SimDuration>) -> String {
    let mut rows: Vec<(SimDuration, usize)> = Vec::new();
    for at in instants {
        match rows.last_mut() {
            Some((last, count)) if *last == at => *count += 1,
            _ => rows.push((at, 1)),
        }
    }
    if rows.is_empty() {
        return String::from("never");
    }
    let texts = rows.into_iter().map(|(at, count)| match count {
        1 => at.to_string(),
        _ => format!("{at} ({count}×)"),
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn records(trace: &[TraceRecord]) -> Vec<&RequestRecord> {
    let requests = trace.iter().filter_map(|record| match &record.fact {
        Fact::Request(request) => Some(request),
        _ => None,
    });
    requests.collect()
}

fn line(request: &RequestRecord) -> String {
    let issued = SimDuration::from_ns(request.issued_ns);
    let finished = SimDuration::from_ns(request.finished_ns);
    let cause = request
        .cause
        .map_or(String::new(), |cause| format!(" {}", cause.name()));
    format!("{issued} {}{cause} at {finished}", request.elb_status_code)
}

fn created(fact: &Fact) -> bool {
    matches!(fact, Fact::PodCreated { .. })
}

fn ready(fact: &Fact) -> bool {
    matches!(fact, Fact::PodReady { ready: true, .. })
}

fn not_ready(fact: &Fact) -> bool {
    matches!(fact, Fact::PodReady { ready: false, .. })
}

fn deleted(fact: &Fact) -> bool {
    matches!(fact, Fact::DeletionCommitted { .. })
}

fn gone(fact: &Fact) -> bool {
    matches!(fact, Fact::PodDeleted { .. })
}

fn sandbox_removed(fact: &Fact) -> bool {
    matches!(fact, Fact::SandboxRemoved { .. })
}

/// An endpoint turns `terminating`.
fn terminating(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::EndpointWritten {
            present: true,
            terminating: true,
            ..
        }
    )
}

/// The server turns into that state.
fn server(wanted: ServerState) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::ServerChanged { state, .. } if *state == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_instants_are_told_once() {
        let instants = [3, 3, 5].map(SimDuration::from_millis);
        assert_eq!(listed(instants.into_iter()), "3ms (2×), 5ms");
        assert_eq!(listed([].into_iter()), "never");
    }
}
