//! Hop latencies and limits: what a profile sets and a calibration fits.
//!
//! The defaults are the profile `eks`. Medians of the Kubernetes hops are engineering estimates unless the source
//! says otherwise (kubernetes §8): no distribution was ever published for most of them.

mod controller;

use serde::{Deserialize, Serialize};

pub use controller::{FailurePolicy, LoadBalancerController};

use crate::dist::{Dist, Probability, Rate};
use crate::time::SimDuration;

const fn ms(value: u64) -> SimDuration {
    SimDuration::from_millis(value)
}

const fn log_normal_ms(median: u64, p99: u64) -> Dist {
    Dist::LogNormal {
        median: ms(median),
        p99: ms(p99),
    }
}

/// Latencies of the API server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiServer {
    /// One write (DELETE, PATCH, PUT) until it is committed. Source: kubernetes §8 (median 8 ms, p99 60 ms, estimate).
    pub write_latency: Dist,
    /// From the commit to a watcher. Source: kubernetes §8 (median 10 ms, p99 100 ms, estimate).
    pub watch_latency: Dist,
}

impl Default for ApiServer {
    fn default() -> Self {
        Self {
            write_latency: log_normal_ms(8, 60),
            watch_latency: log_normal_ms(10, 100),
        }
    }
}

/// Limits of the controller manager's API clients; each controller has a bucket of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ControllerManager {
    /// Requests per second of one controller's client.
    /// Source: kubernetes §2.3.10 (20 upstream; what EKS uses is not published).
    pub client_qps: u32,
    /// Burst of one controller's client. Source: kubernetes §2.3.10 (30 upstream).
    pub client_burst: u32,
    /// Whether the Event of each pod deletion or creation takes a token of the same bucket.
    /// Source: kubernetes §4.2.1 (yes).
    pub events_share_bucket: bool,
}

impl Default for ControllerManager {
    fn default() -> Self {
        Self {
            client_qps: 20,
            client_burst: 30,
            events_share_bucket: true,
        }
    }
}

/// The `EndpointSlice` controller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndpointSliceController {
    /// `--endpointslice-updates-batch-period`. Source: kubernetes §2.3.4 (0 s).
    pub batch_period: SimDuration,
    /// Computation of one sync, before its writes. Source: kubernetes §9 `es_sync_time` (5 ms, estimate).
    pub sync_time: Dist,
    /// `--max-endpoints-per-slice`, 1 to 1000. Source: kubernetes §2.3.9 (100).
    pub max_endpoints_per_slice: u32,
    /// First retry when its cache is behind its own last write; it doubles. Source: kubernetes §2.3.6 (1 s).
    pub stale_backoff: SimDuration,
    /// Largest retry. Source: kubernetes §2.3.6 (1000 s).
    pub stale_backoff_max: SimDuration,
}

impl Default for EndpointSliceController {
    fn default() -> Self {
        Self {
            batch_period: SimDuration::ZERO,
            sync_time: Dist::Constant(ms(5)),
            max_endpoints_per_slice: 100,
            stale_backoff: SimDuration::from_secs(1),
            stale_backoff_max: SimDuration::from_secs(1000),
        }
    }
}

/// The kubelet and the container runtime below it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kubelet {
    /// From the watch event to the pod's worker. Source: kubernetes §9 `kubelet_dispatch` (median 3 ms, estimate).
    pub dispatch: Dist,
    /// Housekeeping blocks the single dispatch loop for this long every 2 s.
    /// Source: kubernetes §1.2.2 (period), §9 (10–300 ms, estimate).
    pub housekeeping: SimDuration,
    /// Share of pods synced within the last second when they are deleted; these wait for a PLEG relist.
    /// Source: kubernetes §9 `pleg_recent_sync_prob` (0.02, estimate).
    pub pleg_recent_sync: Probability,
    /// Wait for that relist. Source: kubernetes §9 (uniform up to 1.2 s).
    pub pleg_wait: Dist,
    /// From `StopContainer` to the delivered signal. Source: kubernetes §8 (median 15 ms, p99 100 ms, estimate).
    pub sigterm_delivery: Dist,
    /// From a container's exit to the kubelet knowing it. Source: kubernetes §8 (median 30 ms, p99 300 ms, estimate).
    pub exit_detect: Dist,
    /// From the last exit to the silent pod IP: pause killed, CNI DEL, network namespace removed.
    /// Source: kubernetes §8 (median 200 ms, p99 2 s, estimate); nodes §4.5 (0.1–2 s).
    pub sandbox_teardown: Dist,
    /// Probability that CNI DEL fails and is retried. Source: kubernetes §9 `cni_del_fail_prob` (0.0005, estimate).
    pub cni_del_failure: Probability,
    /// Pause before that retry. Source: kubernetes §1.2.11 (10 s × uniform 1 to 1.5).
    pub cni_del_retry: Dist,
    /// One status PATCH; they are serial on each node. Source: kubernetes §9 (20 ms, estimate).
    pub status_patch: Dist,
    /// From the torn-down sandbox to the pod object's removal. Source: kubernetes §1.4.8 (median 1.8 s, p99 5 s).
    pub object_delete: Dist,
    /// From the creation of a pod to its running containers: scheduling, sandbox, image present.
    /// Source: kubernetes §9 `pod_startup` (3 s, estimate; SLO p99 5 s).
    pub pod_start: Dist,
    /// From running containers to the kubelet noticing, which triggers the first readiness probe.
    /// Source: kubernetes §2.1.4 (one PLEG period, up to 1 s).
    pub start_detect: Dist,
    /// From a readiness gate's True to the pod's Ready. Source: kubernetes §9 `gate_to_ready_latency` (80 ms, estimate).
    pub gate_to_ready: Dist,
    /// `shutdownGracePeriod`: how long the kubelet delays a shutdown of the operating system for its pods, whole
    /// seconds; `0s` turns graceful node shutdown off.
    /// Source: nodes §9 (150 s on EKS AL2023 from Kubernetes 1.34 on; 0 before, on AL2 and upstream).
    pub shutdown_grace_period: SimDuration,
    /// `shutdownGracePeriodCriticalPods`: the last part of it, which only critical pods have.
    /// Source: nodes §9 (30 s where the whole is 150 s).
    pub shutdown_grace_period_critical_pods: SimDuration,
}

impl Default for Kubelet {
    fn default() -> Self {
        Self {
            dispatch: log_normal_ms(3, 30),
            housekeeping: ms(100),
            pleg_recent_sync: Probability::new(0.02).expect("a probability"),
            pleg_wait: Dist::Uniform {
                min: SimDuration::ZERO,
                max: ms(1200),
            },
            sigterm_delivery: log_normal_ms(15, 100),
            exit_detect: log_normal_ms(30, 300),
            sandbox_teardown: log_normal_ms(200, 2000),
            cni_del_failure: Probability::new(0.0005).expect("a probability"),
            cni_del_retry: Dist::Uniform {
                min: ms(10_000),
                max: ms(15_000),
            },
            status_patch: log_normal_ms(20, 100),
            object_delete: log_normal_ms(1800, 5000),
            pod_start: log_normal_ms(3000, 5000),
            start_detect: Dist::Uniform {
                min: SimDuration::ZERO,
                max: ms(1000),
            },
            gate_to_ready: log_normal_ms(80, 500),
            shutdown_grace_period: SimDuration::from_secs(150),
            shutdown_grace_period_critical_pods: SimDuration::from_secs(30),
        }
    }
}

/// The ELBv2 control plane, and how its changes reach the ALB nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Elbv2 {
    /// One `DeregisterTargets` call. Source: lbc §10 `aws_deregister_latency` (60 ms; one sample of 41 ms).
    pub deregister_latency: Dist,
    /// One `RegisterTargets` call. Source: lbc §10 `aws_register_latency` (200 ms; one sample of 205 ms).
    pub register_latency: Dist,
    /// Probability that one attempt of a call fails with a retryable error. Source: lbc §10 (0).
    pub call_failure: Probability,
    /// Account bucket of register and deregister calls: refill. Source: alb §5.4 (4/s).
    pub registration_rate: Rate,
    /// Account bucket of register and deregister calls: size. Source: alb §5.4 (20).
    pub registration_burst: u32,
    /// Register and deregister calls of other callers in the account. Source: estimate (none).
    pub other_callers_rate: Rate,
    /// Account bucket of `Describe*` calls: refill. Source: alb §5.4 (50/s; 10/s before March 2026).
    pub describe_rate: Rate,
    /// Account bucket of `Describe*` calls: size. Source: alb §5.4 (200; 40 before March 2026).
    pub describe_burst: u32,
    /// `Describe*` calls of other callers in the account. Source: estimate (none).
    pub other_describes_rate: Rate,
    /// Quota of targets in one target group; adjustable. Source: alb §5.5 (1000).
    pub targets_per_target_group_quota: u32,
    /// Whether `RegisterTargets` above the quota fails with `TooManyTargets`, or the run only warns.
    /// Source: lbc §5.1 #4360; design choice (only warns, because most large fleets have it raised).
    pub enforce_targets_quota: bool,
    /// From an accepted deregistration to an ALB node that stops choosing the target; one draw per call and ALB node.
    /// Source: 30 timed trials on a calm ALB (mean 12.6 s, sd 0.47 s, max 13.5 s) give the median; the field traces of
    /// alb §5.1 (15–19 s) give the right tail.
    pub deregister_propagation: Dist,
    /// Whether the deregistration delay also ends that propagation. Source: alb §5.1 (unknown; false).
    pub propagation_bounded_by_delay: bool,
    /// From an accepted registration to the first health check of an ALB node; one draw per call and ALB node.
    /// Source: as the deregistration: 13 s in one trial on that calm ALB, and outages until new targets are healthy
    /// (alb §2.3); alb §5.2 estimates 1 to 5 s.
    pub register_propagation: Dist,
    /// Passed checks from `initial` to `healthy`. Source: alb §1.6 (1; one report of the healthy threshold).
    pub initial_pass_count: u32,
    /// Whether `initial` targets take fail-open traffic. Source: alb §2.3 (true).
    pub initial_in_fail_open: bool,
    /// Whether requests in flight are cut when a target turns unhealthy. Source: alb §2.5 (false).
    pub unhealthy_cuts_in_flight: bool,
    /// Further targets tried after a failed connect. Source: alb §3.3 (0).
    pub retry_on_connect_failure: u32,
    /// When `DescribeTargetHealth` shows `healthy`: once all ALB nodes agree, or any. Source: alb §1.6 (unknown; all).
    pub described_healthy_by: Consensus,
    /// Connect timeout towards targets; fixed by AWS. Source: alb §3.1 (10 s).
    pub connect_timeout: SimDuration,
}

impl Default for Elbv2 {
    fn default() -> Self {
        Self {
            deregister_latency: log_normal_ms(60, 240),
            register_latency: log_normal_ms(200, 700),
            call_failure: Probability::ZERO,
            registration_rate: Rate::new(4.0).expect("a rate"),
            registration_burst: 20,
            other_callers_rate: Rate::new(0.0).expect("a rate"),
            describe_rate: Rate::new(50.0).expect("a rate"),
            describe_burst: 200,
            other_describes_rate: Rate::new(0.0).expect("a rate"),
            targets_per_target_group_quota: 1000,
            enforce_targets_quota: false,
            deregister_propagation: log_normal_ms(12_600, 20_000),
            propagation_bounded_by_delay: false,
            register_propagation: log_normal_ms(12_600, 20_000),
            initial_pass_count: 1,
            initial_in_fail_open: true,
            unhealthy_cuts_in_flight: false,
            retry_on_connect_failure: 0,
            described_healthy_by: Consensus::All,
            connect_timeout: SimDuration::from_secs(10),
        }
    }
}

/// How many ALB nodes must see a target healthy before the API says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Consensus {
    /// Every ALB node.
    All,
    /// At least one.
    Any,
}

/// Round trips, and what packets to a dead pod IP meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Network {
    /// Round trip between an ALB node and a pod in its zone; one draw per pod. Source: alb §10 (0.4 ms, estimate).
    pub rtt_same_zone: Dist,
    /// Round trip between an ALB node and a pod in another zone; one draw per pod. Source: alb §10 (1 ms, estimate).
    pub rtt_cross_zone: Dist,
    /// Width of the keep-alive race around a server's idle close. Source: alb §4.1 (uniform 0.2 to 1.5 ms, estimate
    /// of the size of published 502 shares).
    pub keep_alive_race: Dist,
    /// Probability, per Kubernetes node, that packets to a removed pod IP are dropped rather than answered by ICMP.
    /// Source: nodes §4.4 (0.9, judgement).
    pub dead_ip_silent: Probability,
    /// Time to the ICMP host-unreachable where it is sent. Source: nodes §4.4 (3 s, measured on Linux).
    pub dead_ip_icmp: SimDuration,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            rtt_same_zone: Dist::LogNormal {
                median: SimDuration::from_micros(400),
                p99: ms(1),
            },
            rtt_cross_zone: Dist::LogNormal {
                median: ms(1),
                p99: SimDuration::from_micros(2500),
            },
            keep_alive_race: Dist::Uniform {
                min: SimDuration::from_micros(200),
                max: SimDuration::from_micros(1500),
            },
            dead_ip_silent: Probability::new(0.9).expect("a probability"),
            dead_ip_icmp: SimDuration::from_secs(3),
        }
    }
}
