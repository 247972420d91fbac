//! The figures of a sweep.

mod heat_map;

use std::collections::BTreeSet;

use plots::quantity::{Quantity, Unit as AxisUnit};
use plots::sweep::{Point, Series, Sweep};
use plots::tornado::{Bar, Index as BarIndex, Tornado};
use plots::trade_off::{self, TradeOff};

use super::Named;
use crate::sweep::sensitivity::Estimate;
use crate::sweep::vary::Unit;

/// What the figures need of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Data {
    /// Name of the scenario.
    pub(crate) scenario: String,
    /// What varies: path and unit.
    pub(crate) factors: Vec<(String, Unit)>,
    /// The points in the order of the design.
    pub(crate) points: Vec<DataPoint>,
}

/// A design point.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DataPoint {
    /// Level of each factor: its text, and its number where it has one.
    pub(crate) levels: Vec<(String, Option<f64>)>,
    /// Share of requests with 5xx and its 95 % interval.
    pub(crate) ratio: f64,
    /// Lower end.
    pub(crate) low: f64,
    /// Upper end.
    pub(crate) high: f64,
    /// Time that pods spent terminating, summed, seconds.
    pub(crate) terminating_pod_seconds: f64,
    /// Its replications.
    pub(crate) replications_count: f64,
}

/// A factor of a sensitivity analysis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SensitivityBar {
    /// Its path.
    pub(crate) path: String,
    /// What it was varied over.
    pub(crate) range: String,
    /// Share of the variance that it explains alone.
    pub(crate) first_order: Estimate,
    /// The same with all that it does together with others.
    pub(crate) total: Estimate,
}

/// Series that a curve shows at most; with more a heat map says it better.
const MOST_SERIES: usize = 7;

/// Why there is no figure where there is none.
pub(crate) const NOTHING_TO_DRAW: &str =
    "a single design point has a picture only where one number varies; there is nothing to compare it with";

/// The figures that fit the data: a curve of one number, a heat map of two factors, and of two points or more what they
/// cost and gain.
pub(crate) fn figures(data: &Data) -> Vec<Named> {
    let mut figures = Vec::new();
    let subtitle = subtitle(data);
    let numeric = |index: usize| data.factors.get(index).is_some_and(|(_, unit)| *unit != Unit::Word);
    match data.factors.len() {
        1 if numeric(0) => figures.push(Named::new("sweep", curve(data, 0, None, &subtitle))),
        2 => {
            let map = heat_map::of(data, &subtitle);
            figures.push(Named::tall("heat-map", map.best_height(), map));
            // Along the factor with more levels, with a line for each level of the other.
            let counts = [levels(data, 0).len(), levels(data, 1).len()];
            let mut across = [(0, 1), (1, 0)];
            if counts[1] > counts[0] {
                across.reverse();
            }
            let fits = |(x, series): &(usize, usize)| numeric(*x) && counts[*series] <= MOST_SERIES;
            if let Some((x, series)) = across.into_iter().find(fits) {
                figures.push(Named::new("sweep", curve(data, x, Some(series), &subtitle)));
            }
        }
        _ => {}
    }
    if data.points.len() > 1 {
        figures.push(Named::new("trade-off", trade_off(data, &subtitle)));
    }
    figures
}

/// The figure of a sensitivity analysis.
pub(crate) fn tornado(scenario: &str, factors: &[SensitivityBar]) -> Named {
    let index = |estimate: &Estimate| BarIndex {
        mean: estimate.value,
        low: estimate.low.min(estimate.value),
        high: estimate.high.max(estimate.value),
    };
    let bars: Vec<Bar> = factors
        .iter()
        .map(|factor| Bar {
            name: factor.path.clone(),
            range: factor.range.clone(),
            first_order: index(&factor.first_order),
            total: index(&factor.total),
        })
        .collect();
    let height = 220 + 42 * u32::try_from(bars.len()).unwrap_or(20);
    let figure = Tornado {
        title: "What the 5xx ratio depends on".to_owned(),
        subtitle: format!("{scenario}: Sobol indices over the ranges below the names"),
        interval: "95 % interval, bootstrap".to_owned(),
        bars,
    };
    Named::tall("sensitivity", height.clamp(400, 1200), figure)
}

/// What was run, and how often.
fn subtitle(data: &Data) -> String {
    let points = match data.points.len() {
        1 => "1 design point".to_owned(),
        count => format!("{count} design points"),
    };
    let counts = || data.points.iter().map(|point| point.replications_count);
    let (least, most) = (counts().fold(f64::INFINITY, f64::min), counts().fold(0.0, f64::max));
    let replications = if least < most {
        format!("{least} to {most} replications")
    } else if most > 1.0 {
        format!("{most} replications")
    } else {
        "1 replication".to_owned()
    };
    format!("{}, {points} of {replications}", data.scenario)
}

fn quantity(data: &Data, index: usize) -> Quantity {
    let (path, unit) = &data.factors[index];
    let unit = match unit {
        Unit::Seconds => AxisUnit::Seconds,
        Unit::PerSecond => AxisUnit::Named("1/s".to_owned()),
        Unit::Percent => AxisUnit::Named("%".to_owned()),
        Unit::Number | Unit::Word => AxisUnit::Count,
    };
    Quantity::new(path.clone(), unit)
}

/// Levels of a factor in the order in which they appear.
fn levels(data: &Data, factor: usize) -> Vec<String> {
    let mut known = BTreeSet::new();
    let all = data.points.iter().map(|point| &point.levels[factor].0);
    all.filter(|level| known.insert(*level)).cloned().collect()
}

fn curve(data: &Data, x: usize, series_factor: Option<usize>, subtitle: &str) -> Sweep {
    let of = |point: &DataPoint| series_factor.map_or_else(String::new, |factor| point.levels[factor].0.clone());
    let names = series_factor.map_or_else(|| vec![String::new()], |factor| levels(data, factor));
    let series = names
        .into_iter()
        .map(|name| {
            let mut points: Vec<Point> = data
                .points
                .iter()
                .filter(|point| of(point) == name)
                .filter_map(|point| {
                    Some(Point {
                        x: point.levels[x].1?,
                        mean: point.ratio,
                        low: point.low.min(point.ratio),
                        high: point.high.max(point.ratio),
                    })
                })
                .collect();
            points.sort_by(|a, b| a.x.total_cmp(&b.x));
            let name = match series_factor {
                Some(_) => name,
                None => "5xx ratio".to_owned(),
            };
            Series { name, points }
        })
        .collect();
    let series_name = series_factor.map_or_else(String::new, |factor| data.factors[factor].0.clone());
    Sweep {
        title: "Share of requests that fail with 5xx".to_owned(),
        subtitle: subtitle.to_owned(),
        factor: quantity(data, x),
        outcome: Quantity::new("5xx ratio", AxisUnit::Ratio),
        interval: "95 % interval".to_owned(),
        series_name,
        series,
        log_y: true,
        target: None,
    }
}

fn trade_off(data: &Data, subtitle: &str) -> TradeOff {
    let points = data.points.iter().map(|point| trade_off::Point {
        cost: point.terminating_pod_seconds,
        value: point.ratio,
        high: Some(point.high.max(point.ratio)),
        label: point
            .levels
            .iter()
            .map(|(text, _)| text.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        is_efficient: false,
        is_advised: false,
    });
    let factors: Vec<&str> = data.factors.iter().map(|(path, _)| path.as_str()).collect();
    TradeOff {
        title: "What fewer failures cost".to_owned(),
        subtitle: format!("{subtitle}; beside the points: {}", factors.join(", ")),
        cost: Quantity::new(
            "time that pods spend terminating",
            AxisUnit::Named("pod-seconds per run".to_owned()),
        ),
        outcome: Quantity::new("5xx ratio", AxisUnit::Ratio),
        points: trade_off::with_efficient(points.collect()),
        log_value: true,
        target: None,
        advised: String::new(),
        bound: "up to the upper end of the 95 % interval".to_owned(),
    }
}
