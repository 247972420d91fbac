//! Servers of Node.js, Java and Ruby.

use serde_json::json;
use sim_core::scenario::preset::Preset;

use super::super::shell::base_name;
use super::command::Named;
use super::{Confidence, options};

/// The note for every Node.js program: its code decides.
pub(super) const NODE: &str =
    "a program without a handler for SIGTERM is assumed; with `server.close()` in one it is `node-close`";

/// The note for every Java program.
pub(super) const SPRING: &str = "Spring Boot from 3.4 on is assumed; before, it is `spring-boot-immediate`";

/// The server of one of these languages that a program with these arguments is.
pub(super) fn named(program: &str, arguments: &[&str]) -> Option<Named> {
    let name = base_name(program);
    let first = arguments.iter().find(|word| !word.starts_with('-')).copied();
    match name {
        "node" | "nodejs" | "ts-node" | "tsx" | "nodemon" | "bun" | "deno" => {
            // `node` alone waits for input.
            first?;
            let named = Named::new(name, Preset::NodeHttp).note(NODE);
            Some(match name {
                "node" | "nodejs" => named,
                _ => named.note(format!("`{name}` is taken for `node`")),
            })
        }
        "npm" | "yarn" | "pnpm" => {
            let serves = |word: &str| {
                ["start", "serve", "dev", "server", "preview"]
                    .iter()
                    .any(|verb| word.contains(verb))
            };
            let runs_scripts = matches!(first, Some("run" | "run-script" | "exec"));
            if !(runs_scripts || arguments.iter().any(|word| serves(word)) || (name == "yarn" && first.is_none())) {
                return None;
            }
            // A script that says it does something else is no server.
            let job = ["build", "migrate", "test", "lint", "seed", "install", "generate"];
            if arguments.iter().any(|word| job.iter().any(|verb| word.contains(verb))) {
                return None;
            }
            Some(Named::new(name, Preset::NodeHttp).note(NODE).note(format!(
                "`{name}` stands between SIGTERM and the server and does not hand it on reliably; start `node` itself"
            )))
        }
        "next" | "next-server" | "nest" | "nuxt" | "nuxi" | "remix-serve" if first != Some("build") => {
            Some(Named::new(name, Preset::NodeHttp).note(NODE))
        }
        "pm2-runtime" | "pm2" => Some(
            Named::new(name, Preset::NodeHttp)
                .note(NODE)
                .note("pm2 sends the program SIGINT and kills it after 1.6 s unless it has another `kill_timeout`"),
        ),
        "java" => java(arguments),
        "catalina.sh" | "startup.sh" => Some(tomcat(name)),
        "puma" => Some(puma(arguments)),
        "rails" if matches!(first, Some("server" | "s")) => Some(Named::new("rails server", Preset::Puma)),
        "rackup" => Some(Named::new(name, Preset::Puma).note("`rackup` is taken to start Puma")),
        "unicorn" | "unicorn_rails" => Some(
            Named::new(name, Preset::GunicornSync)
                .set(
                    "app.sigterm",
                    json!("die_now"),
                    "SIGTERM is unicorn's quick shutdown; QUIT is the graceful one",
                )
                .note("gunicorn is the nearest server that the model knows"),
        ),
        _ => None,
    }
}

/// A Java program: taken for Spring Boot, with its properties from the command line.
fn java(arguments: &[&str]) -> Option<Named> {
    let runs = arguments.iter().any(|word| !word.starts_with('-') || *word == "-jar");
    if !runs {
        return None;
    }
    let property = |name: &str| {
        arguments.iter().rev().find_map(|word| {
            let rest = word.strip_prefix("-D").or_else(|| word.strip_prefix("--"))?;
            rest.strip_prefix(name)?.strip_prefix('=')
        })
    };
    let mentions = |part: &str| arguments.iter().any(|word| word.to_ascii_lowercase().contains(part));
    if mentions("quarkus") {
        return Some(
            Named::new("java", Preset::SpringBootImmediate)
                .note("Quarkus without `quarkus.shutdown.timeout` is taken for Spring Boot with an immediate shutdown"),
        );
    }
    if mentions("org.apache.catalina") {
        return Some(tomcat("java"));
    }
    let mut named = match property("server.shutdown") {
        Some("immediate") => Named::new("java", Preset::SpringBootImmediate),
        Some("graceful") => Named::new("java", Preset::SpringBootGraceful),
        _ => Named::new("java", Preset::SpringBootGraceful).note(SPRING),
    };
    if !mentions("spring") && property("server.shutdown").is_none() {
        // Any other Java program is as likely.
        named = named
            .only(Confidence::Image)
            .note("a Java program is taken for Spring Boot");
    }
    if let Some(phase) = property("spring.lifecycle.timeout-per-shutdown-phase")
        && named.preset == Preset::SpringBootGraceful
        && let Some(value) = options::spring_duration(phase)
    {
        named = named.set(
            "app.drain_timeout",
            value,
            format!("`spring.lifecycle.timeout-per-shutdown-phase={phase}`"),
        );
    }
    if let Some(threads) = property("server.tomcat.threads.max").and_then(options::count) {
        named = named.set(
            "app.workers",
            json!(threads),
            format!("`server.tomcat.threads.max={threads}`"),
        );
    }
    if let Some(text) = property("server.tomcat.keep-alive-timeout")
        && let Some(value) = options::spring_duration(text)
    {
        named = named.set(
            "app.keep_alive_timeout",
            value,
            format!("`server.tomcat.keep-alive-timeout={text}`"),
        );
    }
    Some(named)
}

/// Tomcat on its own: SIGTERM stops it without waiting for requests.
pub(super) fn tomcat(name: &str) -> Named {
    Named::new(name, Preset::SpringBootImmediate)
        .note("Tomcat on its own is taken for Spring Boot with an immediate shutdown")
}

/// Puma, alone or with worker processes.
fn puma(arguments: &[&str]) -> Named {
    let most = options::value(arguments, &["--threads", "-t"])
        .and_then(|range| options::count(range.rsplit(':').next().unwrap_or(range)));
    let workers = options::value(arguments, &["--workers", "-w"]).and_then(options::count);
    let mut named = Named::new("puma", Preset::Puma);
    if most.is_some() || workers.is_some() {
        let threads = most.unwrap_or(5);
        let why = match workers {
            Some(workers) => format!("{workers} processes of at most {threads} threads"),
            None => format!("at most {threads} threads"),
        };
        named = named.set("app.workers", json!(threads.saturating_mul(workers.unwrap_or(1))), why);
    }
    if workers.is_some() {
        // Kubernetes §6.2: a cluster kills a worker after `worker_shutdown_timeout`.
        named = named.set(
            "app.drain_timeout",
            json!("30s"),
            "Puma's default `worker_shutdown_timeout` of a cluster",
        );
    }
    if options::value(arguments, &["--config", "-C"]).is_some() {
        named = named.note("what Puma's configuration file says is not read");
    }
    named
}
