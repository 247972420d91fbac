//! Pods: from creation to the object's removal, with what new connections and the `EndpointSlice` see meanwhile.

#![expect(clippy::match_same_arms, reason = "one arm for each kind of transition")]

use alloc::format;
use alloc::vec::Vec;

use super::containers::{Containers, Stop};
use super::node::Nodes;
use super::rule::{Rule, Subject};
use super::{Log, Unfinished};
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Fact, NodeChange, ServerState, ShutDownBy};

/// What the trace has said of one pod.
#[derive(Debug)]
struct PodLife {
    scheduled: bool,
    ready: bool,
    server: ServerState,
    /// The last endpoint written: whether it was present, and terminating.
    endpoint: Option<(bool, bool)>,
    /// Instant and grace period of the deletion.
    deletion: Option<(u64, u64)>,
    killed_at: Option<u64>,
    /// Grace period with which its node takes it down on its own, seconds.
    shut_down: Option<u64>,
    by_os: bool,
    node: Option<u32>,
    containers: Containers,
    sandbox_removed: bool,
    address_reused: bool,
    deleted: bool,
}

impl PodLife {
    /// Whether this fact comes too late. With a grace period of zero the kubelet works on after the object is gone
    /// (kubernetes §1.1.6); the server's last change belongs to the removal of the sandbox.
    fn is_gone_for(&self, fact: &Fact) -> bool {
        let of_kubelet = !matches!(
            fact,
            Fact::PodReady { .. }
                | Fact::PodScheduled { .. }
                | Fact::DeletionCommitted { .. }
                | Fact::PodDeleted { .. }
        );
        let last_change = matches!(
            fact,
            Fact::ServerChanged {
                state: ServerState::Removed,
                ..
            }
        ) && self.server != ServerState::Removed;
        // Its address lives on.
        let address = matches!(
            fact,
            Fact::AddressReused { .. }
                | Fact::ServerChanged {
                    state: ServerState::Reused,
                    ..
                }
        );
        let last_words = last_change || address;
        let outlives = self.deletion.is_some_and(|(_, grace_s)| grace_s == 0) && !self.sandbox_removed;
        let known_of = outlives && of_kubelet;
        self.deleted && !last_words && !known_of
    }

    /// Why its containers may be told to stop, if they may.
    fn stop(&self, scenario: &Scenario) -> Option<Stop> {
        let own = scenario.pod.termination_grace_period.whole_secs();
        // kubernetes §1.2.8: the smaller one, at least 1 s.
        let asked = self.deletion.map_or(own, |(_, grace_s)| grace_s.min(own)).max(1);
        let grace_s = self.shut_down.unwrap_or(asked);
        let probed = scenario.pod.liveness_probe.is_some() || scenario.pod.startup_probe.is_some();
        (self.killed_at.is_some() || probed).then_some(Stop {
            killed_at: self.killed_at,
            grace_s,
            by_os: self.by_os,
        })
    }
}

/// All pods of a trace.
#[derive(Debug, Default)]
pub(super) struct Lifecycles {
    pods: Vec<PodLife>,
    /// Whether a disruption has begun: until then pods may appear as they were before the run.
    disrupted: bool,
    nodes: Nodes,
    /// Deletions that are over, and how long they took together.
    pub(super) terminated_count: u64,
    pub(super) terminated_ns: u64,
    pub(super) deletions_count: u64,
}

impl Lifecycles {
    pub(super) fn unfinished(&self, now: u64) -> Vec<Unfinished> {
        (0u32..)
            .zip(&self.pods)
            .filter(|(_, life)| !life.deleted)
            .filter_map(|(pod, life)| {
                let deleted_at = SimTime::from_ns(life.deletion?.0);
                Some(Unfinished {
                    pod,
                    deleted_at,
                    waiting: SimTime::from_ns(now).saturating_since(deleted_at),
                })
            })
            .collect()
    }

    pub(super) fn check(&mut self, fact: &Fact, scenario: &Scenario, log: &mut Log) {
        if let Fact::DisruptionStarted { .. } = fact {
            self.disrupted = true;
        }
        self.nodes.check(fact, log);
        self.check_removal(fact, log);
        let pod = match fact {
            Fact::PodCreated { pod }
            | Fact::PodScheduled { pod, .. }
            | Fact::ContainersStarted { pod }
            | Fact::PodReady { pod, .. }
            | Fact::DeletionCommitted { pod, .. }
            | Fact::KillStarted { pod }
            | Fact::PodShutDown { pod, .. }
            | Fact::PreStopStarted { pod, .. }
            | Fact::PreStopEnded { pod, .. }
            | Fact::SigtermSent { pod, .. }
            | Fact::SigkillSent { pod, .. }
            | Fact::ContainerExited { pod, .. }
            | Fact::SandboxRemoved { pod, .. }
            | Fact::PodDeleted { pod }
            | Fact::AddressReused { pod, .. }
            | Fact::ServerChanged { pod, .. }
            | Fact::EndpointWritten { pod, .. } => *pod,
            _ => return,
        };
        let subject = || Subject::Pod(pod);
        if let Fact::PodCreated { .. } = fact {
            let expected = self.pods.len();
            log.check(pod as usize == expected, Rule::PodNumber, subject, || {
                format!("created, expected pod {expected}")
            });
            self.pods.push(PodLife {
                scheduled: false,
                ready: false,
                server: ServerState::Starting,
                endpoint: None,
                deletion: None,
                killed_at: None,
                shut_down: None,
                by_os: false,
                node: None,
                containers: Containers::new(scenario),
                sandbox_removed: false,
                address_reused: false,
                deleted: false,
            });
            return;
        }
        let Some(life) = self.pods.get_mut(pod as usize) else {
            log.broken(Rule::PodNumber, subject(), || format!("not created yet, but {fact:?}"));
            return;
        };
        if let Fact::EndpointWritten {
            present,
            ready,
            serving,
            terminating,
            ..
        } = fact
        {
            life.endpoint_written(pod, (*present, *ready, *serving, *terminating), scenario, log);
            return;
        }
        if life.is_gone_for(fact) {
            log.broken(Rule::PodGone, subject(), || format!("{fact:?}"));
            return;
        }
        let settled = !self.disrupted;
        if let Fact::PodDeleted { .. } = fact
            && let Some((deleted_at, _)) = life.deletion
        {
            self.terminated_count += 1;
            self.terminated_ns += log.now.saturating_sub(deleted_at);
        }
        if let Fact::DeletionCommitted { .. } = fact {
            self.deletions_count += 1;
        }
        if let Fact::PodScheduled { node, .. } = fact {
            log.check(
                self.nodes.takes_pods(*node),
                Rule::NodeTaken,
                || Subject::Node(*node),
                || format!("pod {pod} is scheduled onto it"),
            );
        }
        let node_lost = life.node.is_some_and(|node| self.nodes.is_lost(node));
        life.check(pod, fact, Around { settled, node_lost }, scenario, log);
    }
}

/// Nodes that an autoscaler removes.
impl Lifecycles {
    fn check_removal(&self, fact: &Fact, log: &mut Log) {
        let Fact::NodeChanged { node, change } = fact else {
            return;
        };
        let tainted = self.nodes.is_tainted(*node);
        let subject = || Subject::Node(*node);
        match change {
            NodeChange::EvictionsStarted => {
                log.check(tainted, Rule::NodeEvictions, subject, || "without a taint".into());
            }
            NodeChange::TerminationRequested => {
                // A pod that its node took down stays in the API as Failed; nobody waits for it.
                let failed = |life: &PodLife| life.sandbox_removed && life.deletion.is_none();
                let on_it = |life: &&PodLife| life.node == Some(*node) && !life.deleted && !failed(life);
                let left = self.pods.iter().filter(on_it).count();
                let gone = left == 0 || self.nodes.is_lost(*node);
                log.check(tainted && gone, Rule::NodeTermination, subject, || {
                    format!("tainted: {tainted}; pods still on it: {left}")
                });
            }
            _ => {}
        }
    }
}

/// What is the case around a pod.
#[derive(Debug, Clone, Copy)]
struct Around {
    /// No disruption has begun.
    settled: bool,
    /// The pod's node is off.
    node_lost: bool,
}

impl PodLife {
    fn check(&mut self, pod: u32, fact: &Fact, around: Around, scenario: &Scenario, log: &mut Log) {
        let now = log.now;
        let subject = || Subject::Pod(pod);
        match fact {
            Fact::PodScheduled { node, .. } => {
                let fine = !self.scheduled && !self.containers.are_running() && !around.node_lost;
                log.check(fine, Rule::PodStart, subject, || "scheduled again".into());
                self.scheduled = true;
                self.node = Some(*node);
            }
            Fact::ContainersStarted { .. } => {
                let fine = self.scheduled && !self.containers.are_running() && self.killed_at.is_none();
                log.check(fine, Rule::PodStart, subject, || {
                    format!("containers start; before that: {self:?}")
                });
                self.containers.start();
            }
            Fact::PodReady { ready, .. } => {
                let fine = *ready != self.ready && !(*ready && self.sandbox_removed);
                log.check(fine, Rule::PodReady, subject, || format!("ready is {ready}"));
                self.ready = *ready;
            }
            Fact::DeletionCommitted { grace_period_s, .. } => {
                let own = scenario.pod.termination_grace_period.whole_secs();
                // Whoever deletes it may ask for less.
                let fine = self.deletion.is_none() && *grace_period_s <= own;
                log.check(fine, Rule::DeletionCommitted, subject, || {
                    format!(
                        "grace period {grace_period_s} s, the template has {own} s; before: {:?}",
                        self.deletion
                    )
                });
                self.deletion = Some((now, *grace_period_s));
            }
            Fact::KillStarted { .. } => {
                let fine = self.deletion.is_some() && self.scheduled && self.killed_at.is_none();
                log.check(fine, Rule::KillStarted, subject, || format!("before: {self:?}"));
                self.killed_at = self.killed_at.or(Some(now));
            }
            Fact::PodShutDown { by, grace_period_s, .. } => {
                let own = scenario.pod.termination_grace_period.whole_secs().max(1);
                let by_os = *by == ShutDownBy::OsShutdown;
                let fine = self.scheduled && !self.sandbox_removed && (by_os || *grace_period_s <= own);
                log.check(fine, Rule::PodShutDown, subject, || {
                    format!("{fact:?}; before: {self:?}")
                });
                self.killed_at = Some(now);
                self.shut_down = Some(*grace_period_s);
                self.by_os |= by_os;
            }
            Fact::AddressReused { successor, .. } => {
                let fine = self.sandbox_removed && *successor != Some(pod);
                log.check(fine, Rule::AddressReused, subject, || {
                    format!("{fact:?}; before: {self:?}")
                });
                self.address_reused = true;
            }
            Fact::SandboxRemoved { .. } => {
                let fine = self.killed_at.is_some() && !self.sandbox_removed && self.containers.all_exited();
                log.check(fine, Rule::SandboxRemoved, subject, || format!("before: {self:?}"));
                self.sandbox_removed = true;
            }
            Fact::PodDeleted { .. } => {
                let at_once =
                    self.deletion.is_some_and(|(_, grace_s)| grace_s == 0) || !self.scheduled || around.node_lost;
                let fine = self.deletion.is_some() && (self.sandbox_removed || at_once);
                log.check(fine, Rule::PodDeleted, subject, || format!("before: {self:?}"));
                self.deleted = true;
            }
            Fact::ServerChanged { state, .. } => self.server_changed(pod, *state, around, scenario, log),
            _ => {
                let stop = self.stop(scenario);
                self.containers.check(pod, fact, stop, scenario, log);
            }
        }
    }

    fn server_changed(&mut self, pod: u32, to: ServerState, around: Around, scenario: &Scenario, log: &mut Log) {
        use ServerState::{
            DrainingClosed, DrainingOpen, DrainingUnaccepted, Exited, Removed, Restarting, Reused, Serving, Starting,
            Unreachable,
        };
        let from = self.server;
        if around.settled && to == Serving && !self.containers.are_running() {
            // It was there before the run.
            self.containers.start();
        }
        let fine = match (from, to) {
            (_, Unreachable) => around.node_lost && from != Unreachable,
            (Starting, Serving) => self.containers.are_running(),
            (Starting | Serving | DrainingOpen | DrainingUnaccepted | DrainingClosed | Restarting, Exited) => true,
            (Serving | Restarting, DrainingOpen | DrainingUnaccepted | DrainingClosed) => {
                self.containers.app_has_sigterm()
            }
            (Serving, Restarting) => scenario.pod.pre_stop.restarts_server_for.is_some(),
            (Restarting, Serving) => true,
            (Exited, Starting) => self.killed_at.is_none(),
            (Starting | Exited, Removed) => self.sandbox_removed,
            (Removed, Reused) => self.address_reused,
            (Reused, Removed) => true,
            _ => false,
        };
        log.check(
            fine,
            Rule::ServerTransition,
            || Subject::Pod(pod),
            || format!("{from:?} to {to:?}"),
        );
        if to == Starting {
            self.containers.restart_app();
        }
        self.server = to;
    }

    /// kubernetes §2.3: `terminating` follows the deletion, `ready` ends with it unless unready addresses are
    /// published, and the endpoint leaves when the pod is terminal or gone.
    fn endpoint_written(
        &mut self,
        pod: u32,
        (present, ready, serving, terminating): (bool, bool, bool, bool),
        scenario: &Scenario,
        log: &mut Log,
    ) {
        let published = scenario.service.publish_not_ready_addresses;
        let (was_present, was_terminating) = self.endpoint.unwrap_or((true, false));
        let fine = if present {
            was_present
                && (terminating || !was_terminating)
                && (!terminating || self.deletion.is_some())
                && ready == (published || (serving && !terminating))
        } else {
            self.sandbox_removed || self.deleted
        };
        log.check(
            fine,
            Rule::Endpoint,
            || Subject::Pod(pod),
            || {
                format!(
                    "present {present}, ready {ready}, serving {serving}, terminating {terminating}; before: present \
                 {was_present}, terminating {was_terminating}, deletion {:?}",
                    self.deletion.map(|(at, _)| SimDuration::from_ns(at))
                )
            },
        );
        self.endpoint = Some((present, terminating));
    }
}
