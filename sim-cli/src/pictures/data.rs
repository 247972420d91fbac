//! A sweep's data from its own table, so that pictures can be drawn again.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;

use super::Named;
use super::sweep::{self, Data, DataPoint, SensitivityBar};
use crate::sweep::sensitivity::Estimate;
use crate::sweep::vary::Unit;

/// Columns that follow the factors in a sweep's table.
const AFTER_FACTORS: &str = "row";

/// One row as words by column.
type Row = BTreeMap<String, String>;

/// The figures of a table that `sim sweep` wrote as CSV or NDJSON, with `--sensitivity` or without.
///
/// # Errors
///
/// If it is neither, names the line and the column.
pub(crate) fn figures(name: &str, text: &str) -> anyhow::Result<Vec<Named>> {
    let (columns, rows) = if text.trim_start().starts_with('{') {
        ndjson(name, text)?
    } else {
        csv(name, text)?
    };
    of_table(name, &columns, &rows)
}

/// Whether these bytes start as a Parquet file does.
pub(crate) fn is_parquet(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PAR1")
}

/// The figures of such a table that was written as Parquet.
///
/// # Errors
///
/// As for [`figures`], and if it is no whole Parquet file.
pub(crate) fn figures_of_parquet(name: &str, bytes: Vec<u8>) -> anyhow::Result<Vec<Named>> {
    let (columns, rows) = parquet(bytes).with_context(|| format!("{name}: not a whole Parquet file"))?;
    of_table(name, &columns, &rows)
}

fn of_table(name: &str, columns: &[String], rows: &[Row]) -> anyhow::Result<Vec<Named>> {
    if columns.first().is_some_and(|column| column == "factor") {
        if rows
            .iter()
            .all(|row| row.get("total_share").is_some_and(String::is_empty))
        {
            bail!("{name}: the 5xx ratio is the same at every point, so there is nothing to draw");
        }
        let bars = rows.iter().enumerate().map(|(index, row)| bar(name, index, row));
        let bars: Vec<SensitivityBar> = bars.collect::<anyhow::Result<_>>()?;
        return Ok(vec![sweep::tornado(name, &bars)]);
    }
    Ok(sweep::figures(&read(name, columns, rows)?))
}

/// A cell that must be a number.
fn number(name: &str, index: usize, row: &Row, column: &str) -> anyhow::Result<f64> {
    let found = row.get(column).map_or("", String::as_str);
    found.parse().with_context(|| {
        format!(
            "{name}: row {}, column `{column}`: found {found:?}, expected a number",
            index + 1
        )
    })
}

/// A factor of a table of sensitivities.
fn bar(name: &str, index: usize, row: &Row) -> anyhow::Result<SensitivityBar> {
    let estimate = |what: &str| -> anyhow::Result<Estimate> {
        let cell = |part: &str| number(name, index, row, &format!("{what}_share{part}"));
        Ok(Estimate {
            value: cell("")?,
            low: cell("_ci95_low")?,
            high: cell("_ci95_high")?,
        })
    };
    let word = |column: &str| row.get(column).cloned().unwrap_or_default();
    Ok(SensitivityBar {
        path: word("factor"),
        range: word("range"),
        first_order: estimate("first_order")?,
        total: estimate("total")?,
    })
}

fn read(name: &str, columns: &[String], rows: &[Row]) -> anyhow::Result<Data> {
    let end = columns.iter().position(|column| column == AFTER_FACTORS);
    let Some(end) = end.filter(|end| *end > 1 && columns[0] == "point") else {
        bail!("{name}: no table of `sim sweep`: its columns are `point`, the factors, `row` and others");
    };
    let factors: Vec<(String, Unit)> = columns[1..end].iter().map(|column| factor(column, rows)).collect();
    let mut points = Vec::new();
    for (line, row) in rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.get("row").is_some_and(|row| row == "summary"))
    {
        let number = |column: &str| number(name, line, row, column);
        let levels = columns[1..end].iter().zip(&factors).map(|(column, (_, unit))| {
            let text = row.get(column).cloned().unwrap_or_default();
            let level = text.parse().ok();
            (
                match unit {
                    Unit::Seconds => format!("{text}s"),
                    Unit::PerSecond => format!("{text}/s"),
                    Unit::Percent => format!("{text}%"),
                    Unit::Number | Unit::Word => text,
                },
                level,
            )
        });
        points.push(DataPoint {
            levels: levels.collect(),
            ratio: number("five_xx_ratio")?,
            low: number("five_xx_ratio_ci95_low")?,
            high: number("five_xx_ratio_ci95_high")?,
            terminating_pod_seconds: number("terminating_pod_seconds")?,
            replications_count: number("replications_count")?,
        });
    }
    if points.is_empty() {
        bail!("{name}: no summary row in the table");
    }
    Ok(Data {
        scenario: name.to_owned(),
        factors,
        points,
    })
}

/// Path and unit of a factor's column.
fn factor(column: &str, rows: &[Row]) -> (String, Unit) {
    for (suffix, unit) in [
        ("_per_s", Unit::PerSecond),
        ("_percent", Unit::Percent),
        ("_s", Unit::Seconds),
    ] {
        if let Some(path) = column.strip_suffix(suffix) {
            return (path.to_owned(), unit);
        }
    }
    let is_number = rows
        .iter()
        .all(|row| row.get(column).is_some_and(|cell| cell.parse::<f64>().is_ok()));
    (column.to_owned(), if is_number { Unit::Number } else { Unit::Word })
}

fn csv(name: &str, text: &str) -> anyhow::Result<(Vec<String>, Vec<Row>)> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns: Vec<String> = reader
        .headers()
        .with_context(|| name.to_owned())?
        .iter()
        .map(str::to_owned)
        .collect();
    let rows = reader
        .records()
        .map(|record| {
            let record = record.with_context(|| name.to_owned())?;
            Ok(columns.iter().cloned().zip(record.iter().map(str::to_owned)).collect())
        })
        .collect::<anyhow::Result<_>>()?;
    Ok((columns, rows))
}

fn ndjson(name: &str, text: &str) -> anyhow::Result<(Vec<String>, Vec<Row>)> {
    let mut columns = Vec::new();
    let mut rows = Vec::new();
    for (line, text) in text.lines().enumerate() {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text)
            .with_context(|| format!("{name}:{}: expected a row of `sim sweep`", line + 1))?;
        if columns.is_empty() {
            columns = object.keys().cloned().collect();
        }
        let cell = |value: serde_json::Value| match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text,
            // `5.0` of a number that is whole is `5`, as in the other formats.
            serde_json::Value::Number(number) => number
                .as_f64()
                .map_or_else(|| number.to_string(), |number| number.to_string()),
            other => other.to_string(),
        };
        rows.push(object.into_iter().map(|(key, value)| (key, cell(value))).collect());
    }
    Ok((columns, rows))
}

fn parquet(bytes: Vec<u8>) -> anyhow::Result<(Vec<String>, Vec<Row>)> {
    let reader = SerializedFileReader::new(Bytes::from(bytes))?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let columns = schema.columns().iter().map(|column| column.name().to_owned()).collect();
    let cell = |field: Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text,
        Field::Double(number) => number.to_string(),
        other => other.to_string(),
    };
    let mut rows = Vec::new();
    for row in reader.get_row_iter(None)? {
        let cells = row?.into_columns().into_iter();
        rows.push(cells.map(|(column, field)| (column, cell(field))).collect());
    }
    Ok((columns, rows))
}
