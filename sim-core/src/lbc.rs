//! The AWS Load Balancer Controller: from a changed slice to calls to ELBv2 (lbc §1).
//!
//! ```text
//! slice seen ─► queue ─► worker: diff ─► DescribeTargetHealth ─► PATCH checkpoint ─► DeregisterTargets …
//!                 ▲                                              … ─► RegisterTargets ─► PATCH readiness gates
//!                 └── at once if something changed meanwhile; after 15 s if a gate is not True; back-off on errors
//! ```
//! One item in the queue for each `TargetGroupBinding`, three workers, one bucket of registration calls for all of
//! them. Binding 0 is the one whose target group takes the traffic. Deregistration comes before registration in the
//! same reconcile.

mod calls;
mod gates;
pub(crate) mod instance;
mod leader;
mod other_groups;
mod reconcile;
mod resync;
mod waits;

use alloc::collections::{BTreeSet, VecDeque};
use alloc::vec;
use alloc::vec::Vec;

use crate::event::Event;
use crate::id::{BindingId, PodId, TargetId};
use crate::k8s::node::NodeReady;
use crate::k8s::pod::Endpoint;
use crate::kernel::queue::EventKey;
use crate::outcome::Hop;
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};
use crate::token_bucket::TokenBucket;
use crate::world::World;
pub(crate) use calls::Step;
use calls::Work;
use instance::NodeTargets;
use leader::Leader;
use other_groups::OtherGroup;
use waits::WaitLog;

/// The binding whose target group takes the traffic.
pub(crate) const MAIN: BindingId = BindingId(0);

/// State of the controller's leader.
#[derive(Debug)]
pub(crate) struct LbcState {
    registration_bucket: TokenBucket,
    describe_bucket: TokenBucket,
    /// Somebody holds the lock around `DescribeTargetHealth` until then.
    describing_until: SimTime,
    bindings: Vec<Binding>,
    others: Vec<OtherGroup>,
    /// Workers that run a reconcile.
    busy: u32,
    /// Items that wait for a worker.
    waiting: VecDeque<BindingId>,
    /// Items of the start-up list, which any other item overtakes (lbc §1.3).
    waiting_low: VecDeque<BindingId>,
    leader: Leader,
    /// Pods on nodes in an unknown state: whether they are targets depends on all the others.
    last_resort: BTreeSet<PodId>,
    /// Nodes, where they are the targets.
    pub(crate) nodes: NodeTargets,
    /// Nobody else can take a token or cut a reconcile short: all calls of one are worked out at once.
    runs_ahead: bool,
}

/// State of the controller for one target group.
#[derive(Debug)]
struct Binding {
    /// Pods whose endpoint changed since the last reconcile began.
    dirty: BTreeSet<PodId>,
    /// Pods the running reconcile looks at; they are dirty again if it fails.
    in_work: BTreeSet<PodId>,
    /// Gated pods whose gate is not True.
    gates_pending: BTreeSet<PodId>,
    reconcile: Reconcile,
    /// Something changed while a reconcile ran.
    again: bool,
    /// Failed reconciles in a row.
    failures: u32,
    /// The `TargetGroupBinding` carries a checkpoint, which a change must clear first.
    checkpoint_saved: bool,
    /// The checkpoint was cleared to have everything looked at.
    resync: bool,
    /// When that is due next.
    resync_due: Option<EventKey>,
    /// Some cached target is not healthy, so the next reconcile asks ELBv2.
    cache_unsettled: bool,
    /// Last full list; none in the cache of a new leader.
    listed_at: Option<SimTime>,
    /// The running reconcile asks for all targets.
    lists_all: bool,
    /// Targets registered, as the controller's own calls tell it.
    registered_count: u32,
    to_deregister: Vec<TargetId>,
    to_register: Vec<TargetId>,
    work: Work,
    /// Its waits since it was last at rest.
    waits: WaitLog,
    /// The security groups of the last reconcile could not be brought up to date.
    network_failed: bool,
}

/// Where the queue item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reconcile {
    Idle,
    /// Queued for later: the gate poll or an error's back-off.
    Queued {
        key: EventKey,
    },
    /// Due, but all workers are busy.
    Waiting {
        since: SimTime,
    },
    Running,
}

impl Binding {
    fn new() -> Self {
        Self {
            dirty: BTreeSet::new(),
            in_work: BTreeSet::new(),
            gates_pending: BTreeSet::new(),
            reconcile: Reconcile::Idle,
            again: false,
            failures: 0,
            checkpoint_saved: true,
            resync: false,
            resync_due: None,
            cache_unsettled: false,
            listed_at: Some(SimTime::ZERO),
            lists_all: false,
            registered_count: 0,
            to_deregister: Vec::new(),
            to_register: Vec::new(),
            work: Work::default(),
            waits: WaitLog::default(),
            network_failed: false,
        }
    }
}

impl LbcState {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let rules = &scenario.load_balancer_controller;
        let others = rules.other_target_group_bindings;
        let is_disturbed = scenario.disruptions.iter().any(|disruption| {
            disruption.controller_restart.is_some() || disruption.out_of_band_deregistration.is_some()
        });
        Self {
            registration_bucket: TokenBucket::new(rules.registration_rate, rules.registration_burst),
            describe_bucket: TokenBucket::new(rules.describe_rate, rules.describe_burst),
            describing_until: SimTime::ZERO,
            bindings: (0..=others).map(|_| Binding::new()).collect(),
            others: vec![OtherGroup::default(); others as usize],
            busy: 0,
            waiting: VecDeque::new(),
            waiting_low: VecDeque::new(),
            leader: Leader::new(rules.leader_node),
            last_resort: BTreeSet::new(),
            nodes: NodeTargets::default(),
            runs_ahead: others == 0 && rules.leader_node.is_none() && !is_disturbed,
        }
    }

    /// Every binding, the main one first.
    fn ids(&self) -> impl Iterator<Item = BindingId> + use<> {
        (0..self.bindings.len()).map(BindingId::at)
    }

    fn binding(&self, binding: BindingId) -> &Binding {
        &self.bindings[binding.index()]
    }

    fn binding_mut(&mut self, binding: BindingId) -> &mut Binding {
        &mut self.bindings[binding.index()]
    }
}

impl World<'_> {
    /// A slice change reached the controller's cache.
    pub(crate) fn slice_seen(&mut self, write: u32) {
        let now = self.now;
        for (pod, endpoint) in self.take_write(write) {
            let object = self.pod_mut(pod);
            object.lbc_endpoint = endpoint;
            let leaves = !endpoint.is_some_and(|endpoint| endpoint.ready) && !object.only_waits_for_gate();
            if leaves && object.registered && object.race.seen.is_none() {
                object.race.seen = Some(now);
                self.traffic.servers[pod.index()].stage = Hop::Controller;
            }
            let terminating = endpoint.is_none_or(|endpoint| endpoint.terminating);
            for binding in self.lbc.ids() {
                let pending = self.pod(pod).gated && !self.gate_passes(binding, pod) && !terminating;
                let binding = self.lbc.binding_mut(binding);
                if pending {
                    binding.gates_pending.insert(pod);
                } else {
                    binding.gates_pending.remove(&pod);
                }
                binding.dirty.insert(pod);
            }
            if self.is_last_resort(pod) {
                self.lbc.last_resort.insert(pod);
            } else {
                self.lbc.last_resort.remove(&pod);
            }
        }
        for binding in self.lbc.ids() {
            self.enqueue_reconcile(binding);
        }
    }

    /// A change of a gated pod reached the controller's cache (from version 3.4 on).
    pub(crate) fn lbc_saw_pod(&mut self, pod: PodId) {
        for binding in self.lbc.ids() {
            self.lbc.binding_mut(binding).dirty.insert(pod);
            self.enqueue_reconcile(binding);
        }
    }

    /// `queue.Add`: at once, whatever back-off is running (lbc §1.3); one item is worked on once at a time.
    fn enqueue_reconcile(&mut self, binding: BindingId) {
        if !self.lbc.leader.leads() {
            // The next leader begins with all items.
            return;
        }
        match self.lbc.binding(binding).reconcile {
            Reconcile::Running => self.lbc.binding_mut(binding).again = true,
            Reconcile::Queued { key } => {
                self.cancel(key);
                self.queue_reconcile(binding, SimDuration::ZERO);
            }
            Reconcile::Waiting { .. } => {
                if let Some(at) = self.lbc.waiting_low.iter().position(|low| *low == binding) {
                    self.lbc.waiting_low.remove(at);
                    self.lbc.waiting.push_back(binding);
                }
            }
            Reconcile::Idle => self.queue_reconcile(binding, SimDuration::ZERO),
        }
    }

    fn queue_reconcile(&mut self, binding: BindingId, after: SimDuration) {
        let key = self.schedule(after, Event::ReconcileDue { binding });
        self.lbc.binding_mut(binding).reconcile = Reconcile::Queued { key };
    }

    /// An item's time has come: it takes a worker, or waits for one.
    pub(crate) fn reconcile_due(&mut self, binding: BindingId) {
        self.lbc.binding_mut(binding).reconcile = Reconcile::Waiting { since: self.now };
        self.lbc.waiting.push_back(binding);
        self.employ_workers();
    }

    /// Gives free workers the items that wait.
    fn employ_workers(&mut self) {
        while self.lbc.busy < self.scenario.load_balancer_controller.workers {
            let next = self.lbc.waiting.pop_front();
            let Some(binding) = next.or_else(|| self.lbc.waiting_low.pop_front()) else {
                return;
            };
            self.lbc.busy += 1;
            self.reconcile_starts(binding);
        }
    }

    /// Whether the pod should be a target (lbc §1.10, ip targets).
    fn is_wanted(&self, pod: PodId) -> bool {
        self.is_wanted_first(pod) || (self.is_last_resort(pod) && !self.some_is_wanted_first())
    }

    /// Wanted whatever becomes of the others.
    fn is_wanted_first(&self, pod: PodId) -> bool {
        let object = self.pod(pod);
        match object.lbc_endpoint {
            Some(Endpoint { ready: true, .. }) => true,
            None | Some(Endpoint { terminating: true, .. }) => false,
            // Not ready, not terminating: it waits for a gate.
            Some(_) => object.containers_ready && self.node_ready_of(pod) == Some(NodeReady::True),
        }
    }

    /// Its node's state is unknown: taken only where there is nothing better (`EndpointsFailOpen`).
    fn is_last_resort(&self, pod: PodId) -> bool {
        let object = self.pod(pod);
        let waits = object.lbc_endpoint.is_some_and(|endpoint| !endpoint.terminating);
        waits && object.containers_ready && self.node_ready_of(pod) == Some(NodeReady::Unknown)
    }

    fn some_is_wanted_first(&self) -> bool {
        (0..self.pods.len()).map(PodId::at).any(|pod| self.is_wanted_first(pod))
    }

    /// Ready condition of the pod's node, if the Node object exists.
    fn node_ready_of(&self, pod: PodId) -> Option<NodeReady> {
        let node = self.node(self.pod(pod).node?);
        node.present.then_some(node.ready)
    }
}
