//! How long removal from the ALB took, against how long the pod still served: what preStop covers, and what not.

mod hops;
mod races;

use crate::distribution::Distribution;
use crate::font::{self, Weight};
use crate::layout::Layout;
use crate::number;
use crate::quantity::{Quantity, Unit};
use crate::scale::{self, Room, Scale};
use crate::scene::{Anchor, Point, Rect};
use crate::sheet::{Key, Sheet, Side, Symbol};
use crate::theme::{LABEL_PX, Rgb, SMALL_PX};
use crate::{Picture, PlotError, check};
use sim_core::outcome::{Cause, Hop, Status};

/// One hop of the deletion's way to the last ALB node.
#[derive(Debug, Clone, PartialEq)]
pub struct HopShare {
    /// Which hop.
    pub hop: Hop,
    /// Mean time that removal spent in it, seconds.
    pub mean_s: f64,
}

/// The figure's data. Times count from the commit of each pod's deletion.
#[derive(Debug, Clone, PartialEq)]
pub struct RaceWindow {
    /// Title of the picture.
    pub title: String,
    /// Second line; may be empty.
    pub subtitle: String,
    /// Until the last ALB node stopped choosing the pod, seconds.
    pub removal_s: Distribution,
    /// Until the pod served no new connection, seconds; nothing if it is not known.
    pub served_after_deletion_s: Option<Distribution>,
    /// Until preStop and the drain end as they are set, seconds; nothing if there is no such limit.
    pub pre_stop_covers_s: Option<f64>,
    /// The hops that removal consists of, in their order; may be empty, at most eight.
    pub hops: Vec<HopShare>,
}

impl Layout for RaceWindow {
    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn sheet(&self, picture: &Picture) -> Result<Sheet, PlotError> {
        self.removal_s.check("removal_s")?;
        if let Some(served) = &self.served_after_deletion_s {
            served.check("served_after_deletion_s")?;
        }
        if let Some(covers) = self.pre_stop_covers_s {
            check::not_negative("pre_stop_covers_s", covers)?;
        }
        check::at_most("hops", self.hops.len(), 8)?;
        for (index, hop) in self.hops.iter().enumerate() {
            check::not_negative(&format!("hops[{index}].mean_s"), hop.mean_s)?;
        }
        Sheet::new(picture, &self.title, &self.subtitle)
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn lay_out(&self, sheet: &mut Sheet) -> Result<(), PlotError> {
        let theme = sheet.theme;
        let (covered, open) = (theme.status(Status::Ok), theme.cause(Cause::RefusedListenerClosed));
        let mut keys = vec![Key::new(
            Symbol::Line(theme.text(), None, None),
            "removed from the last ALB node",
        )];
        if self.served_after_deletion_s.is_some() {
            let symbol = Symbol::Line(theme.series(0), Some((6.0, 3.0)), None);
            keys.push(Key::new(symbol, "pod serves no new connection"));
        }
        if self.pre_stop_covers_s.is_some() {
            keys.push(Key::new(
                Symbol::Fill(faded(covered, theme.background())),
                "still chosen, covered by preStop",
            ));
            keys.push(Key::new(
                Symbol::Fill(faded(open, theme.background())),
                "still chosen, not covered",
            ));
        }
        sheet.legend(&keys);

        let high = self.longest() * 1.06;
        let time = Quantity::new("time since the deletion was committed", Unit::Seconds).shown(high);
        let strip = hops::room(sheet, &self.hops);
        sheet.bottom -= strip;
        let (panel, y_ticks) =
            sheet.panel(|bottom, top| scale::linear(&Scale::linear(0.0, 1.0, bottom, top), 100.0, Room::Up));
        let y = Scale::linear(0.0, 1.0, panel.bottom, panel.top);
        let x = Scale::linear(0.0, high, panel.left, panel.right);
        sheet.x_axis(&panel, &scale::linear(&x, time.factor, Room::Across), &time.title);
        sheet.y_axis(&panel, Side::Left, &y_ticks, "share of deleted pods (%)");
        sheet.frame(&panel);

        let removal = steps(&self.removal_s, &x, &y);
        if let Some(covers) = self.pre_stop_covers_s {
            self.shade(sheet, &removal, x.at(covers), (covered, open), &panel);
        }
        let first = sheet.scene.marks.len();
        if let Some(served) = &self.served_after_deletion_s {
            let points = steps(served, &x, &y);
            sheet.scene.dashed(&points, theme.series(0), 2.0, (6.0, 3.0));
        }
        sheet.scene.line(removal, theme.text(), 2.5);
        if let Some(covers) = self.pre_stop_covers_s {
            self.say(sheet, covers, x.at(covers), &panel, first);
        }
        if strip > 0.0 {
            sheet.bottom += strip;
            hops::draw(sheet, &self.hops, &panel, &x);
        }
        Ok(())
    }
}

impl RaceWindow {
    /// Longest time to be shown, seconds.
    fn longest(&self) -> f64 {
        let served = self
            .served_after_deletion_s
            .as_ref()
            .map_or(0.0, |served| served.range().1);
        let hops: f64 = self.hops.iter().map(|hop| hop.mean_s).sum();
        let all = [
            self.removal_s.range().1,
            served,
            self.pre_stop_covers_s.unwrap_or(0.0),
            hops,
            0.001,
        ];
        all.into_iter().fold(0.0, f64::max)
    }

    /// Above the line are the pods that are still chosen: up to the limit they still serve, beyond it they do not.
    fn shade(&self, sheet: &mut Sheet, removal: &[Point], limit: f64, (covered, open): (Rgb, Rgb), panel: &Rect) {
        let height = panel.bottom
            - (panel.bottom - panel.top) * self.removal_s.share_within(self.pre_stop_covers_s.unwrap_or(0.0));
        let mut inside = vec![[panel.left, panel.bottom, panel.top]];
        let mut beyond = vec![[limit, height, panel.top]];
        for &(x, y) in removal {
            if x <= limit {
                inside.push([x, y, panel.top]);
            } else {
                beyond.push([x, y.min(height), panel.top]);
            }
        }
        inside.push([limit, height, panel.top]);
        sheet.scene.area(inside, covered, 0.35);
        sheet.scene.area(beyond, open, 0.45);
    }

    /// The limit and the share that is beyond it, written out.
    fn say(&self, sheet: &mut Sheet, covers: f64, x: f64, panel: &Rect, first: usize) {
        sheet.upright(panel, x);
        let late = 1.0 - self.removal_s.share_within(covers);
        let inside = Rect::new(panel.left + 6.0, panel.top + 4.0, panel.right - 4.0, panel.bottom - 4.0);
        let limit = format!("preStop covers {}", number::duration(covers));
        let share = if late > 0.0 {
            format!("{} of pods are still chosen after it", number::percent(late))
        } else {
            "every pod here was removed within it".to_owned()
        };
        // Both lines go where neither curve runs behind them, near the limit if possible.
        let width = |text: &str| font::width(text, SMALL_PX, Weight::Regular);
        let wide = width(&limit).max(width(&share));
        let sides = [
            x + 10.0,
            x - 10.0 - wide,
            x + 40.0,
            x - 40.0 - wide,
            x + 80.0,
            inside.left,
            inside.right - wide,
        ];
        let heights = [0.5, 0.3, 0.15, 0.7, 0.85].map(|part| inside.bottom - part * inside.height());
        let blocks = heights
            .iter()
            .flat_map(|&y| sides.map(|left| Rect::new(left, y - 10.0, left + wide, y + 28.0)));
        let is_inside = |block: &Rect| block.left >= inside.left && block.right <= inside.right;
        let mut inner = blocks.filter(is_inside);
        let fallback = Rect::new(inside.left, inside.bottom - 50.0, inside.right, inside.bottom);
        let any = inner.clone().next().unwrap_or(fallback);
        let block = inner.find(|block| sheet.scene.is_clear(block, first)).unwrap_or(any);
        let y = block.top + 10.0;
        sheet.plate((block.left, y), &limit, Anchor::Start, &inside);
        sheet.plate((block.left, y + 1.4 * LABEL_PX), &share, Anchor::Start, &inside);
    }
}

/// The colour of a shaded area as it appears on the background.
fn faded(colour: Rgb, background: Rgb) -> Rgb {
    background.mixed(colour, 0.45)
}

/// The line of a distribution function from its first value on.
fn steps(distribution: &Distribution, x: &Scale, y: &Scale) -> Vec<Point> {
    let line = distribution.line();
    let start = (x.at(line[0].value), y.from);
    let mut points = vec![start];
    points.extend(line.iter().map(|quantile| (x.at(quantile.value), y.at(quantile.share))));
    let last = line[line.len() - 1].share;
    points.push((x.to, y.at(last)));
    points
}
