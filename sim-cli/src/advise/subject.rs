//! What is advised on: a scenario, or what was imported from manifests.

use crate::import::draft::Draft;
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

impl Subject<'_> {
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
