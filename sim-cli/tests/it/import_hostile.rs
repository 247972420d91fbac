//! Small texts that would take much time or memory if each part of them were followed.

use std::fmt::Write as _;

use sim_cli::fuzzing::{Outcome, import_manifest};

/// A Service behind an Ingress, whose pods run `script` before they stop.
fn with_hook(script: &str) -> String {
    let script = serde_json::Value::from(script);
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: shop}}
spec:
  replicas: 3
  template:
    metadata: {{labels: {{app: shop}}}}
    spec:
      containers:
        - name: app
          image: nginx:1.27
          ports: [{{containerPort: 80}}]
          lifecycle: {{preStop: {{exec: {{command: [sh, -c, {script}]}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: shop}}
spec: {{selector: {{app: shop}}, ports: [{{port: 80}}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: shop}}
spec:
  ingressClassName: alb
  defaultBackend: {{service: {{name: shop, port: {{number: 80}}}}}}
"
    )
}

fn refused(text: &str) -> String {
    match import_manifest(text.as_bytes()) {
        Outcome::Refused(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_script_whose_variable_doubles_itself_is_read() {
    let script = format!("a=xxxxxxxx; {} sleep $a", "a=$a$a; ".repeat(40));
    assert_eq!(import_manifest(with_hook(&script).as_bytes()), Outcome::Accepted);
}

#[test]
fn loops_that_would_never_end_are_read() {
    let script = "for i in $(seq 1 9999999999); do for j in {1..18446744073709551615}; do sleep 1h; done; done";
    assert_eq!(import_manifest(with_hook(script).as_bytes()), Outcome::Accepted);
}

#[test]
fn scripts_of_nothing_but_openings_are_read() {
    for opening in [
        "(",
        "$(",
        "${",
        "`",
        "$((",
        "while ",
        "if ",
        "cat <<E\n",
        "timeout 1 ",
        "sh -c \"",
        "a&",
    ] {
        let outcome = import_manifest(with_hook(&opening.repeat(3000)).as_bytes());
        assert_eq!(outcome, Outcome::Accepted, "{opening}");
    }
}

#[test]
fn a_script_of_thousands_of_programs_is_read() {
    let script = (0..8000).fold(String::new(), |script, number| format!("{script}p{number};"));
    assert_eq!(import_manifest(with_hook(&script).as_bytes()), Outcome::Accepted);
}

#[test]
fn anchors_inside_anchors_are_limited() {
    let mut text = "a: ".to_owned();
    for number in 0..50 {
        let _ = write!(text, "&a{number} [");
    }
    text.push_str(&"1,".repeat(20_000));
    text.push_str(&"]".repeat(50));
    let why = refused(&text);
    assert!(
        why.starts_with("error: the anchors name more than 100000 values"),
        "{why}"
    );
}

#[test]
fn a_line_that_fits_nothing_below_an_item_without_a_value_is_refused() {
    let why = refused(" - \nu");
    assert!(why.starts_with("error: this line is indented by 0 spaces"), "{why}");
}

#[test]
fn of_a_thousand_problems_the_first_fifty_are_shown() {
    let why = refused(&"--- 1\n".repeat(1000));
    assert_eq!(why.matches("error: expected a Kubernetes object").count(), 50);
    assert!(why.ends_with("\n\n... and 950 more like these"), "{why}");
}
