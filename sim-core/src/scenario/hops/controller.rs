//! Settings of the AWS Load Balancer Controller.

use serde::{Deserialize, Serialize};

use super::{log_normal_ms, ms};
use crate::dist::{Dist, Probability, Rate};
use crate::time::SimDuration;

/// Deciles 0 to 10 of the triangular distribution from 15 s to 120 s with its mode at 30 s, to the millisecond.
const LEADER_GAP_MS: [u64; 11] = [
    15_000, 27_550, 33_052, 38_668, 44_701, 51_261, 58_518, 66_755, 76_526, 89_259, 120_000,
];

/// The AWS Load Balancer Controller. Defaults are those of version 3.5.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadBalancerController {
    /// From a committed slice or pod change to the controller's cache.
    /// Source: lbc §10 `eps_watch_lag` (median 0.1 s, estimate).
    pub watch_latency: Dist,
    /// Computation of one reconcile. Source: lbc §10 `lbc_reconcile_cpu` (50 ms, estimate).
    pub reconcile_time: Dist,
    /// One `DescribeTargetHealth` call. Source: lbc §10 (80 ms).
    pub describe_latency: Dist,
    /// One PATCH of the `TargetGroupBinding`'s checkpoint annotation. Source: lbc §10 `lbc_checkpoint_patch` (30 ms).
    pub checkpoint_patch: Dist,
    /// One PATCH of a pod's readiness-gate condition. Source: lbc §1.4 step 10; estimate (20 ms).
    pub gate_patch: Dist,
    /// Client-side rate of `RegisterTargets` and `DeregisterTargets` together. Source: lbc §1.7 (4/s).
    pub registration_rate: Rate,
    /// Its burst. Source: lbc §1.7 (20).
    pub registration_burst: u32,
    /// Client-side rate of `Describe*`. Source: lbc §1.7 (50/s; 10/s before 3.2).
    pub describe_rate: Rate,
    /// Its burst. Source: lbc §1.7 (200; 40 before 3.2).
    pub describe_burst: u32,
    /// Targets in one register or deregister call. Source: lbc §1.5 (200).
    pub targets_per_call: u32,
    /// Requeue while a gate is not True. Source: lbc §1.3 (15 s).
    pub gate_poll: SimDuration,
    /// Whether a change of a gated pod triggers a reconcile (3.4 and later), or only the poll finds it.
    /// Source: lbc §1.1 (true).
    pub pod_watch: bool,
    /// Life of the cached target list. Source: lbc §1.5 (300 s).
    pub targets_cache_ttl: SimDuration,
    /// First queue back-off after a failed reconcile; it doubles. Source: lbc §1.3 (5 ms).
    pub queue_backoff: SimDuration,
    /// Largest queue back-off. Source: lbc §1.3 (1000 s).
    pub queue_backoff_max: SimDuration,
    /// Attempts of the AWS SDK for one call. Source: lbc §1.8 (10).
    pub sdk_max_attempts: u32,
    /// Probability that the security groups of a reconcile cannot be brought up to date. With targets that are nodes
    /// that ends the reconcile before any deregistration; with pods it only brings it back after `gate_poll`.
    /// Source: lbc §1.4 step 5 and end (what it does); estimate (0).
    pub network_failure: Probability,
    /// `--targetgroupbinding-max-concurrent-reconciles`, 1 to 50. Source: lbc §1.3 (3).
    pub workers: u32,
    /// Further `TargetGroupBinding`s that select the same pods, 0 to 99. Each has its own reconciles, calls, gate poll
    /// and readiness gate, and a target group without traffic. Source: lbc §2.2 "Multi-TGB" (none).
    pub other_target_group_bindings: u32,
    /// How long nobody leads after the leader is gone: the lease runs out, a replica takes it and fills its caches.
    /// Source: lbc §10 `lbc_leader_gap` (triangular 15, 30, 120 s; here its deciles, linear in between).
    pub leader_gap: Dist,
    /// Index of the Kubernetes node on which the leader runs at the start; its drain or loss evicts the leader.
    /// Source: lbc §10 `lbc_leader_on_drained_node` (none).
    pub leader_node: Option<u32>,
    /// `failurePolicy` of the webhook that injects readiness gates. Source: lbc §2.1 (`ignore` since 2.12, `fail` before).
    pub pod_webhook_failure_policy: FailurePolicy,
    /// Pause after a skipped reconcile before the checkpoint is cleared, which makes the next one look at everything.
    /// Source: lbc §1.6 (30 min).
    pub resync_after: SimDuration,
    /// Random part of that pause. Source: lbc §1.6 (uniform up to 15 min).
    pub resync_jitter: Dist,
}

impl Default for LoadBalancerController {
    fn default() -> Self {
        Self {
            watch_latency: log_normal_ms(100, 500),
            reconcile_time: log_normal_ms(50, 200),
            describe_latency: log_normal_ms(80, 300),
            checkpoint_patch: log_normal_ms(30, 120),
            gate_patch: log_normal_ms(20, 100),
            registration_rate: Rate::new(4.0).expect("a rate"),
            registration_burst: 20,
            describe_rate: Rate::new(50.0).expect("a rate"),
            describe_burst: 200,
            targets_per_call: 200,
            gate_poll: SimDuration::from_secs(15),
            pod_watch: true,
            targets_cache_ttl: SimDuration::from_secs(300),
            queue_backoff: ms(5),
            queue_backoff_max: SimDuration::from_secs(1000),
            sdk_max_attempts: 10,
            network_failure: Probability::ZERO,
            workers: 3,
            other_target_group_bindings: 0,
            leader_gap: Dist::Empirical {
                values: LEADER_GAP_MS.map(ms).to_vec(),
            },
            leader_node: None,
            pod_webhook_failure_policy: FailurePolicy::Ignore,
            resync_after: SimDuration::from_secs(1800),
            resync_jitter: Dist::Uniform {
                min: SimDuration::ZERO,
                max: SimDuration::from_secs(900),
            },
        }
    }
}

/// `failurePolicy` of an admission webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum FailurePolicy {
    /// While nobody answers the webhook, pods are created without a gate.
    Ignore,
    /// While nobody answers the webhook, pods are not created.
    Fail,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats;

    #[test]
    fn the_leader_s_gap_has_the_deciles_of_a_triangle() {
        // F⁻¹(p) = a + √(p (b − a)(c − a)) below the mode c, b − √((1 − p)(b − a)(b − c)) above it.
        let (a, mode, b) = (15.0_f64, 30.0, 120.0);
        let gap = LoadBalancerController::default().leader_gap;
        for decile in 0..=10 {
            let p = f64::from(decile) / 10.0;
            let expected = if p < (mode - a) / (b - a) {
                a + libm::sqrt(p * (b - a) * (mode - a))
            } else {
                b - libm::sqrt((1.0 - p) * (b - a) * (b - mode))
            };
            let found = stats::seconds(gap.quantile(p));
            assert!((found - expected).abs() < 1e-3, "{p}: {found}, not {expected}");
        }
        // Linear between the deciles, the mean is off by less than 1 %.
        let mean = stats::seconds(gap.mean());
        assert!((mean / ((a + mode + b) / 3.0) - 1.0).abs() < 0.01, "{mean}");
    }
}
