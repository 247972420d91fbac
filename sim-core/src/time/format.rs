//! How times and durations are written: exact, with units, by integer arithmetic only.

use alloc::string::String;
use core::fmt::{self, Write as _};

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::parse::UNITS;
use super::{NS_PER_SEC, SimDuration, SimTime};

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
    /// Canonical and exact, parsed back by `from_str`: from one second up hours, minutes and decimal
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
            decimals = *UNITS
                .iter()
                .find(|(_, unit_ns)| ns >= *unit_ns)
                .expect("1ns is in the table");
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
const EXPECTED_DURATION: &str = "a duration with a unit such as \"15s\"";

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
        Err(E::custom(format_args!(
            "expected {EXPECTED_DURATION}, found the number {number}"
        )))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<SimDuration, E> {
        Err(E::custom(format_args!(
            "expected {EXPECTED_DURATION}, found the number {number}"
        )))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<SimDuration, E> {
        Err(E::custom(format_args!(
            "expected {EXPECTED_DURATION}, found the number {number}"
        )))
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

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_print_canonically() {
        for (ns, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5us"),
            (250_000_000, "250ms"),
            (999_999_999, "999.999999ms"),
            (1_500_000_000, "1.5s"),
            (90_000_000_000, "1m30s"),
            (90_500_000_000, "1m30.5s"),
            (3_600_000_000_000, "1h"),
            (3_630_000_000_000, "1h30s"),
            (3_600_000_000_001, "1h0.000000001s"),
        ] {
            assert_eq!(SimDuration::from_ns(ns).to_string(), text);
        }
        assert_eq!(SimTime::from_ns(12_345_000_000).to_string(), "12.345s");
        assert_eq!(SimTime::MAX.to_string(), "never");
        assert_eq!(std::format!("{:>8}", SimTime::from_secs(90)), "     90s");
    }

    #[test]
    fn json_takes_strings_only() {
        assert_eq!(serde_json::to_string(&SimDuration::from_secs(90)).unwrap(), "\"1m30s\"");
        assert_eq!(
            serde_json::from_str::<SimDuration>("\"1m30s\"").unwrap(),
            SimDuration::from_secs(90)
        );
        for (json, message) in [
            (
                "15",
                "expected a duration with a unit such as \"15s\", found the number 15",
            ),
            (
                "1.5",
                "expected a duration with a unit such as \"15s\", found the number 1.5",
            ),
            (
                "true",
                "invalid type: boolean `true`, expected a duration with a unit such as \"15s\"",
            ),
            (
                "\"15\"",
                "\"15\" has no unit; write \"15s\" (units: h, m, s, ms, us, ns)",
            ),
        ] {
            let error = serde_json::from_str::<SimDuration>(json).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_back(ns: u64, shift in 0..64_u32) {
            let duration = SimDuration::from_ns(ns >> shift);
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }
    }
}
