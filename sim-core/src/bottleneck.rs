//! What made work of the control plane wait: rate limits, retries, workers, a missing leader.
//!
//! Two views of the same waits: [`Waits`] sums them up by bottleneck over a run, and [`Shares`] splits the wait of
//! one deregistration.

use crate::time::SimDuration;

macro_rules! bottlenecks {
    ($( $(#[$doc:meta])* $name:ident => $key:literal, $text:literal; )*) => {
        /// Something that lets work through only so fast. Names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Bottleneck {
            $( $(#[$doc])* $name, )*
        }

        impl Bottleneck {
            /// Every bottleneck, in the order of the pipeline.
            pub const ALL: &'static [Bottleneck] = &[$(Bottleneck::$name),*];

            /// Stable name in machine output.
            pub const fn name(self) -> &'static str {
                match self { $(Bottleneck::$name => $key),* }
            }

            /// What it is, for people.
            pub const fn label(self) -> &'static str {
                match self { $(Bottleneck::$name => $text),* }
            }
        }
    };
}

bottlenecks! {
    /// Client bucket of the `ReplicaSet` controller (kubernetes §2.3.10).
    ReplicaSetClient => "replica_set_client", "the ReplicaSet controller's client bucket";
    /// Client bucket of the `EndpointSlice` controller (kubernetes §2.3.10).
    EndpointSliceClient => "endpoint_slice_client", "the EndpointSlice controller's client bucket";
    /// No replica of the AWS Load Balancer Controller led (lbc §1.9).
    LeaderGap => "leader_gap", "the election of a new leader of the load balancer controller";
    /// All workers of the controller were busy (lbc §1.3).
    Workers => "workers", "a free worker of the load balancer controller";
    /// The controller's lock around `DescribeTargetHealth` (lbc §1.5).
    DescribeLock => "describe_lock", "the controller's lock around DescribeTargetHealth";
    /// The controller's own bucket for `Describe*` (lbc §1.7).
    ControllerDescribe => "controller_describe", "the controller's own bucket for Describe calls";
    /// Retries after the account's bucket for `Describe*` refused a call (alb §5.4).
    AccountDescribe => "account_describe", "the account's bucket for Describe calls";
    /// The controller's own bucket for `RegisterTargets` and `DeregisterTargets` (lbc §1.7).
    ControllerRegistration => "controller_registration", "the controller's own bucket for register and deregister calls";
    /// Retries after the account's bucket for `RegisterTargets` and `DeregisterTargets` refused a call (alb §5.4).
    AccountRegistration => "account_registration", "the account's bucket for register and deregister calls";
    /// Retries after another retryable error (lbc §1.8).
    SdkRetry => "sdk_retry", "retries of the AWS SDK after an error";
}

impl Bottleneck {
    /// Number of bottlenecks.
    pub const COUNT: usize = Self::ALL.len();
}

/// The waits at one bottleneck.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wait {
    /// Calls (or pods, or reconciles) that had to wait.
    pub count: u64,
    /// Their waits, summed.
    pub total: SimDuration,
    /// The longest.
    pub longest: SimDuration,
}

/// The waits of a run by bottleneck.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waits([Wait; Bottleneck::COUNT]);

impl Waits {
    /// Adds one wait; none at all is no wait.
    pub fn add(&mut self, at: Bottleneck, lasted: SimDuration) {
        if lasted.is_zero() {
            return;
        }
        let wait = &mut self.0[at as usize];
        wait.count += 1;
        wait.total = wait.total.saturating_add(lasted);
        wait.longest = wait.longest.max(lasted);
    }

    /// Adds another run's waits.
    pub fn merge(&mut self, other: &Waits) {
        for (wait, other) in self.0.iter_mut().zip(&other.0) {
            wait.count += other.count;
            wait.total = wait.total.saturating_add(other.total);
            wait.longest = wait.longest.max(other.longest);
        }
    }

    /// The waits at one bottleneck.
    pub fn of(&self, bottleneck: Bottleneck) -> Wait {
        self.0[bottleneck as usize]
    }

    /// Every bottleneck at which something waited.
    pub fn iter(&self) -> impl Iterator<Item = (Bottleneck, Wait)> + '_ {
        let all = Bottleneck::ALL
            .iter()
            .map(|bottleneck| (*bottleneck, self.of(*bottleneck)));
        all.filter(|(_, wait)| wait.count > 0)
    }
}

/// The wait of one piece of work, split by bottleneck.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shares([SimDuration; Bottleneck::COUNT]);

impl Shares {
    /// Adds to the wait at one bottleneck.
    pub fn add(&mut self, at: Bottleneck, lasted: SimDuration) {
        let share = &mut self.0[at as usize];
        *share = share.saturating_add(lasted);
    }

    /// The wait at one bottleneck.
    pub fn of(&self, bottleneck: Bottleneck) -> SimDuration {
        self.0[bottleneck as usize]
    }

    /// The whole wait.
    pub fn total(&self) -> SimDuration {
        let add = |sum: SimDuration, share: &SimDuration| sum.saturating_add(*share);
        self.0.iter().fold(SimDuration::ZERO, add)
    }

    /// The bottleneck to blame: the largest share, the earliest of the pipeline where equal; nothing without a wait.
    pub fn largest(&self) -> Option<(Bottleneck, SimDuration)> {
        let all = Bottleneck::ALL
            .iter()
            .map(|bottleneck| (*bottleneck, self.of(*bottleneck)));
        let largest = all.rev().max_by_key(|(_, share)| *share)?;
        (!largest.1.is_zero()).then_some(largest)
    }
}

/// Deregistrations of a run, and the one that waited longest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deregistrations {
    /// Targets deregistered from the group that takes the traffic.
    pub count: u64,
    /// How long the one that waited longest had waited since its pod's deletion, and where.
    pub slowest: Shares,
}

impl Deregistrations {
    /// Counts one.
    pub(crate) fn add(&mut self, shares: &Shares) {
        self.count += 1;
        self.take_slower(shares);
    }

    /// Adds another run's.
    pub fn merge(&mut self, other: &Deregistrations) {
        self.count += other.count;
        self.take_slower(&other.slowest);
    }

    fn take_slower(&mut self, shares: &Shares) {
        if shares.total() > self.slowest.total() {
            self.slowest = *shares;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(count: u64) -> SimDuration {
        SimDuration::from_millis(count)
    }

    #[test]
    fn no_wait_is_not_counted_and_the_longest_is_kept() {
        let mut waits = Waits::default();
        for lasted in [0, 30, 50, 20] {
            waits.add(Bottleneck::Workers, ms(lasted));
        }
        let (count, total, longest) = (3, ms(100), ms(50));
        let expected = Wait { count, total, longest };
        assert_eq!(waits.of(Bottleneck::Workers), expected);
        let mut twice = waits;
        twice.merge(&waits);
        assert_eq!(twice.of(Bottleneck::Workers).total, ms(200));
        assert_eq!(twice.of(Bottleneck::Workers).longest, ms(50));
        assert_eq!(twice.iter().count(), 1);
    }

    #[test]
    fn the_largest_share_is_to_blame_and_of_equal_ones_the_earlier() {
        let mut shares = Shares::default();
        assert_eq!(shares.largest(), None);
        shares.add(Bottleneck::SdkRetry, ms(5));
        shares.add(Bottleneck::LeaderGap, ms(5));
        shares.add(Bottleneck::Workers, ms(4));
        assert_eq!(shares.largest(), Some((Bottleneck::LeaderGap, ms(5))));
        assert_eq!(shares.total(), ms(14));
    }

    #[test]
    fn the_slowest_deregistration_survives_a_merge() {
        let mut slow = Shares::default();
        slow.add(Bottleneck::Workers, ms(9));
        let (mut one, mut other) = (Deregistrations::default(), Deregistrations::default());
        one.add(&Shares::default());
        other.add(&slow);
        one.merge(&other);
        assert_eq!((one.count, one.slowest), (2, slow));
    }
}
