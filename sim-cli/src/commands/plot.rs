//! `sim plot`: pictures of a table or a trace written earlier.

use anyhow::{Context as _, anyhow, bail};
use sim_core::trace::TraceRecord;

use crate::args::plot::PlotArgs;
use crate::commands::ExitStatus;
use crate::pictures::{self, Named, data};
use crate::printer::Printer;
use crate::text::error::reason;

/// Runs the command.
///
/// # Errors
///
/// If the data is not one of the two, or a picture cannot be written.
pub(crate) fn run(args: &PlotArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    let name = args.data.display().to_string();
    let bytes = std::fs::read(&args.data).map_err(|error| anyhow!("cannot read {name}: {}", reason(&error)))?;
    let figures = if data::is_parquet(&bytes) {
        data::figures_of_parquet(&name, bytes)?
    } else {
        of_text(&name, bytes)?
    };
    if figures.is_empty() {
        bail!("{name}: {}", pictures::sweep::NOTHING_TO_DRAW);
    }
    let not_drawn = args.pictures.write(&figures)?;
    for problem in &not_drawn {
        printer.note(problem);
    }
    Ok(if not_drawn.is_empty() {
        ExitStatus::Success
    } else {
        ExitStatus::Failure
    })
}

fn of_text(name: &str, bytes: Vec<u8>) -> anyhow::Result<Vec<Named>> {
    let text = String::from_utf8(bytes).with_context(|| format!("{name}: not UTF-8 text"))?;
    let first = text.lines().next().unwrap_or_default();
    if first.contains("\"schema_version\"") {
        Ok(vec![timeline(name, &text)?])
    } else {
        data::figures(name, &text)
    }
}

fn timeline(name: &str, text: &str) -> anyhow::Result<Named> {
    let mut records: Vec<TraceRecord> = Vec::new();
    for (line, text) in text.lines().enumerate() {
        let record =
            serde_json::from_str(text).with_context(|| format!("{name}:{}: expected a record of a trace", line + 1))?;
        records.push(record);
    }
    pictures::timeline(name.to_owned(), &records).ok_or_else(|| anyhow!("{name}: no pod goes away in this trace"))
}
