//! Lines, bands, whiskers, and the marks of zeros.

use super::{Point, Series, Sweep};
use crate::log_zero::LogZero;
use crate::scale::{self, Room, Scale};
use crate::scene::{Rect, Shape};
use crate::sheet::{Key, Sheet, Side, Symbol};
use crate::theme::Rgb;

/// With more points than this, intervals are bands and no whiskers.
const WHISKERS_MAX: usize = 25;
/// Distance of the whiskers of two lines at one level, px.
const ASIDE_PX: f64 = 3.0;
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
        let aside = if data.series.len() > 1 && (!has_band || has_zero) {
            ", a little aside so that none covers another"
        } else {
            ""
        };
        sheet.note(&format!("{marks}: {}{aside}.", data.interval.trim_end_matches('.')));
    }

    let values: Vec<f64> = data
        .points()
        .flat_map(|point| [point.low, point.mean, point.high])
        .chain(data.target)
        .filter(|value| !data.log_y || *value > 0.0 || has_zero)
        .collect();
    let largest = values.iter().map(|value| value.abs()).fold(0.0, f64::max);
    let outcome = data.outcome.shown(largest);
    // Zeros of several lines at one level stand above each other.
    let has_zero = |series: &&Series| series.points.iter().any(|point| data.log_y && point.mean <= 0.0);
    let rows = data.series.iter().filter(has_zero).count();
    let axis = |bottom: f64, top: f64| LogZero::with_rows(&values, data.log_y, rows, bottom, top);
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
    let mut row = 0;
    let lines: Vec<Line> = data
        .series
        .iter()
        .enumerate()
        .map(|(index, series)| {
            let line = Line {
                series,
                x: &x,
                y: &y,
                zero: y.zero_of(row),
                log: data.log_y,
                colour: theme.series(index),
                dash: DASHES[index % 4],
                shape: Shape::of(index),
                shift: (index as f64 - (data.series.len() - 1) as f64 / 2.0) * ASIDE_PX,
            };
            row += usize::from(has_zero(&series));
            line
        })
        .collect();
    for line in &lines {
        if has_band {
            line.band(sheet);
        }
        line.connect(sheet);
    }
    for line in &lines {
        line.whiskers(sheet);
    }
    for line in &lines {
        line.markers(sheet);
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
    series: &'a Series,
    x: &'a Scale,
    y: &'a LogZero,
    /// Where its zeros lie.
    zero: f64,
    log: bool,
    colour: Rgb,
    dash: Option<(f64, f64)>,
    shape: Shape,
    /// How far its whiskers stand beside their markers, px.
    shift: f64,
}

impl Line<'_> {
    fn is_zero(&self, point: &Point) -> bool {
        self.log && point.mean <= 0.0
    }

    fn place(&self, point: &Point) -> (f64, f64) {
        let y = if self.is_zero(point) {
            self.zero
        } else {
            self.y.at(point.mean)
        };
        (self.x.at(point.x), y)
    }

    fn has_whiskers(&self) -> bool {
        self.series.points.len() <= WHISKERS_MAX
    }

    /// A band between the ends of the intervals, over stretches without zeros.
    fn band(&self, sheet: &mut Sheet) {
        let has_width = self.series.points.iter().any(|point| point.high > point.low);
        for stretch in self.stretches().filter(|_| has_width) {
            let place = |point: &Point| [self.x.at(point.x), self.y.at(point.low), self.y.at(point.high)];
            sheet.scene.area(stretch.iter().map(place).collect(), self.colour, 0.16);
        }
    }

    /// Points between zeros.
    fn stretches(&self) -> impl Iterator<Item = &[Point]> {
        self.series.points.split(|point| self.is_zero(point))
    }

    /// The line through the means; thin and dotted to and from zeros, which have no place on the scale.
    fn connect(&self, sheet: &mut Sheet) {
        for stretch in self.stretches() {
            let line: Vec<_> = stretch.iter().map(|point| self.place(point)).collect();
            match self.dash {
                None => sheet.scene.line(line, self.colour, 2.0),
                Some(dash) => sheet.scene.dashed(&line, self.colour, 2.0, dash),
            }
        }
        for pair in self.series.points.windows(2) {
            if self.is_zero(&pair[0]) != self.is_zero(&pair[1]) {
                let line = [self.place(&pair[0]), self.place(&pair[1])];
                sheet.scene.dashed(&line, self.colour, 1.2, (1.5, 3.0));
            }
        }
    }

    /// The intervals, unless there are too many; of a zero always the upper end.
    fn whiskers(&self, sheet: &mut Sheet) {
        for point in &self.series.points {
            let at = self.x.at(point.x) + self.shift;
            let (low, high) = (self.y.at(point.low), self.y.at(point.high));
            if self.is_zero(point) {
                if point.high > 0.0 {
                    let line = [self.place(point), (at, high)];
                    sheet.scene.dashed(&line, self.colour, 1.2, (3.0, 3.0));
                    sheet.scene.open_marker((at, high), Shape::Down, 5.0, self.colour);
                }
            } else if self.has_whiskers() && point.high > point.low {
                for (from, to) in [
                    ((at, low), (at, high)),
                    ((at - 4.0, low), (at + 4.0, low)),
                    ((at - 4.0, high), (at + 4.0, high)),
                ] {
                    sheet.scene.line(vec![from, to], self.colour, 1.5);
                }
            }
        }
    }

    /// A marker for each mean, at its level.
    fn markers(&self, sheet: &mut Sheet) {
        let radius = if self.has_whiskers() { 4.5 } else { 2.5 };
        for point in &self.series.points {
            let at = self.place(point);
            if self.is_zero(point) {
                sheet.scene.open_marker(at, self.shape, 4.5, self.colour);
            } else {
                sheet.scene.marker(at, self.shape, radius, self.colour);
            }
        }
    }
}
