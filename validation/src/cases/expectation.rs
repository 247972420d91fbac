//! Statements of a case: what must be true of its runs.

mod raw;

use std::fmt;

use serde_json::{Map, Value};

use super::metric::Metric;
pub(super) use raw::Raw;

/// A comparison of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `>`.
    Above,
    /// `>=`.
    AtLeast,
    /// `==`.
    Equal,
    /// `<=`.
    AtMost,
    /// `<`.
    Below,
}

impl Operator {
    /// Longest first, so that `>=` is not read as `>`.
    const ALL: [(&'static str, Operator); 5] = [
        (">=", Operator::AtLeast),
        ("<=", Operator::AtMost),
        ("==", Operator::Equal),
        (">", Operator::Above),
        ("<", Operator::Below),
    ];

    fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, operator)| *operator)
    }

    /// As written.
    pub fn name(self) -> &'static str {
        let of = Self::ALL.iter().find(|(_, operator)| *operator == self);
        of.expect("the table has every variant").0
    }

    /// Whether it holds. Numbers that differ by less than rounding are equal.
    pub fn holds(self, left: f64, right: f64) -> bool {
        let equal = (left - right).abs() <= 1e-9 * left.abs().max(right.abs());
        match self {
            Operator::Above => left > right && !equal,
            Operator::AtLeast => left > right || equal,
            Operator::Equal => equal,
            Operator::AtMost => left < right || equal,
            Operator::Below => left < right && !equal,
        }
    }
}

/// Runs, settings or metrics, and what holds between each and the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain<T> {
    /// The first.
    pub first: T,
    /// The others, each with the comparison in front of it.
    pub rest: Vec<(Operator, T)>,
}

impl<T> Chain<T> {
    /// All in order.
    pub fn items(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(self.rest.iter().map(|(_, item)| item))
    }
}

/// What is stated.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// A metric compared with a number.
    Relation {
        /// Of what.
        metric: Metric,
        /// How.
        operator: Operator,
        /// With what.
        value: f64,
    },
    /// A metric within two numbers, both included.
    Between {
        /// Of what.
        metric: Metric,
        /// Least.
        low: f64,
        /// Most.
        high: f64,
    },
    /// A metric compared between runs.
    Order {
        /// Labels of runs.
        runs: Chain<String>,
        /// Of what.
        metric: Metric,
    },
    /// A metric compared between variants of the case's first run.
    Counterfactual {
        /// What each variant sets.
        variants: Chain<Map<String, Value>>,
        /// Of what.
        metric: Metric,
    },
    /// Metrics of the same run compared with each other.
    Metrics(Chain<Metric>),
}

/// One statement and what it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// The run that it is about; without one all runs of the case together.
    pub run: Option<String>,
    /// Settings of a run that it is about, in words.
    pub with: Option<String>,
    /// Condition, in words.
    pub when: Option<String>,
    /// What softens it.
    pub strength: Option<String>,
    /// What is stated.
    pub statement: Statement,
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(run) = &self.run {
            write!(f, "{run}: ")?;
        }
        if let Some(with) = &self.with {
            write!(f, "with {with}: ")?;
        }
        match &self.statement {
            Statement::Relation {
                metric,
                operator,
                value,
            } => write!(f, "{metric} {} {value}", operator.name())?,
            Statement::Between { metric, low, high } => write!(f, "{metric} in [{low}, {high}]")?,
            Statement::Order { runs, metric } => write!(f, "{metric}: {}", joined(runs, Clone::clone))?,
            Statement::Counterfactual { variants, metric } => {
                write!(f, "{metric}: {}", joined(variants, variant_name))?;
            }
            Statement::Metrics(metrics) => f.write_str(&joined(metrics, Metric::to_string))?,
        }
        if let Some(when) = &self.when {
            write!(f, " when {when}")?;
        }
        if let Some(strength) = &self.strength {
            write!(f, " ({strength})")?;
        }
        Ok(())
    }
}

/// A variant's settings in words, which is also the label of its run.
pub(super) fn variant_name(settings: &Map<String, Value>) -> String {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let settings: Vec<String> = settings
        .iter()
        .map(|(key, value)| format!("{key}={}", word(value)))
        .collect();
    settings.join(", ")
}

fn joined<T>(chain: &Chain<T>, name: impl Fn(&T) -> String) -> String {
    let rest = chain
        .rest
        .iter()
        .map(|(operator, item)| format!(" {} {}", operator.name(), name(item)));
    std::iter::once(name(&chain.first)).chain(rest).collect()
}
