//! `sim scenario`: what is built in, how layers are resolved, and that a resolved scenario can be fed back.

use std::fs;
use std::path::Path;

use expect_test::expect;
use serde_json::Value as Json;
use sim_core::scenario::Scenario;

use crate::command::{Outcome, Place, test_name};

mod layers;

fn ok(outcome: Outcome) -> String {
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    outcome.stdout
}

/// The JSON that `sim` prints for these arguments.
fn json(place: &Place, arguments: &[&str]) -> Json {
    serde_json::from_str(&ok(place.sim(arguments))).expect("JSON")
}

/// `show --format json`.
fn show(place: &Place, arguments: &[&str]) -> Json {
    json(place, &[&["scenario", "show", "--format", "json"], arguments].concat())
}

fn names(list: &Json) -> Vec<&str> {
    list.as_array()
        .expect("a list")
        .iter()
        .map(|one| one["name"].as_str().expect("a name"))
        .collect()
}

#[test]
fn lists_name_and_describe_what_is_built_in() {
    let place = Place::new(&test_name());
    let scenarios = json(&place, &["scenario", "list", "--format", "json"]);
    let profiles = json(&place, &["scenario", "profiles", "--format", "json"]);
    assert_eq!(
        names(&scenarios),
        [
            "logistics-before",
            "logistics-after",
            "headline-before",
            "headline-after",
            "rollout",
            "node-drain",
            "cluster-autoscaler-night",
            "node-failure",
            "graceful-node-shutdown",
            "ip-reuse",
            "controller-restart",
            "throttled-5000",
            "zone-failure",
            "karpenter-consolidation",
            "spot-reclaim",
            "instance-targets",
            "keep-alive-race",
            "cold-start-no-gate",
            "cold-start-gated",
            "hpa-evening-drop"
        ]
    );
    for one in scenarios.as_array().into_iter().chain(profiles.as_array()).flatten() {
        assert!(
            one["description"].as_str().is_some_and(|text| text.ends_with('.')),
            "{one}"
        );
    }
    expect![[r#"
        eks              Amazon EKS with AWS Load Balancer Controller 3.5 on a calm day; the defaults.
        documented       As documented by AWS: the ALB acts on an accepted call at once. No measurement supports it.
        eks-stress       A large, busy cluster: a slow API server, slow sandbox teardown, late watches and a slow ELBv2 control
                         plane.
        eks-2022-docker  The published run's era: Kubernetes 1.21 with dockershim on t4g nodes and AWS Load Balancer Controller
                         2.4.
    "#]]
    .assert_eq(&ok(place.sim(&["scenario", "profiles"])));
}

#[test]
fn every_built_in_scenario_resolves_with_every_profile_and_can_be_fed_back() {
    let place = Place::new(&test_name());
    let scenarios = json(&place, &["scenario", "list", "--format", "json"]);
    let profiles = json(&place, &["scenario", "profiles", "--format", "json"]);
    for scenario in names(&scenarios) {
        assert_eq!(
            show(&place, &[scenario])["scenario"]["name"],
            scenario,
            "a scenario is called like its file"
        );
        for profile in names(&profiles) {
            let resolved = show(&place, &[scenario, "--profile", profile]);
            let yaml = ok(place.sim(&["scenario", "show", scenario, "--profile", profile]));
            let again = place.sim_reading(&yaml, &["scenario", "show", "--format", "json", "-"]);
            let again: Json = serde_json::from_str(&ok(again)).expect("JSON");
            assert_eq!(again["scenario"], resolved["scenario"], "{scenario} with {profile}");
            assert_eq!(again["digest"], resolved["digest"]);
        }
    }
}

#[test]
fn show_puts_the_source_behind_each_value() {
    let place = Place::new(&test_name()).file(
        "s.yaml",
        "name: 'yes'\ndescription: |\n  Two lines: \"quoted\" # no comment\n  here.\napp:\n  preset: uvicorn\n  requests: { list: { service_time: 5ms } }\n",
    );
    let arguments = [
        "scenario",
        "show",
        "s.yaml",
        "--profile",
        "documented",
        "--set",
        "pod.pre_stop.sleep=15s",
    ];
    let yaml = ok(place.sim(&arguments));
    let interesting = [
        "name",
        "description",
        "horizon",
        "    sleep",
        "  preset",
        "  backlog",
        "      service_time",
        "  register_propagation",
        "profile",
    ];
    let lines: Vec<&str> = yaml
        .lines()
        .filter(|line| interesting.iter().any(|key| line.starts_with(&format!("{key}:"))))
        .collect();
    expect![[r#"
        name: "yes"  # s.yaml:1
        description: "Two lines: \"quoted\" # no comment\nhere.\n"  # s.yaml:3
        profile: documented  # --profile documented
        horizon: 10m  # default: design choice
            sleep: 15s  # --set pod.pre_stop.sleep=15s
          preset: uvicorn  # s.yaml:6
          backlog: 2048  # preset uvicorn: kubernetes §6.2
              service_time: 5ms  # s.yaml:7
          register_propagation: 0s  # built-in profile documented:8
    "#]]
    .assert_eq(&(lines.join("\n") + "\n"));
    assert!(
        yaml.lines()
            .skip(1)
            .all(|line| line.ends_with(':') || line.contains("  # ")),
        "{yaml}"
    );
}

#[test]
fn the_defaults_of_the_types_are_the_profile_eks() {
    let place = Place::new(&test_name()).file("s.yaml", "name: unnamed\n");
    let shown = show(&place, &["s.yaml"]);
    assert_eq!(
        shown["scenario"],
        serde_json::to_value(Scenario::default()).expect("JSON")
    );

    // What its comment says about one of them.
    let elbv2 = Scenario::default().elbv2;
    let comment = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/eks.yaml")).expect("a file");
    let propagation = serde_json::to_value(elbv2.deregister_propagation).expect("JSON");
    let parameter = |name: &str| propagation["log_normal"][name].as_str().expect("log-normal").to_owned();
    let claim = format!(
        "log_normal {{ median: {}, p99: {} }}",
        parameter("median"),
        parameter("p99")
    );
    assert!(
        comment.contains(&claim),
        "profiles/eks.yaml explains another value than {claim}"
    );
}

#[test]
fn the_committed_schema_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/scenario.schema.json");
    let committed = fs::read_to_string(path).expect("it is committed");
    assert!(
        committed == ok(Place::new(&test_name()).sim(&["scenario", "schema"])),
        "run `cargo run -p sim-cli -- scenario schema > sim-cli/schema/scenario.schema.json`"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::{Command, Stdio};
    // The schema is longer than a pipe holds, so that the command meets the closed end.
    let mut child = Command::new(env!("CARGO_BIN_EXE_sim"))
        .args(["scenario", "schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn colour_is_for_terminals_and_those_who_ask() {
    let place = Place::new(&test_name());
    for (arguments, coloured) in [
        (&["scenario", "show", "nope"][..], false),
        (&["scenario", "show", "nope", "--color", "never"], false),
        (&["scenario", "show", "nope", "--color", "always"], true),
    ] {
        let outcome = place.sim(arguments);
        assert_eq!(
            (outcome.status, outcome.stderr.contains('\u{1b}')),
            (2, coloured),
            "{arguments:?}"
        );
    }
}

#[test]
fn bad_usage_is_exit_status_2_with_nothing_on_stdout() {
    let place = Place::new(&test_name());
    for arguments in [
        &["scenario", "shwo"][..],
        &["scenario", "show"],
        &["scenario", "list", "--format", "xml"],
    ] {
        let outcome = place.sim(arguments);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(outcome.stderr.starts_with("error: "), "{}", outcome.stderr);
    }
}
