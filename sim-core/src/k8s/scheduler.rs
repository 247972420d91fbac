//! The scheduler: which node takes a pod (nodes §4.7; kubernetes default profile, reduced).
//!
//! Filters: schedulable, requests fit into what is allocatable, a free pod slot, hard topology spread.
//! Score: soft topology spread first, then the node of which the least is requested, then the lowest index.

use alloc::vec;
use alloc::vec::Vec;

use super::node::PodRef;
use super::pod::Life;
use crate::event::Event;
use crate::id::{KubeNodeId, PodId};
use crate::scenario::pod::{Resources, TopologyKey, TopologySpread, WhenUnsatisfiable};
use crate::trace::Fact;
use crate::world::World;

/// One topology spread constraint, with the Deployment's pods counted by domain.
///
/// As upstream, terminating pods do not count, and a domain is one that some schedulable node belongs to.
struct Spread {
    rule: WhenUnsatisfiable,
    max_skew: u32,
    /// Domain of each node.
    domains: Vec<usize>,
    /// Pods in each domain.
    counts: Vec<u32>,
    /// Fewest pods in any domain.
    fewest: u32,
}

impl Spread {
    fn count(&self, node: KubeNodeId) -> u32 {
        self.counts[self.domains[node.index()]]
    }

    fn allows(&self, node: KubeNodeId) -> bool {
        self.rule == WhenUnsatisfiable::ScheduleAnyway || self.count(node) + 1 - self.fewest <= self.max_skew
    }

    /// Lower is better.
    fn score(&self, node: KubeNodeId) -> u32 {
        match self.rule {
            WhenUnsatisfiable::DoNotSchedule => 0,
            WhenUnsatisfiable::ScheduleAnyway => self.count(node),
        }
    }
}

impl World<'_> {
    /// Looks for a node for a new pod of the Deployment; without one it stays Pending.
    pub(crate) fn try_schedule(&mut self, pod: PodId) {
        let Some(node) = self.pick_node(self.scenario.pod.requests) else {
            self.wait_for_node(PodRef::App(pod));
            return;
        };
        self.bind(pod, node);
        self.pod_mut(pod).life = Life::Starting;
        self.fact(|| Fact::PodScheduled {
            pod: pod.0,
            node: node.0,
        });
        let after = self.latencies.pod_start.draw();
        self.schedule(after, Event::ContainersStarted { pod });
    }

    /// A pod that no node can take.
    pub(crate) fn wait_for_node(&mut self, pod: PodRef) {
        self.traffic.summary.observations.unschedulable += 1;
        self.unscheduled.push(pod);
        self.extend_batch();
    }

    /// The best node for a pod of the Deployment.
    pub(crate) fn pick_node(&self, requests: Resources) -> Option<KubeNodeId> {
        let constraints = &self.scenario.pod.topology_spread;
        if constraints.is_empty() {
            return self.pick_node_for_other(requests);
        }
        let spread: Vec<Spread> = constraints.iter().map(|constraint| self.spread(constraint)).collect();
        self.node_ids()
            .filter(|node| self.can_take(*node, requests))
            .filter(|node| spread.iter().all(|spread| spread.allows(*node)))
            .min_by_key(|node| {
                let soft: u32 = spread.iter().map(|spread| spread.score(*node)).sum();
                (soft, self.load(*node))
            })
    }

    fn can_take(&self, node: KubeNodeId, requests: Resources) -> bool {
        let node = self.node(node);
        node.is_schedulable() && node.fits(requests)
    }

    fn load(&self, node: KubeNodeId) -> u64 {
        let node = self.node(node);
        node.counted.load_of(node.allocatable)
    }

    /// The best node for a pod without topology spread.
    pub(crate) fn pick_node_for_other(&self, requests: Resources) -> Option<KubeNodeId> {
        self.node_ids()
            .filter(|node| self.can_take(*node, requests))
            .min_by_key(|node| self.load(*node))
    }

    /// Binds a pod to a node.
    pub(crate) fn bind(&mut self, pod: PodId, node: KubeNodeId) {
        let (now, requests) = (self.now, self.scenario.pod.requests);
        let object = self.node_mut(node);
        object.pods.push(pod);
        object.take(requests, now);
        let (zone, silent) = (object.zone, object.silent);
        self.pod_mut(pod).node = Some(node);
        let server = &mut self.traffic.servers[pod.index()];
        server.zone = zone;
        server.silent = silent;
    }

    /// A pod object left its node.
    pub(crate) fn unbind(&mut self, pod: PodId) {
        let Some(node) = self.pod(pod).node else { return };
        let (now, requests) = (self.now, self.scenario.pod.requests);
        let object = self.node_mut(node);
        if let Some(place) = object.pods.iter().position(|bound| *bound == pod) {
            object.pods.remove(place);
            object.release(requests, now);
        }
    }

    /// Room has appeared: pods that waited for it try again, in the order in which they came.
    pub(crate) fn retry_unscheduled(&mut self) {
        for pod in core::mem::take(&mut self.unscheduled) {
            match pod {
                PodRef::App(pod) => {
                    if self.pod(pod).is_active() {
                        self.try_schedule(pod);
                    }
                }
                PodRef::Other(other) => self.try_schedule_other(other),
            }
        }
    }

    fn spread(&self, constraint: &TopologySpread) -> Spread {
        let domain_of = |node: KubeNodeId| match constraint.topology_key {
            TopologyKey::Zone => usize::from(self.node(node).zone),
            TopologyKey::Hostname => node.index(),
        };
        let domains: Vec<usize> = self.node_ids().map(domain_of).collect();
        let mut counts = vec![0; domains.iter().max().map_or(0, |most| most + 1)];
        let mut eligible = vec![false; counts.len()];
        for node in self.node_ids() {
            let active = self.node(node).pods.iter().filter(|pod| self.pod(**pod).is_active());
            counts[domains[node.index()]] += u32::try_from(active.count()).expect("few pods on a node");
            eligible[domains[node.index()]] |= self.node(node).is_schedulable();
        }
        let of_eligible = counts.iter().zip(&eligible).filter(|(_, eligible)| **eligible);
        let fewest = of_eligible.map(|(count, _)| *count).min().unwrap_or(0);
        Spread {
            rule: constraint.when_unsatisfiable,
            max_skew: constraint.max_skew,
            domains,
            counts,
            fewest,
        }
    }
}
