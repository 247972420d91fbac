//! What each setting costs and what it gains: the settings that no other beats, and the one that is advised.

use std::collections::BTreeSet;

use crate::font::{self, Weight};
use crate::layout::Layout;
use crate::log_zero::LogZero;
use crate::quantity::Quantity;
use crate::scale::{self, Room, Scale};
use crate::scene::{Rect, Shape};
use crate::sheet::{Key, Sheet, Side, Symbol};
use crate::theme::{Rgb, SMALL_PX};
use crate::{Picture, PlotError, check};

/// Widest label of a point, px.
const LABEL_MAX_PX: f64 = 240.0;
/// Most labels.
const LABELS_MAX: usize = 40;
/// Room for markers between the ends of the panel and the lowest and highest cost, px.
const INSET_PX: f64 = 14.0;
/// Points closer than this share one label, px.
const SAME_PX: f64 = 3.0;
/// With more points than this, markers are small and those at one place are drawn once.
const LARGE_MAX: usize = 60;

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// What it costs, in the unit of `cost`.
    pub cost: f64,
    /// What comes of it, in the unit of `outcome`; less is better.
    pub value: f64,
    /// Upper bound of that, in the same unit and not below it; drawn as a whisker.
    pub high: Option<f64>,
    /// What it is: `preStop 15 s, interval 5 s`. Drawn for efficient points where there is room.
    pub label: String,
    /// Whether no other setting is at least as good in both.
    pub is_efficient: bool,
    /// Whether it is the one to choose.
    pub is_advised: bool,
}

/// The figure's data.
#[derive(Debug, Clone, PartialEq)]
pub struct TradeOff {
    /// Title of the picture.
    pub title: String,
    /// Second line; may be empty.
    pub subtitle: String,
    /// What is paid.
    pub cost: Quantity,
    /// What is to be small.
    pub outcome: Quantity,
    /// The settings, in any order.
    pub points: Vec<Point>,
    /// Whether the outcome's axis is logarithmic; its values must then not be negative.
    pub log_value: bool,
    /// A level of the outcome to reach, drawn as a line.
    pub target: Option<f64>,
    /// What the advised setting is called in the legend: `advised`, or `best found` where it is not good enough.
    pub advised: String,
    /// What the upper bounds of the points are: `at most, with 95 % confidence`. Stands in the legend where there is one.
    pub bound: String,
}

/// The points, each marked as efficient if no other is at least as good in both and better in one.
pub fn with_efficient(mut points: Vec<Point>) -> Vec<Point> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&points[a], &points[b]);
        a.cost.total_cmp(&b.cost).then(a.value.total_cmp(&b.value))
    });
    // The least value of all that cost less, and of those that cost the same: the first of them.
    let (mut cheaper, mut same): (f64, Option<(f64, f64)>) = (f64::INFINITY, None);
    for index in order {
        let (cost, value) = (points[index].cost, points[index].value);
        let least = match same {
            Some((known, least)) if known >= cost => least,
            Some((_, least)) => {
                cheaper = least.min(cheaper);
                value
            }
            None => value,
        };
        same = Some((cost, least));
        points[index].is_efficient = value < cheaper && value <= least;
    }
    points
}

impl Layout for TradeOff {
    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn sheet(&self, picture: &Picture) -> Result<Sheet, PlotError> {
        check::filled("points", self.points.len(), check::POINTS_MAX)?;
        for (index, point) in self.points.iter().enumerate() {
            check::number(&format!("points[{index}].cost"), point.cost)?;
            let field = format!("points[{index}].value");
            check::number(&field, point.value)?;
            if let Some(high) = point.high {
                let field = format!("points[{index}].high");
                check::number(&field, high)?;
                check::not_below(&field, high, point.value)?;
            }
            if self.log_value {
                check::not_negative(&field, point.value)?;
            }
        }
        if let Some(target) = self.target {
            check::number("target", target)?;
            if self.log_value {
                check::not_negative("target", target)?;
            }
        }
        Sheet::new(picture, &self.title, &self.subtitle)
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn lay_out(&self, sheet: &mut Sheet) -> Result<(), PlotError> {
        let theme = sheet.theme;
        let (good, best, other) = (theme.series(0), theme.series(1), theme.frame());
        let mut keys = vec![Key::new(
            Symbol::Line(good, None, Some(Shape::Disc)),
            "efficient: no other is better in both",
        )];
        if self.points.iter().any(|point| !point.is_efficient && !point.is_advised) {
            keys.push(Key::new(Symbol::Open(other, Shape::Disc), "beaten by another"));
        }
        if self.points.iter().any(|point| point.is_advised) {
            keys.push(Key::new(Symbol::Marker(best, Shape::Diamond), self.advised.as_str()));
        }
        if self.points.iter().any(|point| point.high.is_some()) {
            keys.push(Key::new(Symbol::Tick(good), self.bound.as_str()));
        }
        sheet.legend(&keys);
        let costs = || self.points.iter().map(|point| point.cost);
        let (low, high) = (
            costs().fold(f64::INFINITY, f64::min),
            costs().fold(f64::NEG_INFINITY, f64::max),
        );
        if low >= high && self.points.len() > 1 {
            sheet.note("All settings cost the same.");
        }

        let all = self.points.iter().flat_map(|point| [Some(point.value), point.high]);
        let values: Vec<f64> = all.flatten().chain(self.target).collect();
        let largest = values.iter().map(|value| value.abs()).fold(0.0, f64::max);
        let outcome = self.outcome.shown(largest);
        let axis = |bottom: f64, top: f64| LogZero::new(&values, self.log_value, bottom, top);
        let (panel, y_ticks) = sheet.panel(|bottom, top| axis(bottom, top).ticks(self.log_value, outcome.factor));
        let y = axis(panel.bottom, panel.top);
        let x = if low < high {
            Scale::linear(low, high, panel.left + INSET_PX, panel.right - INSET_PX)
        } else {
            // All cost the same: from nothing to twice that, and there is no negative cost to show.
            let (from, to) = (low.min(0.0), (high * 2.0).max(1.0));
            Scale::linear(from, to, panel.left + INSET_PX, panel.right - INSET_PX)
        };
        let cost = self.cost.shown(high.abs().max(low.abs()));
        sheet.x_axis(&panel, &scale::linear(&x, cost.factor, Room::Across), &cost.title);
        sheet.y_axis(&panel, Side::Left, &y_ticks, &outcome.title);
        if let Some(top) = y.strip_top() {
            sheet
                .scene
                .shade(Rect::new(panel.left, top, panel.right, panel.bottom), theme.grid(), 0.6);
        }
        sheet.frame(&panel);

        let first = sheet.scene.marks.len();
        let mut efficient: Vec<&Point> = self.points.iter().filter(|point| point.is_efficient).collect();
        efficient.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(b.value.total_cmp(&a.value)));
        let mut steps = Vec::new();
        for pair in efficient.windows(2) {
            // Paying more gains nothing until the next setting is reached.
            steps.push((x.at(pair[0].cost), y.at(pair[0].value)));
            steps.push((x.at(pair[1].cost), y.at(pair[0].value)));
        }
        steps.extend(efficient.last().map(|last| (x.at(last.cost), y.at(last.value))));
        sheet.scene.line(steps, good, 2.0);
        let all = self.points.len() <= LARGE_MAX;
        let has_whisker = |point: &&Point| all || point.is_efficient || point.is_advised;
        for point in self.points.iter().filter(has_whisker) {
            let colour = match (point.is_advised, point.is_efficient) {
                (true, _) => best,
                (false, true) => good,
                (false, false) => other,
            };
            whisker(sheet, (&x, &y), point, colour);
        }
        let (open, filled) = if self.points.len() > LARGE_MAX {
            (2.0, 3.5)
        } else {
            (4.0, 5.0)
        };
        let place = |point: &Point| (x.at(point.cost), y.at(point.value));
        for at in apart(self.points.iter().filter(|point| !point.is_efficient).map(place)) {
            sheet.scene.open_marker(at, Shape::Disc, open, other);
        }
        for at in apart(efficient.iter().map(|point| place(point))) {
            sheet.scene.marker(at, Shape::Disc, filled, good);
        }
        for point in self.points.iter().filter(|point| point.is_advised) {
            sheet
                .scene
                .marker((x.at(point.cost), y.at(point.value)), Shape::Diamond, 8.0, best);
        }
        let inside = Rect::new(panel.left + 4.0, panel.top, panel.right - 2.0, panel.bottom - 3.0);
        if let Some(target) = self.target {
            let at = y.at(target);
            sheet
                .scene
                .dashed(&[(panel.left, at), (panel.right, at)], theme.text(), 1.5, (5.0, 4.0));
            let text = format!("target {}", self.outcome.write(target));
            sheet.line_label(&panel, at, &text, first);
        }
        self.labels(sheet, &x, &y, &inside, first);
        Ok(())
    }
}

/// Those of the places that are a pixel apart.
fn apart(places: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    #[allow(clippy::cast_possible_truncation, reason = "pixels of a picture")]
    let pixel = |&(x, y): &(f64, f64)| (libm::round(x) as i32, libm::round(y) as i32);
    let mut taken = BTreeSet::new();
    places.filter(|at| taken.insert(pixel(at))).collect()
}

/// From a point's value up to its upper bound; dashed from a zero, which has no place on a logarithmic axis.
fn whisker(sheet: &mut Sheet, (x, y): (&Scale, &LogZero), point: &Point, colour: Rgb) {
    let Some(high) = point.high.filter(|high| *high > point.value) else {
        return;
    };
    let (at, from, to) = (x.at(point.cost), y.at(point.value), y.at(high));
    if y.zero.is_some() && point.value <= 0.0 {
        sheet.scene.dashed(&[(at, from), (at, to)], colour, 1.5, (3.0, 3.0));
    } else {
        sheet.scene.line(vec![(at, from), (at, to)], colour, 1.5);
    }
    sheet.scene.line(vec![(at - 4.0, to), (at + 4.0, to)], colour, 1.5);
}

impl TradeOff {
    /// Names of the advised and the efficient settings, each where it touches neither text nor marker, if anywhere.
    fn labels(&self, sheet: &mut Sheet, x: &Scale, y: &LogZero, inside: &Rect, first: usize) {
        let mut named: Vec<&Point> = self
            .points
            .iter()
            .filter(|point| point.is_efficient || point.is_advised)
            .collect();
        named.sort_by(|a, b| b.is_advised.cmp(&a.is_advised).then(a.cost.total_cmp(&b.cost)));
        let place = |point: &Point| (x.at(point.cost), y.at(point.value));
        let mut places: Vec<((f64, f64), &Point, usize)> = Vec::new();
        for point in named {
            let (px, py) = place(point);
            let is_there = |(x, y): (f64, f64)| (x - px).abs() < SAME_PX && (y - py).abs() < SAME_PX;
            match places.iter().position(|(at, ..)| is_there(*at)) {
                Some(index) => places[index].2 += 1,
                None if places.len() < LABELS_MAX => places.push(((px, py), point, 0)),
                None => {}
            }
        }
        for ((px, py), point, others) in places {
            let more = match others {
                0 => String::new(),
                1 => " and 1 more".to_owned(),
                _ => format!(" and {others} more"),
            };
            let room = LABEL_MAX_PX - font::width(&more, SMALL_PX, Weight::Regular);
            let text = font::shorten(&point.label, SMALL_PX, Weight::Regular, room) + &more;
            let width = font::width(&text, SMALL_PX, Weight::Regular);
            // The diamond is wider than the others.
            let beside = if point.is_advised { 15.0 } else { 11.0 };
            // Below and to the left of an efficient setting there is no other.
            let places = [
                (px - width - 9.0, py + 12.0),
                (px - width - beside, py + 1.0),
                (px - width / 2.0, py + 18.0),
                (px + beside, py + 1.0),
                (px + 11.0, py - 12.0),
                (px - width / 2.0, py - 17.0),
                (px + 11.0, py + 14.0),
            ];
            // An advised setting is named wherever it fits, any other only where its name hides nothing.
            let clear: Vec<(f64, f64)> = places
                .into_iter()
                .filter(|&(left, middle)| {
                    let half = SMALL_PX / 2.0;
                    let bounds = Rect::new(left, middle - half, left + width, middle + half);
                    point.is_advised || sheet.scene.is_clear(&bounds, first)
                })
                .collect();
            sheet.place(&clear, &text, inside, first);
        }
    }
}
