//! Karpenter's scheduling simulation: where pods would go if some nodes were not there.
//!
//! Pods with the same requests are placed together, the largest first, each on the first node that still has room, so
//! that a look costs nodes and not pods. Only hard topology spread makes it place the Deployment's pods one by one.

use alloc::vec;
use alloc::vec::Vec;

use super::{ClaimState, KarpenterState};
use crate::id::KubeNodeId;
use crate::k8s::node::{KubeNode, Machine, PodRef};
use crate::k8s::resources::Room;
use crate::node_group::emptiest;
use crate::scenario::Scenario;
use crate::scenario::instance_type::InstanceType;
use crate::scenario::pod::{Resources, TopologyKey, WhenUnsatisfiable};
use crate::world::World;

/// How many pods: of the Deployment, then of each other workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Demand(Vec<u32>);

impl Demand {
    pub(super) fn none(scenario: &Scenario) -> Self {
        Self(vec![0; 1 + scenario.cluster.other_workloads.len()])
    }

    pub(super) fn add(&mut self, other: &Demand) {
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            *count += more;
        }
    }

    pub(super) fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    fn apps(&self) -> u32 {
        self.0[0]
    }
}

/// A node that pods may be placed on.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The node's index, or a number of its own for a node that is only imagined.
    id: usize,
    zone: u8,
    room: Room,
}

impl Place {
    fn of(id: usize, node: &KubeNode) -> Self {
        Self {
            id,
            zone: node.zone,
            room: node.room_left(),
        }
    }
}

/// One hard topology spread constraint, with the pods that stay counted by domain.
#[derive(Debug, Clone)]
struct HardSpread {
    key: TopologyKey,
    max_skew: u32,
    counts: Vec<u32>,
}

impl HardSpread {
    fn domain(&self, place: &Place) -> usize {
        match self.key {
            TopologyKey::Zone => usize::from(place.zone),
            TopologyKey::Hostname => place.id,
        }
    }

    /// Karpenter counts every zone of its pool, and every node that stays.
    fn fewest(&self, places: &[Place]) -> u32 {
        match self.key {
            TopologyKey::Zone => self.counts.iter().copied().min(),
            TopologyKey::Hostname => places.iter().map(|place| self.counts[place.id]).min(),
        }
        .unwrap_or(0)
    }

    fn allows(&self, place: &Place, fewest: u32) -> bool {
        self.counts[self.domain(place)] < fewest + self.max_skew
    }
}

/// The cluster as one look at it sees it.
#[derive(Debug, Clone)]
pub(super) struct Placement {
    /// Requests of a pod of each workload, and the order in which workloads are placed.
    requests: Vec<Resources>,
    order: Vec<usize>,
    places: Vec<Place>,
    spreads: Vec<HardSpread>,
    /// Nodes of each zone, those on their way included.
    nodes_by_zone: Vec<u32>,
    /// Number of the next imagined node.
    next_id: usize,
}

impl Placement {
    /// Removes a node and the pods on it.
    pub(super) fn remove(&mut self, node: KubeNodeId, zone: u8, pods: &Demand) {
        self.places.retain(|place| place.id != node.index());
        for spread in &mut self.spreads {
            let domain = match spread.key {
                TopologyKey::Zone => usize::from(zone),
                TopologyKey::Hostname => node.index(),
            };
            spread.counts[domain] -= pods.apps();
        }
    }

    /// Forgets the room on nodes that are not there yet.
    pub(super) fn keep_joined(&mut self, nodes: &[KubeNode]) {
        self.places.retain(|place| nodes[place.id].machine != Machine::Pending);
    }

    /// Places pods and returns those that found no room.
    pub(super) fn place(&mut self, demand: &Demand) -> Demand {
        let mut left = demand.clone();
        for workload in self.order.clone() {
            let count = left.0[workload];
            if count > 0 {
                left.0[workload] = if workload == 0 && !self.spreads.is_empty() {
                    self.place_spread(count)
                } else {
                    self.place_together(workload, count)
                };
            }
        }
        left
    }

    fn place_together(&mut self, workload: usize, mut count: u32) -> u32 {
        let requests = self.requests[workload];
        for place in &mut self.places {
            let here = place.room.holds(requests).min(count);
            place.room.take(requests, here);
            count -= here;
            if count == 0 {
                break;
            }
        }
        count
    }

    fn place_spread(&mut self, count: u32) -> u32 {
        let requests = self.requests[0];
        for placed in 0..count {
            let fewest: Vec<u32> = self.spreads.iter().map(|spread| spread.fewest(&self.places)).collect();
            let found = self.places.iter().position(|place| {
                let mut spreads = self.spreads.iter().zip(&fewest);
                place.room.holds(requests) > 0 && spreads.all(|(spread, fewest)| spread.allows(place, *fewest))
            });
            let Some(found) = found else { return count - placed };
            self.places[found].room.take(requests, 1);
            for spread in &mut self.spreads {
                let domain = spread.domain(&self.places[found]);
                spread.counts[domain] += 1;
            }
        }
        0
    }

    /// The same with one more node, which alone has room.
    fn with_only(&self, instance: InstanceType, zone: u8, scenario: &Scenario) -> Self {
        let mut with = self.clone();
        let node = KubeNode::launched(scenario, instance, zone, false);
        with.places = vec![Place::of(self.next_id, &node)];
        with.next_id += 1;
        for spread in &mut with.spreads {
            if spread.key == TopologyKey::Hostname {
                spread.counts.resize(with.next_id, 0);
            }
        }
        with
    }

    /// The cheapest of `types` of which one node takes all of `demand`.
    pub(super) fn one_node_for(
        &self,
        demand: &Demand,
        types: &[InstanceType],
        zone: u8,
        scenario: &Scenario,
    ) -> Option<InstanceType> {
        let takes_all = |instance: &&InstanceType| {
            let mut with = self.with_only(**instance, zone, scenario);
            with.place(demand).total() == 0
        };
        types.iter().find(takes_all).copied()
    }

    /// The nodes to launch for `demand`: each the cheapest of those that take most of what is left.
    pub(super) fn nodes_for(
        mut self,
        demand: Demand,
        types: &[InstanceType],
        scenario: &Scenario,
    ) -> Vec<(InstanceType, u8)> {
        let mut nodes = Vec::new();
        let mut left = demand;
        while left.total() > 0 {
            let zone = self.zone_of_next();
            let mut best: Option<(InstanceType, Placement, Demand)> = None;
            for instance in types {
                let mut with = self.with_only(*instance, zone, scenario);
                let rest = with.place(&left);
                if best.as_ref().map_or(left.total(), |(_, _, least)| least.total()) > rest.total() {
                    best = Some((*instance, with, rest));
                }
            }
            // What no new node takes either stays Pending.
            let Some((instance, with, rest)) = best else { break };
            self = with;
            self.nodes_by_zone[usize::from(zone)] += 1;
            left = rest;
            nodes.push((instance, zone));
        }
        nodes
    }

    /// Where the next node goes: to the zone that a hard spread over zones wants, else to the one with the fewest nodes.
    fn zone_of_next(&self) -> u8 {
        let wanted = self.spreads.iter().find(|spread| spread.key == TopologyKey::Zone);
        let counts = wanted.map_or(&self.nodes_by_zone, |spread| &spread.counts);
        emptiest(counts)
    }
}

impl World<'_> {
    /// The pods of a node that would have to run elsewhere.
    pub(super) fn demand_on(&self, node: KubeNodeId) -> Demand {
        let mut demand = Demand::none(self.scenario);
        let object = self.node(node);
        let apps = object.pods.iter().map(|pod| PodRef::App(*pod));
        for pod in apps.chain(object.others.iter().map(|pod| PodRef::Other(*pod))) {
            if self.is_staying(pod) {
                demand.0[self.workload_of(pod)] += 1;
            }
        }
        demand
    }

    /// The pods that have no node, and those on nodes that are to go.
    pub(super) fn pending_demand(&self) -> Demand {
        let mut demand = Demand::none(self.scenario);
        for pod in &self.unscheduled {
            if self.is_staying(*pod) {
                demand.0[self.workload_of(*pod)] += 1;
            }
        }
        for node in self.node_ids() {
            if self.karpenter.state(node) != ClaimState::Live {
                demand.add(&self.demand_on(node));
            }
        }
        demand
    }

    /// The nodes that take pods now or once they have joined.
    pub(super) fn placement(&self) -> Placement {
        let scenario = self.scenario;
        let others = scenario
            .cluster
            .other_workloads
            .iter()
            .map(|workload| workload.requests);
        let requests: Vec<Resources> = core::iter::once(scenario.pod.requests).chain(others).collect();
        let mut order: Vec<usize> = (0..requests.len()).collect();
        order.sort_by_key(|workload| core::cmp::Reverse((requests[*workload].cpu, requests[*workload].memory)));
        let mut nodes_by_zone = vec![0; scenario.cluster.zones as usize];
        let mut places = Vec::new();
        for node in self.node_ids() {
            let object = self.node(node);
            let launched = object.machine == Machine::Pending;
            if launched || object.present {
                nodes_by_zone[usize::from(object.zone)] += 1;
            }
            let is_live = self.karpenter.state(node) == ClaimState::Live;
            if is_live && (launched || object.is_schedulable()) {
                places.push(Place::of(node.index(), object));
            }
        }
        Placement {
            requests,
            order,
            places,
            spreads: self.hard_spreads(),
            nodes_by_zone,
            next_id: self.nodes.len(),
        }
    }

    fn hard_spreads(&self) -> Vec<HardSpread> {
        let constraints = self.scenario.pod.topology_spread.iter();
        let hard = constraints.filter(|constraint| constraint.when_unsatisfiable == WhenUnsatisfiable::DoNotSchedule);
        hard.map(|constraint| {
            let domains = match constraint.topology_key {
                TopologyKey::Zone => self.scenario.cluster.zones as usize,
                TopologyKey::Hostname => self.nodes.len(),
            };
            let mut counts = vec![0; domains];
            for node in self.node_ids() {
                if self.karpenter.state(node) != ClaimState::Live {
                    continue;
                }
                let domain = match constraint.topology_key {
                    TopologyKey::Zone => usize::from(self.node(node).zone),
                    TopologyKey::Hostname => node.index(),
                };
                counts[domain] += self.demand_on(node).apps();
            }
            HardSpread {
                key: constraint.topology_key,
                max_skew: constraint.max_skew,
                counts,
            }
        })
        .collect()
    }
}

impl KarpenterState {
    /// The types that cost less than the cheapest of these.
    pub(super) fn cheaper_than(&self, instances: impl Iterator<Item = InstanceType>) -> &[InstanceType] {
        let cheapest = instances.map(|instance| self.price_rank(instance)).min();
        &self.types[..cheapest.unwrap_or(0)]
    }
}
