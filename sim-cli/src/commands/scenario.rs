//! `sim scenario`: list, show and describe scenarios and profiles.

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value as Json, json};

use crate::args::{ListFormat, ScenarioArgs, ScenarioCommand, ShowFormat};
use crate::commands::ExitStatus;
use crate::printer::Printer;
use crate::scenario_file::builtin::{BuiltIn, PROFILES, SCENARIOS};
use crate::scenario_file::{Loaded, schema};

/// Characters in a line of a list; fixed, so that the output is the same everywhere.
const WIDTH: u16 = 120;

/// Runs one of the subcommands.
pub(crate) fn run(args: &ScenarioArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    let text = match &args.command {
        ScenarioCommand::List { format } => list(SCENARIOS, *format),
        ScenarioCommand::Profiles { format } => list(PROFILES, *format),
        ScenarioCommand::Schema => schema::text(),
        ScenarioCommand::Show { input, format } => {
            let loaded = input.load()?;
            match format {
                ShowFormat::Yaml => loaded.to_yaml(),
                ShowFormat::Json => pretty(&document(&loaded)),
            }
        }
    };
    printer.data(&text)?;
    Ok(ExitStatus::Success)
}

fn list(built_ins: &[BuiltIn], format: ListFormat) -> String {
    match format {
        ListFormat::Json => {
            let entry = |one: &BuiltIn| json!({ "name": one.name, "description": one.description() });
            pretty(&built_ins.iter().map(entry).collect())
        }
        ListFormat::Text => {
            let mut table = Table::new();
            table
                .load_style(presets::NOTHING)
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(WIDTH);
            for one in built_ins {
                table.add_row([one.name.to_owned(), one.description()]);
            }
            if let Some(names) = table.column_mut(0) {
                names.set_padding((0, 1));
            }
            let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
            lines.join("\n") + "\n"
        }
    }
}

fn document(loaded: &Loaded) -> Json {
    let provenance: serde_json::Map<String, Json> = loaded
        .provenance
        .iter()
        .map(|(path, provenance)| {
            (
                path.to_owned(),
                serde_json::to_value(provenance).expect("provenance is JSON"),
            )
        })
        .collect();
    json!({ "digest": loaded.digest, "scenario": loaded.resolved, "provenance": provenance })
}

fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(json).expect("a value is JSON") + "\n"
}
