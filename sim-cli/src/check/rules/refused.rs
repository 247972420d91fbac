//! What the controller or AWS refuses; the importer has found it already.

use super::{Found, Level};
use crate::check::Context;
use crate::import::refused::Refused;

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
    found(
        context,
        Refused::HealthCheckRange,
        "Choose an interval of 5 to 300 s, a timeout of 2 to 120 s and thresholds of 2 to 10. Until then AWS keeps \
         the old settings; the controller's defaults are simulated.",
    )
}

pub(super) fn health_check_timeout(context: &Context<'_, '_>) -> Vec<Found> {
    found(
        context,
        Refused::HealthCheckTimeout,
        "Set healthcheck-timeout-seconds below healthcheck-interval-seconds. Until then AWS keeps the old settings; \
         the controller's defaults are simulated.",
    )
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
    found(
        context,
        Refused::InstanceTargets,
        "Make the Service a NodePort, or set the annotation target-type to ip, which also allows readiness gates.",
    )
}
