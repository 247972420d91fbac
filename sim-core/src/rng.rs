//! Random numbers: one named, independent stream per kind of random input.
//!
//! A stream's key is a hash of (seed, name, index, replication), so adding a component or a stream moves no
//! other stream, and two policies can be compared under common random numbers. The generator is `ChaCha8`
//! (chosen by name: its output never changes between releases), read one `u64` at a time from blocks of 32.
//!
//! Keep streams for the whole run: making one costs a key schedule and a block, about 100 draws.

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
        let mut state = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
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
        Self { block: [0; BLOCK_WORDS], next: BLOCK_WORDS, core: ChaCha8Core::from_seed(key) }
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

    /// Uniform in [0, 1), a multiple of 2^-53. Takes one `u64`.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        const SCALE: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.next_u64() >> 11) as f64 * SCALE
    }

    /// Uniform in `0..n` without bias (Lemire, <https://arxiv.org/abs/1805.10941>). Takes one `u64`, very rarely
    /// more: with probability below 2^-32 each time. Panics if `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u32) -> u32 {
        assert!(n > 0, "below(0): nothing is below zero");
        let mut product = u128::from(self.next_u64()) * u128::from(n);
        if (product as u64) < u64::from(n) {
            let threshold = u64::from(n).wrapping_neg() % u64::from(n);
            while (product as u64) < threshold {
                product = u128::from(self.next_u64()) * u128::from(n);
            }
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

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("next", &self.next).finish_non_exhaustive()
    }
}
