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

/// The addresses of one node, by attached address.
#[derive(Debug)]
pub(crate) struct Addresses {
    holders: Vec<Option<PodRef>>,
    /// Another pod may have it from then on; `SimTime::MAX` while a pod has it.
    free_from: Vec<SimTime>,
    /// The last pod of the Deployment that had it.
    last_apps: Vec<Option<PodId>>,
    held: usize,
    per_eni: usize,
    most: usize,
    attaching: bool,
    /// Pods without an address, in the order in which they came.
    waiting: Vec<PodRef>,
    /// When they look again.
    wakes_at: Option<SimTime>,
}

impl Addresses {
    pub(crate) fn new(instance: InstanceType, warm_enis: u32) -> Self {
        // The first address of each interface is the interface's own.
        let per_eni = instance.ipv4_per_eni as usize - 1;
        let most = per_eni * instance.enis as usize;
        let mut addresses = Self {
            holders: Vec::new(),
            free_from: Vec::new(),
            last_apps: Vec::new(),
            held: 0,
            per_eni,
            most,
            attaching: false,
            waiting: Vec::new(),
            wakes_at: None,
        };
        addresses.grow(1 + warm_enis as usize);
        addresses
    }

    fn attached(&self) -> usize {
        self.holders.len()
    }

    fn grow(&mut self, enis: usize) {
        let wanted = (self.attached() + enis * self.per_eni).min(self.most);
        self.holders.resize(wanted, None);
        self.free_from.resize(wanted, SimTime::ZERO);
        self.last_apps.resize(wanted, None);
    }

    fn free_at(&self, now: SimTime) -> usize {
        self.free_from.iter().filter(|from| **from <= now).count()
    }

    /// Gives the `n`-th free address to a pod.
    fn hold(&mut self, n: usize, now: SimTime, pod: PodRef) -> Option<PodId> {
        let mut free = (0usize..).zip(&self.free_from).filter(|(_, from)| **from <= now);
        let (address, _) = free.nth(n).expect("as many are free");
        self.holders[address] = Some(pod);
        self.free_from[address] = SimTime::MAX;
        self.held += 1;
        self.last_apps[address]
    }

    /// Takes its address back from a pod; the pod of the Deployment that had it before comes back.
    fn release(&mut self, pod: PodRef, free_from: SimTime) -> Option<PodId> {
        self.waiting.retain(|waiting| *waiting != pod);
        let address = self.holders.iter().position(|holder| *holder == Some(pod))?;
        self.holders[address] = None;
        self.free_from[address] = free_from;
        self.held -= 1;
        let last = &mut self.last_apps[address];
        match pod {
            PodRef::App(pod) => last.replace(pod),
            PodRef::Other(_) => *last,
        }
    }
}

impl World<'_> {
    /// Gives a pod of the run's start its address: the pool has long grown to what its node needs.
    pub(crate) fn give_steady_address(&mut self, pod: PodRef, node: KubeNodeId) {
        let warm = self.scenario.vpc_cni.warm_eni_target as usize;
        let addresses = &mut self.nodes[node.index()].addresses;
        while addresses.attached() < addresses.most
            && addresses.attached() < addresses.held + 1 + warm * addresses.per_eni
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
        let free = self.nodes[node.index()].addresses.free_at(now);
        if free == 0 {
            return false;
        }
        let free = u32::try_from(free).expect("few addresses");
        let chosen = self.latencies.ip_choice.below(free) as usize;
        if let Some(before) = self.nodes[node.index()].addresses.hold(chosen, now, pod) {
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
        let before = self.nodes[node.index()].addresses.release(pod, free_from);
        if let Some(before) = before.filter(|before| self.traffic.reused.remove(&before.0).is_some()) {
            // Whoever still knows the pod before the last one meets silence again.
            self.set_server(before, ServerState::Removed);
        }
        if !self.nodes[node.index()].addresses.waiting.is_empty() {
            self.wake_at(node, free_from);
        }
    }

    /// Lets the pods that wait for an address look again then, if they do not do so before.
    fn wake_at(&mut self, node: KubeNodeId, at: SimTime) {
        let wakes_at = &mut self.nodes[node.index()].addresses.wakes_at;
        if wakes_at.is_none_or(|planned| at < planned) {
            *wakes_at = Some(at);
            self.schedule_at(at, Event::AddressesFree { node });
        }
    }

    /// Attaches another interface when too few addresses are free, and wakes pods when one has cooled down.
    fn look_after_pool(&mut self, node: KubeNodeId) {
        let warm = self.scenario.vpc_cni.warm_eni_target as usize;
        let addresses = &mut self.nodes[node.index()].addresses;
        let free = addresses.attached() - addresses.held;
        let someone_waits = !addresses.waiting.is_empty();
        let too_few = free < warm * addresses.per_eni || someone_waits;
        if too_few && !addresses.attaching && addresses.attached() < addresses.most {
            addresses.attaching = true;
            let after = self.latencies.eni_attach.draw();
            self.schedule(after, Event::InterfaceAttached { node });
        }
        let cools_down = self.nodes[node.index()].addresses.free_from.iter().min().copied();
        if let Some(at) = cools_down.filter(|at| someone_waits && *at != SimTime::MAX) {
            self.wake_at(node, at.max(self.now));
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
        let now = self.now;
        let addresses = &mut self.nodes[node.index()].addresses;
        addresses.wakes_at = addresses.wakes_at.filter(|at| *at > now);
        if self.node(node).machine != Machine::Running {
            return;
        }
        let mut some_free = true;
        for pod in core::mem::take(&mut self.nodes[node.index()].addresses.waiting) {
            let starting = match pod {
                PodRef::App(pod) => self.pod(pod).life == Life::Starting,
                PodRef::Other(other) => self.other_is_starting(other),
            };
            if !starting {
                continue;
            }
            some_free = some_free && self.hold_address(pod, node);
            if some_free {
                self.start_containers(pod);
            } else {
                self.nodes[node.index()].addresses.waiting.push(pod);
            }
        }
        self.look_after_pool(node);
    }
}
