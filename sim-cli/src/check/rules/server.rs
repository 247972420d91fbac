//! Rules about the application server.

use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::preset::Preset;
use sim_core::time::SimDuration;

use super::{Found, Level, hook, judged, seconds};
use crate::check::Context;
use crate::import::draft::Origin;
use crate::text::source::Place;

/// Where the server is chosen: command or image of the application's container.
fn server_place<'c>(context: &'c Context<'_, '_>) -> Option<&'c Place> {
    let main = context.imported.containers.main;
    let words = main.command.iter().chain(&main.args).flatten().next();
    words
        .map(|word| &word.place)
        .or(main.image.as_ref().map(|image| &image.place))
}

/// What is guessed about the server is no reason for an error. A setting may be known better than the server.
fn level(context: &Context<'_, '_>, setting: &str) -> Level {
    let draft = &context.imported.draft;
    judged(
        Level::Warning,
        draft.origin(setting).or_else(|| draft.origin("app.preset")),
    )
}

fn name(context: &Context<'_, '_>) -> String {
    let preset = serde_json::to_value(context.scenario.app.preset).expect("a preset has a name");
    let preset = preset.as_str().unwrap_or_default().to_owned();
    match context.imported.draft.origin("app.preset") {
        Some(Origin::Guess(why)) => format!("{preset} (guessed from {why})"),
        Some(Origin::Assumed(_)) => format!("{preset} (assumed: nothing tells which server runs)"),
        _ => preset,
    }
}

pub(super) fn keep_alive(context: &Context<'_, '_>) -> Vec<Found> {
    let idle = context.scenario.load_balancer.idle_timeout;
    let Some(keep_alive) = context.scenario.app.keep_alive_timeout.get() else {
        return Vec::new();
    };
    // A server that keeps no connection at all has none to lose.
    if keep_alive.is_zero() || keep_alive > idle {
        return Vec::new();
    }
    let wanted = seconds(idle) + 5;
    let how = match context.scenario.app.preset {
        Preset::GunicornGthread => format!("gunicorn: `--keep-alive {wanted}`"),
        Preset::Uvicorn => format!("uvicorn: `--timeout-keep-alive {wanted}`"),
        Preset::NodeHttp | Preset::NodeClose => format!("Node.js: `server.keepAliveTimeout = {wanted}_000`"),
        Preset::NginxQuit | Preset::NginxTerm => format!("nginx: `keepalive_timeout {wanted}s`"),
        Preset::SpringBootGraceful | Preset::SpringBootImmediate => {
            format!("Spring Boot: `server.tomcat.keep-alive-timeout: {wanted}s`")
        }
        Preset::Puma => format!("Puma: `persistent_timeout {wanted}`"),
        _ => format!("set the server's keep-alive timeout to {wanted} s"),
    };
    let message = format!(
        "{} closes idle connections after {keep_alive}, the ALB's idle timeout is {idle}",
        name(context)
    );
    vec![
        Found::new(level(context, "app.keep_alive_timeout"), message)
            .at(server_place(context))
            .advice(format!(
                "Let the server wait longer than the ALB, by some seconds. {how}."
            ))
            .set("app.keep_alive_timeout", format!("{wanted}s")),
    ]
}

pub(super) fn ignores_sigterm(context: &Context<'_, '_>) -> Vec<Found> {
    let app = &context.scenario.app;
    let why = match app.sigterm {
        SigtermMode::Ignored => "a shell is PID 1 and does not pass SIGTERM on",
        SigtermMode::NoHandler if app.pid_1 => "it is PID 1 and has no handler",
        _ => return Vec::new(),
    };
    let message = format!("{}: {why}, so it works on until SIGKILL", name(context));
    let sleep_s = hook::advised_s(context);
    let enough = hook::enough_s(context);
    let covered = hook::hook_time(context).is_some_and(|hook| seconds(hook) >= enough);
    let found = Found::new(level(context, "app.sigterm"), message)
        .at(server_place(context))
        .set("app.sigterm", "drain");
    let start = "Start the server with `exec`, or with tini or dumb-init in front, and drain on SIGTERM.";
    if covered || enough <= 1 {
        return vec![found.advice(start)];
    }
    // A server that obeys SIGTERM stops serving at once, which is before the ALB has learned of it.
    let advice = format!(
        "{start} Only together with a preStop sleep of {sleep_s} s: what ignores SIGTERM at least serves until the ALB \
         has let go of the pod."
    );
    vec![hook::with_sleep(context, found.advice(advice), sleep_s)]
}

pub(super) fn dies_at_once(context: &Context<'_, '_>) -> Vec<Found> {
    let app = &context.scenario.app;
    let dies = app.sigterm == SigtermMode::DieNow || (app.sigterm == SigtermMode::NoHandler && !app.pid_1);
    if !dies {
        return Vec::new();
    }
    let how = match app.preset {
        Preset::DjangoRunserver => "Do not serve users with the development server; gunicorn and uvicorn drain.",
        Preset::NginxTerm => "Use SIGQUIT, as the official image does (`STOPSIGNAL SIGQUIT`).",
        Preset::SpringBootImmediate => "Set `server.shutdown=graceful`, the default from Spring Boot 3.4 on.",
        Preset::GoDefault => "Call `Server.Shutdown` on SIGTERM.",
        _ => "Handle SIGTERM: stop accepting, finish what is in flight, then exit.",
    };
    let message = format!("{} exits on SIGTERM without finishing its requests", name(context));
    // Behind a hook that outlasts removal and requests there is nothing to cut.
    let quiet = SimDuration::from_secs(hook::enough_s(context)) + hook::longest_request(context).unwrap_or_default();
    let hidden =
        hook::hook_time(context).is_some_and(|hook| hook.min(context.scenario.pod.termination_grace_period) >= quiet);
    let level = if hidden {
        Level::Note
    } else {
        level(context, "app.sigterm")
    };
    vec![
        Found::new(level, message)
            .at(server_place(context))
            .advice(format!(
                "{how} A preStop sleep that outlasts the removal hides it, because nothing is in flight then."
            ))
            .set("app.sigterm", "drain"),
    ]
}
