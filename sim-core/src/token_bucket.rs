//! A token bucket that hands out reservations, as client-side rate limiters of Kubernetes controllers do.
//!
//! Semantics of `golang.org/x/time/rate`: the bucket starts full, fills with one token per interval up to
//! the burst, and a call that finds too few tokens takes them on credit and may proceed once they
//! would have arrived. Reservations therefore queue in the order of the calls.
//! One difference: a call for more tokens than the burst waits for them here; `WaitN` refuses it.
//!
//! The state is one instant (GCRA): when the bucket would be full if nobody asked again.

use crate::dist::Rate;
use crate::time::SimTime;

/// A rate limit of so many tokens per second with a burst. See the module for semantics.
///
/// The interval between tokens is rounded to a nanosecond: the rate is off by at most one part in
/// (2 x interval in ns), 0.5 ppm at 1000 tokens per second.
#[derive(Clone, Debug)]
pub struct TokenBucket {
    /// Nanoseconds per token; `None` if the rate is 0 and no token ever comes back.
    interval_ns: Option<u64>,
    burst: u32,
    /// Rate above 0: the instant, in ns, at which the bucket is full again. Rate 0: tokens taken so far.
    debt: u128,
}

impl TokenBucket {
    /// A full bucket of `burst` tokens that gains `rate` tokens per second.
    pub fn new(rate: Rate, burst: u32) -> Self {
        let interval_ns = (rate.per_second() > 0.0).then(|| rate.mean_interval().as_ns());
        Self { interval_ns, burst, debt: 0 }
    }

    /// Takes `tokens`, on credit if need be, and returns the instant at which the call may proceed: `now` or
    /// later, never before the instant of an earlier call, [`SimTime::MAX`] if that is never.
    pub fn reserve(&mut self, now: SimTime, tokens: u32) -> SimTime {
        let Some(interval) = self.interval_ns else {
            self.debt += u128::from(tokens);
            return if self.debt <= u128::from(self.burst) { now } else { SimTime::MAX };
        };
        let now_ns = u128::from(now.as_ns());
        self.debt = self.debt.max(now_ns) + u128::from(tokens) * u128::from(interval);
        let start = self.debt.saturating_sub(u128::from(self.burst) * u128::from(interval)).max(now_ns);
        u64::try_from(start).map_or(SimTime::MAX, SimTime::from_ns)
    }

    /// Takes one token if there is one, without credit.
    pub fn try_take(&mut self, now: SimTime) -> bool {
        let there = self.available(now) > 0;
        if there {
            self.reserve(now, 1);
        }
        there
    }

    /// Whole tokens in the bucket at `now`; 0 while credit is being repaid.
    pub fn available(&self, now: SimTime) -> u32 {
        let missing = match self.interval_ns {
            None => self.debt,
            Some(0) => 0,
            Some(interval) => self.debt.saturating_sub(u128::from(now.as_ns())).div_ceil(u128::from(interval)),
        };
        u128::from(self.burst).saturating_sub(missing) as u32
    }
}
