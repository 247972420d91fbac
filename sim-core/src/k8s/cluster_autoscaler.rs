//! The Cluster Autoscaler (nodes §1, §6): one loop that adds nodes for pods without room, or removes nodes that are
//! not needed.
//!
//! ```text
//! loop ─► pods without room? ─► nodes launched                                       (scale_up.rs)
//!   └──► unneeded nodes tracked ─► long enough, no cooldown, a free slot? ─► removal (plan.rs)
//! removal: taint, cordon ─ 5 s ─► evictions ─► pods gone? ─► termination              (removal.rs)
//! ```
//! A loop takes no time of its own, so all it sees is of one instant.

mod packing;
mod plan;
mod removal;
mod scale_up;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use crate::dist::Rate;
use crate::event::Event;
use crate::id::KubeNodeId;
use crate::k8s::node::{Machine, PodRef};
use crate::kernel::queue::EventKey;
use crate::latencies::ClusterAutoscalerLatencies;
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::scenario::cluster_autoscaler::ClusterAutoscaler;
use crate::time::{SimDuration, SimTime};
use crate::token_bucket::TokenBucket;
use crate::world::World;
use removal::Removal;

/// What the Cluster Autoscaler does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AutoscalerStep {
    /// A loop.
    Loop,
    /// The pause after the taint is over.
    DelayOver { removal: u32 },
    /// Its API client lets an eviction through.
    Evict { removal: u32, pod: PodRef },
    /// The pause after a refused eviction is over.
    Retry { removal: u32, pod: PodRef },
    /// It looks whether the node's pods are gone.
    Poll { removal: u32 },
    /// Nobody holds the emptied node back any longer.
    Released { removal: u32 },
    /// The instance is shut down: batching and lifecycle hook are over.
    InstanceEnds { node: KubeNodeId },
    /// A launched instance has had its time to become a node.
    ProvisioningOver { node: KubeNodeId },
}

/// State of the Cluster Autoscaler.
#[derive(Debug)]
pub(crate) struct ClusterAutoscalerState<'a> {
    rules: &'a ClusterAutoscaler,
    latencies: ClusterAutoscalerLatencies,
    /// The queued loop; none before it has started.
    next_loop: Option<(SimTime, EventKey)>,
    /// Limit of its API client.
    client: TokenBucket,
    /// Since when each unneeded node has been so.
    unneeded: BTreeMap<KubeNodeId, SimTime>,
    /// Nodes whose pods found no other place, and until when it does not look again.
    unremovable: BTreeMap<KubeNodeId, SimTime>,
    removals: Vec<Removal>,
    /// Nodes whose termination it has asked for: their groups are smaller by them.
    terminated: BTreeSet<KubeNodeId>,
    /// By zone: when the call with the group's collected nodes goes out.
    batches: Vec<SimTime>,
    /// Pods without room that it knows of.
    pending: BTreeSet<PodRef>,
    /// The last time that nodes were added, a removal began, or could not begin.
    last_add: Option<SimTime>,
    last_delete: Option<SimTime>,
    last_failure: Option<SimTime>,
}

impl<'a> ClusterAutoscalerState<'a> {
    /// The Cluster Autoscaler of the scenario, if it has one.
    pub(crate) fn of(scenario: &'a Scenario, streams: &Streams) -> Option<Box<Self>> {
        let mut found = scenario.disruptions.iter();
        let rules = found.find_map(|disruption| disruption.cluster_autoscaler.as_ref())?;
        let qps = Rate::from_qps(rules.kube_client_qps);
        Some(Box::new(Self {
            rules,
            latencies: ClusterAutoscalerLatencies::new(rules, streams),
            next_loop: None,
            client: TokenBucket::new(qps, rules.kube_client_burst),
            unneeded: BTreeMap::new(),
            unremovable: BTreeMap::new(),
            removals: Vec::new(),
            terminated: BTreeSet::new(),
            batches: vec![SimTime::ZERO; scenario.cluster.zones as usize],
            pending: BTreeSet::new(),
            last_add: None,
            last_delete: None,
            last_failure: None,
        }))
    }

    /// Whether one of the delays keeps removals from beginning (nodes §1.1).
    fn is_in_cooldown(&self, now: SimTime) -> bool {
        let rules = self.rules;
        [
            (self.last_add, rules.scale_down_delay_after_add),
            (self.last_delete, rules.scale_down_delay_after_delete),
            (self.last_failure, rules.scale_down_delay_after_failure),
        ]
        .into_iter()
        .any(|(last, delay)| last.is_some_and(|last| last + delay > now))
    }
}

impl<'a> World<'a> {
    fn autoscaler(&mut self) -> &mut ClusterAutoscalerState<'a> {
        self.cluster_autoscaler.as_mut().expect("a Cluster Autoscaler")
    }

    fn autoscaler_rules(&self) -> &'a ClusterAutoscaler {
        self.cluster_autoscaler.as_ref().expect("a Cluster Autoscaler").rules
    }

    /// It starts to work: the phase of its first loop is random.
    pub(crate) fn cluster_autoscaler_starts(&mut self) {
        let interval = self.autoscaler_rules().scan_interval.as_ns();
        let phase = self.autoscaler().latencies.phase.next_u64() % interval;
        self.queue_loop(self.now + SimDuration::from_ns(phase));
    }

    /// Routes its events.
    pub(crate) fn autoscaler_step(&mut self, step: AutoscalerStep) {
        match step {
            AutoscalerStep::Loop => self.autoscaler_loop(),
            AutoscalerStep::DelayOver { removal } => self.removal_delay_over(removal),
            AutoscalerStep::Evict { removal, pod } => self.removal_evicts(removal, pod),
            AutoscalerStep::Retry { removal, pod } => self.removal_retries(removal, pod),
            AutoscalerStep::Poll { removal } => self.removal_polls(removal),
            AutoscalerStep::Released { removal } => self.request_termination(removal),
            AutoscalerStep::InstanceEnds { node } => self.terminate_instance(node),
            AutoscalerStep::ProvisioningOver { node } => {
                if self.node(node).machine == Machine::Pending {
                    self.terminate_instance(node);
                }
            }
        }
    }

    fn autoscaler_after(&mut self, after: SimDuration, step: AutoscalerStep) {
        self.schedule(after, Event::ClusterAutoscaler { step });
    }

    fn queue_loop(&mut self, at: SimTime) {
        let step = AutoscalerStep::Loop;
        let key = self.schedule_at(at, Event::ClusterAutoscaler { step });
        if let Some((_, before)) = self.autoscaler().next_loop.replace((at, key)) {
            self.cancel(before);
        }
    }

    /// A pod found no node: the loop does not wait for its interval (nodes §1.1, `frequent-loops-enabled`).
    pub(crate) fn autoscaler_sees_pending(&mut self, pod: PodRef) {
        let Some(state) = &mut self.cluster_autoscaler else {
            return;
        };
        let Some((at, _)) = state.next_loop.filter(|_| state.rules.frequent_loops_enabled) else {
            return;
        };
        if state.pending.insert(pod) {
            let seen = self.now + self.latencies.api_watch.draw();
            if seen < at {
                self.queue_loop(seen);
            }
        }
    }

    fn autoscaler_loop(&mut self) {
        self.autoscaler().next_loop = None;
        let productive = if self.scale_up() {
            // No removal in the same loop.
            true
        } else {
            let removable = self.plan_removals();
            let now = self.now;
            let begun = !self.autoscaler().is_in_cooldown(now) && self.begin_removals(&removable);
            self.update_soft_taints();
            begun
        };
        let rules = self.autoscaler_rules();
        let pause = if productive && rules.frequent_loops_enabled {
            SimDuration::ZERO
        } else {
            rules.scan_interval
        };
        self.queue_loop(self.now + pause);
    }

    /// Marks unneeded nodes so that the scheduler avoids them, and takes the mark off the others (nodes §1.2).
    fn update_soft_taints(&mut self) {
        let rules = self.autoscaler_rules();
        let unneeded = &self.autoscaler().unneeded;
        let wanted: Vec<KubeNodeId> = unneeded.keys().copied().collect();
        let is_wanted = |node: &KubeNodeId| wanted.binary_search(node).is_ok();
        let missing = wanted.iter().filter(|node| !self.node(**node).soft_tainted);
        let surplus = self.node_ids().filter(|node| {
            let object = self.node(*node);
            object.soft_tainted && object.present && object.taint.is_none() && !is_wanted(node)
        });
        let most = rules.max_bulk_soft_taint_count as usize;
        let changed: Vec<KubeNodeId> = missing.copied().chain(surplus).take(most).collect();
        let mut spent = SimDuration::ZERO;
        for node in changed {
            if spent > rules.max_bulk_soft_taint_time {
                break;
            }
            let object = self.node_mut(node);
            object.soft_tainted = !object.soft_tainted;
            spent += self.latencies.api_write.draw();
        }
    }

    /// Nodes of a zone's group, those on their way included.
    fn group_size(&self, zone: u8) -> u32 {
        let terminated = &self
            .cluster_autoscaler
            .as_ref()
            .expect("a Cluster Autoscaler")
            .terminated;
        let members = self.node_ids().filter(|node| {
            let object = self.node(*node);
            object.zone == zone
                && (object.machine == Machine::Pending || object.is_shown_running())
                && !terminated.contains(node)
        });
        u32::try_from(members.count()).expect("few nodes")
    }
}
