//! The list of the rules, for `--list-rules` and for `RULES.md`.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::check::rules::RULES;
use crate::output::text::layout::{Paint, wrapped};

/// For people.
pub(crate) fn text(color: bool) -> String {
    let paint = Paint { color };
    let indent = " ".repeat(8);
    let mut out = String::new();
    for rule in RULES {
        let _ = writeln!(out, "{}  {}", paint.bold(rule.id), rule.name);
        out.push_str(&wrapped(
            &format!("{} ({})", rule.reason, rule.source),
            &indent,
            &indent,
        ));
    }
    out
}

/// For programs: an array of objects.
pub(crate) fn json() -> String {
    let rules: Vec<Json> = RULES
        .iter()
        .map(|rule| {
            let shows_in: Vec<&str> = rule.shows_in.iter().map(|standard| standard.name()).collect();
            json!({
                "id": rule.id,
                "name": rule.name,
                "reason": rule.reason,
                "source": rule.source,
                "effect_shows_in": shows_in,
            })
        })
        .collect();
    serde_json::to_string_pretty(&rules).expect("a value is JSON") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect_file;

    const HEAD: &str = "\
# Rules of `sim check`

Generated from the list in `src/check/rules/list.rs`; a test keeps the two the same (`UPDATE_EXPECT=1 cargo test -p sim-cli`).
Numbers are never given to another rule.
The same list: `sim check --list-rules`, and `--format json` for programs.
Sources are sections of the project's fact sheets (Kubernetes, AWS Load Balancer Controller, ALB, nodes) and field cases.

Levels: an error is something that Kubernetes, the controller or AWS does otherwise than the manifest says, or that fails requests for certain; a warning fails requests, or may; a note is worth knowing.
What rests on a guess is at most a warning, and what nobody told a note.

The effect of a fix is simulated in the disruptions named: the same seeds without and with it.
It is shown where the 95 % interval of the difference, replication by replication, leaves zero out.

";

    /// As `RULES.md` has it.
    fn markdown() -> String {
        let mut out = HEAD.to_owned();
        out.push_str("| number | name | why | source | effect simulated in |\n|---|---|---|---|---|\n");
        for rule in RULES {
            let shows_in: Vec<&str> = rule.shows_in.iter().map(|standard| standard.name()).collect();
            let shows_in = match shows_in.len() {
                0 => "–".to_owned(),
                4 => "all".to_owned(),
                _ => shows_in.join(", "),
            };
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {shows_in} |",
                rule.id, rule.name, rule.reason, rule.source
            );
        }
        out
    }

    #[test]
    fn the_table_of_rules_is_the_list() {
        expect_file!["../../../RULES.md"].assert_eq(&markdown());
    }

    #[test]
    fn rules_are_numbered_without_a_gap_and_say_everything() {
        for (index, rule) in RULES.iter().enumerate() {
            assert_eq!(rule.id, format!("DRN{:03}", index + 1));
            assert!(rule.reason.ends_with('.'), "{}: {}", rule.id, rule.reason);
            assert!(!rule.name.ends_with('.') && !rule.source.is_empty(), "{}", rule.id);
            assert!(!rule.reason.contains('|'), "{} would break the table", rule.id);
        }
    }
}
