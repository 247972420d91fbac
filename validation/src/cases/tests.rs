//! The file, its statements and its settings, checked by hand.

mod file;
mod mapping;
mod statements;

use serde_json::Value;

use super::BUILT_IN;
use super::format::{Case, CaseFile};

/// The built-in cases.
fn built_in() -> Vec<Case> {
    let json: Value = serde_json::from_str(BUILT_IN).expect("the committed file is JSON");
    CaseFile::from_json(&json).expect("the committed file is right").cases
}

/// A built-in case.
fn case(id: &str) -> Case {
    let found = built_in().into_iter().find(|case| case.id == id);
    found.unwrap_or_else(|| panic!("{id} is a built-in case"))
}

/// A file of one case: `change` may spoil it.
fn file(change: impl FnOnce(&mut Value)) -> Value {
    let mut json = serde_json::json!({
        "fields": { "settings": "common to all runs" },
        "cases": [{
            "id": "one",
            "source": "https://example.org",
            "date": "2024-05",
            "environment": { "lb_type": "ALB", "target_type": "ip", "platform": "EKS" },
            "event": "rollout",
            "settings": { "replicas": 3, "prestop_sleep_s": null },
            "runs": [
                { "label": "short", "overrides": { "prestop_sleep_s": 5 }, "observed": { "502": "some" } },
                { "label": "long", "overrides": { "prestop_sleep_s": 25 } },
            ],
            "expectation": [
                { "run": "short", "code": 502, "relation": ">0" },
                { "order": ["short", ">", "long"], "metric": "5xx_count" },
            ],
            "grade": "B",
            "applicability": "core",
            "category": "ALB pods",
        }],
    });
    change(&mut json);
    json
}
