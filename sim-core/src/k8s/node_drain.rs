//! `kubectl drain`: cordon, evict, wait, next node (kubernetes §5.1).

use alloc::collections::VecDeque;

use crate::event::Event;
use crate::id::{KubeNodeId, PodId};
use crate::scenario::disruption::NodeDrain;
use crate::time::SimDuration;
use crate::world::World;

/// One drain under way.
#[derive(Debug)]
pub(crate) struct DrainState {
    /// Summary entry that its evictions are charged to.
    disruption: u32,
    /// Nodes still to drain; the first one is being drained.
    nodes: VecDeque<KubeNodeId>,
    retry: SimDuration,
    poll: SimDuration,
}

impl World<'_> {
    pub(crate) fn node_drain(&mut self, rules: &NodeDrain) {
        let disruption = self.begin_disruption("node_drain");
        let nodes = (0..self.nodes.len())
            .map(KubeNodeId::at)
            .filter(|node| !self.nodes[node.index()].cordoned)
            .take(rules.nodes as usize)
            .collect();
        let drain = u32::try_from(self.drains.len()).expect("few drains");
        self.drains.push(DrainState {
            disruption,
            nodes,
            retry: rules.retry,
            poll: rules.poll,
        });
        self.begin_node(drain);
    }

    /// Cordons the drain's next node and evicts all its pods at once.
    fn begin_node(&mut self, drain: u32) {
        let Some(node) = self.drains[drain as usize].nodes.front().copied() else {
            return;
        };
        self.nodes[node.index()].cordoned = true;
        self.node_vacated(node);
        let cordoned = self.latencies.api_write.draw();
        for pod in (0..self.pods.len()).map(PodId::at) {
            if self.pod(pod).node == Some(node) && self.pod(pod).is_active() {
                self.schedule(cordoned, Event::EvictionTried { drain, pod });
            }
        }
        let poll = self.drains[drain as usize].poll;
        self.schedule(cordoned + poll, Event::DrainPolled { drain });
    }

    pub(crate) fn eviction_tried(&mut self, drain: u32, pod: PodId) {
        if !self.pod(pod).is_active() {
            return;
        }
        if !self.budget_allows(pod) {
            self.traffic.summary.observations.evictions_refused += 1;
            let retry = self.drains[drain as usize].retry;
            self.schedule(retry, Event::EvictionTried { drain, pod });
            return;
        }
        let cause = self.drains[drain as usize].disruption;
        let object = self.pod_mut(pod);
        object.deletion_requested = true;
        object.deletion_cause = Some(cause);
        // A condition in the pod's status first, then the DELETE (kubernetes §1.1.5).
        let after = self.latencies.api_write.draw() + self.latencies.api_write.draw();
        self.schedule(after, Event::DeleteCommitted { pod });
    }

    /// Whether the budget allows one more disruption (kubernetes §5.1.2–5.1.4).
    fn budget_allows(&self, victim: PodId) -> bool {
        let budget = &self.scenario.pod_disruption_budget;
        let replicas = self.deployment.replicas;
        let desired = match (budget.min_available, budget.max_unavailable) {
            (Some(min_available), _) => min_available.round_up(replicas),
            (None, Some(max_unavailable)) => replicas.saturating_sub(max_unavailable.round_up(replicas)),
            (None, None) => return true,
        };
        if !self.pod(victim).view.has_ip {
            // Pending pods skip the check.
            return true;
        }
        let healthy = self.pods.iter().filter(|pod| pod.is_active() && pod.view.ready).count();
        if self.pod(victim).view.ready {
            healthy > desired as usize
        } else {
            // IfHealthyBudget: a pod that is not Ready may go while the others are enough.
            desired > 0 && healthy >= desired as usize
        }
    }

    pub(crate) fn drain_polled(&mut self, drain: u32) {
        let Some(node) = self.drains[drain as usize].nodes.front().copied() else {
            return;
        };
        if self.nodes[node.index()].pods == 0 {
            self.drains[drain as usize].nodes.pop_front();
            self.begin_node(drain);
        } else {
            let poll = self.drains[drain as usize].poll;
            self.schedule(poll, Event::DrainPolled { drain });
        }
    }
}
