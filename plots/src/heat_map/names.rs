//! Names of levels, beside the cells and below them.

use crate::font::{self, Weight};
use crate::scene::{Anchor, Rect, Text};
use crate::sheet::{self, Sheet};
use crate::theme::SMALL_PX;

/// Height of level names in one line and of the axis title below the cells, px.
pub(super) const BELOW_PX: f64 = sheet::BELOW_PX;
/// Height of a line of names beside the cells, px.
pub(super) const LINE_PX: f64 = 15.0;
/// Widest number beside the cells, px.
const NUMBER_MAX_PX: f64 = 120.0;
/// Widest line of words beside the cells, px.
const WORD_MAX_PX: f64 = 240.0;
/// Most lines of one name.
const LINES_MAX: usize = 3;
/// Longest name that runs upwards, px.
const UP_MAX_PX: f64 = 180.0;
/// Space between two names below the cells, px.
const GAP_PX: f64 = 8.0;
/// How many numbers go without a name between two that have one, at least.
const EVERY: [usize; 8] = [1, 2, 5, 10, 20, 50, 100, 200];

/// The names of one factor's levels.
#[derive(Clone, Copy)]
pub(super) struct Names<'a>(&'a [String]);

impl<'a> Names<'a> {
    pub(super) fn of(levels: &'a [String]) -> Self {
        Self(levels)
    }

    /// The widest, px.
    fn widest(self) -> f64 {
        self.0.iter().map(|name| width(name)).fold(0.0, f64::max)
    }

    /// Room that they need beside the cells, px.
    pub(super) fn beside_px(self, are_numbers: bool) -> f64 {
        let widest = if are_numbers { NUMBER_MAX_PX } else { WORD_MAX_PX };
        self.widest().min(widest)
    }

    /// Lines that the longest needs beside the cells.
    pub(super) fn lines(self) -> usize {
        let lines = self.0.iter().map(|name| wrapped(name, LINES_MAX).len());
        lines.max().unwrap_or(1).max(1)
    }

    /// Beside the cells of a panel, the first at its bottom.
    pub(super) fn draw_beside(self, sheet: &mut Sheet, panel: &Rect, are_numbers: bool) {
        let height = panel.height() / self.0.len() as f64;
        let pitch = if are_numbers { 24.0 } else { LINE_PX };
        let every = every(|every| height * every as f64 >= pitch);
        // As many lines as a name's own cell is high.
        let lines = (1..=LINES_MAX).rev().find(|lines| *lines as f64 * LINE_PX <= height);
        for (index, name) in self.0.iter().enumerate().step_by(every) {
            let middle = panel.bottom - (index as f64 + 0.5) * height;
            let lines = if are_numbers {
                vec![font::shorten(name, SMALL_PX, Weight::Regular, NUMBER_MAX_PX)]
            } else {
                wrapped(name, lines.unwrap_or(1))
            };
            let first = middle - (lines.len().saturating_sub(1)) as f64 / 2.0 * LINE_PX;
            for (line, text) in lines.iter().enumerate() {
                sheet.small((panel.left - 6.0, first + line as f64 * LINE_PX), text, Anchor::End);
            }
        }
    }

    /// How they go below cells that are so wide together.
    pub(super) fn across(self, panel_width: f64, are_numbers: bool) -> Across<'a> {
        let cell = panel_width / self.0.len() as f64;
        let widest = self.widest();
        if are_numbers || widest + GAP_PX <= cell || self.0.len() == 1 {
            let widest = widest.min((cell - GAP_PX).max(90.0));
            return Across {
                names: self.0,
                every: every(|every| cell * every as f64 >= widest + GAP_PX),
                up_px: None,
                widest,
            };
        }
        Across {
            names: self.0,
            every: every(|every| cell * every as f64 >= LINE_PX),
            up_px: Some(widest.min(UP_MAX_PX)),
            widest,
        }
    }
}

/// Names below the cells.
pub(super) struct Across<'a> {
    names: &'a [String],
    /// Of so many one is named.
    every: usize,
    /// How long the longest is where they run upwards.
    up_px: Option<f64>,
    /// Widest of those that do not.
    widest: f64,
}

impl Across<'_> {
    /// Room that they need below the cells beyond [`BELOW_PX`].
    pub(super) fn depth_px(&self) -> f64 {
        self.up_px.map_or(0.0, |length| (length - SMALL_PX).max(0.0))
    }

    pub(super) fn draw(&self, sheet: &mut Sheet, panel: &Rect, title: &str) {
        let width = panel.width() / self.names.len() as f64;
        for (index, name) in self.names.iter().enumerate().step_by(self.every) {
            let x = panel.left + (index as f64 + 0.5) * width;
            let end = vec![(x, panel.bottom), (x, panel.bottom + 4.0)];
            sheet.scene.line(end, sheet.theme.frame(), 1.0);
            match self.up_px {
                None => {
                    let text = font::shorten(name, SMALL_PX, Weight::Regular, self.widest);
                    sheet.small((x, panel.bottom + 12.0), &text, Anchor::Middle);
                }
                Some(_) => sheet.scene.text(Text {
                    at: (x, panel.bottom + 7.0),
                    content: font::shorten(name, SMALL_PX, Weight::Regular, UP_MAX_PX),
                    size: SMALL_PX,
                    weight: Weight::Regular,
                    colour: sheet.theme.muted(),
                    anchor: Anchor::End,
                    up: true,
                }),
            }
        }
        let line = vec![(panel.left, panel.bottom), (panel.right, panel.bottom)];
        sheet.scene.line(line, sheet.theme.frame(), 1.0);
        sheet.x_title(panel, BELOW_PX - 13.0 + self.depth_px(), title);
    }
}

fn width(name: &str) -> f64 {
    font::width(&font::clean(name), SMALL_PX, Weight::Regular)
}

/// A name in lines for words beside the cells.
fn wrapped(name: &str, lines: usize) -> Vec<String> {
    font::wrap(name, SMALL_PX, Weight::Regular, WORD_MAX_PX, lines)
}

/// Of how many one is named, so that two keep the distance that `is_apart` wants.
fn every(is_apart: impl Fn(usize) -> bool) -> usize {
    EVERY.into_iter().find(|every| is_apart(*every)).unwrap_or(usize::MAX)
}
