//! Pictures of runs and sweeps: data in, picture bytes out; opens no file.
//!
//! | figure | shows |
//! | --- | --- |
//! | [`outcomes::Outcomes`] | requests per second by status, with disruptions and pods |
//! | [`timeline::RaceTimeline`] | what each deleted pod did, and until when each ALB node chose it |
//! | [`race_window::RaceWindow`] | how long removal took, against what preStop covers |
//! | [`sweep::Sweep`] | one factor against an outcome, with intervals |
//! | [`heat_map::HeatMap`] | two factors against an outcome |
//! | [`trade_off::TradeOff`] | what each setting costs and gains |
//! | [`tornado::Tornado`] | which inputs the answer depends on |
//! | [`latency::LatencyEcdf`] | distribution of latencies |
//! | [`compare::Compare`] | measured against simulated, bin by bin |
//!
//! Every figure is a plain struct that is a [`Figure`]; a [`Picture`] says size, theme and format:
//!
//! ```
//! use plots::{Figure, Picture, distribution, latency};
//!
//! let quantiles = [(0.0, 0.02), (0.5, 0.04), (0.99, 0.4)];
//! let quantiles = quantiles.map(|(share, value)| distribution::Quantile { share, value }).to_vec();
//! let figure = latency::LatencyEcdf {
//!     title: "Latency".into(),
//!     subtitle: "logistics-before, 20 replications".into(),
//!     series: vec![latency::Series {
//!         name: "all requests".into(),
//!         latency_s: distribution::Distribution::Quantiles(quantiles),
//!     }],
//!     stretch_tail: false,
//! };
//! let svg = figure.draw(&Picture::default())?;
//! assert!(svg.starts_with(b"<svg"));
//! # Ok::<(), plots::PlotError>(())
//! ```
//!
//! # Invariants
//!
//! * The same data gives the same bytes: no clock, no system font, no chance.
//! * Data that cannot be drawn is a [`PlotError`] that names the field; there is no partial picture and no panic.
//! * No text overlaps another or leaves the picture; texts that are too long are wrapped or end in an ellipsis.
//! * Colours mean the same everywhere and can be told apart by colour-blind readers (see [`theme`]); lines also differ
//!   in their dashes or markers.
//!
//! # Limits
//!
//! Pictures are laid out for a width of 800 px and scaled from there, so that text is at least 12 px high at 800 px.
//! Letters outside of Latin-1 and Greek are missing from PNGs; an SVG leaves them to its viewer.

#![allow(
    clippy::cast_precision_loss,
    reason = "counts become pixels here: 53 bits are enough"
)]

mod check;
mod error;
mod font;
mod log_zero;
mod number;
mod picture;
mod render;
mod scale;
mod scene;
mod sheet;

pub mod compare;
pub mod distribution;
pub mod heat_map;
pub mod latency;
pub mod outcomes;
pub mod quantity;
pub mod race_window;
pub mod sweep;
pub mod theme;
pub mod timeline;
pub mod tornado;
pub mod trade_off;

pub use error::PlotError;
pub use picture::{Format, Picture};
pub use theme::Theme;

use sheet::Sheet;

/// Something that can be drawn.
///
/// This trait is sealed: its figures are those of this crate.
pub trait Figure: layout::Layout {
    /// The bytes of the picture.
    ///
    /// # Errors
    ///
    /// If the data or the picture's size cannot be drawn.
    fn draw(&self, picture: &Picture) -> Result<Vec<u8>, PlotError> {
        let mut sheet = self.sheet(picture)?;
        self.lay_out(&mut sheet)?;
        render::render(&sheet.scene, picture)
    }
}

impl<T: layout::Layout> Figure for T {}

mod layout {
    //! The part of a figure that is nobody else's business.

    use super::{Picture, PlotError, Sheet};

    /// Checks its data and draws itself on a sheet.
    pub trait Layout {
        /// A sheet with the figure's headings, once its data is known to be good.
        #[allow(private_interfaces, reason = "the trait is sealed")]
        fn sheet(&self, picture: &Picture) -> Result<Sheet, PlotError>;

        /// Draws everything else.
        #[allow(private_interfaces, reason = "the trait is sealed")]
        fn lay_out(&self, sheet: &mut Sheet) -> Result<(), PlotError>;
    }
}

#[cfg(test)]
extern crate self as plots;
#[cfg(test)]
mod tests;
