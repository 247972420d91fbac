//! Counts per second of a run, from which every share is read.

use sim_core::outcome::Status;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::trace::{Fact, RequestRecord, TraceLevel, TraceRecord, TraceSink};

use super::Definition;
use crate::published::Runner;

/// Parts and wholes per second.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tally {
    /// In the order of [`Definition::ALL`]: part and whole of each second.
    seconds: [Vec<(f64, f64)>; 3],
}

impl Tally {
    /// Of one run.
    pub(super) fn of<R: Runner>(scenario: &Scenario, replication: u32, runner: &R) -> Result<Self, R::Error> {
        let first = scenario
            .workload
            .sessions
            .as_ref()
            .and_then(|sessions| sessions.steps.first());
        let mut loops = Loops::of(first.map(|step| step.request.as_str()).unwrap_or_default());
        let run = runner.run(scenario, replication, TraceLevel::All, &mut loops)?;
        let mut tally = Self::of_seconds(&run);
        loops.seconds.resize(run.series.len(), (0.0, 0.0));
        tally.seconds[Definition::LoaderLoops as usize] = loops.seconds;
        Ok(tally)
    }

    fn of_seconds(run: &RunSummary) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            reason = "nanoseconds of a second and a few thousand targets"
        )]
        let dead = run
            .series
            .iter()
            .map(|row| (row.dead_target_ns as f64, row.rotation_target_ns as f64));
        let requests = run.series.iter().map(|row| {
            let count = |status: Status| f64::from(row.status_counts[status as usize]);
            let failed = Status::ALL
                .into_iter()
                .filter(|status| status.is_five_xx())
                .map(count)
                .sum();
            (failed, Status::ALL.into_iter().map(count).sum())
        });
        Self {
            seconds: [requests.collect(), Vec::new(), dead.collect()],
        }
    }

    /// Second by second over runs of equal length.
    pub(super) fn sum(runs: &[Tally]) -> Self {
        let mut sum = Self::default();
        for run in runs {
            for (sum, seconds) in sum.seconds.iter_mut().zip(&run.seconds) {
                sum.resize(seconds.len(), (0.0, 0.0));
                for (sum, second) in sum.iter_mut().zip(seconds) {
                    *sum = (sum.0 + second.0, sum.1 + second.1);
                }
            }
        }
        sum
    }

    /// The largest share in any stretch of that many seconds, or the share of all.
    pub(super) fn worst(&self, definition: Definition, seconds: Option<usize>) -> f64 {
        let all = &self.seconds[definition as usize];
        let share = |stretch: &[(f64, f64)]| {
            let (part, whole) = stretch
                .iter()
                .fold((0.0, 0.0), |sum, second| (sum.0 + second.0, sum.1 + second.1));
            if whole > 0.0 { part / whole } else { 0.0 }
        };
        match seconds {
            None => share(all),
            Some(length) => all.windows(length).map(share).fold(0.0, f64::max),
        }
    }

    #[cfg(test)]
    pub(super) fn of_requests(seconds: &[(f64, f64)]) -> Self {
        Self {
            seconds: [seconds.to_vec(), Vec::new(), Vec::new()],
        }
    }
}

/// Groups the requests of each session into loops; a loop counts in the second in which its first request was issued.
#[derive(Debug, Default)]
pub(super) struct Loops {
    /// Kind of the request that begins a loop.
    first_kind: String,
    /// Of each session's current loop: its second, and whether it has failed.
    current: Vec<Option<(usize, bool)>>,
    /// Failed loops and all loops of each second.
    pub(super) seconds: Vec<(f64, f64)>,
}

impl Loops {
    /// None yet.
    pub(super) fn of(first_kind: &str) -> Self {
        Self {
            first_kind: first_kind.to_owned(),
            ..Self::default()
        }
    }

    fn add(&mut self, request: &RequestRecord) {
        let Some(session) = request.session.and_then(|session| usize::try_from(session).ok()) else {
            return;
        };
        if session >= self.current.len() {
            self.current.resize(session + 1, None);
        }
        if request.kind == self.first_kind {
            let second = usize::try_from(request.issued_ns / 1_000_000_000).expect("a run of less than 2^32 seconds");
            if second >= self.seconds.len() {
                self.seconds.resize(second + 1, (0.0, 0.0));
            }
            self.seconds[second].1 += 1.0;
            self.current[session] = Some((second, false));
        }
        if let Some((second, failed @ false)) = &mut self.current[session]
            && request.elb_status_code >= 500
        {
            self.seconds[*second].0 += 1.0;
            *failed = true;
        }
    }
}

impl TraceSink for Loops {
    fn record(&mut self, record: TraceRecord) {
        if let Fact::Request(request) = &record.fact {
            self.add(request);
        }
    }
}
