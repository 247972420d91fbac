//! Who sends requests: only the user knows.

use serde_json::{Value as Json, json};

use super::Importer;
use super::draft::Origin;

/// Requests per second and pod that are assumed: little enough for any server, enough to count failures.
const RATE_PER_POD: u64 = 10;

/// Think time of the sessions of `--sessions`, seconds.
const THINK_S: u64 = 1;

/// Fills the section `workload`.
pub(super) fn import(importer: &mut Importer<'_>) {
    let options = importer.options;
    if let Some(sessions) = options.sessions {
        let steps = json!([{ "request": "request", "think": format!("{THINK_S}s") }]);
        let flag = format!("--sessions {sessions}");
        importer
            .draft
            .set("workload.sessions.count", sessions, Origin::Flag(flag));
        let why = format!("each session asks, waits for its answer, and thinks for {THINK_S} s");
        importer
            .draft
            .set("workload.sessions.steps", steps, Origin::Assumed(why));
    }
    match (options.rate, options.sessions) {
        (Some(rate), _) => importer.draft.set(
            "workload.open_loop.rate",
            rate,
            Origin::Flag(format!("--rate {rate}/s")),
        ),
        (None, Some(_)) => {}
        (None, None) => {
            let rate = importer.replicas() * RATE_PER_POD;
            let why = format!("{RATE_PER_POD} requests per second and pod are assumed");
            importer
                .draft
                .set("workload.open_loop.rate", Json::from(rate), Origin::Assumed(why));
        }
    }
}
