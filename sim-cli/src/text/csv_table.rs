//! CSV files whose fields know where they stand.

use super::error::Diagnostic;
use super::source::{Place, SourceId, Sources};

/// A whole table.
#[derive(Debug)]
pub(crate) struct Table {
    /// The names of the columns.
    pub(crate) header: Row,
    /// Everything below, each with as many fields.
    pub(crate) rows: Vec<Row>,
}

/// One line.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its fields, trimmed.
    pub(crate) fields: Vec<String>,
    /// Where it stands.
    pub(crate) place: Place,
}

impl Row {
    /// The place of one field; of the whole row where quotes hide the commas.
    pub(crate) fn field(&self, column: usize, sources: &Sources) -> Place {
        let line = &sources.get(self.place.source).text[self.place.span.clone()];
        if line.contains('"') {
            return self.place.clone();
        }
        let mut start = self.place.span.start;
        for (index, field) in line.split(',').enumerate() {
            if index == column {
                let trimmed = start + field.len() - field.trim_start().len();
                return Place {
                    span: trimmed..trimmed + field.trim().len(),
                    ..self.place
                };
            }
            start += field.len() + 1;
        }
        self.place.clone()
    }
}

impl Table {
    /// Reads a source of that kind; lines that start with `#` are comments.
    ///
    /// # Errors
    ///
    /// A line with more or fewer fields than the header, or no CSV at all.
    pub(crate) fn new(id: SourceId, sources: &Sources) -> Result<Self, Diagnostic> {
        let text = sources.get(id).text.as_str();
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let fields = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let place = |position: Option<&csv::Position>| line_at(id, text, position.map_or(0, csv::Position::byte));
        let header = reader
            .headers()
            .map_err(|error| invalid(&error, &place(error.position())))?;
        let header = Row {
            fields: fields(header),
            place: place(header.position()),
        };
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| invalid(&error, &place(error.position())))?;
            rows.push(Row {
                fields: fields(&record),
                place: place(record.position()),
            });
        }
        Ok(Self { header, rows })
    }
}

fn invalid(error: &csv::Error, place: &Place) -> Diagnostic {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => Diagnostic::at(
            place.clone(),
            format!("expected {expected_len} fields as in the header, found {len}"),
        ),
        _ => Diagnostic::at(place.clone(), format!("not valid CSV: {error}")),
    }
}

/// The first line from that byte on that has text and is no comment.
fn line_at(source: SourceId, text: &str, byte: u64) -> Place {
    let from = usize::try_from(byte).unwrap_or(text.len()).min(text.len());
    let mut start = from;
    loop {
        start += text[start..].bytes().take_while(u8::is_ascii_whitespace).count();
        let end = text[start..]
            .find(['\r', '\n'])
            .map_or(text.len(), |length| start + length);
        if !text[start..].starts_with('#') {
            return Place {
                source,
                span: start..end,
            };
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::SourceKind;

    #[test]
    fn comments_and_blank_lines_move_no_place() {
        let text = "# one\n#two\n a , b\n\n# three\n1, 2\n";
        let mut sources = Sources::default();
        let id = sources.add_file("x.csv", SourceKind::Csv, text.into()).expect("UTF-8");
        let table = Table::new(id, &sources).expect("a table");
        assert_eq!(table.header.fields, ["a", "b"]);
        let place = |row: &Row, column: usize| {
            let place = row.field(column, &sources);
            (sources.line_and_column(id, place.span.start), &text[place.span])
        };
        assert_eq!(place(&table.header, 1), ((3, 6), "b"));
        assert_eq!(place(&table.rows[0], 0), ((6, 1), "1"));
        assert_eq!(place(&table.rows[0], 1), ((6, 4), "2"));
    }
}
