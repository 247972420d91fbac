//! Every rule of the checker, broken alone in the trace of a real run, is caught; nothing else is.

mod case;
mod controller;
mod hpa;
mod pods;
mod proxies;
mod requests;
mod targets;

use std::collections::BTreeSet;

use sim_core::check::{Checker, Rule};
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::{Fact, TraceLevel, TraceSink};
use sim_core::world;

use crate::support::{SEED, secs};
use case::Case;

/// A way to break a rule: what is done, the rule, and the hand that does it.
type Doctoring = (&'static str, Rule, fn(&mut Case));

/// Ways to break the rules on the order of records.
const ORDER: &[Doctoring] = &[
    ("a record is dated back", Rule::TimeGoesBack, |case| {
        let at = case.find(|fact| *fact == Fact::ReconcileStarted);
        case.trace[at].at_ns = case.trace[at - 1].at_ns - 1;
    }),
    ("another schema version", Rule::FirstRecord, |case| {
        if let Fact::RunStarted { schema_version, .. } = &mut case.trace[0].fact {
            *schema_version += 1;
        }
    }),
    ("a second start", Rule::FirstRecord, |case| {
        let first = case.trace[0].clone();
        case.trace.insert(1, first);
    }),
    ("no start", Rule::FirstRecord, |case| {
        case.trace.remove(0);
    }),
    ("a record after the end", Rule::LastRecord, |case| {
        let mut last = case.trace.last().expect("not empty").clone();
        last.fact = Fact::ReconcileStarted;
        case.trace.push(last);
    }),
];

fn doctorings() -> impl Iterator<Item = &'static Doctoring> {
    [
        ORDER,
        pods::DOCTORINGS,
        targets::DOCTORINGS,
        controller::DOCTORINGS,
        requests::DOCTORINGS,
        hpa::DOCTORINGS,
        proxies::DOCTORINGS,
    ]
    .into_iter()
    .flatten()
}

#[test]
fn a_real_run_breaks_no_rule() {
    assert_eq!(Case::new().violations(), []);
}

#[test]
fn each_doctored_run_breaks_its_rule_and_no_other() {
    for (what, rule, doctor) in doctorings() {
        let mut case = Case::new();
        doctor(&mut case);
        let violations = case.violations();
        let broken: BTreeSet<Rule> = violations.iter().map(|violation| violation.rule).collect();
        let told: Vec<String> = violations.iter().map(ToString::to_string).collect();
        assert_eq!(broken, BTreeSet::from([*rule]), "{what}: {told:#?}");
    }
}

#[test]
fn every_rule_has_a_doctored_run() {
    let covered: BTreeSet<Rule> = doctorings().map(|(_, rule, _)| *rule).collect();
    let missing: Vec<&str> = Rule::ALL
        .iter()
        .filter(|rule| !covered.contains(rule))
        .map(|rule| rule.name())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_violation_names_its_instant_its_subject_and_its_rule() {
    let mut case = Case::new();
    let kill = case.find(|fact| matches!(fact, Fact::KillStarted { .. }));
    case.duplicate(kill);
    let told = case.violations()[0].to_string();
    let at = SimTime::from_ns(case.trace[kill].at_ns);
    assert!(
        told.starts_with(&format!("{at}: pod {}: kill_started: ", case.victim())),
        "{told}"
    );
    assert!(told.ends_with(&format!("({})", Rule::KillStarted.sentence())), "{told}");
}

#[test]
fn a_trace_that_stops_short_is_caught() {
    let mut case = Case::new();
    case.trace.pop();
    let rules: Vec<Rule> = case.violations().iter().map(|violation| violation.rule).collect();
    assert_eq!(rules, [Rule::LastRecord]);
    case.trace.clear();
    let rules: Vec<Rule> = case.violations().iter().map(|violation| violation.rule).collect();
    assert_eq!(rules, [Rule::LastRecord]);
}

#[test]
fn many_violations_are_cut_short_and_counted() {
    let mut case = Case::new();
    let open_loop = case.scenario.workload.open_loop.as_mut().expect("it has one");
    open_loop.client_timeout = Some(SimDuration::from_ns(1));
    let violations = case.violations();
    assert_eq!(violations.len(), 101);
    let last = violations[100].to_string();
    assert!(last.contains("more violations of this and other rules"), "{last}");
}

#[test]
fn a_trace_of_failures_is_judged_by_what_it_has() {
    let mut case = Case::new();
    case.level = TraceLevel::Failures;
    let complete = case.violations();
    assert!(
        complete.iter().all(|violation| violation.rule == Rule::RequestFields),
        "{complete:?}"
    );
    case.trace
        .retain(|record| !matches!(&record.fact, Fact::Request(request) if request.elb_status_code == 200));
    assert_eq!(case.violations(), []);
    let failed = case.find_request(|request| request.issued_ns > case.scenario.warm_up.as_ns());
    case.trace.remove(failed);
    let rules: BTreeSet<Rule> = case.violations().iter().map(|violation| violation.rule).collect();
    assert_eq!(rules, BTreeSet::from([Rule::TotalsRequests, Rule::TotalsCauses]));
}

#[test]
fn without_a_trace_only_the_summary_is_judged() {
    let mut case = Case::new();
    case.level = TraceLevel::Off;
    case.trace.clear();
    assert_eq!(case.violations(), []);
    case.summary.latency.record(secs(1));
    assert_eq!(case.violations()[0].rule, Rule::TotalsSummary);
}

#[test]
fn a_pod_that_is_still_there_at_the_end_is_noted_but_breaks_no_rule() {
    let mut scenario = Case::scenario();
    scenario.horizon = secs(25);
    let mut checker = Checker::new(&scenario, TraceLevel::All);
    let summary = world::run(&scenario, SEED, 0, TraceLevel::All, &mut checker);
    let notes = checker.unfinished();
    assert_eq!(notes.len(), 1);
    let note = notes[0].to_string();
    assert!(note.contains("was deleted at 20s and was still there 5"), "{note}");
    assert_eq!(checker.finish(&summary), []);
}

#[test]
fn a_trace_that_does_not_tell_what_alb_nodes_know_is_not_judged_by_it() {
    let mut case = Case::new();
    case.trace
        .retain(|record| !matches!(record.fact, Fact::NodeTarget { .. }));
    assert_eq!(case.violations(), []);
}

/// Feeds a whole trace to a fresh checker.
fn judge(case: &Case) -> Vec<sim_core::check::Violation> {
    let mut checker = Checker::new(&case.scenario, case.level);
    for record in &case.trace {
        checker.record(record.clone());
    }
    checker.finish(&case.summary)
}
