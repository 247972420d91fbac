//! Whether a probed or checked page is one of its own or one that users ask for.

/// Words by which a path is taken for a health page.
const WORDS: [&str; 24] = [
    "health",
    "healthz",
    "healthy",
    "healthcheck",
    "healthchecks",
    "ready",
    "readyz",
    "readiness",
    "live",
    "livez",
    "liveness",
    "alive",
    "ping",
    "status",
    "heartbeat",
    "actuator",
    "up",
    "ruok",
    "hc",
    "monitor",
    "monitoring",
    "probe",
    "check",
    "lbcheck",
];

/// What is asked for, as the scenario has it, and why it is taken for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// `dedicated` or `shared`.
    pub(crate) kind: &'static str,
    /// In a few words.
    pub(crate) why: String,
}

/// The page of that path.
pub(crate) fn of(path: &str) -> Page {
    let bare = path.split(['?', '#']).next().unwrap_or_default().to_lowercase();
    let mut words = bare
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    match words.find(|word| WORDS.contains(word)) {
        Some(word) => Page {
            kind: "dedicated",
            why: format!("a path with `{word}` is taken for a health page of its own"),
        },
        None => Page {
            kind: "shared",
            why: format!("nothing in `{path}` speaks of health, so it is taken for a page that users ask for"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_pages_are_known_by_a_word_of_their_path() {
        for path in [
            "/health",
            "/healthz/ready",
            "/actuator/health",
            "/api/v1/_status",
            "/lb-ping?x=1",
            "/AWS.ALB/healthcheck",
            "/up",
        ] {
            assert_eq!(of(path).kind, "dedicated", "{path}");
        }
        for path in [
            "/",
            "",
            "/logistics/todaysorders/",
            "/login",
            "/update",
            "/?check=1",
            "/alivexyz",
        ] {
            assert_eq!(of(path).kind, "shared", "{path}");
        }
    }
}
