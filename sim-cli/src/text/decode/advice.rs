//! What to write instead of a value of a wrong type.

use serde_json::Value as Json;

use crate::text::source::Place;
use crate::text::tree::{Node, Value};

/// What helps with one problem.
#[derive(Debug, Default)]
pub(super) struct Advice {
    /// What to write.
    pub(super) help: Option<String>,
    /// Where, if not at the value itself.
    pub(super) place: Option<Place>,
}

/// Advice about a value of which `problem` says what was found and expected.
pub(super) fn of(node: &Node, problem: &str) -> Advice {
    let is_expected = |what: &str| problem.ends_with(what);
    let help = match &node.value {
        Value::Map(entries) if is_expected("expected a list") => {
            let Some((key, first)) = entries.first() else {
                return Advice::default();
            };
            return Advice {
                help: Some(format!(
                    "an item of a list starts with `- `: put it in front of `{key}`"
                )),
                place: first.origin.key_place().cloned(),
            };
        }
        Value::Scalar(Json::String(text)) if is_expected("expected a list") => {
            let words: Vec<String> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
            Some(format!("write it as a list: `[{}]`", words.join(", ")))
        }
        Value::Scalar(scalar @ (Json::Number(_) | Json::Bool(_))) if is_expected("expected text") => {
            Some(format!("put it into quotes: `\"{scalar}\"`"))
        }
        Value::Scalar(Json::String(text)) if problem.contains("expected a") && is_whole(text) => {
            Some(format!("write it without quotes: `{text}`"))
        }
        Value::Scalar(Json::String(text)) if is_expected("expected a whole number") => {
            seconds(text).map(|seconds| format!("if seconds are meant, write the number alone: `{seconds}`"))
        }
        _ => None,
    };
    Advice { help, place: None }
}

/// The seconds of `30s`, `5m` and `1h`.
fn seconds(text: &str) -> Option<u64> {
    let (digits, each) = [("s", 1), ("m", 60), ("h", 3600)]
        .iter()
        .find_map(|(unit, each)| Some((text.strip_suffix(unit)?, *each)))?;
    digits.parse::<u64>().ok()?.checked_mul(each)
}

fn is_whole(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
