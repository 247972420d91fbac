//! For each family of causes the recommended setting brings the cause to zero, in `sim run` as well.

use serde_json::Value;

use super::{explain, place};
use crate::command::{Place, test_name};

/// Asks for one cause of a scenario, and checks that the last setting tried leaves none of it: by the document, and by
/// `sim run` with that setting.
fn saved(place: &Place, scenario: &[&str], cause: &str) -> Vec<String> {
    let arguments = [&["explain"], scenario, &["--cause", cause, "--format", "json"]].concat();
    let document: Value = serde_json::from_str(&super::told(&place.sim(&arguments))).expect("JSON");
    let remedy = &document["stories"][0]["remedy"];
    assert_eq!(remedy["status"], "tried", "{remedy:#}");
    let before = remedy["before_cause_count"].as_u64().expect("a count");
    assert!(before > 0, "nothing to save");
    assert_eq!(
        document["stories"][0]["cause_count"], before,
        "the trials start from the run told of"
    );
    let last = remedy["trials"]
        .as_array()
        .and_then(|trials| trials.last())
        .expect("a trial");
    assert_eq!(last["cause_count"], 0, "{remedy:#}");
    let sets: Vec<String> = last["sets"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|set| set.as_str().expect("a text").to_owned())
        .collect();

    let mut run = [&["run"], scenario, &["--replications", "1", "--format", "json"]].concat();
    for set in &sets {
        run.extend(["--set", set]);
    }
    let run: Value = serde_json::from_str(&super::told(&place.sim(&run))).expect("JSON");
    let causes = run["causes"].as_array().expect("an array");
    assert!(causes.iter().all(|one| one["cause"] != cause), "{causes:?}");
    let failures: u64 = causes.iter().map(|one| one["count"].as_u64().expect("a count")).sum();
    assert_eq!(
        last["failures_count"], failures,
        "`sim run` with {sets:?} counts otherwise"
    );
    assert_eq!(last["requests_count"], run["requests_count"]);
    sets
}

fn built_in(scenario: &[&str], cause: &str) -> Vec<String> {
    saved(&Place::new(&test_name()), scenario, cause)
}

fn of_constants(more: &[&str], cause: &str) -> Vec<String> {
    saved(&place(), &[&["s.yaml"], more].concat(), cause)
}

#[test]
fn a_sleep_outlasts_the_removal_of_a_pod_that_is_gone() {
    assert_eq!(built_in(&["rollout"], "silent_pod_ip"), ["pod.pre_stop.sleep=19s"]);
    assert_eq!(of_constants(&[], "silent_pod_ip"), ["pod.pre_stop.sleep=11s"]);
}

#[test]
fn a_sleep_replaces_a_hook_of_another_kind_and_gets_its_grace() {
    let short = [
        "--set",
        "pod.pre_stop.exec.duration=1s",
        "--set",
        "pod.termination_grace_period=5s",
    ];
    let expected = [
        "pod.pre_stop.sleep=11s",
        "pod.pre_stop.exec=null",
        "pod.termination_grace_period=21s",
    ];
    let sets = of_constants(
        &[&short[..], &["--set", "app.drain_timeout=unlimited"]].concat(),
        "silent_pod_ip",
    );
    assert_eq!(sets, expected);
}

#[test]
fn a_sleep_outlasts_the_removal_of_a_refused_one() {
    // Its story has the last ALB node stop choosing the target after 11.3 s.
    assert_eq!(built_in(&["ip-reuse"], "wrong_pod"), ["pod.pre_stop.sleep=12s"]);
    let slow = ["--set", "kubelet.sandbox_teardown=20s"];
    assert_eq!(of_constants(&slow, "refused_process_dead"), ["pod.pre_stop.sleep=11s"]);
}

#[test]
fn a_hook_without_a_restart_refuses_nobody() {
    let sets = built_in(&["headline-after"], "refused_server_restart");
    assert_eq!(sets, ["pod.pre_stop.restarts_server_for=null"]);
}

#[test]
fn a_server_that_keeps_connections_longer_than_the_alb_wins_the_keep_alive_race() {
    let race = [
        "--set",
        "app.keep_alive_timeout=1s",
        "--set",
        "network.keep_alive_race=30ms",
    ];
    assert_eq!(of_constants(&race, "keep_alive_race"), ["app.keep_alive_timeout=65s"]);
}

#[test]
fn a_readiness_gate_keeps_the_old_pods_until_the_new_ones_serve() {
    let sets = built_in(&["cold-start-no-gate"], "fail_open_not_ready");
    assert_eq!(sets, ["pod.readiness_gate=true", "pod.readiness_probe.period=5s"]);
}

#[test]
fn a_longer_grace_period_lets_slow_requests_end() {
    let slow = [
        "--set",
        "app.service_time=9s",
        "--set",
        "pod.termination_grace_period=4s",
    ];
    let sets = of_constants(&slow, "killed_in_flight");
    assert_eq!(sets, ["pod.termination_grace_period=16s"]);
}

#[test]
fn a_longer_drain_lets_slow_requests_end() {
    let slow = ["--set", "app.service_time=9s", "--set", "app.drain_timeout=3s"];
    let sets = of_constants(&slow, "closed_at_drain_timeout");
    assert_eq!(sets, ["app.drain_timeout=12s"]);
}

/// The ALB node goes on choosing the target for 10 s of the delay, and the last of those requests takes 20 s: 24 s are
/// not enough.
#[test]
fn a_longer_deregistration_delay_lets_slow_requests_end() {
    let slow = ["--set", "app.service_time=20s", "--set", "pod.pre_stop.sleep=25s"];
    let more = [
        "--set",
        "target_group.deregistration_delay=6s",
        "--set",
        "pod.termination_grace_period=60s",
    ];
    let sets = of_constants(&[slow, more].concat(), "deregistration_delay_expired");
    assert_eq!(sets, ["target_group.deregistration_delay=48s"]);
}

#[test]
fn a_longer_idle_timeout_waits_for_slow_answers() {
    let slow = [
        "--set",
        "app.service_time=9s",
        "--set",
        "load_balancer.idle_timeout=5s",
        "--set",
        "disruptions=[]",
    ];
    assert_eq!(
        of_constants(&slow, "response_timeout"),
        ["load_balancer.idle_timeout=10s"]
    );
}

#[test]
fn a_handler_of_spot_interruptions_drains_the_node() {
    let sets = built_in(&["spot-reclaim"], "refused_process_dead");
    let handler = "disruptions[0].spot_interruption.handler=node_termination_handler_queue";
    assert_eq!(sets, [handler]);
}

/// The slice is written at 10.105, seen 15 ms later and synced for 8 s: 8.050 s after the deletion at 10.070. Each
/// request has a connection of its own, because kept ones stay with their pod.
#[test]
fn a_sleep_outlasts_kube_proxy_where_targets_are_nodes() {
    let nodes = [
        "--set",
        "target_group.target_type=instance",
        "--set",
        "app.keep_alive_timeout=0s",
    ];
    let slow = ["--set", "kube_proxy.sync=8s", "--set", "kube_proxy.watch_latency=15ms"];
    let sets = of_constants(&[nodes, slow].concat(), "silent_pod_ip");
    assert_eq!(sets, ["pod.pre_stop.sleep=9s"]);
}

/// Two pods that serve one request at a time for 1.5 s each get 2 requests per second: 1.5 times what they can serve.
/// Four pods are busy for three quarters of the time.
#[test]
fn more_pods_leave_room_in_the_accept_queue() {
    let busy = [
        "--set",
        "app.workers=1",
        "--set",
        "app.backlog=1",
        "--set",
        "app.service_time=1500ms",
    ];
    let sets = of_constants(&[&busy[..], &["--set", "disruptions=[]"]].concat(), "backlog_overflow");
    assert_eq!(sets, ["deployment.replicas=4"]);
}

#[test]
fn what_no_setting_wins_is_said_so() {
    let text = super::told(&Place::new(&test_name()).sim(&["explain", "node-failure"]));
    assert!(
        text.contains("None of these brings `silent_node` to zero. Only what announces"),
        "{text}"
    );
    let errors = explain(
        &place(),
        &["--set", "app.error_ratio=0.5", "--cause", "application_error"],
    );
    assert!(
        errors.contains("No setting: the application itself answers with an error."),
        "{errors}"
    );
}
