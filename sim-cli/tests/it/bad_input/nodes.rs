//! Nodes, what runs on them and what takes them away.

use expect_test::expect;

use super::check;

#[test]
fn requests_that_no_node_holds() {
    check(
        "cluster: { nodes: 2, instance_type: m5.large }\npod: { requests: { cpu: 1 } }\ndeployment: { replicas: 3 }\n",
        &expect![[r#"
            error: `deployment.replicas`: found 3, but 2 nodes of m5.large hold 2 pods beside their system pods
             --> s.yaml:3:25
              |
            1 | cluster: { nodes: 2, instance_type: m5.large }
              |                   -                 -------- together with this
              |                   |
              |                   together with this
            2 | pod: { requests: { cpu: 1 } }
            3 | deployment: { replicas: 3 }
              |                         ^
        "#]],
    );
}

#[test]
fn a_zone_that_the_cluster_has_not() {
    check(
        "cluster: { zones: 2 }\ndisruptions:\n  - { at: 1m, zone_failure: { zone: 2 } }\n",
        &expect![[r#"
            error: `disruptions[0].zone_failure.zone`: found 2, but the cluster has 2 zones, numbered from 0 to 1
             --> s.yaml:3:37
              |
            3 |   - { at: 1m, zone_failure: { zone: 2 } }
              |                                     ^
        "#]],
    );
}

#[test]
fn two_kinds_of_disruption_in_one_entry() {
    check(
        "disruptions:\n  - { at: 1m, node_failure: {}, instance_termination: {} }\n",
        &expect![[r#"
            error: `disruptions[0]`: expected exactly one of scale, rollout, node_drain, pod_crash, node_pressure_eviction, instance_termination, node_failure, zone_failure, cluster_autoscaler, hpa, controller_restart, out_of_band_deregistration, zonal_shift, karpenter, spot_interruption, node_group_update, node_group_scale_in, az_rebalance
             --> s.yaml:2:7
              |
            2 |   - { at: 1m, node_failure: {}, instance_termination: {} }
              |       ^^
        "#]],
    );
}

#[test]
fn a_misspelt_kind_of_disruption() {
    check(
        "disruptions:\n  - { at: 1m, node_failures: {} }\n",
        &expect![[r#"
            error: unknown key `node_failures` in `disruptions[0]`
             --> s.yaml:2:15
              |
            2 |   - { at: 1m, node_failures: {} }
              |               ^^^^^^^^^^^^^
              |
              = note: legal keys: at, every, scale, rollout, node_drain, pod_crash, node_pressure_eviction, instance_termination, node_failure, zone_failure, cluster_autoscaler, controller_restart, out_of_band_deregistration, hpa, zonal_shift, karpenter, spot_interruption, node_group_update, node_group_scale_in, az_rebalance
              = help: did you mean `node_failure`?
        "#]],
    );
}

#[test]
fn critical_pods_with_more_than_the_whole_shutdown() {
    check(
        "kubelet: { shutdown_grace_period: 30s, shutdown_grace_period_critical_pods: 60s }\n",
        &expect![[r#"
            error: `kubelet.shutdown_grace_period_critical_pods`: found 1m, but the kubelet refuses more than the shutdown_grace_period of 30s
             --> s.yaml:1:77
              |
            1 | kubelet: { shutdown_grace_period: 30s, shutdown_grace_period_critical_pods: 60s }
              |                                                                             ^^^
        "#]],
    );
}

#[test]
fn a_shutdown_longer_than_ec2_allows() {
    check(
        "kubelet: { shutdown_grace_period: 240s }\n",
        &expect![[r#"
        error: `ec2.os_shutdown_max`: found 3m, must be longer than the kubelet's shutdown_grace_period of 4m
         |
         = note: the value is the default (nodes §5.1 (180 s))
    "#]],
    );
}

#[test]
fn leases_that_lapse_while_they_are_renewed() {
    check(
        "node_lifecycle: { monitor_grace_period: 10s }\n",
        &expect![[r#"
        error: `node_lifecycle.monitor_grace_period`: found 10s, must be longer than the lease_interval of 10s, or healthy nodes lapse
         --> s.yaml:1:41
          |
        1 | node_lifecycle: { monitor_grace_period: 10s }
          |                                         ^^^
    "#]],
    );
}

#[test]
fn a_topology_key_that_is_not_modelled() {
    check(
        "pod: { topology_spread: [ { topology_key: rack } ] }\n",
        &expect![[r#"
        error: `pod.topology_spread[0].topology_key`: unknown value "rack"
         --> s.yaml:1:43
          |
        1 | pod: { topology_spread: [ { topology_key: rack } ] }
          |                                           ^^^^
          |
          = note: legal values: zone, hostname
    "#]],
    );
}

#[test]
fn a_skew_of_zero() {
    check(
        "pod: { topology_spread: [ { max_skew: 0 } ] }\n",
        &expect![[r#"
        error: `pod.topology_spread[0].max_skew`: found 0, legal is 1 to 1000000 (Kubernetes)
         --> s.yaml:1:39
          |
        1 | pod: { topology_spread: [ { max_skew: 0 } ] }
          |                                       ^
    "#]],
    );
}

#[test]
fn another_workload_with_half_a_second_of_grace() {
    check(
        "cluster:\n  other_workloads:\n    - { replicas: 3, termination_grace_period: 500ms }\n",
        &expect![[r#"
            error: `cluster.other_workloads[0].termination_grace_period`: found 500ms, but Kubernetes takes whole seconds
             --> s.yaml:3:48
              |
            3 |     - { replicas: 3, termination_grace_period: 500ms }
              |                                                ^^^^^
        "#]],
    );
}
