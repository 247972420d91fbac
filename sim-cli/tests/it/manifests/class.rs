//! Whose an Ingress is where its class is not in the input.

use expect_test::{Expect, expect};

use crate::command::{Place, test_name};

/// A Service with its pods, and Ingresses of these classes in front of it, all annotated as for an ALB.
fn manifest(classes: &[&str]) -> String {
    let workload = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: \"nginx:1.27\", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
";
    let ingresses = classes.iter().map(|class| {
        format!(
            "---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {class}, annotations: {{alb.ingress.kubernetes.io/target-type: ip}}}}
spec:
  ingressClassName: {class}
  rules: [{{http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}}}]
"
        )
    });
    workload.to_owned() + &ingresses.collect::<String>()
}

#[track_caller]
fn check(classes: &[&str], expected: &Expect) {
    let place = Place::new(&test_name()).file("m.yaml", manifest(classes));
    let outcome = place.sim(&["import", "m.yaml"]);
    expected.assert_eq(&format!("exit {}\n{}", outcome.status, outcome.stderr));
}

#[test]
fn annotations_tell_where_nothing_else_does() {
    check(
        &["public"],
        &expect![[r#"
        exit 0
        warning: the class `public` is not in the input; Ingress public is taken for the controller's because of its annotations
          --> m.yaml:20:21
           |
        20 |   ingressClassName: public
           |                     ^^^^^^
    "#]],
    );
}

#[test]
fn annotations_do_not_tell_beside_an_ingress_that_is_the_controllers() {
    check(
        &["public", "alb"],
        &expect![[r#"
        exit 0
        note: Ingress public is of the class `public`, not the AWS Load Balancer Controller's: left out
          --> m.yaml:20:21
           |
        20 |   ingressClassName: public
           |                     ^^^^^^
    "#]],
    );
}

#[test]
fn the_class_of_another_controller_is_not_ours_whatever_its_annotations() {
    check(
        &["nginx-internal"],
        &expect![[r#"
        exit 2
        error: no Ingress of the AWS Load Balancer Controller and no TargetGroupBinding in the input, so no load balancer to simulate
         |
         = note: found: Deployment web; Ingress nginx-internal; Service web
         = help: add them: `kubectl get deploy,svc,ingress,hpa,pdb -o yaml | sim import -`

        note: Ingress nginx-internal is of the class `nginx-internal`, not the AWS Load Balancer Controller's: left out
          --> m.yaml:20:21
           |
        20 |   ingressClassName: nginx-internal
           |                     ^^^^^^^^^^^^^^
    "#]],
    );
}
