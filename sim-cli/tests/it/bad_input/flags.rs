//! Names and `--set` values that lead nowhere.

use expect_test::expect;

use super::check_arguments;

#[test]
fn unknown_scenario() {
    check_arguments(
        &["rolout"],
        &expect![[r#"
            error: unknown scenario `rolout`
             |
             = note: built-in scenarios: logistics-before, logistics-after, headline-before, headline-after, rollout, node-drain, cluster-autoscaler-night, node-failure, graceful-node-shutdown, ip-reuse, controller-restart, throttled-5000, zone-failure, karpenter-consolidation, spot-reclaim, keep-alive-race, cold-start-no-gate, cold-start-gated, hpa-evening-drop
             = help: did you mean `rollout`?
             = help: for a file write a path, such as `./scenario.yaml`
        "#]],
    );
}

#[test]
fn unknown_profile() {
    check_arguments(
        &["rollout", "--profile", "eks-stres"],
        &expect![[r#"
        error: unknown profile `eks-stres`
        --> --profile:1:1
         |
         | eks-stres
         | ^^^^^^^^^
         |
         = note: built-in profiles: eks, documented, eks-stress, eks-2022-docker
         = help: did you mean `eks-stress`?
         = help: for a file write a path, such as `./profile.yaml`
    "#]],
    );
}

#[test]
fn profile_named_twice() {
    check_arguments(
        &["rollout", "--profile", "eks", "--set", "profile=documented"],
        &expect![[r#"
        error: the profile is named twice
        --> --set:1:9
         |
         | profile=documented
         |         ^^^^^^^^^^
         |
        ::: --profile:1:1
         |
         | eks
         | --- and here
    "#]],
    );
}

#[test]
fn set_without_equals_sign() {
    check_arguments(
        &["rollout", "--set", "pod.readiness_gate"],
        &expect![[r#"
        error: expected `path=value`, found no `=`
        --> --set:1:1
         |
         | pod.readiness_gate
         | ^^^^^^^^^^^^^^^^^^
         |
         = help: for example `--set pod.pre_stop.sleep=15s`
    "#]],
    );
}

#[test]
fn set_without_value() {
    check_arguments(
        &["rollout", "--set", "pod.pre_stop.sleep="],
        &expect![[r#"
        error: no value after `=`
        --> --set:1:19
         |
         | pod.pre_stop.sleep=
         |                   ^
         |
         = help: write `null` to remove an optional setting, `""` for an empty text
    "#]],
    );
}

#[test]
fn set_with_an_empty_key() {
    check_arguments(
        &["rollout", "--set", "pod..readiness_gate=true"],
        &expect![[r#"
        error: a key is missing in the path
        --> --set:1:5
         |
         | pod..readiness_gate=true
         |     ^
         |
         = help: for example `disruptions[0].scale.replicas=300`
    "#]],
    );
}

#[test]
fn set_of_an_unknown_path() {
    check_arguments(
        &["rollout", "--set", "pod.prestop.sleep=15s"],
        &expect![[r#"
            error: unknown key `prestop` in `pod`
            --> --set:1:5
             |
             | pod.prestop.sleep=15s
             |     ^^^^^^^
             |
             = note: legal keys: termination_grace_period, pre_stop, readiness_probe, liveness_probe, startup_probe, readiness_gate, readiness_gate_since, sidecars, requests, topology_spread, unreachable_toleration
             = help: did you mean `pre_stop`?
        "#]],
    );
}

#[test]
fn set_of_an_unknown_last_key() {
    check_arguments(
        &["rollout", "--set", "pod.pre_stop.slep=15s"],
        &expect![[r#"
        error: unknown key `slep` in `pod.pre_stop`
        --> --set:1:14
         |
         | pod.pre_stop.slep=15s
         |              ^^^^
         |
         = note: legal keys: exec, http_get, sleep, fails_health, restarts_server_for
         = help: did you mean `sleep`?
    "#]],
    );
}

#[test]
fn set_beyond_a_list() {
    check_arguments(
        &["rollout", "--set", "disruptions[1].at=2m"],
        &expect![[r#"
        error: `disruptions` has 1 item, found the index 1; the only index is 0
        --> --set:1:12
         |
         | disruptions[1].at=2m
         |            ^^^
         |
         = help: to replace the whole list write `--set 'disruptions=[...]'`
    "#]],
    );
}

#[test]
fn set_into_a_list_without_an_index() {
    check_arguments(
        &["rollout", "--set", "disruptions.at=2m"],
        &expect![[r#"
        error: `disruptions` is a list, found the key `at`
        --> --set:1:13
         |
         | disruptions.at=2m
         |             ^^
         |
         = help: write `disruptions[0].at` for the first of its 1 items
    "#]],
    );
}

#[test]
fn set_with_an_index_that_is_none() {
    check_arguments(
        &["rollout", "--set", "disruptions[first].at=2m"],
        &expect![[r#"
        error: "[first]" is no list index
        --> --set:1:12
         |
         | disruptions[first].at=2m
         |            ^^^^^^^
         |
         = help: an index is a whole number from 0 in brackets, as in `disruptions[0]`
    "#]],
    );
}

#[test]
fn set_with_an_index_into_a_map() {
    check_arguments(
        &["rollout", "--set", "pod[0]=2m"],
        &expect![[r#"
        error: `pod` is a map, not a list
        --> --set:1:4
         |
         | pod[0]=2m
         |    ^^^
    "#]],
    );
}

#[test]
fn set_of_a_value_without_a_unit() {
    check_arguments(
        &["rollout", "--set", "horizon=5"],
        &expect![[r#"
        error: `horizon`: the number 5 has no unit
        --> --set:1:9
         |
         | horizon=5
         |         ^
         |
         = help: write `5s`; expected a duration with a unit such as `15s` or `250ms`
    "#]],
    );
}

#[test]
fn set_of_a_value_that_is_no_yaml() {
    check_arguments(
        &["rollout", "--set", "kubelet.dispatch={ uniform: { min: 1s"],
        &expect![[r#"
        error: not valid YAML: while parsing a flow mapping, did not find expected ',' or '}'
        --> --set:1:37
         |
         | kubelet.dispatch={ uniform: { min: 1s
         |                                     ^
    "#]],
    );
}

#[test]
fn set_against_a_limit() {
    check_arguments(
        &["rollout", "--set", "deployment.replicas=600"],
        &expect![[r#"
        error: `deployment.replicas`: found 600, but 6 nodes of m5.large hold 162 pods beside their system pods
          --> --set:1:21
           |
           | deployment.replicas=600
           |                     ^^^
           |
          ::: built-in scenario rollout:10:10
           |
        10 |   nodes: 6
           |          - together with this
        11 |   instance_type: m5.large
           |                  -------- together with this
    "#]],
    );
}

#[test]
fn set_that_clashes_with_the_file() {
    check_arguments(
        &["logistics-after", "--set", "pod.pre_stop.sleep=5s"],
        &expect![[r#"
            error: `pod.pre_stop`: found more than one of exec, http_get, sleep; Kubernetes may not specify more than 1 handler type
              --> built-in scenario logistics-after:33:3
               |
            33 |   pre_stop:
               |   ^^^^^^^^
            34 |     # Edits the health page's source file in place, then `sleep 120`.
            35 |     exec: { duration: 120s }
               |     ---- together with this
               |
              ::: --set:1:20
               |
               | pod.pre_stop.sleep=5s
               |                    -- together with this
        "#]],
    );
}
