//! Small value types of the scenario file that are neither times nor distributions.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::SimDuration;

/// A limit that may be absent: a value, or the word `unlimited`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit<T> {
    /// At most this.
    At(T),
    /// No limit.
    Unlimited,
}

impl<T: Copy> Limit<T> {
    /// The limit, or `None` where there is none.
    pub fn get(self) -> Option<T> {
        match self {
            Limit::At(value) => Some(value),
            Limit::Unlimited => None,
        }
    }
}

impl<T: Serialize> Serialize for Limit<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Limit::At(value) => value.serialize(serializer),
            Limit::Unlimited => serializer.serialize_str("unlimited"),
        }
    }
}

impl<'de> Deserialize<'de> for Limit<SimDuration> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Limit<SimDuration>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration with a unit such as \"15s\", or \"unlimited\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                if text == "unlimited" {
                    return Ok(Limit::Unlimited);
                }
                SimDuration::from_str(text)
                    .map(Limit::At)
                    .map_err(|error| E::custom(format!("{error}, or write \"unlimited\"")))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for Limit<u32> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Limit<u32>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or \"unlimited\"")
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                u32::try_from(value)
                    .map(Limit::At)
                    .map_err(|_| E::custom(format!("{value} is too large")))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                u32::try_from(value)
                    .map(Limit::At)
                    .map_err(|_| E::custom(format!("{value} is not a count")))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                if text == "unlimited" {
                    return Ok(Limit::Unlimited);
                }
                Err(E::custom(format!(
                    "found \"{text}\", expected a whole number or \"unlimited\""
                )))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Limit<T> {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        alloc::borrow::Cow::Owned(format!("LimitOf{}", T::schema_name()))
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = generator.subschema_for::<T>();
        schemars::json_schema!({ "anyOf": [value, { "const": "unlimited" }] })
    }
}

/// A count, or a percentage of the replicas, as Deployments and `PodDisruptionBudget`s take it (`25%` or `3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntOrPercent {
    /// A number of pods.
    Int(u32),
    /// A share of the replicas in percent.
    Percent(u32),
}

impl IntOrPercent {
    /// Number of pods out of `of`, rounding a percentage up.
    pub fn round_up(self, of: u32) -> u32 {
        match self {
            IntOrPercent::Int(value) => value,
            IntOrPercent::Percent(percent) => (of * percent).div_ceil(100),
        }
    }

    /// Number of pods out of `of`, rounding a percentage down.
    pub fn round_down(self, of: u32) -> u32 {
        match self {
            IntOrPercent::Int(value) => value,
            IntOrPercent::Percent(percent) => of * percent / 100,
        }
    }
}

impl fmt::Display for IntOrPercent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IntOrPercent::Int(value) => write!(f, "{value}"),
            IntOrPercent::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl Serialize for IntOrPercent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            IntOrPercent::Int(value) => serializer.serialize_u32(*value),
            IntOrPercent::Percent(_) => serializer.serialize_str(&self.to_string()),
        }
    }
}

impl<'de> Deserialize<'de> for IntOrPercent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = IntOrPercent;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of pods or a percentage such as \"25%\"")
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                u32::try_from(value)
                    .map(IntOrPercent::Int)
                    .map_err(|_| E::custom(format!("{value} is too large")))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                Err(E::custom(format!(
                    "found {value}, expected a whole number of pods or a percentage such as \"25%\""
                )))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let digits = text.strip_suffix('%').and_then(|digits| digits.parse().ok());
                digits
                    .filter(|percent| *percent <= 10_000)
                    .map(IntOrPercent::Percent)
                    .ok_or_else(|| {
                        E::custom(format!(
                            "found \"{text}\", expected a whole number of pods or a percentage such as \"25%\""
                        ))
                    })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for IntOrPercent {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        alloc::borrow::Cow::Borrowed("IntOrPercent")
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number of pods, or a percentage of the replicas.",
            "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": "^[0-9]+%$" }]
        })
    }
}

/// A name of a request kind.
pub type RequestName = String;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_round_up_for_surge_and_down_for_unavailable() {
        // kubernetes §4.3.3: n = 3 at 25 % gives (+1, 0); n = 10 gives (+3, −2).
        let quarter = IntOrPercent::Percent(25);
        assert_eq!((quarter.round_up(3), quarter.round_down(3)), (1, 0));
        assert_eq!((quarter.round_up(10), quarter.round_down(10)), (3, 2));
    }

    #[test]
    fn limits_and_percentages_round_trip_through_json() {
        for text in ["\"unlimited\"", "7"] {
            let limit: Limit<u32> = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&limit).unwrap(), text);
        }
        for text in ["\"25%\"", "3"] {
            let value: IntOrPercent = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&value).unwrap(), text);
        }
        assert!(serde_json::from_str::<IntOrPercent>("\"25\"").is_err());
        assert!(serde_json::from_str::<Limit<SimDuration>>("15").is_err());
    }
}
