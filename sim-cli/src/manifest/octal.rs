//! Numbers with a leading zero: `kubectl` reads them as octal (YAML 1.1), other readers as decimal (YAML 1.2), and who
//! wrote one rarely means eight by `010`.

use serde_json::Value as Json;

use crate::text::error::Diagnostic;
use crate::text::tree::{Node, Value};

/// Fields of file modes, which people write in octal on purpose.
const MODES: [&str; 2] = ["defaultMode", "mode"];

/// All such numbers of an object, apart from file modes.
pub(super) fn problems(text: &str, node: &Node) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    search(text, "", node, &mut problems);
    problems
}

fn search(text: &str, name: &str, node: &Node, problems: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries.iter().filter(|(key, _)| !MODES.contains(&key.as_str())) {
                search(text, key, value, problems);
            }
        }
        Value::List(items) => {
            for item in items {
                search(text, name, item, problems);
            }
        }
        Value::Scalar(Json::Number(number)) => {
            let Some(place) = node.origin.value_place() else { return };
            let written = text.get(place.span.clone()).unwrap_or_default();
            let digits = written.trim_start_matches('-').trim_start_matches('0');
            let is_octal = written.trim_start_matches('-').len() > digits.len()
                && digits.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
                && digits.bytes().all(|byte| byte.is_ascii_digit());
            if is_octal {
                let title = format!(
                    "`{name}` is {written}, which kubectl reads as {number} (YAML 1.1) and YAML 1.2 as {digits}"
                );
                problems.push(
                    Diagnostic::at(place.clone(), title)
                        .help("write the number that is meant without the zero in front"),
                );
            }
        }
        Value::Scalar(_) => {}
    }
}
