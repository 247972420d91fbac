//! Which inputs the answer depends on: a bar for each, the largest on top.

use crate::font::{self, Weight};
use crate::layout::Layout;
use crate::scale::{self, Room, Scale};
use crate::scene::{Anchor, Rect};
use crate::sheet::{Key, Sheet, Symbol};
use crate::theme::{LABEL_PX, Rgb, SMALL_PX};
use crate::{Picture, PlotError, check, number};

/// Lowest row, px.
const ROW_MIN_PX: f64 = 24.0;
/// Highest row, px.
const ROW_MAX_PX: f64 = 52.0;
/// Widest name, px.
const NAME_MAX_PX: f64 = 290.0;

/// A share of the outcome's variance with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Index {
    /// Estimate, 0 to 1; estimates may lie a little outside.
    pub mean: f64,
    /// Lower end of its interval; the estimate if there is none.
    pub low: f64,
    /// Upper end of its interval; the estimate if there is none.
    pub high: f64,
}

/// One input.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// What it was varied over: `3 s to 20 s`. May be empty.
    pub range: String,
    /// Share of the variance that it explains alone.
    pub first_order: Index,
    /// Share of the variance that is left if all other inputs are known: with its interactions.
    pub total: Index,
}

/// The figure's data.
#[derive(Debug, Clone, PartialEq)]
pub struct Tornado {
    /// Title of the picture.
    pub title: String,
    /// Second line: of which outcome. May be empty.
    pub subtitle: String,
    /// What the intervals are: `95 % bootstrap interval`. Empty if there are none.
    pub interval: String,
    /// The inputs in any order; those that do not fit are counted in a note.
    pub bars: Vec<Bar>,
}

impl Layout for Tornado {
    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn sheet(&self, picture: &Picture) -> Result<Sheet, PlotError> {
        check::filled("bars", self.bars.len(), 10_000)?;
        for (index, bar) in self.bars.iter().enumerate() {
            for (name, value) in [("first_order", bar.first_order), ("total", bar.total)] {
                let field = format!("bars[{index}].{name}");
                check::interval(&field, value.low, value.mean, value.high)?;
                check::within(&format!("{field}.low"), value.low, -10.0, 10.0)?;
                check::within(&format!("{field}.high"), value.high, -10.0, 10.0)?;
            }
        }
        Sheet::new(picture, &self.title, &self.subtitle)
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn lay_out(&self, sheet: &mut Sheet) -> Result<(), PlotError> {
        let theme = sheet.theme;
        let (alone, all) = (theme.series(0), theme.series(4));
        sheet.legend(&[
            Key::new(Symbol::Fill(all), "total: with interactions"),
            Key::new(Symbol::Fill(alone), "first order: alone"),
        ]);
        if !self.interval.is_empty() {
            sheet.note(&format!(
                "Lines across the ends of bars: {}.",
                self.interval.trim_end_matches('.')
            ));
        }
        let mut bars: Vec<&Bar> = self.bars.iter().collect();
        bars.sort_by(|a, b| b.total.mean.total_cmp(&a.total.mean).then(a.name.cmp(&b.name)));
        let capacity = |sheet: &Sheet| ((sheet.bottom - 44.0 - sheet.top - 4.0) / ROW_MIN_PX).max(1.0);
        if bars.len() as f64 > capacity(sheet) {
            let shown = (1..bars.len())
                .rev()
                .find(|count| *count as f64 <= capacity(sheet) - 1.0)
                .unwrap_or(1);
            let rest = &bars[shown..];
            let (count, most) = (rest.len(), number::significant(rest[0].total.mean * 100.0, 2));
            sheet.note(&format!(
                "{count} further inputs with a total of at most {most} % are not shown."
            ));
            bars.truncate(shown);
        }
        rows(sheet, &bars, alone, all);
        Ok(())
    }
}

/// A name in that many lines, broken at spaces or after dots.
fn broken(name: &str, lines: usize) -> Vec<String> {
    let whole = font::shorten(name, LABEL_PX, Weight::Regular, NAME_MAX_PX);
    if lines == 1 || !whole.ends_with('…') {
        return vec![whole];
    }
    let parts = font::wrap(&name.replace('.', ". "), LABEL_PX, Weight::Regular, NAME_MAX_PX, lines);
    parts.iter().map(|part| part.replace(". ", ".")).collect()
}

/// A row for each bar, and the axis below.
fn rows(sheet: &mut Sheet, bars: &[&Bar], alone: Rgb, all: Rgb) {
    let (top, bottom) = (sheet.top + 4.0, sheet.bottom - 44.0);
    let row = ((bottom - top) / bars.len() as f64).min(ROW_MAX_PX);
    // Two lines: the name and its range, or a long name in two.
    let lines = if row >= 2.2 * LABEL_PX { 2 } else { 1 };
    let has_ranges = lines == 2 && bars.iter().any(|bar| !bar.range.is_empty());
    let names: Vec<Vec<String>> = bars
        .iter()
        .map(|bar| broken(&bar.name, if has_ranges { 1 } else { lines }))
        .collect();
    let ranges: Vec<String> = bars
        .iter()
        .map(|bar| font::shorten(&bar.range, SMALL_PX, Weight::Regular, NAME_MAX_PX))
        .filter(|_| has_ranges)
        .collect();
    let width = |text: &String, size: f64| font::width(text, size, Weight::Regular);
    let widths = names.iter().flatten().map(|name| width(name, LABEL_PX));
    let widths = widths.chain(ranges.iter().map(|range| width(range, SMALL_PX)));
    let widest = widths.fold(0.0, f64::max);
    let panel = Rect::new(
        Sheet::LEFT + widest + 10.0,
        top,
        Sheet::RIGHT - 58.0,
        top + row * bars.len() as f64,
    );
    let ends = || bars.iter().flat_map(|bar| [bar.first_order, bar.total]);
    let low = ends().map(|index| index.low).fold(0.0, f64::min);
    let high = ends().map(|index| index.high).fold(0.0, f64::max).max(0.05);
    let x = Scale::linear(low, high * 1.02, panel.left, panel.right);
    sheet.x_axis(
        &panel,
        &scale::linear(&x, 100.0, Room::Across),
        "share of the outcome's variance (%)",
    );
    let zero = x.at(0.0);
    for (at, (bar, name)) in bars.iter().zip(&names).enumerate() {
        let middle = panel.top + (at as f64 + 0.5) * row;
        let colour = sheet.theme.text();
        let range = ranges.get(at).filter(|range| !range.is_empty());
        let count = name.len() + usize::from(range.is_some());
        let first = middle - (count as f64 - 1.0) / 2.0 * LABEL_PX * 1.15;
        for (line, text) in name.iter().enumerate() {
            let y = first + line as f64 * LABEL_PX * 1.15;
            sheet
                .scene
                .label((panel.left - 10.0, y), text, LABEL_PX, colour, Anchor::End);
        }
        if let Some(range) = range {
            let y = first + name.len() as f64 * LABEL_PX * 1.15;
            sheet.small((panel.left - 10.0, y), range, Anchor::End);
        }
        let half = row * 0.36;
        for (index, fill, from, to) in [(bar.total, all, -half, 0.0), (bar.first_order, alone, 0.0, half)] {
            let end = x.at(index.mean);
            let rect = Rect::new(zero.min(end), middle + from, zero.max(end), middle + to);
            sheet.scene.rect(rect, fill);
            if index.high > index.low {
                let y = middle + f64::midpoint(from, to);
                sheet
                    .scene
                    .line(vec![(x.at(index.low), y), (x.at(index.high), y)], colour, 1.5);
                for end in [index.low, index.high] {
                    sheet
                        .scene
                        .line(vec![(x.at(end), y - 3.0), (x.at(end), y + 3.0)], colour, 1.5);
                }
            }
        }
        // Estimates are not known to a thousandth.
        let value = format!("{} %", number::fixed(bar.total.mean * 100.0, 1));
        let right = panel.right + 8.0;
        sheet.strong((right, middle - half / 2.0), &value, Anchor::Start);
    }
    sheet
        .scene
        .line(vec![(zero, panel.top), (zero, panel.bottom)], sheet.theme.frame(), 1.0);
    sheet.small((panel.right + 8.0, panel.bottom + 31.0), "total", Anchor::Start);
}
