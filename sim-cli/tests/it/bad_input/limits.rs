//! Values that Kubernetes, `ELBv2` or the model refuse.

use expect_test::expect;

use super::check;

#[test]
fn interval_below_the_minimum_of_elbv2() {
    check(
        "target_group:\n  health_check: { interval: 3s, timeout: 2s }\n",
        &expect![[r#"
        error: `target_group.health_check.interval`: found 3s, legal is 5s to 300s; ELBv2 would answer `ValidationError`: value '3' must be greater than or equal to 5, and keep the previous setting
         --> s.yaml:2:29
          |
        2 |   health_check: { interval: 3s, timeout: 2s }
          |                             ^^
    "#]],
    );
}

#[test]
fn timeout_as_long_as_the_interval() {
    check(
        "target_group:\n  health_check: { interval: 10s, timeout: 10s }\n",
        &expect![[r#"
        error: `target_group.health_check.timeout`: found 10s with an interval of 10s; ELBv2 would answer `ValidationError`: health check interval must be greater than the timeout
         --> s.yaml:2:43
          |
        2 |   health_check: { interval: 10s, timeout: 10s }
          |                             ---           ^^^
          |                             |
          |                             together with this
    "#]],
    );
}

#[test]
fn interval_as_short_as_the_default_timeout() {
    check(
        "target_group:\n  health_check:\n    interval: 5s\n",
        &expect![[r#"
        error: `target_group.health_check.timeout`: found 5s with an interval of 5s; ELBv2 would answer `ValidationError`: health check interval must be greater than the timeout
         --> s.yaml:3:15
          |
        3 |     interval: 5s
          |               ^^ goes with `target_group.health_check.timeout`
          |
          = note: the value is the default (alb §1.1, lbc §3.3 (5 s))
    "#]],
    );
}

#[test]
fn slow_start_below_the_minimum() {
    check(
        "target_group: { slow_start: 10s }\n",
        &expect![[r#"
        error: `target_group.slow_start`: found 10s, legal is 30s to 900s; ELBv2 (0s is off) would answer `ValidationError`: value '10' must be greater than or equal to 30, and keep the previous setting
         --> s.yaml:1:29
          |
        1 | target_group: { slow_start: 10s }
          |                             ^^^
    "#]],
    );
}

#[test]
fn two_handlers_in_pre_stop() {
    check(
        "pod:\n  pre_stop:\n    sleep: 5s\n    exec: { duration: 3s }\n",
        &expect![[r#"
        error: `pod.pre_stop`: found more than one of exec, http_get, sleep; Kubernetes may not specify more than 1 handler type
         --> s.yaml:2:3
          |
        2 |   pre_stop:
          |   ^^^^^^^^
        3 |     sleep: 5s
          |            -- together with this
        4 |     exec: { duration: 3s }
          |     ---- together with this
    "#]],
    );
}

#[test]
fn health_page_that_nothing_can_fail() {
    check(
        "pod:\n  pre_stop: { sleep: 5s, fails_health: true }\n",
        &expect![[r#"
        error: `pod.pre_stop.fails_health`: needs `exec` or `http_get`: nothing runs in the container during `sleep`
         --> s.yaml:2:40
          |
        2 |   pre_stop: { sleep: 5s, fails_health: true }
          |                                        ^^^^
    "#]],
    );
}

#[test]
fn no_pod_may_move_in_a_rollout() {
    check(
        "deployment: { max_surge: 0, max_unavailable: 0 }\n",
        &expect![[r#"
        error: `deployment.max_unavailable`: found 0 with a max_surge of 0; Kubernetes refuses both at once
         --> s.yaml:1:46
          |
        1 | deployment: { max_surge: 0, max_unavailable: 0 }
          |                          -                   ^
          |                          |
          |                          together with this
    "#]],
    );
}

#[test]
fn uniform_with_its_ends_exchanged() {
    check(
        "kubelet: { pleg_wait: { uniform: { min: 2s, max: 1s } } }\n",
        &expect![[r#"
        error: `kubelet.pleg_wait`: uniform: min 2s is above max 1s
         --> s.yaml:1:12
          |
        1 | kubelet: { pleg_wait: { uniform: { min: 2s, max: 1s } } }
          |            ^^^^^^^^^
    "#]],
    );
}

#[test]
fn p99_below_the_median() {
    check(
        "elbv2:\n  deregister_propagation: { log_normal: { median: 12s, p99: 10s } }\n",
        &expect![[r#"
        error: `elbv2.deregister_propagation`: log_normal: p99 10s is below median 12s
         --> s.yaml:2:3
          |
        2 |   deregister_propagation: { log_normal: { median: 12s, p99: 10s } }
          |   ^^^^^^^^^^^^^^^^^^^^^^
    "#]],
    );
}

#[test]
fn empty_steps() {
    check(
        "workload: { open_loop: { rate: { steps: [] } } }\n",
        &expect![[r#"
        error: `workload.open_loop.rate`: found no steps, expected at least one
         --> s.yaml:1:26
          |
        1 | workload: { open_loop: { rate: { steps: [] } } }
          |                          ^^^^
    "#]],
    );
}

#[test]
fn steps_out_of_order() {
    check(
        "workload:\n  open_loop:\n    rate:\n      steps:\n        - { at: 1m, value: 5 }\n        - { at: 1m, value: 6 }\n",
        &expect![[r#"
        error: `workload.open_loop.rate`: the steps' `at` must increase
         --> s.yaml:3:5
          |
        3 |     rate:
          |     ^^^^
    "#]],
    );
}

#[test]
fn session_without_steps() {
    check(
        "workload: { sessions: { count: 3, steps: [] } }\n",
        &expect![[r#"
        error: `workload.sessions.steps`: found no steps, expected at least one
         --> s.yaml:1:35
          |
        1 | workload: { sessions: { count: 3, steps: [] } }
          |                                   ^^^^^
    "#]],
    );
}

#[test]
fn two_kinds_in_one_disruption() {
    check(
        "disruptions:\n  - { at: 1m, rollout: {} }\n  - { at: 2m, rollout: {}, scale: { replicas: 3 } }\n",
        &expect![[r#"
            error: `disruptions[1]`: expected exactly one of scale, rollout, node_drain, pod_crash, node_pressure_eviction, instance_termination, node_failure, zone_failure, cluster_autoscaler, hpa, controller_restart, out_of_band_deregistration, zonal_shift, karpenter, spot_interruption, node_group_update, node_group_scale_in, az_rebalance
             --> s.yaml:3:7
              |
            3 |   - { at: 2m, rollout: {}, scale: { replicas: 3 } }
              |       ^^
        "#]],
    );
}

#[test]
fn horizon_zero() {
    check(
        "horizon: 0s\n",
        &expect![[r#"
        error: `horizon`: found 0s, expected a period above zero
         --> s.yaml:1:10
          |
        1 | horizon: 0s
          |          ^^
    "#]],
    );
}

#[test]
fn warm_up_as_long_as_the_horizon() {
    check(
        "horizon: 2m\nwarm_up: 2m\n",
        &expect![[r#"
        error: `warm_up`: found 2m, must be shorter than the horizon of 2m
         --> s.yaml:2:10
          |
        1 | horizon: 2m
          |          -- together with this
        2 | warm_up: 2m
          |          ^^
    "#]],
    );
}

#[test]
fn more_replicas_than_the_nodes_hold() {
    check(
        "cluster: { nodes: 2, instance_type: m5.large }\ndeployment: { replicas: 600 }\n",
        &expect![[r#"
        error: `deployment.replicas`: found 600, but 2 nodes of m5.large hold 54 pods beside their system pods
         --> s.yaml:2:25
          |
        1 | cluster: { nodes: 2, instance_type: m5.large }
          |                   -                 -------- together with this
          |                   |
          |                   together with this
        2 | deployment: { replicas: 600 }
          |                         ^^^
    "#]],
    );
}

#[test]
fn unknown_instance_type() {
    check(
        "cluster: { instance_type: m5.huge }\n",
        &expect![[r#"
        error: `cluster.instance_type`: found "m5.huge", known are t3.small, t3.medium, t3.large, t3.xlarge, t3a.large, t4g.medium, t4g.large, t4g.xlarge, t4g.2xlarge, m5.large, m5.xlarge, m5.2xlarge, m5.4xlarge, m5.24xlarge, m5a.large, m6i.large, m6i.xlarge, m6g.medium, m6g.large, m6g.xlarge, m7i.large, m7i.xlarge, m7g.large, m7g.xlarge, m8g.large, c5.large, c5.xlarge, c5.2xlarge, c6i.large, c6i.xlarge, c6g.large, c7g.large, c7g.xlarge, c7i.xlarge, r5.large, r5.xlarge, r6g.large, r6i.large, r6i.2xlarge, g4dn.xlarge
         --> s.yaml:1:27
          |
        1 | cluster: { instance_type: m5.huge }
          |                           ^^^^^^^
          |
          = help: did you mean `m5.large`?
    "#]],
    );
}

#[test]
fn backlog_of_zero() {
    check(
        "app: { backlog: 0 }\n",
        &expect![[r#"
        error: `app.backlog`: found 0, legal is 1 to 4096 (Linux caps it at net.core.somaxconn, 4096)
         --> s.yaml:1:17
          |
        1 | app: { backlog: 0 }
          |                 ^
    "#]],
    );
}
