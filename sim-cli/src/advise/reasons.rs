//! Why each setting is advised, in words.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sim_core::scenario::Scenario;

use super::candidate::{Candidate, Cover};
use super::document::{MeasuredReport, NeighbourReport, Setting};
use super::levers::{Lever, Scope};
use super::neighbours::{Difference, Neighbour};
use super::{Measure, Target};
use crate::output::text::number;
use crate::scenario_file::Loaded;

/// The changes, each with its reason.
pub(super) fn settings(base: &Loaded, found: &Candidate, near: &[Neighbour], target: Target) -> Vec<Setting> {
    let scenario = &base.scenario;
    // A later value of the same path wins.
    let mut order: Vec<String> = Vec::new();
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (path, value) in found.change(scenario).sets {
        if values.insert(path.clone(), value).is_none() {
            order.push(path);
        }
    }
    let lever_of = |path: &str| {
        let sets = |lever: &&Lever| lever.sets.iter().any(|(known, _)| *known == path);
        found.levers.iter().rev().find(sets)
    };
    order
        .into_iter()
        .map(|path| {
            let lever = lever_of(&path);
            let why = match lever {
                Some(lever) if lever.path() == path => {
                    format!(
                        "{}; {}",
                        lever.does,
                        binding(near, &Difference::Without(lever.path()), target)
                    )
                }
                Some(lever) => format!("goes with {}", lever.path()),
                None => why(&path, scenario, found, near, target),
            };
            Setting {
                before: today(&base.resolved, &path),
                after: shown(&values[&path]),
                scope: lever.map_or(Scope::Manifest, |lever| lever.scope),
                path,
                why,
            }
        })
        .collect()
}

fn why(path: &str, scenario: &Scenario, found: &Candidate, near: &[Neighbour], target: Target) -> String {
    let one_less = match found.cover {
        Cover::Seconds(seconds) => seconds.checked_sub(1).map(Difference::Cover),
        Cover::AsIs => None,
    };
    let bound = || {
        one_less.as_ref().map_or_else(
            || "no sleep is needed, or none helps".to_owned(),
            |difference| binding(near, difference, target),
        )
    };
    match path {
        "pod.termination_grace_period" if found.covers_by_grace(scenario) => {
            format!("the server ignores SIGTERM and serves until SIGKILL; {}", bound())
        }
        path if path.starts_with("pod.pre_stop.") && found.covers_by_grace(scenario) => {
            "the server ignores SIGTERM and serves until SIGKILL, so a hook adds nothing".to_owned()
        }
        "pod.pre_stop.sleep" => format!("the pod serves on until the ALB has let go of it; {}", bound()),
        "pod.termination_grace_period" => format!(
            "holds the sleep, {} s of the server's own drain, and a reserve; a server that exits earlier makes it cost \
             nothing",
            found.drain_s(scenario)
        ),
        "pod.pre_stop.restarts_server_for" => "a hook that restarts the server refuses requests itself".to_owned(),
        _ if found.sleep_s(scenario) == Some(0) => bound(),
        _ => "replaced by the sleep".to_owned(),
    }
}

/// What happens at a neighbour, as the reason of a setting.
fn binding(near: &[Neighbour], difference: &Difference, target: Target) -> String {
    let Some(near) = near.iter().find(|near| near.difference == *difference) else {
        return "it lowers the failures".to_owned();
    };
    let judged = near.measured.judged(target);
    let (mean, high) = match target.measure {
        Measure::ErrorsPerEvent => (amount(judged.mean), amount_at_most(judged.high)),
        Measure::FiveXxRatio => (number::percent(judged.mean), number::percent_at_most(judged.high)),
    };
    let unit = match target.measure {
        Measure::ErrorsPerEvent => " per event",
        Measure::FiveXxRatio => "",
    };
    let with = match difference {
        Difference::Cover(seconds) => format!("with {seconds} s"),
        Difference::Without(_) | Difference::Milder(_) | Difference::With(..) | Difference::Grace(_) => {
            "without it".to_owned()
        }
    };
    format!("{with} {mean} fail{unit}, and at most {high} can be promised")
}

/// A small mean count with two digits that say something.
pub(crate) fn amount(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        ..0.001 => format!("{value:.1e}"),
        ..0.1 => format!("{value:.3}"),
        ..10.0 => format!("{value:.2}"),
        _ => number::count(value),
    }
}

/// An upper bound with as many digits, rounded up.
pub(crate) fn amount_at_most(bound: f64) -> String {
    let decimals = match bound {
        ..0.001 => return amount(bound),
        ..0.1 => 3,
        ..10.0 => 2,
        _ => 1,
    };
    amount(number::rounded_up(bound, decimals))
}

/// A neighbour in words.
pub(super) fn neighbour(near: &Neighbour, found: &Candidate, scenario: &Scenario) -> NeighbourReport {
    let cover = if found.covers_by_grace(scenario) {
        "grace period"
    } else {
        "sleep"
    };
    let difference = match &near.difference {
        Difference::Cover(seconds) => format!("{cover} {seconds}s"),
        Difference::Without(path) => format!("without {path}"),
        Difference::Milder(label) => label.clone(),
        Difference::With(seconds, label) => format!("{cover} {seconds}s, {label}"),
        Difference::Grace(seconds) => format!("grace period {seconds}s"),
    };
    NeighbourReport {
        difference,
        cheaper: near.cheaper,
        by_check_seed: near.by_check,
        no_effect: near.no_effect,
        measured: MeasuredReport::from(&near.measured),
    }
}

/// The value at a path, as people read it.
fn today(resolved: &Json, path: &str) -> String {
    let mut at = resolved;
    for key in path.split('.') {
        at = &at[key];
    }
    match at {
        Json::Object(_) => "set".to_owned(),
        Json::String(text) => text.clone(),
        other => shown(&other.to_string()),
    }
}

fn shown(value: &str) -> String {
    if value == "null" {
        "none".to_owned()
    } else {
        value.to_owned()
    }
}
