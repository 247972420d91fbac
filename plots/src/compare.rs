//! Measured against simulated, bin by bin: what was observed, and the interval in which the model expects it.
//!
//! A measurement inside of its interval is a filled marker, one outside an open one, so that the eye finds what the model
//! does not explain.

mod panels;

use sim_core::outcome::Status;

use crate::layout::Layout;
use crate::sheet::Sheet;
use crate::{Picture, PlotError, check};

/// Most panels of compared counts.
const PANELS_MAX: usize = 4;
/// Most bins: as many as have room for a marker.
const BINS_MAX: usize = 1000;
/// Most spans with a name.
const SPANS_MAX: usize = 50;

/// What the model expects in a bin.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Expected {
    /// Mean, counts; within the interval, or beyond it where few runs have most of the counts.
    pub mean: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of it.
    pub high: f64,
}

/// One bin of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// What was measured, counts; nothing where nothing was.
    pub observed: Option<f64>,
    /// What the model expects.
    pub expected: Expected,
}

/// One kind of count.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// What is counted: `502 per 15 min`.
    pub name: String,
    /// The status whose colour the model's part has.
    pub status: Status,
    /// As many as there are labels.
    pub bins: Vec<Bin>,
}

/// What drives the counts, in a panel of its own below them.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    /// Its name: `load workers`.
    pub name: String,
    /// A value for each bin, not negative.
    pub values: Vec<f64>,
}

/// Bins that belong together, behind all panels.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// The first of them.
    pub first: usize,
    /// The last of them.
    pub last: usize,
    /// What they are, in a word or two: `fitted`, `predicted`.
    pub name: String,
}

/// The figure's data.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    /// Title of the picture.
    pub title: String,
    /// Second line; may be empty.
    pub subtitle: String,
    /// Start of each bin, as it should stand below the axis: `02:15`.
    pub labels: Vec<String>,
    /// What the labels are: `start of the bin`.
    pub axis: String,
    /// What the intervals are: `90 % prediction interval`.
    pub interval: String,
    /// One to four kinds of counts.
    pub panels: Vec<Panel>,
    /// What drives them, if it is to be seen.
    pub driver: Option<Driver>,
    /// Spans in order and without overlap.
    pub spans: Vec<Span>,
    /// A remark below everything; may be empty.
    pub note: String,
}

impl Layout for Compare {
    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn sheet(&self, picture: &Picture) -> Result<Sheet, PlotError> {
        let bins = self.labels.len();
        check::filled("labels", bins, BINS_MAX)?;
        check::filled("panels", self.panels.len(), PANELS_MAX)?;
        for (number, panel) in self.panels.iter().enumerate() {
            check::length(&format!("panels[{number}].bins"), panel.bins.len(), bins)?;
            for (index, bin) in panel.bins.iter().enumerate() {
                bin.check(&format!("panels[{number}].bins[{index}]"))?;
            }
        }
        if let Some(driver) = &self.driver {
            check::length("driver.values", driver.values.len(), bins)?;
            for (index, value) in driver.values.iter().enumerate() {
                check::not_negative(&format!("driver.values[{index}]"), *value)?;
            }
        }
        check::at_most("spans", self.spans.len(), SPANS_MAX)?;
        let mut free = 0;
        for (index, span) in self.spans.iter().enumerate() {
            let (first, last) = (span.first as f64, span.last as f64);
            check::not_below(&format!("spans[{index}].first"), first, free as f64)?;
            check::within(&format!("spans[{index}].last"), last, first, (bins - 1) as f64)?;
            free = span.last + 1;
        }
        Sheet::new(picture, &self.title, &self.subtitle)
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn lay_out(&self, sheet: &mut Sheet) -> Result<(), PlotError> {
        panels::draw(self, sheet);
        Ok(())
    }
}

impl Bin {
    fn check(&self, field: &str) -> Result<(), PlotError> {
        if let Some(observed) = self.observed {
            check::not_negative(&format!("{field}.observed"), observed)?;
        }
        let Expected { mean, low, high } = self.expected;
        check::not_negative(&format!("{field}.expected.mean"), mean)?;
        check::not_negative(&format!("{field}.expected.low"), low)?;
        check::not_negative(&format!("{field}.expected.high"), high)?;
        check::not_below(&format!("{field}.expected.high"), high, low)
    }

    /// Whether what was measured lies in the interval.
    fn is_inside(&self, observed: f64) -> bool {
        (self.expected.low..=self.expected.high).contains(&observed)
    }
}
