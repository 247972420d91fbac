//! One reconcile, from its start on a worker to its end (lbc §1.4).

use alloc::vec::Vec;

use super::calls::Work;
use super::{MAIN, Reconcile, Step};
use crate::backoff;
use crate::bottleneck::Bottleneck;
use crate::event::Event;
use crate::id::{BindingId, PodId, TargetId};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Fact, TargetHealthState};
use crate::world::World;

impl World<'_> {
    /// Resolves the endpoints and looks for changes.
    pub(super) fn reconcile_starts(&mut self, id: BindingId) {
        let now = self.now;
        if id == MAIN {
            self.fact(|| Fact::ReconcileStarted);
        } else {
            self.fact(|| Fact::OtherReconcileStarted { binding: id.0 });
        }
        if let Reconcile::Waiting { since } = self.lbc.binding(id).reconcile {
            self.waits_for(id, Bottleneck::Workers, since, now - since);
        }
        let binding = self.lbc.binding_mut(id);
        binding.reconcile = Reconcile::Running;
        binding.again = false;
        binding.in_work = core::mem::take(&mut binding.dirty);
        let pending: Vec<PodId> = binding.gates_pending.iter().copied().collect();
        binding.in_work.extend(pending);
        let last_resort: Vec<PodId> = self.lbc.last_resort.iter().copied().collect();
        let binding = self.lbc.binding_mut(id);
        binding.in_work.extend(last_resort);
        let nothing_pending = binding.gates_pending.is_empty();
        let resync = core::mem::take(&mut binding.resync);
        let (mut to_deregister, mut to_register) = (Vec::new(), Vec::new());
        for pod in &self.lbc.binding(id).in_work {
            match (self.is_registered(id, *pod), self.is_wanted(*pod)) {
                (true, false) => to_deregister.push(TargetId::from(*pod)),
                (false, true) => to_register.push(TargetId::from(*pod)),
                _ => {}
            }
        }
        if id == MAIN && self.has_node_targets() {
            (to_deregister, to_register) = self.lbc.nodes.changes();
        }
        let changes = !to_deregister.is_empty() || !to_register.is_empty();
        let binding = self.lbc.binding_mut(id);
        let network_failed = binding.network_failed;
        binding.to_deregister = to_deregister;
        binding.to_register = to_register;
        let at = self.now + self.latencies.reconcile.draw();
        if !changes && nothing_pending && !resync && !network_failed {
            // The checkpoint's hash is unchanged: skipped (lbc §1.4 step 2).
            self.end_reconcile(id, at, false);
            return;
        }
        self.advance(id, at, Step::List);
    }

    /// Asks for target health if some target is not known to be healthy, or the cached list is too old (lbc §1.5).
    pub(super) fn list_targets(&mut self, id: BindingId, mut at: SimTime) {
        let ttl = self.scenario.load_balancer_controller.targets_cache_ttl;
        // The age counts from the reconcile's start in a run that is worked out ahead.
        let now = self.now;
        let binding = self.lbc.binding_mut(id);
        binding.lists_all = binding
            .listed_at
            .is_none_or(|listed_at| now.saturating_since(listed_at) > ttl);
        if binding.lists_all {
            binding.listed_at = Some(now);
        }
        let asks = binding.lists_all || binding.cache_unsettled;
        let locked = self.lbc.describing_until.max(at);
        self.waits_for(id, Bottleneck::DescribeLock, at, locked - at);
        at = locked;
        if asks {
            match self.describe_targets(id, at) {
                Ok(done) => at = done,
                Err(failed) => {
                    self.lbc.describing_until = failed;
                    self.lbc.binding_mut(id).listed_at = None;
                    self.end_reconcile(id, failed, true);
                    return;
                }
            }
            self.lbc.describing_until = at;
        }
        let key = self.schedule_at(at, Event::TargetsDescribed { binding: id });
        self.lbc.binding_mut(id).work.next = Some(key);
    }

    /// One `DescribeTargetHealth`: the controller's bucket, then attempts until the account's bucket lets it through.
    /// `Err` is the instant at which the SDK gives up.
    fn describe_targets(&mut self, id: BindingId, at: SimTime) -> Result<SimTime, SimTime> {
        let sent = self.lbc.describe_bucket.reserve(at, 1);
        self.waits_for(id, Bottleneck::ControllerDescribe, at, sent - at);
        let mut at = sent;
        let mut attempt = 1;
        while !self.elbv2.admits_describe(at) {
            if attempt == self.scenario.load_balancer_controller.sdk_max_attempts {
                return Err(at);
            }
            let pause = backoff::aws_sdk(attempt, &mut self.latencies.describe_backoff);
            self.waits_for(id, Bottleneck::AccountDescribe, at, pause);
            at += pause;
            attempt += 1;
        }
        Ok(at + self.latencies.describe.draw())
    }

    /// Target health is known: what has to be called and patched follows.
    pub(crate) fn targets_described(&mut self, id: BindingId) {
        if self.lbc.binding(id).lists_all {
            self.notice_drift(id);
        }
        if id == MAIN && self.network_fails() {
            let now = self.now;
            self.end_reconcile(id, now, true);
            return;
        }
        let gates = self.gate_changes(id);
        let unsettled = self.has_unsettled_targets(id);
        let binding = self.lbc.binding_mut(id);
        binding.cache_unsettled = unsettled;
        let to_deregister = core::mem::take(&mut binding.to_deregister);
        let to_register = core::mem::take(&mut binding.to_register);
        let chunk = self.scenario.load_balancer_controller.targets_per_call as usize;
        binding.work.plan(&to_deregister, &to_register, chunk, gates);
        let mut at = self.now;
        // lbc §1.4 step 6: cleared for any change, and while gates are pending.
        let changes = !to_deregister.is_empty() || !to_register.is_empty() || !binding.gates_pending.is_empty();
        if changes && core::mem::take(&mut binding.checkpoint_saved) {
            at += self.latencies.checkpoint_patch.draw();
        }
        self.advance(id, at, Step::Call);
    }

    /// Whether some target of the group is registered and not healthy.
    fn has_unsettled_targets(&self, id: BindingId) -> bool {
        if id != MAIN {
            return self.lbc.others[id.index() - 1].has_unsettled_targets();
        }
        let unsettled = [TargetHealthState::Initial, TargetHealthState::Unhealthy];
        unsettled.iter().any(|state| self.elbv2.described_count(*state) > 0)
    }

    /// Patches the gates, and ends.
    pub(super) fn patch_gates(&mut self, id: BindingId, mut at: SimTime) {
        for (pod, passes) in core::mem::take(&mut self.lbc.binding_mut(id).work.gates) {
            at += self.latencies.gate_patch.draw();
            let event = Event::GatePatched {
                binding: id,
                pod,
                passes,
            };
            let key = self.schedule_at(at, event);
            self.lbc.binding_mut(id).work.patches.push(key);
        }
        self.end_reconcile(id, at, false);
    }

    pub(super) fn end_reconcile(&mut self, id: BindingId, at: SimTime, failed: bool) {
        let key = self.schedule_at(at, Event::ReconcileEnds { binding: id, failed });
        self.lbc.binding_mut(id).work.next = Some(key);
    }

    pub(crate) fn reconcile_ends(&mut self, id: BindingId, failed: bool) {
        let rules = &self.scenario.load_balancer_controller;
        self.lbc.busy -= 1;
        let binding = self.lbc.binding_mut(id);
        binding.reconcile = Reconcile::Idle;
        binding.work = Work::default();
        if !failed && !binding.again {
            binding.waits.clear();
        }
        if failed {
            let mut unfinished = core::mem::take(&mut binding.in_work);
            binding.dirty.append(&mut unfinished);
            let after = backoff::exponential(rules.queue_backoff, binding.failures, rules.queue_backoff_max);
            binding.failures += 1;
            let after = if binding.again { SimDuration::ZERO } else { after };
            self.queue_reconcile(id, after);
        } else {
            binding.in_work.clear();
            binding.failures = 0;
            if binding.again {
                self.queue_reconcile(id, SimDuration::ZERO);
            } else if binding.gates_pending.is_empty() && !binding.network_failed {
                binding.checkpoint_saved = true;
                // The PATCH that saves it is a change too, whose reconcile is skipped.
                self.defer_resync(id);
            } else {
                self.queue_reconcile(id, rules.gate_poll);
            }
        }
        self.employ_workers();
    }
}
