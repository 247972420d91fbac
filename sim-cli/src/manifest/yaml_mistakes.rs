//! The likely mistake behind an error of the YAML parser, which says what it missed and not what somebody did.

use crate::text::error::Diagnostic;
use crate::text::source::{Place, SourceId};

/// The mistake behind the parser's error `title` at byte `at`, if it is a known one.
pub(super) fn find(source: SourceId, text: &str, at: usize, title: &str) -> Option<Diagnostic> {
    let lines = lines(text);
    let index = lines.iter().rposition(|line| line.start <= at)?;
    let error = Error {
        source,
        text,
        at,
        title,
        lines,
        index,
    };
    error
        .conflict_marker()
        .or_else(|| error.template())
        .or_else(|| error.tab())
        .or_else(|| error.quote())
        .or_else(|| error.alias())
        .or_else(|| error.depth())
        .or_else(|| error.bracket())
        .or_else(|| error.second_value())
        .or_else(|| error.dedent())
}

struct Line<'t> {
    start: usize,
    text: &'t str,
}

impl Line<'_> {
    fn indentation(&self) -> usize {
        self.text.len() - self.text.trim_start_matches([' ', '\t']).len()
    }

    fn is_blank(&self) -> bool {
        let text = self.text.trim();
        text.is_empty() || text.starts_with('#')
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let line = text.split_inclusive('\n').map(|line| {
        let from = start;
        start += line.len();
        Line {
            start: from,
            text: line.trim_end_matches(['\n', '\r']),
        }
    });
    line.collect()
}

struct Error<'t> {
    source: SourceId,
    text: &'t str,
    at: usize,
    title: &'t str,
    lines: Vec<Line<'t>>,
    /// Line of `at`, from 0.
    index: usize,
}

impl Error<'_> {
    fn place(&self, start: usize, end: usize) -> Place {
        Place {
            source: self.source,
            span: start..end,
        }
    }

    fn whole(&self, line: &Line<'_>) -> Place {
        self.place(line.start + line.indentation(), line.start + line.text.trim_end().len())
    }

    fn line_above(&self) -> Option<&Line<'_>> {
        self.lines[..self.index].iter().rev().find(|line| !line.is_blank())
    }

    fn conflict_marker(&self) -> Option<Diagnostic> {
        let is_marker = |line: &&Line<'_>| {
            line.text.starts_with("<<<<<<< ") || line.text == "=======" || line.text.starts_with(">>>>>>> ")
        };
        let line = self.lines[..=self.index].iter().find(is_marker)?;
        Some(
            Diagnostic::at(self.whole(line), "a conflict marker of git")
                .help("resolve the conflict first: keep one side and take the marker lines away"),
        )
    }

    /// `{{ … }}` on the line itself, or as the whole line above.
    fn template(&self) -> Option<Diagnostic> {
        let line = &self.lines[self.index];
        let line = if line.text.contains("{{") {
            line
        } else {
            self.line_above()
                .filter(|line| line.text.trim_start().starts_with("{{"))?
        };
        let start = line.text.find("{{").expect("it was found");
        let end = line.text[start..]
            .find("}}")
            .map_or(line.text.len(), |end| start + end + 2);
        let place = self.place(line.start + start, line.start + end);
        Some(
            Diagnostic::at(place, "a template of Helm that is not rendered")
                .help("render the chart first: `helm template NAME CHART | sim import -`"),
        )
    }

    /// The parser stands in front of a tab that indents the next line; tabs above are found by the reader itself.
    fn tab(&self) -> Option<Diagnostic> {
        let line = self
            .lines
            .get(self.index + 1)
            .filter(|_| self.title.contains("a tab"))?;
        let tab = line.start + line.text[..line.indentation()].find('\t')?;
        Some(
            Diagnostic::at(self.place(tab, tab + 1), "a tab indents this line")
                .help("YAML indents with spaces; replace the tab by spaces"),
        )
    }

    fn quote(&self) -> Option<Diagnostic> {
        let opening = self.text[self.at..].chars().next()?;
        let what = match opening {
            '"' => "double quote",
            '\'' => "single quote",
            _ => return None,
        };
        if !self.title.contains("quoted scalar") {
            return None;
        }
        let line = &self.lines[self.index];
        let place = self.place(self.at, line.start + line.text.trim_end().len());
        Some(
            Diagnostic::at(place, format!("the {what} opened here is never closed"))
                .help(format!("put a {opening} where the text ends")),
        )
    }

    fn alias(&self) -> Option<Diagnostic> {
        if !self.title.contains("unknown anchor") {
            return None;
        }
        let name: String = self.text[self.at..]
            .strip_prefix('*')?
            .chars()
            .take_while(|c| !c.is_whitespace())
            .collect();
        let name = name.trim_end_matches([',', ']', '}']);
        let place = self.place(self.at, self.at + 1 + name.len());
        Some(
            Diagnostic::at(place, format!("no anchor of this document is called `{name}`")).help(format!(
                "put `&{name}` in front of the value that it stands for; an anchor holds up to the next `---`"
            )),
        )
    }

    fn depth(&self) -> Option<Diagnostic> {
        self.title.contains("recursion limit").then(|| {
            Diagnostic::at(self.place(self.at, self.at + 1), "nested too many levels deep")
                .help("no manifest is: look at what wrote this file")
        })
    }

    fn bracket(&self) -> Option<Diagnostic> {
        let open = open_bracket(&self.text[..self.at])?;
        let (opening, closing) = if self.text[open..].starts_with('[') {
            ('[', ']')
        } else {
            ('{', '}')
        };
        let diagnostic = Diagnostic::at(
            self.place(open, open + 1),
            format!("the `{opening}` opened here is not closed"),
        );
        let here = &self.lines[self.index];
        let diagnostic = if here.text.trim().is_empty() {
            diagnostic
        } else {
            diagnostic.context(self.whole(here), "here it is still open")
        };
        Some(diagnostic.help(format!("put a `{closing}` where it ends")))
    }

    /// A second `: ` where one value stands already.
    fn second_value(&self) -> Option<Diagnostic> {
        if !self.title.contains("mapping values are not allowed") {
            return None;
        }
        let line = &self.lines[self.index];
        let before = &line.text[..self.at - line.start];
        if let Some(colon) = before.find(": ") {
            let value = colon + 2 + before[colon + 2..].len() - before[colon + 2..].trim_start().len();
            let text = line.text[value..].trim_end();
            let place = self.place(line.start + value, line.start + value + text.len());
            return Some(
                Diagnostic::at(place, "a text with `: ` in it needs quotes")
                    .help(format!("put it into quotes: {text:?}")),
            );
        }
        let above = self.line_above()?;
        if above.text.contains(": ") && above.indentation() < line.indentation() {
            let key = above
                .text
                .trim()
                .trim_start_matches("- ")
                .split(':')
                .next()
                .unwrap_or_default();
            return Some(
                Diagnostic::at(
                    self.whole(line),
                    format!("this line is indented below `{key}`, which has a value already"),
                )
                .context(self.whole(above), "the value")
                .help("indent it like the fields that it stands beside"),
            );
        }
        (!above.text.contains(':')).then(|| {
            Diagnostic::at(self.whole(above), "a `:` is missing behind this key")
                .context(self.whole(line), "this stands below it")
        })
    }

    /// An indentation between two levels.
    fn dedent(&self) -> Option<Diagnostic> {
        if !self.title.contains("did not find expected") {
            return None;
        }
        let line = &self.lines[self.index];
        let above = self.line_above()?;
        let dashes = above.text.trim_start();
        let content = above.indentation() + dashes.len() - dashes.trim_start_matches(['-', ' ']).len();
        let (found, wanted) = (line.indentation(), content);
        if found == wanted || line.text.trim().is_empty() {
            return None;
        }
        let title = format!("this line is indented by {found} spaces, which fits nothing above it");
        let label = format!("the field above is indented by {wanted}");
        // An item may have no value behind its dash.
        let end = above.text.trim_end().len();
        let place = self.place(above.start + content.min(end), above.start + end);
        Some(
            Diagnostic::at(self.whole(line), title)
                .context(place, label)
                .help("indent the fields of one object alike"),
        )
    }
}

/// The innermost bracket that is open at the end of a text.
pub(super) fn open_bracket(text: &str) -> Option<usize> {
    let mut open: Vec<usize> = Vec::new();
    let mut quote: Option<char> = None;
    let mut in_comment = false;
    // The last character, and the last one that is no blank: what stands behind these starts a value.
    let (mut last, mut significant) = ('\n', '\n');
    for (at, c) in text.char_indices() {
        let starts = matches!(significant, '\n' | ':' | '-' | ',' | '[' | '{');
        if in_comment {
            in_comment = c != '\n';
        } else if let Some(opening) = quote {
            if c == opening && !(opening == '"' && last == '\\') {
                quote = None;
            }
        } else {
            match c {
                '#' if last.is_whitespace() => in_comment = true,
                '"' | '\'' if starts => quote = Some(c),
                '[' | '{' if starts => open.push(at),
                ']' | '}' => {
                    open.pop();
                }
                _ => {}
            }
        }
        if !in_comment && (c == '\n' || !c.is_whitespace()) {
            significant = c;
        }
        last = c;
    }
    open.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_quotes_comments_and_words_are_none() {
        for (text, expected) in [
            ("a: [1, 2", Some(3)),
            ("a: [1, {b: 2", Some(7)),
            ("a: [1, {b: 2}", Some(3)),
            ("a: [1, 2]\nb: ", None),
            ("a: \"[\"\nb: ", None),
            ("a: \"\\\"[\"\nb: ", None),
            ("a: '['\nb: ", None),
            ("# [\nb: ", None),
            ("a: b[0\nc: ", None),
            ("- [", Some(2)),
        ] {
            assert_eq!(open_bracket(text), expected, "{text}");
        }
    }
}
