//! Marks made of simpler ones: dashed lines, frames, markers.

use super::{Point, Rect, Scene};
use crate::theme::Rgb;

/// Shape of a marker; lines of a figure differ in shape as well as in colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Disc,
    Square,
    Diamond,
    Up,
    Down,
}

impl Shape {
    /// The shape of the `index`-th line.
    pub(crate) fn of(index: usize) -> Self {
        [Shape::Disc, Shape::Square, Shape::Diamond, Shape::Up, Shape::Down][index % 5]
    }
}

impl Scene {
    /// A line of dashes `on` px long, `off` px apart.
    pub(crate) fn dashed(&mut self, points: &[Point], colour: Rgb, width: f64, (on, off): (f64, f64)) {
        let mut left = on;
        let mut drawing = true;
        let mut dash: Vec<Point> = points.first().copied().into_iter().collect();
        for pair in points.windows(2) {
            let (mut from, to) = (pair[0], pair[1]);
            loop {
                let (dx, dy) = (to.0 - from.0, to.1 - from.1);
                let length = libm::sqrt(dx * dx + dy * dy);
                if length <= left {
                    left -= length;
                    if drawing && length > 0.0 {
                        dash.push(to);
                    }
                    break;
                }
                from = (from.0 + dx / length * left, from.1 + dy / length * left);
                if drawing {
                    dash.push(from);
                    self.line(std::mem::take(&mut dash), colour, width);
                } else {
                    dash = vec![from];
                }
                drawing = !drawing;
                left = if drawing { on } else { off };
            }
        }
        if drawing {
            self.line(dash, colour, width);
        }
    }

    /// The outline of a rectangle.
    pub(crate) fn frame(&mut self, rect: Rect, colour: Rgb, width: f64) {
        let Rect {
            left,
            top,
            right,
            bottom,
        } = rect;
        self.line(
            vec![(left, top), (right, top), (right, bottom), (left, bottom), (left, top)],
            colour,
            width,
        );
    }

    /// A filled marker about `2 * radius` px wide.
    pub(crate) fn marker(&mut self, (x, y): Point, shape: Shape, radius: f64, fill: Rgb) {
        let r = radius;
        let points = match shape {
            Shape::Disc => return self.disc((x, y), r, fill),
            Shape::Square => return self.rect(Rect::new(x - r * 0.9, y - r * 0.9, x + r * 0.9, y + r * 0.9), fill),
            Shape::Diamond => vec![
                (x, y - r * 1.25),
                (x + r * 1.25, y),
                (x, y + r * 1.25),
                (x - r * 1.25, y),
            ],
            Shape::Up => vec![
                (x, y - r * 1.2),
                (x + r * 1.15, y + r * 0.9),
                (x - r * 1.15, y + r * 0.9),
            ],
            Shape::Down => vec![
                (x, y + r * 1.2),
                (x - r * 1.15, y - r * 0.9),
                (x + r * 1.15, y - r * 0.9),
            ],
        };
        self.polygon(points, fill);
    }

    /// A marker that shows the background inside.
    pub(crate) fn open_marker(&mut self, at: Point, shape: Shape, radius: f64, colour: Rgb) {
        let background = self.background;
        self.marker(at, shape, radius, colour);
        self.marker(at, shape, radius * 0.55, background);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mark;
    use super::*;

    #[test]
    fn dashes_cover_the_line_in_their_rhythm() {
        let black = Rgb(0, 0, 0);
        let mut scene = Scene {
            width: 100.0,
            height: 100.0,
            background: black,
            title: String::new(),
            marks: Vec::new(),
        };
        scene.dashed(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)], black, 1.0, (6.0, 2.0));
        let dashes: Vec<Vec<Point>> = scene
            .marks
            .iter()
            .map(|mark| match mark {
                Mark::Line { points, .. } => points.clone(),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [
            vec![(0.0, 0.0), (6.0, 0.0)],
            vec![(8.0, 0.0), (10.0, 0.0), (10.0, 4.0)],
            vec![(10.0, 6.0), (10.0, 10.0)],
        ];
        assert_eq!(dashes, expected);
    }
}
