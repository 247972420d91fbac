//! How often each behaviour had an occasion, and how often it was not shown.

use std::collections::BTreeMap;

use sim_core::time::SimTime;

use super::behaviour::Behaviour;
use crate::report::{Finding, Verdict};

/// Occasions of one trace by behaviour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Occasions(BTreeMap<Behaviour, Seen>);

/// Occasions of one behaviour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    occasions_count: u64,
    broken_count: u64,
    /// The first one that was broken.
    first: Option<String>,
}

/// Counts while a trace passes.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<Behaviour, Seen>);

impl Tally {
    pub(super) fn count(&mut self, behaviour: Behaviour, at: u64, holds: bool, detail: impl FnOnce() -> String) {
        let seen = self.0.entry(behaviour).or_default();
        seen.occasions_count += 1;
        if !holds {
            seen.broken_count += 1;
            let first = || format!("at {}: {}", SimTime::from_ns(at), detail());
            seen.first.get_or_insert_with(first);
        }
    }

    pub(super) fn into_occasions(self) -> Occasions {
        Occasions(self.0)
    }
}

impl Occasions {
    /// Number of occasions of a behaviour, and of those on which it was not shown.
    pub fn of(&self, behaviour: Behaviour) -> (u64, u64) {
        self.0
            .get(&behaviour)
            .map_or((0, 0), |seen| (seen.occasions_count, seen.broken_count))
    }
}

/// One finding per behaviour over several traces, each with the name of its scenario.
pub fn findings(traces: &[(String, Occasions)]) -> Vec<Finding> {
    Behaviour::ALL
        .iter()
        .map(|behaviour| finding(*behaviour, traces))
        .collect()
}

fn finding(behaviour: Behaviour, traces: &[(String, Occasions)]) -> Finding {
    let seen = || {
        traces
            .iter()
            .filter_map(|(name, occasions)| Some((name, occasions.0.get(&behaviour)?)))
    };
    let occasions: u64 = seen().map(|(_, seen)| seen.occasions_count).sum();
    let broken: u64 = seen().map(|(_, seen)| seen.broken_count).sum();
    let examples: Vec<String> = seen()
        .filter_map(|(name, seen)| {
            let first = seen.first.as_ref()?;
            Some(format!(
                "{name}, {} of {}: {first}",
                seen.broken_count, seen.occasions_count
            ))
        })
        .collect();
    let (verdict, remark) = match (occasions, broken) {
        (0, _) => (Verdict::Undetermined, String::from("no trace had an occasion")),
        (_, 0) => (Verdict::Held, String::new()),
        _ => (Verdict::Failed, examples.join("; ")),
    };
    let traces = seen().count();
    Finding {
        name: behaviour.name().to_owned(),
        claim: behaviour.sentence().to_owned(),
        expected: String::from("on every occasion"),
        found: format!("{} of {occasions} occasions in {traces} traces", occasions - broken),
        verdict,
        source: behaviour.source().to_owned(),
        remark,
    }
}
