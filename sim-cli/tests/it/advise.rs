//! `sim advise`: cases whose right answer is known by hand, what it writes, and bad input.
//!
//! Every latency of these scenarios is a constant. A pod is out of the ALB 10 + 20 + 5 + 10 + 100 + 50 + 70 + 60 ms and
//! the propagation after its deletion, less than half a second more than the propagation alone; SIGTERM comes some
//! milliseconds after the sleep. So the right sleep is the propagation in whole seconds and one more.

mod horizon;
mod limits;
mod manifests;
mod outputs;

use serde_json::Value as Json;

use crate::command::{Outcome, Place, test_name};
use crate::explain::CONSTANTS;
use crate::run::schema::Schema;

/// A hundred requests a second, so that none of the fractions of a second goes without.
const BUSY: [&str; 2] = ["--set", "workload.open_loop.rate=100"];

/// Few runs at first: they give nearly the same.
const FEW: [&str; 2] = ["--replications", "2"];

fn place() -> Place {
    Place::new(&test_name()).file("s.yaml", CONSTANTS)
}

fn advise(place: &Place, more: &[&str]) -> Outcome {
    place.sim(&[&["advise", "s.yaml"], &BUSY[..], &FEW[..], more].concat())
}

/// The document for at most one error per event.
fn one_error(place: &Place, more: &[&str]) -> (i32, Json) {
    let target = ["--target-errors-per-event", "1", "--format", "json"];
    let outcome = advise(place, &[&target[..], more].concat());
    assert_eq!(outcome.stderr, "");
    let document: Json = serde_json::from_str(&outcome.stdout).expect("JSON");
    Schema::committed("advise.schema.json").check(&document);
    (outcome.status, document)
}

/// Paths and advised values.
fn settings(document: &Json) -> Vec<(&str, &str)> {
    let all = document["settings"].as_array().expect("a list");
    all.iter()
        .map(|setting| {
            let text = |key: &str| setting[key].as_str().expect("text");
            (text("path"), text("after"))
        })
        .collect()
}

/// No cheaper point of the grid meets the target.
fn assert_nothing_cheaper(document: &Json) {
    for near in document["neighbours"].as_array().expect("a list") {
        let met = near["measured"]["verdict"] == "met";
        assert!(!(met && near["cheaper"] == true), "{near}");
    }
}

#[test]
fn the_sleep_is_the_first_whole_second_that_outlasts_the_removal() {
    for (propagation, expected) in [("12s", "13s"), ("3400ms", "4s"), ("20s", "21s")] {
        let place = place();
        let set = format!("elbv2.deregister_propagation={propagation}");
        for preset in ["go-shutdown", "go-default"] {
            let app = format!("app.preset={preset}");
            let (status, document) = one_error(&place, &["--set", &set, "--set", &app]);
            assert_eq!(status, 0);
            let found = settings(&document);
            assert_eq!(found[0], ("pod.pre_stop.sleep", expected), "{preset}, {propagation}");
            assert_nothing_cheaper(&document);
            // One second less fails in every run.
            let less = &document["neighbours"][0]["measured"];
            assert_eq!(less["verdict"], "missed", "{less}");
            assert_eq!(document["after"]["five_xx_count"], 0);
        }
    }
}

#[test]
fn a_server_that_ignores_sigterm_needs_a_grace_period_only() {
    let (status, document) = one_error(&place(), &["--set", "app.preset=axum-default"]);
    assert_eq!(status, 0);
    assert_eq!(settings(&document), [("pod.termination_grace_period", "11s")]);
    assert_nothing_cheaper(&document);
}

#[test]
fn a_longer_sleep_makes_room_in_the_grace_period() {
    let (_, document) = one_error(&place(), &["--set", "pod.termination_grace_period=15s"]);
    assert_eq!(
        settings(&document),
        [("pod.pre_stop.sleep", "11s"), ("pod.termination_grace_period", "26s")]
    );
    let grace = document["patches"][0].pointer("/spec/template/spec/terminationGracePeriodSeconds");
    assert_eq!(grace, Some(&Json::from(26)));
    assert_eq!(document["patches"][0]["metadata"]["name"], "constants");
}

#[test]
fn a_hook_that_restarts_the_server_is_replaced_and_an_ample_one_shortened() {
    let harmful = [
        "--set",
        "pod.pre_stop={ exec: { duration: 20s }, restarts_server_for: 2s }",
    ];
    let (status, document) = one_error(&place(), &harmful);
    assert_eq!(status, 0);
    assert!(settings(&document).contains(&("pod.pre_stop.restarts_server_for", "none")));
    assert!(settings(&document).contains(&("pod.pre_stop.sleep", "11s")));
    let (_, document) = one_error(&place(), &["--set", "pod.pre_stop.sleep=25s"]);
    assert_eq!(settings(&document), [("pod.pre_stop.sleep", "11s")]);
    let (status, document) = one_error(&place(), &["--set", "pod.pre_stop.sleep=11s"]);
    assert_eq!((status, document["status"].as_str()), (0, Some("already_met")));
    assert_eq!(settings(&document), []);
}

#[test]
fn the_keep_alive_race_is_ended_by_the_keep_alive_timeout_and_no_sleep() {
    let place = Place::new(&test_name());
    let run = |more: &[&str]| {
        let set = ["--set", "horizon=30m", "--set", "network.keep_alive_race=50ms"];
        let target = ["--target-errors-per-event", "1", "--format", "json"];
        let outcome = place.sim(&[&["advise", "keep-alive-race"], &set[..], &FEW[..], &target[..], more].concat());
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
        serde_json::from_str::<Json>(&outcome.stdout).expect("JSON")
    };
    let document = run(&[]);
    assert_eq!(settings(&document), [("app.keep_alive_timeout", "65s")]);
    assert_eq!(document["settings"][0]["scope"], "application");
    assert_eq!(document["patches"], serde_json::json!([]));
    let document = run(&["--only", "manifests"]);
    assert_eq!(settings(&document), [("load_balancer.idle_timeout", "4s")]);
    assert_eq!(document["patches"][0]["kind"], "Ingress");
}

#[test]
fn what_no_setting_helps_is_said_with_its_cause() {
    let place = place();
    let broken = ["--set", "app.error_ratio=0.2", "--target-5xx-ratio", "1%"];
    let outcome = advise(&place, &broken);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    assert!(outcome.stdout.contains("not reachable"), "{}", outcome.stdout);
    // What misses the target is no advice.
    for head in ["today  advised", "settings as advised"] {
        assert!(!outcome.stdout.contains(head), "{}", outcome.stdout);
    }
    assert!(outcome.stdout.contains("application_error"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("Patch"), "{}", outcome.stdout);
}

#[test]
fn too_few_runs_are_undecided() {
    let outcome = place().sim(&[
        "advise",
        "s.yaml",
        "--target-errors-per-event",
        "0.001",
        "--max-replications",
        "4",
    ]);
    assert_eq!(outcome.status, 1);
    assert!(outcome.stdout.contains("undecided"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("--max-replications"), "{}", outcome.stdout);
}

/// The application fails 0.96 of the 600 requests of a run, and no setting changes that.
#[test]
fn what_the_note_asks_for_to_decide_has_an_effect() {
    let place = place();
    let sets = ["--set", "app.error_ratio=0.0016", "--set", "workload.open_loop.rate=10"];
    let sleep = ["--set", "pod.pre_stop.sleep=11s"];
    let (status, document) = one_error(&place, &[&sets[..], &sleep].concat());
    assert_eq!((status, document["status"].as_str()), (1, Some("undecided")));
    let runs = |document: &Json| document["after"]["replications_count"].as_u64().expect("a count");
    let notes = document["notes"].to_string();
    let (_, asked) = notes.split_once("--max-replications ").expect("it names the option");
    let asked: String = asked.chars().take_while(char::is_ascii_digit).collect();
    let (_, more) = one_error(&place, &[&sets[..], &sleep, &["--max-replications", &asked]].concat());
    assert_eq!(asked.parse(), Ok(runs(&more)), "{notes}");
    assert!(runs(&more) > runs(&document), "{notes}");
}

#[test]
fn a_ratio_can_be_the_target_and_threads_change_nothing() {
    let place = place();
    let target = ["--target-5xx-ratio", "0.1%"];
    let one = advise(&place, &[&target[..], &["--threads", "1"]].concat());
    let two = advise(&place, &[&target[..], &["--threads", "2"]].concat());
    assert_eq!(one.status, 0, "{}", one.stderr);
    assert_eq!(one.stdout, two.stdout);
    assert!(one.stdout.contains("pod.pre_stop.sleep"), "{}", one.stdout);
}

/// A bound that is shown above the target, or at it and above in truth, contradicts the verdict beside it.
#[test]
fn printed_bounds_agree_with_their_verdict() {
    for (target, key, scale) in [
        (["--target-5xx-ratio", "3.2%"], "five_xx_ratio", 100.0),
        (["--target-errors-per-event", "301"], "errors_per_event", 1.0),
    ] {
        let outcome = advise(&place(), &target);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
        let (_, rest) = outcome.stdout.split_once(" confidence at most ").expect("it is said");
        let shown: f64 = rest
            .split([' ', ','])
            .next()
            .and_then(|text| text.parse().ok())
            .expect("a number");
        let limit: f64 = target[1].trim_end_matches('%').parse().expect("a number");
        let advised = advise(&place(), &[&target[..], &["--format", "json"]].concat());
        let document: Json = serde_json::from_str(&advised.stdout).expect("JSON");
        let measured = &document["independent_check"]["measured"];
        let exact = measured[key]["high"].as_f64().expect("a ratio") * scale;
        assert!(
            exact <= shown && shown <= limit,
            "{exact} shown as {shown}, target {limit}"
        );
        assert!(shown < exact * 1.01, "{exact} shown as {shown}");
    }
}

#[test]
fn the_written_scenario_is_the_advised_one() {
    let place = place();
    let files = ["--output-scenario", "advised.yaml", "--patch", "patch.yaml"];
    let (_, document) = one_error(&place, &files);
    let run = place.sim(&["run", "advised.yaml", "--seed", "2", "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let run: Json = serde_json::from_str(&run.stdout).expect("JSON");
    let digest = |document: &Json, key: &str| document["provenance"][key].as_str().map(str::to_owned);
    assert_eq!(digest(&run, "scenario_digest"), digest(&document, "advised_digest"));
    let patch = place.read("patch.yaml");
    assert!(patch.contains("seconds: 11\n"), "{patch}");
}

#[test]
fn worse_worlds_need_more() {
    let (_, document) = one_error(&place(), &[]);
    let needed: Vec<Option<u64>> = document["if_worse"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|worse| worse["needed_s"].as_u64())
        .collect();
    // 10 s of propagation become 15 s and 20 s; the scenario's own values win over those of any profile.
    assert_eq!(needed, [Some(16), Some(21), Some(11)]);
}

#[test]
fn bad_flags_are_refused() {
    let place = place();
    for (arguments, expected) in [
        (&["advise", "s.yaml"][..], "--target-5xx-ratio"),
        (&["advise", "--target-errors-per-event", "1"], "SCENARIO"),
        (
            &["advise", "s.yaml", "--target-errors-per-event", "0"],
            "no number of runs",
        ),
        (&["advise", "s.yaml", "--target-5xx-ratio", "2"], "share from 0 to 1"),
        (
            &[
                "advise",
                "s.yaml",
                "--target-5xx-ratio",
                "0.1",
                "--target-errors-per-event",
                "1",
            ],
            "cannot be used with",
        ),
        (
            &[
                "advise",
                "s.yaml",
                "--target-errors-per-event",
                "1",
                "--disruption",
                "rollout",
            ],
            "cannot be used with",
        ),
        (
            &[
                "advise",
                "s.yaml",
                "--target-errors-per-event",
                "1",
                "--replications",
                "200",
                "--max-replications",
                "160",
            ],
            "--max-replications 160 is below",
        ),
        (
            &[
                "advise",
                "s.yaml",
                "--target-errors-per-event",
                "1",
                "--patch",
                "x",
                "--output",
                "x",
            ],
            "both go to",
        ),
        (
            &["advise", "nowhere.yaml", "--target-errors-per-event", "1"],
            "nowhere.yaml",
        ),
    ] {
        let outcome = place.sim(arguments);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(outcome.stderr.contains(expected), "{arguments:?}: {}", outcome.stderr);
    }
    assert_eq!(place.names(), ["s.yaml"]);
}
