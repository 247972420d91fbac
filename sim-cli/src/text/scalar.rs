//! What plain scalars mean.

use serde_json::Value as Json;

/// Whether a plain scalar of that text is read as text.
pub(crate) fn is_text(text: &str) -> bool {
    resolve(text).is_string()
}

/// A plain scalar's value in a scenario.
pub(super) fn resolve(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "true" | "True" | "TRUE" => Json::Bool(true),
        "false" | "False" | "FALSE" => Json::Bool(false),
        _ => number(text).unwrap_or_else(|| Json::String(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Json> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    let is_decimal = whole.bytes().all(|byte| byte.is_ascii_digit())
        && digits.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    if !is_decimal || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    if let Ok(number) = text.parse::<u64>() {
        return Some(Json::from(number));
    }
    if let Ok(number) = text.parse::<i64>() {
        return Some(Json::from(number));
    }
    // `from_f64` refuses what JSON cannot hold; such a text stays text.
    text.parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64)
        .map(Json::Number)
}

/// A plain scalar's value in a manifest, as `kubectl` reads it: YAML 1.1, where `on` is true and `010` is eight.
pub(super) fn resolve_as_kubectl(text: &str) -> Json {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Json::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Json::Bool(false),
        _ => whole_of_another_base(text).unwrap_or_else(|| resolve(text)),
    }
}

fn whole_of_another_base(text: &str) -> Option<Json> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let starts_with_digit = digits.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    if !starts_with_digit || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let plain = digits.replace('_', "");
    let (base, plain) = match plain.as_bytes() {
        [b'0', b'x', ..] => (16, &plain[2..]),
        [b'0', b'b', ..] => (2, &plain[2..]),
        [b'0', b'o', ..] => (8, &plain[2..]),
        [b'0', _, ..] => (8, &plain[1..]),
        _ if digits.contains('_') => (10, plain.as_str()),
        _ => return None,
    };
    let number = i64::from_str_radix(plain, base).ok()?;
    Some(Json::from(if negative { -number } else { number }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_resolve_without_surprises() {
        for (text, expected) in [
            ("12", serde_json::json!(12)),
            ("-3", serde_json::json!(-3)),
            ("0.5", serde_json::json!(0.5)),
            ("1e3", serde_json::json!(1000.0)),
            ("~", Json::Null),
            ("true", Json::Bool(true)),
            // Octal, a boolean or a sexagesimal number to some readers.
            ("010", serde_json::json!("010")),
            ("on", serde_json::json!("on")),
            ("1:30", serde_json::json!("1:30")),
            ("0x10", serde_json::json!("0x10")),
            ("1_000", serde_json::json!("1_000")),
            ("15s", serde_json::json!("15s")),
            (".inf", serde_json::json!(".inf")),
            ("1e999", serde_json::json!("1e999")),
            ("-", serde_json::json!("-")),
        ] {
            assert_eq!(resolve(text), expected, "{text}");
        }
    }

    #[test]
    fn manifests_are_read_as_kubectl_reads_them() {
        for (text, expected) in [
            ("on", Json::Bool(true)),
            ("No", Json::Bool(false)),
            ("010", serde_json::json!(8)),
            ("0x10", serde_json::json!(16)),
            ("1_000", serde_json::json!(1000)),
            ("-0b11", serde_json::json!(-3)),
            ("0", serde_json::json!(0)),
            ("30", serde_json::json!(30)),
            ("0.5", serde_json::json!(0.5)),
            // No octal number, so text.
            ("089", serde_json::json!("089")),
            ("30s", serde_json::json!("30s")),
            ("500m", serde_json::json!("500m")),
            ("only", serde_json::json!("only")),
        ] {
            assert_eq!(resolve_as_kubectl(text), expected, "{text}");
        }
    }
}
