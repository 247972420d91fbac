//! The types of the document: `sim-cli/schema/explain.schema.json` is made from them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use sim_core::outcome::{Cause, Hop};

/// Version of the document.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// Result of `sim explain`. Instants are nanoseconds since the run's start.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Explanation {
    /// Version of this document.
    pub(crate) schema_version: u32,
    /// What it was told from.
    pub(crate) provenance: Provenance,
    /// Requests issued between the warm-up and the horizon.
    pub(crate) requests_count: u64,
    /// Failed requests: all that have a cause.
    pub(crate) failures_count: u64,
    /// Without a failure: the exact binomial 95 % upper bound of the share that fails; else, or without a request, null.
    pub(crate) failure_ratio_ci95_high: Option<f64>,
    /// The slowest removal of a deleted pod: deletion committed → the last ALB node, or kube-proxy, stopped choosing
    /// it; null if no pod was removed.
    pub(crate) longest_removal_ns: Option<u64>,
    /// One story per cause, most frequent cause first.
    pub(crate) stories: Vec<Story>,
    /// What limits the explanation.
    pub(crate) notes: Vec<String>,
}

/// What an explanation was told from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Provenance {
    /// Version of `sim`.
    pub(crate) tool_version: String,
    /// Name of the scenario.
    pub(crate) scenario: String,
    /// Digest of the resolved scenario; null if only a trace was given.
    pub(crate) scenario_digest: Option<String>,
    /// Name of the profile of hop latencies; null if only a trace was given.
    pub(crate) profile: Option<String>,
    /// The trace as it was named; null if the run was simulated.
    pub(crate) trace: Option<String>,
    /// Seed of all random numbers.
    pub(crate) seed: u64,
    /// Replication index.
    pub(crate) replication: u32,
}

/// One cause and the failed request that stands for it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Story {
    /// The cause's stable name.
    pub(crate) cause: Cause,
    /// What the client saw; 0 if no ALB node answered.
    pub(crate) elb_status_code: u16,
    /// Requests that failed with this cause.
    pub(crate) cause_count: u64,
    /// Share of all failed requests.
    pub(crate) failures_ratio: f64,
    /// One sentence on the cause.
    pub(crate) explanation: String,
    /// The cause's requests by the hop that lost the race.
    pub(crate) hop_counts: BTreeMap<Hop, u64>,
    /// The request.
    pub(crate) request: StoryRequest,
    /// What offsets count from.
    pub(crate) anchor: Anchor,
    /// What happened, in order of time.
    pub(crate) timeline: Vec<Step>,
    /// The lengths of the hops between the pod's deletion and its removal; null if the pod was not deleted.
    pub(crate) hops: Option<Hops>,
    /// Who should have acted earlier.
    pub(crate) late: Lateness,
    /// Which setting would have saved it.
    pub(crate) remedy: Remedy,
}

/// The request that stands for a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct StoryRequest {
    /// Its number, in the order of issue.
    pub(crate) request: u64,
    /// Why this one.
    pub(crate) chosen_as: String,
    /// ALB node that took it.
    pub(crate) alb_node: u32,
    /// Target it was sent to: the number of a pod, or of a Kubernetes node where targets are nodes.
    pub(crate) target: Option<u32>,
    /// The pod that it met, if one did.
    pub(crate) pod: Option<u32>,
    /// The Kubernetes node of that pod, or the target if targets are nodes.
    pub(crate) kubernetes_node: Option<u32>,
    /// When the client issued it.
    pub(crate) issued_ns: u64,
    /// When the client had its answer.
    pub(crate) finished_ns: u64,
    /// The hop that had not done its part when the target was chosen.
    pub(crate) hop: Hop,
}

/// What the offsets of a timeline count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Anchor {
    /// Which instant.
    pub(crate) kind: AnchorKind,
    /// The instant.
    pub(crate) at_ns: u64,
}

/// Which instant a timeline counts from: of those that came before the request's end, the first of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnchorKind {
    /// The pod's creation, for a request that met a pod which did not serve yet.
    PodCreated,
    /// The pod's deletion was committed.
    PodDeleted,
    /// The pod's node began to take it down.
    PodShutDown,
    /// The pod's server stopped serving without either.
    ServerStopped,
    /// The request's own issue: nothing had happened to its pod.
    RequestIssued,
}

impl AnchorKind {
    /// What offsets count from, for people.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            AnchorKind::PodCreated => "the pod's creation",
            AnchorKind::PodDeleted => "the pod's deletion",
            AnchorKind::PodShutDown => "the start of the pod's shutdown by its node",
            AnchorKind::ServerStopped => "the end of the pod's server",
            AnchorKind::RequestIssued => "the request",
        }
    }
}

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Step {
    /// When.
    pub(crate) at_ns: u64,
    /// Since the anchor; negative before it.
    pub(crate) offset_ns: i64,
    /// Who acted.
    pub(crate) actor: String,
    /// What happened.
    pub(crate) text: String,
    /// Whether it is about the request itself.
    pub(crate) is_request: bool,
}

/// The lengths of the hops. What did not happen before the trace ended, or is no step of this removal, is null.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "every key of the document says its unit")]
pub(crate) struct Hops {
    /// Deletion committed → `EndpointSlice` written without the pod.
    pub(crate) endpoints_ns: Option<u64>,
    /// → `DeregisterTargets` accepted, less the time spent throttled; the controller's watch is part of it.
    pub(crate) controller_ns: Option<u64>,
    /// Time that call waited for a token bucket.
    pub(crate) api_throttle_ns: Option<u64>,
    /// `DeregisterTargets` accepted → this request's ALB node stopped choosing the target.
    pub(crate) propagation_ns: Option<u64>,
    /// `EndpointSlice` written → the last kube-proxy acted on it, where targets are nodes.
    pub(crate) kube_proxy_ns: Option<u64>,
    /// Deletion committed → this request's ALB node, or the last kube-proxy, stopped choosing the pod.
    pub(crate) removal_ns: Option<u64>,
    /// Deletion committed → the last of all ALB nodes, or kube-proxies, stopped choosing the pod.
    pub(crate) last_removal_ns: Option<u64>,
}

/// Who should have acted earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Lateness {
    /// The hop that lost the race.
    pub(crate) hop: Hop,
    /// When the pod stopped serving new connections, before the request's end; null if it did not.
    pub(crate) stopped_serving_ns: Option<u64>,
    /// When the request's ALB node stopped choosing the target; null if it did not.
    pub(crate) stopped_choosing_ns: Option<u64>,
    /// How long the ALB node chose the target after the pod had stopped serving; null if one of the two is.
    pub(crate) late_ns: Option<u64>,
    /// When the late hop did its part; null if it did not, or no hop was late.
    pub(crate) hop_done_ns: Option<u64>,
    /// The same in sentences.
    pub(crate) text: String,
}

/// Which setting would have saved the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Remedy {
    /// Whether settings were tried.
    pub(crate) status: RemedyStatus,
    /// Why none was tried, or what the figures of the trials are measured against.
    pub(crate) text: String,
    /// Requests of this cause in the scenario as it stands, simulated; null unless settings were tried.
    pub(crate) before_cause_count: Option<u64>,
    /// All failed requests in the scenario as it stands, simulated; null unless settings were tried.
    pub(crate) before_failures_count: Option<u64>,
    /// The settings, in the order in which they were tried: until one left no request of this cause.
    pub(crate) trials: Vec<Trial>,
}

/// Whether settings were tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RemedyStatus {
    /// Simulated again with each.
    Tried,
    /// No setting of the scenario bears on this cause.
    NoSetting,
    /// There is no scenario to simulate again.
    NoScenario,
    /// `--no-counterfactual`.
    NotAsked,
    /// The scenario is too large to be simulated again.
    TooCostly,
}

/// The scenario simulated again with the same seed and one change. Its requests are not the same requests one by one
/// once the change has shown, so the result is in counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Trial {
    /// The change, each as `--set` takes it.
    pub(crate) sets: Vec<String>,
    /// Why this value.
    pub(crate) reason: String,
    /// Requests of this cause; null if the scenario refuses the change.
    pub(crate) cause_count: Option<u64>,
    /// All failed requests; null if the scenario refuses the change.
    pub(crate) failures_count: Option<u64>,
    /// All requests; null if the scenario refuses the change.
    pub(crate) requests_count: Option<u64>,
    /// Why the scenario refuses the change; null if it does not.
    pub(crate) refused: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect_file;

    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Explanation)).unwrap();
        expect_file!["../../schema/explain.schema.json"].assert_eq(&(schema + "\n"));
    }
}
