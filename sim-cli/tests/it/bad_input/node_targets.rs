//! Nodes as targets, set up as nobody would run them.

use expect_test::expect;

use super::check;

#[test]
fn a_target_type_that_an_alb_has_but_the_model_has_not() {
    check(
        "target_group: { target_type: lambda }\n",
        &expect![[r#"
        error: `target_group.target_type`: unknown value "lambda"
         --> s.yaml:1:30
          |
        1 | target_group: { target_type: lambda }
          |                              ^^^^^^
          |
          = note: legal values: ip, instance
    "#]],
    );
}

#[test]
fn a_readiness_gate_with_nodes_as_targets() {
    check(
        "target_group: { target_type: instance }\npod: { readiness_gate: true }\n",
        &expect![[r#"
            error: `pod.readiness_gate`: found true with `target_group.target_type: instance`; the controller puts readiness gates only into pods that are targets themselves (lbc §2.1)
             --> s.yaml:2:24
              |
            2 | pod: { readiness_gate: true }
              |                        ^^^^
        "#]],
    );
}

#[test]
fn an_unknown_traffic_policy() {
    check(
        "service: { external_traffic_policy: Local }\n",
        &expect![[r#"
        error: `service.external_traffic_policy`: unknown value "Local"
         --> s.yaml:1:37
          |
        1 | service: { external_traffic_policy: Local }
          |                                     ^^^^^
          |
          = note: legal values: cluster, local
          = help: did you mean `local`?
    "#]],
    );
}

#[test]
fn a_min_sync_period_above_the_sync_period() {
    check(
        "kube_proxy: { min_sync_period: 31s }\n",
        &expect![[r#"
        error: `kube_proxy.min_sync_period`: found 31s, but kube-proxy refuses more than its syncPeriod of 30s
         --> s.yaml:1:32
          |
        1 | kube_proxy: { min_sync_period: 31s }
          |                                ^^^
    "#]],
    );
}

#[test]
fn a_sync_without_a_length() {
    check(
        "kube_proxy: { sync: { log_normal: { median: 2s, p99: 1s } } }\n",
        &expect![[r#"
            error: `kube_proxy.sync`: log_normal: p99 1s is below median 2s
             --> s.yaml:1:15
              |
            1 | kube_proxy: { sync: { log_normal: { median: 2s, p99: 1s } } }
              |               ^^^^
        "#]],
    );
}

#[test]
fn a_setting_of_another_kube_proxy() {
    check(
        "kube_proxy: { sync_period: 30s }\n",
        &expect![[r#"
        error: unknown key `sync_period` in `kube_proxy`
         --> s.yaml:1:15
          |
        1 | kube_proxy: { sync_period: 30s }
          |               ^^^^^^^^^^^
          |
          = note: legal keys: watch_latency, sync, min_sync_period, terminating_fallback, no_endpoint, no_local_endpoint
          = help: did you mean `sync`?
    "#]],
    );
}

#[test]
fn an_answer_that_kube_proxy_does_not_know() {
    check(
        "kube_proxy: { no_endpoint: reset }\n",
        &expect![[r#"
        error: `kube_proxy.no_endpoint`: unknown value "reset"
         --> s.yaml:1:28
          |
        1 | kube_proxy: { no_endpoint: reset }
          |                            ^^^^^
          |
          = note: legal values: reject, drop
          = help: did you mean `reject`?
    "#]],
    );
}

#[test]
fn an_announcement_by_a_drain() {
    check(
        "disruptions:\n  - at: 1m\n    instance_termination: { announcement: { by: drain } }\n",
        &expect![[r#"
            error: `disruptions[0].instance_termination.announcement.by`: unknown value "drain"
             --> s.yaml:3:49
              |
            3 |     instance_termination: { announcement: { by: drain } }
              |                                                 ^^^^^
              |
              = note: legal values: to_be_deleted_taint, disrupted_taint, exclude_label, cordon
        "#]],
    );
}
