//! `kubectl drain`: cordon, evict, wait, next node (kubernetes §5.1).

use alloc::collections::VecDeque;

use crate::event::Event;
use crate::id::KubeNodeId;
use crate::k8s::node::PodRef;
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
        let nodes = self.nodes_to_hit(rules.nodes).into();
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
        if !self.node(node).present {
            // Somebody else took it away meanwhile.
            self.drains[drain as usize].nodes.pop_front();
            self.begin_node(drain);
            return;
        }
        self.cordon(node);
        self.node_vacated(node);
        let cordoned = self.latencies.api_write.draw();
        for pod in self.pods_on(node) {
            if self.is_staying(pod) {
                self.schedule(cordoned, Event::EvictionTried { drain, pod });
            }
        }
        let poll = self.drains[drain as usize].poll;
        self.schedule(cordoned + poll, Event::DrainPolled { drain });
    }

    pub(crate) fn eviction_tried(&mut self, drain: u32, pod: PodRef) {
        let DrainState { disruption, retry, .. } = self.drains[drain as usize];
        if !self.evict(pod, disruption, None) {
            self.schedule(retry, Event::EvictionTried { drain, pod });
        }
    }

    pub(crate) fn drain_polled(&mut self, drain: u32) {
        let Some(node) = self.drains[drain as usize].nodes.front().copied() else {
            return;
        };
        if self.is_emptied(node) {
            self.drains[drain as usize].nodes.pop_front();
            self.begin_node(drain);
        } else {
            let poll = self.drains[drain as usize].poll;
            self.schedule(poll, Event::DrainPolled { drain });
        }
    }
}
