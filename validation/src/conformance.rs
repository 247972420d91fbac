//! One body of behavioural checks over any trace.
//!
//! The rules of [`sim_core::check`] say what can never happen. A behaviour says what does happen, and when, wherever the
//! occasion arises: a container that ignores SIGTERM meets SIGKILL when its grace is over, a silent address costs the
//! connect timeout, the ALB's nodes learn of a deregistration one by one. A trace of the model must show each of them;
//! a trace of a real cluster that shows one of them broken says which part of the model to mistrust. Agreement proves
//! no more than that: that both obey the fact sheets' rules where the trace had an occasion to break them. How *often*
//! and how *late* things happen is for calibration.
//!
//! ```text
//! record ─┬─► termination   hook, SIGTERM, SIGKILL, sandbox                    (kubernetes §1.3, §1.4)
//!         ├─► targets       endpoint → calls → described → ALB nodes, checks   (lbc §1, alb §1, §5)
//!         ├─► requests      what the failed ones met on the wire               (alb §3.2)
//!         └─► rollout       surge, availability, replacement                   (kubernetes §4)
//! ```
//!
//! An occasion that a trace does not show is not counted: a behaviour without one is undetermined.

mod behaviour;
mod requests;
mod rollout;
mod tally;
mod targets;
mod termination;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use sim_core::scenario::Scenario;
use sim_core::time::SimDuration;
use sim_core::trace::{Fact, ServerState, TraceRecord, TraceSink};

pub use behaviour::Behaviour;
use tally::Tally;
pub use tally::{Occasions, findings};

/// Watches a trace record by record, without keeping it.
#[derive(Debug)]
pub struct Conformance<'a> {
    watched: Watched<'a>,
    servers: Servers,
    termination: termination::Termination,
    targets: targets::Targets,
    rollout: rollout::Rollout,
}

/// What every part needs: settings, the instant, and where to count.
#[derive(Debug)]
struct Watched<'a> {
    scenario: &'a Scenario,
    /// How far two instants of the trace may be off, nanoseconds.
    slack: u64,
    now: u64,
    tally: Tally,
}

impl Watched<'_> {
    /// Counts one occasion.
    fn saw(&mut self, behaviour: Behaviour, holds: bool, detail: impl FnOnce() -> String) {
        self.tally.count(behaviour, self.now, holds, detail);
    }

    /// Whether `passed` lies between `least` and `most`, give or take the slack; nanoseconds.
    fn within(&self, passed: u64, least: u64, most: u64) -> bool {
        passed.saturating_add(self.slack) >= least && passed <= most.saturating_add(self.slack)
    }
}

/// What new connections to each pod meet, and since when.
#[derive(Debug, Default)]
struct Servers(BTreeMap<u32, Server>);

#[derive(Debug, Clone, Copy)]
struct Server {
    state: ServerState,
    since: u64,
    /// When it last left or joined those that serve.
    turned_at: u64,
}

impl Servers {
    fn see(&mut self, at: u64, fact: &Fact) {
        let Fact::ServerChanged { pod, state } = fact else {
            return;
        };
        let serves = |state| state == ServerState::Serving;
        let turned_at = match self.0.get(pod) {
            Some(before) if serves(before.state) == serves(*state) => before.turned_at,
            _ => at,
        };
        let server = Server {
            state: *state,
            since: at,
            turned_at,
        };
        self.0.insert(*pod, server);
    }

    fn of(&self, pod: u32) -> Option<Server> {
        self.0.get(&pod).copied()
    }
}

impl<'a> Conformance<'a> {
    /// Watches a trace of `scenario`. Instants may be off by `slack`: zero for a simulated trace, the skew of the clocks
    /// and the period of the polls for a recorded one.
    pub fn new(scenario: &'a Scenario, slack: SimDuration) -> Self {
        Self {
            watched: Watched {
                scenario,
                slack: slack.as_ns(),
                now: 0,
                tally: Tally::default(),
            },
            servers: Servers::default(),
            termination: termination::Termination::default(),
            targets: targets::Targets::default(),
            rollout: rollout::Rollout::new(scenario),
        }
    }

    /// What the trace showed of each behaviour.
    pub fn finish(mut self) -> Occasions {
        self.termination.finish(&mut self.watched);
        self.watched.tally.into_occasions()
    }
}

impl TraceSink for Conformance<'_> {
    fn record(&mut self, record: TraceRecord) {
        self.watched.now = record.at_ns;
        let watched = &mut self.watched;
        if let Fact::Request(request) = &record.fact {
            requests::see(request, &self.servers, watched);
            return;
        }
        // Judged by what was true until now.
        self.termination.see(&record.fact, &self.servers, watched);
        self.targets.see(&record.fact, &self.servers, watched);
        self.rollout.see(&record.fact, watched);
        self.servers.see(record.at_ns, &record.fact);
    }
}
