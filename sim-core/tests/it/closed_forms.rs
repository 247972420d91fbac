//! The model against formulas: queues, shares, detection times, maxima, buckets.
//!
//! Every comparison is an interval. Random ones use fixed seeds and 4 standard errors, estimated from at least twelve
//! independent replications: a right model fails one such check for one seed in 500. Each check also bounds the standard
//! error itself, so that it could tell a wrong model apart.

mod connections;
mod dead_targets;
mod detection;
mod forwarding;
mod pace;
mod queues;
mod routing;
mod zones;

use sim_core::stats;
use sim_core::time::SimDuration;

/// A mean over replications.
#[derive(Debug, Clone, Copy)]
struct Estimate {
    mean: f64,
    standard_error: f64,
}

impl Estimate {
    fn of(samples: &[f64]) -> Self {
        let count = stats::ratio(samples.len() as u64, 1);
        let mean = samples.iter().sum::<f64>() / count;
        let squares: f64 = samples.iter().map(|sample| (sample - mean).powi(2)).sum();
        Self {
            mean,
            standard_error: (squares / (count - 1.0) / count).sqrt(),
        }
    }

    /// Asserts that `expected` is within 4 standard errors, and that these are less than `precision` of it.
    fn assert_is(self, expected: f64, precision: f64) {
        let Self { mean, standard_error } = self;
        assert!(
            4.0 * standard_error < precision * expected,
            "too blunt: {mean} ± {standard_error}, expected {expected}"
        );
        assert!(
            (mean - expected).abs() < 4.0 * standard_error,
            "found {mean} ± {standard_error}, expected {expected}"
        );
    }
}

/// One number per replication.
fn replicate(count: u32, sample: impl Fn(u32) -> f64) -> Estimate {
    let samples: Vec<f64> = (0..count).map(sample).collect();
    Estimate::of(&samples)
}

fn milliseconds(duration: SimDuration) -> f64 {
    1e3 * stats::seconds(duration)
}

/// Largest distance between the empirical distribution of `samples` and `cdf` (Kolmogorov–Smirnov).
fn distance(mut samples: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let count = samples.len() as u64;
    let gap = |(index, sample): (usize, &f64)| {
        let (below, above) = (stats::ratio(index as u64, count), stats::ratio(index as u64 + 1, count));
        (cdf(*sample) - below).abs().max((cdf(*sample) - above).abs())
    };
    samples.iter().enumerate().map(gap).fold(0.0, f64::max)
}
