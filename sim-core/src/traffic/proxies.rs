//! What the kube-proxy of each node knows of the Service's endpoints, and the connections it has forwarded.
//!
//! ```text
//! slice write = version v ─► watch of node n ─► its next sync ─► in force        (all drawn at the write)
//! ```
//! What a node knows at an instant is one number, the version of its last sync that is in force. The endpoints of a
//! version are kept once for all nodes, until every node is past it.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::id::{KubeNodeId, PodId};
use crate::k8s::pod::Endpoint;
use crate::outcome::Hop;
use crate::rng::{Stream, Streams};
use crate::scenario::Scenario;
use crate::scenario::elbv2::{ConnectionReuse, TargetType};
use crate::scenario::kube_proxy::{ExternalTrafficPolicy, NoEndpoint};

/// An endpoint and the node of its pod; in this order lists are sorted by node.
type Place = (u32, u32);

/// The endpoints of one version, sorted by node and pod.
#[derive(Debug, Clone, Default)]
struct Endpoints {
    ready: Vec<Place>,
    /// Terminating, and still serving.
    terminating: Vec<Place>,
}

/// A sync of one node that is not known to be over.
#[derive(Debug, Clone, Copy)]
struct Sync {
    start: u64,
    end: u64,
    version: u32,
}

/// The kube-proxy of one node, and the node as a target.
#[derive(Debug)]
struct Forwarder {
    zone: u8,
    /// Whether the instance runs and has joined.
    on: bool,
    /// The hop that has not yet done its part in taking the node out.
    stage: Hop,
    rtt_same_zone: u32,
    rtt_cross_zone: u32,
    /// Version in force, as far as anybody has asked.
    version: u32,
    /// Syncs that come into force later, in order.
    syncs: VecDeque<Sync>,
    /// The last write reached its cache then: watch events arrive in order.
    seen_at: u64,
    /// Start of the last sync, if there was one, and the end of it.
    last_start: Option<u64>,
    last_end: u64,
}

/// A pooled connection from an ALB node to a node's port; conntrack has pinned it to one pod (alb §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pinned {
    /// When it became, or will become, idle, ns.
    pub(crate) idle_at: u64,
    pub(crate) pod: u32,
}

/// kube-proxy on every node.
#[derive(Debug)]
pub(crate) struct Proxies {
    local_only: bool,
    terminating_fallback: bool,
    no_endpoint: NoEndpoint,
    min_sync_period: u64,
    forwarders: Vec<Forwarder>,
    /// The endpoints from `first_version` on; the last entry is the newest version.
    versions: VecDeque<Endpoints>,
    first_version: u32,
    /// Node of each pod that has had an endpoint.
    pod_nodes: Vec<u32>,
    alb_nodes: usize,
    /// By node and ALB node, each sorted by the idle instant.
    pools: Vec<Vec<Pinned>>,
    choice: Stream,
    check_choice: Stream,
}

impl Proxies {
    /// Those of a valid scenario whose targets are nodes.
    pub(crate) fn new(scenario: &Scenario, streams: &Streams) -> Option<Self> {
        if scenario.target_group.target_type != TargetType::Instance {
            return None;
        }
        let rules = &scenario.kube_proxy;
        let local_only = scenario.service.external_traffic_policy == ExternalTrafficPolicy::Local;
        Some(Self {
            local_only,
            terminating_fallback: rules.terminating_fallback,
            no_endpoint: if local_only {
                rules.no_local_endpoint
            } else {
                rules.no_endpoint
            },
            min_sync_period: rules.min_sync_period.as_ns(),
            forwarders: Vec::new(),
            versions: VecDeque::from([Endpoints::default()]),
            first_version: 0,
            pod_nodes: Vec::new(),
            alb_nodes: scenario.alb_nodes_count() as usize,
            pools: Vec::new(),
            choice: streams.stream("kube_proxy.choice"),
            check_choice: streams.stream("kube_proxy.check_choice"),
        })
    }

    /// Adds a node that has not joined yet; round trips from ALB nodes in ns.
    pub(crate) fn add_node(&mut self, zone: u8, rtt_same_zone: u32, rtt_cross_zone: u32) {
        self.forwarders.push(Forwarder {
            zone,
            on: false,
            stage: Hop::Registration,
            rtt_same_zone,
            rtt_cross_zone,
            version: 0,
            syncs: VecDeque::new(),
            seen_at: 0,
            last_start: None,
            last_end: 0,
        });
        for _ in 0..self.alb_nodes {
            self.pools.push(Vec::new());
        }
    }

    /// The node has joined: its kube-proxy has listed all endpoints.
    pub(crate) fn start(&mut self, node: KubeNodeId) {
        let newest = self.newest();
        let forwarder = &mut self.forwarders[node.index()];
        forwarder.on = true;
        forwarder.version = newest;
        forwarder.stage = Hop::HealthCheck;
    }

    /// The instance is off.
    pub(crate) fn stop(&mut self, node: KubeNodeId) {
        self.forwarders[node.index()].on = false;
    }

    pub(crate) fn is_on(&self, node: u32) -> bool {
        self.forwarders[node as usize].on
    }

    pub(crate) fn zone(&self, node: u32) -> u8 {
        self.forwarders[node as usize].zone
    }

    pub(crate) fn stage(&self, node: u32) -> Hop {
        self.forwarders[node as usize].stage
    }

    pub(crate) fn set_stage(&mut self, node: u32, stage: Hop) {
        self.forwarders[node as usize].stage = stage;
    }

    pub(crate) fn is_local_only(&self) -> bool {
        self.local_only
    }

    /// What a connection meets where no endpoint is usable.
    pub(crate) fn no_endpoint(&self) -> NoEndpoint {
        self.no_endpoint
    }

    /// The version of the last write.
    pub(crate) fn newest(&self) -> u32 {
        self.first_version + u32::try_from(self.versions.len()).expect("fewer than 2^32 versions") - 1
    }

    /// Takes one slice write as a new version; it is in force nowhere yet.
    pub(crate) fn publish(&mut self, changes: impl Iterator<Item = (PodId, KubeNodeId, Option<Endpoint>)>) -> u32 {
        let mut endpoints = self.versions.back().expect("at least one version").clone();
        for (pod, node, endpoint) in changes {
            let index = pod.index();
            if self.pod_nodes.len() <= index {
                self.pod_nodes.resize(index + 1, u32::MAX);
            }
            self.pod_nodes[index] = node.0;
            let place = (node.0, pod.0);
            let ready = endpoint.is_some_and(|endpoint| endpoint.ready);
            let terminating =
                endpoint.is_some_and(|endpoint| !endpoint.ready && endpoint.serving && endpoint.terminating);
            keep(&mut endpoints.ready, place, ready);
            keep(&mut endpoints.terminating, place, terminating);
        }
        self.versions.push_back(endpoints);
        self.newest()
    }

    /// The newest version is in force everywhere at once: the fleet has long been steady.
    pub(crate) fn settle(&mut self) {
        let newest = self.newest();
        for forwarder in &mut self.forwarders {
            forwarder.version = newest;
        }
        self.forget_before(newest);
    }

    /// The newest version reaches the node's cache at `at`; returns when it is in force there. `takes` gives the
    /// length of a sync that does not begin for an earlier change anyway.
    pub(crate) fn see(&mut self, node: KubeNodeId, at: u64, takes: impl FnOnce() -> u64) -> u64 {
        let (version, period) = (self.newest(), self.min_sync_period);
        let forwarder = &mut self.forwarders[node.index()];
        forwarder.seen_at = forwarder.seen_at.max(at);
        let at = forwarder.seen_at;
        if let Some(sync) = forwarder.syncs.back_mut().filter(|sync| sync.start >= at) {
            sync.version = version;
            return sync.end;
        }
        let earliest = forwarder.last_start.map_or(0, |start| start + period);
        let start = at.max(earliest).max(forwarder.last_end);
        let end = start + takes();
        forwarder.last_start = Some(start);
        forwarder.last_end = end;
        forwarder.syncs.push_back(Sync { start, end, version });
        end
    }

    /// Nodes that forward, in order.
    pub(crate) fn running(&self) -> Vec<KubeNodeId> {
        let running = self.forwarders.iter().enumerate().filter(|(_, forwarder)| forwarder.on);
        running.map(|(node, _)| KubeNodeId::at(node)).collect()
    }

    /// Every node that forwards is at `version` or past it.
    pub(crate) fn forget_before(&mut self, version: u32) {
        while self.first_version < version {
            self.versions.pop_front();
            self.first_version += 1;
        }
    }

    /// Whether some version that a node may be at has no ready endpoint.
    pub(crate) fn may_lack_ready(&self) -> bool {
        self.versions.iter().any(|endpoints| endpoints.ready.is_empty())
    }

    /// Whether one version is in force everywhere.
    pub(crate) fn is_settled(&self) -> bool {
        self.versions.len() == 1
    }

    /// Pods that the node may choose from at `now`.
    pub(crate) fn usable(&mut self, node: u32, now: u64) -> &[Place] {
        let forwarder = &mut self.forwarders[node as usize];
        while let Some(sync) = forwarder.syncs.front().filter(|sync| sync.end <= now) {
            forwarder.version = sync.version;
            forwarder.syncs.pop_front();
        }
        let version = forwarder.version.max(self.first_version) - self.first_version;
        let endpoints = &self.versions[version as usize];
        let own = self.local_only.then_some(node);
        let ready = of_node(&endpoints.ready, own);
        if ready.is_empty() && self.terminating_fallback {
            of_node(&endpoints.terminating, own)
        } else {
            ready
        }
    }

    /// The pod to which the node sends a new connection: each usable one with the same probability.
    pub(crate) fn choose(&mut self, node: u32, now: u64) -> Option<u32> {
        let count = count_of(self.usable(node, now))?;
        let at = self.choice.below(count) as usize;
        Some(self.usable(node, now)[at].1)
    }

    /// The same for a health check, with random numbers of its own.
    pub(crate) fn choose_for_check(&mut self, node: u32, now: u64) -> Option<u32> {
        let count = count_of(self.usable(node, now))?;
        let at = self.check_choice.below(count) as usize;
        Some(self.usable(node, now)[at].1)
    }

    /// Node of a pod that has had an endpoint.
    pub(crate) fn node_of(&self, pod: u32) -> u32 {
        self.pod_nodes[pod as usize]
    }

    /// Round trip from an ALB node of `zone` to the node, ns.
    pub(crate) fn rtt(&self, node: u32, zone: u8) -> u64 {
        let forwarder = &self.forwarders[node as usize];
        u64::from(if forwarder.zone == zone {
            forwarder.rtt_same_zone
        } else {
            forwarder.rtt_cross_zone
        })
    }

    fn pool(&mut self, node: u32, alb_node: usize) -> &mut Vec<Pinned> {
        &mut self.pools[node as usize * self.alb_nodes + alb_node]
    }

    /// Takes an idle connection at `now` that has been idle for less than `limit` ns.
    pub(crate) fn take(
        &mut self,
        node: u32,
        alb_node: usize,
        now: u64,
        limit: u64,
        order: ConnectionReuse,
    ) -> Option<Pinned> {
        let pool = self.pool(node, alb_node);
        let closed = pool.partition_point(|connection| connection.idle_at.saturating_add(limit) <= now);
        pool.drain(..closed);
        let idle = pool.partition_point(|connection| connection.idle_at <= now);
        let place = match order {
            ConnectionReuse::Lifo => idle.checked_sub(1)?,
            ConnectionReuse::Fifo => 0,
        };
        (place < idle).then(|| pool.remove(place))
    }

    /// Returns a connection to its pool.
    pub(crate) fn put(&mut self, node: u32, alb_node: usize, connection: Pinned) {
        let pool = self.pool(node, alb_node);
        let place = pool.partition_point(|other| other.idle_at <= connection.idle_at);
        pool.insert(place, connection);
    }

    /// The connection of a request that was to end at `idle_at` does not come back.
    pub(crate) fn drop_busy(&mut self, node: u32, alb_node: usize, connection: Pinned) {
        let pool = self.pool(node, alb_node);
        if let Some(place) = pool.iter().position(|other| *other == connection) {
            pool.remove(place);
        }
    }

    /// The pod closes those of its connections whose idle instant is `closed`; through a node that is off its FIN does
    /// not come.
    pub(crate) fn close(&mut self, pod: u32, closed: impl Fn(u64) -> bool) {
        for node in self.running() {
            let first = node.index() * self.alb_nodes;
            for pool in &mut self.pools[first..][..self.alb_nodes] {
                pool.retain(|connection| connection.pod != pod || !closed(connection.idle_at));
            }
        }
    }

    /// Latest idle instant of the pod's connections.
    pub(crate) fn latest_idle(&self, pod: u32) -> Option<u64> {
        let connections = self.pools.iter().flatten();
        let own = connections.filter(|connection| connection.pod == pod);
        own.map(|connection| connection.idle_at).max()
    }
}

/// Puts a place into a sorted list, or takes it out.
fn keep(list: &mut Vec<Place>, place: Place, wanted: bool) {
    match (list.binary_search(&place), wanted) {
        (Ok(at), false) => {
            list.remove(at);
        }
        (Err(at), true) => list.insert(at, place),
        (Ok(_), true) | (Err(_), false) => {}
    }
}

/// The places on one node, or all of them.
fn of_node(list: &[Place], node: Option<u32>) -> &[Place] {
    let Some(node) = node else { return list };
    let from = list.partition_point(|place| place.0 < node);
    let to = list.partition_point(|place| place.0 <= node);
    &list[from..to]
}

fn count_of(usable: &[Place]) -> Option<u32> {
    u32::try_from(usable.len()).ok().filter(|count| *count > 0)
}

#[cfg(test)]
mod tests;
