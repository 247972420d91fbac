//! Calls that ELBv2 accepts: the controller's, and those that somebody else makes.

use alloc::vec::Vec;

use super::{AcceptedCall, Elbv2State};
use crate::id::{BindingId, TargetId};
use crate::lbc::MAIN;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Call, Fact, TargetHealthState};
use crate::world::World;

impl Elbv2State {
    /// Whether ELBv2 has it registered.
    pub(crate) fn is_registered(&self, target: TargetId) -> bool {
        !matches!(
            self.described(target),
            TargetHealthState::Draining | TargetHealthState::Unused
        )
    }

    /// Whether the account's bucket lets one more `Describe*` call through (alb §5.4).
    pub(crate) fn admits_describe(&mut self, at: SimTime) -> bool {
        self.describe_bucket.try_take(at)
    }

    /// Whether somebody else has deregistered targets.
    pub(crate) fn has_drifted(&self) -> bool {
        self.drifted
    }

    /// The binding for whose target group a call was made.
    pub(crate) fn call_binding(&self, index: u32) -> BindingId {
        self.calls[index as usize].binding
    }
}

impl World<'_> {
    /// ELBv2 accepted a call of the controller.
    pub(crate) fn call_accepted(&mut self, index: u32) {
        let AcceptedCall {
            binding, call, delay, ..
        } = self.elbv2.calls[index as usize];
        let mut targets = core::mem::take(&mut self.elbv2.calls[index as usize].targets);
        if binding != MAIN {
            self.other_call_accepted(binding, index, call, &targets);
            return;
        }
        if !delay.is_zero() {
            self.fact(|| Fact::CallDelayed {
                call,
                delay_ns: delay.as_ns(),
            });
        }
        if call == Call::DeregisterTargets && self.elbv2.drifted {
            // What somebody else has deregistered is not deregistered again.
            targets.retain(|target| self.elbv2.is_registered(*target));
            if targets.is_empty() {
                return;
            }
        }
        self.fact(|| Fact::CallAccepted {
            call,
            targets: targets.iter().map(|target| target.0).collect(),
        });
        if call == Call::DeregisterTargets && !self.has_node_targets() {
            self.count_deregistrations(&targets);
        }
        self.apply_call(index, targets);
    }

    /// Somebody else deregisters some targets; the controller's cache does not know.
    pub(crate) fn deregister_out_of_band(&mut self, count: u32) {
        self.begin_disruption("out_of_band_deregistration");
        let registered = self.target_ids().filter(|target| self.elbv2.is_registered(*target));
        let targets: Vec<TargetId> = registered.take(count as usize).collect();
        if targets.is_empty() {
            return;
        }
        self.elbv2.drifted = true;
        self.fact(|| Fact::DeregisteredOutOfBand {
            targets: targets.iter().map(|target| target.0).collect(),
        });
        let index = self.elbv2.add_call(AcceptedCall {
            binding: MAIN,
            call: Call::DeregisterTargets,
            targets: Vec::new(),
            delay: SimDuration::ZERO,
            nodes_left: 0,
        });
        self.apply_call(index, targets.clone());
        for target in targets {
            // Not a step of the race: the controller has not acted.
            if !self.has_node_targets() {
                self.pod_mut(target.pod()).race.accepted = None;
            }
        }
    }
}
