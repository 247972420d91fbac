//! Values of the wrong type, without a unit, or that mean nothing.

use expect_test::expect;

use super::check;

#[test]
fn missing_unit() {
    check(
        "pod: { termination_grace_period: \"30\" }\n",
        &expect![[r#"
        error: `pod.termination_grace_period`: "30" has no unit; write "30s" (units: h, m, s, ms, us, ns)
         --> s.yaml:1:34
          |
        1 | pod: { termination_grace_period: "30" }
          |                                  ^^^^^
    "#]],
    );
}

#[test]
fn number_in_place_of_a_duration() {
    check(
        "pod:\n  termination_grace_period: 30\n",
        &expect![[r#"
        error: `pod.termination_grace_period`: the number 30 has no unit
         --> s.yaml:2:29
          |
        2 |   termination_grace_period: 30
          |                             ^^
          |
          = help: write `30s`; expected a duration with a unit such as `15s` or `250ms`
    "#]],
    );
}

#[test]
fn number_in_place_of_a_rate() {
    check(
        "load_balancer_controller: { describe_rate: 10 }\n",
        &expect![[r#"
        error: `load_balancer_controller.describe_rate`: the number 10 has no unit
         --> s.yaml:1:44
          |
        1 | load_balancer_controller: { describe_rate: 10 }
          |                                            ^^
          |
          = help: write `10/s`; expected a rate with a unit such as `120/s`
    "#]],
    );
}

#[test]
fn rate_in_place_of_a_number() {
    check(
        "workload: { open_loop: { rate: 200/s } }\n",
        &expect![[r#"
        error: `workload.open_loop.rate`: expected a whole number, or a map with one of steps, sine, csv, found the text "200/s"
         --> s.yaml:1:32
          |
        1 | workload: { open_loop: { rate: 200/s } }
          |                                ^^^^^
          |
          = help: write `200`: per second, without a unit
    "#]],
    );
}

#[test]
fn unknown_unit() {
    check(
        "horizon: 5min\n",
        &expect![[r#"
        error: `horizon`: "5min" has the unknown unit "min"; units are h, m, s, ms, us, ns
         --> s.yaml:1:10
          |
        1 | horizon: 5min
          |          ^^^^
    "#]],
    );
}

#[test]
fn negative_duration() {
    check(
        "warm_up: -5s\n",
        &expect![[r#"
        error: `warm_up`: "-5s" is negative; a duration is zero or more, such as "15s"
         --> s.yaml:1:10
          |
        1 | warm_up: -5s
          |          ^^^
    "#]],
    );
}

#[test]
fn unknown_preset() {
    check(
        "app: { preset: djangorunserver }\n",
        &expect![[r#"
        error: `app.preset`: unknown value "djangorunserver"
         --> s.yaml:1:16
          |
        1 | app: { preset: djangorunserver }
          |                ^^^^^^^^^^^^^^^
          |
          = note: legal values: django-runserver, gunicorn-sync, gunicorn-gthread, uvicorn, node-http, node-close, nginx-term, nginx-quit, spring-boot-graceful, spring-boot-immediate, go-default, go-shutdown, axum-default, axum-graceful, puma
          = help: did you mean `django-runserver`?
    "#]],
    );
}

#[test]
fn unknown_word() {
    check(
        "target_group: { algorithm: least_outstanding }\n",
        &expect![[r#"
        error: `target_group.algorithm`: unknown value "least_outstanding"
         --> s.yaml:1:28
          |
        1 | target_group: { algorithm: least_outstanding }
          |                            ^^^^^^^^^^^^^^^^^
          |
          = note: legal values: round_robin, least_outstanding_requests, weighted_random
          = help: did you mean `least_outstanding_requests`?
    "#]],
    );
}

#[test]
fn text_in_place_of_a_truth_value() {
    check(
        "pod: { readiness_gate: yes }\n",
        &expect![[r#"
        error: `pod.readiness_gate`: expected true or false, found the text "yes"
         --> s.yaml:1:24
          |
        1 | pod: { readiness_gate: yes }
          |                        ^^^
    "#]],
    );
}

#[test]
fn fraction_in_place_of_a_count() {
    check(
        "deployment: { replicas: 2.5 }\n",
        &expect![[r#"
        error: `deployment.replicas`: expected a whole number of zero or more, found the number 2.5
         --> s.yaml:1:25
          |
        1 | deployment: { replicas: 2.5 }
          |                         ^^^
    "#]],
    );
}

#[test]
fn negative_count() {
    check(
        "deployment: { replicas: -1 }\n",
        &expect![[r#"
        error: `deployment.replicas`: expected a whole number of zero or more, found the number -1
         --> s.yaml:1:25
          |
        1 | deployment: { replicas: -1 }
          |                         ^^
    "#]],
    );
}

#[test]
fn count_that_does_not_fit() {
    check(
        "deployment: { replicas: 5000000000 }\n",
        &expect![[r#"
        error: `deployment.replicas`: found 5000000000, the largest legal value is 4294967295
         --> s.yaml:1:25
          |
        1 | deployment: { replicas: 5000000000 }
          |                         ^^^^^^^^^^
    "#]],
    );
}

#[test]
fn word_in_place_of_a_limit() {
    check(
        "app: { workers: many }\n",
        &expect![[r#"
        error: `app.workers`: found "many", expected a whole number or "unlimited"
         --> s.yaml:1:17
          |
        1 | app: { workers: many }
          |                 ^^^^
    "#]],
    );
}

#[test]
fn probability_above_one() {
    check(
        "app: { error_ratio: 5 }\n",
        &expect![[r#"
        error: `app.error_ratio`: probability 5 is outside 0 to 1
         --> s.yaml:1:21
          |
        1 | app: { error_ratio: 5 }
          |                     ^
    "#]],
    );
}

#[test]
fn percentage_without_its_sign() {
    check(
        "deployment: { max_surge: \"25\" }\n",
        &expect![[r#"
        error: `deployment.max_surge`: found "25", expected a whole number of pods or a percentage such as "25%"
         --> s.yaml:1:26
          |
        1 | deployment: { max_surge: "25" }
          |                          ^^^^^
    "#]],
    );
}

#[test]
fn scalar_in_place_of_a_section() {
    check(
        "pod: 5\n",
        &expect![[r#"
        error: `pod`: expected a map, found the number 5
         --> s.yaml:1:6
          |
        1 | pod: 5
          |      ^
          |
          = note: legal keys: termination_grace_period, pre_stop, readiness_probe, liveness_probe, startup_probe, readiness_gate, sidecars, requests, topology_spread, unreachable_toleration
    "#]],
    );
}

#[test]
fn nothing_in_place_of_a_section() {
    check(
        "app:\npod:\n  readiness_gate: true\n",
        &expect![[r#"
        error: `app`: expected a map, found nothing
         --> s.yaml:1:1
          |
        1 | app:
          | ^^^
          |
          = note: legal keys: preset, workers, backlog, service_time, requests, error_ratio, start_up, keep_alive_timeout, pid_1, sigterm, listener_on_drain, idle_on_drain, response_on_drain, waits_for_idle, drain_timeout, reaction_delay, restart_delay
          = help: leave the key out to keep the default
    "#]],
    );
}

#[test]
fn map_in_place_of_a_list() {
    check(
        "disruptions:\n  at: 1m\n  rollout: {}\n",
        &expect![[r#"
        error: `disruptions`: expected a list, found a map
         --> s.yaml:1:1
          |
        1 | disruptions:
          | ^^^^^^^^^^^
    "#]],
    );
}

#[test]
fn all_wrong_values_at_once() {
    check(
        "horizon: 600\ndeployment:\n  replicas: ten\npod: { pre_stop: { sleep: 15 } }\n",
        &expect![[r#"
        error: `horizon`: the number 600 has no unit
         --> s.yaml:1:10
          |
        1 | horizon: 600
          |          ^^^
          |
          = help: write `600s`; expected a duration with a unit such as `15s` or `250ms`

        error: `deployment.replicas`: expected a whole number of zero or more, found the text "ten"
         --> s.yaml:3:13
          |
        3 |   replicas: ten
          |             ^^^

        error: `pod.pre_stop.sleep`: the number 15 has no unit
         --> s.yaml:4:27
          |
        4 | pod: { pre_stop: { sleep: 15 } }
          |                           ^^
          |
          = help: write `15s`; expected a duration with a unit such as `15s` or `250ms`, or null
    "#]],
    );
}
