//! Where pods would go: a copy of what the scheduler looks at, on which a plan is tried.
//!
//! Pods go to the first node that takes them; nodes only fill up, so the search for pods of one kind starts where the
//! last one of that kind ended.

use alloc::vec;
use alloc::vec::Vec;

use crate::id::KubeNodeId;
use crate::k8s::node::{Machine, PodRef};
use crate::k8s::resources::Room;
use crate::k8s::scheduler::Spread;
use crate::scenario::pod::Resources;
use crate::world::World;

/// The cluster as a plan sees it.
pub(super) struct Packing {
    /// By node; none where no pod may go.
    rooms: Vec<Option<Room>>,
    /// By kind of pod: nodes before this one have no room for it.
    first: Vec<usize>,
    spreads: Vec<Spread>,
    /// By node: pods that the plan has put there.
    moved: Vec<Vec<PodRef>>,
}

impl Packing {
    /// The cluster as it is; with `upcoming`, nodes that are on their way take pods too.
    pub(super) fn of(world: &World<'_>, upcoming: bool) -> Self {
        let room = |node: KubeNodeId| {
            let object = world.node(node);
            let comes = upcoming && object.machine == Machine::Pending;
            (object.is_schedulable() || comes).then(|| object.room_left())
        };
        let mut spreads = world.spreads();
        for node in world.node_ids() {
            if upcoming && world.node(node).machine == Machine::Pending {
                for spread in &mut spreads {
                    spread.opens(node);
                }
            }
        }
        Self {
            rooms: world.node_ids().map(room).collect(),
            first: vec![0; 1 + world.others.workloads.len()],
            spreads,
            moved: vec![Vec::new(); world.nodes.len()],
        }
    }

    /// A node that does not exist yet.
    pub(super) fn add_node(&mut self, zone: u8, allocatable: Resources, slots: u32) -> KubeNodeId {
        self.rooms.push(Some(Room {
            free: allocatable,
            slots,
        }));
        self.moved.push(Vec::new());
        for spread in &mut self.spreads {
            spread.add_node(zone);
        }
        KubeNodeId::at(self.rooms.len() - 1)
    }

    /// Takes back the node that was added last; nothing may have been put there.
    pub(super) fn drop_last(&mut self) {
        let node = KubeNodeId::at(self.rooms.len() - 1);
        self.rooms.pop();
        self.moved.pop();
        for spread in &mut self.spreads {
            spread.drop_last(node);
        }
        for first in &mut self.first {
            *first = (*first).min(self.rooms.len());
        }
    }

    /// Pods that the plan has put on a node.
    pub(super) fn moved_to(&self, node: KubeNodeId) -> &[PodRef] {
        &self.moved[node.index()]
    }

    /// Puts a pod on the first node that takes it.
    pub(super) fn place(&mut self, world: &World<'_>, pod: PodRef) -> Option<KubeNodeId> {
        let (kind, requests) = (world.workload_of(pod), world.requests_of(pod));
        let mut full = true;
        for index in self.first[kind]..self.rooms.len() {
            let node = KubeNodeId::at(index);
            if self.rooms[index].is_none_or(|room| room.holds(requests) == 0) {
                if full {
                    self.first[kind] = index + 1;
                }
                continue;
            }
            full = false;
            if kind > 0 || self.spreads.iter().all(|spread| spread.allows(node)) {
                self.put(pod, node, requests);
                return Some(node);
            }
        }
        None
    }

    fn put(&mut self, pod: PodRef, node: KubeNodeId, requests: Resources) {
        let room = self.rooms[node.index()].as_mut().expect("a node that takes pods");
        room.take(requests, 1);
        if let PodRef::App(_) = pod {
            for spread in &mut self.spreads {
                spread.joins(node);
            }
        }
    }

    /// Tries to put all `pods` of a node elsewhere, and no further pod there; `false`, and nothing has changed, if one of
    /// them finds no place.
    pub(super) fn empty(&mut self, world: &World<'_>, node: KubeNodeId, pods: &[PodRef]) -> bool {
        let room = self.rooms[node.index()].take();
        let first = self.first.clone();
        let apps = pods.iter().filter(|pod| matches!(pod, PodRef::App(_))).count();
        for spread in &mut self.spreads {
            if room.is_some() {
                spread.closes(node);
            }
            for _ in 0..apps {
                spread.leaves(node);
            }
        }
        let mut placed: Vec<(PodRef, KubeNodeId)> = Vec::with_capacity(pods.len());
        for pod in pods {
            let Some(to) = self.place(world, *pod) else {
                self.undo(world, &placed);
                self.rooms[node.index()] = room;
                self.first = first;
                for spread in &mut self.spreads {
                    if room.is_some() {
                        spread.opens(node);
                    }
                    for _ in 0..apps {
                        spread.joins(node);
                    }
                }
                return false;
            };
            placed.push((*pod, to));
        }
        self.moved[node.index()].clear();
        for (pod, to) in placed {
            self.moved[to.index()].push(pod);
        }
        true
    }

    fn undo(&mut self, world: &World<'_>, placed: &[(PodRef, KubeNodeId)]) {
        for (pod, node) in placed {
            let room = self.rooms[node.index()].as_mut().expect("it took a pod");
            room.give_back(world.requests_of(*pod));
            if let PodRef::App(_) = pod {
                for spread in &mut self.spreads {
                    spread.leaves(*node);
                }
            }
        }
    }
}
