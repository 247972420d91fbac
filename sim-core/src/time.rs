//! Simulated time: integer nanoseconds, never a float, never a wall clock.
//!
//! [`SimTime`] is an instant counted from the start of the run; [`SimDuration`] is a length.
//! Both hold a `u64` of nanoseconds, enough for 584 years, and are not interchangeable.
//! Operators panic on overflow and underflow, because a time that wrapped is a broken model;
//! the `checked_` and `saturating_` methods are for callers who expect it.
//!
//! Durations are written with a unit, always: `15s`, `250ms`, `1m30.5s`. A bare number is an error.

use core::iter::Sum;
use core::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};

mod format;
mod parse;

pub use parse::ParseDurationError;

/// Nanoseconds in one second.
const NS_PER_SEC: u64 = 1_000_000_000;

/// An instant of simulated time: nanoseconds since the start of the run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimTime(u64);

/// A length of simulated time in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimDuration(u64);

impl SimTime {
    /// The start of the run.
    pub const ZERO: Self = Self(0);
    /// Stands for "never"; later than every instant that happens.
    pub const MAX: Self = Self(u64::MAX);

    /// The instant `ns` nanoseconds after the start of the run.
    #[inline]
    pub const fn from_ns(ns: u64) -> Self {
        Self(ns)
    }

    /// The instant `secs` seconds after the start of the run. Panics above 584 years.
    pub const fn from_secs(secs: u64) -> Self {
        Self(SimDuration::from_secs(secs).0)
    }

    /// Nanoseconds since the start of the run.
    #[inline]
    pub const fn as_ns(self) -> u64 {
        self.0
    }

    /// Time passed since `earlier`, or zero if `earlier` is in fact later.
    #[inline]
    pub const fn saturating_since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }

    /// The instant `by` later, or `None` beyond [`SimTime::MAX`].
    pub const fn checked_add(self, by: SimDuration) -> Option<Self> {
        match self.0.checked_add(by.0) {
            Some(ns) => Some(Self(ns)),
            None => None,
        }
    }

    /// The instant `by` later, or "never" ([`SimTime::MAX`]) if that cannot be expressed.
    #[inline]
    #[must_use]
    pub const fn saturating_add(self, by: SimDuration) -> Self {
        Self(self.0.saturating_add(by.0))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest duration, about 584 years.
    pub const MAX: Self = Self(u64::MAX);

    /// A duration of `ns` nanoseconds.
    #[inline]
    pub const fn from_ns(ns: u64) -> Self {
        Self(ns)
    }

    /// A duration of `micros` microseconds. Panics above 584 years.
    pub const fn from_micros(micros: u64) -> Self {
        Self::of(micros, 1_000)
    }

    /// A duration of `millis` milliseconds. Panics above 584 years.
    pub const fn from_millis(millis: u64) -> Self {
        Self::of(millis, 1_000_000)
    }

    /// A duration of `secs` seconds. Panics above 584 years.
    pub const fn from_secs(secs: u64) -> Self {
        Self::of(secs, NS_PER_SEC)
    }

    const fn of(count: u64, unit_ns: u64) -> Self {
        match count.checked_mul(unit_ns) {
            Some(ns) => Self(ns),
            None => panic!("duration is longer than 584 years"),
        }
    }

    /// Nanoseconds.
    #[inline]
    pub const fn as_ns(self) -> u64 {
        self.0
    }

    /// Whole seconds, rounded down.
    pub const fn whole_secs(self) -> u64 {
        self.0 / NS_PER_SEC
    }

    /// Whether this is no time at all.
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Sum, or `None` on overflow.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(ns) => Some(Self(ns)),
            None => None,
        }
    }

    /// Difference, or `None` if `other` is longer.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(ns) => Some(Self(ns)),
            None => None,
        }
    }

    /// Sum, or [`SimDuration::MAX`] on overflow.
    #[inline]
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Difference, or zero if `other` is longer.
    #[inline]
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    #[inline]
    fn add(self, by: SimDuration) -> Self {
        Self(self.0.checked_add(by.0).expect("SimTime + SimDuration overflows"))
    }
}

impl AddAssign<SimDuration> for SimTime {
    #[inline]
    fn add_assign(&mut self, by: SimDuration) {
        *self = *self + by;
    }
}

impl Sub<SimDuration> for SimTime {
    type Output = Self;
    #[inline]
    fn sub(self, by: SimDuration) -> Self {
        Self(
            self.0
                .checked_sub(by.0)
                .expect("SimTime - SimDuration is before the start of the run"),
        )
    }
}

impl Sub for SimTime {
    type Output = SimDuration;
    #[inline]
    fn sub(self, earlier: Self) -> SimDuration {
        SimDuration(
            self.0
                .checked_sub(earlier.0)
                .expect("SimTime - SimTime: the right side is later"),
        )
    }
}

impl Add for SimDuration {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        self.checked_add(other).expect("SimDuration + SimDuration overflows")
    }
}

impl AddAssign for SimDuration {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for SimDuration {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        self.checked_sub(other)
            .expect("SimDuration - SimDuration: the right side is longer")
    }
}

impl SubAssign for SimDuration {
    #[inline]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Mul<u64> for SimDuration {
    type Output = Self;
    #[inline]
    fn mul(self, times: u64) -> Self {
        Self(self.0.checked_mul(times).expect("SimDuration * u64 overflows"))
    }
}

impl Div<u64> for SimDuration {
    type Output = Self;
    /// Rounds down; panics on division by zero.
    #[inline]
    fn div(self, by: u64) -> Self {
        Self(self.0 / by)
    }
}

impl Sum for SimDuration {
    fn sum<I: Iterator<Item = Self>>(durations: I) -> Self {
        durations.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn adding_then_subtracting_returns_to_the_start(at in 0..u64::MAX / 2, by in 0..u64::MAX / 2) {
            let (at, by) = (SimTime::from_ns(at), SimDuration::from_ns(by));
            prop_assert_eq!((at + by) - by, at);
            prop_assert_eq!((at + by) - at, by);
            prop_assert_eq!((at + by).saturating_since(at), by);
            prop_assert_eq!(at.saturating_since(at + by), SimDuration::ZERO);
            prop_assert_eq!(at.checked_add(by), Some(at.saturating_add(by)));
        }

        #[test]
        fn checked_and_saturating_agree_with_wide_integers(a: u64, b: u64) {
            let (x, y) = (SimDuration::from_ns(a), SimDuration::from_ns(b));
            let sum = u128::from(a) + u128::from(b);
            prop_assert_eq!(x.checked_add(y).map(SimDuration::as_ns), u64::try_from(sum).ok());
            prop_assert_eq!(u128::from(x.saturating_add(y).as_ns()), sum.min(u128::from(u64::MAX)));
            prop_assert_eq!(x.checked_sub(y).is_some(), a >= b);
            prop_assert_eq!(x.saturating_sub(y) + x.min(y), x);
        }
    }

    #[test]
    fn units_are_what_they_say() {
        assert_eq!(SimDuration::from_secs(1), SimDuration::from_millis(1_000));
        assert_eq!(SimDuration::from_millis(1), SimDuration::from_micros(1_000));
        assert_eq!(SimDuration::from_micros(1), SimDuration::from_ns(1_000));
        assert_eq!(SimTime::from_secs(2) - SimTime::ZERO, SimDuration::from_secs(2));
        assert_eq!(SimDuration::from_millis(1_999).whole_secs(), 1);
        assert_eq!(
            [1, 2, 3].map(SimDuration::from_secs).into_iter().sum::<SimDuration>(),
            SimDuration::from_secs(6)
        );
        assert_eq!(SimDuration::from_secs(7) / 2 * 2, SimDuration::from_secs(7));
    }

    #[test]
    #[should_panic(expected = "the right side is later")]
    fn a_negative_difference_panics() {
        let _ = SimTime::from_secs(1) - SimTime::from_secs(2);
    }

    #[test]
    #[should_panic(expected = "SimTime + SimDuration overflows")]
    fn overflow_panics() {
        let _ = SimTime::MAX + SimDuration::from_ns(1);
    }
}
