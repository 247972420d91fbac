//! Each kind of statement on numbers made up for it.

use serde_json::{Value, json};
use sim_core::rng::Seed;

use super::file;
use crate::cases::evaluate::judge;
use crate::cases::expectation::Expectation;
use crate::cases::format::{Case, CaseFile};
use crate::cases::measure::{Measured, Runs};
use crate::cases::observe::EventMeasures;
use crate::cases::plan::Log;
use crate::cases::study::Study;
use crate::cases::verdict::CaseVerdict;

const LISTED: [&str; 2] = ["short", "long"];

/// A case with these statements.
fn case_of(statements: Value) -> Case {
    let json = file(|json| json["cases"][0]["expectation"] = statements);
    CaseFile::from_json(&json).expect("right statements").cases.remove(0)
}

fn statement(statement: &Value) -> Expectation {
    case_of(json!([statement])).expectations.remove(0)
}

/// One event: 502 and 504 of a thousand requests, and the propagations seen.
fn event(c502: u64, c504: u64, propagation_s: &[f64]) -> EventMeasures {
    EventMeasures {
        failures: [0, c502, 0, c504],
        run_requests_count: 1000,
        requests_count: 1000,
        propagation_s: propagation_s.to_vec(),
        draining_s: vec![300.0],
        ..EventMeasures::default()
    }
}

fn runs(short: Vec<EventMeasures>, long: Vec<EventMeasures>) -> Runs {
    let measured = |events, hook_s| Measured { events, hook_s };
    Runs::from([
        (String::from("short"), measured(short, 5.0)),
        (String::from("long"), measured(long, 25.0)),
    ])
}

#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "statements are written where they are checked"
)]
fn check(text: Value, runs: &Runs, holds: Option<bool>, found: &[Option<f64>]) {
    let judgement = judge(&statement(&text), runs, &LISTED);
    assert_eq!((judgement.holds, judgement.found.as_slice()), (holds, found));
}

#[test]
fn a_relation_of_a_run_is_about_its_events() {
    let runs = runs(vec![event(0, 0, &[]), event(3, 0, &[])], vec![event(0, 0, &[])]);
    check(
        json!({ "run": "short", "code": 502, "relation": ">0" }),
        &runs,
        Some(true),
        &[Some(1.5)],
    );
    check(
        json!({ "run": "short", "code": 502, "relation": "==0" }),
        &runs,
        Some(false),
        &[Some(1.5)],
    );
    check(
        json!({ "run": "long", "code": "5xx", "relation": "==0" }),
        &runs,
        Some(true),
        &[Some(0.0)],
    );
    check(
        json!({ "run": "short", "metric": "502_fraction", "relation": "<=0.002" }),
        &runs,
        Some(true),
        &[Some(0.0015)],
    );
}

#[test]
fn without_a_run_it_is_about_all_of_them() {
    let runs = runs(vec![event(0, 2, &[])], vec![event(0, 4, &[])]);
    check(
        json!({ "code": 504, "relation": ">=3" }),
        &runs,
        Some(true),
        &[Some(3.0)],
    );
}

#[test]
fn both_ends_of_a_range_belong_to_it() {
    let runs = runs(vec![event(0, 0, &[12.0, 14.0])], vec![event(0, 0, &[])]);
    let between =
        |low: f64, high: f64| json!({ "run": "short", "metric": "alb_dereg_propagation_s", "between": [low, high] });
    check(between(13.0, 20.0), &runs, Some(true), &[Some(13.0)]);
    check(between(10.0, 13.0), &runs, Some(true), &[Some(13.0)]);
    check(between(13.5, 20.0), &runs, Some(false), &[Some(13.0)]);
    // Nothing was deregistered, so nothing is in the range.
    let none = json!({ "run": "long", "metric": "alb_dereg_propagation_s", "between": [0, 100] });
    check(none, &runs, Some(false), &[None]);
}

#[test]
fn an_order_compares_each_run_with_the_next() {
    let runs = runs(vec![event(5, 0, &[])], vec![event(2, 0, &[])]);
    let order = |operator: &str| json!({ "order": ["short", operator, "long"], "metric": "5xx_count" });
    for (operator, holds) in [(">", true), (">=", true), ("==", false), ("<=", false), ("<", false)] {
        check(order(operator), &runs, Some(holds), &[Some(5.0), Some(2.0)]);
    }
}

#[test]
fn a_reduction_compares_the_first_run_with_the_last() {
    let runs = runs(vec![event(8, 2, &[])], vec![event(1, 0, &[])]);
    check(
        json!({ "metric": "reduction_of_5xx_count", "between": [0.85, 1.0] }),
        &runs,
        Some(true),
        &[Some(0.9)],
    );
    check(
        json!({ "run": "long", "metric": "502_ratio_to_run_short", "between": [0, 0.1] }),
        &runs,
        Some(false),
        &[Some(0.125)],
    );
}

#[test]
fn metrics_of_one_run_are_compared() {
    let runs = runs(vec![event(0, 0, &[15.0])], vec![]);
    let text =
        json!({ "run": "short", "order_metrics": ["draining_state_lifetime_s", ">", "alb_dereg_propagation_s"] });
    check(text, &runs, Some(true), &[Some(300.0), Some(15.0)]);
}

#[test]
fn a_condition_that_does_not_hold_takes_the_draw_out() {
    let order = || json!({ "order": ["short", "==", "long"], "metric": "5xx_count", "when": "X > dereg propagation" });
    // Hooks of 5 and 25 s.
    let outlasted = runs(vec![event(0, 0, &[4.0])], vec![event(0, 0, &[24.0])]);
    check(order(), &outlasted, Some(true), &[Some(0.0), Some(0.0)]);
    let too_short = runs(vec![event(7, 0, &[6.0])], vec![event(0, 0, &[24.0])]);
    check(order(), &too_short, None, &[Some(7.0), Some(0.0)]);
}

#[test]
fn variants_of_a_run_are_compared() {
    let text = json!({
        "counterfactual_order": [{ "controller_lag_s": 16 }, ">", { "controller_lag_s": 1 }],
        "metric": "502_count",
    });
    let measured = |c502| Measured {
        events: vec![event(c502, 0, &[])],
        hook_s: 0.0,
    };
    let runs = Runs::from([
        (String::from("controller_lag_s=16"), measured(9)),
        (String::from("controller_lag_s=1"), measured(2)),
    ]);
    check(text, &runs, Some(true), &[Some(9.0), Some(2.0)]);
}

/// Concludes from draws in which the first run has so many 502 and the second none.
fn conclude(statements: Value, draws: &[u64]) -> crate::cases::report::CaseReport {
    let case = case_of(statements);
    let draws: Vec<Runs> = draws
        .iter()
        .map(|c502| runs(vec![event(*c502, 0, &[])], vec![event(0, 0, &[])]))
        .collect();
    Study::new(&case, Seed(1)).conclude(&draws, &Log::default(), None)
}

#[test]
fn statements_must_hold_together() {
    let statements = json!([
        { "run": "short", "code": 502, "relation": ">0" },
        { "run": "short", "metric": "502_count", "relation": "<5" },
    ]);
    // Each holds in three of four draws, both in two.
    let report = conclude(statements, &[0, 2, 3, 9]);
    assert_eq!(report.verdict, CaseVerdict::Supported);
    assert_eq!(report.share.expect("draws").holds_count, 2);
    assert_eq!(report.statements[0].share.expect("draws").holds_count, 3);
    assert_eq!(report.statements[0].found[0].median, Some(2.0));
}

#[test]
fn a_softened_statement_is_judged_by_itself() {
    let statements = json!([
        { "run": "short", "code": 502, "relation": ">0", "strength": "rare" },
        { "run": "long", "code": 502, "relation": "==0" },
    ]);
    let report = conclude(statements, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(report.share.expect("draws").holds_count, 10);
    assert_eq!(report.verdict, CaseVerdict::Supported);
}

#[test]
fn what_the_model_does_not_have_is_said_and_keeps_a_case_from_support() {
    let statements = json!([
        { "run": "short", "code": 502, "relation": ">0" },
        { "run": "short", "metric": "nlb_dereg_propagation_s", "between": [100, 150] },
        { "with": "a fair wind", "code": 502, "relation": "==0" },
    ]);
    let report = conclude(statements, &[1, 1]);
    assert_eq!(report.verdict, CaseVerdict::Undetermined);
    let obstacle = |index: usize| report.statements[index].obstacle.clone().unwrap_or_default();
    assert!(obstacle(1).contains("nlb_dereg_propagation_s"), "{}", obstacle(1));
    assert!(
        obstacle(2).contains("`with: a fair wind` is not understood"),
        "{}",
        obstacle(2)
    );
}

#[test]
fn runs_that_differ_in_nothing_understood_are_not_compared() {
    let json = file(|json| {
        json["cases"][0]["runs"] = json!([{ "label": "old" }, { "label": "new", "overrides": { "moon": "full" } }]);
        json["cases"][0]["expectation"] = json!([{ "order": ["old", ">", "new"], "metric": "5xx_count" }]);
    });
    let case = CaseFile::from_json(&json).expect("right").cases.remove(0);
    let report = Study::new(&case, Seed(1)).conclude(&[], &Log::default(), None);
    assert_eq!(report.verdict, CaseVerdict::NotExpressible);
    let obstacle = report.statements[0].obstacle.clone().expect("it is not judged");
    assert!(obstacle.contains("differ in nothing that is understood"), "{obstacle}");
}
