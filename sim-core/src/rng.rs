//! Random numbers: one named, independent stream per kind of random input.
//!
//! A stream's key is a hash of (seed, name, index, replication), so adding a component or a stream moves no
//! other stream, and two policies can be compared under common random numbers. The generator is `ChaCha8`
//! (chosen by name: its output never changes between releases), read one `u64` at a time from blocks of 32.
//!
//! Keep streams for the whole run: making one costs a key and a block, about 100 ns or 40 draws.

#![allow(clippy::cast_possible_truncation, reason = "halves of 64-bit and 128-bit words")]

use core::fmt;

use rand_chacha::ChaCha8Core;
use rand_core::SeedableRng;
use rand_core::block::Generator;

use crate::dist::Probability;

/// The seed of a run. Everything random in the run follows from it and the replication index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seed(pub u64);

/// Hands out the streams of one replication of a run.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    seed: Seed,
    replication: u32,
}

impl Streams {
    /// Streams of replication number `replication` (from 0) under `seed`.
    pub const fn new(seed: Seed, replication: u32) -> Self {
        Self { seed, replication }
    }

    /// The stream called `name`; the same as `stream_indexed(name, 0)`.
    pub fn stream(&self, name: &str) -> Stream {
        self.stream_indexed(name, 0)
    }

    /// The stream of member `index` of the family called `name`.
    pub fn stream_indexed(&self, name: &str, index: u64) -> Stream {
        Stream::from_key(self.key(name, index))
    }

    /// 32 bytes from (seed, name, index, replication): FNV-1a over the name, then each number folded in by one
    /// `SplitMix64` step, then four more steps as the key. Not cryptographic; it only has to keep names apart.
    fn key(&self, name: &str, index: u64) -> [u8; 32] {
        // FNV-1a 64 bit, offset basis and prime from <http://www.isthe.com/chongo/tech/comp/fnv/>.
        let mut state = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        for number in [self.seed.0, index, u64::from(self.replication)] {
            state = split_mix(&mut state) ^ number;
        }
        let mut key = [0; 32];
        for word in key.chunks_exact_mut(8) {
            word.copy_from_slice(&split_mix(&mut state).to_le_bytes());
        }
        key
    }
}

/// One step of `SplitMix64` (Steele, Lea, Flood 2014; constants of Vigna's public-domain version).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Words of 32 bit that `ChaCha8Core` produces at a time.
const BLOCK_WORDS: usize = 64;

/// One sequence of random numbers. Every kind of draw documents how many `u64` it takes.
#[derive(Clone)]
pub struct Stream {
    block: [u32; BLOCK_WORDS],
    /// Next unread word of `block`; always even, `BLOCK_WORDS` when all are read.
    next: usize,
    core: ChaCha8Core,
}

impl Stream {
    fn from_key(key: [u8; 32]) -> Self {
        Self {
            block: [0; BLOCK_WORDS],
            next: BLOCK_WORDS,
            core: ChaCha8Core::from_seed(key),
        }
    }

    /// The next 64 uniform bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        if self.next >= BLOCK_WORDS {
            self.refill();
        }
        let (low, high) = (self.block[self.next], self.block[self.next + 1]);
        self.next += 2;
        u64::from(low) | (u64::from(high) << 32)
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        self.core.generate(&mut self.block);
        self.next = 0;
    }

    /// The next 32 uniform bits: the upper half of one `u64`.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }

    /// Uniform in [0, 1), a multiple of 2^-52. Takes one `u64`.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        unit_of(self.next_u64())
    }

    /// Uniform in `0..n` without bias (Lemire, <https://arxiv.org/abs/1805.10941>). Takes one `u64`, very rarely
    /// more: with probability below 2^-32 each time. Panics if `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u32) -> u32 {
        assert!(n > 0, "below(0): nothing is below zero");
        let product = u128::from(self.next_u64()) * u128::from(n);
        if (product as u64) < u64::from(n) {
            return self.below_near_edge(n, product);
        }
        (product >> 64) as u32
    }

    #[cold]
    #[inline(never)]
    fn below_near_edge(&mut self, n: u32, mut product: u128) -> u32 {
        let threshold = u64::from(n).wrapping_neg() % u64::from(n);
        while (product as u64) < threshold {
            product = u128::from(self.next_u64()) * u128::from(n);
        }
        (product >> 64) as u32
    }

    /// True with probability `p`. Takes one `u64`, and none if `p` is 0 or 1.
    #[inline]
    pub fn chance(&mut self, p: Probability) -> bool {
        let p = p.get();
        if p <= 0.0 || p >= 1.0 {
            return p >= 1.0;
        }
        self.unit() < p
    }
}

/// The upper 52 bits as a number in [0, 1).
///
/// By way of the bits of a float in [1, 2), because an integer conversion would be the first instruction of a
/// draw and on x86 waits for the last user of its register: measured, a log-normal draw then took 21 ns, not 8.
#[inline]
pub(crate) fn unit_of(bits: u64) -> f64 {
    f64::from_bits((bits >> 12) | 1.0_f64.to_bits()) - 1.0
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_core::Rng;

    use super::*;

    const STREAMS: Streams = Streams::new(Seed(42), 0);

    #[test]
    fn first_draws_are_locked() {
        const LOCK_A: [u64; 4] = [
            6_274_101_987_079_809_313,
            17_122_693_386_495_612_711,
            12_918_068_490_107_217_270,
            17_531_812_373_071_259_984,
        ];
        const LOCK_B: [u64; 4] = [
            13_624_665_302_492_104_940,
            2_820_922_320_665_953_678,
            14_142_611_268_126_195_774,
            8_900_692_041_054_699_919,
        ];
        let mut arrivals = STREAMS.stream("arrivals");
        let mut service = STREAMS.stream_indexed("service", 7);
        assert_eq!([0; 4].map(|_| arrivals.next_u64()), LOCK_A);
        assert_eq!([0; 4].map(|_| service.next_u64()), LOCK_B);
    }

    #[test]
    fn a_stream_is_chacha8_under_its_key() {
        let mut ours = STREAMS.stream("x");
        let mut theirs = ChaCha8Rng::from_seed(STREAMS.key("x", 0));
        for i in 0..1_000 {
            assert_eq!(ours.next_u64(), theirs.next_u64(), "draw {i}");
        }
    }

    #[test]
    fn every_part_of_the_name_matters() {
        let mut firsts = std::collections::BTreeSet::new();
        let mut count = 0;
        for seed in 0..4 {
            for replication in 0..4 {
                let streams = Streams::new(Seed(seed), replication);
                for name in ["", "a", "b", "ab", "ba"] {
                    for index in 0..4 {
                        firsts.insert(streams.stream_indexed(name, index).next_u64());
                        count += 1;
                    }
                }
            }
        }
        assert_eq!(firsts.len(), count);
        assert_eq!(
            STREAMS.stream("a").next_u64(),
            STREAMS.stream_indexed("a", 0).next_u64()
        );
    }

    /// Five standard errors: one false alarm in two million seeds, and the seed is fixed.
    fn assert_share(hits: u32, draws: u32, p: f64) {
        let (n, hits) = (f64::from(draws), f64::from(hits));
        let error = 5.0 * libm::sqrt(n * p * (1.0 - p));
        assert!(
            (hits - n * p).abs() <= error,
            "{hits} of {n}, expected {} +- {error}",
            n * p
        );
    }

    #[test]
    fn chance_hits_as_often_as_it_says_and_below_is_even() {
        let mut stream = STREAMS.stream("share");
        let p = Probability::new(0.3).unwrap();
        let hits = (0..100_000).filter(|_| stream.chance(p)).count();
        assert_share(u32::try_from(hits).unwrap(), 100_000, 0.3);
        let mut faces = [0; 6];
        for _ in 0..60_000 {
            faces[stream.below(6) as usize] += 1;
        }
        for count in faces {
            assert_share(count, 60_000, 1.0 / 6.0);
        }
    }

    #[test]
    fn certain_chances_take_no_draw() {
        let (mut used, mut fresh) = (STREAMS.stream("c"), STREAMS.stream("c"));
        assert!(!used.chance(Probability::ZERO));
        assert!(used.chance(Probability::ONE));
        assert_eq!(used.next_u64(), fresh.next_u64());
    }

    #[test]
    fn the_ends_of_the_unit_interval_are_zero_and_below_one() {
        assert!(unit_of(0).to_bits() == 0.0_f64.to_bits());
        assert!(unit_of(u64::MAX) < 1.0);
        assert!(unit_of(u64::MAX) > 1.0 - 1e-15);
        assert_eq!(STREAMS.stream("b").below(1), 0);
    }

    #[test]
    #[should_panic(expected = "below(0)")]
    fn below_zero_panics() {
        STREAMS.stream("b").below(0);
    }
}
