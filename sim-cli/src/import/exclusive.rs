//! Attributes of a target group that AWS refuses together (alb §2.1).

use serde_json::{Value as Json, json};

use super::Importer;
use super::draft::Origin;
use super::refused::{Refusal, Refused};
use crate::text::decode::Spanned;

/// What rules out what: a path, when it counts, the algorithms that it goes with, its name, and what stays in force.
const EXCLUSIVE: [(&str, &[&str], &str, &str); 2] = [
    ("target_group.slow_start", &["round_robin"], "slow start", "0s"),
    (
        "target_group.stickiness.enabled",
        &["round_robin", "least_outstanding_requests"],
        "stickiness",
        "false",
    ),
];

/// Refuses what does not go with the algorithm, and lets AWS's defaults stay in force.
pub(super) fn attributes(importer: &mut Importer<'_>, text: &Spanned<String>) {
    for (path, algorithms, name, off) in EXCLUSIVE {
        let is_on = match importer.draft.get(path) {
            Some(Json::String(value)) => value != off,
            Some(Json::Bool(value)) => *value,
            _ => false,
        };
        let algorithm = importer.draft.get("target_group.algorithm").and_then(Json::as_str);
        let algorithm = algorithm.unwrap_or("round_robin").to_owned();
        if !is_on || algorithms.contains(&algorithm.as_str()) {
            continue;
        }
        let problem = format!(
            "{name} goes with the algorithm {} only, and `{algorithm}` is set: AWS refuses both",
            algorithms.join(" or ")
        );
        let mut refusal = Refusal::new(Refused::Attribute, text, problem);
        refusal.diagnostic = refusal.diagnostic.help("choose one of the two");
        importer.refuse(refusal);
        let why = Origin::Default("AWS default, because AWS refuses the attributes of the manifest");
        let value = if off == "false" { json!(false) } else { json!(off) };
        importer.draft.set(path, value, why.clone());
        importer.draft.set("target_group.algorithm", "round_robin", why);
    }
}
