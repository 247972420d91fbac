//! Target groups of further `TargetGroupBinding`s: the same pods, no traffic.
//!
//! What matters of them is what they take from the controller and the account, and their gates: a pod is Ready when
//! the gates of all bindings are True (lbc §2.2). A target is healthy once every ALB node has registered it and its
//! server has passed the first checks; it stays so until it is deregistered.

use alloc::vec::Vec;

use super::MAIN;
use crate::event::Event;
use crate::id::{BindingId, PodId, TargetId};
use crate::scenario::hops::Consensus;
use crate::time::SimDuration;
use crate::trace::{Call, Fact};
use crate::world::World;

/// One further target group.
#[derive(Debug, Clone, Default)]
pub(super) struct OtherGroup {
    targets: Vec<OtherTarget>,
    /// Targets that are registered and not healthy.
    unsettled_count: u32,
}

/// A pod in it.
#[derive(Debug, Clone, Copy, Default)]
struct OtherTarget {
    registered: bool,
    healthy: bool,
    gate: bool,
    /// The last accepted call; the check of an earlier registration is stale.
    call: Option<u32>,
}

impl OtherGroup {
    pub(super) fn has_unsettled_targets(&self) -> bool {
        self.unsettled_count > 0
    }

    pub(super) fn gate_passes(&self, pod: PodId) -> bool {
        self.targets[pod.index()].gate
    }

    pub(super) fn set_gate(&mut self, pod: PodId, passes: bool) {
        self.targets[pod.index()].gate = passes;
    }

    pub(super) fn is_healthy(&self, pod: PodId) -> bool {
        self.targets[pod.index()].healthy
    }

    fn set_registered(&mut self, pod: PodId, registered: bool) {
        let target = &mut self.targets[pod.index()];
        match (target.registered, registered) {
            (false, true) => self.unsettled_count += 1,
            (true, false) if !target.healthy => self.unsettled_count -= 1,
            _ => {}
        }
        target.registered = registered;
        target.healthy = false;
    }

    fn set_healthy(&mut self, pod: PodId) {
        let target = &mut self.targets[pod.index()];
        if target.registered && !target.healthy {
            target.healthy = true;
            self.unsettled_count -= 1;
        }
    }
}

impl World<'_> {
    /// A new pod may become a target of every group.
    pub(crate) fn add_other_targets(&mut self, pod: PodId) {
        let mut groups = 0;
        for group in &mut self.lbc.others {
            group.targets.push(OtherTarget::default());
            groups += 1;
        }
        self.pod_mut(pod).other_gates_missing = groups;
    }

    /// A pod of the run's start has long been a healthy target of every group.
    pub(crate) fn settle_other_targets(&mut self, pod: PodId) {
        for group in &mut self.lbc.others {
            let target = &mut group.targets[pod.index()];
            (target.registered, target.healthy, target.gate) = (true, true, true);
        }
        let nodes = self.has_node_targets();
        for id in self.lbc.ids().filter(|id| *id != MAIN || !nodes) {
            self.lbc.binding_mut(id).registered_count += 1;
        }
        self.pod_mut(pod).other_gates_missing = 0;
    }

    /// Whether a pod is a target of the binding's group, as the controller knows it.
    pub(super) fn is_registered(&self, id: BindingId, pod: PodId) -> bool {
        if id == MAIN {
            self.pod(pod).registered
        } else {
            self.lbc.others[id.index() - 1].targets[pod.index()].registered
        }
    }

    pub(super) fn set_registered(&mut self, id: BindingId, target: TargetId, registered: bool) {
        let is_node = id == MAIN && self.has_node_targets();
        let before = if is_node {
            self.lbc.nodes.is_registered(target.node())
        } else {
            self.is_registered(id, target.pod())
        };
        if before != registered {
            let count = &mut self.lbc.binding_mut(id).registered_count;
            *count = if registered { *count + 1 } else { *count - 1 };
        }
        if is_node {
            self.lbc.nodes.set_registered(target.node(), registered);
        } else if id == MAIN {
            self.pod_mut(target.pod()).registered = registered;
        } else {
            self.lbc.others[id.index() - 1].set_registered(target.pod(), registered);
        }
    }

    /// ELBv2 accepted a call for a further group.
    pub(crate) fn other_call_accepted(&mut self, id: BindingId, index: u32, call: Call, targets: &[TargetId]) {
        self.fact(|| Fact::OtherCallAccepted {
            binding: id.0,
            call,
            targets: targets.iter().map(|target| target.0).collect(),
        });
        for target in targets {
            self.lbc.others[id.index() - 1].targets[target.index()].call = Some(index);
        }
        if call == Call::DeregisterTargets {
            return;
        }
        let draws = (0..self.traffic.rules.alb_nodes).map(|_| self.latencies.other_register_propagation.draw());
        let learned = match self.scenario.elbv2.described_healthy_by {
            Consensus::All => draws.max(),
            Consensus::Any => draws.min(),
        };
        // The first check comes with the registration (alb §1.4); further ones follow at the interval.
        let more = u64::from(self.scenario.elbv2.initial_pass_count - 1);
        let checked = self.scenario.target_group.health_check.interval * more;
        let after = learned.unwrap_or(SimDuration::ZERO) + checked;
        for target in targets {
            let pod = target.pod();
            self.schedule(after, Event::OtherTargetChecked { call: index, pod });
        }
    }

    /// A check of a further group's target: it passes, or the next one may.
    pub(crate) fn other_target_checked(&mut self, index: u32, pod: PodId) {
        let id = self.elbv2.call_binding(index);
        if self.lbc.others[id.index() - 1].targets[pod.index()].call != Some(index) {
            return;
        }
        if self.traffic.servers[pod.index()].is_serving() {
            self.lbc.others[id.index() - 1].set_healthy(pod);
        } else if !self.pod(pod).object_gone {
            let interval = self.scenario.target_group.health_check.interval;
            self.schedule(interval, Event::OtherTargetChecked { call: index, pod });
        }
    }
}
