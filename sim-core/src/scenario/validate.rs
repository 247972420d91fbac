//! What Kubernetes and ELBv2 would refuse, refused here with the same limits.

mod capacity;
mod cluster_autoscaler;
mod controller;
mod elbv2;
mod health;
mod hops;
mod hpa;
mod kubernetes;
mod load;
mod nodes;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Scenario;
use crate::dist::Dist;
use crate::time::SimDuration;

/// A setting that no run can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct ScenarioError {
    /// Path of the field from the scenario's root, with dots and `[index]`.
    pub path: String,
    /// What was found, what is legal, and what AWS or Kubernetes would do.
    pub problem: String,
}

pub(super) struct Validator {
    errors: Vec<ScenarioError>,
}

impl Validator {
    pub(super) fn check(&mut self, holds: bool, path: &str, problem: impl FnOnce() -> String) {
        if !holds {
            self.errors.push(ScenarioError {
                path: path.to_string(),
                problem: problem(),
            });
        }
    }

    pub(super) fn dist(&mut self, path: &str, dist: &Dist) {
        if let Err(error) = dist.validate() {
            self.errors.push(ScenarioError {
                path: path.to_string(),
                problem: error.to_string(),
            });
        }
    }

    pub(super) fn whole_seconds(&mut self, path: &str, value: SimDuration, owner: &str) {
        self.check(value.as_ns().is_multiple_of(1_000_000_000), path, || {
            format!("found {value}, but {owner} takes whole seconds")
        });
    }

    /// A whole number of seconds within the range the owner's API accepts.
    pub(super) fn seconds(&mut self, path: &str, value: SimDuration, range: (u64, u64), owner: &str) {
        self.whole_seconds(path, value, owner);
        let seconds = value.as_ns() / 1_000_000_000;
        let inside = (range.0..=range.1).contains(&seconds);
        self.check(inside || !value.as_ns().is_multiple_of(1_000_000_000), path, || {
            let bound = if seconds < range.0 {
                format!("greater than or equal to {}", range.0)
            } else {
                format!("less than or equal to {}", range.1)
            };
            format!(
                "found {value}, legal is {}s to {}s; {owner} would answer `ValidationError`: value '{seconds}' must \
                 be {bound}, and keep the previous setting",
                range.0, range.1
            )
        });
    }

    pub(super) fn count(&mut self, path: &str, value: u32, range: (u32, u32), owner: &str) {
        self.check((range.0..=range.1).contains(&value), path, || {
            format!("found {value}, legal is {} to {} ({owner})", range.0, range.1)
        });
    }
}

impl Scenario {
    /// Whether a run can use this scenario.
    ///
    /// # Errors
    ///
    /// Every setting outside what Kubernetes, ELBv2 or the model accept, with its path.
    pub fn validate(&self) -> Result<(), Vec<ScenarioError>> {
        let mut v = Validator { errors: Vec::new() };
        self.validate_kubernetes(&mut v);
        self.validate_elbv2(&mut v);
        self.validate_health(&mut v);
        self.validate_hops(&mut v);
        self.validate_nodes(&mut v);
        self.validate_controller(&mut v);
        self.validate_workload(&mut v);
        self.validate_cluster_autoscaler(&mut v);
        self.validate_hpa(&mut v);
        for (index, disruption) in self.disruptions.iter().enumerate() {
            v.disruption(index, disruption);
            v.node_disruption(&alloc::format!("disruptions[{index}]"), disruption, self);
            v.shift(&alloc::format!("disruptions[{index}]"), disruption, self);
            v.capacity(&alloc::format!("disruptions[{index}]"), disruption, self);
        }
        self.validate_autoscalers(&mut v);
        if v.errors.is_empty() { Ok(()) } else { Err(v.errors) }
    }
}
