//! The scheduler: which node takes a pod (nodes §4.7; kubernetes default profile, reduced).
//!
//! Filters: schedulable, requests fit into what is allocatable, a free pod slot, hard topology spread.
//! Score: nodes without a `PreferNoSchedule` taint first, then soft topology spread, then the node of which the least is requested, then the lowest index.

use alloc::vec;
use alloc::vec::Vec;

use super::node::PodRef;
use super::pod::Life;
use crate::id::{KubeNodeId, PodId};
use crate::scenario::pod::{Resources, TopologyKey, TopologySpread, WhenUnsatisfiable};
use crate::trace::Fact;
use crate::world::World;

/// One topology spread constraint, with the Deployment's pods counted by domain.
///
/// As upstream, terminating pods do not count, and a domain is one that some schedulable node belongs to.
pub(super) struct Spread {
    key: TopologyKey,
    rule: WhenUnsatisfiable,
    max_skew: u32,
    /// Domain of each node.
    domains: Vec<usize>,
    /// Pods in each domain.
    counts: Vec<u32>,
    /// Schedulable nodes in each domain.
    open: Vec<u32>,
    /// Fewest pods in any domain with such nodes.
    fewest: u32,
}

impl Spread {
    fn count(&self, node: KubeNodeId) -> u32 {
        self.counts[self.domains[node.index()]]
    }

    pub(super) fn allows(&self, node: KubeNodeId) -> bool {
        self.rule == WhenUnsatisfiable::ScheduleAnyway || self.count(node) + 1 - self.fewest <= self.max_skew
    }

    /// Lower is better.
    fn score(&self, node: KubeNodeId) -> u32 {
        match self.rule {
            WhenUnsatisfiable::DoNotSchedule => 0,
            WhenUnsatisfiable::ScheduleAnyway => self.count(node),
        }
    }

    fn find_fewest(&mut self) {
        let of_open = self.counts.iter().zip(&self.open).filter(|(_, open)| **open > 0);
        self.fewest = of_open.map(|(count, _)| *count).min().unwrap_or(0);
    }
}

/// What a plan of an autoscaler does to the counts.
impl Spread {
    /// A pod comes to a node.
    pub(super) fn joins(&mut self, node: KubeNodeId) {
        self.counts[self.domains[node.index()]] += 1;
        self.find_fewest();
    }

    /// A pod leaves a node.
    pub(super) fn leaves(&mut self, node: KubeNodeId) {
        self.counts[self.domains[node.index()]] -= 1;
        self.find_fewest();
    }

    /// A node takes pods from now on.
    pub(super) fn opens(&mut self, node: KubeNodeId) {
        self.open[self.domains[node.index()]] += 1;
        self.find_fewest();
    }

    /// A node takes no pods any more.
    pub(super) fn closes(&mut self, node: KubeNodeId) {
        self.open[self.domains[node.index()]] -= 1;
        self.find_fewest();
    }

    /// A node is added in a zone.
    pub(super) fn add_node(&mut self, zone: u8) {
        let node = self.domains.len();
        let domain = match self.key {
            TopologyKey::Zone => usize::from(zone),
            TopologyKey::Hostname => node,
        };
        let domains = self.counts.len().max(domain + 1);
        self.counts.resize(domains, 0);
        self.open.resize(domains, 0);
        self.domains.push(domain);
        self.opens(KubeNodeId::at(node));
    }

    /// The node that was added last goes again.
    pub(super) fn drop_last(&mut self, node: KubeNodeId) {
        self.closes(node);
        self.domains.pop();
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
        let now = self.now;
        self.pod_mut(pod).life = Life::Starting;
        self.pod_mut(pod).started = Some(now);
        self.fact(|| Fact::PodScheduled {
            pod: pod.0,
            node: node.0,
        });
        self.make_sandbox(PodRef::App(pod), node);
    }

    /// A pod that no node can take.
    pub(crate) fn wait_for_node(&mut self, pod: PodRef) {
        self.traffic.summary.observations.unschedulable += 1;
        self.unscheduled.push(pod);
        self.autoscaler_sees_pending(pod);
        self.extend_batch();
    }

    /// The best node for a pod of the Deployment.
    pub(crate) fn pick_node(&self, requests: Resources) -> Option<KubeNodeId> {
        let constraints = &self.scenario.pod.topology_spread;
        if constraints.is_empty() {
            return self.pick_node_for_other(requests);
        }
        let spread = self.spreads();
        self.node_ids()
            .filter(|node| self.can_take(*node, requests))
            .filter(|node| spread.iter().all(|spread| spread.allows(*node)))
            .min_by_key(|node| {
                let soft: u32 = spread.iter().map(|spread| spread.score(*node)).sum();
                (self.node(*node).soft_tainted, soft, self.node(*node).load)
            })
    }

    fn can_take(&self, node: KubeNodeId, requests: Resources) -> bool {
        let node = self.node(node);
        node.is_schedulable() && node.fits(requests)
    }

    /// The best node for a pod without topology spread.
    pub(crate) fn pick_node_for_other(&self, requests: Resources) -> Option<KubeNodeId> {
        self.node_ids()
            .filter(|node| self.can_take(*node, requests))
            .min_by_key(|node| (self.node(*node).soft_tainted, self.node(*node).load))
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
        let counted = self.traffic.summary.observations.unschedulable;
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
        // Those that find none again have been counted.
        self.traffic.summary.observations.unschedulable = counted;
    }

    /// The Deployment's topology spread constraints with the counts of this moment.
    pub(super) fn spreads(&self) -> Vec<Spread> {
        let constraints = &self.scenario.pod.topology_spread;
        constraints.iter().map(|constraint| self.spread(constraint)).collect()
    }

    fn spread(&self, constraint: &TopologySpread) -> Spread {
        let domain_of = |node: KubeNodeId| match constraint.topology_key {
            TopologyKey::Zone => usize::from(self.node(node).zone),
            TopologyKey::Hostname => node.index(),
        };
        let domains: Vec<usize> = self.node_ids().map(domain_of).collect();
        let mut counts = vec![0; domains.iter().max().map_or(0, |most| most + 1)];
        let mut open = vec![0; counts.len()];
        for node in self.node_ids() {
            let active = self.node(node).pods.iter().filter(|pod| self.pod(**pod).is_active());
            counts[domains[node.index()]] += u32::try_from(active.count()).expect("few pods on a node");
            open[domains[node.index()]] += u32::from(self.node(node).is_schedulable());
        }
        let mut spread = Spread {
            key: constraint.topology_key,
            rule: constraint.when_unsatisfiable,
            max_skew: constraint.max_skew,
            domains,
            counts,
            open,
            fewest: 0,
        };
        spread.find_fewest();
        spread
    }
}
