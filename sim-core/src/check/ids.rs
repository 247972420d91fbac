//! A set of request numbers that takes no room for a contiguous run of them.

use alloc::collections::BTreeMap;

/// A contiguous run of numbers: its last number, and when its first and its last were issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    last: u64,
    first_issued: u64,
    last_issued: u64,
}

/// What a number was found to be when it was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// New, and in the order of issue as far as can be said.
    Fine,
    /// Already there.
    Twice,
    /// Issued before a lower number, or after a higher one.
    OutOfOrder,
}

/// Numbers seen, as runs by their first number.
#[derive(Debug, Default)]
pub(super) struct Ids {
    runs: BTreeMap<u64, Run>,
}

impl Ids {
    /// Adds the number of a request issued at `issued`.
    pub(super) fn add(&mut self, id: u64, issued: u64) -> Added {
        let below = self.runs.range(..=id).next_back().map(|(first, run)| (*first, *run));
        let above = self.runs.range(id..).next().map(|(first, run)| (*first, *run));
        if below.is_some_and(|(_, run)| run.last >= id) {
            return Added::Twice;
        }
        let ordered = below.is_none_or(|(_, run)| run.last_issued <= issued)
            && above.is_none_or(|(_, run)| issued <= run.first_issued);
        let mut first = id;
        let mut run = Run {
            last: id,
            first_issued: issued,
            last_issued: issued,
        };
        if let Some((below_first, below)) = below
            && below.last + 1 == id
        {
            first = below_first;
            run.first_issued = below.first_issued;
        }
        if let Some((above_first, above)) = above
            && id.checked_add(1) == Some(above_first)
        {
            run.last = above.last;
            run.last_issued = above.last_issued;
            self.runs.remove(&above_first);
        }
        self.runs.insert(first, run);
        if ordered { Added::Fine } else { Added::OutOfOrder }
    }

    /// The lowest number from 0 that is missing below another one, if there is a gap.
    pub(super) fn first_gap(&self) -> Option<u64> {
        let (first, run) = self.runs.first_key_value()?;
        if *first > 0 {
            return Some(0);
        }
        (self.runs.len() > 1).then_some(run.last + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Compared with a plain map of every number.
        #[test]
        fn agrees_with_keeping_every_number(steps in prop::collection::vec((0..30_u64, 0..30_u64), 0..60)) {
            let (mut ids, mut all) = (Ids::default(), BTreeMap::new());
            for (id, issued) in steps {
                let expected = if all.contains_key(&id) {
                    Added::Twice
                } else {
                    let below = all.range(..id).next_back().is_none_or(|(_, at)| *at <= issued);
                    let above = all.range(id..).next().is_none_or(|(_, at)| issued <= *at);
                    if below && above { Added::Fine } else { Added::OutOfOrder }
                };
                prop_assert_eq!(ids.add(id, issued), expected);
                all.entry(id).or_insert(issued);
                let gap = (0..=60).find(|id| !all.contains_key(id)).filter(|gap| all.keys().any(|id| id > gap));
                prop_assert_eq!(ids.first_gap(), gap);
            }
        }
    }

    #[test]
    fn a_run_takes_one_entry() {
        let mut ids = Ids::default();
        for id in (0..1000).rev() {
            assert_eq!(ids.add(id, id), Added::Fine);
        }
        assert_eq!(ids.runs.len(), 1);
    }
}
