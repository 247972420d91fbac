//! The VPC CNI plugin: which address a pod gets, and whose it was before (nodes §4).
//!
//! ```text
//! free ─► held ─► sandbox removed ─► cooling ─► free: any new pod of the node may get it, at random
//!                                                  └─► an ALB node that still knows the old pod reaches the new one
//! ```

use alloc::vec::Vec;

use super::node::{Machine, PodRef};
use super::pod::Life;
use crate::event::Event;
use crate::id::{KubeNodeId, PodId};
use crate::scenario::instance_type::InstanceType;
use crate::time::SimTime;
use crate::trace::{Fact, NodeTargetState, ServerState};
use crate::traffic::server::Reuse;
use crate::world::World;

/// One address of a node.
#[derive(Debug, Clone, Copy, Default)]
struct Address {
    holder: Option<PodRef>,
    /// Another pod may have it from then on.
    free_from: SimTime,
    /// The last pod of the Deployment that had it.
    last_app: Option<PodId>,
}

/// The addresses of one node.
#[derive(Debug)]
pub(crate) struct Addresses {
    attached: Vec<Address>,
    per_eni: usize,
    most: usize,
    attaching: bool,
    /// Pods without an address, in the order in which they came.
    waiting: Vec<PodRef>,
}

impl Addresses {
    pub(crate) fn new(instance: InstanceType, warm_enis: u32) -> Self {
        // The first address of each interface is the interface's own.
        let per_eni = instance.ipv4_per_eni as usize - 1;
        let most = per_eni * instance.enis as usize;
        let mut addresses = Self {
            attached: Vec::new(),
            per_eni,
            most,
            attaching: false,
            waiting: Vec::new(),
        };
        addresses.grow(1 + warm_enis as usize);
        addresses
    }

    fn grow(&mut self, enis: usize) {
        let wanted = (self.attached.len() + enis * self.per_eni).min(self.most);
        self.attached.resize(wanted, Address::default());
    }

    fn held(&self) -> usize {
        self.attached.iter().filter(|address| address.holder.is_some()).count()
    }
}

impl World<'_> {
    /// Gives a pod of the run's start its address: the pool has long grown to what its node needs.
    pub(crate) fn give_steady_address(&mut self, pod: PodRef, node: KubeNodeId) {
        let warm = self.scenario.vpc_cni.warm_eni_target as usize;
        let addresses = &mut self.nodes[node.index()].addresses;
        while addresses.attached.len() < addresses.most
            && addresses.attached.len() < addresses.held() + 1 + warm * addresses.per_eni
        {
            addresses.grow(1);
        }
        self.hold_address(pod, node);
    }

    /// Makes the sandbox of a pod that was just bound: it starts at once if the node has an address for it.
    pub(crate) fn make_sandbox(&mut self, pod: PodRef, node: KubeNodeId) {
        if self.hold_address(pod, node) {
            self.start_containers(pod);
        } else {
            self.nodes[node.index()].addresses.waiting.push(pod);
        }
        self.look_after_pool(node);
    }

    fn start_containers(&mut self, pod: PodRef) {
        let after = self.latencies.pod_start.draw();
        let event = match pod {
            PodRef::App(pod) => Event::ContainersStarted { pod },
            PodRef::Other(pod) => Event::OtherStarted { pod },
        };
        self.schedule(after, event);
    }

    /// Takes one of the free addresses at random, if there is one.
    fn hold_address(&mut self, pod: PodRef, node: KubeNodeId) -> bool {
        let now = self.now;
        let is_free = |address: &&mut Address| address.holder.is_none() && address.free_from <= now;
        let free = self.nodes[node.index()]
            .addresses
            .attached
            .iter_mut()
            .filter(is_free)
            .count();
        if free == 0 {
            return false;
        }
        let chosen = self
            .latencies
            .ip_choice
            .below(u32::try_from(free).expect("few addresses")) as usize;
        let addresses = &mut self.nodes[node.index()].addresses.attached;
        let address = addresses.iter_mut().filter(is_free).nth(chosen).expect("counted");
        address.holder = Some(pod);
        if let Some(before) = address.last_app {
            self.reuse_address(before, pod);
        }
        true
    }

    /// An ALB node that still knows the pod that had the address before reaches the one that has it now.
    fn reuse_address(&mut self, before: PodId, now_with: PodRef) {
        if self.has_node_targets() {
            // The ALB knows nodes; kube-proxy's rules go with the endpoint, long before the cooldown is over.
            return;
        }
        let known = (0..self.traffic.rules.alb_nodes as usize)
            .any(|alb_node| self.traffic.view(before.0, alb_node) != NodeTargetState::Unknown);
        if !known || self.traffic.servers[before.index()].state != ServerState::Removed {
            return;
        }
        let reuse = match now_with {
            PodRef::App(pod) => Reuse::SameApplication { pod: pod.0 },
            PodRef::Other(other) if self.other_listens(other) => Reuse::OtherListens,
            PodRef::Other(_) => Reuse::OtherRefuses,
        };
        self.traffic.reused.insert(before.0, reuse);
        self.traffic.summary.observations.addresses_reused += 1;
        let successor = match now_with {
            PodRef::App(pod) => Some(pod.0),
            PodRef::Other(_) => None,
        };
        self.fact(|| Fact::AddressReused {
            pod: before.0,
            successor,
        });
        self.set_server(before, ServerState::Reused);
    }

    /// The sandbox of a pod is gone: its address cools down.
    pub(crate) fn release_address(&mut self, pod: PodRef, node: KubeNodeId) {
        let free_from = self.now + self.scenario.vpc_cni.ip_cooldown_period;
        let addresses = &mut self.nodes[node.index()].addresses;
        addresses.waiting.retain(|waiting| *waiting != pod);
        let held = addresses
            .attached
            .iter_mut()
            .find(|address| address.holder == Some(pod));
        let Some(address) = held else { return };
        address.holder = None;
        address.free_from = free_from;
        let before = address.last_app;
        if let PodRef::App(pod) = pod {
            address.last_app = Some(pod);
        }
        let someone_waits = !addresses.waiting.is_empty();
        if let Some(before) = before.filter(|before| self.traffic.reused.remove(&before.0).is_some()) {
            // Whoever still knows the pod before the last one meets silence again.
            self.set_server(before, ServerState::Removed);
        }
        if someone_waits {
            self.schedule_at(free_from, Event::AddressesFree { node });
        }
    }

    /// Attaches another interface when too few addresses are free, and wakes pods when one has cooled down.
    fn look_after_pool(&mut self, node: KubeNodeId) {
        let warm = self.scenario.vpc_cni.warm_eni_target as usize;
        let addresses = &mut self.nodes[node.index()].addresses;
        let free = addresses.attached.len() - addresses.held();
        let too_few = free < warm * addresses.per_eni || !addresses.waiting.is_empty();
        let cools_down = addresses
            .attached
            .iter()
            .filter(|address| address.holder.is_none())
            .map(|address| address.free_from)
            .min()
            .filter(|_| !addresses.waiting.is_empty());
        if too_few && !addresses.attaching && addresses.attached.len() < addresses.most {
            addresses.attaching = true;
            let after = self.latencies.eni_attach.draw();
            self.schedule(after, Event::InterfaceAttached { node });
        }
        if let Some(at) = cools_down {
            self.schedule_at(at.max(self.now), Event::AddressesFree { node });
        }
    }

    pub(crate) fn interface_attached(&mut self, node: KubeNodeId) {
        let addresses = &mut self.nodes[node.index()].addresses;
        addresses.attaching = false;
        addresses.grow(1);
        self.addresses_free(node);
    }

    /// Pods that wait for an address look again, in the order in which they came.
    pub(crate) fn addresses_free(&mut self, node: KubeNodeId) {
        if self.node(node).machine != Machine::Running {
            return;
        }
        for pod in core::mem::take(&mut self.nodes[node.index()].addresses.waiting) {
            let starting = match pod {
                PodRef::App(pod) => self.pod(pod).life == Life::Starting,
                PodRef::Other(other) => self.other_is_starting(other),
            };
            if !starting {
                continue;
            }
            if self.hold_address(pod, node) {
                self.start_containers(pod);
            } else {
                self.nodes[node.index()].addresses.waiting.push(pod);
            }
        }
        self.look_after_pool(node);
    }
}
