//! `sim run`: bytes, files and exit status.

mod outputs;
pub(crate) mod schema;

use serde_json::Value;

use crate::command::{Outcome, Place, test_name};

/// A node drain of two minutes: three pods, and some failures in each replication.
const SCENARIO: [&str; 4] = ["run", "node-drain", "--set", "horizon=2m"];

/// The same with a sleep that outlasts the removal: no failure.
const CALM: [&str; 2] = ["--set", "pod.pre_stop.sleep=25s"];

fn place() -> Place {
    Place::new(&test_name())
}

fn sim(place: &Place, more: &[&str]) -> Outcome {
    place.sim(&[&SCENARIO, more].concat())
}

fn json(place: &Place, more: &[&str]) -> Value {
    let outcome = sim(place, &[&["--format", "json"], more].concat());
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    serde_json::from_str(&outcome.stdout).expect("stdout is one JSON document")
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let place = place();
    let mut all: Vec<Vec<String>> = Vec::new();
    for threads in ["1", "2", "7"] {
        let mut outputs = Vec::new();
        for format in ["text", "json", "ndjson", "csv"] {
            let outcome = sim(
                &place,
                &[
                    &["--threads", threads, "--replications", "5", "--format", format][..],
                    &[
                        "--series",
                        "series.csv",
                        "--trace",
                        "trace.ndjson",
                        "--access-log",
                        "access.log",
                    ],
                ]
                .concat(),
            );
            assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
            outputs.push(outcome.stdout);
        }
        for file in ["series.csv", "trace.ndjson", "access.log"] {
            outputs.push(place.read(file));
        }
        assert!(
            outputs.iter().all(|output| output.lines().count() > 5),
            "an output is empty"
        );
        all.push(outputs);
    }
    assert!(all[0] == all[1] && all[1] == all[2], "the number of threads shows");
}

#[test]
fn the_seed_decides_and_replications_extend_a_run() {
    let place = place();
    let rows = |more: &[&str]| json(&place, more)["replications"].as_array().expect("an array").clone();
    let three = rows(&["--replications", "3"]);
    let five = rows(&["--replications", "5"]);
    assert!(three[..] == five[..3], "more replications change the first ones");
    assert_ne!(
        three[0]["status_counts"], three[1]["status_counts"],
        "replications differ"
    );
    assert_ne!(three, rows(&["--replications", "3", "--seed", "2"]));
}

#[test]
fn a_random_seed_is_named_and_gives_the_same_bytes_again() {
    let place = place();
    let first = sim(&place, &["--seed", "random", "--replications", "2", "--format", "json"]);
    let document: Value = serde_json::from_str(&first.stdout).expect("JSON");
    let seed = document["provenance"]["seed"].as_u64().expect("a seed").to_string();
    let again = sim(&place, &["--seed", &seed, "--replications", "2", "--format", "json"]);
    assert_eq!(first.stdout, again.stdout);
}

#[test]
fn the_command_that_is_printed_reproduces_the_result() {
    let place = place();
    let changes = ["--set", "disruptions[0].at=30s", "--replications", "2"];
    let text = sim(&place, &changes).stdout;
    let command = text
        .lines()
        .last()
        .and_then(|line| line.strip_prefix("Reproduce: sim "))
        .expect("the last line");
    assert!(
        command.contains("'disruptions[0].at=30s'"),
        "quoted for a shell: {command}"
    );
    let words: Vec<String> = command
        .split(' ')
        .map(|word| word.trim_matches('\'').to_owned())
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(place.sim(&words).stdout, text);
}

#[test]
fn the_document_follows_the_committed_schema() {
    let place = place();
    let schema = schema::committed();
    for more in [
        &[][..],
        &CALM,
        &["--replications", "1"],
        &["--set", "workload.open_loop.rate=0"],
    ] {
        schema.check(&json(&place, more));
    }
}

#[test]
fn formats_agree() {
    let place = place();
    let document = json(&place, &["--replications", "3"]);
    let ndjson = sim(&place, &["--replications", "3", "--format", "ndjson"]).stdout;
    let mut lines: Vec<Value> = ndjson
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 4);
    let tags: Vec<Value> = lines
        .iter_mut()
        .map(|line| {
            line.as_object_mut()
                .expect("an object")
                .remove("record")
                .expect("a tag")
        })
        .collect();
    assert_eq!(tags, ["replication", "replication", "replication", "summary"]);
    assert_eq!(lines[3], document);
    assert_eq!(lines[..3], document["replications"].as_array().expect("an array")[..]);

    let csv = sim(&place, &["--replications", "3", "--format", "csv"]).stdout;
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 5, "a header, three replications, a mean");
    let column = |name: &str| rows[0].iter().position(|head| *head == name).expect("a column");
    let of = |row: &[&str], name: &str| row[column(name)].parse::<f64>().expect("a number");
    let sum: f64 = rows[1..4].iter().map(|row| of(row, "status_504_count")).sum();
    assert!((of(&rows[4], "status_504_count") - sum / 3.0).abs() < 1e-9);
    assert_eq!(
        Some(of(&rows[4], "five_xx_ratio")),
        document["five_xx_ratio"]["mean"].as_f64()
    );
    assert_eq!(rows[4][0], "mean");
}

#[test]
fn the_exit_status_tells_held_from_failed_from_impossible() {
    let place = place();
    let status = |more: &[&str]| sim(&place, &[&["--replications", "2"], more].concat()).status;
    assert_eq!(status(&["--max-5xx-ratio", "100%"]), 0);
    assert_eq!(status(&["--max-5xx-ratio", "0"]), 1);
    assert_eq!(status(&[&CALM[..], &["--max-5xx-ratio", "0"]].concat()), 0);
    assert_eq!(
        status(&["--max-5xx-ratio", "1", "--set", "workload.open_loop.rate=0"]),
        1,
        "no request, no proof"
    );
    assert_eq!(status(&["--check"]), 0);
    for impossible in [
        &["--max-5xx-ratio", "2"][..],
        &["--replications", "0"],
        &["--seed", "x"],
        &["--peak-window", "1500ms"],
        &["--peak-window", "1h"],
        &["--set", "pod.nonsense=1"],
        &["--output", "missing/result.txt"],
        &["--trace-requests", "all"],
    ] {
        assert_eq!(status(impossible), 2, "{impossible:?}");
    }
    assert_eq!(place.sim(&["run", "no-such-scenario"]).status, 2);
}

#[test]
fn a_failed_threshold_says_so_and_still_gives_the_result() {
    let place = place();
    let outcome = sim(&place, &["--max-5xx-ratio", "0.0001", "--format", "json"]);
    assert_eq!(outcome.status, 1);
    assert!(
        outcome.stderr.contains("above --max-5xx-ratio 0.0001"),
        "{}",
        outcome.stderr
    );
    assert!(serde_json::from_str::<Value>(&outcome.stdout).is_ok());
}

#[test]
fn stderr_is_silent_unless_asked() {
    let place = place();
    let one = ["--replications", "1"];
    assert_eq!(sim(&place, &one).stderr, "");
    let verbose = sim(&place, &[&one[..], &["-v"]].concat());
    assert!(verbose.stderr.contains("control-plane events in"), "{}", verbose.stderr);
    let quiet = sim(&place, &[&one[..], &["-q", "--max-5xx-ratio", "0"]].concat());
    assert_eq!((quiet.status, quiet.stderr.as_str()), (1, ""));
}
