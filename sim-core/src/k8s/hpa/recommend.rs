//! From utilisation to a number of replicas, as upstream's `replica_calculator.go` computes it (nodes §7).
//!
//! Utilisation is cut to whole percent there too. What upstream computes in floating point is exact here.

use core::cmp::Ordering;

/// The pods as the controller sorts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// CPU that one pod requests, millicores.
    pub(crate) request: u64,
    /// Pods that count.
    pub(crate) ready: u32,
    /// CPU that they used together, millicores.
    pub(crate) usage: u64,
    /// Pods left out for not being Ready.
    pub(crate) unready: u32,
    /// Pods that run but have no metrics.
    pub(crate) missing: u32,
}

impl Seen {
    /// No pod yet.
    pub(crate) fn new(request: u64) -> Self {
        Self {
            request,
            ready: 0,
            usage: 0,
            unready: 0,
            missing: 0,
        }
    }

    /// Utilisation of the pods that count, in thousandths; `None` if there is none.
    pub(crate) fn utilization_permille(&self) -> Option<u32> {
        let permille = (self.usage * 1000).checked_div(u64::from(self.ready) * self.request)?;
        Some(u32::try_from(permille).unwrap_or(u32::MAX))
    }

    /// Replicas that the metric asks for; `None` without metrics. `target` is in percent, `tolerance` in millionths.
    pub(crate) fn recommend(&self, current: u32, target: u32, tolerance: u64) -> Option<u32> {
        let target = u64::from(target);
        let percent = |usage: u64, pods: u64| (usage * 100).checked_div(pods * self.request);
        let within = |percent: u64| percent.abs_diff(target) * 1_000_000 <= tolerance * target;
        let replicas = |percent: u64, pods: u64| u32::try_from((percent * pods).div_ceil(target)).unwrap_or(u32::MAX);
        let (mut pods, mut usage) = (u64::from(self.ready), self.usage);
        let first = percent(usage, pods)?;
        let with_unready = self.unready > 0 && first.cmp(&target) == Ordering::Greater;
        if !with_unready && self.missing == 0 {
            return Some(if within(first) { current } else { replicas(first, pods) });
        }
        // Careful in either direction: who is missing uses all of its request on the way down, nothing on the way up.
        match first.cmp(&target) {
            Ordering::Less => {
                pods += u64::from(self.missing);
                usage += u64::from(self.missing) * (self.request * target.max(100) / 100);
            }
            Ordering::Greater => pods += u64::from(self.missing),
            Ordering::Equal => {}
        }
        if with_unready {
            pods += u64::from(self.unready);
        }
        let second = percent(usage, pods)?;
        let wanted = replicas(second, pods);
        let turns = match (first.cmp(&target), second.cmp(&target)) {
            (Ordering::Less, Ordering::Greater) | (Ordering::Greater, Ordering::Less) => true,
            (_, Ordering::Less) => wanted > current,
            (_, Ordering::Greater) => wanted < current,
            (_, Ordering::Equal) => false,
        };
        Some(if within(second) || turns { current } else { wanted })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Ten per cent.
    const TOLERANCE: u64 = 100_000;

    fn seen(ready: u32, each: u64, unready: u32, missing: u32) -> Seen {
        Seen {
            request: 100,
            ready,
            usage: u64::from(ready) * each,
            unready,
            missing,
        }
    }

    #[test]
    fn replicas_follow_usage_over_target() {
        // (ready, millicores each of 100, current, target) → ceil(usage / target × ready), current within 10 %.
        for (ready, each, current, target, expected) in [
            (10, 50, 10, 50, 10),
            (10, 55, 10, 50, 10),
            (10, 56, 10, 50, 12),
            (10, 45, 10, 50, 10),
            (10, 44, 10, 50, 9),
            (10, 25, 10, 50, 5),
            (3, 100, 3, 60, 5),
            (7, 1, 7, 60, 1),
            (4, 0, 4, 60, 0),
            // Exact where a float would say 1.1 × 10 = 11.000000000000002.
            (10, 66, 10, 60, 10),
            (10, 110, 10, 100, 10),
            (10, 330, 10, 100, 33),
        ] {
            let found = seen(ready, each, 0, 0).recommend(current, target, TOLERANCE);
            assert_eq!(found, Some(expected), "{ready} × {each} m at {target} %");
        }
    }

    #[test]
    fn utilisation_is_cut_to_whole_percent() {
        // 3 × 100 m requested, 166 m used: 55.33 %, cut to 55, which is within 10 % of 50.
        let mut pods = seen(3, 0, 0, 0);
        pods.usage = 166;
        assert_eq!(pods.utilization_permille(), Some(553));
        assert_eq!(pods.recommend(3, 50, TOLERANCE), Some(3));
    }

    #[test]
    fn without_metrics_there_is_no_answer() {
        assert_eq!(seen(0, 0, 4, 0).recommend(4, 50, TOLERANCE), None);
        assert_eq!(seen(0, 0, 0, 4).recommend(4, 50, TOLERANCE), None);
        assert_eq!(seen(0, 0, 0, 4).utilization_permille(), None);
    }

    #[test]
    fn missing_pods_count_full_on_the_way_down_and_nothing_on_the_way_up() {
        // Down: 4 at 20 %, 2 missing at 100 %: 280 of 600 = 46 % of target 50: within 10 %.
        assert_eq!(seen(4, 20, 0, 2).recommend(6, 50, TOLERANCE), Some(6));
        // 8 at 10 %, 1 missing: 180 of 900 = 20 %: ceil(20 × 9 / 50) = 4.
        assert_eq!(seen(8, 10, 0, 1).recommend(9, 50, TOLERANCE), Some(4));
        // A target above 100 %: missing pods use as much as that: 8 × 10 + 200 = 280 of 900 = 31 %: ceil(31 × 9 / 200).
        assert_eq!(seen(8, 10, 0, 1).recommend(9, 200, TOLERANCE), Some(2));
        // Up: 4 at 100 %, 2 missing at 0: 400 of 600 = 66 %: ceil(66 × 6 / 50) = 8.
        assert_eq!(seen(4, 100, 0, 2).recommend(6, 50, TOLERANCE), Some(8));
        // 4 at 60 % and 4 missing: 30 %: the direction would turn.
        assert_eq!(seen(4, 60, 0, 4).recommend(8, 50, TOLERANCE), Some(8));
        // 4 at 30 % and 4 missing: 65 %: it would turn too.
        assert_eq!(seen(4, 30, 0, 4).recommend(8, 50, TOLERANCE), Some(8));
        // At the target they are left out.
        assert_eq!(seen(4, 50, 0, 4).recommend(8, 50, TOLERANCE), Some(8));
    }

    #[test]
    fn unready_pods_count_nothing_on_the_way_up_and_are_left_out_on_the_way_down() {
        // Up: 4 at 100 %, 2 unready: as above 66 %: 8, not ceil(2 × 4) = 8 of the ready ones alone ...
        assert_eq!(seen(4, 100, 2, 0).recommend(6, 50, TOLERANCE), Some(8));
        // ... 4 at 100 %, 4 unready: 50 %: enough are on their way.
        assert_eq!(seen(4, 100, 4, 0).recommend(8, 50, TOLERANCE), Some(8));
        // Down: 8 at 25 %, 2 unready: ceil(25 × 8 / 50) = 4.
        assert_eq!(seen(8, 25, 2, 0).recommend(10, 50, TOLERANCE), Some(4));
    }

    #[test]
    fn a_smaller_count_of_metrics_does_not_turn_the_direction() {
        // 4 at 80 % and 1 missing of 12 wanted: 64 %: ceil(64 × 5 / 50) = 7 < 12 although usage is high.
        assert_eq!(seen(4, 80, 0, 1).recommend(12, 50, TOLERANCE), Some(12));
        // 8 at 10 %, 2 missing, 3 wanted: 28 %: ceil(28 × 10 / 50) = 6 > 3 although usage is low.
        assert_eq!(seen(8, 10, 0, 2).recommend(3, 50, TOLERANCE), Some(3));
    }

    proptest! {
        /// More use never means fewer replicas, whoever is missing.
        #[test]
        fn more_use_never_means_fewer(
            ready in 1_u32..40, usage in 0_u64..8_000, more in 0_u64..4_000,
            unready in 0_u32..6, missing in 0_u32..6, target in 1_u32..150,
        ) {
            let current = ready + unready + missing;
            let pods = |usage| Seen { request: 100, ready, usage, unready, missing };
            let low = pods(usage).recommend(current, target, TOLERANCE);
            let high = pods(usage + more).recommend(current, target, TOLERANCE);
            prop_assert!(low <= high, "{low:?} at {usage}, {high:?} at {}", usage + more);
        }

        /// With metrics of every pod the answer is the closed form.
        #[test]
        fn with_every_metric_it_is_the_closed_form(ready in 1_u32..40, usage in 0_u64..8_000, target in 1_u32..150) {
            let pods = Seen { request: 100, ready, usage, unready: 0, missing: 0 };
            let percent = usage / u64::from(ready);
            let exact = (percent * u64::from(ready)).div_ceil(u64::from(target));
            let near = percent.abs_diff(u64::from(target)) * 10 <= u64::from(target);
            let expected = if near { u64::from(ready) } else { exact };
            prop_assert_eq!(pods.recommend(ready, target, TOLERANCE).map(u64::from), Some(expected));
        }
    }
}
