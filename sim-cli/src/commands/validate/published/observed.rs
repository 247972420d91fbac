//! The CSV files of what was observed.

use std::path::Path;

use validation::published::observed::{Cell, Observed};
use validation::published::{BUILT_IN, Series};

use crate::scenario_file::LoadError;
use crate::text::csv_table::{Row, Table};
use crate::text::error::{Diagnostic, reason};
use crate::text::source::{Place, SourceId, SourceKind, Sources};

/// The published readings.
///
/// # Errors
///
/// None, unless the program was built with a wrong file.
pub(super) fn built_in() -> Result<Vec<Series>, LoadError> {
    let read = |(name, file, text): (&str, &str, &str)| -> Result<Series, LoadError> {
        Ok(Series {
            name: name.to_owned(),
            file: None,
            observed: from_bytes(file, text.as_bytes().to_vec(), true)?,
        })
    };
    BUILT_IN.into_iter().map(read).collect()
}

/// One file; `is_read_off` says whether its values were read off plots.
///
/// # Errors
///
/// What is wrong with it, located.
pub(super) fn read(path: &Path, is_read_off: bool) -> Result<Series, LoadError> {
    let file = path.display().to_string();
    let name = path
        .file_stem()
        .map_or_else(|| file.clone(), |stem| stem.to_string_lossy().into_owned());
    match std::fs::read(path) {
        Ok(bytes) => Ok(Series {
            observed: from_bytes(&file, bytes, is_read_off)?,
            name,
            file: Some(file),
        }),
        Err(error) => {
            let problem = Diagnostic::new(format!("cannot read {file}: {}", reason(&error)));
            Err(LoadError::new(Sources::default(), vec![problem]))
        }
    }
}

fn from_bytes(file: &str, bytes: Vec<u8>, is_read_off: bool) -> Result<Observed, LoadError> {
    let mut sources = Sources::default();
    let read = sources
        .add_file(file, SourceKind::Csv, bytes)
        .and_then(|id| observed(id, &sources, is_read_off));
    read.map_err(|problem| LoadError::new(sources, vec![problem]))
}

fn observed(id: SourceId, sources: &Sources, is_read_off: bool) -> Result<Observed, Diagnostic> {
    let table = Table::new(id, sources)?;
    let cells = |row: &Row| -> Vec<Cell> {
        let cell = |(column, text): (usize, &String)| Cell {
            text: text.clone(),
            span: row.field(column, sources).span,
        };
        row.fields.iter().enumerate().map(cell).collect()
    };
    let rows: Vec<Vec<Cell>> = table.rows.iter().map(cells).collect();
    Observed::read(&cells(&table.header), &rows, is_read_off).map_err(|error| {
        let place = error.span.clone().map(|span| Place { source: id, span });
        let name = &sources.get(id).name;
        match place {
            Some(place) => Diagnostic::at(place, error.problem),
            None => Diagnostic::new(format!("{name}: {}", error.problem)),
        }
    })
}
