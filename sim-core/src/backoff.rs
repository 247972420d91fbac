//! Exponential back-off as Kubernetes work queues count it, and the back-off of the AWS SDK.

use crate::rng::Stream;
use crate::time::SimDuration;

/// `base · 2^failures`, at most `max`.
pub(crate) fn exponential(base: SimDuration, failures: u32, max: SimDuration) -> SimDuration {
    let factor = 1u64.checked_shl(failures).unwrap_or(u64::MAX);
    SimDuration::from_ns(base.as_ns().saturating_mul(factor)).min(max)
}

/// Back-off of the AWS SDK before retry `n`: U(0,1) · 2ⁿ s up to the fourth, then 20 s (lbc §1.8).
pub(crate) fn aws_sdk(n: u32, stream: &mut Stream) -> SimDuration {
    if n > 4 {
        return SimDuration::from_secs(20);
    }
    let whole = SimDuration::from_secs(1 << n).as_ns();
    SimDuration::from_ns(stream.next_u64() % whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_of_the_controller_s_queue() {
        // lbc §1.3: 8 failures wait about 0.64 s, 12 about 10 s, 18 about 655 s, 19 and more 1000 s.
        let wait = |nth: u32| {
            let max = SimDuration::from_secs(1000);
            exponential(SimDuration::from_millis(5), nth - 1, max)
        };
        assert_eq!(wait(1), SimDuration::from_millis(5));
        assert_eq!(wait(8), SimDuration::from_millis(640));
        assert_eq!(wait(18), SimDuration::from_millis(655_360));
        assert_eq!(wait(19), SimDuration::from_secs(1000));
        assert_eq!(wait(500), SimDuration::from_secs(1000));
    }
}
