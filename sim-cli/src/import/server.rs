//! Which server a container runs, from what its manifest says about it.
//!
//! The command beats the image, and the image beats the port. A guess carries its reason, because it decides what
//! SIGTERM does (kubernetes §6.2) and nothing in a manifest states that.

mod command;
mod image;
mod options;
mod pid_1;
mod python;
mod runtime;
#[cfg(test)]
mod tests;

use serde_json::Value;
use sim_core::scenario::preset::Preset;

use super::shell;
use command::Named;

/// What a guess rests on, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Confidence {
    /// Nothing: the default stands.
    Nothing,
    /// The number of the port.
    Port,
    /// The name of the image, or a language of which any server could be meant.
    Image,
    /// The command names the server.
    Named,
}

/// A field of the scenario, such as `app.workers`; its value as the scenario file writes it; and why.
pub(crate) type Setting = (&'static str, Value, String);

/// Which server a container runs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Guess {
    /// The server, or the nearest one that the model knows.
    pub(crate) preset: Preset,
    /// What tells, as one phrase: "image `nginx:1.27`".
    pub(crate) why: String,
    /// How much that is worth.
    pub(crate) confidence: Confidence,
    /// What differs from the preset.
    pub(crate) settings: Vec<Setting>,
    /// What a reader should check, as sentences without a full stop, separated by "; ".
    pub(crate) note: Option<String>,
}

/// Guesses the server of a container from its image, `command`, `args` and port.
///
/// With `args` alone the image's entrypoint stands in front of them. Official images hand them on as a command, so
/// they are read as one.
pub(crate) fn guess(image: Option<&str>, command: &[&str], args: &[&str], port: Option<i64>) -> Guess {
    let words = [command, args].concat();
    let script = shell::split(&words);
    let named = script
        .commands
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, command)| command.reached != shell::Reached::Rarely)
        .find_map(|(at, command)| Some((at, command::named(&command.words)?)));
    let by_image = image.and_then(image::named);
    let chosen = match (named, by_image) {
        (Some((at, mut named)), by_image) => {
            if let Some(image) = image {
                image::adjust(&mut named, image, by_image.as_ref());
            }
            let place = place_of(&named.name, command);
            Some((format!("`{}` in `{place}`", named.name), Some(at), named))
        }
        (None, Some(named)) => Some((format!("image `{}`", image.unwrap_or_default()), None, named)),
        (None, None) => port
            .and_then(|port| Some((port, by_port(port)?)))
            .map(|(port, named)| (format!("container port {port}"), None, named)),
    };
    let (why, at, mut named) = chosen.unwrap_or_else(|| {
        let nothing = Named::new("", Preset::GoShutdown).only(Confidence::Nothing);
        (
            "nothing in the manifests tells which server runs".to_owned(),
            None,
            nothing,
        )
    });
    pid_1::judge(&words, &script, at, &mut named);
    Guess {
        preset: named.preset,
        why,
        confidence: named.confidence,
        settings: named.settings,
        note: (!named.notes.is_empty()).then(|| named.notes.join("; ")),
    }
}

/// The field of the container that names a server.
fn place_of(name: &str, command: &[&str]) -> &'static str {
    let name = name.split(' ').next().unwrap_or(name);
    if command.iter().any(|word| word.contains(name)) {
        "command"
    } else {
        "args"
    }
}

/// What a port is usual for. Ports that everything uses, 80 and 8080 above all, tell nothing.
fn by_port(port: i64) -> Option<Named> {
    let preset = match port {
        3000 => Preset::NodeHttp,
        8000 => Preset::GunicornSync,
        9292 => Preset::Puma,
        _ => return None,
    };
    let named = Named::new("", preset).only(Confidence::Port);
    Some(named.note("a port says little: set `app.preset`"))
}
