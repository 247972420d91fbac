//! One run of a case as a small scenario: a base document for the kind of event, and assignments to its fields.
//!
//! ```text
//! event     which document, and how many pods or nodes it hits
//! fleet     replicas, zones, nodes, strategy, budget
//! pod       hook, grace, probes, gate
//! server    preset, shutdown, keep-alive, service and start-up time
//! balancer  target type, health check, delays, registration
//! load      rate, its shape over time, or sessions
//! ```

mod balancer;
mod event;
mod fleet;
mod load;
mod pod;
mod server;
mod setting;

use serde_json::Value;

use super::expectation::{Expectation, Statement, variant_name};
use super::format::{Case, Run, Settings};
use super::metric::Metric;
use super::prior::Draw;
use super::words;
pub use event::Phase;
use setting::Reader;
pub use setting::{Drawn, Log};

/// A run that a statement of the case is about, with all of its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSpec {
    /// Label of the run in the file, or the words or settings that a statement adds.
    pub label: String,
    /// Whether the file lists it among the case's runs.
    pub is_listed: bool,
    /// The case's settings, those behind the label, and the overrides, in this order.
    pub settings: Settings,
}

/// A scenario, not yet resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// YAML of the base document.
    pub document: &'static str,
    /// Path and value of each assignment, in order.
    pub assignments: Vec<(String, String)>,
    /// How often the event is looked at in each draw.
    pub events_count: u32,
    /// Whether an event that takes none of the service's pods is none: nobody would have reported it.
    pub must_hit: bool,
    /// The failures that count; without one all.
    pub phase: Option<Phase>,
    /// Length of the preStop hook, if there is one.
    pub hook_s: f64,
    /// Whether the hook makes the health check fail.
    pub hook_fails_health: bool,
}

/// Why the model cannot express a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotExpressible(pub String);

/// The runs that the case's statements are about: those of the file, then those that statements add.
pub fn runs(case: &Case) -> Vec<RunSpec> {
    let needed = |label: &str| case.expectations.iter().any(|expectation| concerns(expectation, label));
    let listed = case.runs.iter().filter(|run| needed(&run.label));
    let mut runs: Vec<RunSpec> = listed
        .map(|run| RunSpec {
            label: run.label.clone(),
            is_listed: true,
            settings: merged(case, Some(run)),
        })
        .collect();
    for expectation in &case.expectations {
        for (label, settings) in added(case, expectation) {
            if runs.iter().all(|run| run.label != label) {
                runs.push(RunSpec {
                    label,
                    is_listed: false,
                    settings,
                });
            }
        }
    }
    runs
}

/// Label and settings of the runs that a statement adds to those of the file.
fn added(case: &Case, expectation: &Expectation) -> Vec<(String, Settings)> {
    let mut added = Vec::new();
    if let Some(with) = &expectation.with {
        let run = expectation.run.as_deref().and_then(|label| case.run(label));
        let mut settings = merged(case, run);
        match words::with(with) {
            Some(more) => extend(&mut settings, more),
            None => _ = settings.insert(String::from("with"), Value::String(with.clone())),
        }
        added.push((with_label(expectation.run.as_deref(), with), settings));
    }
    if let Statement::Counterfactual { variants, .. } = &expectation.statement {
        for variant in variants.items() {
            let mut settings = merged(case, case.runs.first());
            settings.extend(variant.clone());
            added.push((variant_name(variant), settings));
        }
    }
    added
}

/// Whether a statement is about that run of the file.
fn concerns(expectation: &Expectation, label: &str) -> bool {
    let by_metric = match &expectation.statement {
        Statement::Relation { metric, .. } | Statement::Between { metric, .. } => {
            matches!(metric, Metric::RatioToRun(_, other) if other == label)
        }
        Statement::Order { runs, .. } => return runs.items().any(|run| run == label),
        Statement::Counterfactual { .. } => return false,
        Statement::Metrics(_) => false,
    };
    // Without a run it is about all of them together.
    by_metric
        || expectation
            .run
            .as_deref()
            .map_or(expectation.with.is_none(), |run| run == label)
}

/// The label of the run that a `with` adds.
pub(super) fn with_label(run: Option<&str>, with: &str) -> String {
    match run {
        Some(run) => format!("{run}, {with}"),
        None => with.to_owned(),
    }
}

/// The case's settings, those behind the run's label, and its overrides.
fn merged(case: &Case, run: Option<&Run>) -> Settings {
    let mut settings = Settings::new();
    for (key, value) in &case.settings {
        match value {
            Value::Object(others) if key == "other" => settings.extend(others.clone()),
            _ => _ = settings.insert(key.clone(), value.clone()),
        }
    }
    if let Some(run) = run {
        extend(&mut settings, words::label(&run.label));
        settings.extend(run.overrides.clone());
    }
    settings
}

fn extend(settings: &mut Settings, more: &[(&str, &str)]) {
    for (key, json) in more {
        let value = serde_json::from_str(json).expect("the tables have JSON");
        settings.insert((*key).to_owned(), value);
    }
}

/// Makes a run ready for one draw.
///
/// # Errors
///
/// Why the model cannot express it.
pub fn plan(case: &Case, run: &RunSpec, draw: &Draw, log: &mut Log) -> Result<Plan, NotExpressible> {
    lacking_mechanism(case)?;
    let mut reader = Reader::new(case, run, draw, log);
    if let Some(with) = reader.word("with") {
        return Err(NotExpressible(format!("`with: {with}` is not understood")));
    }
    let event = event::kind(&mut reader)?;
    let fleet = fleet::assign(&mut reader, event);
    pod::assign(&mut reader, event);
    server::assign(&mut reader, event);
    balancer::assign(&mut reader, event);
    load::assign(&mut reader, event);
    event::assign(&mut reader, event, fleet);
    Ok(reader.finish(event))
}

/// Load balancers and actions that the model does not have at all.
fn lacking_mechanism(case: &Case) -> Result<(), NotExpressible> {
    let kind = case.environment.lb_type.as_deref().unwrap_or_default();
    let lacks = |what: &str| Err(NotExpressible(what.to_owned()));
    if kind.starts_with("NLB") {
        return lacks("a Network Load Balancer balances connections and has propagation times of its own");
    }
    if kind.starts_with("Classic") {
        return lacks("a Classic Load Balancer has routing and codes of its own");
    }
    if case.category == "TG-switch/other" {
        return lacks("a listener's weights, and the time until they are in force");
    }
    if case.category == "in-cluster/nginx" {
        return lacks("a proxy tier inside the cluster, its reloads and its own retries");
    }
    // Another load balancer's core case stands for behaviour that an ALB shares; the others need its own.
    if kind.starts_with("GCLB") && !case.is_core() {
        return lacks("Google's load balancer has propagation times and health checks of its own");
    }
    Ok(())
}
