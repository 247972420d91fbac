//! The termination controller: taint and label, drain, terminate, release the Node object (nodes §2.4).
//!
//! Upstream drains four tiers one after another: pods, `DaemonSet` pods, critical pods, critical `DaemonSet` pods. Here
//! every pod that is modelled belongs to the first one.

use super::{ClaimState, KarpenterStep};
use crate::backoff;
use crate::id::KubeNodeId;
use crate::k8s::node::{Machine, NodeReady, PodRef};
use crate::time::{SimDuration, SimTime};
use crate::world::World;

impl World<'_> {
    pub(super) fn claim_drain_begins(&mut self, node: KubeNodeId) {
        if self.node(node).machine == Machine::Pending {
            // It has not joined: there is nothing to drain.
            self.karpenter.claim(node).state = ClaimState::Terminating;
            self.terminate_instance(node);
            return;
        }
        if self.node(node).present {
            self.mark(node);
            self.exclude_from_load_balancers(node);
        }
        // Pods that have to leave count as pods without a node from now on.
        self.extend_batch();
        self.claim_drain_polled(node);
    }

    pub(super) fn claim_drain_polled(&mut self, node: KubeNodeId) {
        let ClaimState::Draining { cause, deadline, since } = self.karpenter.state(node) else {
            return;
        };
        let object = self.node(node);
        if !object.present {
            // Another controller has deleted the object of a lost instance.
            self.node_released(node);
            return;
        }
        if object.machine == Machine::Terminated && object.ready != NodeReady::True {
            self.release_node(node);
            return;
        }
        self.evict_pods(node, cause, deadline);
        let min_drain = if self.karpenter.is_v1() {
            self.karpenter.rules.min_drain
        } else {
            SimDuration::ZERO
        };
        let drained = self.now >= since + min_drain && !self.is_waited_for(node);
        if drained || self.now >= deadline {
            self.karpenter.claim(node).state = ClaimState::Terminating;
            let batched = self.karpenter.terminate_batch.draw();
            self.after(batched, KarpenterStep::InstanceTerminates { node });
        } else {
            let poll = self.karpenter.rules.drain_poll;
            self.after(poll, KarpenterStep::DrainPolled { node });
        }
    }

    /// Queues the eviction of every pod that is not queued yet, and deletes those for which the deadline leaves no
    /// more than their own grace period.
    fn evict_pods(&mut self, node: KubeNodeId, cause: u32, deadline: SimTime) {
        for pod in self.pods_on(node) {
            if !self.is_staying(pod) {
                continue;
            }
            let left = deadline.saturating_since(self.now);
            if deadline < SimTime::MAX && left <= self.grace_of(pod) {
                self.delete_pod(pod, Some(cause), Some(left.whole_secs().max(1)));
            } else if !self.karpenter.claim(node).queued.contains(&pod) {
                self.karpenter.claim(node).queued.push(pod);
                let sent = self.karpenter.evictions.reserve(self.now, 1);
                let wait = sent - self.now;
                self.after(wait, KarpenterStep::EvictionTried { node, pod, refusals: 0 });
            }
        }
    }

    pub(super) fn claim_eviction_tried(&mut self, node: KubeNodeId, pod: PodRef, refusals: u32) {
        let ClaimState::Draining { cause, .. } = self.karpenter.state(node) else {
            return;
        };
        if !self.evict(pod, cause, None) {
            let rules = &self.karpenter.rules;
            let pause = backoff::exponential(rules.eviction_backoff, refusals, rules.eviction_backoff_max);
            let sent = self.karpenter.evictions.reserve(self.now + pause, 1);
            let refusals = refusals + 1;
            let wait = sent - self.now;
            self.after(wait, KarpenterStep::EvictionTried { node, pod, refusals });
        }
    }

    /// Whether some pod keeps the drain from ending: not one in a terminal phase, not one that is stuck.
    fn is_waited_for(&self, node: KubeNodeId) -> bool {
        self.pods_on(node).into_iter().any(|pod| match pod {
            PodRef::App(id) => {
                let object = self.pod(id);
                let is_stuck = object.deletion.is_some_and(|deletion| {
                    let due = deletion.at + SimDuration::from_secs(deletion.grace_s);
                    self.now > due + self.karpenter.rules.stuck_after
                });
                !object.view.terminal && !is_stuck
            }
            PodRef::Other(_) => true,
        })
    }

    pub(super) fn claim_instance_terminates(&mut self, node: KubeNodeId) {
        self.terminate_instance(node);
        self.claim_instance_polled(node);
    }

    pub(super) fn claim_instance_polled(&mut self, node: KubeNodeId) {
        if self.node(node).machine == Machine::Terminated {
            self.release_node(node);
        } else {
            let poll = self.karpenter.rules.instance_poll;
            self.after(poll, KarpenterStep::InstancePolled { node });
        }
    }

    fn release_node(&mut self, node: KubeNodeId) {
        self.karpenter.claim(node).state = ClaimState::Terminating;
        let written = self.latencies.api_write.draw();
        self.after(written, KarpenterStep::NodeReleased { node });
    }

    pub(super) fn node_released(&mut self, node: KubeNodeId) {
        self.karpenter.claim(node).state = ClaimState::Gone;
        self.node_object_deleted(node);
        self.look_again_when_gone();
    }
}
