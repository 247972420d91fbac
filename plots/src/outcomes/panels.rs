//! The three panels and what goes through all of them.

use sim_core::outcome::Status;

use super::marks::{Marks, SYMBOLS};
use super::{Outcomes, PodCounts, Second};
use crate::number;
use crate::quantity::{Quantity, Unit};
use crate::scale::{self, Room, Scale, Tick};
use crate::scene::{Anchor, Rect};
use crate::sheet::{Key, LINE_PX, Sheet, Side, Symbol, beside};
use crate::theme::{Rgb, SMALL_PX};

/// Names of statuses in the legend, in the order of [`Second`], with the status whose colour they have.
const STATUSES: [(&str, Status); 7] = [
    ("answered", Status::Ok),
    ("500 by the target", Status::TargetError),
    ("502", Status::BadGateway),
    ("503", Status::ServiceUnavailable),
    ("504", Status::GatewayTimeout),
    ("460 client gave up", Status::ClientClosed),
    ("no answer, or from a wrong pod", Status::WrongTarget),
];

/// Narrowest bin, px.
const BIN_PX: f64 = 2.0;

pub(super) fn draw(data: &Outcomes, sheet: &mut Sheet) {
    let theme = sheet.theme;
    let totals = totals(&data.seconds);
    let mut keys: Vec<Key> = (0..7)
        .filter(|&index| index == 0 || totals[index] > 0.0)
        .map(|index| Key::new(Symbol::Fill(theme.status(STATUSES[index].1)), STATUSES[index].0))
        .collect();
    let span = data.seconds.len() as f64;
    let bin = bin_length(data.seconds.len(), 660.0);
    let all: Vec<[f64; 7]> = binned(&data.seconds, bin, Second::counts);
    let pods: Vec<[f64; 3]> = binned(&data.pods, bin, PodCounts::counts);
    if bin > 1 {
        let length = number::duration(bin as f64);
        sheet.note(&format!(
            "Each step is the mean of {length}; short peaks are higher than they look."
        ));
    }

    let marks = Marks::of(data);
    if let Marks::Symbols(kinds) = &marks {
        let key = |(row, (name, times)): (usize, &(&str, Vec<f64>))| {
            let times = if times.len() == 1 {
                "once".to_owned()
            } else {
                format!("{} times", times.len())
            };
            Key::new(Symbol::Marker(theme.text(), SYMBOLS[row]), format!("{name}, {times}"))
        };
        keys.extend(kinds.iter().enumerate().map(key));
    }
    sheet.legend(&keys);
    let labels = marks.rows() as f64 * LINE_PX;
    let (top, bottom) = (sheet.top + labels + SMALL_PX / 2.0, sheet.bottom - 44.0);
    let shares = if pods.is_empty() {
        vec![0.55, 0.45]
    } else {
        vec![0.42, 0.3, 0.28]
    };
    let gaps = if pods.is_empty() {
        vec![0.0, 20.0]
    } else {
        vec![0.0, 20.0, 36.0]
    };
    let free = bottom - top - gaps.iter().sum::<f64>();
    let mut y = top;
    let heights: Vec<(f64, f64)> = shares
        .iter()
        .zip(&gaps)
        .map(|(share, gap)| {
            let from = y + gap;
            y = from + share * free;
            (from, y)
        })
        .collect();

    let stacked: Vec<f64> = all.iter().map(|row| row.iter().sum()).collect();
    let failed: Vec<f64> = all.iter().map(|row| row[1..].iter().sum()).collect();
    let in_pods: Vec<f64> = pods.iter().flatten().copied().collect();
    let scales: Vec<(Scale, Vec<Tick>)> = [stacked, failed, in_pods]
        .iter()
        .zip(&heights)
        .map(|(values, &(top, bottom))| upright(values, top, bottom))
        .collect();
    let left = scales.iter().map(|(_, ticks)| beside(ticks)).fold(0.0, f64::max) + Sheet::LEFT;
    let x = Scale::linear(0.0, span, left, Sheet::RIGHT - 8.0);
    let panels: Vec<Rect> = heights
        .iter()
        .map(|&(top, bottom)| Rect::new(x.from, top, x.to, bottom))
        .collect();
    let time = Quantity::new("time since the run's start", Unit::Seconds).shown(span);
    let ticks = scale::linear(&x, time.factor, Room::Across);

    let titles = ["requests/s", "failed/s", "pods"];
    for (index, panel) in panels.iter().enumerate() {
        let is_last = index + 1 == panels.len();
        if is_last {
            sheet.x_axis(panel, &ticks, &time.title);
        } else {
            let lines: Vec<Tick> = ticks
                .iter()
                .map(|tick| Tick {
                    at: tick.at,
                    label: String::new(),
                })
                .collect();
            sheet.x_axis(panel, &lines, "");
        }
        sheet.y_axis(panel, Side::Left, &scales[index].1, titles[index]);
    }
    let mut stack = Stack {
        sheet,
        x: &x,
        bin: bin as f64,
    };
    stack.draw(&all, 0, &scales[0].0);
    stack.draw(&all, 1, &scales[1].0);
    let says = match totals.iter().position(|total| *total > 0.0) {
        None => Some("no requests"),
        Some(0) if totals[1..].iter().all(|total| *total <= 0.0) => Some("every request was answered"),
        Some(_) => None,
    };
    if let Some(says) = says {
        let panel = panels[1];
        let middle = (
            f64::midpoint(panel.left, panel.right),
            f64::midpoint(panel.top, panel.bottom),
        );
        stack.sheet.plate(middle, says, Anchor::Middle, &panel);
    }
    if let Some(panel) = panels.get(2) {
        draw_pods(sheet, panel, &pods, (&x, &scales[2].0), bin as f64);
    }
    for panel in &panels {
        sheet.frame(panel);
    }
    marks.draw(sheet, &x, &panels);
}

/// Sums over the run, by status.
fn totals(seconds: &[Second]) -> [f64; 7] {
    let mut totals = [0.0; 7];
    for second in seconds {
        for (total, count) in totals.iter_mut().zip(second.counts()) {
            *total += count;
        }
    }
    totals
}

/// Seconds per bin, a round number, so that bins are wide enough to be seen.
fn bin_length(seconds: usize, room: f64) -> usize {
    let least = seconds as f64 * BIN_PX / room;
    let round = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
    round.into_iter().find(|&length| length as f64 >= least).unwrap_or(7200)
}

/// Means over bins.
fn binned<T, const N: usize>(rows: &[T], bin: usize, counts: impl Fn(&T) -> [f64; N]) -> Vec<[f64; N]> {
    rows.chunks(bin)
        .map(|chunk| {
            let mut mean = [0.0; N];
            for row in chunk {
                for (sum, count) in mean.iter_mut().zip(counts(row)) {
                    *sum += count / chunk.len() as f64;
                }
            }
            mean
        })
        .collect()
}

fn upright(values: &[f64], top: f64, bottom: f64) -> (Scale, Vec<Tick>) {
    let largest = values.iter().copied().fold(0.0, f64::max);
    let high = if largest > 0.0 { largest * 1.06 } else { 1.0 };
    let scale = Scale::linear(0.0, high, bottom, top);
    let ticks = scale::linear(&scale, 1.0, Room::Up);
    (scale, ticks)
}

struct Stack<'a> {
    sheet: &'a mut Sheet,
    x: &'a Scale,
    bin: f64,
}

impl Stack<'_> {
    /// Steps of the statuses from `first` on, on top of one another.
    fn draw(&mut self, rows: &[[f64; 7]], first: usize, y: &Scale) {
        let mut below = vec![0.0; rows.len()];
        // Failures lie at the bottom, where they start from a straight line.
        let order = (1..7).chain(std::iter::once(0)).filter(|&index| index >= first);
        for index in order {
            if rows.iter().all(|row| row[index] <= 0.0) {
                continue;
            }
            let mut points = Vec::with_capacity(rows.len() * 2);
            for (at, (row, base)) in rows.iter().zip(&mut below).enumerate() {
                let (low, high) = (y.at(*base), y.at(*base + row[index]));
                *base += row[index];
                points.push([self.x.at(at as f64 * self.bin), low, high]);
                points.push([self.x.at((at + 1) as f64 * self.bin), low, high]);
            }
            let colour = self.sheet.theme.status(STATUSES[index].1);
            self.sheet.scene.area(points, colour, 1.0);
        }
    }
}

/// Index of the count, name, colour and dashes of a line.
type PodLine = (usize, &'static str, Rgb, Option<(f64, f64)>);

fn draw_pods(sheet: &mut Sheet, panel: &Rect, rows: &[[f64; 3]], (x, y): (&Scale, &Scale), bin: f64) {
    let theme = sheet.theme;
    let dashes: [PodLine; 3] = [
        (0, "Ready", theme.status(Status::Ok), None),
        (2, "terminating", theme.text(), Some((6.0, 3.0))),
        (1, "not Ready", theme.muted(), Some((2.0, 2.0))),
    ];
    let keys: Vec<Key> = dashes
        .iter()
        .map(|(_, name, colour, dash)| Key::new(Symbol::Line(*colour, *dash, None), *name))
        .collect();
    sheet.legend_at(panel.left, panel.top - LINE_PX - 6.0, &keys);
    for (index, _, colour, dash) in dashes {
        let mut points = Vec::with_capacity(rows.len() * 2);
        for (at, row) in rows.iter().enumerate() {
            // Only where the count changes.
            if at > 0 && rows[at - 1][index].total_cmp(&row[index]).is_eq() {
                points.pop();
            } else {
                points.push((x.at(at as f64 * bin), y.at(row[index])));
            }
            points.push((x.at((at + 1) as f64 * bin), y.at(row[index])));
        }
        match dash {
            None => sheet.scene.line(points, colour, 2.0),
            Some(dash) => sheet.scene.dashed(&points, colour, 2.0, dash),
        }
    }
}
