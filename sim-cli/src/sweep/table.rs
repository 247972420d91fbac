//! The tidy table of a sweep: one row per design point and replication, and one with the point's summary.

use sim_core::outcome::Status;
use sim_core::stats;
use sim_core::time::SimDuration;

use super::Plan;
use super::point::{PointResult, ReplicationRow};
use super::sensitivity::Index;
use super::vary::{Factor, Level, Unit};
use crate::output::table::{Cell, Column, Kind, Table};
use crate::pictures::sweep::{Data, DataPoint, SensitivityBar};
use crate::report::six_digits;

/// Counts by status, in the order of [`Status::ALL`].
const STATUSES: [(Status, &str); Status::COUNT] = [
    (Status::Ok, "status_200_count"),
    (Status::ClientClosed, "status_460_count"),
    (Status::TargetError, "status_500_count"),
    (Status::BadGateway, "status_502_count"),
    (Status::ServiceUnavailable, "status_503_count"),
    (Status::GatewayTimeout, "status_504_count"),
    (Status::WrongTarget, "wrong_target_404_count"),
    (Status::Unanswered, "unanswered_count"),
];

/// Kinds of sensitivity, and whose estimator each is.
const SHARES: [(&str, &str); 2] = [("first_order", "saltelli_2010"), ("total", "jansen_1999")];

/// Names of the quantiles that a row has.
const QUANTILES: [&str; 4] = ["p50", "p95", "p99", "max"];

/// The table of all points, in the order of the design.
pub(crate) fn table(plan: &Plan, results: &[PointResult]) -> Table {
    let mut columns = vec![Column::new("point", Kind::Count)];
    for factor in &plan.factors {
        let kind = if factor.unit == Unit::Word {
            Kind::Word
        } else {
            Kind::Number
        };
        columns.push(Column::new(factor.column(), kind));
    }
    // `row` is `replication` or `summary`; counts and times of a summary are means over its replications, apart from
    // the quantiles, which are the largest of theirs.
    columns.push(Column::new("row", Kind::Word));
    columns.push(Column::new("replication", Kind::Count));
    columns.push(Column::new("replications_count", Kind::Count));
    columns.push(Column::new("requests_count", Kind::Number));
    columns.extend(STATUSES.iter().map(|(_, name)| Column::new(*name, Kind::Number)));
    for name in [
        "five_xx_count",
        "five_xx_ratio",
        "five_xx_ratio_ci95_low",
        "five_xx_ratio_ci95_high",
    ] {
        columns.push(Column::new(name, Kind::Number));
    }
    columns.push(Column::new("ci95_method", Kind::Word));
    for name in ["terminated_pods_count", "terminating_pod_seconds", "drain_s"] {
        columns.push(Column::new(name, Kind::Number));
    }
    for what in ["removal", "race_window"] {
        columns.extend(
            QUANTILES
                .iter()
                .map(|name| Column::new(format!("{what}_s_{name}"), Kind::Number)),
        );
    }
    let mut rows = Vec::new();
    for result in results {
        let levels = &plan.points[result.point];
        for (index, replication) in result.replications.iter().enumerate() {
            rows.push(replication_row(result.point, levels, index, replication));
        }
        rows.push(summary_row(result, levels));
    }
    Table { columns, rows }
}

/// What pictures need of the same.
pub(crate) fn data(plan: &Plan, scenario: &str, results: &[PointResult]) -> Data {
    let point = |result: &PointResult| {
        let (ratio, interval, _) = result.five_xx_ratio();
        let runs = result.replications.len() as u64;
        let terminating: u64 = result.replications.iter().map(|row| row.terminating_pod_ns).sum();
        DataPoint {
            levels: plan.points[result.point]
                .iter()
                .map(|level| (level.text.clone(), level.number))
                .collect(),
            ratio,
            low: interval.low,
            high: interval.high,
            terminating_pod_seconds: seconds(terminating.checked_div(runs).unwrap_or(0)),
            replications_count: stats::ratio(runs, 1),
        }
    };
    Data {
        scenario: scenario.to_owned(),
        factors: plan
            .factors
            .iter()
            .map(|factor| (factor.path.clone(), factor.unit))
            .collect(),
        points: results.iter().map(point).collect(),
    }
}

/// What the picture of sensitivities needs.
pub(crate) fn sensitivity_bars(factors: &[Factor], indices: &[Index]) -> Vec<SensitivityBar> {
    let bar = |(factor, index): (&Factor, &Index)| SensitivityBar {
        path: factor.path.clone(),
        range: factor.range_text(),
        first_order: index.first_order,
        total: index.total,
    };
    factors.iter().zip(indices).map(bar).collect()
}

/// The table of sensitivities: one row per factor, whose shares are empty if the ratio never changes.
pub(crate) fn sensitivity(factors: &[Factor], indices: &[Index]) -> Table {
    let mut columns: Vec<Column> = [
        "factor",
        "scenario_value",
        "varied",
        "range",
        "range_source",
        "how_to_measure",
    ]
    .map(|name| Column::new(name, Kind::Word))
    .into();
    for (name, _) in SHARES {
        for part in ["share", "share_ci95_low", "share_ci95_high"] {
            columns.push(Column::new(format!("{name}_{part}"), Kind::Number));
        }
        columns.push(Column::new(format!("{name}_method"), Kind::Word));
    }
    columns.push(Column::new("ci95_method", Kind::Word));
    let row = |(number, factor): (usize, &Factor)| {
        let word = |text: &str| Cell::Word(text.to_owned());
        let basis = factor.basis.as_ref();
        let mut row = vec![
            word(&factor.path),
            factor.own.as_deref().map_or(Cell::Empty, word),
            word(if factor.shape.is_some() { "median" } else { "value" }),
            word(&factor.levels_text()),
            word(basis.map_or("--vary", |basis| basis.source)),
            basis.map_or(Cell::Empty, |basis| word(basis.measure)),
        ];
        let index = indices.get(number);
        for ((_, method), estimate) in SHARES
            .iter()
            .zip([index.map(|index| index.first_order), index.map(|index| index.total)])
        {
            row.extend(match estimate {
                Some(estimate) => {
                    [estimate.value, estimate.low, estimate.high].map(|value| Cell::Number(six_digits(value)))
                }
                None => [Cell::Empty, Cell::Empty, Cell::Empty],
            });
            row.push(word(method));
        }
        row.push(word("bootstrap_percentile"));
        row
    };
    Table {
        columns,
        rows: factors.iter().enumerate().map(row).collect(),
    }
}

fn head(point: usize, levels: &[Level]) -> Vec<Cell> {
    let mut row = vec![Cell::Count(point as u64)];
    row.extend(levels.iter().map(|level| match level.number {
        Some(number) => Cell::Number(number),
        None => Cell::Word(level.text.clone()),
    }));
    row
}

fn replication_row(point: usize, levels: &[Level], index: usize, replication: &ReplicationRow) -> Vec<Cell> {
    let mut row = head(point, levels);
    row.push(Cell::Word("replication".to_owned()));
    row.push(Cell::Count(index as u64));
    row.push(Cell::Empty);
    let whole = |count: u64| Cell::Number(stats::ratio(count, 1));
    row.push(whole(replication.requests_count()));
    row.extend(
        STATUSES
            .iter()
            .map(|(status, _)| whole(replication.status_counts[*status as usize])),
    );
    row.push(whole(replication.five_xx_count()));
    row.push(Cell::Number(stats::ratio(
        replication.five_xx_count(),
        replication.requests_count(),
    )));
    row.extend([Cell::Empty, Cell::Empty, Cell::Empty]);
    row.push(whole(replication.terminated_pods_count));
    row.push(Cell::Number(seconds(replication.terminating_pod_ns)));
    row.push(Cell::Number(seconds(replication.drain_ns)));
    let quantiles = replication.removal_ns.iter().chain(&replication.race_window_ns);
    row.extend(quantiles.map(|ns| Cell::Number(seconds(*ns))));
    row
}

fn summary_row(result: &PointResult, levels: &[Level]) -> Vec<Cell> {
    let all = &result.replications;
    let runs = all.len() as u64;
    let mean = |of: &dyn Fn(&ReplicationRow) -> u64| Cell::Number(stats::ratio(all.iter().map(of).sum(), runs));
    let mean_seconds = |of: &dyn Fn(&ReplicationRow) -> u64| {
        let sum: u64 = all.iter().map(of).sum();
        Cell::Number(seconds(sum.checked_div(runs).unwrap_or(0)))
    };
    let mut row = head(result.point, levels);
    row.push(Cell::Word("summary".to_owned()));
    row.push(Cell::Empty);
    row.push(Cell::Count(runs));
    row.push(mean(&ReplicationRow::requests_count));
    row.extend(
        STATUSES
            .iter()
            .map(|(status, _)| mean(&|one: &ReplicationRow| one.status_counts[*status as usize])),
    );
    row.push(mean(&ReplicationRow::five_xx_count));
    let (ratio, interval, method) = result.five_xx_ratio();
    row.push(Cell::Number(ratio));
    row.push(Cell::Number(six_digits(interval.low)));
    row.push(Cell::Number(six_digits(interval.high)));
    row.push(Cell::Word(method.name().to_owned()));
    row.push(mean(&|one: &ReplicationRow| one.terminated_pods_count));
    row.push(mean_seconds(&|one: &ReplicationRow| one.terminating_pod_ns));
    row.push(mean_seconds(&|one: &ReplicationRow| one.drain_ns));
    for of in [
        |one: &ReplicationRow| one.removal_ns,
        |one: &ReplicationRow| one.race_window_ns,
    ] {
        for index in 0..QUANTILES.len() {
            let largest = all.iter().map(|one| of(one)[index]).max().unwrap_or(0);
            row.push(Cell::Number(seconds(largest)));
        }
    }
    row
}

fn seconds(ns: u64) -> f64 {
    stats::seconds(SimDuration::from_ns(ns))
}
