//! Two factors against an outcome: a coloured cell for each combination, its value in it where there is room.
//!
//! Values have the unit of the colour bar, so that they are short enough for narrow cells.

mod colours;
mod names;

use crate::layout::Layout;
use crate::quantity::Quantity;
use crate::scene::Rect;
use crate::sheet::{Sheet, beside};
use crate::{Picture, PlotError, check};
use colours::{BAR_PX, Colours};
use names::Names;

/// Most levels of a factor: with more a cell is hardly a pixel wide.
const LEVELS_MAX: usize = 200;
/// Room for the colour bar besides the bar and its ticks, px.
const BAR_GAP_PX: f64 = 14.0;
/// Lowest and highest picture that is advised, px.
const HEIGHTS: (f64, f64) = (500.0, 2400.0);

/// A factor and its levels.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// Name of the factor, with its unit if the levels' names have none.
    pub name: String,
    /// Name of each level: `15 s`, `round_robin`. One to two hundred.
    pub levels: Vec<String>,
    /// Whether the levels are numbers that grow. Where there is no room for the names of all, every second, fifth or
    /// tenth then tells those between; words are all named, in lines that run upwards if need be.
    pub are_numbers: bool,
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
        let names = Names::of(&self.y.levels);
        let left = Sheet::LEFT + 26.0 + names.beside_px(self.y.are_numbers);
        let top = sheet.top + 8.0;
        let bar_room = |bottom: f64| BAR_PX + BAR_GAP_PX + beside(&Colours::new(self, bottom, top).ticks);
        let lowest = sheet.bottom - names::BELOW_PX;
        let right = Sheet::RIGHT - bar_room(lowest);
        let across = Names::of(&self.x.levels).across(right - left, self.x.are_numbers);
        let bottom = lowest - across.depth_px();
        let panel = Rect::new(left, top, right.min(Sheet::RIGHT - bar_room(bottom)), bottom);
        let colours = Colours::new(self, bottom, top);
        across.draw(sheet, &panel, &self.x.name);
        names.draw_beside(sheet, &panel, self.y.are_numbers);
        sheet.up_title(Sheet::LEFT + 7.0, &panel, &self.y.name);
        colours.cells(sheet, &panel, &self.cells);
        colours.bar(sheet, &panel, &self.outcome);
        Ok(())
    }
}

impl HeatMap {
    /// Height at a width of 800 px at which every word beside and below the cells can be read, px.
    pub fn best_height(&self) -> u32 {
        // Headings, the axis below, and the cells.
        let around = 100.0 + names::BELOW_PX;
        let upwards = Names::of(&self.y.levels);
        let left = Sheet::LEFT + 26.0 + upwards.beside_px(self.y.are_numbers);
        // A colour bar with ticks of usual width.
        let right = Sheet::RIGHT - BAR_PX - BAR_GAP_PX - 60.0;
        let below = Names::of(&self.x.levels)
            .across(right - left, self.x.are_numbers)
            .depth_px();
        let cells = if self.y.are_numbers {
            0.0
        } else {
            upwards.lines() as f64 * names::LINE_PX * self.y.levels.len() as f64
        };
        let height = (HEIGHTS.0 + below).max(around + below + cells).min(HEIGHTS.1);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within the limits above"
        )]
        let height = libm::ceil(height) as u32;
        height
    }
}
