//! Automatic target weights: an ALB node cuts the weight of a target that fails more than its peers (alb §8).
//!
//! ```text
//! usual weight ── fails more than its peers by the threshold ──► minimum share ── nothing fails ──► ramp ──► usual
//!                                                                     ▲                             │
//!                                                                     └──────── fails again ────────┘
//! ```
//!
//! Answers count in the period in which they were issued, failures in the one in which the ALB node knows of them: a
//! connection attempt into silence counts when its timeout is over.

use alloc::collections::{BTreeMap, BinaryHeap};
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::Traffic;
use super::decision::{Decision, Request};
use crate::outcome::Status;
use crate::scenario::Scenario;
use crate::scenario::elbv2::Algorithm;

/// The usual weight.
const FULL: u32 = 1_000_000;

/// Requests of one target in the present period.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    answered: u64,
    failed: u64,
}

impl Tally {
    /// Failures in parts per million.
    fn failed_share(self) -> u64 {
        (self.failed * u64::from(FULL))
            .checked_div(self.answered + self.failed)
            .unwrap_or(0)
    }
}

/// What one ALB node knows.
#[derive(Debug, Default)]
struct NodeWeights {
    /// Weights below the usual one, parts per million.
    reduced: BTreeMap<u32, u32>,
    /// By target.
    tallies: Vec<Tally>,
    /// Failures that the node will know of: when, and of which target.
    failing: BinaryHeap<Reverse<(u64, u32)>>,
}

/// Rules and weights of all ALB nodes.
#[derive(Debug)]
pub(super) struct Mitigation {
    minimum_healthy: usize,
    minimum_requests: u64,
    /// Parts per million, as the next one.
    above_peers: u64,
    minimum_share: u32,
    /// What a weight regains in one period.
    step: u32,
    nodes: Vec<NodeWeights>,
}

impl Mitigation {
    /// That of a valid scenario, if it is switched on.
    pub(super) fn new(scenario: &Scenario) -> Option<Self> {
        if !scenario.target_group.anomaly_mitigation.is_on() {
            return None;
        }
        let rules = &scenario.anomaly_detection;
        let minimum_share = u32::try_from(rules.minimum_share.parts_per_million()).expect("at most a million");
        let periods = rules.ramp.as_ns().div_ceil(rules.period.as_ns()).max(1);
        let step = u64::from(FULL - minimum_share).div_ceil(periods);
        Some(Self {
            minimum_healthy: rules.minimum_healthy_targets as usize,
            minimum_requests: u64::from(rules.minimum_requests),
            above_peers: rules.failure_share_above_peers.parts_per_million(),
            minimum_share,
            step: u32::try_from(step).expect("at most the usual weight"),
            nodes: (0..scenario.alb_nodes_count())
                .map(|_| NodeWeights::default())
                .collect(),
        })
    }
}

impl Traffic<'_> {
    /// A target at random, by weight.
    pub(super) fn pick_by_weight(&mut self, alb_node: usize) -> u32 {
        let active = self.rotations[alb_node].active();
        let count = u32::try_from(active.len()).expect("fewer than 2^32 targets");
        let reduced = self
            .mitigation
            .as_ref()
            .map(|mitigation| &mitigation.nodes[alb_node].reduced);
        let reduced = reduced.filter(|_| !self.rotations[alb_node].fails_open());
        loop {
            let target = active[self.draws.routing.below(count) as usize];
            let weight = reduced.and_then(|reduced| reduced.get(&target));
            if weight.is_none_or(|weight| self.draws.routing.below(FULL) < *weight) {
                return target;
            }
        }
    }

    /// Keeps of a routed request what its algorithm chooses by.
    pub(super) fn note_routed(&mut self, request: Request, target: u32, decision: Decision, end: u64) {
        if self.rules.algorithm == Algorithm::LeastOutstandingRequests {
            // Nodes as targets have no epochs: their requests are moved one by one.
            let epoch = if self.proxies.is_some() {
                0
            } else {
                self.servers[target as usize].epoch
            };
            self.outstanding[request.alb_node].started(target, epoch, end);
        }
        let Some(mitigation) = &mut self.mitigation else { return };
        let connect_failed = decision.failed_to_connect();
        let node = &mut mitigation.nodes[request.alb_node];
        if connect_failed || decision.outcome.status == Status::TargetError {
            node.failing.push(Reverse((decision.end, target)));
            return;
        }
        if node.tallies.len() <= target as usize {
            node.tallies.resize(target as usize + 1, Tally::default());
        }
        node.tallies[target as usize].answered += 1;
    }

    /// One ALB node sets its weights anew; returns the targets whose mitigation begins or ends.
    pub(crate) fn set_weights(&mut self, now: u64, alb_node: usize) -> Vec<(u32, bool)> {
        let count = self.targets_count();
        let healthy = &self.rotations[alb_node].healthy;
        let mitigation = self.mitigation.as_mut().expect("only where it is on");
        let enough = healthy.len() >= mitigation.minimum_healthy;
        let node = &mut mitigation.nodes[alb_node];
        node.tallies.resize(count.max(node.tallies.len()), Tally::default());
        while let Some(Reverse((at, target))) = node.failing.peek().copied() {
            if at > now {
                break;
            }
            node.failing.pop();
            node.tallies[target as usize].failed += 1;
        }
        let mut all = Tally::default();
        for target in healthy {
            all.answered += node.tallies[*target as usize].answered;
            all.failed += node.tallies[*target as usize].failed;
        }
        let mut changes = Vec::new();
        // A target that is not healthy any more starts anew when it is.
        node.reduced.retain(|target, _| {
            let stays = enough && healthy.binary_search(target).is_ok();
            if !stays {
                changes.push((*target, false));
            }
            stays
        });
        for target in healthy.iter().filter(|_| enough) {
            let own = node.tallies[*target as usize];
            let peers = Tally {
                answered: all.answered - own.answered,
                failed: all.failed - own.failed,
            };
            let weight = node.reduced.get(target).copied();
            let judged = weight.is_some() || own.answered + own.failed >= mitigation.minimum_requests;
            let fails = own.failed > 0 && own.failed_share() >= peers.failed_share() + mitigation.above_peers;
            match weight {
                _ if judged && fails => {
                    node.reduced.insert(*target, mitigation.minimum_share);
                    if weight.is_none() {
                        changes.push((*target, true));
                    }
                }
                Some(weight) if weight.saturating_add(mitigation.step) >= FULL => {
                    node.reduced.remove(target);
                    changes.push((*target, false));
                }
                Some(weight) => {
                    node.reduced.insert(*target, weight + mitigation.step);
                }
                None => {}
            }
        }
        node.tallies.fill(Tally::default());
        changes
    }
}
