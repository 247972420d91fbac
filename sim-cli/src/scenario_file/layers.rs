//! The order of the layers, and the way from YAML to a validated scenario.

use serde_json::Value as Json;
use sim_core::scenario::preset::Preset;
use sim_core::scenario::{Scenario, ScenarioError, instance_type};

use super::argument::{self, Set};
use super::check::Checker;
use super::files::{self, Named};
use super::{merge, provenance, schema};
use crate::text::error::Diagnostic;
use crate::text::path::{Path, Step};
use crate::text::source::Sources;
use crate::text::tree::{Node, Origin, Value};

type Result<T> = std::result::Result<T, Vec<Diagnostic>>;

/// Reads the other layers and lays them over each other; the scenario that results is valid.
pub(super) fn resolve(
    scenario: &Node,
    profile: Option<&str>,
    sets: &[String],
    sources: &mut Sources,
) -> Result<(Scenario, Node)> {
    let sets = argument::parse_all(sets, sources)?;
    let profile = choose_profile(profile, scenario, &sets, sources).map_err(only)?;
    let profile_node = files::read_profile(&profile, sources)?;

    let mut tree = layers(None, [&profile_node, scenario], &sets, &profile)?;
    if let Some(preset) = named_preset(&tree) {
        tree = layers(Some(preset), [&profile_node, scenario], &sets, &profile)?;
    }

    let mut checker = Checker {
        sources,
        diagnostics: Vec::new(),
    };
    checker.check(&mut tree, schema::root(), &Path::default());
    if !checker.diagnostics.is_empty() {
        return Err(checker.diagnostics);
    }
    let scenario = decode(&tree).map_err(only)?;
    match scenario.validate() {
        Ok(()) => Ok((scenario, tree)),
        Err(errors) => Err(errors.iter().map(|error| invalid(error, &tree)).collect()),
    }
}

/// A stage that stops at its first problem.
pub(super) fn only(diagnostic: Diagnostic) -> Vec<Diagnostic> {
    vec![diagnostic]
}

/// The profile that `--profile`, `--set profile=…` or the scenario names, in this order.
fn choose_profile(
    flag: Option<&str>,
    scenario: &Node,
    sets: &[Set],
    sources: &mut Sources,
) -> std::result::Result<Named, Diagnostic> {
    let is_profile = |set: &&Set| matches!(set.steps.as_slice(), [(Step::Key(key), _)] if key == "profile");
    let set = sets.iter().rfind(is_profile);
    if let Some(flag) = flag {
        let place = argument::whole("--profile", flag, sources);
        return match set.and_then(|set| set.value.origin.value_place()) {
            Some(other) => Err(Diagnostic::at(other.clone(), "the profile is named twice").context(place, "and here")),
            None => Ok(Named {
                name: flag.to_owned(),
                place: Some(place),
            }),
        };
    }
    let node = set.map(|set| &set.value).or_else(|| scenario.get("profile"));
    // Anything but text is reported by the check against the schema, like every other value of a wrong type.
    Ok(match node.and_then(|node| node.as_str().map(|name| (name, node))) {
        Some((name, node)) => {
            let place = node.origin.value_place().cloned();
            let name = place.as_ref().map_or_else(
                || name.to_owned(),
                |place| files::relative_to(sources.get(place.source), name),
            );
            Named { name, place }
        }
        None => Named::default(),
    })
}

fn layers(preset: Option<Preset>, files: [&Node; 2], sets: &[Set], profile: &Named) -> Result<Node> {
    let mut tree = defaults(preset);
    for layer in files {
        merge::overlay(&mut tree, layer.clone(), Some(schema::root()));
    }
    let errors: Vec<Diagnostic> = sets
        .iter()
        .filter_map(|set| merge::set(&mut tree, &set.steps, set.value.clone(), schema::root()).err())
        .collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    // A scenario names a profile file relative to itself; from here on it is relative to the working directory.
    if let (Some(place), Value::Map(entries)) = (&profile.place, &mut tree.value) {
        for (_, node) in entries.iter_mut().filter(|(key, _)| key == "profile") {
            node.value = Value::Scalar(Json::String(profile.name.clone()));
            node.origin = Origin::Text {
                key: place.clone(),
                value: place.clone(),
            };
        }
    }
    Ok(tree)
}

fn defaults(preset: Option<Preset>) -> Node {
    let scenario = Scenario::default();
    let preset = preset.unwrap_or(scenario.app.preset);
    let json = |value: serde_json::Result<Json>| value.expect("scenarios are JSON");
    let mut tree = Node::from_json(json(serde_json::to_value(&scenario)), &Origin::Default);
    let name = json(serde_json::to_value(preset))
        .as_str()
        .expect("a preset has a name")
        .to_owned();
    let mut app = Node::from_json(json(serde_json::to_value(preset.app())), &Origin::Preset(name));
    if let Value::Map(fields) = &mut app.value {
        for (_, node) in fields.iter_mut().filter(|(key, _)| key == "preset") {
            node.origin = Origin::Default;
        }
    }
    if let Value::Map(sections) = &mut tree.value {
        for (_, node) in sections.iter_mut().filter(|(key, _)| key == "app") {
            *node = app.clone();
        }
    }
    tree
}

fn named_preset(tree: &Node) -> Option<Preset> {
    serde_json::from_value(tree.get("app")?.get("preset")?.to_json()).ok()
}

fn decode(tree: &Node) -> std::result::Result<Scenario, Diagnostic> {
    serde_path_to_error::deserialize(tree.to_json()).map_err(|error| {
        let path = tree.path_of(&error.path().to_string());
        let (node, _) = tree.find(&path);
        Diagnostic::maybe_at(
            node.origin.value_place().cloned(),
            format!("`{path}`: {}", error.inner()),
        )
    })
}

/// Settings that a limit compares with each other: the first is blamed, the others are shown beside it.
const RELATED: &[(&str, &[&str])] = &[
    ("warm_up", &["horizon"]),
    (
        "deployment.replicas",
        &["cluster.nodes", "cluster.instance_type", "cluster.system_pods_per_node"],
    ),
    ("deployment.max_unavailable", &["deployment.max_surge"]),
    (
        "pod_disruption_budget",
        &[
            "pod_disruption_budget.min_available",
            "pod_disruption_budget.max_unavailable",
        ],
    ),
    (
        "pod.pre_stop",
        &["pod.pre_stop.exec", "pod.pre_stop.http_get", "pod.pre_stop.sleep"],
    ),
    (
        "target_group.health_check.timeout",
        &["target_group.health_check.interval"],
    ),
    ("target_group.slow_start", &["target_group.algorithm"]),
    ("target_group.stickiness.enabled", &["target_group.algorithm"]),
    ("load_balancer.nodes_per_zone", &["cluster.zones"]),
];

/// A broken limit, located where the value comes from.
fn invalid(error: &ScenarioError, tree: &Node) -> Diagnostic {
    let path = tree.path_of(&error.path);
    let (node, found) = tree.find(&path);
    let place = match &node.value {
        Value::Scalar(_) => node.origin.value_place(),
        Value::List(_) | Value::Map(_) => node.origin.key_place(),
    };
    let mut diagnostic = Diagnostic::maybe_at(place.cloned(), format!("`{}`: {}", error.path, error.problem));
    match &node.origin {
        Origin::Preset(preset) => {
            diagnostic = diagnostic.note(format!("the value is that of the app preset `{preset}`"));
        }
        Origin::Default => {
            diagnostic = diagnostic.note(format!("the value is the default ({})", provenance::basis(&path)));
        }
        Origin::Text { .. } if !found => {
            diagnostic = diagnostic.note(format!("the value is the default ({})", provenance::basis(&path)));
        }
        Origin::Text { .. } => {}
    }
    if error.path == "cluster.instance_type" {
        let known = instance_type::ALL.iter().map(|instance| instance.name);
        diagnostic = diagnostic.suggest(node.as_str().unwrap_or_default(), known);
    }
    let related = RELATED
        .iter()
        .find(|(blamed, _)| *blamed == error.path)
        .map_or(&[][..], |(_, related)| related);
    for other in related {
        let (node, found) = tree.find(&tree.path_of(other));
        let written = node.value != Value::Scalar(Json::Null);
        let Some(place) = node.origin.value_place().filter(|_| found && written).cloned() else {
            continue;
        };
        diagnostic = if diagnostic.is_located() {
            diagnostic.context(place, "together with this")
        } else {
            diagnostic.located(place, format!("goes with `{}`", error.path))
        };
    }
    diagnostic
}
