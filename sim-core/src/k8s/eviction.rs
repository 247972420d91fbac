//! The eviction API (kubernetes §1.1.5, §5.1.2–5.1.4): a budget says whether a pod may be deleted now.
//!
//! Every drainer uses it; how long and how often a refused eviction is tried again is the drainer's own rule.

use super::node::PodRef;
use crate::event::Event;
use crate::id::{KubeNodeId, PodId};
use crate::world::World;

impl World<'_> {
    /// Asks for the eviction of a pod, charged to the disruption `cause`; `grace_s` replaces a longer grace period.
    ///
    /// Returns false if the budget refuses it (429). A pod that is already on its way out is not refused.
    pub(crate) fn evict(&mut self, pod: PodRef, cause: u32, grace_s: Option<u64>) -> bool {
        match pod {
            PodRef::App(pod) => self.evict_app(pod, cause, grace_s),
            PodRef::Other(other) => {
                self.delete_other(other, grace_s);
                true
            }
        }
    }

    fn evict_app(&mut self, pod: PodId, cause: u32, grace_s: Option<u64>) -> bool {
        if !self.pod(pod).is_active() {
            return true;
        }
        if !self.budget_allows(pod) {
            self.traffic.summary.observations.evictions_refused += 1;
            return false;
        }
        let object = self.pod_mut(pod);
        object.deletion_requested = true;
        object.deletion_cause = Some(cause);
        object.deletion_grace_s = grace_s;
        // A condition in the pod's status first, then the DELETE (kubernetes §1.1.5).
        let after = self.latencies.api_write.draw() + self.latencies.api_write.draw();
        self.schedule(after, Event::DeleteCommitted { pod });
        true
    }

    /// A DELETE that asks no budget.
    pub(crate) fn delete_pod(&mut self, pod: PodRef, cause: Option<u32>, grace_s: Option<u64>) {
        match pod {
            PodRef::App(pod) => {
                if !self.pod(pod).is_active() {
                    return;
                }
                let object = self.pod_mut(pod);
                object.deletion_requested = true;
                object.deletion_cause = cause;
                object.deletion_grace_s = grace_s;
                let after = self.latencies.api_write.draw();
                self.schedule(after, Event::DeleteCommitted { pod });
            }
            PodRef::Other(other) => self.delete_other(other, grace_s),
        }
    }

    /// Whether every pod that a drain has to wait for has left the node: terminal ones it does not wait for.
    pub(crate) fn is_emptied(&self, node: KubeNodeId) -> bool {
        self.node(node).pods_count() == 0
    }

    /// Whether the budget allows one more disruption (kubernetes §5.1.2–5.1.4).
    pub(crate) fn budget_allows(&self, victim: PodId) -> bool {
        let Some(desired) = self.desired_healthy() else {
            return true;
        };
        if !self.pod(victim).view.has_ip {
            // Pending pods skip the check.
            return true;
        }
        let healthy = self.healthy_count();
        if self.pod(victim).view.ready {
            healthy > desired
        } else {
            // IfHealthyBudget: a pod that is not Ready may go while the others are enough.
            desired > 0 && healthy >= desired
        }
    }

    /// `disruptionsAllowed` of the budget, if there is one.
    pub(crate) fn disruptions_allowed(&self) -> Option<usize> {
        let desired = self.desired_healthy()?;
        Some(self.healthy_count().saturating_sub(desired))
    }

    /// `desiredHealthy` of the budget, if there is one.
    fn desired_healthy(&self) -> Option<usize> {
        let budget = &self.scenario.pod_disruption_budget;
        let replicas = self.deployment.replicas;
        let desired = match (budget.min_available, budget.max_unavailable) {
            (Some(min_available), _) => min_available.round_up(replicas),
            (None, Some(max_unavailable)) => replicas.saturating_sub(max_unavailable.round_up(replicas)),
            (None, None) => return None,
        };
        Some(desired as usize)
    }

    fn healthy_count(&self) -> usize {
        self.pods.iter().filter(|pod| pod.is_active() && pod.view.ready).count()
    }
}
