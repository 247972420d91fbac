//! `--format sarif`: a log of SARIF 2.1.0 (OASIS).

use expect_test::expect;
use serde_json::Value;

use super::formats::fast;
use super::{SLEEP, edited};
use crate::command::{Place, test_name};

/// What SARIF 2.1.0 asks of a log, as far as there are such parts in ours.
fn assert_sarif(log: &Value) {
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["$schema"], "https://json.schemastore.org/sarif-2.1.0.json");
    let runs = log["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    assert_eq!(driver["name"], "sim");
    let rules = driver["rules"].as_array().expect("rules");
    for (index, rule) in rules.iter().enumerate() {
        assert_eq!(rule["id"], format!("DRN{:03}", index + 1));
        for text in ["shortDescription", "fullDescription"] {
            assert!(
                rule[text]["text"].as_str().is_some_and(|text| !text.is_empty()),
                "{rule:#}"
            );
        }
    }
    assert_eq!(runs[0]["columnKind"], "unicodeCodePoints");
    let results = runs[0]["results"].as_array().expect("results");
    assert!(!results.is_empty());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let level = result["level"].as_str().expect("a level");
        assert!(["error", "warning", "note"].contains(&level), "{level}");
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        for location in result["locations"].as_array().expect("locations") {
            let place = &location["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
            assert!(!uri.starts_with('/') && !uri.contains(' '), "{uri}");
            let at = |key: &str| place["region"][key].as_u64().expect("a number");
            assert!(at("startLine") >= 1 && at("startColumn") >= 1);
            // Behind the last character, so that a region is never empty.
            assert!((at("endLine"), at("endColumn")) > (at("startLine"), at("startColumn")));
        }
    }
}

#[test]
fn sarif_is_version_2_1_0() {
    let outcome = fast("sarif");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    let mut log: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_sarif(&log);
    // The list of rules stands in RULES.md, and the predictions in the test of the JSON format.
    let run = &mut log["runs"][0];
    run["tool"]["driver"]["rules"] = Value::Null;
    run["properties"] = Value::Null;
    expect![[r#"
        {
          "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
          "version": "2.1.0",
          "runs": [
            {
              "tool": {
                "driver": {
                  "name": "sim",
                  "version": "0.1.0",
                  "rules": null
                }
              },
              "columnKind": "unicodeCodePoints",
              "results": [
                {
                  "ruleId": "DRN010",
                  "ruleIndex": 9,
                  "level": "warning",
                  "message": {
                    "text": "there is no preStop hook, and the removal of a pod from the ALB takes up to 21 s here (99 %)\nSleep 27 s in preStop, which leaves some margin: the pod serves on meanwhile. `sleep` needs Kubernetes 1.30; before, use `exec: { command: [\"sleep\", \"27\"] }`."
                  },
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "m.yaml"
                        },
                        "region": {
                          "startLine": 22,
                          "startColumn": 17,
                          "endLine": 22,
                          "endColumn": 22
                        }
                      }
                    }
                  ],
                  "properties": {
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
                }
              ],
              "properties": null
            }
          ]
        }
    "#]].assert_eq(&(serde_json::to_string_pretty(&log).expect("JSON") + "\n"));
}

#[test]
fn sarif_names_files_by_relative_references() {
    let place = Place::new(&test_name()).file("k8s/web app.yaml", edited(&[(SLEEP, "")]));
    let flags = [
        "check",
        "k8s",
        "--replications",
        "1",
        "--disruption",
        "rollout",
        "--format",
        "sarif",
    ];
    let log: Value = serde_json::from_str(&place.sim(&flags).stdout).expect("JSON");
    assert_sarif(&log);
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "k8s/web%20app.yaml");
}
