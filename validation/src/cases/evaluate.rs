//! Whether a statement is true of one draw.

use super::expectation::{Chain, Expectation, Operator, Statement, variant_name};
use super::measure::{Measured, Runs, pooled, value};
use super::metric::Metric;
use super::plan::with_label;
use super::words;

/// What a draw says of a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Whether it holds; nothing if its condition does not.
    pub holds: Option<bool>,
    /// What was found, in the order of the statement's runs or metrics; nothing where it cannot be told.
    pub found: Vec<Option<f64>>,
}

/// Judges a statement; `listed` are the labels of the file's runs that were made.
///
/// # Panics
///
/// If a run that the statement names was not made.
pub fn judge(expectation: &Expectation, runs: &Runs, listed: &[&str]) -> Judgement {
    let (holds, found) = match &expectation.statement {
        Statement::Relation {
            metric,
            operator,
            value,
        } => {
            let found = of_subject(metric, expectation, runs, listed);
            (found.is_some_and(|found| operator.holds(found, *value)), vec![found])
        }
        Statement::Between { metric, low, high } => {
            let found = of_subject(metric, expectation, runs, listed);
            let inside = |found: f64| Operator::AtLeast.holds(found, *low) && Operator::AtMost.holds(found, *high);
            (found.is_some_and(inside), vec![found])
        }
        Statement::Order { runs: labels, metric } => {
            let found: Vec<Option<f64>> = labels.items().map(|label| value(metric, &runs[label])).collect();
            (in_order(labels, &found), found)
        }
        Statement::Counterfactual { variants, metric } => {
            let labels = variants.items().map(variant_name);
            let found: Vec<Option<f64>> = labels.map(|label| value(metric, &runs[&label])).collect();
            (in_order(variants, &found), found)
        }
        Statement::Metrics(metrics) => {
            let found: Vec<Option<f64>> = metrics
                .items()
                .map(|metric| of_subject(metric, expectation, runs, listed))
                .collect();
            (in_order(metrics, &found), found)
        }
    };
    let applies = expectation.when.is_none() || condition_holds(expectation, runs);
    Judgement {
        holds: applies.then_some(holds),
        found,
    }
}

/// The metric of the run that a statement is about, or of all runs of the file.
fn of_subject(metric: &Metric, expectation: &Expectation, runs: &Runs, listed: &[&str]) -> Option<f64> {
    match metric {
        Metric::Reduction(codes) => {
            let count = Metric::Count(*codes);
            let (first, last) = (runs.get(*listed.first()?)?, runs.get(*listed.last()?)?);
            let (first, last) = (value(&count, first)?, value(&count, last)?);
            (first > 0.0).then(|| 1.0 - last / first)
        }
        Metric::RatioToRun(codes, other) => {
            let count = Metric::Count(*codes);
            let (this, other) = (subject(expectation, runs, listed), runs.get(other)?);
            let (this, other) = (value(&count, &this)?, value(&count, other)?);
            (other > 0.0).then(|| this / other)
        }
        metric => value(metric, &subject(expectation, runs, listed)),
    }
}

fn subject(expectation: &Expectation, runs: &Runs, listed: &[&str]) -> Measured {
    let run = expectation.run.as_deref();
    match (&expectation.with, run) {
        (Some(with), run) => runs[&with_label(run, with)].clone(),
        (None, Some(run)) => runs[run].clone(),
        (None, None) => pooled(listed.iter().map(|label| &runs[*label])),
    }
}

/// Whether each comparison holds; what cannot be told does not.
fn in_order<T>(chain: &Chain<T>, found: &[Option<f64>]) -> bool {
    let pairs = found.windows(2).zip(&chain.rest);
    pairs.into_iter().all(|(pair, (operator, _))| match pair {
        [Some(left), Some(right)] => operator.holds(*left, *right),
        _ => false,
    })
}

/// The only condition that is understood: each run's hook outlasts its slowest deregistration.
fn condition_holds(expectation: &Expectation, runs: &Runs) -> bool {
    assert_eq!(
        expectation.when.as_deref(),
        Some(words::HOOK_OUTLASTS_PROPAGATION),
        "statements with another condition are not judged"
    );
    let Statement::Order { runs: labels, .. } = &expectation.statement else {
        return true;
    };
    labels.items().all(|label| {
        let run = &runs[label];
        value(&Metric::PropagationTail, run).is_some_and(|tail| run.hook_s > tail)
    })
}
