//! What the reconciles of a binding waited for, and whose deregistration that held up.

use alloc::vec::Vec;

use super::MAIN;
use crate::bottleneck::{Bottleneck, Shares};
use crate::id::{BindingId, TargetId};
use crate::time::{SimDuration, SimTime};
use crate::world::World;

/// Waits of one binding, one after another.
#[derive(Debug, Default)]
pub(super) struct WaitLog {
    waits: Vec<PastWait>,
}

#[derive(Debug, Clone, Copy)]
struct PastWait {
    at: Bottleneck,
    since: SimTime,
    until: SimTime,
}

impl WaitLog {
    /// Nobody waits any more for what has been logged.
    pub(super) fn clear(&mut self) {
        self.waits.clear();
    }

    /// Whoever waits is told to stop.
    pub(super) fn cut(&mut self, now: SimTime) {
        for wait in &mut self.waits {
            wait.since = wait.since.min(now);
            wait.until = wait.until.min(now);
        }
    }

    /// Adds what was waited for between two instants.
    fn add_between(&self, from: SimTime, to: SimTime, shares: &mut Shares) {
        for wait in self.waits.iter().rev().take_while(|wait| wait.until > from) {
            shares.add(wait.at, wait.until.min(to).saturating_since(wait.since.max(from)));
        }
    }
}

impl World<'_> {
    /// Notes that a binding's work waits from an instant on.
    pub(super) fn waits_for(&mut self, id: BindingId, at: Bottleneck, since: SimTime, lasted: SimDuration) {
        if lasted.is_zero() {
            return;
        }
        let until = since.saturating_add(lasted);
        self.lbc.binding_mut(id).waits.waits.push(PastWait { at, since, until });
        self.traffic.summary.observations.waits.add(at, lasted);
    }

    /// ELBv2 has accepted a call: its deregistered targets are counted, each with what held it up since its pod's
    /// deletion.
    pub(crate) fn count_deregistrations(&mut self, targets: &[TargetId]) {
        for target in targets {
            let object = self.pod(target.pod());
            let mut shares = Shares::default();
            shares.add(Bottleneck::EndpointSliceClient, object.slice_wait);
            if let Some(seen) = object.race.seen {
                let log = &self.lbc.binding(MAIN).waits;
                log.add_between(seen, self.now, &mut shares);
            }
            self.traffic.summary.observations.deregistrations.add(&shares);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_of_a_wait_that_falls_between_is_a_share() {
        let (s, seconds) = (SimTime::from_secs, SimDuration::from_secs);
        let wait = |at, since, until| PastWait {
            at,
            since: s(since),
            until: s(until),
        };
        let log = WaitLog {
            waits: Vec::from([
                wait(Bottleneck::Workers, 0, 5),
                wait(Bottleneck::LeaderGap, 6, 10),
                wait(Bottleneck::SdkRetry, 12, 20),
            ]),
        };
        let mut shares = Shares::default();
        log.add_between(s(7), s(15), &mut shares);
        assert_eq!(shares.of(Bottleneck::Workers), seconds(0));
        assert_eq!(shares.of(Bottleneck::LeaderGap), seconds(3));
        assert_eq!(shares.of(Bottleneck::SdkRetry), seconds(3));
    }
}
