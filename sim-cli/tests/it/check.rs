//! `sim check`: each rule with a manifest that breaks it and its neighbour that does not, what each fix changes, and
//! the formats.

mod balancer;
mod containers;
mod flags;
mod fleet;
mod formats;
mod hook;
pub(crate) mod merge;
mod refused;
mod sarif;
mod scaling;
mod server;

use std::fmt::Write as _;

use expect_test::Expect;
use serde_json::Value;

use crate::command::{Outcome, Place, test_name};

/// A service without a fault: four nginx pods that keep idle connections for 75 s, drain on SIGQUIT and sleep longer
/// than any removal takes.
pub(crate) const GOOD: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {elbv2.k8s.aws/pod-readiness-gate-inject: enabled}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}
  template:
    metadata:
      labels: {app: web}
    spec:
      terminationGracePeriodSeconds: 60
      containers:
        - name: nginx
          image: nginx:1.27
          ports: [{containerPort: 80}]
          readinessProbe: {httpGet: {path: /healthz, port: 80}, periodSeconds: 5}
          lifecycle: {preStop: {sleep: {seconds: 30}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 80}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/healthcheck-path: /healthz
spec:
  ingressClassName: alb
  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec:
  maxUnavailable: 25%
  selector: {matchLabels: {app: web}}
";

/// The hook of [`GOOD`].
pub(crate) const SLEEP: &str = "          lifecycle: {preStop: {sleep: {seconds: 30}}}\n";

/// The server of [`GOOD`].
pub(crate) const IMAGE: &str = "          image: nginx:1.27\n";

/// [`GOOD`] with other text in some places, each of which must be there once.
pub(crate) fn edited(edits: &[(&str, &str)]) -> String {
    let mut text = GOOD.to_owned();
    for (from, to) in edits {
        assert_eq!(text.matches(from).count(), 1, "{from:?} stands once in\n{text}");
        text = text.replace(from, to);
    }
    text
}

/// Runs `sim check m.yaml` with further arguments on manifests of that text.
pub(crate) fn sim(manifest: &str, more: &[&str]) -> Outcome {
    let place = Place::new(&test_name()).file("m.yaml", manifest);
    place.sim(&[&["check", "m.yaml"], more].concat())
}

/// The report on these manifests; more arguments may say more about them.
pub(crate) fn report(manifest: &str, more: &[&str]) -> Value {
    let outcome = sim(manifest, &[&["--format", "json"], more].concat());
    assert!(outcome.status < 2 && outcome.stderr.is_empty(), "{}", outcome.stderr);
    serde_json::from_str(&outcome.stdout).expect("one JSON document")
}

/// What one rule finds in a report.
pub(crate) fn of<'r>(report: &'r Value, rule: &str) -> Vec<&'r Value> {
    let all = report["findings"].as_array().expect("an array");
    all.iter().filter(|finding| finding["rule"] == rule).collect()
}

/// How often each disruption is simulated where its failures matter.
const FEW: [&str; 2] = ["--replications", "3"];

/// Enough to see how long a removal takes, where only findings matter.
const ONCE: [&str; 4] = ["--replications", "1", "--disruption", "scale-down"];

/// All rules that found something.
pub(crate) fn rules(report: &Value) -> Vec<&str> {
    let all = report["findings"].as_array().expect("an array");
    all.iter()
        .map(|finding| finding["rule"].as_str().expect("a number"))
        .collect()
}

/// A rule under test: manifests that break it, and what only the command line tells.
pub(crate) struct Broken<'t> {
    rule: &'t str,
    manifest: String,
    more: &'t [&'t str],
    report: Value,
}

impl<'t> Broken<'t> {
    /// Checks the manifests.
    pub(crate) fn new(rule: &'t str, edits: &[(&str, &str)], more: &'t [&'t str]) -> Self {
        let manifest = edited(edits);
        let report = report(&manifest, &[&FEW, more].concat());
        Self {
            rule,
            manifest,
            more,
            report,
        }
    }

    /// Level, place with what stands there, and message of each finding of the rule.
    pub(crate) fn finds(&self, expected: &Expect) -> &Self {
        let lines: Vec<&str> = self.manifest.lines().collect();
        let mut text = String::new();
        for finding in of(&self.report, self.rule) {
            let at = &finding["location"];
            let number = |key: &str| usize::try_from(at[key].as_u64().expect("a number")).expect("small");
            let (line, from, to) = (number("line"), number("column"), number("end_column"));
            let marked = lines[line - 1].get(from - 1..to - 1).unwrap_or_default();
            let _ = writeln!(
                text,
                "{} {line}:{from} `{marked}`\n{}",
                finding["level"].as_str().expect("a level"),
                finding["message"].as_str().expect("a message")
            );
        }
        expected.assert_eq(&text);
        self
    }

    /// Where only the value in question is right, the rule has nothing to say.
    pub(crate) fn but_not(&self, edits: &[(&str, &str)]) -> &Self {
        let neighbour = report(&edited(edits), &[&ONCE, self.more].concat());
        assert!(of(&neighbour, self.rule).is_empty(), "{neighbour:#}");
        self
    }

    /// With the printed patches applied, it has nothing to say either.
    pub(crate) fn until_patched(&self) -> &Self {
        let patches: Vec<&Value> = of(&self.report, self.rule)
            .iter()
            .flat_map(|finding| finding["patches"].as_array().expect("an array"))
            .collect();
        assert!(!patches.is_empty(), "{} has a patch", self.rule);
        let patched = merge::patched(&self.manifest, &patches);
        let after = report(&patched, &[&ONCE, self.more].concat());
        assert!(of(&after, self.rule).is_empty(), "{patched}\n{after:#}");
        self
    }

    /// Mean 5xx of that disruption without and with the fix of the rule's first finding.
    pub(crate) fn effect(&self, disruption: &str) -> (f64, f64) {
        let effect = &of(&self.report, self.rule)[0]["effect"][disruption];
        let mean = |key: &str| effect[key].as_f64().expect("a mean");
        (mean("five_xx_per_event_without"), mean("five_xx_per_event_with"))
    }

    /// The disruptions that its effect is simulated in.
    pub(crate) fn shown_in(&self) -> Vec<&str> {
        let effect = of(&self.report, self.rule)[0]["effect"].as_object();
        effect.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    /// The whole report.
    pub(crate) fn report(&self) -> &Value {
        &self.report
    }

    /// The same manifests with other arguments.
    pub(crate) fn again(&self, more: &[&str]) -> Value {
        report(&self.manifest, &[&FEW, self.more, more].concat())
    }
}

#[test]
fn nothing_is_wrong_with_a_good_service() {
    let report = report(GOOD, &["--replications", "20"]);
    assert_eq!(rules(&report), Vec::<&str>::new(), "{report:#}");
    assert_eq!(report["passed"], true);
    for prediction in report["predictions"].as_array().expect("an array") {
        assert_eq!(prediction["five_xx_per_event"], 0.0, "{prediction:#}");
    }
}
