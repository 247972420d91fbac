//! A statement as the file has it, and what makes it one.

use serde::Deserialize;
use serde_json::Value;

use super::{Chain, Expectation, Operator, Statement};
use crate::cases::metric::{Codes, Metric};

/// As the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cases) struct Raw {
    run: Option<String>,
    code: Option<Value>,
    relation: Option<String>,
    strength: Option<String>,
    metric: Option<String>,
    between: Option<(f64, f64)>,
    order: Option<Vec<String>>,
    when: Option<String>,
    counterfactual_order: Option<Vec<Value>>,
    order_metrics: Option<Vec<String>>,
    with: Option<String>,
    #[serde(rename = "note")]
    _note: Option<String>,
}

/// Path of a field below the statement, with its dot, and what is wrong with it.
type Wrong = (String, String);

fn wrong<T>(field: &str, problem: String) -> Result<T, Wrong> {
    Err((format!(".{field}"), problem))
}

impl Raw {
    /// The statement, checked against the labels of the case's runs.
    pub(in crate::cases) fn read(&self, labels: &[&str]) -> Result<Expectation, Wrong> {
        let known = |field: &str, label: &str| {
            if labels.contains(&label) {
                return Ok(());
            }
            wrong(
                field,
                format!("no run is called `{label}`; there are {}", labels.join(", ")),
            )
        };
        if let Some(run) = &self.run {
            known("run", run)?;
        }
        let statement = self.statement(&known)?;
        let compares_runs = matches!(statement, Statement::Order { .. } | Statement::Counterfactual { .. });
        if compares_runs && (self.run.is_some() || self.with.is_some()) {
            return wrong("run", String::from("an order names its runs itself"));
        }
        if self.when.is_some() && !compares_runs {
            return wrong("when", String::from("only an order may have a condition"));
        }
        Ok(Expectation {
            run: self.run.clone(),
            with: self.with.clone(),
            when: self.when.clone(),
            strength: self.strength.clone(),
            statement,
        })
    }

    fn statement(&self, known: &dyn Fn(&str, &str) -> Result<(), Wrong>) -> Result<Statement, Wrong> {
        let kinds = [
            ("code", self.code.is_some()),
            ("order", self.order.is_some()),
            ("counterfactual_order", self.counterfactual_order.is_some()),
            ("order_metrics", self.order_metrics.is_some()),
            ("between", self.between.is_some()),
        ];
        let present: Vec<&str> = kinds
            .iter()
            .filter(|(_, present)| *present)
            .map(|(name, _)| *name)
            .collect();
        if present.len() > 1 {
            return wrong(
                present[1],
                format!("`{}` and `{}` exclude each other", present[0], present[1]),
            );
        }
        let of_its_own = present.iter().any(|kind| ["code", "order_metrics"].contains(kind));
        if of_its_own && self.metric.is_some() {
            return wrong("metric", format!("`{}` and `metric` exclude each other", present[0]));
        }
        if self.relation.is_some() && present.first().is_some_and(|kind| *kind != "code") {
            return wrong(
                "relation",
                format!("`{}` and `relation` exclude each other", present[0]),
            );
        }
        match present.first().copied() {
            Some("code") => {
                let code = self.code.as_ref().expect("it is present");
                let text = code.as_str().map_or_else(|| code.to_string(), str::to_owned);
                let Some(codes) = Codes::parse(&text) else {
                    return wrong(
                        "code",
                        format!("no code `{text}`; there are 502, 503, 504, \"5xx\", \"conn_error\""),
                    );
                };
                let (operator, value) = self.relation()?;
                Ok(Statement::Relation {
                    metric: Metric::Count(codes),
                    operator,
                    value,
                })
            }
            Some("order") => {
                let runs = chain(
                    "order",
                    self.order.as_ref().expect("it is present"),
                    |label| known("order", label).map(|()| label.clone()),
                    String::as_str,
                )?;
                Ok(Statement::Order {
                    runs,
                    metric: self.metric()?,
                })
            }
            Some("counterfactual_order") => {
                let items = self.counterfactual_order.as_ref().expect("it is present");
                let variants = chain(
                    "counterfactual_order",
                    items,
                    |item| match item {
                        Value::Object(settings) => Ok(settings.clone()),
                        other => wrong(
                            "counterfactual_order",
                            format!("expected a map of settings, found {other}"),
                        ),
                    },
                    |item| item.as_str().unwrap_or_default(),
                )?;
                Ok(Statement::Counterfactual {
                    variants,
                    metric: self.metric()?,
                })
            }
            Some("order_metrics") => {
                let items = self.order_metrics.as_ref().expect("it is present");
                let metrics = chain(
                    "order_metrics",
                    items,
                    |name| metric("order_metrics", name),
                    String::as_str,
                )?;
                Ok(Statement::Metrics(metrics))
            }
            Some(_) => {
                let (low, high) = self.between.expect("it is present");
                if low.partial_cmp(&high).is_none_or(std::cmp::Ordering::is_gt) {
                    return wrong("between", format!("{low} is above {high}"));
                }
                Ok(Statement::Between {
                    metric: self.metric()?,
                    low,
                    high,
                })
            }
            None if self.metric.is_some() => {
                let (operator, value) = self.relation()?;
                Ok(Statement::Relation {
                    metric: self.metric()?,
                    operator,
                    value,
                })
            }
            None => Err((
                String::new(),
                String::from(
                    "states nothing: expected `code`, `metric`, `order`, `order_metrics` or `counterfactual_order`",
                ),
            )),
        }
    }

    fn metric(&self) -> Result<Metric, Wrong> {
        match &self.metric {
            Some(name) => metric("metric", name),
            None => wrong("metric", String::from("a metric is missing")),
        }
    }

    fn relation(&self) -> Result<(Operator, f64), Wrong> {
        let Some(text) = &self.relation else {
            return wrong("relation", String::from("a relation such as `>0` or `==0` is missing"));
        };
        let read = || {
            let (name, operator) = Operator::ALL.iter().find(|(name, _)| text.starts_with(name))?;
            let value: f64 = text[name.len()..].trim().parse().ok()?;
            value.is_finite().then_some((*operator, value))
        };
        read().ok_or_else(|| {
            let problem = format!("`{text}` is no relation; expected one such as `>0`, `==0` or `<=3`");
            (String::from(".relation"), problem)
        })
    }
}

fn metric(field: &str, name: &str) -> Result<Metric, Wrong> {
    Metric::parse(name).ok_or_else(|| {
        let problem = format!("no metric is called `{name}`; there are {}", Metric::names().join(", "));
        (format!(".{field}"), problem)
    })
}

/// Items with an operator between each and the next.
fn chain<I, T>(
    field: &str,
    items: &[I],
    item: impl Fn(&I) -> Result<T, Wrong>,
    text: impl Fn(&I) -> &str,
) -> Result<Chain<T>, Wrong> {
    if items.len() < 3 || items.len().is_multiple_of(2) {
        let problem = format!(
            "expected items with a comparison between each and the next, found {} entries",
            items.len()
        );
        return wrong(field, problem);
    }
    let mut rest = Vec::new();
    for pair in items[1..].chunks(2) {
        let name = text(&pair[0]);
        let Some(operator) = Operator::parse(name) else {
            return wrong(field, format!("`{name}` is no comparison; there are >, >=, ==, <=, <"));
        };
        rest.push((operator, item(&pair[1])?));
    }
    Ok(Chain {
        first: item(&items[0])?,
        rest,
    })
}
