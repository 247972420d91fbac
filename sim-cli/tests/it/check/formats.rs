//! What is printed: text, JSON by its schema, workflow commands; the same bytes on any number of threads.

use expect_test::expect;
use serde_json::Value;

use super::{GOOD, SLEEP, edited, sim};
use crate::command::Outcome;
use crate::run::schema::Schema;

/// Endings that name a unit.
const UNITS: [&str; 7] = [
    "_s",
    "_s_p99",
    "_count",
    "_ratio",
    "_per_event",
    "_ci95_low",
    "_ci95_high",
];

/// Numbers that are no quantities, or whose unit stands before a word that tells two apart.
const OTHERS: [&str; 9] = [
    "schema_version",
    "seed",
    "replications",
    "line",
    "column",
    "end_line",
    "end_column",
    "five_xx_per_event_without",
    "five_xx_per_event_with",
];

/// A rollout of the good service without its hook, once.
pub(super) fn fast(format: &str) -> Outcome {
    let flags = ["--replications", "2", "--disruption", "rollout", "--format", format];
    sim(&edited(&[(SLEEP, "")]), &flags)
}

/// Every number of a value with the key that it stands under.
fn numbers(key: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(key.to_owned()),
        Value::Array(items) => items.iter().for_each(|item| numbers(key, item, found)),
        Value::Object(members) => members.iter().for_each(|(name, member)| match name.as_str() {
            // As the manifests and the scenario have them.
            "patches" | "settings" => {}
            "causes_per_event" => found.push(name.clone()),
            name => numbers(name, member, found),
        }),
        _ => {}
    }
}

#[test]
fn the_document_follows_the_committed_schema_and_its_numbers_say_their_unit() {
    let schema = Schema::committed("check.schema.json");
    for (edits, more) in [
        (&[][..], &["--replications", "1"][..]),
        (&[(SLEEP, "")], &["--replications", "2"]),
        (
            &[("replicas: 4", "replicas: 1")],
            &["--max-5xx-per-event", "1", "--replications", "1"],
        ),
        (&[("path: /healthz", "path: /")], &["--disruption", "rollout"]),
    ] {
        let edits: Vec<(&str, &str)> = edits
            .iter()
            .filter(|(from, _)| GOOD.matches(from).count() == 1)
            .copied()
            .collect();
        let outcome = sim(&edited(&edits), &[more, &["--format", "json"]].concat());
        let document: Value = serde_json::from_str(&outcome.stdout).expect("one JSON document");
        schema.check(&document);
        let mut found = Vec::new();
        numbers("", &document, &mut found);
        for key in found {
            let has_unit = UNITS.iter().any(|unit| key.ends_with(unit));
            assert!(
                has_unit != OTHERS.contains(&key.as_str()),
                "{key} needs a unit, or is listed here"
            );
        }
    }
}

#[test]
fn json_is_one_document() {
    let outcome = fast("json");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    expect![[r#"
        {
          "schema_version": 1,
          "tool_version": "0.1.0",
          "seed": 1,
          "replications": 2,
          "profile": "eks",
          "service": {
            "entry": "Ingress web",
            "service": "Service web",
            "workload": "Deployment web",
            "namespace": "shop",
            "replicas_count": 4,
            "app_preset": "nginx-quit"
          },
          "limits": {
            "max_five_xx_ratio": 0.001,
            "max_five_xx_per_event": null
          },
          "passed": false,
          "predictions": [
            {
              "disruption": "rollout",
              "horizon_s": 820.0,
              "requests_per_event": 32687.0,
              "five_xx_per_event": 441.0,
              "five_xx_per_event_ci95_low": 297.2,
              "five_xx_per_event_ci95_high": 584.8,
              "five_xx_ratio": 0.013491602165998715,
              "five_xx_ratio_ci95_low": 0.0090923,
              "five_xx_ratio_ci95_high": 0.0178909,
              "peak_five_xx_ratio": 0.20279720279720279,
              "removal_s_p99": 20.363873083,
              "causes_per_event": {
                "refused_process_dead": 6.5,
                "silent_pod_ip": 434.5
              },
              "exceeds_limit": true
            }
          ],
          "predictions_with_all_fixes": [
            {
              "disruption": "rollout",
              "horizon_s": 820.0,
              "requests_per_event": 32687.0,
              "five_xx_per_event": 0.0,
              "five_xx_per_event_ci95_low": 0.0,
              "five_xx_per_event_ci95_high": 1.49783,
              "five_xx_ratio": 0.0,
              "five_xx_ratio_ci95_low": 0.0,
              "five_xx_ratio_ci95_high": 0.0000458235,
              "peak_five_xx_ratio": 0.0,
              "removal_s_p99": 20.331276795,
              "causes_per_event": {},
              "exceeds_limit": false
            }
          ],
          "findings": [
            {
              "rule": "DRN010",
              "name": "preStop shorter than the removal from the ALB",
              "level": "warning",
              "message": "there is no preStop hook, and the removal of a pod from the ALB takes up to 21 s here (99 %)",
              "location": {
                "file": "m.yaml",
                "line": 22,
                "column": 17,
                "end_line": 22,
                "end_column": 22
              },
              "reason": "The ALB sends requests to a pod until its last node has learned of the deregistration. A pod that stops serving before that fails them: 502 while the port is closed, 504 once the address is gone.",
              "source": "alb §5.1; lbc §1; kubernetes §1",
              "advice": "Sleep 27 s in preStop, which leaves some margin: the pod serves on meanwhile. `sleep` needs Kubernetes 1.30; before, use `exec: { command: [\"sleep\", \"27\"] }`.",
              "settings": {
                "pod.pre_stop": {
                  "sleep": "27s"
                }
              },
              "patches": [
                {
                  "apiVersion": "apps/v1",
                  "kind": "Deployment",
                  "metadata": {
                    "name": "web",
                    "namespace": "shop"
                  },
                  "spec": {
                    "template": {
                      "spec": {
                        "containers": [
                          {
                            "name": "nginx",
                            "lifecycle": {
                              "preStop": {
                                "sleep": {
                                  "seconds": 27
                                }
                              }
                            }
                          }
                        ]
                      }
                    }
                  }
                }
              ],
              "effect": {
                "rollout": {
                  "five_xx_per_event_without": 441.0,
                  "five_xx_per_event_with": 0.0,
                  "five_xx_per_event_difference_ci95_low": -529.943,
                  "five_xx_per_event_difference_ci95_high": -352.057
                }
              }
            }
          ],
          "notes": []
        }
    "#]].assert_eq(&outcome.stdout);
}

#[test]
fn text_is_for_people() {
    let outcome = fast("text");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    expect![[r#"
        web  Ingress web → Service web → Deployment web
        4 pods, nginx-quit, profile eks, 2 replications of each disruption, seed 1

          disruption  5xx per event   95 % interval  5xx ratio  worst 5 s  most failed by
          rollout               441  297.2 to 584.8     1.35 %     20.3 %  silent_pod_ip

        warning[DRN010]: there is no preStop hook, and the removal of a pod from the ALB takes up to 21 s here (99 %)
          --> m.yaml:22:17
           |
        22 |         - name: nginx
           |                 ^^^^^
          why     The ALB sends requests to a pod until its last node has learned of the deregistration.
                  A pod that stops serving before that fails them: 502 while the port is closed, 504
                  once the address is gone. (alb §5.1; lbc §1; kubernetes §1)
          effect  with this fix alone, 5xx per event: rollout 441 → 0
          fix     Sleep 27 s in preStop, which leaves some margin: the pod serves on meanwhile. `sleep`
                  needs Kubernetes 1.30; before, use `exec: { command: ["sleep", "27"] }`.

                  apiVersion: apps/v1
                  kind: Deployment
                  metadata:
                    name: web
                    namespace: shop
                  spec:
                    template:
                      spec:
                        containers:
                          - name: nginx
                            lifecycle:
                              preStop:
                                sleep:
                                  seconds: 27

        With all fixes together
          disruption  5xx per event  95 % interval      5xx ratio  worst 5 s  most failed by
          rollout                 0      below 1.5  below 0.005 %        0 %

        failed: above the limit of 0.100 % of the requests: rollout; 0 errors, 1 warning, 0 notes
    "#]]
    .assert_eq(&outcome.stdout);
}

#[test]
fn github_takes_workflow_commands() {
    let outcome = fast("github");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    expect![[r#"
        ::error title=sim check::Deployment web: a rollout fails 441.0 requests with 5xx (1.3492 %25), above the limit
        ::warning file=m.yaml,line=22,col=17,endLine=22,title=DRN010 preStop shorter than the removal from the ALB::there is no preStop hook, and the removal of a pod from the ALB takes up to 21 s here (99 %25)%0AThe ALB sends requests to a pod until its last node has learned of the deregistration. A pod that stops serving before that fails them: 502 while the port is closed, 504 once the address is gone.%0ASleep 27 s in preStop, which leaves some margin: the pod serves on meanwhile. `sleep` needs Kubernetes 1.30; before, use `exec: { command: ["sleep", "27"] }`.
    "#]].assert_eq(&outcome.stdout);
}

#[test]
fn the_bytes_do_not_depend_on_the_threads() {
    let manifest = edited(&[(SLEEP, "")]);
    for format in ["text", "json", "sarif", "github"] {
        let with = |threads| {
            sim(
                &manifest,
                &["--replications", "2", "--format", format, "--threads", threads],
            )
            .stdout
        };
        assert_eq!(with("1"), with("2"), "{format}");
    }
}
