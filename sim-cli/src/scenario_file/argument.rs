//! `--set path=value`.

use crate::text::error::Diagnostic;
use crate::text::path::Step;
use crate::text::source::{Place, SourceId, Sources};
use crate::text::tree::{Node, Origin};
use crate::text::yaml;

/// One `--set`.
#[derive(Debug)]
pub(super) struct Set {
    /// Its path; each step with the part of the argument it stands in.
    pub(super) steps: Vec<(Step, Place)>,
    /// Its value.
    pub(super) value: Node,
}

/// Reads all of them, or says what is wrong with each.
pub(super) fn parse_all(sets: &[String], sources: &mut Sources) -> Result<Vec<Set>, Vec<Diagnostic>> {
    let mut parsed = Vec::with_capacity(sets.len());
    let mut errors = Vec::new();
    for text in sets {
        match parse(text, sources.add_argument("--set", text)) {
            Ok(set) => parsed.push(set),
            Err(diagnostic) => errors.push(diagnostic),
        }
    }
    if errors.is_empty() { Ok(parsed) } else { Err(errors) }
}

/// The place of a flag's whole right side.
pub(super) fn whole(flag: &str, text: &str, sources: &mut Sources) -> Place {
    Place {
        source: sources.add_argument(flag, text),
        span: 0..text.len(),
    }
}

fn parse(text: &str, source: SourceId) -> Result<Set, Diagnostic> {
    let at = |start: usize, end: usize, title: String| {
        Diagnostic::at(
            Place {
                source,
                span: start..end,
            },
            title,
        )
    };
    let Some(equals) = text.find('=') else {
        return Err(at(0, text.len(), "expected `path=value`, found no `=`".to_owned())
            .help("for example `--set pod.pre_stop.sleep=15s`"));
    };
    let steps = steps(&text[..equals], source)?;
    let empty = || {
        at(equals, equals + 1, "no value after `=`".to_owned())
            .help("write `null` to remove an optional setting, `\"\"` for an empty text")
    };
    if text[equals + 1..].trim().is_empty() {
        return Err(empty());
    }
    let mut value = match yaml::parse(source, text, equals + 1)? {
        Some(node) => node,
        // The loader takes a document of `null` for an empty one.
        None if matches!(text[equals + 1..].trim(), "null" | "~") => {
            let place = Place {
                source,
                span: equals + 1..text.len(),
            };
            let origin = Origin::Text {
                key: place.clone(),
                value: place,
            };
            Node::from_json(serde_json::Value::Null, &origin)
        }
        None => return Err(empty()),
    };
    // A wrong key is the last one of the path, not the value behind it.
    if let (Origin::Text { key, .. }, Some((_, place))) = (&mut value.origin, steps.last()) {
        *key = place.clone();
    }
    Ok(Set { steps, value })
}

/// `a.b[0].c`, each step with its place.
fn steps(path: &str, source: SourceId) -> Result<Vec<(Step, Place)>, Diagnostic> {
    let at = |start: usize, end: usize| Place {
        source,
        span: start..end,
    };
    let mut steps = Vec::new();
    let mut start = 0;
    for segment in path.split('.') {
        let end = start + segment.len();
        let key_end = segment.find('[').map_or(end, |bracket| start + bracket);
        let key = path[start..key_end].trim();
        if key.is_empty() {
            let place = if segment.is_empty() {
                start.min(path.len())..end + 1
            } else {
                start..end
            };
            return Err(
                Diagnostic::at(Place { source, span: place }, "a key is missing in the path")
                    .help("for example `disruptions[0].scale.replicas=300`"),
            );
        }
        steps.push((Step::Key(key.to_owned()), at(start, key_end)));
        let mut from = key_end;
        while from < end {
            let inner = path[from..end].strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let index = inner.and_then(|(digits, _)| digits.parse().ok().map(|index| (index, digits.len() + 2)));
            let Some((index, length)) = index else {
                return Err(
                    Diagnostic::at(at(from, end), format!("{:?} is no list index", &path[from..end]))
                        .help("an index is a whole number from 0 in brackets, as in `disruptions[0]`"),
                );
            };
            steps.push((Step::Index(index), at(from, from + length)));
            from += length;
        }
        start = end + 1;
    }
    Ok(steps)
}
