//! Targets that are nodes: which ones the controller wants, and what makes it look (lbc §1.2, §4).
//!
//! Pods and their endpoints play no part. A node is wanted if no label and no taint speaks against it and it is Ready;
//! a cordon is not looked at.

use alloc::vec::Vec;

use super::MAIN;
use crate::event::Event;
use crate::id::{KubeNodeId, TargetId};
use crate::k8s::node::{KubeNode, NodeReady};
use crate::outcome::Hop;
use crate::time::SimTime;
use crate::trace::NodeChange;
use crate::world::World;

/// What the controller looks at in a Node object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeenNode {
    /// It exists, without a label that excludes it and without an autoscaler's taint.
    suitable: bool,
    ready: NodeReady,
}

impl SeenNode {
    const UNKNOWN: Self = Self {
        suitable: false,
        ready: NodeReady::False,
    };

    const STEADY: Self = Self {
        suitable: true,
        ready: NodeReady::True,
    };

    fn of(node: &KubeNode) -> Self {
        Self {
            suitable: node.present && !node.excluded && node.taint.is_none(),
            ready: node.ready,
        }
    }

    fn is_ready(self) -> bool {
        self.suitable && self.ready == NodeReady::True
    }

    /// Whether it is a target where no node is Ready (`EndpointsFailOpen`).
    fn may_be_alive(self) -> bool {
        self.suitable && self.ready == NodeReady::Unknown
    }
}

/// Nodes as the controller sees them.
#[derive(Debug, Default)]
pub(crate) struct NodeTargets {
    nodes: Vec<NodeTarget>,
}

#[derive(Debug)]
struct NodeTarget {
    /// The last change on its way to the controller's cache, and when it arrives.
    sent: SeenNode,
    seen_at: SimTime,
    seen: SeenNode,
    registered: bool,
}

impl NodeTargets {
    pub(crate) fn add(&mut self) {
        self.nodes.push(NodeTarget {
            sent: SeenNode::UNKNOWN,
            seen_at: SimTime::ZERO,
            seen: SeenNode::UNKNOWN,
            registered: false,
        });
    }

    /// A node of the start of the run.
    fn register_steady(&mut self, node: KubeNodeId) {
        let target = &mut self.nodes[node.index()];
        target.sent = SeenNode::STEADY;
        target.seen = SeenNode::STEADY;
        target.registered = true;
    }

    pub(super) fn is_registered(&self, node: KubeNodeId) -> bool {
        self.nodes[node.index()].registered
    }

    pub(super) fn set_registered(&mut self, node: KubeNodeId, registered: bool) {
        self.nodes[node.index()].registered = registered;
    }

    fn fails_open(&self) -> bool {
        !self.nodes.iter().any(|target| target.seen.is_ready())
    }

    pub(super) fn is_wanted(&self, node: KubeNodeId) -> bool {
        let seen = self.nodes[node.index()].seen;
        seen.is_ready() || (self.fails_open() && seen.may_be_alive())
    }

    /// Nodes to deregister, and nodes to register.
    pub(super) fn changes(&self) -> (Vec<TargetId>, Vec<TargetId>) {
        let fails_open = self.fails_open();
        let (mut leaving, mut coming) = (Vec::new(), Vec::new());
        for (index, target) in self.nodes.iter().enumerate() {
            let wanted = target.seen.is_ready() || (fails_open && target.seen.may_be_alive());
            let node = TargetId::at(index);
            match (target.registered, wanted) {
                (true, false) => leaving.push(node),
                (false, true) => coming.push(node),
                (true, true) | (false, false) => {}
            }
        }
        (leaving, coming)
    }
}

impl World<'_> {
    /// A node of the start of the run has long been a target.
    pub(crate) fn register_steady_node(&mut self, node: KubeNodeId) {
        self.lbc.nodes.register_steady(node);
        self.lbc.binding_mut(MAIN).registered_count += 1;
    }

    /// A node changed: its kube-proxy and the controller take note, if nodes are targets.
    pub(crate) fn node_target_changed(&mut self, node: KubeNodeId, change: NodeChange) {
        if !self.has_node_targets() {
            return;
        }
        match change {
            NodeChange::Joined => self.forwarding_starts(node),
            NodeChange::Terminated => self.forwarding_stops(node),
            _ => {}
        }
        let seen = SeenNode::of(self.node(node));
        let target = &self.lbc.nodes.nodes[node.index()];
        let before = target.sent;
        if seen == before {
            return;
        }
        if before.is_ready() && !seen.is_ready() && target.registered {
            self.set_target_stage(node.into(), Hop::Controller);
        }
        let at = self.now + self.latencies.lbc_watch.draw();
        let target = &mut self.lbc.nodes.nodes[node.index()];
        target.sent = seen;
        // Watch events of one object arrive in order.
        target.seen_at = target.seen_at.max(at);
        let at = target.seen_at;
        self.schedule_at(at, Event::LbcSawNode { node, seen });
    }

    /// A change of a node reached the controller's cache: a reconcile at once (lbc §1.2).
    pub(crate) fn lbc_saw_node(&mut self, node: KubeNodeId, seen: SeenNode) {
        self.lbc.nodes.nodes[node.index()].seen = seen;
        self.enqueue_reconcile(MAIN);
    }

    /// Whether the security groups could not be brought up to date; with nodes as targets the reconcile ends there.
    pub(super) fn network_fails(&mut self) -> bool {
        let fails = self.latencies.network_failure.draw();
        // With pods it goes on, and comes back after a pause (lbc §1.4 step 5).
        self.lbc.binding_mut(MAIN).network_failed = fails && !self.has_node_targets();
        fails && self.has_node_targets()
    }
}
