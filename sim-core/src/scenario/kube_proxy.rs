//! kube-proxy, through which requests reach pods when the targets are nodes.

use serde::{Deserialize, Serialize};

use crate::dist::Dist;
use crate::time::SimDuration;

/// kube-proxy of every node; it matters only where `target_group.target_type` is `instance`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KubeProxy {
    /// From a committed slice write to the cache of a node's kube-proxy; one draw per write and node.
    /// Source: kubernetes §8 (a watch: median 10 ms, p99 100 ms, estimate).
    pub watch_latency: Dist,
    /// From the start of a sync to its rules being in force; one draw per sync.
    /// Source: lbc §10 `kubeproxy_sync` (median 1 s; the p99 of 5 s is an estimate within its range of 0.1 to 10 s).
    pub sync: Dist,
    /// `minSyncPeriod`: least time between the starts of two syncs of a node, at most the `syncPeriod` of 30 s.
    /// Source: kubernetes §2.3.16 (1 s).
    pub min_sync_period: SimDuration,
    /// Whether endpoints that are terminating but still serving are chosen where there is no ready one.
    /// Source: kubernetes §2.3.16 (KEP-1669, general since 1.28: true).
    pub terminating_fallback: bool,
    /// What a connection meets on a node whose kube-proxy knows no endpoint, with the policy `cluster`.
    /// Source: kubernetes §7 G (`reject`).
    pub no_endpoint: NoEndpoint,
    /// What it meets on a node without an endpoint of its own, with the policy `local`.
    /// Source: kubernetes §7 G (`drop`; some modes reject).
    pub no_local_endpoint: NoEndpoint,
}

impl Default for KubeProxy {
    fn default() -> Self {
        Self {
            watch_latency: Dist::LogNormal {
                median: SimDuration::from_millis(10),
                p99: SimDuration::from_millis(100),
            },
            sync: Dist::LogNormal {
                median: SimDuration::from_secs(1),
                p99: SimDuration::from_secs(5),
            },
            min_sync_period: SimDuration::from_secs(1),
            terminating_fallback: true,
            no_endpoint: NoEndpoint::Reject,
            no_local_endpoint: NoEndpoint::Drop,
        }
    }
}

/// What a connection meets on a node whose kube-proxy has no endpoint for it (kubernetes §7 G).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum NoEndpoint {
    /// ICMP port unreachable, at once.
    Reject,
    /// Silence.
    Drop,
}

/// `externalTrafficPolicy` of the Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ExternalTrafficPolicy {
    /// A node forwards to pods on any node.
    #[default]
    Cluster,
    /// A node forwards to its own pods only.
    Local,
}
