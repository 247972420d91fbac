//! Which nodes are unneeded, since when, and which of them may go now (nodes §1.1).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::packing::Packing;
use crate::id::KubeNodeId;
use crate::k8s::node::{NodeReady, PodRef};
use crate::scenario::cluster_autoscaler::ClusterAutoscaler;
use crate::world::World;

/// Parts per million.
const WHOLE: u32 = 1_000_000;

impl World<'_> {
    /// The nodes that could go, and notes since when they could: their pods have a place elsewhere, all at the same
    /// time.
    pub(super) fn plan_removals(&mut self) -> Vec<KubeNodeId> {
        let now = self.now;
        let rules = self.autoscaler_rules();
        let mut packing = Packing::of(self, false);
        self.place_those_in_between(&mut packing);
        let mut budget = self.disruptions_allowed().unwrap_or(usize::MAX);
        let (mut removable, mut unremovable) = (Vec::new(), Vec::new());
        for node in self.candidates() {
            let mut pods = self.pods_on(node);
            pods.retain(|pod| self.is_staying(*pod));
            let apps = pods.iter().filter(|pod| matches!(pod, PodRef::App(_))).count();
            pods.extend_from_slice(packing.moved_to(node));
            // A budget that allows nothing keeps the node; one that allows less than the node has slows the drain down.
            if (apps > 0 && budget == 0) || !packing.empty(self, node, &pods) {
                unremovable.push(node);
                continue;
            }
            budget = budget.saturating_sub(apps);
            removable.push(node);
        }
        let state = self.autoscaler();
        let before = core::mem::take(&mut state.unneeded);
        let since = |node: &KubeNodeId| (*node, before.get(node).copied().unwrap_or(now));
        state.unneeded = removable.iter().map(since).collect::<BTreeMap<_, _>>();
        let until = now + rules.unremovable_node_recheck_timeout;
        state.unremovable.retain(|_, until| *until > now);
        state.unremovable.extend(unremovable.iter().map(|node| (*node, until)));
        removable
    }

    /// Pods that have no node, and pods of nodes that are being removed, need a place first.
    fn place_those_in_between(&self, packing: &mut Packing) {
        for pod in &self.unscheduled {
            if self.is_staying(*pod) {
                packing.place(self, *pod);
            }
        }
        for node in self.node_ids() {
            if self.node(node).taint.is_some() {
                for pod in self.pods_on(node) {
                    if self.is_staying(pod) {
                        packing.place(self, pod);
                    }
                }
            }
        }
    }

    /// Nodes that are used little enough to be looked at: empty ones first, then those that were unneeded before.
    fn candidates(&mut self) -> Vec<KubeNodeId> {
        let now = self.now;
        let rules = self.autoscaler_rules();
        let mut candidates: Vec<KubeNodeId> = self
            .node_ids()
            .filter(|node| {
                let object = self.node(*node);
                object.present
                    && object.is_shown_running()
                    && object.taint.is_none()
                    && self.is_little_used(*node, rules)
            })
            .collect();
        let unremovable = &self.autoscaler().unremovable;
        candidates.retain(|node| unremovable.get(node).is_none_or(|until| *until <= now));
        let state = self.cluster_autoscaler.as_ref().expect("a Cluster Autoscaler");
        candidates.sort_by_key(|node| (!self.has_nothing_to_evict(*node), !state.unneeded.contains_key(node)));
        candidates
    }

    fn is_little_used(&self, node: KubeNodeId, rules: &ClusterAutoscaler) -> bool {
        let object = self.node(node);
        let system = self.scenario.cluster.system_requests;
        let used = object
            .requested
            .plus(system)
            .utilization_of(object.instance.allocatable());
        let used = u32::try_from(used).expect("at most the whole");
        rules.scale_down_utilization_threshold.covers(used, WHOLE)
    }

    /// Whether no pod of the node has to be evicted; on a node without a kubelet those that were deleted stay for ever, and
    /// do not count.
    pub(super) fn has_nothing_to_evict(&self, node: KubeNodeId) -> bool {
        if self.node(node).ready == NodeReady::True {
            self.is_emptied(node)
        } else {
            !self.pods_on(node).iter().any(|pod| self.is_staying(*pod))
        }
    }

    /// Whether the node has been unneeded for long enough.
    pub(super) fn is_due(&self, node: KubeNodeId) -> bool {
        let state = self.cluster_autoscaler.as_ref().expect("a Cluster Autoscaler");
        let needed_for = if self.node(node).ready == NodeReady::True {
            state.rules.scale_down_unneeded_time
        } else {
            state.rules.scale_down_unready_time
        };
        state.unneeded[&node] + needed_for < self.now
    }
}
