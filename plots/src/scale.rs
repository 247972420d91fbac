//! From values to pixels, and which ticks to show.

mod ticks;

pub(crate) use ticks::{Room, Tick, labelled, linear, logarithmic};

/// The whole number `n` with `10^n <= value < 10^(n+1)`. `value` must be positive.
#[allow(clippy::cast_possible_truncation, reason = "exponents of doubles are small")]
pub(crate) fn exponent(value: f64) -> i32 {
    libm::floor(libm::log10(value) + 1e-12) as i32
}

/// Ten to that power.
pub(crate) fn power_of_ten(exponent: i32) -> f64 {
    libm::pow(10.0, f64::from(exponent))
}

/// How distances on an axis relate to values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Equal differences are equally long.
    Linear,
    /// Equal ratios are equally long.
    Log,
    /// For shares from 0 to 1: each nine of 90 %, 99 %, 99.9 % is equally long.
    Nines,
}

/// An axis: values from `low` to `high` lie at pixels from `from` to `to`, which may run backwards.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) from: f64,
    pub(crate) to: f64,
    shape: Shape,
}

impl Scale {
    /// A linear axis; an empty range is widened so that its value lies inside.
    pub(crate) fn linear(low: f64, high: f64, from: f64, to: f64) -> Self {
        let least = (low.abs().max(high.abs()) * 1e-9).max(1e-12);
        let (low, high) = if high - low < least {
            let half = (low.abs() * 0.05).max(0.5);
            (low - half, high + half)
        } else {
            (low, high)
        };
        let shape = Shape::Linear;
        Self {
            low,
            high,
            from,
            to,
            shape,
        }
    }

    /// A logarithmic axis over positive values, at least a factor of two long.
    pub(crate) fn log(low: f64, high: f64, from: f64, to: f64) -> Self {
        let low = low.max(1e-12);
        let high = high.max(low);
        let (low, high) = if high < low * 2.0 {
            (low / 1.5, high * 1.5)
        } else {
            (low, high)
        };
        let shape = Shape::Log;
        Self {
            low,
            high,
            from,
            to,
            shape,
        }
    }

    /// An axis of shares from 0 to `high`, below 1, that gives every further nine the same length.
    pub(crate) fn nines(high: f64, from: f64, to: f64) -> Self {
        let high = high.clamp(0.5, 1.0 - 1e-9);
        let shape = Shape::Nines;
        Self {
            low: 0.0,
            high,
            from,
            to,
            shape,
        }
    }

    /// Where a value lies. Values outside of the range lie at its end.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        let place = |value: f64| match self.shape {
            Shape::Linear => value,
            Shape::Log => libm::log10(value),
            Shape::Nines => -libm::log10(1.0 - value),
        };
        let (low, high) = (place(self.low), place(self.high));
        self.from + (place(value) - low) / (high - low) * (self.to - self.from)
    }

    /// Whether a value lies in the range.
    pub(crate) fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_middles_lie_where_they_should() {
        let linear = Scale::linear(0.0, 10.0, 100.0, 200.0);
        for (value, at) in [(0.0, 100.0), (5.0, 150.0), (10.0, 200.0), (99.0, 200.0)] {
            assert!((linear.at(value) - at).abs() < 1e-9, "{value}");
        }
        let log = Scale::log(0.01, 100.0, 400.0, 0.0);
        assert!((log.at(1.0) - 200.0).abs() < 1e-9);
        let nines = Scale::nines(0.999, 0.0, 300.0);
        assert!((nines.at(0.9) - 100.0).abs() < 1e-9 && (nines.at(0.99) - 200.0).abs() < 1e-9);
    }

    #[test]
    fn a_range_without_length_is_widened() {
        let flat = Scale::linear(7.0, 7.0, 0.0, 10.0);
        assert!(flat.low < 7.0 && flat.high > 7.0);
        let zero = Scale::linear(0.0, 0.0, 0.0, 10.0);
        assert!(zero.low < 0.0 && zero.high > 0.0);
        let log = Scale::log(5.0, 5.0, 0.0, 10.0);
        assert!(log.low < 5.0 && log.high > 5.0);
    }

    #[test]
    fn exponents_of_powers_of_ten_are_exact() {
        for n in -12..=15 {
            assert_eq!(exponent(power_of_ten(n)), n);
        }
        assert_eq!([0.5, 9.99, 1234.0].map(exponent), [-1, 0, 3]);
    }
}
