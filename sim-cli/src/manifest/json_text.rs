//! Texts that are meant as JSON: YAML takes more than `kubectl` does there, such as a trailing comma.

use serde_json::Value as Json;

use super::yaml_mistakes::open_bracket;
use crate::text::error::Diagnostic;
use crate::text::source::{Place, SourceId};

/// What is wrong with a text that is meant as JSON; nothing for YAML and for what JSON allows.
pub(super) fn problem(source: SourceId, name: &str, text: &str) -> Option<Diagnostic> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let body = &text[start..];
    if !is_json(name, body) {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(body).into_iter::<Json>();
    let error = values.find_map(Result::err)?;
    let message = error.to_string();
    if message.contains("recursion limit") {
        return None;
    }
    let line_start: usize = body.split_inclusive('\n').take(error.line() - 1).map(str::len).sum();
    let mut at = (line_start + error.column().saturating_sub(1)).min(body.len());
    while !body.is_char_boundary(at) {
        at -= 1;
    }
    let place = |from: usize, to: usize| Place {
        source,
        span: start + from..start + to,
    };
    let one = |at: usize| place(at, at + body[at..].chars().next().map_or(0, char::len_utf8));
    if error.is_eof() {
        let end = body.trim_end().len();
        let last = body[..end].char_indices().next_back().map_or(0, |(at, _)| at);
        let open = open_bracket(&body[..end]);
        let inside = open.map(|open| {
            if body[open..].starts_with('{') {
                "an object"
            } else {
                "a list"
            }
        });
        let title = format!("not valid JSON: the file ends within {}", inside.unwrap_or("a value"));
        let diagnostic = Diagnostic::at(one(last), title).help("it was not written to its end: write it again");
        return Some(match open {
            Some(open) => diagnostic.context(one(open), "this is not closed"),
            None => diagnostic,
        });
    }
    if let Some(comment) = comment(body, at) {
        return Some(
            Diagnostic::at(place(comment.start, comment.end), "JSON has no comments")
                .help("take it away, or give the objects as YAML"),
        );
    }
    if message.starts_with("trailing comma") {
        let comma = body[..at].rfind(',').unwrap_or(at);
        let closing = body[at..].chars().next().unwrap_or(']');
        return Some(
            Diagnostic::at(one(comma), "a comma after the last entry")
                .help(format!("JSON allows none before `{closing}`")),
        );
    }
    if message.starts_with("expected `:`")
        && let Some(close) = body[..at].rfind('"')
        && let Some(open) = body[..close].rfind('"')
        && let Some((key, _)) = body[open + 1..close].split_once(':')
    {
        let place = place(open, open + 1 + key.len());
        return Some(
            Diagnostic::at(place, format!("the key `{key}` has no closing quote")).help(format!("write `\"{key}\":`")),
        );
    }
    let said = message.split(" at line ").next().unwrap_or(&message);
    Some(Diagnostic::at(one(at), format!("not valid JSON: {said}")))
}

/// Whether `kubectl` would read it as JSON, or the name says that it is.
fn is_json(name: &str, body: &str) -> bool {
    let body = body.trim_start();
    let Some(inner) = body.strip_prefix(['{', '[']) else {
        return false;
    };
    let is_named = std::path::Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "json");
    // With `---` in between the whole is YAML, whose documents happen to be JSON.
    let is_divided = body.lines().any(|line| line.starts_with("---"));
    is_named || (!is_divided && body.starts_with('{') && inner.trim_start().starts_with('"'))
}

fn comment(body: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let line_start = body[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = body[at..].find('\n').map_or(body.len(), |newline| at + newline);
    // The error stands at the comment's first or second character.
    let starts = (at.saturating_sub(1).max(line_start)..=at).filter(|start| body.is_char_boundary(*start));
    let mut found = starts.filter(|start| ["//", "/*", "#"].iter().any(|mark| body[*start..].starts_with(mark)));
    found
        .next()
        .map(|start| start..start + body[start..line_end].trim_end().len())
}

#[cfg(test)]
mod tests {
    // The hashes are those that `UPDATE_EXPECT=1` writes.
    #![allow(clippy::needless_raw_string_hashes)]

    use expect_test::{Expect, expect};

    use super::*;
    use crate::text::source::{SourceKind, Sources};

    #[track_caller]
    fn check(text: &str, expected: &Expect) {
        let mut sources = Sources::default();
        let added = sources.add_file("m.json", SourceKind::Manifest, text.as_bytes().to_vec());
        let found = problem(added.expect("UTF-8"), "m.json", text);
        let shown = found.map(|found| crate::text::error::render([&found], &sources, false) + "\n");
        expected.assert_eq(&shown.unwrap_or_default());
    }

    #[test]
    fn several_values_and_a_byte_order_mark_are_taken() {
        check("{\"a\": 1}\n{\"b\": [2]}\n", &expect![[""]]);
        check("\u{feff}[]", &expect![[""]]);
        // Not JSON, whatever the name says.
        check("a: 1\n", &expect![[""]]);
    }

    #[test]
    fn commas_at_the_end_are_shown() {
        check(
            "{\"ü\": [1, 2,\n]}",
            &expect![[r#"
            error: a comma after the last entry
             --> m.json:1:12
              |
            1 | {"ü": [1, 2,
              |            ^
              |
              = help: JSON allows none before `]`
        "#]],
        );
        check(
            "{\"a\": 1,}",
            &expect![[r#"
            error: a comma after the last entry
             --> m.json:1:8
              |
            1 | {"a": 1,}
              |        ^
              |
              = help: JSON allows none before `}`
        "#]],
        );
    }

    #[test]
    fn comments_are_shown_in_each_spelling() {
        check(
            "{\"a\": 1, // one\n\"b\": 2}",
            &expect![[r#"
            error: JSON has no comments
             --> m.json:1:10
              |
            1 | {"a": 1, // one
              |          ^^^^^^
              |
              = help: take it away, or give the objects as YAML
        "#]],
        );
        check(
            "{\"a\": 1 # one\n}",
            &expect![[r#"
            error: JSON has no comments
             --> m.json:1:9
              |
            1 | {"a": 1 # one
              |         ^^^^^
              |
              = help: take it away, or give the objects as YAML
        "#]],
        );
        check(
            "{/* one */ \"a\": 1}",
            &expect![[r#"
            error: JSON has no comments
             --> m.json:1:2
              |
            1 | {/* one */ "a": 1}
              |  ^^^^^^^^^^^^^^^^^
              |
              = help: take it away, or give the objects as YAML
        "#]],
        );
    }

    #[test]
    fn an_end_too_early_shows_what_is_open() {
        check(
            "{\"a\": [1, 2",
            &expect![[r#"
            error: not valid JSON: the file ends within a list
             --> m.json:1:11
              |
            1 | {"a": [1, 2
              |       -   ^
              |       |
              |       this is not closed
              |
              = help: it was not written to its end: write it again
        "#]],
        );
        check(
            "{\"a\": {\"b\": 2}\n\n",
            &expect![[r#"
            error: not valid JSON: the file ends within an object
             --> m.json:1:14
              |
            1 | {"a": {"b": 2}
              | -            ^
              | |
              | this is not closed
              |
              = help: it was not written to its end: write it again
        "#]],
        );
        check(
            "{\"a\": \"b",
            &expect![[r#"
            error: not valid JSON: the file ends within an object
             --> m.json:1:8
              |
            1 | {"a": "b
              | -      ^
              | |
              | this is not closed
              |
              = help: it was not written to its end: write it again
        "#]],
        );
    }
}
