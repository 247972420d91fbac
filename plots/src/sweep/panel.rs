//! Lines, bands, whiskers, and the marks of zeros.

use super::{Point, Series, Sweep};
use crate::log_zero::LogZero;
use crate::scale::{self, Room, Scale};
use crate::scene::{Rect, Shape};
use crate::sheet::{Key, Sheet, Side, Symbol};
use crate::theme::Rgb;

/// With more points than this, intervals are bands and no whiskers.
const WHISKERS_MAX: usize = 25;
/// How much further apart marks of zeros stand than whiskers.
const ZEROS_APART: f64 = 2.5;
/// Dashes of lines after the first.
const DASHES: [Option<(f64, f64)>; 4] = [None, Some((8.0, 3.0)), Some((2.0, 2.5)), Some((10.0, 3.0))];

pub(super) fn draw(data: &Sweep, sheet: &mut Sheet) {
    let theme = sheet.theme;
    let has_zero = data.log_y && data.points().any(|point| point.mean <= 0.0);
    let mut keys: Vec<Key> = Vec::new();
    for (index, series) in data.series.iter().enumerate() {
        if data.series.len() > 1 || !series.name.is_empty() {
            let symbol = Symbol::Line(theme.series(index), DASHES[index % 4], Some(Shape::of(index)));
            keys.push(Key::new(symbol, series.name.clone()));
        }
    }
    if has_zero {
        let symbol = Symbol::Open(theme.text(), Shape::Down);
        keys.push(Key::new(symbol, "none seen: upper end of the interval"));
    }
    sheet.legend_title(&data.series_name);
    sheet.legend(&keys);
    // Of several lines each would cover those of the others.
    let longest = data.series.iter().map(|series| series.points.len()).max();
    let has_band = data.series.len() == 1 || longest > Some(WHISKERS_MAX);
    if !data.interval.is_empty() {
        let marks = match (has_band, longest > Some(WHISKERS_MAX)) {
            (false, _) => "Bars",
            (true, false) => "Bars and bands",
            (true, true) => "Bands",
        };
        sheet.note(&format!("{marks}: {}.", data.interval.trim_end_matches('.')));
    }

    let values: Vec<f64> = data
        .points()
        .flat_map(|point| [point.low, point.mean, point.high])
        .chain(data.target)
        .filter(|value| !data.log_y || *value > 0.0 || has_zero)
        .collect();
    let largest = values.iter().map(|value| value.abs()).fold(0.0, f64::max);
    let outcome = data.outcome.shown(largest);
    let axis = |bottom: f64, top: f64| LogZero::new(&values, data.log_y, bottom, top);
    let (panel, y_ticks) = sheet.panel(|bottom, top| axis(bottom, top).ticks(data.log_y, outcome.factor));
    let y = axis(panel.bottom, panel.top);
    let low = data.points().map(|point| point.x).fold(f64::INFINITY, f64::min);
    let high = data.points().map(|point| point.x).fold(f64::NEG_INFINITY, f64::max);
    let pad = (high - low) * 0.03;
    let x = Scale::linear(low - pad, high + pad, panel.left, panel.right);
    let factor = data.factor.shown(high.abs().max(low.abs()));

    sheet.x_axis(&panel, &scale::linear(&x, factor.factor, Room::Across), &factor.title);
    sheet.y_axis(&panel, Side::Left, &y_ticks, &outcome.title);
    if let Some(top) = y.strip_top() {
        sheet
            .scene
            .shade(Rect::new(panel.left, top, panel.right, panel.bottom), theme.grid(), 0.6);
    }
    sheet.frame(&panel);
    let first = sheet.scene.marks.len();
    for (index, series) in data.series.iter().enumerate() {
        let colour = theme.series(index);
        let mut line = Line {
            sheet,
            x: &x,
            y: &y,
            colour,
            shape: Shape::of(index),
        };
        if has_band {
            line.band(series, data.log_y);
        }
        // Whiskers of several lines, and marks of zeros, stand beside each other.
        let shift = (index as f64 - (data.series.len() - 1) as f64 / 2.0) * 3.0;
        line.connect(series, DASHES[index % 4], shift);
        line.points(series, data.log_y, shift);
    }
    if let Some(target) = data.target {
        let at = y.at(target);
        let text = format!("target {}", data.outcome.write(target));
        sheet.line_label(&panel, at, &text, first);
        sheet
            .scene
            .dashed(&[(panel.left, at), (panel.right, at)], theme.text(), 1.5, (5.0, 4.0));
    }
}

struct Line<'a> {
    sheet: &'a mut Sheet,
    x: &'a Scale,
    y: &'a LogZero,
    colour: Rgb,
    shape: Shape,
}

impl Line<'_> {
    /// A band between the ends of the intervals, over stretches without zeros.
    fn band(&mut self, series: &Series, log: bool) {
        let is_zero = |point: &Point| log && point.mean <= 0.0;
        let has_width = series.points.iter().any(|point| point.high > point.low);
        for stretch in series.points.split(is_zero).filter(|_| has_width) {
            let place = |point: &Point| [self.x.at(point.x), self.y.at(point.low), self.y.at(point.high)];
            self.sheet
                .scene
                .area(stretch.iter().map(place).collect(), self.colour, 0.16);
        }
    }

    /// The line through the means; thin and dotted to and from zeros, which have no place on the scale.
    fn connect(&mut self, series: &Series, dash: Option<(f64, f64)>, shift: f64) {
        let (x, y) = (self.x, self.y);
        let is_zero = |point: &Point| y.zero.is_some() && point.mean <= 0.0;
        let place = |point: &Point| {
            let shift = if is_zero(point) { shift * ZEROS_APART } else { 0.0 };
            (x.at(point.x) + shift, y.at(point.mean))
        };
        for stretch in series.points.split(is_zero) {
            let line: Vec<_> = stretch.iter().map(place).collect();
            match dash {
                None => self.sheet.scene.line(line, self.colour, 2.0),
                Some(dash) => self.sheet.scene.dashed(&line, self.colour, 2.0, dash),
            }
        }
        for pair in series.points.windows(2) {
            if is_zero(&pair[0]) != is_zero(&pair[1]) {
                let line = [place(&pair[0]), place(&pair[1])];
                self.sheet.scene.dashed(&line, self.colour, 1.2, (1.5, 3.0));
            }
        }
    }

    /// A marker for each mean, with whiskers unless there are too many.
    fn points(&mut self, series: &Series, log: bool, shift: f64) {
        let whiskers = series.points.len() <= WHISKERS_MAX;
        for point in &series.points {
            let (x, mean) = (self.x.at(point.x), self.y.at(point.mean));
            let (low, high) = (self.y.at(point.low), self.y.at(point.high));
            if log && point.mean <= 0.0 {
                let x = x + shift * ZEROS_APART;
                if point.high > 0.0 {
                    self.sheet
                        .scene
                        .dashed(&[(x, mean), (x, high)], self.colour, 1.2, (3.0, 3.0));
                    self.sheet.scene.open_marker((x, high), Shape::Down, 5.0, self.colour);
                }
                self.sheet.scene.open_marker((x, mean), self.shape, 4.5, self.colour);
                continue;
            }
            if whiskers && point.high > point.low {
                let at = x + shift;
                for (from, to) in [
                    ((at, low), (at, high)),
                    ((at - 4.0, low), (at + 4.0, low)),
                    ((at - 4.0, high), (at + 4.0, high)),
                ] {
                    self.sheet.scene.line(vec![from, to], self.colour, 1.5);
                }
            }
            let radius = if whiskers { 4.5 } else { 2.5 };
            self.sheet.scene.marker((x, mean), self.shape, radius, self.colour);
        }
    }
}
