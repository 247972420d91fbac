//! What changes the fate of requests already decided, and of connections.

use super::Traffic;
use super::count::Outcome;
use super::open::Open;
use super::server::IdleRule;
use super::zones::Listed;
use crate::outcome::{Cause, Hop, Status};
use crate::scenario::elbv2::Algorithm;
use crate::trace::{NodeTargetState, ServerState};

impl Traffic<'_> {
    /// Ends every open request of a target that `cut` names a cause for.
    pub(crate) fn cut_target(&mut self, now: u64, target: u32, cut: impl Fn(&Open) -> Option<Cause>) {
        if self.proxies.is_some() {
            self.cut_forwarded(now, target, cut);
        } else {
            self.cut(now, target, cut);
        }
    }

    /// Ends every open request of the server `target` that `cut` names a cause for, as the client sees it half a round trip
    /// after `now`.
    pub(crate) fn cut(&mut self, now: u64, target: u32, cut: impl Fn(&Open) -> Option<Cause>) {
        let index = target as usize;
        let hop = self.servers[index].stage;
        let mut open = self.servers[index].open.take();
        let end = now + u64::from(self.servers[index].rtt_same_zone) / 2;
        for request in open
            .iter_mut()
            .filter(|request| request.end > end && request.status != Status::ClientClosed)
        {
            let Some(cause) = cut(request) else { continue };
            let hop = if cause == Cause::DeregistrationDelayExpired {
                Hop::None
            } else {
                hop
            };
            self.change(target, request, end, Outcome::failed(cause, hop));
        }
        open.retain(|request| request.end > end);
        self.servers[index].open.put_back(open);
    }

    pub(super) fn change(&mut self, target: u32, request: &mut Open, end: u64, outcome: Outcome) {
        let end = end.max(request.issued);
        self.uncount(
            request.issued,
            request.end,
            Outcome {
                status: request.status,
                cause: request.cause,
            },
        );
        self.count(request.issued, end, outcome);
        if request.session != super::server::NO_SESSION {
            self.sessions.shift(request.session, request.end, end);
        }
        let number = self.full_number(request.id);
        if self.recorder.is_on() {
            self.recorder.take_back(request.end, number);
        }
        // Its connection does not come back.
        if self.proxies.is_some() {
            self.forwarded_until(request, target, end);
        } else {
            let pair = self.pair(target, usize::from(request.alb_node));
            self.pools[pair].retain(|idle_at| idle_at != request.end);
        }
        request.end = end;
        request.status = outcome.status;
        request.cause = outcome.cause;
        if self.recorder.is_on() {
            self.record(number, self.route_of(target, request), request, true);
        }
    }

    /// The number of an open request from its low 32 bits: the latest one not above the last issued.
    fn full_number(&self, id: u32) -> u64 {
        let last = self.issued - 1;
        #[allow(clippy::cast_possible_truncation)]
        let behind = (last as u32).wrapping_sub(id);
        last - u64::from(behind)
    }

    /// Leaves `state` for another; the caller has settled what was open.
    pub(crate) fn set_server_state(&mut self, now: u64, target: u32, state: ServerState) {
        let before = self.servers[target as usize].is_serving();
        self.servers[target as usize].state = state;
        let after = self.servers[target as usize].is_serving();
        if before != after && self.proxies.is_none() {
            self.integrate(now);
            self.serving_changed(target, after);
        }
    }

    /// Closes all pooled connections of a server and forgets its requests in flight: its process is gone.
    pub(crate) fn close_connections(&mut self, now: u64, target: u32) {
        self.close_pooled(target, |_| true);
        self.workers_of(target).fill(now);
        let server = &mut self.servers[target as usize];
        server.epoch = server.epoch.wrapping_add(1);
        server.busy_level = 0;
        server.service_ns = 0;
        if self.rules.algorithm == Algorithm::LeastOutstandingRequests && self.proxies.is_none() {
            for outstanding in &mut self.outstanding {
                outstanding.cut(target);
            }
        }
    }

    /// Closes the pooled connections of a server that are idle at `now`.
    pub(crate) fn close_idle(&mut self, now: u64, target: u32) {
        self.close_pooled(target, |idle_at| idle_at <= now);
    }

    /// Closes the pooled connections of a server whose idle instant is `closed`.
    fn close_pooled(&mut self, target: u32, closed: impl Fn(u64) -> bool) {
        if let Some(proxies) = &mut self.proxies {
            proxies.close(target, closed);
            return;
        }
        for pool in self.pools_of(target) {
            pool.retain(|idle_at| !closed(idle_at));
        }
    }

    /// Closes the pooled connections of a server whose present request ends after `now`: the answer says so.
    pub(crate) fn close_busy_after_response(&mut self, now: u64, target: u32) {
        self.close_pooled(target, |idle_at| idle_at > now);
    }

    /// When the last pooled connection of a server times out, if there is any.
    pub(crate) fn last_idle_timeout(&mut self, target: u32) -> Option<u64> {
        let timeout = self.rules.app_keep_alive;
        let latest = if let Some(proxies) = &self.proxies {
            proxies.latest_idle(target)
        } else {
            let pools = self.pools_of(target).iter();
            pools.filter_map(super::pool::Pool::latest).max()
        }?;
        Some(latest.saturating_add(timeout))
    }

    /// Requests that no worker had taken will never be taken: they hang until the process exits.
    pub(crate) fn strand_waiting(&mut self, now: u64, target: u32) {
        let mut open = self.servers[target as usize].open.take();
        let idle_timeout = self.rules.idle_timeout;
        for request in open
            .iter_mut()
            .filter(|request| request.start > now && request.start != u64::MAX && request.fresh && request.end > now)
        {
            request.start = u64::MAX;
            if request.status != Status::ClientClosed {
                self.give_up(request, target, idle_timeout, Cause::ResponseTimeout, Hop::None, now);
            }
        }
        self.servers[target as usize].open.put_back(open);
    }

    /// The server's node is gone: what is in flight hangs until the idle timeout, counted from its last byte.
    pub(crate) fn fall_silent(&mut self, now: u64, target: u32) {
        let mut open = self.servers[target as usize].open.take();
        let (idle_timeout, stage) = (self.rules.idle_timeout, self.servers[target as usize].stage);
        let lost = |request: &&mut Open| request.end > now && request.status != Status::ClientClosed;
        for request in open.iter_mut().filter(lost) {
            request.start = u64::MAX;
            self.give_up(request, target, idle_timeout, Cause::SilentNode, stage, now);
        }
        self.servers[target as usize].open.put_back(open);
    }

    /// Ends a request that will never be answered at its idle timeout, or when its client loses patience.
    pub(super) fn give_up(
        &mut self,
        request: &mut Open,
        target: u32,
        idle_timeout: u64,
        cause: Cause,
        hop: Hop,
        now: u64,
    ) {
        let patience = if request.session == super::server::NO_SESSION {
            self.arriving.client_timeout
        } else {
            self.sessions.client_timeout
        };
        let (wait, cause) = if patience < idle_timeout {
            (patience, Cause::ClientGaveUp)
        } else {
            (idle_timeout, cause)
        };
        let end = (request.issued + wait).max(now);
        self.change(target, request, end, Outcome::failed(cause, hop));
    }

    pub(crate) fn set_idle_rule(&mut self, target: u32, rule: IdleRule) {
        self.servers[target as usize].idle_rule = rule;
    }

    /// One ALB node changes its view of a target; `initial_usable` says whether it may fail open to initial ones.
    pub(crate) fn set_view(
        &mut self,
        now: u64,
        alb_node: usize,
        target: u32,
        view: NodeTargetState,
        initial_usable: bool,
    ) {
        let pair = self.pair(target, alb_node);
        let old = core::mem::replace(&mut self.views[pair], view);
        let places = [old, view].map(|view| self.listed(target, view, initial_usable));
        let starts = places[1] == Listed::Healthy;
        self.move_listing(now, alb_node, target, places.into(), starts);
    }

    /// Starts every ALB node at a place of its own in the round robin.
    pub(crate) fn spread_cursors(&mut self) {
        for alb_node in 0..self.rotations.len() {
            let targets = u32::try_from(self.rotations[alb_node].active().len()).expect("fewer than 2^32 targets");
            if targets > 0 {
                let cursor = self.draws.routing.below(targets) as usize;
                self.rotations[alb_node].cursor = cursor;
            }
        }
    }
}
