//! One request: which target, which connection, which worker, which outcome.

use super::count::Outcome;
use super::pool::Found;
use super::server::{IdleRule, NO_SESSION, Open};
use super::{Signal, Traffic};
use crate::outcome::{Cause, Hop, Status};
use crate::scenario::elbv2::Algorithm;
use crate::trace::{NodeTargetState, RequestRecord, ServerState};

/// SYNs that meet a full accept queue are sent again after these times, ns (kubernetes §7, classic schedule).
const SYN_RETRIES: [u64; 3] = [1_000_000_000, 3_000_000_000, 7_000_000_000];

/// How a request ends as far as can be said when it is sent.
struct Decision {
    outcome: Outcome,
    /// When the ALB knows, ns.
    end: u64,
    /// When a worker takes it; `None` if the server never sees it.
    start: Option<u64>,
    reused: bool,
    /// Whether the connection goes back to the pool at `end`.
    pooled: bool,
}

impl Decision {
    fn refused(cause: Cause, hop: Hop, end: u64) -> Self {
        Self {
            outcome: Outcome::failed(cause, hop),
            end,
            start: None,
            reused: false,
            pooled: false,
        }
    }
}

impl Traffic<'_> {
    /// Issues a request at `now` to one ALB node and returns when its client has the answer.
    #[inline]
    pub(super) fn issue(&mut self, now: u64, alb_node: usize, kind: u16, session: u32, client_timeout: u64) -> u64 {
        let request = self.issued;
        self.issued += 1;
        let mut sent = now;
        let mut retries = self.rules.retries;
        loop {
            let Some(target) = self.choose(now, alb_node, session) else {
                let cause = if self.rotations[alb_node].unusable > 0 || self.draining_targets > 0 {
                    Cause::OnlyUnusableTargets
                } else {
                    Cause::NoRegisteredTarget
                };
                let hop = if cause == Cause::OnlyUnusableTargets {
                    Hop::Registration
                } else {
                    Hop::None
                };
                let decision = Decision::refused(cause, hop, sent);
                return self.close(request, now, alb_node, None, kind, session, client_timeout, &decision);
            };
            let decision = if self.servers[target as usize].state == ServerState::Serving {
                self.serve(sent, alb_node, target, kind)
            } else {
                self.meet(sent, alb_node, target, kind)
            };
            let connect_failed = decision.start.is_none() && !decision.reused;
            if retries > 0 && connect_failed {
                retries -= 1;
                sent = decision.end;
                continue;
            }
            return self.close(
                request,
                now,
                alb_node,
                Some(target),
                kind,
                session,
                client_timeout,
                &decision,
            );
        }
    }

    /// Chooses a target, or none if the ALB node knows no usable one.
    #[inline]
    fn choose(&mut self, now: u64, alb_node: usize, session: u32) -> Option<u32> {
        if self.rotations[alb_node].active().is_empty() {
            return None;
        }
        if self.rotations[alb_node].fails_open() {
            self.summary.observations.fail_open_requests += 1;
        }
        if self.rules.sticky_for > 0 && session != NO_SESSION {
            let state = self.sessions.states[session as usize];
            if state.sticky_until > now && self.view(state.sticky, alb_node) == NodeTargetState::Healthy {
                return Some(state.sticky);
            }
        }
        let target = match self.rules.algorithm {
            Algorithm::RoundRobin if self.rotations[alb_node].slow.is_empty() => {
                self.rotations[alb_node].next_in_turn()
            }
            Algorithm::RoundRobin => self.next_with_slow_start(now, alb_node),
            Algorithm::WeightedRandom => {
                let active = self.rotations[alb_node].active();
                let count = u32::try_from(active.len()).expect("fewer than 2^32 targets");
                active[self.draws.routing.below(count) as usize]
            }
            Algorithm::LeastOutstandingRequests => {
                let servers = &self.servers;
                let epochs = |target: u32| servers[target as usize].epoch;
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

    /// Sends a request to a server in normal operation.
    #[inline]
    fn serve(&mut self, sent: u64, alb_node: usize, target: u32, kind: u16) -> Decision {
        let rtt = self.servers[target as usize].rtt(self.rotations[alb_node].zone);
        self.servers[target as usize].prune(sent);
        let reused = match self.take_connection(sent, alb_node, target, rtt) {
            Ok(reused) => reused,
            Err(decision) => return decision,
        };
        self.accept(sent, target, kind, rtt, reused)
    }

    /// Takes a pooled connection if there is one; `Err` if the server closes it under the request.
    #[inline]
    fn take_connection(&mut self, sent: u64, alb_node: usize, target: u32, rtt: u64) -> Result<bool, Decision> {
        let app_closes_after = self.rules.app_keep_alive;
        if app_closes_after == 0 {
            return Ok(false);
        }
        let alb_closes_after = self.rules.idle_timeout;
        let slack = self.rules.race_half_width_max;
        let limit = alb_closes_after.min(app_closes_after.saturating_add(slack));
        let pair = self.pair(target, alb_node);
        match self.pools[pair].take(sent, limit) {
            Found::Nothing => Ok(false),
            Found::Idle(idle_for) if app_closes_after >= alb_closes_after || idle_for + slack < app_closes_after => {
                Ok(true)
            }
            Found::Idle(idle_for) => {
                // The server closes it about now: the request may cross the FIN (alb §4.1).
                let half_width = self.race.sample(&mut self.draws.keep_alive_race).as_ns() / 2;
                if idle_for + half_width <= app_closes_after {
                    Ok(true)
                } else if idle_for < app_closes_after + half_width {
                    let mut lost = Decision::refused(Cause::KeepAliveRace, Hop::None, sent + rtt);
                    lost.reused = true;
                    Err(lost)
                } else {
                    Ok(false)
                }
            }
        }
    }

    /// Gives a request its place in the server's queue and its service time.
    #[inline]
    fn accept(&mut self, sent: u64, target: u32, kind: u16, rtt: u64, reused: bool) -> Decision {
        let written = if reused { sent } else { sent + rtt };
        let mut arrives = written + rtt / 2;
        let service = self.kinds[kind as usize]
            .service
            .sample(&mut self.draws.service)
            .as_ns();
        let start = if self.rules.workers == 0 {
            arrives
        } else {
            if !reused {
                match self.pass_accept_queue(arrives, target) {
                    Some(at) => arrives = at,
                    None => {
                        return Decision::refused(Cause::BacklogOverflow, Hop::None, sent + self.rules.connect_timeout);
                    }
                }
            }
            self.take_worker(arrives, target, service)
        };
        let answered = start + service + rtt / 2;
        let (outcome, end) = if answered - written > self.rules.idle_timeout {
            (
                Outcome::failed(Cause::ResponseTimeout, Hop::None),
                written + self.rules.idle_timeout,
            )
        } else if self.draws.errors.chance(self.rules.error_ratio) {
            (Outcome::failed(Cause::ApplicationError, Hop::None), answered)
        } else {
            (Outcome::OK, answered)
        };
        let closes = self.rules.app_keep_alive == 0 || self.servers[target as usize].closes_after_response;
        let pooled = !closes && outcome.status != Status::GatewayTimeout;
        Decision {
            outcome,
            end,
            start: Some(start),
            reused,
            pooled,
        }
    }

    /// When a SYN that arrives at `at` is admitted to the accept queue, or `None` if never.
    ///
    /// Later arrivals do not compete for the place of a retried SYN: slightly optimistic while the queue stays full.
    fn pass_accept_queue(&self, at: u64, target: u32) -> Option<u64> {
        let server = &self.servers[target as usize];
        let admits = |instant: u64| server.waiting_at(instant) <= self.rules.backlog;
        if self.workers[target as usize * self.rules.workers] <= at || admits(at) {
            return Some(at);
        }
        SYN_RETRIES
            .iter()
            .map(|delay| at + delay)
            .find(|instant| admits(*instant))
    }

    /// First come, first served over the server's workers (Kiefer–Wolfowitz): the worker that is free first.
    #[inline]
    fn take_worker(&mut self, arrives: u64, target: u32, service: u64) -> u64 {
        let free = self.workers_of(target);
        let start = free[0].max(arrives);
        sift_down(free, start + service);
        // What a health check that comes next would wait, not what this request waited: it may have found a free worker.
        let wait = free[0].saturating_sub(arrives);
        let level = self.servers[target as usize].busy_level;
        let passed = |level: u8| {
            self.rules
                .busy_thresholds
                .get(usize::from(level))
                .is_some_and(|limit| wait > *limit)
        };
        if passed(level) {
            // One long request may pass several limits at once.
            let mut level = level + 1;
            while passed(level) {
                level += 1;
            }
            self.servers[target as usize].busy_level = level;
            self.signals.push(Signal::BusyRose(target));
        }
        start
    }

    /// What a request meets at a server that is not in normal operation (kubernetes §7).
    fn meet(&mut self, sent: u64, alb_node: usize, target: u32, kind: u16) -> Decision {
        let server = &mut self.servers[target as usize];
        server.prune(sent);
        let (state, stage, idle_rule) = (server.state, server.stage, server.idle_rule);
        let rtt = server.rtt(self.rotations[alb_node].zone);
        let fails_open = self.rotations[alb_node].fails_open();
        let refused = |cause| Decision::refused(cause, stage, sent + rtt);
        let pair = self.pair(target, alb_node);
        let draining = matches!(
            state,
            ServerState::DrainingOpen | ServerState::DrainingUnaccepted | ServerState::DrainingClosed
        );
        if draining {
            let limit = self.rules.idle_timeout.min(self.rules.app_keep_alive);
            if let Found::Idle(_) = self.pools[pair].take(sent, limit) {
                return match idle_rule {
                    IdleRule::Keep | IdleRule::ServedThenClose => self.accept(sent, target, kind, rtt, true),
                    IdleRule::Unserved => self.hang(sent, true),
                };
            }
        }
        match state {
            ServerState::Serving => unreachable!("normal operation takes the short path"),
            ServerState::DrainingOpen => self.accept(sent, target, kind, rtt, false),
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

    /// A request that nobody reads: it ends at the idle timeout unless the process exits first.
    fn hang(&self, written: u64, reused: bool) -> Decision {
        Decision {
            outcome: Outcome::failed(Cause::ResponseTimeout, Hop::None),
            end: written + self.rules.idle_timeout,
            start: Some(u64::MAX),
            reused,
            pooled: false,
        }
    }

    /// Applies the client's timeout, counts the request, and keeps what a later event may change.
    #[inline]
    #[allow(clippy::too_many_arguments)]
    fn close(
        &mut self,
        request: u64,
        issued: u64,
        alb_node: usize,
        target: Option<u32>,
        kind: u16,
        session: u32,
        client_timeout: u64,
        decision: &Decision,
    ) -> u64 {
        let (mut outcome, mut end) = (decision.outcome, decision.end);
        let gives_up = end - issued > client_timeout;
        if gives_up {
            outcome = Outcome::failed(Cause::ClientGaveUp, outcome.cause.map_or(Hop::None, |(_, hop)| hop));
            end = issued + client_timeout;
        }
        if let Some(target) = target {
            if decision.pooled && !gives_up {
                let pair = self.pair(target, alb_node);
                self.pools[pair].put(end);
            }
            if self.rules.algorithm == Algorithm::LeastOutstandingRequests {
                let epoch = self.servers[target as usize].epoch;
                self.outstanding[alb_node].started(target, epoch, end);
            }
        }
        self.count(issued, end, outcome);
        #[allow(clippy::cast_possible_truncation)]
        let open = Open {
            end,
            start: decision.start.unwrap_or(0),
            issued,
            id: request as u32,
            session,
            kind,
            alb_node: alb_node as u8,
            target: target.unwrap_or(u32::MAX),
            fresh: !decision.reused,
            status: outcome.status,
            cause: outcome.cause,
        };
        let recorded = if outcome.cause.is_some() {
            self.recorder.is_on()
        } else {
            self.recorder.takes_all()
        };
        if recorded {
            self.record(
                request,
                end,
                &open,
                decision.start.is_some() || decision.reused,
                outcome,
            );
        }
        if let (Some(target), true) = (target, decision.start.is_some()) {
            self.servers[target as usize].open.push_back(open);
        }
        end
    }

    /// Hands a decided request to the trace; `written` says whether it ever reached the target's connection.
    #[cold]
    pub(super) fn record(&mut self, request: u64, end: u64, open: &Open, written: bool, outcome: Outcome) {
        let answered = matches!(outcome.status, Status::Ok | Status::TargetError);
        let waited = end - open.issued;
        self.recorder.request(RequestRecord {
            request,
            kind: self.kinds[open.kind as usize].name.clone(),
            session: (open.session != NO_SESSION).then_some(open.session),
            alb_node: u32::from(open.alb_node),
            target: (open.target != u32::MAX).then_some(open.target),
            issued_ns: open.issued,
            finished_ns: end,
            elb_status_code: outcome.status.code(),
            target_status_code: answered.then_some(outcome.status.code()),
            reused_connection: !open.fresh,
            request_processing_ns: written.then_some(0),
            target_processing_ns: (written && outcome.status != Status::GatewayTimeout).then_some(waited),
            response_processing_ns: answered.then_some(0),
            cause: outcome.cause.map(|(cause, _)| cause),
            hop: outcome.cause.map(|(_, hop)| hop),
        });
    }
}

/// Replaces the smallest element of a min-heap.
#[inline]
pub(super) fn sift_down(heap: &mut [u64], value: u64) {
    let mut at = 0;
    loop {
        let left = 2 * at + 1;
        if left >= heap.len() {
            break;
        }
        let right = left + 1;
        let child = if right < heap.len() && heap[right] < heap[left] {
            right
        } else {
            left
        };
        if heap[child] >= value {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = value;
}

#[cfg(test)]
mod tests {
    use super::sift_down;

    #[test]
    fn the_smallest_worker_is_always_in_front() {
        let mut heap = [0, 0, 0, 0, 0];
        let mut fronts = alloc::vec::Vec::new();
        for value in [9, 3, 7, 1, 5, 8, 2] {
            fronts.push(heap[0]);
            sift_down(&mut heap, value);
        }
        assert_eq!(fronts, [0, 0, 0, 0, 0, 1, 3]);
    }
}
