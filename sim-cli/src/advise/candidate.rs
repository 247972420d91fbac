//! One combination of settings.

use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::value::Limit;

use super::levers::{Lever, whole_seconds};
use crate::explain::trial::Change;

/// What a server that drains without a limit of its own is given, seconds: estimate, as in `sim check`.
const DRAIN_S: u64 = 10;

/// Between the end of the drain and SIGKILL, seconds: hooks are rounded to whole seconds (kubernetes §1.3.1).
const RESERVE_S: u64 = 5;

/// How long a pod serves on after its deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cover {
    /// As the scenario's own hook and grace period have it.
    AsIs,
    /// So many whole seconds.
    Seconds(u64),
}

/// Settings to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// How long a pod serves on.
    pub(crate) cover: Cover,
    /// Grace period; nothing: as long as the cover and the drain need, and no shorter than today.
    pub(crate) grace_s: Option<u64>,
    /// Settings without cost.
    pub(crate) levers: Vec<Lever>,
}

impl Candidate {
    /// The scenario's own settings.
    pub(crate) fn as_is() -> Self {
        Self::new(Cover::AsIs, &[])
    }

    /// With that cover.
    pub(crate) fn new(cover: Cover, levers: &[Lever]) -> Self {
        Self {
            cover,
            grace_s: None,
            levers: levers.to_vec(),
        }
    }

    /// With another cover.
    pub(crate) fn with_cover(&self, seconds: u64) -> Self {
        Self::new(Cover::Seconds(seconds), &self.levers)
    }

    /// With other levers.
    pub(crate) fn with_levers(&self, levers: Vec<Lever>) -> Self {
        Self { levers, ..self.clone() }
    }

    /// Whether the cover is the grace period, because the server serves until SIGKILL.
    pub(crate) fn covers_by_grace(&self, scenario: &Scenario) -> bool {
        let app = &scenario.app;
        let ignores = match app.sigterm {
            SigtermMode::Ignored => true,
            SigtermMode::NoHandler => app.pid_1,
            SigtermMode::DieNow | SigtermMode::Drain => false,
        };
        ignores && !self.levers.iter().any(Lever::drains)
    }

    /// What the server may need after SIGTERM, seconds.
    pub(crate) fn drain_s(&self, scenario: &Scenario) -> u64 {
        let drains = scenario.app.sigterm == SigtermMode::Drain || self.levers.iter().any(Lever::drains);
        match (drains, scenario.app.drain_timeout) {
            (false, _) => 0,
            (true, Limit::At(timeout)) => whole_seconds(timeout),
            (true, Limit::Unlimited) => DRAIN_S,
        }
    }

    /// The grace period, seconds.
    pub(crate) fn grace_s(&self, scenario: &Scenario) -> u64 {
        let today = whole_seconds(scenario.pod.termination_grace_period);
        match (self.grace_s, self.cover) {
            (Some(asked), _) => asked,
            (None, Cover::Seconds(seconds)) if self.covers_by_grace(scenario) => seconds.max(1),
            (None, Cover::AsIs | Cover::Seconds(0)) => today,
            (None, Cover::Seconds(seconds)) => today.max(seconds + self.drain_s(scenario) + RESERVE_S),
        }
    }

    /// How long a pod serves on, seconds: the mean where that is a hook of its own.
    pub(crate) fn cover_s(&self, scenario: &Scenario) -> u64 {
        let limit = scenario.pod.termination_grace_period;
        match self.cover {
            Cover::Seconds(seconds) => seconds,
            Cover::AsIs if self.covers_by_grace(scenario) => whole_seconds(limit),
            Cover::AsIs => {
                let hook = scenario.pod.pre_stop.mean_duration();
                hook.map_or(0, |hook| whole_seconds(hook.min(limit)))
            }
        }
    }

    /// The preStop sleep, seconds; nothing where the scenario's own hook stays.
    pub(crate) fn sleep_s(&self, scenario: &Scenario) -> Option<u64> {
        match self.cover {
            Cover::AsIs => None,
            Cover::Seconds(_) if self.covers_by_grace(scenario) => Some(0),
            Cover::Seconds(seconds) => Some(seconds),
        }
    }

    /// What is to change in the scenario.
    pub(crate) fn change(&self, scenario: &Scenario) -> Change {
        let mut sets: Vec<(String, String)> = Vec::new();
        let hook = &scenario.pod.pre_stop;
        if let Some(sleep) = self.sleep_s(scenario) {
            for (there, path, off) in [
                (hook.exec.is_some(), "pod.pre_stop.exec", "null"),
                (hook.http_get.is_some(), "pod.pre_stop.http_get", "null"),
                (hook.fails_health, "pod.pre_stop.fails_health", "false"),
                (
                    hook.restarts_server_for.is_some(),
                    "pod.pre_stop.restarts_server_for",
                    "null",
                ),
            ] {
                if there {
                    sets.push((path.to_owned(), off.to_owned()));
                }
            }
            if hook.sleep.map_or(0, whole_seconds) != sleep {
                let value = if sleep == 0 {
                    "null".to_owned()
                } else {
                    format!("{sleep}s")
                };
                sets.push(("pod.pre_stop.sleep".to_owned(), value));
            }
        }
        let grace = self.grace_s(scenario);
        if grace != whole_seconds(scenario.pod.termination_grace_period) {
            sets.push(("pod.termination_grace_period".to_owned(), format!("{grace}s")));
        }
        for lever in &self.levers {
            sets.extend(
                lever
                    .sets
                    .iter()
                    .map(|(path, value)| ((*path).to_owned(), value.clone())),
            );
        }
        Change {
            sets,
            reason: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::scenario::preset::Preset;
    use sim_core::time::SimDuration;

    fn sets(scenario: &Scenario, seconds: u64) -> Vec<String> {
        let change = Candidate::new(Cover::Seconds(seconds), &[]).change(scenario);
        change
            .sets
            .iter()
            .map(|(path, value)| format!("{path}={value}"))
            .collect()
    }

    #[test]
    fn a_sleep_brings_the_grace_period_that_holds_it_and_the_drain() {
        let mut scenario = Scenario::default();
        assert_eq!(sets(&scenario, 15), ["pod.pre_stop.sleep=15s"]);
        assert_eq!(
            sets(&scenario, 20),
            ["pod.pre_stop.sleep=20s", "pod.termination_grace_period=35s"]
        );
        scenario.pod.pre_stop.exec = Some(sim_core::scenario::pod::Hook::default());
        scenario.pod.pre_stop.restarts_server_for = Some(SimDuration::from_secs(1));
        assert_eq!(
            sets(&scenario, 0),
            ["pod.pre_stop.exec=null", "pod.pre_stop.restarts_server_for=null"]
        );
        assert_eq!(Candidate::as_is().change(&scenario).sets, []);
    }

    #[test]
    fn a_server_that_ignores_sigterm_is_covered_by_the_grace_period() {
        let scenario = Scenario {
            app: Preset::NodeHttp.app(),
            ..Scenario::default()
        };
        assert_eq!(sets(&scenario, 20), ["pod.termination_grace_period=20s"]);
        assert_eq!(sets(&scenario, 30), [""; 0]);
    }
}
