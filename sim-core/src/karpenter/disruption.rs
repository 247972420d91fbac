//! The disruption loop: which nodes Karpenter can do without (nodes §2.2).
//!
//! Methods in upstream's order; the first that finds something stops the look. What it finds waits for the validation
//! delay and must then still be true, else the next method has its turn.

use alloc::vec::Vec;

use super::placement::{Demand, Placement};
use super::{ClaimState, KarpenterState, KarpenterStep};
use crate::id::KubeNodeId;
use crate::k8s::node::{Machine, NodeReady};
use crate::scenario::instance_type::InstanceType;
use crate::scenario::karpenter::ConsolidationPolicy;
use crate::world::World;

/// Most candidates of a multi-node consolidation (upstream's `MaxParallelConsolidation`).
const MULTI_NODE_MAX: usize = 100;

/// A way to find nodes that may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Nodes without pods.
    Emptiness,
    /// Nodes that have been without pods for `ttlSecondsAfterEmpty`.
    EmptyForTtl,
    /// Several nodes at once, replaced by at most one.
    MultiNode,
    /// One node, replaced by at most one.
    SingleNode,
}

/// Nodes that could go.
#[derive(Debug)]
pub(super) struct Proposal {
    /// Place of the method in the list.
    method: usize,
    action: Action,
}

/// What a proposal or a command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) nodes: Vec<KubeNodeId>,
    /// A node to launch first.
    pub(super) replacement: Option<(InstanceType, u8)>,
}

/// A node that may be disrupted.
#[derive(Debug)]
struct Candidate {
    node: KubeNodeId,
    pods: Demand,
    /// Whether it has been without any pod for `ttlSecondsAfterEmpty`.
    ttl_over: bool,
    /// Pods to move, weighed with the node's remaining life.
    cost: u128,
}

/// The cluster at one instant, as the methods need it.
#[derive(Debug)]
struct Look {
    /// Cheapest to disrupt first.
    candidates: Vec<Candidate>,
    /// Nodes that the budget lets go now.
    allowed: usize,
    /// Where their pods could go.
    placement: Placement,
}

impl KarpenterState {
    fn methods(&self) -> &'static [Method] {
        const CONSOLIDATION: &[Method] = &[Method::Emptiness, Method::MultiNode, Method::SingleNode];
        let rules = &self.rules;
        if self.is_v1() {
            match rules.consolidation_policy {
                ConsolidationPolicy::WhenEmpty => &[Method::Emptiness],
                ConsolidationPolicy::WhenEmptyOrUnderutilized => CONSOLIDATION,
            }
        } else if rules.consolidation_enabled {
            CONSOLIDATION
        } else if rules.ttl_seconds_after_empty.get().is_some() {
            &[Method::EmptyForTtl]
        } else {
            &[]
        }
    }
}

impl World<'_> {
    /// Looks for something to disrupt, from one method on.
    pub(super) fn propose(&mut self, first: usize) {
        let methods = self.karpenter.methods();
        if first < methods.len() {
            let look = self.look();
            let found = (first..methods.len()).find_map(|method| {
                let action = self.action_of(methods[method], &look)?;
                Some(Proposal { method, action })
            });
            if found.is_some() {
                self.karpenter.proposal = found;
                let delay = self.karpenter.rules.validation_delay;
                self.after(delay, KarpenterStep::Validated);
                return;
            }
        }
        let poll = self.karpenter.rules.poll;
        self.after(poll, KarpenterStep::Polled);
    }

    /// The validation delay is over: what is still true is done.
    pub(super) fn validate_proposal(&mut self) {
        let Proposal { method, action } = self.karpenter.proposal.take().expect("a proposal");
        let look = self.look();
        match self.still_true(self.karpenter.methods()[method], &action, &look) {
            Some(action) => self.start_command(action),
            None => self.propose(method + 1),
        }
    }

    /// The part of a proposal that still holds: any of some empty nodes, but all or nothing of a consolidation.
    fn still_true(&self, method: Method, proposed: &Action, look: &Look) -> Option<Action> {
        match method {
            Method::Emptiness | Method::EmptyForTtl => {
                let is_proposed = |node: &KubeNodeId| proposed.nodes.contains(node);
                let nodes: Vec<KubeNodeId> = look.empty(method).filter(is_proposed).take(look.allowed).collect();
                (!nodes.is_empty()).then_some(Action {
                    nodes,
                    replacement: None,
                })
            }
            Method::MultiNode | Method::SingleNode => {
                let candidate = |node: &KubeNodeId| look.candidates.iter().find(|known| known.node == *node);
                let candidates: Vec<&Candidate> = proposed.nodes.iter().map_while(candidate).collect();
                if candidates.len() < proposed.nodes.len() || candidates.len() > look.allowed {
                    return None;
                }
                let action = self.consolidation(&candidates, &look.placement)?;
                (action.replacement.is_some() == proposed.replacement.is_some()).then_some(action)
            }
        }
    }

    fn action_of(&self, method: Method, look: &Look) -> Option<Action> {
        let mut occupied = look.candidates.iter().filter(|candidate| candidate.pods.total() > 0);
        match method {
            Method::Emptiness | Method::EmptyForTtl => {
                let nodes: Vec<KubeNodeId> = look.empty(method).take(look.allowed).collect();
                (!nodes.is_empty()).then_some(Action {
                    nodes,
                    replacement: None,
                })
            }
            Method::MultiNode => {
                let most = look.allowed.min(MULTI_NODE_MAX);
                let candidates: Vec<&Candidate> = occupied.take(most).collect();
                self.most_at_once(&candidates, &look.placement)
            }
            Method::SingleNode if look.allowed == 0 => None,
            Method::SingleNode => occupied.find_map(|candidate| self.consolidation(&[candidate], &look.placement)),
        }
    }

    /// Upstream's binary search for the longest row of candidates, at least two, that can go together.
    fn most_at_once(&self, candidates: &[&Candidate], placement: &Placement) -> Option<Action> {
        let (mut low, mut high) = (2, candidates.len());
        let mut best = None;
        while low <= high {
            let middle = usize::midpoint(low, high);
            match self.consolidation(&candidates[..middle], placement) {
                Some(action) => {
                    best = Some(action);
                    low = middle + 1;
                }
                None => high = middle - 1,
            }
        }
        best
    }

    /// What takes the candidates away together: their pods fit elsewhere, or do so beside one cheaper node.
    fn consolidation(&self, candidates: &[&Candidate], placement: &Placement) -> Option<Action> {
        let mut rest = placement.clone();
        let mut pods = Demand::none(self.scenario);
        for candidate in candidates {
            rest.remove(candidate.node, self.node(candidate.node).zone, &candidate.pods);
            pods.add(&candidate.pods);
        }
        let homeless = rest.place(&pods);
        let nodes: Vec<KubeNodeId> = candidates.iter().map(|candidate| candidate.node).collect();
        let replacement = if homeless.total() == 0 {
            None
        } else {
            let zone = self.node(nodes[0]).zone;
            let instances = nodes.iter().map(|node| self.node(*node).instance);
            let types = self.karpenter.cheaper_than(instances);
            Some((rest.one_node_for(&homeless, types, zone, self.scenario)?, zone))
        };
        Some(Action { nodes, replacement })
    }

    fn look(&self) -> Look {
        let budget_is_used_up = self.disruptions_allowed() == Some(0);
        let mut candidates: Vec<Candidate> = self
            .node_ids()
            .filter(|node| self.may_be_disrupted(*node))
            .map(|node| self.candidate(node))
            .filter(|candidate| !(budget_is_used_up && self.has_active_pods(candidate.node)))
            .collect();
        candidates.sort_by_key(|candidate| candidate.cost);
        let mut placement = self.placement();
        // Pods that wait already take their room first; others may not count on nodes that have not joined.
        placement.place(&self.pending_demand());
        placement.keep_joined(&self.nodes);
        Look {
            candidates,
            allowed: self.nodes_allowed(),
            placement,
        }
    }

    fn candidate(&self, node: KubeNodeId) -> Candidate {
        let object = self.node(node);
        let pods = self.demand_on(node);
        let left = match self.karpenter.claims.get(node.index()).map(|claim| claim.expires_at) {
            Some(expires_at) if expires_at < crate::time::SimTime::MAX => (expires_at - self.now).as_ns(),
            _ => 1,
        };
        let ttl = self.karpenter.rules.ttl_seconds_after_empty.get();
        let is_over = |ttl| object.pods_count() == 0 && self.now >= object.pods_changed_at + ttl;
        Candidate {
            node,
            cost: u128::from(pods.total()) * u128::from(left),
            ttl_over: ttl.is_some_and(is_over),
            pods,
        }
    }

    fn has_active_pods(&self, node: KubeNodeId) -> bool {
        self.node(node).pods.iter().any(|pod| self.pod(*pod).is_active())
    }

    /// Initialized, not on its way out, not expecting pods, and without a pod event for `consolidateAfter`.
    fn may_be_disrupted(&self, node: KubeNodeId) -> bool {
        let object = self.node(node);
        let claim = self.karpenter.claims.get(node.index());
        let expects_pods = claim.is_some_and(|claim| claim.nominated_until > self.now);
        let quiet = if self.karpenter.is_v1() {
            let after = self.karpenter.rules.consolidate_after.get();
            after.is_some_and(|after| self.now >= object.pod_event_at.saturating_add(after))
        } else {
            true
        };
        object.present
            && object.machine == Machine::Running
            && object.ready == NodeReady::True
            && !object.cordoned
            && object.taint.is_none()
            && self.karpenter.state(node) == ClaimState::Live
            && !expects_pods
            && quiet
    }

    /// The budget: a share of the nodes, less those on their way out and those that are not Ready (nodes §2.2).
    fn nodes_allowed(&self) -> usize {
        if !self.karpenter.is_v1() {
            return usize::MAX;
        }
        let (mut all, mut disrupted) = (0, 0);
        for node in self.node_ids() {
            let object = self.node(node);
            if object.present {
                let is_live = self.karpenter.state(node) == ClaimState::Live;
                all += 1;
                disrupted += u32::from(!is_live || object.ready != NodeReady::True);
            }
        }
        self.karpenter.rules.budget.round_up(all).saturating_sub(disrupted) as usize
    }
}

impl Look {
    fn empty(&self, method: Method) -> impl Iterator<Item = KubeNodeId> + use<'_> {
        let is_empty = move |candidate: &&Candidate| {
            candidate.pods.total() == 0 && (method == Method::Emptiness || candidate.ttl_over)
        };
        self.candidates.iter().filter(is_empty).map(|candidate| candidate.node)
    }
}
