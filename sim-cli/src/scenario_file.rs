//! The scenario file: layers of YAML, resolved into a validated [`Scenario`].
//!
//! ```text
//! defaults of the types ← app preset ← profile ← scenario ← --set
//! ```
//!
//! Each layer is a tree whose nodes know the text they come from. The layers are laid over each other, compared with
//! the JSON Schema of the types, decoded, and validated; whatever is wrong is reported with its line, its column and
//! what would be right, all problems of a stage at once.

mod argument;
pub(crate) mod builtin;
mod check;
mod csv_profile;
mod files;
mod layers;
mod merge;
mod provenance;
pub(crate) mod schema;
pub(crate) mod write;

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use sim_core::scenario::Scenario;

use crate::text::error::Diagnostic;
use crate::text::source;
use crate::text::tree::Node;

pub(crate) use crate::text::error::LoadError;
pub(crate) use provenance::ProvenanceMap;

/// A valid scenario, and the layers that it was decoded from.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// Valid.
    pub(crate) scenario: Scenario,
    tree: Node,
    sources: source::Sources,
}

impl Decoded {
    /// With the source of every value, which takes longer to find than the scenario itself.
    pub(crate) fn traced(self) -> Loaded {
        let resolved = serde_json::to_value(&self.scenario).expect("scenarios are JSON");
        let provenance = ProvenanceMap::new(&resolved, &self.tree, &self.sources);
        let digest = digest(&resolved);
        Loaded {
            scenario: self.scenario,
            resolved,
            provenance,
            digest,
        }
    }
}

/// A resolved scenario and where its values come from.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// Valid.
    pub(crate) scenario: Scenario,
    /// The scenario as canonical JSON: every field, in the order of the types.
    pub(crate) resolved: Json,
    /// Where each leaf of it comes from.
    pub(crate) provenance: ProvenanceMap,
    /// First 16 hex digits of the SHA-256 of the canonical JSON.
    pub(crate) digest: String,
}

impl Loaded {
    /// The resolved scenario as YAML, each leaf followed by a comment with its provenance.
    pub(crate) fn to_yaml(&self) -> String {
        write::yaml(self)
    }
}

/// Resolves `source` (a built-in name, a path, or `-` for standard input) with its profile and the `--set` values.
///
/// # Errors
///
/// Everything that is wrong with it, located.
pub(crate) fn load(source: &str, profile: Option<&str>, sets: &[String]) -> Result<Loaded, LoadError> {
    decode(source, profile, sets).map(Decoded::traced)
}

/// [`load`] for a scenario that stands in no file; `name` takes the place of its path.
///
/// # Errors
///
/// Everything that is wrong with it, located.
pub(crate) fn load_text(name: &str, text: String, profile: Option<&str>, sets: &[String]) -> Result<Loaded, LoadError> {
    decode_text(name, text, profile, sets).map(Decoded::traced)
}

/// [`load`] for those who need no sources.
///
/// # Errors
///
/// Everything that is wrong with it, located.
pub(crate) fn decode(source: &str, profile: Option<&str>, sets: &[String]) -> Result<Decoded, LoadError> {
    let mut sources = source::Sources::default();
    let scenario = files::read_scenario(source, &mut sources);
    resolve(scenario, profile, sets, sources)
}

/// [`load_text`] for those who need no sources.
///
/// # Errors
///
/// Everything that is wrong with it, located.
pub(crate) fn decode_text(
    name: &str,
    text: String,
    profile: Option<&str>,
    sets: &[String],
) -> Result<Decoded, LoadError> {
    let mut sources = source::Sources::default();
    let id = sources.add(source::Source {
        name: name.to_owned(),
        kind: source::SourceKind::Scenario,
        text,
        directory: PathBuf::new(),
    });
    let scenario = files::parse(id, &sources).and_then(|root| root.ok_or_else(|| Diagnostic::new("empty")));
    resolve(scenario, profile, sets, sources)
}

fn resolve(
    scenario: Result<Node, Diagnostic>,
    profile: Option<&str>,
    sets: &[String],
    mut sources: source::Sources,
) -> Result<Decoded, LoadError> {
    let resolved = scenario
        .map_err(layers::only)
        .and_then(|scenario| layers::resolve(&scenario, profile, sets, &mut sources));
    match resolved {
        Ok((scenario, tree)) => Ok(Decoded {
            scenario,
            tree,
            sources,
        }),
        Err(diagnostics) => Err(LoadError::new(sources, diagnostics)),
    }
}

fn digest(resolved: &Json) -> String {
    hex(&Sha256::digest(resolved.to_string())[..8])
}

/// Two hex digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `load` does with a file of this text.
    fn load_damaged(text: &str) -> Result<Scenario, LoadError> {
        load_text("s.yaml", text.to_owned(), None, &[]).map(|loaded| loaded.scenario)
    }

    #[test]
    fn a_damaged_file_is_read_or_refused_but_never_a_panic() {
        let text = builtin::named(builtin::SCENARIOS, "logistics-after")
            .expect("built in")
            .text;
        let (mut read, mut refused) = (0, 0);
        let mut take = |damaged: &str| match load_damaged(damaged) {
            Ok(_) => read += 1,
            Err(error) => {
                refused += 1;
                assert!(error.render(false).starts_with("error: "), "{damaged}");
            }
        };
        for (position, (byte, c)) in text.char_indices().enumerate().skip(1).step_by(3) {
            // Each damage in turn and every third place, so that the test stays short.
            match ["cut", "{", ":", "\t", "é", "\0", "- ", "\"", "&", "\n", ""][position % 11] {
                "cut" => take(&text[..byte]),
                other => take(&format!("{}{other}{}", &text[..byte], &text[byte + c.len_utf8()..])),
            }
        }
        assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
    }
}
