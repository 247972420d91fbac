//! The worst seconds of a run.

use super::PooledSecond;

/// Windows with fewer requests than this say nothing about a ratio.
const MIN_REQUESTS: u64 = 20;

/// The window of whole seconds with the highest 5xx ratio, the earliest of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peak {
    /// First second of the window.
    pub(crate) start_second: usize,
    /// Seconds in the window.
    pub(crate) window_seconds: usize,
    /// Sums over the window and all replications.
    pub(crate) sums: PooledSecond,
}

impl Peak {
    /// Share of the targets in rotation that did not serve, over the window; nothing if none was in rotation.
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people; 53 bits are plenty")]
    pub(crate) fn dead_target_share(&self) -> Option<f64> {
        let rotation = self.sums.rotation_target_ns;
        (rotation > 0).then(|| self.sums.dead_target_ns as f64 / rotation as f64)
    }
}

/// Slides a window of `window` seconds over the seconds from `first` on.
pub(super) fn peak(seconds: &[PooledSecond], window: usize, first: usize) -> Option<Peak> {
    let counted = seconds.get(first..)?;
    let mut best: Option<Peak> = None;
    for (offset, rows) in counted.windows(window).enumerate() {
        let sums = sum(rows);
        if sums.requests_count < MIN_REQUESTS {
            continue;
        }
        if best.is_none_or(|best| is_higher(&sums, &best.sums)) {
            best = Some(Peak {
                start_second: first + offset,
                window_seconds: window,
                sums,
            });
        }
    }
    best
}

/// Whether the ratio of `a` is strictly above that of `b`; exact, both have requests.
fn is_higher(a: &PooledSecond, b: &PooledSecond) -> bool {
    u128::from(a.five_xx_count) * u128::from(b.requests_count)
        > u128::from(b.five_xx_count) * u128::from(a.requests_count)
}

fn sum(rows: &[PooledSecond]) -> PooledSecond {
    rows.iter().fold(PooledSecond::default(), |total, row| PooledSecond {
        requests_count: total.requests_count + row.requests_count,
        five_xx_count: total.five_xx_count + row.five_xx_count,
        dead_target_ns: total.dead_target_ns + row.dead_target_ns,
        rotation_target_ns: total.rotation_target_ns + row.rotation_target_ns,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(rows: &[(u64, u64)]) -> Vec<PooledSecond> {
        let second = |&(five_xx_count, requests_count)| PooledSecond {
            requests_count,
            five_xx_count,
            dead_target_ns: u128::from(five_xx_count) * 3,
            rotation_target_ns: u128::from(requests_count) * 3,
        };
        rows.iter().map(second).collect()
    }

    #[test]
    fn the_peak_is_a_ratio_of_sums_over_the_window() {
        // Windows of two: 5/110, 45/200, 45/110, 5/20. A mean of ratios would prefer the last but one in another order.
        let rows = seconds(&[(0, 10), (5, 100), (40, 100), (5, 10), (0, 10)]);
        let peak = peak(&rows, 2, 0).expect("enough requests");
        assert_eq!(
            (peak.start_second, peak.sums.five_xx_count, peak.sums.requests_count),
            (2, 45, 110)
        );
        assert_eq!((peak.sums.dead_target_ns, peak.sums.rotation_target_ns), (135, 330));
    }

    #[test]
    fn the_earliest_of_equal_windows_wins_exactly() {
        // 1/3 and 10/30 are the same ratio, which floats need not agree on.
        let rows = seconds(&[(0, 100), (10, 30), (100, 300), (0, 1)]);
        assert_eq!(peak(&rows, 1, 0).map(|peak| peak.start_second), Some(1));
    }

    #[test]
    fn thin_windows_and_the_warm_up_do_not_count() {
        let rows = seconds(&[(90, 100), (19, 19), (20, 100)]);
        assert_eq!(peak(&rows, 1, 0).map(|peak| peak.start_second), Some(0));
        assert_eq!(
            peak(&rows, 1, 1).map(|peak| peak.start_second),
            Some(2),
            "second 1 has 19 requests"
        );
        assert_eq!(peak(&rows, 4, 0), None, "no window of four seconds");
        assert_eq!(peak(&rows, 1, 9), None, "nothing after the warm-up");
    }

    #[test]
    fn without_failures_the_peak_is_zero_at_the_first_window() {
        let rows = seconds(&[(0, 5), (0, 50), (0, 50)]);
        let peak = peak(&rows, 1, 0).expect("enough requests");
        assert_eq!((peak.start_second, peak.sums.five_xx_count), (1, 0));
    }
}
