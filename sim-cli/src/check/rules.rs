//! The rules: a numbered list that only grows. Each looks at one thing, says why it matters, and knows the fix.

mod balancer;
mod fleet;
mod hook;
mod list;
mod probes;
mod refused;
mod scaling;
mod server;

pub(crate) use list::RULES;

use serde_json::Value as Json;

use super::patch::Patch;
use super::{Context, Finding, Fix, Level};
use crate::import::disruption::Standard;
use crate::import::draft::Origin;
use crate::text::source::Place;

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// `DRN` and three digits; never given to another rule.
    pub(crate) id: &'static str,
    /// Its name in words.
    pub(crate) name: &'static str,
    /// Why it matters.
    pub(crate) reason: &'static str,
    /// Section of the fact sheets that it rests on.
    pub(crate) source: &'static str,
    /// The disruptions in which its fix can change anything; in the others it is not tried.
    pub(crate) shows_in: &'static [Standard],
    /// Looks at the service.
    find: fn(&Context<'_, '_>) -> Vec<Found>,
}

/// What a rule found, before it is simulated.
#[derive(Debug)]
struct Found {
    level: Level,
    message: String,
    place: Option<Place>,
    fix: Fix,
}

impl Found {
    fn new(level: Level, message: impl Into<String>) -> Self {
        Self {
            level,
            message: message.into(),
            place: None,
            fix: Fix::default(),
        }
    }

    fn at(mut self, place: Option<&Place>) -> Self {
        self.place = self.place.or_else(|| place.cloned());
        self
    }

    fn advice(mut self, advice: impl Into<String>) -> Self {
        self.fix.advice = advice.into();
        self
    }

    fn set(mut self, path: &str, value: impl Into<Json>) -> Self {
        self.fix.settings.push((path.to_owned(), value.into()));
        self
    }

    fn patch(mut self, patch: Patch) -> Self {
        self.fix.patches.push(patch);
        self
    }
}

/// What all rules find, worst first and then by number.
pub(crate) fn findings(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    // Code scanning wants a place for everything; what stands nowhere is missing in the workload.
    let workload = context.imported.route.workload.name_place();
    for rule in RULES {
        findings.extend((rule.find)(context).into_iter().map(|found| Finding {
            rule,
            level: found.level,
            message: found.message,
            place: found.place.unwrap_or_else(|| workload.clone()),
            fix: found.fix,
            effect: None,
        }));
    }
    findings.sort_by_key(|finding| (finding.level, finding.rule.id));
    findings
}

/// Whole seconds, rounded up.
fn seconds(duration: sim_core::time::SimDuration) -> u64 {
    duration.as_ns().div_ceil(1_000_000_000)
}

/// What a value's origin allows: a guess is no reason for an error, and what nobody told is no more than a note.
fn judged(level: Level, origin: Option<&Origin>) -> Level {
    match origin {
        Some(Origin::Guess(_)) => level.max(Level::Warning),
        Some(Origin::Manifest {
            remark: Some(remark), ..
        }) if remark.starts_with("guess") => level.max(Level::Warning),
        Some(Origin::Assumed(_)) => Level::Note,
        _ => level,
    }
}
