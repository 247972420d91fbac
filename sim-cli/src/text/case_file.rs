//! The file of field cases, read so that an error can point at its line.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use validation::cases::format::{CaseFile, Problem};

use super::error::{Diagnostic, LoadError, reason};
use super::source::{Place, Source, SourceId, SourceKind, Sources};
use super::yaml;

/// Reads a file.
///
/// # Errors
///
/// If it cannot be read, or what is wrong in it.
pub(crate) fn read(path: &Path) -> anyhow::Result<CaseFile> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| anyhow::anyhow!("{}", reason(&error)))
        .with_context(|| format!("cannot read the cases {name}"))?;
    let mut sources = Sources::default();
    match sources.add_file(&name, SourceKind::Scenario, bytes) {
        Ok(id) => Ok(resolve(id, sources)?),
        Err(diagnostic) => Err(LoadError::new(sources, vec![diagnostic]).into()),
    }
}

/// Reads a text.
///
/// # Errors
///
/// What is wrong in it.
pub(crate) fn parse(name: &str, text: String) -> Result<CaseFile, LoadError> {
    let mut sources = Sources::default();
    let id = sources.add(Source {
        name: name.to_owned(),
        kind: SourceKind::Scenario,
        text,
        directory: PathBuf::new(),
    });
    resolve(id, sources)
}

fn resolve(id: SourceId, sources: Sources) -> Result<CaseFile, LoadError> {
    let text = sources.get(id).text.clone();
    let json = match serde_json::from_str(&text) {
        Ok(json) => json,
        Err(error) => {
            let diagnostic = Diagnostic::at(
                place(id, &text, &error),
                format!("not valid JSON: {}", without_place(&error)),
            );
            return Err(LoadError::new(sources, vec![diagnostic]));
        }
    };
    CaseFile::from_json(&json).map_err(|problems| {
        // JSON is YAML; a text that only one of the two readers takes has its problems without their lines.
        let tree = yaml::parse(id, &text, 0).ok().flatten();
        let locate = |problem: &Problem| {
            let node = tree.as_ref().map(|tree| tree.find(&tree.path_of(&problem.path)).0);
            Diagnostic::maybe_at(
                node.and_then(|node| node.origin.value_place().cloned()),
                format!("`{}`: {}", problem.path, problem.problem),
            )
        };
        let diagnostics = problems.iter().map(locate).collect();
        LoadError::new(sources, diagnostics)
    })
}

/// Where the JSON reader stopped.
fn place(source: SourceId, text: &str, error: &serde_json::Error) -> Place {
    let before: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let mut start = (before + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    Place {
        source,
        span: start..start,
    }
}

/// The reader's words without the position, which is shown otherwise.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}
