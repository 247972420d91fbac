//! YAML into a tree whose every node knows its place. The only file that knows which YAML library is used.
//!
//! One document, plain data: no anchors, aliases or tags, no duplicate keys. Plain scalars resolve as in the core
//! schema of YAML 1.2, except that only decimal numbers without leading zeros are numbers, so that nothing means
//! different things to different readers.

use std::ops::Range;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::Value as Json;

use super::error::Diagnostic;
use super::source::{Place, SourceId};
use super::tree::{Node, Origin, Value};

/// Deepest nesting accepted; a scenario needs eight levels.
const DEEPEST: usize = 64;

/// Reads the part of a source's text from byte `start` on. `None` if there is nothing but comments.
pub(super) fn parse(source: SourceId, text: &str, start: usize) -> Result<Option<Node>, Diagnostic> {
    let text = &text[start..];
    let mut loader = Loader {
        parser: Parser::new_from_str(text),
        source,
        text,
        start,
        char_starts: text.char_indices().map(|(byte, _)| byte).collect(),
    };
    loader.document()
}

struct Loader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    source: SourceId,
    text: &'t str,
    start: usize,
    /// Byte offset of each character: the parser counts characters.
    char_starts: Vec<usize>,
}

impl<'t> Loader<'t> {
    fn document(&mut self) -> Result<Option<Node>, Diagnostic> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
                Event::DocumentStart(_) if root.is_some() => {
                    return Err(Diagnostic::at(self.place(span), "a second document starts here")
                        .help("keep one scenario in each file, without a `---` in between"));
                }
                Event::DocumentStart(_) => {
                    let (event, span) = self.next()?;
                    let node = self.node(event, span, None, 0)?;
                    root = Some(node).filter(|node| node.value != Value::Scalar(Json::Null));
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
                (*anchor, tag.is_some())
            }
            _ => (0, false),
        };
        if anchor != 0 || matches!(event, Event::Alias(_)) {
            return Err(Diagnostic::at(place, "anchors and aliases are not supported")
                .help("write the value out in each place, or put it into a profile"));
        }
        if tag {
            return Err(Diagnostic::at(place, "tags such as `!!str` are not supported")
                .help("put text into quotes; everything else needs no tag"));
        }
        let value = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => Value::Scalar(resolve(&text)),
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
        Ok(Node {
            value,
            origin: Origin::Text {
                key,
                value: value_place,
            },
        })
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
        loop {
            let (key, place) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(entries),
                (Event::Scalar(key, ..), span) => (key.into_owned(), self.place(span)),
                (_, span) => {
                    return Err(Diagnostic::at(self.place(span), "a key must be a plain word")
                        .help("a value in braces needs quotes around it or a key in front of it"));
                }
            };
            if let Some((_, first)) = entries.iter().find(|(known, _)| *known == key) {
                let diagnostic = Diagnostic::at(place, format!("the key `{key}` stands here a second time"));
                return Err(match first.origin.key_place() {
                    Some(first) => diagnostic.context(first.clone(), "first here"),
                    None => diagnostic,
                });
            }
            let (event, span) = self.next()?;
            entries.push((key, self.node(event, span, Some(place), depth + 1)?));
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
        self.char_starts.get(marker.index()).copied().unwrap_or(self.text.len())
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

/// Whether a plain scalar of that text is read as text.
pub(super) fn is_text(text: &str) -> bool {
    resolve(text).is_string()
}

/// A plain scalar's value.
fn resolve(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "true" | "True" | "TRUE" => Json::Bool(true),
        "false" | "False" | "FALSE" => Json::Bool(false),
        _ => number(text).unwrap_or_else(|| Json::String(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Json> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    let is_decimal = whole.bytes().all(|byte| byte.is_ascii_digit())
        && digits.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    if !is_decimal || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    if let Ok(number) = text.parse::<u64>() {
        return Some(Json::from(number));
    }
    if let Ok(number) = text.parse::<i64>() {
        return Some(Json::from(number));
    }
    // `from_f64` refuses what JSON cannot hold; such a text stays text.
    text.parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64)
        .map(Json::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_resolve_without_surprises() {
        for (text, expected) in [
            ("12", serde_json::json!(12)),
            ("-3", serde_json::json!(-3)),
            ("0.5", serde_json::json!(0.5)),
            ("1e3", serde_json::json!(1000.0)),
            ("~", Json::Null),
            ("true", Json::Bool(true)),
            // Octal, a boolean or a sexagesimal number to some readers.
            ("010", serde_json::json!("010")),
            ("on", serde_json::json!("on")),
            ("1:30", serde_json::json!("1:30")),
            ("0x10", serde_json::json!("0x10")),
            ("1_000", serde_json::json!("1_000")),
            ("15s", serde_json::json!("15s")),
            (".inf", serde_json::json!(".inf")),
            ("1e999", serde_json::json!("1e999")),
            ("-", serde_json::json!("-")),
        ] {
            assert_eq!(resolve(text), expected, "{text}");
        }
    }
}
