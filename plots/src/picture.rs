//! The kind of picture that is asked for.

use crate::{PlotError, Theme};

/// Width in px that figures are laid out for; other widths are this one enlarged or reduced.
pub(crate) const LAYOUT_WIDTH: f64 = 800.0;

/// File format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// SVG 1.1 with texts as text.
    #[default]
    Svg,
    /// PNG, 8 bits per channel, without transparency.
    Png,
}

/// Size, theme and format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Width, px: 400 to 4000. Text is at least 12 px high at 800 px and scales with the width.
    pub width: u32,
    /// Height, px: at least half of the width, at most three times.
    pub height: u32,
    /// Light or dark.
    pub theme: Theme,
    /// SVG or PNG.
    pub format: Format,
}

impl Default for Picture {
    /// 800 by 500 px, light, SVG.
    fn default() -> Self {
        Self {
            width: 800,
            height: 500,
            theme: Theme::Light,
            format: Format::Svg,
        }
    }
}

impl Picture {
    /// Least and greatest height at a width of 800 px, px.
    pub const HEIGHTS: (u32, u32) = (400, 2400);

    /// Height in px of the layout, whose width is [`LAYOUT_WIDTH`].
    pub(crate) fn layout_height(&self) -> Result<f64, PlotError> {
        crate::check::within("picture.width", f64::from(self.width), 400.0, 4000.0)?;
        let scale = f64::from(self.width) / LAYOUT_WIDTH;
        let (low, high) = Self::HEIGHTS;
        let (low, high) = (f64::from(low) * scale, f64::from(high) * scale);
        crate::check::within("picture.height", f64::from(self.height), low, high)?;
        Ok(f64::from(self.height) / scale)
    }
}
