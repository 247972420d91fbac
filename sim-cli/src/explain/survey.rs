//! First reading of a trace: what failed, by cause, and which request stands for each.
//!
//! The request that stands for a cause is the median one in time since its anchor (for most: since its pod's
//! deletion), the lower one of two middles, the one with the lowest number where equal. So it met the race neither in
//! its first instant nor in its last. Requests with an anchor of their pod come before those without.

use std::collections::BTreeMap;

use sim_core::outcome::{Cause, Hop};
use sim_core::trace::{Fact, NodeTargetState, RequestRecord, ServerState, TraceRecord};

use super::document::{Anchor, AnchorKind};

/// What the first reading found.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Name of the scenario.
    pub(crate) scenario: String,
    /// Seed of the run.
    pub(crate) seed: u64,
    /// Replication index.
    pub(crate) replication: u32,
    /// Requests counted after the warm-up.
    pub(crate) requests_count: u64,
    /// Requests issued before this instant are left out.
    warm_up_ns: u64,
    /// The request asked for, if any.
    wanted: Option<u64>,
    /// Its record, whether it failed or not.
    pub(crate) found: Option<RequestRecord>,
    counts: BTreeMap<Cause, BTreeMap<Hop, u64>>,
    failures: BTreeMap<Cause, Vec<Failure>>,
    pods: BTreeMap<u32, PodTimes>,
    by_kube_proxy: bool,
}

/// A failed request, as much as the choice needs.
#[derive(Debug, Clone, Copy)]
struct Failure {
    request: u64,
    issued_ns: u64,
    finished_ns: u64,
    alb_node: u32,
    target: Option<u32>,
    pod: Option<u32>,
    hop: Hop,
}

/// Instants of a pod.
#[derive(Debug, Default)]
struct PodTimes {
    node: Option<u32>,
    created: Option<u64>,
    deleted: Option<u64>,
    shut_down: Option<u64>,
    /// When the server left `Serving`.
    stopped: Vec<u64>,
    serves: bool,
    /// When the last ALB node stopped choosing the target of this number: a pod, unless targets are nodes.
    removed: Option<u64>,
    /// When the last kube-proxy stopped choosing it, where targets are nodes.
    unproxied: Option<u64>,
}

/// A request that stands for its cause.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    /// The cause.
    pub(crate) cause: Cause,
    /// The request's number.
    pub(crate) request: u64,
    /// Why this one.
    pub(crate) chosen_as: String,
    /// What offsets count from.
    pub(crate) anchor: Anchor,
    /// ALB node that took it.
    pub(crate) alb_node: u32,
    /// Its target.
    pub(crate) target: Option<u32>,
    /// The pod it met.
    pub(crate) pod: Option<u32>,
    /// The Kubernetes node of the pod, or the node that is the target.
    pub(crate) node: Option<u32>,
    /// Whether targets are nodes.
    pub(crate) by_kube_proxy: bool,
}

impl Survey {
    /// Of requests issued from `warm_up_ns` on, with an eye on the one asked for.
    pub(crate) fn new(warm_up_ns: u64, wanted: Option<u64>) -> Self {
        Self {
            warm_up_ns,
            wanted,
            ..Self::default()
        }
    }

    /// Takes the next record.
    pub(crate) fn record(&mut self, record: &TraceRecord) {
        let at = record.at_ns;
        match &record.fact {
            Fact::RunStarted {
                scenario,
                seed,
                replication,
                ..
            } => {
                self.scenario.clone_from(scenario);
                self.seed = *seed;
                self.replication = *replication;
            }
            Fact::RunEnded { requests_count } => self.requests_count = *requests_count,
            Fact::PodCreated { pod } => self.pod(*pod).created = Some(at),
            Fact::PodScheduled { pod, node } => self.pod(*pod).node = Some(*node),
            Fact::DeletionCommitted { pod, .. } => {
                self.pod(*pod).deleted.get_or_insert(at);
            }
            Fact::PodShutDown { pod, .. } => {
                self.pod(*pod).shut_down.get_or_insert(at);
            }
            Fact::ServerChanged { pod, state } => {
                let pod = self.pod(*pod);
                let serves = *state == ServerState::Serving;
                if pod.serves && !serves {
                    pod.stopped.push(at);
                }
                pod.serves = serves;
            }
            Fact::NodeTarget {
                target,
                state: NodeTargetState::Unknown,
                ..
            } => self.pod(*target).removed = Some(at),
            Fact::ProxiesUpdated { pods } => {
                self.by_kube_proxy = true;
                for pod in pods {
                    let pod = self.pod(*pod);
                    if pod.deleted.is_some_and(|deleted| deleted <= at) {
                        pod.unproxied.get_or_insert(at);
                    }
                }
            }
            Fact::Request(request) => self.request(request),
            _ => {}
        }
    }

    fn pod(&mut self, pod: u32) -> &mut PodTimes {
        self.pods.entry(pod).or_default()
    }

    fn request(&mut self, request: &RequestRecord) {
        self.by_kube_proxy |= request.pod.is_some();
        if self.wanted == Some(request.request) {
            self.found = Some(request.clone());
        }
        let Some(cause) = request.cause else { return };
        self.by_kube_proxy |= matches!(cause, Cause::NoEndpointDropped | Cause::NoEndpointRejected);
        if request.issued_ns < self.warm_up_ns {
            return;
        }
        let hop = request.hop.unwrap_or(Hop::None);
        *self.counts.entry(cause).or_default().entry(hop).or_default() += 1;
        self.failures.entry(cause).or_default().push(Failure {
            request: request.request,
            issued_ns: request.issued_ns,
            finished_ns: request.finished_ns,
            alb_node: request.alb_node,
            target: request.target,
            pod: request.pod,
            hop,
        });
    }

    /// Failed requests.
    pub(crate) fn failures_count(&self) -> u64 {
        self.counts.values().flat_map(BTreeMap::values).sum()
    }

    /// Causes that occurred with their counts, most frequent first, in the order of declaration where equal.
    pub(crate) fn causes(&self) -> Vec<(Cause, u64)> {
        let mut causes: Vec<(Cause, u64)> = self
            .counts
            .iter()
            .map(|(cause, hops)| (*cause, hops.values().sum()))
            .collect();
        causes.sort_by_key(|(cause, count)| (std::cmp::Reverse(*count), *cause));
        causes
    }

    /// One cause's requests by hop.
    pub(crate) fn hop_counts(&self, cause: Cause) -> BTreeMap<Hop, u64> {
        self.counts.get(&cause).cloned().unwrap_or_default()
    }

    /// The longest time from a deletion to the removal by the last ALB node or kube-proxy.
    pub(crate) fn longest_removal_ns(&self) -> Option<u64> {
        let removal = |pod: &PodTimes| {
            let removed = if self.by_kube_proxy { pod.unproxied } else { pod.removed };
            removed?.checked_sub(pod.deleted?)
        };
        self.pods.values().filter_map(removal).max()
    }

    /// The request that stands for a cause that occurred.
    pub(crate) fn choose(&self, cause: Cause) -> Choice {
        let failures = &self.failures[&cause];
        let mut anchored: Vec<(u64, u64, usize)> = Vec::with_capacity(failures.len());
        let mut bare: Vec<(u64, u64, usize)> = Vec::new();
        for (index, failure) in failures.iter().enumerate() {
            let anchor = self.anchor(cause, failure);
            if anchor.kind == AnchorKind::RequestIssued {
                bare.push((failure.issued_ns, failure.request, index));
            } else {
                // A request issued before its anchor is at no distance from it.
                let since = failure.issued_ns.saturating_sub(anchor.at_ns);
                anchored.push((since, failure.request, index));
            }
        }
        let (mut pool, of) = if anchored.is_empty() {
            (bare, "in time of issue")
        } else {
            (anchored, "in time since the anchor")
        };
        pool.sort_unstable();
        let (_, _, index) = pool[(pool.len() - 1) / 2];
        let chosen_as = match failures.len() {
            1 => String::from("the only one"),
            _ => format!("the median one {of}"),
        };
        self.choice(cause, &failures[index], &chosen_as)
    }

    /// The request asked for, which failed with that cause.
    pub(crate) fn choose_wanted(&self, cause: Cause) -> Option<Choice> {
        let wanted = self.wanted?;
        let failure = self.failures.get(&cause)?.iter().find(|one| one.request == wanted)?;
        Some(self.choice(cause, failure, "the one asked for"))
    }

    fn choice(&self, cause: Cause, failure: &Failure, chosen_as: &str) -> Choice {
        let pod = self.pod_of(failure);
        let node = if self.by_kube_proxy {
            failure.target
        } else {
            pod.and_then(|pod| self.pods.get(&pod)?.node)
        };
        let anchor = self.anchor(cause, failure);
        let chosen_as = chosen_as.replace("the anchor", anchor.kind.label());
        Choice {
            cause,
            request: failure.request,
            chosen_as,
            anchor,
            alb_node: failure.alb_node,
            target: failure.target,
            pod,
            node,
            by_kube_proxy: self.by_kube_proxy,
        }
    }

    fn pod_of(&self, failure: &Failure) -> Option<u32> {
        if self.by_kube_proxy {
            failure.pod
        } else {
            failure.target
        }
    }

    fn anchor(&self, cause: Cause, failure: &Failure) -> Anchor {
        let issued = Anchor {
            kind: AnchorKind::RequestIssued,
            at_ns: failure.issued_ns,
        };
        let Some(pod) = self.pod_of(failure).and_then(|pod| self.pods.get(&pod)) else {
            return issued;
        };
        let not_yet =
            failure.hop == Hop::Registration || matches!(cause, Cause::RefusedNotListening | Cause::FailOpenNotReady);
        let by_end = |at: &u64| *at <= failure.finished_ns;
        let candidates = [
            (AnchorKind::PodCreated, pod.created.filter(|_| not_yet)),
            (AnchorKind::PodDeleted, pod.deleted),
            (AnchorKind::PodShutDown, pod.shut_down),
            (
                AnchorKind::ServerStopped,
                pod.stopped.iter().rfind(|at| by_end(at)).copied(),
            ),
        ];
        candidates
            .into_iter()
            .find_map(|(kind, at)| {
                Some(Anchor {
                    kind,
                    at_ns: at.filter(by_end)?,
                })
            })
            .unwrap_or(issued)
    }
}
