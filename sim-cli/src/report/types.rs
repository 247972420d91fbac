//! The types of the document.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use sim_core::outcome::{Cause, Hop};

use crate::provenance::Provenance;

/// Result of `sim run`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Report {
    /// Version of this document.
    pub(crate) schema_version: u32,
    /// What the result comes from.
    pub(crate) provenance: Provenance,
    /// Requests issued between the warm-up and the horizon.
    pub(crate) requests_count: u64,
    /// The same by status code.
    pub(crate) status_counts: StatusCounts,
    /// Share of requests that ended with 500 or above, over all replications.
    pub(crate) five_xx_ratio: FiveXxRatio,
    /// The worst window of the run.
    pub(crate) peak_five_xx_ratio: PeakFiveXxRatio,
    /// In the worst window: share of the targets in rotation that did not serve, averaged over time and ALB nodes;
    /// null if no target was in rotation.
    pub(crate) peak_dead_target_share: Option<f64>,
    /// Why requests failed, most frequent first.
    pub(crate) causes: Vec<CauseReport>,
    /// The race between each pod's shutdown and its removal from the load balancer.
    pub(crate) race_window_s: RaceWindow,
    /// Time from the issue of a request to its answer.
    pub(crate) latency_s: Latency,
    /// What termination cost, per replication.
    pub(crate) termination: TerminationReport,
    /// Each disruption, in order of time.
    pub(crate) disruptions: Vec<DisruptionReport>,
    /// What made the control plane wait, in the order of the pipeline; what held nothing up is left out.
    pub(crate) waits: Vec<WaitReport>,
    /// The deregistration that waited longest; null if none waited.
    pub(crate) slowest_deregistration: Option<SlowestDeregistration>,
    /// What deserves attention, and what to do about it.
    pub(crate) warnings: Vec<WarningReport>,
    /// Each replication.
    pub(crate) replications: Vec<ReplicationReport>,
}

/// Requests by `elb_status_code`, and those that have none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct StatusCounts {
    /// Answered by the target.
    #[serde(rename = "200")]
    pub(crate) ok: u64,
    /// The client gave up first.
    #[serde(rename = "460")]
    pub(crate) client_closed: u64,
    /// The target's own error.
    #[serde(rename = "500")]
    pub(crate) target_error: u64,
    /// Bad gateway, by the load balancer.
    #[serde(rename = "502")]
    pub(crate) bad_gateway: u64,
    /// Service unavailable, by the load balancer.
    #[serde(rename = "503")]
    pub(crate) service_unavailable: u64,
    /// Gateway timeout, by the load balancer.
    #[serde(rename = "504")]
    pub(crate) gateway_timeout: u64,
    /// Answered by a pod of another application that has the address now.
    #[serde(rename = "404")]
    pub(crate) wrong_target: u64,
    /// Not answered by the load balancer at all, and so without a status code: the ALB node was gone with its zone.
    pub(crate) unanswered: u64,
}

/// A share with its 95 % interval.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct FiveXxRatio {
    /// Failed requests over all requests, both summed over the replications.
    pub(crate) mean: f64,
    /// Lower end of the interval, six significant digits.
    pub(crate) ci95_low: f64,
    /// Upper end of the interval, six significant digits.
    pub(crate) ci95_high: f64,
    /// How the interval was computed.
    pub(crate) method: Method,
}

/// How an interval was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    /// Ratio of totals over replications by the delta method, with a Student-t quantile.
    StudentTRatio,
    /// Exact binomial, two-sided; requests are taken as independent.
    ClopperPearson,
    /// Exact binomial without a failure: the one-sided upper bound; requests are taken as independent.
    ClopperPearsonUpper,
    /// There was no request.
    NoRequests,
}

/// The worst window of a run, pooled over the replications, by the instant at which requests were issued.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct PeakFiveXxRatio {
    /// Failed requests over all requests in the window; null if no window has 20 requests.
    pub(crate) value: Option<f64>,
    /// Length of the window.
    pub(crate) window_s: f64,
    /// Start of the earliest window with that value; null if no window has 20 requests.
    pub(crate) start_s: Option<f64>,
}

/// One cause of failed requests.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct CauseReport {
    /// Its stable name.
    pub(crate) cause: Cause,
    /// What the client saw; 0 if no ALB node answered.
    pub(crate) elb_status_code: u16,
    /// Failed requests.
    pub(crate) count: u64,
    /// Share of all requests that ended with 500 or above; 0 for a cause that gives a 460 or no answer.
    pub(crate) share: f64,
    /// The hop that lost the race most often.
    pub(crate) hop: Hop,
    /// Failed requests by the hop that lost the race; hops that lost none are left out.
    pub(crate) hops: BTreeMap<Hop, u64>,
    /// One sentence for people.
    pub(crate) explanation: String,
}

/// The race of every terminated pod, in seconds.
///
/// `total` runs from "the pod serves no new connection" to "the last ALB node stopped choosing it", and is 0 where the
/// removal came first. `removal`, from the deletion on, is the sum of the five hops. Where targets are nodes, the last
/// kube-proxy takes the place of the last ALB node.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RaceWindow {
    /// Pods that were terminated and removed within the runs.
    pub(crate) pods_count: u64,
    /// The race window.
    pub(crate) total: Quantiles,
    /// Deletion committed → the controller knows from the `EndpointSlice`; where targets are nodes, it is written.
    pub(crate) endpoints: Quantiles,
    /// `EndpointSlice` written → the last kube-proxy stopped choosing the pod; 0 where targets are pods.
    pub(crate) kube_proxy: Quantiles,
    /// → `DeregisterTargets` accepted, less the time spent throttled.
    pub(crate) controller: Quantiles,
    /// Time that call waited for a token bucket.
    pub(crate) api_throttle: Quantiles,
    /// `DeregisterTargets` accepted → the last ALB node stopped choosing the target.
    pub(crate) propagation: Quantiles,
    /// Deletion committed → the last ALB node, or kube-proxy, stopped choosing the pod.
    pub(crate) removal: Quantiles,
    /// Deletion committed → the pod serves no new connection: what preStop and the server's own drain cover.
    pub(crate) served_after_deletion: Quantiles,
}

/// Quantiles over pods, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Quantiles {
    /// Median.
    pub(crate) p50: f64,
    /// 95 % are not longer.
    pub(crate) p95: f64,
    /// 99 % are not longer.
    pub(crate) p99: f64,
    /// Longest.
    pub(crate) max: f64,
}

/// Quantiles over requests, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Latency {
    /// Median.
    pub(crate) p50: f64,
    /// 90 % are not longer.
    pub(crate) p90: f64,
    /// 95 % are not longer.
    pub(crate) p95: f64,
    /// 99 % are not longer.
    pub(crate) p99: f64,
    /// Longest.
    pub(crate) max: f64,
}

/// What termination cost: means per replication.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct TerminationReport {
    /// Pods whose object left the API before the horizon.
    pub(crate) pods_count: f64,
    /// Time those pods spent between deletion and removal, summed.
    pub(crate) pod_seconds: f64,
    /// Longest time from a disruption's start to the removal of the last pod it deleted.
    pub(crate) drain_s: f64,
}

/// One disruption, and the requests issued from its start to the next one's.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct DisruptionReport {
    /// Its start.
    pub(crate) at_s: f64,
    /// Its kind, as in the scenario file.
    pub(crate) kind: String,
    /// Pods deleted or crashed, mean per replication.
    pub(crate) pods_count: f64,
    /// Requests.
    pub(crate) requests_count: u64,
    /// Requests by status.
    pub(crate) status_counts: StatusCounts,
    /// Share of them that ended with 500 or above.
    pub(crate) five_xx_ratio: f64,
    /// From its start to the removal of the last pod it deleted, mean per replication.
    pub(crate) drain_s: f64,
}

/// The waits at one bottleneck, over all replications.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct WaitReport {
    /// Its stable name.
    pub(crate) bottleneck: String,
    /// Calls, pods or reconciles that waited.
    pub(crate) waits_count: u64,
    /// The longest wait.
    pub(crate) longest_s: f64,
    /// All waits together.
    pub(crate) total_s: f64,
    /// What it is, for people.
    pub(crate) label: String,
}

/// The deregistration that waited longest, over all replications.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct SlowestDeregistration {
    /// Targets deregistered.
    pub(crate) deregistrations_count: u64,
    /// Its wait, from its pod's deletion on.
    pub(crate) waited_s: f64,
    /// The wait by bottleneck, in seconds; what did not hold it up is left out.
    pub(crate) shares_s: BTreeMap<String, f64>,
}

/// Something that deserves attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct WarningReport {
    /// Stable name.
    pub(crate) code: String,
    /// What was found.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: String,
}

/// One replication.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ReplicationReport {
    /// Its index.
    pub(crate) replication: u32,
    /// Requests issued between the warm-up and the horizon.
    pub(crate) requests_count: u64,
    /// The same by status code.
    pub(crate) status_counts: StatusCounts,
    /// Share of them that ended with 500 or above.
    pub(crate) five_xx_ratio: f64,
}
