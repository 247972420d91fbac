//! Settings of the AWS Load Balancer Controller that are refused.

use expect_test::expect;

use super::check;

#[test]
fn no_worker_at_all() {
    check(
        "load_balancer_controller: { workers: 0 }\n",
        &expect![[r#"
        error: `load_balancer_controller.workers`: found 0, legal is 1 to 50 (--targetgroupbinding-max-concurrent-reconciles)
         --> s.yaml:1:38
          |
        1 | load_balancer_controller: { workers: 0 }
          |                                      ^
    "#]],
    );
}

#[test]
fn more_bindings_than_an_alb_has_target_groups() {
    check(
        "load_balancer_controller: { other_target_group_bindings: 100 }\n",
        &expect![[r#"
            error: `load_balancer_controller.other_target_group_bindings`: found 100, legal is 0 to 99 (an ALB has at most 100 target groups)
             --> s.yaml:1:58
              |
            1 | load_balancer_controller: { other_target_group_bindings: 100 }
              |                                                          ^^^
        "#]],
    );
}

#[test]
fn the_leader_on_a_node_that_is_not_there() {
    check(
        "cluster: { nodes: 3 }\nload_balancer_controller:\n  leader_node: 3\n",
        &expect![[r#"
            error: `load_balancer_controller.leader_node`: found 3, but `cluster.nodes` is 3 and they are counted from 0
             --> s.yaml:3:16
              |
            3 |   leader_node: 3
              |                ^
        "#]],
    );
}

#[test]
fn a_gap_that_is_no_distribution() {
    check(
        "load_balancer_controller:\n  leader_gap: { uniform: { min: 30s, max: 15s } }\n",
        &expect![[r#"
            error: `load_balancer_controller.leader_gap`: uniform: min 30s is above max 15s
             --> s.yaml:2:3
              |
            2 |   leader_gap: { uniform: { min: 30s, max: 15s } }
              |   ^^^^^^^^^^
        "#]],
    );
}

#[test]
fn an_unknown_failure_policy() {
    check(
        "load_balancer_controller: { pod_webhook_failure_policy: retry }\n",
        &expect![[r#"
            error: `load_balancer_controller.pod_webhook_failure_policy`: unknown value "retry"
             --> s.yaml:1:57
              |
            1 | load_balancer_controller: { pod_webhook_failure_policy: retry }
              |                                                         ^^^^^
              |
              = note: legal values: ignore, fail
        "#]],
    );
}

#[test]
fn a_gate_since_without_a_gate() {
    check(
        "pod:\n  readiness_gate_since: 1m\n",
        &expect![[r#"
        error: `pod.readiness_gate_since`: needs `pod.readiness_gate: true`: without it no pod ever has a gate
         --> s.yaml:2:25
          |
        2 |   readiness_gate_since: 1m
          |                         ^^
    "#]],
    );
}

#[test]
fn a_quota_that_the_fleet_breaks_at_the_start() {
    check(
        "deployment: { replicas: 12 }\nelbv2:\n  enforce_targets_quota: true\n  targets_per_target_group_quota: 10\n",
        &expect![[r#"
            error: `elbv2.enforce_targets_quota`: found true with 12 replicas and a quota of 10: ELBv2 would have answered `TooManyTargets` before the run
             --> s.yaml:3:26
              |
            3 |   enforce_targets_quota: true
              |                          ^^^^
        "#]],
    );
}

#[test]
fn a_restart_with_a_gap_of_its_own() {
    check(
        "disruptions:\n  - at: 1m\n    controller_restart: { gap: 30s }\n",
        &expect![[r#"
            error: unknown key `gap` in `disruptions[0].controller_restart`
             --> s.yaml:3:27
              |
            3 |     controller_restart: { gap: 30s }
              |                           ^^^
              |
              = note: legal keys: all_replicas
        "#]],
    );
}

#[test]
fn a_restart_and_a_rollout_at_once() {
    check(
        "disruptions:\n  - at: 1m\n    controller_restart: {}\n    rollout: {}\n",
        &expect![[r#"
            error: `disruptions[0]`: expected exactly one of scale, rollout, node_drain, pod_crash, node_pressure_eviction, instance_termination, node_failure, zone_failure, cluster_autoscaler, hpa, controller_restart, out_of_band_deregistration, zonal_shift, karpenter, spot_interruption, node_group_update, node_group_scale_in, az_rebalance
             --> s.yaml:2:5
              |
            2 |   - at: 1m
              |     ^^
        "#]],
    );
}

#[test]
fn a_resync_at_every_instant() {
    check(
        "load_balancer_controller: { resync_after: 0s }\n",
        &expect![[r#"
        error: `load_balancer_controller.resync_after`: found 0s, expected a pause above zero
         --> s.yaml:1:43
          |
        1 | load_balancer_controller: { resync_after: 0s }
          |                                           ^^
    "#]],
    );
}

#[test]
fn a_bucket_that_never_fills() {
    check(
        "load_balancer_controller: { registration_rate: 0/s }\n",
        &expect![[r#"
        error: `load_balancer_controller.registration_rate`: found 0/s, expected a rate above zero: once the burst is used up no call would ever be made
         --> s.yaml:1:48
          |
        1 | load_balancer_controller: { registration_rate: 0/s }
          |                                                ^^^
    "#]],
    );
}
