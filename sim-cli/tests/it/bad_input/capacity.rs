//! Karpenter, spot interruptions and node groups.

use expect_test::expect;

use super::check;

#[test]
fn two_autoscalers_of_nodes() {
    check(
        "disruptions:\n  - { at: 0s, karpenter: {} }\n  - { at: 5m, karpenter: {} }\n",
        &expect![[r#""#]],
    );
}

#[test]
fn karpenter_every_minute() {
    check(
        "disruptions:\n  - { at: 0s, every: 1m, karpenter: {} }\n",
        &expect![[r#""#]],
    );
}

#[test]
fn a_setting_of_another_api() {
    check(
        "disruptions:\n  - { at: 0s, karpenter: { ttl_seconds_after_empty: 30s } }\n",
        &expect![[r#""#]],
    );
    check(
        "disruptions:\n  - { at: 0s, karpenter: { api: v1alpha5, budget: 20% } }\n",
        &expect![[r#""#]],
    );
}

#[test]
fn both_ways_to_remove_nodes_in_v1alpha5() {
    check(
        "disruptions:\n  - at: 0s\n    karpenter: { api: v1alpha5, ttl_seconds_after_empty: 30s, consolidation_enabled: true }\n",
        &expect![[r#""#]],
    );
}

#[test]
fn an_instance_type_that_nobody_knows() {
    check(
        "disruptions:\n  - { at: 0s, karpenter: { instance_types: [m5.large, m5.larch] } }\n",
        &expect![[r#""#]],
    );
}

#[test]
fn a_consolidation_policy_of_another_version() {
    check(
        "disruptions:\n  - { at: 0s, karpenter: { consolidation_policy: when_underutilized } }\n",
        &expect![[r#""#]],
    );
}

#[test]
fn a_longer_notice_than_ec2_gives() {
    check(
        "disruptions:\n  - { at: 1m, spot_interruption: { notice: 5m } }\n",
        &expect![[r#""#]],
    );
}

#[test]
fn an_unknown_handler() {
    check(
        "disruptions:\n  - { at: 1m, spot_interruption: { handler: nth } }\n",
        &expect![[r#""#]],
    );
}

#[test]
fn more_unavailable_nodes_than_eks_takes() {
    check(
        "disruptions:\n  - { at: 1m, node_group_update: { max_unavailable: 0 } }\n",
        &expect![[r#""#]],
    );
}

#[test]
fn a_rebalance_that_goes_nowhere() {
    check(
        "disruptions:\n  - { at: 1m, az_rebalance: { from_zone: 1 } }\n",
        &expect![[r#""#]],
    );
}
