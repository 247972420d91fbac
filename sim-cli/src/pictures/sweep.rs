//! The figures of a sweep.

use plots::heat_map::{HeatMap, Levels};
use plots::quantity::{Quantity, Unit as AxisUnit};
use plots::sweep::{Point, Series, Sweep};
use plots::tornado::{Bar, Index as BarIndex, Tornado};
use plots::trade_off::{self, TradeOff};

use super::Named;
use crate::sweep::sensitivity::{Estimate, Index};
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
}

/// Series that a curve shows at most; with more a heat map says it better.
const MOST_SERIES: usize = 8;

/// Points whose trade-off is still legible.
const MOST_TRADE_OFFS: usize = 60;

/// The figures that fit the data.
pub(crate) fn figures(data: &Data) -> Vec<Named> {
    let mut figures = Vec::new();
    let subtitle = format!("{}, {} design points", data.scenario, data.points.len());
    let numeric = |index: usize| data.factors.get(index).is_some_and(|(_, unit)| *unit != Unit::Word);
    match data.factors.len() {
        1 if numeric(0) => figures.push(Named::new("sweep", curve(data, 0, None, &subtitle))),
        2 => {
            if let Some(map) = heat_map(data, &subtitle) {
                figures.push(Named::new("heat-map", map));
            }
            let across = if numeric(0) {
                Some((0, 1))
            } else if numeric(1) {
                Some((1, 0))
            } else {
                None
            };
            if let Some((x, series)) = across.filter(|(_, series)| levels(data, *series).len() <= MOST_SERIES) {
                figures.push(Named::new("sweep", curve(data, x, Some(series), &subtitle)));
            }
        }
        _ => {}
    }
    if (2..=MOST_TRADE_OFFS).contains(&data.points.len()) {
        figures.push(Named::new("trade-off", trade_off(data, &subtitle)));
    }
    figures
}

/// The figure of a sensitivity analysis.
pub(crate) fn tornado(scenario: &str, indices: &[Index]) -> Named {
    let index = |estimate: &Estimate| BarIndex {
        mean: estimate.value,
        low: estimate.low.min(estimate.value),
        high: estimate.high.max(estimate.value),
    };
    let bars: Vec<Bar> = indices
        .iter()
        .map(|one| Bar {
            name: one.path.clone(),
            first_order: index(&one.first_order),
            total: index(&one.total),
        })
        .collect();
    let height = 260 + 34 * u32::try_from(bars.len()).unwrap_or(20);
    let figure = Tornado {
        title: "What the 5xx ratio depends on".to_owned(),
        subtitle: format!("{scenario}: Sobol indices, share of the variance"),
        interval: "95 % interval, bootstrap".to_owned(),
        bars,
    };
    Named::tall("sensitivity", height.clamp(400, 1200), figure)
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
    let mut levels: Vec<String> = Vec::new();
    for point in &data.points {
        if !levels.contains(&point.levels[factor].0) {
            levels.push(point.levels[factor].0.clone());
        }
    }
    levels
}

fn curve(data: &Data, x: usize, series: Option<usize>, subtitle: &str) -> Sweep {
    let of = |point: &super::sweep::DataPoint| series.map_or_else(String::new, |factor| point.levels[factor].0.clone());
    let names = series.map_or_else(|| vec![String::new()], |factor| levels(data, factor));
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
            let name = match series {
                Some(factor) => format!("{} {name}", data.factors[factor].0),
                None => "5xx ratio".to_owned(),
            };
            Series { name, points }
        })
        .collect();
    Sweep {
        title: "Share of requests that fail with 5xx".to_owned(),
        subtitle: subtitle.to_owned(),
        factor: quantity(data, x),
        outcome: Quantity::new("5xx ratio", AxisUnit::Ratio),
        interval: "95 % interval".to_owned(),
        series,
        log_y: true,
        target: None,
    }
}

fn heat_map(data: &Data, subtitle: &str) -> Option<HeatMap> {
    let (across, upwards) = (levels(data, 0), levels(data, 1));
    // A design that is no grid leaves most cells empty.
    if across.len() * upwards.len() > 4 * data.points.len() || across.len() > 60 || upwards.len() > 60 {
        return None;
    }
    let cell = |x: &String, y: &String| {
        let found = data
            .points
            .iter()
            .find(|point| point.levels[0].0 == *x && point.levels[1].0 == *y);
        found.map(|point| point.ratio)
    };
    let cells = upwards
        .iter()
        .map(|y| across.iter().map(|x| cell(x, y)).collect())
        .collect();
    Some(HeatMap {
        title: "Share of requests that fail with 5xx".to_owned(),
        subtitle: subtitle.to_owned(),
        x: Levels {
            name: data.factors[0].0.clone(),
            levels: across,
        },
        y: Levels {
            name: data.factors[1].0.clone(),
            levels: upwards,
        },
        outcome: Quantity::new("5xx ratio", AxisUnit::Ratio),
        cells,
        log_colour: true,
    })
}

fn trade_off(data: &Data, subtitle: &str) -> TradeOff {
    let points = data.points.iter().map(|point| trade_off::Point {
        cost: point.terminating_pod_seconds,
        value: point.ratio,
        high: None,
        label: point
            .levels
            .iter()
            .map(|(text, _)| text.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        is_efficient: false,
        is_advised: false,
    });
    TradeOff {
        title: "What fewer failures cost".to_owned(),
        subtitle: subtitle.to_owned(),
        cost: Quantity::new(
            "time that pods spend terminating",
            AxisUnit::Named("pod-seconds per run".to_owned()),
        ),
        outcome: Quantity::new("5xx ratio", AxisUnit::Ratio),
        points: trade_off::with_efficient(points.collect()),
        log_value: true,
        target: None,
        bound: String::new(),
    }
}
