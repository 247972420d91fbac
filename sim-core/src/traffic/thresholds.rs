//! Health thresholds: how many targets must be healthy (alb §2.1).

use crate::scenario::health::{Minimum, TargetGroupHealth};

/// A count and a percentage of healthy targets; 0 is off. Either one that is missed is enough (alb §2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minimums {
    pub(crate) count: u32,
    pub(crate) percentage: u32,
}

impl Minimums {
    /// One healthy target: the default of ELBv2.
    pub(crate) const ONE: Self = Self {
        count: 1,
        percentage: 0,
    };

    /// Those below which an ALB node fails open.
    pub(crate) fn of_routing(health: &TargetGroupHealth) -> Self {
        let minimum = &health.unhealthy_state_routing.minimum_healthy_targets;
        Self {
            count: minimum.count,
            percentage: or_zero(minimum.percentage),
        }
    }

    /// Those below which a zone leaves DNS.
    pub(crate) fn of_dns(health: &TargetGroupHealth) -> Self {
        let minimum = &health.dns_failover.minimum_healthy_targets;
        Self {
            count: or_zero(minimum.count),
            percentage: or_zero(minimum.percentage),
        }
    }

    /// Whether so many healthy targets out of those known are too few.
    pub(crate) fn is_missed_by(self, healthy: usize, known: usize) -> bool {
        healthy < self.count as usize || healthy * 100 < known * self.percentage as usize
    }
}

fn or_zero(minimum: Minimum) -> u32 {
    minimum.get().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_minimum_is_enough_and_exactly_the_minimum_is_not_below_it() {
        let both = Minimums {
            count: 2,
            percentage: 50,
        };
        assert!(both.is_missed_by(1, 2), "half, but one only");
        assert!(both.is_missed_by(2, 5), "two, but two fifths only");
        assert!(!both.is_missed_by(2, 4));
        assert!(Minimums::ONE.is_missed_by(0, 0));
        assert!(!Minimums::ONE.is_missed_by(1, 1000));
    }
}
