//! A trace that was written tells the same story as the run.

use serde_json::Value;

use super::{explain, place, told};
use crate::command::{Place, test_name};

/// What is told, without where it comes from.
fn stories(text: &str) -> Value {
    let document: Value = serde_json::from_str(text).expect("JSON");
    document["stories"].clone()
}

fn traced(place: &Place, scenario: &str, requests: &str) {
    let run = [
        "run",
        scenario,
        "--replications",
        "2",
        "--trace",
        "trace.ndjson",
        "--trace-requests",
        requests,
    ];
    told(&place.sim(&run));
}

#[test]
fn a_written_trace_tells_the_same_story_as_the_run() {
    for (scenario, requests) in [
        ("rollout", "failures"),
        ("spot-reclaim", "failures"),
        ("ip-reuse", "all"),
    ] {
        let place = Place::new(&format!("{}-{scenario}", test_name()));
        traced(&place, scenario, requests);
        let json = ["--format", "json"];
        let direct = told(&place.sim(&[&["explain", scenario][..], &json].concat()));
        let beside = told(&place.sim(&[&["explain", scenario, "--trace", "trace.ndjson"][..], &json].concat()));
        assert_eq!(
            stories(&direct),
            stories(&beside),
            "{scenario}, with the scenario beside the trace"
        );

        let alone = told(&place.sim(&[&["explain", "--trace", "trace.ndjson"][..], &json].concat()));
        let mut expected = stories(&direct);
        for story in expected.as_array_mut().expect("an array") {
            story["remedy"] = serde_json::json!({
                "status": "no_scenario",
                "text": "Not tried: a trace does not hold the scenario; name it beside --trace.",
                "before_cause_count": null,
                "before_failures_count": null,
                "trials": [],
            });
        }
        assert_eq!(expected, stories(&alone), "{scenario}, by the trace alone");
    }
}

#[test]
fn standard_input_is_read_once_and_tells_the_same() {
    let place = place();
    traced(&place, "s.yaml", "failures");
    let trace = place.read("trace.ndjson");
    let piped = told(&place.sim_reading(&trace, &["explain", "--trace", "-"]));
    let named = told(&place.sim(&["explain", "--trace", "trace.ndjson"]));
    assert_eq!(piped, named.replace("trace.ndjson", "standard input"));
}

#[test]
fn other_settings_beside_a_trace_are_noticed() {
    let place = place();
    traced(&place, "s.yaml", "failures");
    let text = explain(
        &place,
        &["--trace", "trace.ndjson", "--set", "elbv2.deregister_propagation=5s"],
    );
    assert!(text.contains("does not fail as the trace does"), "{text}");
    let same = explain(&place, &["--trace", "trace.ndjson"]);
    assert!(!same.contains("Note:"), "{same}");
}

#[test]
fn requests_of_the_warm_up_are_left_out() {
    let place = place();
    let warm = ["--set", "warm_up=15s", "--format", "json"];
    let document: Value = serde_json::from_str(&explain(&place, &warm)).expect("JSON");
    let run = [
        "run",
        "s.yaml",
        "--replications",
        "1",
        "--set",
        "warm_up=15s",
        "--format",
        "json",
    ];
    let run: Value = serde_json::from_str(&told(&place.sim(&run))).expect("JSON");
    assert_eq!(document["stories"][0]["cause_count"], run["causes"][0]["count"]);
    let issued = document["stories"][0]["request"]["issued_ns"].as_u64().expect("ns");
    assert!(issued >= 15_000_000_000, "{issued}");
}
