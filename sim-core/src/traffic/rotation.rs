//! The targets one ALB node chooses from, and in which order.

use alloc::collections::{BTreeMap, BinaryHeap};
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::thresholds::Minimums;
use crate::rng::Stream;

/// The targets of one ALB node.
///
/// `healthy` and `fallback` are disjoint and sorted. The node chooses from `healthy`, and fails open to both (`fallback`
/// has unhealthy and, if allowed, initial targets) when too few are healthy: none, unless the minimum is raised
/// (alb §2.1, §2.3).
#[derive(Debug)]
pub(crate) struct Rotation {
    /// Zone of the ALB node.
    pub(crate) zone: u8,
    /// Whether the ALB node died with its zone.
    pub(crate) dead: bool,
    /// Fewer healthy targets than this, and the node fails open.
    minimum: Minimums,
    /// Whether it does.
    open: bool,
    /// `healthy` and `fallback` as one list, while the node fails open with some of its targets healthy.
    both: Vec<u32>,
    /// Targets this node sees healthy.
    pub(crate) healthy: Vec<u32>,
    /// Targets this node may fail open to.
    pub(crate) fallback: Vec<u32>,
    /// Targets this node knows but may not use.
    pub(crate) unusable: u32,
    /// Next position of the round robin.
    pub(crate) cursor: usize,
    /// Targets in slow start: when each started, ns.
    pub(crate) slow: BTreeMap<u32, u64>,
}

impl Rotation {
    /// That of an ALB node of a zone, without targets yet.
    pub(crate) fn new(zone: u8, minimum: Minimums) -> Self {
        Self {
            zone,
            dead: false,
            minimum,
            open: true,
            both: Vec::new(),
            healthy: Vec::new(),
            fallback: Vec::new(),
            unusable: 0,
            cursor: 0,
            slow: BTreeMap::new(),
        }
    }

    /// The list in use.
    #[inline]
    pub(crate) fn active(&self) -> &[u32] {
        if !self.open {
            &self.healthy
        } else if self.healthy.is_empty() {
            &self.fallback
        } else {
            &self.both
        }
    }

    /// Whether the list in use is not that of the healthy targets.
    #[inline]
    pub(crate) fn fails_open(&self) -> bool {
        self.open
    }

    /// Targets the node knows, usable or not.
    pub(crate) fn known(&self) -> usize {
        self.healthy.len() + self.fallback.len() + self.unusable as usize
    }

    /// Changes the number of targets that the node knows but may not use.
    pub(crate) fn add_unusable(&mut self, by: i32) {
        let next = self.next_of_both();
        self.unusable = self.unusable.checked_add_signed(by).expect("counted");
        self.choose_list(next);
    }

    /// Who is next in turn of both lists, if they are in use.
    fn next_of_both(&self) -> Option<u32> {
        (!self.both.is_empty()).then(|| self.both.get(self.cursor).copied().unwrap_or(u32::MAX))
    }

    /// Decides which list is in use; `next` keeps its turn.
    fn choose_list(&mut self, next: Option<u32>) {
        self.open = self.minimum.is_missed_by(self.healthy.len(), self.known());
        self.both.clear();
        if self.open && !self.healthy.is_empty() {
            self.both.extend(self.healthy.iter().chain(&self.fallback));
            self.both.sort_unstable();
            if let Some(next) = next {
                self.cursor = self.both.partition_point(|target| *target < next);
            }
        }
    }

    /// Adds a target to one of the lists, in its sorted place.
    pub(crate) fn insert(&mut self, target: u32, healthy: bool) {
        let next = self.next_of_both();
        let list = if healthy { &mut self.healthy } else { &mut self.fallback };
        let at = list.partition_point(|known| *known < target);
        list.insert(at, target);
        if healthy && at < self.cursor {
            self.cursor += 1;
        }
        self.choose_list(next);
    }

    /// Removes a target from one of the lists.
    pub(crate) fn remove(&mut self, target: u32, healthy: bool) {
        let next = self.next_of_both();
        let list = if healthy { &mut self.healthy } else { &mut self.fallback };
        let at = list.binary_search(&target).expect("only listed targets are removed");
        list.remove(at);
        if healthy && at < self.cursor {
            self.cursor -= 1;
        }
        self.choose_list(next);
    }

    /// Next target in turn; the list in use must not be empty.
    #[inline]
    pub(crate) fn next_in_turn(&mut self) -> u32 {
        let list = self.active();
        let at = if self.cursor < list.len() { self.cursor } else { 0 };
        let target = list[at];
        self.cursor = at + 1;
        target
    }
}

/// Requests in flight per target as one ALB node counts them, for least outstanding requests.
///
/// Completions are applied when the next request is routed: cost O(log of the requests in flight) per request.
#[derive(Debug, Default)]
pub(crate) struct Outstanding {
    /// Count of each target.
    counts: Vec<u32>,
    /// Position of each target in the bucket of its count, `u32::MAX` if it is not in use.
    positions: Vec<u32>,
    /// Targets by count.
    buckets: Vec<Vec<u32>>,
    /// Requests in flight: end, target, epoch of the target.
    ends: BinaryHeap<Reverse<(u64, u32, u32)>>,
}

impl Outstanding {
    fn put(&mut self, target: u32) {
        let count = self.counts[target as usize] as usize;
        if self.buckets.len() <= count {
            self.buckets.resize_with(count + 1, Vec::new);
        }
        self.positions[target as usize] = u32::try_from(self.buckets[count].len()).expect("fewer than 2^32 targets");
        self.buckets[count].push(target);
    }

    fn take_out(&mut self, target: u32) {
        let position = self.positions[target as usize] as usize;
        let bucket = &mut self.buckets[self.counts[target as usize] as usize];
        bucket.swap_remove(position);
        if let Some(moved) = bucket.get(position) {
            self.positions[*moved as usize] = u32::try_from(position).expect("fewer than 2^32 targets");
        }
        self.positions[target as usize] = u32::MAX;
    }

    fn add(&mut self, target: u32, by: i32) {
        let used = self.positions[target as usize] != u32::MAX;
        if used {
            self.take_out(target);
        }
        let count = &mut self.counts[target as usize];
        *count = count.saturating_add_signed(by);
        if used {
            self.put(target);
        }
    }

    /// Replaces the targets in use.
    pub(crate) fn use_targets(&mut self, targets: &[u32], servers: usize) {
        self.counts.resize(servers, 0);
        self.positions.clear();
        self.positions.resize(servers, u32::MAX);
        self.buckets.iter_mut().for_each(Vec::clear);
        for target in targets {
            self.put(*target);
        }
    }

    /// Puts one target in use.
    pub(crate) fn join(&mut self, target: u32, servers: usize) {
        self.counts.resize(servers, 0);
        self.positions.resize(servers, u32::MAX);
        self.put(target);
    }

    /// Takes one target out of use; its requests in flight are still counted.
    pub(crate) fn leave(&mut self, target: u32) {
        self.take_out(target);
    }

    /// A target with the fewest requests in flight at `now`; ties at random.
    pub(crate) fn choose(&mut self, now: u64, epochs: impl Fn(u32) -> u32, stream: &mut Stream) -> u32 {
        while let Some(Reverse((end, target, epoch))) = self.ends.peek().copied() {
            if end > now {
                break;
            }
            self.ends.pop();
            if epochs(target) == epoch {
                self.add(target, -1);
            }
        }
        let lowest = self
            .buckets
            .iter()
            .find(|bucket| !bucket.is_empty())
            .expect("some target is in use");
        lowest[stream.below(u32::try_from(lowest.len()).expect("fewer than 2^32 targets")) as usize]
    }

    /// Counts a request that ends at `end`.
    pub(crate) fn started(&mut self, target: u32, epoch: u32, end: u64) {
        self.add(target, 1);
        self.ends.push(Reverse((end, target, epoch)));
    }

    /// A request that was to end at `from` ends at `to`. O(requests in flight).
    pub(crate) fn moved(&mut self, target: u32, from: u64, to: u64) {
        let mut ends = core::mem::take(&mut self.ends).into_vec();
        let entry = ends
            .iter_mut()
            .find(|Reverse((end, of, _))| (*end, *of) == (from, target));
        if let Some(Reverse((end, _, _))) = entry {
            *end = to;
        }
        self.ends = ends.into();
    }

    /// Forgets the requests in flight of a target whose requests were cut.
    pub(crate) fn cut(&mut self, target: u32) {
        if let Some(count) = self.counts.get(target as usize).copied() {
            self.add(target, -i32::try_from(count).expect("fewer than 2^31 in flight"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removing_a_target_before_the_cursor_skips_nobody() {
        let mut rotation = Rotation::new(0, Minimums::ONE);
        for target in 0..4 {
            rotation.insert(target, true);
        }
        assert_eq!([rotation.next_in_turn(), rotation.next_in_turn()], [0, 1]);
        rotation.remove(0, true);
        assert_eq!(
            [
                rotation.next_in_turn(),
                rotation.next_in_turn(),
                rotation.next_in_turn()
            ],
            [2, 3, 1]
        );
    }

    #[test]
    fn an_empty_healthy_list_fails_open() {
        let mut rotation = Rotation::new(0, Minimums::ONE);
        rotation.insert(7, false);
        assert!(rotation.fails_open());
        assert_eq!(rotation.next_in_turn(), 7);
        rotation.insert(3, true);
        assert_eq!(rotation.active(), [3]);
    }

    #[test]
    fn below_a_raised_minimum_both_lists_are_one_and_nobody_loses_its_turn() {
        let minimum = Minimums {
            count: 3,
            percentage: 0,
        };
        let mut rotation = Rotation::new(0, minimum);
        for (target, healthy) in [(0, true), (1, false), (2, true), (3, false)] {
            rotation.insert(target, healthy);
        }
        assert_eq!(rotation.active(), [0, 1, 2, 3]);
        assert_eq!([rotation.next_in_turn(), rotation.next_in_turn()], [0, 1]);
        rotation.remove(0, true);
        assert_eq!(rotation.next_in_turn(), 2);
        rotation.insert(0, true);
        assert_eq!(rotation.next_in_turn(), 3);
        rotation.remove(3, false);
        rotation.insert(3, true);
        assert_eq!((rotation.active(), rotation.fails_open()), (&[0, 2, 3][..], false));
    }
}
