//! `sim validate conformance`.

use crate::command::{Place, test_name};

const SMALL: &str = "\
name: small
horizon: 60s
cluster: { nodes: 4 }
deployment: { replicas: 6 }
workload: { open_loop: { rate: 60 } }
disruptions: [{ at: 10s, scale: { replicas: 3 } }]
";

/// A run of a small scenario with its trace.
fn place() -> Place {
    let place = Place::new(&test_name()).file("s.yaml", SMALL);
    let run = place.sim(&["run", "s.yaml", "--replications", "1", "--trace", "trace.ndjson"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    place
}

/// The verdict and what was found, by name.
fn verdict(stdout: &str, name: &str) -> (String, String) {
    let document: serde_json::Value = serde_json::from_str(stdout).expect("a document");
    let findings = document["sections"][0]["findings"].as_array().expect("findings");
    let finding = findings
        .iter()
        .find(|finding| finding["name"] == name)
        .expect("a finding");
    let word = |field: &str| finding[field].as_str().expect("a word").to_owned();
    (word("verdict"), word("found"))
}

#[test]
fn every_behaviour_is_shown_by_the_built_in_scenarios() {
    let place = Place::new(&test_name());
    let outcome = place.sim(&["validate", "conformance", "--format", "json"]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("a document");
    let findings = document["sections"][0]["findings"].as_array().expect("findings");
    for finding in findings {
        assert_eq!(finding["verdict"], "held", "{finding}");
    }
    // One for each behaviour, and one for the rules.
    let behaviours = validation::conformance::Behaviour::ALL.len();
    assert_eq!(findings.len(), behaviours + 1);
}

#[test]
fn a_trace_is_held_against_its_scenario() {
    let place = place();
    let arguments = [
        "validate",
        "conformance",
        "trace.ndjson",
        "--scenario",
        "s.yaml",
        "--format",
        "json",
    ];
    let outcome = place.sim(&arguments);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    // Three pods are taken away, each known to three ALB nodes: two further ones learn after the first.
    let found = verdict(&outcome.stdout, "alb_nodes_learn_apart");
    assert_eq!(found, ("held".to_owned(), "6 of 6 occasions in 1 traces".to_owned()));
    // Nothing was rolled out.
    assert_eq!(verdict(&outcome.stdout, "rollout_keeps_surge").0, "undetermined");
}

#[test]
fn a_trace_that_breaks_a_behaviour_gives_exit_status_1() {
    let place = place();
    // A real ALB would show silence after 10 s; this trace has it after 1 s less.
    let trace = place.read("trace.ndjson");
    let hurried: Vec<String> = trace
        .lines()
        .map(|line| {
            let mut record: serde_json::Value = serde_json::from_str(line).expect("a record");
            if record["cause"] == "silent_pod_ip" {
                let late = record["issued_ns"].as_u64().expect("nanoseconds") + 1_000_000_000;
                record["issued_ns"] = late.into();
            }
            record.to_string()
        })
        .collect();
    let place = place.file("hurried.ndjson", hurried.join("\n"));
    let arguments = [
        "validate",
        "conformance",
        "hurried.ndjson",
        "--scenario",
        "s.yaml",
        "--format",
        "json",
    ];
    let outcome = place.sim(&arguments);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert_eq!(
        verdict(&outcome.stdout, "silence_costs_the_connect_timeout").0,
        "failed"
    );
    // With clocks that may be a second apart nobody can tell.
    let outcome = place.sim(&[&arguments[..], &["--slack", "1s"]].concat());
    assert_eq!(verdict(&outcome.stdout, "silence_costs_the_connect_timeout").0, "held");
}

#[test]
fn what_is_no_trace_is_refused() {
    let place = place().file("empty.ndjson", "");
    let trace = place.read("trace.ndjson");
    let broken = trace.replacen("\"fact\":\"pod_created\"", "\"fact\":\"pod_born\"", 1);
    let line = 1 + broken
        .lines()
        .position(|line| line.contains("pod_born"))
        .expect("the broken line");
    let place = place.file("broken.ndjson", &broken);
    let run = |trace: &str| place.sim(&["validate", "conformance", trace, "--scenario", "s.yaml"]);
    let broken = run("broken.ndjson");
    assert_eq!((broken.status, broken.stdout.as_str()), (2, ""));
    let place_of = format!("broken.ndjson:{line}: expected a record of a trace");
    assert!(broken.stderr.contains(&place_of), "{}", broken.stderr);
    assert!(
        broken.stderr.contains("unknown variant `pod_born`"),
        "{}",
        broken.stderr
    );
    let empty = run("empty.ndjson");
    assert_eq!(empty.status, 2);
    assert!(empty.stderr.contains("empty.ndjson has no record"), "{}", empty.stderr);
    assert_eq!(run("missing.ndjson").status, 2);
    // A trace without its scenario.
    assert_eq!(place.sim(&["validate", "conformance", "trace.ndjson"]).status, 2);
}
