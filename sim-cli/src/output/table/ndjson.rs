//! One JSON object a line; an empty cell is null.

use std::io::Write;

use serde_json::{Map, Value as Json};

use super::{Cell, Table};

/// Writes the table.
///
/// # Errors
///
/// The writer's own.
pub(crate) fn write(out: &mut impl Write, table: &Table) -> anyhow::Result<()> {
    for row in &table.rows {
        let cell = |cell: &Cell| match cell {
            Cell::Count(count) => Json::from(*count),
            Cell::Number(number) => Json::from(*number),
            Cell::Word(word) => Json::from(word.as_str()),
            Cell::Empty => Json::Null,
        };
        let object: Map<String, Json> = table
            .columns
            .iter()
            .zip(row)
            .map(|(column, value)| (column.name.clone(), cell(value)))
            .collect();
        serde_json::to_writer(&mut *out, &object)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
