//! Rules about liveness and startup probes, and about the containers that a request passes on its way.

use serde_json::{Map, Value as Json, json};
use sim_core::scenario::pod::HealthPath;
use sim_core::time::SimDuration;

use super::{Found, Level, Patch, hook, seconds};
use crate::check::Context;
use crate::import::companion;
use crate::manifest::pod::Probe;

/// How much longer than readiness a liveness probe should wait, at least.
const PATIENCE: u64 = 3;

pub(super) fn liveness_before_start(context: &Context<'_, '_>) -> Vec<Found> {
    let pod = &context.scenario.pod;
    let (Some(liveness), None) = (&pod.liveness_probe, &pod.startup_probe) else {
        return Vec::new();
    };
    // The first probe comes with the delay's end, each further one a period later.
    let killed = liveness.initial_delay + liveness.period * u64::from(liveness.failure_threshold.saturating_sub(1));
    let start_up = context.scenario.app.start_up.quantile(0.99);
    if start_up < killed {
        return Vec::new();
    }
    let message = format!(
        "the livenessProbe gives a new container {killed}, and the server takes about {start_up} until it listens"
    );
    let main = context.imported.containers.main;
    let place = ["failure_threshold", "period", "initial_delay", "path"]
        .iter()
        .find_map(|name| context.imported.draft.place(&format!("pod.liveness_probe.{name}")));
    let found = Found::new(Level::Warning, message)
        .at(place)
        .at(main.name.as_ref().map(|name| &name.place))
        .advice("Add a startupProbe that asks the same: until it has passed, the liveness probe waits.");
    let Some(mut probe) = main.liveness_probe.as_ref().map(bare) else {
        return vec![found];
    };
    let period = seconds(liveness.period);
    probe.insert("failureThreshold".to_owned(), Json::from(120_u64.div_ceil(period)));
    probe.shift_remove("initialDelaySeconds");
    vec![found.patch(Patch::container(context, json!({ "startupProbe": probe })))]
}

pub(super) fn liveness_as_eager(context: &Context<'_, '_>) -> Vec<Found> {
    let pod = &context.scenario.pod;
    let main = context.imported.containers.main;
    let (Some(liveness), Some(readiness)) = (&pod.liveness_probe, &pod.readiness_probe) else {
        return Vec::new();
    };
    let (Some(written), Some(other)) = (&main.liveness_probe, &main.readiness_probe) else {
        return Vec::new();
    };
    let unready = readiness.period * u64::from(readiness.failure_threshold);
    let restart = liveness.period * u64::from(liveness.failure_threshold);
    if handler(written) != handler(other) || restart > unready {
        return Vec::new();
    }
    let message =
        format!("the livenessProbe asks the same as the readinessProbe and gives up after {restart}, no later");
    let threshold = (unready * PATIENCE).as_ns().div_ceil(liveness.period.as_ns().max(1));
    let place = ["failure_threshold", "period", "path"]
        .iter()
        .find_map(|name| context.imported.draft.place(&format!("pod.liveness_probe.{name}")));
    let found = Found::new(Level::Note, message)
        .at(place)
        .at(main.name.as_ref().map(|name| &name.place))
        .advice("Let it wait several times as long, or leave it out: few hangs are cured by a restart.")
        .patch(Patch::container(
            context,
            json!({ "livenessProbe": { "failureThreshold": threshold } }),
        ));
    // A page of its own is answered at once in the model, so only a shared one can show the difference.
    vec![if liveness.path == HealthPath::Shared {
        found.set("pod.liveness_probe.failure_threshold", threshold)
    } else {
        found
    }]
}

/// What a probe asks, without its numbers.
fn handler(probe: &Probe) -> Json {
    let mut probe = bare(probe);
    probe.retain(|key, _| matches!(key.as_str(), "httpGet" | "tcpSocket" | "exec" | "grpc"));
    Json::Object(probe)
}

/// As in a manifest, without what is not set.
fn bare(probe: &Probe) -> Map<String, Json> {
    fn clean(json: &mut Json) {
        if let Json::Object(fields) = json {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(clean);
        }
    }
    let mut json = serde_json::to_value(probe).expect("a probe is JSON");
    clean(&mut json);
    match json {
        Json::Object(fields) => fields,
        _ => unreachable!("a probe is an object"),
    }
}

pub(super) fn companion_without_hook(context: &Context<'_, '_>) -> Vec<Found> {
    let grace = context.scenario.pod.termination_grace_period;
    let Some(hook) = hook::hook_time(context).map(|hook| hook.min(grace)) else {
        return Vec::new();
    };
    let sidecars = &context.scenario.pod.sidecars;
    let main = context.imported.containers.main;
    let found = companion::of(&context.imported.containers).into_iter().filter_map(|other| {
        let name = other.container.name.as_ref().map_or("", |name| name.as_str());
        let own = sidecars.iter().find(|sidecar| sidecar.name == name);
        let own = own.map_or(SimDuration::ZERO, |sidecar| sidecar.pre_stop_sleep.min(grace));
        if own >= hook || hook.is_zero() {
            return None;
        }
        let sleep_s = seconds(hook);
        let message = format!(
            "`{name}`, {}, gets SIGTERM after {own}, while `{}` waits {hook} in preStop",
            other.why,
            main.name.as_ref().map_or("", |name| name.as_str()),
        );
        Some(
            Found::new(Level::Warning, message)
                .at(other.container.name.as_ref().map(|name| &name.place))
                .advice(format!(
                    "Let it sleep as long, or make a proxy an init container with `restartPolicy: Always`, which ends \
                     after the application. Its image needs `sleep` before Kubernetes 1.30. {sleep_s} s are written here."
                ))
                .patch(hook::sleep_of(context, name, sleep_s, other.container.lifecycle.as_ref())),
        )
    });
    found.collect()
}
