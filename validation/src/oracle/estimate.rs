//! A mean over independent replications, held against the value that theory gives.

use super::comparison::Comparison;
use crate::interval::student_t_quantile;
use crate::report::Verdict;

/// Every comparison with something random uses this confidence: with a right model one seed in a thousand fails it.
pub(super) const CONFIDENCE: f64 = 0.999;

/// A mean over replications and half of its confidence interval.
#[derive(Debug, Clone, Copy)]
pub(super) struct Estimate {
    mean: f64,
    half_width: f64,
}

impl Estimate {
    /// One number per replication, at least two of them; Student-t.
    pub(super) fn of(samples: &[f64]) -> Self {
        let count = float(samples.len());
        let mean = samples.iter().sum::<f64>() / count;
        let squares: f64 = samples.iter().map(|sample| (sample - mean).powi(2)).sum();
        let standard_error = (squares / (count - 1.0) / count).sqrt();
        Self {
            mean,
            half_width: student_t_quantile(f64::midpoint(1.0, CONFIDENCE), count - 1.0) * standard_error,
        }
    }

    /// The same where what was measured may also be off by this much.
    pub(super) fn within(self, resolution: f64) -> Self {
        Self {
            half_width: self.half_width + resolution,
            ..self
        }
    }

    /// Holds if `expected` is inside and the interval is narrower than `precision` (a share of `expected`) to each
    /// side, so that it could tell a wrong model apart.
    pub(super) fn against(self, expected: f64, precision: f64, unit: &str) -> Comparison {
        let Self { mean, half_width } = self;
        let unit = if unit.is_empty() {
            String::new()
        } else {
            format!(" {unit}")
        };
        let inside = (mean - expected).abs() <= half_width;
        let comparison = Comparison::new(
            format!("{expected:.4}{unit}"),
            format!("{mean:.4} ± {half_width:.4}{unit}"),
            inside,
        );
        if inside && half_width > precision * expected.abs() {
            let verdict = Verdict::Undetermined;
            let remark = format!(
                "too blunt: the interval is wider than {:.1} % of the expected value",
                100.0 * precision
            );
            return Comparison {
                verdict,
                remark,
                ..comparison
            };
        }
        comparison
    }
}

/// Counts of samples and requests are far below 2^52.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52 samples")]
pub(super) fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_a_published_table() {
        // Three samples 1, 2, 3: mean 2, standard error 1/√3; t with two degrees of freedom at 0.9995 is 31.599.
        let estimate = Estimate::of(&[1.0, 2.0, 3.0]);
        assert!((estimate.half_width - 31.599 / 3f64.sqrt()).abs() < 1e-3);
    }

    #[test]
    fn a_wrong_value_fails_and_a_blunt_interval_decides_nothing() {
        let samples: Vec<f64> = (0..100).map(|index| f64::from(index % 2)).collect();
        let estimate = Estimate::of(&samples);
        assert_eq!(estimate.against(0.5, 0.5, "").verdict, Verdict::Held);
        assert_eq!(estimate.against(0.5, 0.01, "").verdict, Verdict::Undetermined);
        assert_eq!(estimate.against(0.9, 0.5, "").verdict, Verdict::Failed);
        assert_eq!(estimate.against(0.9, 0.01, "").verdict, Verdict::Failed);
        assert_eq!(estimate.within(0.5).against(0.9, 0.9, "").verdict, Verdict::Held);
    }
}
