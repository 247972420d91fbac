//! The end of a run.

use alloc::vec::Vec;

use crate::summary::RunSummary;
use crate::time::{SimDuration, SimTime};
use crate::trace::Fact;
use crate::world::World;

impl World<'_> {
    /// Closes the books.
    pub(super) fn finish(mut self) -> RunSummary {
        let horizon = self.now.as_ns();
        self.traffic.integrate(horizon);
        let mut disruptions = core::mem::take(&mut self.disruptions);
        // By whole seconds of issue: from a disruption's start to the next one's.
        let starts: Vec<usize> = disruptions
            .iter()
            .map(|disruption| usize::try_from(disruption.at.as_ns() / 1_000_000_000).expect("seconds fit"))
            .chain([self.traffic.summary.series.len()])
            .collect();
        for (index, disruption) in disruptions.iter_mut().enumerate() {
            for row in &self.traffic.summary.series[starts[index]..starts[index + 1].max(starts[index])] {
                for (total, count) in disruption.status_counts.iter_mut().zip(row.status_counts) {
                    *total += u64::from(count);
                }
            }
        }
        let longest = disruptions.iter().map(|disruption| disruption.drain).max();
        let requests_count = self.traffic.summary.requests_count();
        self.traffic.recorder.flush(u64::MAX);
        let end = self.traffic.recorder.last_instant().max(horizon);
        self.traffic
            .recorder
            .fact(SimTime::from_ns(end), || Fact::RunEnded { requests_count });
        let mut summary = self.traffic.summary;
        summary.termination.drain = longest.unwrap_or(SimDuration::ZERO);
        summary.disruptions = disruptions;
        summary
    }
}
