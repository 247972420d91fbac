//! The legend: a symbol and a name for each kind of mark, in rows above the figure.

use super::{LINE_PX, Sheet};
use crate::font::{self, Weight};
use crate::scene::{Anchor, Point, Rect, Shape};
use crate::theme::{Rgb, SMALL_PX};

/// Width of a symbol with the space to its name, px.
const SYMBOL_PX: f64 = 28.0;
/// Space between two entries, px.
const GAP_PX: f64 = 18.0;
/// Widest name, px.
const NAME_MAX_PX: f64 = 340.0;

/// What stands before a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Symbol {
    /// A filled box.
    Fill(Rgb),
    /// A thin bar.
    Bar(Rgb),
    /// A short upright line.
    Tick(Rgb),
    /// A line, dashed or not, with a marker or none.
    Line(Rgb, Option<(f64, f64)>, Option<Shape>),
    /// A marker alone.
    Marker(Rgb, Shape),
    /// A marker with the background inside.
    Open(Rgb, Shape),
}

/// An entry of the legend.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) symbol: Symbol,
    pub(crate) name: String,
}

impl Key {
    pub(crate) fn new(symbol: Symbol, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { symbol, name }
    }
}

impl Sheet {
    /// What the entries that follow have in common; nothing if it is empty.
    pub(crate) fn legend_title(&mut self, title: &str) {
        if !title.is_empty() {
            let title = font::shorten(title, SMALL_PX, Weight::Regular, Sheet::RIGHT - Sheet::LEFT);
            let at = (Sheet::LEFT, self.top + LINE_PX / 2.0);
            self.strong(at, &title, Anchor::Start);
            self.top += LINE_PX;
        }
    }

    /// Places the entries in as many rows as they need.
    pub(crate) fn legend(&mut self, keys: &[Key]) {
        if !keys.is_empty() {
            self.top = self.legend_at(Sheet::LEFT, self.top, keys) + 6.0;
        }
    }

    /// Places the entries in rows that start there, and says where the rows end.
    pub(crate) fn legend_at(&mut self, left: f64, top: f64, keys: &[Key]) -> f64 {
        for ((x, y), name, symbol) in places(left, top, keys) {
            self.symbol(x, y, symbol);
            self.strong((x + SYMBOL_PX, y), &name, Anchor::Start);
        }
        top + legend_height(left, keys)
    }

    fn symbol(&mut self, x: f64, y: f64, symbol: Symbol) {
        let (right, middle) = (x + SYMBOL_PX - 6.0, x + (SYMBOL_PX - 6.0) / 2.0);
        let scene = &mut self.scene;
        match symbol {
            Symbol::Fill(colour) => scene.rect(Rect::new(x + 2.0, y - 6.0, right, y + 6.0), colour),
            Symbol::Bar(colour) => scene.rect(Rect::new(x + 2.0, y - 1.5, right, y + 1.5), colour),
            Symbol::Tick(colour) => scene.line(vec![(middle, y - 7.0), (middle, y + 7.0)], colour, 2.0),
            Symbol::Line(colour, dash, marker) => {
                let line = [(x, y), (right, y)];
                match dash {
                    Some(dash) => scene.dashed(&line, colour, 2.0, dash),
                    None => scene.line(line.to_vec(), colour, 2.0),
                }
                if let Some(shape) = marker {
                    scene.marker((middle, y), shape, 4.0, colour);
                }
            }
            Symbol::Marker(colour, shape) => scene.marker((middle, y), shape, 5.0, colour),
            Symbol::Open(colour, shape) => scene.open_marker((middle, y), shape, 5.0, colour),
        }
    }
}

/// Height of the rows that the entries need.
pub(crate) fn legend_height(left: f64, keys: &[Key]) -> f64 {
    let places = places(left, 0.0, keys);
    places.last().map_or(0.0, |((_, y), _, _)| y + LINE_PX / 2.0)
}

/// Where each entry goes, and its name, shortened if need be.
fn places(left: f64, top: f64, keys: &[Key]) -> Vec<(Point, String, Symbol)> {
    let mut x = left;
    let mut y = top + LINE_PX / 2.0;
    let mut places = Vec::with_capacity(keys.len());
    for key in keys {
        let name = font::shorten(&key.name, SMALL_PX, Weight::Regular, NAME_MAX_PX);
        let width = SYMBOL_PX + font::width(&name, SMALL_PX, Weight::Regular);
        if x > left && x + width > Sheet::RIGHT {
            x = left;
            y += LINE_PX + 1.0;
        }
        places.push(((x, y), name, key.symbol));
        x += width + GAP_PX;
    }
    places
}
