//! Every file of `tests/manifests/broken`: what is said about it, and that it points at the line that is wrong.
//!
//! The snapshots tell what the program says, the files' own first lines what it should say. The latter were written
//! without the program at hand, so the second test is the one that can fail.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use expect_test::expect_file;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests/broken")
}

/// Names of all inputs.
fn inputs() -> BTreeSet<String> {
    let names = files(&directory());
    names.into_iter().filter(|name| name != "README.md").collect()
}

fn files(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).expect("the directory is there");
    let entries = entries.map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.file_type().expect("it has a type").is_file());
    files
        .map(|entry| entry.file_name().into_string().expect("a name in UTF-8"))
        .collect()
}

/// Exit status and standard error of `sim import FILE` in the folder of the file.
fn said(name: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sim"))
        .args(["import", name])
        .current_dir(directory())
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .output()
        .expect("the binary was built");
    let status = output.status.code().expect("no signal ended it");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    // A scenario is printed if and only if nothing is wrong.
    assert_eq!(status == 0, !output.stdout.is_empty(), "{name}: {status}");
    format!("exit {status}\n{stderr}")
}

#[test]
fn each_broken_manifest_is_answered_as_its_snapshot_says() {
    let inputs = inputs();
    for name in &inputs {
        expect_file![directory().join(format!("expected/{name}.txt"))].assert_eq(&said(name));
    }
    let expected: BTreeSet<String> = inputs.iter().map(|name| format!("{name}.txt")).collect();
    assert_eq!(
        files(&directory().join("expected")),
        expected,
        "one snapshot for each file"
    );
}

#[test]
fn messages_point_at_the_line_that_the_file_itself_names() {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for name in inputs() {
        let bytes = fs::read(directory().join(&name)).expect("the file is there");
        let lines = lines_named(&String::from_utf8_lossy(&bytes));
        let said = said(&name);
        let missing: Vec<&usize> = lines.iter().filter(|line| !shows(&said, &name, **line)).collect();
        if !missing.is_empty() {
            wrong.push(format!("{name}: lines {missing:?} of {lines:?}"));
        }
        checked += usize::from(!lines.is_empty());
    }
    assert!(wrong.is_empty(), "not pointed at:\n{}", wrong.join("\n"));
    assert!(
        checked > 100,
        "most files name a line, but only {checked} were found to"
    );
}

/// The lines that the first line of a file names: `# Expect: line 7: …`, `# Expect: lines 9 and 12: …`.
fn lines_named(text: &str) -> Vec<usize> {
    let first = text.lines().next().unwrap_or_default();
    let Some(rest) = first.strip_prefix("# Expect: line") else {
        return Vec::new();
    };
    let rest = rest.trim_start_matches('s').trim_start();
    let mut words = rest.split(' ');
    let number = |word: &str| word.trim_end_matches([':', ',']).parse().ok();
    let Some(line) = words.next().and_then(number) else {
        return Vec::new();
    };
    match (words.next(), words.next().and_then(number)) {
        (Some("and"), Some(second)) => vec![line, second],
        _ => vec![line],
    }
}

/// Whether a message is located at that line or, beside the line that it is located at, shows it.
fn shows(said: &str, name: &str, line: usize) -> bool {
    let is_located = said.contains(&format!("--> {name}:{line}:"));
    // A second place stands in the excerpt with its number and a mark below it.
    let number = format!("{line} |");
    let lines: Vec<&str> = said.lines().collect();
    let marked = lines.windows(2).any(|pair| {
        pair[0].trim_start().starts_with(&number)
            && pair[1]
                .trim_start()
                .trim_start_matches('|')
                .trim_start()
                .starts_with('-')
    });
    is_located || (marked && said.contains(&format!("--> {name}:")))
}

#[test]
fn first_lines_are_read_for_their_line_numbers() {
    for (text, expected) in [
        ("# Expect: line 7: no", vec![7]),
        ("# Expect: line 25 uses the alias", vec![25]),
        ("# Expect: lines 9 and 12: no", vec![9, 12]),
        ("# Expect: the aliases of lines 8 to 16", vec![]),
        ("{", vec![]),
    ] {
        assert_eq!(lines_named(text), expected, "{text}");
    }
}
