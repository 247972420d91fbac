//! Two factors against an outcome: a coloured cell for each combination, its value in it where there is room.
//!
//! Values have the unit of the colour bar, so that they are short enough for narrow cells.

use crate::font::{self, Weight};
use crate::layout::Layout;
use crate::quantity::Quantity;
use crate::scale::{self, Room, Scale, Tick};
use crate::scene::{Anchor, Rect};
use crate::sheet::{Sheet, Side, beside};
use crate::theme::{Rgb, SMALL_PX, Theme};
use crate::{Picture, PlotError, check, number};

/// Most levels of a factor.
const LEVELS_MAX: usize = 60;
/// Widest name of a level beside the cells, px.
const NAME_MAX_PX: f64 = 120.0;
/// Width of the colour bar, px.
const BAR_PX: f64 = 16.0;

/// A factor and its levels.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// Name of the factor, with its unit if the levels' names have none.
    pub name: String,
    /// Name of each level: `15 s`, `round_robin`. One to sixty.
    pub levels: Vec<String>,
}

/// The figure's data.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    /// Title of the picture.
    pub title: String,
    /// Second line; may be empty.
    pub subtitle: String,
    /// Factor across.
    pub x: Levels,
    /// Factor upwards, its first level at the bottom.
    pub y: Levels,
    /// What the colours show.
    pub outcome: Quantity,
    /// Mean of the outcome, in its unit: a row for each level of `y` with a cell for each level of `x`. Nothing for
    /// combinations that were not run.
    pub cells: Vec<Vec<Option<f64>>>,
    /// Whether equal ratios, not equal differences, are equally far apart in colour. Zeros then have a colour of
    /// their own, and there may be no negative value.
    pub log_colour: bool,
}

impl Layout for HeatMap {
    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn sheet(&self, picture: &Picture) -> Result<Sheet, PlotError> {
        check::filled("x.levels", self.x.levels.len(), LEVELS_MAX)?;
        check::filled("y.levels", self.y.levels.len(), LEVELS_MAX)?;
        check::length("cells", self.cells.len(), self.y.levels.len())?;
        for (row, cells) in self.cells.iter().enumerate() {
            check::length(&format!("cells[{row}]"), cells.len(), self.x.levels.len())?;
            for (column, value) in cells.iter().enumerate() {
                let field = format!("cells[{row}][{column}]");
                match value {
                    Some(value) if self.log_colour => check::not_negative(&field, *value)?,
                    Some(value) => check::number(&field, *value)?,
                    None => {}
                }
            }
        }
        Sheet::new(picture, &self.title, &self.subtitle)
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn lay_out(&self, sheet: &mut Sheet) -> Result<(), PlotError> {
        let names = self
            .y
            .levels
            .iter()
            .map(|name| font::width(name, SMALL_PX, Weight::Regular));
        let names = names.fold(0.0, f64::max).min(NAME_MAX_PX);
        let (top, bottom) = (sheet.top + 8.0, sheet.bottom - 44.0);
        let colours = Colours::new(self, bottom, top);
        let bar_room = BAR_PX + 14.0 + beside(&colours.ticks);
        let left = Sheet::LEFT + 26.0 + names;
        let panel = Rect::new(left, top, Sheet::RIGHT - bar_room, bottom);
        let (columns, rows) = (self.x.levels.len() as f64, self.y.levels.len() as f64);
        let (width, height) = (panel.width() / columns, panel.height() / rows);
        self.labels(sheet, &panel, (width, height));
        for (row, cells) in self.cells.iter().enumerate() {
            for (column, value) in cells.iter().enumerate() {
                let x = panel.left + column as f64 * width;
                let y = panel.bottom - row as f64 * height;
                let cell = Rect::new(x + 0.5, y - height + 0.5, x + width - 0.5, y - 0.5);
                colours.cell(sheet, &cell, *value);
            }
        }
        colours.bar(sheet, &panel, &self.outcome);
        Ok(())
    }
}

impl HeatMap {
    /// Names of the levels: every one, or every n-th where there is no room.
    fn labels(&self, sheet: &mut Sheet, panel: &Rect, (width, height): (f64, f64)) {
        let across: Vec<Tick> = self
            .x
            .levels
            .iter()
            .enumerate()
            .map(|(index, name)| Tick {
                at: panel.left + (index as f64 + 0.5) * width,
                label: font::shorten(name, SMALL_PX, Weight::Regular, (width - 8.0).max(90.0)),
            })
            .collect();
        sheet.x_labels(panel, &scale::labelled(across, Room::Across), &self.x.name);
        let upwards: Vec<Tick> = self
            .y
            .levels
            .iter()
            .enumerate()
            .map(|(index, name)| Tick {
                at: panel.bottom - (index as f64 + 0.5) * height,
                label: font::shorten(name, SMALL_PX, Weight::Regular, NAME_MAX_PX),
            })
            .collect();
        for tick in scale::labelled(upwards, Room::Up) {
            sheet.small((panel.left - 6.0, tick.at), &tick.label, Anchor::End);
        }
        sheet.up_title(Sheet::LEFT + 7.0, panel, &self.y.name);
    }
}

/// The colour bar.
struct Colours {
    scale: Scale,
    ticks: Vec<Tick>,
    /// Number shown for a value of 1.
    factor: f64,
    log: bool,
    has_zero: bool,
    /// Whether any value has a colour of the scale.
    has_scale: bool,
}

impl Colours {
    fn new(map: &HeatMap, bottom: f64, top: f64) -> Self {
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

    fn bar(&self, sheet: &mut Sheet, panel: &Rect, outcome: &Quantity) {
        let (left, right) = (panel.right + 14.0, panel.right + 14.0 + BAR_PX);
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
