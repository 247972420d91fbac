//! The Deployment controller: scaling, rolling updates and Recreate (kubernetes §4.3).

use alloc::vec;
use alloc::vec::Vec;

use super::replica_set::ReplicaSet;
use crate::dist::Rate;
use crate::event::Event;
use crate::id::PodId;
use crate::scenario::Scenario;
use crate::scenario::cluster::Strategy;
use crate::time::SimDuration;
use crate::token_bucket::TokenBucket;
use crate::world::World;

/// The Deployment and its `ReplicaSet`s, oldest first.
#[derive(Debug)]
pub(crate) struct DeploymentState {
    /// `spec.replicas`.
    pub(crate) replicas: u32,
    pub(crate) sets: Vec<ReplicaSet>,
    sync_queued: bool,
    /// Client bucket of the `ReplicaSet` controller (kubernetes §2.3.10).
    pub(crate) bucket: TokenBucket,
    /// Tokens that one pod deletion or creation takes.
    pub(crate) tokens_per_pod: u32,
    /// Pods the API shows: not ready, ready, terminating.
    pub(crate) pod_counts: [u32; 3],
}

impl DeploymentState {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let limits = &scenario.controller_manager;
        let qps = Rate::from_qps(limits.client_qps);
        Self {
            replicas: scenario.deployment.replicas,
            sets: vec![ReplicaSet {
                spec: scenario.deployment.replicas,
                seen_spec: scenario.deployment.replicas,
                ..ReplicaSet::default()
            }],
            sync_queued: false,
            bucket: TokenBucket::new(qps, limits.client_burst),
            tokens_per_pod: if limits.events_share_bucket { 2 } else { 1 },
            pod_counts: [0; 3],
        }
    }

    pub(crate) fn pod_added(&mut self) {
        self.pod_counts[0] += 1;
    }

    /// Counts a pod that was Ready before the run began.
    pub(crate) fn steady_pod(&mut self, pod: PodId) {
        self.pod_counts[0] -= 1;
        self.pod_counts[1] += 1;
        let set = &mut self.sets[0];
        set.active.push(pod);
        set.present += 1;
        set.available += 1;
    }
}

impl World<'_> {
    /// Somebody writes a new number of replicas: a disruption of that kind.
    pub(crate) fn scale(&mut self, kind: &'static str, replicas: u32) {
        let disruption = self.begin_disruption(kind);
        self.deployment_disruption = Some(disruption);
        self.deployment.replicas = replicas;
        self.queue_deployment_sync();
    }

    /// Somebody changes the pod template.
    pub(crate) fn rollout(&mut self) {
        let disruption = self.begin_disruption("rollout");
        self.deployment_disruption = Some(disruption);
        self.deployment.sets.push(ReplicaSet::default());
        self.queue_deployment_sync();
    }

    /// The controller sees a change after one write and one watch; changes until then coalesce.
    pub(crate) fn queue_deployment_sync(&mut self) {
        if !self.deployment.sync_queued {
            self.deployment.sync_queued = true;
            let after = self.latencies.api_write.draw() + self.latencies.api_watch.draw();
            self.schedule(after, Event::DeploymentSync);
        }
    }

    pub(crate) fn deployment_sync(&mut self) {
        self.deployment.sync_queued = false;
        match self.scenario.deployment.strategy {
            Strategy::RollingUpdate => self.roll(),
            Strategy::Recreate => self.recreate(),
        }
    }

    fn set_spec(&mut self, revision: usize, spec: u32) {
        if self.deployment.sets[revision].spec != spec {
            self.deployment.sets[revision].spec = spec;
            let after = self.latencies.api_write.draw() + self.latencies.api_watch.draw();
            // Watch events of one object arrive in order.
            let at = (self.now + after).max(self.deployment.sets[revision].spec_seen_at);
            self.deployment.sets[revision].spec_seen_at = at;
            let revision = u32::try_from(revision).expect("few revisions");
            self.schedule_at(at, Event::ReplicaSetSpecSeen { revision, spec });
            // Its own write comes back on the watch and is the next step's trigger (kubernetes §4.3.6).
            self.queue_deployment_sync();
        }
    }

    /// One step of a rolling update: first the new `ReplicaSet` up, else the old ones down (kubernetes §4.3.4).
    fn roll(&mut self) {
        let replicas = self.deployment.replicas;
        let newest = self.deployment.sets.len() - 1;
        let surge = self.scenario.deployment.max_surge.round_up(replicas);
        let mut unavailable = self.scenario.deployment.max_unavailable.round_down(replicas);
        if surge == 0 && unavailable == 0 {
            // Both resolve to 0: Kubernetes then allows one unavailable pod (kubernetes §4.3.2).
            unavailable = 1;
        }
        let total: u32 = self.deployment.sets.iter().map(|set| set.spec).sum();
        let new_spec = self.deployment.sets[newest].spec;
        let old_total = total - new_spec;
        if old_total == 0 || new_spec > replicas {
            self.set_spec(newest, replicas);
            if old_total == 0 {
                return;
            }
        } else if new_spec < replicas && total < replicas + surge {
            self.set_spec(newest, replicas.min(new_spec + replicas + surge - total));
            return;
        }
        let new = &self.deployment.sets[newest];
        let new_unavailable = new.spec.saturating_sub(new.available);
        let min_available = replicas.saturating_sub(unavailable);
        let mut budget = total.saturating_sub(min_available).saturating_sub(new_unavailable);
        // Unhealthy old pods first, whatever the availability.
        for revision in 0..newest {
            let set = &self.deployment.sets[revision];
            let unhealthy = set.spec.saturating_sub(set.available).min(budget);
            if unhealthy > 0 {
                budget -= unhealthy;
                let spec = set.spec - unhealthy;
                self.set_spec(revision, spec);
            }
        }
        let available: u32 = self.deployment.sets.iter().map(|set| set.available).sum();
        let mut surplus = available.saturating_sub(min_available);
        for revision in 0..newest {
            let set = &self.deployment.sets[revision];
            let fewer = set.spec.min(surplus).min(budget);
            if fewer > 0 {
                surplus -= fewer;
                budget -= fewer;
                let spec = set.spec - fewer;
                self.set_spec(revision, spec);
            }
        }
    }

    /// All old pods must be gone or terminal before the first new one is created (kubernetes §4.3.7).
    fn recreate(&mut self) {
        let newest = self.deployment.sets.len() - 1;
        let mut old_pods = 0;
        for revision in 0..newest {
            self.set_spec(revision, 0);
            old_pods += self.deployment.sets[revision].present;
        }
        if old_pods == 0 {
            let replicas = self.deployment.replicas;
            self.set_spec(newest, replicas);
        }
    }

    pub(crate) fn min_ready_passed(&mut self, pod: PodId, ready_changes: u32) {
        if self.pod(pod).ready_changes == ready_changes {
            self.set_available(pod, true);
        }
    }

    /// Counts a pod as available or not, and lets the controller know.
    pub(crate) fn set_available(&mut self, pod: PodId, available: bool) {
        if self.pod(pod).available == available {
            return;
        }
        self.pod_mut(pod).available = available;
        let set = &mut self.deployment.sets[self.pods[pod.index()].revision as usize];
        if available {
            set.available += 1;
        } else {
            set.available -= 1;
        }
        self.queue_deployment_sync();
    }

    /// A pod became Ready: it is available now or after `minReadySeconds`.
    pub(crate) fn await_available(&mut self, pod: PodId) {
        let min_ready = self.scenario.deployment.min_ready;
        if min_ready == SimDuration::ZERO {
            self.set_available(pod, true);
        } else {
            let ready_changes = self.pod(pod).ready_changes;
            self.schedule(min_ready, Event::MinReadyPassed { pod, ready_changes });
        }
    }
}
