//! What cannot be told: exit status 2, nothing on stdout, and what would be right.

use expect_test::{Expect, expect};

use super::{place, told};
use crate::command::Place;

fn check(place: &Place, arguments: &[&str], expected: &Expect) {
    let outcome = place.sim(&[&["explain"], arguments].concat());
    expected.assert_eq(&outcome.stderr);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
}

/// Checks what is said about a trace that was written and then damaged.
fn check_trace(damage: fn(&str) -> String, expected: &Expect) {
    let place = place();
    told(&place.sim(&["run", "s.yaml", "--replications", "1", "--trace", "trace.ndjson"]));
    let damaged = damage(&place.read("trace.ndjson"));
    check(&place.file("t.ndjson", damaged), &["--trace", "t.ndjson"], expected);
}

#[test]
fn a_cause_that_does_not_exist() {
    check(
        &place(),
        &["s.yaml", "--cause", "silent_pod"],
        &expect![[r#"
        error: invalid value 'silent_pod' for '--cause <CAUSE>'
          [possible values: refused_listener_closed, refused_process_dead, refused_not_listening, refused_server_restart, reset_in_accept_queue, closed_in_flight_at_sigterm, closed_in_flight_at_restart, closed_at_drain_timeout, killed_in_flight, closed_in_flight_at_crash, keep_alive_race, deregistration_delay_expired, cut_when_unhealthy, icmp_unreachable, silent_pod_ip, silent_node, wrong_pod, refused_by_wrong_pod, response_timeout, backlog_overflow, no_registered_target, only_unusable_targets, fail_open_not_ready, alb_node_unreachable, client_gave_up, application_error, no_endpoint_rejected, no_endpoint_dropped]

          tip: a similar value exists: 'silent_pod_ip'

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn a_cause_that_did_not_occur() {
    check(
        &place(),
        &["s.yaml", "--cause", "wrong_pod"],
        &expect![[r#"
        error: no request of the run failed with `wrong_pod`; these causes occurred: silent_pod_ip (11)
    "#]],
    );
}

#[test]
fn nothing_to_tell_of() {
    check(
        &place(),
        &[],
        &expect![[r#"
        error: the following required arguments were not provided:
          <SCENARIO>

        Usage: sim explain <SCENARIO>

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn a_request_that_did_not_fail() {
    check(
        &place(),
        &["s.yaml", "--request", "0"],
        &expect![[r#"
        error: request 0 did not fail: it was answered with 200 after 0 s
    "#]],
    );
}

#[test]
fn a_request_that_was_not_issued() {
    check(
        &place(),
        &["s.yaml", "--request", "119"],
        &expect![[r#"
        error: the run has no request 119
    "#]],
    );
}

#[test]
fn a_request_that_the_trace_does_not_hold() {
    let place = place();
    told(&place.sim(&["run", "s.yaml", "--replications", "1", "--trace", "t.ndjson"]));
    check(
        &place,
        &["--trace", "t.ndjson", "--request", "0"],
        &expect![[r#"
        error: t.ndjson has no request 0; a trace has failed requests only, unless it was written with --trace-requests all
    "#]],
    );
}

#[test]
fn a_trace_of_another_scenario() {
    let place = place();
    told(&place.sim(&["run", "s.yaml", "--replications", "1", "--trace", "t.ndjson"]));
    check(
        &place,
        &["rollout", "--trace", "t.ndjson"],
        &expect![[r#"
        error: t.ndjson is of the scenario `constants`, but the scenario given beside it is `rollout`
    "#]],
    );
}

#[test]
fn a_trace_that_is_not_there() {
    check(
        &place(),
        &["--trace", "missing.ndjson"],
        &expect![[r#"
        error: cannot read missing.ndjson: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn an_empty_trace() {
    check(
        &place().file("t.ndjson", ""),
        &["--trace", "t.ndjson"],
        &expect![[r#"
        error: t.ndjson is empty; expected one record as `sim run --trace` writes them, such as {"at_ns":0,"fact":"pod_created","pod":0}
    "#]],
    );
}

#[test]
fn a_broken_line() {
    check_trace(
        |trace| trace.replacen(r#""fact":"pod_created","pod":0"#, r#""fact":"pod_created","po"#, 1),
        &expect![[r#"
            error: t.ndjson, line 2: control character (\u0000-\u001F) found while parsing a string; expected one record as `sim run --trace` writes them, such as {"at_ns":0,"fact":"pod_created","pod":0}
        "#]],
    );
}

#[test]
fn a_fact_that_does_not_exist() {
    check_trace(
        |trace| trace.replacen("kill_started", "kill_begun", 1),
        &expect![[r#"
        error: t.ndjson, line 18: unknown variant `kill_begun`, expected one of `run_started`, `disruption_started`, `pod_created`, `pod_scheduled`, `containers_started`, `pod_ready`, `deletion_committed`, `kill_started`, `pod_shut_down`, `node_changed`, `pre_stop_started`, `pre_stop_ended`, `sigterm_sent`, `sigkill_sent`, `container_exited`, `sandbox_removed`, `pod_deleted`, `address_reused`, `server_changed`, `endpoint_written`, `proxies_updated`, `reconcile_started`, `other_reconcile_started`, `other_call_accepted`, `readiness_gate`, `gate_not_injected`, `leader_lost`, `leader_elected`, `deregistered_out_of_band`, `call_accepted`, `call_delayed`, `target_health`, `node_target`, `hpa_synced`, `dns_answered`, `alb_node_died`, `target_overridden`, `target_mitigated`, `request`, `run_ended`; expected one record as `sim run --trace` writes them, such as {"at_ns":0,"fact":"pod_created","pod":0}
    "#]],
    );
}

#[test]
fn a_fact_without_its_pod() {
    check_trace(
        |trace| trace.replacen(r#""fact":"kill_started","pod":0"#, r#""fact":"kill_started""#, 1),
        &expect![[r#"
            error: t.ndjson, line 18: missing field `pod`; expected one record as `sim run --trace` writes them, such as {"at_ns":0,"fact":"pod_created","pod":0}
        "#]],
    );
}

#[test]
fn a_trace_of_another_version() {
    check_trace(
        |trace| trace.replacen(r#""schema_version":1"#, r#""schema_version":2"#, 1),
        &expect![[r#"
            error: t.ndjson, line 1: found schema_version 2; this `sim` reads version 1
        "#]],
    );
}

#[test]
fn a_trace_without_its_start() {
    check_trace(
        |trace| trace.split_inclusive('\n').skip(1).collect(),
        &expect![[r#"
            error: t.ndjson, line 1: no `run_started`; expected it in line 1 and there only
        "#]],
    );
}

#[test]
fn a_trace_that_was_cut_off() {
    check_trace(
        |trace| trace.split_inclusive('\n').take(40).collect(),
        &expect![[r#"
            error: t.ndjson ends with line 40, without `run_ended`; expected a whole trace
        "#]],
    );
}

#[test]
fn a_trace_that_goes_back_in_time() {
    check_trace(
        |trace| trace.replacen(r#"{"at_ns":10096"#, r#"{"at_ns":9096"#, 1),
        &expect![[r#"
            error: t.ndjson, line 19: at_ns 9096000000 goes back in time; expected at least 10092000000
        "#]],
    );
}

#[test]
fn two_inputs_from_one_stream() {
    check(
        &place(),
        &["-", "--trace", "-"],
        &expect![[r#"
            error: the scenario and --trace both come from standard input; give one of them a file
        "#]],
    );
}
