//! Disruptions: lines through all panels, or symbols above them where lines would cover the data.

use super::Outcomes;
use crate::font::{self, Weight};
use crate::scale::Scale;
use crate::scene::{Anchor, Rect, Shape};
use crate::sheet::{LINE_PX, Sheet};
use crate::theme::SMALL_PX;

/// Most lines: more hide what they cross.
const LINES_MAX: usize = 12;
/// Most rows of labels, and of symbols.
const ROWS_MAX: usize = 2;
/// Symbol of each row.
pub(super) const SYMBOLS: [Shape; ROWS_MAX] = [Shape::Down, Shape::Diamond];
/// Stands for all kinds that have no row of their own.
const OTHERS: &str = "other disruptions";

/// How the disruptions are marked.
pub(super) enum Marks<'d> {
    /// Time in seconds and name of each.
    Lines(Vec<(f64, &'d str)>),
    /// Name and times of each kind, in a row of its own.
    Symbols(Vec<(&'d str, Vec<f64>)>),
}

impl<'d> Marks<'d> {
    pub(super) fn of(data: &'d Outcomes) -> Self {
        let span = data.seconds.len() as f64;
        let all: Vec<(f64, &str)> = data
            .disruptions
            .iter()
            .filter(|disruption| disruption.at_s <= span)
            .map(|disruption| (disruption.at_s, disruption.name.as_str()))
            .collect();
        if all.len() <= LINES_MAX {
            return Self::Lines(all);
        }
        let mut kinds: Vec<(&str, Vec<f64>)> = Vec::new();
        for (at, name) in all {
            match kinds.iter_mut().find(|(known, _)| *known == name) {
                Some((_, times)) => times.push(at),
                None => kinds.push((name, vec![at])),
            }
        }
        if kinds.len() > ROWS_MAX {
            let rest = kinds.split_off(ROWS_MAX - 1);
            kinds.push((OTHERS, rest.into_iter().flat_map(|(_, times)| times).collect()));
        }
        Self::Symbols(kinds)
    }

    /// Rows that they need above the panels.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Lines(all) => all.len().min(ROWS_MAX),
            Self::Symbols(kinds) => kinds.len(),
        }
    }

    pub(super) fn draw(&self, sheet: &mut Sheet, x: &Scale, panels: &[Rect]) {
        let rows = Rect::new(
            Sheet::LEFT,
            panels[0].top - self.rows() as f64 * LINE_PX - 2.0,
            Sheet::RIGHT,
            panels[0].top - 2.0,
        );
        match self {
            Self::Lines(all) => lines(all, sheet, x, panels, &rows),
            Self::Symbols(kinds) => {
                let colour = sheet.theme.text();
                for (row, (_, times)) in kinds.iter().enumerate() {
                    let y = rows.top + (row as f64 + 0.5) * LINE_PX;
                    for at in times {
                        sheet.scene.marker((x.at(*at), y), SYMBOLS[row], 3.5, colour);
                    }
                }
            }
        }
    }
}

/// With as many labels as fit above the lines.
fn lines(all: &[(f64, &str)], sheet: &mut Sheet, x: &Scale, panels: &[Rect], rows: &Rect) {
    let count = all.len().min(ROWS_MAX);
    let mut left_out = 0;
    for (at, name) in all {
        let at = x.at(*at);
        // Not through the space between panels, where a legend may stand.
        for panel in panels {
            let line = [(at, panel.top - 2.0), (at, panel.bottom)];
            sheet.scene.dashed(&line, sheet.theme.text(), 1.0, (4.0, 3.0));
        }
        let name = font::shorten(name, SMALL_PX, Weight::Regular, 160.0);
        let placed = (0..count).any(|row| {
            let y = rows.bottom - (row as f64 + 0.5) * LINE_PX;
            sheet.plate((at, y), &name, Anchor::Middle, rows)
        });
        left_out += usize::from(!placed && !name.is_empty());
    }
    if left_out > 0 {
        let text = format!("+{left_out} more");
        let width = font::width(&text, SMALL_PX, Weight::Regular) + 0.01;
        let starts = [rows.right - width, rows.left].into_iter();
        let places: Vec<(f64, f64)> = starts
            .flat_map(|start| [0.5, 1.5].map(|row| (start, rows.bottom - row * LINE_PX)))
            .collect();
        sheet.place(&places, &text, rows, usize::MAX);
    }
}
