//! The application server: what the user says, or what image, command and port suggest.

use serde_json::json;

use super::Importer;
use super::draft::Origin;
use super::pod::Containers;
use super::server::{self, Confidence};
use crate::text::decode::Spanned;
use crate::text::error::{Diagnostic, Severity};

/// Fills the section `app`.
pub(super) fn import(importer: &mut Importer<'_>, containers: &Containers<'_>) {
    let main = containers.main;
    let words = |words: &Option<Vec<Spanned<String>>>| -> Vec<String> {
        words.iter().flatten().map(|word| word.value.clone()).collect()
    };
    let (command, args) = (words(&main.command), words(&main.args));
    let port = main
        .ports
        .iter()
        .flatten()
        .find_map(|port| port.container_port.as_ref())
        .map(|port| port.value);
    let image = main.image.as_ref().map(|image| image.as_str());
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let guess = server::guess(image, &command, &args, port);
    let name = |preset| serde_json::to_value(preset).expect("a preset has a name");
    if let Some(preset) = importer.options.app {
        let flag = format!("--app {}", name(preset).as_str().unwrap_or_default());
        importer.draft.set("app.preset", name(preset), Origin::Flag(flag));
    } else {
        let origin = match guess.confidence {
            Confidence::Nothing => Origin::Assumed(format!("{}; say which with --app", guess.why)),
            _ => Origin::Guess(guess.why.clone()),
        };
        importer.draft.set("app.preset", name(guess.preset), origin);
        if let Some(note) = &guess.note {
            let place = main.image.as_ref().map(|image| image.place.clone());
            importer
                .notes
                .push(Diagnostic::maybe_at(place, note.clone()).severity(Severity::Note));
        }
    }
    // Flags of another server than the named one say nothing of it, but who is PID 1 does not depend on the server.
    let same = importer.options.app.is_none_or(|preset| preset == guess.preset);
    for (path, value, why) in guess.settings {
        if same || matches!(path, "app.pid_1" | "app.sigterm") {
            importer.draft.set(path, value, Origin::Guess(why));
        }
    }
    if let Some(share) = containers
        .pod
        .share_process_namespace
        .as_ref()
        .filter(|share| share.value)
    {
        let origin = Origin::manifest(share, format!("{}.shareProcessNamespace", containers.prefix));
        importer.draft.set("app.pid_1", false, origin);
    }
    stop_signal(importer, containers);
    let why = "service times of a small web service are assumed".to_owned();
    importer.draft.set(
        "app.service_time",
        json!({ "log_normal": { "median": "20ms", "p99": "200ms" } }),
        Origin::Assumed(why),
    );
}

/// `lifecycle.stopSignal` (kubernetes §1.3.9): it matters for nginx, whose two signals end it differently.
fn stop_signal(importer: &mut Importer<'_>, containers: &Containers<'_>) {
    let signal = containers
        .main
        .lifecycle
        .as_ref()
        .and_then(|lifecycle| lifecycle.stop_signal.as_ref());
    let Some(signal) = signal else { return };
    let preset = importer
        .draft
        .get("app.preset")
        .and_then(|preset| preset.as_str())
        .unwrap_or_default();
    let changed = match (preset, signal.as_str()) {
        ("nginx-quit", "SIGTERM") => "nginx-term",
        ("nginx-term" | "nginx-quit", "SIGQUIT") => "nginx-quit",
        _ => {
            let title = format!(
                "what the server does on {} is not known; it is simulated like SIGTERM",
                signal.as_str()
            );
            importer
                .notes
                .push(Diagnostic::at(signal.place.clone(), title).severity(Severity::Note));
            return;
        }
    };
    if importer.options.app.is_none() {
        let origin = Origin::manifest(signal, containers.field("lifecycle.stopSignal"));
        importer.draft.set("app.preset", changed, origin);
    }
}
