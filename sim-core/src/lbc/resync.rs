//! Drift: targets that somebody else took out, and how the controller comes to notice (lbc §1.5, §1.6).
//!
//! A skipped reconcile puts its item into a queue for 30 to 45 minutes; then its checkpoint is cleared and the next
//! reconcile looks at everything. Without drift that reconcile finds nothing, so it is modelled only in scenarios in
//! which somebody else deregisters targets.

use crate::event::Event;
use crate::id::BindingId;
use crate::time::SimDuration;
use crate::trace::TargetHealthState;
use crate::world::World;

use super::MAIN;

impl World<'_> {
    /// Whether somebody else deregisters targets at some time.
    fn may_drift(&self) -> bool {
        let disruptions = &mut self.scenario.disruptions.iter();
        disruptions.any(|disruption| disruption.out_of_band_deregistration.is_some())
    }

    /// At the run's start every item has long been waiting for its next look at everything.
    pub(crate) fn begin_resyncs(&mut self) {
        if !self.may_drift() {
            return;
        }
        for id in self.lbc.ids() {
            let period = self.scenario.load_balancer_controller.resync_after + self.latencies.resync_jitter.draw();
            let after = SimDuration::from_ns(self.latencies.resync_phase.next_u64() % period.as_ns());
            let key = self.schedule(after, Event::ResyncDue { binding: id });
            self.lbc.binding_mut(id).resync_due = Some(key);
        }
    }

    /// A reconcile was skipped: its item is looked at again later, once.
    pub(super) fn defer_resync(&mut self, id: BindingId) {
        if self.lbc.binding(id).resync_due.is_some() || !self.may_drift() {
            return;
        }
        let after = self.scenario.load_balancer_controller.resync_after + self.latencies.resync_jitter.draw();
        let key = self.schedule(after, Event::ResyncDue { binding: id });
        self.lbc.binding_mut(id).resync_due = Some(key);
    }

    /// The checkpoint is cleared, which is a change of the `TargetGroupBinding`.
    pub(crate) fn resync_due(&mut self, id: BindingId) {
        let binding = self.lbc.binding_mut(id);
        binding.resync_due = None;
        binding.resync = true;
        binding.checkpoint_saved = false;
        self.enqueue_reconcile(id);
    }

    /// A full list shows targets that are no longer registered: they are registered again.
    pub(super) fn notice_drift(&mut self, id: BindingId) {
        if id != MAIN || !self.elbv2.has_drifted() {
            return;
        }
        let nodes = self.has_node_targets();
        for target in self.target_ids() {
            let state = self.elbv2.described(target);
            let is_gone = matches!(state, TargetHealthState::Draining | TargetHealthState::Unused);
            let is_registered = if nodes {
                self.lbc.nodes.is_registered(target.node())
            } else {
                self.is_registered(id, target.pod())
            };
            if !is_gone || !is_registered {
                continue;
            }
            self.set_registered(id, target, false);
            let is_wanted = if nodes {
                self.lbc.nodes.is_wanted(target.node())
            } else {
                self.is_wanted(target.pod())
            };
            let binding = self.lbc.binding_mut(id);
            binding.to_deregister.retain(|leaving| *leaving != target);
            if !nodes {
                // If a call of this reconcile fails, the next one looks at it again.
                binding.in_work.insert(target.pod());
            }
            if is_wanted {
                binding.to_register.push(target);
            }
        }
    }
}
