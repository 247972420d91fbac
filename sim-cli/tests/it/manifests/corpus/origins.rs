//! The comments behind the values of imported scenarios.

use super::{place_with_all, read, scenarios};
use crate::command::test_name;

/// Values that stand in the manifest only in other words, and not on the line of their field either: the key in the
/// scenario, how the comment's field begins, and why.
const IN_OTHER_WORDS: &[(&str, &str, &str)] = &[
    (
        "readiness_gate",
        "no label ",
        "what is not there has no line; the namespace's name stands for it",
    ),
    (
        "other_target_group_bindings",
        "",
        "a count over several objects, at the name of the workload",
    ),
    (
        "replicas",
        "pods that ",
        "a count over several Pods, at the name of the first",
    ),
    (
        "kind",
        "spec.template.spec.containers[",
        "the list it stands in; its name is the first thing in it",
    ),
    (
        "duration",
        "spec.template.spec.containers[0].lifecycle",
        "a sum over the lines of a script",
    ),
    (
        "fails_health",
        "spec.template.spec.containers[",
        "a guess from the command, which stands in a list",
    ),
    (
        "duration",
        "annotation alb.ingress.kubernetes.io/target-group-attributes",
        "the annotation has several lines",
    ),
];

/// A leaf of a printed scenario: key, value, comment.
fn leaf(line: &str) -> Option<(&str, &str, Option<&str>)> {
    let (text, comment) = match line.split_once("  # ") {
        Some((text, comment)) => (text, Some(comment)),
        None => (line, None),
    };
    let text = text.trim_start().trim_start_matches("- ");
    let (key, value) = text.split_once(": ").unwrap_or(("", text));
    let is_leaf = !line.starts_with('#') && !text.ends_with(':');
    is_leaf.then(|| (key, value.trim_matches('"'), comment))
}

/// `file:line field`, as a comment begins that points at a manifest.
fn pointer<'c>(comment: &'c str, file: &str) -> Option<(usize, &'c str)> {
    let (line, field) = comment.strip_prefix(file)?.strip_prefix(':')?.split_once(' ')?;
    let field = field.split_once(';').map_or(field, |(field, _)| field);
    Some((line.parse().ok()?, field))
}

/// Whether the word stands there on its own, not as a part of another one.
fn has_word(line: &str, word: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric();
    let found = line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        !before.ends_with(inner) && !after.starts_with(inner)
    });
    !word.is_empty() && found
}

/// Whether the line has the value, with or without its unit or in Kubernetes's case, or the last name of the field or of
/// the object behind it.
fn supports(line: &str, value: &str, field: &str) -> bool {
    let last = field.rsplit(['.', '/']).next().unwrap_or(field);
    let name = last.split(['[', ':', ' ']).next().unwrap_or(last);
    let object = field.rsplit(' ').next().unwrap_or(field);
    let case = value.replace('_', "").to_lowercase();
    [value, value.trim_end_matches('s'), name, object]
        .iter()
        .any(|word| has_word(line, word))
        || has_word(&line.to_lowercase(), &case)
}

#[test]
fn each_value_says_where_it_comes_from_and_that_place_has_it() {
    let place = place_with_all(&test_name());
    let mut wrong = Vec::new();
    let mut used = vec![false; IN_OTHER_WORDS.len()];
    for (name, scenario) in scenarios(&place) {
        let text = String::from_utf8(read(&name)).expect("UTF-8");
        let lines: Vec<&str> = text.lines().collect();
        for printed in scenario.lines() {
            let Some((key, value, comment)) = leaf(printed) else {
                continue;
            };
            let Some(comment) = comment else {
                wrong.push(format!("{name}: no comment: {printed}"));
                continue;
            };
            let Some((number, field)) = pointer(comment, &name) else {
                if comment.contains(&name) {
                    wrong.push(format!("{name}: cannot be read: {printed}"));
                }
                continue;
            };
            let line = number.checked_sub(1).and_then(|number| lines.get(number));
            if line.is_some_and(|line| supports(line, value, field)) {
                continue;
            }
            let known = IN_OTHER_WORDS
                .iter()
                .position(|(known, start, _)| *known == key && field.starts_with(start));
            match known {
                Some(known) => used[known] = true,
                None => wrong.push(format!("{name}: {printed}\n    there: {}", line.unwrap_or(&"no line"))),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(used, vec![true; used.len()], "an exception that nothing needs");
}
