//! The heat map of two factors.

use std::collections::BTreeMap;

use plots::heat_map::{HeatMap, Levels};
use plots::quantity::{Quantity, Unit as AxisUnit};

use super::{Data, DataPoint, levels};
use crate::sweep::vary::Unit;

/// Levels up to which a number has a column or row for each.
const MOST_LEVELS: usize = 200;
/// Combinations of levels for each design point, up to which a design is drawn as a grid.
const MOST_GAPS: usize = 4;
/// Design points of a cell, about, where several share one.
const POINTS_OF_CELL: f64 = 4.0;
/// Fewest and most columns or rows of such cells.
const FEWEST_BINS: f64 = 2.0;
const MOST_BINS: f64 = 40.0;

/// The map. Numbers of a design that is no grid, or of which there are very many levels, are taken together in equal
/// steps, and a cell is the mean of its design points.
pub(super) fn of(data: &Data, subtitle: &str) -> HeatMap {
    let counts = [0, 1].map(|factor| levels(data, factor).len());
    let is_grid = counts[0] * counts[1] <= MOST_GAPS * data.points.len();
    let axes = [0, 1].map(|factor| {
        let is_binned = !is_grid || counts[factor] > MOST_LEVELS;
        (is_binned && data.factors[factor].1 != Unit::Word)
            .then(|| Axis::binned(data, factor))
            .flatten()
            .unwrap_or_else(|| Axis::exact(data, factor))
    });
    let [across, upwards] = if goes_upwards(data) { [1, 0] } else { [0, 1] };
    let (x, y) = (&axes[across], &axes[upwards]);
    // Sum and count of the ratios of each cell.
    let mut sums = vec![vec![(0.0, 0_u32); x.names.len()]; y.names.len()];
    for point in &data.points {
        let (sum, count) = &mut sums[y.place(point, upwards)][x.place(point, across)];
        *sum += point.ratio;
        *count += 1;
    }
    let is_binned = axes.iter().any(|axis| axis.step.is_some());
    // Words are read from the top down, in the order in which they were given; numbers grow upwards.
    let mut upward_names = y.names.clone();
    if data.factors[upwards].1 == Unit::Word {
        upward_names.reverse();
        sums.reverse();
    }
    let named = |names: &[String], factor: usize| Levels {
        name: data.factors[factor].0.clone(),
        levels: names.to_vec(),
        are_numbers: data.factors[factor].1 != Unit::Word,
    };
    HeatMap {
        title: "Share of requests that fail with 5xx".to_owned(),
        subtitle: if is_binned {
            format!("{subtitle}; a cell is the mean of the points in it")
        } else {
            subtitle.to_owned()
        },
        x: named(&x.names, across),
        y: named(&upward_names, upwards),
        outcome: Quantity::new("5xx ratio", AxisUnit::Ratio),
        cells: sums
            .iter()
            .map(|row| {
                let mean = |(sum, count): &(f64, u32)| (*count > 0).then(|| sum / f64::from(*count));
                row.iter().map(mean).collect()
            })
            .collect(),
        log_colour: true,
    }
}

/// Whether the first factor is better named beside the cells than below: words beside numbers, and longer words beside
/// shorter ones.
fn goes_upwards(data: &Data) -> bool {
    let is_word = |factor: usize| data.factors[factor].1 == Unit::Word;
    let longest = |factor: usize| data.points.iter().map(|point| point.levels[factor].0.len()).max();
    is_word(0) && (!is_word(1) || longest(0) > longest(1))
}

/// The columns or the rows.
struct Axis {
    names: Vec<String>,
    /// Place of each level by its text; empty where numbers are taken together.
    places: BTreeMap<String, usize>,
    /// Start and width of the columns where numbers are taken together.
    step: Option<(f64, f64)>,
}

impl Axis {
    /// A place for each level.
    fn exact(data: &Data, factor: usize) -> Self {
        let names = levels(data, factor);
        Self {
            places: names
                .iter()
                .enumerate()
                .map(|(place, name)| (name.clone(), place))
                .collect(),
            names,
            step: None,
        }
    }

    /// Places of equal, round width; nothing if there is only one level.
    fn binned(data: &Data, factor: usize) -> Option<Self> {
        let numbers = || data.points.iter().filter_map(|point| point.levels[factor].1);
        let (low, high) = (
            numbers().fold(f64::INFINITY, f64::min),
            numbers().fold(f64::NEG_INFINITY, f64::max),
        );
        if low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "fewer points than 2^52")]
        let wanted = (data.points.len() as f64 / POINTS_OF_CELL)
            .sqrt()
            .clamp(FEWEST_BINS, MOST_BINS);
        let step = round_step((high - low) / wanted);
        let start = (low / step + 1e-9).floor();
        let count = ((high / step - 1e-9).ceil() - start).max(1.0);
        let suffix = match data.factors[factor].1 {
            Unit::Seconds => " s",
            Unit::PerSecond => "/s",
            Unit::Percent => " %",
            Unit::Number | Unit::Word => "",
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "about the number wanted"
        )]
        let names = (0..count as u32)
            .map(|bin| {
                let edge = |offset: f64| plain((start + f64::from(bin) + offset) * step, step);
                format!("{}–{}{suffix}", edge(0.0), edge(1.0))
            })
            .collect();
        Some(Self {
            names,
            places: BTreeMap::new(),
            step: Some((start * step, step)),
        })
    }

    /// Where a point belongs.
    fn place(&self, point: &DataPoint, factor: usize) -> usize {
        let (text, number) = &point.levels[factor];
        match (self.step, number) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "not below the start, and below the count"
            )]
            (Some((start, step)), Some(number)) => {
                (((number - start) / step).max(0.0) as usize).min(self.names.len() - 1)
            }
            _ => self.places[text],
        }
    }
}

/// The next larger of 1, 2, 2.5 and 5 times a power of ten.
fn round_step(width: f64) -> f64 {
    let powers = (-9..=15).map(|exponent| 10.0_f64.powi(exponent));
    let mut steps = powers.flat_map(|power| [1.0, 2.0, 2.5, 5.0].map(|digit| digit * power));
    steps.find(|step| *step >= width * (1.0 - 1e-9)).unwrap_or(width)
}

/// A multiple of a step without needless digits.
fn plain(value: f64, step: f64) -> String {
    let decimals = (0..9).find(|decimals| {
        let shifted = step * 10.0_f64.powi(*decimals);
        (shifted - shifted.round()).abs() < 1e-6
    });
    format!("{value:.*}", usize::try_from(decimals.unwrap_or(9)).unwrap_or(9))
}
