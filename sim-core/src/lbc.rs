//! The AWS Load Balancer Controller: from a changed slice to calls to ELBv2 (lbc §1).
//!
//! ```text
//! slice seen ─► queue ─► reconcile: diff ─► DescribeTargetHealth ─► PATCH checkpoint ─► DeregisterTargets …
//!                 ▲                                              … ─► RegisterTargets ─► PATCH readiness gates
//!                 └── at once if something changed meanwhile; after 15 s if a gate is not True; back-off on errors
//! ```
//! One target group, so one item in the queue and one worker busy with it. Deregistration comes before registration
//! in the same reconcile.

pub(crate) mod instance;

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::backoff;
use crate::elbv2::AcceptedCall;
use crate::event::Event;
use crate::id::{PodId, TargetId};
use crate::k8s::pod::Endpoint;
use crate::kernel::queue::EventKey;
use crate::outcome::Hop;
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};
use crate::token_bucket::TokenBucket;
use crate::trace::{Call, Fact, TargetHealthState};
use crate::world::World;
use instance::NodeTargets;

/// State of the controller for the one target group.
#[derive(Debug)]
pub(crate) struct LbcState {
    registration_bucket: TokenBucket,
    describe_bucket: TokenBucket,
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
    /// Some cached target is not healthy, so the next reconcile asks ELBv2.
    cache_unsettled: bool,
    /// Last full list.
    listed_at: SimTime,
    to_deregister: Vec<TargetId>,
    to_register: Vec<TargetId>,
    /// Nodes, where they are the targets.
    pub(crate) nodes: NodeTargets,
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
    Running,
}

impl LbcState {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let rules = &scenario.load_balancer_controller;
        Self {
            registration_bucket: TokenBucket::new(rules.registration_rate, rules.registration_burst),
            describe_bucket: TokenBucket::new(rules.describe_rate, rules.describe_burst),
            dirty: BTreeSet::new(),
            in_work: BTreeSet::new(),
            gates_pending: BTreeSet::new(),
            reconcile: Reconcile::Idle,
            again: false,
            failures: 0,
            checkpoint_saved: true,
            cache_unsettled: false,
            listed_at: SimTime::ZERO,
            to_deregister: Vec::new(),
            to_register: Vec::new(),
            nodes: NodeTargets::default(),
            network_failed: false,
        }
    }
}

/// Why a call failed for good.
struct CallFailed {
    at: SimTime,
}

impl World<'_> {
    /// A slice change reached the controller's cache.
    pub(crate) fn slice_seen(&mut self, write: u32) {
        let now = self.now;
        for (pod, endpoint) in self.take_write(write) {
            let object = self.pod_mut(pod);
            object.lbc_endpoint = endpoint;
            let leaves = !endpoint.is_some_and(|endpoint| endpoint.ready);
            if leaves && object.registered && object.race.seen.is_none() {
                object.race.seen = Some(now);
                self.traffic.servers[pod.index()].stage = Hop::Controller;
            }
            let object = self.pod(pod);
            if object.gated && !object.gate && endpoint.is_some_and(|endpoint| !endpoint.terminating) {
                self.lbc.gates_pending.insert(pod);
            } else {
                self.lbc.gates_pending.remove(&pod);
            }
            self.lbc.dirty.insert(pod);
        }
        self.enqueue_reconcile();
    }

    /// A change of a gated pod reached the controller's cache (from version 3.4 on).
    pub(crate) fn lbc_saw_pod(&mut self, pod: PodId) {
        self.lbc.dirty.insert(pod);
        self.enqueue_reconcile();
    }

    /// `queue.Add`: at once, whatever back-off is running (lbc §1.3); one item is worked on once at a time.
    fn enqueue_reconcile(&mut self) {
        match self.lbc.reconcile {
            Reconcile::Running => self.lbc.again = true,
            Reconcile::Queued { key } => {
                self.cancel(key);
                self.queue_reconcile(SimDuration::ZERO);
            }
            Reconcile::Idle => self.queue_reconcile(SimDuration::ZERO),
        }
    }

    fn queue_reconcile(&mut self, after: SimDuration) {
        let key = self.schedule(after, Event::ReconcileStarts);
        self.lbc.reconcile = Reconcile::Queued { key };
    }

    /// Whether the pod should be a target (lbc §1.10, ip targets on a Ready node).
    fn is_wanted(&self, pod: PodId) -> bool {
        let object = self.pod(pod);
        match object.lbc_endpoint {
            Some(Endpoint { ready: true, .. }) => true,
            None | Some(Endpoint { terminating: true, .. }) => false,
            // Not ready, not terminating: it waits for a gate.
            Some(_) => object.containers_ready,
        }
    }

    /// Resolves the endpoints and looks for changes; health is asked for if some target is not known to be healthy.
    pub(crate) fn reconcile_starts(&mut self) {
        self.lbc.reconcile = Reconcile::Running;
        self.lbc.again = false;
        self.fact(|| Fact::ReconcileStarted);
        self.lbc.in_work = core::mem::take(&mut self.lbc.dirty);
        let pending: Vec<PodId> = self.lbc.gates_pending.iter().copied().collect();
        self.lbc.in_work.extend(pending);
        self.lbc.to_deregister.clear();
        self.lbc.to_register.clear();
        for pod in self.lbc.in_work.iter().copied().collect::<Vec<_>>() {
            match (self.pod(pod).registered, self.is_wanted(pod)) {
                (true, false) => self.lbc.to_deregister.push(pod.into()),
                (false, true) => self.lbc.to_register.push(pod.into()),
                _ => {}
            }
        }
        if self.has_node_targets() {
            (self.lbc.to_deregister, self.lbc.to_register) = self.lbc.nodes.changes();
        }
        let changes = !self.lbc.to_deregister.is_empty() || !self.lbc.to_register.is_empty();
        let mut at = self.now + self.latencies.reconcile.draw();
        if !changes && self.lbc.gates_pending.is_empty() && !self.lbc.network_failed {
            // The checkpoint's hash is unchanged: skipped (lbc §1.4 step 2).
            self.schedule_at(at, Event::ReconcileEnds { failed: false });
            return;
        }
        let expired =
            self.now.saturating_since(self.lbc.listed_at) > self.scenario.load_balancer_controller.targets_cache_ttl;
        if self.lbc.cache_unsettled || expired {
            at = self.lbc.describe_bucket.reserve(at, 1) + self.latencies.describe.draw();
        }
        if expired {
            self.lbc.listed_at = self.now;
        }
        self.schedule_at(at, Event::TargetsDescribed);
    }

    /// The calls of the reconcile, one after another: their instants follow from the buckets and are all known now.
    pub(crate) fn targets_described(&mut self) {
        let to_deregister = core::mem::take(&mut self.lbc.to_deregister);
        let to_register = core::mem::take(&mut self.lbc.to_register);
        let healthy_gates: Vec<PodId> = self
            .lbc
            .gates_pending
            .iter()
            .copied()
            .filter(|pod| {
                self.pod(*pod).registered && self.elbv2.described((*pod).into()) == TargetHealthState::Healthy
            })
            .collect();
        let unsettled = [TargetHealthState::Initial, TargetHealthState::Unhealthy];
        self.lbc.cache_unsettled = unsettled.iter().any(|state| self.elbv2.described_count(*state) > 0);
        let mut at = self.now;
        if self.network_fails() {
            self.schedule_at(at, Event::ReconcileEnds { failed: true });
            return;
        }
        // lbc §1.4 step 6: cleared for any change, and while gates are pending.
        let changes = !to_deregister.is_empty() || !to_register.is_empty() || !self.lbc.gates_pending.is_empty();
        if changes && core::mem::take(&mut self.lbc.checkpoint_saved) {
            at += self.latencies.checkpoint_patch.draw();
        }
        match self.make_calls(at, &to_deregister, &to_register) {
            Ok(done) => at = done,
            Err(CallFailed { at }) => {
                self.schedule_at(at, Event::ReconcileEnds { failed: true });
                return;
            }
        }
        for pod in healthy_gates {
            at += self.latencies.gate_patch.draw();
            self.schedule_at(at, Event::GatePatched { pod });
        }
        self.schedule_at(at, Event::ReconcileEnds { failed: false });
    }

    /// Deregisters, then registers, in chunks; the first failure ends it.
    fn make_calls(
        &mut self,
        start: SimTime,
        to_deregister: &[TargetId],
        to_register: &[TargetId],
    ) -> Result<SimTime, CallFailed> {
        let chunk = self.scenario.load_balancer_controller.targets_per_call as usize;
        let mut at = start;
        for targets in to_deregister.chunks(chunk) {
            at = self.make_call(at, Call::DeregisterTargets, targets)?;
        }
        for targets in to_register.chunks(chunk) {
            at = self.make_call(at, Call::RegisterTargets, targets)?;
        }
        Ok(at)
    }

    /// One call: the controller's own bucket, then attempts until the account's bucket and ELBv2 accept it.
    fn make_call(&mut self, start: SimTime, call: Call, targets: &[TargetId]) -> Result<SimTime, CallFailed> {
        let mut at = self.lbc.registration_bucket.reserve(start, 1);
        let mut attempt = 1;
        let latency = loop {
            let latency = match call {
                Call::DeregisterTargets => self.latencies.deregister_call.draw(),
                Call::RegisterTargets => self.latencies.register_call.draw(),
            };
            if self.elbv2.admits(at) && !self.latencies.call_failure.draw() {
                break latency;
            }
            if attempt == self.scenario.load_balancer_controller.sdk_max_attempts {
                return Err(CallFailed { at });
            }
            at += self.sdk_backoff(attempt);
            attempt += 1;
        };
        let delay = at - start;
        self.traffic.summary.observations.throttled += delay;
        for target in targets {
            let registers = call == Call::RegisterTargets;
            if self.has_node_targets() {
                self.lbc.nodes.set_registered(target.node(), registers);
            } else {
                self.pod_mut(target.pod()).registered = registers;
            }
            if call == Call::DeregisterTargets {
                if !self.has_node_targets() {
                    self.pod_mut(target.pod()).race.throttled = delay;
                }
                if !delay.is_zero() {
                    self.set_target_stage(*target, Hop::ApiThrottle);
                }
            }
        }
        self.lbc.cache_unsettled = true;
        let accepted = at + latency;
        let index = self.elbv2.add_call(AcceptedCall {
            call,
            targets: targets.to_vec(),
            delay,
            nodes_left: 0,
        });
        self.schedule_at(accepted, Event::CallAccepted { call: index });
        Ok(accepted)
    }

    /// Back-off of the AWS SDK before retry `n`: U(0,1) · 2ⁿ s up to the fourth, then 20 s (lbc §1.8).
    fn sdk_backoff(&mut self, n: u32) -> SimDuration {
        if n > 4 {
            return SimDuration::from_secs(20);
        }
        let whole = SimDuration::from_secs(1 << n).as_ns();
        SimDuration::from_ns(self.latencies.sdk_backoff.next_u64() % whole)
    }

    pub(crate) fn reconcile_ends(&mut self, failed: bool) {
        self.lbc.reconcile = Reconcile::Idle;
        let rules = &self.scenario.load_balancer_controller;
        if failed {
            let mut unfinished = core::mem::take(&mut self.lbc.in_work);
            self.lbc.dirty.append(&mut unfinished);
            let after = backoff::exponential(rules.queue_backoff, self.lbc.failures, rules.queue_backoff_max);
            self.lbc.failures += 1;
            self.queue_reconcile(if self.lbc.again { SimDuration::ZERO } else { after });
            return;
        }
        self.lbc.in_work.clear();
        self.lbc.failures = 0;
        if self.lbc.again {
            self.queue_reconcile(SimDuration::ZERO);
        } else if self.lbc.gates_pending.is_empty() && !self.lbc.network_failed {
            self.lbc.checkpoint_saved = true;
        } else {
            let poll = rules.gate_poll;
            self.queue_reconcile(poll);
        }
    }

    /// A readiness gate's condition is True in the API.
    pub(crate) fn gate_patched(&mut self, pod: PodId) {
        self.lbc.gates_pending.remove(&pod);
        if self.pod(pod).gate {
            return;
        }
        self.pod_mut(pod).gate = true;
        self.gate_seen(pod);
    }
}
