//! Pods of other workloads on the same nodes: they take room and addresses and have to be evicted, and serve nobody.
//!
//! ```text
//! created ─► scheduled ─► starts ─► runs ─► DELETE ─► stopped ─► object gone
//!                                     └─ or completes after its lifetime ─┘
//! ```
//! Their controller shares the client bucket of the `ReplicaSet` controller; as the Deployment's pods they are replaced
//! at their deletion. They have no probes, no endpoints and no budget.

use alloc::vec::Vec;

use super::node::{Machine, PodRef};
use crate::event::Event;
use crate::id::{KubeNodeId, OtherPodId};
use crate::latencies::OtherLatencies;
use crate::scenario::Scenario;
use crate::time::SimDuration;
use crate::world::World;

/// Where a pod of another workload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OtherLife {
    Unscheduled,
    Starting,
    Running,
    /// Deleted or completed; its containers may still run.
    Stopping,
    Gone,
}

/// One pod of another workload.
#[derive(Debug)]
pub(crate) struct OtherPod {
    pub(crate) workload: u32,
    pub(crate) node: Option<KubeNodeId>,
    pub(crate) life: OtherLife,
}

/// One other workload.
#[derive(Debug)]
pub(crate) struct OtherWorkload {
    /// Wanted now.
    desired: u32,
    /// Pods that count: not deleted, not complete.
    active: Vec<OtherPodId>,
    /// Creations on their way.
    creating: u32,
    pub(crate) latencies: OtherLatencies,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct OtherPods {
    pub(crate) workloads: Vec<OtherWorkload>,
    pub(crate) pods: Vec<OtherPod>,
}

impl OtherPods {
    pub(crate) fn new(scenario: &Scenario, streams: &crate::rng::Streams) -> Self {
        let workload = |(index, workload)| OtherWorkload {
            desired: 0,
            active: Vec::new(),
            creating: 0,
            latencies: OtherLatencies::new(workload, streams, index),
        };
        Self {
            workloads: (0u64..).zip(&scenario.cluster.other_workloads).map(workload).collect(),
            pods: Vec::new(),
        }
    }
}

impl World<'_> {
    fn other(&self, pod: OtherPodId) -> &OtherPod {
        &self.others.pods[pod.index()]
    }

    fn other_workload(&mut self, pod: OtherPodId) -> &mut OtherWorkload {
        let workload = self.other(pod).workload as usize;
        &mut self.others.workloads[workload]
    }

    pub(crate) fn other_is_starting(&self, pod: OtherPodId) -> bool {
        self.other(pod).life == OtherLife::Starting
    }

    /// Whether something in the pod listens on the application's port.
    pub(crate) fn other_listens(&mut self, pod: OtherPodId) -> bool {
        self.other_workload(pod).latencies.listens.draw()
    }

    /// Number of the pod's workload: 0 is the Deployment, the others follow in the scenario's order.
    pub(crate) fn workload_of(&self, pod: PodRef) -> usize {
        match pod {
            PodRef::App(_) => 0,
            PodRef::Other(other) => 1 + self.other(other).workload as usize,
        }
    }

    /// What a pod requests of its node.
    pub(crate) fn requests_of(&self, pod: PodRef) -> crate::scenario::pod::Resources {
        match pod {
            PodRef::App(_) => self.scenario.pod.requests,
            PodRef::Other(other) => self.scenario.cluster.other_workloads[self.other(other).workload as usize].requests,
        }
    }

    /// `terminationGracePeriodSeconds` of a pod.
    pub(crate) fn grace_of(&self, pod: PodRef) -> SimDuration {
        match pod {
            PodRef::App(_) => self.scenario.pod.termination_grace_period,
            PodRef::Other(other) => {
                let workload = self.other(other).workload as usize;
                self.scenario.cluster.other_workloads[workload].termination_grace_period
            }
        }
    }

    /// Whether a controller has not yet decided to take the pod away.
    pub(crate) fn is_staying(&self, pod: PodRef) -> bool {
        match pod {
            PodRef::App(pod) => self.pod(pod).is_active(),
            PodRef::Other(other) => !matches!(self.other(other).life, OtherLife::Stopping | OtherLife::Gone),
        }
    }

    /// The pods of all workloads on a node.
    pub(crate) fn pods_on(&self, node: KubeNodeId) -> Vec<PodRef> {
        let node = self.node(node);
        let apps = node.pods.iter().map(|pod| PodRef::App(*pod));
        apps.chain(node.others.iter().map(|pod| PodRef::Other(*pod))).collect()
    }

    /// Puts the first pods of every other workload on the nodes, as they were before the run.
    pub(crate) fn add_steady_others(&mut self) {
        for workload in 0..self.scenario.cluster.other_workloads.len() {
            let rules = &self.scenario.cluster.other_workloads[workload];
            let desired = u32::try_from(rules.replicas.value_at(self.now)).expect("fewer than 2^32 pods");
            self.others.workloads[workload].desired = desired;
            for _ in 0..desired {
                let pod = self.add_other(u32::try_from(workload).expect("few workloads"));
                match self.pick_node_for_other(rules.requests) {
                    Some(node) => {
                        self.bind_other(pod, node);
                        self.give_steady_address(PodRef::Other(pod), node);
                        self.others.pods[pod.index()].life = OtherLife::Running;
                        let lifetime = self.other_workload(pod).latencies.lifetime.as_mut();
                        if let Some(lifetime) = lifetime {
                            // Somewhere in its life.
                            let whole = lifetime.draw().as_ns().max(1);
                            let left = SimDuration::from_ns(self.latencies.other_phase.next_u64() % whole);
                            self.schedule(left, Event::OtherCompletes { pod });
                        }
                    }
                    None => self.wait_for_node(PodRef::Other(pod)),
                }
            }
            self.queue_other_change(workload);
        }
    }

    fn queue_other_change(&mut self, workload: usize) {
        let next = self.scenario.cluster.other_workloads[workload]
            .replicas
            .next_change(self.now);
        if let Some(at) = next {
            let workload = u32::try_from(workload).expect("few workloads");
            self.schedule_at(at, Event::OtherWorkloadChanged { workload });
        }
    }

    pub(crate) fn other_workload_changed(&mut self, workload: u32) {
        let index = workload as usize;
        let value = self.scenario.cluster.other_workloads[index].replicas.value_at(self.now);
        self.others.workloads[index].desired = u32::try_from(value).expect("fewer than 2^32 pods");
        self.queue_other_change(index);
        self.sync_other(workload);
    }

    /// Creates what is missing and deletes what is too much.
    pub(crate) fn sync_other(&mut self, workload: u32) {
        let tokens = self.deployment.tokens_per_pod;
        let state = &self.others.workloads[workload as usize];
        let (have, want) = (state.active.len() + state.creating as usize, state.desired as usize);
        for _ in have..want {
            let sent = self.reserve_client(tokens);
            let at = sent + self.latencies.api_write.draw();
            self.others.workloads[workload as usize].creating += 1;
            self.schedule_at(at, Event::OtherCreated { workload });
        }
        for _ in want..have {
            // Creations on their way have no pod to delete yet; the next sync finds them.
            let state = &self.others.workloads[workload as usize];
            let Some(count) = u32::try_from(state.active.len()).ok().filter(|count| *count > 0) else {
                break;
            };
            // Pods that no node took go first (kubernetes §4.1); equal ones at random.
            let waiting = |pod: &OtherPodId| self.other(*pod).life == OtherLife::Unscheduled;
            let victim = state.active.iter().position(waiting);
            let victim = victim.unwrap_or_else(|| self.latencies.other_victims.below(count) as usize);
            let pod = self.others.workloads[workload as usize].active.swap_remove(victim);
            let sent = self.reserve_client(tokens);
            let at = sent + self.latencies.api_write.draw();
            self.schedule_at(at, Event::OtherDeleted { pod, grace_s: None });
        }
    }

    fn add_other(&mut self, workload: u32) -> OtherPodId {
        let pod = OtherPodId::at(self.others.pods.len());
        self.others.pods.push(OtherPod {
            workload,
            node: None,
            life: OtherLife::Unscheduled,
        });
        self.others.workloads[workload as usize].active.push(pod);
        pod
    }

    pub(crate) fn other_created(&mut self, workload: u32) {
        self.others.workloads[workload as usize].creating -= 1;
        let pod = self.add_other(workload);
        self.try_schedule_other(pod);
        self.sync_other(workload);
    }

    pub(crate) fn try_schedule_other(&mut self, pod: OtherPodId) {
        if self.other(pod).life != OtherLife::Unscheduled {
            return;
        }
        let Some(node) = self.pick_node_for_other(self.requests_of(PodRef::Other(pod))) else {
            self.wait_for_node(PodRef::Other(pod));
            return;
        };
        self.bind_other(pod, node);
        self.others.pods[pod.index()].life = OtherLife::Starting;
        self.make_sandbox(PodRef::Other(pod), node);
    }

    fn bind_other(&mut self, pod: OtherPodId, node: KubeNodeId) {
        let (now, requests) = (self.now, self.requests_of(PodRef::Other(pod)));
        self.others.pods[pod.index()].node = Some(node);
        let object = self.node_mut(node);
        object.others.push(pod);
        object.take(requests, now);
    }

    pub(crate) fn other_started(&mut self, pod: OtherPodId) {
        if self.other(pod).life != OtherLife::Starting {
            return;
        }
        self.others.pods[pod.index()].life = OtherLife::Running;
        if let Some(lifetime) = self.other_workload(pod).latencies.lifetime.as_mut() {
            let after = lifetime.draw();
            self.schedule(after, Event::OtherCompletes { pod });
        }
    }

    /// Its work is done: the containers have exited, and its controller makes another.
    pub(crate) fn other_completes(&mut self, pod: OtherPodId) {
        if self.other(pod).life == OtherLife::Running && !self.is_lost(PodRef::Other(pod)) {
            self.stop_other(pod, SimDuration::ZERO);
        }
    }

    /// Decides to delete it; `grace_s` replaces a longer grace period.
    pub(crate) fn delete_other(&mut self, pod: OtherPodId, grace_s: Option<u64>) {
        let after = self.latencies.api_write.draw() + self.latencies.api_write.draw();
        self.schedule(after, Event::OtherDeleted { pod, grace_s });
    }

    pub(crate) fn other_deleted(&mut self, pod: OtherPodId, grace_s: Option<u64>) {
        if matches!(self.other(pod).life, OtherLife::Stopping | OtherLife::Gone) {
            return;
        }
        let rules = &self.scenario.cluster.other_workloads[self.other(pod).workload as usize];
        let own = rules.termination_grace_period.whole_secs();
        let grace = SimDuration::from_secs(grace_s.map_or(own, |grace_s| grace_s.min(own)));
        let exits_after = self.other_workload(pod).latencies.stop_time.draw().min(grace);
        self.stop_other(pod, exits_after);
    }

    /// It counts no longer: its controller makes another if it is one too few.
    fn leave_other_workload(&mut self, pod: OtherPodId) {
        let workload = self.other(pod).workload;
        let active = &mut self.others.workloads[workload as usize].active;
        active.retain(|known| *known != pod);
        self.sync_other(workload);
    }

    fn stop_other(&mut self, pod: OtherPodId, exits_after: SimDuration) {
        let before = core::mem::replace(&mut self.others.pods[pod.index()].life, OtherLife::Stopping);
        self.leave_other_workload(pod);
        if before == OtherLife::Unscheduled {
            self.other_gone(pod);
        } else if !self.is_lost(PodRef::Other(pod)) {
            let torn_down = self.kubelet_dispatch() + exits_after + self.latencies.sandbox_teardown.draw();
            self.schedule(torn_down, Event::OtherSandboxRemoved { pod });
        }
    }

    /// Its network is gone, and its address free.
    pub(crate) fn other_sandbox_removed(&mut self, pod: OtherPodId) {
        if self.is_lost(PodRef::Other(pod)) {
            return;
        }
        if let Some(node) = self.other(pod).node {
            self.release_address(PodRef::Other(pod), node);
        }
        let after = self.latencies.object_delete.draw();
        self.schedule(after, Event::OtherGone { pod });
    }

    /// The object leaves the API.
    pub(crate) fn other_gone(&mut self, pod: OtherPodId) {
        let before = core::mem::replace(&mut self.others.pods[pod.index()].life, OtherLife::Gone);
        if before == OtherLife::Gone {
            return;
        }
        if before != OtherLife::Stopping {
            // Its node took it along.
            self.leave_other_workload(pod);
        }
        if let Some(node) = self.other(pod).node {
            let (now, requests) = (self.now, self.requests_of(PodRef::Other(pod)));
            let object = self.node_mut(node);
            object.others.retain(|bound| *bound != pod);
            object.release(requests, now);
        }
        self.retry_unscheduled();
    }

    /// Whether the pod's instance is gone: nothing happens on it any more, whatever the API shows.
    pub(crate) fn is_lost(&self, pod: PodRef) -> bool {
        let node = match pod {
            PodRef::App(pod) => self.pod(pod).node,
            PodRef::Other(other) => self.other(other).node,
        };
        node.is_some_and(|node| self.node(node).machine == Machine::Terminated)
    }
}
