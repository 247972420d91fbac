//! Readiness gates: which pods have one, and what the controller makes of target health (lbc §2).

use alloc::vec::Vec;

use super::MAIN;
use crate::event::Event;
use crate::id::{BindingId, PodId};
use crate::scenario::hops::FailurePolicy;
use crate::time::SimTime;
use crate::trace::{Fact, TargetHealthState};
use crate::world::World;

impl World<'_> {
    /// Whether the namespace asks for gates; the pods of the run's start are older than a label that came since.
    fn asks_for_gates(&self) -> bool {
        let since = self.scenario.pod.readiness_gate_since;
        let labelled = since.is_none_or(|since| self.now > SimTime::ZERO && self.now >= SimTime::ZERO + since);
        self.scenario.pod.readiness_gate && labelled
    }

    /// Whether a pod created now gets a gate for each binding: only at CREATE, from a webhook (lbc §2.1).
    pub(crate) fn injects_gates(&self) -> bool {
        self.asks_for_gates() && self.lbc.leader.answers_webhook()
    }

    /// A pod without the gate that its namespace asks for.
    pub(crate) fn note_missing_gate(&mut self, pod: PodId) {
        if self.asks_for_gates() && !self.lbc.leader.answers_webhook() {
            self.traffic.summary.observations.gates_not_injected += 1;
            self.fact(|| Fact::GateNotInjected { pod: pod.0 });
        }
    }

    /// When the creation of a pod that is refused now is tried again, if it is refused.
    pub(crate) fn creation_refused_until(&self) -> Option<SimTime> {
        let policy = self.scenario.load_balancer_controller.pod_webhook_failure_policy;
        let refused = policy == FailurePolicy::Fail && self.asks_for_gates();
        self.lbc.leader.webhook_retry(self.now).filter(|_| refused)
    }

    /// Whether the binding's own gate of a pod is True.
    pub(super) fn gate_passes(&self, id: BindingId, pod: PodId) -> bool {
        if id == MAIN {
            self.pod(pod).gate
        } else {
            self.lbc.others[id.index() - 1].gate_passes(pod)
        }
    }

    /// Gates to be patched, with what they become: True for targets that are healthy now; False for those registered
    /// by this reconcile and, after a full list, for those that are no longer healthy (lbc §2.2).
    pub(super) fn gate_changes(&self, id: BindingId) -> Vec<(PodId, bool)> {
        let binding = self.lbc.binding(id);
        let healthy = |pod: &PodId| self.is_registered(id, *pod) && self.is_described_healthy(id, *pod);
        let pending = binding.gates_pending.iter().filter(|pod| healthy(pod));
        let mut changes: Vec<(PodId, bool)> = pending.map(|pod| (*pod, true)).collect();
        if !self.scenario.pod.readiness_gate {
            return changes;
        }
        let closes = |pod: &PodId| self.pod(*pod).gated && self.gate_passes(id, *pod);
        let registered = binding.to_register.iter().map(|target| target.pod());
        changes.extend(registered.filter(closes).map(|pod| (pod, false)));
        if binding.lists_all {
            let all = (0..self.pods.len()).map(PodId::at);
            let sick =
                all.filter(|pod| closes(pod) && self.is_wanted(*pod) && self.is_registered(id, *pod) && !healthy(pod));
            changes.extend(sick.map(|pod| (pod, false)));
        }
        changes
    }

    /// Target health as the last `DescribeTargetHealth` told it.
    fn is_described_healthy(&self, id: BindingId, pod: PodId) -> bool {
        if id == MAIN {
            self.elbv2.described(pod.into()) == TargetHealthState::Healthy
        } else {
            self.lbc.others[id.index() - 1].is_healthy(pod)
        }
    }

    /// A readiness gate's condition has a new value in the API.
    pub(crate) fn gate_patched(&mut self, id: BindingId, pod: PodId, passes: bool) {
        let terminating = self.pod(pod).lbc_endpoint.is_none_or(|endpoint| endpoint.terminating);
        let pending = &mut self.lbc.binding_mut(id).gates_pending;
        if passes || terminating {
            pending.remove(&pod);
        } else {
            pending.insert(pod);
        }
        if self.gate_passes(id, pod) == passes {
            return;
        }
        if id == MAIN {
            self.pod_mut(pod).gate = passes;
        } else {
            self.lbc.others[id.index() - 1].set_gate(pod, passes);
            let missing = &mut self.pod_mut(pod).other_gates_missing;
            *missing = if passes { *missing - 1 } else { *missing + 1 };
        }
        if id != MAIN || !passes {
            self.fact(|| Fact::ReadinessGate {
                pod: pod.0,
                binding: id.0,
                passes,
            });
        }
        self.gate_seen(pod);
    }

    /// Tells the API server to try a refused creation again.
    pub(crate) fn retry_creation(&mut self, revision: u32, at: SimTime) {
        self.traffic.summary.observations.creations_refused += 1;
        self.schedule_at(at, Event::PodCreateCommitted { revision });
    }
}
