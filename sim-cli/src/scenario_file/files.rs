//! Finding and reading scenarios and profiles, built in or not.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::builtin::{self, BuiltIn, PROFILES, SCENARIOS};
use crate::text::error::{Diagnostic, reason};
use crate::text::source::{Place, Source, SourceId, SourceKind, Sources};
use crate::text::tree::{Node, Value};
use crate::text::yaml;

/// Keys that say what happens, and so belong in a scenario.
const NOT_IN_A_PROFILE: [&str; 5] = ["profile", "horizon", "warm_up", "workload", "disruptions"];

/// A profile and who named it.
#[derive(Debug)]
pub(super) struct Named {
    /// Built-in name, or path from the working directory.
    pub(super) name: String,
    /// Where it is named; nowhere for the default.
    pub(super) place: Option<Place>,
}

impl Default for Named {
    fn default() -> Self {
        Self {
            name: PROFILES[0].name.to_owned(),
            place: None,
        }
    }
}

/// Reads a scenario: a built-in name, a path, or `-` for standard input.
pub(super) fn read_scenario(name: &str, sources: &mut Sources) -> Result<Node, Diagnostic> {
    let id = if name == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| Diagnostic::new(format!("cannot read the scenario from standard input: {error}")))?;
        sources.add_file("<stdin>", SourceKind::Scenario, bytes)?
    } else if let Some(built_in) = builtin::named(SCENARIOS, name) {
        add_built_in(built_in, "scenario", SourceKind::Scenario, sources)
    } else if is_path(name) {
        let bytes = std::fs::read(name)
            .map_err(|error| Diagnostic::new(format!("cannot read the scenario {name}: {}", reason(&error))))?;
        sources.add_file(name, SourceKind::Scenario, bytes)?
    } else {
        return Err(unknown(
            Diagnostic::new(format!("unknown scenario `{name}`")),
            name,
            "scenarios",
            SCENARIOS,
        )
        .help("for a file write a path, such as `./scenario.yaml`"));
    };
    match parse(id, sources)? {
        Some(node) => Ok(node),
        None => Err(Diagnostic::new(format!("{} is empty", sources.get(id).name))
            .help("`sim scenario show rollout` prints a complete scenario to start from")),
    }
}

/// Reads a profile and makes its path one from the working directory.
pub(super) fn read_profile(profile: &Named, sources: &mut Sources) -> Result<Node, Vec<Diagnostic>> {
    read_profile_node(profile, sources)
        .map_err(|diagnostic| vec![diagnostic])
        .and_then(without_labels)
}

fn read_profile_node(profile: &Named, sources: &mut Sources) -> Result<Node, Diagnostic> {
    let name = profile.name.as_str();
    let at = |title: String| Diagnostic::maybe_at(profile.place.clone(), title);
    let id = if let Some(built_in) = builtin::named(PROFILES, name) {
        add_built_in(built_in, "profile", SourceKind::Profile, sources)
    } else if is_path(name) {
        let bytes =
            std::fs::read(name).map_err(|error| at(format!("cannot read the profile {name}: {}", reason(&error))))?;
        sources.add_file(name, SourceKind::Profile, bytes)?
    } else {
        return Err(
            unknown(at(format!("unknown profile `{name}`")), name, "profiles", PROFILES)
                .help("for a file write a path, such as `./profile.yaml`"),
        );
    };
    match parse(id, sources)? {
        Some(node) => Ok(node),
        None => Err(at(format!("{} is empty", sources.get(id).name))),
    }
}

/// A profile without its own name and description, which must not become the scenario's.
fn without_labels(mut profile: Node) -> Result<Node, Vec<Diagnostic>> {
    let Value::Map(entries) = &mut profile.value else {
        unreachable!("checked when it was read")
    };
    entries.retain(|(key, _)| key != "name" && key != "description");
    let misplaced = entries
        .iter()
        .filter(|(key, _)| NOT_IN_A_PROFILE.contains(&key.as_str()));
    let errors: Vec<Diagnostic> = misplaced
        .map(|(key, node)| {
            Diagnostic::maybe_at(
                node.origin.key_place().cloned(),
                format!("`{key}` belongs in a scenario, not in a profile"),
            )
        })
        .collect();
    if errors.is_empty() { Ok(profile) } else { Err(errors) }
}

/// Path of a profile that the text `source` names, from the working directory.
pub(super) fn relative_to(source: &Source, name: &str) -> String {
    if builtin::named(PROFILES, name).is_some() || source.directory == PathBuf::new() || !is_path_like(name) {
        return name.to_owned();
    }
    source.directory.join(name).display().to_string()
}

/// The names of a list, with the one that was probably meant.
fn unknown(diagnostic: Diagnostic, name: &str, what: &str, list: &[BuiltIn]) -> Diagnostic {
    let names: Vec<&str> = list.iter().map(|built_in| built_in.name).collect();
    diagnostic
        .note(format!("built-in {what}: {}", names.join(", ")))
        .suggest(name, names)
}

fn is_path_like(name: &str) -> bool {
    name.contains(['/', '.'])
}

fn is_path(name: &str) -> bool {
    is_path_like(name) || Path::new(name).is_file()
}

fn add_built_in(built_in: &BuiltIn, what: &str, kind: SourceKind, sources: &mut Sources) -> SourceId {
    sources.add(Source {
        name: format!("built-in {what} {}", built_in.name),
        kind,
        text: built_in.text.to_owned(),
        directory: PathBuf::new(),
    })
}

/// Reads a source's YAML, which must be a map.
pub(super) fn parse(id: SourceId, sources: &Sources) -> Result<Option<Node>, Diagnostic> {
    let node = yaml::parse(id, &sources.get(id).text, 0)?;
    match &node {
        Some(Node {
            value: Value::Scalar(_) | Value::List(_),
            origin,
        }) => {
            let found = node.as_ref().map(Node::describe).unwrap_or_default();
            Err(Diagnostic::maybe_at(
                origin.value_place().cloned(),
                format!("expected `key: value` lines, found {found}"),
            ))
        }
        _ => Ok(node),
    }
}
