//! The arrows between the crates of the workspace.
//!
//! ```text
//! live ───────┐
//! validation ─┼──► sim-core          sim-cli ──► live, validation, plots, sim-core
//! plots ──────┘
//! ```

use super::{read, root};

/// Each crate and the crates of the workspace that it may depend on.
const ARROWS: [(&str, &[&str]); 5] = [
    ("sim-core", &[]),
    ("live", &["sim-core"]),
    ("validation", &["sim-core"]),
    ("plots", &["sim-core"]),
    ("sim-cli", &["sim-core", "live", "validation", "plots"]),
];

/// Names under every `dependencies` section of a manifest: ordinary, for tests, for builds, per target.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            inside = section.ends_with("dependencies");
            // `[dependencies.name]` is a section of its own.
            if let Some((_, name)) = section.split_once("dependencies.") {
                names.push(name.to_owned());
            }
        } else if inside && !line.starts_with('#') {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            names.extend((!name.is_empty()).then(|| name.to_owned()));
        }
    }
    names
}

/// The members of the workspace.
pub(super) fn members(manifest: &str) -> Vec<String> {
    let line = manifest.lines().find_map(|line| line.strip_prefix("members = ["));
    let list = line
        .expect("the workspace lists its members in one line")
        .trim_end_matches(']');
    list.split(", ")
        .map(|member| member.trim_matches('"').to_owned())
        .collect()
}

#[test]
fn crates_depend_only_along_the_arrows() {
    let members = members(&read(&root().join("Cargo.toml")));
    for (name, allowed) in ARROWS {
        assert!(members.iter().any(|member| member == name), "{name} is not a member");
        for dependency in dependencies(&read(&root().join(name).join("Cargo.toml"))) {
            let outside = !members.contains(&dependency);
            assert!(
                outside || allowed.contains(&dependency.as_str()),
                "{name} depends on {dependency}, allowed are {allowed:?}"
            );
        }
    }
    assert_eq!(members.len(), ARROWS.len(), "a member without a line in this file");
}

#[test]
fn dependencies_are_found_however_they_are_written() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\n# a comment\nsim-core.workspace = true\nlive = { path = \"../live\" }\n\
                    [features]\nschema = []\n[target.'cfg(unix)'.dev-dependencies]\nplots = \"1\"\n[dependencies.validation]\n";
    assert_eq!(dependencies(manifest), ["sim-core", "live", "plots", "validation"]);
}
