//! PNG: drawn larger, averaged, encoded.

use plotters::backend::BitMapBackend;
use plotters::prelude::DrawingBackend;
use plotters_backend::{BackendColor, BackendCoord, DrawingErrorKind};

use super::{Zoom, colour, refused};
use crate::font;
use crate::picture::LAYOUT_WIDTH;
use crate::scene::{Mark, Point, Scene, Text};
use crate::theme::Rgb;
use crate::{Picture, PlotError};

pub(super) fn render(scene: &Scene, picture: &Picture) -> Result<Vec<u8>, PlotError> {
    let (width, height) = (picture.width, picture.height);
    // More pixels than this would cost memory without being seen.
    let finer = if width <= 1600 { 3 } else { 2 };
    let zoom = Zoom(f64::from(width * finer) / LAYOUT_WIDTH);
    let size = (width * finer, height * finer);
    let mut large = vec![0; size.0 as usize * size.1 as usize * 3];
    {
        let mut backend = BitMapBackend::with_buffer(&mut large, size);
        let end = (bound(size.0), bound(size.1));
        backend
            .draw_rect((0, 0), end, &colour(scene.background, 1.0), true)
            .map_err(refused)?;
        let mut canvas = Canvas { backend, zoom, end };
        for mark in &scene.marks {
            canvas.draw(mark).map_err(refused)?;
        }
        canvas.backend.present().map_err(refused)?;
    }
    let pixels = averaged(&large, width as usize, height as usize, finer as usize);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    let mut writer = encoder.write_header().map_err(refused)?;
    writer.write_image_data(&pixels).map_err(refused)?;
    writer.finish().map_err(refused)?;
    Ok(bytes)
}

/// A side as a coordinate, the first one outside.
fn bound(side: u32) -> i32 {
    i32::try_from(side).unwrap_or(i32::MAX)
}

/// Each pixel the mean of `finer` by `finer` ones.
#[allow(clippy::cast_possible_truncation, reason = "a mean of bytes is a byte")]
fn averaged(large: &[u8], width: usize, height: usize, finer: usize) -> Vec<u8> {
    let count = finer * finer;
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let mut sum = count / 2;
                for row in 0..finer {
                    let start = ((y * finer + row) * width + x) * finer;
                    sum += (start..start + finer)
                        .map(|at| usize::from(large[at * 3 + channel]))
                        .sum::<usize>();
                }
                pixels.push((sum / count) as u8);
            }
        }
    }
    pixels
}

type Drawn = Result<(), DrawingErrorKind<<BitMapBackend<'static> as DrawingBackend>::ErrorType>>;

struct Canvas<'a> {
    backend: BitMapBackend<'a>,
    zoom: Zoom,
    end: BackendCoord,
}

impl Canvas<'_> {
    fn draw(&mut self, mark: &Mark) -> Drawn {
        match mark {
            Mark::Rect { rect, fill, alpha } => {
                let corners = (
                    self.zoom.point((rect.left, rect.top)),
                    self.zoom.point((rect.right, rect.bottom)),
                );
                self.fill(corners.0, corners.1, *fill, *alpha)
            }
            Mark::Line { points, colour, width } => self.line(points, *colour, *width),
            Mark::Area { points, fill, alpha } => self.area(points, *fill, *alpha),
            Mark::Polygon { points, fill } => {
                let points: Vec<BackendCoord> = points.iter().map(|point| self.zoom.point(*point)).collect();
                self.backend.fill_polygon(points, &colour(*fill, 1.0))
            }
            Mark::Disc { centre, radius, fill } => {
                let radius = self.zoom.length(*radius);
                self.backend
                    .draw_circle(self.zoom.point(*centre), radius, &colour(*fill, 1.0), true)
            }
            Mark::Text(text, _) => self.text(text),
        }
    }

    /// Fills from one corner up to, not including, the other; never nothing.
    fn fill(&mut self, from: BackendCoord, to: BackendCoord, fill: Rgb, alpha: f64) -> Drawn {
        let to = (to.0.max(from.0 + 1), to.1.max(from.1 + 1));
        self.backend.draw_rect(from, to, &colour(fill, alpha), true)
    }

    /// Each stretch a rectangle across its direction, with round joints.
    fn line(&mut self, points: &[Point], rgb: Rgb, width: f64) -> Drawn {
        let half = width / 2.0;
        let style = colour(rgb, 1.0);
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let (dx, dy) = (x1 - x0, y1 - y0);
            let length = libm::sqrt(dx * dx + dy * dy);
            if length < 1e-9 {
                continue;
            }
            if dx.abs() < 1e-9 || dy.abs() < 1e-9 {
                // The end is squared off, so that a corner of two such stretches is filled.
                let square = if points.len() > 2 { half } else { 0.0 };
                let (across, along) = if dy.abs() < 1e-9 {
                    (square, half)
                } else {
                    (half, square)
                };
                let from = self.zoom.point((x0.min(x1) - across, y0.min(y1) - along));
                let to = self.zoom.point((x0.max(x1) + across, y0.max(y1) + along));
                self.fill(from, to, rgb, 1.0)?;
                continue;
            }
            let (nx, ny) = (-dy / length * half, dx / length * half);
            let corners = [
                (x0 + nx, y0 + ny),
                (x1 + nx, y1 + ny),
                (x1 - nx, y1 - ny),
                (x0 - nx, y0 - ny),
            ];
            let corners: Vec<BackendCoord> = corners.iter().map(|point| self.zoom.point(*point)).collect();
            self.backend.fill_polygon(corners, &style)?;
        }
        // A disc of radius r is 2 r + 1 wide, which must not be more than the line.
        let radius = (self.zoom.px(width) - 1) / 2;
        if let Ok(radius @ 1..) = u32::try_from(radius) {
            for corner in points.windows(3) {
                let level = |a: Point, b: Point| (a.0 - b.0).abs() < 1e-9 || (a.1 - b.1).abs() < 1e-9;
                if !(level(corner[0], corner[1]) && level(corner[1], corner[2])) {
                    self.backend
                        .draw_circle(self.zoom.point(corner[1]), radius, &style, true)?;
                }
            }
        }
        Ok(())
    }

    /// Column by column, so that nothing is covered twice.
    fn area(&mut self, points: &[[f64; 3]], fill: Rgb, alpha: f64) -> Drawn {
        for pair in points.windows(2) {
            let ([x0, low0, high0], [x1, low1, high1]) = (pair[0], pair[1]);
            let (from, to) = (self.zoom.px(x0), self.zoom.px(x1));
            for column in from..to {
                let share = (f64::from(column - from) + 0.5) / f64::from(to - from);
                let low = self.zoom.px(low0 + (low1 - low0) * share);
                let high = self.zoom.px(high0 + (high1 - high0) * share);
                if low != high {
                    self.fill((column, low.min(high)), (column + 1, low.max(high)), fill, alpha)?;
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &Text) -> Drawn {
        let baseline = font::CAPITALS / 2.0 * text.size;
        let (x, y) = text.at;
        let start = if text.up {
            self.zoom.point((x + baseline, y - text.shift()))
        } else {
            self.zoom.point((x + text.shift(), y + baseline))
        };
        let Rgb(red, green, blue) = text.colour;
        let (backend, end) = (&mut self.backend, self.end);
        let mut result = Ok(());
        font::pixels(
            &text.content,
            text.size * self.zoom.0,
            text.weight,
            |dx, dy, coverage| {
                let at = if text.up {
                    (start.0 + dy, start.1 - dx)
                } else {
                    (start.0 + dx, start.1 + dy)
                };
                let inside = (0..end.0).contains(&at.0) && (0..end.1).contains(&at.1);
                if inside && result.is_ok() {
                    let colour = BackendColor {
                        alpha: coverage.clamp(0.0, 1.0),
                        rgb: (red, green, blue),
                    };
                    result = backend.draw_pixel(at, colour);
                }
            },
        );
        result
    }
}
