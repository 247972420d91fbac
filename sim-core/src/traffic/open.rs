//! Requests that their server may still lose.

use alloc::vec::Vec;

use crate::outcome::{Cause, Hop, Status};

/// A request that its server may still lose: kept until it has ended. 48 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Open {
    /// When the client has its answer, ns.
    pub(crate) end: u64,
    /// When a worker takes it, ns; `u64::MAX` if none ever will.
    pub(crate) start: u64,
    /// When the client issued it, ns.
    pub(crate) issued: u64,
    /// Low 32 bits of the request's number.
    pub(crate) id: u32,
    /// Session or [`super::server::NO_SESSION`].
    pub(crate) session: u32,
    /// The node that forwarded it, where targets are nodes.
    pub(crate) via: u32,
    /// Request kind.
    pub(crate) kind: u16,
    /// ALB node that took it.
    pub(crate) alb_node: u8,
    /// Whether it came on a new connection, and so waits in the accept queue.
    pub(crate) fresh: bool,
    /// Outcome as decided so far.
    pub(crate) status: Status,
    /// Why, if it failed.
    pub(crate) cause: Option<(Cause, Hop)>,
}

/// Requests a new list has room for: few servers have more in flight most of the time.
const FIRST_ROOM: usize = 4;

/// The open requests of one server in the order of arrival, and some that have ended.
///
/// Ended ones are forgotten when all have ended or when the room is used up, not one by one: how many have ended since
/// the last request is a branch that no processor predicts. The room doubles when more than half of it cannot be
/// forgotten.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenRequests {
    list: Vec<Open>,
    /// Not before the latest end in the list, ns.
    busy_until: u64,
}

impl OpenRequests {
    /// Adds the latest request; `now` tells which ones have ended. O(1) amortised.
    #[inline]
    pub(crate) fn push(&mut self, now: u64, open: Open) {
        let kept = if self.busy_until <= now { 0 } else { self.list.len() };
        self.list.truncate(kept);
        self.busy_until = self.busy_until.max(open.end);
        if self.list.len() == self.list.capacity() {
            self.make_room(now);
        }
        self.list.push(open);
    }

    #[inline(never)]
    fn make_room(&mut self, now: u64) {
        self.prune(now);
        let capacity = self.list.capacity();
        if self.list.len() * 2 >= capacity {
            self.list.reserve_exact(capacity.max(FIRST_ROOM));
        }
    }

    /// Forgets the requests at the front that ended at or before `now`.
    pub(crate) fn prune(&mut self, now: u64) {
        let ended = self.list.iter().take_while(|open| open.end <= now).count();
        self.list.drain(..ended);
    }

    /// All of them; [`prune`](Self::prune) first where those that have ended matter.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Open> {
        self.list.iter()
    }

    /// Takes all of them out, to change them while their server is looked at.
    pub(crate) fn take(&mut self) -> Vec<Open> {
        core::mem::take(&mut self.list)
    }

    /// Puts back what [`take`](Self::take) gave.
    pub(crate) fn put_back(&mut self, list: Vec<Open>) {
        self.busy_until = list.iter().map(|open| open.end).max().unwrap_or(0);
        self.list = list;
    }
}
