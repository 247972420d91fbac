//! A request to a target that is a node: over a pinned connection, or to the pod that the node's kube-proxy chooses.
//!
//! ```text
//! ALB node ─► node:NodePort ─► pod on this node or another one
//!     one pooled connection per node port, pinned by conntrack to one pod (alb §4.2)
//! ```

use super::Traffic;
use super::decision::{Decision, Request};
use super::issue::{Route, patient};
use super::open::Open;
use super::proxies::{Pinned, Proxies};
use super::server::IdleRule;
use crate::outcome::{Cause, Hop, Status};
use crate::scenario::elbv2::Algorithm;
use crate::scenario::kube_proxy::NoEndpoint;
use crate::trace::ServerState;

impl Traffic<'_> {
    fn proxies_mut(&mut self) -> &mut Proxies {
        self.proxies.as_mut().expect("targets are nodes")
    }

    /// Issues a request and returns when its client has the answer.
    #[inline(never)]
    pub(super) fn issue_forwarded(&mut self, request: Request) -> u64 {
        self.issued += 1;
        let mut sent = request.issued;
        let mut retries = self.rules.retries;
        loop {
            let Some(node) = self.choose(request) else {
                return self.close_unrouted(request, sent);
            };
            let (pod, decision) = self.forward(sent, request, node);
            let client_waits = decision.end - request.issued < request.client_timeout;
            if retries == 0 || !decision.failed_to_connect() || !client_waits {
                return self.close_forwarded(request, node, pod, decision);
            }
            retries -= 1;
            sent = decision.end;
        }
    }

    /// Sends a request to a node; the pod is the one that it reaches, or would reach.
    fn forward(&mut self, sent: u64, request: Request, node: u32) -> (Option<u32>, Decision) {
        let (limit, order) = (self.rules.reusable_for, self.rules.connection_reuse);
        let zone = self.rotations[request.alb_node].zone;
        let pinned = self.proxies_mut().take(node, request.alb_node, sent, limit, order);
        let (is_on, stage) = (self.proxies_mut().is_on(node), self.proxies_mut().stage(node));
        if !is_on {
            // Nobody closed the pooled connections.
            let reused = pinned.is_some();
            let wait = if reused {
                self.rules.idle_timeout
            } else {
                self.rules.connect_timeout
            };
            let lost = Decision::refused(Cause::SilentNode, stage, sent + wait);
            return (None, Decision { reused, ..lost });
        }
        if let Some(Pinned { idle_at, pod }) = pinned {
            let rtt = self.path_rtt(zone, node, pod);
            if let Some(decision) = self.meet_pinned(sent, request, pod, sent - idle_at, rtt) {
                return (Some(pod), decision);
            }
        }
        let to_node = self.proxies_mut().rtt(node, zone);
        let Some(pod) = self.proxies_mut().choose(node, sent) else {
            let decision = match self.proxies_mut().no_endpoint() {
                NoEndpoint::Reject => Decision::refused(Cause::NoEndpointRejected, stage, sent + to_node),
                NoEndpoint::Drop => {
                    Decision::refused(Cause::NoEndpointDropped, stage, sent + self.rules.connect_timeout)
                }
            };
            return (None, decision);
        };
        let rtt = self.path_rtt(zone, node, pod);
        let decision = if self.servers[pod as usize].state == ServerState::Serving {
            self.accept(sent, pod, request.kind, rtt, false)
        } else {
            self.servers[pod as usize].prune(sent);
            self.meet_new_connection(sent, request, pod, rtt)
        };
        (Some(pod), decision)
    }

    /// Round trip from an ALB node of `zone` to a pod by way of a node: two hops where the pod is on another node.
    fn path_rtt(&mut self, zone: u8, node: u32, pod: u32) -> u64 {
        let proxies = self.proxies_mut();
        let (to_node, own, node_zone) = (
            proxies.rtt(node, zone),
            proxies.node_of(pod) == node,
            proxies.zone(node),
        );
        if own {
            to_node
        } else {
            to_node + self.servers[pod as usize].rtt(node_zone)
        }
    }

    /// What a request meets on a connection that is pinned to a pod; nothing if the pod has closed it.
    fn meet_pinned(&mut self, sent: u64, request: Request, pod: u32, idle_for: u64, rtt: u64) -> Option<Decision> {
        let server = &self.servers[pod as usize];
        let (state, stage, idle_rule) = (server.state, server.stage, server.idle_rule);
        match state {
            ServerState::Serving => {
                if idle_for >= self.rules.surely_open_for {
                    match self.race_for_connection(idle_for) {
                        Some(true) => {}
                        Some(false) => return None,
                        None => {
                            let lost = Decision::refused(Cause::KeepAliveRace, Hop::None, sent + rtt);
                            return Some(Decision { reused: true, ..lost });
                        }
                    }
                }
                Some(self.accept(sent, pod, request.kind, rtt, true))
            }
            ServerState::DrainingOpen | ServerState::DrainingUnaccepted | ServerState::DrainingClosed => {
                if idle_for >= self.rules.app_keep_alive {
                    return None;
                }
                self.servers[pod as usize].prune(sent);
                Some(match idle_rule {
                    IdleRule::Keep | IdleRule::ServedThenClose => self.accept(sent, pod, request.kind, rtt, true),
                    IdleRule::Unserved => self.hang(sent, true),
                })
            }
            ServerState::Unreachable => Some(Decision {
                start: Some(u64::MAX),
                reused: true,
                ..Decision::refused(Cause::SilentNode, stage, sent + self.rules.idle_timeout)
            }),
            // Its process closed them when it ended, and a new one knows nothing of them.
            ServerState::Starting
            | ServerState::Restarting
            | ServerState::Exited
            | ServerState::Removed
            | ServerState::Reused => None,
        }
    }

    /// Counts a request, returns its connection, and keeps what a later event may change.
    fn close_forwarded(&mut self, request: Request, node: u32, pod: Option<u32>, decision: Decision) -> u64 {
        let (outcome, end) = patient(request, decision.outcome, decision.end);
        if let Some(pod) = pod
            && decision.pooled
            && end == decision.end
        {
            let connection = Pinned { idle_at: end, pod };
            self.proxies_mut().put(node, request.alb_node, connection);
        }
        if self.rules.algorithm != Algorithm::RoundRobin {
            self.note_routed(request, node, decision, end);
        }
        self.count(request.issued, end, outcome);
        if self.recorder.is_on() || decision.start.is_some() {
            let open = Open {
                via: node,
                ..self.open(request, decision, outcome, end)
            };
            if self.recorder.is_on() {
                let route = Route {
                    target: Some(node),
                    pod,
                };
                self.record_decided(route, decision, open);
            }
            if let (Some(pod), Some(_)) = (pod, decision.start) {
                self.servers[pod as usize].open.push(request.issued, open);
            }
        }
        end
    }

    /// Ends the open requests by way of a node that `cut` names a cause for.
    pub(super) fn cut_forwarded(&mut self, now: u64, node: u32, cut: impl Fn(&Open) -> Option<Cause>) {
        for pod in 0..self.servers.len() {
            let pod = u32::try_from(pod).expect("fewer than 2^32 pods");
            self.cut(now, pod, |open| if open.via == node { cut(open) } else { None });
        }
    }

    /// A node is gone: what is in flight by way of it hangs until the idle timeout, whatever its pod answers.
    pub(crate) fn forwarding_ends(&mut self, now: u64, node: u32) {
        let idle_timeout = self.rules.idle_timeout;
        let stage = self.proxies_mut().stage(node);
        for pod in 0..self.servers.len() {
            let mut open = self.servers[pod].open.take();
            let index = u32::try_from(pod).expect("fewer than 2^32 pods");
            let lost = |request: &&mut Open| {
                request.via == node && request.end > now && request.status != Status::ClientClosed
            };
            for request in open.iter_mut().filter(lost) {
                self.give_up(request, index, idle_timeout, Cause::SilentNode, stage, now);
            }
            // Nothing that becomes of their pod reaches the ALB any more.
            open.retain(|request| request.via != node || request.end <= now);
            self.servers[pod].open.put_back(open);
        }
    }

    /// An open request ends at another instant: the counts of least outstanding requests follow.
    pub(super) fn forwarded_until(&mut self, request: &Open, pod: u32, end: u64) {
        let alb_node = usize::from(request.alb_node);
        let connection = Pinned {
            idle_at: request.end,
            pod,
        };
        self.proxies_mut().drop_busy(request.via, alb_node, connection);
        if self.rules.algorithm == Algorithm::LeastOutstandingRequests {
            self.outstanding[alb_node].moved(request.via, request.end, end);
        }
    }

    /// Whether a target takes connections at all.
    pub(super) fn target_serves(&self, target: u32) -> bool {
        match &self.proxies {
            Some(proxies) => proxies.is_on(target),
            None => self.servers[target as usize].is_serving(),
        }
    }

    /// Zone of a target.
    pub(crate) fn target_zone(&self, target: u32) -> u8 {
        match &self.proxies {
            Some(proxies) => proxies.zone(target),
            None => self.servers[target as usize].zone,
        }
    }

    /// The target and the pod of a request that a server has.
    pub(super) fn route_of(&self, server: u32, open: &Open) -> Route {
        if self.proxies.is_some() {
            Route {
                target: Some(open.via),
                pod: Some(server),
            }
        } else {
            Route {
                target: Some(server),
                pod: None,
            }
        }
    }
}
