//! Rules about replicas, rollouts, budgets and probes.

use serde_json::{Value as Json, json};
use sim_core::scenario::cluster::Strategy;
use sim_core::scenario::value::IntOrPercent;

use super::{Found, Level, Patch};
use crate::check::Context;
use crate::manifest::Object;
use crate::text::source::Place;

fn replicas(context: &Context<'_, '_>) -> u32 {
    context.scenario.deployment.replicas
}

fn workload_place(context: &Context<'_, '_>) -> Place {
    context.imported.route.workload.name_place()
}

pub(super) fn no_readiness_probe(context: &Context<'_, '_>) -> Vec<Found> {
    if context.scenario.pod.readiness_probe.is_some() {
        return Vec::new();
    }
    let main = context.imported.containers.main;
    let port = main
        .ports
        .iter()
        .flatten()
        .find_map(|port| port.container_port.as_ref());
    let port = port.map_or(8080, |port| port.value);
    let probe = json!({ "httpGet": { "path": "/healthz", "port": port }, "periodSeconds": 5 });
    vec![
        Found::new(Level::Warning, "the application's container has no readiness probe")
            .at(main.name.as_ref().map(|name| &name.place))
            .at(Some(&workload_place(context)))
            .advice("Probe a page of its own. `/healthz` stands for it.")
            .set("pod.readiness_probe", json!({ "period": "5s", "path": "dedicated" }))
            .patch(Patch::container(context, json!({ "readinessProbe": probe }))),
    ]
}

pub(super) fn recreate(context: &Context<'_, '_>) -> Vec<Found> {
    if context.scenario.deployment.strategy != Strategy::Recreate {
        return Vec::new();
    }
    let change =
        json!({ "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": 0 } } });
    vec![
        Found::new(Level::Error, "the strategy is `Recreate`")
            .at(context.imported.draft.place("deployment.strategy"))
            .advice("Roll, unless two versions must never run together.")
            .set("deployment.strategy", "rolling_update")
            .set("deployment.max_surge", "25%")
            .set("deployment.max_unavailable", 0)
            .patch(Patch::workload(context, &change)),
    ]
}

pub(super) fn no_budget(context: &Context<'_, '_>) -> Vec<Found> {
    let budget = &context.scenario.pod_disruption_budget;
    let workload = context.imported.route.workload;
    // A drain leaves the pods of a DaemonSet alone (kubernetes §5.1.1).
    let drained = workload.kind != "DaemonSet" && replicas(context) >= 2;
    if budget.min_available.is_some() || budget.max_unavailable.is_some() || !drained {
        return Vec::new();
    }
    let route = &context.imported.route;
    let own = route.spec.selector.as_ref();
    let selector = own.and_then(|selector| selector.match_labels.as_ref());
    let labels: serde_json::Map<String, Json> = selector
        .or(route.service_spec.selector.as_deref())
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), Json::from(value.as_str())))
        .collect();
    // One of that name may be there and select something else.
    let taken = context.manifests.objects.iter().any(|object| {
        object.kind == "PodDisruptionBudget"
            && object.name() == workload.name()
            && object.namespace() == workload.namespace()
    });
    let suffix = if taken { "-drain" } else { "" };
    let mut metadata = json!({ "name": format!("{}{suffix}", workload.name()) });
    if let Some(namespace) = &workload.metadata.namespace {
        metadata["namespace"] = Json::from(namespace.as_str());
    }
    let object = json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata,
        "spec": { "maxUnavailable": "25%", "selector": { "matchLabels": labels } },
    });
    vec![
        Found::new(
            Level::Note,
            format!("no PodDisruptionBudget selects the {} pods", replicas(context)),
        )
        .at(Some(&workload_place(context)))
        .advice("Add one. It paces the evictions; the requests to each evicted pod still need preStop.")
        .set("pod_disruption_budget.max_unavailable", "25%")
        .patch(Patch::object(object)),
    ]
}

pub(super) fn blocking_budget(context: &Context<'_, '_>) -> Vec<Found> {
    let budget = &context.scenario.pod_disruption_budget;
    let replicas = replicas(context);
    // Both percentages round up (kubernetes §5.1).
    let of = |value: IntOrPercent| match value {
        IntOrPercent::Int(count) => count,
        IntOrPercent::Percent(percent) => (percent * replicas).div_ceil(100),
    };
    let (path, text) = match (budget.min_available, budget.max_unavailable) {
        (Some(least), _) if of(least) >= replicas => (
            "pod_disruption_budget.min_available",
            format!("`minAvailable: {least}` of {replicas} pods"),
        ),
        (None, Some(most)) if of(most) == 0 => (
            "pod_disruption_budget.max_unavailable",
            format!("`maxUnavailable: {most}`"),
        ),
        _ => return Vec::new(),
    };
    let place = context.imported.draft.place(path);
    let object = budget_object(context, place);
    let found = Found::new(Level::Error, format!("{text} never allows an eviction"))
        .at(place)
        .advice(
            "Let one pod go at a time: `maxUnavailable: 1`. A drain then works, and costs what taking pods away costs \
             elsewhere.",
        )
        .set("pod_disruption_budget.min_available", Json::Null)
        .set("pod_disruption_budget.max_unavailable", 1);
    vec![match object {
        Some(object) => found.patch(Patch::of(
            object,
            json!({ "spec": { "minAvailable": Json::Null, "maxUnavailable": 1 } }),
        )),
        None => found,
    }]
}

/// The budget whose field stands at that place.
fn budget_object<'m>(context: &Context<'_, 'm>, place: Option<&Place>) -> Option<&'m Object> {
    let place = place?;
    let before = context.manifests.objects.iter().filter(|object| {
        object.kind == "PodDisruptionBudget"
            && object.place.source == place.source
            && object.place.span.start <= place.span.start
    });
    before.max_by_key(|object| object.place.span.start)
}

pub(super) fn single_replica(context: &Context<'_, '_>) -> Vec<Found> {
    let workload = context.imported.route.workload;
    if replicas(context) != 1 || workload.kind == "DaemonSet" {
        return Vec::new();
    }
    // What KEDA makes of a ScaledObject is not read.
    if context
        .manifests
        .ignored
        .iter()
        .any(|other| other.kind == "ScaledObject")
    {
        let message = "one pod is simulated, but a ScaledObject may say how many there are: see --replicas";
        return vec![
            Found::new(Level::Note, message)
                .at(Some(&workload_place(context)))
                .advice("Let `minReplicaCount` be at least two.")
                .set("deployment.replicas", 2),
        ];
    }
    let found = Found::new(Level::Warning, "one pod serves everything")
        .at(context.imported.draft.place("deployment.replicas"))
        .at(Some(&workload_place(context)))
        .advice("Run at least two, on different nodes.")
        .set("deployment.replicas", 2);
    // Under an autoscaler its bounds count, and a bare Pod has no number.
    vec![match context.imported.hpa {
        Some((hpa, _)) => found.patch(Patch::of(
            hpa,
            json!({ "spec": { "minReplicas": 2, "maxReplicas": 4 } }),
        )),
        None if workload.kind == "Pod" => found,
        None => found.patch(Patch::workload(context, &json!({ "replicas": 2 }))),
    }]
}

pub(super) fn unavailable_during_rollout(context: &Context<'_, '_>) -> Vec<Found> {
    let deployment = &context.scenario.deployment;
    if deployment.strategy == Strategy::Recreate || context.imported.route.workload.kind != "Deployment" {
        return Vec::new();
    }
    let is_zero = |value| matches!(value, IntOrPercent::Int(0) | IntOrPercent::Percent(0));
    let no_surge = is_zero(deployment.max_surge);
    // It rounds down, but something must move (kubernetes §4.3.2).
    let unavailable = match deployment.max_unavailable {
        IntOrPercent::Int(count) => count,
        IntOrPercent::Percent(percent) => (percent * deployment.replicas / 100).max(u32::from(no_surge)),
    };
    if unavailable == 0 {
        return Vec::new();
    }
    let default = if context.imported.draft.place("deployment.max_unavailable").is_none() {
        ", the default"
    } else {
        ""
    };
    let message = format!(
        "`maxUnavailable: {}`{default}: {unavailable} of {} pods may be missing during a rollout",
        deployment.max_unavailable, deployment.replicas
    );
    let mut change = json!({ "strategy": { "rollingUpdate": { "maxUnavailable": 0 } } });
    let mut found = Found::new(Level::Note, message)
        .at(context.imported.draft.place("deployment.max_unavailable"))
        .at(Some(&workload_place(context)))
        .advice("Surge instead, where there is room for it.")
        .set("deployment.max_unavailable", 0);
    if no_surge {
        // Kubernetes refuses both as zero.
        change["strategy"]["rollingUpdate"]["maxSurge"] = Json::from("25%");
        found = found.set("deployment.max_surge", "25%");
    }
    vec![found.patch(Patch::workload(context, &change))]
}
