//! The file of fitted parameters: equally likely combinations of values, with the uncertainty of a fit, or one
//! combination that is taken as certain.
//!
//! ```yaml
//! schema_version: 1
//! fitted_to: [before 1, after 2]   # optional: windows that are no predictions any more
//! draws:                           # in the order of the parameters
//!   - [1.2, 1, 30, 4, 12.6, 2, 0.04, 1.5]
//! ```
//! ```yaml
//! schema_version: 1
//! parameters: { metric_call_s: 1.2, … }
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;
use sim_core::rng::Seed;
use validation::published::parameters::{COUNT, PARAMETERS, Values};
use validation::published::{Given, Outcome};

use crate::scenario_file::LoadError;
use crate::text::decode::{Spanned, decode};
use crate::text::error::{Diagnostic, reason};
use crate::text::source::{SourceId, SourceKind, Sources};
use crate::text::yaml;

const SCHEMA_VERSION: u32 = 1;

/// One value for each parameter, in their order.
type Combination = Spanned<Vec<Spanned<f64>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FittedFile {
    schema_version: Spanned<u32>,
    parameters: Option<Spanned<BTreeMap<String, Spanned<f64>>>>,
    draws: Option<Spanned<Vec<Combination>>>,
    #[serde(default)]
    fitted_to: Vec<String>,
}

/// Reads a file of fitted parameters: its draws, or its one combination.
///
/// # Errors
///
/// Everything that is wrong with it, located.
pub(super) fn read(path: &Path) -> Result<Given, LoadError> {
    let name = path.display().to_string();
    let mut sources = Sources::default();
    let read = std::fs::read(path)
        .map_err(|error| vec![Diagnostic::new(format!("cannot read {name}: {}", reason(&error)))])
        .and_then(|bytes| {
            sources
                .add_file(&name, SourceKind::Profile, bytes)
                .map_err(|problem| vec![problem])
        })
        .and_then(|id| given(id, &sources));
    read.map_err(|problems| LoadError::new(sources, problems))
}

fn given(id: SourceId, sources: &Sources) -> Result<Given, Vec<Diagnostic>> {
    let source = sources.get(id);
    let node = yaml::parse(id, &source.text, 0).map_err(|problem| vec![problem])?;
    let node = node.ok_or_else(|| vec![Diagnostic::new(format!("{} is empty", source.name))])?;
    let fitted: FittedFile = decode(&node).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    if *fitted.schema_version != SCHEMA_VERSION {
        problems.push(Diagnostic::at(
            fitted.schema_version.place.clone(),
            format!(
                "schema_version {} is not known here, only {SCHEMA_VERSION}",
                *fitted.schema_version
            ),
        ));
    }
    let draws = match (&fitted.parameters, &fitted.draws) {
        (Some(parameters), None) => vec![single(parameters, &mut problems)],
        (None, Some(draws)) => several(draws, &mut problems),
        (Some(parameters), Some(_)) => {
            let title = "`parameters` beside `draws`: one combination or several, not both".to_owned();
            problems.push(Diagnostic::at(parameters.place.clone(), title));
            Vec::new()
        }
        (None, None) => {
            let title = format!("{} has neither `draws` nor `parameters`", source.name);
            problems.push(Diagnostic::new(title));
            Vec::new()
        }
    };
    if problems.is_empty() {
        Ok(Given {
            draws,
            fitted_to: fitted.fitted_to,
        })
    } else {
        Err(problems)
    }
}

fn several(draws: &Spanned<Vec<Combination>>, problems: &mut Vec<Diagnostic>) -> Vec<Values> {
    if draws.is_empty() {
        problems.push(Diagnostic::at(draws.place.clone(), "no draws".to_owned()));
    }
    let mut all = Vec::with_capacity(draws.len());
    for draw in &**draws {
        if draw.len() != COUNT {
            let title = format!("expected {COUNT} values, one for each parameter, found {}", draw.len());
            problems.push(Diagnostic::at(draw.place.clone(), title));
            continue;
        }
        let mut values = [0.0; COUNT];
        for ((value, found), parameter) in values.iter_mut().zip(&**draw).zip(&PARAMETERS) {
            *value = **found;
            problems.extend(outside(parameter.name, found));
        }
        all.push(Values(values));
    }
    all
}

fn single(parameters: &Spanned<BTreeMap<String, Spanned<f64>>>, problems: &mut Vec<Diagnostic>) -> Values {
    let names = PARAMETERS.map(|parameter| parameter.name);
    for (name, value) in &**parameters {
        if !names.contains(&name.as_str()) {
            let problem = Diagnostic::at(value.place.clone(), format!("unknown parameter `{name}`"));
            problems.push(
                problem
                    .note(format!("parameters: {}", names.join(", ")))
                    .suggest(name, names),
            );
        }
    }
    let missing: Vec<&str> = names
        .into_iter()
        .filter(|name| !parameters.contains_key(*name))
        .collect();
    if !missing.is_empty() {
        let title = format!("missing parameters: {}", missing.join(", "));
        problems.push(Diagnostic::at(parameters.place.clone(), title));
    }
    let mut values = [0.0; COUNT];
    for (value, name) in values.iter_mut().zip(names) {
        if let Some(found) = parameters.get(name) {
            *value = **found;
            problems.extend(outside(name, found));
        }
    }
    Values(values)
}

fn outside(name: &str, found: &Spanned<f64>) -> Option<Diagnostic> {
    let parameter = PARAMETERS.iter().find(|parameter| parameter.name == name)?;
    let is_inside = (parameter.low..=parameter.high).contains(&**found);
    (!is_inside).then(|| {
        let title = format!(
            "{name} is {}, allowed are {} to {}",
            **found, parameter.low, parameter.high
        );
        Diagnostic::at(found.place.clone(), title).note(format!("its range: {}", parameter.source))
    })
}

/// The file of an outcome.
pub(super) fn write(outcome: &Outcome, seed: Seed) -> String {
    // Names of files may have anything in them.
    let fitted_to: Vec<String> = outcome
        .fitted
        .fitted_to
        .iter()
        .map(|name| format!("{name:?}"))
        .collect();
    let mut text = format!(
        "# Fitted by `sim validate published`, version {}, seed {}; read by `--fitted`.\nschema_version: {SCHEMA_VERSION}\n\
         fitted_to: [{}]\n# Equally likely combinations of the parameters, in this order, with what the fit says of each:\n",
        env!("CARGO_PKG_VERSION"),
        seed.0,
        fitted_to.join(", ")
    );
    for parameter in &outcome.report.parameters {
        let _ = writeln!(
            text,
            "#   {} {} (90 %: {} to {})",
            parameter.name, parameter.value, parameter.low, parameter.high
        );
    }
    text += "draws:\n";
    for draw in &outcome.fitted.draws {
        let values: Vec<String> = draw.0.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "  - [{}]", values.join(", "));
    }
    text
}
