//! kube-proxy on every node: from a slice write to the last node that acts on it (lbc §4, kubernetes §2.3.16).
//!
//! ```text
//! slice written ─► watch of each node ─► next sync, at least minSyncPeriod after the last ─► rules in force
//!                                                                        last node in force ─► the pod has left
//! ```

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::pod::{Endpoint, RaceTimes};
use crate::event::Event;
use crate::id::{KubeNodeId, PodId};
use crate::outcome::Hop;
use crate::time::SimTime;
use crate::trace::Fact;
use crate::traffic::proxies::Proxies;
use crate::world::World;

/// What is known of one pod behind the nodes.
#[derive(Debug, Clone, Copy, Default)]
struct ProxiedPod {
    /// Its endpoint is ready in the newest version.
    ready: bool,
    /// Some node may still choose it as a ready one.
    listed: bool,
    /// The version that took it out.
    leaves_with: u32,
    /// It passes the target group's health check.
    passes: bool,
}

/// Versions of the endpoints on their way to the nodes.
#[derive(Debug, Default)]
pub(crate) struct KubeProxyState {
    pods: Vec<ProxiedPod>,
    /// Listed pods that do not pass the health check.
    failing: u32,
    /// Versions that are not in force everywhere, with the pods they are about.
    under_way: VecDeque<(u32, Vec<PodId>)>,
    /// When the last of them is.
    done_at: SimTime,
}

impl KubeProxyState {
    fn pod_mut(&mut self, pod: PodId) -> &mut ProxiedPod {
        if self.pods.len() <= pod.index() {
            self.pods.resize(pod.index() + 1, ProxiedPod::default());
        }
        &mut self.pods[pod.index()]
    }

    fn set_listed(&mut self, pod: PodId, listed: bool) {
        let state = self.pod_mut(pod);
        let before = core::mem::replace(&mut state.listed, listed);
        let fails = u32::from(!state.passes);
        self.failing = self.failing + fails * u32::from(listed) - fails * u32::from(before);
    }

    /// Whether some listed pod does not pass the health check.
    pub(crate) fn some_fail(&self) -> bool {
        self.failing > 0
    }

    /// Whether that pod passes the health check.
    pub(crate) fn passes(&self, pod: u32) -> bool {
        self.pods.get(pod as usize).is_some_and(|state| state.passes)
    }
}

impl World<'_> {
    fn proxies_mut(&mut self) -> &mut Proxies {
        self.traffic.proxies.as_mut().expect("targets are nodes")
    }

    fn node_of_endpoint(&self, pod: PodId) -> KubeNodeId {
        self.pod(pod).node.expect("an endpoint has an address, and so a node")
    }

    /// Whether a change of the pods on that node is not in force on every node yet.
    pub(crate) fn is_node_unsettled(&self, node: KubeNodeId) -> bool {
        let pods = self.kube_proxy.under_way.iter().flat_map(|(_, pods)| pods);
        pods.into_iter().any(|pod| self.pod(*pod).node == Some(node))
    }

    /// The fleet of the start of the run: every kube-proxy has long known all pods.
    pub(crate) fn publish_steady_endpoints(&mut self) {
        let pods: Vec<PodId> = (0..self.pods.len()).map(PodId::at).collect();
        for pod in &pods {
            let state = self.kube_proxy.pod_mut(*pod);
            state.passes = true;
            state.ready = true;
            self.kube_proxy.set_listed(*pod, true);
        }
        let places: Vec<(PodId, KubeNodeId, Option<Endpoint>)> = pods
            .iter()
            .map(|pod| (*pod, self.node_of_endpoint(*pod), self.pod(*pod).written))
            .collect();
        self.proxies_mut().publish(places.into_iter());
        for node in self.node_ids() {
            self.proxies_mut().start(node);
        }
        self.proxies_mut().settle();
    }

    /// One slice was written: every kube-proxy will see it and act on it.
    pub(crate) fn proxies_get_write(&mut self, write: u32) {
        let now = self.now;
        let changes = self.take_write(write);
        let version = self.proxies_mut().newest() + 1;
        for (pod, endpoint) in &changes {
            self.endpoint_published(*pod, *endpoint, version);
        }
        let places: Vec<(PodId, KubeNodeId, Option<Endpoint>)> = changes
            .iter()
            .map(|(pod, endpoint)| (*pod, self.node_of_endpoint(*pod), *endpoint))
            .collect();
        self.proxies_mut().publish(places.iter().copied());
        let mut done_at = self.kube_proxy.done_at.max(now);
        for node in self.proxies_mut().running() {
            let seen_at = now + self.latencies.kube_proxy_watch.draw();
            let sync = &mut self.latencies.kube_proxy_sync;
            let proxies = self.traffic.proxies.as_mut().expect("targets are nodes");
            let end = proxies.see(node, seen_at.as_ns(), || sync.draw().as_ns());
            done_at = done_at.max(SimTime::from_ns(end));
        }
        self.kube_proxy.done_at = done_at;
        let pods = changes.iter().map(|(pod, _)| *pod).collect();
        self.kube_proxy.under_way.push_back((version, pods));
        self.schedule_at(done_at, Event::ProxiesUpdated { version });
        if self.proxies_mut().is_local_only() {
            for (_, node, _) in places {
                self.sample_node(node);
            }
        } else {
            self.sample_nodes_if_unsure();
        }
    }

    fn endpoint_published(&mut self, pod: PodId, endpoint: Option<Endpoint>, version: u32) {
        let now = self.now;
        let ready = endpoint.is_some_and(|endpoint| endpoint.ready);
        let state = self.kube_proxy.pod_mut(pod);
        let before = core::mem::replace(&mut state.ready, ready);
        let server = &mut self.traffic.servers[pod.index()];
        if ready && !before {
            server.stage = if server.is_serving() {
                Hop::HealthCheck
            } else {
                Hop::Registration
            };
            self.pod_mut(pod).race = RaceTimes::default();
            self.kube_proxy.set_listed(pod, true);
        } else if before && !ready {
            state.leaves_with = version;
            server.stage = Hop::KubeProxy;
            let race = &mut self.pod_mut(pod).race;
            race.seen = Some(now);
            race.accepted = Some(now);
        }
    }

    /// A version is in force on every node.
    pub(crate) fn proxies_updated(&mut self, version: u32) {
        let now = self.now;
        let (oldest, pods) = self.kube_proxy.under_way.pop_front().expect("a version is under way");
        assert!(oldest == version, "version {version} is in force before {oldest}");
        self.proxies_mut().forget_before(version);
        self.fact(|| Fact::ProxiesUpdated {
            pods: pods.iter().map(|pod| pod.0).collect(),
        });
        for pod in pods {
            let state = *self.kube_proxy.pod_mut(pod);
            if state.listed && !state.ready && state.leaves_with == version {
                self.kube_proxy.set_listed(pod, false);
                self.pod_mut(pod).race.learned = Some(now);
                self.close_race(pod);
            }
        }
    }

    /// The answers of a pod's server may have changed.
    pub(crate) fn proxied_answer_changed(&mut self, pod: PodId) {
        let check = &self.scenario.target_group.health_check;
        let passes = self.answer(pod, check.path, check.timeout).passes();
        let state = self.kube_proxy.pod_mut(pod);
        if state.passes == passes {
            return;
        }
        let listed = state.listed;
        self.kube_proxy.set_listed(pod, false);
        self.kube_proxy.pod_mut(pod).passes = passes;
        self.kube_proxy.set_listed(pod, listed);
        let node = self.pod(pod).node;
        match node {
            Some(node) if self.proxies_mut().is_local_only() => self.sample_node(node),
            _ => self.sample_nodes_if_unsure(),
        }
    }

    /// With the policy `cluster` one bad pod concerns the checks of all nodes.
    fn sample_nodes_if_unsure(&mut self) {
        if self.kube_proxy.some_fail() || self.proxies_mut().may_lack_ready() {
            for node in self.node_ids() {
                self.sample_node(node);
            }
        }
    }

    /// A node has joined: its kube-proxy knows all endpoints.
    pub(crate) fn forwarding_starts(&mut self, node: KubeNodeId) {
        self.proxies_mut().start(node);
    }

    /// An instance is off: nothing is forwarded by way of it any more, and nothing comes back.
    pub(crate) fn forwarding_stops(&mut self, node: KubeNodeId) {
        if !self.proxies_mut().is_on(node.0) {
            return;
        }
        let now = self.now.as_ns();
        self.traffic.integrate(now);
        self.proxies_mut().stop(node);
        self.traffic.forwarding_ends(now, node.0);
        self.traffic.serving_changed(node.0, false);
        for alb_node in 0..self.traffic.rules.alb_nodes as usize {
            self.refresh_health_check(node.into(), alb_node);
        }
    }
}
