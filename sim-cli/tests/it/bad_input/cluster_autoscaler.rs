//! Cluster Autoscalers that could not run.

use expect_test::expect;

use super::check;

#[test]
fn a_maximum_below_the_minimum() {
    check(
        "disruptions:\n  - cluster_autoscaler: { min_nodes: 5, max_nodes: 4 }\n",
        &expect![[""]],
    );
}

#[test]
fn a_maximum_below_the_number_of_zones() {
    check(
        "cluster: { zones: 3 }\ndisruptions:\n  - cluster_autoscaler: { max_nodes: 2 }\n",
        &expect![[""]],
    );
}

#[test]
fn two_cluster_autoscalers() {
    check(
        "disruptions:\n  - cluster_autoscaler: {}\n  - { at: 5m, cluster_autoscaler: {} }\n",
        &expect![[""]],
    );
}

#[test]
fn a_cluster_autoscaler_that_is_repeated() {
    check(
        "disruptions:\n  - { every: 10m, cluster_autoscaler: {} }\n",
        &expect![[""]],
    );
}

#[test]
fn a_loop_without_a_pause() {
    check(
        "disruptions:\n  - cluster_autoscaler: { scan_interval: 100ms }\n",
        &expect![[""]],
    );
}

#[test]
fn no_drain_at_all() {
    check(
        "disruptions:\n  - cluster_autoscaler: { max_drain_parallelism: 0 }\n",
        &expect![[""]],
    );
}

#[test]
fn more_drains_than_removals() {
    check(
        "disruptions:\n  - cluster_autoscaler: { max_scale_down_parallelism: 2, max_drain_parallelism: 3 }\n",
        &expect![[""]],
    );
}

#[test]
fn a_grace_period_with_a_fraction() {
    check(
        "disruptions:\n  - cluster_autoscaler: { max_graceful_termination: 1.5s }\n",
        &expect![[""]],
    );
}

#[test]
fn a_misspelt_flag() {
    check(
        "disruptions:\n  - cluster_autoscaler: { scale_down_unneded_time: 5m }\n",
        &expect![[""]],
    );
}
