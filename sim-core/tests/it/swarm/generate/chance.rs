//! Draws of one case.

use sim_core::dist::{Dist, Probability};
use sim_core::rng::Stream;
use sim_core::scenario::value::IntOrPercent;
use sim_core::time::SimDuration;

use crate::support::{ms, secs};

pub(super) struct Chance {
    pub(super) stream: Stream,
}

impl Chance {
    /// A whole number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + u64::from(self.stream.below(u32::try_from(high - low + 1).expect("small ranges")))
    }

    pub(super) fn count(&mut self, low: u32, high: u32) -> u32 {
        low + self.stream.below(high - low + 1)
    }

    pub(super) fn one_in(&mut self, n: u32) -> bool {
        self.stream.below(n) == 0
    }

    pub(super) fn pick<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.stream.below(u32::try_from(values.len()).expect("few values")) as usize].clone()
    }

    pub(super) fn seconds(&mut self, low: u64, high: u64) -> SimDuration {
        secs(self.between(low, high))
    }

    pub(super) fn probability(&mut self) -> Probability {
        let p = self.pick(&[0.0, 0.0, 0.02, 0.5, 1.0]);
        Probability::new(p).expect("a probability")
    }

    /// Any kind of distribution around `typical` milliseconds; often nothing at all.
    pub(super) fn dist(&mut self, typical: u64) -> Dist {
        let mean = ms(self.between(1, 2 * typical));
        match self.stream.below(7) {
            0 => Dist::ZERO,
            1 => Dist::Constant(mean),
            2 => Dist::Uniform {
                min: SimDuration::ZERO,
                max: mean * 2,
            },
            3 => Dist::Exponential { mean },
            4 => Dist::LogNormal {
                median: mean,
                p99: mean * 6,
            },
            5 => Dist::Gamma { mean, shape: 0.7 },
            _ => Dist::Empirical {
                values: vec![SimDuration::ZERO, mean, mean, mean * 5],
            },
        }
    }

    /// A distribution with an upper bound.
    pub(super) fn bounded(&mut self, typical: u64) -> Dist {
        Dist::Uniform {
            min: SimDuration::ZERO,
            max: SimDuration::from_micros(self.between(0, 1000 * typical)),
        }
    }

    pub(super) fn int_or_percent(&mut self, most: u32) -> IntOrPercent {
        if self.one_in(2) {
            IntOrPercent::Int(self.count(0, most))
        } else {
            IntOrPercent::Percent(self.pick(&[0, 10, 25, 50, 100]))
        }
    }
}

/// Whole seconds picked from a list.
pub(super) trait IntoSeconds {
    fn into_seconds(self) -> SimDuration;
}

impl IntoSeconds for u64 {
    fn into_seconds(self) -> SimDuration {
        secs(self)
    }
}
