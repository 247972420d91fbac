//! The `ReplicaSet` controller: who is deleted, and how fast (kubernetes §4.1, §4.2).

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::pod::{Life, PodView};
use crate::bottleneck::Bottleneck;
use crate::event::Event;
use crate::id::PodId;
use crate::time::{SimDuration, SimTime};
use crate::trace::Fact;
use crate::world::World;

/// Most creations or deletions of one sync (kubernetes §4.2.1).
const BURST_REPLICAS: usize = 500;

/// One `ReplicaSet`.
#[derive(Debug, Default)]
pub(crate) struct ReplicaSet {
    /// `spec.replicas`, as the Deployment controller wrote it last.
    pub(crate) spec: u32,
    /// `spec.replicas`, as this controller has seen it.
    pub(crate) seen_spec: u32,
    /// When it sees the last write.
    pub(crate) spec_seen_at: SimTime,
    /// Pods without `deletionTimestamp`, in no particular order.
    pub(crate) active: Vec<PodId>,
    /// Creations on their way.
    pub(crate) creating: u32,
    /// Pods that have been Ready for `minReadySeconds`.
    pub(crate) available: u32,
    /// Pods whose phase is not terminal.
    pub(crate) present: u32,
    pub(crate) sync_queued: bool,
}

impl World<'_> {
    pub(crate) fn queue_replica_set_sync(&mut self, revision: u32, after: SimDuration) {
        let set = &mut self.deployment.sets[revision as usize];
        if !set.sync_queued {
            set.sync_queued = true;
            self.schedule(after, Event::ReplicaSetSync { revision });
        }
    }

    /// A new `spec.replicas` reached the controller.
    pub(crate) fn replica_set_spec_seen(&mut self, revision: u32, spec: u32) {
        self.deployment.sets[revision as usize].seen_spec = spec;
        self.queue_replica_set_sync(revision, SimDuration::ZERO);
    }

    pub(crate) fn replica_set_sync(&mut self, revision: u32) {
        let set = &mut self.deployment.sets[revision as usize];
        set.sync_queued = false;
        let have = set.active.len() + set.creating as usize;
        let want = set.seen_spec as usize;
        if have > want {
            self.delete_surplus(revision, (have - want).min(BURST_REPLICAS));
        } else if have < want {
            self.create_missing(revision, (want - have).min(BURST_REPLICAS));
        }
    }

    /// Deletes the lowest-ranked pods, all at once as far as the client's bucket lets them through.
    fn delete_surplus(&mut self, revision: u32, surplus: usize) {
        let victims = self.take_victims(revision, surplus);
        let mut last = self.now;
        let (cause, tokens) = (self.deployment_disruption, self.deployment.tokens_per_pod);
        for pod in victims {
            let object = self.pod_mut(pod);
            object.deletion_requested = true;
            object.deletion_cause = cause;
            let sent = self.reserve_client(tokens);
            last = sent + self.latencies.api_write.draw();
            self.schedule_at(last, Event::DeleteCommitted { pod });
        }
        // Creations on their way have no pod to delete yet; each queues a sync when it is committed.
        let set = &self.deployment.sets[revision as usize];
        if !set.active.is_empty() && set_exceeds(set) {
            let after = last - self.now + self.latencies.api_watch.draw();
            self.queue_replica_set_sync(revision, after);
        }
    }

    pub(crate) fn reserve_client(&mut self, tokens: u32) -> SimTime {
        let sent = self.deployment.bucket.reserve(self.now, tokens);
        let waited = sent - self.now;
        let observations = &mut self.traffic.summary.observations;
        observations.client_limited = observations.client_limited.max(waited);
        observations.waits.add(Bottleneck::ReplicaSetClient, waited);
        sent
    }

    /// Removes the pods that rank lowest from the active ones (kubernetes §4.1).
    fn take_victims(&mut self, revision: u32, surplus: usize) -> Vec<PodId> {
        let mut siblings = vec![0u32; self.nodes.len()];
        for set in &self.deployment.sets {
            for pod in &set.active {
                if let Some(node) = self.pod(*pod).node {
                    siblings[node.index()] += 1;
                }
            }
        }
        let mut active = core::mem::take(&mut self.deployment.sets[revision as usize].active);
        let surplus = surplus.min(active.len());
        if surplus < active.len() && surplus > 0 {
            let rank = |pod: &PodId| {
                let object = &self.pods[pod.index()];
                let age = object.ready_age(self.now).as_ns().max(1);
                (
                    object.node.is_some(),
                    matches!(object.life, Life::Running),
                    object.view.ready,
                    Reverse(object.node.map_or(0, |node| siblings[node.index()])),
                    age.ilog2(),
                    object.uid,
                )
            };
            active.select_nth_unstable_by_key(surplus - 1, rank);
        }
        let mut victims: Vec<PodId> = active.drain(..surplus).collect();
        victims.sort_unstable_by_key(|pod| self.pods[pod.index()].uid);
        self.deployment.sets[revision as usize].active = active;
        victims
    }

    /// Creates pods in batches of 1, 2, 4, …, each awaited (kubernetes §4.2.2).
    fn create_missing(&mut self, revision: u32, missing: usize) {
        let tokens = self.deployment.tokens_per_pod;
        let (mut left, mut batch, mut at) = (missing, 1, self.now);
        while left > 0 {
            let mut batch_done = at;
            for _ in 0..batch.min(left) {
                let sent = self.deployment.bucket.reserve(at, tokens);
                let waits = &mut self.traffic.summary.observations.waits;
                waits.add(Bottleneck::ReplicaSetClient, sent - at);
                let committed = sent + self.latencies.api_write.draw();
                self.schedule_at(committed, Event::PodCreateCommitted { revision });
                batch_done = batch_done.max(committed);
            }
            let longest = &mut self.traffic.summary.observations.client_limited;
            *longest = (*longest).max(batch_done - at);
            left -= batch.min(left);
            batch *= 2;
            at = batch_done;
        }
        let set = &mut self.deployment.sets[revision as usize];
        set.creating += u32::try_from(missing).expect("at most 500");
        if set.active.len() + (set.creating as usize) < set.seen_spec as usize {
            let after = at - self.now;
            self.queue_replica_set_sync(revision, after);
        }
    }

    pub(crate) fn pod_create_committed(&mut self, revision: u32) {
        if let Some(retry) = self.creation_refused_until() {
            self.retry_creation(revision, retry);
            return;
        }
        let gated = self.injects_gates();
        let pod = self.add_pod(revision, gated);
        self.fact(|| Fact::PodCreated { pod: pod.0 });
        self.note_missing_gate(pod);
        let set = &mut self.deployment.sets[revision as usize];
        set.creating -= 1;
        set.active.push(pod);
        set.present += 1;
        let now = self.now;
        self.pod_mut(pod).ready_since = now;
        self.try_schedule(pod);
        if set_exceeds(&self.deployment.sets[revision as usize]) {
            self.queue_replica_set_sync(revision, SimDuration::ZERO);
        }
    }

    /// A DELETE was committed: two pipelines start from this one write (kubernetes §0).
    pub(crate) fn delete_committed(&mut self, pod: PodId) {
        if self.pod(pod).deletion.is_some() || self.pod(pod).object_gone {
            return;
        }
        let own = self.scenario.pod.termination_grace_period.whole_secs();
        let asked = self.pod(pod).deletion_grace_s.unwrap_or(own).min(own);
        // A pod in a terminal phase has nothing to be graceful about (kubernetes §1.1.2).
        let grace_s = if self.pod(pod).view.terminal { 0 } else { asked };
        let now = self.now;
        self.fact(|| Fact::DeletionCommitted {
            pod: pod.0,
            grace_period_s: grace_s,
        });
        let cause = self.pod(pod).deletion_cause;
        if let Some(disruption) = cause.filter(|_| !self.pod(pod).counted_as_lost) {
            self.disruptions[disruption as usize].pods_count += 1;
        }
        let counted = !self.pod(pod).view.terminal;
        let object = self.pod_mut(pod);
        object.deletion_requested = true;
        object.deletion = Some(super::pod::Deletion { at: now, grace_s });
        object.view.deleting = true;
        if counted {
            self.retire(pod);
        }
        self.deployment.pod_counts[2] += 1;
        self.traffic.servers[pod.index()].stage = crate::outcome::Hop::Endpoints;
        self.notify_endpoints(pod);
        if counted {
            self.seek_replacement(pod);
        }
        if matches!(self.pod(pod).life, Life::Unscheduled) {
            self.object_deleted(pod);
            return;
        }
        let dispatch = self.kubelet_dispatch();
        self.schedule(dispatch, Event::KillStarted { pod });
        if grace_s == 0 {
            // The object is removed at once; the kubelet kills what it then no longer finds (kubernetes §1.1.6).
            self.object_deleted(pod);
        }
    }

    /// The pod counts no longer as active.
    pub(crate) fn retire(&mut self, pod: PodId) {
        let (revision, was_ready) = (self.pod(pod).revision, self.pod(pod).view.ready);
        let set = &mut self.deployment.sets[revision as usize];
        set.active.retain(|active| *active != pod);
        self.deployment.pod_counts[usize::from(was_ready)] -= 1;
        self.set_available(pod, false);
    }

    /// Its `ReplicaSet` sees that and makes another if it is one too few (kubernetes §4.2.4).
    pub(crate) fn seek_replacement(&mut self, pod: PodId) {
        let watch = self.latencies.api_watch.draw();
        self.queue_replica_set_sync(self.pod(pod).revision, watch);
    }

    /// The pod object is gone.
    pub(crate) fn object_deleted(&mut self, pod: PodId) {
        if self.pod(pod).object_gone {
            return;
        }
        self.fact(|| Fact::PodDeleted { pod: pod.0 });
        self.pod_mut(pod).object_gone = true;
        if !self.pod(pod).view.terminal {
            self.leave_set(pod);
        }
        self.pod_mut(pod).view = PodView {
            terminal: true,
            deleting: true,
            ..PodView::default()
        };
        self.deployment.pod_counts[2] -= 1;
        self.unbind(pod);
        if let Some(deletion) = self.pod(pod).deletion {
            let lasted = self.now - deletion.at;
            self.traffic.summary.termination.pods_count += 1;
            self.traffic.summary.termination.pod_time += lasted;
        }
        if let Some(disruption) = self.pod(pod).deletion_cause {
            let now = self.now;
            let disruption = &mut self.disruptions[disruption as usize];
            disruption.drain = now - disruption.at;
        }
        self.notify_endpoints(pod);
        self.retry_unscheduled();
    }

    /// The pod's phase is terminal: it no longer counts for its `ReplicaSet`.
    pub(crate) fn leave_set(&mut self, pod: PodId) {
        let revision = self.pod(pod).revision;
        let set = &mut self.deployment.sets[revision as usize];
        set.present -= 1;
        self.queue_deployment_sync();
    }
}

fn set_exceeds(set: &ReplicaSet) -> bool {
    set.active.len() + set.creating as usize > set.seen_spec as usize
}
