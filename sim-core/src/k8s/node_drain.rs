//! `kubectl drain` and those who drain as it does: cordon, evict, wait, next node (kubernetes §5.1, nodes §3.1, §3.3).

use alloc::collections::VecDeque;

use crate::event::Event;
use crate::id::KubeNodeId;
use crate::k8s::node::PodRef;
use crate::scenario::disruption::NodeDrain;
use crate::time::{SimDuration, SimTime};
use crate::world::World;

/// Poll for "all pods of the node are gone" of everybody who uses kubectl's drain (nodes §3.1).
const POLL: SimDuration = SimDuration::from_secs(1);

/// How a drain goes about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrainRules {
    /// Pause before a refused eviction is tried again.
    pub(crate) retry: SimDuration,
    /// Pause between two looks at the node.
    pub(crate) poll: SimDuration,
    /// After which a node's drain is given up.
    pub(crate) timeout: Option<SimDuration>,
    /// Whether pods are evicted, so that budgets may refuse, or deleted.
    pub(crate) asks_budget: bool,
}

impl DrainRules {
    /// Those of kubectl's library, with a time limit.
    pub(crate) const fn within(timeout: SimDuration, retry: SimDuration) -> Self {
        Self {
            retry,
            poll: POLL,
            timeout: Some(timeout),
            asks_budget: true,
        }
    }
}

/// Who waits for the drain of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drainer {
    /// Nobody: `kubectl drain`.
    Nobody,
    /// Nobody; a client of the Node Termination Handler limits the evictions.
    TerminationHandler { client: u32 },
    /// A managed node group that will terminate the node.
    NodeGroup { change: u32 },
}

/// One drain under way.
#[derive(Debug)]
pub(crate) struct DrainState {
    /// Summary entry that its evictions are charged to.
    disruption: u32,
    /// Nodes still to drain; the first one is being drained.
    nodes: VecDeque<KubeNodeId>,
    rules: DrainRules,
    /// When the drain of the present node is given up.
    deadline: SimTime,
    drainer: Drainer,
}

impl World<'_> {
    pub(crate) fn node_drain(&mut self, rules: &NodeDrain) {
        let disruption = self.begin_disruption("node_drain");
        let nodes = self.nodes_to_hit(rules.nodes).into();
        let rules = DrainRules {
            retry: rules.retry,
            poll: rules.poll,
            timeout: None,
            asks_budget: true,
        };
        self.start_drain(disruption, nodes, rules, Drainer::Nobody);
    }

    /// Drains some nodes, one after another.
    pub(crate) fn start_drain(
        &mut self,
        disruption: u32,
        nodes: VecDeque<KubeNodeId>,
        rules: DrainRules,
        drainer: Drainer,
    ) {
        let drain = u32::try_from(self.drains.len()).expect("few drains");
        self.drains.push(DrainState {
            disruption,
            nodes,
            rules,
            deadline: SimTime::MAX,
            drainer,
        });
        self.begin_node(drain);
    }

    /// Cordons the drain's next node and evicts all its pods at once.
    fn begin_node(&mut self, drain: u32) {
        let Some(node) = self.next_present(drain) else { return };
        self.cordon(node);
        self.node_vacated(node);
        let now = self.now;
        let cordoned = self.latencies.api_write.draw();
        for pod in self.pods_on(node) {
            if self.is_staying(pod) {
                self.try_eviction(drain, pod, now + cordoned);
            }
        }
        let state = &mut self.drains[drain as usize];
        state.deadline = state.rules.timeout.map_or(SimTime::MAX, |timeout| now + timeout);
        let poll = state.rules.poll;
        self.schedule(cordoned + poll, Event::DrainPolled { drain });
    }

    /// The drain's next node, past those that are gone meanwhile.
    fn next_present(&mut self, drain: u32) -> Option<KubeNodeId> {
        loop {
            let node = self.drains[drain as usize].nodes.front().copied()?;
            if self.node(node).present {
                return Some(node);
            }
            self.node_drained(drain, node, true);
        }
    }

    fn node_drained(&mut self, drain: u32, node: KubeNodeId, is_emptied: bool) {
        let state = &mut self.drains[drain as usize];
        state.nodes.pop_front();
        match state.drainer {
            Drainer::Nobody | Drainer::TerminationHandler { .. } => {}
            Drainer::NodeGroup { change } => self.group_node_drained(change, node, is_emptied),
        }
    }

    /// Tries an eviction at an instant, or when the drainer's client lets it through.
    fn try_eviction(&mut self, drain: u32, pod: PodRef, at: SimTime) {
        let at = match self.drains[drain as usize].drainer {
            Drainer::TerminationHandler { client } => self.spot.reserve_client(client, self.now).max(at),
            Drainer::Nobody | Drainer::NodeGroup { .. } => at,
        };
        self.schedule_at(at, Event::EvictionTried { drain, pod });
    }

    pub(crate) fn eviction_tried(&mut self, drain: u32, pod: PodRef) {
        let DrainState {
            disruption,
            rules,
            deadline,
            ..
        } = self.drains[drain as usize];
        if self.now >= deadline {
            return;
        }
        if !rules.asks_budget {
            self.delete_pod(pod, Some(disruption), None);
        } else if !self.evict(pod, disruption, None) {
            self.try_eviction(drain, pod, self.now + rules.retry);
        }
    }

    pub(crate) fn drain_polled(&mut self, drain: u32) {
        let state = &self.drains[drain as usize];
        let Some(node) = state.nodes.front().copied() else {
            return;
        };
        let poll = state.rules.poll;
        let is_over = self.now >= state.deadline;
        let is_emptied = self.is_emptied(node);
        if !is_emptied && !is_over {
            self.schedule(poll, Event::DrainPolled { drain });
            return;
        }
        self.node_drained(drain, node, is_emptied);
        self.begin_node(drain);
    }
}
