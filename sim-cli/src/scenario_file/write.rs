//! A resolved scenario as YAML with a comment behind each value.

use std::fmt::Write as _;

use serde_json::Value as Json;
use sim_core::dist::Rate;
use sim_core::time::SimDuration;

use super::Loaded;
use crate::text::path::Path;

/// The whole file; feeding it back gives the same scenario.
pub(super) fn yaml(loaded: &Loaded) -> String {
    let comment = |path: &str| loaded.provenance.get(path).map(ToString::to_string);
    let commented = Commented {
        root: &loaded.resolved,
        comment: &comment,
    };
    format!(
        "# Resolved scenario, digest {}. Behind each value: where it comes from.\n{}",
        loaded.digest,
        self::commented(&commented)
    )
}

/// Values and what stands behind each of them.
pub(crate) struct Commented<'c> {
    /// A map.
    pub(crate) root: &'c Json,
    /// The comment behind the leaf of that path.
    pub(crate) comment: &'c dyn Fn(&str) -> Option<String>,
}

/// A map as YAML with a comment behind each leaf.
pub(crate) fn commented(commented: &Commented<'_>) -> String {
    let mut out = String::new();
    commented.map(&mut out, commented.root, &Path::default(), 0, false);
    out
}

impl Commented<'_> {
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
                if let Some(comment) = (self.comment)(&path.to_string()) {
                    // A comment ends with its line.
                    let _ = write!(out, "  # {}", comment.replace(char::is_control, " "));
                }
                out.push('\n');
            }
        }
    }
}

/// A scalar, `[]` or `{}`. Text is quoted unless it is plain text to every reader, also to one of YAML 1.1.
fn scalar(json: &Json) -> String {
    let Json::String(text) = json else {
        return json.to_string();
    };
    if is_plain(text) { text.clone() } else { quoted(json) }
}

fn is_plain(text: &str) -> bool {
    let plain_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '%');
    let is_quantity = text.parse::<SimDuration>().is_ok() || text.parse::<Rate>().is_ok() || text.ends_with('%');
    text.chars().all(plain_char)
        && (text.starts_with(|c: char| c.is_ascii_alphabetic())
            || text.starts_with(|c: char| c.is_ascii_digit()) && is_quantity)
        && crate::text::scalar::is_text(text)
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "yes" | "no" | "on" | "off" | "y" | "n"
        )
}

/// In double quotes. JSON's escapes are YAML's, but JSON lets pass what ends a line or is not printable in YAML.
fn quoted(json: &Json) -> String {
    let mut out = String::new();
    for c in json.to_string().chars() {
        if matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}') {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_where_a_reader_could_take_it_for_something_else() {
        for plain in ["eks", "m5.large", "15s", "120/s", "25%", "go-shutdown", "null-island"] {
            assert_eq!(scalar(&Json::from(plain)), plain);
        }
        for quoted in [
            "",
            "yes",
            "null",
            "True",
            "12",
            "015",
            "1e3",
            "0x1f",
            "1_000",
            "2024-01-01",
            "a b",
            "- a",
            "a:",
            "é",
        ] {
            assert_eq!(scalar(&Json::from(quoted)), format!("\"{quoted}\""));
        }
        assert_eq!(scalar(&Json::from("a\"\n\u{85}")), "\"a\\\"\\n\\u0085\"");
    }
}
