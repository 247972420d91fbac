//! Colours and sizes, light and dark.
//!
//! The colours of data are those of Okabe and Ito (2008), which stay apart under every common colour blindness; the
//! tests simulate three of them. A colour means the same in every figure: a status and the pod state that causes it
//! share one. Lines that are neither take the same colours in a fixed order, and their legend says what they are. Text has at least 4.5 to 1 contrast with its background.

mod colour;

pub use colour::Rgb;
use sim_core::outcome::{Cause, Hop, Status};

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark text on white.
    #[default]
    Light,
    /// Light text on near-black.
    Dark,
}

/// Size of titles, px at a width of 800 px.
pub(crate) const TITLE_PX: f64 = 18.0;
/// Size of subtitles and axis titles.
pub(crate) const LABEL_PX: f64 = 13.0;
/// Size of tick labels, legends and notes: the smallest.
pub(crate) const SMALL_PX: f64 = 12.0;

const ORANGE: Rgb = Rgb(0xE6, 0x9F, 0x00);
const SKY: Rgb = Rgb(0x56, 0xB4, 0xE9);
const GREEN: Rgb = Rgb(0x00, 0x9E, 0x73);
const BLUE: Rgb = Rgb(0x00, 0x72, 0xB2);
const VERMILION: Rgb = Rgb(0xD5, 0x5E, 0x00);
const PURPLE: Rgb = Rgb(0xCC, 0x79, 0xA7);

impl Theme {
    fn pick(self, light: Rgb, dark: Rgb) -> Rgb {
        match self {
            Theme::Light => light,
            Theme::Dark => dark,
        }
    }

    /// Behind everything.
    pub fn background(self) -> Rgb {
        self.pick(Rgb(0xFF, 0xFF, 0xFF), Rgb(0x14, 0x18, 0x1D))
    }

    /// Titles, labels and lines that matter.
    pub fn text(self) -> Rgb {
        self.pick(Rgb(0x1A, 0x1F, 0x26), Rgb(0xEC, 0xEF, 0xF3))
    }

    /// Tick labels and notes.
    pub fn muted(self) -> Rgb {
        self.pick(Rgb(0x4F, 0x59, 0x66), Rgb(0xAE, 0xB7, 0xC2))
    }

    /// Lines behind the data.
    pub fn grid(self) -> Rgb {
        self.pick(Rgb(0xE1, 0xE5, 0xEA), Rgb(0x2B, 0x32, 0x3B))
    }

    /// Axis lines and frames.
    pub fn frame(self) -> Rgb {
        self.pick(Rgb(0x7C, 0x87, 0x94), Rgb(0x74, 0x7F, 0x8C))
    }

    /// A status of a request, in every figure.
    pub fn status(self, status: Status) -> Rgb {
        match status {
            Status::Ok => SKY,
            Status::TargetError => ORANGE,
            Status::BadGateway => VERMILION,
            Status::ServiceUnavailable => PURPLE,
            Status::GatewayTimeout => BLUE_LINE[self as usize],
            Status::ClientClosed => self.client(),
            Status::WrongTarget | Status::Unanswered => GREEN,
        }
    }

    /// The family of a cause: the colour of the status that it ends in.
    pub fn cause(self, cause: Cause) -> Rgb {
        self.status(cause.status())
    }

    fn client(self) -> Rgb {
        self.pick(Rgb(0x4D, 0x4D, 0x4D), Rgb(0xDD, 0xDD, 0xDD))
    }

    /// The colour of the `index`-th line of a figure whose lines are no statuses. After [`Theme::SERIES`] they repeat.
    pub fn series(self, index: usize) -> Rgb {
        [
            BLUE_LINE[self as usize],
            VERMILION,
            GREEN,
            PURPLE,
            ORANGE,
            SKY,
            self.client(),
        ][index % Self::SERIES]
    }

    /// A hop of a pod's way out of rotation.
    pub fn hop(self, hop: Hop) -> Rgb {
        match hop {
            Hop::Endpoints => self.series(0),
            Hop::Controller => VERMILION,
            Hop::ApiThrottle => GREEN,
            Hop::Propagation => PURPLE,
            Hop::KubeProxy => ORANGE,
            Hop::HealthCheck => SKY,
            Hop::Registration => self.client(),
            Hop::None => self.frame(),
        }
    }

    /// Number of different colours of lines.
    pub const SERIES: usize = 7;

    /// A level from 0 to 1 on a scale from dark blue to yellow that is even for colour-blind eyes (cividis: Nuñez,
    /// Anderton and Renslow 2018). The same in both themes.
    pub fn level(level: f64) -> Rgb {
        const STOPS: [Rgb; 9] = [
            Rgb(0x00, 0x22, 0x4E),
            Rgb(0x1C, 0x37, 0x6D),
            Rgb(0x42, 0x4E, 0x6C),
            Rgb(0x60, 0x65, 0x6F),
            Rgb(0x7C, 0x7B, 0x78),
            Rgb(0x9A, 0x94, 0x76),
            Rgb(0xB9, 0xAD, 0x6D),
            Rgb(0xDB, 0xC9, 0x5C),
            Rgb(0xFE, 0xE8, 0x38),
        ];
        let position = level.clamp(0.0, 1.0) * 8.0;
        let below = (0..8).rev().find(|&i| f64::from(i) <= position).unwrap_or(0);
        let share = position - f64::from(below);
        let below = usize::try_from(below).unwrap_or(0);
        STOPS[below].mixed(STOPS[below + 1], share)
    }
}

/// Blue, lighter on dark, where thin marks would else be lost.
const BLUE_LINE: [Rgb; 2] = [BLUE, Rgb(0x1A, 0x80, 0xC4)];

#[cfg(test)]
mod tests;
