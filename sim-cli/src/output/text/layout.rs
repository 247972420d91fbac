//! Colours, aligned columns and wrapped sentences.

use std::fmt::Write as _;

use anstyle::AnsiColor;

/// How a line is styled: one of the methods of [`Paint`].
type Style = fn(Paint, &str) -> String;

/// Columns of a line.
const WIDTH: usize = 96;

/// Styles text, or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    /// Whether the reader is a terminal that takes colour.
    pub(crate) color: bool,
}

impl Paint {
    /// What the eye should find.
    pub(crate) fn bold(self, text: &str) -> String {
        self.styled(anstyle::Style::new().bold(), text)
    }

    /// What it may skip.
    pub(crate) fn dim(self, text: &str) -> String {
        self.styled(anstyle::Style::new().dimmed(), text)
    }

    /// Failures.
    pub(crate) fn red(self, text: &str) -> String {
        self.styled(AnsiColor::Red.on_default(), text)
    }

    /// Warnings.
    pub(crate) fn yellow(self, text: &str) -> String {
        self.styled(AnsiColor::Yellow.on_default(), text)
    }

    fn styled(self, style: anstyle::Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            String::from(text)
        }
    }
}

/// Columns two spaces apart; whole lines are styled after they are aligned, so that styles have no width.
pub(crate) struct Table {
    right_aligned: Vec<bool>,
    header: Vec<String>,
    rows: Vec<(Vec<String>, Option<Style>)>,
}

impl Table {
    /// With these column heads; `>` before one aligns the column to the right.
    pub(crate) fn new(heads: &[&str]) -> Self {
        Self {
            right_aligned: heads.iter().map(|head| head.starts_with('>')).collect(),
            header: heads
                .iter()
                .map(|head| String::from(head.trim_start_matches('>')))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row of as many cells as there are columns.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.row_of(Vec::from(cells));
    }

    /// The same where the number of columns is not fixed.
    pub(crate) fn row_of(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.header.len(), "one cell per column");
        self.rows.push((cells, None));
    }

    /// Styles the row added last.
    pub(crate) fn style_last(&mut self, style: Style) {
        self.rows.last_mut().expect("a row was added").1 = Some(style);
    }

    /// The lines, indented.
    pub(crate) fn render(&self, paint: Paint) -> String {
        let all = || std::iter::once(&self.header).chain(self.rows.iter().map(|(cells, _)| cells));
        let widths: Vec<usize> = (0..self.header.len())
            .map(|column| all().map(|cells| cells[column].chars().count()).max().unwrap_or(0))
            .collect();
        let line = |cells: &[String]| {
            let mut line = String::from(" ");
            for ((cell, width), right) in cells.iter().zip(&widths).zip(&self.right_aligned) {
                let _ = if *right {
                    write!(line, " {cell:>width$} ")
                } else {
                    write!(line, " {cell:<width$} ")
                };
            }
            String::from(line.trim_end())
        };
        let mut text = paint.dim(&line(&self.header));
        text.push('\n');
        for (cells, style) in &self.rows {
            let line = line(cells);
            text.push_str(&style.map_or_else(|| line.clone(), |style| style(paint, &line)));
            text.push('\n');
        }
        text
    }
}

/// `text` in lines of at most 96 columns, words kept whole.
pub(crate) fn wrapped(text: &str, first_indent: &str, indent: &str) -> String {
    let mut out = String::from(first_indent);
    let mut column = first_indent.chars().count();
    let mut is_first = true;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if !is_first && column + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(indent);
            column = indent.chars().count();
        } else if !is_first {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
        is_first = false;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_lines_short() {
        let text = wrapped(&"word ".repeat(60), "  > ", "    ");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert_eq!(text.split_whitespace().filter(|word| *word == "word").count(), 60);
        assert_eq!(text.lines().count(), 4);
        assert!(text.lines().skip(1).all(|line| line.starts_with("    word")));
    }

    #[test]
    fn columns_align_whatever_their_colour() {
        let paint = Paint { color: true };
        let mut table = Table::new(&["name", ">n"]);
        table.row([String::from("a"), String::from("1")]);
        table.row([String::from("long name"), String::from("1,000")]);
        table.style_last(Paint::red);
        let plain = table.render(Paint { color: false });
        assert!(plain.contains("  a              1\n"), "{plain}");
        assert!(table.render(paint).contains("\x1b[31m  long name  1,000\x1b[0m\n"));
    }
}
