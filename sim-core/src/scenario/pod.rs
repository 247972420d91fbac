//! The pod template: grace period, hooks, probes, gates and sidecars.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::quantity::{Cpu, Memory};
use super::value::Limit;
use crate::dist::{Dist, Probability};
use crate::time::SimDuration;

/// The pod template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pod {
    /// `terminationGracePeriodSeconds`, whole seconds; it includes preStop. Source: kubernetes §1.1.1 (30 s).
    pub termination_grace_period: SimDuration,
    /// The preStop hook of the application's container; none by default.
    pub pre_stop: PreStop,
    /// Readiness probe; `null` for none, and then a pod is Ready once its containers run.
    /// Source: kubernetes §2.1.1 (the API has none; the model starts from one with the API's defaults).
    pub readiness_probe: Option<Probe>,
    /// Liveness probe. Source: kubernetes §2.1.1 (none).
    pub liveness_probe: Option<Probe>,
    /// Startup probe. Source: kubernetes §2.1.1 (none).
    pub startup_probe: Option<Probe>,
    /// Whether the controller injected a target-health readiness gate. Source: lbc §2.1 (needs a namespace label).
    pub readiness_gate: bool,
    /// Since when the namespace carries the label: pods created earlier, those of the run's start too, have no gate.
    /// Source: lbc §2.1 (only at CREATE; unset: since before the run).
    pub readiness_gate_since: Option<SimDuration>,
    /// Further containers of the pod. Source: kubernetes §1.3 (stop order).
    pub sidecars: Vec<Sidecar>,
    /// What the pod asks of its node, summed over its containers.
    pub requests: Resources,
    /// `topologySpreadConstraints` over the Deployment's own pods. Source: the scenario's author (none; the scheduler
    /// then spreads by what is requested of each node, which stands for the default constraints of Kubernetes).
    pub topology_spread: Vec<TopologySpread>,
    /// How long the pod tolerates a node that is not Ready; `unlimited` for ever. Source: kubernetes §5.3 (300 s).
    pub unreachable_toleration: Limit<SimDuration>,
}

/// One of a pod's `topologySpreadConstraints`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TopologySpread {
    /// Over what the pods are spread. Source: the scenario's author (zones).
    pub topology_key: TopologyKey,
    /// Most pods that a domain may have more than the emptiest one. Source: the scenario's author (1).
    pub max_skew: u32,
    /// What happens where that cannot be kept. Source: Kubernetes API default (`do_not_schedule`).
    pub when_unsatisfiable: WhenUnsatisfiable,
}

impl Default for TopologySpread {
    fn default() -> Self {
        Self {
            topology_key: TopologyKey::Zone,
            max_skew: 1,
            when_unsatisfiable: WhenUnsatisfiable::DoNotSchedule,
        }
    }
}

/// `topologyKey`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum TopologyKey {
    /// `topology.kubernetes.io/zone`.
    Zone,
    /// `kubernetes.io/hostname`.
    Hostname,
}

/// `whenUnsatisfiable`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum WhenUnsatisfiable {
    /// The pod stays Pending.
    DoNotSchedule,
    /// The node with the fewest pods in its domain is preferred.
    ScheduleAnyway,
}

impl Default for Pod {
    fn default() -> Self {
        Self {
            termination_grace_period: SimDuration::from_secs(30),
            pre_stop: PreStop::default(),
            readiness_probe: Some(Probe::default()),
            liveness_probe: None,
            startup_probe: None,
            readiness_gate: false,
            readiness_gate_since: None,
            sidecars: Vec::new(),
            requests: Resources::ZERO,
            topology_spread: Vec::new(),
            unreachable_toleration: Limit::At(SimDuration::from_secs(300)),
        }
    }
}

/// CPU and memory of one pod, as `resources.requests` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resources {
    /// CPU; what utilisation is a percentage of. Source: the Kubernetes API (nothing is requested by default).
    pub cpu: Cpu,
    /// Memory. Source: the Kubernetes API (nothing is requested by default).
    pub memory: Memory,
}

impl Resources {
    /// Nothing.
    pub const ZERO: Self = Self {
        cpu: Cpu::ZERO,
        memory: Memory::ZERO,
    };
}

impl Default for Resources {
    fn default() -> Self {
        Self::ZERO
    }
}

/// The preStop hook. At most one of `exec`, `http_get` and `sleep`, as in the Kubernetes API.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreStop {
    /// A command in the container. Source: kubernetes §1.3.3 (no hook by default).
    pub exec: Option<Hook>,
    /// A GET from the kubelet to the pod; it needs a listening server, its status is ignored.
    /// Source: kubernetes §1.3.3 (no hook by default).
    pub http_get: Option<Hook>,
    /// A timer in the kubelet; nothing runs in the container. Source: kubernetes §1.3.5 (no hook by default).
    pub sleep: Option<SimDuration>,
    /// The hook makes the dedicated health page fail from its start on. Source: published run (*after* manifest).
    pub fails_health: bool,
    /// The hook makes the server restart: its port is closed for this long from the hook's start on.
    /// Source: published run (editing a source file under an autoreloader).
    pub restarts_server_for: Option<SimDuration>,
}

impl PreStop {
    /// How long the hook takes if nothing cuts it, on average; nothing without a hook.
    pub fn mean_duration(&self) -> Option<SimDuration> {
        let runs = self.exec.as_ref().or(self.http_get.as_ref());
        self.sleep.or(runs.map(|hook| hook.duration.mean()))
    }
}

/// A preStop hook that runs something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hook {
    /// How long the hook runs if nothing cuts it. Source: design choice (0 s).
    pub duration: Dist,
    /// Probability that the hook fails at once (a missing binary, say); SIGTERM then follows immediately.
    /// Source: kubernetes §1.3.4 (0).
    pub failure: Probability,
}

impl Default for Hook {
    fn default() -> Self {
        Self {
            duration: Dist::Constant(SimDuration::ZERO),
            failure: Probability::ZERO,
        }
    }
}

/// A kubelet probe over HTTP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Probe {
    /// `periodSeconds`, whole seconds, at least 1. Source: kubernetes §2.1.1 (10 s).
    pub period: SimDuration,
    /// `timeoutSeconds`, whole seconds, at least 1. Source: kubernetes §2.1.1 (1 s).
    pub timeout: SimDuration,
    /// `initialDelaySeconds`, whole seconds. Source: kubernetes §2.1.1 (0).
    pub initial_delay: SimDuration,
    /// `successThreshold`; must be 1 for liveness and startup. Source: kubernetes §2.1.1 (1).
    pub success_threshold: u32,
    /// `failureThreshold`. Source: kubernetes §2.1.1 (3).
    pub failure_threshold: u32,
    /// Whether the probed page is a page of its own or one that users use, and so queues behind them.
    /// Source: published run (before: shared, after: dedicated).
    pub path: HealthPath,
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            period: SimDuration::from_secs(10),
            timeout: SimDuration::from_secs(1),
            initial_delay: SimDuration::ZERO,
            success_threshold: 1,
            failure_threshold: 3,
            path: HealthPath::Dedicated,
        }
    }
}

/// What a probe or health check asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum HealthPath {
    /// A health page of its own, answered at once; a preStop hook with `fails_health` makes it fail.
    Dedicated,
    /// A page that users use: it waits for a worker like they do, and fails when that takes longer than the timeout.
    Shared,
}

/// A further container of the pod.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sidecar {
    /// Name, for the trace. Source: none needed.
    pub name: String,
    /// Restartable init container (stopped after the main containers, in reverse order) or ordinary container
    /// (stopped together with the application). Source: kubernetes §1.3.
    pub kind: SidecarKind,
    /// Its own preStop sleep, which starts together with the application's. Source: kubernetes §1.3 (0 s).
    pub pre_stop_sleep: SimDuration,
    /// Time from its SIGTERM to its exit. Source: estimate (0.1 s).
    pub stop_time: Dist,
}

impl Default for Sidecar {
    fn default() -> Self {
        Self {
            name: String::from("sidecar"),
            kind: SidecarKind::RestartableInit,
            pre_stop_sleep: SimDuration::ZERO,
            stop_time: Dist::Constant(SimDuration::from_millis(100)),
        }
    }
}

/// Kind of a further container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SidecarKind {
    /// Init container with `restartPolicy: Always`.
    RestartableInit,
    /// An ordinary container beside the application.
    Container,
}
