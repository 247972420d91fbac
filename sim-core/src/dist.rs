//! Distributions of durations, rates and probabilities: what a scenario says, and what it means.
//!
//! [`Dist`] is the readable form: parsed, validated, summarised. [`Sampler`] is the precomputed form that draws.
//! Samples are whole nanoseconds, rounded to the nearest, and saturate at [`SimDuration::MAX`].
//! All transcendental functions come from `libm` or from this crate, so the draws are the same on every machine.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "nanoseconds above 2^53 lose bits in a float, 0.1 ppt; casts back saturate"
)]

use alloc::vec::Vec;

use crate::time::SimDuration;

mod format;
mod probability;
mod rate;
mod sampler;
mod special;
mod ziggurat;

pub use probability::{Probability, ProbabilityError};
pub use rate::{ParseRateError, Rate};
pub use sampler::Sampler;
pub use ziggurat::{standard_exponential, standard_normal};

/// A distribution of durations. Written as a bare duration (`200ms`, a constant) or a map with the kind as its
/// only key: `exponential: {mean: 50ms}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Dist {
    /// Always the same duration. Takes no random numbers.
    Constant(SimDuration),
    /// Every nanosecond from `min` to `max`, both included, equally likely.
    Uniform {
        /// Shortest.
        min: SimDuration,
        /// Longest.
        max: SimDuration,
    },
    /// Memoryless, with this mean.
    Exponential {
        /// Mean.
        mean: SimDuration,
    },
    /// The logarithm is normal; given by two quantiles, as latencies usually are.
    LogNormal {
        /// Half of the durations are shorter.
        median: SimDuration,
        /// 99 % of the durations are shorter. Equal to the median: constant.
        p99: SimDuration,
    },
    /// Gamma; shape 1 is exponential, larger shapes are more regular (coefficient of variation `1/sqrt(shape)`).
    Gamma {
        /// Mean.
        mean: SimDuration,
        /// Shape, above 0.
        shape: f64,
    },
    /// Measured values. The quantile function is linear between the sorted values (type 7 of Hyndman and Fan):
    /// the i-th of n, from 0, is the quantile `i/(n-1)`. So values between measured ones occur, none outside.
    Empirical {
        /// At least one, in any order.
        values: Vec<SimDuration>,
    },
}

/// Why a [`Dist`] is not a distribution.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DistError {
    /// Uniform with its ends exchanged.
    #[error("uniform: min {min} is above max {max}")]
    MinAboveMax {
        /// As given.
        min: SimDuration,
        /// As given.
        max: SimDuration,
    },
    /// Log-normal around zero.
    #[error("log_normal: median is 0s; it must be above zero (write the constant \"0s\" for no delay)")]
    ZeroMedian,
    /// Log-normal with its quantiles exchanged.
    #[error("log_normal: p99 {p99} is below median {median}")]
    P99BelowMedian {
        /// As given.
        median: SimDuration,
        /// As given.
        p99: SimDuration,
    },
    /// Gamma shape that is zero, negative, infinite or not a number.
    #[error("gamma: shape {shape} is not a finite number above 0")]
    Shape {
        /// As given.
        shape: f64,
    },
    /// Empirical without data.
    #[error("empirical: values is empty; give at least one duration")]
    NoValues,
}

impl Dist {
    /// No delay at all.
    pub const ZERO: Self = Self::Constant(SimDuration::ZERO);

    /// Checks the parameters against each other.
    ///
    /// # Errors
    ///
    /// The first rule that is broken, with the values that break it.
    pub fn validate(&self) -> Result<(), DistError> {
        match *self {
            Self::Uniform { min, max } if min > max => Err(DistError::MinAboveMax { min, max }),
            Self::LogNormal { median, .. } if median.is_zero() => Err(DistError::ZeroMedian),
            Self::LogNormal { median, p99 } if p99 < median => Err(DistError::P99BelowMedian { median, p99 }),
            Self::Gamma { shape, .. } if !(shape > 0.0 && shape.is_finite()) => Err(DistError::Shape { shape }),
            Self::Empirical { ref values } if values.is_empty() => Err(DistError::NoValues),
            _ => Ok(()),
        }
    }

    /// Expected value, to the nearest nanosecond; [`SimDuration::MAX`] if it is longer than that.
    /// Panics if the distribution is invalid.
    pub fn mean(&self) -> SimDuration {
        self.assert_valid();
        match self {
            Self::Constant(duration) => *duration,
            Self::Uniform { min, max } => *min + (*max - *min) / 2,
            Self::Exponential { mean } | Self::Gamma { mean, .. } => *mean,
            Self::LogNormal { median, p99 } => {
                let (mu, sigma) = log_normal_parameters(*median, *p99);
                from_float_ns(libm::exp(mu + sigma * sigma / 2.0))
            }
            Self::Empirical { values } => empirical_mean(&sorted_ns(values)),
        }
    }

    /// The longest possible duration; `None` if there is no bound.
    pub fn max(&self) -> Option<SimDuration> {
        match self {
            Self::Constant(duration) => Some(*duration),
            Self::Uniform { max, .. } => Some(*max),
            Self::Exponential { mean } | Self::Gamma { mean, .. } => mean.is_zero().then_some(SimDuration::ZERO),
            Self::LogNormal { median, p99 } => (median == p99).then_some(*median),
            Self::Empirical { values } => values.iter().max().copied(),
        }
    }

    /// The duration that is not exceeded with probability `p`, to the nearest nanosecond;
    /// [`SimDuration::MAX`] for `p` 1 of an unbounded kind.
    /// Gamma is solved by bisection: for reports, not for sampling.
    /// Panics if the distribution is invalid or `p` is outside 0..=1.
    pub fn quantile(&self, p: f64) -> SimDuration {
        assert!((0.0..=1.0).contains(&p), "quantile of {p}, which is outside 0 to 1");
        self.assert_valid();
        match self {
            Self::Constant(duration) => *duration,
            Self::Uniform { min, max } => *min + from_float_ns(p * float_ns(*max - *min)),
            Self::Exponential { mean } if mean.is_zero() => SimDuration::ZERO,
            Self::Exponential { mean } => from_float_ns(-libm::log1p(-p) * float_ns(*mean)),
            Self::LogNormal { median, p99 } if median == p99 => *median,
            Self::LogNormal { median, p99 } => {
                let (mu, sigma) = log_normal_parameters(*median, *p99);
                from_float_ns(libm::exp(mu + sigma * special::normal_quantile(p)))
            }
            Self::Gamma { mean, .. } if mean.is_zero() => SimDuration::ZERO,
            Self::Gamma { mean, shape } => from_float_ns(special::gamma_quantile(*shape, p) * float_ns(*mean) / *shape),
            Self::Empirical { values } => {
                let sorted = sorted_ns(values);
                let position = p * (sorted.len() - 1) as f64;
                let below = position as usize;
                let (low, high) = (sorted[below], sorted[(below + 1).min(sorted.len() - 1)]);
                SimDuration::from_ns(low) + from_float_ns((high - low) as f64 * (position - below as f64))
            }
        }
    }

    /// Whether every sample is zero.
    pub fn is_zero(&self) -> bool {
        self.max() == Some(SimDuration::ZERO)
    }

    fn assert_valid(&self) {
        if let Err(error) = self.validate() {
            panic!("invalid distribution: {error}");
        }
    }
}

impl From<SimDuration> for Dist {
    fn from(duration: SimDuration) -> Self {
        Self::Constant(duration)
    }
}

/// Standard normal quantile of 0.99, which turns a p99 into a standard deviation.
const NORMAL_P99: f64 = 2.326_347_874_040_841;

/// Mean and standard deviation of the logarithm of the nanoseconds.
fn log_normal_parameters(median: SimDuration, p99: SimDuration) -> (f64, f64) {
    let mu = libm::log(float_ns(median));
    (mu, (libm::log(float_ns(p99)) - mu) / NORMAL_P99)
}

fn float_ns(duration: SimDuration) -> f64 {
    duration.as_ns() as f64
}

/// To the nearest nanosecond; saturates at the ends, and NaN does not occur.
#[inline]
fn from_float_ns(ns: f64) -> SimDuration {
    /// Adding 2^52 rounds a smaller number to an integer, which then stands in the low bits: one addition
    /// instead of the dozen instructions of a saturating cast.
    const TWO_POW_52: f64 = (1_u64 << 52) as f64;
    if ns < TWO_POW_52 {
        SimDuration::from_ns((ns + TWO_POW_52).to_bits() - TWO_POW_52.to_bits())
    } else {
        long_float_ns(ns)
    }
}

#[cold]
fn long_float_ns(ns: f64) -> SimDuration {
    SimDuration::from_ns(ns as u64)
}

fn sorted_ns(values: &[SimDuration]) -> Vec<u64> {
    let mut sorted: Vec<u64> = values.iter().map(|value| value.as_ns()).collect();
    sorted.sort_unstable();
    sorted
}

/// Mean of the linear interpolation: the area of the trapezoids over each gap.
fn empirical_mean(sorted: &[u64]) -> SimDuration {
    let gaps = (sorted.len() - 1) as u128;
    if gaps == 0 {
        return SimDuration::from_ns(sorted[0]);
    }
    let doubled: u128 = sorted
        .windows(2)
        .map(|pair| u128::from(pair[0]) + u128::from(pair[1]))
        .sum();
    SimDuration::from_ns(u64::try_from((doubled + gaps) / (2 * gaps)).expect("a mean is within its values"))
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec;

    use super::*;

    const fn ms(millis: u64) -> SimDuration {
        SimDuration::from_millis(millis)
    }

    #[test]
    fn means_and_quantiles_match_closed_forms() {
        let log_normal = Dist::LogNormal {
            median: ms(50),
            p99: ms(400),
        };
        assert!(log_normal.quantile(0.5).as_ns().abs_diff(ms(50).as_ns()) <= 1);
        assert!(log_normal.quantile(0.99).as_ns().abs_diff(ms(400).as_ns()) <= 1);
        assert_eq!(
            (log_normal.quantile(0.0), log_normal.quantile(1.0)),
            (SimDuration::ZERO, SimDuration::MAX)
        );
        // median * exp(sigma^2 / 2) with sigma = ln 8 / 2.326348.
        assert!((log_normal.mean().as_ns() as f64 / 50e6 - 1.491_068).abs() < 1e-5);
        let exponential = Dist::Exponential { mean: ms(100) };
        assert_eq!(exponential.quantile(0.5).as_ns(), 69_314_718);
        let empirical = Dist::Empirical {
            values: vec![ms(40), ms(10), ms(80), ms(20)],
        };
        assert_eq!(
            [0.0, 0.25, 0.5, 1.0].map(|p| empirical.quantile(p).as_ns() / 100_000),
            [100, 175, 300, 800]
        );
        // The area under the straight lines: (15 + 30 + 60) / 3.
        assert_eq!((empirical.mean(), empirical.max()), (ms(35), Some(ms(80))));
        let uniform = Dist::Uniform { min: ms(1), max: ms(9) };
        assert_eq!(
            (uniform.mean(), uniform.quantile(0.25), uniform.max()),
            (ms(5), ms(3), Some(ms(9)))
        );
        let gamma = Dist::Gamma {
            mean: ms(10),
            shape: 1.0,
        };
        assert_eq!((gamma.quantile(0.5).as_ns(), gamma.mean()), (6_931_472, ms(10)));
        assert_eq!((gamma.max(), exponential.max(), log_normal.max()), (None, None, None));
    }

    #[test]
    fn zero_is_recognised_in_every_kind() {
        assert!(
            Dist::ZERO.is_zero()
                && Dist::Exponential {
                    mean: SimDuration::ZERO
                }
                .is_zero()
        );
        assert!(
            Dist::Empirical {
                values: vec![SimDuration::ZERO; 2]
            }
            .is_zero()
        );
        assert!(
            !Dist::Uniform {
                min: SimDuration::ZERO,
                max: ms(1)
            }
            .is_zero()
        );
    }

    #[test]
    fn each_invalid_parameter_is_named() {
        for (dist, message) in [
            (
                Dist::Uniform { min: ms(2), max: ms(1) },
                "uniform: min 2ms is above max 1ms",
            ),
            (
                Dist::LogNormal {
                    median: SimDuration::ZERO,
                    p99: ms(1),
                },
                "log_normal: median is 0s; it must be above zero (write the constant \"0s\" for no delay)",
            ),
            (
                Dist::LogNormal {
                    median: ms(2),
                    p99: ms(1),
                },
                "log_normal: p99 1ms is below median 2ms",
            ),
            (
                Dist::Gamma {
                    mean: ms(1),
                    shape: 0.0,
                },
                "gamma: shape 0 is not a finite number above 0",
            ),
            (
                Dist::Gamma {
                    mean: ms(1),
                    shape: f64::NAN,
                },
                "gamma: shape NaN is not a finite number above 0",
            ),
            (
                Dist::Empirical { values: vec![] },
                "empirical: values is empty; give at least one duration",
            ),
        ] {
            assert_eq!(dist.validate().unwrap_err().to_string(), message);
        }
    }

    #[test]
    #[should_panic(expected = "invalid distribution: uniform: min 2ms is above max 1ms")]
    fn a_sampler_of_an_invalid_distribution_panics() {
        let _ = Sampler::new(&Dist::Uniform { min: ms(2), max: ms(1) });
    }
}
