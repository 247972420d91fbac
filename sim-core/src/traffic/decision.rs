//! What is known of a request when it is issued, and what is decided when it is sent.

use super::count::Outcome;
use crate::outcome::{Cause, Hop};

/// A request as its client issued it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    /// When, ns.
    pub(super) issued: u64,
    /// The ALB node that takes it.
    pub(super) alb_node: usize,
    /// Request kind.
    pub(super) kind: u16,
    /// Session or [`super::server::NO_SESSION`].
    pub(super) session: u32,
    /// How long the client waits, ns.
    pub(super) client_timeout: u64,
}

/// How a request ends as far as can be said when it is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decision {
    pub(super) outcome: Outcome,
    /// When the ALB knows, ns.
    pub(super) end: u64,
    /// When a worker takes it; `None` if the server never sees it.
    pub(super) start: Option<u64>,
    /// Whether it was sent on a pooled connection.
    pub(super) reused: bool,
    /// Whether the connection goes back to the pool at `end`.
    pub(super) pooled: bool,
}

impl Decision {
    /// Whether no connection came about, so that another target could be tried.
    pub(super) fn failed_to_connect(&self) -> bool {
        self.start.is_none() && !self.reused && !self.outcome.status.is_by_target()
    }

    /// The server never sees the request.
    pub(super) fn refused(cause: Cause, hop: Hop, end: u64) -> Self {
        Self {
            outcome: Outcome::failed(cause, hop),
            end,
            start: None,
            reused: false,
            pooled: false,
        }
    }
}
