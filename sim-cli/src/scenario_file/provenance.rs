//! Where each value of a resolved scenario comes from.

use std::fmt;

use serde::Serialize;
use serde_json::Value as Json;

use super::schema;
use crate::text::path::{Path, Step};
use crate::text::source::{Place, SourceKind, Sources};
use crate::text::tree::{Node, Origin, Value};

/// Where one value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "origin", rename_all = "snake_case")]
pub(crate) enum Provenance {
    /// The model's default.
    Default {
        /// What the number rests on.
        source: String,
    },
    /// The application preset's default.
    Preset {
        /// Its name.
        preset: String,
        /// What its numbers rest on.
        source: String,
    },
    /// A profile, whose comments say what its numbers rest on.
    Profile {
        /// Its name or path.
        file: String,
        /// From 1.
        line: usize,
    },
    /// The scenario.
    Scenario {
        /// Its name or path.
        file: String,
        /// From 1.
        line: usize,
    },
    /// A table that the scenario refers to.
    Csv {
        /// Its path.
        file: String,
        /// From 1.
        line: usize,
    },
    /// The command line.
    Argument {
        /// The flag and what stands behind it.
        argument: String,
    },
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Provenance::Default { source } => write!(f, "default: {source}"),
            Provenance::Preset { preset, source } => write!(f, "preset {preset}: {source}"),
            Provenance::Profile { file, line }
            | Provenance::Scenario { file, line }
            | Provenance::Csv { file, line } => {
                write!(f, "{file}:{line}")
            }
            Provenance::Argument { argument } => f.write_str(argument),
        }
    }
}

/// The provenance of every leaf, in the order of the scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProvenanceMap {
    leaves: Vec<(String, Provenance)>,
}

impl ProvenanceMap {
    /// For every leaf of `resolved`, which was decoded from `tree`.
    pub(super) fn new(resolved: &Json, tree: &Node, sources: &Sources) -> Self {
        let mut map = Self::default();
        map.collect(resolved, &Path::default(), tree, sources);
        map
    }

    fn collect(&mut self, json: &Json, path: &Path, tree: &Node, sources: &Sources) {
        match json {
            Json::Object(fields) if !fields.is_empty() => {
                for (key, value) in fields {
                    self.collect(value, &path.key(key), tree, sources);
                }
            }
            Json::Array(items) if !items.is_empty() => {
                for (index, value) in items.iter().enumerate() {
                    self.collect(value, &path.index(index), tree, sources);
                }
            }
            _ => self.leaves.push((path.to_string(), of(path, tree, sources))),
        }
    }

    /// Of one leaf.
    pub(crate) fn get(&self, path: &str) -> Option<&Provenance> {
        self.leaves
            .iter()
            .find(|(leaf, _)| leaf == path)
            .map(|(_, provenance)| provenance)
    }

    /// Of all leaves.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Provenance)> {
        self.leaves.iter().map(|(path, provenance)| (path.as_str(), provenance))
    }
}

fn of(path: &Path, tree: &Node, sources: &Sources) -> Provenance {
    let (node, found) = tree.find(path);
    // A scalar above stands for the whole below it; a map above says nothing about a key it does not have.
    let node = if found || matches!(node.value, Value::Scalar(_)) {
        first_leaf(node)
    } else {
        None
    };
    match node.map(|node| &node.origin) {
        None | Some(Origin::Default) => Provenance::Default { source: basis(path) },
        Some(Origin::Preset(preset)) => Provenance::Preset {
            preset: preset.clone(),
            source: basis(path),
        },
        Some(origin @ Origin::Text { key, .. }) => of_place(origin.value_place().unwrap_or(key), sources),
    }
}

/// The node's first leaf: the type may write shorter what the file says in a map (`{constant: 5s}`).
fn first_leaf(node: &Node) -> Option<&Node> {
    match &node.value {
        Value::Map(entries) => entries.first().map_or(Some(node), |(_, child)| first_leaf(child)),
        Value::Scalar(_) | Value::List(_) => Some(node),
    }
}

fn of_place(place: &Place, sources: &Sources) -> Provenance {
    let source = sources.get(place.source);
    let (file, line) = (source.name.clone(), sources.line(place));
    match source.kind {
        SourceKind::Profile => Provenance::Profile { file, line },
        SourceKind::Scenario | SourceKind::Manifest => Provenance::Scenario { file, line },
        SourceKind::Csv => Provenance::Csv { file, line },
        SourceKind::Argument => Provenance::Argument {
            argument: format!("{} {}", source.name, source.text),
        },
    }
}

/// What the documentation of the field says after `Source:`; that of the section where the field says nothing.
pub(super) fn basis(path: &Path) -> String {
    let mut view = Some(schema::root());
    let mut basis = None;
    for step in &path.steps {
        view = view.and_then(|view| match step {
            Step::Key(key) => view.field(key),
            Step::Index(_) => view.item(),
        });
        basis = view.and_then(schema::View::basis).or(basis);
    }
    basis.unwrap_or_else(|| "no source given".to_owned())
}
