//! Falling halves: the stretches in which the load shrinks, found from the load alone.
//!
//! A turn of the load counts if the load then moves by more than a sixth of its largest value; smaller ones are errors of
//! reading, or a load that was started again in the midst of its fall. In the published files this gives two falling
//! halves each, which is how their plots are named (cycles 1 and 2, windows 1 and 2).
//!
//! ```text
//!  load  ▁▃▅█▇▅▃▂▁▁▃▅        peak: last bin before the fall
//!           └──────┘          trough: last bin at the lowest load
//!           first   last      and one more bin, because failures and node drains come after the step that causes them
//! ```

use super::observed::Observed;

/// Share of the largest load that the load must move by for a turn to count.
const TURN_SHARE: f64 = 1.0 / 6.0;
/// Share of the largest load below which the script's own wave ends. It always runs down to nearly zero, so a turn above
/// this share is not its own: the load was started again (published-run, "scaling"; plateaus in its plots).
const RESTART_SHARE: f64 = 0.25;

/// One falling half: bins `first..=last`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fall {
    /// The bin of the peak.
    pub(super) first: usize,
    /// One bin after the trough, or the file's last one.
    pub(super) last: usize,
    /// Whether the load was started again in it or at its end, so that its true course within a bin is not known.
    pub(super) disturbed: bool,
}

/// The falling halves in order of time.
pub(super) fn falls(observed: &Observed) -> Vec<Fall> {
    let load: Vec<f64> = observed.bins.iter().map(|bin| f64::from(bin.load)).collect();
    let least = TURN_SHARE * f64::from(observed.peak());
    let error = f64::from(observed.era.load_error());
    let mut found = Vec::new();
    let mut peak = 0;
    let mut trough = None;
    for index in 1..=load.len() {
        // After the last bin an open fall ends.
        let rises = index == load.len() || trough.is_some_and(|low: usize| load[index] - load[low] > least);
        match trough {
            Some(low) if rises => {
                let level = load[low];
                let flat = load[low..].iter().take_while(|value| **value <= level + error).count();
                let end = low + flat - 1;
                found.push((peak, end.min(index - 1)));
                trough = None;
                peak = index.min(load.len() - 1);
            }
            Some(low) if load[index] < load[low] => trough = Some(index),
            None if index == load.len() => {}
            None if load[index] > load[peak] => peak = index,
            None if load[peak] - load[index] > least => trough = Some(index),
            Some(_) | None => {}
        }
    }
    let restarts = restarts(observed);
    let fall = |(first, low): (usize, usize)| {
        let last = (low + 1).min(load.len() - 1);
        Fall {
            first,
            last,
            disturbed: restarts.iter().any(|turn| (first..=low).contains(turn)),
        }
    };
    found.into_iter().map(fall).collect()
}

/// Bins at which the load turns from falling to growing although it is still high: there it was started again.
pub(super) fn restarts(observed: &Observed) -> Vec<usize> {
    let load: Vec<f64> = observed.bins.iter().map(|bin| f64::from(bin.load)).collect();
    let high = RESTART_SHARE * f64::from(observed.peak());
    let error = f64::from(observed.era.load_error());
    let turns = |&index: &usize| {
        let before = load[index - 1] - load[index];
        let after = load[index + 1] - load[index];
        load[index] > high && before > error && after > error
    };
    (2..load.len().saturating_sub(2)).filter(turns).collect()
}

#[cfg(test)]
mod tests;
