//! A value over time that stands in a CSV file, replaced by the steps it contains.

use std::path::PathBuf;

use serde_json::Value as Json;
use sim_core::time::SimDuration;

use crate::text::csv_table::Table;
use crate::text::error::{Diagnostic, reason};
use crate::text::source::{SourceKind, Sources};
use crate::text::tree::{Node, Origin, Value};

/// Units a time column may be in.
const UNITS: [&str; 6] = ["h", "m", "s", "ms", "us", "ns"];

/// `{steps: …}` for the map behind `csv`, which has the four keys and texts in them.
pub(super) fn resolve(csv: &Node, sources: &mut Sources) -> Result<Node, Diagnostic> {
    let field = |key: &str| csv.get(key).expect("checked against the schema");
    let text = |key: &str| field(key).as_str().expect("checked against the schema");
    let at = |key: &str, title: String| Diagnostic::maybe_at(field(key).origin.value_place().cloned(), title);

    let unit = text("time_unit");
    if !UNITS.contains(&unit) {
        return Err(at("time_unit", format!("unknown unit {unit:?}")).note(format!("units: {}", UNITS.join(", "))));
    }
    let path = match field("path").origin.value_place() {
        Some(place) => sources.get(place.source).directory.join(text("path")),
        None => PathBuf::from(text("path")),
    };
    let bytes = std::fs::read(&path)
        .map_err(|error| at("path", format!("cannot read {}: {}", path.display(), reason(&error))))?;
    let table = Table::new(
        sources.add_file(&path.display().to_string(), SourceKind::Csv, bytes)?,
        sources,
    )?;

    let column = |key: &str| {
        table
            .header
            .fields
            .iter()
            .position(|name| name == text(key))
            .ok_or_else(|| {
                at(key, format!("{} has no column {:?}", path.display(), text(key)))
                    .note(format!("columns: {}", table.header.fields.join(", ")))
                    .suggest(text(key), table.header.fields.iter().map(String::as_str))
            })
    };
    let (time_column, value_column) = (column("time_column")?, column("value_column")?);

    let mut steps = Vec::with_capacity(table.rows.len());
    let mut last: Option<SimDuration> = None;
    for row in &table.rows {
        let (time, value) = (&row.fields[time_column], &row.fields[value_column]);
        let at: SimDuration = format!("{time}{unit}").parse().map_err(|_| {
            Diagnostic::at(
                row.field(time_column, sources),
                format!("expected a time of zero or more in {unit}, found {time:?}"),
            )
        })?;
        if last.is_some_and(|last| at <= last) {
            let title = format!("times must increase, found {time:?} after a later or equal one");
            return Err(Diagnostic::at(row.field(time_column, sources), title));
        }
        last = Some(at);
        let value: u64 = value.parse().map_err(|_| {
            Diagnostic::at(
                row.field(value_column, sources),
                format!("expected a whole number, found {value:?}"),
            )
        })?;
        steps.push(serde_json::json!({ "at": at.to_string(), "value": value }));
    }
    if steps.is_empty() {
        return Err(at("path", format!("{} has no rows below its header", path.display())));
    }
    let mut node = Node::from_json(serde_json::json!({ "steps": Json::Array(steps) }), &csv.origin);
    // Each step comes from its own row.
    if let Value::Map(entries) = &mut node.value
        && let Some((
            _,
            Node {
                value: Value::List(items),
                ..
            },
        )) = entries.first_mut()
    {
        for (item, row) in items.iter_mut().zip(&table.rows) {
            let origin = Origin::Text {
                key: row.place.clone(),
                value: row.place.clone(),
            };
            *item = Node::from_json(item.to_json(), &origin);
        }
    }
    Ok(node)
}
