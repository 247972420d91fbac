//! The course of the load between the readings, and when the script acts.
//!
//! The script posts the load once per step, when it sets it, and a bin of the plot shows the mean of the one or two posts
//! in it. So the reading of a bin stands at the mean instant of its posts, and the load runs straight from one to the
//! next. When the steps fall is not known; each run draws it.
//!
//! Where the script was started again in the midst of a fall, one bin has a post from before and one from after, and its
//! reading is their mean. Each is estimated by continuing its branch straight on from the last two readings; what their
//! mean then misses of the reading is taken from both alike:
//!
//! ```text
//!   434                            right branch: 2·395 − 318 = 472
//!      ╲ 318                    ·
//!        ╲ ·         305          395       305 − (202 + 472)/2 = −32
//!          · mixed bin                ╲     before the restart 202 − 32 = 170
//!   left branch: 2·318 − 434 = 202     318  after it          472 − 32 = 440
//! ```
//! From then on the script has steps of its own.

use sim_core::rng::Stream;

use super::falls;
use super::observed::Observed;

/// Shortest and longest step, minutes (published-run, "scaling").
const STEP_MINUTES: (f64, f64) = (10.0, 12.0);
/// How far a reading may lie above the left branch and still belong to it, in errors of reading: its own, and threefold
/// that of the branch, which is continued from two others.
const ON_BRANCH: f64 = 4.0;

/// The posts of the script: minute and load.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Posts(pub(super) Vec<(f64, f64)>);

/// A bin with posts from before and after a restart.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Restart {
    bin: usize,
    /// Loads of the post before and of the post after.
    before: f64,
    after: f64,
}

impl Posts {
    /// Draws when the steps fall and how the load was misread, and puts the load of each post between the readings.
    pub(super) fn draw(observed: &Observed, stream: &mut Stream) -> Self {
        let bin = f64::from(observed.bin_minutes);
        let error = f64::from(observed.load_error());
        let mut unit = || stream.unit();
        let period = STEP_MINUTES.0 + (STEP_MINUTES.1 - STEP_MINUTES.0) * unit();
        let phase = period * unit();
        let load: Vec<f64> = observed
            .bins
            .iter()
            .map(|bin| (f64::from(bin.load) + error * (2.0 * unit() - 1.0)).max(0.0))
            .collect();
        let turns = falls::restarts(observed);
        let restarts: Vec<Restart> = turns
            .iter()
            .filter_map(|turn| Restart::at(&load, *turn, error))
            .collect();
        let (minutes, jumps) = minutes(load.len(), bin, (period, phase), &restarts, &mut unit);
        let path = path(&load, bin, &minutes, &restarts, &jumps);
        Self(
            minutes
                .iter()
                .map(|minute| (*minute, between(&path, *minute)))
                .collect(),
        )
    }
}

/// When the script posts, from the step in force at the file's start on, and when it was started again.
fn minutes(
    bins: usize,
    bin: f64,
    (period, phase): (f64, f64),
    restarts: &[Restart],
    unit: &mut impl FnMut() -> f64,
) -> (Vec<f64>, Vec<f64>) {
    let end = place(bins) * bin;
    let mut minutes = vec![phase - period];
    let mut jumps = Vec::new();
    loop {
        let last = minutes[minutes.len() - 1];
        let next_restart = restarts.get(jumps.len()).map(|restart| place(restart.bin) * bin);
        let next = match next_restart {
            // The first post of the mixed bin is the last one before the restart.
            Some(start) if last >= start => {
                let latest = (start + bin).min(last + period);
                let jump = latest - (latest - last) * unit();
                jumps.push(jump);
                jump
            }
            _ => last + period,
        };
        if next >= end {
            return (minutes, jumps);
        }
        minutes.push(next);
    }
}

/// Points between which the load runs straight.
fn path(load: &[f64], bin: f64, minutes: &[f64], restarts: &[Restart], jumps: &[f64]) -> Vec<(f64, f64)> {
    let mut points = Vec::with_capacity(load.len() + restarts.len());
    for (index, load) in load.iter().enumerate() {
        let (start, end) = (place(index) * bin, place(index + 1) * bin);
        let posts: Vec<f64> = minutes
            .iter()
            .copied()
            .filter(|minute| (start..end).contains(minute))
            .collect();
        let found = restarts.iter().zip(jumps).find(|(restart, _)| restart.bin == index);
        if let (Some((restart, jump)), Some(first)) = (found, posts.first()) {
            points.push((*first, restart.before));
            points.push((*jump, restart.after));
        } else if posts.is_empty() {
            points.push((f64::midpoint(start, end), *load));
        } else {
            points.push((posts.iter().sum::<f64>() / place(posts.len()), *load));
        }
    }
    points
}

/// The load at that minute; before the first point the first one's, after the last the last one's.
fn between(points: &[(f64, f64)], minute: f64) -> f64 {
    let after = points.partition_point(|point| point.0 <= minute);
    match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
        (Some(before), Some(next)) => before.1 + (next.1 - before.1) * (minute - before.0) / (next.0 - before.0),
        (Some(last), None) => last.1,
        (None, first) => first.map_or(0.0, |first| first.1),
    }
}

impl Restart {
    /// The restart at or directly after the turn `turn`; nothing where both branches do not lie apart.
    fn at(load: &[f64], turn: usize, error: f64) -> Option<Self> {
        let highest = load.iter().copied().fold(0.0, f64::max);
        // The lowest reading belongs to the left branch if it lies on it; then the next one is the mixed one.
        let continued = 2.0 * load[turn - 1] - load[turn - 2];
        let (bin, before) = if load[turn] > continued + ON_BRANCH * error {
            (turn, continued)
        } else {
            (turn + 1, 2.0 * load[turn] - load[turn - 1])
        };
        let (next, second) = (*load.get(bin + 1)?, *load.get(bin + 2)?);
        let after = (2.0 * next - second).min(highest);
        let missing = load[bin] - f64::midpoint(before, after);
        let (before, after) = ((before + missing).max(0.0), after + missing);
        (after > before).then_some(Self { bin, before, after })
    }
}

/// A number of bins or posts as a float.
#[expect(clippy::cast_precision_loss, reason = "a few hundred")]
fn place(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
