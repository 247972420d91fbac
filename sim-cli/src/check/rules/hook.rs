//! Rules about preStop and the grace period.

use serde_json::{Value as Json, json};
use sim_core::scenario::app::SigtermMode;
use sim_core::time::SimDuration;

use super::{Found, Level, Patch, judged, seconds};
use crate::check::Context;
use crate::import::companion;
use crate::import::disruption::{SpotHandler, Standard};
use crate::import::draft::Origin;
use crate::manifest::pod::Lifecycle;

/// What a server that drains is given at least, unless it gives up earlier, seconds: estimate, the p99.9 of most web
/// requests is below it.
const DRAIN_S: u64 = 10;

/// Reserve between the end of the drain and SIGKILL, seconds: hooks are rounded to whole seconds (kubernetes §1.3.1).
const RESERVE_S: u64 = 5;

/// What an advised sleep lasts beyond 99 % of the simulated removals: a fifth, and at least this many seconds. Those of a
/// few pods are a small sample, and a hook of another length sees other removals.
const MARGIN_S: u64 = 3;

/// How long the hook runs if nothing cuts it; nothing without a hook.
pub(super) fn hook_time(context: &Context<'_, '_>) -> Option<SimDuration> {
    let hook = &context.scenario.pod.pre_stop;
    let runs = hook.exec.as_ref().or(hook.http_get.as_ref());
    let fails = runs.is_some_and(|runs| runs.failure.get() >= 1.0);
    match (hook.sleep, runs) {
        (Some(sleep), _) => Some(sleep),
        (None, Some(_)) if fails => Some(SimDuration::ZERO),
        (None, Some(runs)) => Some(runs.duration.mean()),
        (None, None) => None,
    }
}

fn grace(context: &Context<'_, '_>) -> SimDuration {
    context.scenario.pod.termination_grace_period
}

/// A sleep that outlasts them with some margin.
pub(super) fn advised_s(context: &Context<'_, '_>) -> u64 {
    let enough = enough_s(context);
    enough + enough.div_ceil(5).max(MARGIN_S)
}

/// Where the hook's time, or its failure, comes from.
fn hook_origin<'c>(context: &'c Context<'_, '_>, field: &str) -> Option<&'c Origin> {
    let draft = &context.imported.draft;
    ["sleep", "exec.duration", "http_get.duration"]
        .iter()
        .filter(|_| field == "duration")
        .find_map(|name| draft.origin(&format!("pod.pre_stop.{name}")))
        .or_else(|| draft.origin(&format!("pod.pre_stop.{field}")))
}

/// The hook fails at once, or stops the server before anything else: a rule of its own says so.
fn is_void(context: &Context<'_, '_>) -> bool {
    let hook = &context.scenario.pod.pre_stop;
    let runs = hook.exec.as_ref().or(hook.http_get.as_ref());
    let stops = context.imported.hook.command.as_ref();
    runs.is_some_and(|runs| runs.failure.get() >= 1.0) || stops.is_some_and(|hook| !hook.sleeps_after_stop.is_zero())
}

/// What the server may need after SIGTERM: as long as its longest requests, but not longer than it waits for them.
fn drain_s(context: &Context<'_, '_>) -> u64 {
    let app = &context.scenario.app;
    if app.sigterm != SigtermMode::Drain {
        return 0;
    }
    let needs = longest_request(context).map_or(0, seconds).max(DRAIN_S);
    app.drain_timeout.get().map_or(needs, |limit| needs.min(seconds(limit)))
}

/// What one request in a thousand takes or exceeds, of the slowest kind.
pub(super) fn longest_request(context: &Context<'_, '_>) -> Option<SimDuration> {
    let app = &context.scenario.app;
    let services = std::iter::once(&app.service_time).chain(app.requests.values().map(|kind| &kind.service_time));
    services.map(|time| time.quantile(0.999)).max()
}

/// A sleep that outlasts 99 % of the removals in every disruption, whole seconds. Where nobody tells the ALB of a
/// reclaimed node, no sleep does (rule 29), so that removal does not count.
pub(super) fn enough_s(context: &Context<'_, '_>) -> u64 {
    let untold = context.imported.spot_handler.0 == SpotHandler::None;
    let counts = |standard| standard != Standard::SpotReclaim || !untold;
    let told = context.predictions.iter().filter(|one| counts(one.standard));
    told.map(|prediction| prediction.removal_p99).max().map_or(0, seconds) + 1
}

/// Sets the hook to a sleep, and the grace period to what it then needs.
pub(super) fn with_sleep(context: &Context<'_, '_>, found: Found, sleep_s: u64) -> Found {
    let grace_s = seconds(grace(context)).max(sleep_s + drain_s(context) + RESERVE_S);
    let main = &context.imported.containers.main;
    let name = main.name.as_ref().map_or("app", |name| name.as_str());
    let mut found = found
        .set("pod.pre_stop", json!({ "sleep": format!("{sleep_s}s") }))
        .patch(sleep_of(context, name, sleep_s, main.lifecycle.as_ref()));
    // Who stands on the request's way must wait as long (rule 30).
    for other in companion::of(&context.imported.containers) {
        let name = other.container.name.as_ref().map_or("", |name| name.as_str());
        found = found.patch(sleep_of(context, name, sleep_s, other.container.lifecycle.as_ref()));
    }
    if grace_s > seconds(grace(context)) {
        with_grace(context, found, grace_s)
    } else {
        found
    }
}

/// Lets another container of the pod sleep.
pub(super) fn sleep_of(context: &Context<'_, '_>, name: &str, sleep_s: u64, old: Option<&Lifecycle>) -> Patch {
    let old = old.and_then(|lifecycle| lifecycle.pre_stop.as_ref());
    let mut hook = json!({ "sleep": { "seconds": sleep_s } });
    for (field, there) in [
        ("exec", old.is_some_and(|old| old.exec.is_some())),
        ("httpGet", old.is_some_and(|old| old.http_get.is_some())),
    ] {
        if there {
            hook[field] = Json::Null;
        }
    }
    Patch::pod(
        context,
        &json!({ "containers": [{ "name": name, "lifecycle": { "preStop": hook } }] }),
    )
}

fn with_grace(context: &Context<'_, '_>, found: Found, grace_s: u64) -> Found {
    found
        .set("pod.termination_grace_period", format!("{grace_s}s"))
        .patch(Patch::pod(
            context,
            &json!({ "terminationGracePeriodSeconds": grace_s }),
        ))
}

pub(super) fn longer_than_grace(context: &Context<'_, '_>) -> Vec<Found> {
    let (Some(hook), grace) = (hook_time(context), grace(context)) else {
        return Vec::new();
    };
    if hook <= grace {
        return Vec::new();
    }
    let draft = &context.imported.draft;
    let default = draft.place("pod.termination_grace_period").is_none();
    let whose = if default {
        " (the default; the manifest sets none)"
    } else {
        ""
    };
    let message = format!("preStop runs {hook}, but the grace period is {grace}{whose}: the hook is cut after {grace}");
    // Either as much grace as the hook asks for, or only as much hook as the ALB needs.
    let enough = advised_s(context).min(seconds(hook));
    let found = Found::new(judged(Level::Error, hook_origin(context, "duration")), message)
        .at(context.imported.hook.place.as_ref())
        .advice(format!(
            "Sleep {enough} s, which outlasts 99 % of the removals here, and give a grace period that holds it and the \
             server's drain."
        ));
    vec![with_sleep(context, found, enough)]
}

pub(super) fn fails_at_once(context: &Context<'_, '_>) -> Vec<Found> {
    let hook = &context.scenario.pod.pre_stop;
    if hook.exec.as_ref().is_none_or(|exec| exec.failure.get() < 1.0) {
        return Vec::new();
    }
    let command = context.imported.hook.command.as_ref();
    let message = if let Some(why) = command.and_then(|command| command.fails.as_ref()) {
        format!("preStop fails at once: {why}")
    } else {
        let programs = command.map_or(&[][..], |command| &command.programs);
        let programs: Vec<String> = programs.iter().map(|program| format!("`{program}`")).collect();
        let image = context.imported.containers.main.image.as_ref();
        format!(
            "preStop needs {}, which the image `{}` probably does not have",
            programs.join(" and "),
            image.map_or("", |image| image.as_str())
        )
    };
    let enough = advised_s(context);
    let found = Found::new(judged(Level::Error, hook_origin(context, "exec.failure")), message)
        .at(context.imported.hook.place.as_ref())
        .advice("Use the sleep action of the kubelet (Kubernetes 1.30 and later), which needs nothing in the image.");
    vec![with_sleep(context, found, enough)]
}

pub(super) fn shorter_than_removal(context: &Context<'_, '_>) -> Vec<Found> {
    let enough = enough_s(context);
    let hook = hook_time(context);
    let covered = hook.unwrap_or(SimDuration::ZERO).min(grace(context));
    // A server that ignores SIGTERM serves on until the grace period ends.
    let ignores = matches!(context.scenario.app.sigterm, SigtermMode::Ignored)
        || (context.scenario.app.sigterm == SigtermMode::NoHandler && context.scenario.app.pid_1);
    let serves = if ignores { grace(context) } else { covered };
    if seconds(serves) >= enough || enough <= 1 || is_void(context) || hook.is_some_and(|hook| hook > grace(context)) {
        return Vec::new();
    }
    let found = match hook {
        None => format!(
            "there is no preStop hook, and the removal of a pod from the ALB takes up to {} s here (99 %)",
            enough - 1
        ),
        Some(hook) => format!(
            "preStop covers {}, and the removal of a pod from the ALB takes up to {} s here (99 %)",
            hook.min(grace(context)),
            enough - 1
        ),
    };
    let sleep_s = advised_s(context);
    let main = &context.imported.containers.main;
    let found = Found::new(judged(Level::Warning, hook_origin(context, "duration")), found)
        .at(context.imported.hook.place.as_ref())
        .at(main.name.as_ref().map(|name| &name.place))
        .advice(format!(
            "Sleep {sleep_s} s in preStop, which leaves some margin: the pod serves on meanwhile. `sleep` needs Kubernetes \
             1.30; before, use `exec: {{ command: [\"sleep\", \"{sleep_s}\"] }}`."
        ));
    vec![with_sleep(context, found, sleep_s)]
}

pub(super) fn sleeps_after_stop(context: &Context<'_, '_>) -> Vec<Found> {
    let Some(command) = &context.imported.hook.command else {
        return Vec::new();
    };
    if command.sleeps_after_stop.is_zero() {
        return Vec::new();
    }
    let message = format!(
        "preStop tells the server to stop and then sleeps {}",
        command.sleeps_after_stop
    );
    let found = Found::new(judged(Level::Error, hook_origin(context, "duration")), message)
        .at(context.imported.hook.place.as_ref())
        .advice("Sleep first; SIGTERM stops the server afterwards.");
    let sleep_s = advised_s(context).max(seconds(command.sleeps_after_stop));
    vec![with_sleep(context, found, sleep_s)]
}

pub(super) fn restarts_server(context: &Context<'_, '_>) -> Vec<Found> {
    let Some(closed) = context.scenario.pod.pre_stop.restarts_server_for else {
        return Vec::new();
    };
    let message =
        format!("preStop changes a source file, so the server's autoreloader closes the port for about {closed}");
    let found = Found::new(Level::Warning, message).at(context.imported.hook.place.as_ref());
    let found =
        found.advice("Only sleep: the deregistration takes the pod out of the ALB without a failing health page.");
    vec![with_sleep(context, found, advised_s(context))]
}

pub(super) fn no_room_for_drain(context: &Context<'_, '_>) -> Vec<Found> {
    let (hook, drain) = (hook_time(context).unwrap_or(SimDuration::ZERO), drain_s(context));
    // Rule 1 says it where the hook alone is too long.
    let (hook_s, grace_s) = (seconds(hook), seconds(grace(context)));
    if hook > grace(context) || hook_s + drain <= grace_s {
        return Vec::new();
    }
    let needed = hook_s + drain + RESERVE_S;
    let takes = if hook.is_zero() {
        format!("the grace period is {}", grace(context))
    } else {
        format!("preStop takes {hook} of the grace period of {}", grace(context))
    };
    let message = format!("{takes}, and the server may need {drain} s to finish its requests");
    let place = context.imported.draft.place("pod.termination_grace_period");
    let main = &context.imported.containers.main;
    let found = Found::new(judged(Level::Warning, hook_origin(context, "duration")), message)
        .at(place)
        .at(context.imported.hook.place.as_ref())
        .at(main.name.as_ref().map(|name| &name.place))
        .advice(format!(
            "Set terminationGracePeriodSeconds to {needed}: hook, drain and {RESERVE_S} s of reserve."
        ));
    vec![with_grace(context, found, needed)]
}

pub(super) fn health_fails_too_late(context: &Context<'_, '_>) -> Vec<Found> {
    if !context.scenario.pod.pre_stop.fails_health {
        return Vec::new();
    }
    let check = &context.scenario.target_group.health_check;
    let slowest = check.interval * u64::from(check.unhealthy_threshold);
    let hook = hook_time(context).unwrap_or(SimDuration::ZERO).min(grace(context));
    if slowest <= hook {
        return Vec::new();
    }
    let message = format!(
        "preStop makes the health page fail, but the ALB needs up to {slowest} to notice, and the hook ends after {hook}"
    );
    vec![
        Found::new(Level::Note, message)
            .at(context.imported.hook.place.as_ref())
            .advice("The deregistration removes the pod in any case; rely on a sleep that outlasts it."),
    ]
}

pub(super) fn far_too_long(context: &Context<'_, '_>) -> Vec<Found> {
    let (Some(hook), enough, sleep_s) = (hook_time(context), enough_s(context), advised_s(context)) else {
        return Vec::new();
    };
    let effective = hook.min(grace(context));
    // Twice the slowest removal, and a minute more, is no prudence any more.
    if seconds(effective) <= 2 * enough + 60 || enough <= 1 {
        return Vec::new();
    }
    let message = format!(
        "preStop runs {effective}, while 99 % of the removals are over after {} s",
        enough - 1
    );
    vec![
        Found::new(Level::Note, message)
            .at(context.imported.hook.place.as_ref())
            .advice(format!(
                "{sleep_s} s would do; each pod's termination becomes {} s shorter.",
                seconds(effective) - sleep_s
            )),
    ]
}
