//! Axes of a panel: lines, ticks, grid, titles.

use super::Sheet;
use crate::font::{self, Weight};
use crate::scale::Tick;
use crate::scene::{Anchor, Rect, Text};
use crate::theme::{LABEL_PX, SMALL_PX};

/// Where the labels of an upright axis stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Left of the panel.
    Left,
    /// Right of it.
    Right,
}

/// Height of the labels and the title below a panel, px.
pub(crate) const BELOW_PX: f64 = 44.0;

/// Width that an upright axis with these ticks and a title needs, px.
pub(crate) fn beside(ticks: &[Tick]) -> f64 {
    let labels = ticks
        .iter()
        .map(|tick| font::width(&tick.label, SMALL_PX, Weight::Regular));
    labels.fold(0.0, f64::max) + 8.0 + LABEL_PX * 1.6
}

impl Sheet {
    /// The horizontal axis at the bottom of a panel: grid lines, tick labels, and a title below if there is one.
    pub(crate) fn x_axis(&mut self, panel: &Rect, ticks: &[Tick], title: &str) {
        for tick in ticks {
            let line = vec![(tick.at, panel.top), (tick.at, panel.bottom)];
            self.scene.line(line, self.theme.grid(), 1.0);
        }
        self.x_labels(panel, ticks, title);
    }

    /// The same without grid lines.
    pub(crate) fn x_labels(&mut self, panel: &Rect, ticks: &[Tick], title: &str) {
        for tick in ticks {
            let end = vec![(tick.at, panel.bottom), (tick.at, panel.bottom + 4.0)];
            self.scene.line(end, self.theme.frame(), 1.0);
            // The outermost labels stay within the sheet.
            let half = font::width(&tick.label, SMALL_PX, Weight::Regular) / 2.0;
            let x = tick.at.min(self.scene.width - 2.0 - half).max(2.0 + half);
            let y = panel.bottom + 12.0;
            let bounds = Rect::new(x - half - 2.0, y - SMALL_PX / 2.0, x + half + 2.0, y + SMALL_PX / 2.0);
            if self
                .scene
                .is_free(&bounds, &Rect::new(0.0, 0.0, self.scene.width, self.scene.height))
            {
                self.small((x, y), &tick.label, Anchor::Middle);
            }
        }
        let line = vec![(panel.left, panel.bottom), (panel.right, panel.bottom)];
        self.scene.line(line, self.theme.frame(), 1.0);
        self.x_title(panel, BELOW_PX - 13.0, title);
    }

    /// The title of a horizontal axis, so far below its panel.
    pub(crate) fn x_title(&mut self, panel: &Rect, below: f64, title: &str) {
        let title = font::shorten(title, LABEL_PX, Weight::Regular, Sheet::RIGHT - Sheet::LEFT);
        let half = font::width(&title, LABEL_PX, Weight::Regular) / 2.0;
        let middle = f64::midpoint(panel.left, panel.right);
        let x = middle.min(Sheet::RIGHT - half).max(Sheet::LEFT + half);
        let colour = self.theme.text();
        self.scene
            .label((x, panel.bottom + below), &title, LABEL_PX, colour, Anchor::Middle);
    }

    /// An upright axis: grid lines, tick labels, and a title along it, broken into two lines if need be.
    pub(crate) fn y_axis(&mut self, panel: &Rect, side: Side, ticks: &[Tick], title: &str) {
        for tick in ticks {
            if side == Side::Left {
                let line = vec![(panel.left, tick.at), (panel.right, tick.at)];
                self.scene.line(line, self.theme.grid(), 1.0);
            }
            let (x, anchor) = match side {
                Side::Left => (panel.left - 6.0, Anchor::End),
                Side::Right => (panel.right + 6.0, Anchor::Start),
            };
            self.small((x, tick.at), &tick.label, anchor);
        }
        let labels = beside(ticks) - LABEL_PX * 0.8;
        let x = match side {
            Side::Left => panel.left - labels,
            Side::Right => panel.right + labels,
        };
        self.up_title(x, panel, title);
    }

    /// A title that runs upwards beside a panel; two lines where one is too long.
    pub(crate) fn up_title(&mut self, x: f64, panel: &Rect, title: &str) {
        let room = panel.height() + 8.0;
        let fits = font::width(title, LABEL_PX, Weight::Regular) <= room;
        let size = if fits { LABEL_PX } else { SMALL_PX };
        let content = font::shorten(title, size, Weight::Regular, room);
        let at = (x, f64::midpoint(panel.top, panel.bottom));
        self.scene.text(Text {
            at,
            content,
            size,
            weight: Weight::Regular,
            colour: self.theme.text(),
            anchor: Anchor::Middle,
            up: true,
        });
    }

    /// An upright dashed line through a panel.
    pub(crate) fn upright(&mut self, panel: &Rect, x: f64) {
        let line = [(x, panel.top), (x, panel.bottom)];
        self.scene.dashed(&line, self.theme.text(), 1.5, (5.0, 4.0));
    }

    /// The panel of a figure with a left axis, whose ticks the caller makes for the room's height, and the axis below.
    pub(crate) fn panel(&self, ticks: impl Fn(f64, f64) -> Vec<Tick>) -> (Rect, Vec<Tick>) {
        let (top, bottom) = (self.top + SMALL_PX / 2.0 + 2.0, self.bottom - BELOW_PX);
        let ticks = ticks(bottom, top);
        let left = Sheet::LEFT + beside(&ticks);
        (Rect::new(left, top, Sheet::RIGHT - 8.0, bottom), ticks)
    }

    /// The line of the left axis.
    pub(crate) fn frame(&mut self, panel: &Rect) {
        let line = vec![(panel.left, panel.top), (panel.left, panel.bottom)];
        self.scene.line(line, self.theme.frame(), 1.0);
    }
}
