//! Rules about replicas, rollouts, budgets and probes: DRN016 to 020, 027.

use expect_test::expect;
use serde_json::Value;

use super::{Broken, of};

const PROBE: &str = "          readinessProbe: {httpGet: {path: /healthz, port: 80}, periodSeconds: 5}\n";
const ROLLING: &str = "  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}\n";
const BUDGET: &str = "  maxUnavailable: 25%\n";
const LABEL: &str = "  labels: {elbv2.k8s.aws/pod-readiness-gate-inject: enabled}\n";
const BUDGET_NAME: &str = "kind: PodDisruptionBudget\nmetadata: {name: web, namespace: shop}\n";

#[test]
fn drn016_no_readiness_probe() {
    let broken = Broken::new("DRN016", &[(PROBE, "")], &[]);
    broken.finds(&expect![[r#"
        warning 22:17 `nginx`
        the application's container has no readiness probe
    "#]]);
    broken.but_not(&[]);
    broken.until_patched();
    // Without a gate either, pods that do not listen yet are Ready, and the old ones go.
    let slow = &["--set", "app.start_up=30s", "--disruption", "rollout"];
    let ungated = Broken::new("DRN016", &[(PROBE, ""), (LABEL, "")], slow);
    let (without, with) = ungated.effect("rollout");
    assert!(without > 10.0 && with < without, "{without} to {with}");
}

#[test]
fn drn017_recreate() {
    let broken = Broken::new("DRN017", &[(ROLLING, "  strategy: {type: Recreate}\n")], &[]);
    broken.finds(&expect![[r#"
        error 15:20 `Recreate`
        the strategy is `Recreate`
    "#]]);
    broken.but_not(&[]);
    broken.until_patched();
    assert_eq!(broken.shown_in(), ["rollout"]);
    let (without, with) = broken.effect("rollout");
    // Nobody serves while all pods are gone; a rollout that surges always has its four pods.
    assert!(without > 100.0 && with == 0.0, "{without} to {with}");
    let none = |predictions: &Value| predictions[1]["causes_per_event"]["only_unusable_targets"].as_f64();
    assert!(
        none(&broken.report()["predictions"]) > Some(100.0),
        "{:#}",
        broken.report()["predictions"][1]
    );
    assert_eq!(none(&broken.report()["predictions_with_all_fixes"]), None);
}

#[test]
fn drn018_no_budget() {
    let (all, from) = (
        super::GOOD,
        super::GOOD.find("---\napiVersion: policy/v1").expect("the budget"),
    );
    let broken = Broken::new("DRN018", &[(&all[from..], "")], &[]);
    broken.finds(&expect![[r#"
        note 10:9 `web`
        no PodDisruptionBudget selects the 4 pods
    "#]]);
    broken.but_not(&[]);
    broken.until_patched();
    assert_eq!(broken.shown_in(), ["node-drain", "spot-reclaim"]);
    // A budget of that name that selects other pods stays as it is.
    let budget = &all[from..];
    let other = budget.replace("app: web", "app: other");
    let misses = Broken::new("DRN018", &[(budget, &other)], &[]);
    misses.until_patched();
    assert_eq!(
        of(misses.report(), "DRN018")[0]["patches"][0]["metadata"]["name"],
        "web-drain"
    );
    // A drain leaves the pods of a DaemonSet alone.
    let daemon = [
        ("kind: Deployment", "kind: DaemonSet"),
        ("  replicas: 4\n", ""),
        (ROLLING, ""),
    ];
    broken.but_not(&[(budget, ""), daemon[0], daemon[1], daemon[2]]);
}

#[test]
fn drn019_budget_that_allows_no_eviction() {
    for (budget, expected) in [
        (
            "  minAvailable: 4\n",
            expect![[r#"
            error 51:17 `4`
            `minAvailable: 4` of 4 pods never allows an eviction
        "#]],
        ),
        (
            "  minAvailable: 80%\n",
            expect![[r#"
            error 51:17 `80%`
            `minAvailable: 80%` of 4 pods never allows an eviction
        "#]],
        ),
        (
            "  maxUnavailable: 0%\n",
            expect![[r#"
            error 51:19 `0%`
            `maxUnavailable: 0%` never allows an eviction
        "#]],
        ),
    ] {
        let broken = Broken::new("DRN019", &[(BUDGET, budget)], &[]);
        broken.finds(&expected);
        broken.until_patched();
    }
    let broken = Broken::new("DRN019", &[(BUDGET, "  minAvailable: 4\n")], &[]);
    broken.but_not(&[(BUDGET, "  minAvailable: 3\n")]);
    // 75 % of four are three.
    broken.but_not(&[(BUDGET, "  minAvailable: 75%\n")]);
    // A drain that hangs fails no request, which is no praise.
    assert_eq!(broken.shown_in(), Vec::<&str>::new());
}

#[test]
fn drn020_single_replica() {
    let broken = Broken::new("DRN020", &[("replicas: 4", "replicas: 1")], &[]);
    broken.finds(&expect![[r#"
        warning 13:13 `1`
        one pod serves everything
    "#]]);
    broken.but_not(&[("replicas: 4", "replicas: 2")]);
    broken.until_patched();
    assert_eq!(
        broken.report()["predictions"].as_array().map(Vec::len),
        Some(3),
        "nothing to scale down"
    );
    // The drain of its node leaves no pod; of two on two nodes one remains.
    let (without, with) = broken.effect("node-drain");
    assert!(without > 1.0 && with < without / 2.0, "{without} to {with}");
}

#[test]
fn drn020_patches_the_autoscaler_where_there_is_one() {
    let hpa = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\nspec:\n  \
               scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 1\n";
    let with = format!("{hpa}---\napiVersion: policy/v1\n{BUDGET_NAME}");
    let from = format!("---\napiVersion: policy/v1\n{BUDGET_NAME}");
    let broken = Broken::new("DRN020", &[(&from, &with), ("  replicas: 4\n", "")], &[]);
    broken.finds(&expect![[r#"
        warning 10:9 `web`
        one pod serves everything
    "#]]);
    broken.until_patched();
}

#[test]
fn drn020_is_a_note_where_another_autoscaler_decides() {
    let from = format!("---\napiVersion: policy/v1\n{BUDGET_NAME}");
    let keda = format!(
        "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: web, namespace: shop}}\n{from}"
    );
    let broken = Broken::new("DRN020", &[(&from, &keda), ("  replicas: 4\n", "")], &[]);
    broken.finds(&expect![[r#"
        note 10:9 `web`
        one pod is simulated, but a ScaledObject may say how many there are: see --replicas
    "#]]);
}

#[test]
fn drn027_fewer_pods_during_a_rollout() {
    let broken = Broken::new("DRN027", &[(ROLLING, "")], &[]);
    broken.finds(&expect![[r#"
        note 10:9 `web`
        `maxUnavailable: 25%`, the default: 1 of 4 pods may be missing during a rollout
    "#]]);
    broken.but_not(&[]);
    broken.until_patched();
    assert_eq!(broken.shown_in(), ["rollout"]);
    // 25 % of three round down to none, but without a surge one must go.
    broken.but_not(&[(ROLLING, ""), ("replicas: 4", "replicas: 3")]);
    let no_surge = "  strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 25%}}\n";
    let forced = Broken::new("DRN027", &[(ROLLING, no_surge), ("replicas: 4", "replicas: 3")], &[]);
    forced.finds(&expect![[r#"
        note 15:59 `25%`
        `maxUnavailable: 25%`: 1 of 3 pods may be missing during a rollout
    "#]]);
    forced.until_patched();
}
