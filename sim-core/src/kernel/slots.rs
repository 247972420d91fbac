//! One next time for each of a fixed set of slots, and the earliest of them.
//!
//! A tournament tree over the slots in two flat arrays: node `i` has the children `2i` and `2i + 1`, the
//! leaves are the second half. Each node holds the earliest time below it and the slot that time belongs to.
//! Setting a time replays the matches from its leaf to the root without a branch; the opponents' addresses
//! follow from the slot alone, so their loads do not wait for each other.
//!
//! **Order**: by time; equal times leave by the lowest slot. **Costs** for n slots: `min`, `get` and
//! `len` O(1), `set` and `replace_min` ceil(log2 n) matches, `grow` O(n). Memory: 24 bytes per slot, n
//! rounded up to a power of two.

use alloc::vec;
use alloc::vec::Vec;

use crate::time::SimTime;

/// Next times by slot; an empty slot is [`SimTime::MAX`]. See the module for order and costs.
#[derive(Clone, Debug)]
pub struct SlotTimes {
    /// Earliest time below each node, in nanoseconds; index 0 is unused, 1 is the root.
    times: Vec<u64>,
    /// The slot whose time that is.
    winners: Vec<u32>,
    len: u32,
}

impl SlotTimes {
    /// `slots` empty slots, numbered from 0. Panics above 2^31 slots.
    pub fn new(slots: u32) -> Self {
        assert!(slots <= 1 << 31, "more than 2^31 slots");
        let leaves = slots.next_power_of_two().max(2);
        let size = 2 * leaves as usize;
        let mut winners = vec![0; size];
        for (slot, winner) in (0..leaves).zip(&mut winners[size / 2..]) {
            *winner = slot;
        }
        let mut tree = Self { times: vec![u64::MAX; size], winners, len: slots };
        tree.replay_all();
        tree
    }

    /// Number of slots.
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// Whether there is no slot at all (not: whether all are empty).
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The time of `slot`. Panics if there is no such slot.
    #[inline]
    pub fn get(&self, slot: u32) -> SimTime {
        assert!(slot < self.len, "slot {slot} of {}", self.len);
        SimTime::from_ns(self.times[self.times.len() / 2 + slot as usize])
    }

    /// The earliest time and its slot; ([`SimTime::MAX`], 0) if all slots are empty.
    #[inline]
    pub fn min(&self) -> (SimTime, u32) {
        (SimTime::from_ns(self.times[1]), self.winners[1])
    }

    /// Sets the time of `slot`, [`SimTime::MAX`] to empty it. Panics if there is no such slot.
    #[inline]
    pub fn set(&mut self, slot: u32, at: SimTime) {
        assert!(slot < self.len, "slot {slot} of {}", self.len);
        self.replay(slot, at.as_ns());
    }

    /// Sets the time of the slot that [`min`](Self::min) returns.
    #[inline]
    pub fn replace_min(&mut self, at: SimTime) {
        self.replay(self.winners[1], at.as_ns());
    }

    /// Appends empty slots until there are `new_len`. Panics if there are more already.
    pub fn grow(&mut self, new_len: u32) {
        assert!(new_len >= self.len, "SlotTimes cannot shrink from {} to {new_len}", self.len);
        let half = self.times.len() / 2;
        if new_len as usize <= half {
            self.len = new_len;
            return;
        }
        let mut grown = Self::new(new_len);
        let grown_half = grown.times.len() / 2;
        grown.times[grown_half..grown_half + half].copy_from_slice(&self.times[half..]);
        grown.replay_all();
        *self = grown;
    }

    #[inline]
    fn replay(&mut self, slot: u32, at: u64) {
        let (mut time, mut winner) = (at, slot);
        // Equal lengths, a power of two, let the bounds checks below be hoisted or merged.
        let times = &mut self.times[..];
        let winners = &mut self.winners[..times.len()];
        let mut node = times.len() / 2 + slot as usize;
        times[node] = time;
        while node > 1 {
            let (rival_time, rival) = (times[node ^ 1], winners[node ^ 1]);
            // The left child, the even node, wins a tie: it has the lower slots.
            let rival_wins = (rival_time < time) | ((rival_time == time) & (node & 1 == 1));
            time = if rival_wins { rival_time } else { time };
            winner = if rival_wins { rival } else { winner };
            node >>= 1;
            times[node] = time;
            winners[node] = winner;
        }
    }

    fn replay_all(&mut self) {
        for node in (1..self.times.len() / 2).rev() {
            let (left, right) = (2 * node, 2 * node + 1);
            let winner = if self.times[right] < self.times[left] { right } else { left };
            self.times[node] = self.times[winner];
            self.winners[node] = self.winners[winner];
        }
    }
}
