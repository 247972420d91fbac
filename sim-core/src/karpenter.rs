//! Karpenter: it launches nodes for pods that have none, and takes away nodes that it can do without (nodes §2).
//!
//! ```text
//! poll ─► emptiness ─► multi-node ─► single-node consolidation          (disruption.rs, placement.rs)
//!   └─ proposal ─ 15 s ─► still true? ─► mark ─► replacements Initialized ─► NodeClaims deleted   (command.rs)
//!                        expiry, interruption, immediately ──────────────────────┤
//!           taint and label ─► drain ─► TerminateInstances ─► Node object gone   (termination.rs)
//! pods without a node ─ batch of 1 to 10 s ─► new nodes                          (provisioning.rs)
//! ```
//! Nothing here waits for the load balancer (nodes §0).

mod command;
mod disruption;
mod placement;
mod provisioning;
mod termination;

use alloc::vec::Vec;

use crate::dist::Rate;
use crate::event::Event;
use crate::id::KubeNodeId;
use crate::k8s::node::{Machine, PodRef};
use crate::latencies::Latency;
use crate::rng::{Stream, Streams};
use crate::scenario::Scenario;
use crate::scenario::instance_type::InstanceType;
use crate::scenario::karpenter::{Karpenter, KarpenterApi};
use crate::time::{SimDuration, SimTime};
use crate::token_bucket::TokenBucket;
use crate::world::World;
use command::Command;
use disruption::Proposal;
use provisioning::Batch;

/// Rate of the eviction queue and its burst (nodes §2.4: at least 100 per second, ten times that at once).
const EVICTION_RATE: &str = "100/s";
const EVICTION_BURST: u32 = 1000;

/// What happens in Karpenter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KarpenterStep {
    /// Disruption controller to itself: look for something to disrupt.
    Polled,
    /// Disruption controller to itself: the proposal has waited; look whether it is still true.
    Validated,
    /// API server: a command's candidates are marked.
    CandidatesMarked { command: u32 },
    /// Disruption queue: it looks whether a command's replacements are Initialized.
    ReplacementsPolled { command: u32 },
    /// API server: the termination controller has tainted and labelled a node.
    DrainBegins { node: KubeNodeId },
    /// Termination controller to itself: look at a draining node.
    DrainPolled { node: KubeNodeId },
    /// Eviction queue: an eviction is tried.
    EvictionTried {
        node: KubeNodeId,
        pod: PodRef,
        refusals: u32,
    },
    /// EC2: the batched `TerminateInstances` call is accepted.
    InstanceTerminates { node: KubeNodeId },
    /// Termination controller: it looks whether a terminating instance is gone.
    InstancePolled { node: KubeNodeId },
    /// API server: the finalizer of a node was removed, and the object with it.
    NodeReleased { node: KubeNodeId },
    /// Expiration controller: a `NodeClaim` has reached its age.
    ClaimExpires { node: KubeNodeId },
    /// Provisioner: the batch of pods without a node is complete.
    BatchClosed,
}

/// Where a node's `NodeClaim` stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClaimState {
    Live,
    /// Marked by a command that waits for its replacements.
    Disrupting,
    /// Deleted: its node is drained, at the latest until the deadline.
    Draining {
        cause: u32,
        deadline: SimTime,
        since: SimTime,
    },
    /// `TerminateInstances` is called, or the instance is gone already.
    Terminating,
    /// The finalizer is removed.
    Gone,
}

/// The `NodeClaim` of one node.
#[derive(Debug)]
struct Claim {
    state: ClaimState,
    /// When it expires, [`SimTime::MAX`] if never.
    expires_at: SimTime,
    /// Until then pods are expected on it, and nobody proposes to disrupt it.
    nominated_until: SimTime,
    /// Pods in the eviction queue.
    queued: Vec<PodRef>,
}

impl Claim {
    const STEADY: Self = Self {
        state: ClaimState::Live,
        expires_at: SimTime::MAX,
        nominated_until: SimTime::ZERO,
        queued: Vec::new(),
    };
}

/// State of Karpenter's controllers.
#[derive(Debug)]
pub(crate) struct KarpenterState {
    rules: Karpenter,
    /// Types of new nodes, cheapest first.
    types: Vec<InstanceType>,
    /// Whether it runs at all.
    is_running: bool,
    claims: Vec<Claim>,
    proposal: Option<Proposal>,
    commands: Vec<Command>,
    /// The command whose nodes v1alpha5 waits for before it looks again.
    awaited: Option<u32>,
    batch: Option<Batch>,
    evictions: TokenBucket,
    poll_phase: Latency,
    ready: Latency,
    terminate_batch: Latency,
    ages: Stream,
}

impl KarpenterState {
    pub(crate) fn new(scenario: &Scenario, streams: &Streams) -> Self {
        let entry = scenario.disruptions.iter().find_map(|entry| entry.karpenter.clone());
        let rules = entry.unwrap_or_default();
        let own = core::slice::from_ref(&scenario.cluster.instance_type);
        let names = if rules.instance_types.is_empty() {
            own
        } else {
            &rules.instance_types
        };
        let types = names.iter().filter_map(|name| InstanceType::named(name)).collect();
        let rate: Rate = EVICTION_RATE.parse().expect("a rate");
        Self {
            types,
            is_running: false,
            claims: Vec::new(),
            proposal: None,
            commands: Vec::new(),
            awaited: None,
            batch: None,
            evictions: TokenBucket::new(rate, EVICTION_BURST),
            poll_phase: Latency::indexed(streams, "karpenter_poll_phase", 0, &rules.poll_phase),
            ready: Latency::indexed(streams, "karpenter_replacement_ready", 0, &rules.replacement_ready),
            terminate_batch: Latency::indexed(streams, "karpenter_terminate_batch", 0, &rules.terminate_batch),
            ages: streams.stream("karpenter_node_age"),
            rules,
        }
    }

    fn is_v1(&self) -> bool {
        self.rules.api == KarpenterApi::V1
    }

    fn state(&self, node: KubeNodeId) -> ClaimState {
        self.claims
            .get(node.index())
            .map_or(ClaimState::Live, |claim| claim.state)
    }

    fn claim(&mut self, node: KubeNodeId) -> &mut Claim {
        if self.claims.len() <= node.index() {
            self.claims.resize_with(node.index() + 1, || Claim::STEADY);
        }
        &mut self.claims[node.index()]
    }

    /// Whether the finalizer keeps a deleted Node object in the API (nodes §2.4).
    pub(crate) fn holds(&self, node: KubeNodeId) -> bool {
        matches!(self.state(node), ClaimState::Draining { .. } | ClaimState::Terminating)
    }

    /// Place of a type in the order of prices; what is not in the list is the dearest.
    fn price_rank(&self, instance: InstanceType) -> usize {
        let place = self.types.iter().position(|known| *known == instance);
        place.unwrap_or(self.types.len())
    }

    /// How long a node on which pods are expected is left alone: upstream's nomination period, twice the longest
    /// batch and at least 10 s.
    fn nomination(&self) -> SimDuration {
        (self.rules.batch_max * 2).max(SimDuration::from_secs(10))
    }
}

impl World<'_> {
    pub(crate) fn karpenter_step(&mut self, step: KarpenterStep) {
        match step {
            KarpenterStep::Polled => self.propose(0),
            KarpenterStep::Validated => self.validate_proposal(),
            KarpenterStep::CandidatesMarked { command } => self.candidates_marked(command),
            KarpenterStep::ReplacementsPolled { command } => self.replacements_polled(command),
            KarpenterStep::DrainBegins { node } => self.claim_drain_begins(node),
            KarpenterStep::DrainPolled { node } => self.claim_drain_polled(node),
            KarpenterStep::EvictionTried { node, pod, refusals } => self.claim_eviction_tried(node, pod, refusals),
            KarpenterStep::InstanceTerminates { node } => self.claim_instance_terminates(node),
            KarpenterStep::InstancePolled { node } => self.claim_instance_polled(node),
            KarpenterStep::NodeReleased { node } => self.node_released(node),
            KarpenterStep::ClaimExpires { node } => self.claim_expires(node),
            KarpenterStep::BatchClosed => self.batch_closed(),
        }
    }

    fn after(&mut self, after: SimDuration, step: KarpenterStep) {
        self.schedule(after, Event::Karpenter(step));
    }

    /// The controllers that need no disruption loop: provisioning, interruption, termination.
    pub(crate) fn run_karpenter(&mut self) {
        if !self.karpenter.is_running {
            self.karpenter.is_running = true;
            if !self.unscheduled.is_empty() {
                self.extend_batch();
            }
        }
    }

    /// The scenario's entry: all of Karpenter runs from now on.
    pub(crate) fn start_karpenter(&mut self) {
        self.run_karpenter();
        let phase = self.karpenter.poll_phase.draw();
        self.after(phase, KarpenterStep::Polled);
        let Some(expire_after) = self.karpenter.rules.expire_after.get() else {
            return;
        };
        for node in self.node_ids() {
            let age = SimDuration::from_ns(self.karpenter.ages.next_u64() % expire_after.as_ns());
            self.claim_ages(node, expire_after - age);
        }
    }

    fn claim_ages(&mut self, node: KubeNodeId, left: SimDuration) {
        self.karpenter.claim(node).expires_at = self.now + left;
        self.after(left, KarpenterStep::ClaimExpires { node });
    }

    /// Creates a `NodeClaim`; its node is Initialized some time later.
    fn launch_claim(&mut self, instance: InstanceType, zone: u8) -> KubeNodeId {
        let after = self.karpenter.ready.draw();
        let node = self.launch_instance(instance, zone, after);
        let nominated_until = self.now + after + self.karpenter.nomination();
        self.karpenter.claim(node).nominated_until = nominated_until;
        if let Some(expire_after) = self.karpenter.rules.expire_after.get() {
            self.claim_ages(node, expire_after);
        }
        node
    }

    /// Forceful and not budgeted: the claim is deleted whatever runs on its node (nodes §2.5).
    fn claim_expires(&mut self, node: KubeNodeId) {
        let is_live = matches!(self.karpenter.state(node), ClaimState::Live | ClaimState::Disrupting);
        let object = self.node(node);
        if is_live && (object.present || object.machine == Machine::Pending) {
            let disruption = self.begin_disruption("karpenter");
            self.delete_claim(node, disruption);
        }
    }
}
