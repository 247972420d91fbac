//! The crate as its users see it: bytes of whole pictures.

mod golden;
mod pixels;
mod runs;
#[path = "../../examples/gallery/samples.rs"]
mod samples;

use plots::{Figure, Format, Picture, Theme};

/// A picture of usual size.
fn picture(format: Format, theme: Theme) -> Picture {
    Picture {
        format,
        theme,
        ..Picture::default()
    }
}

/// The text of an SVG.
fn svg(figure: &dyn Figure) -> String {
    let bytes = figure.draw(&Picture::default()).expect("the data is good");
    String::from_utf8(bytes).expect("an SVG is UTF-8")
}
