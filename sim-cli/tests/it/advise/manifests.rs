//! Advice on manifests: patches name the user's objects.

use serde_json::Value as Json;

use crate::check::merge;
use crate::command::{Place, test_name};

const MANIFESTS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      containers:
        - name: server
          image: golang:1.25
          ports: [{ containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /healthz, port: 8080 } }
          lifecycle: { preStop: { exec: { command: [sleep, \"5\"] } } }
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: web }
spec: { selector: { app: shop }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: front
  namespace: web
  annotations: { alb.ingress.kubernetes.io/target-type: ip }
spec:
  ingressClassName: alb
  rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] } }]
";

#[test]
fn patches_name_the_objects_of_the_manifests() {
    let place = Place::new(&test_name()).file("shop.yaml", MANIFESTS);
    let outcome = place.sim(&[
        "advise",
        "--manifests",
        "shop.yaml",
        "--app",
        "go-shutdown",
        "--target-errors-per-event",
        "1",
        "--replications",
        "4",
        "--max-replications",
        "20",
        "--patch",
        "-",
        "--output-scenario",
        "advised.yaml",
    ]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    let expected = [
        "kind: Deployment",
        "name: shop",
        "namespace: web",
        "name: server",
        "exec: null",
        "seconds: ",
    ];
    for part in expected {
        assert!(outcome.stdout.contains(part), "{part} is not in {}", outcome.stdout);
    }
    assert!(
        place.read("advised.yaml").contains("sleep: "),
        "the scenario has the sleep"
    );
}

#[test]
fn a_disruption_that_cannot_be_is_refused() {
    let single = MANIFESTS.replace("replicas: 3", "replicas: 1");
    let place = Place::new(&test_name()).file("shop.yaml", single);
    let outcome = place.sim(&[
        "advise",
        "--target-errors-per-event",
        "1",
        "--disruption",
        "scale-down",
        "--manifests",
        "shop.yaml",
    ]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("one replica"), "{}", outcome.stderr);
}

/// What the patch makes of the manifests is the scenario that was checked, whatever the patch leaves to the importer.
#[test]
fn patched_manifests_are_the_scenario_that_was_checked() {
    let place = Place::new(&test_name()).file("shop.yaml", MANIFESTS);
    let (app, rollout) = (["--app", "go-shutdown"], ["--disruption", "rollout"]);
    let advise = ["advise", "--manifests", "shop.yaml", "--target-errors-per-event", "5"];
    let json = ["--format", "json", "--output-scenario", "advised.yaml"];
    let outcome = place.sim(&[&advise[..], &app, &rollout, &json].concat());
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    let document: Json = serde_json::from_str(&outcome.stdout).expect("JSON");
    let patches: Vec<&Json> = document["patches"].as_array().expect("a list").iter().collect();
    let place = place.file("patched.json", merge::patched(MANIFESTS, &patches));
    let import = ["import", "patched.json", "--output", "patched.yaml"];
    let imported = place.sim(&[&import[..], &app, &rollout].concat());
    assert_eq!(imported.status, 0, "{}", imported.stderr);
    // How long to look is the importer's choice, by the settings; it is no setting.
    let advised = place.read("advised.yaml");
    let horizon = advised.lines().find_map(|line| line.strip_prefix("horizon: "));
    let horizon = horizon.and_then(|rest| rest.split(' ').next()).expect("a horizon");
    let set = format!("horizon={horizon}");
    let run = place.sim(&[
        "run",
        "patched.yaml",
        "--set",
        &set,
        "--replications",
        "1",
        "--format",
        "json",
    ]);
    let run: Json = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(
        run["provenance"]["scenario_digest"],
        document["provenance"]["advised_digest"]
    );
}

/// `node` alone does not tell whether the program handles SIGTERM. Without a handler the grace period covers the
/// removal, with one the hook does: who trades the hook for a shorter grace period bets on the guess.
#[test]
fn a_guess_about_the_server_costs_no_hook_and_is_said() {
    let node = MANIFESTS
        .replace("golang:1.25", "node:20\n          command: [node, index.js]")
        .replace("\"5\"", "\"25\"")
        .replace(
            "      containers:",
            "      terminationGracePeriodSeconds: 50\n      containers:",
        );
    let place = Place::new(&test_name()).file("shop.yaml", node);
    let advise = |more: &[&str]| {
        let advise = ["advise", "--manifests", "shop.yaml", "--target-errors-per-event", "5"];
        let outcome = place.sim(&[&advise[..], &["--format", "json"], more].concat());
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
        serde_json::from_str::<Json>(&outcome.stdout).expect("JSON")
    };
    let document = advise(&[]);
    assert_eq!(document["status"], "already_met");
    assert_eq!(document["settings"], Json::Array(Vec::new()));
    let notes = document["notes"].to_string();
    for part in ["guess", "app.preset node-http", "`node` in `command`", "--app"] {
        assert!(notes.contains(part), "{part} is not in {notes}");
    }
    assert!(!notes.contains("none does so for less"), "{notes}");
    for told in [["--app", "node-http"], ["--set", "app.preset=node-http"]] {
        let document = advise(&told);
        let paths: Vec<&str> = super::settings(&document).iter().map(|(path, _)| *path).collect();
        assert_eq!(paths, ["pod.pre_stop.exec", "pod.termination_grace_period"], "{told:?}");
        let why = document["settings"][0]["why"].to_string();
        assert!(why.contains("a hook adds nothing"), "there is no sleep: {why}");
        assert!(
            !document["notes"].to_string().contains("guess"),
            "{}",
            document["notes"]
        );
    }
}
