//! A validator for the part of JSON Schema that our schema uses; any other keyword is an error, not a pass.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// A schema with its definitions.
pub(crate) struct Schema {
    root: Value,
}

/// `sim-cli/schema/run.schema.json`.
pub(super) fn committed() -> Schema {
    Schema::committed("run.schema.json")
}

impl Schema {
    /// A file of `sim-cli/schema/`.
    pub(crate) fn committed(file: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(file);
        let text = fs::read_to_string(path).expect("the schema is committed");
        Self {
            root: serde_json::from_str(&text).expect("the schema is JSON"),
        }
    }

    /// Panics at the first value that does not fit.
    pub(crate) fn check(&self, document: &Value) {
        if let Err(problem) = self.fits(&self.root, document, "$") {
            panic!("{problem}");
        }
    }

    fn fits(&self, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
        if *schema == Value::Bool(true) {
            return Ok(());
        }
        let schema = schema.as_object().expect("a schema is an object");
        for (keyword, rule) in schema {
            let holds = match keyword.as_str() {
                "$schema" | "$defs" | "title" | "description" | "format" => true,
                "$ref" => return self.fits(self.definition(rule), value, path),
                "type" => types(rule).iter().any(|name| is_type(value, name)),
                "minimum" => value
                    .as_f64()
                    .is_none_or(|number| number >= rule.as_f64().expect("a number")),
                "maximum" => value
                    .as_f64()
                    .is_none_or(|number| number <= rule.as_f64().expect("a number")),
                "const" => value == rule,
                "enum" => array(rule).contains(value),
                "oneOf" | "anyOf" => array(rule).iter().any(|one| self.fits(one, value, path).is_ok()),
                "required" => array(rule)
                    .iter()
                    .all(|key| value.get(key.as_str().expect("a key")).is_some()),
                "items" => return self.all_fit(rule, value, path),
                "properties" | "patternProperties" | "additionalProperties" => {
                    self.members_fit(schema, value, path)?;
                    true
                }
                other => panic!("the schema uses `{other}`, which this validator does not know"),
            };
            if !holds {
                return Err(format!("{path}: {value} breaks {keyword}: {rule}"));
            }
        }
        Ok(())
    }

    fn definition(&self, reference: &Value) -> &Value {
        let pointer = reference
            .as_str()
            .and_then(|text| text.strip_prefix('#'))
            .expect("a local reference");
        self.root.pointer(pointer).expect("a definition")
    }

    fn all_fit(&self, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
        let items = value.as_array().ok_or_else(|| format!("{path} is no array"))?;
        items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| self.fits(schema, item, &format!("{path}[{index}]")))
    }

    /// Every member fits its property, or what is said about further ones.
    fn members_fit(&self, schema: &Map<String, Value>, value: &Value, path: &str) -> Result<(), String> {
        for (key, member) in value.as_object().ok_or_else(|| format!("{path} is no object"))? {
            let path = format!("{path}.{key}");
            let property = schema.get("properties").and_then(|properties| properties.get(key));
            match (property, schema.get("additionalProperties")) {
                (Some(property), _) => self.fits(property, member, &path)?,
                (None, Some(Value::Bool(false))) => return Err(format!("{path} is not in the schema")),
                (None, Some(further @ (Value::Object(_) | Value::Bool(true)))) => self.fits(further, member, &path)?,
                (None, other) => panic!("{path}: the schema says {other:?} about further keys"),
            }
        }
        Ok(())
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

fn types(rule: &Value) -> Vec<&str> {
    match rule {
        Value::String(name) => vec![name],
        several => array(several)
            .iter()
            .map(|name| name.as_str().expect("a name"))
            .collect(),
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("unknown type {other}"),
    }
}

#[test]
fn the_validator_finds_what_does_not_fit() {
    let schema = committed();
    let text = r#"{"p50": 0.1, "p90": 0.2, "p95": 0.3, "p99": 0.4, "max": 1.0}"#;
    let latency = &schema.root["$defs"]["Latency"];
    let fits = |text: &str| {
        schema
            .fits(latency, &serde_json::from_str(text).expect("JSON"), "$")
            .is_ok()
    };
    assert!(fits(text));
    assert!(!fits(&text.replace("0.4", "\"0.4\"")), "a wrong type");
    assert!(!fits(&text.replace("\"p99\": 0.4, ", "")), "a missing key");
    assert!(!fits(&text.replace("p99", "p98")), "an unknown key");
}

#[test]
fn every_number_of_the_document_names_its_unit() {
    let schema = committed();
    let definitions = schema.root["$defs"].as_object().expect("definitions");
    let quantiles = ["p50", "p90", "p95", "p99", "max"];
    let named = |key: &str| {
        let units = ["_s", "_count", "_seconds", "_ratio", "_share", "_code", "_version"];
        units.iter().any(|unit| key.ends_with(unit))
    };
    for (name, definition) in definitions.iter().chain([(&String::from("Report"), &schema.root)]) {
        let Some(properties) = definition["properties"].as_object() else {
            continue;
        };
        for (key, property) in properties {
            let is_number = types_of(property)
                .iter()
                .any(|name| ["number", "integer"].contains(name));
            // What the key itself is a count, a ratio or an index of, and quantiles below a key with a unit.
            let by_parent = match name.as_str() {
                "StatusCounts" | "Quantiles" | "Latency" => true,
                "FiveXxRatio" => ["mean", "ci95_low", "ci95_high"].contains(&key.as_str()),
                "PeakFiveXxRatio" => key == "value",
                "CauseReport" => ["count", "share"].contains(&key.as_str()),
                "Provenance" => ["seed", "replications"].contains(&key.as_str()),
                "ReplicationReport" => key == "replication",
                _ => false,
            };
            assert!(!is_number || by_parent || named(key), "{name}.{key} has no unit");
            assert!(!quantiles.contains(&key.as_str()) || ["Quantiles", "Latency"].contains(&name.as_str()));
        }
    }
}

fn types_of(property: &Value) -> Vec<&str> {
    property.get("type").map(types).unwrap_or_default()
}
