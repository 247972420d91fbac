//! Every setting matters: moving any one of them changes the trace of some run, or it is listed with the reason why
//! not.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
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
    (
        "target_group.target_type",
        "only `ip` is modelled, the type has one value",
    ),
    (
        "warm_up",
        "changes what is counted, not what happens; `a_warm_up_is_not_counted` shows it",
    ),
];

/// One setting, what must hold beside it, and another value.
type Move = (&'static str, Value, Value);

/// Every setting with a value that differs from the one in [`busy`], and what has to be set besides.
#[expect(clippy::too_many_lines, reason = "a table")]
fn moves() -> Vec<Move> {
    let log_normal = |median: &str, p99: &str| json!({ "log_normal": { "median": median, "p99": p99 } });
    let none = || json!({});
    vec![
        ("name", none(), json!("other")),
        ("horizon", none(), json!("3m")),
        ("cluster.zones", none(), json!(2)),
        ("cluster.nodes", none(), json!(5)),
        (
            "cluster.instance_type",
            json!({"cluster.nodes": 1, "cluster.system_pods_per_node": 1, "deployment.replicas": 6}),
            json!("m6g.medium"),
        ),
        ("cluster.system_pods_per_node", json!({"cluster.nodes": 3}), json!(26)),
        ("deployment.replicas", none(), json!(9)),
        ("deployment.strategy", none(), json!("recreate")),
        ("deployment.max_surge", none(), json!(1)),
        ("deployment.max_unavailable", none(), json!(0)),
        ("deployment.min_ready", none(), json!("5s")),
        (
            "pod_disruption_budget.min_available",
            json!({"pod_disruption_budget.max_unavailable": null}),
            json!("100%"),
        ),
        ("pod_disruption_budget.max_unavailable", none(), json!(1)),
        ("service.publish_not_ready_addresses", none(), json!(true)),
        (
            "pod.termination_grace_period",
            json!({"pod.pre_stop.exec.duration": "25s"}),
            json!("10s"),
        ),
        ("pod.pre_stop.exec.duration", none(), json!("6s")),
        ("pod.pre_stop.exec.failure", none(), json!(0.9)),
        (
            "pod.pre_stop.http_get",
            json!({"pod.pre_stop.exec": null}),
            json!({"duration": "4s"}),
        ),
        ("pod.pre_stop.sleep", json!({"pod.pre_stop.exec": null}), json!("4s")),
        (
            "pod.pre_stop.fails_health",
            json!({"pod.readiness_probe.path": "dedicated"}),
            json!(true),
        ),
        ("pod.pre_stop.restarts_server_for", none(), json!("1s")),
        (
            "pod.readiness_probe.period",
            json!({"app.workers": 1, "app.requests.slow.service_time": "2s"}),
            json!("3s"),
        ),
        (
            "pod.readiness_probe.timeout",
            json!({"app.workers": 1, "app.requests.slow.service_time": "2s"}),
            json!("20s"),
        ),
        ("pod.readiness_probe.initial_delay", none(), json!("7s")),
        ("pod.readiness_probe.success_threshold", none(), json!(3)),
        (
            "pod.readiness_probe.failure_threshold",
            json!({"app.workers": 1, "app.requests.slow.service_time": "2s"}),
            json!(1),
        ),
        (
            "pod.readiness_probe.path",
            json!({"app.workers": 1, "app.requests.slow.service_time": "2s"}),
            json!("dedicated"),
        ),
        (
            "pod.liveness_probe.period",
            json!({"app.workers": 1, "app.requests.slow.service_time": "2s"}),
            json!("5s"),
        ),
        (
            "pod.liveness_probe.timeout",
            json!({"app.workers": 1, "app.requests.slow.service_time": "2s"}),
            json!("20s"),
        ),
        (
            "pod.liveness_probe.initial_delay",
            json!({"app.workers": 1, "app.requests.slow.service_time": "2s"}),
            json!("90s"),
        ),
        (
            "pod.liveness_probe.failure_threshold",
            json!({"app.workers": 1, "app.requests.slow.service_time": "2s"}),
            json!(1),
        ),
        (
            "pod.liveness_probe.path",
            json!({"app.workers": 1, "app.requests.slow.service_time": "2s"}),
            json!("dedicated"),
        ),
        (
            "pod.startup_probe.period",
            json!({"app.start_up": "2500ms"}),
            json!("4s"),
        ),
        ("pod.startup_probe.initial_delay", none(), json!("6s")),
        (
            "pod.startup_probe.failure_threshold",
            json!({"app.start_up": "4s"}),
            json!(2),
        ),
        ("pod.readiness_gate", none(), json!(false)),
        ("pod.sidecars.0.name", none(), json!("envoy")),
        ("pod.sidecars.0.kind", none(), json!("container")),
        ("pod.sidecars.0.pre_stop_sleep", none(), json!("9s")),
        ("pod.sidecars.0.stop_time", none(), json!("900ms")),
        ("app.workers", none(), json!(3)),
        (
            "app.backlog",
            json!({"app.workers": 1, "app.requests.slow.service_time": "3s"}),
            json!(1),
        ),
        ("app.service_time", none(), json!("30ms")),
        ("app.requests.slow.service_time", none(), json!("100ms")),
        ("app.error_ratio", none(), json!(0.05)),
        ("app.start_up", none(), json!("3s")),
        ("app.keep_alive_timeout", none(), json!("0s")),
        ("app.pid_1", json!({"app.sigterm": "no_handler"}), json!(false)),
        ("app.sigterm", none(), json!("die_now")),
        ("app.listener_on_drain", none(), json!("open_served")),
        (
            "app.idle_on_drain",
            json!({"app.listener_on_drain": "open_served", "app.response_on_drain": "keep_alive", "app.requests.slow.service_time": "2s"}),
            json!("served_then_close"),
        ),
        (
            "app.response_on_drain",
            json!({"app.idle_on_drain": "served_keep", "app.requests.slow.service_time": "2s"}),
            json!("keep_alive"),
        ),
        (
            "app.waits_for_idle",
            json!({"app.idle_on_drain": "served_keep", "app.response_on_drain": "keep_alive", "app.keep_alive_timeout": "4s"}),
            json!(true),
        ),
        (
            "app.drain_timeout",
            json!({"app.requests.slow.service_time": "15s"}),
            json!("1s"),
        ),
        ("app.reaction_delay", none(), json!("700ms")),
        ("app.restart_delay", none(), json!("4s")),
        ("target_group.health_check.interval", none(), json!("6s")),
        (
            "target_group.health_check.timeout",
            json!({"app.workers": 1, "app.requests.slow.service_time": "3s"}),
            json!("4s"),
        ),
        (
            "target_group.health_check.healthy_threshold",
            json!({
                "app.workers": 1,
                "app.requests.slow.service_time": "3s",
                "workload.sessions.count": { "steps": [{ "at": "0s", "value": 30 }, { "at": "15s", "value": 1 }] },
                "workload.open_loop": null,
                "pod.readiness_probe.path": "dedicated",
                "pod.liveness_probe.path": "dedicated",
            }),
            json!(3),
        ),
        ("target_group.health_check.unhealthy_threshold", none(), json!(3)),
        (
            "target_group.health_check.path",
            json!({"app.workers": 1, "app.requests.slow.service_time": "3s"}),
            json!("dedicated"),
        ),
        ("target_group.deregistration_delay", none(), json!("1s")),
        ("target_group.slow_start", none(), json!("30s")),
        ("target_group.algorithm", none(), json!("least_outstanding_requests")),
        ("target_group.cross_zone", none(), json!(false)),
        ("target_group.stickiness.enabled", none(), json!(true)),
        (
            "target_group.stickiness.duration",
            json!({"target_group.stickiness.enabled": true}),
            json!("1s"),
        ),
        (
            "load_balancer.idle_timeout",
            json!({"app.requests.slow.service_time": "15s"}),
            json!("5s"),
        ),
        (
            "load_balancer.client_keep_alive",
            json!({"workload.sessions.connection": "keep_alive"}),
            json!("60s"),
        ),
        ("load_balancer.nodes_per_zone", none(), json!(2)),
        ("api_server.write_latency", none(), json!("50ms")),
        ("api_server.watch_latency", none(), json!("50ms")),
        (
            "controller_manager.client_qps",
            json!({"controller_manager.client_burst": 2}),
            json!(1),
        ),
        (
            "controller_manager.client_burst",
            json!({"controller_manager.client_qps": 1}),
            json!(4),
        ),
        (
            "controller_manager.events_share_bucket",
            json!({"controller_manager.client_burst": 2, "controller_manager.client_qps": 2}),
            json!(false),
        ),
        ("endpoint_slice_controller.batch_period", none(), json!("500ms")),
        ("endpoint_slice_controller.sync_time", none(), json!("80ms")),
        ("endpoint_slice_controller.max_endpoints_per_slice", none(), json!(1)),
        (
            "endpoint_slice_controller.stale_backoff",
            json!({"api_server.watch_latency": "300ms"}),
            json!("2s"),
        ),
        (
            "endpoint_slice_controller.stale_backoff_max",
            json!({"api_server.watch_latency": "300ms"}),
            json!("200ms"),
        ),
        ("kubelet.dispatch", none(), json!("40ms")),
        ("kubelet.housekeeping", none(), json!("1s")),
        ("kubelet.pleg_recent_sync", none(), json!(1.0)),
        (
            "kubelet.pleg_wait",
            json!({"kubelet.pleg_recent_sync": 1.0}),
            json!("2s"),
        ),
        ("kubelet.sigterm_delivery", none(), json!("90ms")),
        ("kubelet.exit_detect", none(), json!("90ms")),
        ("kubelet.sandbox_teardown", none(), json!("2s")),
        ("kubelet.cni_del_failure", none(), json!(0.9)),
        (
            "kubelet.cni_del_retry",
            json!({"kubelet.cni_del_failure": 0.9}),
            json!("3s"),
        ),
        ("kubelet.status_patch", none(), json!("70ms")),
        ("kubelet.object_delete", none(), json!("6s")),
        ("kubelet.pod_start", none(), json!("5s")),
        ("kubelet.start_detect", none(), json!("900ms")),
        ("kubelet.gate_to_ready", none(), json!("2s")),
        ("load_balancer_controller.watch_latency", none(), json!("600ms")),
        ("load_balancer_controller.reconcile_time", none(), json!("400ms")),
        ("load_balancer_controller.describe_latency", none(), json!("900ms")),
        ("load_balancer_controller.checkpoint_patch", none(), json!("700ms")),
        ("load_balancer_controller.gate_patch", none(), json!("900ms")),
        (
            "load_balancer_controller.registration_rate",
            json!({"load_balancer_controller.registration_burst": 1}),
            json!("6/m"),
        ),
        (
            "load_balancer_controller.registration_burst",
            json!({"load_balancer_controller.registration_rate": "6/m"}),
            json!(1),
        ),
        (
            "load_balancer_controller.describe_rate",
            json!({"load_balancer_controller.describe_burst": 1}),
            json!("2/m"),
        ),
        (
            "load_balancer_controller.describe_burst",
            json!({"load_balancer_controller.describe_rate": "2/m"}),
            json!(1),
        ),
        ("load_balancer_controller.targets_per_call", none(), json!(1)),
        ("load_balancer_controller.gate_poll", none(), json!("4s")),
        ("load_balancer_controller.pod_watch", none(), json!(false)),
        ("load_balancer_controller.targets_cache_ttl", none(), json!("1s")),
        (
            "load_balancer_controller.queue_backoff",
            json!({"elbv2.call_failure": 0.9, "load_balancer_controller.sdk_max_attempts": 1}),
            json!("9s"),
        ),
        (
            "load_balancer_controller.queue_backoff_max",
            json!({"elbv2.call_failure": 0.9, "load_balancer_controller.sdk_max_attempts": 1}),
            json!("6ms"),
        ),
        (
            "load_balancer_controller.sdk_max_attempts",
            json!({"elbv2.call_failure": 0.9}),
            json!(1),
        ),
        ("elbv2.deregister_latency", none(), json!("800ms")),
        ("elbv2.register_latency", none(), json!("900ms")),
        ("elbv2.call_failure", none(), json!(0.5)),
        (
            "elbv2.registration_rate",
            json!({"elbv2.registration_burst": 1}),
            json!("6/m"),
        ),
        (
            "elbv2.registration_burst",
            json!({"elbv2.registration_rate": "6/m"}),
            json!(1),
        ),
        (
            "elbv2.other_callers_rate",
            json!({"elbv2.registration_burst": 1}),
            json!("4/s"),
        ),
        ("elbv2.deregister_propagation", none(), log_normal("5s", "6s")),
        (
            "elbv2.propagation_bounded_by_delay",
            json!({"target_group.deregistration_delay": "5s"}),
            json!(true),
        ),
        ("elbv2.register_propagation", none(), json!("7s")),
        ("elbv2.initial_pass_count", none(), json!(2)),
        (
            "elbv2.initial_in_fail_open",
            json!({"deployment.strategy": "recreate", "pod.readiness_gate": false, "elbv2.initial_pass_count": 2}),
            json!(false),
        ),
        (
            "elbv2.unhealthy_cuts_in_flight",
            json!({"app.workers": 1, "app.requests.slow.service_time": "3s"}),
            json!(true),
        ),
        ("elbv2.retry_on_connect_failure", none(), json!(1)),
        ("elbv2.described_healthy_by", none(), json!("any")),
        ("elbv2.connect_timeout", none(), json!("4s")),
        ("network.rtt_same_zone", none(), json!("3ms")),
        ("network.rtt_cross_zone", none(), json!("9ms")),
        (
            "network.keep_alive_race",
            json!({"app.keep_alive_timeout": "300ms"}),
            json!("60ms"),
        ),
        ("network.dead_ip_silent", none(), json!(0.0)),
        (
            "network.dead_ip_icmp",
            json!({"network.dead_ip_silent": 0.0}),
            json!("1s"),
        ),
        ("workload.sessions.count", none(), json!(25)),
        ("workload.sessions.steps.0.request", none(), json!("other")),
        ("workload.sessions.steps.0.think", none(), json!("300ms")),
        ("workload.sessions.connection", none(), json!("keep_alive")),
        ("workload.sessions.client_timeout", none(), json!("100ms")),
        ("workload.open_loop.rate", none(), json!(50)),
        ("workload.open_loop.arrivals", none(), json!("even")),
        ("workload.open_loop.request", none(), json!("slow")),
        ("workload.open_loop.client_timeout", none(), json!("50ms")),
        ("disruptions.0.at", none(), json!("21s")),
        ("disruptions.0.every", none(), json!("50s")),
        ("disruptions.0.scale.replicas", none(), json!(6)),
        ("disruptions.1.rollout", none(), json!(null)),
        ("disruptions.2.node_drain.nodes", none(), json!(1)),
        (
            "disruptions.2.node_drain.retry",
            json!({"pod_disruption_budget.max_unavailable": 1}),
            json!("9s"),
        ),
        ("disruptions.2.node_drain.poll", none(), json!("20s")),
        ("disruptions.3.pod_crash.pods", none(), json!(1)),
        (
            "disruptions.4.scale.schedule",
            none(),
            json!({ "steps": [{ "at": "0s", "value": 7 }] }),
        ),
    ]
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
        set(&mut after, path, value);
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
    let moved: BTreeSet<String> = moves().into_iter().map(|(path, _, _)| path.to_owned()).collect();
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
