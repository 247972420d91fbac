//! Settings of a run as numbers, words or draws, and the assignments that come of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::event::{Event, Phase};
use super::{Plan, RunSpec};
use crate::cases::format::{Case, Settings};
use crate::cases::prior::{Draw, Prior, Sourced};
use crate::cases::words;

/// What a run's settings were taken for, gathered over all draws.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// Settings that were drawn.
    pub drawn: BTreeSet<Drawn>,
    /// What was mapped to the nearest thing that the model has, in the order of its text.
    pub mapped: BTreeSet<String>,
    /// What was not understood and left out.
    pub not_understood: BTreeSet<String>,
}

impl Log {
    /// Adds what another draw was taken for.
    pub fn merge(&mut self, other: Log) {
        self.drawn.extend(other.drawn);
        self.mapped.extend(other.mapped);
        self.not_understood.extend(other.not_understood);
    }
}

/// A setting that was drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drawn {
    /// Its name.
    pub setting: String,
    /// Its distribution.
    pub prior: String,
    /// What that rests on.
    pub source: &'static str,
}

/// Reads settings and collects assignments.
pub(super) struct Reader<'a> {
    pub(super) case: &'a Case,
    settings: &'a Settings,
    draw: &'a Draw,
    log: &'a mut Log,
    used: BTreeSet<&'static str>,
    assignments: Vec<(String, String)>,
    pub(super) events_count: u32,
    pub(super) phase: Option<Phase>,
    pub(super) hook_s: f64,
    pub(super) hook_fails_health: bool,
    /// Numbers that one part of the mapping leaves to another.
    pub(super) facts: BTreeMap<&'static str, f64>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(case: &'a Case, run: &'a RunSpec, draw: &'a Draw, log: &'a mut Log) -> Self {
        Self {
            case,
            settings: &run.settings,
            draw,
            log,
            used: BTreeSet::new(),
            assignments: vec![(String::from("name"), format!("\"{}: {}\"", case.id, run.label))],
            events_count: crate::cases::verdict::EVENTS_PER_DRAW,
            phase: None,
            hook_s: 0.0,
            hook_fails_health: false,
            facts: BTreeMap::new(),
        }
    }

    fn value(&mut self, setting: &'static str) -> Option<&'a Value> {
        self.used.insert(setting);
        self.settings.get(setting).filter(|value| !value.is_null())
    }

    /// A setting's number, or a draw of what its word means. A word without a meaning is reported and left out.
    pub(super) fn number(&mut self, setting: &'static str) -> Option<f64> {
        let value = self.value(setting)?;
        if let Some(number) = value.as_f64() {
            return Some(number);
        }
        let Some(text) = value.as_str() else {
            self.not_understood(setting, &value.to_string());
            return None;
        };
        if let Some(number) = words::leading_number(text) {
            return Some(number);
        }
        let Some(meaning) = words::meaning(setting, text) else {
            self.not_understood(setting, text);
            return None;
        };
        Some(self.draw(setting, meaning))
    }

    /// A setting that is a word.
    pub(super) fn word(&mut self, setting: &'static str) -> Option<&'a str> {
        let value = self.value(setting)?;
        let text = value.as_str();
        if text.is_none() {
            self.not_understood(setting, &value.to_string());
        }
        text
    }

    /// Whether a setting is that very word.
    pub(super) fn word_is(&mut self, setting: &'static str, word: &str) -> bool {
        self.settings.get(setting).and_then(Value::as_str) == Some(word) && self.value(setting).is_some()
    }

    /// What the source says of SIGTERM.
    pub(super) fn sigterm_text(&mut self) -> Option<&'a str> {
        self.word("app_sigterm")
    }

    /// A setting that is a truth value.
    pub(super) fn flag(&mut self, setting: &'static str) -> Option<bool> {
        let value = self.value(setting)?;
        let flag = value.as_bool();
        if flag.is_none() {
            self.not_understood(setting, &value.to_string());
        }
        flag
    }

    /// A setting as it stands: a whole number or a percentage.
    pub(super) fn count_or_share(&mut self, setting: &'static str) -> Option<String> {
        let value = self.value(setting)?;
        match value {
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) if text.ends_with('%') => Some(text.clone()),
            other => {
                self.not_understood(setting, &other.to_string());
                None
            }
        }
    }

    /// Draws a number; the same for the same name in all runs of the case.
    pub(super) fn draw(&mut self, setting: &str, sourced: Sourced) -> f64 {
        self.log_draw(setting, sourced);
        sourced.prior.at(self.draw.unit(setting))
    }

    /// Draws a word.
    pub(super) fn draw_word(&mut self, setting: &str, sourced: Sourced) -> &'static str {
        self.log_draw(setting, sourced);
        sourced.prior.word_at(self.draw.unit(setting))
    }

    /// Draws one of the words with what it rests on.
    pub(super) fn choose(
        &mut self,
        setting: &str,
        words: &'static [&'static str],
        source: &'static str,
    ) -> &'static str {
        if let [only] = words {
            return only;
        }
        let prior = Prior::Choice(words);
        self.draw_word(setting, Sourced { prior, source })
    }

    fn log_draw(&mut self, setting: &str, Sourced { prior, source }: Sourced) {
        self.log.drawn.insert(Drawn {
            setting: setting.to_owned(),
            prior: prior.to_string(),
            source,
        });
    }

    fn not_understood(&mut self, setting: &str, text: &str) {
        self.log.not_understood.insert(format!("{setting}: {text}"));
    }

    /// Says what something was mapped to.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.log.mapped.insert(text.into());
    }

    /// Says that a text of the environment says nothing.
    pub(super) fn unread(&mut self, what: &str, text: &str) {
        self.not_understood(what, text);
    }

    /// Adds an assignment.
    pub(super) fn set(&mut self, path: impl Into<String>, value: impl Into<String>) {
        self.assignments.push((path.into(), value.into()));
    }

    /// Adds an assignment of a duration.
    pub(super) fn set_seconds(&mut self, path: &str, value: f64) {
        self.set(path, seconds(value));
    }

    /// Adds an assignment of a whole number.
    pub(super) fn set_count(&mut self, path: &str, value: f64) {
        self.set(path, format!("{value:.0}"));
    }

    /// Whether the platform runs pods on Kubernetes.
    pub(super) fn is_kubernetes(&self) -> bool {
        let Some(platform) = &self.case.environment.platform else {
            return self.case.category == "ALB pods";
        };
        ["EKS", "k8s", "Kubernetes", "kops", "GKE"]
            .iter()
            .any(|word| platform.contains(word))
    }

    /// Whether the platform's description has that word.
    pub(super) fn platform_has(&self, word: &str) -> bool {
        self.case
            .environment
            .platform
            .as_deref()
            .is_some_and(|platform| platform.contains(word))
    }

    /// The plan; settings that nothing asked for are reported.
    pub(super) fn finish(self, event: Event) -> Plan {
        for (setting, value) in self.settings {
            if !value.is_null() && !self.used.contains(setting.as_str()) {
                let word = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                self.log.not_understood.insert(format!("{setting}: {word}"));
            }
        }
        Plan {
            document: event.document(),
            assignments: self.assignments,
            events_count: self.events_count,
            must_hit: event.may_miss(),
            phase: self.phase,
            hook_s: self.hook_s,
            hook_fails_health: self.hook_fails_health,
        }
    }
}

/// A duration in the words of a scenario file, to the millisecond.
pub(super) fn seconds(value: f64) -> String {
    format!("{:.0}ms", value * 1000.0)
}
