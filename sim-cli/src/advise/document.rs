//! The types of the document: `sim-cli/schema/advise.schema.json` is made from them.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use sim_core::outcome::Cause;

use super::Measure;
use super::confirm::Confirmation;
use super::levers::Scope;
use super::measure::{self, Verdict};
use super::search::Status;

/// Version of the document.
pub(crate) const SCHEMA_VERSION: u32 = 3;

/// Result of `sim advise`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Advice {
    /// Version of this document.
    pub(crate) schema_version: u32,
    /// What it comes from.
    pub(crate) provenance: Provenance,
    /// What was to be met.
    pub(crate) target: TargetReport,
    /// How the search ended.
    pub(crate) status: Status,
    /// What to set; empty if today's settings are the best.
    pub(crate) settings: Vec<Setting>,
    /// Today's settings.
    pub(crate) before: MeasuredReport,
    /// The advised settings, or the best found.
    pub(crate) after: MeasuredReport,
    /// The same settings under a seed that the search has not seen: this is what the confidence rests on.
    pub(crate) independent_check: CheckReport,
    /// What still fails with the advised settings, of an event, most frequent first.
    pub(crate) remaining_causes: Vec<CauseReport>,
    /// What each length of the cover costs and saves, with the other advised settings. The advised one is as the check
    /// with a fresh seed gave it, and so are those that such checks refused.
    pub(crate) trade_off: Vec<TradeOff>,
    /// The grid around the advised settings.
    pub(crate) neighbours: Vec<NeighbourReport>,
    /// Whether a cheaper point of this grid meets the target.
    pub(crate) cheaper_neighbour_meets: bool,
    /// Longest cover tried, seconds: preStop sleep, or grace period if the server ignores SIGTERM.
    pub(crate) longest_cover_tried_s: u64,
    /// Longest removal from the load balancer that was seen with the advised settings, seconds.
    pub(crate) slowest_removal_s: f64,
    /// The advised settings where the load balancer is slower than assumed.
    pub(crate) if_worse: Vec<WorseReport>,
    /// Strategic merge patches of the manifests; settings of the application are not in them.
    pub(crate) patches: Vec<Map<String, Json>>,
    /// What else there is to know.
    pub(crate) notes: Vec<String>,
}

/// What the advice comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Provenance {
    /// Version of `sim`.
    pub(crate) tool_version: String,
    /// Name of the scenario.
    pub(crate) scenario: String,
    /// Digest of the resolved scenario as it stands.
    pub(crate) scenario_digest: String,
    /// Digest of the scenario with the advised settings.
    pub(crate) advised_digest: String,
    /// Name of the profile of hop latencies.
    pub(crate) profile: String,
    /// Seed of the search.
    pub(crate) seed: u64,
    /// Simulated replications.
    pub(crate) runs_count: u64,
    /// The command that gives this advice again; output options are left out.
    pub(crate) command: String,
}

/// What was to be met.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct TargetReport {
    /// What is limited.
    pub(crate) measure: Measure,
    /// The limit of the upper bound.
    pub(crate) value: f64,
    /// How sure one may be that advised settings meet it, over all that the search tried.
    pub(crate) confidence_ratio: f64,
    /// What is counted and how the bound is computed.
    pub(crate) definition: String,
}

/// One setting to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Setting {
    /// Its path in the scenario.
    pub(crate) path: String,
    /// Today's value.
    pub(crate) before: String,
    /// The advised value.
    pub(crate) after: String,
    /// Where it lives.
    pub(crate) scope: Scope,
    /// Why it is needed, and what happens without.
    pub(crate) why: String,
}

/// A mean and its one-sided upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Bound {
    /// Ratio of totals.
    pub(crate) mean: f64,
    /// Upper bound, with the confidence of the target unless another one is named beside it.
    pub(crate) high: f64,
}

/// The advised settings, run with a seed that the search has not seen.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct CheckReport {
    /// Its seed: `sim run` with the advised scenario, this seed and as many replications repeats it.
    pub(crate) seed: u64,
    /// Candidates that were run with a fresh seed, this one included; the others did not meet the target then.
    pub(crate) attempts_count: u32,
    /// Confidence of its bounds: higher than that of the target, so that it is kept over all attempts.
    pub(crate) confidence_ratio: f64,
    /// What came of it. The number of replications was fixed before.
    pub(crate) measured: MeasuredReport,
}

/// What settings gave.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct MeasuredReport {
    /// Simulated replications.
    pub(crate) replications_count: u64,
    /// Disruption events in them.
    pub(crate) events_count: u64,
    /// Requests in them.
    pub(crate) requests_count: u64,
    /// Those that failed with 500 or above.
    pub(crate) five_xx_count: u64,
    /// The most failures that the bounds take one replication to have; more than seen where hardly any failed.
    pub(crate) worst_replication_count: u64,
    /// 5xx of an event.
    pub(crate) errors_per_event: Bound,
    /// 5xx of all requests.
    pub(crate) five_xx_ratio: Bound,
    /// Cost: time that pods spent terminating, of an event.
    pub(crate) terminating_pod_seconds_per_event: f64,
    /// Cost: from a disruption's start to the end of its last pod, the longest of a run, mean.
    pub(crate) longest_drain_s: f64,
    /// Cost: the same of rollouts; null without one.
    pub(crate) rollout_s: Option<f64>,
    /// Whether the target is met.
    pub(crate) verdict: Verdict,
}

/// Failures of one cause.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct CauseReport {
    /// Its stable name.
    pub(crate) cause: Cause,
    /// Requests that fail with it in an event.
    pub(crate) errors_per_event: f64,
    /// One sentence on the cause.
    pub(crate) explanation: String,
}

/// One length of the cover.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct TradeOff {
    /// The preStop sleep.
    pub(crate) sleep_s: u64,
    /// The grace period.
    pub(crate) termination_grace_period_s: u64,
    /// Whether these are the advised settings, or the best found.
    pub(crate) is_advised: bool,
    /// What it gave.
    pub(crate) measured: MeasuredReport,
}

/// A point next to the advised settings.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NeighbourReport {
    /// How it differs, in words.
    pub(crate) difference: String,
    /// Whether it is cheaper than the advised settings, or asks for fewer changes.
    pub(crate) cheaper: bool,
    /// Whether it met the target in the search, but a run with a fresh seed refused it or a longer cover; then this
    /// is what that run gave.
    pub(crate) by_check_seed: bool,
    /// Whether its lever does not measurably lower the failures, in a sample that was then not made larger; such a lever
    /// is not advised.
    pub(crate) no_effect: bool,
    /// What it gave.
    pub(crate) measured: MeasuredReport,
}

/// The advised settings in a worse world.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct WorseReport {
    /// What is worse.
    pub(crate) assumption: String,
    /// The advised settings there.
    pub(crate) measured: MeasuredReport,
    /// The sleep that would meet the target there, or the grace period if the server ignores SIGTERM; null if none
    /// tried does. Not confirmed with other seeds.
    pub(crate) needed_s: Option<u64>,
    /// The longest that was tried there; 0 if the hook stays as it is.
    pub(crate) longest_cover_tried_s: u64,
}

impl From<&Confirmation> for CheckReport {
    fn from(confirmation: &Confirmation) -> Self {
        Self {
            seed: confirmation.seed.0,
            attempts_count: confirmation.attempt,
            confidence_ratio: confirmation.confidence,
            measured: (&confirmation.measured).into(),
        }
    }
}

impl From<&measure::Measured> for MeasuredReport {
    fn from(measured: &measure::Measured) -> Self {
        let bound = |estimate: measure::Estimate| Bound {
            mean: estimate.mean,
            high: estimate.high,
        };
        Self {
            replications_count: measured.replications_count,
            events_count: measured.events_count,
            requests_count: measured.requests_count,
            five_xx_count: measured.five_xx_count,
            worst_replication_count: measured.worst_count,
            errors_per_event: bound(measured.errors_per_event),
            five_xx_ratio: bound(measured.five_xx_ratio),
            terminating_pod_seconds_per_event: measured.pod_seconds_per_event,
            longest_drain_s: measured.drain_s,
            rollout_s: measured.rollout_s,
            verdict: measured.verdict,
        }
    }
}

impl MeasuredReport {
    /// What the target limits.
    pub(crate) fn judged(&self, measure: Measure) -> Bound {
        match measure {
            Measure::ErrorsPerEvent => self.errors_per_event,
            Measure::FiveXxRatio => self.five_xx_ratio,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect_file;

    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Advice)).unwrap();
        expect_file!["../../schema/advise.schema.json"].assert_eq(&(schema + "\n"));
    }
}
