//! The tables of the comparison with the published run.

use std::fmt::Write as _;

use validation::published::report::{BinRow, PublishedReport, SensitivityRow, WindowRow};
use validation::published::{Definition, Prediction, ShareRow, ShareTable};

use crate::output::text::layout::{Paint, Table, wrapped};

/// All tables.
pub(super) fn render(report: &PublishedReport, paint: Paint) -> String {
    let parts = [
        parameters(report, paint),
        windows(&report.windows, paint),
        bins(&report.bins, paint),
        sensitivity(&report.sensitivity, paint),
        shares(&report.shares, paint),
    ];
    let filled: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    filled.join("\n")
}

fn parameters(report: &PublishedReport, paint: Paint) -> String {
    let mut out = paint.bold("Free parameters");
    out.push('\n');
    let mut table = Table::new(&["parameter", ">range", ">value", ">90 %", ">narrowed by"]);
    for row in &report.parameters {
        table.row([
            row.name.clone(),
            format!("{} to {}", significant(row.range_low), significant(row.range_high)),
            significant(row.value),
            format!("{} to {}", significant(row.low), significant(row.high)),
            format!("{:.0} %", 100.0 * row.narrowed_ratio),
        ]);
    }
    out += &table.render(paint);
    if let Some(fit) = &report.fit {
        out += &wrapped(
            &format!(
                "Fitted to {}: {} combinations of values were run, response surfaces learned from them, and the ranges \
                 weighted by how well the surfaces meet the totals of these windows ({:.0} independent draws).",
                fit.windows.join(" and "),
                fit.runs_count,
                fit.effective_draws_count
            ),
            "  ",
            "  ",
        );
        let surfaces: Vec<String> = fit
            .surfaces
            .iter()
            .map(|row| {
                format!(
                    "{} {} {:.0} % (± {:.0} %)",
                    row.window,
                    row.elb_status_code,
                    100.0 * row.explained_ratio,
                    100.0 * row.scatter_ratio
                )
            })
            .collect();
        out += &wrapped(
            &format!(
                "What the surfaces explain of the differences among runs, and by how much runs of the same values differ \
                 besides counting: {}.",
                surfaces.join(", ")
            ),
            "  ",
            "  ",
        );
    }
    for row in &report.parameters {
        out += &paint.dim(&wrapped(
            &format!("{}: {}. Range: {}.", row.name, row.about, row.source),
            "  ",
            "    ",
        ));
    }
    out
}

fn windows(rows: &[WindowRow], paint: Paint) -> String {
    let mut out = paint.bold("Falling halves");
    out.push('\n');
    let mut table = Table::new(&[
        "window",
        "bins",
        "code",
        "",
        ">observed",
        ">mean",
        ">90 %",
        "",
        ">crosswise 90 %",
    ]);
    for row in rows {
        table.row([
            format!("{}{}", row.name(), if row.is_disturbed { " *" } else { "" }),
            format!("{}–{}", row.from, row.to),
            row.elb_status_code.to_string(),
            String::from(if row.is_fitted { "fitted" } else { "predicted" }),
            row.observed_count.to_string(),
            format!("{:.0}", row.prediction.mean_count),
            interval(&row.prediction),
            String::from(if row.is_inside { "inside" } else { "outside" }),
            row.crosswise.as_ref().map(interval).unwrap_or_default(),
        ]);
        if !row.is_inside {
            table.style_last(Paint::red);
        }
    }
    out += &table.render(paint);
    out += "  * the load was started again in it\n";
    out
}

fn bins(rows: &[BinRow], paint: Paint) -> String {
    let mut out = String::new();
    let mut series: Vec<&str> = rows.iter().map(|row| row.series.as_str()).collect();
    series.dedup();
    for name in series {
        let _ = writeln!(out, "{}", paint.bold(&format!("Bins of {name}")));
        let own: Vec<&BinRow> = rows.iter().filter(|row| row.series == name).collect();
        let has_504 = own.iter().any(|row| row.observed_504_count.is_some());
        let mut heads = vec!["bin", "half", ">load", ">502", ">mean", ">90 %", ""];
        if has_504 {
            heads.extend([">504", ">mean", ">90 %", ""]);
        }
        let mut table = Table::new(&heads);
        for row in own {
            let mut cells = vec![
                row.bin.clone(),
                row.window.map_or_else(String::new, |window| window.to_string()),
                row.load_workers_count.to_string(),
            ];
            cells.extend(compared(row.observed_502_count, &row.predicted_502));
            if has_504 {
                cells.extend(compared(row.observed_504_count, &row.predicted_504));
            }
            table.row_of(cells);
        }
        out += &table.render(paint);
    }
    out
}

fn compared(observed: Option<u32>, prediction: &Prediction) -> [String; 4] {
    let is_inside = prediction.holds(f64::from(observed.unwrap_or(0)));
    [
        observed.map_or_else(String::new, |count| count.to_string()),
        format!("{:.0}", prediction.mean_count),
        interval(prediction),
        String::from(if is_inside { "" } else { "outside" }),
    ]
}

fn sensitivity(rows: &[SensitivityRow], paint: Paint) -> String {
    let Some(first) = rows.first() else {
        return String::new();
    };
    let mut out = paint.bold("Sensitivity");
    out.push('\n');
    let columns: Vec<(&str, u16)> = {
        let mut columns: Vec<(&str, u16)> = Vec::new();
        for row in rows {
            let column = (row.window.as_str(), row.elb_status_code);
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    };
    let mut heads = vec![String::from("parameter, over its range")];
    heads.extend(columns.iter().map(|(window, code)| format!(">{window} {code}")));
    let mut table = Table::new(&heads.iter().map(String::as_str).collect::<Vec<_>>());
    let find = |parameter: &str, column: &(&str, u16)| {
        rows.iter()
            .find(|row| row.parameter == parameter && (row.window.as_str(), row.elb_status_code) == *column)
    };
    let medians = columns.iter().map(|column| {
        let row = rows
            .iter()
            .find(|row| (row.window.as_str(), row.elb_status_code) == *column);
        row.map_or_else(String::new, |row| format!("{:.0}", row.median_count))
    });
    table.row_of(
        std::iter::once(String::from("all at their medians"))
            .chain(medians)
            .collect(),
    );
    let mut names: Vec<&str> = vec![first.parameter.as_str()];
    for row in rows {
        if !names.contains(&row.parameter.as_str()) {
            names.push(&row.parameter);
        }
    }
    for name in names {
        let cells = columns.iter().map(|column| {
            find(name, column).map_or_else(String::new, |row| {
                format!("{:.0}–{:.0}", row.at_low_count, row.at_high_count)
            })
        });
        table.row_of(std::iter::once(name.to_owned()).chain(cells).collect());
    }
    out += &table.render(paint);
    out += &wrapped(
        "Expected failures from the lower to the upper end of each range, the others at their medians.",
        "  ",
        "  ",
    );
    out
}

fn shares(table: &ShareTable, paint: Paint) -> String {
    if table.rows.is_empty() {
        return String::new();
    }
    let mut out = paint.bold("Which reading gives 37 % before and 1 % after?");
    out.push('\n');
    let definitions = [Definition::Requests, Definition::LoaderLoops, Definition::DeadTargets];
    let mut heads = vec![String::from("event"), String::from("worst")];
    heads.extend(definitions.map(|definition| format!(">{}", definition.words())));
    let mut shown = Table::new(&heads.iter().map(String::as_str).collect::<Vec<_>>());
    let mut rows = table.rows.iter().peekable();
    let mut event = "";
    while let Some(first) = rows.peek() {
        let (name, window) = (first.event.as_str(), first.window);
        let mut cells = vec![
            String::from(if name == event { "" } else { name }),
            window.words().to_owned(),
        ];
        event = name;
        let mut same = Vec::new();
        while let Some(row) = rows.next_if(|row| row.event == name && row.window == window) {
            same.push(row);
        }
        cells.extend(definitions.map(|definition| {
            let row = same.iter().find(|row| row.definition == definition);
            row.map_or_else(String::new, |row| share_cell(row))
        }));
        shown.row_of(cells);
    }
    out += &shown.render(paint);
    out += "  before → after, percent; * the nearest to 37 → 1\n";
    let meanings = definitions.map(|definition| format!("{}: {}", definition.words(), definition.meaning()));
    out += &wrapped(&format!("{}.", meanings.join("; ")), "  ", "  ");
    out += &wrapped(&table.reading, "  ", "  ");
    out
}

fn share_cell(row: &ShareRow) -> String {
    let mark = if row.is_nearest { "*" } else { " " };
    format!("{:.2} → {:.2}{mark}", 100.0 * row.before_ratio, 100.0 * row.after_ratio)
}

fn interval(prediction: &Prediction) -> String {
    format!("{:.0}–{:.0}", prediction.low_count, prediction.high_count)
}

/// Three digits that count.
fn significant(value: f64) -> String {
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else if value >= 1.0 {
        2
    } else {
        3
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
