//! The future event list.
//!
//! **Order**: by time; events at the same time leave in the order in which they were pushed.
//! **Costs** for n pending events: `push` and `pop` O(log n), `cancel` O(1) amortised, `peek_time` O(1)
//! amortised, `len` O(1). A cancelled event leaves a dead entry behind; when more than half of
//! the entries are dead the list is rebuilt, so dead entries never outnumber the events (beyond a few dozen).

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::time::SimTime;

/// Below this many entries a rebuild is not worth its call.
const COMPACT_FROM: usize = 64;

/// Names one pushed event. A key whose event has left the queue is stale and cancels nothing, ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    seq: u64,
    slot: u32,
}

/// An entry of the heap; the derived order (time, then sequence) is the order of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: SimTime,
    key: EventKey,
}

#[derive(Clone, Debug)]
struct Slot<E> {
    /// Sequence number of the latest event put here: the generation that a key must match.
    seq: u64,
    event: Option<E>,
}

/// Events that will happen, by time and then by scheduling sequence. See the module for costs.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    heap: BinaryHeap<Reverse<Entry>>,
    slots: Vec<Slot<E>>,
    free: Vec<u32>,
    next_seq: u64,
    live: usize,
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> EventQueue<E> {
    /// An empty queue. Allocates nothing.
    pub const fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            next_seq: 0,
            live: 0,
        }
    }

    /// Schedules `event`. The queue has no clock: `at` may be any time, also one before the last popped.
    pub fn push(&mut self, at: SimTime, event: E) -> EventKey {
        let seq = self.next_seq;
        self.next_seq += 1;
        let content = Slot {
            seq,
            event: Some(event),
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = content;
            slot
        } else {
            let slot = u32::try_from(self.slots.len()).expect("fewer than 2^32 pending events");
            self.slots.push(content);
            slot
        };
        let key = EventKey { seq, slot };
        self.heap.push(Reverse(Entry { at, key }));
        self.live += 1;
        key
    }

    /// Takes the event of `key` out of the queue; `None` if it was popped or cancelled before.
    pub fn cancel(&mut self, key: EventKey) -> Option<E> {
        let event = self.take(key)?;
        self.compact();
        Some(event)
    }

    /// The earliest event and its time.
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        while let Some(Reverse(entry)) = self.heap.pop() {
            if let Some(event) = self.take(entry.key) {
                self.compact();
                return Some((entry.at, event));
            }
        }
        None
    }

    /// When the next event happens; [`SimTime::MAX`] if none will. Takes `&mut` to drop dead entries.
    #[inline]
    pub fn peek_time(&mut self) -> SimTime {
        while let Some(Reverse(entry)) = self.heap.peek() {
            if is_live(&self.slots, entry.key) {
                return entry.at;
            }
            self.heap.pop();
        }
        SimTime::MAX
    }

    /// Number of events that will happen; cancelled ones do not count.
    pub const fn len(&self) -> usize {
        self.live
    }

    /// Whether nothing will happen any more.
    pub const fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Drops the dead entries once they are more than half. Each was paid for by its `cancel`.
    #[inline]
    fn compact(&mut self) {
        if self.heap.len() >= COMPACT_FROM && self.live < self.heap.len() / 2 {
            let slots = &self.slots;
            self.heap.retain(|Reverse(entry)| is_live(slots, entry.key));
        }
    }

    /// Empties the slot of `key` if it still holds that event.
    fn take(&mut self, key: EventKey) -> Option<E> {
        let slot = self
            .slots
            .get_mut(key.slot as usize)
            .filter(|slot| slot.seq == key.seq)?;
        let event = slot.event.take()?;
        self.free.push(key.slot);
        self.live -= 1;
        Some(event)
    }
}

fn is_live<E>(slots: &[Slot<E>], key: EventKey) -> bool {
    let slot = &slots[key.slot as usize];
    slot.seq == key.seq && slot.event.is_some()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const fn at(secs: u64) -> SimTime {
        SimTime::from_secs(secs)
    }

    #[test]
    fn equal_times_leave_in_the_order_pushed() {
        let mut queue = EventQueue::new();
        for i in 0..100 {
            queue.push(at(i % 3), i);
        }
        let popped: Vec<_> = core::iter::from_fn(|| queue.pop()).collect();
        let mut expected: Vec<_> = (0..100).map(|i| (at(i % 3), i)).collect();
        expected.sort();
        assert_eq!(popped, expected);
    }

    #[test]
    fn a_stale_key_cancels_nothing_even_after_its_slot_is_reused() {
        let mut queue = EventQueue::new();
        let first = queue.push(at(1), "first");
        assert_eq!(queue.pop(), Some((at(1), "first")));
        let second = queue.push(at(2), "second");
        assert_eq!((first.slot, queue.cancel(first)), (second.slot, None));
        assert_eq!(queue.cancel(second), Some("second"));
        assert_eq!(queue.cancel(second), None);
        assert_eq!((queue.peek_time(), queue.len()), (SimTime::MAX, 0));
    }

    #[test]
    fn cancelled_events_do_not_accumulate() {
        let mut queue = EventQueue::new();
        let _lasting: Vec<_> = (0..10).map(|i| queue.push(at(i), i)).collect();
        for i in 0..100_000 {
            let key = queue.push(at(1_000 + i), i);
            queue.cancel(key);
            assert!(queue.heap.len() <= COMPACT_FROM && queue.slots.len() <= 11);
        }
        assert_eq!(queue.len(), 10);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push(u64),
        Pop,
        Peek,
        Cancel(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (0..20_u64).prop_map(Step::Push),
            2 => Just(Step::Pop),
            1 => Just(Step::Peek),
            3 => any::<usize>().prop_map(Step::Cancel),
        ];
        prop::collection::vec(step, 0..600)
    }

    proptest! {
        /// The model is a map ordered by (time, sequence).
        #[test]
        fn behaves_like_an_ordered_map(steps in steps()) {
            let (mut queue, mut model, mut keys) = (EventQueue::new(), BTreeMap::new(), Vec::new());
            for (seq, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Push(secs) => {
                        keys.push((queue.push(at(secs), seq), (at(secs), seq)));
                        model.insert((at(secs), seq), seq);
                    }
                    Step::Pop => {
                        let expected = model.pop_first().map(|((time, _), event)| (time, event));
                        prop_assert_eq!(queue.pop(), expected);
                    }
                    Step::Peek => {
                        let expected = model.first_key_value().map_or(SimTime::MAX, |((time, _), _)| *time);
                        prop_assert_eq!(queue.peek_time(), expected);
                    }
                    Step::Cancel(which) if !keys.is_empty() => {
                        let (key, place) = keys[which % keys.len()];
                        prop_assert_eq!(queue.cancel(key), model.remove(&place));
                    }
                    Step::Cancel(_) => {}
                }
                prop_assert_eq!(queue.len(), model.len());
                let dead = queue.heap.len() - model.len();
                prop_assert!(dead < COMPACT_FROM.max(model.len() + 2));
            }
        }
    }
}
