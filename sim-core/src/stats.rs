//! Statistics over durations: a fixed-size histogram, exact samples, and the conversions to floats.
//!
//! Floats leave the model here and in `dist`; nothing computed here flows back into simulated time.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "floats here are for people: 53 bits of a count or a time are enough"
)]

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::time::{SimDuration, SimTime};

/// `duration` in seconds.
pub fn seconds(duration: SimDuration) -> f64 {
    duration.as_ns() as f64 / 1e9
}

/// Seconds since the start of the run.
pub fn seconds_at(at: SimTime) -> f64 {
    at.as_ns() as f64 / 1e9
}

/// `num / den`, and 0 if `den` is 0.
pub fn ratio(num: u64, den: u64) -> f64 {
    if den == 0 { 0.0 } else { num as f64 / den as f64 }
}

/// Each power of two is split into `2^SUB_BITS` buckets.
const SUB_BITS: u32 = 6;
/// Buckets up to `u64::MAX`: the values below 128 exactly, then 64 for each of the 57 larger powers of two.
const BUCKETS: usize = 59 << SUB_BITS;

/// Counts of durations in log-linear buckets: any `u64` of nanoseconds, 30 KB, allocated once.
///
/// A reported value is the middle of a bucket and so within 0.8 % of the recorded one; below 128 ns it is exact.
#[derive(Clone, PartialEq, Eq)]
pub struct LatencyHistogram {
    counts: Box<[u64]>,
    count: u64,
    sum_ns: u128,
    /// Largest ever recorded, also if it was taken back.
    largest_ns: u64,
}

impl Default for LatencyHistogram {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LatencyHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LatencyHistogram")
            .field("count", &self.count)
            .field("max", &self.max())
            .finish_non_exhaustive()
    }
}

#[inline]
fn bucket_of(ns: u64) -> usize {
    let shift = (63 - SUB_BITS) - (ns | (1 << SUB_BITS)).leading_zeros();
    ((shift << SUB_BITS) as usize) + (ns >> shift) as usize
}

/// Smallest value of a bucket and the number of values in it.
fn bucket_bounds(bucket: usize) -> (u64, u64) {
    let shift = (bucket >> SUB_BITS).saturating_sub(1);
    (((bucket - (shift << SUB_BITS)) as u64) << shift, 1 << shift)
}

impl LatencyHistogram {
    /// An empty histogram.
    pub fn new() -> Self {
        Self {
            counts: vec![0; BUCKETS].into_boxed_slice(),
            count: 0,
            sum_ns: 0,
            largest_ns: 0,
        }
    }

    /// Counts one duration.
    #[inline]
    pub fn record(&mut self, duration: SimDuration) {
        let ns = duration.as_ns();
        self.counts[bucket_of(ns)] += 1;
        self.count += 1;
        self.sum_ns += u128::from(ns);
        self.largest_ns = self.largest_ns.max(ns);
    }

    /// Takes one recorded duration back. Panics if its bucket is empty: it was not recorded.
    pub fn unrecord(&mut self, duration: SimDuration) {
        let ns = duration.as_ns();
        let bucket = &mut self.counts[bucket_of(ns)];
        *bucket = bucket
            .checked_sub(1)
            .unwrap_or_else(|| panic!("unrecord of {duration}, which was not recorded"));
        self.count -= 1;
        self.sum_ns = self
            .sum_ns
            .checked_sub(u128::from(ns))
            .expect("sum covers what is recorded");
    }

    /// Number of durations in the histogram.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Nearest-rank quantile: the bucket of the smallest recorded value that at least `ceil(p * count)` values do
    /// not exceed. Zero if nothing is recorded; `p` 0 gives the smallest. Panics unless `p` is in 0..=1.
    pub fn quantile(&self, p: f64) -> SimDuration {
        assert!((0.0..=1.0).contains(&p), "quantile of {p}, which is outside 0 to 1");
        let rank = (libm::ceil(p * self.count as f64) as u64).clamp(1, self.count.max(1));
        let mut below = 0;
        for (bucket, &count) in self.counts.iter().enumerate() {
            below += count;
            if below >= rank {
                let (low, width) = bucket_bounds(bucket);
                return SimDuration::from_ns((low + width / 2).min(self.largest_ns));
            }
        }
        SimDuration::ZERO
    }

    /// Largest recorded duration: exact, or within 1.6 % if the largest was taken back. Zero if none.
    pub fn max(&self) -> SimDuration {
        self.counts
            .iter()
            .rposition(|&count| count > 0)
            .map_or(SimDuration::ZERO, |bucket| {
                let (low, width) = bucket_bounds(bucket);
                SimDuration::from_ns((low + (width - 1)).min(self.largest_ns))
            })
    }

    /// Arithmetic mean, exact and rounded down to a nanosecond. Zero if nothing is recorded.
    pub fn mean(&self) -> SimDuration {
        mean_ns(self.sum_ns, self.count)
    }

    /// Adds everything recorded in `other`.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum_ns += other.sum_ns;
        self.largest_ns = self.largest_ns.max(other.largest_ns);
    }
}

/// Mean of `count` values; not above the largest of them, hence in range.
fn mean_ns(sum_ns: u128, count: u64) -> SimDuration {
    let mean = sum_ns.checked_div(u128::from(count)).unwrap_or(0);
    SimDuration::from_ns(u64::try_from(mean).expect("a mean is within its values"))
}

/// Every duration kept, in the order recorded: for small sets and exact quantiles. 8 bytes each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples {
    ns: Vec<u64>,
}

impl Samples {
    /// No samples. Allocates nothing.
    pub const fn new() -> Self {
        Self { ns: Vec::new() }
    }

    /// Adds one sample.
    #[inline]
    pub fn push(&mut self, duration: SimDuration) {
        self.ns.push(duration.as_ns());
    }

    /// Number of samples.
    pub const fn len(&self) -> usize {
        self.ns.len()
    }

    /// Whether there is no sample.
    pub const fn is_empty(&self) -> bool {
        self.ns.is_empty()
    }

    /// The samples in the order recorded.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SimDuration> + '_ {
        self.ns.iter().map(|&ns| SimDuration::from_ns(ns))
    }

    /// Type 7 of Hyndman and Fan (1996), the default of R and numpy: linear between the sorted samples, with
    /// the smallest at 0 and the largest at 1. Zero if there is none. Copies and partly sorts: O(n) per call.
    /// Panics unless `p` is in 0..=1.
    pub fn quantile(&self, p: f64) -> SimDuration {
        assert!((0.0..=1.0).contains(&p), "quantile of {p}, which is outside 0 to 1");
        if self.ns.is_empty() {
            return SimDuration::ZERO;
        }
        let position = p * (self.ns.len() - 1) as f64;
        let below = libm::floor(position);
        let mut ns = self.ns.clone();
        let (_, &mut low, above) = ns.select_nth_unstable(below as usize);
        let high = above.iter().copied().min().unwrap_or(low);
        SimDuration::from_ns(low + ((high - low) as f64 * (position - below) + 0.5) as u64)
    }

    /// Arithmetic mean, exact and rounded down to a nanosecond. Zero if there is no sample.
    pub fn mean(&self) -> SimDuration {
        mean_ns(self.ns.iter().map(|&ns| u128::from(ns)).sum(), self.ns.len() as u64)
    }

    /// The largest sample; zero if there is none.
    pub fn max(&self) -> SimDuration {
        SimDuration::from_ns(self.ns.iter().copied().max().unwrap_or(0))
    }

    /// Appends the samples of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.ns.extend_from_slice(&other.ns);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ns(ns: u64) -> SimDuration {
        SimDuration::from_ns(ns)
    }

    proptest! {
        #[test]
        fn a_bucket_holds_its_value_and_is_narrow(value: u64, shift in 0..64_u32) {
            let value = value >> shift;
            let (low, width) = bucket_bounds(bucket_of(value));
            prop_assert!(low <= value && value - low < width);
            prop_assert!(width == 1 || width <= low / 64);
            prop_assert!(bucket_of(value) < BUCKETS);
        }

        #[test]
        fn quantiles_are_the_nearest_rank_within_a_percent(
            mut values in prop::collection::vec((any::<u64>(), 0..64_u32).prop_map(|(v, s)| v >> s), 1..200),
            p in 0.0..=1.0_f64,
        ) {
            let mut histogram = LatencyHistogram::new();
            for &value in &values {
                histogram.record(ns(value));
            }
            values.sort_unstable();
            let rank = (libm::ceil(p * values.len() as f64) as usize).max(1);
            let (exact, shown) = (values[rank - 1], histogram.quantile(p).as_ns());
            prop_assert!(exact.abs_diff(shown) <= exact / 100, "{exact} shown as {shown}");
            prop_assert_eq!(histogram.max().as_ns(), *values.last().unwrap());
        }

        #[test]
        fn taking_back_and_merging_are_as_if_recorded_once(
            kept in prop::collection::vec(any::<u64>(), 0..50), gone in prop::collection::vec(any::<u64>(), 0..50),
        ) {
            let [mut expected, mut left, mut right] = [(); 3].map(|()| LatencyHistogram::new());
            for (i, &value) in kept.iter().enumerate() {
                expected.record(ns(value));
                if i % 2 == 0 { left.record(ns(value)) } else { right.record(ns(value)) }
            }
            for &value in &gone {
                left.record(ns(value));
            }
            for &value in gone.iter().rev() {
                left.unrecord(ns(value));
            }
            left.merge(&right);
            prop_assert_eq!(&left.counts, &expected.counts);
            prop_assert_eq!((left.count(), left.mean()), (expected.count(), expected.mean()));
        }
    }

    #[test]
    #[should_panic(expected = "unrecord of 5s, which was not recorded")]
    fn taking_back_what_was_not_recorded_panics() {
        let mut histogram = LatencyHistogram::new();
        histogram.record(SimDuration::from_secs(4));
        histogram.unrecord(SimDuration::from_secs(5));
    }

    fn same(a: f64, b: f64) -> bool {
        a.to_bits() == b.to_bits()
    }

    #[test]
    fn nothing_recorded_is_zero_everywhere() {
        let (histogram, samples) = (LatencyHistogram::new(), Samples::new());
        for value in [histogram.quantile(0.5), histogram.mean(), histogram.max()] {
            assert_eq!(value, SimDuration::ZERO);
        }
        for value in [samples.quantile(0.5), samples.mean(), samples.max()] {
            assert_eq!(value, SimDuration::ZERO);
        }
        assert!(same(ratio(3, 0), 0.0) && same(ratio(1, 4), 0.25));
    }

    #[test]
    fn samples_agree_with_worked_type_7_quantiles() {
        let mut samples = Samples::new();
        // R: quantile(c(10, 20, 40, 80), c(0, .25, .5, .9, 1)) gives 10.0 17.5 30.0 68.0 80.0.
        for value in [40, 10, 80, 20] {
            samples.push(ns(value * 10));
        }
        let shown = [0.0, 0.25, 0.5, 0.9, 1.0].map(|p| samples.quantile(p).as_ns());
        assert_eq!(shown, [100, 175, 300, 680, 800]);
        assert_eq!((samples.mean(), samples.max(), samples.len()), (ns(375), ns(800), 4));
        assert_eq!(samples.iter().next(), Some(ns(400)));
    }

    #[test]
    fn conversions_are_in_seconds() {
        assert!(same(seconds(SimDuration::from_millis(1_500)), 1.5));
        assert!(same(seconds_at(SimTime::from_secs(3)), 3.0));
    }
}
