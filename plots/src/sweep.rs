//! One factor against an outcome, with intervals.
//!
//! A single line has a band for its intervals too; those of several would cover each other.
//!
//! On a logarithmic axis a mean of zero has no place. It is drawn open in a strip of its own, marked 0, with its
//! interval's upper end above it: none was seen, and that bound is what is known.

mod panel;

use crate::layout::Layout;
use crate::quantity::Quantity;
use crate::sheet::Sheet;
use crate::{Picture, PlotError, check};

/// One design point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Level of the factor, in its unit.
    pub x: f64,
    /// Mean of the outcome, in its unit.
    pub mean: f64,
    /// Lower end of the interval; the mean if there is none.
    pub low: f64,
    /// Upper end of the interval; the mean if there is none.
    pub high: f64,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name in the legend.
    pub name: String,
    /// Points by growing `x`.
    pub points: Vec<Point>,
}

/// The figure's data.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// Title of the picture.
    pub title: String,
    /// Second line; may be empty.
    pub subtitle: String,
    /// The factor that varies.
    pub factor: Quantity,
    /// The outcome.
    pub outcome: Quantity,
    /// What the intervals are: `95 % Student-t interval, 20 replications`. Empty if there are none.
    pub interval: String,
    /// What tells the lines apart, above their names: `target_group.health_check.interval`. May be empty.
    pub series_name: String,
    /// One to seven lines.
    pub series: Vec<Series>,
    /// Whether the outcome's axis is logarithmic; its values must then not be negative.
    pub log_y: bool,
    /// A level of the outcome to reach, drawn as a line.
    pub target: Option<f64>,
}

impl Layout for Sweep {
    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn sheet(&self, picture: &Picture) -> Result<Sheet, PlotError> {
        check::filled("series", self.series.len(), 7)?;
        for (index, series) in self.series.iter().enumerate() {
            let field = format!("series[{index}].points");
            check::filled(&field, series.points.len(), 10_000)?;
            let mut before = f64::NEG_INFINITY;
            for (index, point) in series.points.iter().enumerate() {
                let field = format!("{field}[{index}]");
                check::number(&format!("{field}.x"), point.x)?;
                check::not_below(&format!("{field}.x"), point.x, before)?;
                before = point.x;
                check::interval(&field, point.low, point.mean, point.high)?;
                if self.log_y {
                    check::not_negative(&format!("{field}.low"), point.low)?;
                }
            }
        }
        if let Some(target) = self.target {
            check::number("target", target)?;
            if self.log_y {
                check::not_negative("target", target)?;
            }
        }
        Sheet::new(picture, &self.title, &self.subtitle)
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn lay_out(&self, sheet: &mut Sheet) -> Result<(), PlotError> {
        panel::draw(self, sheet);
        Ok(())
    }
}

impl Sweep {
    /// All points.
    fn points(&self) -> impl Iterator<Item = &Point> {
        self.series.iter().flat_map(|series| &series.points)
    }
}
