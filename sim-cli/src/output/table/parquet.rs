//! Parquet, one row group, every column optional.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context as _;
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::{Cell, Column, Kind, Table};

/// Writes the table.
///
/// # Errors
///
/// The writer's own, or a count beyond 2^63.
pub(crate) fn write(out: &mut (impl Write + Send), table: &Table) -> anyhow::Result<()> {
    let fields = table
        .columns
        .iter()
        .map(|column| field(column).map(Arc::new))
        .collect::<anyhow::Result<_>>()?;
    let schema = Type::group_type_builder("schema").with_fields(fields).build()?;
    // Nothing that changes between two runs: no time, no host.
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("sim {}", env!("CARGO_PKG_VERSION")))
        .build();
    let mut file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for (index, column) in table.columns.iter().enumerate() {
        let mut writer = group
            .next_column()?
            .with_context(|| format!("no column {}", column.name))?;
        let cells = || table.rows.iter().map(|row| &row[index]);
        let levels: Vec<i16> = cells().map(|cell| i16::from(*cell != Cell::Empty)).collect();
        match column.kind {
            Kind::Count => {
                let values: Vec<i64> = cells()
                    .filter_map(|cell| match cell {
                        Cell::Count(count) => Some(i64::try_from(*count)),
                        _ => None,
                    })
                    .collect::<Result<_, _>>()
                    .with_context(|| format!("a count of {} is beyond 2^63", column.name))?;
                writer.typed::<Int64Type>().write_batch(&values, Some(&levels), None)?;
            }
            Kind::Number => {
                let values: Vec<f64> = cells()
                    .filter_map(|cell| match cell {
                        Cell::Number(number) => Some(*number),
                        _ => None,
                    })
                    .collect();
                writer.typed::<DoubleType>().write_batch(&values, Some(&levels), None)?;
            }
            Kind::Word => {
                let values: Vec<ByteArray> = cells()
                    .filter_map(|cell| match cell {
                        Cell::Word(word) => Some(ByteArray::from(word.as_str())),
                        _ => None,
                    })
                    .collect();
                writer
                    .typed::<ByteArrayType>()
                    .write_batch(&values, Some(&levels), None)?;
            }
        }
        writer.close()?;
    }
    group.close()?;
    file.close()?;
    Ok(())
}

fn field(column: &Column) -> anyhow::Result<Type> {
    let (physical, logical) = match column.kind {
        Kind::Count => (PhysicalType::INT64, None),
        Kind::Number => (PhysicalType::DOUBLE, None),
        Kind::Word => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let builder = Type::primitive_type_builder(&column.name, physical).with_repetition(Repetition::OPTIONAL);
    Ok(builder.with_logical_type(logical).build()?)
}
