//! Options of a command line.

use serde_json::{Value, json};
use sim_core::time::SimDuration;

/// The value of the last option with one of these names: `--name value`, `--name=value`, `-n value` or `-nvalue`.
pub(super) fn value<'a>(words: &[&'a str], names: &[&str]) -> Option<&'a str> {
    words.iter().enumerate().rev().find_map(|(at, word)| {
        names.iter().find_map(|name| {
            let rest = word.strip_prefix(name)?;
            match rest.strip_prefix('=') {
                Some(value) => Some(value),
                None if rest.is_empty() => words.get(at + 1).copied(),
                // Only short options take their value without a space.
                None if name.len() == 2 && !name.starts_with("--") => Some(rest),
                None => None,
            }
        })
    })
}

/// Whether one of the words is there.
pub(super) fn has(words: &[&str], wanted: &[&str]) -> bool {
    words.iter().any(|word| wanted.contains(word))
}

/// A count of at least one.
pub(super) fn count(text: &str) -> Option<u32> {
    text.parse().ok().filter(|&count| count > 0)
}

/// Whole or decimal seconds as the scenario file writes them.
pub(super) fn seconds(text: &str) -> Option<Value> {
    let fits = text.len() <= 9 && text.starts_with(|first: char| first.is_ascii_digit());
    let duration: SimDuration = format!("{text}s").parse().ok()?;
    fits.then(|| json!(duration.to_string()))
}

/// A duration as Spring writes it: `20s`, `1m`, `500ms`, `PT20S`, or a number of milliseconds.
pub(super) fn spring_duration(text: &str) -> Option<Value> {
    let lower = text.to_ascii_lowercase();
    let plain = lower.strip_prefix("pt").unwrap_or(&lower);
    let bare = !plain.is_empty() && plain.chars().all(|next| next.is_ascii_digit());
    let with_unit = if bare { format!("{plain}ms") } else { plain.to_owned() };
    let duration: SimDuration = with_unit.parse().ok()?;
    Some(json!(duration.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spring_durations_are_written_the_scenarios_way() {
        for (text, expected) in [
            ("20s", "20s"),
            ("PT20S", "20s"),
            ("500", "500ms"),
            ("1m", "1m"),
            ("PT1M30S", "1m30s"),
        ] {
            assert_eq!(spring_duration(text), Some(json!(expected)), "{text}");
        }
        assert_eq!(spring_duration(""), None);
        assert_eq!(spring_duration("soon"), None);
    }
}
