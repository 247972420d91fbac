//! The panels of compared counts, the one of what drives them, and the spans behind.

use super::{Compare, Panel};
use crate::font::{self, Weight};
use crate::scale::{self, Room, Scale, Tick};
use crate::scene::{Anchor, Rect, Shape};
use crate::sheet::{Key, LINE_PX, Sheet, Side, Symbol, beside};
use crate::theme::{Rgb, SMALL_PX};

/// Opacity of intervals, dense enough to be seen beside the spans.
const INTERVAL_ALPHA: f64 = 0.3;
/// Opacity of the spans.
const SPAN_ALPHA: f64 = 0.55;
/// Free on either side of a span, so that neighbours stay apart, px.
const SPAN_INSET_PX: f64 = 1.5;
/// Share of a bin's width that its interval takes.
const INTERVAL_SHARE: f64 = 0.8;
/// Space between two panels, px.
const GAP_PX: f64 = 14.0;
/// Height of the driver's panel, in those of the others.
const DRIVER_SHARE: f64 = 0.6;

pub(super) fn draw(data: &Compare, sheet: &mut Sheet) {
    legend(data, sheet);
    if !data.note.is_empty() {
        sheet.note(&data.note);
    }
    let named = data.spans.iter().any(|span| !span.name.is_empty());
    let top = sheet.top + if named { LINE_PX } else { 0.0 } + SMALL_PX / 2.0;
    let bottom = sheet.bottom - 44.0;
    let mut shares = vec![1.0; data.panels.len()];
    shares.extend(data.driver.as_ref().map(|_| DRIVER_SHARE));
    let free = bottom - top - GAP_PX * (shares.len() - 1) as f64;
    let unit = free / shares.iter().sum::<f64>();
    let mut y = top;
    let heights: Vec<(f64, f64)> = shares
        .iter()
        .map(|share| {
            let from = y;
            y += share * unit + GAP_PX;
            (from, from + share * unit)
        })
        .collect();
    let scales: Vec<(Scale, Vec<Tick>)> = highest(data)
        .into_iter()
        .zip(&heights)
        .map(|(high, &(top, bottom))| upright(high, top, bottom))
        .collect();
    let left = scales.iter().map(|(_, ticks)| beside(ticks)).fold(0.0, f64::max) + Sheet::LEFT;
    let x = Scale::linear(0.0, data.labels.len() as f64, left, Sheet::RIGHT - 8.0);
    let panels: Vec<Rect> = heights
        .iter()
        .map(|&(top, bottom)| Rect::new(x.from, top, x.to, bottom))
        .collect();

    spans(data, sheet, &x, &panels);
    let ticks = labelled(data, &x);
    let names = data
        .panels
        .iter()
        .map(|panel| &panel.name)
        .chain(data.driver.as_ref().map(|driver| &driver.name));
    for (index, (panel, name)) in panels.iter().zip(names).enumerate() {
        if index + 1 == panels.len() {
            sheet.x_axis(panel, &ticks, &data.axis);
        } else {
            let unlabelled = |tick: &Tick| Tick {
                at: tick.at,
                label: String::new(),
            };
            sheet.x_axis(panel, &ticks.iter().map(unlabelled).collect::<Vec<_>>(), "");
        }
        sheet.y_axis(panel, Side::Left, &scales[index].1, name);
    }
    for (panel, (y, _)) in data.panels.iter().zip(&scales) {
        compared(panel, sheet, &x, y);
    }
    if let (Some(driver), Some((y, _))) = (&data.driver, scales.last()) {
        let points = driver.values.iter().enumerate();
        let line = points
            .map(|(index, value)| (x.at(index as f64 + 0.5), y.at(*value)))
            .collect();
        sheet.scene.line(line, sheet.theme.muted(), 2.0);
    }
    for panel in &panels {
        sheet.frame(panel);
    }
}

fn legend(data: &Compare, sheet: &mut Sheet) {
    let (text, colours) = (sheet.theme.text(), colours(data, sheet));
    let of = |panel: &Panel, inside: bool| {
        panel
            .bins
            .iter()
            .any(|bin| bin.observed.is_some_and(|observed| bin.is_inside(observed) == inside))
    };
    let mut keys = vec![Key::new(
        Symbol::Marker(text, Shape::Disc),
        "observed, inside the interval",
    )];
    if data.panels.iter().any(|panel| of(panel, false)) {
        keys.push(Key::new(Symbol::Open(text, Shape::Diamond), "observed, outside"));
    }
    // One pair of entries in the first panel's colour stands for all: the shapes are the same.
    keys.push(Key::new(Symbol::Bar(colours[0]), "predicted mean"));
    let faint = sheet.theme.background().mixed(colours[0], INTERVAL_ALPHA);
    keys.push(Key::new(Symbol::Fill(faint), data.interval.clone()));
    sheet.legend(&keys);
}

fn colours(data: &Compare, sheet: &Sheet) -> Vec<Rgb> {
    data.panels
        .iter()
        .map(|panel| sheet.theme.status(panel.status))
        .collect()
}

/// The highest value of each panel.
fn highest(data: &Compare) -> Vec<f64> {
    let of = |panel: &Panel| {
        let bins = panel.bins.iter();
        bins.map(|bin| {
            bin.expected
                .high
                .max(bin.expected.mean)
                .max(bin.observed.unwrap_or(0.0))
        })
        .fold(0.0, f64::max)
    };
    let mut highest: Vec<f64> = data.panels.iter().map(of).collect();
    highest.extend(
        data.driver
            .as_ref()
            .map(|driver| driver.values.iter().copied().fold(0.0, f64::max)),
    );
    highest
}

fn upright(high: f64, top: f64, bottom: f64) -> (Scale, Vec<Tick>) {
    let scale = Scale::linear(0.0, if high > 0.0 { high * 1.08 } else { 1.0 }, bottom, top);
    let ticks = scale::linear(&scale, 1.0, Room::Up);
    (scale, ticks)
}

/// A tick at the start of every n-th bin, so that the labels keep their distance.
fn labelled(data: &Compare, x: &Scale) -> Vec<Tick> {
    let widest = data
        .labels
        .iter()
        .map(|label| font::width(label, SMALL_PX, Weight::Regular))
        .fold(0.0, f64::max);
    let bin = (x.to - x.from) / data.labels.len() as f64;
    let every = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
    let every = every
        .into_iter()
        .find(|every| f64::from(*every) * bin >= widest.min(160.0) + 16.0)
        .unwrap_or(1024);
    let labels = data
        .labels
        .iter()
        .enumerate()
        .step_by(usize::try_from(every).unwrap_or(1));
    let tick = |(index, label): (usize, &String)| Tick {
        at: x.at(index as f64),
        label: font::shorten(label, SMALL_PX, Weight::Regular, 160.0),
    };
    labels.map(tick).collect()
}

/// Shades behind all panels, their names above the first.
fn spans(data: &Compare, sheet: &mut Sheet, x: &Scale, panels: &[Rect]) {
    let row = panels[0].top - LINE_PX / 2.0 - 2.0;
    let inside = Rect::new(Sheet::LEFT, row - LINE_PX / 2.0, Sheet::RIGHT, row + LINE_PX / 2.0);
    for span in &data.spans {
        let from = x.at(span.first as f64) + SPAN_INSET_PX;
        let to = x.at(span.last as f64 + 1.0) - SPAN_INSET_PX;
        let colour = sheet.theme.grid();
        for panel in panels {
            sheet
                .scene
                .shade(Rect::new(from, panel.top, to, panel.bottom), colour, SPAN_ALPHA);
        }
        let name = font::shorten(&span.name, SMALL_PX, Weight::Regular, (to - from).max(60.0));
        sheet.plate((f64::midpoint(from, to), row), &name, Anchor::Middle, &inside);
    }
}

/// Interval, mean and measurement of each bin.
fn compared(panel: &Panel, sheet: &mut Sheet, x: &Scale, y: &Scale) {
    let (colour, text) = (sheet.theme.status(panel.status), sheet.theme.text());
    let half = INTERVAL_SHARE / 2.0;
    for (index, bin) in panel.bins.iter().enumerate() {
        let middle = index as f64 + 0.5;
        let (left, right) = (x.at(middle - half), x.at(middle + half));
        let (low, high, mean) = (y.at(bin.expected.low), y.at(bin.expected.high), y.at(bin.expected.mean));
        sheet
            .scene
            .shade(Rect::new(left, high, right, low), colour, INTERVAL_ALPHA);
        if bin.expected.high > 0.0 {
            sheet.scene.line(vec![(left, mean), (right, mean)], colour, 2.0);
        }
    }
    let radius = ((x.at(1.0) - x.at(0.0)) * 0.3).clamp(1.5, 4.0);
    for (index, bin) in panel.bins.iter().enumerate() {
        let Some(observed) = bin.observed else { continue };
        let at = (x.at(index as f64 + 0.5), y.at(observed));
        if bin.is_inside(observed) {
            sheet.scene.marker(at, Shape::Disc, radius, text);
        } else {
            sheet.scene.open_marker(at, Shape::Diamond, radius * 1.3, text);
        }
    }
}
