//! A resolved scenario as YAML with a comment behind each value.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::Loaded;
use super::path::Path;

/// The whole file; feeding it back gives the same scenario.
pub(super) fn yaml(loaded: &Loaded) -> String {
    let mut out = format!(
        "# Resolved scenario, digest {}. Behind each value: where it comes from.\n",
        loaded.digest
    );
    let writer = Writer { loaded };
    writer.map(&mut out, &loaded.resolved, &Path::default(), 0, false);
    out
}

struct Writer<'l> {
    loaded: &'l Loaded,
}

impl Writer<'_> {
    /// Writes the entries of a map; the first stands behind a dash if `in_item`.
    fn map(&self, out: &mut String, map: &Json, path: &Path, indent: usize, in_item: bool) {
        for (position, (key, value)) in map.as_object().into_iter().flatten().enumerate() {
            if position > 0 || !in_item {
                let _ = write!(out, "{:indent$}", "");
            }
            let _ = write!(out, "{}:", scalar(&Json::from(key.as_str())));
            self.value(out, value, &path.key(key), indent);
        }
    }

    /// Writes what stands behind a key or a dash, on this line or on the following ones.
    fn value(&self, out: &mut String, value: &Json, path: &Path, indent: usize) {
        match value {
            Json::Object(fields) if !fields.is_empty() => {
                out.push('\n');
                self.map(out, value, path, indent + 2, false);
            }
            Json::Array(items) if !items.is_empty() => {
                out.push('\n');
                for (index, item) in items.iter().enumerate() {
                    let path = path.index(index);
                    let _ = write!(out, "{:1$}-", "", indent + 2);
                    if item.as_object().is_some_and(|fields| !fields.is_empty()) {
                        out.push(' ');
                        self.map(out, item, &path, indent + 4, true);
                    } else {
                        self.value(out, item, &path, indent + 2);
                    }
                }
            }
            leaf => {
                let _ = write!(out, " {}", scalar(leaf));
                if let Some(provenance) = self.loaded.provenance.get(&path.to_string()) {
                    // A comment ends with its line.
                    let _ = write!(out, "  # {}", provenance.to_string().replace(char::is_control, " "));
                }
                out.push('\n');
            }
        }
    }
}

/// A scalar, `[]` or `{}`. Text is quoted unless it is plain to every reader.
fn scalar(json: &Json) -> String {
    let Json::String(text) = json else {
        return json.to_string();
    };
    let plain_char = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '%');
    let is_plain = text.starts_with(char::is_alphanumeric)
        && text.chars().all(plain_char)
        && super::yaml::is_text(text)
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if is_plain { text.clone() } else { json.to_string() }
}
