//! Simulated time: integer nanoseconds, never a float, never a wall clock.
//!
//! [`SimTime`] is an instant counted from the start of the run; [`SimDuration`] is a length.
//! Both hold a `u64` of nanoseconds, enough for 584 years, and are not interchangeable.
//! Operators panic on overflow and underflow, because a time that wrapped is a broken model;
//! the `checked_` and `saturating_` methods are for callers who expect it.
//!
//! Durations are written with a unit, always: `15s`, `250ms`, `1m30.5s`. A bare number is an error.

use alloc::string::{String, ToString};
use core::fmt::{self, Write as _};
use core::iter::Sum;
use core::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};
use core::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// Nanoseconds in one second.
const NS_PER_SEC: u64 = 1_000_000_000;

/// Units of a written duration, largest first, with their nanoseconds.
const UNITS: [(&str, u64); 7] = [
    ("h", 3_600 * NS_PER_SEC),
    ("m", 60 * NS_PER_SEC),
    ("s", NS_PER_SEC),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("ns", 1),
];

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
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Difference, or zero if `other` is longer.
    #[inline]
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
        Self(self.0.checked_sub(by.0).expect("SimTime - SimDuration is before the start of the run"))
    }
}

impl Sub for SimTime {
    type Output = SimDuration;
    #[inline]
    fn sub(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.checked_sub(earlier.0).expect("SimTime - SimTime: the right side is later"))
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
        self.checked_sub(other).expect("SimDuration - SimDuration: the right side is longer")
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

/// `ns / unit_ns` as an exact decimal without trailing zeros; `unit_ns` is a power of ten.
fn push_decimal(out: &mut String, ns: u64, unit_ns: u64) {
    let _ = write!(out, "{}", ns / unit_ns);
    let (mut rest, mut place) = (ns % unit_ns, unit_ns / 10);
    if rest > 0 {
        out.push('.');
    }
    while rest > 0 {
        let _ = write!(out, "{}", rest / place);
        rest %= place;
        place /= 10;
    }
}

impl fmt::Display for SimTime {
    /// Seconds since the start of the run, exact: `12.345s`; [`SimTime::MAX`] is `never`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::MAX {
            return f.pad("never");
        }
        let mut out = String::new();
        push_decimal(&mut out, self.0, NS_PER_SEC);
        out.push('s');
        f.pad(&out)
    }
}

impl fmt::Display for SimDuration {
    /// Canonical and exact, parsed back by [`FromStr`]: from one second up hours, minutes and decimal
    /// seconds, parts that are zero left out (`1h30s`, `1m30.5s`); below, one decimal number of the
    /// largest unit that is not above it (`250ms`, `1.5us`); `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        let (mut ns, mut decimals) = (self.0, UNITS[2]);
        if ns >= NS_PER_SEC {
            for (unit, unit_ns) in &UNITS[..2] {
                if ns >= *unit_ns {
                    let _ = write!(out, "{}{unit}", ns / unit_ns);
                    ns %= unit_ns;
                }
            }
        } else if ns > 0 {
            decimals = *UNITS.iter().find(|(_, unit_ns)| ns >= *unit_ns).expect("1ns is in the table");
        }
        if ns > 0 || out.is_empty() {
            push_decimal(&mut out, ns, decimals.1);
            out.push_str(decimals.0);
        }
        f.pad(&out)
    }
}

impl fmt::Debug for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SimDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a string is not a duration. The messages say what was found and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseDurationError {
    /// Nothing there.
    #[error("a duration is empty; write a number with a unit such as \"15s\"")]
    Empty,
    /// A leading minus sign.
    #[error("{found:?} is negative; a duration is zero or more, such as \"15s\"")]
    Negative {
        /// The whole text.
        found: String,
    },
    /// A number without a unit.
    #[error("{found:?} has no unit; write \"{found}s\" (units: h, m, s, ms, us, ns)")]
    NoUnit {
        /// The number that stands without a unit, the last one of the text.
        found: String,
    },
    /// A unit that is not in the list.
    #[error("{found:?} has the unknown unit {unit:?}; units are h, m, s, ms, us, ns")]
    UnknownUnit {
        /// The whole text.
        found: String,
        /// What stands where a unit should.
        unit: String,
    },
    /// Something else than digits with at most one decimal point where a number should be.
    #[error("{found:?} has no number before the unit; write it as \"15s\" or \"1m30.5s\"")]
    NoNumber {
        /// The whole text.
        found: String,
    },
    /// Units not in falling order, or one twice.
    #[error("{found:?} has {unit:?} after a unit that is not larger; write large units first, as in \"1h30m\"")]
    UnitOrder {
        /// The whole text.
        found: String,
        /// The unit that comes too late.
        unit: String,
    },
    /// Decimals below one nanosecond.
    #[error("{found:?} is finer than a nanosecond; use at most as many decimals as make whole nanoseconds")]
    TooFine {
        /// The whole text.
        found: String,
    },
    /// More than `u64::MAX` nanoseconds.
    #[error("{found:?} is too long; the longest duration is \"5124095h\", about 584 years")]
    Overflow {
        /// The whole text.
        found: String,
    },
}

impl FromStr for SimDuration {
    type Err = ParseDurationError;

    /// One or more numbers with their units, large units first, no spaces: `15s`, `1h30m`, `1.5ms`.
    fn from_str(text: &str) -> Result<Self, ParseDurationError> {
        use ParseDurationError as E;
        let found = || text.to_string();
        if text.is_empty() {
            return Err(E::Empty);
        }
        if text.starts_with(['-', '−']) {
            return Err(E::Negative { found: found() });
        }
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let (mut rest, mut total, mut last_unit_ns) = (text, 0_u64, u64::MAX);
        while !rest.is_empty() {
            let (number, tail) = rest.split_at(rest.find(|c| !is_number(c)).unwrap_or(rest.len()));
            let (unit, tail) = tail.split_at(tail.find(is_number).unwrap_or(tail.len()));
            let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
            if whole.is_empty() || decimals.is_empty() || decimals.contains('.') {
                return Err(E::NoNumber { found: found() });
            }
            if unit.is_empty() {
                return Err(E::NoUnit { found: number.to_string() });
            }
            let Some(&(_, unit_ns)) = UNITS.iter().find(|(name, _)| *name == unit) else {
                return Err(E::UnknownUnit { found: found(), unit: unit.to_string() });
            };
            if unit_ns >= last_unit_ns {
                return Err(E::UnitOrder { found: found(), unit: unit.to_string() });
            }
            let part = exact_ns(whole, decimals, unit_ns, text)?;
            total = total.checked_add(part).ok_or_else(|| E::Overflow { found: found() })?;
            (rest, last_unit_ns) = (tail, unit_ns);
        }
        Ok(Self(total))
    }
}

/// `whole.decimals` units in nanoseconds, by integer arithmetic only.
fn exact_ns(whole: &str, decimals: &str, unit_ns: u64, text: &str) -> Result<u64, ParseDurationError> {
    let overflow = || ParseDurationError::Overflow { found: text.to_string() };
    let too_fine = || ParseDurationError::TooFine { found: text.to_string() };
    let count: u64 = whole.parse().map_err(|_| overflow())?;
    let decimals = decimals.trim_end_matches('0');
    // No unit has more than 3.6e12 ns, and 3.6e12 = 2^14 5^11 9: past 14 decimals nothing is whole.
    if decimals.len() > 14 {
        return Err(too_fine());
    }
    let (mut numerator, mut denominator) = (0_u128, 1_u128);
    for digit in decimals.bytes() {
        numerator = numerator * 10 + u128::from(digit - b'0');
        denominator *= 10;
    }
    let scaled = numerator * u128::from(unit_ns);
    if scaled % denominator != 0 {
        return Err(too_fine());
    }
    let fraction = u64::try_from(scaled / denominator).map_err(|_| overflow())?;
    count.checked_mul(unit_ns).and_then(|ns| ns.checked_add(fraction)).ok_or_else(overflow)
}

impl Serialize for SimDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SimDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DurationVisitor)
    }
}

/// What every duration error promises.
pub(crate) const EXPECTED_DURATION: &str = "a duration with a unit such as \"15s\"";

struct DurationVisitor;

impl Visitor<'_> for DurationVisitor {
    type Value = SimDuration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED_DURATION)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SimDuration, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<SimDuration, E> {
        Err(E::custom(format_args!("expected {EXPECTED_DURATION}, found the number {number}")))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<SimDuration, E> {
        Err(E::custom(format_args!("expected {EXPECTED_DURATION}, found the number {number}")))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<SimDuration, E> {
        Err(E::custom(format_args!("expected {EXPECTED_DURATION}, found the number {number}")))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for SimDuration {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^([0-9]+(\\.[0-9]+)?(h|m|s|ms|us|µs|ns))+$",
            "description": "A duration with its unit (h, m, s, ms, us, ns), large units first: \"15s\", \"250ms\", \"1m30.5s\"."
        })
    }
}
