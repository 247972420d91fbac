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
use core::hint::select_unpredictable;

use crate::time::SimTime;

/// The earliest time below a node, in nanoseconds, and its slot.
#[derive(Clone, Copy, Debug)]
struct Node {
    time: u64,
    slot: u32,
}

/// Next times by slot; an empty slot is [`SimTime::MAX`]. See the module for order and costs.
#[derive(Clone, Debug)]
pub struct SlotTimes {
    /// Index 0 is unused, 1 is the root, the second half are the leaves.
    nodes: Vec<Node>,
    len: u32,
}

impl SlotTimes {
    /// `slots` empty slots, numbered from 0. Panics above 2^31 slots.
    pub fn new(slots: u32) -> Self {
        assert!(slots <= 1 << 31, "more than 2^31 slots");
        let leaves = slots.next_power_of_two().max(2);
        let size = 2 * leaves as usize;
        let mut nodes = vec![
            Node {
                time: u64::MAX,
                slot: 0
            };
            size
        ];
        for (slot, leaf) in (0..leaves).zip(&mut nodes[size / 2..]) {
            leaf.slot = slot;
        }
        let mut tree = Self { nodes, len: slots };
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
        SimTime::from_ns(self.nodes[self.nodes.len() / 2 + slot as usize].time)
    }

    /// The earliest time and its slot. If the time is [`SimTime::MAX`] all slots are empty and the slot means nothing.
    #[inline]
    pub fn min(&self) -> (SimTime, u32) {
        (SimTime::from_ns(self.nodes[1].time), self.nodes[1].slot)
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
        self.replay(self.nodes[1].slot, at.as_ns());
    }

    /// Appends empty slots until there are `new_len`. Panics if there are more already.
    pub fn grow(&mut self, new_len: u32) {
        assert!(
            new_len >= self.len,
            "SlotTimes cannot shrink from {} to {new_len}",
            self.len
        );
        let half = self.nodes.len() / 2;
        if new_len as usize <= half {
            self.len = new_len;
            return;
        }
        let mut grown = Self::new(new_len);
        let grown_half = grown.nodes.len() / 2;
        grown.nodes[grown_half..grown_half + half].copy_from_slice(&self.nodes[half..]);
        grown.replay_all();
        *self = grown;
    }

    #[inline]
    fn replay(&mut self, slot: u32, at: u64) {
        let mut winner = Node { time: at, slot };
        let mut place = self.nodes.len() / 2 + slot as usize;
        self.nodes[place] = winner;
        while place > 1 {
            let rival = self.nodes[place ^ 1];
            // The left child, at an even place, wins a tie: it has the lower slots. As a bound that the winner
            // must stay below, known before the winner is, this leaves one comparison in the chain of matches.
            let bound = rival.time.saturating_add(u64::from(place & 1 == 0));
            let stays = winner.time < bound;
            winner.time = select_unpredictable(stays, winner.time, rival.time);
            winner.slot = select_unpredictable(stays, winner.slot, rival.slot);
            place >>= 1;
            self.nodes[place] = winner;
        }
    }

    fn replay_all(&mut self) {
        for place in (1..self.nodes.len() / 2).rev() {
            let (left, right) = (self.nodes[2 * place], self.nodes[2 * place + 1]);
            self.nodes[place] = if right.time < left.time { right } else { left };
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
