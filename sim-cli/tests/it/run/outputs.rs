//! The files of a run, and a reader that goes away.

use std::io::Read as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{SCENARIO, json, place, sim};

#[test]
fn files_appear_whole_or_not_at_all() {
    let place = place();
    let outputs = [
        "--output",
        "result.json",
        "--series",
        "series.csv",
        "--trace",
        "trace.ndjson",
    ];
    let outcome = sim(
        &place,
        &[
            &["--format", "json"],
            &outputs[..],
            &["--access-log", "missing/access.log"],
        ]
        .concat(),
    );
    assert_eq!(outcome.status, 2);
    assert!(
        outcome.stderr.contains("cannot write missing/access.log"),
        "{}",
        outcome.stderr
    );
    assert_eq!(place.names(), [""; 0], "nothing is left of a run that could not start");

    let outcome = sim(&place, &[&["--format", "json"], &outputs[..]].concat());
    assert_eq!((outcome.status, outcome.stdout.as_str()), (0, ""));
    assert_eq!(place.names(), ["result.json", "series.csv", "trace.ndjson"]);
    assert!(serde_json::from_str::<Value>(&place.read("result.json")).is_ok());
}

#[test]
fn two_outputs_do_not_share_a_place() {
    let place = place();
    for shared in [
        &["--trace", "-"][..],
        &["--trace", "same", "--series", "same"],
        &["--output", "same", "--access-log", "./same"],
    ] {
        let outcome = sim(&place, shared);
        assert_eq!(outcome.status, 2, "{shared:?}");
        assert!(outcome.stderr.contains("both go to"), "{}", outcome.stderr);
    }
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn the_series_adds_up_to_the_result() {
    let place = place();
    let document = json(
        &place,
        &["--replications", "2", "--set", "warm_up=0s", "--series", "series.csv"],
    );
    let series = place.read("series.csv");
    let rows: Vec<Vec<&str>> = series.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 1 + 2 * 120, "two replications of 120 seconds");
    for code in ["200", "460", "500", "502", "503", "504"] {
        let name = format!("status_{code}_count");
        let column = rows[0]
            .iter()
            .position(|head| *head == name)
            .expect("a column per status");
        let sum: u64 = rows[1..]
            .iter()
            .map(|row| row[column].parse::<u64>().expect("a count"))
            .sum();
        assert_eq!(document["status_counts"][code], sum, "{code}");
    }
}

#[test]
fn a_trace_holds_facts_and_the_requests_asked_for() {
    let place = place();
    let document = json(
        &place,
        &[
            "--replications",
            "2",
            "--set",
            "warm_up=0s",
            "--trace",
            "failures.ndjson",
        ],
    );
    json(
        &place,
        &[
            "--set",
            "warm_up=0s",
            "--trace",
            "all.ndjson",
            "--trace-requests",
            "all",
        ],
    );
    let records = |file: &str| -> Vec<Value> {
        place
            .read(file)
            .lines()
            .map(|line| serde_json::from_str(line).expect("a JSON line"))
            .collect()
    };
    let (failures, all) = (records("failures.ndjson"), records("all.ndjson"));
    for trace in [&failures, &all] {
        assert_eq!(trace[0]["fact"], "run_started");
        assert_eq!(trace.last().expect("a record")["fact"], "run_ended");
    }
    let is_request = |record: &&Value| record["fact"] == "request";
    let first = &document["replications"][0];
    let failed = first["status_counts"]["502"].as_u64().expect("a count")
        + first["status_counts"]["504"].as_u64().expect("a count");
    assert!(failed > 0, "nothing failed, so this test shows nothing");
    assert_eq!(failures.iter().filter(is_request).count() as u64, failed);
    assert!(
        failures
            .iter()
            .filter(is_request)
            .all(|record| !record["cause"].is_null())
    );
    assert_eq!(
        all.iter().filter(is_request).count() as u64,
        first["requests_count"].as_u64().expect("a count")
    );
    // The last record is as late as the last request in the trace.
    let facts = |trace: &[Value]| -> Vec<Value> {
        let before_the_end = &trace[..trace.len() - 1];
        before_the_end
            .iter()
            .filter(|record| !is_request(record))
            .cloned()
            .collect()
    };
    assert!(facts(&failures) == facts(&all), "the level changes a fact");
}

#[test]
fn the_access_log_has_a_line_for_every_request() {
    let place = place();
    let document = json(
        &place,
        &[
            "--replications",
            "2",
            "--set",
            "warm_up=0s",
            "--access-log",
            "access.log",
        ],
    );
    let log = place.read("access.log");
    assert_eq!(
        log.lines().count() as u64,
        document["replications"][0]["requests_count"].as_u64().expect("a count")
    );
    for (code, pattern) in [("502", " 502 - "), ("504", " -1 -1 -1 504 - "), ("200", " 200 200 ")] {
        let lines = log.lines().filter(|line| line.contains(pattern)).count() as u64;
        assert_eq!(document["replications"][0]["status_counts"][code], lines, "{code}");
    }
    for line in log.lines() {
        // Quoted fields hold spaces: the request line has three words.
        assert_eq!(line.split(' ').count(), 34 + 2, "{line}");
    }
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let place = place();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sim"))
        .args(SCENARIO)
        .args([
            "--replications",
            "1",
            "--access-log",
            "-",
            "--output",
            "result.txt",
            "--max-5xx-ratio",
            "0",
        ])
        .current_dir(place.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built");
    let mut first = [0; 5];
    child
        .stdout
        .take()
        .expect("piped")
        .read_exact(&mut first)
        .expect("the log begins");
    // The pipe is closed now, long before the megabytes of the log are through.
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(&first, b"http ");
    assert_eq!(output.status.code(), Some(1), "the threshold is still told");
    assert!(
        place.read("result.txt").starts_with("node-drain"),
        "the other output is complete"
    );
}
