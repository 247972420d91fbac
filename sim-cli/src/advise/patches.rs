//! Advised settings as strategic merge patches of the manifests.
//!
//! The user's own objects are named where manifests were imported; else every object has the scenario's name, and the
//! application's container is called `app`.

use serde_json::{Value as Json, json};
use sim_core::scenario::Scenario;

use super::candidate::Candidate;
use super::subject::{Origin, Service, Subject};
use crate::check::Context;
use crate::check::patch::{self, Patch};
use crate::import::annotations::PREFIX;

/// The label that makes the controller inject readiness gates (lbc §2.1).
const GATE_LABEL: &str = "elbv2.k8s.aws/pod-readiness-gate-inject";

/// What a patch of objects says whose names are not known.
const NAMES: &str = "Put your own names in place of these, or advise with --manifests.";

/// Which objects are patched.
enum Objects<'a> {
    /// Imported ones.
    Real(Context<'a, 'a>),
    /// Objects of this name.
    Named(String),
}

/// The patches that make manifests like the candidate; settings of the application are left out.
pub(crate) fn of(subject: &Subject<'_>, scenario: &Scenario, candidate: &Candidate) -> Vec<Patch> {
    let objects = match &subject.origin {
        Origin::Manifests(service) => Objects::Real(context(service, scenario)),
        Origin::Named(_) | Origin::Text(_) => Objects::Named(object_name(&scenario.name)),
    };
    let change = candidate.change(scenario);
    let sleeps = change.sets.iter().any(|(path, _)| path == "pod.pre_stop.sleep");
    let patches = change
        .sets
        .iter()
        .filter_map(|(path, value)| objects.patch(path, value, scenario, sleeps))
        .map(|patch| match objects {
            Objects::Real(_) => patch,
            // A scenario knows no objects.
            Objects::Named(_) => Patch {
                remarks: [vec![NAMES.to_owned()], patch.remarks].concat(),
                ..patch
            },
        });
    patch::combined(&patches.collect::<Vec<_>>())
}

fn context<'a>(service: &'a Service<'a>, scenario: &'a Scenario) -> Context<'a, 'a> {
    Context {
        imported: service.imported,
        scenario,
        manifests: service.manifests,
        predictions: &[],
    }
}

impl Objects<'_> {
    fn patch(&self, path: &str, value: &str, scenario: &Scenario, sleeps: bool) -> Option<Patch> {
        let number = || value.trim_end_matches('s').parse::<u64>().ok();
        Some(match path {
            "pod.pre_stop.sleep" => self.hook(&match number() {
                Some(seconds) => {
                    let mut hook = json!({ "sleep": { "seconds": seconds } });
                    let old = &scenario.pod.pre_stop;
                    for (name, there) in [("exec", old.exec.is_some()), ("httpGet", old.http_get.is_some())] {
                        if there {
                            hook[name] = Json::Null;
                        }
                    }
                    hook
                }
                None => Json::Null,
            }),
            // A sleep in its place takes care of it; a hook without an action would be refused.
            "pod.pre_stop.exec" | "pod.pre_stop.http_get" if !sleeps => self.hook(&Json::Null),
            "pod.termination_grace_period" => self.pod(&json!({ "terminationGracePeriodSeconds": number()? })),
            "pod.readiness_gate" => self.gate(),
            "load_balancer.idle_timeout" => self.attribute(
                "load-balancer-attributes",
                "idle_timeout.timeout_seconds",
                &number()?.to_string(),
            ),
            "target_group.deregistration_delay" => self.attribute(
                "target-group-attributes",
                "deregistration_delay.timeout_seconds",
                &number()?.to_string(),
            ),
            "target_group.health_check.interval" => {
                self.annotation("healthcheck-interval-seconds", &number()?.to_string())
            }
            "target_group.health_check.timeout" => {
                self.annotation("healthcheck-timeout-seconds", &number()?.to_string())
            }
            "target_group.health_check.unhealthy_threshold" => self.annotation("unhealthy-threshold-count", value),
            "deployment.max_unavailable" => self.rolling(&json!({ "maxUnavailable": number()? })),
            "deployment.max_surge" => self.rolling(&json!({ "maxSurge": value })),
            "deployment.min_ready" => self.workload(&json!({ "minReadySeconds": number()? })),
            // Settings of the application, and what only describes a hook that goes.
            _ => return None,
        })
    }

    fn rolling(&self, fields: &Json) -> Patch {
        self.workload(&json!({ "strategy": { "type": "RollingUpdate", "rollingUpdate": fields } }))
    }

    fn hook(&self, hook: &Json) -> Patch {
        let container = json!({ "lifecycle": { "preStop": hook } });
        match self {
            Objects::Real(context) => Patch::container(context, container),
            Objects::Named(_) => {
                let mut named = json!({ "name": "app" });
                named["lifecycle"] = container["lifecycle"].clone();
                self.pod(&json!({ "containers": [named] }))
            }
        }
    }

    fn pod(&self, spec: &Json) -> Patch {
        match self {
            Objects::Real(context) => Patch::pod(context, spec),
            Objects::Named(_) => self.workload(&json!({ "template": { "spec": spec } })),
        }
    }

    fn workload(&self, spec: &Json) -> Patch {
        match self {
            Objects::Real(context) => Patch::workload(context, spec),
            Objects::Named(name) => Patch::object(json!({
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": { "name": name },
                "spec": spec,
            })),
        }
    }

    fn gate(&self) -> Patch {
        match self {
            Objects::Real(context) => Patch::namespace_label(context, GATE_LABEL, "enabled"),
            Objects::Named(name) => Patch::object(json!({
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": { "name": name, "labels": { GATE_LABEL: "enabled" } },
            })),
        }
    }

    fn annotation(&self, suffix: &str, value: &str) -> Patch {
        match self {
            Objects::Real(context) => Patch::annotation(context, suffix, value),
            Objects::Named(name) => Patch::object(json!({
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": { "name": name, "annotations": { format!("{PREFIX}{suffix}"): value } },
            })),
        }
    }

    fn attribute(&self, suffix: &str, key: &str, value: &str) -> Patch {
        match self {
            Objects::Real(context) => Patch::attribute(context, suffix, key, value),
            Objects::Named(_) => self
                .annotation(suffix, &format!("{key}={value}"))
                .remarked(format!("{PREFIX}{suffix} holds all attributes in one value:"))
                .remarked("this one replaces it, so add the pairs that stand there today."),
        }
    }
}

/// As Kubernetes takes it (RFC 1123).
fn object_name(scenario: &str) -> String {
    let plain = scenario.to_ascii_lowercase();
    let dashed: String = plain
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let name = dashed.trim_matches('-');
    if name.is_empty() {
        "app".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
// The hashes are those that `UPDATE_EXPECT=1` writes.
#[allow(clippy::needless_raw_string_hashes)]
mod tests {
    use super::*;
    use crate::advise::candidate::Cover;
    use crate::advise::levers;
    use sim_core::time::SimDuration;

    fn yaml(scenario: &Scenario, candidate: &Candidate) -> String {
        let subject = Subject {
            origin: Origin::Named("shop"),
            profile: None,
            sets: &[],
        };
        let patches = of(&subject, scenario, candidate);
        let all: Vec<String> = patches.iter().map(Patch::to_yaml).collect();
        all.join("---\n")
    }

    #[test]
    fn each_object_has_one_patch() {
        let mut scenario = Scenario {
            name: "My shop".to_owned(),
            ..Scenario::default()
        };
        scenario.target_group.deregistration_delay = SimDuration::ZERO;
        let all = levers::of(&scenario, false);
        let text = yaml(&scenario, &Candidate::new(Cover::Seconds(20), &all));
        expect_test::expect![[r##"
            # Put your own names in place of these, or advise with --manifests.
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: my-shop
            spec:
              template:
                spec:
                  containers:
                    - name: app
                      lifecycle:
                        preStop:
                          sleep:
                            seconds: 20
                  terminationGracePeriodSeconds: 35
            ---
            # Put your own names in place of these, or advise with --manifests.
            apiVersion: v1
            kind: Namespace
            metadata:
              name: my-shop
              labels:
                elbv2.k8s.aws/pod-readiness-gate-inject: enabled
            ---
            # Put your own names in place of these, or advise with --manifests.
            # alb.ingress.kubernetes.io/target-group-attributes holds all attributes in one value:
            # this one replaces it, so add the pairs that stand there today.
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: my-shop
              annotations:
                alb.ingress.kubernetes.io/target-group-attributes: "deregistration_delay.timeout_seconds=30"
                alb.ingress.kubernetes.io/healthcheck-interval-seconds: "5"
                alb.ingress.kubernetes.io/healthcheck-timeout-seconds: "4"
        "##]]
        .assert_eq(&text);
    }

    #[test]
    fn a_hook_that_goes_is_taken_away() {
        let mut scenario = Scenario::default();
        scenario.pod.pre_stop.exec = Some(sim_core::scenario::pod::Hook::default());
        let text = yaml(&scenario, &Candidate::new(Cover::Seconds(0), &[]));
        assert!(text.contains("preStop: null\n"), "{text}");
        let text = yaml(&scenario, &Candidate::new(Cover::Seconds(9), &[]));
        assert!(text.contains("exec: null\n") && text.contains("seconds: 9\n"), "{text}");
    }
}
