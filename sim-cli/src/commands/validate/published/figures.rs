//! The picture of each series: observed against predicted, bin by bin.

use plots::compare::{Bin, Compare, Driver, Expected, Panel, Span};
use sim_core::outcome::Status;
use sim_core::rng::Seed;
use validation::published::Prediction;
use validation::published::report::{BinRow, PublishedReport};

use crate::pictures::Named;

/// Height at 800 px of width.
const HEIGHT: u32 = 620;

/// One figure per series, in the order of the report.
pub(in crate::commands::validate) fn of(report: &PublishedReport, seed: Seed) -> Vec<Named> {
    let mut series: Vec<&str> = report.bins.iter().map(|row| row.series.as_str()).collect();
    series.dedup();
    let figure = |name: &&str| Named::tall(format!("published-{name}"), HEIGHT, compare(report, name, seed));
    series.iter().map(figure).collect()
}

fn compare(report: &PublishedReport, series: &str, seed: Seed) -> Compare {
    let rows: Vec<&BinRow> = report.bins.iter().filter(|row| row.series == series).collect();
    let own = report.series.iter().find(|row| row.name == series);
    let own = own.expect("every series is there");
    let minutes = rows.get(1).map_or(0, |second| second.minutes - rows[0].minutes);
    let panel = |status: Status, of: fn(&BinRow) -> (Option<u32>, &Prediction)| Panel {
        name: format!("{} per {minutes} min", status.code()),
        status,
        bins: rows.iter().map(|row| bin(of(row))).collect(),
    };
    let mut panels = vec![panel(Status::BadGateway, |row| {
        (row.observed_502_count, &row.predicted_502)
    })];
    if rows.iter().any(|row| row.observed_504_count.is_some()) {
        panels.push(panel(Status::GatewayTimeout, |row| {
            (row.observed_504_count, &row.predicted_504)
        }));
    }
    Compare {
        title: match &own.file {
            None => format!("Failures of the published run, observed and predicted: {series}"),
            Some(_) => format!("Failures, observed and predicted: {series}"),
        },
        subtitle: format!("The model driven by the observed load; seed {}", seed.0),
        labels: rows.iter().map(|row| row.bin.clone()).collect(),
        axis: String::from("start of the bin"),
        interval: String::from("90 % prediction interval"),
        panels,
        driver: Some(Driver {
            name: String::from("load workers"),
            values: rows.iter().map(|row| f64::from(row.load_workers_count)).collect(),
        }),
        spans: spans(report, series, &rows),
        note: String::from(if own.is_read_off {
            "Where the plot that was read has no point, zero is drawn."
        } else {
            "Where the file is blank, zero is drawn."
        }),
    }
}

fn bin((observed, predicted): (Option<u32>, &Prediction)) -> Bin {
    Bin {
        observed: Some(f64::from(observed.unwrap_or(0))),
        expected: Expected {
            mean: predicted.mean_count,
            low: predicted.low_count,
            high: predicted.high_count,
        },
    }
}

/// The falling halves, and whether each was fitted.
fn spans(report: &PublishedReport, series: &str, rows: &[&BinRow]) -> Vec<Span> {
    let of = |window: &u32| {
        let first = rows.iter().position(|row| row.window == Some(*window))?;
        let last = rows.iter().rposition(|row| row.window == Some(*window))?;
        let row = report
            .windows
            .iter()
            .find(|row| row.series == series && row.window == *window)?;
        Some(Span {
            first,
            last,
            name: String::from(if row.is_fitted { "fitted" } else { "predicted" }),
        })
    };
    let mut windows: Vec<u32> = rows.iter().filter_map(|row| row.window).collect();
    windows.dedup();
    windows.iter().filter_map(of).collect()
}
