//! Rules of the house that the compiler does not check, and a linter cannot.

mod crates;
mod sources;
mod units;

use std::fs;
use std::path::{Path, PathBuf};

/// The workspace's root.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("a crate of the workspace").to_path_buf()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file below a directory of the workspace, with its path from the root, in order.
fn rust_files(directory: &str) -> Vec<(String, String)> {
    fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
        let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                // What was built stands there, in the crates that are no members also.
                if !path.ends_with("target") {
                    walk(&path, files);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&root().join(directory), &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "no Rust file in {directory}");
    let named = |path: &PathBuf| {
        let from_root = path.strip_prefix(root()).expect("below the root");
        (from_root.to_string_lossy().replace('\\', "/"), read(path))
    };
    paths.iter().map(named).collect()
}

/// Fails with every finding on a line of its own.
fn assert_none(findings: &[String], rule: &str) {
    assert!(findings.is_empty(), "{rule}:\n{}", findings.join("\n"));
}
