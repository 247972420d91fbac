//! Rules about target group, gates and health checks.

use serde_json::{Value as Json, json};
use sim_core::scenario::elbv2::TargetType;
use sim_core::scenario::pod::HealthPath;

use super::{Found, Level, Patch, seconds};
use crate::check::Context;
use crate::import::annotations::Annotation;
use crate::import::draft::Origin;
use crate::text::decode::Spanned;

const INJECT: &str = "elbv2.k8s.aws/pod-readiness-gate-inject";

pub(super) fn readiness_gate(context: &Context<'_, '_>) -> Vec<Found> {
    let scenario = context.scenario;
    if scenario.pod.readiness_gate || scenario.target_group.target_type == TargetType::Instance {
        return Vec::new();
    }
    let namespace = context.imported.route.workload.namespace();
    let draft = &context.imported.draft;
    let unknown = matches!(draft.origin("pod.readiness_gate"), Some(Origin::Assumed(_)));
    let message = if unknown {
        format!("the input does not say whether the namespace `{namespace}` injects readiness gates; none are assumed")
    } else {
        format!("the namespace `{namespace}` does not inject readiness gates")
    };
    let place = draft
        .place("pod.readiness_gate")
        .cloned()
        .unwrap_or_else(|| context.imported.route.workload.name_place());
    vec![
        Found::new(if unknown { Level::Note } else { Level::Warning }, message)
            .at(Some(&place))
            .advice("Label the namespace; pods that are created afterwards get the gate.")
            .set("pod.readiness_gate", true)
            .patch(Patch::namespace_label(context, INJECT, "enabled")),
    ]
}

pub(super) fn shared_page(context: &Context<'_, '_>) -> Vec<Found> {
    let mut all = Vec::new();
    let draft = &context.imported.draft;
    let pod = &context.scenario.pod;
    for (name, path, probe) in [
        ("readinessProbe", "pod.readiness_probe.path", &pod.readiness_probe),
        ("livenessProbe", "pod.liveness_probe.path", &pod.liveness_probe),
    ] {
        if probe.as_ref().is_none_or(|probe| probe.path != HealthPath::Shared) {
            continue;
        }
        let found = Found::new(
            Level::Warning,
            format!("the {name} asks for a page that users ask for too"),
        )
        .at(draft.place(path))
        .at(context.imported.containers.main.name.as_ref().map(|name| &name.place))
        .advice("Give the application a page of its own for it, which does no work. `/healthz` stands for that page.")
        .set(path, "dedicated");
        let mut change = json!({});
        change[name] = json!({ "httpGet": { "path": "/healthz" } });
        all.push(found.patch(Patch::container(context, change)));
    }
    let path = "target_group.health_check.path";
    if context.scenario.target_group.health_check.path == HealthPath::Shared {
        let message = if draft.place(path).is_none() {
            "the ALB's health check asks for `/`, the controller's default, which users ask for too"
        } else {
            "the ALB's health check asks for a page that users ask for too"
        };
        all.push(
            Found::new(Level::Warning, message)
                .at(draft.place(path))
                .at(Some(&context.imported.route.entry.name_place()))
                .advice("Give the application a page of its own for it, which does no work. `/healthz` stands for that page.")
                .set(path, "dedicated")
                .patch(Patch::annotation(context, "healthcheck-path", "/healthz")),
        );
    }
    all
}

pub(super) fn deregistration_delay(context: &Context<'_, '_>) -> Vec<Found> {
    let delay = context.scenario.target_group.deregistration_delay;
    let app = &context.scenario.app;
    let services = std::iter::once(&app.service_time).chain(app.requests.values().map(|kind| &kind.service_time));
    let Some(longest) = services.map(|time| time.quantile(0.999)).max() else {
        return Vec::new();
    };
    if delay >= longest {
        return Vec::new();
    }
    let wanted = seconds(longest) + 5;
    let message = format!("the deregistration delay is {delay}, one request in a thousand takes {longest} or longer");
    let key = "deregistration_delay.timeout_seconds";
    vec![
        Found::new(Level::Warning, message)
            .at(context.imported.draft.place("target_group.deregistration_delay"))
            .advice(format!(
                "Set it to {wanted} s or more; a longer delay costs nothing while nothing is in flight."
            ))
            .set("target_group.deregistration_delay", format!("{wanted}s"))
            .patch(Patch::attribute(
                context,
                "target-group-attributes",
                key,
                &wanted.to_string(),
            )),
    ]
}

pub(super) fn publishes_not_ready(context: &Context<'_, '_>) -> Vec<Found> {
    if !context.scenario.service.publish_not_ready_addresses {
        return Vec::new();
    }
    vec![
        Found::new(Level::Error, "the Service has `publishNotReadyAddresses: true`")
            .at(context.imported.draft.place("service.publish_not_ready_addresses"))
            .advice("Take it away; a headless Service of its own can have it where peers must find each other early.")
            .set("service.publish_not_ready_addresses", false)
            .patch(Patch::service(
                context,
                &json!({ "publishNotReadyAddresses": Json::Null }),
            )),
    ]
}

pub(super) fn node_targets(context: &Context<'_, '_>) -> Vec<Found> {
    if context.scenario.target_group.target_type != TargetType::Instance {
        return Vec::new();
    }
    let target_type: Option<Annotation<'_>> = context.imported.route.annotations().target_group("target-type");
    let place = target_type
        .map(|annotation: Annotation<'_>| -> &Spanned<String> { annotation.value })
        .map(|value| &value.place);
    let default = if place.is_none() {
        ", the controller's default"
    } else {
        ""
    };
    vec![
        Found::new(Level::Note, format!("the target type is `instance`{default}"))
            .at(place)
            .at(Some(&context.imported.route.entry.name_place()))
            .advice(
                "Use ip targets with the VPC CNI. The change replaces the target group: for some time the ALB answers \
                 503 (lbc §1.12), so do it in a quiet hour or beside the old Ingress.",
            )
            .set("target_group.target_type", "ip")
            .patch(Patch::annotation(context, "target-type", "ip")),
    ]
}
