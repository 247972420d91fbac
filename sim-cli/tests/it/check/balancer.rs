//! Rules about target group, gates and health checks: DRN005, 006, 008, 015, 024, 034.

use expect_test::expect;

use super::{Broken, SLEEP, of};

const LABEL: &str = "  labels: {elbv2.k8s.aws/pod-readiness-gate-inject: enabled}\n";
const PATH: &str = "    alb.ingress.kubernetes.io/healthcheck-path: /healthz\n";
const ATTRIBUTES: &str = "    alb.ingress.kubernetes.io/target-group-attributes: ";

fn with_attributes(text: &str) -> String {
    format!("{PATH}{ATTRIBUTES}{text}\n")
}

#[test]
fn drn005_no_readiness_gate() {
    let broken = Broken::new("DRN005", &[(LABEL, "")], &[]);
    broken.finds(&expect![[r#"
        warning 4:9 `shop`
        the namespace `shop` does not inject readiness gates
    "#]]);
    broken.but_not(&[]);
    broken.until_patched();
    // A scale-down makes no new pods, so there is nothing that a gate could hold back.
    assert_eq!(broken.shown_in(), ["node-drain", "rollout", "spot-reclaim"]);
}

#[test]
fn drn005_gates_keep_a_fast_rollout_from_emptying_the_target_group() {
    // New pods are Ready at once and old ones gone at once, but the ALB takes 20 s to know the new ones.
    let edits = &[(LABEL, ""), (SLEEP, ""), ("Seconds: 60", "Seconds: 2")];
    let more = &["--disruption", "rollout", "--set", "elbv2.register_propagation=20s"];
    let broken = Broken::new("DRN005", edits, more);
    let (without, with) = broken.effect("rollout");
    assert!(with < without, "{without} to {with}");
}

#[test]
fn drn005_is_a_note_where_the_namespace_is_not_in_the_input() {
    let broken = Broken::new("DRN005", &[("  name: shop\n  labels", "  name: other\n  labels")], &[]);
    broken.finds(&expect![[r#"
        note 10:9 `web`
        the input does not say whether the namespace `shop` injects readiness gates; none are assumed
    "#]]);
    broken.until_patched();
}

#[test]
fn drn006_probe_on_a_page_that_users_ask_for() {
    let broken = Broken::new("DRN006", &[("{path: /healthz, port", "{path: /orders, port")], &[]);
    broken.finds(&expect![[r#"
        warning 25:44 `/orders`
        the readinessProbe asks for `/orders`, which is taken for a page that users ask for too
    "#]]);
    broken.but_not(&[]);
    broken.until_patched();
    let check = Broken::new(
        "DRN006",
        &[(PATH, "    alb.ingress.kubernetes.io/healthcheck-path: /orders\n")],
        &[],
    );
    check.finds(&expect![[r#"
        warning 42:49 `/orders`
        the ALB's health check asks for `/orders`, which is taken for a page that users ask for too
    "#]]);
    check.until_patched();
}

#[test]
fn drn006_is_a_note_for_the_root_which_may_be_anything() {
    let broken = Broken::new("DRN006", &[(PATH, ""), ("{path: /healthz, port", "{port")], &[]);
    broken.finds(&expect![[r#"
        note 22:17 `nginx`
        the readinessProbe asks for `/`, the default, which is taken for a page that users ask for too
        note 38:9 `web`
        the ALB's health check asks for `/`, the default, which is taken for a page that users ask for too
    "#]]);
    broken.until_patched();
}

#[test]
fn drn006_a_page_of_its_own_answers_under_load() {
    // Five workers with 150 ms each serve 33 requests a second; four pods are asked for more than that.
    let slow = [
        "--set",
        "app.service_time=150ms",
        "--app",
        "puma",
        "--rate",
        "140/s",
        "--disruption",
        "scale-down",
    ];
    let broken = Broken::new("DRN006", &[("{path: /healthz, port", "{path: /orders, port")], &slow);
    let without = &broken.report()["predictions"][0]["five_xx_per_event"];
    assert!(without.as_f64() > Some(0.0), "{without}");
    let (without, with) = broken.effect("scale-down");
    assert!(with <= without, "{without} to {with}");
}

#[test]
fn drn008_deregistration_delay_shorter_than_the_requests() {
    let delay = |seconds: u32| with_attributes(&format!("deregistration_delay.timeout_seconds={seconds}"));
    let slow = ["--set", "app.service_time={ uniform: { min: 1s, max: 12s } }"];
    let broken = Broken::new("DRN008", &[(PATH, &delay(5))], &slow);
    broken.finds(&expect![[r#"
        warning 43:56 `deregistration_delay.timeout_seconds=5`
        the deregistration delay is 5s, but the ALB sends requests for up to 22 s of it (99 %), and one in a thousand takes 11.989s or longer
    "#]]);
    broken.but_not(&[(PATH, &delay(36))]);
    broken.until_patched();
    for disruption in broken.shown_in() {
        // Requests of 5 to 12 s are cut today, and those that late nodes send in the first 20 s or so.
        let (without, with) = broken.effect(disruption);
        assert!(without > 1.0 && with == 0.0, "{disruption}: {without} to {with}");
    }
}

#[test]
fn drn008_is_a_note_for_short_requests() {
    let broken = Broken::new(
        "DRN008",
        &[(PATH, &with_attributes("deregistration_delay.timeout_seconds=10"))],
        &[],
    );
    broken.finds(&expect![[r#"
        note 43:56 `deregistration_delay.timeout_seconds=10`
        the deregistration delay is 10s, but the ALB sends requests for up to 22 s of it (99 %), and one in a thousand takes 425.982814ms or longer
    "#]]);
    broken.until_patched();
}

#[test]
fn drn015_addresses_that_are_not_ready() {
    let publish = "spec:\n  publishNotReadyAddresses: true\n  selector: {app: web}\n  ports";
    let edits = &[("spec:\n  selector: {app: web}\n  ports", publish)];
    let broken = Broken::new("DRN015", edits, &[]);
    broken.finds(&expect![[r#"
        error 32:29 `true`
        the Service has `publishNotReadyAddresses: true`
    "#]]);
    broken.but_not(&[(edits[0].0, &publish.replace("true", "false"))]);
    broken.until_patched();
    for disruption in broken.shown_in() {
        // Today pods are deregistered once they are gone, whatever the hook; then all of the removal fails requests.
        let (without, with) = broken.effect(disruption);
        assert!(without > 10.0 && with == 0.0, "{disruption}: {without} to {with}");
    }
}

#[test]
fn drn024_node_targets() {
    let nodes = [
        ("target-type: ip", "target-type: instance"),
        (
            "ports: [{port: 80, targetPort: 80}]",
            "type: NodePort\n  ports: [{port: 80, targetPort: 80}]",
        ),
    ];
    let broken = Broken::new("DRN024", &nodes, &[]);
    broken.finds(&expect![[r#"
        note 42:44 `instance`
        the target type is `instance`
    "#]]);
    broken.but_not(&nodes[1..]);
    broken.until_patched();
    // 11 s outlast kube-proxy and not the ALB: the fix must bring a longer hook, or it makes things worse.
    let short = Broken::new("DRN024", &[nodes[0], nodes[1], ("seconds: 30", "seconds: 15")], &[]);
    assert!(of(short.report(), "DRN010").is_empty());
    let (without, with) = short.effect("rollout");
    assert!(with <= without, "{without} to {with}");
    short.until_patched();
}

#[test]
fn drn034_zones_on_their_own() {
    let off = with_attributes("load_balancing.cross_zone.enabled=false");
    // Two pods cannot stand in three zones.
    let broken = Broken::new("DRN034", &[(PATH, &off), ("replicas: 4", "replicas: 2")], &[]);
    broken.finds(&expect![[r#"
        warning 43:56 `load_balancing.cross_zone.enabled=false`
        cross-zone load balancing is off, and nothing makes the scheduler spread the pods over the zones
    "#]]);
    broken.but_not(&[(PATH, &with_attributes("load_balancing.cross_zone.enabled=true"))]);
    let spread = "    spec:\n      topologySpreadConstraints:\n        - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, \
                  whenUnsatisfiable: DoNotSchedule}\n      terminationGrace";
    broken.but_not(&[(PATH, &off), ("    spec:\n      terminationGrace", spread)]);
    broken.until_patched();
    let (without, with) = broken.effect("rollout");
    // A third of the requests enters a zone without a pod.
    assert!(without > 100.0 && with == 0.0, "{without} to {with}");
}
