//! Pods: what kubelet and application do when one goes away.

use serde::{Deserialize, Serialize};

use super::meta::{LabelSelector, Metadata, Scalar};
use crate::text::decode::Spanned;
use std::collections::BTreeMap;

/// `spec.template` of what owns pods.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PodTemplate {
    /// Labels that Services select by.
    pub(crate) metadata: Option<Metadata>,
    /// The pod.
    pub(crate) spec: Option<PodSpec>,
}

/// `spec` of a pod.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PodSpec {
    /// Its containers.
    pub(crate) containers: Option<Vec<Container>>,
    /// Its init containers; those with `restartPolicy: Always` are sidecars.
    pub(crate) init_containers: Option<Vec<Container>>,
    /// The grace period, seconds.
    pub(crate) termination_grace_period_seconds: Option<Spanned<i64>>,
    /// Conditions that must be true besides its containers being ready.
    pub(crate) readiness_gates: Option<Vec<ReadinessGate>>,
    /// How its pods are spread.
    pub(crate) topology_spread_constraints: Option<Vec<TopologySpreadConstraint>>,
    /// What it tolerates of its node.
    pub(crate) tolerations: Option<Vec<Toleration>>,
    /// Whether its containers share one process namespace: no application is PID 1 then.
    pub(crate) share_process_namespace: Option<Spanned<bool>>,
    /// Whether it uses its node's network.
    pub(crate) host_network: Option<Spanned<bool>>,
}

/// One of `readinessGates`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ReadinessGate {
    /// Type of the condition.
    pub(crate) condition_type: Option<Spanned<String>>,
}

/// One of `topologySpreadConstraints`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TopologySpreadConstraint {
    /// Largest difference.
    pub(crate) max_skew: Option<Spanned<i64>>,
    /// Over what.
    pub(crate) topology_key: Option<Spanned<String>>,
    /// `DoNotSchedule` or `ScheduleAnyway`.
    pub(crate) when_unsatisfiable: Option<Spanned<String>>,
    /// Which pods count.
    pub(crate) label_selector: Option<LabelSelector>,
}

/// One of `tolerations`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Toleration {
    /// The taint.
    pub(crate) key: Option<Spanned<String>>,
    /// For how long, seconds.
    pub(crate) toleration_seconds: Option<Spanned<i64>>,
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Container {
    /// Its name.
    pub(crate) name: Option<Spanned<String>>,
    /// Its image.
    pub(crate) image: Option<Spanned<String>>,
    /// Its entry point.
    pub(crate) command: Option<Vec<Spanned<String>>>,
    /// Arguments of the entry point.
    pub(crate) args: Option<Vec<Spanned<String>>>,
    /// Its environment.
    pub(crate) env: Option<Vec<EnvVar>>,
    /// What it listens on.
    pub(crate) ports: Option<Vec<ContainerPort>>,
    /// What it asks of its node.
    pub(crate) resources: Option<ResourceRequirements>,
    /// When it takes part in its Service.
    pub(crate) readiness_probe: Option<Probe>,
    /// When it is restarted.
    pub(crate) liveness_probe: Option<Probe>,
    /// What the other two wait for.
    pub(crate) startup_probe: Option<Probe>,
    /// Its hooks.
    pub(crate) lifecycle: Option<Lifecycle>,
    /// `Always` makes an init container a sidecar.
    pub(crate) restart_policy: Option<Spanned<String>>,
}

/// One of a container's `env`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct EnvVar {
    /// The variable.
    pub(crate) name: Option<Spanned<String>>,
    /// Its value; absent where it comes from elsewhere.
    pub(crate) value: Option<Spanned<String>>,
}

/// One of a container's `ports`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ContainerPort {
    /// A name that Services and probes may use.
    pub(crate) name: Option<Spanned<String>>,
    /// The port.
    pub(crate) container_port: Option<Spanned<i64>>,
}

/// `resources`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ResourceRequirements {
    /// What the scheduler sets aside.
    pub(crate) requests: Option<BTreeMap<String, Scalar>>,
    /// What it may use; where requests are absent, they are these.
    pub(crate) limits: Option<BTreeMap<String, Scalar>>,
}

/// A probe.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Probe {
    /// A GET.
    pub(crate) http_get: Option<HttpGet>,
    /// A connection.
    pub(crate) tcp_socket: Option<TcpSocket>,
    /// A command.
    pub(crate) exec: Option<Exec>,
    /// A gRPC health check.
    pub(crate) grpc: Option<Grpc>,
    /// Seconds between two.
    pub(crate) period_seconds: Option<Spanned<i64>>,
    /// Seconds until one counts as failed.
    pub(crate) timeout_seconds: Option<Spanned<i64>>,
    /// Seconds before the first.
    pub(crate) initial_delay_seconds: Option<Spanned<i64>>,
    /// Successes in a row that count.
    pub(crate) success_threshold: Option<Spanned<i64>>,
    /// Failures in a row that count.
    pub(crate) failure_threshold: Option<Spanned<i64>>,
    /// Grace period of a restart that this probe causes, seconds.
    pub(crate) termination_grace_period_seconds: Option<Spanned<i64>>,
}

/// A GET of the kubelet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpGet {
    /// Of this page.
    pub(crate) path: Option<Spanned<String>>,
    /// At this port, a number or a name.
    pub(crate) port: Option<Scalar>,
    /// `HTTP` or `HTTPS`.
    pub(crate) scheme: Option<Spanned<String>>,
}

/// A connection of the kubelet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TcpSocket {
    /// To this port, a number or a name.
    pub(crate) port: Option<Scalar>,
}

/// A command in the container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Exec {
    /// Its words; no shell is involved unless they name one.
    pub(crate) command: Option<Vec<Spanned<String>>>,
}

/// A gRPC health check of the kubelet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Grpc {
    /// At this port.
    pub(crate) port: Option<Spanned<i64>>,
}

/// `lifecycle`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Lifecycle {
    /// What runs before SIGTERM.
    pub(crate) pre_stop: Option<Handler>,
    /// The signal instead of SIGTERM.
    pub(crate) stop_signal: Option<Spanned<String>>,
}

/// A hook: exactly one of the fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Handler {
    /// A command.
    pub(crate) exec: Option<Exec>,
    /// A GET.
    pub(crate) http_get: Option<HttpGet>,
    /// A timer of the kubelet.
    pub(crate) sleep: Option<Sleep>,
    /// A connection, which always fails.
    pub(crate) tcp_socket: Option<TcpSocket>,
}

/// A timer of the kubelet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Sleep {
    /// How long.
    pub(crate) seconds: Option<Spanned<i64>>,
}
