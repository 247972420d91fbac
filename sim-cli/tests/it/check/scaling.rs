//! Rules about autoscalers of pods and nodes: DRN025, 029, 033, 035.

use expect_test::expect;

use super::{Broken, GOOD, SLEEP};

/// The good manifests without a number of replicas, and an autoscaler with this behaviour.
fn with_autoscaler(version: &str, behavior: &str) -> (String, String) {
    let from = "---\napiVersion: policy/v1\n".to_owned();
    let hpa = format!(
        "---\napiVersion: autoscaling/{version}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web, namespace: shop}}\n\
         spec:\n  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}\n  minReplicas: 3\n  maxReplicas: 5\n\
         {behavior}{from}"
    );
    (from, hpa)
}

const PACED: &str = "  behavior: {scaleDown: {policies: [{type: Percent, value: 10, periodSeconds: 60}]}}\n";
const REPLICAS: (&str, &str) = ("  replicas: 4\n", "");

#[test]
fn drn025_replicas_beside_an_autoscaler() {
    let (from, hpa) = with_autoscaler("v2", PACED);
    let edit = (from.as_str(), hpa.as_str());
    let broken = Broken::new("DRN025", &[edit], &[]);
    broken.finds(&expect![[r#"
        warning 13:13 `4`
        `replicas: 4` is set, and HorizontalPodAutoscaler web sets it too
    "#]]);
    broken.but_not(&[edit, REPLICAS]);
    broken.until_patched();
}

#[test]
fn drn025_knows_what_comes_from_a_cluster() {
    let (from, hpa) = with_autoscaler("v2", PACED);
    let edit = (from.as_str(), hpa.as_str());
    let name = "  name: web\n  namespace: shop\nspec:\n  replicas";
    let live = |annotation: &str| format!("  name: web\n  namespace: shop\n{annotation}spec:\n  replicas");
    let uid = live("  uid: 0b9e2c2e-5b61-4c8f-a1a4-6f0b7c4a8d11\n");
    let broken = Broken::new("DRN025", &[edit], &[]);
    // There the number is the autoscaler's own.
    broken.but_not(&[edit, (name, &uid)]);
    broken.but_not(&[
        edit,
        (name, &live("  annotations: {deployment.kubernetes.io/revision: '3'}\n")),
    ]);
    // What `kubectl apply` keeps tells what the manifest says.
    let applied = |spec: &str| {
        live(&format!(
            "  uid: 0b9e2c2e-5b61-4c8f-a1a4-6f0b7c4a8d11\n  annotations:\n    \
             kubectl.kubernetes.io/last-applied-configuration: '{{\"spec\":{{{spec}}}}}'\n"
        ))
    };
    broken.but_not(&[edit, (name, &applied("\"minReadySeconds\":5"))]);
    let set = Broken::new("DRN025", &[edit, (name, &applied("\"replicas\":6"))], &[]);
    set.finds(&expect![[r#"
        warning 14:55 `'{"spec":{"replicas":6}}'`
        the manifest applied last sets `replicas: 6`, and HorizontalPodAutoscaler web sets it too
    "#]]);
}

#[test]
fn drn029_nobody_acts_on_the_notice() {
    let broken = Broken::new("DRN029", &[], &["--spot-handler", "none"]);
    broken.finds(&expect![[r#"
        warning 10:9 `web`
        nobody drains a node when EC2 takes it back
    "#]]);
    assert_eq!(broken.shown_in(), ["spot-reclaim"]);
    // The hook of 30 s runs while the ALB still sends; with a drain at the notice it has let go by then.
    let (without, with) = broken.effect("spot-reclaim");
    assert!(without > 0.0 && with == 0.0, "{without} to {with}");
    let drained = Broken::new("DRN029", &[], &["--spot-handler", "drain"]);
    drained.finds(&expect![[""]]);
}

#[test]
fn drn033_scale_down_in_one_step() {
    let (from, hpa) = with_autoscaler("v2", "");
    let broken = Broken::new("DRN033", &[(&from, &hpa), REPLICAS], &[]);
    broken.finds(&expect![[r#"
        note 48:18 `web`
        HorizontalPodAutoscaler web may take all surplus pods away in one step
    "#]]);
    broken.until_patched();
    for paced in [PACED, "  behavior: {scaleDown: {selectPolicy: Disabled}}\n"] {
        let (from, hpa) = with_autoscaler("v2", paced);
        broken.but_not(&[(&from, &hpa), REPLICAS]);
    }
    // The policy that an autoscaler has without any is no pace.
    let default = "  behavior: {scaleDown: {policies: [{type: Percent, value: 100, periodSeconds: 15}]}}\n";
    let (from, hpa) = with_autoscaler("v2", default);
    Broken::new("DRN033", &[(&from, &hpa), REPLICAS], &[]).until_patched();
    // The first version has no behaviour to patch.
    let (from, hpa) = with_autoscaler("v1", "");
    let old = Broken::new("DRN033", &[(&from, &hpa), REPLICAS], &[]);
    old.finds(&expect![[r#"
        note 48:18 `web`
        HorizontalPodAutoscaler web may take all surplus pods away in one step
    "#]]);
    assert_eq!(super::of(old.report(), "DRN033")[0]["patches"], serde_json::json!([]));
    assert!(super::rules(&super::report(GOOD, &super::ONCE)).is_empty());
}

#[test]
fn drn035_hook_longer_than_the_notice() {
    let pool = |capacity: &str| {
        format!(
            "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {{name: default}}\nspec:\n  template:\n    spec:\n      \
             requirements:\n        - {{key: karpenter.sh/capacity-type, operator: In, values: [on-demand, {capacity}]}}\n---\n\
             apiVersion: v1\nkind: Namespace\n"
        )
    };
    let namespace = "apiVersion: v1\nkind: Namespace\n";
    let (spot, reserved) = (pool("spot"), pool("reserved"));
    let long = [
        (SLEEP, "          lifecycle: {preStop: {sleep: {seconds: 200}}}\n"),
        ("Seconds: 60", "Seconds: 220"),
    ];
    let broken = Broken::new("DRN035", &[long[0], long[1], (namespace, &spot)], &[]);
    broken.finds(&expect![[r#"
        warning 35:50 `200`
        preStop runs 3m20s, but EC2 takes a spot instance back 120 s after its notice
    "#]]);
    broken.but_not(&[(namespace, &spot)]);
    broken.but_not(&[long[0], long[1], (namespace, &reserved)]);
    broken.until_patched();
    assert_eq!(broken.shown_in(), ["spot-reclaim"]);
    let (without, with) = broken.effect("spot-reclaim");
    assert!(with <= without, "{without} to {with}");
}
