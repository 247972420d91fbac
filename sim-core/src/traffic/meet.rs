//! What a request meets at a server that is starting, draining or gone.

use super::Traffic;
use super::count::Outcome;
use super::decision::{Decision, Request};
use super::pool::Found;
use super::server::{IdleRule, Reuse};
use crate::outcome::{Cause, Hop};
use crate::trace::ServerState;

impl Traffic<'_> {
    /// What a request meets at a server that is not in normal operation (kubernetes §7); its list of open requests is
    /// up to date.
    pub(super) fn meet(&mut self, sent: u64, request: Request, target: u32) -> Decision {
        let (alb_node, kind) = (request.alb_node, request.kind);
        let server = &self.servers[target as usize];
        let (state, stage, idle_rule) = (server.state, server.stage, server.idle_rule);
        let rtt = server.rtt(self.rotations[alb_node].zone);
        let pair = self.pair(target, alb_node);
        let draining = matches!(
            state,
            ServerState::DrainingOpen | ServerState::DrainingUnaccepted | ServerState::DrainingClosed
        );
        let limit = self.rules.idle_timeout.min(self.rules.app_keep_alive);
        if state == ServerState::Reused {
            return self.meet_successor(sent, request, target);
        }
        if state == ServerState::Unreachable {
            // Nobody closed the pooled connections: a request on one waits for its answer until the idle timeout.
            return match self.pools[pair].take(sent, limit, self.rules.connection_reuse) {
                Found::Idle(_) => Decision {
                    start: Some(u64::MAX),
                    reused: true,
                    ..Decision::refused(Cause::SilentNode, stage, sent + self.rules.idle_timeout)
                },
                Found::Nothing => Decision::refused(Cause::SilentNode, stage, sent + self.rules.connect_timeout),
            };
        }
        if draining && let Found::Idle(_) = self.pools[pair].take(sent, limit, self.rules.connection_reuse) {
            return match idle_rule {
                IdleRule::Keep | IdleRule::ServedThenClose => self.accept(sent, target, kind, rtt, true),
                IdleRule::Unserved => self.hang(sent, true),
            };
        }
        self.meet_new_connection(sent, request, target, rtt)
    }

    /// What a new connection meets at such a server.
    pub(super) fn meet_new_connection(&mut self, sent: u64, request: Request, target: u32, rtt: u64) -> Decision {
        let server = &self.servers[target as usize];
        let (state, stage) = (server.state, server.stage);
        // Behind a node it is kube-proxy that chose the pod.
        let fails_open = self.rotations[request.alb_node].fails_open() && self.proxies.is_none();
        let refused = |cause| Decision::refused(cause, stage, sent + rtt);
        match state {
            ServerState::Serving | ServerState::Reused => unreachable!("handled above, or the short path"),
            ServerState::Unreachable => Decision::refused(Cause::SilentNode, stage, sent + self.rules.connect_timeout),
            ServerState::DrainingOpen => self.accept(sent, target, request.kind, rtt, false),
            ServerState::DrainingUnaccepted => {
                let unaccepted = self.servers[target as usize]
                    .open
                    .iter()
                    .filter(|open| open.start == u64::MAX)
                    .count();
                if unaccepted > self.rules.backlog {
                    return Decision::refused(Cause::BacklogOverflow, stage, sent + self.rules.connect_timeout);
                }
                self.hang(sent + rtt, false)
            }
            ServerState::DrainingClosed => refused(Cause::RefusedListenerClosed),
            ServerState::Starting if fails_open => refused(Cause::FailOpenNotReady),
            ServerState::Starting => refused(Cause::RefusedNotListening),
            ServerState::Restarting => refused(Cause::RefusedServerRestart),
            ServerState::Exited => refused(Cause::RefusedProcessDead),
            ServerState::Removed if self.servers[target as usize].silent => {
                Decision::refused(Cause::SilentPodIp, stage, sent + self.rules.connect_timeout)
            }
            ServerState::Removed => Decision::refused(Cause::IcmpUnreachable, stage, sent + self.rules.icmp_delay),
        }
    }

    /// The pod's address belongs to another pod: that one answers, or refuses.
    ///
    /// What the other pod's fate does to such a request later on is not followed.
    fn meet_successor(&mut self, sent: u64, request: Request, target: u32) -> Decision {
        let stage = self.servers[target as usize].stage;
        let rtt = self.servers[target as usize].rtt(self.rotations[request.alb_node].zone);
        match self.reused[&target] {
            Reuse::OtherRefuses => Decision::refused(Cause::RefusedByWrongPod, stage, sent + rtt),
            // A new connection, a request and its answer: two round trips.
            Reuse::OtherListens => Decision::refused(Cause::WrongPod, stage, sent + 2 * rtt),
            Reuse::SameApplication { pod } => {
                self.servers[pod as usize].prune(sent);
                let decision = if self.servers[pod as usize].state == ServerState::Serving {
                    self.serve(sent, request, pod)
                } else {
                    self.meet(sent, request, pod)
                };
                Decision {
                    start: None,
                    pooled: false,
                    ..decision
                }
            }
        }
    }

    /// A request that nobody reads: it ends at the idle timeout unless the process exits first.
    pub(super) fn hang(&self, written: u64, reused: bool) -> Decision {
        Decision {
            outcome: Outcome::failed(Cause::ResponseTimeout, Hop::None),
            end: written + self.rules.idle_timeout,
            start: Some(u64::MAX),
            reused,
            pooled: false,
        }
    }
}
