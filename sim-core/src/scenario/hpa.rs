//! The `HorizontalPodAutoscaler`, its controller's flags, and the metrics it is fed with (nodes §7, kubernetes §4.5).

use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::dist::{Dist, Probability};
use crate::time::SimDuration;

/// A `HorizontalPodAutoscaler` on CPU utilisation; names as in `autoscaling/v2`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hpa {
    /// `minReplicas`. Source: `pkg/apis/autoscaling/v2/defaults.go` (1).
    #[serde(default = "default_min_replicas")]
    pub min_replicas: u32,
    /// `maxReplicas`; the API has no default either. Source: the scenario's author.
    pub max_replicas: u32,
    /// `averageUtilization` of the CPU metric: percent of `pod.requests.cpu`.
    /// Source: `pkg/apis/autoscaling/v2/defaults.go` (80).
    #[serde(default = "default_target")]
    pub target_cpu_utilization: u32,
    /// How fast it may scale.
    #[serde(default)]
    pub behavior: Behavior,
}

fn default_min_replicas() -> u32 {
    1
}

fn default_target() -> u32 {
    80
}

impl Hpa {
    /// One with the API's defaults and that many replicas at most.
    pub fn up_to(max_replicas: u32) -> Self {
        Self {
            min_replicas: default_min_replicas(),
            max_replicas,
            target_cpu_utilization: default_target(),
            behavior: Behavior::default(),
        }
    }
}

/// `behavior`: how fast it may scale.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Behavior {
    /// Upwards.
    pub scale_up: ScaleUp,
    /// Downwards.
    pub scale_down: ScaleDown,
}

/// `behavior.scaleUp`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScaleUp {
    /// `stabilizationWindowSeconds`: the smallest recommendation of this time counts. Source: nodes §7 (0 s).
    pub stabilization_window: SimDuration,
    /// `selectPolicy`: which policy counts where several give a limit. Source: nodes §7 (max).
    pub select_policy: SelectPolicy,
    /// Limits of the change. Source: nodes §7 (4 pods and 100 %, each per 15 s).
    pub policies: Vec<ScalingPolicy>,
}

impl Default for ScaleUp {
    fn default() -> Self {
        Self {
            stabilization_window: SimDuration::ZERO,
            select_policy: SelectPolicy::Max,
            policies: vec![ScalingPolicy::pods(4, PERIOD), ScalingPolicy::percent(100, PERIOD)],
        }
    }
}

/// `behavior.scaleDown`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScaleDown {
    /// `stabilizationWindowSeconds`: the largest recommendation of this time counts. Source: nodes §7 (300 s).
    pub stabilization_window: SimDuration,
    /// `selectPolicy`: which policy counts where several give a limit. Source: nodes §7 (max).
    pub select_policy: SelectPolicy,
    /// Limits of the change. Source: nodes §7 (100 % per 15 s, which is no limit).
    pub policies: Vec<ScalingPolicy>,
}

impl Default for ScaleDown {
    fn default() -> Self {
        Self {
            stabilization_window: SimDuration::from_secs(300),
            select_policy: SelectPolicy::Max,
            policies: vec![ScalingPolicy::percent(100, PERIOD)],
        }
    }
}

/// Period of the default policies (nodes §7).
const PERIOD: SimDuration = SimDuration::from_secs(15);

/// `selectPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SelectPolicy {
    /// The policy that allows the largest change.
    Max,
    /// The policy that allows the smallest change.
    Min,
    /// No change in this direction.
    Disabled,
}

/// One limit: so many pods, or so many percent of the replicas, within a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScalingPolicy {
    /// `type: Pods`. Source: nodes §7 (default policies).
    #[serde(default)]
    pub pods: Option<u32>,
    /// `type: Percent`. Source: nodes §7 (default policies).
    #[serde(default)]
    pub percent: Option<u32>,
    /// `periodSeconds`, 1 s to 1800 s. Source: nodes §7 (default policies).
    pub period: SimDuration,
}

impl ScalingPolicy {
    /// At most `pods` within `period`.
    pub const fn pods(pods: u32, period: SimDuration) -> Self {
        Self {
            pods: Some(pods),
            percent: None,
            period,
        }
    }

    /// At most `percent` of the replicas at the period's start within `period`.
    pub const fn percent(percent: u32, period: SimDuration) -> Self {
        Self {
            pods: None,
            percent: Some(percent),
            period,
        }
    }
}

/// Flags of the controller in the controller manager.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HpaController {
    /// `--horizontal-pod-autoscaler-sync-period`; the phase is random. Source: nodes §7 (15 s).
    pub sync_period: SimDuration,
    /// `--horizontal-pod-autoscaler-tolerance`: no change while usage over target differs from 1 by no more.
    /// Source: nodes §7 (0.1).
    pub tolerance: Probability,
    /// `--horizontal-pod-autoscaler-cpu-initialization-period`: that long after its start a pod's CPU counts only if
    /// it was Ready during the whole window. Source: nodes §7 (5 min).
    pub cpu_initialization_period: SimDuration,
    /// `--horizontal-pod-autoscaler-initial-readiness-delay`: a pod not Ready since no later than this after its start
    /// was never Ready. Source: nodes §7 (30 s).
    pub initial_readiness_delay: SimDuration,
}

impl Default for HpaController {
    fn default() -> Self {
        Self {
            sync_period: SimDuration::from_secs(15),
            tolerance: Probability::from_permille(100),
            cpu_initialization_period: SimDuration::from_secs(300),
            initial_readiness_delay: SimDuration::from_secs(30),
        }
    }
}

/// metrics-server, from which the autoscaler has the CPU use of each pod.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MetricsServer {
    /// `--metric-resolution`: distance of two scrapes, which is the window of each value; the phase is random.
    /// Source: nodes §6 (15 s of the range 15 s to 60 s, as its manifest sets).
    pub resolution: SimDuration,
    /// From the end of a window to the metrics API showing it.
    /// Source: estimate (1 s to 11 s: the kubelet measures every 10 s, and a scrape takes a moment).
    pub latency: Dist,
}

impl Default for MetricsServer {
    fn default() -> Self {
        Self {
            resolution: SimDuration::from_secs(15),
            latency: Dist::Uniform {
                min: SimDuration::from_secs(1),
                max: SimDuration::from_secs(11),
            },
        }
    }
}
