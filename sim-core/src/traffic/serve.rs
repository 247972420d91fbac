//! Sends a request to a server that serves: which connection, which worker, how long.

#![allow(
    clippy::inline_always,
    reason = "the request path is one loop: measured, calls between its parts cost a fifth of the time"
)]

use super::count::Outcome;
use super::decision::{Decision, Request};
use super::pool::Found;
use super::{Signal, Traffic};
use crate::outcome::{Cause, Hop, Status};

/// SYNs that meet a full accept queue are sent again after these times, ns (kubernetes §7, classic schedule).
const SYN_RETRIES: [u64; 3] = [1_000_000_000, 3_000_000_000, 7_000_000_000];

impl Traffic<'_> {
    /// Sends a request to a server in normal operation.
    #[inline(always)]
    pub(super) fn serve(&mut self, sent: u64, request: Request, target: u32) -> Decision {
        let rtt = self.servers[target as usize].rtt(self.rotations[request.alb_node].zone);
        let pair = self.pair(target, request.alb_node);
        let reused = match self.pools[pair].take(sent, self.rules.reusable_for, self.rules.connection_reuse) {
            Found::Nothing => false,
            Found::Idle(idle_for) if idle_for < self.rules.surely_open_for => true,
            Found::Idle(idle_for) => {
                let Some(open) = self.race_for_connection(idle_for) else {
                    let lost = Decision::refused(Cause::KeepAliveRace, Hop::None, sent + rtt);
                    return Decision { reused: true, ..lost };
                };
                open
            }
        };
        self.accept(sent, target, request.kind, rtt, reused)
    }

    /// The server closes an idle connection about now: whether the request finds it still open, or already closed and
    /// opens another one. `None` if it crosses the FIN (alb §4.1).
    #[cold]
    #[inline(never)]
    pub(super) fn race_for_connection(&mut self, idle_for: u64) -> Option<bool> {
        let closes_after = self.rules.app_keep_alive;
        let half_width = self.race.sample(&mut self.draws.keep_alive_race).as_ns() / 2;
        if idle_for + half_width <= closes_after {
            Some(true)
        } else if idle_for < closes_after + half_width {
            None
        } else {
            Some(false)
        }
    }

    /// Gives a request its place in the server's queue and its service time.
    #[inline(always)]
    pub(super) fn accept(&mut self, sent: u64, target: u32, kind: u16, rtt: u64, reused: bool) -> Decision {
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
                match self.pass_accept_queue(sent, arrives, target) {
                    Some(at) => arrives = at,
                    None => {
                        return Decision::refused(Cause::BacklogOverflow, Hop::None, sent + self.rules.connect_timeout);
                    }
                }
            }
            self.take_worker(arrives, target, service)
        };
        let answered = start + service + rtt / 2;
        self.servers[target as usize].service_ns += service;
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
        Decision {
            outcome,
            end,
            start: Some(start),
            reused,
            pooled: !closes && outcome.status != Status::GatewayTimeout,
        }
    }

    /// When a SYN sent at `sent` that arrives at `at` is admitted to the accept queue, or `None` if never.
    ///
    /// Later arrivals do not compete for the place of a retried SYN: slightly optimistic while the queue stays full.
    #[inline]
    fn pass_accept_queue(&mut self, sent: u64, at: u64, target: u32) -> Option<u64> {
        if self.workers[target as usize * self.rules.workers] <= at {
            return Some(at);
        }
        self.wait_in_accept_queue(sent, at, target)
    }

    #[inline(never)]
    fn wait_in_accept_queue(&mut self, sent: u64, at: u64, target: u32) -> Option<u64> {
        let server = &mut self.servers[target as usize];
        server.prune(sent);
        [0].iter()
            .chain(&SYN_RETRIES)
            .map(|delay| at + delay)
            .find(|instant| server.waiting_at(*instant) <= self.rules.backlog)
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
            let level = (level + 1..=u8::MAX).find(|level| !passed(*level)).expect("few limits");
            self.servers[target as usize].busy_level = level;
            self.signals.push(Signal::BusyRose(target));
        }
        start
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
