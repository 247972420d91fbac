//! Stabilization windows and scaling policies, as upstream's `horizontal.go` applies them (nodes §7).
//!
//! Always as with `behavior` set. Without it upstream limits a step up to the larger of four and twice the replicas,
//! whatever happened within the last period; the defaults here are those of an object that names `behavior`.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::scenario::hpa::{Hpa, ScalingPolicy, SelectPolicy};
use crate::time::{SimDuration, SimTime};

/// Longest period that a policy may have: older changes are of no use.
const PERIOD_MAX: SimDuration = SimDuration::from_secs(1800);

/// What the controller remembers.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Recommendations within the longer of both windows, oldest first.
    recommendations: Vec<(SimTime, u32)>,
    /// Replicas added and taken away within the longest period, oldest first.
    added: Vec<(SimTime, u32)>,
    removed: Vec<(SimTime, u32)>,
}

impl History {
    /// The first look counts the replicas found as a recommendation.
    pub(crate) fn begin(&mut self, now: SimTime, current: u32) {
        if self.recommendations.is_empty() {
            self.recommendations.push((now, current));
        }
    }

    /// Notes a change of replicas.
    pub(crate) fn changed(&mut self, now: SimTime, from: u32, to: u32) {
        let changes = if to > from { &mut self.added } else { &mut self.removed };
        changes.retain(|(at, _)| now - *at < PERIOD_MAX);
        if to != from {
            changes.push((now, to.abs_diff(from)));
        }
    }

    /// Replicas after stabilization, policies and limits; notes the recommendation.
    pub(crate) fn limit(&mut self, now: SimTime, hpa: &Hpa, current: u32, recommended: u32) -> u32 {
        let stable = self.stabilize(now, hpa, current, recommended);
        let (up, down) = (&hpa.behavior.scale_up, &hpa.behavior.scale_down);
        match stable.cmp(&current) {
            Ordering::Greater => {
                let limits = self.limits(now, current, &up.policies, up_to);
                let limit = match up.select_policy {
                    SelectPolicy::Disabled => None,
                    SelectPolicy::Max => limits.max(),
                    SelectPolicy::Min => limits.min(),
                };
                let most = limit.map_or(current, replicas).max(current);
                stable.min(most).min(hpa.max_replicas)
            }
            Ordering::Less => {
                let limits = self.limits(now, current, &down.policies, down_to);
                let limit = match down.select_policy {
                    SelectPolicy::Disabled => None,
                    SelectPolicy::Max => limits.min(),
                    SelectPolicy::Min => limits.max(),
                };
                let fewest = limit.map_or(current, replicas).min(current);
                stable.max(fewest).max(hpa.min_replicas)
            }
            Ordering::Equal => current,
        }
    }

    /// The present number, as far as the recommendations of the windows let it stay.
    fn stabilize(&mut self, now: SimTime, hpa: &Hpa, current: u32, recommended: u32) -> u32 {
        let up_window = hpa.behavior.scale_up.stabilization_window;
        let down_window = hpa.behavior.scale_down.stabilization_window;
        self.recommendations
            .retain(|(at, _)| now - *at < up_window.max(down_window));
        self.recommendations.push((now, recommended));
        let within = |window: SimDuration| {
            let young = move |(at, _): &&(SimTime, u32)| now - *at < window;
            self.recommendations.iter().filter(young).map(|(_, replicas)| *replicas)
        };
        let lowest = within(up_window).chain([recommended]).min().expect("one at least");
        let highest = within(down_window).chain([recommended]).max().expect("one at least");
        current.max(lowest).min(highest)
    }

    /// What each policy allows, from the replicas at the start of its period.
    fn limits<'p>(
        &'p self,
        now: SimTime,
        current: u32,
        policies: &'p [ScalingPolicy],
        allowed: fn(&ScalingPolicy, i64) -> i64,
    ) -> impl Iterator<Item = i64> + 'p {
        policies.iter().map(move |policy| {
            let within = |changes: &[(SimTime, u32)]| {
                let young = changes.iter().filter(|(at, _)| now - *at < policy.period);
                young.map(|(_, count)| i64::from(*count)).sum::<i64>()
            };
            let at_period_start = i64::from(current) - within(&self.added) + within(&self.removed);
            allowed(policy, at_period_start)
        })
    }
}

/// Most replicas; a percentage rounds up, or few replicas could never grow.
fn up_to(policy: &ScalingPolicy, at_period_start: i64) -> i64 {
    let percent = i64::from(policy.percent.unwrap_or(0));
    match policy.pods {
        Some(pods) => at_period_start + i64::from(pods),
        None => (at_period_start * (100 + percent) + 99).div_euclid(100),
    }
}

/// Fewest replicas; a percentage is cut to a whole number.
fn down_to(policy: &ScalingPolicy, at_period_start: i64) -> i64 {
    let percent = i64::from(policy.percent.unwrap_or(0));
    match policy.pods {
        Some(pods) => at_period_start - i64::from(pods),
        None => at_period_start * (100 - percent) / 100,
    }
}

fn replicas(limit: i64) -> u32 {
    u32::try_from(limit.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
