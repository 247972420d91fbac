//! Karpenter, spot interruptions and node groups.

use expect_test::expect;

use super::check;

#[test]
fn two_autoscalers_of_nodes() {
    check(
        "disruptions:\n  - { at: 0s, karpenter: {} }\n  - { at: 5m, karpenter: {} }\n",
        &expect![[r#"
            error: `disruptions[1].karpenter`: found beside disruptions[0].karpenter; a cluster has one autoscaler of nodes
             --> s.yaml:3:15
              |
            3 |   - { at: 5m, karpenter: {} }
              |               ^^^^^^^^^
        "#]],
    );
}

#[test]
fn karpenter_every_minute() {
    check(
        "disruptions:\n  - { at: 0s, every: 1m, karpenter: {} }\n",
        &expect![[r#"
            error: `disruptions[0].every`: Karpenter starts once and then runs; leave `every` out
             --> s.yaml:2:22
              |
            2 |   - { at: 0s, every: 1m, karpenter: {} }
              |                      ^^
        "#]],
    );
}

#[test]
fn a_setting_of_another_api() {
    check(
        "disruptions:\n  - { at: 0s, karpenter: { ttl_seconds_after_empty: 30s } }\n",
        &expect![[r#"
            error: `disruptions[0].karpenter.ttl_seconds_after_empty`: api v1 does not know it, only v1alpha5 does; remove it or set `api: v1alpha5`
             --> s.yaml:2:53
              |
            2 |   - { at: 0s, karpenter: { ttl_seconds_after_empty: 30s } }
              |                                                     ^^^
        "#]],
    );
    check(
        "disruptions:\n  - { at: 0s, karpenter: { api: v1alpha5, budget: 20% } }\n",
        &expect![[r#"
            error: `disruptions[0].karpenter.budget`: api v1alpha5 does not know it, only v1 does; remove it or set `api: v1`
             --> s.yaml:2:51
              |
            2 |   - { at: 0s, karpenter: { api: v1alpha5, budget: 20% } }
              |                                                   ^^^
        "#]],
    );
}

#[test]
fn both_ways_to_remove_nodes_in_v1alpha5() {
    check(
        "disruptions:\n  - at: 0s\n    karpenter: { api: v1alpha5, ttl_seconds_after_empty: 30s, consolidation_enabled: true }\n",
        &expect![[r#"
            error: `disruptions[0].karpenter.ttl_seconds_after_empty`: found together with consolidation_enabled; Karpenter's webhook refuses it: expected exactly one, got both: ttlSecondsAfterEmpty, consolidation.enabled
             --> s.yaml:3:58
              |
            3 |     karpenter: { api: v1alpha5, ttl_seconds_after_empty: 30s, consolidation_enabled: true }
              |                                                          ^^^
        "#]],
    );
}

#[test]
fn an_instance_type_that_nobody_knows() {
    check(
        "disruptions:\n  - { at: 0s, karpenter: { instance_types: [m5.large, m5.larch] } }\n",
        &expect![[r#"
            error: `disruptions[0].karpenter.instance_types[1]`: found "m5.larch", known are t3.small, t3.medium, t3.large, t3.xlarge, t3a.large, t4g.medium, t4g.large, t4g.xlarge, t4g.2xlarge, m5.large, m5.xlarge, m5.2xlarge, m5.4xlarge, m5.24xlarge, m5a.large, m6i.large, m6i.xlarge, m6g.medium, m6g.large, m6g.xlarge, m7i.large, m7i.xlarge, m7g.large, m7g.xlarge, m8g.large, c5.large, c5.xlarge, c5.2xlarge, c6i.large, c6i.xlarge, c6g.large, c7g.large, c7g.xlarge, c7i.xlarge, r5.large, r5.xlarge, r6g.large, r6i.large, r6i.2xlarge, g4dn.xlarge
             --> s.yaml:2:55
              |
            2 |   - { at: 0s, karpenter: { instance_types: [m5.large, m5.larch] } }
              |                                                       ^^^^^^^^
        "#]],
    );
}

#[test]
fn a_consolidation_policy_of_another_version() {
    check(
        "disruptions:\n  - { at: 0s, karpenter: { consolidation_policy: when_underutilized } }\n",
        &expect![[r#"
            error: `disruptions[0].karpenter.consolidation_policy`: unknown value "when_underutilized"
             --> s.yaml:2:50
              |
            2 |   - { at: 0s, karpenter: { consolidation_policy: when_underutilized } }
              |                                                  ^^^^^^^^^^^^^^^^^^
              |
              = note: legal values: when_empty, when_empty_or_underutilized
              = help: did you mean `when_empty_or_underutilized`?
        "#]],
    );
}

#[test]
fn a_longer_notice_than_ec2_gives() {
    check(
        "disruptions:\n  - { at: 1m, spot_interruption: { notice: 5m } }\n",
        &expect![[r#"
            error: `disruptions[0].spot_interruption.notice`: found 5m, but EC2 gives notice 2m ahead at most
             --> s.yaml:2:44
              |
            2 |   - { at: 1m, spot_interruption: { notice: 5m } }
              |                                            ^^
        "#]],
    );
}

#[test]
fn an_unknown_handler() {
    check(
        "disruptions:\n  - { at: 1m, spot_interruption: { handler: nth } }\n",
        &expect![[r#"
            error: `disruptions[0].spot_interruption.handler`: unknown value "nth"
             --> s.yaml:2:45
              |
            2 |   - { at: 1m, spot_interruption: { handler: nth } }
              |                                             ^^^
              |
              = note: legal values: none, node_termination_handler_imds, node_termination_handler_queue, karpenter
        "#]],
    );
}

#[test]
fn more_unavailable_nodes_than_eks_takes() {
    check(
        "disruptions:\n  - { at: 1m, node_group_update: { max_unavailable: 0 } }\n",
        &expect![[r#"
            error: `disruptions[0].node_group_update.max_unavailable`: found 0, legal is 1 to 100 nodes, or 1% to 100% (EKS)
             --> s.yaml:2:53
              |
            2 |   - { at: 1m, node_group_update: { max_unavailable: 0 } }
              |                                                     ^
        "#]],
    );
}

#[test]
fn a_rebalance_that_goes_nowhere() {
    check(
        "disruptions:\n  - { at: 1m, az_rebalance: { from_zone: 1 } }\n",
        &expect![[r#"
            error: `disruptions[0].az_rebalance.to_zone`: found 1, the zone that the nodes leave
             --> s.yaml:2:15
              |
            2 |   - { at: 1m, az_rebalance: { from_zone: 1 } }
              |               ^^^^^^^^^^^^
              |
              = note: the value is the default (the scenario's author (1))
        "#]],
    );
}

#[test]
fn a_spot_handler_without_a_client() {
    check(
        "disruptions:\n  - spot_interruption: { kube_client_burst: 0 }\n",
        &expect![[r#"
            error: `disruptions[0].spot_interruption.kube_client_burst`: found 0, must be at least 1: nothing would ever be evicted
             --> s.yaml:2:45
              |
            2 |   - spot_interruption: { kube_client_burst: 0 }
              |                                             ^
        "#]],
    );
}
