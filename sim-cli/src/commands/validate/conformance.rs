//! `sim validate conformance`: the behaviours and rules over simulated traces, or over one recorded trace.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use anyhow::{Context as _, bail};
use rayon::prelude::*;
use sim_core::check::{Checker, Rule, Violation};
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::time::SimDuration;
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};
use validation::conformance::{self, Behaviour, Conformance, Occasions};
use validation::report::{Finding, Section, Verdict};

use crate::scenario_file::{self, builtin};
use crate::simulate;

/// Settings under which behaviours show that the built-in scenarios have no occasion for.
const VARIATIONS: &[(&str, &[&str])] = &[
    // A container that ignores SIGTERM, and a hook that outlasts the grace period.
    ("rollout", &["app.sigterm=ignored", "pod.termination_grace_period=5s"]),
    (
        "rollout",
        &[
            "app.sigterm=ignored",
            "pod.pre_stop.sleep=20s",
            "pod.termination_grace_period=10s",
        ],
    ),
    // Evicted pods that stay long enough to see whether their successors wait for them.
    ("node-drain", &["pod.pre_stop.sleep=20s"]),
];

/// What was watched of one trace.
struct Watched {
    scenario: String,
    records_count: u64,
    occasions: Occasions,
    violations: Vec<Violation>,
}

/// Every built-in scenario, one replication each, on the threads of the current pool.
pub(super) fn examine(seed: Seed) -> anyhow::Result<Section> {
    let built_in = builtin::SCENARIOS.iter().map(|scenario| (scenario.name, &[][..]));
    let runs: Vec<(&str, &[&str])> = built_in.chain(VARIATIONS.iter().copied()).collect();
    let watched = runs
        .par_iter()
        .map(|(name, sets)| simulated(name, sets, seed))
        .collect::<anyhow::Result<Vec<Watched>>>()?;
    Ok(section(
        &watched,
        "What the fact sheets say happens, wherever the traces of the built-in scenarios have an occasion for it.",
    ))
}

fn simulated(name: &str, sets: &[&str], seed: Seed) -> anyhow::Result<Watched> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let scenario = scenario_file::load(name, None, &sets)?.scenario;
    let mut sink = Sink::new(&scenario, TraceLevel::All, SimDuration::ZERO);
    let summary = simulate::guarded(&scenario, seed, 0, || {
        sim_core::world::run(&scenario, seed, 0, TraceLevel::All, &mut sink)
    })?;
    let title = [&[name.to_owned()], &sets[..]].concat().join(" ");
    Ok(Watched {
        scenario: title,
        records_count: sink.records_count,
        occasions: sink.conformance.finish(),
        violations: sink.checker.finish(&summary),
    })
}

/// A trace that was recorded while `scenario` ran, simulated or live.
///
/// # Errors
///
/// If the trace is not one: names the line and what is wrong with it.
pub(super) fn examine_trace(
    path: &Path,
    level: TraceLevel,
    scenario: &Scenario,
    slack: SimDuration,
) -> anyhow::Result<Section> {
    let cannot_read = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(cannot_read)?;
    let mut sink = Sink::new(scenario, level, slack);
    for (line, text) in BufReader::new(file).lines().enumerate() {
        let text = text.with_context(cannot_read)?;
        let record = serde_json::from_str::<TraceRecord>(&text)
            .with_context(|| format!("{}:{}: expected a record of a trace", path.display(), line + 1))?;
        sink.record(record);
    }
    if sink.records_count == 0 {
        bail!(
            "{} has no record: expected a trace as `sim run --trace` writes it",
            path.display()
        );
    }
    let watched = Watched {
        scenario: scenario.name.clone(),
        records_count: sink.records_count,
        occasions: sink.conformance.finish(),
        violations: sink.checker.finish_trace(),
    };
    let mut section = section(
        &[watched],
        "What the fact sheets say happens, wherever the trace has an occasion for it.",
    );
    section.notes.push(format!(
        "{} of {} behaviours had no occasion in this trace. A trace does not say of which scenario it is: of another one it \
         mostly shows no occasions.",
        section.count(Verdict::Undetermined),
        Behaviour::ALL.len()
    ));
    Ok(section)
}

/// Feeds both.
struct Sink<'a> {
    conformance: Conformance<'a>,
    checker: Checker,
    records_count: u64,
}

impl<'a> Sink<'a> {
    fn new(scenario: &'a Scenario, level: TraceLevel, slack: SimDuration) -> Self {
        Self {
            conformance: Conformance::new(scenario, slack),
            checker: Checker::new(scenario, level),
            records_count: 0,
        }
    }
}

impl TraceSink for Sink<'_> {
    fn record(&mut self, record: TraceRecord) {
        self.records_count += 1;
        self.checker.record(record.clone());
        self.conformance.record(record);
    }
}

fn section(watched: &[Watched], about: &str) -> Section {
    let occasions: Vec<(String, Occasions)> = watched
        .iter()
        .map(|trace| (trace.scenario.clone(), trace.occasions.clone()))
        .collect();
    let mut findings = vec![rules(watched)];
    findings.extend(conformance::findings(&occasions));
    Section {
        name: String::from("conformance"),
        about: about.to_owned(),
        findings,
        notes: vec![String::from(
            "Agreement means that a trace obeys the rules wherever it had an occasion to break them; how often and how \
             late things happen is not judged here.",
        )],
    }
}

/// What can never happen.
fn rules(watched: &[Watched]) -> Finding {
    let records: u64 = watched.iter().map(|trace| trace.records_count).sum();
    let broken: Vec<String> = watched
        .iter()
        .filter_map(|trace| {
            let first = trace.violations.first()?;
            Some(format!("{}, {} times: {first}", trace.scenario, trace.violations.len()))
        })
        .collect();
    let violations: usize = watched.iter().map(|trace| trace.violations.len()).sum();
    Finding {
        name: String::from("no_rule_broken"),
        claim: format!(
            "None of the {} rules of what can never happen is broken.",
            Rule::ALL.len()
        ),
        expected: String::from("0 violations"),
        found: format!(
            "{violations} violations in {records} records of {} traces",
            watched.len()
        ),
        verdict: if broken.is_empty() {
            Verdict::Held
        } else {
            Verdict::Failed
        },
        source: String::from("rules of `sim_core::check`: kubernetes §1 to §4, lbc §1 and §2, alb §1 to §5, nodes §7"),
        remark: broken.join("; "),
    }
}
