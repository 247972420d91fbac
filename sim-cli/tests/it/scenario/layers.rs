//! Which layer wins, what merges, and what replaces.

use serde_json::{Value as Json, json};

use super::show;
use crate::command::{Place, test_name};

/// A leaf's value and origin.
fn leaf(shown: &Json, path: &str) -> (Json, Json) {
    let pointer = format!("/scenario/{}", path.replace(['.', '['], "/").replace(']', ""));
    let value = shown
        .pointer(&pointer)
        .unwrap_or_else(|| panic!("no {path} in {shown}"));
    (value.clone(), shown["provenance"][path].clone())
}

#[test]
fn later_layers_win_and_each_leaf_keeps_its_origin() {
    let place = Place::new(&test_name())
        .file(
            "measured.yaml",
            "description: Measured.\nkubelet:\n  housekeeping: 50ms\n  dispatch: 4ms\napp:\n  backlog: 7\n",
        )
        .file(
            "s.yaml",
            "profile: measured.yaml\nkubelet:\n  dispatch: 5ms\napp:\n  preset: puma\nhorizon: 5m\n",
        );
    let shown = show(&place, &["s.yaml", "--set", "horizon=7m", "--set", "horizon=8m"]);
    let file = |origin: &str, file: &str, line: u32| json!({ "origin": origin, "file": file, "line": line });
    for (path, value, origin) in [
        (
            "horizon",
            json!("8m"),
            json!({ "origin": "argument", "argument": "--set horizon=8m" }),
        ),
        ("kubelet.dispatch", json!("5ms"), file("scenario", "s.yaml", 3)),
        (
            "kubelet.housekeeping",
            json!("50ms"),
            file("profile", "measured.yaml", 3),
        ),
        ("app.backlog", json!(7), file("profile", "measured.yaml", 6)),
        ("app.preset", json!("puma"), file("scenario", "s.yaml", 5)),
        (
            "app.keep_alive_timeout",
            json!("1m5s"),
            json!({ "origin": "preset", "preset": "puma", "source": "kubernetes §6.2" }),
        ),
        (
            "warm_up",
            json!("0s"),
            json!({ "origin": "default", "source": "design choice" }),
        ),
        // A profile's own description is not the scenario's.
        (
            "description",
            json!(""),
            json!({ "origin": "default", "source": "none needed" }),
        ),
        ("profile", json!("measured.yaml"), file("scenario", "s.yaml", 1)),
    ] {
        assert_eq!(leaf(&shown, path), (value, origin), "{path}");
    }
}

#[test]
fn the_profile_comes_from_the_flag_before_the_file() {
    let place = Place::new(&test_name()).file("s.yaml", "profile: eks-stress\n");
    let shown = show(&place, &["s.yaml", "--profile", "documented"]);
    let flag = json!({ "origin": "argument", "argument": "--profile documented" });
    assert_eq!(leaf(&shown, "profile"), (json!("documented"), flag));
    assert_eq!(leaf(&shown, "elbv2.deregister_propagation").0, json!("0s"));
    let shown = show(&place, &["s.yaml", "--set", "profile=documented"]);
    assert_eq!(leaf(&shown, "elbv2.deregister_propagation").0, json!("0s"));
    let shown = show(&place, &["s.yaml"]);
    assert_eq!(
        leaf(&shown, "elbv2.deregister_propagation.log_normal.median").0,
        json!("16s")
    );
}

#[test]
fn a_profile_named_in_a_file_is_relative_to_it() {
    let place = Place::new(&test_name())
        .file("deep/s.yaml", "profile: ../measured.yaml\n")
        .file("measured.yaml", "kubelet: { housekeeping: 50ms }\n");
    let shown = show(&place, &["deep/s.yaml"]);
    assert_eq!(leaf(&shown, "kubelet.housekeeping").0, json!("50ms"));
    assert_eq!(leaf(&shown, "profile").0, json!("deep/../measured.yaml"));
}

#[test]
fn another_kind_of_distribution_replaces_and_the_same_kind_merges() {
    let place = Place::new(&test_name()).file(
        "s.yaml",
        "elbv2:\n  deregister_propagation: { log_normal: { p99: 25s } }\n  register_propagation: 2s\n\
         kubelet:\n  dispatch: { constant: 3ms }\n  pleg_wait: { exponential: { mean: 1s } }\n",
    );
    let shown = show(
        &place,
        &[
            "s.yaml",
            "--set",
            "kubelet.pleg_wait.uniform={ min: 0s, max: 1s }",
            "--set",
            "elbv2.register_propagation.exponential.mean=3s",
        ],
    );
    let value = |path: &str| leaf(&shown, path).0;
    assert_eq!(
        value("elbv2.deregister_propagation"),
        json!({ "log_normal": { "median": "12.6s", "p99": "25s" } })
    );
    assert_eq!(
        leaf(&shown, "elbv2.deregister_propagation.log_normal.median").1["origin"],
        "default"
    );
    assert_eq!(leaf(&shown, "elbv2.deregister_propagation.log_normal.p99").1["line"], 2);
    assert_eq!(
        leaf(&shown, "kubelet.dispatch"),
        (
            json!("3ms"),
            json!({ "origin": "scenario", "file": "s.yaml", "line": 5 })
        )
    );
    assert_eq!(
        value("kubelet.pleg_wait"),
        json!({ "uniform": { "min": "0s", "max": "1s" } })
    );
    assert_eq!(
        value("elbv2.register_propagation"),
        json!({ "exponential": { "mean": "3s" } })
    );
}

#[test]
fn maps_with_keys_of_ones_own_merge() {
    let place = Place::new(&test_name()).file("s.yaml", "app: { requests: { list: { service_time: 5ms } } }\n");
    let shown = show(&place, &["s.yaml", "--set", "app.requests.search.service_time=80ms"]);
    assert_eq!(
        leaf(&shown, "app.requests").0,
        json!({ "list": { "service_time": "5ms" }, "search": { "service_time": "80ms" } })
    );
}

#[test]
fn set_reaches_into_lists_removes_with_null_and_builds_what_is_absent() {
    let place = Place::new(&test_name());
    let set = |assignments: &[&str]| {
        let flags: Vec<&str> = assignments.iter().flat_map(|one| ["--set", *one]).collect();
        show(&place, &[&["logistics-after"], flags.as_slice()].concat())
    };
    let shown = set(&[
        "disruptions[0].scale.replicas=300",
        "workload.sessions.steps[1].think=5s",
        "pod.pre_stop.restarts_server_for=null",
        "pod.readiness_probe=~",
        "app.keep_alive_timeout=unlimited",
        "workload.open_loop.rate=20",
        "target_group.health_check={ interval: 10s, timeout: 4s }",
    ]);
    let value = |path: &str| leaf(&shown, path).0;
    assert_eq!(
        value("disruptions[0].scale"),
        json!({ "replicas": 300, "schedule": null }),
        "the schedule is replaced"
    );
    assert_eq!(
        value("workload.sessions.steps[1]"),
        json!({ "request": "new_order", "think": "5s" })
    );
    assert_eq!(value("pod.pre_stop.restarts_server_for"), Json::Null);
    assert_eq!(value("pod.readiness_probe"), Json::Null);
    assert_eq!(value("workload.open_loop.arrivals"), json!("poisson"));
    assert_eq!(value("target_group.health_check.unhealthy_threshold"), json!(2));
    assert_eq!(value("target_group.health_check.timeout"), json!("4s"));

    let shown = set(&["disruptions=[{ at: 1m, rollout: {} }, { at: 2m, pod_crash: { pods: 2 } }]"]);
    assert_eq!(leaf(&shown, "disruptions[1].pod_crash.pods").0, json!(2));
}

#[test]
fn a_csv_file_becomes_steps() {
    let place = Place::new(&test_name())
        .file("deep/load.csv", "# read off a plot\nworkers, minute\n100,0\n199,11\n\"250\",22.5\n")
        .file(
            "deep/s.yaml",
            "workload:\n  sessions:\n    count: { csv: { path: load.csv, time_column: minute, time_unit: m, value_column: workers } }\n",
        );
    let shown = show(&place, &["deep/s.yaml"]);
    let steps = json!([{ "at": "0s", "value": 100 }, { "at": "11m", "value": 199 }, { "at": "22m30s", "value": 250 }]);
    assert_eq!(leaf(&shown, "workload.sessions.count").0, json!({ "steps": steps }));
    let origin = json!({ "origin": "csv", "file": "deep/load.csv", "line": 5 });
    assert_eq!(leaf(&shown, "workload.sessions.count.steps[2].value").1, origin);
    // Also in place of a constant that another layer sets, and from the command line.
    let csv = "disruptions[0].scale.schedule={ csv: { path: deep/load.csv, time_column: minute, time_unit: m, value_column: workers } }";
    let shown = show(&place, &["logistics-before", "--set", csv]);
    assert_eq!(
        leaf(&shown, "disruptions[0].scale.schedule").0,
        json!({ "steps": steps })
    );
}
