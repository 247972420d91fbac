//! Idle connections from one ALB node to one target.

#![allow(
    clippy::inline_always,
    reason = "the request path is one loop: measured, calls between its parts cost a fifth of the time"
)]

use crate::scenario::elbv2::ConnectionReuse;

/// Idle connections kept inline; beyond it the oldest are forgotten first.
const INLINE: usize = 7;

/// The instants at which the pooled connections became, or will become, idle, in order; one cache line.
///
/// An entry may lie in the future: its request is still being served. Where the most recently idle connection is reused
/// first, both ends of a request meet the end of the list: with few busy connections, `take` and `put` cost one
/// comparison each.
#[derive(Debug, Clone, Default)]
#[repr(align(64))]
pub(crate) struct Pool {
    len: u32,
    idle_at: [u64; INLINE],
}

/// What a request finds in the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// No usable connection: a new one is opened.
    Nothing,
    /// A connection idle for this long, ns; it has been taken out.
    Idle(u64),
}

impl Pool {
    /// Takes an idle connection at `now` that has been idle for less than `limit` ns.
    #[inline(always)]
    pub(crate) fn take(&mut self, now: u64, limit: u64, order: ConnectionReuse) -> Found {
        match order {
            ConnectionReuse::Lifo => self.take_youngest(now, limit),
            ConnectionReuse::Fifo => self.take_oldest(now, limit),
        }
    }

    #[inline(always)]
    fn take_youngest(&mut self, now: u64, limit: u64) -> Found {
        let len = self.len as usize;
        let entries = &mut self.idle_at[..len];
        let Some(youngest) = entries.iter().rposition(|at| *at <= now) else {
            return Found::Nothing;
        };
        let idle_for = now - entries[youngest];
        if idle_for >= limit {
            // The youngest has been closed, so all others that are idle have been closed before it.
            self.retain(|at| at > now);
            return Found::Nothing;
        }
        for index in youngest + 1..len {
            entries[index - 1] = entries[index];
        }
        self.len -= 1;
        Found::Idle(idle_for)
    }

    #[inline(never)]
    fn take_oldest(&mut self, now: u64, limit: u64) -> Found {
        self.retain(|at| at.saturating_add(limit) > now);
        match self.idle_at[..self.len as usize].first() {
            Some(at) if *at <= now => {
                let idle_for = now - at;
                self.idle_at.copy_within(1.., 0);
                self.len -= 1;
                Found::Idle(idle_for)
            }
            _ => Found::Nothing,
        }
    }

    /// Returns a connection that becomes idle at `idle_at`.
    #[inline(always)]
    pub(crate) fn put(&mut self, idle_at: u64) {
        if self.len as usize == INLINE {
            if idle_at <= self.idle_at[0] {
                return;
            }
            self.idle_at.copy_within(1.., 0);
            self.len -= 1;
        }
        let mut place = self.len as usize;
        while place > 0 && self.idle_at[place - 1] > idle_at {
            self.idle_at[place] = self.idle_at[place - 1];
            place -= 1;
        }
        self.idle_at[place] = idle_at;
        self.len += 1;
    }

    /// Closes every connection for which `keep` does not hold of its idle instant.
    pub(crate) fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        let mut kept = 0;
        for index in 0..self.len as usize {
            if keep(self.idle_at[index]) {
                self.idle_at[kept] = self.idle_at[index];
                kept += 1;
            }
        }
        self.len = u32::try_from(kept).expect("at most seven");
    }

    /// Latest idle instant of all connections.
    pub(crate) fn latest(&self) -> Option<u64> {
        self.idle_at[..self.len as usize].last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::ConnectionReuse::{Fifo, Lifo};
    use super::*;

    #[test]
    fn the_most_recently_idle_connection_is_taken_and_busy_ones_are_not() {
        let mut pool = Pool::default();
        for at in [10, 30, 90] {
            pool.put(at);
        }
        assert_eq!(pool.take(50, 100, Lifo), Found::Idle(20));
        assert_eq!(pool.take(50, 100, Lifo), Found::Idle(40));
        assert_eq!(
            pool.take(50, 100, Lifo),
            Found::Nothing,
            "the third is idle only from 90 on"
        );
        assert_eq!(pool.take(91, 100, Lifo), Found::Idle(1));
    }

    #[test]
    fn connections_past_the_limit_are_closed_for_good() {
        let mut pool = Pool::default();
        pool.put(10);
        pool.put(20);
        assert_eq!(pool.take(120, 100, Lifo), Found::Nothing);
        assert_eq!(pool.take(20, 100, Lifo), Found::Nothing, "both are gone");
    }

    #[test]
    fn a_full_pool_forgets_its_oldest_connection() {
        let mut pool = Pool::default();
        for at in 1..=8 {
            pool.put(at);
        }
        let mut idle: alloc::vec::Vec<u64> = alloc::vec::Vec::new();
        while let Found::Idle(for_ns) = pool.take(100, 1000, Lifo) {
            idle.push(for_ns);
        }
        assert_eq!(idle, [92, 93, 94, 95, 96, 97, 98]);
    }

    #[test]
    fn the_longest_idle_connection_that_is_still_open_is_taken_if_asked_for() {
        let mut pool = Pool::default();
        for at in [10, 30, 40, 190] {
            pool.put(at);
        }
        assert_eq!(pool.take(129, 100, Fifo), Found::Idle(99), "the first has been closed");
        assert_eq!(pool.take(139, 100, Fifo), Found::Idle(99));
        assert_eq!(
            pool.take(189, 100, Fifo),
            Found::Nothing,
            "the last is idle only from 190 on"
        );
        assert_eq!(pool.take(190, u64::MAX, Fifo), Found::Idle(0));
    }
}
