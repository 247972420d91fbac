//! A distribution as samples or as quantiles, and the line that shows it.

use sim_core::stats::{self, LatencyHistogram, Samples};

use crate::{PlotError, check};

/// Most points of a drawn line; further samples would fall on the same pixels.
const LINE_POINTS: usize = 1500;

/// A quantile: that share of all values is no larger than the value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// Share, from 0 to 1.
    pub share: f64,
    /// Value, in the unit of the field that holds the distribution.
    pub value: f64,
}

/// A distribution of non-negative values.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Every value, in any order; drawn as steps.
    Samples(Vec<f64>),
    /// Quantiles, by growing share; drawn as straight lines between them.
    Quantiles(Vec<Quantile>),
}

impl Distribution {
    /// All samples, in seconds.
    pub fn from_samples(samples: &Samples) -> Self {
        Distribution::Samples(samples.iter().map(stats::seconds).collect())
    }

    /// Quantiles of a histogram, in seconds: at every percent, and closer wherever the value leaps.
    pub fn from_histogram(histogram: &LatencyHistogram) -> Self {
        let quantile = |share: f64| Quantile {
            share,
            value: stats::seconds(histogram.quantile(share)),
        };
        // Shares closer than one sample are the same sample.
        let resolution = (1.0 / histogram.count().max(1) as f64).max(1e-7);
        let mut quantiles = vec![quantile(0.0)];
        for percent in 1..=100 {
            let from = quantiles[quantiles.len() - 1];
            refine(
                from,
                quantile(f64::from(percent) / 100.0),
                resolution,
                &quantile,
                &mut quantiles,
            );
        }
        Distribution::Quantiles(quantiles)
    }

    /// Checks what the type cannot say.
    pub(crate) fn check(&self, field: &str) -> Result<(), PlotError> {
        match self {
            Distribution::Samples(samples) => {
                check::filled(field, samples.len(), check::POINTS_MAX)?;
                for (index, value) in samples.iter().enumerate() {
                    check::not_negative(&format!("{field}[{index}]"), *value)?;
                }
            }
            Distribution::Quantiles(quantiles) => {
                check::filled(field, quantiles.len(), check::POINTS_MAX)?;
                let mut before = Quantile { share: 0.0, value: 0.0 };
                for (index, quantile) in quantiles.iter().enumerate() {
                    let of = |part: &str| format!("{field}[{index}].{part}");
                    check::within(&of("share"), quantile.share, 0.0, 1.0)?;
                    check::not_negative(&of("value"), quantile.value)?;
                    check::not_below(&of("share"), quantile.share, before.share)?;
                    check::not_below(&of("value"), quantile.value, before.value)?;
                    before = *quantile;
                }
            }
        }
        Ok(())
    }

    /// The line of the distribution function: values and shares, both growing.
    pub(crate) fn line(&self) -> Vec<Quantile> {
        match self {
            Distribution::Samples(samples) => {
                let mut sorted = samples.clone();
                sorted.sort_by(f64::total_cmp);
                let count = sorted.len();
                let every = count.div_ceil(LINE_POINTS);
                let mut line = vec![Quantile {
                    share: 0.0,
                    value: sorted[0],
                }];
                for (index, &value) in sorted.iter().enumerate() {
                    if index % every != 0 && index + 1 != count {
                        continue;
                    }
                    let before = line[line.len() - 1].share;
                    line.push(Quantile { share: before, value });
                    let share = (index + 1) as f64 / count as f64;
                    line.push(Quantile { share, value });
                }
                line
            }
            Distribution::Quantiles(quantiles) => quantiles.clone(),
        }
    }

    /// Smallest and largest value.
    pub(crate) fn range(&self) -> (f64, f64) {
        let over = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), value| {
                (low.min(value), high.max(value))
            })
        };
        match self {
            Distribution::Samples(samples) => over(&mut samples.iter().copied()),
            Distribution::Quantiles(quantiles) => over(&mut quantiles.iter().map(|quantile| quantile.value)),
        }
    }

    /// Share of values that are at most `limit`.
    pub(crate) fn share_within(&self, limit: f64) -> f64 {
        match self {
            Distribution::Samples(samples) => {
                samples.iter().filter(|value| **value <= limit).count() as f64 / samples.len() as f64
            }
            Distribution::Quantiles(quantiles) => {
                let (first, last) = (quantiles[0], quantiles[quantiles.len() - 1]);
                if limit < first.value {
                    return 0.0;
                }
                if limit >= last.value {
                    return 1.0;
                }
                let above = quantiles.partition_point(|quantile| quantile.value <= limit);
                let (low, high) = (quantiles[above - 1], quantiles[above]);
                low.share + (high.share - low.share) * (limit - low.value) / (high.value - low.value)
            }
        }
    }
}

/// Adds the quantiles between two, without the first, so that neighbours differ by a tenth at most or by one sample.
fn refine(from: Quantile, to: Quantile, resolution: f64, of: &dyn Fn(f64) -> Quantile, into: &mut Vec<Quantile>) {
    let leaps = to.value > from.value * 1.1;
    if leaps && to.share - from.share > resolution {
        let middle = of(f64::midpoint(from.share, to.share));
        refine(from, middle, resolution, of, into);
        refine(middle, to, resolution, of, into);
    } else {
        into.push(to);
    }
}

#[cfg(test)]
mod tests {
    use sim_core::time::SimDuration;

    use super::*;

    fn same(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn shares_agree_between_samples_and_quantiles() {
        let samples = Distribution::Samples(vec![4.0, 1.0, 3.0, 2.0]);
        let quantiles = [(0.0, 1.0), (0.5, 2.0), (1.0, 4.0)].map(|(share, value)| Quantile { share, value });
        let quantiles = Distribution::Quantiles(quantiles.to_vec());
        for (limit, of_samples, of_quantiles) in [(0.5, 0.0, 0.0), (2.0, 0.5, 0.5), (3.0, 0.75, 0.75), (9.0, 1.0, 1.0)]
        {
            assert!(same(samples.share_within(limit), of_samples), "{limit}");
            assert!(same(quantiles.share_within(limit), of_quantiles), "{limit}");
        }
        assert_eq!(samples.range(), (1.0, 4.0));
    }

    #[test]
    fn a_line_of_many_samples_is_short_and_ends_at_one() {
        let samples = Distribution::Samples((0..100_000).rev().map(f64::from).collect());
        let line = samples.line();
        assert!(line.len() < 3 * LINE_POINTS, "{}", line.len());
        assert!(same(line[line.len() - 1].share, 1.0));
        let grows = line
            .windows(2)
            .all(|pair| pair[0].share <= pair[1].share && pair[0].value <= pair[1].value);
        assert!(grows);
    }

    #[test]
    fn quantiles_that_fall_are_refused_with_their_field() {
        let falling = [(0.0, 1.0), (0.5, 0.5)].map(|(share, value)| Quantile { share, value });
        let error = Distribution::Quantiles(falling.to_vec())
            .check("removal_s")
            .unwrap_err();
        assert_eq!(error.to_string(), "removal_s[1].value is 0.5, below the 1 before it");
    }

    #[test]
    fn quantiles_of_a_histogram_are_dense_where_it_leaps() {
        let mut histogram = LatencyHistogram::new();
        for _ in 0..985 {
            histogram.record(SimDuration::from_millis(10));
        }
        for _ in 0..15 {
            histogram.record(SimDuration::from_secs(10));
        }
        let distribution = Distribution::from_histogram(&histogram);
        distribution.check("latency_s").expect("quantiles are ordered");
        let line = distribution.line();
        assert!(same(line[line.len() - 1].share, 1.0) && line.len() < 130);
        let leap = line
            .windows(2)
            .find(|pair| pair[1].value > 1.0)
            .expect("the tail is there");
        assert!((leap[0].share - 0.985).abs() < 0.002 && leap[1].share - leap[0].share <= 0.001);
    }
}
