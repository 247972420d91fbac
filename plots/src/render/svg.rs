//! SVG: texts stay text, and lines keep a tenth of a pixel.

use plotters::backend::SVGBackend;
use plotters::prelude::{DrawingBackend, FontStyle, FontTransform, IntoFont, TextStyle};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_backend::DrawingErrorKind;

use super::{Zoom, colour, refused};
use crate::font::{self, Weight};
use crate::scene::{Anchor, Mark, Scene, Text};
use crate::{Picture, PlotError};

/// Units of the view box per layout pixel.
const ZOOM: f64 = 10.0;
/// The backend divides sizes of text by this.
const SIZE_DIVISOR: f64 = 1.24;

pub(super) fn render(scene: &Scene, picture: &Picture) -> Result<Vec<u8>, PlotError> {
    let zoom = Zoom(ZOOM);
    let size = (zoom.length(scene.width), zoom.length(scene.height));
    let mut body = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut body, size);
        let whole = (zoom.px(scene.width), zoom.px(scene.height));
        let background = colour(scene.background, 1.0);
        backend.draw_rect((0, 0), whole, &background, true).map_err(refused)?;
        for mark in &scene.marks {
            draw(&mut backend, zoom, mark).map_err(refused)?;
        }
        backend.present().map_err(refused)?;
    }
    // Shown at the size asked for, drawn in tenths; and named for readers who do not see it.
    let drawn = format!("<svg width=\"{}\" height=\"{}\" viewBox", size.0, size.1);
    let shown = format!(
        "<svg width=\"{}\" height=\"{}\" role=\"img\" viewBox",
        picture.width, picture.height
    );
    let body = body
        .strip_prefix(&drawn)
        .ok_or_else(|| refused("unknown head of the SVG"))?;
    let (head, marks) = body
        .split_once(">\n")
        .ok_or_else(|| refused("unknown head of the SVG"))?;
    let title = scene
        .title
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    Ok(format!("{shown}{head}>\n<title>{title}</title>\n{marks}").into_bytes())
}

/// The number that the backend's division turns into exactly `size`, so that no 120.00000000000001 is written.
fn undivided(size: f64) -> f64 {
    let product = size * SIZE_DIVISOR;
    let candidates = [product, product.next_down(), product.next_up()];
    let is_exact = |candidate: &f64| (candidate / SIZE_DIVISOR).total_cmp(&size).is_eq();
    candidates.into_iter().find(is_exact).unwrap_or(product)
}

type Drawn = Result<(), DrawingErrorKind<std::io::Error>>;

fn draw(backend: &mut SVGBackend<'_>, zoom: Zoom, mark: &Mark) -> Drawn {
    match mark {
        Mark::Rect { rect, fill, alpha } => {
            let corners = (zoom.point((rect.left, rect.top)), zoom.point((rect.right, rect.bottom)));
            backend.draw_rect(corners.0, corners.1, &colour(*fill, *alpha), true)
        }
        Mark::Line {
            points,
            colour: rgb,
            width,
        } => {
            let style = colour(*rgb, 1.0).stroke_width(zoom.length(*width));
            backend.draw_path(points.iter().map(|point| zoom.point(*point)), &style)
        }
        Mark::Area { points, fill, alpha } => {
            let along = points.iter().map(|[x, low, _]| zoom.point((*x, *low)));
            let back = points.iter().rev().map(|[x, _, high]| zoom.point((*x, *high)));
            backend.fill_polygon(along.chain(back), &colour(*fill, *alpha))
        }
        Mark::Polygon { points, fill } => {
            backend.fill_polygon(points.iter().map(|point| zoom.point(*point)), &colour(*fill, 1.0))
        }
        Mark::Disc { centre, radius, fill } => {
            backend.draw_circle(zoom.point(*centre), zoom.length(*radius), &colour(*fill, 1.0), true)
        }
        Mark::Text(text, _) => draw_text(backend, zoom, text),
    }
}

fn draw_text(backend: &mut SVGBackend<'_>, zoom: Zoom, text: &Text) -> Drawn {
    let horizontal = match text.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let weight = match text.weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    // The backend centres small letters on the position; the scene means capitals.
    let down = (font::CAPITALS - font::SMALL_LETTERS) / 2.0 * text.size;
    let (x, y) = text.at;
    let (at, transform) = if text.up {
        ((x + down, y), FontTransform::Rotate270)
    } else {
        ((x, y + down), FontTransform::None)
    };
    let size = undivided(libm::round(text.size * ZOOM));
    let fill = colour(text.colour, 1.0);
    let style = TextStyle::from((font::FAMILIES, size, weight).into_font().transform(transform))
        .color(&fill)
        .pos(Pos::new(horizontal, VPos::Center));
    backend.draw_text(&text.content, &style, zoom.point(at))
}
