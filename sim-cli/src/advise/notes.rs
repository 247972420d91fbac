//! What else there is to know about an advice.

use sim_core::scenario::Scenario;
use sim_core::stats;
use sim_core::time::SimDuration;

use super::candidate::{Candidate, Cover};
use super::levers::{Lever, Scope};
use super::measure::{Measured, Verdict};
use super::neighbours::Neighbour;
use super::search::{Found, LONGEST_S, Search, Status, USUAL_S};
use super::subject::Guess;
use super::{Measure, Target};
use crate::output::text::number;

/// Failures of the check below which its bound rests on what a run could have had.
const FEW_FAILURES: u64 = 5;

/// What an advice was made from.
pub(super) struct Facts<'a> {
    pub(super) search: &'a Search<'a>,
    pub(super) found: &'a Found,
    /// Today's settings.
    pub(super) before: &'a Measured,
    /// The advised ones, in the search.
    pub(super) after: &'a Measured,
    pub(super) near: &'a [Neighbour],
    /// Of the import.
    pub(super) guesses: &'a [Guess],
    pub(super) target: Target,
}

impl Facts<'_> {
    fn scenario(&self) -> &Scenario {
        self.search.bench.scenario
    }

    fn candidate(&self) -> &Candidate {
        &self.found.candidate
    }

    /// All notes.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        notes.extend(self.status());
        notes.extend(self.settings());
        notes.extend(self.bound());
        notes.extend(self.horizon());
        notes.extend(self.guessed());
        if self.target.measure == Measure::ErrorsPerEvent && self.scenario().disruptions.is_empty() {
            notes.push("The scenario has no disruption: the whole run counts as one event.".to_owned());
        }
        notes
    }

    fn status(&self) -> Vec<String> {
        match self.found.status {
            Status::AlreadyMet if self.search.keeps_today => vec!["Today's settings meet the target.".to_owned()],
            Status::AlreadyMet => vec!["Today's settings meet the target, and none does so for less.".to_owned()],
            Status::NotReachable => vec![self.not_reachable()],
            Status::Undecided => self.undecided(),
            Status::Met if self.near.iter().any(Neighbour::is_better) => vec![
                "A cheaper setting next to the advised one meets the target too; the search did not follow it to its \
                 end."
                    .to_owned(),
            ],
            Status::Met if self.before.verdict == Verdict::Met => {
                vec!["Today's settings meet the target too, but cost more.".to_owned()]
            }
            Status::Met => Vec::new(),
        }
    }

    /// What the import guessed.
    fn guessed(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.guesses.is_empty() {
            return notes;
        }
        let all: Vec<String> = self.guesses.iter().map(Guess::describe).collect();
        notes.push(format!(
            "Guessed from the manifests, and all of this hangs on it: {}. Where a guess is wrong, name the server with \
             --app, or give the value with --set.",
            all.join("; ")
        ));
        if self.search.keeps_today && self.candidate().cover == Cover::AsIs {
            notes.push(
                "That the server ignores SIGTERM is such a guess, so today's hook and grace period stay: if it drains, \
                 the hook is what covers the removal. Name the server with --app to look for less."
                    .to_owned(),
            );
        }
        notes
    }

    /// What the end of the run hides.
    fn horizon(&self) -> Vec<String> {
        let horizon = self.scenario().horizon;
        let longer = SimDuration::from_ns(horizon.as_ns().saturating_mul(2));
        let mut notes = Vec::new();
        if !self.before.finished {
            notes.push(format!(
                "With today's settings pods are not gone, or not out of the load balancer, before the horizon of \
                 {horizon}: what they fail and cost later is not in the numbers."
            ));
        }
        let is_met = matches!(self.found.status, Status::Met | Status::AlreadyMet);
        if self.search.cut_off && !is_met {
            notes.push(format!(
                "With a cover above {} s pods outlast the run, so nothing is known of it; a longer run, such as --set \
                 horizon={longer}, looks further.",
                self.search.longest_s
            ));
        }
        notes
    }

    /// Whether a longer cover could help says what to look at.
    fn not_reachable(&self) -> String {
        let longest = self.search.longest_s;
        let slowest = stats::seconds(self.after.removal_max);
        let tried = format!(
            "No setting tried meets the target: every cover up to {longest} s, and every lever. The best found is shown."
        );
        if slowest > stats::ratio(longest, 1) {
            let why = if longest >= LONGEST_S {
                format!("a longer grace period than {LONGEST_S} s is cut by the Cluster Autoscaler")
            } else {
                "such removals are too rare to have been seen earlier in the search".to_owned()
            };
            return format!("{tried} Removals take up to {}: {why}.", number::duration(slowest));
        }
        if self.after.removal_max.is_zero() {
            return format!(
                "{tried} Nobody deregisters its pods before they are gone, so no cover helps: see what still fails."
            );
        }
        format!(
            "{tried} Its slowest removal took {}, so a longer cover would not help: see what still fails.",
            number::duration(slowest)
        )
    }

    fn undecided(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.after.verdict == Verdict::Undecided {
            let runs = self.after.replications_count;
            notes.push(format!(
                "{} replications cannot decide whether the target is met; give more, such as --max-replications {}. \
                 Covers up to {} s were tried.",
                number::grouped(runs),
                2 * runs,
                self.search.longest_s
            ));
        }
        if !self.search.refusals.is_empty() {
            notes.push(format!(
                "Met in the search, but not with fresh seeds: {} candidates.",
                self.search.refusals.len()
            ));
        }
        notes
    }

    fn settings(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let (scenario, candidate) = (self.scenario(), self.candidate());
        let is_met = self.found.status == Status::Met;
        if candidate.covers_by_grace(scenario) && is_met {
            notes.push(
                "The server ignores SIGTERM: every termination lasts the whole grace period and ends with SIGKILL. If \
                 it is made to drain, set the sleep instead."
                    .to_owned(),
            );
        }
        let application: Vec<&str> = candidate
            .levers
            .iter()
            .filter(|lever| lever.scope == Scope::Application)
            .map(Lever::path)
            .collect();
        if !application.is_empty() {
            notes.push(format!(
                "Settings of the application are not in the patch: {}. --only manifests leaves them out of the search.",
                application.join(", ")
            ));
        }
        let sleeps = candidate.sleep_s(scenario).is_some_and(|seconds| seconds > 0);
        if sleeps && scenario.pod.pre_stop.sleep.is_none() && is_met {
            notes.push(
                "The sleep action needs Kubernetes 1.30; before, let an exec hook run the sleep program of the image."
                    .to_owned(),
            );
        }
        if is_met && candidate.cover_s(scenario) > USUAL_S {
            notes.push(format!(
                "So long a cover holds for deletions, rollouts and drains only: a spot instance is gone two minutes \
                 after its notice, and the Cluster Autoscaler waits {LONGEST_S} s."
            ));
        }
        notes
    }

    /// What the bound takes for granted.
    fn bound(&self) -> Option<String> {
        let check = &self.found.confirmation.measured;
        (check.five_xx_count < FEW_FAILURES && check.worst_count > 0).then(|| {
            format!(
                "Hardly any run of the check failed, so its bound imagines one that fails {} requests, the most that a \
                 run did at the next shorter cover where several failed. Runs that are worse and too rare to be seen \
                 are not in it.",
                number::grouped(check.worst_count)
            )
        })
    }
}
