//! Every setting matters: moving any one of them changes the trace of some run, or it is listed with the reason why
//! not.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::cluster_autoscaler::ClusterAutoscaler;
use sim_core::trace::{TraceLevel, TraceRecord};
use sim_core::world::run;

/// A small fleet in which everything is switched on.
fn busy() -> Value {
    let mut scenario = serde_json::to_value(Scenario::default()).unwrap();
    let changes = json!({
        "horizon": "4m",
        "warm_up": "2s",
        "cluster.nodes": 4,
        "deployment.replicas": 8,
        "deployment.min_ready": "1s",
        "pod_disruption_budget.max_unavailable": 2,
        "pod.termination_grace_period": "20s",
        "pod.pre_stop.exec": { "duration": "3s", "failure": 0.1 },
        "pod.readiness_probe": { "period": "2s", "path": "shared" },
        "pod.liveness_probe": { "period": "2s", "path": "shared" },
        "pod.startup_probe": { "period": "1s", "failure_threshold": 30, "path": "dedicated" },
        "pod.readiness_gate": true,
        "pod.sidecars": [{ "name": "proxy", "pre_stop_sleep": "1s", "stop_time": "300ms" }],
        "app.workers": 2,
        "app.backlog": 20,
        "app.drain_timeout": "10s",
        "app.requests": { "slow": { "service_time": { "exponential": { "mean": "150ms" } } } },
        "target_group.health_check": { "interval": "5s", "timeout": "2s", "path": "shared" },
        "workload.sessions": {
            "count": { "steps": [{ "at": "0s", "value": 30 }, { "at": "100s", "value": 20 }] },
            "steps": [{ "request": "slow", "think": "400ms" }],
        },
        "workload.open_loop": { "rate": 40, "request": "quick" },
        "disruptions": [
            { "at": "20s", "scale": { "replicas": 5 } },
            { "at": "60s", "rollout": {} },
            { "at": "110s", "node_drain": { "nodes": 2 } },
            { "at": "170s", "pod_crash": { "pods": 2 } },
            { "at": "200s", "scale": { "schedule": { "steps": [{ "at": "0s", "value": 6 }, { "at": "5s", "value": 4 }] } } },
        ],
    });
    for (path, value) in changes.as_object().unwrap() {
        set(&mut scenario, path, value.clone());
    }
    // Through the types and back, so that every defaulted field is there to be moved.
    let scenario: Scenario = serde_json::from_value(scenario).unwrap();
    serde_json::to_value(scenario).unwrap()
}

fn set(root: &mut Value, path: &str, value: Value) {
    let mut at = root;
    for key in path.split('.') {
        at = match key.parse::<usize>() {
            Ok(index) => &mut at[index],
            Err(_) => &mut at[key],
        };
    }
    *at = value;
}

fn trace(scenario: &Value) -> Vec<TraceRecord> {
    let scenario: Scenario = serde_json::from_value(scenario.clone()).expect("a scenario");
    scenario.validate().expect("a valid scenario");
    let mut records = Vec::new();
    run(&scenario, Seed(7), 0, TraceLevel::All, &mut records);
    records
}

/// Settings that are one value although they are written as a map.
fn is_leaf(value: &Value) -> bool {
    const TAGS: [&str; 7] = [
        "uniform",
        "exponential",
        "log_normal",
        "gamma",
        "empirical",
        "steps",
        "sine",
    ];
    match value {
        Value::Object(map) => map.len() == 1 && TAGS.contains(&map.keys().next().unwrap().as_str()),
        Value::Array(_) => false,
        _ => true,
    }
}

fn leaves(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match value {
        _ if is_leaf(value) => {
            found.insert(path.to_owned());
        }
        Value::Object(map) => map.iter().for_each(|(key, value)| leaves(value, &below(key), found)),
        Value::Array(list) => {
            list.iter()
                .enumerate()
                .for_each(|(index, value)| leaves(value, &below(&index.to_string()), found));
        }
        _ => unreachable!("a leaf"),
    }
}

/// Settings that no trace shows, and why.
const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("description", "a text for people"),
    (
        "profile",
        "a label; the values of the profile are settings of their own",
    ),
    (
        "app.preset",
        "a label once decoded; its fields are settings of their own",
    ),
    ("cluster.other_workloads.0.name", "a text for people"),
    (
        "load_balancer.zonal_shift",
        "permits a zonal shift, which is refused without it",
    ),
    (
        "warm_up",
        "changes what is counted, not what happens; `a_warm_up_is_not_counted` shows it",
    ),
];

/// One setting, what must hold beside it, and another value.
type Move = (String, Value, Value);

/// One line each: a setting, what has to be set besides, and a value that differs from the one in [`busy`].
const MOVES: &str = include_str!("sensitivity/moves.ndjson");

fn moves() -> impl Iterator<Item = Move> {
    MOVES
        .lines()
        .map(|line| serde_json::from_str(line).expect("a path, settings and a value"))
}

#[test]
fn every_setting_changes_some_trace() {
    let base = busy();
    let mut silent = Vec::new();
    for (path, besides, value) in moves() {
        let mut before = base.clone();
        for (path, value) in besides.as_object().unwrap() {
            set(&mut before, path, value.clone());
        }
        let mut after = before.clone();
        set(&mut after, &path, value);
        if path == "disruptions.1.rollout" {
            after["disruptions"].as_array_mut().unwrap().remove(1);
        }
        if trace(&before) == trace(&after) {
            silent.push(path);
        }
    }
    assert!(silent.is_empty(), "moving these settings changed nothing: {silent:#?}");
}

#[test]
fn no_setting_is_forgotten() {
    let mut all = BTreeSet::new();
    leaves(&busy(), "", &mut all);
    let moved: BTreeSet<String> = moves().map(|(path, _, _)| path).collect();
    let excused: BTreeSet<String> = WITHOUT_EFFECT.iter().map(|(path, _)| (*path).to_owned()).collect();
    let covered = |path: &&String| {
        // A setting inside an absent or replaced part counts as moved with that part.
        !moved.contains(*path)
            && !excused.contains(*path)
            && !moved.iter().any(|moved| path.starts_with(&format!("{moved}.")))
    };
    let optional = [
        "disruptions.",
        "pod.startup_probe.timeout",
        "pod.startup_probe.success_threshold",
        "pod.startup_probe.path",
        "pod.liveness_probe.success_threshold",
    ];
    let forgotten: Vec<&String> = all
        .iter()
        .filter(covered)
        .filter(|path| !optional.iter().any(|known| path.starts_with(known)))
        .collect();
    assert!(forgotten.is_empty(), "neither moved nor excused: {forgotten:#?}");
}

#[test]
fn no_flag_of_the_cluster_autoscaler_is_forgotten() {
    let mut all = BTreeSet::new();
    let flags = serde_json::to_value(ClusterAutoscaler::default()).unwrap();
    leaves(&flags, "disruptions.0.cluster_autoscaler", &mut all);
    let moved: BTreeSet<String> = moves().map(|(path, _, _)| path).collect();
    let forgotten: Vec<&String> = all.iter().filter(|path| !moved.contains(*path)).collect();
    assert!(forgotten.is_empty(), "not moved: {forgotten:#?}");
}

#[test]
fn a_warm_up_is_not_counted() {
    let counted = |warm_up: &str| {
        let mut scenario = busy();
        set(&mut scenario, "warm_up", json!(warm_up));
        let scenario: Scenario = serde_json::from_value(scenario).unwrap();
        let mut records: Vec<TraceRecord> = Vec::new();
        let summary = run(&scenario, Seed(7), 0, TraceLevel::Off, &mut records);
        (
            summary.requests_count(),
            summary.series[..10]
                .iter()
                .flat_map(|row| row.status_counts)
                .sum::<u32>(),
        )
    };
    let (all, first_ten) = counted("0s");
    assert_eq!(counted("10s"), (all - u64::from(first_ten), 0));
}
