//! A command under way: candidates marked, replacements awaited, claims deleted (nodes §2.3).

use alloc::vec::Vec;

use super::disruption::Action;
use super::{ClaimState, KarpenterStep};
use crate::id::KubeNodeId;
use crate::k8s::node::{Machine, NodeTaint};
use crate::time::{SimDuration, SimTime};
use crate::world::World;

/// Pause between two looks at replacements (nodes §2.3).
const REPLACEMENTS_POLL: SimDuration = SimDuration::from_secs(1);

/// One command.
#[derive(Debug)]
pub(super) struct Command {
    /// Summary entry that its pods are charged to.
    disruption: u32,
    action: Action,
    replacements: Vec<KubeNodeId>,
    since: SimTime,
}

impl World<'_> {
    pub(super) fn start_command(&mut self, action: Action) {
        let disruption = self.begin_disruption("karpenter");
        for node in &action.nodes {
            self.karpenter.claim(*node).state = ClaimState::Disrupting;
        }
        let command = u32::try_from(self.karpenter.commands.len()).expect("few commands");
        self.karpenter.commands.push(Command {
            disruption,
            action,
            replacements: Vec::new(),
            since: self.now,
        });
        if self.karpenter.is_v1() {
            // The next look follows at once.
            self.after(SimDuration::ZERO, KarpenterStep::Polled);
        } else {
            self.karpenter.awaited = Some(command);
        }
        let marked = self.latencies.api_write.draw();
        self.after(marked, KarpenterStep::CandidatesMarked { command });
    }

    pub(super) fn candidates_marked(&mut self, command: u32) {
        let Action { nodes, replacement } = self.karpenter.commands[command as usize].action.clone();
        for node in nodes {
            if self.karpenter.state(node) == ClaimState::Disrupting && self.node(node).present {
                self.mark(node);
            }
        }
        let Some((instance, zone)) = replacement else {
            self.delete_claims(command);
            return;
        };
        let node = self.launch_claim(instance, zone);
        self.karpenter.commands[command as usize].replacements.push(node);
        self.after(REPLACEMENTS_POLL, KarpenterStep::ReplacementsPolled { command });
    }

    /// Nothing new is scheduled on it: a taint in v1; a cordon in v1alpha5, with the label for load balancers.
    pub(super) fn mark(&mut self, node: KubeNodeId) {
        if !self.karpenter.is_v1() {
            self.cordon(node);
            self.exclude_from_load_balancers(node);
        } else if self.node(node).taint != Some(NodeTaint::Disrupted) {
            self.taint(node, NodeTaint::Disrupted);
        }
    }

    pub(super) fn replacements_polled(&mut self, command: u32) {
        let state = &self.karpenter.commands[command as usize];
        let waited = self.now - state.since;
        let machines = state.replacements.iter().map(|node| self.node(*node).machine);
        let (mut ready, mut lost) = (true, false);
        for machine in machines {
            ready &= machine == Machine::Running;
            lost |= !matches!(machine, Machine::Pending | Machine::Running);
        }
        if ready {
            self.delete_claims(command);
        } else if lost || waited >= self.karpenter.rules.replacement_timeout {
            self.give_up_command(command);
        } else {
            self.after(REPLACEMENTS_POLL, KarpenterStep::ReplacementsPolled { command });
        }
    }

    /// No replacement came: the candidates are kept.
    fn give_up_command(&mut self, command: u32) {
        for node in self.karpenter.commands[command as usize].action.nodes.clone() {
            if self.karpenter.state(node) == ClaimState::Disrupting {
                self.karpenter.claim(node).state = ClaimState::Live;
                if self.node(node).present {
                    self.keep_node(node);
                }
            }
        }
        self.look_again_when_gone();
    }

    fn delete_claims(&mut self, command: u32) {
        let Command { disruption, action, .. } = &self.karpenter.commands[command as usize];
        let (disruption, nodes) = (*disruption, action.nodes.clone());
        for node in nodes {
            self.delete_claim(node, disruption);
        }
    }

    /// Deletes a `NodeClaim`, its pods charged to the disruption `cause`; its node is drained and terminated.
    pub(crate) fn delete_claim(&mut self, node: KubeNodeId, cause: u32) {
        if !matches!(self.karpenter.state(node), ClaimState::Live | ClaimState::Disrupting) {
            return;
        }
        let deleted = self.now + self.latencies.api_write.draw();
        let grace = self.karpenter.rules.termination_grace_period.get();
        let deadline = grace.map_or(SimTime::MAX, |grace| deleted + grace);
        // The claim's controller sees that and deletes the Node; the node's controller sees that and patches it.
        let mut begins = deleted - self.now;
        for _ in 0..2 {
            begins += self.latencies.api_watch.draw() + self.latencies.api_write.draw();
        }
        self.karpenter.claim(node).state = ClaimState::Draining {
            cause,
            deadline,
            since: self.now + begins,
        };
        self.after(begins, KarpenterStep::DrainBegins { node });
    }

    /// v1alpha5 does one thing at a time: it looks again once the nodes of its last command are gone (nodes §2.1).
    pub(super) fn look_again_when_gone(&mut self) {
        let Some(command) = self.karpenter.awaited else { return };
        let mut nodes = self.karpenter.commands[command as usize].action.nodes.iter();
        if nodes.all(|node| !self.node(*node).present || self.karpenter.state(*node) == ClaimState::Live) {
            self.karpenter.awaited = None;
            self.after(SimDuration::ZERO, KarpenterStep::Polled);
        }
    }
}
