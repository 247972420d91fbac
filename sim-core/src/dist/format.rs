//! How a [`Dist`] is written: a bare duration, or a map whose only key is the kind.

use alloc::vec::Vec;
use core::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Dist;
use crate::time::SimDuration;

/// The kinds in the order of the documentation.
const KINDS: &[&str] = &["constant", "uniform", "exponential", "log_normal", "gamma", "empirical"];

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Uniform {
    min: SimDuration,
    max: SimDuration,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Exponential {
    mean: SimDuration,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LogNormal {
    median: SimDuration,
    p99: SimDuration,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Gamma {
    mean: SimDuration,
    shape: f64,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Empirical {
    values: Vec<SimDuration>,
}

#[derive(serde::Serialize)]
struct EmpiricalRef<'a> {
    values: &'a [SimDuration],
}

impl Serialize for Dist {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Constant(duration) = self {
            return duration.serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        match *self {
            Self::Constant(duration) => map.serialize_entry("constant", &duration)?,
            Self::Uniform { min, max } => map.serialize_entry("uniform", &Uniform { min, max })?,
            Self::Exponential { mean } => map.serialize_entry("exponential", &Exponential { mean })?,
            Self::LogNormal { median, p99 } => map.serialize_entry("log_normal", &LogNormal { median, p99 })?,
            Self::Gamma { mean, shape } => map.serialize_entry("gamma", &Gamma { mean, shape })?,
            Self::Empirical { ref values } => map.serialize_entry("empirical", &EmpiricalRef { values })?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Dist {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DistVisitor)
    }
}

struct DistVisitor;

impl<'de> Visitor<'de> for DistVisitor {
    type Value = Dist;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"200ms\" or a map with one of the keys ")?;
        for (i, kind) in KINDS.iter().enumerate() {
            write!(f, "{}{kind}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Dist, E> {
        if KINDS.contains(&text) {
            return Err(E::custom(format_args!(
                "{text:?} stands without its parameters; expected {Expected}"
            )));
        }
        text.parse().map(Dist::Constant).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Dist, E> {
        Err(E::custom(format_args!(
            "the number {number} has no unit; expected {Expected}"
        )))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Dist, E> {
        Err(E::custom(format_args!(
            "the number {number} has no unit; expected {Expected}"
        )))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Dist, E> {
        Err(E::custom(format_args!(
            "the number {number} has no unit; expected {Expected}"
        )))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Dist, A::Error> {
        let Some(kind) = map.next_key_seed(Kind)? else {
            return Err(de::Error::custom(format_args!("an empty map; expected {Expected}")));
        };
        let dist = match kind {
            "constant" => Dist::Constant(map.next_value()?),
            "uniform" => {
                let Uniform { min, max } = map.next_value()?;
                Dist::Uniform { min, max }
            }
            "exponential" => {
                let Exponential { mean } = map.next_value()?;
                Dist::Exponential { mean }
            }
            "log_normal" => {
                let LogNormal { median, p99 } = map.next_value()?;
                Dist::LogNormal { median, p99 }
            }
            "gamma" => {
                let Gamma { mean, shape } = map.next_value()?;
                Dist::Gamma { mean, shape }
            }
            _ => {
                let Empirical { values } = map.next_value()?;
                Dist::Empirical { values }
            }
        };
        if let Some(second) = map.next_key_seed(Kind)? {
            return Err(de::Error::custom(format_args!(
                "both {kind} and {second}; a distribution has one kind"
            )));
        }
        Ok(dist)
    }
}

/// Prints what a distribution looks like.
struct Expected;

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        DistVisitor.expecting(f)
    }
}

/// Reads a key and accepts only the kinds.
struct Kind;

impl<'de> de::DeserializeSeed<'de> for Kind {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'static str, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Kind {
    type Value = &'static str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the kind of a distribution")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<&'static str, E> {
        KINDS
            .iter()
            .copied()
            .find(|kind| *kind == text)
            .ok_or_else(|| E::custom(format_args!("unknown distribution {text:?}; expected {Expected}")))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Dist {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Distribution".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let duration = generator.subschema_for::<SimDuration>();
        let kind = |name: &str, parameters: &[(&str, &schemars::Schema)], description: &str| {
            let required: Vec<&str> = parameters.iter().map(|(parameter, _)| *parameter).collect();
            let properties: schemars::_private::serde_json::Map<_, _> = parameters
                .iter()
                .map(|(parameter, schema)| ((*parameter).into(), (*schema).clone().to_value()))
                .collect();
            schemars::json_schema!({
                "type": "object",
                "description": description,
                "required": [name],
                "additionalProperties": false,
                "properties": { name: {
                    "type": "object",
                    "required": required,
                    "additionalProperties": false,
                    "properties": properties
                }}
            })
        };
        let shape = schemars::json_schema!({ "type": "number", "exclusiveMinimum": 0 });
        let values = schemars::json_schema!({ "type": "array", "minItems": 1, "items": duration });
        schemars::json_schema!({
            "description": "A distribution of durations: a constant such as \"200ms\", or one kind with its parameters.",
            "oneOf": [
                duration,
                {
                    "type": "object",
                    "description": "Always the same.",
                    "required": ["constant"],
                    "additionalProperties": false,
                    "properties": { "constant": duration }
                },
                kind("uniform", &[("min", &duration), ("max", &duration)], "Equally likely from min to max."),
                kind("exponential", &[("mean", &duration)], "Memoryless."),
                kind("log_normal", &[("median", &duration), ("p99", &duration)], "Log-normal by two quantiles."),
                kind("gamma", &[("mean", &duration), ("shape", &shape)], "Gamma; shape 1 is exponential."),
                kind("empirical", &[("values", &values)], "Linear between the sorted values.")
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::{String, ToString};

    use super::*;

    fn error(json: &str) -> String {
        serde_json::from_str::<Dist>(json).unwrap_err().to_string()
    }

    #[test]
    fn every_kind_reads_back_as_written() {
        for json in [
            r#""200ms""#,
            r#"{"uniform":{"min":"1ms","max":"2ms"}}"#,
            r#"{"exponential":{"mean":"50ms"}}"#,
            r#"{"log_normal":{"median":"50ms","p99":"400ms"}}"#,
            r#"{"gamma":{"mean":"50ms","shape":0.5}}"#,
            r#"{"empirical":{"values":["1ms","2ms"]}}"#,
        ] {
            let dist: Dist = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&dist).unwrap(), json);
        }
        let constant: Dist = serde_json::from_str(r#"{"constant": "5s"}"#).unwrap();
        assert_eq!(constant, Dist::Constant(SimDuration::from_secs(5)));
    }

    #[test]
    fn each_mistake_has_its_message() {
        let kinds = "a duration such as \"200ms\" or a map with one of the keys \
                     constant, uniform, exponential, log_normal, gamma, empirical";
        for (json, message) in [
            ("5", format!("the number 5 has no unit; expected {kinds}")),
            ("{}", format!("an empty map; expected {kinds}")),
            (
                r#"{"normal": {}}"#,
                format!("unknown distribution \"normal\"; expected {kinds}"),
            ),
            (
                r#""gamma""#,
                format!("\"gamma\" stands without its parameters; expected {kinds}"),
            ),
            ("[]", format!("invalid type: sequence, expected {kinds}")),
            (
                r#"{"exponential": {"mean": 5}}"#,
                "expected a duration with a unit such as \"15s\", found".into(),
            ),
            (
                r#"{"exponential": {"mean": "5s", "p99": "6s"}}"#,
                "unknown field `p99`, expected `mean`".into(),
            ),
            (r#"{"log_normal": {"median": "5s"}}"#, "missing field `p99`".into()),
            (
                r#"{"exponential": {"mean": "5s"}, "constant": "5s"}"#,
                "both exponential and constant; a distribution has one kind".into(),
            ),
        ] {
            assert!(error(json).starts_with(&message), "{}", error(json));
        }
    }

    #[cfg(feature = "schema")]
    #[test]
    fn the_schema_lists_a_string_and_six_kinds() {
        let schema = schemars::schema_for!(Dist).to_value();
        let forms = schema["oneOf"].as_array().unwrap();
        let keys: Vec<&str> = forms[1..]
            .iter()
            .map(|form| form["required"][0].as_str().unwrap())
            .collect();
        assert_eq!(keys, KINDS);
    }
}
