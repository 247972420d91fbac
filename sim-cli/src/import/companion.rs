//! Further containers that a request passes on its way to the application, or behind it.

use super::hook::image;
use super::pod::Containers;
use crate::manifest::pod::Container;

/// Programs that stand in front of an application, by the last part of their image's repository or their name.
const PROXIES: [&str; 14] = [
    "nginx",
    "nginx-unprivileged",
    "openresty",
    "envoy",
    "istio-proxy",
    "proxyv2",
    "linkerd-proxy",
    "haproxy",
    "traefik",
    "caddy",
    "httpd",
    "oauth2-proxy",
    "kong",
    "aws-appmesh-envoy",
];

/// Words in the names of containers that answer nobody's requests.
const HELPERS: [&str; 12] = [
    "exporter",
    "metrics",
    "agent",
    "fluent",
    "log",
    "statsd",
    "cloudwatch",
    "otel",
    "collector",
    "vault",
    "sync",
    "reload",
];

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Companion<'m> {
    /// The container.
    pub(crate) container: &'m Container,
    /// What it is taken for, in a few words.
    pub(crate) why: &'static str,
}

/// The ordinary containers on a request's way besides the one that the ALB sends it to. A guess by their names: a
/// proxy beside the application, or the application behind a proxy. Restartable init containers end last
/// (kubernetes §1.3) and are none.
pub(crate) fn of<'m>(containers: &Containers<'m>) -> Vec<Companion<'m>> {
    let front = is_proxy(containers.main);
    let others = containers.pod.containers.iter().flatten().enumerate();
    others
        .filter(|(index, _)| *index != containers.index)
        .filter_map(|(_, container)| {
            let why = if is_proxy(container) {
                "taken for a proxy in front"
            } else if front && serves(container) && !is_helper(container) {
                "taken for the server behind the proxy"
            } else {
                return None;
            };
            Some(Companion { container, why })
        })
        .collect()
}

fn is_proxy(container: &Container) -> bool {
    let of_image = container
        .image
        .as_ref()
        .map_or("", |image| image::split(image.as_str()).0);
    let of_image = of_image.rsplit('/').next().unwrap_or_default();
    let name = container.name.as_ref().map_or("", |name| name.as_str());
    PROXIES.contains(&of_image) || PROXIES.contains(&name)
}

fn serves(container: &Container) -> bool {
    container.ports.as_ref().is_some_and(|ports| !ports.is_empty()) || container.readiness_probe.is_some()
}

fn is_helper(container: &Container) -> bool {
    let image = container.image.as_ref().map_or("", |image| image.as_str());
    let name = container.name.as_ref().map_or("", |name| name.as_str());
    HELPERS.iter().any(|word| name.contains(word) || image.contains(word))
}
