//! Rules about target group, gates and health checks.

use serde_json::{Value as Json, json};
use sim_core::scenario::elbv2::TargetType;
use sim_core::scenario::pod::{HealthPath, TopologyKey, TopologySpread, WhenUnsatisfiable};
use sim_core::time::SimDuration;

use super::{Found, Level, Patch, hook, seconds};
use crate::check::Context;
use crate::import::annotations::Annotation;
use crate::import::draft::Origin;
use crate::text::decode::Spanned;

const OWN_PAGE: &str =
    "Give the application a page of its own for it, which does no work. `/healthz` stands for that page.";

/// What the removal of a pod from the ALB takes at most, seconds (alb §5.1: nothing above 25 s is measured with
/// certainty, and the model ends at 30 s).
const IP_REMOVAL_S: u64 = 30;

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
            .advice(
                "Label the namespace; pods that are created afterwards get the gate. Where that cannot be, \
                 `minReadySeconds` gives the ALB time to find a new pod healthy.",
            )
            .set("pod.readiness_gate", true)
            .patch(Patch::namespace_label(context, INJECT, "enabled")),
    ]
}

pub(super) fn shared_page(context: &Context<'_, '_>) -> Vec<Found> {
    let mut all = Vec::new();
    let draft = &context.imported.draft;
    let (pod, main) = (&context.scenario.pod, context.imported.containers.main);
    for (name, path, probe, written) in [
        (
            "readinessProbe",
            "pod.readiness_probe.path",
            &pod.readiness_probe,
            &main.readiness_probe,
        ),
        (
            "livenessProbe",
            "pod.liveness_probe.path",
            &pod.liveness_probe,
            &main.liveness_probe,
        ),
    ] {
        if probe.as_ref().is_none_or(|probe| probe.path != HealthPath::Shared) {
            continue;
        }
        let get = written.as_ref().and_then(|probe| probe.http_get.as_ref());
        let page = get.and_then(|get| get.path.as_ref()).map(|path| path.as_str());
        let found = Found::new(level_of_page(page), format!("the {name} {}", asks_for(page)))
            .at(draft.place(path))
            .at(main.name.as_ref().map(|name| &name.place))
            .advice(OWN_PAGE)
            .set(path, "dedicated");
        let mut change = json!({});
        change[name] = json!({ "httpGet": { "path": "/healthz" } });
        all.push(found.patch(Patch::container(context, change)));
    }
    let path = "target_group.health_check.path";
    if context.scenario.target_group.health_check.path == HealthPath::Shared {
        let page = context.imported.route.annotations().target_group("healthcheck-path");
        let page = page.map(|page| page.value.as_str());
        all.push(
            Found::new(
                level_of_page(page),
                format!("the ALB's health check {}", asks_for(page)),
            )
            .at(draft.place(path))
            .at(Some(&context.imported.route.entry.name_place()))
            .advice(OWN_PAGE)
            .set(path, "dedicated")
            .patch(Patch::annotation(context, "healthcheck-path", "/healthz")),
        );
    }
    all
}

/// Who writes a path that does not speak of health probably means a page; `/` and the default may be anything.
fn level_of_page(page: Option<&str>) -> Level {
    match page {
        None | Some("" | "/") => Level::Note,
        Some(_) => Level::Warning,
    }
}

fn asks_for(page: Option<&str>) -> String {
    match page {
        None => "asks for `/`, the default, which is taken for a page that users ask for too".to_owned(),
        Some(page) => format!("asks for `{page}`, which is taken for a page that users ask for too"),
    }
}

pub(super) fn deregistration_delay(context: &Context<'_, '_>) -> Vec<Found> {
    let delay = context.scenario.target_group.deregistration_delay;
    let Some(longest) = hook::longest_request(context) else {
        return Vec::new();
    };
    // The delay runs from the call on, and a late ALB node sends requests for as long as the removal takes.
    let late_s = match context.scenario.target_group.target_type {
        TargetType::Ip => hook::enough_s(context),
        TargetType::Instance => 0,
    };
    let needed = longest + SimDuration::from_secs(late_s);
    if delay >= needed {
        return Vec::new();
    }
    // Short requests are rarely in flight when it ends.
    let level = if longest >= SimDuration::from_secs(1) {
        Level::Warning
    } else {
        Level::Note
    };
    let wanted = seconds(needed) + 5;
    let message = format!(
        "the deregistration delay is {delay}, but the ALB sends requests for up to {late_s} s of it (99 %), and one in a \
         thousand takes {longest} or longer"
    );
    let key = "deregistration_delay.timeout_seconds";
    vec![
        Found::new(level, message)
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
    let found = Found::new(Level::Note, format!("the target type is `instance`{default}"))
        .at(place)
        .at(Some(&context.imported.route.entry.name_place()))
        .set("target_group.target_type", "ip")
        .patch(Patch::annotation(context, "target-type", "ip"));
    let advice = "Use ip targets with the VPC CNI. The change replaces the target group: for some time the ALB answers 503 \
                  (lbc §1.12), so do it in a quiet hour or beside the old Ingress.";
    if hook::hook_time(context).is_some_and(|hook| seconds(hook) >= IP_REMOVAL_S) {
        return vec![found.advice(advice)];
    }
    // kube-proxy forgets a pod sooner than the ALB does.
    let advice = format!(
        "{advice} Only together with a preStop sleep of {IP_REMOVAL_S} s: the ALB itself takes longer to let go of a pod \
         than kube-proxy."
    );
    vec![hook::with_sleep(context, found.advice(advice), IP_REMOVAL_S)]
}

pub(super) fn zones_on_their_own(context: &Context<'_, '_>) -> Vec<Found> {
    let zonal = |spread: &TopologySpread| {
        spread.topology_key == TopologyKey::Zone && spread.when_unsatisfiable == WhenUnsatisfiable::DoNotSchedule
    };
    if context.scenario.target_group.cross_zone || context.scenario.pod.topology_spread.iter().any(zonal) {
        return Vec::new();
    }
    let message = "cross-zone load balancing is off, and nothing makes the scheduler spread the pods over the zones";
    let key = "load_balancing.cross_zone.enabled";
    vec![
        Found::new(Level::Warning, message)
            .at(context.imported.draft.place("target_group.cross_zone"))
            .advice(
                "Turn it on, or spread the pods by `topologySpreadConstraints` over the zones with `DoNotSchedule` \
                 and run at least two in each.",
            )
            .set("target_group.cross_zone", true)
            .patch(Patch::attribute(context, "target-group-attributes", key, "true")),
    ]
}
