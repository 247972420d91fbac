//! From a scene to bytes, through the backends of plotters.
//!
//! Both take whole pixels only, so the scene is enlarged for them: tenfold for SVG, where the view box undoes it, and
//! about threefold for PNG, where groups of pixels are averaged afterwards.

mod png;
mod svg;

use plotters::style::RGBAColor;
use plotters_backend::BackendCoord;

use crate::scene::{Point, Scene};
use crate::theme::Rgb;
use crate::{Format, Picture, PlotError};

/// The bytes of a picture of that scene.
pub(crate) fn render(scene: &Scene, picture: &Picture) -> Result<Vec<u8>, PlotError> {
    match picture.format {
        Format::Svg => svg::render(scene, picture),
        Format::Png => png::render(scene, picture),
    }
}

/// Enlarges layout pixels to those of a backend.
#[derive(Debug, Clone, Copy)]
struct Zoom(f64);

impl Zoom {
    #[allow(clippy::cast_possible_truncation, reason = "coordinates of a picture are small")]
    fn px(self, value: f64) -> i32 {
        libm::round(value * self.0) as i32
    }

    fn point(self, (x, y): Point) -> BackendCoord {
        (self.px(x), self.px(y))
    }

    /// A length that is not rounded to nothing.
    fn length(self, value: f64) -> u32 {
        u32::try_from(self.px(value)).unwrap_or(0).max(1)
    }
}

fn colour(rgb: Rgb, alpha: f64) -> RGBAColor {
    RGBAColor(rgb.0, rgb.1, rgb.2, alpha)
}

/// An error of a backend, in our words.
fn refused(reason: impl std::fmt::Display) -> PlotError {
    let reason = reason.to_string();
    PlotError::Drawing { reason }
}
