//! `sim validate cases`: what it says of the built-in cases and of files of one's own.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::command::{Outcome, Place, test_name};
use crate::run::schema::Schema;

/// A file of one core case: a rollout without a hook, and a claim about its first run.
fn file(claim: &Value) -> Value {
    json!({
        "cases": [{
            "id": "rollout-without-a-hook",
            "source": "made up",
            "date": "2025-01",
            "environment": { "lb_type": "ALB", "target_type": "ip", "platform": "EKS", "rate": "100 rps" },
            "event": "rollout",
            "settings": { "replicas": 4, "prestop_sleep_s": 0, "app_sigterm": "immediate-exit" },
            "runs": [{ "label": "A", "overrides": {} }, { "label": "B", "overrides": { "prestop_sleep_s": 28 } }],
            "expectation": [claim],
            "grade": "B",
            "applicability": "core",
            "category": "ALB pods",
        }],
    })
}

fn place(file: &Value) -> Place {
    let text = serde_json::to_string_pretty(file).expect("JSON");
    Place::new(&test_name()).file("cases.json", text)
}

fn validate(place: &Place, more: &[&str]) -> Outcome {
    place.sim(&[&["validate", "cases"], more].concat())
}

/// What is said of a file that cannot be used.
#[track_caller]
fn check_refused(place: &Place, expected: &Expect) {
    let outcome = validate(place, &["--cases", "cases.json"]);
    expected.assert_eq(&outcome.stderr);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let place = Place::new(&test_name());
    let cases = [
        "--case",
        "lbc1064-prestop-5-vs-25",
        "--case",
        "ecs708-stop-task-3-5s",
        "--draws",
        "3",
    ];
    for format in ["text", "json"] {
        let on = |threads: &str| {
            validate(
                &place,
                &[&cases[..], &["--threads", threads, "--format", format]].concat(),
            )
            .stdout
        };
        assert_eq!(on("1"), on("2"), "{format}");
    }
}

#[test]
fn a_case_is_judged_alike_alone_and_among_others() {
    let place = Place::new(&test_name());
    let judged = |more: &[&str]| -> Value {
        let outcome = validate(
            &place,
            &[
                &["--draws", "2", "--format", "json", "--case", "pgd33-evict-few-replicas"],
                more,
            ]
            .concat(),
        );
        let document: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        let cases = document["cases"]["cases"].as_array().expect("a list").clone();
        cases
            .into_iter()
            .find(|case| case["id"] == "pgd33-evict-few-replicas")
            .expect("the case")
    };
    assert_eq!(judged(&[]), judged(&["--case", "lbc1064-prestop-5-vs-25"]));
}

#[test]
fn every_built_in_case_makes_scenarios_and_a_document_that_fits_the_schema() {
    let place = Place::new(&test_name());
    let outcome = validate(&place, &["--draws", "1", "--format", "json"]);
    assert!(outcome.status < 2, "{}", outcome.stderr);
    let document: Value = serde_json::from_str(&outcome.stdout).expect("stdout is one JSON document");
    Schema::committed("validate.schema.json").check(&document);
    let cases = document["cases"]["cases"].as_array().expect("a list");
    assert_eq!(cases.len(), 63);
    for case in cases {
        let judged = case["statements"]
            .as_array()
            .expect("a list")
            .iter()
            .any(|one| one["obstacle"].is_null());
        assert_eq!(judged, case["verdict"] != "not_expressible", "{}", case["id"]);
        // Whatever the model lacks, a core case is about something that it has.
        assert!(judged || case["is_core"] == false, "{}", case["id"]);
    }
}

#[test]
fn a_true_report_is_supported_and_a_false_one_contradicted() {
    // Servers that exit at once while the ALB still sends to them fail requests; a hook of 28 s outlasts that.
    let verdict = |claim: Value| {
        let place = place(&file(&claim));
        let outcome = validate(&place, &["--cases", "cases.json", "--draws", "5", "--format", "json"]);
        let document: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        let case = &document["cases"]["cases"][0];
        assert_eq!(case["drawn"][0]["setting"], "Kubernetes nodes");
        (outcome.status, case["verdict"].as_str().expect("a verdict").to_owned())
    };
    let order = json!({ "order": ["A", ">", "B"], "metric": "5xx_count" });
    assert_eq!(verdict(order), (0, String::from("supported")));
    let reversed = json!({ "order": ["A", "<", "B"], "metric": "5xx_count" });
    assert_eq!(verdict(reversed), (1, String::from("contradicted")));
}

#[test]
fn settings_may_be_laid_over_every_run() {
    // With an ALB that acts at once there is nothing to outlast.
    let place = place(&file(&json!({ "run": "A", "code": 504, "relation": ">0" })));
    let with = |more: &[&str]| validate(&place, &[&["--cases", "cases.json", "--draws", "3"], more].concat()).status;
    assert_eq!(with(&[]), 0);
    assert_eq!(
        with(&[
            "--set",
            "elbv2.deregister_propagation=0s",
            "--set",
            "kubelet.sandbox_teardown=5s"
        ]),
        1
    );
}

/// An explanation may name settings with which the model agrees with the case: then it does, and without them not.
#[test]
fn settings_that_explanations_name_make_the_difference() {
    let explanations: Value =
        serde_json::from_str(include_str!("../../../../validation/data/explanations.json")).expect("JSON");
    let mut explained = Vec::new();
    for (case, known) in explanations.as_object().expect("explanations by case") {
        let code = known["why"].as_str().unwrap_or_default().split('`').skip(1).step_by(2);
        let sets: Vec<&str> = code
            .filter(|code| code.contains('='))
            .flat_map(|set| ["--set", set])
            .collect();
        if sets.is_empty() {
            continue;
        }
        let place = Place::new(&test_name());
        let is_supported = |more: &[&str]| {
            let outcome = validate(&place, &[&["--case", case, "--format", "json"], more].concat());
            let document: Value = serde_json::from_str(&outcome.stdout).expect(&outcome.stderr);
            document["cases"]["cases"][0]["verdict"] == "supported"
        };
        assert!(!is_supported(&[]) && is_supported(&sets), "{case} with {sets:?}");
        explained.push(case);
    }
    assert_eq!(explained, ["lbc1124-no-gate-outage", "juwon-28-40s"]);
}

#[test]
fn the_text_names_the_verdict_and_what_was_drawn() {
    let place = place(&file(&json!({ "run": "A", "code": 502, "relation": "==0" })));
    let outcome = validate(&place, &["--cases", "cases.json", "--draws", "2"]);
    for text in [
        "rollout-without-a-hook  B*     contradicted  0.00",
        "A: 502_count == 0; found",
        "drawn: Kubernetes nodes",
    ] {
        assert!(outcome.stdout.contains(text), "{text} is not in\n{}", outcome.stdout);
    }
}

#[test]
fn a_file_that_is_no_json() {
    let place = Place::new(&test_name()).file(
        "cases.json",
        "{\n \"cases\": [\n  { \"id\": \"one\" \"source\": \"x\" }\n ]\n}\n",
    );
    check_refused(
        &place,
        &expect![[r#"
        error: not valid JSON: expected `,` or `}`
         --> cases.json:3:17
          |
        3 |   { "id": "one" "source": "x" }
          |                 ^
    "#]],
    );
}

#[test]
fn a_statement_about_a_run_that_is_not_there() {
    let claim = json!({ "run": "C", "metric": "5xx_counts", "relation": ">0" });
    check_refused(
        &place(&file(&claim)),
        &expect![[r#"
        error: `cases[0].expectation[0].run`: no run is called `C`; there are A, B
          --> cases.json:33:18
           |
        33 |           "run": "C",
           |                  ^^^
    "#]],
    );
}

#[test]
fn several_problems_at_their_lines() {
    let mut spoilt = file(&json!({ "code": 502, "relation": "often" }));
    spoilt["cases"][0]["settings"]["preStop"] = json!(5);
    spoilt["cases"][0]["runs"][1]["label"] = json!("A");
    check_refused(
        &place(&spoilt),
        &expect![[r#"
        error: `cases[0].settings.preStop`: no setting is called `preStop`; settings of one case only go into `other`
          --> cases.json:18:20
           |
        18 |         "preStop": 5
           |                    ^

        error: `cases[0].runs[1].label`: a run before this one is called `A` too
          --> cases.json:26:20
           |
        26 |           "label": "A",
           |                    ^^^

        error: `cases[0].expectation[0].relation`: `often` is no relation; expected one such as `>0`, `==0` or `<=3`
          --> cases.json:35:23
           |
        35 |           "relation": "often"
           |                       ^^^^^^^
    "#]],
    );
}

#[test]
fn an_unknown_key() {
    let mut spoilt = file(&json!({ "code": 502, "relation": ">0" }));
    spoilt["cases"][0]["runs"][0]["overides"] = json!({});
    check_refused(
        &place(&spoilt),
        &expect![[r#"
        error: `cases[0].runs[0].overides`: unknown field `overides`, expected one of `label`, `overrides`, `observed`
          --> cases.json:23:11
           |
        23 |           "overides": {}
           |           ^^^^^^^^^^
    "#]],
    );
}

#[test]
fn a_setting_that_makes_no_scenario() {
    let mut spoilt = file(&json!({ "run": "A", "code": 502, "relation": ">0" }));
    spoilt["cases"][0]["settings"]["hc_interval_s"] = json!(500);
    check_refused(
        &place(&spoilt),
        &expect![[r#"
        error: case `rollout-without-a-hook`, run `A`: what it states makes no scenario, in draw 0
        `target_group.health_check.interval`: found 8m20s, legal is 5s to 300s; ELBv2 would answer `ValidationError`: value '500' must be less than or equal to 300, and keep the previous setting
        --> --set:1:36
         |
         | target_group.health_check.interval=500000ms
         |                                    ^^^^^^^^
    "#]],
    );
}

#[test]
fn no_such_file_and_no_such_case() {
    let place = Place::new(&test_name());
    let refused = |more: &[&str], expected: &Expect| {
        let outcome = validate(&place, more);
        expected.assert_eq(&outcome.stderr);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
    };
    refused(
        &["--cases", "none.json"],
        &expect![[r#"
        error: cannot read the cases none.json: No such file or directory
    "#]],
    );
    refused(
        &["--case", "lbc1064-prestop-5-vs-2"],
        &expect![[r#"
        error: no case is called `lbc1064-prestop-5-vs-2`; did you mean `lbc1064-prestop-5-vs-25`?
    "#]],
    );
}
