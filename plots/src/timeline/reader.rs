//! One pod's lane out of a trace.

use std::collections::BTreeMap;

use sim_core::outcome::Status;
use sim_core::stats;
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::{Call, Fact, NodeTargetState, RequestRecord, ServerState, TraceRecord};

use super::{Chooser, Failure, Lane, Reach, Span, Step};

/// Container of the application in traces.
const APP: &str = "app";

/// How a pod's end began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    pub(super) pod: u32,
    pub(super) at_ns: u64,
    pub(super) is_deleted: bool,
}

/// Collects what a trace says about one pod.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pod: u32,
    deleted_ns: u64,
    is_deleted: bool,
    records: &'a [TraceRecord],
    /// Whether targets are nodes, behind which kube-proxy chooses the pod.
    by_proxy: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(end: &Ended, records: &'a [TraceRecord]) -> Self {
        let by_proxy = records.iter().any(|record| match &record.fact {
            Fact::ProxiesUpdated { .. } => true,
            Fact::Request(request) => request.pod.is_some(),
            _ => false,
        });
        Self {
            pod: end.pod,
            deleted_ns: end.at_ns,
            is_deleted: end.is_deleted,
            records,
            by_proxy,
        }
    }

    /// Seconds since the deletion.
    fn since(&self, at_ns: u64) -> f64 {
        stats::seconds_at(SimTime::from_ns(at_ns)) - stats::seconds(SimDuration::from_ns(self.deleted_ns))
    }

    fn end(&self) -> f64 {
        self.since(self.records.last().map_or(self.deleted_ns, |record| record.at_ns))
    }

    pub(super) fn lane(&self) -> Lane {
        Lane {
            name: format!("pod {}", self.pod),
            deleted_s: stats::seconds_at(SimTime::from_ns(self.deleted_ns)),
            is_deleted: self.is_deleted,
            states: self.states(),
            choosers: if self.by_proxy {
                self.proxies()
            } else {
                self.alb_nodes()
            },
            failures: self.failures(),
            steps: self.steps(),
        }
    }

    fn states(&self) -> Vec<(Span, Reach)> {
        let mut changes: Vec<(f64, Reach)> = Vec::new();
        // Whether the network's end is silent is said by a record of its own.
        let silent = self.records.iter().rev().find_map(|record| match record.fact {
            Fact::SandboxRemoved { pod, silent } if pod == self.pod => Some(silent),
            _ => None,
        });
        for record in self.records {
            let reach = match &record.fact {
                Fact::ServerChanged { pod, state } if *pod == self.pod => reach(*state, silent.unwrap_or(true)),
                Fact::AddressReused { pod, .. } if *pod == self.pod => Reach::Reused,
                _ => continue,
            };
            if changes.last().is_none_or(|(_, last)| *last != reach) {
                changes.push((self.since(record.at_ns), reach));
            }
        }
        let ends: Vec<f64> = changes.iter().skip(1).map(|(at, _)| *at).chain([self.end()]).collect();
        let span = |((from_s, reach), to_s): ((f64, Reach), f64)| {
            (
                Span {
                    from_s,
                    to_s: to_s.max(from_s),
                },
                reach,
            )
        };
        changes.into_iter().zip(ends).map(span).collect()
    }

    fn alb_nodes(&self) -> Vec<Chooser> {
        let mut nodes: BTreeMap<u32, (Vec<Span>, Option<f64>)> = BTreeMap::new();
        for record in self.records {
            let at = self.since(record.at_ns);
            match &record.fact {
                Fact::NodeTarget {
                    alb_node,
                    target,
                    state,
                } if *target == self.pod => {
                    let (spans, since) = nodes.entry(*alb_node).or_default();
                    if *state == NodeTargetState::Healthy {
                        since.get_or_insert(at);
                    } else if let Some(from_s) = since.take() {
                        spans.push(Span { from_s, to_s: at });
                    }
                }
                Fact::AlbNodeDied { alb_node } => {
                    if let Some((spans, since)) = nodes.get_mut(alb_node)
                        && let Some(from_s) = since.take()
                    {
                        spans.push(Span { from_s, to_s: at });
                    }
                }
                _ => {}
            }
        }
        let end = self.end();
        let chooser = |(node, (mut chooses, since)): (u32, (Vec<Span>, Option<f64>))| {
            chooses.extend(since.map(|from_s| Span { from_s, to_s: end }));
            let name = format!("ALB node {node}");
            Chooser { name, chooses }
        };
        nodes.into_iter().map(chooser).collect()
    }

    /// Where targets are nodes: until the last kube-proxy knew better.
    fn proxies(&self) -> Vec<Chooser> {
        let updates = |record: &&TraceRecord| match &record.fact {
            Fact::ProxiesUpdated { pods } => pods.contains(&self.pod),
            _ => false,
        };
        let times = self
            .records
            .iter()
            .filter(updates)
            .map(|record| self.since(record.at_ns));
        let first = times.clone().find(|at| *at < 0.0).unwrap_or_else(|| self.since(0));
        let last = times.rev().find(|at| *at >= 0.0).unwrap_or_else(|| self.end());
        let name = "last kube-proxy".to_owned();
        let chooses = vec![Span {
            from_s: first,
            to_s: last.max(first),
        }];
        vec![Chooser { name, chooses }]
    }

    fn failures(&self) -> Vec<Failure> {
        let of_pod = |request: &RequestRecord| {
            let pod = if self.by_proxy { request.pod } else { request.target };
            pod == Some(self.pod)
        };
        let failure = |request: &RequestRecord| {
            let status = request.cause?.status();
            let is_told = status != Status::Ok && status != Status::TargetError && status != Status::ClientClosed;
            let at_s = self.since(request.issued_ns);
            is_told.then_some(Failure { at_s, status })
        };
        self.records
            .iter()
            .filter_map(|record| match &record.fact {
                Fact::Request(request) if of_pod(request) => failure(request),
                _ => None,
            })
            .collect()
    }

    fn steps(&self) -> Vec<(f64, Step)> {
        let step = |record: &TraceRecord| match &record.fact {
            Fact::SigtermSent { pod, container } if *pod == self.pod && container == APP => Some(Step::Sigterm),
            Fact::SigkillSent { pod, container } if *pod == self.pod && container == APP => Some(Step::Sigkill),
            Fact::CallAccepted {
                call: Call::DeregisterTargets,
                targets,
            } if !self.by_proxy && targets.contains(&self.pod) => Some(Step::Deregistered),
            _ => None,
        };
        let at = |record: &TraceRecord| Some((self.since(record.at_ns), step(record)?));
        self.records.iter().filter_map(at).collect()
    }
}

/// What a server's state means to a new connection.
fn reach(state: ServerState, silent: bool) -> Reach {
    match state {
        ServerState::Serving | ServerState::DrainingOpen => Reach::Serving,
        ServerState::Removed if silent => Reach::Silent,
        ServerState::Starting
        | ServerState::DrainingUnaccepted
        | ServerState::DrainingClosed
        | ServerState::Restarting
        | ServerState::Exited
        | ServerState::Removed => Reach::Refusing,
        ServerState::Reused => Reach::Reused,
        ServerState::Unreachable => Reach::Silent,
    }
}
