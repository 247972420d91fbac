//! One large sample, held against a distribution.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::comparison::Comparison;
use super::estimate::{CONFIDENCE, float};

/// Holds if the largest distance between the empirical distribution and `cdf` is one that chance explains
/// (Kolmogorov–Smirnov, asymptotic: `√(−ln(α/2) / 2n)`).
pub(super) fn follows(mut samples: Vec<f64>, name: &str, cdf: impl Fn(f64) -> f64) -> Comparison {
    samples.sort_by(f64::total_cmp);
    let count = float(samples.len());
    let gap = |(index, sample): (usize, &f64)| {
        let (below, above) = (float(index) / count, float(index + 1) / count);
        (cdf(*sample) - below).abs().max((cdf(*sample) - above).abs())
    };
    let distance = samples.iter().enumerate().map(gap).fold(0.0, f64::max);
    let bound = (-((1.0 - CONFIDENCE) / 2.0).ln() / (2.0 * count)).sqrt();
    Comparison::new(
        format!("{name}, distance below {bound:.4}"),
        format!("distance {distance:.4} of {count} samples"),
        distance < bound,
    )
}

/// Holds if counts differ from their shares of `all` by no more than chance explains (Pearson's χ²).
///
/// Each group is counted against its own total.
pub(super) fn shared(groups: &[Group], name: &str) -> Comparison {
    let term = |group: &Group, (count, share): &(u64, f64)| {
        let expected = share * float_of(group.all);
        (float_of(*count) - expected).powi(2) / expected
    };
    let statistic: f64 = groups
        .iter()
        .map(|group| group.counts.iter().map(|count| term(group, count)).sum::<f64>())
        .sum();
    let freedom: usize = groups.iter().map(|group| group.counts.len() - 1).sum();
    let distribution = ChiSquared::new(float(freedom)).expect("a degree of freedom");
    let chance = distribution.sf(statistic);
    let all: u64 = groups.iter().map(|group| group.all).sum();
    Comparison::new(
        format!("{name}, chance of a larger χ² above {:.4}", 1.0 - CONFIDENCE),
        format!("χ² {statistic:.2} with {freedom} degrees of freedom: {chance:.4} ({all} requests)"),
        chance > 1.0 - CONFIDENCE,
    )
}

/// Counts that add up to `all`, each with the share that it should have.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) all: u64,
    pub(super) counts: Vec<(u64, f64)>,
}

fn float_of(count: u64) -> f64 {
    sim_core::stats::ratio(count, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;

    #[test]
    fn even_steps_are_uniform_and_squares_of_them_are_not() {
        let steps = (0..1000).map(|index| float(index) / 1000.0);
        let uniform = |x: f64| x.clamp(0.0, 1.0);
        assert_eq!(follows(steps.clone().collect(), "U", uniform).verdict, Verdict::Held);
        let squares = steps.map(|step| step * step).collect();
        assert_eq!(follows(squares, "U", uniform).verdict, Verdict::Failed);
    }

    #[test]
    fn the_chance_of_a_chi_square_is_that_of_a_published_table() {
        // χ² with two degrees of freedom exceeds 13.816 with probability 0.001.
        let group = |first: u64| Group {
            all: 900,
            counts: [first, 300, 600 - first].map(|count| (count, 1.0 / 3.0)).into(),
        };
        // (345 − 300)² / 300 · 2 = 13.5; (346 − 300)² / 300 · 2 = 14.1.
        assert_eq!(shared(&[group(345)], "thirds").verdict, Verdict::Held);
        assert_eq!(shared(&[group(346)], "thirds").verdict, Verdict::Failed);
    }
}
