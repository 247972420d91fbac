//! CSV with a header; an empty cell is empty.

use std::io::Write;

use super::{Cell, Table};

/// Writes the table.
///
/// # Errors
///
/// The writer's own.
pub(crate) fn write(out: &mut impl Write, table: &Table) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(table.columns.iter().map(|column| &column.name))?;
    for row in &table.rows {
        let cell = |cell: &Cell| match cell {
            Cell::Count(count) => count.to_string(),
            Cell::Number(number) => number.to_string(),
            Cell::Word(word) => word.clone(),
            Cell::Empty => String::new(),
        };
        writer.write_record(row.iter().map(cell))?;
    }
    writer.flush()?;
    Ok(())
}
