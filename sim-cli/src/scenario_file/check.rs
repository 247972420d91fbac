//! Compares a tree with the schema, so that one reading reports every wrong key and value.
//!
//! The types decide in the end (see `layers`); this pass exists because a decoder stops at its first error and knows
//! no lines.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use sim_core::dist::{Dist, Probability, Rate};
use sim_core::scenario::health::Minimum;
use sim_core::scenario::quantity::{Cpu, Memory};
use sim_core::scenario::value::{IntOrPercent, Limit};
use sim_core::scenario::workload::Profile;
use sim_core::time::SimDuration;

use super::schema::{Shape, View};
use super::{csv_profile, schema};
use crate::text::error::Diagnostic;
use crate::text::nearest;
use crate::text::path::{Path, Within};
use crate::text::source::Sources;
use crate::text::tree::{Node, Value};

/// Collects what is wrong, and replaces tables by the steps they contain.
pub(super) struct Checker<'c> {
    /// Tables are added here.
    pub(super) sources: &'c mut Sources,
    /// In the order of the tree.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Checker<'_> {
    /// Checks `node` and everything below it.
    pub(super) fn check(&mut self, node: &mut Node, view: View<'_>, path: &Path) {
        if view.nullable && node.value == Value::Scalar(Json::Null) {
            return;
        }
        match (view.shape(), &mut node.value) {
            (Shape::Struct(keys, required), Value::Map(_)) => self.check_struct(node, view, path, &keys, &required),
            (Shape::OneOf(kinds), Value::Map(_)) => self.check_one_of(node, view, path, &kinds),
            (Shape::Map, Value::Map(entries)) => {
                for (key, node) in entries {
                    self.check(node, view.field(key).expect("any key is legal"), &path.key(key));
                }
            }
            (Shape::List, Value::List(items)) => {
                let item_view = view.item().expect("a list has items");
                for (index, item) in items.iter_mut().enumerate() {
                    self.check(item, item_view, &path.index(index));
                }
            }
            (Shape::Words(words), Value::Scalar(Json::String(word))) => {
                if !words.contains(&word.as_str()) {
                    let title = format!("`{path}`: unknown value {word:?}");
                    let diagnostic = at_value(node, title).note(format!("legal values: {}", words.join(", ")));
                    self.diagnostics
                        .push(diagnostic.suggest(node.as_str().unwrap_or_default(), words));
                }
            }
            (Shape::OneOf(_) | Shape::Scalar, Value::Scalar(scalar)) => {
                if let Err(problem) = check_scalar(view, scalar) {
                    self.diagnostics.push(scalar_problem(node, view, path, problem));
                }
            }
            _ => self.diagnostics.push(mismatch(node, view, path)),
        }
    }

    fn check_struct(&mut self, node: &mut Node, view: View<'_>, path: &Path, keys: &[&str], required: &[&str]) {
        for missing in required.iter().filter(|key| node.get(key).is_none()) {
            let title = format!("`{path}`: `{missing}` is missing");
            self.diagnostics
                .push(at_key(node, title).note(format!("needed here: {}", required.join(", "))));
        }
        let Value::Map(entries) = &mut node.value else {
            unreachable!("matched by the caller")
        };
        for (key, child) in entries {
            if let Some(field) = view.field(key) {
                self.check(child, field, &path.key(key));
            } else {
                self.diagnostics.push(unknown_key(key, child, keys, path));
            }
        }
    }

    fn check_one_of(&mut self, node: &mut Node, view: View<'_>, path: &Path, kinds: &[&str]) {
        let Value::Map(entries) = &mut node.value else {
            unreachable!("matched by the caller")
        };
        match entries.as_mut_slice() {
            [(kind, inner)] if kinds.contains(&kind.as_str()) => {
                let before = self.diagnostics.len();
                self.check(inner, view.field(kind).expect("a kind of the list"), &path.key(kind));
                if kind == "csv" && self.diagnostics.len() == before {
                    match csv_profile::resolve(inner, self.sources) {
                        Ok(steps) => *node = steps,
                        Err(diagnostic) => self.diagnostics.push(diagnostic),
                    }
                }
            }
            [(kind, inner)] => {
                let diagnostic = at_key(inner, format!("`{path}`: unknown kind `{kind}`"))
                    .note(format!("expected {}", expectation(view)))
                    .suggest(kind, kinds.iter().copied());
                self.diagnostics.push(diagnostic);
            }
            [] => self.diagnostics.push(mismatch(node, view, path)),
            [_, (second, inner), ..] => {
                let title = format!("`{path}`: expected one kind, found another key `{second}`");
                self.diagnostics
                    .push(at_key(inner, title).note(format!("expected {}", expectation(view))));
            }
        }
    }
}

fn unknown_key(key: &str, node: &Node, legal: &[&str], path: &Path) -> Diagnostic {
    let diagnostic = at_key(node, format!("unknown key `{key}` {}", Within(path)));
    let diagnostic = match legal {
        [] => diagnostic.note("no keys are legal here"),
        legal => diagnostic.note(format!("legal keys: {}", legal.join(", "))),
    };
    match (
        nearest::nearest(key, legal.iter().copied()),
        schema::root().paths_of(key).as_slice(),
    ) {
        (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")),
        (None, []) => diagnostic,
        (None, elsewhere) => diagnostic.help(format!("did you mean {}?", elsewhere.join(" or "))),
    }
}

/// What is wrong with a scalar.
enum Problem {
    /// It is of another type.
    Mismatch,
    /// It is a number where a unit is needed; the unit.
    NoUnit(&'static str),
    /// It has the right type but no meaning; in words.
    Meaning(String),
}

fn check_scalar(view: View<'_>, scalar: &Json) -> Result<(), Problem> {
    let (text, count, number) = (scalar.is_string(), scalar.is_u64(), scalar.is_number());
    match view.name() {
        Some("Duration") if text => decode::<SimDuration>(scalar),
        Some("Distribution") if text => decode::<Dist>(scalar),
        Some("LimitOfDuration") if text => decode::<Limit<SimDuration>>(scalar),
        Some("Duration" | "Distribution" | "LimitOfDuration") if number => Err(Problem::NoUnit("s")),
        Some("Rate") if text => decode::<Rate>(scalar),
        Some("Rate") if number => Err(Problem::NoUnit("/s")),
        Some("Probability") if number => decode::<Probability>(scalar),
        Some("IntOrPercent") if text || count => decode::<IntOrPercent>(scalar),
        Some("Cpu") if text || number => decode::<Cpu>(scalar),
        Some("Memory") if text || number => decode::<Memory>(scalar),
        Some("LimitOfuint32") if text || count => decode::<Limit<u32>>(scalar),
        Some("Minimum") if text || count => decode::<Minimum>(scalar),
        Some("Profile") if count => decode::<Profile>(scalar),
        Some(_) => Err(Problem::Mismatch),
        None => match (view.scalar_type(), scalar) {
            (Some("string"), Json::String(_))
            | (Some("boolean"), Json::Bool(_))
            | (Some("number"), Json::Number(_)) => Ok(()),
            (Some("integer"), Json::Number(number)) => match number.as_u64() {
                Some(number) if number <= view.maximum() => Ok(()),
                Some(_) => Err(Problem::Meaning(format!(
                    "found {number}, the largest legal value is {}",
                    view.maximum()
                ))),
                None => Err(Problem::Mismatch),
            },
            _ => Err(Problem::Mismatch),
        },
    }
}

fn decode<T: DeserializeOwned>(scalar: &Json) -> Result<(), Problem> {
    T::deserialize(scalar)
        .map(|_| ())
        .map_err(|error: serde_json::Error| Problem::Meaning(error.to_string()))
}

fn scalar_problem(node: &Node, view: View<'_>, path: &Path, problem: Problem) -> Diagnostic {
    match problem {
        Problem::Meaning(problem) => at_value(node, format!("`{path}`: {problem}")),
        Problem::NoUnit(unit) => {
            let number = node.to_json();
            at_value(node, format!("`{path}`: the number {number} has no unit"))
                .help(format!("write `{number}{unit}`; expected {}", expectation(view)))
        }
        Problem::Mismatch => {
            let diagnostic = mismatch(node, view, path);
            let rate = node
                .as_str()
                .filter(|_| view.name() == Some("Profile"))
                .and_then(|text| text.parse::<Rate>().ok());
            match rate {
                Some(rate) => diagnostic.help(format!(
                    "write `{}`: per second, without a unit",
                    rate.per_second().round()
                )),
                None => diagnostic,
            }
        }
    }
}

fn mismatch(node: &Node, view: View<'_>, path: &Path) -> Diagnostic {
    let whole = if path.steps.is_empty() {
        "the scenario".to_owned()
    } else {
        format!("`{path}`")
    };
    let mut diagnostic = at_value(
        node,
        format!("{whole}: expected {}, found {}", expectation(view), node.describe()),
    );
    if let Shape::Struct(keys, _) = view.shape()
        && !keys.is_empty()
    {
        diagnostic = diagnostic.note(format!("legal keys: {}", keys.join(", ")));
    }
    if node.value == Value::Scalar(Json::Null) {
        return diagnostic.help("leave the key out to keep the default");
    }
    diagnostic
}

/// What is legal, in words.
fn expectation(view: View<'_>) -> String {
    let or_null = if view.nullable { ", or null" } else { "" };
    let expected = match (view.name(), view.shape()) {
        (Some("Duration"), _) => "a duration with a unit such as `15s` or `250ms`".to_owned(),
        (Some("LimitOfDuration"), _) => "a duration with a unit such as `15s`, or `unlimited`".to_owned(),
        (Some("LimitOfuint32"), _) => "a whole number, or `unlimited`".to_owned(),
        (Some("Rate"), _) => "a rate with a unit such as `120/s`".to_owned(),
        (Some("Probability"), _) => "a number from 0 to 1".to_owned(),
        (Some("IntOrPercent"), _) => "a whole number of pods, or a percentage such as `25%`".to_owned(),
        (Some("Minimum"), _) => "a whole number, or `off`".to_owned(),
        (Some("Cpu"), _) => "CPU such as `250m` or `1.5`".to_owned(),
        (Some("Memory"), _) => "memory such as `256Mi` or `1Gi`".to_owned(),
        (Some("Distribution"), Shape::OneOf(kinds)) => {
            format!("a duration such as `200ms`, or a map with one of {}", kinds.join(", "))
        }
        (_, Shape::OneOf(kinds)) => format!("a whole number, or a map with one of {}", kinds.join(", ")),
        (_, Shape::Struct(keys, _)) if keys.is_empty() => "an empty map `{}`".to_owned(),
        (_, Shape::Struct(..) | Shape::Map) => "a map".to_owned(),
        (_, Shape::List) => "a list".to_owned(),
        (_, Shape::Words(words)) => format!("one of {}", words.join(", ")),
        (_, Shape::Scalar) => match view.scalar_type() {
            Some("integer") => "a whole number of zero or more".to_owned(),
            Some("number") => "a number".to_owned(),
            Some("boolean") => "true or false".to_owned(),
            _ => "text".to_owned(),
        },
    };
    expected + or_null
}

fn at_value(node: &Node, title: String) -> Diagnostic {
    Diagnostic::maybe_at(node.origin.value_place().cloned(), title)
}

fn at_key(node: &Node, title: String) -> Diagnostic {
    Diagnostic::maybe_at(node.origin.key_place().cloned(), title)
}
