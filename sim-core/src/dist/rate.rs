//! How often something happens: a number with its unit of time.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::from_float_ns;
use crate::time::SimDuration;

/// Units of a written rate and their seconds.
const UNITS: [(&str, f64); 3] = [("s", 1.0), ("m", 60.0), ("h", 3600.0)];

/// Events per second; finite, zero or more. Written with its unit: `120/s`, `6/m`, `100/h`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Default)]
pub struct Rate(f64);

/// Why a text or number is not a rate.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ParseRateError {
    /// A number without a unit.
    #[error("{found:?} has no unit; write \"{found}/s\" (units: /s, /m, /h)")]
    NoUnit {
        /// The whole text.
        found: String,
    },
    /// A unit that is not in the list.
    #[error("{found:?} has the unknown unit {unit:?}; units are /s, /m, /h")]
    UnknownUnit {
        /// The whole text.
        found: String,
        /// What stands after the slash.
        unit: String,
    },
    /// Not digits with at most one decimal point before the slash.
    #[error("{found:?} is not a rate; write a number of zero or more with a unit such as \"120/s\"")]
    NotANumber {
        /// The whole text.
        found: String,
    },
    /// Negative, infinite or not a number.
    #[error("rate {found} per second is not a finite number of zero or more")]
    OutOfRange {
        /// Events per second.
        found: f64,
    },
}

impl Rate {
    /// It never happens.
    pub const ZERO: Self = Self(0.0);

    /// `events` per second.
    ///
    /// # Errors
    ///
    /// If `events` is negative, infinite or not a number.
    pub fn new(events: f64) -> Result<Self, ParseRateError> {
        if events >= 0.0 && events.is_finite() {
            Ok(Self(events))
        } else {
            Err(ParseRateError::OutOfRange { found: events })
        }
    }

    /// So many whole events per second, as clients of Kubernetes count their QPS.
    pub fn from_qps(qps: u32) -> Self {
        Self(f64::from(qps))
    }

    /// `events` per second, for numbers that stand in the code. Panics unless finite and zero or more.
    pub const fn per_second_of(events: f64) -> Self {
        assert!(
            events >= 0.0 && events.is_finite(),
            "a rate is a finite number of zero or more"
        );
        Self(events)
    }

    /// Events per second.
    #[inline]
    pub const fn per_second(self) -> f64 {
        self.0
    }

    /// Mean time between events, to the nearest nanosecond; [`SimDuration::MAX`] if the rate is 0.
    pub fn mean_interval(self) -> SimDuration {
        if self.0 > 0.0 {
            from_float_ns(1e9 / self.0)
        } else {
            SimDuration::MAX
        }
    }
}

impl FromStr for Rate {
    type Err = ParseRateError;

    fn from_str(text: &str) -> Result<Self, ParseRateError> {
        let is_number =
            |text: &str| text.starts_with(|c: char| c.is_ascii_digit()) && text.ends_with(|c: char| c.is_ascii_digit());
        let parse = |text: &str| {
            text.parse::<f64>()
                .ok()
                .filter(|_| is_number(text) && !text.contains(['e', 'E']))
        };
        let Some((number, unit)) = text.split_once('/') else {
            return Err(match parse(text) {
                Some(_) => ParseRateError::NoUnit {
                    found: text.to_string(),
                },
                None => ParseRateError::NotANumber {
                    found: text.to_string(),
                },
            });
        };
        let events = parse(number).ok_or_else(|| ParseRateError::NotANumber {
            found: text.to_string(),
        })?;
        let Some((_, unit_s)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(ParseRateError::UnknownUnit {
                found: text.to_string(),
                unit: unit.to_string(),
            });
        };
        Self::new(events / unit_s)
    }
}

impl fmt::Display for Rate {
    /// Parsed back to the same rate: exact in `/s`, or a whole number in `/m` or `/h` if that is shorter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shortest = alloc::format!("{}/s", self.0);
        for (unit, unit_s) in &UNITS[1..] {
            let events = libm::rint(self.0 * unit_s);
            let text = alloc::format!("{events}/{unit}");
            if (events / unit_s).to_bits() == self.0.to_bits() && text.len() < shortest.len() {
                shortest = text;
            }
        }
        f.pad(&shortest)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RateVisitor)
    }
}

const EXPECTED: &str = "a rate with a unit such as \"120/s\"";

struct RateVisitor;

impl Visitor<'_> for RateVisitor {
    type Value = Rate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Rate, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Rate, E> {
        Err(E::custom(format_args!(
            "expected {EXPECTED}, found the number {number}"
        )))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Rate, E> {
        Err(E::custom(format_args!(
            "expected {EXPECTED}, found the number {number}"
        )))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Rate, E> {
        Err(E::custom(format_args!(
            "expected {EXPECTED}, found the number {number}"
        )))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Rate {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9]+(\\.[0-9]+)?/(s|m|h)$",
            "description": "Events per second, minute or hour: \"120/s\", \"6/m\", \"100/h\"."
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rates_read_back_as_written() {
        for (text, per_second, interval_ns) in [
            ("120/s", 120.0, 8_333_333),
            ("6/m", 0.1, 10_000_000_000),
            ("100/h", 100.0 / 3600.0, 36_000_000_000),
            ("2.5/s", 2.5, 400_000_000),
            ("0/s", 0.0, u64::MAX),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert!((rate.per_second() - per_second).abs() < 1e-12, "{text}");
            assert_eq!(rate.mean_interval(), SimDuration::from_ns(interval_ns), "{text}");
            assert_eq!(rate.to_string(), text);
        }
        assert_eq!("60/m".parse::<Rate>().unwrap().to_string(), "1/s");
    }

    #[test]
    fn each_mistake_has_its_message() {
        for (text, message) in [
            ("120", "\"120\" has no unit; write \"120/s\" (units: /s, /m, /h)"),
            ("120/d", "\"120/d\" has the unknown unit \"d\"; units are /s, /m, /h"),
            (
                "-1/s",
                "\"-1/s\" is not a rate; write a number of zero or more with a unit such as \"120/s\"",
            ),
            (
                "inf/s",
                "\"inf/s\" is not a rate; write a number of zero or more with a unit such as \"120/s\"",
            ),
            (
                "1e3/s",
                "\"1e3/s\" is not a rate; write a number of zero or more with a unit such as \"120/s\"",
            ),
            (
                "",
                "\"\" is not a rate; write a number of zero or more with a unit such as \"120/s\"",
            ),
        ] {
            assert_eq!(text.parse::<Rate>().unwrap_err().to_string(), message);
        }
        let error = serde_json::from_str::<Rate>("120").unwrap_err().to_string();
        assert!(
            error.starts_with("expected a rate with a unit such as \"120/s\", found the number 120"),
            "{error}"
        );
        assert!(Rate::new(-1.0).is_err() && Rate::new(f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_back(per_second in 0.0..1e9_f64) {
            let rate = Rate::new(per_second).unwrap();
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        }
    }
}
