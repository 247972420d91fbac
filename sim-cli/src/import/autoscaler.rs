//! The workload's `HorizontalPodAutoscaler` as a disruption: the load falls, and it takes pods away (nodes §7).

use serde_json::{Value as Json, json};
use sim_core::dist::Dist;
use sim_core::scenario::Scenario;
use sim_core::scenario::quantity::Cpu;

use super::disruption::AT_S;
use super::draft::{Draft, Origin};
use crate::manifest::scaling::{HpaSpec, Metric, ScalingPolicy, ScalingRules};
use crate::manifest::{Manifests, Object};
use crate::text::decode::Spanned;
use crate::text::error::{Diagnostic, Severity};
use crate::text::source::Place;

const BASE: &str = "disruptions[0].hpa";
const DEFAULT: &str = "Kubernetes default (nodes §7)";

/// Longest time that policies are waited for, seconds: pods that still go then tell no more than those before.
const PATIENCE_S: u64 = 3600;

/// What to do where there is no autoscaler.
pub(super) fn missing(workload: &Object, manifests: &Manifests) -> Diagnostic {
    let title = format!(
        "no HorizontalPodAutoscaler of the input scales {}, so there is none to simulate",
        workload.title()
    );
    let keda = manifests.ignored.iter().any(|ignored| ignored.kind == "ScaledObject");
    let help = if keda {
        "KEDA makes one from a ScaledObject: add it as the cluster has it, `kubectl get hpa -o yaml`"
    } else {
        "add it: `kubectl get deploy,svc,ingress,hpa,pdb -o yaml | sim import - --disruption hpa`"
    };
    Diagnostic::new(title).help(help)
}

/// Makes the autoscaler and a falling load the only disruption. Gives what it has and the model has not.
///
/// # Errors
///
/// It cannot work, in a cluster either.
pub(super) fn apply(draft: &mut Draft, object: &Object, spec: &HpaSpec) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    if draft.place("pod.requests.cpu").is_none() {
        let title = format!("{} has no CPU request to compare with", object.title());
        let diagnostic = Diagnostic::at(object.name_place(), title)
            .note("without one Kubernetes knows no utilisation, and the number of pods stays as it is")
            .help("give the containers `resources.requests.cpu`");
        return Err(vec![diagnostic]);
    }
    let mut hpa = Hpa {
        draft,
        notes: Vec::new(),
        problems: Vec::new(),
    };
    let always = "an autoscaler is there from the start".to_owned();
    hpa.draft.set("disruptions[0].at", "0s", Origin::Assumed(always));
    let least = hpa.bound("min_replicas", "spec.minReplicas", spec.min_replicas.as_ref(), object);
    hpa.bound("max_replicas", "spec.maxReplicas", spec.max_replicas.as_ref(), object);
    let target = hpa.target(spec);
    let behavior = spec.behavior.as_ref();
    let up = behavior.and_then(|behavior| behavior.scale_up.as_ref());
    let down = behavior.and_then(|behavior| behavior.scale_down.as_ref());
    let usual = json!([{ "pods": 4, "period": "15s" }, { "percent": 100, "period": "15s" }]);
    hpa.rules("scale_up", "scaleUp", up, 0, usual);
    let usual = json!([{ "percent": 100, "period": "15s" }]);
    let (window, select) = hpa.rules("scale_down", "scaleDown", down, 300, usual);
    hpa.load(target);
    if select == "disabled" {
        let title = format!("{} never scales down: nothing is disrupted", object.title());
        hpa.note(object.name_place(), title);
    }
    let policies = down.and_then(|rules| rules.policies.as_deref()).unwrap_or_default();
    let replicas = hpa.draft.get("deployment.replicas").and_then(Json::as_u64).unwrap_or(1);
    if replicas <= least && select != "disabled" {
        let title = format!("{} stands at its least already: no pod goes", object.title());
        let diagnostic = Diagnostic::at(object.name_place(), title).severity(Severity::Note);
        hpa.notes
            .push(diagnostic.help("start with the pods of a busy hour: --replicas"));
    }
    let grace = super::disruption::seconds(hpa.draft, "pod.termination_grace_period");
    let horizon = AT_S + window + fall_seconds(replicas, least, policies, select) + 2 * grace + 300;
    let why = "long enough for the autoscaler to follow".to_owned();
    hpa.draft.set("horizon", format!("{horizon}s"), Origin::Assumed(why));
    if hpa.problems.is_empty() {
        Ok(hpa.notes)
    } else {
        Err(hpa.problems)
    }
}

/// The disruption being made.
struct Hpa<'d> {
    draft: &'d mut Draft,
    notes: Vec<Diagnostic>,
    problems: Vec<Diagnostic>,
}

impl Hpa<'_> {
    fn note(&mut self, place: Place, title: String) {
        self.notes.push(Diagnostic::at(place, title).severity(Severity::Note));
    }

    /// `minReplicas`, one by default, or `maxReplicas`, which has no default.
    fn bound(&mut self, name: &str, field: &str, value: Option<&Spanned<i64>>, object: &Object) -> u64 {
        let path = format!("{BASE}.{name}");
        match value {
            Some(value) => {
                let count = self.count(value, field);
                self.draft.set(&path, count, Origin::manifest(value, field));
                count
            }
            None if name == "min_replicas" => {
                self.draft.set(&path, 1, Origin::Default(DEFAULT));
                1
            }
            None => {
                let title = format!("{} has no `{field}`, which every autoscaler needs", object.title());
                self.problems.push(Diagnostic::at(object.name_place(), title));
                1
            }
        }
    }

    /// A whole number above zero.
    fn count(&mut self, value: &Spanned<i64>, field: &str) -> u64 {
        if value.value < 1 {
            let title = format!("`{field}`: found {}, expected 1 or more", value.value);
            self.problems.push(Diagnostic::at(value.place.clone(), title));
        }
        u64::try_from(value.value).unwrap_or(1).max(1)
    }

    /// Percent of the CPU request at which it aims.
    fn target(&mut self, spec: &HpaSpec) -> u64 {
        let path = format!("{BASE}.target_cpu_utilization");
        let mut found = None;
        if let Some(percent) = &spec.target_cpu_utilization_percentage {
            found = Some((percent, "spec.targetCPUUtilizationPercentage".to_owned()));
        }
        let metrics = spec.metrics.as_deref().unwrap_or_default();
        for (index, metric) in metrics.iter().enumerate() {
            match cpu_utilisation(metric) {
                Some((percent, name)) if found.is_none() => {
                    found = Some((percent, format!("spec.metrics[{index}].{name}")));
                }
                _ => {
                    let kind = metric.kind.as_ref().map_or("(no type)", |kind| kind.as_str());
                    let resource = metric.resource.as_ref().or(metric.container_resource.as_ref());
                    let name = resource.and_then(|resource| resource.name.as_ref());
                    let of = name.map_or_else(String::new, |name| format!(" `{}`", name.as_str()));
                    let title =
                        format!("the metric {kind}{of} is not simulated: only the CPU utilisation of the pods is");
                    let place = metric.kind.as_ref().map(|kind| kind.place.clone());
                    self.notes
                        .push(Diagnostic::maybe_at(place, title).severity(Severity::Note));
                }
            }
        }
        match found {
            Some((percent, field)) => {
                let value = self.count(percent, &field);
                self.draft.set(&path, value, Origin::manifest(percent, field));
                value
            }
            None if metrics.is_empty() => {
                let why = "Kubernetes default of an autoscaler without metrics (autoscaling/v2 defaults.go)";
                self.draft.set(&path, 80, Origin::Default(why));
                80
            }
            None => {
                let why = "none of its metrics is the CPU utilisation; 80 % is assumed".to_owned();
                self.draft.set(&path, 80, Origin::Assumed(why));
                80
            }
        }
    }

    /// One direction of `behavior`; gives the window in seconds and what selects among the policies.
    fn rules(
        &mut self,
        name: &str,
        field: &str,
        rules: Option<&ScalingRules>,
        window: u64,
        usual: Json,
    ) -> (u64, &'static str) {
        let (base, field) = (format!("{BASE}.behavior.{name}"), format!("spec.behavior.{field}"));
        let path = format!("{base}.stabilization_window");
        let written = rules.and_then(|rules| rules.stabilization_window_seconds.as_ref());
        let window = written.map_or(window, |written| u64::try_from(written.value).unwrap_or(0));
        let origin = written.map_or(Origin::Default(DEFAULT), |written| {
            Origin::manifest(written, format!("{field}.stabilizationWindowSeconds"))
        });
        self.draft.set(&path, format!("{window}s"), origin);
        let written = rules.and_then(|rules| rules.select_policy.as_ref());
        let select = match written.map_or("Max", |written| written.as_str()) {
            "Min" => "min",
            "Disabled" => "disabled",
            "Max" => "max",
            other => {
                let title = format!("`{field}.selectPolicy`: unknown value {other:?}");
                let place = written.map(|written| written.place.clone());
                let diagnostic = Diagnostic::maybe_at(place, title).note("legal values: Max, Min, Disabled");
                self.problems
                    .push(diagnostic.suggest(other, ["Max", "Min", "Disabled"]));
                "max"
            }
        };
        let origin = written.map_or(Origin::Default(DEFAULT), |written| {
            Origin::manifest(written, format!("{field}.selectPolicy"))
        });
        self.draft.set(&format!("{base}.select_policy"), select, origin);
        let policies = rules.and_then(|rules| rules.policies.as_deref());
        match policies.filter(|policies| !policies.is_empty()) {
            Some(policies) => {
                for (index, policy) in policies.iter().enumerate() {
                    let (base, field) = (
                        format!("{base}.policies[{index}]"),
                        format!("{field}.policies[{index}]"),
                    );
                    self.policy(&base, &field, policy);
                }
            }
            None => self
                .draft
                .set(&format!("{base}.policies"), usual, Origin::Default(DEFAULT)),
        }
        (window, select)
    }

    fn policy(&mut self, base: &str, field: &str, policy: &ScalingPolicy) {
        if let Some(value) = &policy.value {
            let name = if is_percent(policy) { "percent" } else { "pods" };
            let count = self.count(value, &format!("{field}.value"));
            let origin = Origin::manifest(value, format!("{field}.value"));
            self.draft.set(&format!("{base}.{name}"), count, origin);
        }
        if let Some(period) = &policy.period_seconds {
            let seconds = self.count(period, &format!("{field}.periodSeconds"));
            let origin = Origin::manifest(period, format!("{field}.periodSeconds"));
            self.draft.set(&format!("{base}.period"), format!("{seconds}s"), origin);
        }
    }

    /// Lets the load fall to a fifth. One that nobody gave starts where the pods are used as the target says, or below.
    fn load(&mut self, target: u64) {
        let rate = "workload.open_loop.rate";
        let assumed = matches!(self.draft.origin(rate), Some(Origin::Assumed(_)));
        if let (true, Some(most)) = (assumed, self.rate_at(target)) {
            let rate_now = self.draft.get(rate).and_then(Json::as_u64).unwrap_or(0);
            if most < rate_now {
                let why = format!("a load that uses {target} % of the CPU requests is assumed");
                self.draft.set(rate, most, Origin::Assumed(why));
            }
        }
        for path in [rate, "workload.sessions.count"] {
            let (Some(before), Some(origin)) = (
                self.draft.get(path).and_then(Json::as_u64),
                self.draft.origin(path).cloned(),
            ) else {
                continue;
            };
            let why = "the load falls to a fifth after a minute";
            for (index, at, value, origin) in [
                (0, 0, before, origin),
                (1, AT_S, (before / 5).max(1), Origin::Assumed(why.to_owned())),
            ] {
                let base = format!("{path}.steps[{index}]");
                self.draft.set(&format!("{base}.at"), format!("{at}s"), origin.clone());
                self.draft.set(&format!("{base}.value"), value, origin);
            }
        }
    }

    /// Requests per second with which all pods use that much of their CPU request, by the model's share of the service
    /// time that is spent on the CPU.
    fn rate_at(&self, percent: u64) -> Option<u64> {
        let replicas = self.draft.get("deployment.replicas")?.as_u64()?;
        let request: Cpu = self.draft.get("pod.requests.cpu")?.as_str()?.parse().ok()?;
        let service: Dist = serde_json::from_value(self.draft.get("app.service_time")?.clone()).ok()?;
        let app = Scenario::default().app;
        let used = (request.millicores() * percent / 100).saturating_sub(app.idle_cpu.millicores());
        // Millionths of a millisecond on the CPU for each request, that is millionths of a millicore for each one
        // per second.
        let each = service.mean().as_ns() / 1_000_000 * app.cpu_share.parts_per_million();
        (used * replicas * 1_000_000).checked_div(each).map(|rate| rate.max(1))
    }
}

/// Percent and field of a metric on the pods' CPU utilisation.
fn cpu_utilisation(metric: &Metric) -> Option<(&Spanned<i64>, &'static str)> {
    let resource = metric.resource.as_ref()?;
    if resource.name.as_ref()?.as_str() != "cpu" {
        return None;
    }
    let target = resource.target.as_ref();
    let percent = target.and_then(|target| target.average_utilization.as_ref());
    let percent = percent.map(|percent| (percent, "resource.target.averageUtilization"));
    let older = resource.target_average_utilization.as_ref();
    percent.or_else(|| older.map(|percent| (percent, "resource.targetAverageUtilization")))
}

fn is_percent(policy: &ScalingPolicy) -> bool {
    policy.kind.as_ref().is_some_and(|kind| kind.as_str() == "Percent")
}

/// How long the policies need from `replicas` down to `least`.
fn fall_seconds(replicas: u64, least: u64, policies: &[ScalingPolicy], select: &str) -> u64 {
    let (mut now, mut seconds) = (replicas, 0);
    let whole = |value: Option<&Spanned<i64>>| value.and_then(|value| u64::try_from(value.value).ok());
    while now > least && seconds < PATIENCE_S && select != "disabled" {
        let steps = policies.iter().map(|policy| {
            let value = whole(policy.value.as_ref()).unwrap_or(1);
            let gone = if is_percent(policy) {
                (now * value).div_ceil(100)
            } else {
                value
            };
            (gone.max(1), whole(policy.period_seconds.as_ref()).unwrap_or(15).max(1))
        });
        let step = if select == "min" { steps.min() } else { steps.max() };
        let (gone, period) = step.unwrap_or((now, 15));
        now = now.saturating_sub(gone);
        seconds += period;
    }
    seconds.min(PATIENCE_S)
}
