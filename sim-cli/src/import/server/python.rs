//! Python servers.

use std::path::Path;

use serde_json::json;
use sim_core::scenario::preset::Preset;

use super::super::shell::base_name;
use super::command::Named;
use super::{Confidence, options};

/// The Python server that a program with these arguments is.
pub(super) fn named(program: &str, arguments: &[&str]) -> Option<Named> {
    let name = base_name(program);
    let runs = |command: &str| arguments.contains(&command);
    match name {
        "gunicorn" => Some(gunicorn(arguments)),
        "uvicorn" => Some(uvicorn(name, arguments)),
        "fastapi" if runs("run") || runs("dev") => Some(uvicorn(name, arguments).note("`fastapi` starts uvicorn")),
        "hypercorn" => Some(
            Named::new(name, Preset::Uvicorn)
                .set_seconds("app.keep_alive_timeout", arguments, &["--keep-alive"])
                .set_seconds("app.drain_timeout", arguments, &["--graceful-timeout"])
                .note("uvicorn is the nearest server that the model knows"),
        ),
        "daphne" | "granian" | "sanic" => {
            Some(Named::new(name, Preset::Uvicorn).note("uvicorn is the nearest server that the model knows"))
        }
        "uwsgi" => Some(Named::new(name, Preset::GunicornSync).note(
            "gunicorn is the nearest server that the model knows; uWSGI reloads on SIGTERM unless it has `die-on-term`",
        )),
        "waitress-serve" => Some(no_handler(name).note("waitress is taken for a Python server without a handler")),
        "http.server" => Some(no_handler(name)),
        "flask" if runs("run") => Some(if runs("--debug") || runs("--reload") {
            Named::new("flask run", Preset::DjangoRunserver).note("Flask's reloader is taken for that of Django")
        } else {
            no_handler("flask run").note("Flask's development server has no handler for SIGTERM")
        }),
        "manage.py" | "django-admin" | "django-admin.py" | "django" => django(arguments),
        _ if name.starts_with("python") => script(name, arguments),
        _ => None,
    }
}

/// `python file.py …`: Django's `manage.py`, or some file.
fn script(name: &str, arguments: &[&str]) -> Option<Named> {
    let at = arguments.iter().position(|word| !word.starts_with('-'))?;
    // `python -c code` could be anything.
    if options::has(&arguments[..at], &["-c", "-m"]) {
        return None;
    }
    match base_name(arguments[at]) {
        "manage.py" | "django-admin" | "django-admin.py" => django(&arguments[at + 1..]),
        // Installed servers by their path: `python /usr/local/bin/gunicorn`.
        "gunicorn" | "uvicorn" | "hypercorn" | "daphne" => named(arguments[at], &arguments[at + 1..]),
        file if Path::new(file).extension().is_some_and(|extension| extension == "py") => Some(
            no_handler(&format!("{name} {file}"))
                .only(Confidence::Image)
                .note("a Python file can start any server: one without a handler for SIGTERM is assumed"),
        ),
        _ => None,
    }
}

/// A Python server that does nothing about SIGTERM (kubernetes §6.2, first rows).
fn no_handler(name: &str) -> Named {
    Named::new(name, Preset::DjangoRunserver).set(
        "app.sigterm",
        json!("no_handler"),
        "a Python program without a handler ignores SIGTERM as PID 1 and dies at once otherwise",
    )
}

/// The commands of `manage.py` that serve.
fn django(arguments: &[&str]) -> Option<Named> {
    let command = arguments.iter().find(|word| !word.starts_with('-'))?;
    if !matches!(*command, "runserver" | "runserver_plus") {
        return None;
    }
    if options::has(arguments, &["--noreload"]) {
        let named = no_handler(command);
        return Some(named.set(
            "app.sigterm",
            json!("no_handler"),
            "`--noreload`: without the reloader nothing handles SIGTERM",
        ));
    }
    Some(Named::new(command, Preset::DjangoRunserver))
}

fn uvicorn(name: &str, arguments: &[&str]) -> Named {
    let named = Named::new(name, Preset::Uvicorn)
        .set_seconds("app.keep_alive_timeout", arguments, &["--timeout-keep-alive"])
        .set_seconds("app.drain_timeout", arguments, &["--timeout-graceful-shutdown"]);
    if options::has(arguments, &["--reload"]) {
        return named.note("`--reload` restarts the server when a file changes, a hook that edits one included");
    }
    named
}

/// gunicorn with its kinds of workers.
fn gunicorn(arguments: &[&str]) -> Named {
    let class = options::value(arguments, &["--worker-class", "-k"]).unwrap_or("sync");
    let workers = options::value(arguments, &["--workers", "-w"]).and_then(options::count);
    let threads = options::value(arguments, &["--threads"]).and_then(options::count);
    let name = "gunicorn";
    let mut named = match class {
        // gunicorn itself turns `sync` with more than one thread into `gthread`.
        "gthread" => Named::new(name, Preset::GunicornGthread),
        "sync" if threads.is_some_and(|threads| threads > 1) => Named::new(name, Preset::GunicornGthread),
        "sync" => Named::new(name, Preset::GunicornSync),
        _ if class.contains("uvicorn") => Named::new(name, Preset::Uvicorn)
            .set(
                "app.keep_alive_timeout",
                json!("2s"),
                "gunicorn hands its default `--keep-alive` to uvicorn",
            )
            .set(
                "app.drain_timeout",
                json!("30s"),
                "gunicorn's default `--graceful-timeout`",
            ),
        _ if class.contains('$') => Named::new(name, Preset::GunicornSync).note(format!(
            "`{class}` is not known here: workers of the class `sync` are assumed"
        )),
        _ => Named::new(name, Preset::GunicornGthread)
            .set(
                "app.workers",
                json!("unlimited"),
                format!("a worker of the class `{class}` serves many requests at the same time"),
            )
            .note(format!("`gthread` is the nearest to workers of the class `{class}`")),
    };
    let configured = options::value(arguments, &["--config", "-c"]).is_some();
    named = match (named.preset, workers, threads) {
        (Preset::GunicornSync, Some(workers), _) => {
            named.set("app.workers", json!(workers), format!("`--workers {workers}`"))
        }
        (Preset::GunicornGthread, workers, threads)
            if matches!(class, "gthread" | "sync")
                && (workers.is_some() || threads.is_some())
                && !(configured && (workers.is_none() || threads.is_none())) =>
        {
            let (workers, threads) = (workers.unwrap_or(1), threads.unwrap_or(1));
            let why = format!(
                "{workers} {} {threads} {}",
                plural(workers, "worker of", "workers of"),
                plural(threads, "thread", "threads each")
            );
            named.set("app.workers", json!(workers.saturating_mul(threads)), why)
        }
        (Preset::GunicornSync, None, _) if !configured => {
            named.note("without `--workers` gunicorn starts as many as WEB_CONCURRENCY says, or one: set `app.workers`")
        }
        _ => named,
    };
    // Workers of the class `sync` never keep a connection.
    if named.preset != Preset::GunicornSync {
        named = named.set_seconds("app.keep_alive_timeout", arguments, &["--keep-alive"]);
    }
    named = named.set_seconds("app.drain_timeout", arguments, &["--graceful-timeout"]);
    if configured {
        named = named.note("what gunicorn's configuration file says is not read");
    }
    named
}

fn plural<'a>(count: u32, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}
