//! Finding the texts: files, directories, standard input.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::object::Manifests;
use super::{json_text, likely};
use crate::text::error::{Diagnostic, LoadError, reason};
use crate::text::source::{SourceId, SourceKind, Sources};
use crate::text::tree::Node;
use crate::text::yaml;

/// What is read in a directory.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// Reads all objects of the files, the directories below which there are files, or standard input (`-`).
///
/// # Errors
///
/// Whatever cannot be read, is no YAML, or is no Kubernetes object: all of it, located.
pub(crate) fn read(inputs: &[String], sources: &mut Sources) -> Result<Manifests, Vec<Diagnostic>> {
    let mut manifests = Manifests::default();
    let mut problems = Vec::new();
    for input in inputs {
        match texts(input) {
            Ok(texts) => {
                for (name, bytes) in texts {
                    add_text(&name, bytes, sources, &mut manifests, &mut problems);
                }
            }
            Err(diagnostic) => problems.push(diagnostic),
        }
    }
    problems.extend(manifests.duplicates());
    if problems.is_empty() {
        problems.extend(manifests.nothing_listed());
    }
    if problems.is_empty() {
        Ok(manifests)
    } else {
        Err(problems)
    }
}

/// [`read`] with its problems and their texts in one error.
///
/// # Errors
///
/// As [`read`].
pub(crate) fn load(inputs: &[String]) -> Result<(Manifests, Sources), LoadError> {
    let mut sources = Sources::default();
    match read(inputs, &mut sources) {
        Ok(manifests) => Ok((manifests, sources)),
        Err(problems) => Err(LoadError::new(sources, problems)),
    }
}

/// Adds the objects of one text.
pub(crate) fn add_text(
    name: &str,
    bytes: Vec<u8>,
    sources: &mut Sources,
    manifests: &mut Manifests,
    problems: &mut Vec<Diagnostic>,
) {
    let documents = likely::readable(name, bytes)
        .and_then(|bytes| sources.add_file(name, SourceKind::Manifest, bytes))
        .and_then(|id| {
            let text = sources.get(id).text.as_str();
            let documents = parse(name, id, text)?;
            Ok((text, documents))
        });
    match documents {
        Ok((text, documents)) => {
            for document in &documents {
                manifests.add(text, document, problems);
            }
        }
        Err(diagnostic) => problems.push(diagnostic),
    }
}

fn parse(name: &str, id: SourceId, text: &str) -> Result<Vec<Node>, Diagnostic> {
    let not_taken = likely::no_manifest(id, text).or_else(|| json_text::problem(id, name, text));
    if let Some(diagnostic) = not_taken {
        return Err(diagnostic);
    }
    let documents = yaml::parse_manifest(id, text).map_err(|found| likely::explained(id, text, found))?;
    if documents.is_empty() {
        return Err(likely::empty(name, text));
    }
    Ok(documents)
}

/// The texts behind one argument, with the names they are shown by.
fn texts(input: &str) -> Result<Vec<(String, Vec<u8>)>, Diagnostic> {
    if input == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| Diagnostic::new(format!("cannot read standard input: {}", reason(&error))))?;
        return Ok(vec![("<stdin>".to_owned(), bytes)]);
    }
    let cannot_read = |path: &Path, error: &std::io::Error| {
        Diagnostic::new(format!("cannot read {}: {}", path.display(), reason(error)))
    };
    let path = Path::new(input);
    let mut files = Vec::new();
    if path.is_dir() {
        collect(path, &mut files).map_err(|error| cannot_read(path, &error))?;
        if files.is_empty() {
            let title = format!("{input} holds no file that ends with .yaml, .yml or .json");
            return Err(Diagnostic::new(title));
        }
    } else {
        files.push(path.to_owned());
    }
    let read = |file: PathBuf| match std::fs::read(&file) {
        Ok(bytes) => Ok((file.display().to_string(), bytes)),
        Err(error) => Err(cannot_read(&file, &error)),
    };
    files.into_iter().map(read).collect()
}

/// All manifests below a directory, in the order of their names. Hidden ones are left out.
fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries = std::fs::read_dir(directory)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        // A link to a directory may lead back; `kubectl` does not follow it either.
        if entry.file_type()?.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| EXTENSIONS.iter().any(|known| extension == *known))
        {
            files.push(path);
        }
    }
    Ok(())
}
