//! How durations are read: exact, with units, by integer arithmetic only.

use alloc::string::{String, ToString};
use core::str::FromStr;

use super::{NS_PER_SEC, SimDuration};

/// Units of a written duration, largest first, with their nanoseconds.
pub(super) const UNITS: [(&str, u64); 7] = [
    ("h", 3_600 * NS_PER_SEC),
    ("m", 60 * NS_PER_SEC),
    ("s", NS_PER_SEC),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("ns", 1),
];

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
                return Err(E::NoUnit {
                    found: number.to_string(),
                });
            }
            let Some(&(_, unit_ns)) = UNITS.iter().find(|(name, _)| *name == unit) else {
                return Err(E::UnknownUnit {
                    found: found(),
                    unit: unit.to_string(),
                });
            };
            if unit_ns >= last_unit_ns {
                return Err(E::UnitOrder {
                    found: found(),
                    unit: unit.to_string(),
                });
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
    let overflow = || ParseDurationError::Overflow {
        found: text.to_string(),
    };
    let too_fine = || ParseDurationError::TooFine {
        found: text.to_string(),
    };
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
    count
        .checked_mul(unit_ns)
        .and_then(|ns| ns.checked_add(fraction))
        .ok_or_else(overflow)
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<u64, ParseDurationError> {
        text.parse().map(SimDuration::as_ns)
    }

    #[test]
    fn durations_parse_exactly() {
        for (text, ns) in [
            ("0s", 0),
            ("15s", 15_000_000_000),
            ("250ms", 250_000_000),
            ("1.5s", 1_500_000_000),
            ("0.1s", 100_000_000),
            ("1h30m", 5_400_000_000_000),
            ("1m30.5s", 90_500_000_000),
            ("1.5h", 5_400_000_000_000),
            ("7us", 7_000),
            ("7µs", 7_000),
            ("1.0000000000s", 1_000_000_000),
            ("0.000000001s", 1),
            ("18446744073.709551615s", u64::MAX),
        ] {
            assert_eq!(parse(text), Ok(ns), "{text}");
        }
    }

    #[test]
    fn each_mistake_has_its_message() {
        for (text, message) in [
            ("", "a duration is empty; write a number with a unit such as \"15s\""),
            ("15", "\"15\" has no unit; write \"15s\" (units: h, m, s, ms, us, ns)"),
            ("1m30", "\"30\" has no unit; write \"30s\" (units: h, m, s, ms, us, ns)"),
            (
                "-15s",
                "\"-15s\" is negative; a duration is zero or more, such as \"15s\"",
            ),
            (
                "15sec",
                "\"15sec\" has the unknown unit \"sec\"; units are h, m, s, ms, us, ns",
            ),
            (
                "15 s",
                "\"15 s\" has the unknown unit \" s\"; units are h, m, s, ms, us, ns",
            ),
            (
                "s",
                "\"s\" has no number before the unit; write it as \"15s\" or \"1m30.5s\"",
            ),
            (
                "1.s",
                "\"1.s\" has no number before the unit; write it as \"15s\" or \"1m30.5s\"",
            ),
            (
                "1.2.3s",
                "\"1.2.3s\" has no number before the unit; write it as \"15s\" or \"1m30.5s\"",
            ),
            (
                "30s1m",
                "\"30s1m\" has \"m\" after a unit that is not larger; write large units first, as in \"1h30m\"",
            ),
            (
                "1us1µs",
                "\"1us1µs\" has \"µs\" after a unit that is not larger; write large units first, as in \"1h30m\"",
            ),
            (
                "1.5ns",
                "\"1.5ns\" is finer than a nanosecond; use at most as many decimals as make whole nanoseconds",
            ),
            (
                "9999999h",
                "\"9999999h\" is too long; the longest duration is \"5124095h\", about 584 years",
            ),
            (
                "18446744073.709551616s",
                "\"18446744073.709551616s\" is too long; the longest duration is \"5124095h\", about 584 years",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_the_parser_panic(text in "[-0-9.hmsuµn ]{0,24}") {
            let _ = text.parse::<SimDuration>();
        }
    }
}
