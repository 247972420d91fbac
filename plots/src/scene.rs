//! A list of marks in layout pixels, from back to front, which either format is then written from.

mod shapes;

pub(crate) use shapes::Shape;

use crate::font::{self, Weight};
use crate::theme::Rgb;

/// A point, px from the left and from the top.
pub(crate) type Point = (f64, f64);

/// An axis-parallel rectangle, px.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Rect {
    pub(crate) fn new(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// The same with `by` px more on each side.
    pub(crate) fn grown(&self, by: f64) -> Self {
        Self::new(self.left - by, self.top - by, self.right + by, self.bottom + by)
    }

    /// Whether a straight line between two points has a part inside (Liang and Barsky 1984).
    pub(crate) fn is_crossed(&self, from: Point, to: Point) -> bool {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut start, mut end) = (0.0_f64, 1.0_f64);
        let sides = [
            (-dx, from.0 - self.left),
            (dx, self.right - from.0),
            (-dy, from.1 - self.top),
            (dy, self.bottom - from.1),
        ];
        for (step, distance) in sides {
            if step.abs() < 1e-12 {
                if distance < 0.0 {
                    return false;
                }
            } else if step < 0.0 {
                start = start.max(distance / step);
            } else {
                end = end.min(distance / step);
            }
        }
        start <= end
    }

    /// Whether both have more than a hundredth of a pixel in common.
    pub(crate) fn overlaps(&self, other: &Rect) -> bool {
        let common = |a0: f64, a1: f64, b0: f64, b1: f64| a1.min(b1) - a0.max(b0) > 0.01;
        common(self.left, self.right, other.left, other.right) && common(self.top, self.bottom, other.top, other.bottom)
    }
}

/// Which end of a text its position is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// One line of text, its capitals centred on the height of its position.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) at: Point,
    pub(crate) content: String,
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) colour: Rgb,
    pub(crate) anchor: Anchor,
    /// Whether it runs from bottom to top.
    pub(crate) up: bool,
}

impl Text {
    /// Distance from the position to the start, px along the line.
    pub(crate) fn shift(&self) -> f64 {
        let width = font::width(&self.content, self.size, self.weight);
        match self.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => -width / 2.0,
            Anchor::End => -width,
        }
    }

    /// What it covers: its width, and its capitals with a little more for descenders.
    pub(crate) fn bounds(&self) -> Rect {
        let (start, width) = (self.shift(), font::width(&self.content, self.size, self.weight));
        let half = self.size * 0.5;
        let (x, y) = self.at;
        if self.up {
            Rect::new(x - half, y - start - width, x + half, y - start)
        } else {
            Rect::new(x + start, y - half, x + start + width, y + half)
        }
    }
}

/// Something to draw.
#[derive(Debug, Clone)]
pub(crate) enum Mark {
    /// A filled rectangle; `alpha` from 0 to 1.
    Rect { rect: Rect, fill: Rgb, alpha: f64 },
    /// A line through points.
    Line {
        points: Vec<Point>,
        colour: Rgb,
        width: f64,
    },
    /// What lies between two lines: x, and both heights there.
    Area {
        points: Vec<[f64; 3]>,
        fill: Rgb,
        alpha: f64,
    },
    /// A small convex polygon.
    Polygon { points: Vec<Point>, fill: Rgb },
    /// A disc.
    Disc { centre: Point, radius: f64, fill: Rgb },
    /// Text, and what it covers.
    Text(Text, Rect),
}

/// A picture before it has a format.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) background: Rgb,
    /// What a reader of the SVG without eyes is told.
    pub(crate) title: String,
    pub(crate) marks: Vec<Mark>,
}

impl Scene {
    pub(crate) fn rect(&mut self, rect: Rect, fill: Rgb) {
        self.shade(rect, fill, 1.0);
    }

    pub(crate) fn shade(&mut self, rect: Rect, fill: Rgb, alpha: f64) {
        if rect.width() > 0.0 && rect.height() > 0.0 {
            self.marks.push(Mark::Rect { rect, fill, alpha });
        }
    }

    pub(crate) fn line(&mut self, points: Vec<Point>, colour: Rgb, width: f64) {
        if points.len() > 1 {
            self.marks.push(Mark::Line { points, colour, width });
        }
    }

    pub(crate) fn area(&mut self, points: Vec<[f64; 3]>, fill: Rgb, alpha: f64) {
        if points.len() > 1 {
            self.marks.push(Mark::Area { points, fill, alpha });
        }
    }

    pub(crate) fn disc(&mut self, centre: Point, radius: f64, fill: Rgb) {
        self.marks.push(Mark::Disc { centre, radius, fill });
    }

    pub(crate) fn polygon(&mut self, points: Vec<Point>, fill: Rgb) {
        self.marks.push(Mark::Polygon { points, fill });
    }

    /// Places a text as it is; nothing if it is empty.
    pub(crate) fn text(&mut self, text: Text) {
        if !text.content.is_empty() {
            let bounds = text.bounds();
            self.marks.push(Mark::Text(text, bounds));
        }
    }

    /// A horizontal text of regular weight, cleaned.
    pub(crate) fn label(&mut self, at: Point, text: &str, size: f64, colour: Rgb, anchor: Anchor) {
        let content = font::clean(text);
        self.text(Text {
            at,
            content,
            size,
            weight: Weight::Regular,
            colour,
            anchor,
            up: false,
        });
    }

    /// Whether a text of that extent would lie inside and touch no other text.
    pub(crate) fn is_free(&self, bounds: &Rect, inside: &Rect) -> bool {
        let within = bounds.left >= inside.left
            && bounds.right <= inside.right
            && bounds.top >= inside.top
            && bounds.bottom <= inside.bottom;
        within && self.texts().all(|(_, other)| !other.overlaps(bounds))
    }

    /// Whether no mark from the `first`-th on, which are those of the data, reaches into the rectangle.
    pub(crate) fn is_clear(&self, bounds: &Rect, first: usize) -> bool {
        self.marks.iter().skip(first).all(|mark| match mark {
            Mark::Rect { rect, .. } => !rect.overlaps(bounds),
            Mark::Line { points, width, .. } => points
                .windows(2)
                .all(|pair| !bounds.grown(width / 2.0 + 1.0).is_crossed(pair[0], pair[1])),
            Mark::Polygon { points, .. } => points.iter().all(|&point| !bounds.grown(3.0).is_crossed(point, point)),
            Mark::Disc { centre, radius, .. } => !bounds.grown(*radius).is_crossed(*centre, *centre),
            Mark::Area { .. } | Mark::Text(..) => true,
        })
    }

    /// All texts, and what each covers.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&Text, &Rect)> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Text(text, bounds) => Some((text, bounds)),
            _ => None,
        })
    }
}
