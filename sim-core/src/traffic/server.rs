//! The server of one pod as its peers meet it.

use super::open::OpenRequests;
use crate::outcome::Hop;
use crate::trace::ServerState;

/// No session: the request came from an open loop.
pub(crate) const NO_SESSION: u32 = u32::MAX;

/// What a drain does to connections; copied from the scenario when the drain begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdleRule {
    /// Normal operation.
    Keep,
    /// Served, then closed.
    ServedThenClose,
    /// Not read until the process exits.
    Unserved,
}

/// The server of one pod; one cache line.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(crate) struct Server {
    /// What a new connection meets.
    pub(crate) state: ServerState,
    /// Zone of its node.
    pub(crate) zone: u8,
    /// The hop that has not yet done its part in taking the pod out.
    pub(crate) stage: Hop,
    /// What requests on pooled connections meet.
    pub(crate) idle_rule: IdleRule,
    /// Whether responses close their connection.
    pub(crate) closes_after_response: bool,
    /// Whether packets to the removed IP meet silence rather than ICMP unreachable.
    pub(crate) silent: bool,
    /// Whether the dedicated health page fails.
    pub(crate) health_fails: bool,
    /// How many of the waiting-time thresholds of shared health pages the queue exceeds.
    pub(crate) busy_level: u8,
    /// Round trip to ALB nodes of the same zone, ns.
    pub(crate) rtt_same_zone: u32,
    /// Round trip to ALB nodes of other zones, ns.
    pub(crate) rtt_cross_zone: u32,
    /// Grows when all requests in flight are cut.
    pub(crate) epoch: u32,
    /// Service time of accepted requests that no CPU window has counted yet, ns.
    pub(crate) service_ns: u64,
    /// Requests that may still be lost, in the order of arrival.
    pub(crate) open: OpenRequests,
}

const _: () = assert!(size_of::<Server>() == 64, "one cache line");

impl Server {
    pub(crate) fn new(zone: u8, rtt_same_zone: u32, rtt_cross_zone: u32) -> Self {
        Self {
            state: ServerState::Starting,
            zone,
            stage: Hop::Registration,
            idle_rule: IdleRule::Keep,
            closes_after_response: false,
            silent: true,
            health_fails: false,
            busy_level: 0,
            rtt_same_zone,
            rtt_cross_zone,
            epoch: 0,
            service_ns: 0,
            open: OpenRequests::default(),
        }
    }

    /// Whether a request on a new connection is served in the end.
    pub(crate) fn is_serving(&self) -> bool {
        matches!(self.state, ServerState::Serving | ServerState::DrainingOpen)
    }

    /// Round trip to an ALB node of `zone`, ns.
    #[inline]
    pub(crate) fn rtt(&self, zone: u8) -> u64 {
        u64::from(if zone == self.zone {
            self.rtt_same_zone
        } else {
            self.rtt_cross_zone
        })
    }

    /// Forgets the oldest requests, as far as they ended at or before `now`.
    pub(crate) fn prune(&mut self, now: u64) {
        self.open.prune(now);
    }

    /// Latest end of a request that a worker has or will have; drains wait for it.
    pub(crate) fn latest_served_end(&self) -> Option<u64> {
        self.open
            .iter()
            .filter(|open| open.start != u64::MAX)
            .map(|open| open.end)
            .max()
    }

    /// Requests that no worker has taken by `at`.
    pub(crate) fn waiting_at(&self, at: u64) -> usize {
        // Workers take requests in the order of arrival, so the waiting ones are at the back.
        self.open.iter().rev().take_while(|open| open.start > at).count()
    }
}
