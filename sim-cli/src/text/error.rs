//! Located problems and how they are shown.

use std::fmt;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::source::{Place, SourceKind, Sources};

/// One problem: what was found, where, and what would be right. Small, because it is the `Err` of most functions here.
#[derive(Debug)]
pub(crate) struct Diagnostic {
    parts: Box<Parts>,
}

#[derive(Debug, Default)]
struct Parts {
    severity: Severity,
    code: Option<&'static str>,
    title: String,
    place: Option<Place>,
    label: String,
    context: Vec<(Place, String)>,
    notes: Vec<String>,
    helps: Vec<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Nothing can be done with the text.
    #[default]
    Error,
    /// Something is probably not as meant.
    Warning,
    /// Something to know.
    Note,
}

impl Diagnostic {
    /// The same, but so bad only.
    pub(crate) fn severity(mut self, severity: Severity) -> Self {
        self.parts.severity = severity;
        self
    }

    /// The same with the number of the rule that found it.
    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.parts.code = Some(code);
        self
    }

    /// A problem of no particular line.
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            parts: Box::new(Parts {
                title: title.into(),
                ..Parts::default()
            }),
        }
    }

    /// A problem of that part of a text.
    pub(crate) fn at(place: Place, title: impl Into<String>) -> Self {
        Self::new(title).located(place, "")
    }

    /// A problem located if the place is known.
    pub(crate) fn maybe_at(place: Option<Place>, title: impl Into<String>) -> Self {
        match place {
            Some(place) => Self::at(place, title),
            None => Self::new(title),
        }
    }

    /// What is wrong, in one sentence.
    pub(crate) fn title(&self) -> &str {
        &self.parts.title
    }

    /// The part of a text that it points at.
    pub(crate) fn place(&self) -> Option<&Place> {
        self.parts.place.as_ref()
    }

    /// Whether it is one.
    pub(crate) fn is_warning(&self) -> bool {
        self.parts.severity == Severity::Warning
    }

    /// Whether it points at a part of a text.
    pub(crate) fn is_located(&self) -> bool {
        self.parts.place.is_some()
    }

    /// Points at that part of a text, and says why there.
    pub(crate) fn located(mut self, place: Place, label: impl Into<String>) -> Self {
        self.parts.place = Some(place);
        self.parts.label = label.into();
        self
    }

    /// Adds another place that has to do with it.
    pub(crate) fn context(mut self, place: Place, label: impl Into<String>) -> Self {
        self.parts.context.push((place, label.into()));
        self
    }

    /// Says first what it is about.
    pub(crate) fn prefixed(mut self, prefix: &str) -> Self {
        self.parts.title.insert_str(0, prefix);
        self
    }

    /// Adds a fact.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.parts.notes.push(note.into());
        self
    }

    /// The same without advice, for who knows better.
    pub(crate) fn without_help(mut self) -> Self {
        self.parts.helps.clear();
        self
    }

    /// Adds what to write instead.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.parts.helps.push(help.into());
        self
    }

    /// Adds the nearest legal word, if one is near.
    pub(crate) fn suggest<'a>(self, found: &str, legal: impl IntoIterator<Item = &'a str>) -> Self {
        match super::nearest::nearest(found, legal) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    fn group<'a>(&'a self, sources: &'a Sources) -> Group<'a> {
        let Parts {
            severity,
            code,
            title,
            place,
            label,
            context,
            notes,
            helps,
        } = &*self.parts;
        let level = match severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.primary_title(title.as_str());
        let mut group = Group::with_title(match code {
            Some(code) => title.id(*code),
            None => title,
        });
        let mut places: Vec<(&Place, AnnotationKind, &str)> = Vec::new();
        places.extend(
            place
                .iter()
                .map(|place| (place, AnnotationKind::Primary, label.as_str())),
        );
        places.extend(
            context
                .iter()
                .map(|(place, label)| (place, AnnotationKind::Context, label.as_str())),
        );
        while let Some((first, ..)) = places.first() {
            let id = first.source;
            let source = sources.get(id);
            let here = || {
                places
                    .iter()
                    .map(|(place, ..)| *place)
                    .filter(|place| place.source == id)
            };
            let start = here().map(|place| place.span.start).min().unwrap_or_default();
            let end = here().map(|place| place.span.end).max().unwrap_or_default();
            // Not the whole text: every snippet would be searched for its lines.
            let (first_line, part) = sources.lines_around(id, &(start..end));
            let offset = part.start;
            let mut snippet = Snippet::source(&source.text[part])
                .line_start(first_line)
                .path(source.name.as_str());
            if source.kind == SourceKind::Argument {
                snippet = snippet.line_numbering(false);
            }
            for (place, kind, label) in places.extract_if(.., |(place, ..)| place.source == id) {
                // The renderer panics at a part that ends before it starts.
                let end = place.span.end.max(place.span.start);
                let annotation = kind.span(place.span.start - offset..end - offset);
                snippet = snippet.annotation(if label.is_empty() {
                    annotation
                } else {
                    annotation.label(label)
                });
            }
            group = group.element(snippet);
        }
        for note in notes {
            group = group.element(Level::NOTE.message(note.as_str()));
        }
        for help in helps {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        group
    }
}

/// Why a scenario cannot be used: one or more located problems.
#[derive(Debug)]
pub(crate) struct LoadError {
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
}

impl LoadError {
    /// All of them with the texts that they point at.
    pub(crate) fn new(sources: Sources, mut diagnostics: Vec<Diagnostic>) -> Self {
        assert!(!diagnostics.is_empty(), "an error says what is wrong");
        // As they stand in the files; those without a place come first, because they are about the whole.
        diagnostics.sort_by_key(|one| one.parts.place.as_ref().map(|place| (place.source, place.span.start)));
        Self { sources, diagnostics }
    }

    /// All problems with their lines; ends without a line break.
    pub(crate) fn render(&self, color: bool) -> String {
        render(&self.diagnostics, &self.sources, color)
    }
}

/// Most problems shown at once: more would be read by nobody.
const MOST_SHOWN: usize = 50;

/// Problems with their lines, the first fifty of them; ends without a line break.
pub(crate) fn render<'d>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    sources: &Sources,
    color: bool,
) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
    let mut diagnostics = diagnostics.into_iter();
    let shown = diagnostics.by_ref().take(MOST_SHOWN);
    let mut rendered: Vec<String> = shown
        .map(|diagnostic| renderer.render(&[diagnostic.group(sources)]))
        .collect();
    let more = diagnostics.count();
    if more > 0 {
        rendered.push(format!("... and {more} more like these"));
    }
    rendered.join("\n\n")
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.render(false);
        f.write_str(text.strip_prefix("error: ").unwrap_or(&text))
    }
}

impl std::error::Error for LoadError {}

/// What the system says, without its error number.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
