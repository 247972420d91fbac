//! One next time for each of a fixed set of slots, and the earliest of them.
//!
//! A tournament tree in one flat array: node `i` has the children `2i` and `2i + 1`, the leaves are the second half.
//! Each node holds the smallest key below it, and a key is one word: the time above, the slot below. So a match is one
//! comparison, ties included. Setting a time replays the matches from its leaf to the root without a branch; the
//! opponents' addresses follow from the slot alone, so their loads do not wait for each other.
//!
//! A key has room for `2^(64 - log2 n)` nanoseconds after `base`: 208 days for 1000 slots, 39 hours for 100 000.
//! Slots due later share the largest key. When only such are left, or a time before `base` comes, `base` is moved.
//!
//! **Order**: by time; equal times leave by the lowest slot. **Costs** for n slots: `min`, `get` and `len` O(1),
//! `set` and `replace_min` ceil(log2 n) matches of 14 instructions (1000 slots: 5 ns), or O(n) when `base` moves; `grow`
//! O(n). Memory: 24 bytes per slot, n rounded up to a power of two.

#![allow(
    clippy::inline_always,
    reason = "the request path is one loop: measured, calls between its parts cost a fifth of the time"
)]

use alloc::vec;
use alloc::vec::Vec;

use crate::time::SimTime;

/// Next times by slot; an empty slot is [`SimTime::MAX`]. See the module for order and costs.
#[derive(Clone, Debug)]
pub struct SlotTimes {
    /// Index 0 is unused, 1 is the root, the second half are the leaves.
    keys: Vec<u64>,
    /// The exact time of each slot.
    times: Vec<u64>,
    /// The time that keys count from, ns.
    base: u64,
    /// Low bits of a key that hold the slot.
    slot_bits: u32,
}

impl SlotTimes {
    /// `slots` empty slots, numbered from 0. Panics above 2^31 slots.
    pub fn new(slots: u32) -> Self {
        assert!(slots <= 1 << 31, "more than 2^31 slots");
        Self::of(vec![u64::MAX; slots as usize])
    }

    fn of(times: Vec<u64>) -> Self {
        let leaves = times.len().next_power_of_two().max(2);
        let mut tree = Self {
            keys: vec![u64::MAX; 2 * leaves],
            times,
            base: 0,
            slot_bits: leaves.trailing_zeros(),
        };
        tree.move_base();
        tree
    }

    /// Number of slots.
    #[allow(clippy::cast_possible_truncation, reason = "at most 2^31, see `new`")]
    pub const fn len(&self) -> u32 {
        self.times.len() as u32
    }

    /// Whether there is no slot at all (not: whether all are empty).
    pub const fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The time of `slot`. Panics if there is no such slot.
    #[inline]
    pub fn get(&self, slot: u32) -> SimTime {
        assert!(slot < self.len(), "slot {slot} of {}", self.len());
        SimTime::from_ns(self.times[slot as usize])
    }

    /// The earliest time and its slot. If the time is [`SimTime::MAX`] all slots are empty and the slot means nothing.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "at most 31 bits hold the slot")]
    pub fn min(&self) -> (SimTime, u32) {
        // A slot whose time has no room in a key gets here only if it is empty, see `move_base`: then this is "never".
        let first = self.keys[1];
        let slot = first & ((1 << self.slot_bits) - 1);
        (SimTime::from_ns(self.base + (first >> self.slot_bits)), slot as u32)
    }

    /// Sets the time of `slot`, [`SimTime::MAX`] to empty it. Panics if there is no such slot.
    #[inline]
    pub fn set(&mut self, slot: u32, at: SimTime) {
        assert!(slot < self.len(), "slot {slot} of {}", self.len());
        self.put(slot, at.as_ns());
    }

    /// Sets the time of the slot that [`min`](Self::min) returns. Panics if there is no slot.
    #[inline]
    pub fn replace_min(&mut self, at: SimTime) {
        self.put(self.min().1, at.as_ns());
    }

    /// Appends empty slots until there are `new_len`. Panics if there are more already.
    pub fn grow(&mut self, new_len: u32) {
        assert!(
            new_len >= self.len(),
            "SlotTimes cannot shrink from {} to {new_len}",
            self.len()
        );
        let mut times = core::mem::take(&mut self.times);
        times.resize(new_len as usize, u64::MAX);
        *self = Self::of(times);
    }

    /// Times after `base` that a key has no room for, and the largest time it has: that of an empty slot.
    #[inline]
    const fn room(&self) -> u64 {
        u64::MAX >> self.slot_bits
    }

    #[inline(always)]
    fn put(&mut self, slot: u32, at: u64) {
        self.times[slot as usize] = at;
        match at.checked_sub(self.base) {
            Some(since) if since < self.room() => self.replay(slot, since << self.slot_bits | u64::from(slot)),
            since => self.put_outside(slot, since.is_some()),
        }
    }

    #[cold]
    #[inline(never)]
    fn put_outside(&mut self, slot: u32, later: bool) {
        if later {
            self.replay(slot, self.room() << self.slot_bits | u64::from(slot));
        }
        let only_later = self.keys[1] >> self.slot_bits == self.room();
        let movable = self.base < u64::MAX - self.room();
        if !later || (only_later && movable) {
            self.move_base();
        }
    }

    /// Plays the matches from the leaf of `slot` to the root.
    #[inline(always)]
    fn replay(&mut self, slot: u32, key: u64) {
        let keys = self.keys.as_mut_slice();
        let mut place = keys.len() / 2 + slot as usize;
        let mut winner = key;
        keys[place] = winner;
        while place > 1 {
            winner = winner.min(keys[place ^ 1]);
            place /= 2;
            keys[place] = winner;
        }
    }

    /// Chooses `base` half of a key's room before the earliest time, and plays all matches.
    ///
    /// If all slots are empty, `base` is such that the largest key means exactly [`SimTime::MAX`].
    fn move_base(&mut self) {
        let room = self.room();
        let earliest = self.times.iter().copied().min().unwrap_or(u64::MAX);
        self.base = earliest.saturating_sub(room / 2).min(u64::MAX - room);
        let leaves = self.keys.len() / 2;
        for ((slot, at), key) in (0..).zip(&self.times).zip(&mut self.keys[leaves..]) {
            *key = at.saturating_sub(self.base).min(room) << self.slot_bits | slot;
        }
        for place in (1..leaves).rev() {
            self.keys[place] = self.keys[2 * place].min(self.keys[2 * place + 1]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_slots_and_empty_slots_are_never_due() {
        assert!(SlotTimes::new(0).is_empty());
        assert_eq!(SlotTimes::new(0).min().0, SimTime::MAX);
        assert_eq!(SlotTimes::new(5).min().0, SimTime::MAX);
    }

    #[test]
    fn equal_times_go_to_the_lowest_slot() {
        for time in [SimTime::ZERO, SimTime::from_secs(1), SimTime::from_ns(u64::MAX - 1)] {
            let mut slots = SlotTimes::new(7);
            for slot in [6, 3, 5, 1, 4] {
                slots.set(slot, time);
            }
            let order: Vec<u32> = (0..5)
                .map(|_| {
                    let (at, slot) = slots.min();
                    assert_eq!(at, time);
                    slots.replace_min(SimTime::MAX);
                    slot
                })
                .collect();
            assert_eq!(order, [1, 3, 4, 5, 6]);
        }
    }

    #[test]
    #[should_panic(expected = "slot 5 of 5")]
    fn a_slot_past_the_end_panics_even_if_the_tree_has_room() {
        SlotTimes::new(5).set(5, SimTime::ZERO);
    }

    proptest! {
        /// The model is a plain array searched from the front. Few distinct times make many ties.
        #[test]
        fn behaves_like_a_linear_search(
            len in 1..40_u32,
            grown in 0..40_u32,
            steps in prop::collection::vec((any::<Option<u32>>(), 0..8_u64), 1..200),
        ) {
            let mut slots = SlotTimes::new(len);
            let mut model = vec![SimTime::MAX; len as usize];
            let grow_at = steps.len() / 2;
            for (i, (slot, time)) in steps.into_iter().enumerate() {
                if i == grow_at {
                    slots.grow(len + grown);
                    model.resize((len + grown) as usize, SimTime::MAX);
                }
                let time = if time == 7 { SimTime::MAX } else { SimTime::from_ns(time) };
                let (first, _) = model.iter().enumerate().min_by_key(|(_, at)| **at).unwrap();
                match slot {
                    Some(slot) => {
                        let slot = slot % slots.len();
                        slots.set(slot, time);
                        model[slot as usize] = time;
                        prop_assert_eq!(slots.get(slot), time);
                    }
                    None if model[first] < SimTime::MAX => {
                        slots.replace_min(time);
                        model[first] = time;
                    }
                    None => {}
                }
                let (first, at) = model.iter().enumerate().min_by_key(|(_, at)| **at).unwrap();
                prop_assert_eq!(slots.min().0, *at);
                if *at < SimTime::MAX {
                    prop_assert_eq!(slots.min().1 as usize, first);
                }
            }
        }
    }
}
