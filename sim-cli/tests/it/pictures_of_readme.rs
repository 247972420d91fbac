//! The pictures of the README are what the commands beside them draw; `UPDATE_EXPECT=1` draws them again.

use std::path::Path;

use expect_test::expect_file;

use crate::command::{Place, test_name};

/// Runs a command that stands in the README and gives the picture of that name.
fn drawn(command: &str, name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(path).expect("it is there").replace("\\\n", " ");
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(readme.contains(command), "the README does not have {command:?}");
    let place = Place::new(&test_name());
    let mut arguments = words(command);
    assert_eq!(
        (arguments[0].as_str(), arguments.last().map(String::as_str)),
        ("sim", Some("out/"))
    );
    arguments.extend(["--plot-format", "svg"].map(str::to_owned));
    let arguments: Vec<&str> = arguments[1..].iter().map(String::as_str).collect();
    let run = place.sim(&arguments);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    place.read(&format!("out/{name}.svg"))
}

/// As a shell splits a line whose only quotes are single ones.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (index, part) in command.split('\'').enumerate() {
        let mut pieces = part.split(if index % 2 == 0 { ' ' } else { '\'' });
        words
            .last_mut()
            .expect("never empty")
            .push_str(pieces.next().unwrap_or_default());
        words.extend(pieces.map(str::to_owned));
    }
    words
}

#[test]
fn the_curve_of_the_sleep() {
    let command = "sim sweep rollout --vary pod.pre_stop.sleep=0s..30s/2s --replications 20 --plots out/";
    expect_file!["../../../plots/pictures/pre-stop-sleep.svg"].assert_eq(&drawn(command, "sweep"));
}

#[test]
fn the_race_timeline() {
    expect_file!["../../../plots/pictures/race-timeline.svg"]
        .assert_eq(&drawn("sim run rollout --plots out/", "race-timeline"));
}

#[test]
fn the_heat_map() {
    let command = "sim sweep headline-after --set pod.pre_stop.restarts_server_for=null --set \
                   pod.termination_grace_period=90s --set 'elbv2.deregister_propagation={log_normal: {median: 25s, \
                   p99: 45s}}' --set target_group.health_check.timeout=2s --vary \
                   pod.pre_stop.exec.duration=0s..50s/5s --vary \
                   target_group.health_check.interval=5s,10s,15s,20s,30s --replications 5 --plots out/";
    expect_file!["../../../plots/pictures/health-check-or-deregistration.svg"].assert_eq(&drawn(command, "heat-map"));
}
