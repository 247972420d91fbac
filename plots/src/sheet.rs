//! What every figure has: title, subtitle, legend, notes, and the room between them.

mod axes;
mod legend;

pub(crate) use axes::{BELOW_PX, Side, beside};
pub(crate) use legend::{Key, Symbol, legend_height};

use crate::font::{self, Weight};
use crate::picture::LAYOUT_WIDTH;
use crate::scene::{Anchor, Rect, Scene, Text};
use crate::theme::{LABEL_PX, SMALL_PX, TITLE_PX};
use crate::{Picture, PlotError, Theme};

/// Free space around everything, px.
const MARGIN_PX: f64 = 16.0;
/// From one line of small text to the next, px.
pub(crate) const LINE_PX: f64 = 17.0;

/// A figure under construction: a scene, and the room that is still free in it.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) scene: Scene,
    pub(crate) theme: Theme,
    /// Free from here, px from the top.
    pub(crate) top: f64,
    /// Free up to here.
    pub(crate) bottom: f64,
}

impl Sheet {
    /// Left edge of the room.
    pub(crate) const LEFT: f64 = MARGIN_PX;
    /// Right edge of the room.
    pub(crate) const RIGHT: f64 = LAYOUT_WIDTH - MARGIN_PX;

    /// A sheet with its headings.
    pub(crate) fn new(picture: &Picture, title: &str, subtitle: &str) -> Result<Self, PlotError> {
        let height = picture.layout_height()?;
        let theme = picture.theme;
        let scene = Scene {
            width: LAYOUT_WIDTH,
            height,
            background: theme.background(),
            title: font::clean(title),
            marks: Vec::new(),
        };
        let mut sheet = Self {
            scene,
            theme,
            top: MARGIN_PX,
            bottom: height - MARGIN_PX,
        };
        sheet.heading(title, TITLE_PX, Weight::Bold);
        sheet.heading(subtitle, LABEL_PX, Weight::Regular);
        sheet.top += 6.0;
        Ok(sheet)
    }

    fn heading(&mut self, text: &str, size: f64, weight: Weight) {
        let colour = match weight {
            Weight::Bold => self.theme.text(),
            Weight::Regular => self.theme.muted(),
        };
        for content in font::wrap(text, size, weight, Sheet::RIGHT - Sheet::LEFT, 2) {
            let at = (Sheet::LEFT, self.top + size / 2.0);
            self.scene.text(Text {
                at,
                content,
                size,
                weight,
                colour,
                anchor: Anchor::Start,
                up: false,
            });
            self.top += size * 1.35;
        }
    }

    /// A remark below everything, in at most two lines.
    pub(crate) fn note(&mut self, text: &str) {
        let lines = font::wrap(text, SMALL_PX, Weight::Regular, Sheet::RIGHT - Sheet::LEFT, 2);
        for line in lines.iter().rev() {
            let at = (Sheet::LEFT, self.bottom - SMALL_PX / 2.0);
            let colour = self.theme.muted();
            self.scene.label(at, line, SMALL_PX, colour, Anchor::Start);
            self.bottom -= LINE_PX;
        }
    }

    /// A small text in the colour of notes.
    pub(crate) fn small(&mut self, at: (f64, f64), text: &str, anchor: Anchor) {
        let colour = self.theme.muted();
        self.scene.label(at, text, SMALL_PX, colour, anchor);
    }

    /// A small text in the colour of titles.
    pub(crate) fn strong(&mut self, at: (f64, f64), text: &str, anchor: Anchor) {
        let colour = self.theme.text();
        self.scene.label(at, text, SMALL_PX, colour, anchor);
    }

    /// A small text at the first of the given starts where it touches no text and none of the marks from the `first`-th
    /// on; else at the first where it touches no text; else nowhere. Says whether it was placed.
    pub(crate) fn place(&mut self, places: &[(f64, f64)], text: &str, inside: &Rect, first: usize) -> bool {
        let width = font::width(text, SMALL_PX, Weight::Regular);
        let half = SMALL_PX / 2.0;
        let bounds = |&(x, y): &(f64, f64)| Rect::new(x, y - half, x + width, y + half);
        let free: Vec<(f64, f64)> = places
            .iter()
            .copied()
            .filter(|place| self.scene.is_free(&bounds(place), inside))
            .collect();
        let clear = free.iter().find(|place| self.scene.is_clear(&bounds(place), first));
        match clear.or(free.first()).copied() {
            Some(place) => self.plate(place, text, Anchor::Start, inside),
            None => false,
        }
    }

    /// The text of a horizontal line at `y`, above or below it, at the end where it is in nobody's way.
    pub(crate) fn line_label(&mut self, panel: &Rect, y: f64, text: &str, first: usize) {
        let inside = Rect::new(panel.left + 4.0, panel.top, panel.right - 4.0, panel.bottom);
        let text = font::shorten(text, SMALL_PX, Weight::Regular, inside.width());
        let width = font::width(&text, SMALL_PX, Weight::Regular);
        let starts = [1.0, 0.0, 0.75, 0.25, 0.5].map(|share| inside.left + share * (inside.width() - width - 0.01));
        let places: Vec<(f64, f64)> = [-10.0, 11.0]
            .into_iter()
            .flat_map(|shift| starts.map(|start| (start, y + shift)))
            .collect();
        self.place(&places, &text, &inside, first);
    }

    /// A small text on a plate of the background's colour, so that lines behind it do not cross it. It is moved to
    /// lie inside of `inside`, and left out, with `false`, where it would still touch another text.
    pub(crate) fn plate(&mut self, (x, y): (f64, f64), text: &str, anchor: Anchor, inside: &Rect) -> bool {
        let text = font::shorten(text, SMALL_PX, Weight::Regular, inside.width());
        let width = font::width(&text, SMALL_PX, Weight::Regular);
        let start = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        let left = start.min(inside.right - width).max(inside.left);
        let half = SMALL_PX / 2.0;
        let y = y.min(inside.bottom - half).max(inside.top + half);
        let bounds = Rect::new(left, y - half, left + width, y + half);
        if text.is_empty() || !self.scene.is_free(&bounds, inside) {
            return false;
        }
        let behind = Rect::new(left - 2.0, y - half - 1.0, left + width + 2.0, y + half + 1.0);
        self.scene.shade(behind, self.theme.background(), 0.85);
        self.strong((left, y), &text, Anchor::Start);
        true
    }
}
