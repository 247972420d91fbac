//! Predictions with their intervals, and whether what was observed lies inside.

use schemars::JsonSchema;
use serde::Serialize;
use sim_core::dist::standard_normal;
use sim_core::rng::{Seed, Streams};

use super::drive::Span;
use super::fit::{Total, WindowSurfaces};
use super::observed::Observed;
use super::parameters::Values;
use super::simulated::Simulated;

/// Share of the predictions that an interval holds.
pub const CONFIDENCE: f64 = 0.9;
/// Share of the predictions below it, and of those above it.
const TAIL: f64 = 0.05;

/// A predicted count: over runs, over the values that agree with the fitted windows, and over errors of reading.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Prediction {
    /// Mean, failures.
    pub mean_count: f64,
    /// Lower end of the 90 % prediction interval, failures.
    pub low_count: f64,
    /// Upper end.
    pub high_count: f64,
}

impl Prediction {
    /// From one count per draw.
    pub(super) fn of(mut counts: Vec<f64>) -> Self {
        counts.sort_by(f64::total_cmp);
        #[expect(clippy::cast_precision_loss, reason = "a few thousand draws")]
        let mean_count = counts.iter().sum::<f64>() / counts.len() as f64;
        Self {
            mean_count,
            low_count: quantile(&counts, TAIL),
            high_count: quantile(&counts, 1.0 - TAIL),
        }
    }

    /// Whether a count lies in the interval, both ends included.
    pub fn holds(&self, count: f64) -> bool {
        (self.low_count..=self.high_count).contains(&count)
    }
}

/// Quantile of sorted values, type 7 of Hyndman and Fan.
///
/// # Panics
///
/// If there is no value.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len() - 1;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand values")]
    let position = share * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in the list"
    )]
    let below = (position.floor() as usize).min(last);
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - position.floor())
}

/// Counts as they would have been read: `[draw][bin][code]`.
pub(super) fn read_off(runs: &[Simulated], observed: &Observed, seed: Seed) -> Vec<Vec<[f64; 2]>> {
    let error = observed.reading_error();
    let one = |(draw, run): (u32, &Simulated)| {
        let mut stream = Streams::new(seed, draw).stream("published.reading");
        let bins = run.counts.iter().zip(&observed.bins);
        bins.map(|(counts, bin)| {
            let mut read = [0.0; 2];
            for code in 0..2 {
                // Where the plot has no point nothing was read, and so nothing misread.
                let error = if bin.counts[code].is_some() { error[code] } else { 0 };
                let by = f64::from(stream.below(2 * error + 1)) - f64::from(error);
                read[code] = (f64::from(counts[code]) + by).max(0.0);
            }
            read
        })
        .collect()
    };
    (0..).zip(runs).map(one).collect()
}

/// The observed total of a code in a window, with the variance of its errors of reading.
pub(super) fn total(observed: &Observed, span: Span, code: usize) -> Total {
    let width = f64::from(2 * observed.reading_error()[code] + 1);
    let bins = &observed.bins[span.from..span.to];
    Total {
        count: bins.iter().map(|bin| f64::from(bin.count(code))).sum(),
        // Each reading is off by a whole number, all equally likely.
        reading: bins
            .iter()
            .filter(|bin| bin.counts[code].is_some())
            .map(|_| (width * width - 1.0) / 12.0)
            .sum(),
    }
}

/// What the surfaces predict for a window, without further runs.
pub(super) fn by_surface(
    surfaces: &WindowSurfaces,
    draws: &[Values],
    totals: &[Total; 2],
    seed: Seed,
) -> [Prediction; 2] {
    let mut stream = Streams::new(seed, 0).stream("published.crosswise");
    [0, 1].map(|code: usize| {
        let surface = &surfaces.codes[code];
        let counts = draws.iter().map(|values| {
            let mean = surface.mean(&values.centred());
            let deviation = (surface.variance(mean) + totals[code].reading).sqrt();
            (mean + deviation * standard_normal(&mut stream)).max(0.0)
        });
        Prediction::of(counts.collect())
    })
}

#[cfg(test)]
mod tests {
    use super::super::observed::tests::of_loads;
    use super::*;

    #[test]
    fn quantiles_lie_between_the_sorted_values() {
        let sorted = [1.0, 2.0, 4.0, 8.0, 16.0];
        let found = [0.0, 0.125, 0.5, 0.95, 1.0].map(|share| quantile(&sorted, share));
        for (found, expected) in found.into_iter().zip([1.0, 1.5, 4.0, 14.4, 16.0]) {
            assert!((found - expected).abs() < 1e-12);
        }
    }

    /// Two bins, of which the second one's 502 were not read at all.
    #[test]
    fn only_what_was_read_off_may_be_misread() {
        let mut observed = of_loads(&[100, 50]);
        observed.bins[0].counts = [Some(40), Some(60)];
        observed.bins[1].counts = [None, Some(70)];
        let run = Simulated {
            counts: vec![[40, 60], [30, 70]],
        };
        let runs = vec![run; 200];
        let off = |observed: &Observed, bin: usize, code: usize| -> f64 {
            let read = read_off(&runs, observed, Seed(1));
            let expected = f64::from(runs[0].counts[bin][code]);
            read.iter()
                .map(|bins| (bins[bin][code] - expected).abs())
                .fold(0.0, f64::max)
        };
        let largest =
            |observed: &Observed| [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(bin, code)| off(observed, bin, code));
        assert_eq!(format!("{:?}", largest(&observed)), "[2.0, 5.0, 0.0, 5.0]");
        observed.is_read_off = false;
        assert_eq!(format!("{:?}", largest(&observed)), "[0.0, 0.0, 0.0, 0.0]");
    }

    /// 101 equally spaced counts: nine tenths lie between the 5th and the 95th.
    #[test]
    fn an_interval_holds_nine_tenths_of_the_draws() {
        let prediction = Prediction::of((0..=100).map(f64::from).collect());
        assert_eq!(
            (prediction.low_count, prediction.mean_count, prediction.high_count),
            (5.0, 50.0, 95.0)
        );
        let inside = (0..=100).filter(|count| prediction.holds(f64::from(*count))).count();
        assert_eq!(inside, 91);
    }
}
