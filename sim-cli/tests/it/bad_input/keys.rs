//! Keys that do not exist here.

use expect_test::expect;

use super::check;

#[test]
fn unknown_section() {
    check(
        "name: shop\nworkloads: {}\n",
        &expect![[r#"
            error: unknown key `workloads` at the top level
             --> s.yaml:2:1
              |
            2 | workloads: {}
              | ^^^^^^^^^
              |
              = note: legal keys: name, description, profile, horizon, warm_up, cluster, deployment, pod_disruption_budget, service, pod, app, target_group, load_balancer, dns, anomaly_detection, api_server, controller_manager, endpoint_slice_controller, kubelet, load_balancer_controller, elbv2, node_lifecycle, ec2, vpc_cni, network, hpa_controller, metrics_server, workload, disruptions
              = help: did you mean `workload`?
        "#]],
    );
}

#[test]
fn unknown_key_two_levels_down() {
    check(
        "target_group:\n  health_check:\n    intervall: 15s\n",
        &expect![[r#"
        error: unknown key `intervall` in `target_group.health_check`
         --> s.yaml:3:5
          |
        3 |     intervall: 15s
          |     ^^^^^^^^^
          |
          = note: legal keys: interval, timeout, healthy_threshold, unhealthy_threshold, path
          = help: did you mean `interval`?
    "#]],
    );
}

#[test]
fn unknown_key_in_a_list_item() {
    check(
        "workload:\n  sessions:\n    steps:\n      - { request: list, thnik: 1s }\n",
        &expect![[r#"
        error: unknown key `thnik` in `workload.sessions.steps[0]`
         --> s.yaml:4:26
          |
        4 |       - { request: list, thnik: 1s }
          |                          ^^^^^
          |
          = note: legal keys: request, think
          = help: did you mean `think`?
    "#]],
    );
}

#[test]
fn unknown_parameter_of_a_distribution() {
    check(
        "kubelet:\n  dispatch: { log_normal: { mean: 3ms, p99: 30ms } }\n",
        &expect![[r#"
        error: unknown key `mean` in `kubelet.dispatch.log_normal`
         --> s.yaml:2:29
          |
        2 |   dispatch: { log_normal: { mean: 3ms, p99: 30ms } }
          |                             ^^^^
          |
          = note: legal keys: median, p99
          = help: did you mean `median`?
    "#]],
    );
}

#[test]
fn kubernetes_spelling_in_the_wrong_place() {
    check(
        "terminationGracePeriodSeconds: 30s\npod:\n  preStop: { sleep: 5s }\n",
        &expect![[r#"
            error: unknown key `terminationGracePeriodSeconds` at the top level
             --> s.yaml:1:1
              |
            1 | terminationGracePeriodSeconds: 30s
              | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |
              = note: legal keys: name, description, profile, horizon, warm_up, cluster, deployment, pod_disruption_budget, service, pod, app, target_group, load_balancer, dns, anomaly_detection, api_server, controller_manager, endpoint_slice_controller, kubelet, load_balancer_controller, elbv2, node_lifecycle, ec2, vpc_cni, network, hpa_controller, metrics_server, workload, disruptions
              = help: did you mean `pod.termination_grace_period`?

            error: unknown key `preStop` in `pod`
             --> s.yaml:3:3
              |
            3 |   preStop: { sleep: 5s }
              |   ^^^^^^^
              |
              = note: legal keys: termination_grace_period, pre_stop, readiness_probe, liveness_probe, startup_probe, readiness_gate, readiness_gate_since, sidecars, requests, topology_spread, unreachable_toleration
              = help: did you mean `pre_stop`?
        "#]],
    );
}

#[test]
fn unknown_disruption_kind() {
    check(
        "disruptions:\n  - at: 1m\n    restart: {}\n",
        &expect![[r#"
            error: unknown key `restart` in `disruptions[0]`
             --> s.yaml:3:5
              |
            3 |     restart: {}
              |     ^^^^^^^
              |
              = note: legal keys: at, every, scale, rollout, node_drain, pod_crash, node_pressure_eviction, instance_termination, node_failure, zone_failure, cluster_autoscaler, controller_restart, out_of_band_deregistration, hpa, zonal_shift, karpenter, spot_interruption, node_group_update, node_group_scale_in, az_rebalance
        "#]],
    );
}

#[test]
fn unknown_distribution() {
    check(
        "kubelet:\n  dispatch: { lognormal: { median: 3ms, p99: 30ms } }\n",
        &expect![[r#"
        error: `kubelet.dispatch`: unknown kind `lognormal`
         --> s.yaml:2:15
          |
        2 |   dispatch: { lognormal: { median: 3ms, p99: 30ms } }
          |               ^^^^^^^^^
          |
          = note: expected a duration such as `200ms`, or a map with one of constant, uniform, exponential, log_normal, gamma, empirical
          = help: did you mean `log_normal`?
    "#]],
    );
}

#[test]
fn two_distributions_in_one() {
    check(
        "kubelet:\n  dispatch: { uniform: { min: 1s, max: 2s }, exponential: { mean: 1s } }\n",
        &expect![[r#"
        error: `kubelet.dispatch`: expected one kind, found another key `exponential`
         --> s.yaml:2:46
          |
        2 |   dispatch: { uniform: { min: 1s, max: 2s }, exponential: { mean: 1s } }
          |                                              ^^^^^^^^^^^
          |
          = note: expected a duration such as `200ms`, or a map with one of constant, uniform, exponential, log_normal, gamma, empirical
    "#]],
    );
}

#[test]
fn missing_parameter() {
    check(
        "kubelet:\n  dispatch: { uniform: { min: 3ms } }\n",
        &expect![[r#"
        error: `kubelet.dispatch.uniform`: `max` is missing
         --> s.yaml:2:15
          |
        2 |   dispatch: { uniform: { min: 3ms } }
          |               ^^^^^^^
          |
          = note: needed here: min, max
    "#]],
    );
}

#[test]
fn key_where_none_is_legal() {
    check(
        "disruptions:\n  - { at: 1m, rollout: { image: v2 } }\n",
        &expect![[r#"
        error: unknown key `image` in `disruptions[0].rollout`
         --> s.yaml:2:26
          |
        2 |   - { at: 1m, rollout: { image: v2 } }
          |                          ^^^^^
          |
          = note: no keys are legal here
    "#]],
    );
}
