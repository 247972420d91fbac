//! What one run gives, in the bins of the file it is compared with.

use sim_core::summary::RunSummary;

use super::drive::Span;
use super::observed::{CODES, Observed};

/// Counts of [`CODES`] in each bin of a part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Simulated {
    pub(super) counts: Vec<[u32; 2]>,
}

impl Simulated {
    /// From the run's seconds. A loader counts a call when it ends, a run when it begins: at most 10 s earlier.
    pub(super) fn of(run: &RunSummary, observed: &Observed, span: Span) -> Self {
        let seconds = observed.bin_minutes as usize * 60;
        let mut counts = vec![[0; 2]; span.to - span.from];
        for (count, rows) in counts.iter_mut().zip(run.series.chunks(seconds)) {
            for row in rows {
                for (count, status) in count.iter_mut().zip(CODES) {
                    *count += row.status_counts[status as usize];
                }
            }
        }
        Self { counts }
    }

    /// Sum of a code over all bins.
    pub(super) fn total(&self, code: usize) -> f64 {
        self.counts.iter().map(|counts| f64::from(counts[code])).sum()
    }
}
