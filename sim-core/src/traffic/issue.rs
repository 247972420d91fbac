//! One request, from its issue to its count: which target, and what becomes of it.
//!
//! The path of nearly all requests is `issue`, `choose`, `serve` (see `serve.rs`) and `close`, inlined into the loop over
//! sessions and arrivals; what is rare is kept out of it.

#![allow(
    clippy::inline_always,
    reason = "the request path is one loop: measured, calls between its parts cost a fifth of the time"
)]

use super::Traffic;
use super::count::Outcome;
use super::decision::{Decision, Request};
use super::open::Open;
use super::server::NO_SESSION;
use crate::outcome::{Cause, Hop, Status};
use crate::scenario::elbv2::Algorithm;
use crate::trace::{NodeTargetState, RequestRecord, ServerState};

/// Where a request went.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Route {
    pub(super) target: Option<u32>,
    /// The pod behind a target that is a node.
    pub(super) pod: Option<u32>,
}

impl Traffic<'_> {
    /// Issues a request and returns when its client has the answer.
    #[inline(always)]
    pub(super) fn issue<const NODES: bool>(&mut self, request: Request) -> u64 {
        if NODES {
            return self.issue_forwarded(request);
        }
        self.issued += 1;
        let chosen = self.choose(request);
        if let Some(target) = chosen
            && self.servers[target as usize].state == ServerState::Serving
        {
            let decision = self.serve(request.issued, request, target);
            if decision.start.is_some() {
                return self.close(request, target, decision);
            }
            return self.issue_on(request, chosen, Some(decision));
        }
        self.issue_on(request, chosen, None)
    }

    /// Goes on with a request that did not reach a server in normal operation: further attempts, or its failure.
    #[cold]
    #[inline(never)]
    fn issue_on(&mut self, request: Request, mut chosen: Option<u32>, mut decided: Option<Decision>) -> u64 {
        let mut sent = request.issued;
        let mut retries = self.rules.retries;
        loop {
            let Some(target) = chosen else {
                return self.close_unrouted(request, sent);
            };
            let decision = match decided.take() {
                Some(decision) => decision,
                None => self.attempt(sent, request, target),
            };
            let client_waits = decision.end - request.issued < request.client_timeout;
            if retries == 0 || !decision.failed_to_connect() || !client_waits {
                return self.close_rarely(request, target, decision);
            }
            retries -= 1;
            sent = decision.end;
            chosen = self.choose(request);
        }
    }

    #[inline(never)]
    fn close_rarely(&mut self, request: Request, target: u32, decision: Decision) -> u64 {
        self.close(request, target, decision)
    }

    fn attempt(&mut self, sent: u64, request: Request, target: u32) -> Decision {
        self.servers[target as usize].prune(sent);
        if self.servers[target as usize].state == ServerState::Serving {
            self.serve(sent, request, target)
        } else {
            self.meet(sent, request, target)
        }
    }

    /// Chooses a target, or none if the ALB node knows no usable one.
    #[inline(always)]
    pub(super) fn choose(&mut self, request: Request) -> Option<u32> {
        let rotation = &mut self.rotations[request.alb_node];
        if self.rules.only_turns && !rotation.fails_open() && rotation.slow.is_empty() {
            return Some(rotation.next_in_turn());
        }
        self.choose_by_rules(request)
    }

    #[inline(never)]
    fn choose_by_rules(&mut self, request: Request) -> Option<u32> {
        let Request {
            issued: now,
            alb_node,
            session,
            ..
        } = request;
        if self.rotations[alb_node].active().is_empty() {
            return None;
        }
        if self.rotations[alb_node].fails_open() {
            self.summary.observations.fail_open_requests += 1;
        }
        if self.rules.sticky_for > 0 && session != NO_SESSION {
            let state = self.sessions.states[session as usize];
            if state.sticky_until > now
                && self.view(state.sticky, alb_node) == NodeTargetState::Healthy
                && !self.is_shifted(state.sticky)
            {
                return Some(state.sticky);
            }
        }
        let target = match self.rules.algorithm {
            Algorithm::RoundRobin if self.rotations[alb_node].slow.is_empty() => {
                self.rotations[alb_node].next_in_turn()
            }
            Algorithm::RoundRobin => self.next_with_slow_start(now, alb_node),
            Algorithm::WeightedRandom => self.pick_by_weight(alb_node),
            Algorithm::LeastOutstandingRequests => {
                let servers = &self.servers;
                // Nodes as targets have none: their requests are moved one by one.
                let of_nodes = self.proxies.is_some();
                let epochs = |target: u32| if of_nodes { 0 } else { servers[target as usize].epoch };
                self.outstanding[alb_node].choose(now, epochs, &mut self.draws.routing)
            }
        };
        if self.rules.sticky_for > 0 && session != NO_SESSION {
            let state = &mut self.sessions.states[session as usize];
            state.sticky = target;
            state.sticky_until = now + self.rules.sticky_for;
        }
        Some(target)
    }

    /// Round robin in which a target in slow start takes its turn with a probability that grows linearly (alb §2.1).
    #[allow(clippy::cast_precision_loss)]
    fn next_with_slow_start(&mut self, now: u64, alb_node: usize) -> u32 {
        let duration = self.rules.slow_start;
        self.rotations[alb_node]
            .slow
            .retain(|_, started| now - *started < duration);
        let turns = self.rotations[alb_node].active().len();
        for _ in 0..turns {
            let target = self.rotations[alb_node].next_in_turn();
            let Some(started) = self.rotations[alb_node].slow.get(&target) else {
                return target;
            };
            if self.draws.routing.unit() * (duration as f64) < (now - *started) as f64 {
                return target;
            }
        }
        self.rotations[alb_node].next_in_turn()
    }

    /// Applies the client's timeout, counts the request, and keeps what a later event may change.
    #[inline(always)]
    fn close(&mut self, request: Request, target: u32, decision: Decision) -> u64 {
        let (outcome, end) = patient(request, decision.outcome, decision.end);
        if decision.pooled && end == decision.end {
            let pair = self.pair(target, request.alb_node);
            self.pools[pair].put(end);
        }
        if self.rules.algorithm != Algorithm::RoundRobin {
            self.note_routed(request, target, decision, end);
        }
        self.count(request.issued, end, outcome);
        if self.recorder.is_on() || decision.start.is_some() {
            let open = self.open(request, decision, outcome, end);
            if self.recorder.is_on() {
                let route = Route {
                    target: Some(target),
                    pod: None,
                };
                self.record_decided(route, decision, open);
            }
            if decision.start.is_some() {
                self.servers[target as usize].open.push(request.issued, open);
            }
        }
        end
    }

    /// Ends a request at `end` for which no target could be chosen.
    pub(super) fn close_unrouted(&mut self, request: Request, end: u64) -> u64 {
        if self.rotations[request.alb_node].dead {
            return self.close_unanswered(request);
        }
        let decision = if self.rotations[request.alb_node].unusable > 0 || self.draining_targets > 0 {
            Decision::refused(Cause::OnlyUnusableTargets, Hop::Registration, end)
        } else {
            Decision::refused(Cause::NoRegisteredTarget, Hop::None, end)
        };
        let (outcome, end) = patient(request, decision.outcome, decision.end);
        self.count(request.issued, end, outcome);
        if self.recorder.is_on() {
            let open = self.open(request, decision, outcome, end);
            self.record_decided(Route::default(), decision, open);
        }
        end
    }

    #[inline]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "low bits of the number by design; at most 100 ALB nodes"
    )]
    pub(super) fn open(&self, request: Request, decision: Decision, outcome: Outcome, end: u64) -> Open {
        Open {
            end,
            start: decision.start.unwrap_or(0),
            issued: request.issued,
            id: (self.issued - 1) as u32,
            session: request.session,
            via: 0,
            kind: request.kind,
            alb_node: request.alb_node as u8,
            fresh: !decision.reused,
            status: outcome.status,
            cause: outcome.cause,
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn record_decided(&mut self, route: Route, decision: Decision, open: Open) {
        if open.cause.is_some() || self.recorder.takes_all() {
            let written = decision.start.is_some() || decision.reused || open.status.is_by_target();
            self.record(self.issued - 1, route, &open, written);
        }
    }

    /// Hands a decided request to the trace; `written` says whether it ever reached the target's connection.
    pub(super) fn record(&mut self, request: u64, route: Route, open: &Open, written: bool) {
        let answered = open.status.is_by_target();
        let written = written && open.status != Status::Unanswered;
        let waited = open.end - open.issued;
        self.recorder.request(RequestRecord {
            request,
            kind: self.kinds[open.kind as usize].name.clone(),
            session: (open.session != NO_SESSION).then_some(open.session),
            alb_node: u32::from(open.alb_node),
            target: route.target,
            pod: route.pod,
            issued_ns: open.issued,
            finished_ns: open.end,
            elb_status_code: open.status.code(),
            target_status_code: answered.then_some(open.status.code()),
            reused_connection: !open.fresh,
            request_processing_ns: written.then_some(0),
            target_processing_ns: (written && open.status != Status::GatewayTimeout).then_some(waited),
            response_processing_ns: answered.then_some(0),
            cause: open.cause.map(|(cause, _)| cause),
            hop: open.cause.map(|(_, hop)| hop),
        });
    }
}

/// What the client makes of an outcome at `end`: it may give up before.
#[inline]
pub(super) fn patient(request: Request, outcome: Outcome, end: u64) -> (Outcome, u64) {
    if end - request.issued <= request.client_timeout {
        return (outcome, end);
    }
    let hop = outcome.cause.map_or(Hop::None, |(_, hop)| hop);
    (
        Outcome::failed(Cause::ClientGaveUp, hop),
        request.issued + request.client_timeout,
    )
}
