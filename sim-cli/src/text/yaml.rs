//! YAML into a tree whose every node knows its place. The only file that knows which YAML library is used.
//!
//! A scenario is one document of plain data: no anchors, aliases or tags. Plain scalars resolve as in the core schema
//! of YAML 1.2, except that only decimal numbers without leading zeros are numbers, so that nothing means different
//! things to different readers.
//!
//! Manifests are any number of documents, with anchors, aliases, merge keys and the core tags, read as `kubectl` does.
//! Duplicate keys are errors in both.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::Value as Json;

use super::chars::CharStarts;
use super::error::Diagnostic;
use super::scalar;
use super::source::{Place, SourceId};
use super::tree::{Node, Origin, Value};

/// Deepest nesting accepted; a scenario needs eight levels, a manifest rarely more than twenty.
const DEEPEST: usize = 64;

/// Most values that aliases may stand for in one text: enough for any manifest written by people, too few for a small
/// text to fill the memory.
const MOST_ALIASED: usize = 100_000;

/// Reads the part of a source's text from byte `start` on. `None` if there is nothing but comments.
pub(crate) fn parse(source: SourceId, text: &str, start: usize) -> Result<Option<Node>, Diagnostic> {
    let mut documents = Loader::new(source, text, start, Dialect::Scenario).documents()?;
    Ok(documents.pop())
}

/// Reads all documents of a manifest; those of nothing but comments are left out.
pub(crate) fn parse_manifest(source: SourceId, text: &str) -> Result<Vec<Node>, Diagnostic> {
    let byte_order_mark = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    Loader::new(source, text, byte_order_mark, Dialect::Manifest).documents()
}

/// What a text may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// One document of plain data.
    Scenario,
    /// What `kubectl` takes.
    Manifest,
}

struct Loader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    source: SourceId,
    text: &'t str,
    start: usize,
    chars: CharStarts<'t>,
    dialect: Dialect,
    /// The document's values that an alias may stand for, by the parser's number of their anchor.
    anchored: BTreeMap<usize, Node>,
    anchored_count: usize,
    /// Where each anchor stands, those of earlier documents too.
    anchors: BTreeMap<usize, Place>,
    /// The first anchor number of this document that can be its own.
    earlier_anchors: usize,
    aliased_count: usize,
}

impl<'t> Loader<'t> {
    fn new(source: SourceId, text: &'t str, start: usize, dialect: Dialect) -> Self {
        let text = &text[start..];
        Self {
            parser: Parser::new_from_str(text),
            source,
            text,
            start,
            chars: CharStarts::new(text),
            dialect,
            anchored: BTreeMap::new(),
            anchored_count: 0,
            anchors: BTreeMap::new(),
            earlier_anchors: 0,
            aliased_count: 0,
        }
    }

    fn documents(&mut self) -> Result<Vec<Node>, Diagnostic> {
        let mut roots: Vec<Node> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(roots),
                Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
                Event::DocumentStart(_) if self.dialect == Dialect::Scenario && !roots.is_empty() => {
                    return Err(Diagnostic::at(self.place(span), "a second document starts here")
                        .help("keep one scenario in each file, without a `---` in between"));
                }
                Event::DocumentStart(_) => {
                    self.anchored.clear();
                    self.earlier_anchors = self.anchors.keys().next_back().map_or(0, |last| last + 1);
                    let (event, span) = self.next()?;
                    let node = self.node(event, span, None, 0)?;
                    roots.extend(Some(node).filter(|node| node.value != Value::Scalar(Json::Null)));
                }
                event => unreachable!("between documents, the parser sent {event:?}"),
            }
        }
    }

    /// The node that `event` starts. `key` is the place of the key in front of it.
    fn node(&mut self, event: Event<'t>, span: Span, key: Option<Place>, depth: usize) -> Result<Node, Diagnostic> {
        let place = self.place(span);
        if depth > DEEPEST {
            return Err(Diagnostic::at(place, format!("nested more than {DEEPEST} levels deep")));
        }
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag) | Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                (*anchor, tag.as_deref().cloned())
            }
            _ => (0, None),
        };
        if self.dialect == Dialect::Scenario {
            if anchor != 0 || matches!(event, Event::Alias(_)) {
                return Err(Diagnostic::at(place, "anchors and aliases are not supported")
                    .help("write the value out in each place, or put it into a profile"));
            }
            if tag.is_some() {
                return Err(Diagnostic::at(place, "tags such as `!!str` are not supported")
                    .help("put text into quotes; everything else needs no tag"));
            }
        }
        if anchor != 0 && !matches!(event, Event::Alias(_)) {
            self.anchors.insert(anchor, place.clone());
        }
        let is_text = match &tag {
            Some(tag) if tag.is_yaml_core_schema() => tag.suffix == "str",
            Some(tag) => {
                return Err(
                    Diagnostic::at(place, format!("the tag `{tag}` means nothing to Kubernetes"))
                        .help("render the file with the tool it is written for first"),
                );
            }
            None => false,
        };
        let value = match event {
            Event::Alias(anchor) => return self.alias(anchor, place, key),
            Event::Scalar(text, ScalarStyle::Plain, ..) if !is_text => Value::Scalar(match self.dialect {
                Dialect::Scenario => scalar::resolve(&text),
                Dialect::Manifest => scalar::resolve_as_kubectl(&text),
            }),
            Event::Scalar(text, ..) => Value::Scalar(Json::String(text.into_owned())),
            Event::SequenceStart(..) => Value::List(self.items(depth)?),
            Event::MappingStart(..) => Value::Map(self.entries(depth)?),
            event => unreachable!("in place of a value, the parser sent {event:?}"),
        };
        // The start of a block map is its first key, that of a block list its first dash.
        let key = key.unwrap_or_else(|| match &value {
            Value::Map(entries) => {
                let first = entries.first().and_then(|(_, node)| node.origin.key_place());
                first.cloned().unwrap_or_else(|| place.clone())
            }
            Value::Scalar(_) | Value::List(_) => place.clone(),
        });
        let value_place = if matches!(value, Value::Scalar(_)) {
            place
        } else {
            Place {
                span: key.span.end..key.span.end,
                ..place
            }
        };
        let node = Node {
            value,
            origin: Origin::Text {
                key,
                value: value_place,
            },
        };
        if anchor != 0 {
            // Kept twice, and more often where anchors stand inside each other.
            self.anchored_count += node.size();
            if self.anchored_count > MOST_ALIASED {
                let title = format!("the anchors name more than {MOST_ALIASED} values");
                return Err(Diagnostic::maybe_at(node.origin.key_place().cloned(), title));
            }
            self.anchored.insert(anchor, node.clone());
        }
        Ok(node)
    }

    /// The value that an alias stands for; it keeps its place, the key is the alias's own.
    fn alias(&mut self, anchor: usize, place: Place, key: Option<Place>) -> Result<Node, Diagnostic> {
        let Some(node) = self.anchored.get(&anchor) else {
            let written = self.anchors.get(&anchor).cloned();
            let diagnostic = if anchor < self.earlier_anchors {
                Diagnostic::at(place, "the anchor of this alias stands in another document")
                    .help("an anchor holds up to the next `---`: repeat the value here")
            } else {
                Diagnostic::at(
                    place,
                    "this alias stands inside the value that it names, which so has no end",
                )
            };
            return Err(match written {
                Some(written) => diagnostic.context(written, "the value of the anchor"),
                None => diagnostic,
            });
        };
        self.aliased_count += node.size();
        if self.aliased_count > MOST_ALIASED {
            let title = format!("the aliases stand for more than {MOST_ALIASED} values");
            return Err(Diagnostic::at(place, title));
        }
        let mut node = node.clone();
        if let Origin::Text { key: written, .. } = &mut node.origin {
            *written = key.unwrap_or(place);
        }
        Ok(node)
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Node>, Diagnostic> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => items.push(self.node(event, span, None, depth + 1)?),
            }
        }
    }

    fn entries(&mut self, depth: usize) -> Result<Vec<(String, Node)>, Diagnostic> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        let mut known: BTreeSet<String> = BTreeSet::new();
        let mut merged: Vec<Node> = Vec::new();
        loop {
            let (key, place) = match self.next()? {
                (Event::MappingEnd, _) => {
                    merge(&mut entries, &mut known, merged);
                    return Ok(entries);
                }
                (Event::Scalar(key, ..), span) => (key.into_owned(), self.place(span)),
                (_, span) => {
                    return Err(Diagnostic::at(self.place(span), "a key must be a plain word")
                        .help("a value in braces needs quotes around it or a key in front of it"));
                }
            };
            if known.contains(&key) {
                let first = entries.iter().find(|(first, _)| *first == key);
                let diagnostic = Diagnostic::at(place, format!("the key `{key}` stands here a second time"));
                return Err(match first.and_then(|(_, first)| first.origin.key_place()) {
                    Some(first) => diagnostic.context(first.clone(), "first here"),
                    None => diagnostic,
                });
            }
            let (event, span) = self.next()?;
            let node = self.node(event, span, Some(place), depth + 1)?;
            if self.dialect == Dialect::Manifest && key == "<<" {
                let is_map = |node: &Node| matches!(node.value, Value::Map(_));
                let is_legal = match &node.value {
                    Value::List(nodes) => nodes.iter().all(is_map),
                    _ => is_map(&node),
                };
                if !is_legal {
                    let place = node.origin.value_place().cloned();
                    let title = format!("a merge key needs a map or a list of maps, found {}", node.describe());
                    return Err(Diagnostic::maybe_at(place, title));
                }
                merged.push(node);
            } else {
                known.insert(key.clone());
                entries.push((key, node));
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), Diagnostic> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.invalid(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn invalid(&self, error: &ScanError) -> Diagnostic {
        let at = self.byte(*error.marker());
        if let Some(tab) = self.indenting_tab(at) {
            return Diagnostic::at(self.bytes(tab..tab + 1), "a tab indents this line")
                .help("YAML indents with spaces; replace the tab by spaces");
        }
        // A place that has a character, so that the caret stands below something.
        let at = at.min(self.text.trim_end().len().saturating_sub(1));
        let at = (0..=at)
            .rev()
            .find(|byte| self.text.is_char_boundary(*byte))
            .unwrap_or(0);
        let length = self.text[at..]
            .chars()
            .next()
            .filter(|c| *c != '\n')
            .map_or(0, char::len_utf8);
        Diagnostic::at(self.bytes(at..at + length), format!("not valid YAML: {}", error.info()))
    }

    /// A tab within the indentation of the line of that byte, or of the line before it.
    fn indenting_tab(&self, at: usize) -> Option<usize> {
        let line_start = |end: usize| self.text[..end].rfind('\n').map_or(0, |newline| newline + 1);
        let this = line_start(at);
        let previous = line_start(this.saturating_sub(1));
        [this, previous].into_iter().find_map(|start| {
            let line = &self.text[start..];
            let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
            line[..indentation].find('\t').map(|tab| start + tab)
        })
    }

    fn byte(&self, marker: Marker) -> usize {
        self.chars.byte(marker.index())
    }

    fn place(&self, span: Span) -> Place {
        let (start, end) = (self.byte(span.start), self.byte(span.end));
        self.bytes(start..end.max(start))
    }

    fn bytes(&self, span: Range<usize>) -> Place {
        Place {
            source: self.source,
            span: span.start + self.start..span.end + self.start,
        }
    }
}

/// Adds the entries of the maps behind the merge keys; what stands in the map itself wins, then the earlier map.
fn merge(entries: &mut Vec<(String, Node)>, known: &mut BTreeSet<String>, merged: Vec<Node>) {
    for node in merged {
        match node.value {
            Value::Map(more) => {
                for (key, node) in more {
                    if known.insert(key.clone()) {
                        entries.push((key, node));
                    }
                }
            }
            Value::List(nodes) => merge(entries, known, nodes),
            Value::Scalar(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
