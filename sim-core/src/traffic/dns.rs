//! Which ALB nodes clients know: the answers of DNS within the last TTL.
//!
//! ```text
//! record   A,B,C ──────────┐ A,B ───────────────────────
//! clients  all know A,B,C  │ share of stale copies: 1 falls linearly to 0 over the TTL │ all know A,B
//! ```
//!
//! A client's copy was made at an instant uniform over the last TTL (alb §2.2), drawn anew for each new connection.

#![allow(
    clippy::inline_always,
    reason = "the request path is one loop: measured, calls between its parts cost a fifth of the time"
)]

use alloc::vec::Vec;

use super::Traffic;
use crate::rng::Stream;

/// An answer of DNS.
#[derive(Debug)]
struct Answer {
    /// In force from then on, ns.
    since: u64,
    /// Its ALB nodes.
    alb_nodes: Vec<u32>,
}

/// What clients may know.
#[derive(Debug)]
pub(super) struct ClientDns {
    /// Whether every client knows every ALB node; then nothing else is looked at.
    whole: bool,
    alb_nodes: u32,
    ttl: u64,
    /// Answers in the order of time: those that a client may still have, and the one in force.
    answers: Vec<Answer>,
    cache_age: Stream,
}

impl ClientDns {
    pub(super) fn new(alb_nodes: u32, ttl: u64, cache_age: Stream) -> Self {
        Self {
            whole: true,
            alb_nodes,
            ttl,
            answers: Vec::new(),
            cache_age,
        }
    }

    /// The ALB node of a new client connection.
    #[inline(always)]
    pub(super) fn pick(&mut self, now: u64, stream: &mut Stream) -> u32 {
        if self.whole {
            stream.below(self.alb_nodes)
        } else {
            self.pick_known(now, stream)
        }
    }

    #[cold]
    #[inline(never)]
    fn pick_known(&mut self, now: u64, stream: &mut Stream) -> u32 {
        self.expire(now);
        if self.whole {
            return stream.below(self.alb_nodes);
        }
        let known = if self.answers.len() == 1 {
            &self.answers[0]
        } else {
            let copied_at = now.saturating_sub(self.cache_age.next_u64() % self.ttl);
            let later = self.answers.partition_point(|answer| answer.since <= copied_at);
            &self.answers[later.saturating_sub(1)]
        };
        let count = u32::try_from(known.alb_nodes.len()).expect("at most 100 ALB nodes");
        known.alb_nodes[stream.below(count) as usize]
    }

    fn answer(&mut self, now: u64, alb_nodes: Vec<u32>) {
        if self.answers.is_empty() {
            self.answers.push(Answer {
                since: 0,
                alb_nodes: (0..self.alb_nodes).collect(),
            });
        }
        self.answers.push(Answer { since: now, alb_nodes });
        self.whole = false;
    }

    /// Forgets the answers that no client can have any more.
    fn expire(&mut self, now: u64) {
        let oldest = now.saturating_sub(self.ttl);
        let known = self.answers.partition_point(|answer| answer.since <= oldest);
        self.answers.drain(..known.saturating_sub(1));
        self.whole = self.answers.len() == 1 && self.answers[0].alb_nodes.len() == self.alb_nodes as usize;
    }
}

impl Traffic<'_> {
    /// DNS answers with these ALB nodes from `now` on; at the run's start it has long done so.
    pub(crate) fn dns_answers(&mut self, now: u64, alb_nodes: Vec<u32>) {
        self.dns.answer(now, alb_nodes);
        if now == 0 {
            self.dns.answers.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Seed, Streams};

    #[test]
    fn answers_are_forgotten_after_the_ttl_and_the_whole_set_is_recognised() {
        let stream = Streams::new(Seed(1), 0).stream("age");
        let mut dns = ClientDns::new(3, 60, stream);
        dns.answer(100, alloc::vec![0, 1]);
        dns.expire(159);
        assert_eq!((dns.answers.len(), dns.whole), (2, false));
        dns.expire(160);
        assert_eq!((dns.answers.len(), dns.whole), (1, false));
        dns.answer(200, alloc::vec![0, 1, 2]);
        dns.expire(259);
        assert_eq!((dns.answers.len(), dns.whole), (2, false));
        dns.expire(260);
        assert_eq!((dns.answers.len(), dns.whole), (1, true));
    }
}
