//! A pod: what the API shows of it, what the kubelet knows, and what others have seen.

use alloc::vec::Vec;

use crate::id::KubeNodeId;
use crate::kernel::queue::EventKey;
use crate::time::{SimDuration, SimTime};
use crate::watch::Watch;

/// The parts of a pod object that other components watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PodView {
    /// It has an IP.
    pub(crate) has_ip: bool,
    /// Its Ready condition.
    pub(crate) ready: bool,
    /// `deletionTimestamp` is set.
    pub(crate) deleting: bool,
    /// Its phase is Succeeded or Failed, or the object is gone.
    pub(crate) terminal: bool,
}

/// Where the pod stands on its node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Life {
    /// No node could take it yet.
    Unscheduled,
    /// Scheduled; sandbox and containers are being made.
    Starting,
    /// Containers run, or the application's container waits for its restart.
    Running,
    /// The kubelet is stopping containers.
    Stopping(Stopping),
    /// All containers have stopped.
    Stopped,
}

/// Containers being stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stopping {
    pub(crate) reason: StopReason,
    /// The application's container first, then the sidecars as declared.
    pub(crate) containers: Vec<ContainerStop>,
}

/// Why containers are being stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// The pod is deleted.
    Deletion,
    /// A probe failed: the application's container is restarted.
    Restart,
    /// Graceful node shutdown: as a deletion, within the time of the pod's priority group, and without a
    /// `deletionTimestamp` (nodes §5.2).
    NodeShutdown { grace_s: u64 },
    /// The operating system shuts down without the kubelet: SIGTERM at once, no hook, no word to the API (nodes §5.2).
    OsShutdown { grace_s: u64 },
    /// The kubelet evicts the pod because its node is short of something (kubernetes §5.1.6).
    NodePressure,
}

impl StopReason {
    /// Grace period that the reason itself allows; the pod's own may be shorter.
    pub(crate) fn grace_s(self) -> u64 {
        match self {
            StopReason::Deletion | StopReason::Restart => u64::MAX,
            StopReason::NodeShutdown { grace_s } | StopReason::OsShutdown { grace_s } => grace_s,
            StopReason::NodePressure => HARD_EVICTION_GRACE_S,
        }
    }

    /// Whether the pod ends with it.
    pub(crate) fn ends_pod(self) -> bool {
        self != StopReason::Restart
    }
}

/// Grace period of a hard eviction (kubernetes §5.1.6).
const HARD_EVICTION_GRACE_S: u64 = 1;

/// One container on its way out (kubernetes §1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContainerStop {
    /// Grace left when the present step began, whole seconds.
    pub(crate) grace_s: u64,
    /// When the present step began.
    pub(crate) since: SimTime,
    pub(crate) step: StopStep,
}

/// Step of a container's stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopStep {
    /// Its preStop hook runs.
    Hook,
    /// A sidecar waits until its turn.
    Turn { over: EventKey },
    /// `StopContainer` was called, SIGTERM is on its way.
    Signalling,
    /// SIGTERM was delivered.
    Signalled { sigkill: EventKey },
    /// It has exited.
    Exited,
}

/// `metadata.deletionTimestamp` and what goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deletion {
    /// When the DELETE was committed.
    pub(crate) at: SimTime,
    /// `deletionGracePeriodSeconds`.
    pub(crate) grace_s: u64,
}

/// Which probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProbeKind {
    Readiness,
    Liveness,
    Startup,
}

impl ProbeKind {
    pub(crate) const ALL: [ProbeKind; 3] = [ProbeKind::Readiness, ProbeKind::Liveness, ProbeKind::Startup];
}

/// Conditions of an endpoint in a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Endpoint {
    pub(crate) ready: bool,
    pub(crate) serving: bool,
    pub(crate) terminating: bool,
}

/// Instants of the race between shutdown and removal.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RaceTimes {
    /// The server stopped serving new connections for good.
    pub(crate) stopped_serving: Option<SimTime>,
    /// The controller saw the slice without the pod.
    pub(crate) seen: Option<SimTime>,
    /// How long the deregistration waited for buckets.
    pub(crate) throttled: SimDuration,
    /// `DeregisterTargets` was accepted.
    pub(crate) accepted: Option<SimTime>,
    /// The last ALB node stopped choosing the target.
    pub(crate) learned: Option<SimTime>,
}

/// One pod.
#[derive(Debug, Clone)]
pub(crate) struct Pod {
    pub(crate) node: Option<KubeNodeId>,
    pub(crate) revision: u32,
    /// When it got its node; nothing if that was long before the run.
    pub(crate) started: Option<SimTime>,
    /// Random, as UIDs are; it breaks ties of the victim ranking.
    pub(crate) uid: u64,
    pub(crate) life: Life,
    /// Grows with every new server process; events of an older one are stale.
    pub(crate) process: u32,
    pub(crate) restarts: u32,
    /// Somebody has decided to delete it; the DELETE may not be committed yet.
    pub(crate) deletion_requested: bool,
    /// Disruption that decided so.
    pub(crate) deletion_cause: Option<u32>,
    /// Grace period that whoever deletes it asks for instead of a longer one.
    pub(crate) deletion_grace_s: Option<u64>,
    pub(crate) deletion: Option<Deletion>,
    /// A disruption counted it when its node was lost; its deletion is not counted again.
    pub(crate) counted_as_lost: bool,
    pub(crate) object_gone: bool,

    /// Kubelet's knowledge.
    pub(crate) containers_ready: bool,
    pub(crate) gated: bool,
    pub(crate) gate: bool,
    /// Gates of further `TargetGroupBinding`s that are not True.
    pub(crate) other_gates_missing: u32,
    pub(crate) started_up: bool,
    /// When the application's container started.
    pub(crate) container_started: SimTime,
    pub(crate) probes: [Option<Watch>; 3],
    /// First tick of each probe's worker.
    pub(crate) probing_since: [Option<SimTime>; 3],
    /// The queued look at a queue behind a shared health page.
    pub(crate) busy_check: Option<EventKey>,

    /// What the API shows.
    pub(crate) view: PodView,
    pub(crate) ready_since: SimTime,
    /// Age before the run's start.
    pub(crate) age_before_run: SimDuration,
    pub(crate) ready_changes: u32,
    pub(crate) available: bool,

    /// What the `EndpointSlice` controller has seen, and written where.
    pub(crate) endpoints_view: PodView,
    /// When it sees the last change.
    pub(crate) endpoints_see_at: SimTime,
    pub(crate) endpoints_dirty: bool,
    pub(crate) written: Option<Endpoint>,
    pub(crate) slice: Option<u32>,

    /// What the controller has seen, and registered.
    pub(crate) lbc_endpoint: Option<Endpoint>,
    pub(crate) registered: bool,

    pub(crate) race: RaceTimes,
    /// How long the last write of its endpoint waited for the client's bucket.
    pub(crate) slice_wait: SimDuration,
}

impl Pod {
    pub(crate) fn new(revision: u32, uid: u64, gated: bool) -> Self {
        Self {
            node: None,
            revision,
            started: None,
            uid,
            life: Life::Unscheduled,
            process: 0,
            restarts: 0,
            deletion_requested: false,
            deletion_cause: None,
            deletion_grace_s: None,
            deletion: None,
            counted_as_lost: false,
            object_gone: false,
            containers_ready: false,
            gated,
            gate: false,
            other_gates_missing: 0,
            started_up: false,
            container_started: SimTime::ZERO,
            probes: [None, None, None],
            probing_since: [None; 3],
            busy_check: None,
            view: PodView::default(),
            ready_since: SimTime::ZERO,
            age_before_run: SimDuration::ZERO,
            ready_changes: 0,
            available: false,
            endpoints_view: PodView::default(),
            endpoints_see_at: SimTime::ZERO,
            endpoints_dirty: false,
            written: None,
            slice: None,
            lbc_endpoint: None,
            registered: false,
            race: RaceTimes::default(),
            slice_wait: SimDuration::ZERO,
        }
    }

    /// Whether controllers count it: no `deletionTimestamp` and not terminal (kubernetes §4.1).
    pub(crate) fn is_active(&self) -> bool {
        !self.deletion_requested && self.deletion.is_none() && !self.view.terminal
    }

    /// Ready as the kubelet would post it (kubernetes §3.1).
    pub(crate) fn is_ready(&self) -> bool {
        self.containers_ready && (!self.gated || (self.gate && self.other_gates_missing == 0))
    }

    /// Not Ready, and yet a target that the controller keeps: only a gate is not True (lbc §1.10).
    pub(crate) fn only_waits_for_gate(&self) -> bool {
        let terminating = self.lbc_endpoint.is_none_or(|endpoint| endpoint.terminating);
        self.containers_ready && !self.is_ready() && !terminating
    }

    /// How long it has been Ready (or not Ready).
    pub(crate) fn ready_age(&self, now: SimTime) -> SimDuration {
        now.saturating_since(self.ready_since)
            .saturating_add(self.age_before_run)
    }
}
