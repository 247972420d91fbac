//! Kubernetes nodes and their instances: what may follow what.

use alloc::collections::BTreeMap;
use alloc::format;

use super::Log;
use super::rule::{Rule, Subject};
use crate::trace::{Fact, NodeChange};

/// What the trace has said of one node. A node of the start of the run is there without a word.
#[derive(Debug, Clone, Copy)]
struct NodeLife {
    /// Launched, and not yet joined.
    pending: bool,
    present: bool,
    interrupted: bool,
    shutting_down: bool,
    off: bool,
    cordoned: bool,
    tainted: bool,
}

impl NodeLife {
    const STEADY: Self = Self {
        pending: false,
        present: true,
        interrupted: false,
        shutting_down: false,
        off: false,
        cordoned: false,
        tainted: false,
    };
}

/// All nodes of a trace.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    nodes: BTreeMap<u32, NodeLife>,
}

impl Nodes {
    /// Whether the node's instance is off.
    pub(super) fn is_lost(&self, node: u32) -> bool {
        self.nodes.get(&node).is_some_and(|life| life.off)
    }

    /// Whether the scheduler may put a pod on the node.
    pub(super) fn takes_pods(&self, node: u32) -> bool {
        let life = self.nodes.get(&node).copied().unwrap_or(NodeLife::STEADY);
        life.present && !life.off && !life.cordoned && !life.tainted
    }

    /// Whether an autoscaler has announced that it will remove the node.
    pub(super) fn is_tainted(&self, node: u32) -> bool {
        self.nodes.get(&node).is_some_and(|life| life.tainted)
    }

    pub(super) fn check(&mut self, fact: &Fact, log: &mut Log) {
        let Fact::NodeChanged { node, change } = fact else {
            return;
        };
        let first = !self.nodes.contains_key(node);
        let life = self.nodes.entry(*node).or_insert(NodeLife::STEADY);
        let before = *life;
        let fine = match change {
            NodeChange::Launched => {
                life.pending = true;
                life.present = false;
                first
            }
            NodeChange::Joined => {
                life.pending = false;
                life.present = true;
                before.pending && !before.off
            }
            NodeChange::Cordoned => {
                life.cordoned = true;
                before.present
            }
            NodeChange::Tainted => {
                life.tainted = true;
                before.present
            }
            NodeChange::Kept => {
                life.cordoned = false;
                life.tainted = false;
                before.present
            }
            NodeChange::EvictionsStarted
            | NodeChange::TerminationRequested
            | NodeChange::Excluded
            | NodeChange::NotReady
            | NodeChange::Unknown => before.present,
            NodeChange::InterruptionNoticed => {
                life.interrupted = true;
                before.present && !before.off && !before.interrupted
            }
            NodeChange::Ready => before.present && !before.off,
            NodeChange::ShuttingDown => {
                life.shutting_down = true;
                !before.shutting_down && !before.off
            }
            NodeChange::Terminated => {
                life.off = true;
                !before.off
            }
            NodeChange::Deleted => {
                life.present = false;
                before.present
            }
        };
        log.check(
            fine,
            Rule::NodeChange,
            || Subject::Node(*node),
            || format!("{change:?}; before: {before:?}"),
        );
    }
}
