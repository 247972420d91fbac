//! The server that an image's name speaks of.

use sim_core::scenario::preset::Preset;

use super::super::hook::image::split;
use super::Confidence;
use super::command::{Named, apache, envoy, haproxy, traefik};
use super::runtime::{NODE, SPRING, tomcat};

/// What an image is known for, or what its name speaks of.
pub(super) fn named(image: &str) -> Option<Named> {
    let lower = image.trim().to_ascii_lowercase();
    let (repository, tag) = split(&lower);
    let name = repository.rsplit('/').next().unwrap_or_default();
    known(name, tag)
        .or_else(|| hinted(name))
        .map(|named| named.only(Confidence::Image))
}

/// Images by the last part of their repository.
fn known(name: &str, tag: &str) -> Option<Named> {
    let new = |preset| Named::new(name, preset);
    let named = match name {
        "nginx" | "nginx-unprivileged" | "openresty" => new(Preset::NginxQuit),
        "kong" | "kong-gateway" => {
            new(Preset::NginxQuit).note("Kong is built on nginx: the nearest server that the model knows")
        }
        "httpd" => apache(name),
        "php" | "wordpress" | "drupal" if tag.contains("apache") || (name != "php" && !tag.contains("fpm")) => {
            apache(name)
        }
        "traefik" => traefik(name, None),
        "envoy" => envoy(name),
        "haproxy" => haproxy(name),
        "caddy" => new(Preset::GoShutdown).note("Caddy is taken for a Go server with `Shutdown`"),
        "podinfo" => new(Preset::GoShutdown),
        "golang" => new(Preset::GoShutdown)
            .note("a Go server with `Shutdown` is assumed; without signal code it is `go-default`"),
        "rust" => new(Preset::AxumGraceful)
            .note("axum with a graceful shutdown is assumed; without signal code it is `axum-default`"),
        "node" => new(Preset::NodeHttp).note(NODE),
        "python" | "pypy" => new(Preset::GunicornSync).note("any Python server is possible; gunicorn is assumed"),
        "ruby" | "jruby" => new(Preset::Puma).note("any Ruby server is possible; Puma is assumed"),
        "tomcat" => tomcat(name),
        "eclipse-temurin"
        | "temurin"
        | "openjdk"
        | "amazoncorretto"
        | "corretto"
        | "ibm-semeru-runtimes"
        | "sapmachine"
        | "zulu-openjdk"
        | "liberica-openjdk-alpine" => new(Preset::SpringBootGraceful)
            .note("a Java program is taken for Spring Boot")
            .note(SPRING),
        // gcr.io/distroless/java21-debian12, nodejs22-debian12, python3-debian12.
        _ if name.starts_with("java") && name.contains("-debian") => new(Preset::SpringBootGraceful)
            .note("a Java program is taken for Spring Boot")
            .note(SPRING),
        _ if name.starts_with("nodejs") && name.contains("-debian") => new(Preset::NodeHttp).note(NODE),
        _ => return None,
    };
    Some(named)
}

/// Names of one's own images that speak of a server: `shop-django`, `my-nginx`.
fn hinted(name: &str) -> Option<Named> {
    let parts: Vec<&str> = name.split(['-', '_', '.']).collect();
    // Tools around a server are none.
    let tools = [
        "exporter",
        "controller",
        "operator",
        "agent",
        "driver",
        "sidecar",
        "ingress",
        "worker",
        "init",
        "migrate",
    ];
    if parts.iter().any(|part| tools.contains(part)) {
        return None;
    }
    let (hint, preset) = parts.iter().find_map(|part| {
        let preset = match *part {
            "nginx" | "openresty" => Preset::NginxQuit,
            "gunicorn" | "django" | "flask" => Preset::GunicornSync,
            "uvicorn" | "fastapi" | "starlette" => Preset::Uvicorn,
            "rails" | "puma" => Preset::Puma,
            "spring" | "springboot" => Preset::SpringBootGraceful,
            "nodejs" | "express" | "nextjs" | "nestjs" => Preset::NodeHttp,
            "golang" => Preset::GoShutdown,
            "axum" => Preset::AxumGraceful,
            _ => return None,
        };
        Some((*part, preset))
    })?;
    Some(Named::new(name, preset).note(format!("the image's name speaks of `{hint}`, which is all that tells")))
}

/// Lets the image say what the command leaves open.
pub(super) fn adjust(named: &mut Named, image: &str, by_image: Option<&Named>) {
    // nginx stops gracefully only on SIGQUIT, which the image asks for (kubernetes §6.2).
    let stop_signal_known = by_image.is_some_and(|by_image| by_image.preset == Preset::NginxQuit);
    if matches!(named.name.as_str(), "nginx" | "openresty") && !stop_signal_known {
        named.notes.push(format!(
            "`{image}` is taken to have nginx's stop signal SIGQUIT, as images built on the official one do; with \
             SIGTERM it is `nginx-term`"
        ));
    }
}
