//! The word that someone probably meant.

/// Similarity below which a word is no suggestion: chosen so that one or two typing errors pass and unrelated keys of
/// the scenario do not.
const LEAST_SIMILARITY: f64 = 0.84;

/// The legal word that is most like `found`. Kubernetes spellings count as ours: `periodSeconds` is `period`.
pub(crate) fn nearest<'a>(found: &str, legal: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let found = normal(found);
    let mut best: Option<(f64, &str)> = None;
    for word in legal {
        let similarity = strsim::jaro_winkler(&found, &normal(word));
        if similarity >= LEAST_SIMILARITY && best.is_none_or(|(most, _)| similarity > most) {
            best = Some((similarity, word));
        }
    }
    best.map(|(_, word)| word)
}

/// In `snake_case`, without the unit that Kubernetes and AWS put at the end.
pub(crate) fn normal(word: &str) -> String {
    let mut snake = String::with_capacity(word.len() + 4);
    for c in word.chars() {
        if c.is_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
    }
    for unit in ["_seconds", "_count"] {
        if let Some(stem) = snake.strip_suffix(unit) {
            snake.truncate(stem.len());
        }
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_and_kubernetes_spellings_find_their_word() {
        let keys = [
            "termination_grace_period",
            "pre_stop",
            "readiness_probe",
            "period",
            "interval",
            "replicas",
        ];
        for (found, expected) in [
            ("terminationGracePeriodSeconds", Some("termination_grace_period")),
            ("preStop", Some("pre_stop")),
            ("pre-stop", Some("pre_stop")),
            ("prestop", Some("pre_stop")),
            ("readyness_probe", Some("readiness_probe")),
            ("periodSeconds", Some("period")),
            ("intervall", Some("interval")),
            ("replica", Some("replicas")),
            ("image", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(found, keys), expected, "{found}");
        }
    }
}
