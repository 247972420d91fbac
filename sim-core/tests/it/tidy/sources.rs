//! Source files: size, banned words, floats.

use super::crates::members;
use super::{assert_none, read, root, rust_files};

/// Most lines of a source file (house rule: past this a file is split).
const LINES_MAX: usize = 400;

/// Files that are longer all the same, and why; to be split.
const LONG: &[(&str, &str)] = &[];

/// Files of `sim-core` in which floats may appear, and why.
const FLOATS: &[(&str, &str)] = &[
    ("sim-core/src/dist.rs", "distributions"),
    ("sim-core/src/dist/", "distributions"),
    ("sim-core/src/stats.rs", "statistics for people"),
    ("sim-core/src/rng.rs", "the unit interval that distributions start from"),
    (
        "sim-core/src/traffic/arrivals.rs",
        "mean interarrival time, which need not be whole nanoseconds",
    ),
    ("sim-core/src/traffic/issue.rs", "slow start's share, a probability"),
    (
        "sim-core/src/scenario/workload.rs",
        "the published sine, reduced to a whole number at once",
    ),
    (
        "sim-core/src/scenario/quantity.rs",
        "a number of a file, which is read as text",
    ),
    ("sim-core/src/scenario/validate/load.rs", "bounds of that sine's angle"),
    (
        "sim-core/src/time/format.rs",
        "a number without a unit, which is refused",
    ),
    (
        "sim-core/src/warnings/settings.rs",
        "the quantile that a warning looks at",
    ),
    (
        "sim-core/src/scenario/hops/controller.rs",
        "default rates, which are floats in `dist`",
    ),
    (
        "sim-core/src/scenario/hops.rs",
        "default rates and probabilities, which are floats in `dist`",
    ),
    (
        "sim-core/src/scenario/node.rs",
        "default rates and probabilities, which are floats in `dist`",
    ),
    (
        "sim-core/src/scenario/cluster_autoscaler.rs",
        "a default probability, which is a float in `dist`",
    ),
    ("sim-core/src/scenario/cluster.rs", "a default probability"),
    (
        "sim-core/src/scenario/health.rs",
        "default probabilities, which are floats in `dist`",
    ),
    (
        "sim-core/src/scenario/validate/health.rs",
        "the least share, a probability",
    ),
    ("sim-core/src/elbv2.rs", "the difference of two rates"),
    ("sim-core/src/token_bucket.rs", "whether a rate is zero"),
];

/// A line of code: its number from 1, and its text without comments and without the content of strings.
struct Line {
    number: usize,
    code: String,
}

/// The lines of a file that are compiled into the crate: no comments, no strings, nothing under `cfg(test)`.
fn compiled(path: &str, text: &str) -> Vec<Line> {
    if path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut in_string = false;
    let mut test_item = None;
    for (index, text) in text.lines().enumerate() {
        let code = strip(text, &mut in_string);
        let indent = text.len() - text.trim_start().len();
        if code.trim_start().starts_with("#[cfg(test)]") {
            test_item = Some(indent);
            continue;
        }
        if let Some(outer) = test_item {
            // The item ends with a closing brace, or a semicolon, at its own indentation.
            let ends = indent == outer && (code.trim_end().ends_with('}') || code.trim_end().ends_with(';'));
            if ends && !in_string {
                test_item = None;
            }
            continue;
        }
        let number = index + 1;
        lines.push(Line { number, code });
    }
    lines
}

/// A line without its comment and without the content of its strings; characters in quotes go too.
fn strip(line: &str, in_string: &mut bool) -> String {
    let mut code = String::new();
    let mut rest = line.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '\\' if *in_string => {
                rest.next();
            }
            '"' => {
                *in_string = !*in_string;
                code.push('"');
            }
            _ if *in_string => {}
            '/' if rest.peek() == Some(&'/') => break,
            '\'' if line.contains("'\"'") && rest.peek() == Some(&'"') => {
                rest.nth(1);
            }
            _ => code.push(next),
        }
    }
    code
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// Whether a line names a float type or writes a float.
fn has_float(code: &str) -> bool {
    let literal = code
        .as_bytes()
        .windows(3)
        .any(|three| three[1] == b'.' && three[0].is_ascii_digit() && three[2].is_ascii_digit());
    literal || words(code).any(|word| ["f32", "f64"].contains(&word))
}

fn core_lines() -> impl Iterator<Item = (String, Line)> {
    let files = rust_files("sim-core/src");
    files
        .into_iter()
        .flat_map(|(path, text)| compiled(&path, &text).into_iter().map(move |line| (path.clone(), line)))
}

#[test]
fn no_source_file_is_longer_than_its_reader_s_patience() {
    let long: Vec<String> = members(&read(&root().join("Cargo.toml")))
        .iter()
        .flat_map(|member| rust_files(member))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(path, count)| (*count > LINES_MAX) != LONG.iter().any(|(long, _)| long == path))
        .map(|(path, count)| format!("{path}: {count} lines"))
        .collect();
    assert_none(&long, "files longer than 400 lines, or listed as such and no longer so");
}

#[test]
fn the_model_uses_nothing_of_std() {
    let found: Vec<String> = core_lines()
        .filter(|(_, line)| words(&line.code).any(|word| word == "std"))
        .map(|(path, line)| format!("{path}:{}: {}", line.number, line.code.trim()))
        .collect();
    assert_none(&found, "std outside of tests");
}

#[test]
fn the_model_knows_neither_hash_maps_nor_clocks() {
    let banned = ["HashMap", "HashSet", "hash_map", "Instant", "SystemTime"];
    let found: Vec<String> = core_lines()
        .filter(|(_, line)| words(&line.code).any(|word| banned.contains(&word)))
        .map(|(path, line)| format!("{path}:{}: {}", line.number, line.code.trim()))
        .collect();
    assert_none(&found, "unordered maps or wall clocks");
}

#[test]
fn floats_stay_where_they_are_allowed_and_are_allowed_only_where_they_are() {
    let mut unused: Vec<&str> = FLOATS.iter().map(|(path, _)| *path).collect();
    let mut found = Vec::new();
    for (path, line) in core_lines().filter(|(_, line)| has_float(&line.code)) {
        match FLOATS.iter().find(|(allowed, _)| path.starts_with(allowed)) {
            Some((allowed, _)) => unused.retain(|path| path != allowed),
            None => found.push(format!("{path}:{}: {}", line.number, line.code.trim())),
        }
    }
    assert_none(&found, "floats outside of the list in this file");
    assert!(unused.is_empty(), "allowed to have floats but without any: {unused:?}");
}

#[test]
fn comments_strings_and_tests_are_not_code() {
    let text = "use alloc::vec; // std\nlet a = \"std 1.5\";\n#[cfg(test)]\nmod tests {\n    use std::vec;\n}\nfn f() -> f64;\n";
    let lines = compiled("x.rs", text);
    let code: Vec<&str> = lines.iter().map(|line| line.code.trim()).collect();
    assert_eq!(code, ["use alloc::vec;", "let a = \"\";", "fn f() -> f64;"]);
    assert_eq!(lines[2].number, 7);
    assert!(has_float("2.0") && has_float("x: f32") && !has_float("1..2") && !has_float("a.0"));
    assert!(compiled("a/tests.rs", text).is_empty());
}
