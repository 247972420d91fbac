//! The server that a command names.

use serde_json::{Value, json};
use sim_core::scenario::preset::Preset;

use super::super::shell::{base_name, wrapper};
use super::{Confidence, Setting, options, python, runtime};

/// A server that something names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    /// The word that names it.
    pub(super) name: String,
    pub(super) preset: Preset,
    pub(super) confidence: Confidence,
    pub(super) settings: Vec<Setting>,
    pub(super) notes: Vec<String>,
}

impl Named {
    /// A server with the settings of its preset.
    pub(super) fn new(name: &str, preset: Preset) -> Self {
        Self {
            name: name.to_owned(),
            preset,
            confidence: Confidence::Named,
            settings: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// With less confidence.
    pub(super) fn only(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// With something to check.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// With a setting, which replaces an earlier one of the same field.
    pub(super) fn set(mut self, field: &'static str, value: Value, why: impl Into<String>) -> Self {
        self.put(field, value, why);
        self
    }

    /// Adds a setting, which replaces an earlier one of the same field.
    pub(super) fn put(&mut self, field: &'static str, value: Value, why: impl Into<String>) {
        self.settings.retain(|(known, ..)| *known != field);
        self.settings.push((field, value, why.into()));
    }

    /// With a setting in seconds from the first of these options, if it is there.
    pub(super) fn set_seconds(self, field: &'static str, words: &[&str], names: &[&str]) -> Self {
        match options::value(words, names).and_then(|text| Some((text, options::seconds(text)?))) {
            Some((text, value)) => {
                let why = format!("`{} {text}`", names.first().unwrap_or(&""));
                self.set(field, value, why)
            }
            None => self,
        }
    }
}

/// The server that the words of a simple command name.
pub(super) fn named<S: AsRef<str>>(words: &[S]) -> Option<Named> {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let wrapped = wrapper::peel(&words);
    let words = launched(&wrapped.rest);
    let (&program, arguments) = words.split_first()?;
    python::named(program, arguments)
        .or_else(|| runtime::named(program, arguments))
        .or_else(|| ready_made(program, arguments))
}

/// The command behind launchers that set up an environment, such as `bundle exec`.
fn launched<'a>(words: &'a [&'a str]) -> &'a [&'a str] {
    let mut words = words;
    // One turn takes off at least one word.
    while let Some((program, arguments)) = words.split_first() {
        let subcommand = arguments.first().copied().unwrap_or_default();
        let skipped = match base_name(program) {
            "bundle" if subcommand == "exec" => 1,
            "poetry" | "pipenv" | "pdm" | "hatch" | "uv" | "rye" | "conda" | "micromamba" if subcommand == "run" => 1,
            "newrelic-admin" if subcommand == "run-program" => 1,
            "ddtrace-run" | "opentelemetry-instrument" | "npx" | "bunx" | "ruby" | "rdbg" => 0,
            // Official images end theirs with `exec "$@"`.
            name if name.ends_with("entrypoint.sh") => 0,
            "doppler" | "chamber" | "infisical" | "dockerize" | "wait-for-it.sh" | "wait-for-it" | "wait-for" => {
                match arguments.iter().position(|word| *word == "--") {
                    Some(at) => at + 1,
                    None => break,
                }
            }
            // `python -m gunicorn`; options such as `-u` stand in between.
            name if name.starts_with("python") => {
                let options = arguments
                    .iter()
                    .take_while(|word| word.starts_with('-') && **word != "-m")
                    .count();
                match arguments.get(options) {
                    Some(&"-m") => options + 1,
                    _ => break,
                }
            }
            _ => break,
        };
        let options = arguments.get(skipped..).unwrap_or_default();
        let skipped = skipped + options.iter().take_while(|word| word.starts_with('-')).count();
        match arguments.get(skipped..) {
            Some(inner) if !inner.is_empty() => words = inner,
            _ => break,
        }
    }
    words
}

/// Servers that are programs of their own.
fn ready_made(program: &str, arguments: &[&str]) -> Option<Named> {
    let name = base_name(program);
    let named = match name {
        "nginx" | "openresty" => {
            // `nginx -t` and `nginx -s …` are no servers.
            if options::has(arguments, &["-t", "-T", "-v", "-V", "-s"]) {
                return None;
            }
            Named::new(name, Preset::NginxQuit)
        }
        "kong" if options::has(arguments, &["start", "docker-start"]) => {
            Named::new(name, Preset::NginxQuit).note("Kong is built on nginx: the nearest server that the model knows")
        }
        "httpd" | "httpd-foreground" | "apache2-foreground" | "apache2" | "apachectl" | "apache2ctl" => apache(name),
        "traefik" => traefik(
            name,
            options::value(arguments, &["--entrypoints.web.transport.lifecycle.gracetimeout"]),
        ),
        "caddy" => Named::new(name, Preset::GoShutdown).note("Caddy is taken for a Go server with `Shutdown`"),
        "envoy" => envoy(name),
        "haproxy" => haproxy(name),
        "go" if options::has(arguments, &["run"]) => Named::new("go run", Preset::GoShutdown)
            .only(Confidence::Image)
            .note("`go run` does not hand SIGTERM on to the program it built; start the built program itself"),
        "cargo" if options::has(arguments, &["run"]) => Named::new("cargo run", Preset::AxumGraceful)
            .only(Confidence::Image)
            .set(
                "app.pid_1",
                json!(false),
                "`cargo run` stands between PID 1 and the server",
            )
            .note("start the built program itself: then it gets SIGTERM"),
        _ => return None,
    };
    Some(named)
}

/// Apache `httpd`: its images stop it with SIGWINCH, which is its graceful stop.
pub(super) fn apache(name: &str) -> Named {
    Named::new(name, Preset::NginxQuit).note(
        "Apache is taken for nginx with a graceful stop, which is right where the image's stop signal is SIGWINCH \
         as in the official one",
    )
}

/// Envoy: SIGTERM ends it at once, without a drain.
pub(super) fn envoy(name: &str) -> Named {
    Named::new(name, Preset::NginxTerm).note("Envoy is taken to exit at once on SIGTERM, as nginx does")
}

/// `HAProxy`: its image stops it with SIGUSR1, a soft stop.
pub(super) fn haproxy(name: &str) -> Named {
    Named::new(name, Preset::NginxQuit)
        .note("HAProxy is taken for nginx with a graceful stop, which is right where the stop signal is SIGUSR1")
}

/// Traefik: a Go server that gives requests in flight ten seconds unless told otherwise.
pub(super) fn traefik(name: &str, grace: Option<&str>) -> Named {
    let named = Named::new(name, Preset::GoShutdown).note("Traefik is taken for a Go server with `Shutdown`");
    match grace.and_then(options::seconds) {
        Some(value) => named.set("app.drain_timeout", value, "`graceTimeOut` in the arguments"),
        None => named.set("app.drain_timeout", json!("10s"), "Traefik's default `graceTimeOut`"),
    }
}
