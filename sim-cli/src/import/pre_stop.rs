//! The preStop hook of the application's container (kubernetes §1.3).

use sim_core::time::SimDuration;

use super::Importer;
use super::draft::Origin;
use super::hook::{self, Hook, Sure};
use super::pod::Containers;
use crate::manifest::pod::{Container, Handler};
use crate::text::decode::Spanned;
use crate::text::error::{Diagnostic, Severity};
use crate::text::source::Place;

/// How long the port of an autoreloading server stays closed when a source file changes (published run, mechanism 3:
/// about a second or two).
const RESTART: &str = "1500ms";

/// What the hook does, for those who judge it.
#[derive(Debug, Default)]
pub(crate) struct PreStop {
    /// Where it stands; nothing if there is none.
    pub(crate) place: Option<Place>,
    /// What its command does.
    pub(crate) command: Option<Hook>,
}

/// Fills `pod.pre_stop`, apart from what depends on the server.
pub(super) fn import(importer: &mut Importer<'_>, containers: &Containers<'_>) -> PreStop {
    let handler = containers
        .main
        .lifecycle
        .as_ref()
        .and_then(|lifecycle| lifecycle.pre_stop.as_ref());
    let Some(handler) = handler else {
        return PreStop::default();
    };
    if let Some(seconds) = handler.sleep.as_ref().and_then(|sleep| sleep.seconds.as_ref()) {
        let field = containers.field("lifecycle.preStop.sleep.seconds");
        let value = importer.at_least(seconds, 0, &field);
        let grace = containers
            .pod
            .termination_grace_period_seconds
            .as_ref()
            .map_or(30, |grace| grace.value);
        if seconds.value > grace {
            let title = format!(
                "`{field}`: found {}, expected at most the grace period of {grace} s",
                seconds.value
            );
            importer.problems.push(
                Diagnostic::at(seconds.place.clone(), title).note("Kubernetes refuses the pod (kubernetes §1.3.5)"),
            );
        }
        importer.draft.set(
            "pod.pre_stop.sleep",
            format!("{value}s"),
            Origin::manifest(seconds, field),
        );
        return PreStop {
            place: Some(seconds.place.clone()),
            command: None,
        };
    }
    if let Some(get) = &handler.http_get {
        let place = get
            .path
            .as_ref()
            .map(|path| path.place.clone())
            .or_else(|| get.port.as_ref().map(|port| port.place.clone()));
        let why = "the manifests do not say how long the hook's page takes; 0 s is assumed";
        importer
            .draft
            .set("pod.pre_stop.http_get.duration", "0s", Origin::Assumed(why.to_owned()));
        return PreStop { place, command: None };
    }
    let Some(words) = command(handler) else {
        if handler.tcp_socket.is_some() {
            let title = "a preStop hook with `tcpSocket` always fails (kubernetes §1.3.3): it is simulated as none";
            let place = containers.main.name.as_ref().map(|name| name.place.clone());
            importer
                .notes
                .push(Diagnostic::maybe_at(place, title).severity(Severity::Warning));
        }
        return PreStop::default();
    };
    exec(importer, containers, words)
}

fn exec(importer: &mut Importer<'_>, containers: &Containers<'_>, words: &[Spanned<String>]) -> PreStop {
    let texts: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
    let read = hook::read_in(&texts, &environment(containers.main));
    let field = containers.field("lifecycle.preStop.exec.command");
    let place = words[words.len() - 1].place.clone();
    let at = || Origin::at(place.clone(), field.clone());
    let origin = match &read.sure {
        Sure::Read => at(),
        Sure::Guess(why) => at().remark(format!("guess: {why}")),
    };
    importer
        .draft
        .set("pod.pre_stop.exec.duration", duration(read.duration), origin);
    if let Some(why) = &read.fails {
        let why = format!("it fails at once: {why}");
        importer
            .notes
            .push(Diagnostic::at(place.clone(), format!("the preStop hook: {why}")).severity(Severity::Warning));
        importer.draft.set("pod.pre_stop.exec.failure", 1.0, at().remark(why));
    }
    let image = containers.main.image.as_ref().map(|image| image.as_str());
    if let Some(why) = image
        .and_then(hook::image_lacks_programs)
        .filter(|_| !read.programs.is_empty())
    {
        let why = format!("guess: {why}, so the hook fails at once");
        importer.draft.set("pod.pre_stop.exec.failure", 1.0, at().remark(why));
    }
    if let Some(why) = &read.fails_health {
        importer
            .draft
            .set("pod.pre_stop.fails_health", true, at().remark(format!("guess: {why}")));
    }
    if !read.sleeps_after_stop.is_zero() {
        let title = format!(
            "the hook sleeps {} after it has told the server to stop, which helps nobody",
            read.sleeps_after_stop
        );
        importer
            .notes
            .push(Diagnostic::at(place.clone(), title).severity(Severity::Warning));
    }
    PreStop {
        place: Some(place),
        command: Some(read),
    }
}

/// Fills what depends on the server: a changed source file makes an autoreloader restart it.
pub(super) fn finish(importer: &mut Importer<'_>, hook: &PreStop, containers: &Containers<'_>) {
    let is_autoreloader =
        importer.draft.get("app.preset").and_then(|preset| preset.as_str()) == Some("django-runserver");
    let changes_source = hook.command.as_ref().is_some_and(|command| command.changes_source);
    if let (true, true, Some(place)) = (is_autoreloader, changes_source, &hook.place) {
        let origin = Origin::at(place.clone(), containers.field("lifecycle.preStop.exec.command"));
        let why = "guess: the hook changes a source file, so the autoreloader restarts the server (published run)";
        importer
            .draft
            .set("pod.pre_stop.restarts_server_for", RESTART, origin.remark(why));
    }
}

/// How long the hook of a further container sleeps.
pub(super) fn sleep_of(importer: &mut Importer<'_>, handler: &Handler, field: &str) -> Option<(String, Origin)> {
    if let Some(seconds) = handler.sleep.as_ref().and_then(|sleep| sleep.seconds.as_ref()) {
        let field = format!("{field}.lifecycle.preStop.sleep.seconds");
        let value = importer.at_least(seconds, 0, &field);
        return Some((format!("{value}s"), Origin::manifest(seconds, field)));
    }
    let words = command(handler)?;
    let texts: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
    let read = hook::read(&texts);
    let origin = Origin::manifest(
        &words[words.len() - 1],
        format!("{field}.lifecycle.preStop.exec.command"),
    );
    let origin = match read.sure {
        Sure::Read => origin,
        Sure::Guess(why) => origin.remark(format!("guess: {why}")),
    };
    Some((duration(read.duration), origin))
}

/// The variables whose values stand in the manifest.
fn environment(container: &Container) -> Vec<(&str, &str)> {
    let all = container.env.iter().flatten();
    all.filter_map(|variable| Some((variable.name.as_ref()?.as_str(), variable.value.as_ref()?.as_str())))
        .collect()
}

fn command(handler: &Handler) -> Option<&[Spanned<String>]> {
    let words = handler.exec.as_ref()?.command.as_deref()?;
    (!words.is_empty()).then_some(words)
}

/// As the scenario writes it.
fn duration(duration: SimDuration) -> String {
    duration.to_string()
}
