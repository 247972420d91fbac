//! A periodic check with thresholds, evaluated lazily.
//!
//! Health checks and probes are the same machine: a check at fixed instants, an answer that is constant between the
//! changes of its server, and a verdict after enough equal answers in a row. Between changes nothing is queued: the
//! instant of the next verdict follows from phase and interval.

use crate::kernel::queue::EventKey;
use crate::time::{SimDuration, SimTime};

/// What a check gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A good answer in time.
    Pass,
    /// A refusal or a bad status, at once.
    Fail,
    /// Nothing until the check's timeout.
    Hang,
}

impl Answer {
    pub(crate) fn passes(self) -> bool {
        self == Answer::Pass
    }
}

/// A queued verdict.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    pub(crate) key: EventKey,
    pub(crate) passes: bool,
    /// When its last check is sent. A check that hangs is lost from then on, whatever a later one would get.
    pub(crate) sent: SimTime,
}

/// One checker's schedule and memory.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    first: SimTime,
    interval: SimDuration,
    /// Checks before this instant are counted.
    counted_until: SimTime,
    answer: Answer,
    /// Equal answers in a row, up to `counted_until`.
    in_a_row: u32,
    row_passes: bool,
    /// The queued verdict, if one will come.
    pub(crate) due: Option<Due>,
}

impl Watch {
    /// Checks from `first` on, every `interval`; until told otherwise they get `answer`.
    pub(crate) fn new(first: SimTime, interval: SimDuration, answer: Answer) -> Self {
        Self {
            first,
            interval,
            counted_until: first,
            answer,
            in_a_row: 0,
            row_passes: answer.passes(),
            due: None,
        }
    }

    /// Number of checks before `at`.
    fn checks_before(&self, at: SimTime) -> u64 {
        if at <= self.first {
            return 0;
        }
        (at - self.first).as_ns().div_ceil(self.interval.as_ns())
    }

    /// Instant of the `n`-th check, from 0.
    fn check(&self, n: u64) -> SimTime {
        self.first
            .saturating_add(SimDuration::from_ns(self.interval.as_ns().saturating_mul(n)))
    }

    /// Counts the checks before `now` and gives those from `now` on another answer.
    pub(crate) fn answer_from(&mut self, now: SimTime, answer: Answer) {
        self.count_until(now);
        self.answer = answer;
    }

    /// Forgets the row: a verdict was given at `now` and the next one starts from nothing.
    pub(crate) fn restart(&mut self, now: SimTime) {
        self.count_until(now);
        // A verdict falls on the instant of its last check, which belongs to the row that has ended.
        self.counted_until = self.counted_until.max(now + SimDuration::from_ns(1));
        self.in_a_row = 0;
    }

    fn count_until(&mut self, now: SimTime) {
        if now <= self.counted_until {
            return;
        }
        let checks = self.checks_before(now) - self.checks_before(self.counted_until);
        if checks > 0 {
            if self.row_passes != self.answer.passes() {
                self.row_passes = self.answer.passes();
                self.in_a_row = 0;
            }
            self.in_a_row = self.in_a_row.saturating_add(u32::try_from(checks).unwrap_or(u32::MAX));
        }
        self.counted_until = now;
    }

    /// When the present answer will have come `threshold` times in a row; `hang` is the time a hanging check takes.
    pub(crate) fn verdict_at(&self, threshold: u32, hang: SimDuration) -> SimTime {
        let last = self.deciding_check(threshold);
        if self.answer == Answer::Hang {
            last.saturating_add(hang)
        } else {
            last
        }
    }

    /// The check that brings the present answer to `threshold` in a row.
    fn deciding_check(&self, threshold: u32) -> SimTime {
        let have = if self.row_passes == self.answer.passes() {
            self.in_a_row
        } else {
            0
        };
        let more = u64::from(threshold.saturating_sub(have).max(1));
        self.check(self.checks_before(self.counted_until) + more - 1)
    }

    /// The first check at or after `at`.
    pub(crate) fn next_check(&self, at: SimTime) -> SimTime {
        self.check(self.checks_before(at))
    }

    /// Whether the check at `now`, which gets the present answer, is the last of `threshold` in a row.
    pub(crate) fn decides(&self, now: SimTime, threshold: u32) -> bool {
        self.deciding_check(threshold) == now
    }

    /// Remembers the queued verdict for the present answer.
    pub(crate) fn queued(&mut self, key: EventKey, threshold: u32) {
        self.due = Some(Due {
            key,
            passes: self.answer.passes(),
            sent: self.deciding_check(threshold),
        });
    }

    /// Whether the check that decides the queued verdict is on its way at `now`, to time out.
    pub(crate) fn is_under_way(&self, now: SimTime) -> bool {
        self.due.is_some_and(|due| !due.passes && due.sent < now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> SimTime {
        SimTime::from_secs(seconds)
    }

    fn watch(answer: Answer) -> Watch {
        Watch::new(s(10), SimDuration::from_secs(15), answer)
    }

    #[test]
    fn a_refused_check_is_noticed_after_the_threshold() {
        // alb §1.7: phase + (n − 1) · interval. Checks at 10, 25, 40, …; failing from 12 on, n = 2: 25 and 40.
        let mut checks = watch(Answer::Pass);
        checks.answer_from(s(12), Answer::Fail);
        assert_eq!(checks.verdict_at(2, SimDuration::from_secs(5)), s(40));
    }

    #[test]
    fn a_hanging_check_takes_its_timeout_more() {
        let mut checks = watch(Answer::Pass);
        checks.answer_from(s(12), Answer::Hang);
        assert_eq!(checks.verdict_at(2, SimDuration::from_secs(5)), s(45));
    }

    #[test]
    fn one_good_answer_in_between_starts_the_row_again() {
        let mut checks = watch(Answer::Pass);
        checks.answer_from(s(12), Answer::Fail);
        checks.answer_from(s(30), Answer::Pass);
        checks.answer_from(s(41), Answer::Fail);
        assert_eq!(checks.verdict_at(2, SimDuration::ZERO), s(70), "checks at 55 and 70");
    }

    #[test]
    fn failures_before_a_short_recovery_without_a_check_still_count() {
        let mut checks = watch(Answer::Pass);
        checks.answer_from(s(12), Answer::Fail);
        checks.answer_from(s(26), Answer::Pass);
        checks.answer_from(s(27), Answer::Fail);
        assert_eq!(
            checks.verdict_at(2, SimDuration::ZERO),
            s(40),
            "the check at 25 was the first of the row"
        );
    }

    #[test]
    fn after_a_verdict_the_row_starts_from_nothing() {
        let mut checks = watch(Answer::Fail);
        assert_eq!(checks.verdict_at(2, SimDuration::ZERO), s(25));
        checks.restart(s(25));
        checks.answer_from(s(25), Answer::Pass);
        assert_eq!(checks.verdict_at(2, SimDuration::ZERO), s(55), "40 and 55");
    }

    #[test]
    fn a_check_at_the_first_instant_counts() {
        assert_eq!(watch(Answer::Pass).verdict_at(1, SimDuration::ZERO), s(10));
    }
}
