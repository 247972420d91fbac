//! The server: which one, what SIGTERM does to it, how long it takes.

use super::event::Event;
use super::setting::{Reader, seconds};
use crate::cases::prior::{Prior, SERVERS, SERVICE_TIME, START_UP, Sourced};

const GRACEFUL: &[&str] = &[
    "gunicorn-sync",
    "gunicorn-gthread",
    "uvicorn",
    "node-close",
    "nginx-quit",
    "spring-boot-graceful",
    "go-shutdown",
    "axum-graceful",
    "puma",
];

const IMMEDIATE: &[&str] = &["django-runserver", "nginx-term", "spring-boot-immediate", "go-default"];

/// Words of a platform, and the servers that they may mean; the first that occurs decides.
const PLATFORMS: &[(&str, &[&str])] = &[
    ("gthread", &["gunicorn-gthread"]),
    ("gunicorn", &["gunicorn-sync", "gunicorn-gthread"]),
    ("Django", &["django-runserver"]),
    ("Node", &["node-http", "node-close"]),
    ("Spring", &["spring-boot-graceful", "spring-boot-immediate"]),
    ("Go API", &["go-default", "go-shutdown"]),
    ("nginx", &["nginx-quit", "nginx-term"]),
    ("haproxy", &["nginx-quit", "nginx-term"]),
];

/// What is known of the shutdown narrows the servers.
fn candidates(sigterm: Option<&str>, platform: &str) -> Option<&'static [&'static str]> {
    let text = sigterm.unwrap_or_default();
    if text.contains("Django") {
        return Some(&["django-runserver"]);
    }
    if text.contains("Spring") {
        return Some(&["spring-boot-graceful"]);
    }
    let of_platform = PLATFORMS
        .iter()
        .find(|(word, _)| platform.contains(word))
        .map(|(_, servers)| *servers);
    if of_platform.is_some() {
        return of_platform;
    }
    if text.contains("immediate") {
        return Some(IMMEDIATE);
    }
    (text.contains("graceful") || text.contains("closes listener")).then_some(GRACEFUL)
}

pub(super) fn assign(reader: &mut Reader<'_>, event: Event) {
    let sigterm = reader.sigterm_text();
    let platform = reader.case.environment.platform.as_deref().unwrap_or_default();
    let server = if let Some(server) = reader.word("app_server") {
        server
    } else {
        match candidates(sigterm, platform) {
            Some(servers) => reader.choose("server", servers, "the platform or the shutdown in words; each alike"),
            None => reader.draw_word("server", SERVERS),
        }
    };
    reader.set("app.preset", server);
    // No case is about overload: a fleet that is short of workers would fail requests in a way that nobody reported.
    reader.set("app.workers", "unlimited");
    if let Some(text) = sigterm {
        shutdown(reader, text);
    }
    if let Some(drain) = reader.number("app_drain_s") {
        reader.note("a server that drains for a while after SIGTERM goes on serving new connections meanwhile");
        reader.set("app.listener_on_drain", "open_served");
        reader.set_seconds("app.drain_timeout", drain);
    }
    keep_alive(reader);
    times(reader, event);
}

fn shutdown(reader: &mut Reader<'_>, text: &str) {
    if text.contains("SIGKILL") {
        // It stops serving and yet is there to be killed: nothing new is accepted, and what is open keeps it alive.
        reader.set("app.sigterm", "drain");
        reader.set("app.listener_on_drain", "close_now");
        reader.set("app.idle_on_drain", "unserved_until_exit");
        reader.set("app.waits_for_idle", "true");
        reader.set("app.keep_alive_timeout", "unlimited");
    }
    if text.contains("refuses new") || text.contains("closes listener at once") {
        reader.set("app.listener_on_drain", "close_now");
    }
    if text.contains("30 s") {
        reader.set("app.drain_timeout", "30s");
    }
}

fn keep_alive(reader: &mut Reader<'_>) {
    let mut timeout = reader.number("app_keepalive_s");
    if reader.word("headers_timeout").is_some() {
        // `onParserExecute` of Node 10.15.3 compares the age of the last activity with `headersTimeout` when the next
        // request's first bytes arrive, and then destroys the socket.
        reader.note(
            "`headersTimeout` of Node 10.15.2 and later, 40 s by default, ran on while a connection was idle \
             (nodejs/node#27363): a request on one that has been idle for 40 to 60 s is lost, which is a race of 20 s \
             around 50 s",
        );
        reader.set("network.keep_alive_race", "20s");
        timeout = Some(50.0);
    }
    if reader.flag("proxy_keepalive") == Some(false) {
        reader.note("a proxy without keep-alive to its targets: the server closes the connection after each response");
        timeout = Some(0.0);
    }
    if let Some(timeout) = timeout {
        reader.set_seconds("app.keep_alive_timeout", timeout);
    }
}

fn times(reader: &mut Reader<'_>, event: Event) {
    let rate = reader.case.environment.rate.as_deref().unwrap_or_default();
    if let Some(duration) = reader.number("request_duration_s") {
        reader.facts.insert("request duration", duration);
        reader.set("app.service_time", seconds(duration));
    } else {
        let slow = Sourced {
            prior: Prior::LogUniform(0.2, 2.0),
            source: "the words `slow responses`",
        };
        let prior = if rate.contains("slow responses") {
            slow
        } else {
            SERVICE_TIME
        };
        let median = reader.draw("median service time, s", prior);
        // The shape of the presets: the 99th percentile is ten times the median.
        let service = format!(
            "{{ log_normal: {{ median: {}, p99: {} }} }}",
            seconds(median),
            seconds(10.0 * median)
        );
        reader.set("app.service_time", service);
    }
    let start_up = match reader.number("pod_ready_s") {
        // The container needs 3 s (kubernetes §9 `pod_startup`), and a probe every second finds it soon.
        Some(ready) => {
            reader.note("a pod that is Ready after a stated time: the server's start is what the kubelet's own steps leave of it");
            reader.set("pod.readiness_probe.period", "1s");
            (ready - 4.0).max(0.5)
        }
        None if event == Event::Steady || event == Event::Deregistration => return,
        None => reader.draw("start-up time, s", START_UP),
    };
    reader.facts.insert("start up", start_up);
    reader.set_seconds("app.start_up", start_up);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_narrows_the_servers() {
        assert_eq!(candidates(None, "EKS"), None);
        assert_eq!(
            candidates(Some("immediate-exit inferred (Django dev server)"), "EKS"),
            Some(&["django-runserver"][..])
        );
        assert_eq!(candidates(Some("graceful, needs up to 30 s"), "EKS"), Some(GRACEFUL));
        assert_eq!(candidates(Some("immediate-exit"), "EKS"), Some(IMMEDIATE));
        assert_eq!(
            candidates(Some("graceful in-flight"), "EKS, gunicorn"),
            Some(&["gunicorn-sync", "gunicorn-gthread"][..])
        );
    }
}
