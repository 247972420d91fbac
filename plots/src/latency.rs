//! Distribution of latencies: the share of requests answered within a time, times on a logarithmic axis.

use crate::distribution::{Distribution, Quantile};
use crate::layout::Layout;
use crate::number;
use crate::quantity::{Quantity, Unit};
use crate::scale::{self, Room, Scale, Tick};
use crate::scene::{Point, Rect};
use crate::sheet::{Key, Sheet, Side, Symbol};
use crate::{Picture, PlotError, check};

/// Latencies at most this far below the largest are shown; smaller ones lie at the left edge.
const DECADES_MAX: f64 = 1e7;
/// Dashes of lines after the first, so that they differ in more than their colour.
const DASHES: [Option<(f64, f64)>; 4] = [None, Some((8.0, 3.0)), Some((2.0, 2.5)), Some((8.0, 3.0))];

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name in the legend.
    pub name: String,
    /// Latencies, seconds.
    pub latency_s: Distribution,
}

/// The figure's data.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyEcdf {
    /// Title of the picture.
    pub title: String,
    /// Second line; may be empty.
    pub subtitle: String,
    /// One to eight lines.
    pub series: Vec<Series>,
    /// Whether each further nine of 90 %, 99 %, 99.9 % takes the same height, to show the slowest requests.
    pub stretch_tail: bool,
}

impl Layout for LatencyEcdf {
    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn sheet(&self, picture: &Picture) -> Result<Sheet, PlotError> {
        check::filled("series", self.series.len(), 8)?;
        for (index, series) in self.series.iter().enumerate() {
            series.latency_s.check(&format!("series[{index}].latency_s"))?;
        }
        Sheet::new(picture, &self.title, &self.subtitle)
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn lay_out(&self, sheet: &mut Sheet) -> Result<(), PlotError> {
        let theme = sheet.theme;
        let style = |index: usize| (theme.series(index), DASHES[index % DASHES.len()]);
        let keys: Vec<Key> = self
            .series
            .iter()
            .enumerate()
            .map(|(index, series)| {
                let (colour, dash) = style(index);
                let median = at_share(&series.latency_s, 0.5);
                let name = format!("{} (median {})", series.name, number::duration(median));
                Key::new(Symbol::Line(colour, dash, None), name)
            })
            .collect();
        sheet.legend(&keys);

        let high = self
            .series
            .iter()
            .map(|series| series.latency_s.range().1)
            .fold(0.0, f64::max)
            .max(1e-6);
        // The fastest few lie at the edge, or they would take half of the width.
        let least = self.series.iter().map(|series| at_share(&series.latency_s, 0.002));
        let low = least
            .filter(|low| *low > 0.0)
            .fold(high, f64::min)
            .max(high / DECADES_MAX);
        let (panel, y_ticks) = sheet.panel(|bottom, top| self.shares(bottom, top).1);
        let (y, _) = self.shares(panel.bottom, panel.top);
        let x = Scale::log(low * 0.9, high * 1.1, panel.left, panel.right);
        let time = Quantity::new("latency", Unit::Seconds).shown(high);
        sheet.x_axis(&panel, &scale::logarithmic(&x, time.factor, Room::Across), &time.title);
        sheet.y_axis(&panel, Side::Left, &y_ticks, "share of requests answered within (%)");
        sheet.frame(&panel);
        for (index, series) in self.series.iter().enumerate() {
            let (colour, dash) = style(index);
            let points = line(&series.latency_s, &x, &y, &panel);
            match dash {
                None => sheet.scene.line(points, colour, 2.0),
                Some(dash) => sheet.scene.dashed(&points, colour, 2.0, dash),
            }
        }
        Ok(())
    }
}

impl LatencyEcdf {
    /// The upright axis and its ticks.
    fn shares(&self, bottom: f64, top: f64) -> (Scale, Vec<Tick>) {
        if !self.stretch_tail {
            let scale = Scale::linear(0.0, 1.0, bottom, top);
            let ticks = scale::linear(&scale, 100.0, Room::Up);
            return (scale, ticks);
        }
        let below_one = self.series.iter().flat_map(|series| series.latency_s.line());
        let last = below_one
            .map(|quantile| quantile.share)
            .filter(|share| *share < 1.0)
            .fold(0.9, f64::max);
        let scale = Scale::nines(1.0 - (1.0 - last) * 0.8, bottom, top);
        let shares = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999_999];
        let tick = |share: f64| Tick {
            at: scale.at(share),
            label: number::percent(share).trim_end_matches(" %").to_owned(),
        };
        let ticks = shares
            .into_iter()
            .filter(|share| scale.contains(*share))
            .map(tick)
            .collect();
        (scale, scale::labelled(ticks, Room::Up))
    }
}

/// The smallest value that at least that share of all values does not exceed.
fn at_share(distribution: &Distribution, share: f64) -> f64 {
    let line = distribution.line();
    let above = line.partition_point(|quantile| quantile.share < share);
    line.get(above).or(line.last()).map_or(0.0, |quantile| quantile.value)
}

fn line(distribution: &Distribution, x: &Scale, y: &Scale, panel: &Rect) -> Vec<Point> {
    let quantiles = distribution.line();
    let place = |quantile: &Quantile| (x.at(quantile.value), y.at(quantile.share));
    let mut points: Vec<Point> = Vec::with_capacity(quantiles.len() + 2);
    points.push((x.at(quantiles[0].value), panel.bottom));
    points.extend(quantiles.iter().map(place));
    points
}
