//! What one run returns: counts, distributions and a per-second series, ready to be merged with other replications.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use crate::bottleneck::{Deregistrations, Waits};
use crate::outcome::{Cause, Hop, Status};
use crate::stats::{LatencyHistogram, Samples};
use crate::time::{SimDuration, SimTime};

/// Result of one replication.
#[derive(Debug, Clone)]
pub struct RunSummary {
    /// Replication index.
    pub replication: u32,
    /// Requests issued after the warm-up and before the horizon, by [`Status`].
    pub status_counts: [u64; Status::COUNT],
    /// Failed requests by cause and hop.
    pub causes: CauseCounts,
    /// Latency from issue to answer.
    pub latency: LatencyHistogram,
    /// One row per second of the run, by the second a request was issued in.
    pub series: Vec<SeriesRow>,
    /// The race window of every terminated pod.
    pub race: RaceSamples,
    /// What termination cost.
    pub termination: Termination,
    /// One entry per disruption, in order of time.
    pub disruptions: Vec<DisruptionSummary>,
    /// Facts that deserve a warning.
    pub observations: Observations,
    /// Control-plane events handled.
    pub events_count: u64,
}

impl RunSummary {
    /// An empty result for a run of that length.
    pub fn new(replication: u32, horizon: SimDuration) -> Self {
        let seconds = usize::try_from(horizon.as_ns().div_ceil(1_000_000_000)).expect("horizon fits in memory");
        Self {
            replication,
            status_counts: [0; Status::COUNT],
            causes: CauseCounts::default(),
            latency: LatencyHistogram::new(),
            series: vec![SeriesRow::default(); seconds],
            race: RaceSamples::default(),
            termination: Termination::default(),
            disruptions: Vec::new(),
            observations: Observations::default(),
            events_count: 0,
        }
    }

    /// All requests counted.
    pub fn requests_count(&self) -> u64 {
        self.status_counts.iter().sum()
    }

    /// Requests that ended with 500 or above.
    pub fn five_xx_count(&self) -> u64 {
        Status::ALL
            .iter()
            .filter(|status| status.is_five_xx())
            .map(|status| self.status_counts[*status as usize])
            .sum()
    }
}

/// Failed requests by cause and hop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CauseCounts {
    counts: BTreeMap<(Cause, Hop), u64>,
}

impl CauseCounts {
    /// Adds one failed request.
    pub fn add(&mut self, cause: Cause, hop: Hop) {
        *self.counts.entry((cause, hop)).or_default() += 1;
    }

    /// Takes one failed request back.
    pub fn remove(&mut self, cause: Cause, hop: Hop) {
        let count = self
            .counts
            .get_mut(&(cause, hop))
            .expect("only counted failures are taken back");
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&(cause, hop));
        }
    }

    /// Count of one cause over all hops.
    pub fn of(&self, cause: Cause) -> u64 {
        self.counts
            .iter()
            .filter(|((counted, _), _)| *counted == cause)
            .map(|(_, count)| count)
            .sum()
    }

    /// Every cause and hop that occurred.
    pub fn iter(&self) -> impl Iterator<Item = (Cause, Hop, u64)> + '_ {
        self.counts.iter().map(|((cause, hop), count)| (*cause, *hop, *count))
    }

    /// Adds another replication's counts.
    pub fn merge(&mut self, other: &CauseCounts) {
        for (key, count) in &other.counts {
            *self.counts.entry(*key).or_default() += count;
        }
    }
}

/// One second of the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeriesRow {
    /// Requests issued in this second, by [`Status`].
    pub status_counts: [u32; Status::COUNT],
    /// Targets by described health at the end of the second: initial, healthy, unhealthy, draining.
    pub targets: [u32; 4],
    /// Pods at the end of the second: not ready, ready, terminating.
    pub pods: [u32; 3],
    /// Deployment's replicas wanted at the end of the second.
    pub replicas: u32,
    /// Node objects at the end of the second.
    pub nodes: u32,
    /// Sessions active at the end of the second.
    pub sessions: u32,
    /// CPU utilisation that the autoscaler saw last, in thousandths of the requests; nothing before it saw any.
    pub cpu_utilization_permille: Option<u32>,
    /// Time integral of "targets in rotation that do not serve" over the second and all ALB nodes, target-ns.
    pub dead_target_ns: u64,
    /// Time integral of "targets in rotation" over the second and all ALB nodes, target-ns.
    pub rotation_target_ns: u64,
}

/// Per terminated pod: the race between its shutdown and its removal from the ALB.
#[derive(Debug, Clone, Default)]
pub struct RaceSamples {
    /// From "serves no new connection" to "the last ALB node stopped choosing it"; 0 if removal came first.
    pub total: Samples,
    /// From the deletion's commit to "serves no new connection": what preStop and the drain cover.
    pub served: Samples,
    /// From the deletion's commit to "the last ALB node stopped choosing it"; the sum of the five hops. Where targets
    /// are nodes, it is the last kube-proxy that stops choosing it, and the hops between are zero.
    pub removal: Samples,
    /// Deletion committed → slice without the pod seen by the controller; where targets are nodes, slice written.
    pub endpoints: Samples,
    /// Slice without the pod written → last kube-proxy stopped choosing it; zero where targets are pods.
    pub kube_proxy: Samples,
    /// → `DeregisterTargets` accepted, less the time spent throttled.
    pub controller: Samples,
    /// Time the call waited for the controller's bucket or AWS throttling.
    pub api_throttle: Samples,
    /// `DeregisterTargets` accepted → last ALB node stopped choosing it.
    pub propagation: Samples,
}

impl RaceSamples {
    /// Adds another replication's samples.
    pub fn merge(&mut self, other: &RaceSamples) {
        self.total.merge(&other.total);
        self.served.merge(&other.served);
        self.removal.merge(&other.removal);
        self.endpoints.merge(&other.endpoints);
        self.kube_proxy.merge(&other.kube_proxy);
        self.controller.merge(&other.controller);
        self.api_throttle.merge(&other.api_throttle);
        self.propagation.merge(&other.propagation);
    }
}

/// What termination cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Termination {
    /// Pods whose object left the API before the horizon.
    pub pods_count: u64,
    /// Sum over those pods of the time from the deletion's commit to the object's removal.
    pub pod_time: SimDuration,
    /// Longest time from a disruption's start to the removal of the last pod it deleted.
    pub drain: SimDuration,
}

/// One disruption and the requests issued from its start to the next one's (or the horizon).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisruptionSummary {
    /// Its start.
    pub at: SimTime,
    /// Its key in the scenario file: `scale`, `rollout`, `node_drain` and so on.
    pub kind: &'static str,
    /// Pods deleted by it (evicted, scaled down, replaced) or crashed.
    pub pods_count: u32,
    /// Requests by status.
    pub status_counts: [u64; Status::COUNT],
    /// Time from its start to the removal of the last pod it deleted; zero if none.
    pub drain: SimDuration,
}

/// Facts of a run that deserve a warning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Observations {
    /// preStop hooks cut at the grace period.
    pub hooks_cut: u64,
    /// preStop hooks that failed at once.
    pub hooks_failed: u64,
    /// Containers that ended by SIGKILL.
    pub sigkills: u64,
    /// Syncs of the `EndpointSlice` controller that met their own stale cache.
    pub stale_syncs: u64,
    /// Time `DeregisterTargets` and `RegisterTargets` calls waited for a bucket, in total.
    pub throttled: SimDuration,
    /// Time pod deletions and creations waited for the controller manager's bucket, longest.
    pub client_limited: SimDuration,
    /// Most targets registered at once.
    pub targets_max: u32,
    /// Requests sent by fail open.
    pub fail_open_requests: u64,
    /// Requests still without an answer at the horizon.
    pub in_flight_at_horizon: u64,
    /// Evictions refused by the budget.
    pub evictions_refused: u64,
    /// Removals of nodes that the Cluster Autoscaler gave up.
    pub removals_given_up: u64,
    /// Updates of managed node groups that failed because a drain did not end in time.
    pub node_group_updates_failed: u64,
    /// Pods that no node could take.
    pub unschedulable: u64,
    /// Addresses given to another pod while an ALB node still sent to the pod before.
    pub addresses_reused: u64,
    /// Pods that their node took down without a `deletionTimestamp`.
    pub shut_down_pods: u64,
    /// Pods lost with a node that died without a word.
    pub lost_pods: u64,
    /// Containers restarted by a failed liveness or startup probe.
    pub probe_restarts: u64,
    /// What waited where.
    pub waits: Waits,
    /// Deregistrations, and the one that waited longest.
    pub deregistrations: Deregistrations,
    /// Reconciles that failed because a target group was full.
    pub quota_refusals: u64,
    /// Pods created without a gate because nobody answered the webhook.
    pub gates_not_injected: u64,
    /// Pod creations refused because nobody answered the webhook.
    pub creations_refused: u64,
    /// Steps of the autoscaler that took away more than half of the replicas.
    pub hpa_large_steps: u64,
    /// Looks of the autoscaler at which the metric asked for more than its largest number of replicas.
    pub hpa_at_max: u64,
    /// Times a zone fell below its health threshold and left DNS.
    pub dns_failovers: u64,
    /// Times an ALB node cut the weight of an anomalous target.
    pub mitigations: u64,
}
