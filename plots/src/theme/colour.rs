//! A colour of the sRGB space.

/// Red, green and blue, 0 to 255 each, in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// The colour `share` of the way from this one to `other`, channel by channel.
    #[must_use]
    pub fn mixed(self, other: Rgb, share: f64) -> Rgb {
        let share = share.clamp(0.0, 1.0);
        let channel = |from: u8, to: u8| {
            let value = f64::from(from) + (f64::from(to) - f64::from(from)) * share;
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between two bytes"
            )]
            {
                (value + 0.5) as u8
            }
        };
        Rgb(
            channel(self.0, other.0),
            channel(self.1, other.1),
            channel(self.2, other.2),
        )
    }

    /// Relative luminance of WCAG 2, from 0 for black to 1 for white.
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast ratio of WCAG 2 with another colour, from 1 to 21.
    pub fn contrast(self, other: Rgb) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        (one / two).max(two / one)
    }

    /// The channels without sRGB's gamma, 0 to 1 each.
    pub(crate) fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                libm::pow((value + 0.055) / 1.055, 2.4)
            }
        })
    }

    /// Black or white, whichever is the easier to read on this colour: one of them has at least 4.5 to 1 on any.
    #[must_use]
    pub fn readable(self) -> Rgb {
        let (black, white) = (Rgb(0, 0, 0), Rgb(0xFF, 0xFF, 0xFF));
        if self.contrast(black) > self.contrast(white) {
            black
        } else {
            white
        }
    }
}
