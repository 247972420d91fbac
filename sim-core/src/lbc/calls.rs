//! The calls of a reconcile, one after another: the controller's bucket, the account's bucket, retries (lbc §1.7, §1.8).

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::MAIN;
use crate::backoff;
use crate::bottleneck::Bottleneck;
use crate::elbv2::AcceptedCall;
use crate::event::Event;
use crate::id::{BindingId, PodId, TargetId};
use crate::kernel::queue::EventKey;
use crate::outcome::Hop;
use crate::time::{SimDuration, SimTime};
use crate::trace::Call;
use crate::world::World;

/// A step of a reconcile that comes after a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It asks for target health.
    List,
    /// It turns to its next call, or to the gates after the last one.
    Call,
    /// It tries a call.
    Attempt,
}

/// What a running reconcile has before it.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Calls still to be made; the first one is being tried.
    calls: VecDeque<(Call, Vec<TargetId>)>,
    /// Gates to be patched after the calls, and to what.
    pub(super) gates: Vec<(PodId, bool)>,
    /// When the call at hand asked the controller's bucket, and which attempt it is at.
    since: SimTime,
    attempt: u32,
    /// The next step.
    pub(super) next: Option<EventKey>,
    /// The call that ELBv2 has not accepted yet.
    in_flight: Option<(EventKey, Call, Vec<TargetId>)>,
    /// Gate patches under way.
    pub(super) patches: Vec<EventKey>,
}

impl Work {
    /// Deregisters, then registers, in chunks.
    pub(super) fn plan(
        &mut self,
        to_deregister: &[TargetId],
        to_register: &[TargetId],
        chunk: usize,
        gates: Vec<(PodId, bool)>,
    ) {
        let deregister = to_deregister.chunks(chunk);
        let register = to_register.chunks(chunk);
        self.calls = deregister
            .map(|targets| (Call::DeregisterTargets, targets.to_vec()))
            .chain(register.map(|targets| (Call::RegisterTargets, targets.to_vec())))
            .collect();
        self.gates = gates;
    }
}

impl World<'_> {
    pub(crate) fn reconcile_step(&mut self, id: BindingId, step: Step) {
        let now = self.now;
        self.advance(id, now, step);
    }

    /// Takes steps from `step` on, the first at `at`.
    ///
    /// Where nobody else can take a token meanwhile and nothing can cut the reconcile short, the instants of all calls
    /// follow from the buckets and are worked out at once; else each step waits for its instant.
    pub(super) fn advance(&mut self, id: BindingId, mut at: SimTime, mut step: Step) {
        loop {
            if at > self.now && !self.lbc.runs_ahead {
                let key = self.schedule_at(at, Event::ReconcileStep { binding: id, step });
                self.lbc.binding_mut(id).work.next = Some(key);
                return;
            }
            let next = match step {
                Step::List => {
                    self.list_targets(id, at);
                    None
                }
                Step::Call => self.next_call(id, at),
                Step::Attempt => self.attempt(id, at),
            };
            let Some(next) = next else { return };
            (at, step) = next;
        }
    }

    /// The controller's own bucket, shared by all bindings.
    fn next_call(&mut self, id: BindingId, at: SimTime) -> Option<(SimTime, Step)> {
        if self.lbc.binding(id).work.calls.is_empty() {
            self.patch_gates(id, at);
            return None;
        }
        let sent = self.lbc.registration_bucket.reserve(at, 1);
        let work = &mut self.lbc.binding_mut(id).work;
        work.since = at;
        work.attempt = 1;
        self.call_waits(id, Bottleneck::ControllerRegistration, at, sent - at);
        Some((sent, Step::Attempt))
    }

    /// One attempt: the account's bucket and ELBv2 accept it, or the SDK backs off, or the reconcile has failed.
    fn attempt(&mut self, id: BindingId, at: SimTime) -> Option<(SimTime, Step)> {
        let (call, targets) = self.lbc.binding_mut(id).work.calls.front().cloned().expect("a call");
        let latency = match call {
            Call::DeregisterTargets => self.latencies.deregister_call.draw(),
            Call::RegisterTargets => self.latencies.register_call.draw(),
        };
        if call == Call::RegisterTargets && self.exceeds_quota(id, targets.len()) {
            // Not retryable: the queue's back-off follows at once (lbc §1.8).
            self.traffic.summary.observations.quota_refusals += 1;
            self.end_reconcile(id, at, true);
            return None;
        }
        let admitted = self.elbv2.admits(at);
        if admitted && !self.latencies.call_failure.draw() {
            self.lbc.binding_mut(id).work.calls.pop_front();
            return Some((self.call_succeeds(id, at, latency, call, targets), Step::Call));
        }
        let attempt = self.lbc.binding(id).work.attempt;
        if attempt == self.scenario.load_balancer_controller.sdk_max_attempts {
            self.end_reconcile(id, at, true);
            return None;
        }
        let pause = backoff::aws_sdk(attempt, &mut self.latencies.sdk_backoff);
        let bottleneck = if admitted {
            Bottleneck::SdkRetry
        } else {
            Bottleneck::AccountRegistration
        };
        self.call_waits(id, bottleneck, at, pause);
        self.lbc.binding_mut(id).work.attempt += 1;
        Some((at + pause, Step::Attempt))
    }

    /// Whether a registration would break an enforced quota (alb §5.5, lbc §5.1 #4360).
    fn exceeds_quota(&self, id: BindingId, targets: usize) -> bool {
        let rules = &self.scenario.elbv2;
        let registered = self.lbc.binding(id).registered_count as usize;
        rules.enforce_targets_quota && registered + targets > rules.targets_per_target_group_quota as usize
    }

    /// The call at hand waits.
    fn call_waits(&mut self, id: BindingId, bottleneck: Bottleneck, since: SimTime, lasted: SimDuration) {
        self.waits_for(id, bottleneck, since, lasted);
        if lasted.is_zero() || self.lbc.runs_ahead || id != MAIN {
            // Worked out ahead, the call may still fail; then it has never waited for the API alone.
            return;
        }
        if let Some((Call::DeregisterTargets, targets)) = self.lbc.bindings[0].work.calls.front() {
            for target in targets.clone() {
                self.set_target_stage(target, Hop::ApiThrottle);
            }
        }
    }

    /// The attempt at `at` gets through; returns when ELBv2 accepts it.
    fn call_succeeds(
        &mut self,
        id: BindingId,
        at: SimTime,
        latency: SimDuration,
        call: Call,
        targets: Vec<TargetId>,
    ) -> SimTime {
        let registers = call == Call::RegisterTargets;
        let delay = at - self.lbc.binding(id).work.since;
        self.traffic.summary.observations.throttled += delay;
        for target in &targets {
            self.set_registered(id, *target, registers);
            if id == MAIN && !registers {
                if !self.has_node_targets() {
                    self.pod_mut(target.pod()).race.throttled = delay;
                }
                if !delay.is_zero() {
                    self.set_target_stage(*target, Hop::ApiThrottle);
                }
            }
        }
        let accepted = at + latency;
        let binding = self.lbc.binding_mut(id);
        binding.cache_unsettled = true;
        let index = self.elbv2.add_call(AcceptedCall {
            binding: id,
            call,
            targets: targets.clone(),
            delay,
            nodes_left: 0,
        });
        let key = self.schedule_at(accepted, Event::CallAccepted { call: index });
        if !self.lbc.runs_ahead {
            self.lbc.binding_mut(id).work.in_flight = Some((key, call, targets));
        }
        accepted
    }

    /// The leader is gone: what ELBv2 has not accepted is not done.
    pub(super) fn cut_reconcile(&mut self, id: BindingId) {
        let work = core::mem::take(&mut self.lbc.binding_mut(id).work);
        for key in work.next.into_iter().chain(work.patches) {
            self.cancel(key);
        }
        if let Some((key, call, targets)) = work.in_flight
            && self.prevent(key)
        {
            for target in targets {
                self.set_registered(id, target, call == Call::DeregisterTargets);
            }
        }
        let binding = self.lbc.binding_mut(id);
        let mut unfinished = core::mem::take(&mut binding.in_work);
        binding.dirty.append(&mut unfinished);
    }
}
