//! Nodes as they come and go: the controllers that watch over them, EC2, and what shutting down takes.

use serde::{Deserialize, Serialize};

use crate::dist::{Dist, Probability, Rate};
use crate::time::SimDuration;

/// The controllers that notice lost nodes. Defaults are those of Kubernetes 1.32 and later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NodeLifecycle {
    /// How often a kubelet renews its lease. Source: kubernetes §5.3 (10 s).
    pub lease_interval: SimDuration,
    /// `--node-monitor-period`: how often the leases are looked at. Source: kubernetes §5.3 (5 s).
    pub monitor_period: SimDuration,
    /// `--node-monitor-grace-period`: age at which a lease has lapsed. Source: kubernetes §5.3 (50 s; 40 s up to 1.31).
    pub monitor_grace_period: SimDuration,
    /// `--node-eviction-rate`: nodes tainted `NoExecute` per second and zone. Source: kubernetes §5.3 (0.1/s).
    pub eviction_rate: Rate,
    /// `--secondary-node-eviction-rate`: the same while much of a zone is lost. Source: kubernetes §5.3 (0.01/s).
    pub secondary_eviction_rate: Rate,
    /// `--unhealthy-zone-threshold`: share of a zone's nodes that is much. Source: kubernetes §5.3 (0.55).
    pub unhealthy_zone_threshold: Probability,
    /// `--large-cluster-size-threshold`: a zone of at most so many nodes is then not tainted at all.
    /// Source: kubernetes §5.3 (50).
    pub large_cluster_size_threshold: u32,
    /// Poll of the cloud provider's node controller, which deletes the objects of lost instances.
    /// Source: kubernetes §5.3, nodes §5.3 (5 s).
    pub cloud_scan_period: SimDuration,
    /// Poll of the pod garbage collector. Source: nodes §5.3 (20 s).
    pub pod_gc_period: SimDuration,
    /// How long a node must be missing before its pods are collected. Source: nodes §5.3 (40 s).
    pub pod_gc_quarantine: SimDuration,
}

impl Default for NodeLifecycle {
    fn default() -> Self {
        Self {
            lease_interval: SimDuration::from_secs(10),
            monitor_period: SimDuration::from_secs(5),
            monitor_grace_period: SimDuration::from_secs(50),
            eviction_rate: Rate::new(0.1).expect("a rate"),
            secondary_eviction_rate: Rate::new(0.01).expect("a rate"),
            unhealthy_zone_threshold: Probability::new(0.55).expect("a probability"),
            large_cluster_size_threshold: 50,
            cloud_scan_period: SimDuration::from_secs(5),
            pod_gc_period: SimDuration::from_secs(20),
            pod_gc_quarantine: SimDuration::from_secs(40),
        }
    }
}

/// EC2: how an instance ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ec2 {
    /// From the accepted `TerminateInstances` to the operating system's shutdown.
    /// Source: nodes §5.1 (1 to 5 s, estimate; median 3 s, p99 10 s).
    pub os_shutdown_notice: Dist,
    /// Shutdown of the operating system itself: beside the pods where systemd stops them, after them where the kubelet
    /// holds it up (graceful node shutdown). Source: nodes §9 `ec2.os_shutdown` (median 30 s, p99 120 s, estimate).
    pub os_shutdown: Dist,
    /// Longest shutdown before EC2 stops the instance hard. Source: nodes §5.1 (180 s).
    pub os_shutdown_max: SimDuration,
    /// From systemd's SIGTERM to its SIGKILL where the kubelet does not shut pods down, whole seconds.
    /// Source: nodes §5.2 (90 s).
    pub systemd_stop_timeout: SimDuration,
}

impl Default for Ec2 {
    fn default() -> Self {
        Self {
            os_shutdown_notice: Dist::LogNormal {
                median: SimDuration::from_secs(3),
                p99: SimDuration::from_secs(10),
            },
            os_shutdown: Dist::LogNormal {
                median: SimDuration::from_secs(30),
                p99: SimDuration::from_secs(120),
            },
            os_shutdown_max: SimDuration::from_secs(180),
            systemd_stop_timeout: SimDuration::from_secs(90),
        }
    }
}
