//! The future event list.
//!
//! **Order**: by time; events at the same time leave in the order in which they were pushed.
//! **Costs** for n pending events: `push` and `pop` O(log n), `cancel` O(1) amortised, `peek_time` O(1)
//! amortised, `len` O(1). A cancelled event leaves a dead entry behind; when more than half of
//! the entries are dead the list is rebuilt, so memory stays proportional to the most events ever pending.

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
        Self { heap: BinaryHeap::new(), slots: Vec::new(), free: Vec::new(), next_seq: 0, live: 0 }
    }

    /// Schedules `event`. The queue has no clock: `at` may be any time, also one before the last popped.
    pub fn push(&mut self, at: SimTime, event: E) -> EventKey {
        let seq = self.next_seq;
        self.next_seq += 1;
        let content = Slot { seq, event: Some(event) };
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
        if self.heap.len() >= COMPACT_FROM && self.live < self.heap.len() / 2 {
            let slots = &self.slots;
            self.heap.retain(|Reverse(entry)| is_live(slots, entry.key));
        }
        Some(event)
    }

    /// The earliest event and its time.
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        while let Some(Reverse(entry)) = self.heap.pop() {
            if let Some(event) = self.take(entry.key) {
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

    /// Empties the slot of `key` if it still holds that event.
    fn take(&mut self, key: EventKey) -> Option<E> {
        let slot = self.slots.get_mut(key.slot as usize).filter(|slot| slot.seq == key.seq)?;
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
