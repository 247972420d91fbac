//! The file of field cases: its types, and what is wrong with it.
//!
//! Keys are closed where the format names them; `observed` and the texts are free.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::expectation::{self, Expectation};

/// Settings by name; `null` is "not stated".
pub type Settings = Map<String, Value>;

/// The whole file.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFile {
    /// Its cases, in its order.
    pub cases: Vec<Case>,
}

/// One report.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Stable name.
    pub id: String,
    /// Where it was published.
    pub source: String,
    /// When, as the file words it.
    pub date: String,
    /// What it ran on.
    pub environment: Environment,
    /// What took pods away.
    pub event: String,
    /// Common to all runs.
    pub settings: Settings,
    /// What was tried.
    pub runs: Vec<Run>,
    /// What must be true.
    pub expectations: Vec<Expectation>,
    /// How good the evidence is.
    pub grade: Grade,
    /// Whether the basic model should reproduce it, or what else it needs.
    pub applicability: String,
    /// Kind of load balancer and of evidence.
    pub category: String,
    /// Notes of whoever collected it.
    pub notes: Option<String>,
}

impl Case {
    /// Whether the basic model should reproduce it.
    pub fn is_core(&self) -> bool {
        self.applicability.starts_with("core")
    }

    /// Whether it is about an ALB.
    pub fn is_alb(&self) -> bool {
        let category = ["ALB pods", "ALB nodes/ECS", "keepalive"].contains(&self.category.as_str());
        category
            && self
                .environment
                .lb_type
                .as_deref()
                .is_some_and(|kind| kind.starts_with("ALB"))
    }

    /// Whether it counts for the share of supported cases: core, ALB, grade A or B.
    pub fn counts(&self) -> bool {
        self.is_core() && self.is_alb() && self.grade <= Grade::B
    }

    /// The run of that label.
    pub fn run(&self, label: &str) -> Option<&Run> {
        self.runs.iter().find(|run| run.label == label)
    }
}

/// What a case ran on; free text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Load balancer.
    pub lb_type: Option<String>,
    /// What it has registered.
    pub target_type: Option<String>,
    /// Cluster, orchestrator or server.
    pub platform: Option<String>,
    /// Load.
    pub rate: Option<String>,
    /// Who sent it.
    pub load_tool: Option<String>,
    /// Replicas: a number or a text.
    pub replicas: Option<Value>,
}

/// One run of a case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Its name within the case.
    pub label: String,
    /// What differs from the case's settings.
    #[serde(default)]
    pub overrides: Settings,
    /// What was seen, in free form; `expectation` has what is compared.
    #[serde(default)]
    pub observed: Value,
}

/// How good the evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Grade {
    /// Numbers and nearly the whole configuration.
    A,
    /// Configuration and qualitative outcome.
    B,
    /// Anecdote.
    C,
}

impl Grade {
    /// Every grade, best first.
    pub const ALL: [Grade; 3] = [Grade::A, Grade::B, Grade::C];

    /// Its letter.
    pub const fn name(self) -> &'static str {
        match self {
            Grade::A => "A",
            Grade::B => "B",
            Grade::C => "C",
        }
    }
}

/// Something that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path of the field, such as `cases[3].expectation[2].metric`.
    pub path: String,
    /// What was found and what would be right.
    pub problem: String,
}

/// Names of `settings`; each may be `null`, a number, a truth value or a word.
pub const SETTINGS: [&str; 21] = [
    "replicas",
    "request_rate_rps",
    "prestop_sleep_s",
    "tgps_s",
    "app_sigterm",
    "app_drain_s",
    "readiness_probe_period_s",
    "readiness_probe_failures",
    "readiness_gate",
    "hc_interval_s",
    "hc_timeout_s",
    "hc_healthy_threshold",
    "hc_unhealthy_threshold",
    "dereg_delay_s",
    "slow_start_s",
    "app_keepalive_s",
    "lb_idle_timeout_s",
    "max_surge",
    "max_unavailable",
    "min_ready_s",
    "other",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    /// What each key means, for people.
    #[serde(default, rename = "fields")]
    _fields: Value,
    cases: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    id: String,
    source: String,
    date: String,
    #[serde(default)]
    environment: Environment,
    event: String,
    #[serde(default)]
    settings: Settings,
    runs: Vec<Run>,
    #[serde(default, rename = "observed_outcome")]
    _observed_outcome: Value,
    #[serde(default, rename = "what_changed_it")]
    _what_changed_it: Value,
    expectation: Vec<expectation::Raw>,
    grade: Grade,
    #[serde(default, rename = "basis")]
    _basis: Value,
    applicability: String,
    #[serde(default, rename = "group")]
    _group: Value,
    #[serde(default)]
    notes: Option<String>,
    category: String,
}

impl CaseFile {
    /// Reads a file that has been parsed as JSON.
    ///
    /// # Errors
    ///
    /// What is wrong with it: the first wrong type or unknown key, or else everything that does not fit together.
    pub fn from_json(json: &Value) -> Result<Self, Vec<Problem>> {
        let raw: RawFile = serde_path_to_error::deserialize(json).map_err(|error| {
            vec![Problem {
                path: error.path().to_string(),
                problem: error.inner().to_string(),
            }]
        })?;
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        let mut cases = Vec::new();
        for (index, raw) in raw.cases.into_iter().enumerate() {
            let path = format!("cases[{index}]");
            if !seen.insert(raw.id.clone()) {
                problems.push(Problem {
                    path: format!("{path}.id"),
                    problem: format!("a case before this one is called `{}` too", raw.id),
                });
            }
            cases.push(checked(raw, &path, &mut problems));
        }
        if problems.is_empty() {
            Ok(Self { cases })
        } else {
            Err(problems)
        }
    }
}

fn checked(raw: RawCase, path: &str, problems: &mut Vec<Problem>) -> Case {
    let mut report = |field: String, problem: String| {
        problems.push(Problem {
            path: format!("{path}.{field}"),
            problem,
        });
    };
    for key in raw.settings.keys().filter(|key| !SETTINGS.contains(&key.as_str())) {
        report(
            format!("settings.{key}"),
            format!("no setting is called `{key}`; settings of one case only go into `other`"),
        );
    }
    match raw.settings.get("other") {
        None | Some(Value::Null | Value::Object(_)) => {}
        Some(other) => report(
            String::from("settings.other"),
            format!("expected a map of further settings, found {other}"),
        ),
    }
    if raw.runs.is_empty() {
        report(String::from("runs"), String::from("a case needs at least one run"));
    }
    let labels: Vec<&str> = raw.runs.iter().map(|run| run.label.as_str()).collect();
    for (index, label) in labels.iter().enumerate() {
        if labels[..index].contains(label) {
            report(
                format!("runs[{index}].label"),
                format!("a run before this one is called `{label}` too"),
            );
        }
    }
    let mut expectations = Vec::new();
    for (index, statement) in raw.expectation.iter().enumerate() {
        match statement.read(&labels) {
            Ok(expectation) => expectations.push(expectation),
            Err((field, problem)) => report(format!("expectation[{index}]{field}"), problem),
        }
    }
    Case {
        id: raw.id,
        source: raw.source,
        date: raw.date,
        environment: raw.environment,
        event: raw.event,
        settings: raw.settings,
        runs: raw.runs,
        expectations,
        grade: raw.grade,
        applicability: raw.applicability,
        category: raw.category,
        notes: raw.notes,
    }
}
