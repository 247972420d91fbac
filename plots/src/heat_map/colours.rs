//! What colour a value has: the cells, and the bar that explains them.

use super::{BAR_GAP_PX, HeatMap};
use crate::font::{self, Weight};
use crate::number;
use crate::quantity::Quantity;
use crate::scale::{self, Room, Scale, Tick};
use crate::scene::{Anchor, Rect};
use crate::sheet::{Sheet, Side};
use crate::theme::{Rgb, SMALL_PX, Theme};

/// Width of the colour bar, px.
pub(super) const BAR_PX: f64 = 16.0;
/// Cells lower or narrower than this touch each other, px.
const FINE_PX: f64 = 7.0;

/// The colour bar.
pub(super) struct Colours {
    scale: Scale,
    pub(super) ticks: Vec<Tick>,
    /// Number shown for a value of 1.
    factor: f64,
    log: bool,
    has_zero: bool,
    /// Whether any value has a colour of the scale.
    has_scale: bool,
}

impl Colours {
    pub(super) fn new(map: &HeatMap, bottom: f64, top: f64) -> Self {
        let values = || map.cells.iter().flatten().flatten().copied();
        let log = map.log_colour;
        let has_zero = log && values().any(|value| value <= 0.0);
        let shown = values().filter(|value| !log || *value > 0.0);
        let (low, high) = shown.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let has_scale = low <= high;
        let (low, high) = if has_scale { (low, high) } else { (0.1, 1.0) };
        let bottom = if has_zero { bottom - 24.0 } else { bottom };
        let scale = if log {
            Scale::log(low.max(high / 1e9), high, bottom, top)
        } else {
            Scale::linear(low, high, bottom, top)
        };
        let factor = map.outcome.shown(high.abs().max(low.abs())).factor;
        let mut ticks = if log {
            scale::logarithmic(&scale, factor, Room::Up)
        } else {
            scale::linear(&scale, factor, Room::Up)
        };
        if has_zero {
            let zero = Tick {
                at: bottom + 16.0,
                label: "0".to_owned(),
            };
            ticks.retain(|_| has_scale);
            ticks = scale::labelled(std::iter::once(zero).chain(ticks).collect(), Room::Up);
        }
        Self {
            scale,
            ticks,
            factor,
            log,
            has_zero,
            has_scale,
        }
    }

    fn of(&self, value: f64, theme: Theme) -> Rgb {
        if self.log && value <= 0.0 {
            return theme.grid();
        }
        let position = (self.scale.at(value) - self.scale.from) / (self.scale.to - self.scale.from);
        Theme::level(position)
    }

    /// The cells of a panel, row by row from its bottom.
    pub(super) fn cells(&self, sheet: &mut Sheet, panel: &Rect, cells: &[Vec<Option<f64>>]) {
        let columns = cells.first().map_or(1, Vec::len).max(1);
        let (width, height) = (
            panel.width() / columns as f64,
            panel.height() / cells.len().max(1) as f64,
        );
        let is_fine = width < FINE_PX || height < FINE_PX;
        for (row, cells) in cells.iter().enumerate() {
            let bottom = panel.bottom - row as f64 * height;
            if is_fine {
                self.fine(sheet, panel, (bottom - height, bottom), cells);
                continue;
            }
            for (column, value) in cells.iter().enumerate() {
                let left = panel.left + column as f64 * width;
                let cell = Rect::new(left + 0.5, bottom - height + 0.5, left + width - 0.5, bottom - 0.5);
                self.cell(sheet, &cell, *value);
            }
        }
    }

    /// A row of cells that touch: neighbours of one colour are one rectangle, and what was not run stays empty.
    fn fine(&self, sheet: &mut Sheet, panel: &Rect, (top, bottom): (f64, f64), cells: &[Option<f64>]) {
        let width = panel.width() / cells.len() as f64;
        let mut column = 0;
        let theme = sheet.theme;
        let colours: Vec<Option<Rgb>> = cells
            .iter()
            .map(|value| value.map(|value| self.of(value, theme)))
            .collect();
        for same in colours.chunk_by(|one, other| one == other) {
            let left = panel.left + column as f64 * width;
            column += same.len();
            if let Some(fill) = same[0] {
                // A little larger than its share, so that no seam shows; the next in the row and above covers it.
                let right = (panel.left + column as f64 * width + 0.5).min(panel.right);
                let cell = Rect::new(left, (top - 0.5).max(panel.top), right, bottom);
                sheet.scene.rect(cell, fill);
            }
        }
    }

    /// A cell and its value.
    fn cell(&self, sheet: &mut Sheet, cell: &Rect, value: Option<f64>) {
        let Some(value) = value else {
            sheet.scene.frame(*cell, sheet.theme.grid(), 1.0);
            if cell.width() >= 50.0 && cell.height() >= 15.0 {
                let middle = (
                    f64::midpoint(cell.left, cell.right),
                    f64::midpoint(cell.top, cell.bottom),
                );
                sheet.small(middle, "not run", Anchor::Middle);
            }
            return;
        };
        let fill = self.of(value, sheet.theme);
        sheet.scene.rect(*cell, fill);
        // In the unit of the bar beside, in two digits that count, or in one where there is no room for more.
        let shown = value * self.factor;
        let mut texts = [2, 1].into_iter().map(|digits| number::significant(shown, digits));
        let fits = |text: &String| font::width(text, SMALL_PX, Weight::Regular) <= cell.width() - 4.0;
        if let Some(text) = texts.find(|text| cell.height() >= 15.0 && fits(text)) {
            let middle = (
                f64::midpoint(cell.left, cell.right),
                f64::midpoint(cell.top, cell.bottom),
            );
            sheet
                .scene
                .label(middle, &text, SMALL_PX, fill.readable(), Anchor::Middle);
        }
    }

    /// The bar beside the panel.
    pub(super) fn bar(&self, sheet: &mut Sheet, panel: &Rect, outcome: &Quantity) {
        let (left, right) = (panel.right + BAR_GAP_PX, panel.right + BAR_GAP_PX + BAR_PX);
        let steps = 64;
        for step in (0..steps).filter(|_| self.has_scale) {
            let place =
                |step: i32| self.scale.from + (self.scale.to - self.scale.from) * f64::from(step) / f64::from(steps);
            let colour = Theme::level((f64::from(step) + 0.5) / f64::from(steps));
            // A little taller than its share, so that no seam shows between two.
            let top = (place(step + 1) - 0.5).max(self.scale.to);
            sheet.scene.rect(Rect::new(left, top, right, place(step)), colour);
        }
        if self.has_zero {
            let zero = Rect::new(left, self.scale.from + 8.0, right, panel.bottom);
            sheet.scene.rect(zero, sheet.theme.grid());
        }
        let bar = Rect::new(left, panel.top, right, panel.bottom);
        let largest = self.scale.high.abs().max(self.scale.low.abs());
        sheet.y_axis(&bar, Side::Right, &self.ticks, &outcome.shown(largest).title);
    }
}
