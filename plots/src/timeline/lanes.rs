//! Drawing of the lanes.

use sim_core::outcome::Status;

use super::{Lane, RaceTimeline, Reach, Span, Step};
use crate::Picture;
use crate::font::{self, Weight};
use crate::number;
use crate::quantity::{Quantity, Unit};
use crate::scale::{self, Room, Scale};
use crate::scene::{Anchor, Rect, Shape};
use crate::sheet::{BELOW_PX, Key, LINE_PX, Sheet, Symbol};
use crate::theme::{LABEL_PX, Rgb, SMALL_PX, Theme};

/// Space between two lanes, px.
const GAP_PX: f64 = 18.0;
/// Height of a pod's own bar.
const BAR_PX: f64 = 13.0;
/// Height of the ticks of failed requests, above a pod's bar.
const TICKS_PX: f64 = 9.0;
/// Least and greatest height of a chooser's bar, with the space to the next.
const CHOOSER_PX: (f64, f64) = (3.0, 8.0);
/// Least height of a lane: its name takes two lines.
const LANE_MIN_PX: f64 = 2.0 * LINE_PX;
/// Narrowest stretch of time, px.
const SPAN_MIN_PX: f64 = 1.5;
/// Widest name of a pod, px.
const NAME_MAX_PX: f64 = 130.0;

fn reach_name(reach: Reach) -> &'static str {
    match reach {
        Reach::Serving => "serving",
        Reach::Refusing => "refusing",
        Reach::Silent => "silent",
        Reach::Reused => "address reused",
    }
}

fn step_style(step: Step, theme: Theme) -> (Rgb, Shape, &'static str) {
    match step {
        Step::Deregistered => (theme.text(), Shape::Diamond, "DeregisterTargets accepted"),
        Step::Sigterm => (theme.text(), Shape::Down, "SIGTERM"),
        Step::Sigkill => (theme.text(), Shape::Square, "SIGKILL"),
    }
}

/// Height of a picture of 800 px width in which every lane has as much room as it can use, px.
pub(super) fn best_height(data: &RaceTimeline) -> u32 {
    let picture = Picture::default();
    let mut sheet = Sheet::new(&picture, &data.title, &data.subtitle).expect("the default picture is legal");
    sheet.legend(&keys(data, sheet.theme));
    let lane = lane_height(choosers(data), CHOOSER_PX.1);
    let height = sheet.top + 2.0 + lane * data.lanes.len() as f64 + BELOW_PX + Sheet::LEFT;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a thousand lanes at most"
    )]
    let height = libm::ceil(height) as u32;
    height.clamp(Picture::HEIGHTS.0, Picture::HEIGHTS.1)
}

/// The most choosers of any lane.
fn choosers(data: &RaceTimeline) -> f64 {
    data.lanes.iter().map(|lane| lane.choosers.len()).max().unwrap_or(0) as f64
}

/// Height of a lane with the space to the next.
fn lane_height(choosers: f64, per_chooser: f64) -> f64 {
    (BAR_PX + TICKS_PX + GAP_PX + choosers * per_chooser).max(LANE_MIN_PX + GAP_PX)
}

pub(super) fn draw(data: &RaceTimeline, sheet: &mut Sheet) {
    sheet.legend(&keys(data, sheet.theme));
    let choosers = choosers(data);
    let fixed = BAR_PX + TICKS_PX + GAP_PX;
    let least = lane_height(choosers, CHOOSER_PX.0);
    let room = |sheet: &Sheet| sheet.bottom - BELOW_PX - sheet.top - 2.0;
    let fits = |sheet: &Sheet| {
        let counts = (1..=data.lanes.len()).rev();
        let mut fitting = counts.filter(|count| *count as f64 * least <= room(sheet));
        fitting.next().unwrap_or(1)
    };
    let mut shown = fits(sheet);
    if shown < data.lanes.len() {
        // The note takes room too. Its length does not depend on the count.
        let bottom = sheet.bottom;
        sheet.bottom -= LINE_PX;
        shown = fits(sheet);
        sheet.bottom = bottom;
        sheet.note(&format!("The first {shown} of {} pods are shown.", data.lanes.len()));
    }
    let lanes = &data.lanes[..shown];
    let room = room(sheet) / shown as f64;
    let per_chooser = if choosers > 0.0 {
        ((room - fixed) / choosers).clamp(CHOOSER_PX.0 * 0.5, CHOOSER_PX.1)
    } else {
        0.0
    };
    let height = lane_height(choosers, per_chooser).min(room);

    let texts = lanes.iter().flat_map(|lane| {
        [(lane.name.clone(), LABEL_PX), (when(lane), SMALL_PX)]
            .map(|(text, size)| font::width(&text, size, Weight::Regular))
    });
    let names = texts.fold(0.0, f64::max).clamp(70.0, NAME_MAX_PX);
    let panel = Rect::new(
        Sheet::LEFT + names + 12.0,
        sheet.top + 2.0,
        Sheet::RIGHT - 8.0,
        sheet.top + 2.0 + height * shown as f64,
    );
    let (low, high) = extent(lanes);
    let x = Scale::linear(low, high, panel.left, panel.right);
    let begin = if lanes.iter().all(|lane| lane.is_deleted) {
        "time since the pod's own deletion was committed"
    } else {
        "time since the pod's own end began: its deletion, or the loss of its node"
    };
    let time = Quantity::new(begin, Unit::Seconds).shown(high);
    sheet.x_axis(&panel, &scale::linear(&x, time.factor, Room::Across), &time.title);
    for (index, lane) in lanes.iter().enumerate() {
        let top = panel.top + index as f64 * height + GAP_PX * 0.3;
        draw_lane(sheet, lane, &x, top, per_chooser, choosers, height - GAP_PX);
    }
    if x.contains(0.0) {
        sheet.upright(&panel, x.at(0.0));
    }
}

/// What the lanes contain, explained.
fn keys(data: &RaceTimeline, theme: Theme) -> Vec<Key> {
    let any = |of: &dyn Fn(&Lane) -> bool| data.lanes.iter().any(of);
    let mut keys: Vec<Key> = Vec::new();
    for reach in Reach::ALL {
        if any(&|lane| lane.states.iter().any(|(_, state)| *state == reach)) {
            let name = format!("pod {}", reach_name(reach));
            keys.push(Key::new(Symbol::Fill(theme.status(reach.status())), name));
        }
    }
    if let Some(chooser) = data.lanes.iter().flat_map(|lane| &lane.choosers).next() {
        let name = if chooser.name.starts_with("ALB") {
            "an ALB node chooses it"
        } else {
            "still chosen"
        };
        keys.push(Key::new(Symbol::Bar(theme.muted()), name));
    }
    for status in Status::ALL {
        if any(&|lane| lane.failures.iter().any(|failure| failure.status == status)) {
            let name = match status.code() {
                0 => "request without answer".to_owned(),
                code => format!("request failed: {code}"),
            };
            keys.push(Key::new(Symbol::Tick(theme.status(status)), name));
        }
    }
    for step in [Step::Deregistered, Step::Sigterm, Step::Sigkill] {
        if any(&|lane| lane.steps.iter().any(|(_, found)| *found == step)) {
            let (colour, shape, name) = step_style(step, theme);
            keys.push(Key::new(Symbol::Marker(colour, shape), name));
        }
    }
    keys
}

/// First and last moment to show: from a little before the deletions until all is decided.
fn extent(lanes: &[Lane]) -> (f64, f64) {
    let mut last: f64 = 1.0;
    for lane in lanes {
        let ends = lane
            .choosers
            .iter()
            .flat_map(|chooser| chooser.chooses.iter().map(|span| span.to_s));
        // Who has the address afterwards is of interest only while it is chosen.
        let others = |pair: &&[(Span, Reach)]| pair.iter().all(|(_, reach)| *reach != Reach::Reused);
        let changes = lane.states.windows(2).filter(others).map(|pair| pair[1].0.from_s);
        let failures = lane.failures.iter().map(|failure| failure.at_s);
        let steps = lane.steps.iter().map(|(at, _)| *at);
        last = ends.chain(changes).chain(failures).chain(steps).fold(last, f64::max);
    }
    (-last * 0.05, last * 1.06)
}

/// When a lane's own time begins.
fn when(lane: &Lane) -> String {
    format!("at {}", number::duration(lane.deleted_s))
}

fn draw_lane(sheet: &mut Sheet, lane: &Lane, x: &Scale, top: f64, per_chooser: f64, choosers: f64, height: f64) {
    let theme = sheet.theme;
    let left = Sheet::LEFT;
    let name = font::shorten(&lane.name, LABEL_PX, Weight::Regular, NAME_MAX_PX);
    let middle = top + height / 2.0;
    sheet.scene.label(
        (left, middle - LINE_PX / 2.0),
        &name,
        LABEL_PX,
        theme.text(),
        Anchor::Start,
    );
    let when = font::shorten(&when(lane), SMALL_PX, Weight::Regular, NAME_MAX_PX);
    sheet.small((left, middle + LINE_PX / 2.0), &when, Anchor::Start);

    // What took any time is seen, however short it was.
    let clipped = |span: &Span| {
        let (from, to) = (x.at(span.from_s), x.at(span.to_s));
        (from, if to > from { to.max(from + SPAN_MIN_PX) } else { to })
    };
    for (row, chooser) in lane.choosers.iter().enumerate() {
        let y = top + row as f64 * per_chooser;
        for span in &chooser.chooses {
            let (from, to) = clipped(span);
            sheet
                .scene
                .rect(Rect::new(from, y, to, y + per_chooser * 0.62), theme.muted());
        }
    }
    let bar = top + choosers * per_chooser + TICKS_PX;
    for (span, reach) in &lane.states {
        let (from, to) = clipped(span);
        sheet
            .scene
            .rect(Rect::new(from, bar, to, bar + BAR_PX), theme.status(reach.status()));
    }
    for status in Status::ALL {
        // Ticks closer than a pixel are one.
        let mut places: Vec<f64> = lane
            .failures
            .iter()
            .filter(|failure| failure.status == status && x.contains(failure.at_s))
            .map(|failure| libm::round(x.at(failure.at_s)))
            .collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        for at in places {
            sheet.scene.rect(
                Rect::new(at, bar - TICKS_PX + 1.0, at + 1.5, bar - 1.0),
                theme.status(status),
            );
        }
    }
    for (at, step) in &lane.steps {
        if x.contains(*at) {
            let (colour, shape, _) = step_style(*step, theme);
            // Below the bar, of which it would hide short states.
            sheet.scene.marker((x.at(*at), bar + BAR_PX + 5.5), shape, 3.8, colour);
        }
    }
}
