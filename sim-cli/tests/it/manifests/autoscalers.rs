//! `sim import --disruption hpa` and `--disruption karpenter`: what they need, and what they say where it is missing.

use expect_test::{Expect, expect};

use crate::command::{Place, test_name};

const SERVICE: &str = r#"
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, annotations: {alb.ingress.kubernetes.io/target-type: ip}}
spec:
  ingressClassName: alb
  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}}]
---
"#;

fn deployment(resources: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: shop}}
spec:
  replicas: 4
  selector: {{matchLabels: {{app: shop}}}}
  template:
    metadata: {{labels: {{app: shop}}}}
    spec: {{containers: [{{name: shop, image: nginx:1.27, resources: {resources}}}]}}
---
"
    )
}

fn hpa(spec: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: shop}}
spec:
  scaleTargetRef: {{kind: Deployment, name: shop}}
{spec}
---
"
    )
}

/// Requests of a pod on which an autoscaler can work.
const CPU: &str = "{requests: {cpu: 500m}}";

fn refused(manifest: &str, kind: &str, stderr: &Expect) {
    let place = Place::new(&test_name()).file("shop.yaml", manifest);
    let outcome = place.sim(&["import", "shop.yaml", "--disruption", kind]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{}", outcome.stderr);
    stderr.assert_eq(&outcome.stderr);
}

/// The lines of the scenario that hold this text.
fn lines(manifest: &str, flags: &[&str], text: &str) -> String {
    let place = Place::new(&test_name()).file("shop.yaml", manifest);
    let outcome = place.sim(&[&["import", "shop.yaml"], flags].concat());
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let lines = outcome
        .stdout
        .lines()
        .filter(|line| line.contains(text) && !line.starts_with('#'));
    lines.fold(String::new(), |all, line| all + line.trim() + "\n")
}

#[test]
fn without_an_autoscaler_there_is_none_to_simulate() {
    refused(
        &(deployment(CPU) + SERVICE),
        "hpa",
        &expect![[r#"
        error: no HorizontalPodAutoscaler of the input scales Deployment shop, so there is none to simulate
         |
         = help: add it: `kubectl get deploy,svc,ingress,hpa,pdb -o yaml | sim import - --disruption hpa`
    "#]],
    );
}

#[test]
fn an_autoscaler_needs_cpu_requests() {
    refused(
        &(deployment("{}") + SERVICE + &hpa("  maxReplicas: 9")),
        "hpa",
        &expect![[r#"
        error: HorizontalPodAutoscaler shop has no CPU request to compare with
          --> shop.yaml:26:18
           |
        26 | metadata: {name: shop}
           |                  ^^^^
           |
           = note: without one Kubernetes knows no utilisation, and the number of pods stays as it is
           = help: give the containers `resources.requests.cpu`
    "#]],
    );
}

#[test]
fn without_a_node_pool_there_is_no_karpenter() {
    refused(
        &(deployment(CPU) + SERVICE),
        "karpenter",
        &expect![[r#"
        error: no NodePool and no Provisioner in the input, so there is no Karpenter to simulate
         |
         = help: add them: `kubectl get nodepools -o yaml`
    "#]],
    );
}

#[test]
fn a_duration_that_karpenter_refuses_is_shown() {
    let pool = "apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: web}
spec: {disruption: {consolidateAfter: 1 minute}}
";
    refused(
        &(deployment(CPU) + SERVICE + pool),
        "karpenter",
        &expect![[r#"
        error: `spec.disruption.consolidateAfter`: found "1 minute", expected a duration such as "1h30m", or "Never"
          --> shop.yaml:27:39
           |
        27 | spec: {disruption: {consolidateAfter: 1 minute}}
           |                                       ^^^^^^^^
    "#]],
    );
}

#[test]
fn a_check_has_the_standard_disruptions_only() {
    let place = Place::new(&test_name()).file("shop.yaml", deployment(CPU) + SERVICE + &hpa("  maxReplicas: 9"));
    let outcome = place.sim(&["check", "shop.yaml", "--disruption", "hpa"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("invalid value 'hpa'"), "{}", outcome.stderr);
}

#[test]
fn replicas_out_of_the_bounds_of_the_autoscaler_are_those_of_the_bound() {
    let manifest = |bounds: &str| deployment(CPU) + SERVICE + &hpa(bounds);
    expect![[r#"
        replicas: 6  # shop.yaml:29 spec.minReplicas of HorizontalPodAutoscaler shop; the 4 of the manifest are out of its bounds
    "#]].assert_eq(&lines(&manifest("  minReplicas: 6\n  maxReplicas: 9"), &[], "  replicas: 6"));
    expect![[r#"
        replicas: 3  # shop.yaml:29 spec.maxReplicas of HorizontalPodAutoscaler shop; the 4 of the manifest are out of its bounds
    "#]].assert_eq(&lines(&manifest("  maxReplicas: 3"), &[], "  replicas: 3"));
}

#[test]
fn a_load_that_is_given_falls_from_there() {
    let manifest = deployment(CPU) + SERVICE + &hpa("  maxReplicas: 9");
    let flags = ["--disruption", "hpa", "--rate", "200/s", "--sessions", "50"];
    expect![[r#"
        value: 50  # --sessions 50
        value: 10  # not in the manifests: the load falls to a fifth after a minute, change me
        value: 200  # --rate 200/s
        value: 40  # not in the manifests: the load falls to a fifth after a minute, change me
    "#]]
    .assert_eq(&lines(&manifest, &flags, "value: "));
}

#[test]
fn an_autoscaler_without_a_cpu_metric_is_assumed_to_have_one() {
    let memory = "  maxReplicas: 9
  metrics:
    - type: Resource
      resource: {name: memory, target: {type: Utilization, averageUtilization: 70}}
    - type: Resource
      resource: {name: cpu, target: {type: AverageValue, averageValue: 300m}}";
    let manifest = deployment(CPU) + SERVICE + &hpa(memory);
    expect![[r#"
        target_cpu_utilization: 80  # not in the manifests: none of its metrics is the CPU utilisation; 80 % is assumed, change me
    "#]].assert_eq(&lines(&manifest, &["--disruption", "hpa"], "target_cpu"));
}
