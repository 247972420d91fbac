//! A mean over independent replications, held against the value that theory gives.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::report::{Finding, Verdict};

/// Every comparison uses this confidence: with a right model one seed in a thousand fails one of them.
pub(super) const CONFIDENCE: f64 = 0.999;

/// A mean over replications and half of its confidence interval.
#[derive(Debug, Clone, Copy)]
pub(super) struct Estimate {
    mean: f64,
    half_width: f64,
}

/// What is compared: the words of a [`Finding`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim<'a> {
    pub(super) name: &'a str,
    pub(super) sentence: &'a str,
    pub(super) source: &'a str,
    pub(super) unit: &'a str,
}

impl Estimate {
    /// One number per replication, Student-t.
    pub(super) fn of(samples: &[f64]) -> Self {
        let count = float(samples.len());
        let mean = samples.iter().sum::<f64>() / count;
        let squares: f64 = samples.iter().map(|sample| (sample - mean).powi(2)).sum();
        let standard_error = (squares / (count - 1.0) / count).sqrt();
        let student = StudentsT::new(0.0, 1.0, count - 1.0).expect("at least two samples");
        Self {
            mean,
            half_width: student.inverse_cdf(f64::midpoint(1.0, CONFIDENCE)) * standard_error,
        }
    }

    /// Holds if `expected` is inside and the interval is narrower than `precision` (a share of `expected`) to each
    /// side, so that it could tell a wrong model apart.
    pub(super) fn against(self, expected: f64, precision: f64, claim: Claim<'_>) -> Finding {
        let Self { mean, half_width } = self;
        let blunt = half_width > precision * expected.abs();
        let inside = (mean - expected).abs() <= half_width;
        let (verdict, remark) = match (inside, blunt) {
            (false, _) => (Verdict::Failed, String::new()),
            (true, true) => (
                Verdict::Undetermined,
                format!(
                    "the interval is wider than {} % of the expected value",
                    100.0 * precision
                ),
            ),
            (true, false) => (Verdict::Held, String::new()),
        };
        Finding {
            name: claim.name.to_owned(),
            claim: claim.sentence.to_owned(),
            expected: format!("{expected:.4} {}", claim.unit),
            found: format!("{mean:.4} ± {half_width:.4} {}", claim.unit),
            verdict,
            source: claim.source.to_owned(),
            remark,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52 samples")]
fn float(count: usize) -> f64 {
    count as f64
}
