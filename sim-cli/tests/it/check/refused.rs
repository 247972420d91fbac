//! Rules about what the controller or AWS refuses: DRN002, 003, 021 to 023.

use std::fmt::Write as _;

use expect_test::expect;

use super::{Broken, sim};

const PATH: &str = "    alb.ingress.kubernetes.io/healthcheck-path: /healthz\n";
const IP: &str = "    alb.ingress.kubernetes.io/target-type: ip\n";

/// The annotations of the good Ingress, and these.
fn with(more: &[(&str, &str)]) -> String {
    let mut text = PATH.to_owned();
    for (suffix, value) in more {
        let _ = writeln!(text, "    alb.ingress.kubernetes.io/{suffix}: \"{value}\"");
    }
    text
}

const INTERVAL: &str = "healthcheck-interval-seconds";
const TIMEOUT: &str = "healthcheck-timeout-seconds";
const ATTRIBUTES: &str = "target-group-attributes";

#[test]
fn drn002_health_check_out_of_range() {
    let wrong = with(&[(INTERVAL, "3"), (TIMEOUT, "1"), ("unhealthy-threshold-count", "1")]);
    let broken = Broken::new("DRN002", &[(PATH, &wrong)], &[]);
    broken.finds(&expect![[r#"
        error 43:61 `"3"`
        `annotation alb.ingress.kubernetes.io/healthcheck-interval-seconds`: found 3; AWS takes 5 to 300
        error 44:60 `"1"`
        `annotation alb.ingress.kubernetes.io/healthcheck-timeout-seconds`: found 1; AWS takes 2 to 120
        error 45:58 `"1"`
        `annotation alb.ingress.kubernetes.io/unhealthy-threshold-count`: found 1; AWS takes 2 to 10
    "#]]);
    let right = with(&[(INTERVAL, "5"), (TIMEOUT, "2"), ("unhealthy-threshold-count", "2")]);
    broken.but_not(&[(PATH, &right)]);
    broken.until_patched();
    // What AWS refuses fails the check, however few requests fail.
    assert_eq!(broken.report()["passed"], false);
}

#[test]
fn drn003_timeout_not_below_interval() {
    let broken = Broken::new("DRN003", &[(PATH, &with(&[(INTERVAL, "5")]))], &[]);
    broken.finds(&expect![[r#"
        error 43:61 `"5"`
        the health check's timeout of 5 s is not below its interval of 5 s: AWS refuses both
    "#]]);
    broken.but_not(&[(PATH, &with(&[(INTERVAL, "6")]))]);
    broken.but_not(&[(PATH, &with(&[(INTERVAL, "5"), (TIMEOUT, "4")]))]);
    broken.until_patched();
    let broken = Broken::new("DRN003", &[(PATH, &with(&[(INTERVAL, "10"), (TIMEOUT, "12")]))], &[]);
    broken.finds(&expect![[r#"
        error 44:60 `"12"`
        the health check's timeout of 12 s is not below its interval of 10 s: AWS refuses both
    "#]]);
    broken.until_patched();
}

#[test]
fn drn021_annotation_that_cannot_be_read() {
    let broken = Broken::new("DRN021", &[(PATH, &with(&[(INTERVAL, "15s")]))], &[]);
    broken.finds(&expect![[r#"
        error 43:61 `"15s"`
        `annotation alb.ingress.kubernetes.io/healthcheck-interval-seconds`: found "15s", expected a whole number and nothing else, such as "15"
    "#]]);
    broken.but_not(&[(PATH, &with(&[(INTERVAL, "15")]))]);
}

#[test]
fn drn022_attribute_that_aws_refuses() {
    let attributes = |text: &str| with(&[(ATTRIBUTES, text)]);
    let comma = attributes("deregistration_delay.timeout_seconds=60,");
    let broken = Broken::new("DRN022", &[(PATH, &comma)], &[]);
    broken.finds(&expect![[r#"
        error 43:56 `"deregistration_delay.timeout_seconds=60,"`
        `annotation alb.ingress.kubernetes.io/target-group-attributes`: `deregistration_delay.timeout_seconds` is "60,", expected a whole number from 0 to 3600
    "#]]);
    broken.but_not(&[(PATH, &attributes("deregistration_delay.timeout_seconds=60"))]);

    let both = |algorithm: &str| {
        attributes(&format!(
            "slow_start.duration_seconds=60,load_balancing.algorithm.type={algorithm}"
        ))
    };
    let broken = Broken::new("DRN022", &[(PATH, &both("least_outstanding_requests"))], &[]);
    broken.finds(&expect![[r#"
        error 43:56 `"slow_start.duration_seconds=60,load_balancing.algorithm.type=least_outstanding_requests"`
        slow start goes with the algorithm round_robin only, and `least_outstanding_requests` is set: AWS refuses both
    "#]]);
    broken.but_not(&[(PATH, &both("round_robin"))]);
    let sticky = attributes("stickiness.enabled=true,load_balancing.algorithm.type=weighted_random");
    let broken = Broken::new("DRN022", &[(PATH, &sticky)], &[]);
    broken.finds(&expect![[r#"
        error 43:56 `"stickiness.enabled=true,load_balancing.algorithm.type=weighted_random"`
        stickiness goes with the algorithm round_robin or least_outstanding_requests only, and `weighted_random` is set: AWS refuses both
    "#]]);
}

#[test]
fn drn023_node_targets_without_a_node_port() {
    let broken = Broken::new("DRN023", &[(IP, "")], &[]);
    broken.finds(&expect![[r#"
        error 30:18 `web`
        Service web is no NodePort, but the target type is `instance`: the controller refuses the Ingress
    "#]]);
    let node_port = "type: NodePort\n  ports: [{port: 80, targetPort: 80}]";
    broken.but_not(&[(IP, ""), ("ports: [{port: 80, targetPort: 80}]", node_port)]);
    broken.until_patched();
}

#[test]
fn what_is_refused_fails_the_check_below_every_limit() {
    let wrong = super::edited(&[(PATH, &with(&[(INTERVAL, "3")]))]);
    let outcome = sim(
        &wrong,
        &["--max-5xx-ratio", "1", "--replications", "1", "--disruption", "rollout"],
    );
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    let last = outcome.stdout.lines().last().unwrap_or_default();
    expect!["failed: every disruption stays within the limit of 100 % of the requests; 1 error, 0 warnings, 0 notes"]
        .assert_eq(last);
}
