//! Counts requests and integrates the rotation.

#![allow(
    clippy::inline_always,
    reason = "the request path is one loop: measured, calls between its parts cost a fifth of the time"
)]

use super::Traffic;
use crate::outcome::{Cause, Hop, Status};
use crate::time::SimDuration;

/// An outcome and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: Status,
    pub(crate) cause: Option<(Cause, Hop)>,
}

impl Outcome {
    pub(crate) const OK: Outcome = Outcome {
        status: Status::Ok,
        cause: None,
    };

    pub(crate) fn failed(cause: Cause, hop: Hop) -> Self {
        Self {
            status: cause.status(),
            cause: Some((cause, hop)),
        }
    }
}

impl Traffic<'_> {
    /// Counts a decided request.
    #[inline(always)]
    pub(super) fn count(&mut self, issued: u64, end: u64, outcome: Outcome) {
        if issued < self.rules.warm_up {
            return;
        }
        let status = outcome.status as usize;
        self.summary.status_counts[status] += 1;
        self.summary.latency.record(SimDuration::from_ns(end - issued));
        self.summary.series[second_of(issued)].status_counts[status] += 1;
        if let Some((cause, hop)) = outcome.cause {
            self.count_cause(cause, hop);
        }
        if end > self.rules.horizon {
            self.summary.observations.in_flight_at_horizon += 1;
        }
    }

    /// Apart, because the map's code would make every request pay for its stack frame.
    #[cold]
    #[inline(never)]
    fn count_cause(&mut self, cause: Cause, hop: Hop) {
        self.summary.causes.add(cause, hop);
    }

    /// Takes a counted request back because its outcome changes.
    pub(super) fn uncount(&mut self, issued: u64, end: u64, outcome: Outcome) {
        if issued < self.rules.warm_up {
            return;
        }
        let status = outcome.status as usize;
        self.summary.status_counts[status] -= 1;
        self.summary.latency.unrecord(SimDuration::from_ns(end - issued));
        self.summary.series[second_of(issued)].status_counts[status] -= 1;
        if let Some((cause, hop)) = outcome.cause {
            self.summary.causes.remove(cause, hop);
        }
        if end > self.rules.horizon {
            self.summary.observations.in_flight_at_horizon -= 1;
        }
    }

    /// Adds the time since the last call to the rotation integrals. Seconds are closed one by one by the caller.
    pub(crate) fn integrate(&mut self, now: u64) {
        let elapsed = now - self.integrated_until;
        if elapsed == 0 {
            return;
        }
        if let Some(row) = self.summary.series.get_mut(second_of(self.integrated_until)) {
            row.dead_target_ns += self.dead_in_rotation * elapsed;
            row.rotation_target_ns += self.in_rotation * elapsed;
        }
        self.integrated_until = now;
    }

    /// Service time that a server's workers spent in the last `elapsed` ns. What they could not do in that time is left
    /// for the next window; a server without a limit of workers leaves nothing.
    pub(crate) fn take_service_time(&mut self, target: u32, elapsed: u64) -> u64 {
        let most = match self.rules.workers as u64 {
            0 => u64::MAX,
            workers => elapsed.saturating_mul(workers),
        };
        let server = &mut self.servers[target as usize];
        let spent = server.service_ns.min(most);
        server.service_ns -= spent;
        spent
    }

    /// Targets in the list in use of one ALB node, and how many of them do not serve.
    pub(super) fn rotation_sizes(&self, alb_node: usize) -> (u64, u64) {
        let active = self.rotations[alb_node].active();
        let dead = active.iter().filter(|target| !self.target_serves(**target)).count();
        (active.len() as u64, dead as u64)
    }

    /// Corrects the count of dead targets when a server starts or stops serving.
    pub(crate) fn serving_changed(&mut self, target: u32, serves: bool) {
        for alb_node in 0..self.rotations.len() {
            if self.rotations[alb_node].active().binary_search(&target).is_ok() {
                if serves {
                    self.dead_in_rotation -= 1;
                } else {
                    self.dead_in_rotation += 1;
                }
            }
        }
    }
}

fn second_of(ns: u64) -> usize {
    usize::try_from(ns / 1_000_000_000).expect("a run's seconds fit in memory")
}
