//! Autoscalers that Kubernetes would refuse, or that could do nothing.

use expect_test::expect;

use super::check;

#[test]
fn no_largest_number_of_replicas() {
    check(
        "disruptions: [ { at: 0s, hpa: { min_replicas: 4 } } ]\n",
        &expect![[r#"
        error: `disruptions[0].hpa`: `max_replicas` is missing
         --> s.yaml:1:26
          |
        1 | disruptions: [ { at: 0s, hpa: { min_replicas: 4 } } ]
          |                          ^^^
          |
          = note: needed here: max_replicas
    "#]],
    );
}

#[test]
fn fewer_replicas_at_most_than_at_least() {
    check(
        "disruptions: [ { at: 0s, hpa: { min_replicas: 9, max_replicas: 4 } } ]\n",
        &expect![[r#"
            error: `pod.requests.cpu`: found 0, but utilisation is a percentage of it; the HorizontalPodAutoscaler would say `missing request for cpu` and never scale
             |
             = note: the value is the default (the Kubernetes API (nothing is requested by default))

            error: `disruptions[0].hpa.max_replicas`: found 4, but Kubernetes wants at least min_replicas, 9
             --> s.yaml:1:64
              |
            1 | disruptions: [ { at: 0s, hpa: { min_replicas: 9, max_replicas: 4 } } ]
              |                                                                ^
        "#]],
    );
}

#[test]
fn zero_replicas_at_least() {
    check(
        "disruptions: [ { at: 0s, hpa: { min_replicas: 0, max_replicas: 4 } } ]\n",
        &expect![[r#"
            error: `pod.requests.cpu`: found 0, but utilisation is a percentage of it; the HorizontalPodAutoscaler would say `missing request for cpu` and never scale
             |
             = note: the value is the default (the Kubernetes API (nothing is requested by default))

            error: `disruptions[0].hpa.min_replicas`: found 0, but Kubernetes takes at least 1; 0 needs its feature gate HPAScaleToZero and a metric other than CPU
             --> s.yaml:1:47
              |
            1 | disruptions: [ { at: 0s, hpa: { min_replicas: 0, max_replicas: 4 } } ]
              |                                               ^
        "#]],
    );
}

#[test]
fn an_autoscaler_that_repeats() {
    check(
        "disruptions: [ { at: 0s, every: 1m, hpa: { max_replicas: 4 } } ]\n",
        &expect![[r#"
            error: `pod.requests.cpu`: found 0, but utilisation is a percentage of it; the HorizontalPodAutoscaler would say `missing request for cpu` and never scale
             |
             = note: the value is the default (the Kubernetes API (nothing is requested by default))

            error: `disruptions[0].every`: an autoscaler starts once and goes on; leave `every` out
             --> s.yaml:1:33
              |
            1 | disruptions: [ { at: 0s, every: 1m, hpa: { max_replicas: 4 } } ]
              |                                 ^^
        "#]],
    );
}

#[test]
fn two_autoscalers() {
    check(
        "disruptions: [ { at: 0s, hpa: { max_replicas: 4 } }, { at: 1m, hpa: { max_replicas: 8 } } ]\n",
        &expect![[r#"
            error: `pod.requests.cpu`: found 0, but utilisation is a percentage of it; the HorizontalPodAutoscaler would say `missing request for cpu` and never scale
             |
             = note: the value is the default (the Kubernetes API (nothing is requested by default))

            error: `disruptions[1].hpa`: found a second one; two autoscalers of one Deployment work against each other
             --> s.yaml:1:64
              |
            1 | disruptions: [ { at: 0s, hpa: { max_replicas: 4 } }, { at: 1m, hpa: { max_replicas: 8 } } ]
              |                                                                ^^^
        "#]],
    );
}

#[test]
fn windows_and_periods_outside_of_what_the_api_takes() {
    check(
        "\
disruptions:
  - at: 0s
    hpa:
      max_replicas: 4
      behavior:
        scale_up: { stabilization_window: 2h, policies: [ { pods: 4, period: 0s }, { percent: 50, period: 31m } ] }
        scale_down: { stabilization_window: 1500ms, policies: [] }
",
        &expect![[r#"
            error: `pod.requests.cpu`: found 0, but utilisation is a percentage of it; the HorizontalPodAutoscaler would say `missing request for cpu` and never scale
             |
             = note: the value is the default (the Kubernetes API (nothing is requested by default))

            error: `disruptions[0].hpa.behavior.scale_up.stabilization_window`: found 2h, legal is 0s to 3600s; Kubernetes would answer `ValidationError`: value '7200' must be less than or equal to 3600, and keep the previous setting
             --> s.yaml:6:43
              |
            6 |         scale_up: { stabilization_window: 2h, policies: [ { pods: 4, period: 0s }, { percent: 50, period: 31m } ] }
              |                                           ^^

            error: `disruptions[0].hpa.behavior.scale_up.policies[0].period`: found 0s, legal is 1s to 1800s; Kubernetes would answer `ValidationError`: value '0' must be greater than or equal to 1, and keep the previous setting
             --> s.yaml:6:78
              |
            6 |         scale_up: { stabilization_window: 2h, policies: [ { pods: 4, period: 0s }, { percent: 50, period: 31m } ] }
              |                                                                              ^^

            error: `disruptions[0].hpa.behavior.scale_up.policies[1].period`: found 31m, legal is 1s to 1800s; Kubernetes would answer `ValidationError`: value '1860' must be less than or equal to 1800, and keep the previous setting
             --> s.yaml:6:107
              |
            6 |         scale_up: { stabilization_window: 2h, policies: [ { pods: 4, period: 0s }, { percent: 50, period: 31m } ] }
              |                                                                                                           ^^^

            error: `disruptions[0].hpa.behavior.scale_down.stabilization_window`: found 1.5s, but Kubernetes takes whole seconds
             --> s.yaml:7:45
              |
            7 |         scale_down: { stabilization_window: 1500ms, policies: [] }
              |                                             ^^^^^^

            error: `disruptions[0].hpa.behavior.scale_down.policies`: found none; Kubernetes would answer `must specify at least one Policy`
             --> s.yaml:7:53
              |
            7 |         scale_down: { stabilization_window: 1500ms, policies: [] }
              |                                                     ^^^^^^^^
        "#]],
    );
}

#[test]
fn a_policy_in_both_pods_and_percent_or_in_nothing() {
    check(
        "\
disruptions:
  - at: 0s
    hpa:
      max_replicas: 4
      behavior:
        scale_down: { policies: [ { pods: 4, percent: 10, period: 15s }, { period: 15s }, { pods: 0, period: 15s } ] }
",
        &expect![[r#"
            error: `pod.requests.cpu`: found 0, but utilisation is a percentage of it; the HorizontalPodAutoscaler would say `missing request for cpu` and never scale
             |
             = note: the value is the default (the Kubernetes API (nothing is requested by default))

            error: `disruptions[0].hpa.behavior.scale_down.policies[0]`: expected exactly one of pods, percent
             --> s.yaml:6:37
              |
            6 |         scale_down: { policies: [ { pods: 4, percent: 10, period: 15s }, { period: 15s }, { pods: 0, period: 15s } ] }
              |                                     ^^^^

            error: `disruptions[0].hpa.behavior.scale_down.policies[1]`: expected exactly one of pods, percent
             --> s.yaml:6:76
              |
            6 |         scale_down: { policies: [ { pods: 4, percent: 10, period: 15s }, { period: 15s }, { pods: 0, period: 15s } ] }
              |                                                                            ^^^^^^

            error: `disruptions[0].hpa.behavior.scale_down.policies[2].pods`: found 0, legal is 1 to 1000000 (Kubernetes wants more than 0)
             --> s.yaml:6:99
              |
            6 |         scale_down: { policies: [ { pods: 4, percent: 10, period: 15s }, { period: 15s }, { pods: 0, period: 15s } ] }
              |                                                                                                   ^
        "#]],
    );
}

#[test]
fn kubernetes_spelling() {
    check(
        "disruptions: [ { at: 0s, hpa: { maxReplicas: 4, behavior: { scaleDown: { selectPolicy: Max } } } } ]\n",
        &expect![[r#"
            error: `disruptions[0].hpa`: `max_replicas` is missing
             --> s.yaml:1:26
              |
            1 | disruptions: [ { at: 0s, hpa: { maxReplicas: 4, behavior: { scaleDown: { selectPolicy: Max } } } } ]
              |                          ^^^
              |
              = note: needed here: max_replicas

            error: unknown key `maxReplicas` in `disruptions[0].hpa`
             --> s.yaml:1:33
              |
            1 | disruptions: [ { at: 0s, hpa: { maxReplicas: 4, behavior: { scaleDown: { selectPolicy: Max } } } } ]
              |                                 ^^^^^^^^^^^
              |
              = note: legal keys: min_replicas, max_replicas, target_cpu_utilization, behavior
              = help: did you mean `max_replicas`?

            error: unknown key `scaleDown` in `disruptions[0].hpa.behavior`
             --> s.yaml:1:61
              |
            1 | disruptions: [ { at: 0s, hpa: { maxReplicas: 4, behavior: { scaleDown: { selectPolicy: Max } } } } ]
              |                                                             ^^^^^^^^^
              |
              = note: legal keys: scale_up, scale_down
              = help: did you mean `scale_down`?
        "#]],
    );
}

#[test]
fn an_unknown_select_policy() {
    check(
        "disruptions: [ { at: 0s, hpa: { max_replicas: 4, behavior: { scale_up: { select_policy: Max } } } } ]\n",
        &expect![[r#"
            error: `disruptions[0].hpa.behavior.scale_up.select_policy`: unknown value "Max"
             --> s.yaml:1:89
              |
            1 | disruptions: [ { at: 0s, hpa: { max_replicas: 4, behavior: { scale_up: { select_policy: Max } } } } ]
              |                                                                                         ^^^
              |
              = note: legal values: max, min, disabled
              = help: did you mean `max`?
        "#]],
    );
}

#[test]
fn no_cpu_request() {
    check(
        "pod: { requests: { cpu: 0 } }\ndisruptions: [ { at: 0s, hpa: { max_replicas: 4 } } ]\n",
        &expect![[r#"
            error: `pod.requests.cpu`: found 0, but utilisation is a percentage of it; the HorizontalPodAutoscaler would say `missing request for cpu` and never scale
             --> s.yaml:1:25
              |
            1 | pod: { requests: { cpu: 0 } }
              |                         ^
        "#]],
    );
}

#[test]
fn controllers_that_never_look() {
    check(
        "hpa_controller: { sync_period: 0s }\nmetrics_server: { resolution: 5s }\n",
        &expect![[r#"
            error: `hpa_controller.sync_period`: found 0s, expected at least 1s
             --> s.yaml:1:32
              |
            1 | hpa_controller: { sync_period: 0s }
              |                                ^^

            error: `metrics_server.resolution`: found 5s, but metrics-server wants at least 10s
             --> s.yaml:2:31
              |
            2 | metrics_server: { resolution: 5s }
              |                               ^^
        "#]],
    );
}
