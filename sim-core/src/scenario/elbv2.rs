//! The target group and the load balancer: attributes as ELBv2 names them.

use serde::{Deserialize, Serialize};

use super::health::{Switch, TargetGroupHealth};
use super::pod::HealthPath;
use crate::time::SimDuration;

/// The target group and its health check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TargetGroup {
    /// `target-type`: pod IPs, or nodes behind whose port kube-proxy chooses a pod. Source: lbc §3.4.
    pub target_type: TargetType,
    /// The ALB's check of each target.
    pub health_check: HealthCheck,
    /// `deregistration_delay.timeout_seconds`, 0 to 3600. Source: alb §2.1 (300 s).
    pub deregistration_delay: SimDuration,
    /// `slow_start.duration_seconds`, 0 or 30 to 900. Source: alb §2.1 (0, off).
    pub slow_start: SimDuration,
    /// `load_balancing.algorithm.type`. Source: alb §2.1 (`round_robin`).
    pub algorithm: Algorithm,
    /// `load_balancing.cross_zone.enabled`. Source: alb §2.1 (on).
    pub cross_zone: bool,
    /// Stickiness with a load-balancer cookie.
    pub stickiness: Stickiness,
    /// `target_group_health`: when ALB nodes fail open and when zones leave DNS.
    pub health: TargetGroupHealth,
    /// `load_balancing.algorithm.anomaly_mitigation`, with `weighted_random` only. Source: alb §2.1 (off).
    pub anomaly_mitigation: Switch,
}

impl Default for TargetGroup {
    fn default() -> Self {
        Self {
            target_type: TargetType::Ip,
            health_check: HealthCheck::default(),
            deregistration_delay: SimDuration::from_secs(300),
            slow_start: SimDuration::ZERO,
            algorithm: Algorithm::RoundRobin,
            cross_zone: true,
            stickiness: Stickiness::default(),
            health: TargetGroupHealth::default(),
            anomaly_mitigation: Switch::Off,
        }
    }
}

/// What is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum TargetType {
    /// Pod IPs.
    Ip,
    /// Nodes and the Service's node port.
    Instance,
}

/// The health check of a target group. Defaults are those the controller sends, not those of the ELBv2 API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HealthCheck {
    /// `HealthCheckIntervalSeconds`, 5 to 300. Source: alb §1.1, lbc §3.3 (15 s).
    pub interval: SimDuration,
    /// `HealthCheckTimeoutSeconds`, 2 to 120 and less than the interval. Source: alb §1.1, lbc §3.3 (5 s).
    pub timeout: SimDuration,
    /// `HealthyThresholdCount`, 2 to 10. Source: alb §1.1, lbc §3.3 (2).
    pub healthy_threshold: u32,
    /// `UnhealthyThresholdCount`, 2 to 10. Source: alb §1.1, lbc §3.3 (2).
    pub unhealthy_threshold: u32,
    /// Whether the checked page is one that users use. Source: published run.
    pub path: HealthPath,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self {
            interval: SimDuration::from_secs(15),
            timeout: SimDuration::from_secs(5),
            healthy_threshold: 2,
            unhealthy_threshold: 2,
            path: HealthPath::Dedicated,
        }
    }
}

/// `load_balancing.algorithm.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Algorithm {
    /// In turn, per ALB node.
    RoundRobin,
    /// Fewest requests in flight from this ALB node; ties at random.
    LeastOutstandingRequests,
    /// Uniformly at random, unless anomaly mitigation has cut a target's weight.
    WeightedRandom,
}

/// Stickiness with a load-balancer cookie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stickiness {
    /// `stickiness.enabled`; sessions then keep their target while it is usable. Source: alb §2.1 (false).
    pub enabled: bool,
    /// `stickiness.lb_cookie.duration_seconds`, 1 to 604800. Source: alb §2.1 (86400 s).
    pub duration: SimDuration,
}

impl Default for Stickiness {
    fn default() -> Self {
        Self {
            enabled: false,
            duration: SimDuration::from_secs(86_400),
        }
    }
}

/// Attributes of the load balancer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadBalancer {
    /// `idle_timeout.timeout_seconds`, 1 to 4000. Source: alb §4 (60 s).
    pub idle_timeout: SimDuration,
    /// `client_keep_alive.seconds`, 60 to 604800. Source: alb §4 (3600 s).
    pub client_keep_alive: SimDuration,
    /// ALB nodes in each zone; AWS does not publish it. Source: alb §2.2 (unknown; estimate 1).
    pub nodes_per_zone: u32,
    /// Which idle connection to a target an ALB node reuses; AWS does not publish it. Source: alb §4 (unknown; lifo, with
    /// which more of the field's reports of the keep-alive race agree).
    pub connection_reuse: ConnectionReuse,
    /// `zonal_shift.config.enabled`; a `zonal_shift` needs it. Source: alb §8 (false).
    pub zonal_shift: bool,
}

impl Default for LoadBalancer {
    fn default() -> Self {
        Self {
            idle_timeout: SimDuration::from_secs(60),
            client_keep_alive: SimDuration::from_secs(3600),
            nodes_per_zone: 1,
            connection_reuse: ConnectionReuse::Lifo,
            zonal_shift: false,
        }
    }
}

/// Which of several idle connections is reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ConnectionReuse {
    /// The one that became idle last, so that those which are not needed time out.
    Lifo,
    /// The one that has been idle for longest, so that all stay open, and each comes nearer to its timeout.
    Fifo,
}
