//! What is refused, and what is said of it.

use serde_json::{Value, json};

use super::{built_in, file};
use crate::cases::format::{CaseFile, Grade};

#[track_caller]
fn check(change: impl FnOnce(&mut Value), path: &str, problem: &str) {
    let problems = CaseFile::from_json(&file(change)).expect_err("it is spoilt");
    let found: Vec<String> = problems
        .iter()
        .map(|one| format!("{}: {}", one.path, one.problem))
        .collect();
    assert!(
        problems
            .iter()
            .any(|one| one.path == path && one.problem.contains(problem)),
        "{found:#?}\ninstead of {path}: {problem}"
    );
}

#[test]
fn the_built_in_file_has_63_cases_of_which_27_count() {
    let cases = built_in();
    assert_eq!(cases.len(), 63);
    let core = cases.iter().filter(|case| case.is_core()).count();
    // 33 and the one that is `core/extended`.
    assert_eq!(core, 34);
    let counted = |grade: Grade| cases.iter().filter(|case| case.counts() && case.grade == grade).count();
    assert_eq!((counted(Grade::A), counted(Grade::B), counted(Grade::C)), (6, 21, 0));
}

#[test]
fn a_right_file_is_read() {
    let cases = CaseFile::from_json(&file(|_| {})).expect("nothing is wrong").cases;
    assert_eq!(cases[0].expectations.len(), 2);
    assert_eq!(cases[0].expectations[1].to_string(), "5xx_count: short > long");
}

#[test]
fn keys_and_types_are_checked() {
    check(
        |json| json["cases"][0]["colour"] = json!("red"),
        "cases[0].colour",
        "unknown field `colour`",
    );
    check(
        |json| json["cases"][0]["grade"] = json!("D"),
        "cases[0].grade",
        "expected one of `A`, `B`, `C`",
    );
    check(
        |json| json["cases"][0]["runs"][1]["overrides"] = json!(3),
        "cases[0].runs[1].overrides",
        "expected a map",
    );
    check(
        |json| _ = json["cases"][0].as_object_mut().expect("a map").remove("event"),
        "cases[0]",
        "missing field `event`",
    );
    check(
        |json| json["cases"][0]["settings"]["preStop"] = json!(1),
        "cases[0].settings.preStop",
        "no setting is called",
    );
    check(
        |json| json["cases"][0]["settings"]["other"] = json!(1),
        "cases[0].settings.other",
        "a map of further settings",
    );
}

#[test]
fn runs_and_cases_have_names_of_their_own() {
    check(
        |json| json["cases"][0]["runs"][1]["label"] = json!("short"),
        "cases[0].runs[1].label",
        "is called `short` too",
    );
    check(
        |json| json["cases"][0]["runs"] = json!([]),
        "cases[0].runs",
        "at least one run",
    );
    check(
        |json| {
            let again = json["cases"][0].clone();
            json["cases"].as_array_mut().expect("a list").push(again);
        },
        "cases[1].id",
        "is called `one` too",
    );
}

#[test]
fn statements_are_checked() {
    let statement = |statement: Value| move |json: &mut Value| json["cases"][0]["expectation"][0] = statement;
    let wrong = [
        (
            json!({ "run": "x", "code": 502, "relation": ">0" }),
            ".run",
            "no run is called `x`; there are short, long",
        ),
        (json!({ "code": 505, "relation": ">0" }), ".code", "no code `505`"),
        (
            json!({ "code": 502, "relation": "many" }),
            ".relation",
            "`many` is no relation",
        ),
        (json!({ "code": 502 }), ".relation", "is missing"),
        (
            json!({ "metric": "5xx_counts", "relation": ">0" }),
            ".metric",
            "no metric is called `5xx_counts`",
        ),
        (
            json!({ "metric": "5xx_count", "between": [3, 1] }),
            ".between",
            "3 is above 1",
        ),
        (json!({ "between": [1, 3] }), ".metric", "a metric is missing"),
        (
            json!({ "metric": "5xx_count", "between": [1, 3], "relation": ">0" }),
            ".relation",
            "exclude each other",
        ),
        (
            json!({ "order": ["short", ">", "x"], "metric": "5xx_count" }),
            ".order",
            "no run is called `x`",
        ),
        (
            json!({ "order": ["short", "=", "long"], "metric": "5xx_count" }),
            ".order",
            "`=` is no comparison",
        ),
        (
            json!({ "order": ["short", ">"], "metric": "5xx_count" }),
            ".order",
            "found 2 entries",
        ),
        (
            json!({ "order": ["short", ">", "long"] }),
            ".metric",
            "a metric is missing",
        ),
        (
            json!({ "order_metrics": ["error_window_s", ">", "x"] }),
            ".order_metrics",
            "no metric is called `x`",
        ),
        (
            json!({ "counterfactual_order": [{}, ">", 3], "metric": "502_count" }),
            ".counterfactual_order",
            "found 3",
        ),
        (
            json!({ "code": 502, "relation": ">0", "when": "it rains" }),
            ".when",
            "only an order",
        ),
        (json!({ "note": "nothing" }), "", "states nothing"),
        (
            json!({ "code": 502, "relation": ">0", "colour": "red" }),
            ".colour",
            "unknown field",
        ),
    ];
    for (text, field, problem) in wrong {
        check(statement(text), &format!("cases[0].expectation[0]{field}"), problem);
    }
}

#[test]
fn everything_that_does_not_fit_is_reported_at_once() {
    let problems = CaseFile::from_json(&file(|json| {
        json["cases"][0]["expectation"][0]["run"] = json!("x");
        json["cases"][0]["expectation"][1]["metric"] = json!("y");
    }));
    assert_eq!(problems.expect_err("it is spoilt").len(), 2);
}

#[test]
fn every_explanation_is_of_a_built_in_case() {
    let cases = built_in();
    for (id, known) in crate::cases::explanations() {
        assert!(cases.iter().any(|case| case.id == id), "{id} is no case");
        assert!(known.why.iter().all(|why| why.len() > 100), "{id} needs a text");
        assert!(known.why.is_some() || !known.moved.is_empty(), "{id} says nothing");
    }
}
