//! The document for programs.

use serde_json::Value;

use super::{explain, place};
use crate::run::schema::Schema;

/// Endings that name a unit.
const UNITS: [&str; 4] = ["_ns", "_count", "_ratio", "_ratio_ci95_high"];

/// Numbers that are no quantities.
const IDS: [&str; 9] = [
    "schema_version",
    "seed",
    "replication",
    "elb_status_code",
    "request",
    "alb_node",
    "target",
    "pod",
    "kubernetes_node",
];

/// Every number with the key that it stands under.
fn numbers(key: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(key.to_owned()),
        Value::Array(items) => items.iter().for_each(|item| numbers(key, item, found)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let key = if key == "hop_counts" { "hop_count" } else { name };
            numbers(key, member, found);
        }),
        _ => {}
    }
}

#[test]
fn the_document_follows_the_committed_schema_and_its_numbers_say_their_unit() {
    let place = place();
    let schema = Schema::committed("explain.schema.json");
    for more in [
        &[][..],
        &["--no-counterfactual"],
        &["--set", "disruptions=[]"],
        &["--set", "workload.open_loop.rate=0"],
        &["--set", "app.error_ratio=1"],
    ] {
        let text = explain(&place, &[&["--format", "json"], more].concat());
        let document: Value = serde_json::from_str(&text).expect("one JSON document");
        schema.check(&document);
        let mut found = Vec::new();
        numbers("", &document, &mut found);
        for key in found {
            let has_unit = UNITS.iter().any(|unit| key.ends_with(unit));
            assert!(
                has_unit != IDS.contains(&key.as_str()),
                "{key} needs a unit, or is an id and listed here"
            );
        }
    }
}

#[test]
fn text_and_document_tell_the_same_and_the_same_again() {
    let place = place();
    let text = explain(&place, &[]);
    assert_eq!(text, explain(&place, &[]));
    assert!(text.lines().all(|line| line.chars().count() <= 96), "{text}");
    let document: Value = serde_json::from_str(&explain(&place, &["--format", "json"])).expect("JSON");
    let story = &document["stories"][0];
    assert_eq!(story["cause"], "silent_pod_ip");
    assert_eq!(story["hops"]["endpoints_ns"], 35_000_000);
    assert_eq!(story["hops"]["controller_ns"], 240_000_000);
    assert_eq!(story["hops"]["api_throttle_ns"], 0);
    assert_eq!(story["hops"]["propagation_ns"], 10_000_000_000_u64);
    assert_eq!(story["hops"]["removal_ns"], 10_275_000_000_u64);
    assert_eq!(story["late"]["late_ns"], 10_248_000_000_u64);
    assert_eq!(story["anchor"]["kind"], "pod_deleted");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let flat = words(&text);
    for step in story["timeline"].as_array().expect("an array") {
        let told = step["text"].as_str().expect("a text");
        assert!(flat.contains(told), "{told}");
    }
}

#[test]
fn a_request_can_be_asked_for_by_its_number() {
    let place = place();
    let chosen = explain(&place, &["--cause", "silent_pod_ip"]);
    let asked = explain(&place, &["--request", "30"]);
    assert_eq!(
        chosen.replace("the median one in time since the pod's deletion", "the one asked for"),
        asked
    );
}

#[test]
fn trials_can_be_left_out() {
    let text = explain(&place(), &["--no-counterfactual"]);
    assert!(text.contains("Not tried: --no-counterfactual."), "{text}");
    assert!(!text.contains("with pod.pre_stop.sleep"), "{text}");
}

#[test]
fn every_built_in_scenario_is_told_in_order_and_its_hops_add_up() {
    let place = place();
    let list = super::told(&place.sim(&["scenario", "list", "--format", "json"]));
    let scenarios: Vec<Value> = serde_json::from_str(&list).expect("JSON");
    let mut sums = 0;
    for scenario in &scenarios {
        let name = scenario["name"].as_str().expect("a name");
        let explained = place.sim(&["explain", name, "--no-counterfactual", "--format", "json"]);
        let document: Value = serde_json::from_str(&super::told(&explained)).expect("JSON");
        let ns = |value: &Value| value.as_u64();
        let mut counted = 0;
        for story in document["stories"].as_array().expect("an array") {
            counted += story["cause_count"].as_u64().expect("a count");
            let steps = story["timeline"].as_array().expect("an array");
            let instants: Vec<Option<u64>> = steps.iter().map(|step| ns(&step["at_ns"])).collect();
            assert!(instants.is_sorted(), "{name}: {steps:#?}");
            assert_eq!(
                steps.iter().filter(|step| step["is_request"] == true).count(),
                2,
                "{name}"
            );
            let hops = &story["hops"];
            let parts = ["endpoints_ns", "controller_ns", "api_throttle_ns", "propagation_ns"];
            let parts: Option<Vec<u64>> = parts.iter().map(|part| ns(&hops[part])).collect();
            if let (Some(parts), Some(removal)) = (parts, ns(&hops["removal_ns"])) {
                assert_eq!(parts.iter().sum::<u64>(), removal, "{name}: {hops}");
                sums += 1;
            }
        }
        assert_eq!(document["failures_count"], counted, "{name}");
    }
    assert!(sums >= 10, "only {sums} stories have all hops");
}
