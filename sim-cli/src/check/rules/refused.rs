//! What the controller or AWS refuses; the importer has found it already.

use super::{Found, Level, Patch};
use crate::check::Context;
use crate::import::annotations;
use crate::import::refused::Refused;

/// Health check annotations and ELBv2's range (alb §1.1).
const HEALTH_CHECK: [(&str, i64, i64); 4] = [
    ("healthcheck-interval-seconds", 5, 300),
    ("healthcheck-timeout-seconds", 2, 120),
    ("healthy-threshold-count", 2, 10),
    ("unhealthy-threshold-count", 2, 10),
];

fn found(context: &Context<'_, '_>, kind: Refused, advice: &str) -> Vec<Found> {
    let refusals = context.imported.refusals.iter().filter(|refusal| refusal.kind == kind);
    let found = refusals.map(|refusal| {
        Found::new(Level::Error, refusal.diagnostic.title())
            .at(refusal.diagnostic.place())
            .advice(advice)
    });
    found.collect()
}

pub(super) fn health_check_range(context: &Context<'_, '_>) -> Vec<Found> {
    let advice = "Choose an interval of 5 to 300 s, a timeout of 2 to 120 s and thresholds of 2 to 10. Until then AWS \
                  keeps the old settings; the controller's defaults are simulated. The nearest legal value is written here.";
    let all = found(context, Refused::HealthCheckRange, advice);
    let annotations = context.imported.route.annotations();
    let mut nearest = HEALTH_CHECK.iter().filter_map(|&(suffix, from, to)| {
        let annotation = annotations.target_group(suffix)?;
        let number = annotations::whole(annotation.value.as_str()).ok()?;
        let legal = number.clamp(from, to);
        (legal != number).then(|| Patch::annotation(context, suffix, &legal.to_string()))
    });
    // Both are in the order of the annotations.
    all.into_iter()
        .map(|found| match nearest.next() {
            Some(patch) => found.patch(patch),
            None => found,
        })
        .collect()
}

pub(super) fn health_check_timeout(context: &Context<'_, '_>) -> Vec<Found> {
    let advice = "Set healthcheck-timeout-seconds below healthcheck-interval-seconds. Until then AWS keeps the old \
                  settings; the controller's defaults are simulated.";
    let all = found(context, Refused::HealthCheckTimeout, advice);
    let interval = context.imported.route.annotations().target_group(HEALTH_CHECK[0].0);
    let interval = interval.map_or(Ok(15), |annotation| annotations::whole(annotation.value.as_str()));
    let legal = interval.ok().filter(|interval| (5..=300).contains(interval));
    let patched = all.into_iter().map(|found| match legal {
        Some(interval) => found.patch(Patch::annotation(
            context,
            HEALTH_CHECK[1].0,
            &(interval - 1).min(5).to_string(),
        )),
        None => found,
    });
    patched.collect()
}

pub(super) fn annotation(context: &Context<'_, '_>) -> Vec<Found> {
    found(
        context,
        Refused::Annotation,
        "Correct the annotation. Until then nothing of this Ingress reaches AWS; the controller's default is simulated.",
    )
}

pub(super) fn attribute(context: &Context<'_, '_>) -> Vec<Found> {
    found(
        context,
        Refused::Attribute,
        "Correct the attribute. Until then AWS keeps the old ones; its default is simulated.",
    )
}

pub(super) fn instance_targets(context: &Context<'_, '_>) -> Vec<Found> {
    let advice =
        "Make the Service a NodePort, or set the annotation target-type to ip, which also allows readiness gates.";
    let all = found(context, Refused::InstanceTargets, advice);
    all.into_iter()
        .map(|found| found.patch(Patch::annotation(context, "target-type", "ip")))
        .collect()
}
