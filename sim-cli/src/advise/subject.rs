//! What is advised on: a scenario, or what was imported from manifests.

use serde_json::Value as Json;

use crate::import::draft::{self, Draft};
use crate::import::{self, Imported};
use crate::manifest::Manifests;
use crate::scenario_file::{self, LoadError, Loaded};
use crate::text::source::Sources;

/// What is advised on.
pub(crate) struct Subject<'a> {
    /// Where it comes from.
    pub(crate) origin: Origin<'a>,
    /// `--profile`.
    pub(crate) profile: Option<&'a str>,
    /// `--set`.
    pub(crate) sets: &'a [String],
}

/// Where it comes from.
pub(crate) enum Origin<'a> {
    /// A built-in name or a path.
    Named(&'a str),
    /// Standard input, which can be read only once.
    Text(String),
    /// Manifests.
    Manifests(Box<Service<'a>>),
}

/// An imported service.
pub(crate) struct Service<'a> {
    /// All of it.
    pub(crate) imported: &'a Imported<'a>,
    /// All objects of the input.
    pub(crate) manifests: &'a Manifests,
    /// Their text.
    pub(crate) sources: &'a Sources,
    /// The scenario with its disruption.
    pub(crate) draft: Draft,
}

/// A value of imported manifests that may be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Guess {
    /// Its path in the scenario.
    pub(crate) path: String,
    /// What was guessed; nothing where that says little.
    value: Option<String>,
    /// From what.
    why: String,
}

impl Guess {
    /// Whether it says what the server does on SIGTERM.
    pub(crate) fn is_about_sigterm(&self) -> bool {
        ["app.preset", "app.sigterm", "app.pid_1"].contains(&self.path.as_str())
    }

    /// In a sentence.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Some(value) => format!("{} {value} ({})", self.path, self.why),
            None => format!("{} ({})", self.path, self.why),
        }
    }
}

impl Subject<'_> {
    /// What the import guessed and no `--set` replaces. A server of which nothing tells is a guess too.
    pub(crate) fn guesses(&self) -> Vec<Guess> {
        let Origin::Manifests(service) = &self.origin else {
            return Vec::new();
        };
        let draft = &service.draft;
        let replaced = |path: &str| {
            let mut paths = self.sets.iter().filter_map(|set| set.split_once('='));
            paths.any(|(set, _)| {
                path.strip_prefix(set)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let assumed = match draft.origin("app.preset") {
            Some(draft::Origin::Assumed(why)) => Some(("app.preset", why.as_str())),
            _ => None,
        };
        let all = assumed.into_iter().chain(draft.guesses());
        all.filter(|(path, _)| !replaced(path))
            .map(|(path, why)| Guess {
                path: path.to_owned(),
                value: draft.get(path).map(|value| match value {
                    Json::String(text) => text.clone(),
                    other => other.to_string(),
                }),
                why: why.to_owned(),
            })
            .collect()
    }

    /// The scenario with another profile, if one is given, and further `--set` values.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(crate) fn load(&self, profile: Option<&str>, more: &[String]) -> Result<Loaded, LoadError> {
        let profile = profile.or(self.profile);
        let sets = [self.sets, more].concat();
        match &self.origin {
            Origin::Named(source) => scenario_file::load(source, profile, &sets),
            Origin::Text(text) => scenario_file::load_text("<stdin>", text.clone(), profile, &sets),
            Origin::Manifests(service) => import::load(&service.draft, service.sources, profile, &sets),
        }
    }
}
