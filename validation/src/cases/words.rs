//! Words that stand where a number could: what they are taken to mean. A word that is in no table is reported.

use super::prior::{Prior, Sourced};

/// A word of a setting.
struct Word {
    /// Settings that it is a word of.
    setting: &'static str,
    /// As the file has it.
    text: &'static str,
    meaning: Sourced,
}

const fn word(setting: &'static str, text: &'static str, prior: Prior, source: &'static str) -> Word {
    Word {
        setting,
        text,
        meaning: Sourced { prior, source },
    }
}

const WORDS: &[Word] = &[
    word(
        "prestop_sleep_s",
        "a few seconds",
        Prior::Uniform(2.0, 8.0),
        "the words",
    ),
    word(
        "prestop_sleep_s",
        "X",
        Prior::Uniform(5.0, 60.0),
        "estimate: hooks that people report, 5 to 60 s",
    ),
    word(
        "prestop_sleep_s",
        "set",
        Prior::Uniform(5.0, 60.0),
        "estimate: hooks that people report, 5 to 60 s",
    ),
    word(
        "prestop_sleep_s",
        "longer than deregistration",
        Prior::Uniform(30.0, 60.0),
        "alb §5.1: nothing above 25 s is measured with certainty",
    ),
    word(
        "app_keepalive_s",
        "> LB idle",
        Prior::Uniform(61.0, 120.0),
        "the words; the idle timeout is 60 s",
    ),
    word("app_keepalive_s", ">60", Prior::Uniform(61.0, 120.0), "the words"),
    word("replicas", "few", Prior::Whole(1, 3), "the word"),
    word("replicas", "several", Prior::Whole(3, 6), "the word"),
    word("replicas", "well replicated", Prior::Whole(6, 20), "the words"),
    word(
        "request_duration_s",
        ">10",
        Prior::Uniform(12.0, 60.0),
        "the words; the idle timeout is 60 s",
    ),
];

/// What a word of a setting means, if it means anything.
pub(super) fn meaning(setting: &str, text: &str) -> Option<Sourced> {
    let of = WORDS.iter().find(|word| word.setting == setting && word.text == text);
    of.map(|word| word.meaning)
}

/// The number that a text starts with, followed by nothing or by a remark, as in `30 (not set)`.
pub(super) fn leading_number(text: &str) -> Option<f64> {
    let end = text.find([' ', '(']).unwrap_or(text.len());
    text[..end].parse().ok().filter(|number: &f64| number.is_finite())
}

/// The number in front of `per_second`, as in `~2.5 rps`.
pub(super) fn number_before(text: &str, unit: &str) -> Option<f64> {
    let before = text[..text.find(unit)?].trim_end();
    let start = before
        .rfind(|c: char| !c.is_ascii_digit() && c != '.')
        .map_or(0, |at| at + 1);
    before[start..].parse().ok()
}

/// Settings that a run's label stands for, as JSON.
///
/// Labels are words too: "stop-task" says how the pods go.
const LABELS: &[(&str, &[(&str, &str)])] = &[
    // ECS: StopTask signals the container while the service deregisters it; a service's scale-down deregisters first,
    // waits for the deregistration delay and signals then (alb §5.6, kubernetes §0).
    ("stop-task", &[("stop_order", "\"together\"")]),
    ("service-scale-down", &[("stop_order", "\"deregister first\"")]),
    ("sg-detached", &[("network_cut_after_dereg_s", "0.7")]),
    ("sg-open", &[("network_cut_after_dereg_s", "null")]),
    ("single-rollout", &[("event", "\"rollout\"")]),
    ("consolidation", &[("event", "\"Karpenter consolidation\"")]),
    ("router-without-keepalive", &[("proxy_keepalive", "false")]),
    ("sync-no-keepalive", &[("app_server", "\"gunicorn-sync\"")]),
    ("gthread-2s", &[("app_server", "\"gunicorn-gthread\"")]),
    ("startup-phase", &[("phase", "\"start\"")]),
    ("teardown-phase", &[("phase", "\"stop\"")]),
    ("kill-directly", &[("stop_order", "\"signal only\"")]),
    ("fail-hc-then-25s", &[("stop_order", "\"fail health check first\"")]),
    ("propagation-30-trials", &[("trials", "30")]),
    ("register", &[("event", "\"registration\"")]),
    ("drain", &[("event", "\"node drain\"")]),
    ("terminate", &[("event", "\"abrupt node termination\"")]),
];

/// The settings behind a label.
pub(super) fn label(text: &str) -> &'static [(&'static str, &'static str)] {
    LABELS
        .iter()
        .find(|(label, _)| *label == text)
        .map_or(&[], |(_, settings)| settings)
}

/// Settings that the words of `with` stand for, as JSON.
const WITH: &[(&str, &[(&str, &str)])] = &[(
    "prestop > propagation and gate",
    &[
        ("prestop_sleep_s", "\"longer than deregistration\""),
        ("readiness_gate", "true"),
    ],
)];

/// The settings behind a `with`, if it is understood.
pub(super) fn with(text: &str) -> Option<&'static [(&'static str, &'static str)]> {
    WITH.iter()
        .find(|(words, _)| *words == text)
        .map(|(_, settings)| *settings)
}

/// The only `when` that is understood: the hook outlasts the slowest deregistration of the run.
pub(super) const HOOK_OUTLASTS_PROPAGATION: &str = "X > dereg propagation";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_a_remark_are_numbers_and_words_are_not() {
        assert_eq!(leading_number("30 (not set in the YAML)"), Some(30.0));
        assert_eq!(leading_number("0.7"), Some(0.7));
        for text in ["a few seconds", ">10", "", "3x", "nan"] {
            assert_eq!(leading_number(text), None, "{text}");
        }
        assert_eq!(number_before("1 client back-to-back (~2.5 rps)", " rps"), Some(2.5));
        assert_eq!(number_before("actual ~33 rps (8 threads)", " threads"), Some(8.0));
        assert_eq!(number_before("production", " rps"), None);
    }
}
