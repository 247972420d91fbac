//! The texts that values come from, kept so that an error can show the line.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::error::Diagnostic;

/// Every text read for one scenario.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    list: Vec<Source>,
    /// Of each text: where its lines start, but for the first.
    line_starts: Vec<Vec<usize>>,
}

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceId(usize);

impl SourceId {
    /// Its position.
    pub(crate) fn index(self) -> usize {
        self.0
    }

    /// That of a position.
    pub(crate) fn from_index(index: usize) -> Self {
        Self(index)
    }
}

/// One text.
#[derive(Debug)]
pub(crate) struct Source {
    /// As shown in front of a line number.
    pub(crate) name: String,
    /// What role it plays.
    pub(crate) kind: SourceKind,
    /// The whole text.
    pub(crate) text: String,
    /// Directory that relative paths inside it start from.
    pub(crate) directory: PathBuf,
}

/// Role of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceKind {
    /// A profile, built in or a file.
    Profile,
    /// A scenario, built in, a file or standard input.
    Scenario,
    /// A table that a scenario refers to.
    Csv,
    /// The right side of a command-line flag.
    Argument,
    /// Kubernetes objects.
    Manifest,
}

/// A part of one text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which text.
    pub(crate) source: SourceId,
    /// Which part of it.
    pub(crate) span: Range<usize>,
}

impl Sources {
    /// Adds a text.
    pub(crate) fn add(&mut self, source: Source) -> SourceId {
        let newlines = source.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        self.line_starts.push(newlines.map(|(at, _)| at + 1).collect());
        self.list.push(source);
        SourceId(self.list.len() - 1)
    }

    /// Adds the right side of a flag.
    pub(crate) fn add_argument(&mut self, flag: &str, text: &str) -> SourceId {
        self.add(Source {
            name: flag.to_owned(),
            kind: SourceKind::Argument,
            text: text.to_owned(),
            directory: PathBuf::new(),
        })
    }

    /// Adds a file's bytes; they must be UTF-8 and not blank.
    pub(crate) fn add_file(&mut self, name: &str, kind: SourceKind, bytes: Vec<u8>) -> Result<SourceId, Diagnostic> {
        let directory = Path::new(name).parent().map(PathBuf::from).unwrap_or_default();
        let mut source = Source {
            name: name.to_owned(),
            kind,
            text: String::new(),
            directory,
        };
        match String::from_utf8(bytes) {
            Ok(text) => {
                source.text = text;
                Ok(self.add(source))
            }
            Err(error) => {
                let start = error.utf8_error().valid_up_to();
                let byte = error.as_bytes()[start];
                // The valid part keeps its length, so the position holds in the replaced text too.
                source.text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let place = Place {
                    source: self.add(source),
                    span: start..start + '\u{fffd}'.len_utf8(),
                };
                let mut diagnostic = Diagnostic::at(place, format!("not UTF-8 text: found the byte 0x{byte:02x}"));
                if kind == SourceKind::Manifest && byte >= 0xa0 {
                    diagnostic = diagnostic.note(format!("in Latin-1 this byte is `{}`", char::from(byte)));
                }
                Err(diagnostic.help("save the file in the encoding UTF-8"))
            }
        }
    }

    /// The text of that id.
    pub(crate) fn get(&self, id: SourceId) -> &Source {
        &self.list[id.0]
    }

    /// Line and column of a byte, both from 1; the column counts characters.
    pub(crate) fn line_and_column(&self, source: SourceId, byte: usize) -> (usize, usize) {
        let line = self.line_of(source, byte);
        let before = &self.get(source).text[self.line_start(source, line)..byte];
        (line, before.chars().count() + 1)
    }

    /// Line of a place, from 1.
    pub(crate) fn line(&self, place: &Place) -> usize {
        self.line_of(place.source, place.span.start)
    }

    /// The lines around a part of a text: the number of the first, and where they start and end.
    pub(super) fn lines_around(&self, source: SourceId, span: &Range<usize>) -> (usize, Range<usize>) {
        let first = self.line_of(source, span.start).saturating_sub(1).max(1);
        let after = self.line_of(source, span.end) + 2;
        (first, self.line_start(source, first)..self.line_start(source, after))
    }

    fn line_of(&self, source: SourceId, byte: usize) -> usize {
        self.line_starts[source.0].partition_point(|start| *start <= byte) + 1
    }

    /// The text's end for a line that is not there.
    fn line_start(&self, source: SourceId, line: usize) -> usize {
        match line.checked_sub(2) {
            None => 0,
            Some(index) => {
                let known = self.line_starts[source.0].get(index).copied();
                known.unwrap_or_else(|| self.get(source).text.len())
            }
        }
    }
}
