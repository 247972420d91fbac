//! Tables for programs: columns with types, and writers for CSV, NDJSON and Parquet.

pub(crate) mod csv;
pub(crate) mod ndjson;
pub(crate) mod parquet;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name; the unit stands at its end.
    pub(crate) name: String,
    /// What its cells hold.
    pub(crate) kind: Kind,
}

/// What the cells of a column hold; any of them may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whole numbers.
    Count,
    /// Numbers.
    Number,
    /// Words.
    Word,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// A whole number.
    Count(u64),
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
    /// Nothing.
    Empty,
}

/// A whole table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    /// Its columns.
    pub(crate) columns: Vec<Column>,
    /// Its rows; as many cells as columns.
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Column {
    /// A column.
    pub(crate) fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
        }
    }
}
