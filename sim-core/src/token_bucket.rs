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
        Self {
            interval_ns,
            burst,
            debt: 0,
        }
    }

    /// Takes `tokens`, on credit if need be, and returns the instant at which the call may proceed: `now` or
    /// later, never before the instant of an earlier call, [`SimTime::MAX`] if that is never.
    pub fn reserve(&mut self, now: SimTime, tokens: u32) -> SimTime {
        let Some(interval) = self.interval_ns else {
            self.debt += u128::from(tokens);
            return if self.debt <= u128::from(self.burst) {
                now
            } else {
                SimTime::MAX
            };
        };
        let now_ns = u128::from(now.as_ns());
        self.debt = self.debt.max(now_ns) + u128::from(tokens) * u128::from(interval);
        let start = self
            .debt
            .saturating_sub(u128::from(self.burst) * u128::from(interval))
            .max(now_ns);
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
        let missing: u128 = match self.interval_ns {
            None => self.debt,
            Some(0) => 0,
            Some(interval) => self
                .debt
                .saturating_sub(u128::from(now.as_ns()))
                .div_ceil(u128::from(interval)),
        };
        self.burst.saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::SimDuration;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    proptest! {
        #[test]
        fn the_kth_of_n_simultaneous_calls_waits_for_k_minus_burst_tokens(
            interval_ms in 1..2_000_u64, burst in 0..50_u32, calls in 1..200_u64, now in 0..100_u64,
        ) {
            let now = SimTime::from_secs(now);
            let interval = SimDuration::from_millis(interval_ms);
            let mut bucket = TokenBucket::new(Rate::new(1e3 / f64::from(u32::try_from(interval_ms).unwrap())).unwrap(), burst);
            for k in 1..=calls {
                let wait = interval * k.saturating_sub(u64::from(burst));
                prop_assert_eq!(bucket.reserve(now, 1), now + wait);
            }
        }

        /// The reference counts tokens in units of one nanosecond's refill, as x/time/rate does with a float.
        #[test]
        fn agrees_with_counting_tokens(
            interval in 1..1_000_i128, burst in 1..10_u32,
            calls in prop::collection::vec((0..3_000_u64, 1..6_u32), 1..100),
        ) {
            let mut bucket = TokenBucket { interval_ns: Some(u64::try_from(interval).unwrap()), burst, debt: 0 };
            let full = i128::from(burst) * interval;
            let (mut level, mut now) = (full, 0);
            for (pause, tokens) in calls {
                now += pause;
                level = (level + i128::from(pause)).min(full);
                prop_assert_eq!(i128::from(bucket.available(SimTime::from_ns(now))), level.max(0) / interval);
                level -= i128::from(tokens) * interval;
                let wait = u64::try_from((-level).max(0)).unwrap();
                prop_assert_eq!(bucket.reserve(SimTime::from_ns(now), tokens), SimTime::from_ns(now + wait));
            }
        }
    }

    #[test]
    fn an_idle_bucket_refills_to_the_burst_and_no_further() {
        let mut bucket = TokenBucket::new(rate("10/s"), 3);
        assert_eq!(bucket.reserve(SimTime::ZERO, 3), SimTime::ZERO);
        assert_eq!(bucket.available(SimTime::from_ns(99_999_999)), 0);
        assert_eq!(bucket.available(SimTime::from_ns(100_000_000)), 1);
        assert_eq!(bucket.available(SimTime::from_secs(1_000)), 3);
    }

    #[test]
    fn try_take_takes_no_credit() {
        let mut bucket = TokenBucket::new(rate("1/s"), 2);
        let taken = [0, 0, 0, 1, 1, 2].map(|secs| bucket.try_take(SimTime::from_secs(secs)));
        assert_eq!(taken, [true, true, false, true, false, true]);
    }

    #[test]
    fn rate_zero_gives_the_burst_and_then_never() {
        let mut bucket = TokenBucket::new(Rate::ZERO, 2);
        let day = SimTime::from_secs(86_400);
        assert_eq!(
            [0; 4].map(|_| bucket.reserve(day, 1)),
            [day, day, SimTime::MAX, SimTime::MAX]
        );
        assert_eq!(bucket.available(SimTime::from_secs(1_000_000)), 0);
        assert!(!bucket.try_take(day));
    }

    #[test]
    fn a_wait_past_the_end_of_time_is_never() {
        let mut bucket = TokenBucket::new(rate("1/h"), 1);
        bucket.reserve(SimTime::ZERO, u32::MAX);
        assert_eq!(bucket.reserve(SimTime::ZERO, u32::MAX), SimTime::MAX);
    }
}
