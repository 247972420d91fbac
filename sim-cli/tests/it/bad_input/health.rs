//! Health thresholds, DNS, zonal shifts, automatic target weights.

use expect_test::expect;

use super::check;

#[test]
fn a_minimum_that_is_neither_a_number_nor_off() {
    check(
        "target_group: { health: { dns_failover: { minimum_healthy_targets: { percentage: 50% } } } }\n",
        &expect![[r#"
            error: `target_group.health.dns_failover.minimum_healthy_targets.percentage`: found "50%", expected a whole number or "off"
             --> s.yaml:1:82
              |
            1 | target_group: { health: { dns_failover: { minimum_healthy_targets: { percentage: 50% } } } }
              |                                                                                  ^^^
        "#]],
    );
}

#[test]
fn a_dns_threshold_below_the_routing_threshold() {
    check(
        "target_group:\n  health:\n    unhealthy_state_routing: { minimum_healthy_targets: { count: 3 } }\n    \
         dns_failover: { minimum_healthy_targets: { count: 2 } }\n",
        &expect![[r#"
            error: `target_group.health.dns_failover.minimum_healthy_targets.count`: found 2, must be `off` or at least the 3 of unhealthy_state_routing; ELBv2 would answer `ValidationError`
             --> s.yaml:4:55
              |
            4 |     dns_failover: { minimum_healthy_targets: { count: 2 } }
              |                                                       ^
        "#]],
    );
}

#[test]
fn a_routing_threshold_switched_off() {
    check(
        "target_group: { health: { unhealthy_state_routing: { minimum_healthy_targets: { count: 0 } } } }\n",
        &expect![[r#"
            error: `target_group.health.unhealthy_state_routing.minimum_healthy_targets.count`: found 0, legal is 1 to 1000 (ELBv2)
             --> s.yaml:1:88
              |
            1 | target_group: { health: { unhealthy_state_routing: { minimum_healthy_targets: { count: 0 } } } }
              |                                                                                        ^
        "#]],
    );
}

#[test]
fn a_percentage_above_a_hundred() {
    check(
        "target_group: { health: { dns_failover: { minimum_healthy_targets: { percentage: 101 } } } }\n",
        &expect![[r#"
            error: `target_group.health.dns_failover.minimum_healthy_targets.percentage`: found 101, legal is `off` or 1 to 100 (ELBv2)
             --> s.yaml:1:82
              |
            1 | target_group: { health: { dns_failover: { minimum_healthy_targets: { percentage: 101 } } } }
              |                                                                                  ^^^
        "#]],
    );
}

#[test]
fn mitigation_with_round_robin() {
    check(
        "target_group: { anomaly_mitigation: on }\n",
        &expect![[r#"
        error: `target_group.anomaly_mitigation`: ELBv2 allows anomaly mitigation with `weighted_random` only
         --> s.yaml:1:37
          |
        1 | target_group: { anomaly_mitigation: on }
          |                                     ^^
    "#]],
    );
}

#[test]
fn mitigation_as_a_boolean() {
    check(
        "target_group: { algorithm: weighted_random, anomaly_mitigation: true }\n",
        &expect![[r#"
            error: `target_group.anomaly_mitigation`: expected one of on, off, found true
             --> s.yaml:1:65
              |
            1 | target_group: { algorithm: weighted_random, anomaly_mitigation: true }
              |                                                                 ^^^^
        "#]],
    );
}

#[test]
fn weights_with_stickiness_and_slow_start() {
    check(
        "target_group:\n  algorithm: weighted_random\n  anomaly_mitigation: on\n  slow_start: 30s\n  \
         stickiness: { enabled: true }\n",
        &expect![[r#"
            error: `target_group.slow_start`: ELBv2 allows slow start with `round_robin` only
             --> s.yaml:4:15
              |
            2 |   algorithm: weighted_random
              |              --------------- together with this
            3 |   anomaly_mitigation: on
            4 |   slow_start: 30s
              |               ^^^

            error: `target_group.stickiness.enabled`: ELBv2 does not allow stickiness with `weighted_random`
             --> s.yaml:5:26
              |
            2 |   algorithm: weighted_random
              |              --------------- together with this
            ...
            5 |   stickiness: { enabled: true }
              |                          ^^^^
        "#]],
    );
}

#[test]
fn a_weight_of_nothing() {
    check(
        "anomaly_detection: { minimum_share: 0 }\n",
        &expect![[r#"
        error: `anomaly_detection.minimum_share`: found 0, expected 0.001 to 1: a target without traffic never comes back
         --> s.yaml:1:37
          |
        1 | anomaly_detection: { minimum_share: 0 }
          |                                     ^
    "#]],
    );
}

#[test]
fn a_shift_that_the_load_balancer_does_not_allow() {
    check(
        "disruptions: [{ at: 1m, zonal_shift: { zone: 0 } }]\n",
        &expect![[r#"
        error: `disruptions[0].zonal_shift`: needs `load_balancer.zonal_shift: true`; ARC would refuse to shift a load balancer with `zonal_shift.config.enabled` false
         --> s.yaml:1:25
          |
        1 | disruptions: [{ at: 1m, zonal_shift: { zone: 0 } }]
          |                         ^^^^^^^^^^^
    "#]],
    );
}

#[test]
fn a_shift_of_a_zone_that_is_not_there() {
    check(
        "load_balancer: { zonal_shift: true }\ndisruptions: [{ at: 1m, zonal_shift: { zone: 3, duration: 0s } }]\n",
        &expect![[r#"
            error: `disruptions[0].zonal_shift.zone`: found 3, but the load balancer has 3 zones, numbered from 0 to 2
             --> s.yaml:2:46
              |
            2 | disruptions: [{ at: 1m, zonal_shift: { zone: 3, duration: 0s } }]
              |                                              ^

            error: `disruptions[0].zonal_shift.duration`: found 0s, expected a time above zero
             --> s.yaml:2:59
              |
            2 | disruptions: [{ at: 1m, zonal_shift: { zone: 3, duration: 0s } }]
              |                                                           ^^
        "#]],
    );
}

#[test]
fn a_record_without_a_ttl() {
    check(
        "dns: { ttl: 0s, client_silence_timeout: 0s }\n",
        &expect![[r#"
        error: `dns.ttl`: found 0s, expected a time above zero
         --> s.yaml:1:13
          |
        1 | dns: { ttl: 0s, client_silence_timeout: 0s }
          |             ^^

        error: `dns.client_silence_timeout`: found 0s, expected a time above zero
         --> s.yaml:1:41
          |
        1 | dns: { ttl: 0s, client_silence_timeout: 0s }
          |                                         ^^
    "#]],
    );
}
