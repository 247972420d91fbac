//! A number from 0 to 1 that has been checked.

use core::fmt;

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

/// A probability: a number from 0 to 1, both included.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Default)]
pub struct Probability(f64);

/// The number is not from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("probability {found} is outside 0 to 1")]
pub struct ProbabilityError {
    /// The number.
    pub found: f64,
}

impl Probability {
    /// Whether `part` of `whole` is at least this share; an empty whole never is.
    pub fn is_reached_by(self, part: u32, whole: u32) -> bool {
        whole > 0 && f64::from(part) >= self.get() * f64::from(whole)
    }

    /// Whether `part` of `whole` is at most this share.
    pub fn covers(self, part: u32, whole: u32) -> bool {
        f64::from(part) <= self.get() * f64::from(whole)
    }

    /// Never.
    pub const ZERO: Self = Self(0.0);
    /// Always.
    pub const ONE: Self = Self(1.0);

    /// Checks the range.
    ///
    /// # Errors
    ///
    /// If `p` is below 0, above 1 or not a number.
    pub fn new(p: f64) -> Result<Self, ProbabilityError> {
        if (0.0..=1.0).contains(&p) {
            Ok(Self(p))
        } else {
            Err(ProbabilityError { found: p })
        }
    }

    /// So many thousandths, for numbers that stand in the code. Panics above 1000.
    pub fn from_permille(permille: u32) -> Self {
        assert!(permille <= 1000, "a probability is at most 1");
        Self(f64::from(permille) / 1000.0)
    }

    /// The number in millionths, to the nearest whole one.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to a million"
    )]
    pub fn parts_per_million(self) -> u64 {
        libm::rint(self.0 * 1e6) as u64
    }

    /// The number, from 0 to 1.
    #[inline]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Probability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(f64::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Probability {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Probability".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": "A probability from 0 to 1."
        })
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn shares_are_whole_millionths() {
        for (p, millionths) in [
            (0.0, 0),
            (0.1, 100_000),
            (0.8, 800_000),
            (1.0 / 3.0, 333_333),
            (1.0, 1_000_000),
        ] {
            assert_eq!(Probability::new(p).unwrap().parts_per_million(), millionths);
        }
        assert_eq!(Probability::from_permille(100), Probability::new(0.1).unwrap());
    }

    #[test]
    fn only_numbers_from_zero_to_one_pass() {
        for p in [0.0, 0.5, 1.0] {
            assert_eq!(Probability::new(p).map(|p| p.get().to_bits()), Ok(p.to_bits()));
        }
        for p in [-0.001, 1.001, f64::NAN, f64::INFINITY] {
            assert!(Probability::new(p).is_err(), "{p}");
        }
        assert_eq!(serde_json::from_str::<Probability>("1").unwrap(), Probability::ONE);
        let error = serde_json::from_str::<Probability>("1.5").unwrap_err().to_string();
        assert!(error.starts_with("probability 1.5 is outside 0 to 1"), "{error}");
    }
}
