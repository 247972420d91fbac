//! Cluster Autoscalers that could not run.

use expect_test::expect;

use super::check;

#[test]
fn a_maximum_below_the_minimum() {
    check(
        "disruptions:\n  - cluster_autoscaler: { min_nodes: 5, max_nodes: 4 }\n",
        &expect![[r#"
            error: `disruptions[0].cluster_autoscaler.max_nodes`: found 4, but min_nodes is 5; an Auto Scaling group refuses a maximum below its minimum
             --> s.yaml:2:52
              |
            2 |   - cluster_autoscaler: { min_nodes: 5, max_nodes: 4 }
              |                                                    ^
        "#]],
    );
}

#[test]
fn a_maximum_below_the_number_of_zones() {
    check(
        "cluster: { zones: 3 }\ndisruptions:\n  - cluster_autoscaler: { max_nodes: 2 }\n",
        &expect![[r#"
            error: `disruptions[0].cluster_autoscaler.max_nodes`: found 2, but each of the 3 zones has a node group, and the Cluster Autoscaler refuses a group with a maximum of 0
             --> s.yaml:3:38
              |
            3 |   - cluster_autoscaler: { max_nodes: 2 }
              |                                      ^
        "#]],
    );
}

#[test]
fn two_cluster_autoscalers() {
    check(
        "disruptions:\n  - cluster_autoscaler: {}\n  - { at: 5m, cluster_autoscaler: {} }\n",
        &expect![[r#"
            error: `disruptions[1].cluster_autoscaler`: found beside disruptions[0].cluster_autoscaler; a cluster has one autoscaler of nodes
             --> s.yaml:3:15
              |
            3 |   - { at: 5m, cluster_autoscaler: {} }
              |               ^^^^^^^^^^^^^^^^^^
        "#]],
    );
}

#[test]
fn karpenter_before_a_cluster_autoscaler() {
    check(
        "disruptions:\n  - karpenter: {}\n  - { at: 5m, cluster_autoscaler: {} }\n",
        &expect![[r#"
            error: `disruptions[1].cluster_autoscaler`: found beside disruptions[0].karpenter; a cluster has one autoscaler of nodes
             --> s.yaml:3:15
              |
            3 |   - { at: 5m, cluster_autoscaler: {} }
              |               ^^^^^^^^^^^^^^^^^^
        "#]],
    );
}

#[test]
fn a_cluster_autoscaler_before_karpenter() {
    check(
        "disruptions:\n  - cluster_autoscaler: {}\n  - { at: 5m, karpenter: {} }\n",
        &expect![[r#"
            error: `disruptions[1].karpenter`: found beside disruptions[0].cluster_autoscaler; a cluster has one autoscaler of nodes
             --> s.yaml:3:15
              |
            3 |   - { at: 5m, karpenter: {} }
              |               ^^^^^^^^^
        "#]],
    );
}

#[test]
fn a_cluster_autoscaler_that_is_repeated() {
    check(
        "disruptions:\n  - { every: 10m, cluster_autoscaler: {} }\n",
        &expect![[r#"
            error: `disruptions[0].every`: a cluster_autoscaler works from `at` to the horizon and cannot be repeated
             --> s.yaml:2:14
              |
            2 |   - { every: 10m, cluster_autoscaler: {} }
              |              ^^^
        "#]],
    );
}

#[test]
fn a_loop_without_a_pause() {
    check(
        "disruptions:\n  - cluster_autoscaler: { scan_interval: 100ms }\n",
        &expect![[r#"
            error: `disruptions[0].cluster_autoscaler.scan_interval`: found 100ms, expected at least 1s: the model has no time for the loop itself
             --> s.yaml:2:42
              |
            2 |   - cluster_autoscaler: { scan_interval: 100ms }
              |                                          ^^^^^
        "#]],
    );
}

#[test]
fn no_drain_at_all() {
    check(
        "disruptions:\n  - cluster_autoscaler: { max_drain_parallelism: 0 }\n",
        &expect![[r#"
            error: `disruptions[0].cluster_autoscaler.max_drain_parallelism`: found 0, legal is 1 to 1000000 (with 0 no node is ever drained)
             --> s.yaml:2:50
              |
            2 |   - cluster_autoscaler: { max_drain_parallelism: 0 }
              |                                                  ^
        "#]],
    );
}

#[test]
fn more_drains_than_removals() {
    check(
        "disruptions:\n  - cluster_autoscaler: { max_scale_down_parallelism: 2, max_drain_parallelism: 3 }\n",
        &expect![[r#"
            error: `disruptions[0].cluster_autoscaler.max_drain_parallelism`: found 3, but max_scale_down_parallelism, which counts drained nodes too, is 2
             --> s.yaml:2:81
              |
            2 |   - cluster_autoscaler: { max_scale_down_parallelism: 2, max_drain_parallelism: 3 }
              |                                                                                 ^
        "#]],
    );
}

#[test]
fn a_grace_period_with_a_fraction() {
    check(
        "disruptions:\n  - cluster_autoscaler: { max_graceful_termination: 1.5s }\n",
        &expect![[r#"
            error: `disruptions[0].cluster_autoscaler.max_graceful_termination`: found 1.5s, but `--max-graceful-termination-sec` takes whole seconds
             --> s.yaml:2:53
              |
            2 |   - cluster_autoscaler: { max_graceful_termination: 1.5s }
              |                                                     ^^^^
        "#]],
    );
}

#[test]
fn a_misspelt_flag() {
    check(
        "disruptions:\n  - cluster_autoscaler: { scale_down_unneded_time: 5m }\n",
        &expect![[r#"
            error: unknown key `scale_down_unneded_time` in `disruptions[0].cluster_autoscaler`
             --> s.yaml:2:27
              |
            2 |   - cluster_autoscaler: { scale_down_unneded_time: 5m }
              |                           ^^^^^^^^^^^^^^^^^^^^^^^
              |
              = note: legal keys: min_nodes, max_nodes, scan_interval, frequent_loops_enabled, scale_down_unneeded_time, scale_down_unready_time, scale_down_utilization_threshold, scale_down_delay_after_add, scale_down_delay_after_delete, scale_down_delay_after_failure, unremovable_node_recheck_timeout, max_scale_down_parallelism, max_drain_parallelism, max_bulk_soft_taint_count, max_bulk_soft_taint_time, node_delete_delay_after_taint, cordon_node_before_terminating, taint_failure, max_graceful_termination, max_pod_eviction_time, eviction_retry, drain_poll, eviction_headroom, kube_client_qps, kube_client_burst, delay_deletion_annotation, node_deletion_delay_timeout, node_deletion_batcher_interval, asg_hook_wait, node_ready_time, max_node_provision_time
              = help: did you mean `scale_down_unneeded_time`?
        "#]],
    );
}
