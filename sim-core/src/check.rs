//! Checks any trace, simulated or live, for what can never happen.
//!
//! A [`Checker`] is a [`TraceSink`]: it looks at each record as it passes and keeps only what later records are
//! judged by, so its memory follows the control plane, not the requests.
//!
//! ```text
//! record ─► order ─┬─► lifecycle   pod, containers, server, endpoint      (kubernetes §1, §2)
//!                  ├─► target      calls, described health, node views    (alb §1, §2, §5)
//!                  ├─► controller  leader, gates, further target groups     (lbc §1, §2)
//!                  ├─► hpa         recommendation, stabilization, limits   (nodes §7)
//!                  ├─► zone        DNS, dead ALB nodes, cut weights       (alb §2.2, §8)
//!                  ├─► proxies     kube-proxy, where targets are nodes    (lbc §4)
//!                  ├─► request     one outcome, its cause, its routing    (alb §3)
//!                  └─► totals      what the run's summary must agree with
//! ```
//!
//! Rules are lower bounds and orders that hold whatever the latencies, so that they also fit a cluster whose clocks
//! and events jitter; that a given scenario yields exactly the expected instants is for other tests.

mod containers;
mod controller;
mod hpa;
mod ids;
mod lifecycle;
mod node;
mod proxies;
mod request;
mod rule;
mod target;
mod totals;
mod zone;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use rule::{Rule, Subject, Violation};

use crate::scenario::Scenario;
use crate::summary::RunSummary;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Fact, SCHEMA_VERSION, TraceLevel, TraceRecord, TraceSink};
use controller::Controller;
use hpa::Autoscaler;
use lifecycle::Lifecycles;
use proxies::Proxied;
use request::Requests;
use target::Targets;
use totals::Totals;
use zone::Zones;

/// Violations kept; a broken model may break a rule once per request.
const KEPT: usize = 100;

/// A pod whose deletion was not over when the trace ended: worth a note, not a violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    /// The pod.
    pub pod: u32,
    /// When its DELETE was committed.
    pub deleted_at: SimTime,
    /// From there to the last record.
    pub waiting: SimDuration,
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "pod {} was deleted at {} and was still there {} later, at the end of the trace",
            self.pod, self.deleted_at, self.waiting
        )
    }
}

/// What is wrong so far, and the instant of the present record.
#[derive(Debug, Default)]
struct Log {
    now: u64,
    violations: Vec<Violation>,
    not_kept: u64,
}

impl Log {
    fn broken(&mut self, rule: Rule, subject: Subject, detail: impl FnOnce() -> String) {
        if self.violations.len() == KEPT {
            self.not_kept += 1;
            return;
        }
        self.violations.push(Violation {
            at: SimTime::from_ns(self.now),
            subject,
            rule,
            detail: detail(),
        });
    }

    /// Notes a violation unless `holds`.
    fn check(&mut self, holds: bool, rule: Rule, subject: impl FnOnce() -> Subject, detail: impl FnOnce() -> String) {
        if !holds {
            self.broken(rule, subject(), detail);
        }
    }
}

/// How far the trace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Empty,
    Running,
    Ended { requests_count: u64 },
}

/// Checks a trace record by record, without keeping it.
#[derive(Debug)]
pub struct Checker {
    scenario: Scenario,
    level: TraceLevel,
    stage: Stage,
    log: Log,
    lifecycles: Lifecycles,
    targets: Targets,
    controller: Controller,
    autoscaler: Autoscaler,
    zones: Zones,
    proxied: Proxied,
    requests: Requests,
    totals: Totals,
}

impl Checker {
    /// A checker for one run of `scenario` whose trace is recorded at `level`.
    pub fn new(scenario: &Scenario, level: TraceLevel) -> Self {
        Self {
            level,
            stage: Stage::Empty,
            log: Log::default(),
            lifecycles: Lifecycles::default(),
            targets: Targets::default(),
            controller: Controller::default(),
            autoscaler: Autoscaler::default(),
            zones: Zones::default(),
            proxied: Proxied::default(),
            requests: Requests::new(scenario, level),
            totals: Totals::new(scenario, level),
            scenario: scenario.clone(),
        }
    }

    /// Pods whose deletion has begun and is not over.
    pub fn unfinished(&self) -> Vec<Unfinished> {
        self.lifecycles.unfinished(self.log.now)
    }

    /// Everything that was wrong with a trace whose run has no summary at hand, in the order found.
    ///
    /// At most 100 violations are kept; one more then says how many were not.
    pub fn finish_trace(mut self) -> Vec<Violation> {
        if matches!(self.stage, Stage::Ended { .. }) {
            self.requests.check_gap(&mut self.log);
        } else {
            self.no_end();
        }
        self.violations()
    }

    /// Compares the trace with the summary of its run and returns everything that was wrong, in the order found.
    ///
    /// At most 100 violations are kept; one more then says how many were not.
    pub fn finish(mut self, summary: &RunSummary) -> Vec<Violation> {
        totals::check_summary(summary, &mut self.log);
        match (self.level, self.stage) {
            (TraceLevel::Off, _) => {}
            (_, Stage::Ended { requests_count }) => {
                self.requests.check_gap(&mut self.log);
                self.totals
                    .check_against(summary, requests_count, &self.lifecycles, &mut self.log);
            }
            (_, Stage::Empty | Stage::Running) => self.no_end(),
        }
        self.violations()
    }

    fn no_end(&mut self) {
        self.log
            .broken(Rule::LastRecord, Subject::Run, || "the trace has no run_ended".into());
    }

    fn violations(self) -> Vec<Violation> {
        let mut violations = self.log.violations;
        if self.log.not_kept > 0 {
            let rule = violations[KEPT - 1].rule;
            violations.push(Violation {
                at: SimTime::from_ns(self.log.now),
                subject: Subject::Run,
                rule,
                detail: format!("and {} more violations of this and other rules", self.log.not_kept),
            });
        }
        violations
    }

    /// Order of the records, first and last one.
    fn order(&mut self, record: &TraceRecord) {
        let log = &mut self.log;
        let before = log.now;
        log.check(
            record.at_ns >= before,
            Rule::TimeGoesBack,
            || Subject::Run,
            || {
                format!(
                    "{} follows {}",
                    SimTime::from_ns(record.at_ns),
                    SimTime::from_ns(before)
                )
            },
        );
        log.now = record.at_ns;
        let version = match &record.fact {
            Fact::RunStarted { schema_version, .. } => Some(*schema_version),
            _ => None,
        };
        match (self.stage, version) {
            (Stage::Empty, Some(found)) => {
                log.check(
                    found == SCHEMA_VERSION,
                    Rule::FirstRecord,
                    || Subject::Run,
                    || format!("schema version {found}, expected {SCHEMA_VERSION}"),
                );
            }
            (Stage::Empty, None) => {
                log.broken(Rule::FirstRecord, Subject::Run, || "the trace starts without it".into());
            }
            (_, Some(_)) => log.broken(Rule::FirstRecord, Subject::Run, || "it comes a second time".into()),
            (Stage::Ended { .. }, None) => {
                log.broken(Rule::LastRecord, Subject::Run, || {
                    format!("followed by {:?}", record.fact)
                });
            }
            (Stage::Running, None) => {}
        }
        self.stage = match &record.fact {
            Fact::RunEnded { requests_count } => Stage::Ended {
                requests_count: *requests_count,
            },
            _ if self.stage == Stage::Empty => Stage::Running,
            _ => self.stage,
        };
    }
}

impl TraceSink for Checker {
    fn record(&mut self, record: TraceRecord) {
        self.order(&record);
        let (scenario, log) = (&self.scenario, &mut self.log);
        if let Fact::Request(request) = &record.fact {
            self.requests.check(request, scenario, &self.targets, log);
            self.zones.check_request(request, scenario, log);
            self.proxied.check_request(request, scenario, log);
            self.totals.add_request(request);
            return;
        }
        self.totals.add_fact(record.at_ns, &record.fact);
        self.lifecycles.check(&record.fact, scenario, log);
        self.targets.check(&record.fact, scenario, log);
        self.controller.check(&record.fact, scenario, log);
        self.autoscaler.check(&record.fact, scenario, log);
        self.zones.check(&record.fact, scenario, &self.targets, log);
        self.proxied.check(&record.fact, log);
    }
}
