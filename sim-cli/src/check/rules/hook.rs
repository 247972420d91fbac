//! Rules about preStop and the grace period.

use serde_json::{Value as Json, json};
use sim_core::scenario::app::SigtermMode;
use sim_core::time::SimDuration;

use super::{Found, Level, Patch, seconds};
use crate::check::Context;

/// What a server that drains without a limit of its own is given, seconds: estimate, the p99.9 of most web requests
/// is below it.
const DRAIN_S: u64 = 10;

/// Reserve between the end of the drain and SIGKILL, seconds: hooks are rounded to whole seconds (kubernetes §1.3.1).
const RESERVE_S: u64 = 5;

/// How long the hook runs if nothing cuts it; nothing without a hook.
fn hook_time(context: &Context<'_, '_>) -> Option<SimDuration> {
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

/// What the server may need after SIGTERM.
fn drain_s(context: &Context<'_, '_>) -> u64 {
    if context.scenario.app.sigterm != SigtermMode::Drain {
        return 0;
    }
    context.scenario.app.drain_timeout.get().map_or(DRAIN_S, seconds)
}

/// A sleep that outlasts 99 % of the removals in every disruption, whole seconds.
fn enough_s(context: &Context<'_, '_>) -> u64 {
    let slowest = context
        .predictions
        .iter()
        .map(|prediction| prediction.removal_p99)
        .max();
    slowest.map_or(0, seconds) + 1
}

/// Sets the hook to a sleep, and the grace period to what it then needs.
fn with_sleep(context: &Context<'_, '_>, found: Found, sleep_s: u64) -> Found {
    let grace_s = seconds(grace(context)).max(sleep_s + drain_s(context) + RESERVE_S);
    let mut hook = json!({ "sleep": { "seconds": sleep_s } });
    let old = &context.scenario.pod.pre_stop;
    for (name, there) in [("exec", old.exec.is_some()), ("httpGet", old.http_get.is_some())] {
        if there {
            hook[name] = Json::Null;
        }
    }
    let found = found
        .set("pod.pre_stop", json!({ "sleep": format!("{sleep_s}s") }))
        .patch(Patch::container(context, json!({ "lifecycle": { "preStop": hook } })));
    if grace_s > seconds(grace(context)) {
        with_grace(context, found, grace_s)
    } else {
        found
    }
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
    let enough = enough_s(context).min(seconds(hook));
    let found = Found::new(Level::Error, message)
        .at(context.imported.hook.place.as_ref())
        .advice(format!(
            "Sleep {enough} s, which outlasts 99 % of the removals here, and give a grace period that holds it and the \
             server's drain."
        ));
    vec![with_sleep(context, found, enough)]
}

pub(super) fn missing_program(context: &Context<'_, '_>) -> Vec<Found> {
    let fails = context
        .scenario
        .pod
        .pre_stop
        .exec
        .as_ref()
        .is_some_and(|exec| exec.failure.get() >= 1.0);
    if !fails {
        return Vec::new();
    }
    let programs = context
        .imported
        .hook
        .command
        .as_ref()
        .map_or(&[][..], |command| &command.programs);
    let image = context.imported.containers.main.image.as_ref();
    let message = format!(
        "preStop needs {}, which the image `{}` probably does not have",
        programs
            .iter()
            .map(|program| format!("`{program}`"))
            .collect::<Vec<_>>()
            .join(" and "),
        image.map_or("", |image| image.as_str())
    );
    let enough = enough_s(context);
    let found = Found::new(Level::Error, message)
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
    if seconds(serves) >= enough || enough <= 1 {
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
    let main = &context.imported.containers.main;
    let found = Found::new(Level::Warning, found)
        .at(context.imported.hook.place.as_ref())
        .at(main.name.as_ref().map(|name| &name.place))
        .advice(format!(
            "Sleep {enough} s in preStop: the pod serves on meanwhile. `sleep` needs Kubernetes 1.30; before, use \
             `exec: {{ command: [\"sleep\", \"{enough}\"] }}`."
        ));
    vec![with_sleep(context, found, enough)]
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
    let found = Found::new(Level::Error, message)
        .at(context.imported.hook.place.as_ref())
        .advice("Sleep first; SIGTERM stops the server afterwards.");
    let sleep_s = enough_s(context).max(seconds(command.sleeps_after_stop));
    vec![with_sleep(context, found, sleep_s)]
}

pub(super) fn restarts_server(context: &Context<'_, '_>) -> Vec<Found> {
    let Some(closed) = context.scenario.pod.pre_stop.restarts_server_for else {
        return Vec::new();
    };
    let message =
        format!("preStop changes a source file, so the server's autoreloader closes the port for about {closed}");
    let found = Found::new(Level::Warning, message).at(context.imported.hook.place.as_ref());
    let hook = hook_time(context).unwrap_or(SimDuration::ZERO).min(grace(context));
    let sleep_s = seconds(hook).min(enough_s(context));
    let found =
        found.advice("Only sleep: the deregistration takes the pod out of the ALB without a failing health page.");
    vec![with_sleep(context, found, sleep_s.max(enough_s(context)))]
}

pub(super) fn no_room_for_drain(context: &Context<'_, '_>) -> Vec<Found> {
    let (hook, drain) = (hook_time(context).unwrap_or(SimDuration::ZERO), drain_s(context));
    // Rule 1 says it where the hook alone is too long.
    let (hook_s, grace_s) = (seconds(hook), seconds(grace(context)));
    if hook > grace(context) || hook_s + drain <= grace_s || hook.is_zero() {
        return Vec::new();
    }
    let needed = hook_s + drain + RESERVE_S;
    let limit = context.scenario.app.drain_timeout.get();
    let drains = limit.map_or_else(
        || format!("the server drains without a limit of its own, for which {DRAIN_S} s are assumed"),
        |limit| format!("the server drains for up to {limit}"),
    );
    let message = format!(
        "preStop takes {hook} of the grace period of {}, and {drains}",
        grace(context)
    );
    let place = context.imported.draft.place("pod.termination_grace_period");
    let found = Found::new(Level::Warning, message)
        .at(place)
        .at(context.imported.hook.place.as_ref())
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
    let (Some(hook), enough) = (hook_time(context), enough_s(context)) else {
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
                "{enough} s would do; each pod's termination becomes {} s shorter.",
                seconds(effective) - enough
            )),
    ]
}
