//! Everything that can happen on the control plane: one closed enum.
//!
//! Events are facts or requests with ids and no logic. Requests of users are not events (see `traffic.rs`).

use crate::id::{AlbNodeId, BindingId, KubeNodeId, OtherPodId, PodId, TargetId};
use crate::k8s::cluster_autoscaler::AutoscalerStep;
use crate::k8s::node::{NodeReady, PodRef};
use crate::k8s::pod::{PodView, ProbeKind};
use crate::karpenter::KarpenterStep;
use crate::lbc::Step;
use crate::lbc::instance::SeenNode;
use crate::node_group::GroupStep;
use crate::spot::SpotStep;
use crate::trace::PreStopResult;

/// What happens at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The run to itself: one second of the series is over.
    SecondEnded,
    /// The workload to itself: a profile over time takes another value.
    ProfileChanged,
    /// The scenario: a disruption begins.
    DisruptionDue { disruption: u32 },
    /// The scenario: a scale schedule takes another value.
    ScheduleChanged { disruption: u32 },

    /// Deployment controller to itself: something it watches changed.
    DeploymentSync,
    /// Deployment controller to `ReplicaSet` controller: a new number of replicas.
    ReplicaSetSpecSeen { revision: u32, spec: u32 },
    /// `ReplicaSet` controller to itself: something it watches changed.
    ReplicaSetSync { revision: u32 },
    /// API server: a pod was created.
    PodCreateCommitted { revision: u32 },
    /// API server: a DELETE was committed.
    DeleteCommitted { pod: PodId },
    /// A Ready pod has been Ready for `minReadySeconds`.
    MinReadyPassed { pod: PodId, ready_changes: u32 },

    /// Kubelet: the pod's containers run.
    ContainersStarted { pod: PodId },
    /// Kubelet to itself: it notices the running containers.
    StartDetected { pod: PodId },
    /// The server listens.
    ServerListens { pod: PodId, process: u32 },
    /// A probe reaches its threshold.
    ProbeVerdict { pod: PodId, probe: ProbeKind },
    /// API server: a status PATCH was committed, with the status of that moment.
    StatusWritten { pod: PodId, terminal: bool },

    /// Kubelet: the pod's worker starts to kill it.
    KillStarted { pod: PodId },
    /// Kubelet: a preStop hook ended, failed, or was cut.
    HookEnded {
        pod: PodId,
        container: u8,
        result: PreStopResult,
    },
    /// Kubelet: a sidecar's wait for its turn used up the grace period.
    TurnOver { pod: PodId, container: u8 },
    /// Container runtime: SIGTERM is delivered.
    SigtermDelivered { pod: PodId, container: u8 },
    /// Container runtime: the grace period is over.
    SigkillDue { pod: PodId, container: u8 },
    /// The server exits on SIGTERM without draining.
    ServerDies { pod: PodId, process: u32 },
    /// The server starts to drain.
    DrainBegins { pod: PodId, process: u32 },
    /// The server looks whether its drain is complete.
    DrainCheck { pod: PodId, process: u32 },
    /// The server's own drain timeout is over.
    DrainTimeout { pod: PodId, process: u32 },
    /// A restart by a preStop hook is over.
    RestartOver { pod: PodId, process: u32 },
    /// A sidecar exits.
    SidecarExits { pod: PodId, container: u8 },
    /// Kubelet: it knows that a container exited.
    ExitDetected { pod: PodId, container: u8 },
    /// Container runtime: the pod's network is gone.
    SandboxRemoved { pod: PodId },
    /// API server: the pod object is gone.
    ObjectDeleted { pod: PodId },
    /// Kubelet: a dead container's process starts again.
    ContainerRestarts { pod: PodId, process: u32 },
    /// The queue behind a shared health page may have become short enough.
    BusyCheck { pod: PodId },

    /// `EndpointSlice` controller: a pod change reached its cache.
    EndpointsSawPod { pod: PodId, view: PodView },
    /// `EndpointSlice` controller: the Service is synced.
    EndpointSync,
    /// API server: one slice was written.
    SliceWritten { write: u32 },
    /// Controller: a slice change reached its cache.
    SliceSeen { write: u32 },
    /// kube-proxy: the last node has acted on a slice write.
    ProxiesUpdated { version: u32 },
    /// Controller: a change of a node reached its cache.
    LbcSawNode { node: KubeNodeId, seen: SeenNode },
    /// Controller: a change of a gated pod reached its cache.
    LbcSawPod { pod: PodId },
    /// Controller: a queued reconcile is due.
    ReconcileDue { binding: BindingId },
    /// Controller: the reconcile takes its next step.
    ReconcileStep { binding: BindingId, step: Step },
    /// Controller: target health is known.
    TargetsDescribed { binding: BindingId },
    /// Controller: the reconcile is over.
    ReconcileEnds { binding: BindingId, failed: bool },
    /// Controller: a checkpoint that let a reconcile be skipped is cleared.
    ResyncDue { binding: BindingId },
    /// Controller: a replica leads again.
    LeaderElected,
    /// API server: a readiness gate's condition was set.
    GatePatched {
        binding: BindingId,
        pod: PodId,
        passes: bool,
    },
    /// ELBv2: a call was accepted.
    CallAccepted { call: u32 },
    /// An ALB node acts on an accepted call.
    NodeLearns { call: u32, alb_node: AlbNodeId },
    /// The deregistration delay of a call's targets is over.
    DelayOver { call: u32 },
    /// The target group of a further `TargetGroupBinding`: all its ALB nodes have checked a target.
    OtherTargetChecked { call: u32, pod: PodId },
    /// A health check reaches its threshold.
    HealthVerdict { alb_node: AlbNodeId, target: TargetId },
    /// An ALB node checks a target that is a node, where the answer depends on the pod that kube-proxy chooses.
    CheckSent { alb_node: AlbNodeId, target: TargetId },

    /// `kubectl drain`: an eviction is tried.
    EvictionTried { drain: u32, pod: PodRef },
    /// `kubectl drain`: it looks whether a node is empty.
    DrainPolled { drain: u32 },
    /// Something happens in Karpenter.
    Karpenter(KarpenterStep),
    /// Something happens to an interrupted spot instance.
    Spot(SpotStep),
    /// Something happens in a node group.
    NodeGroup(GroupStep),

    /// Cluster Autoscaler to itself: what it does next.
    ClusterAutoscaler { step: AutoscalerStep },

    /// The kubelet of a launched instance has registered.
    NodeJoins { node: KubeNodeId },
    /// The scenario: an instance whose end was announced is terminated.
    TerminationDue { node: KubeNodeId, disruption: u32 },
    /// EC2 to the operating system: shut down.
    OsShutdownBegins { node: KubeNodeId },
    /// Kubelet: its Ready condition is in the API.
    NodeReadyPosted { node: KubeNodeId, ready: NodeReady },
    /// EC2: the instance is off.
    InstanceOff { node: KubeNodeId },
    /// Node lifecycle controller: a lease has lapsed.
    NodeLapses { node: KubeNodeId },
    /// Node lifecycle controller: a node of which the lease has lapsed is to be tainted `NoExecute`.
    NodeTaintQueued { node: KubeNodeId },
    /// Node lifecycle controller: it wrote Ready=False into a pod of a lost node.
    PodMarkedNotReady { pod: PodId },
    /// Taint manager: the pods of a lost node do not tolerate its taint any longer.
    TolerationOver { node: KubeNodeId },
    /// Cloud provider's node controller: it deletes the object of a lost instance.
    NodeObjectDeleted { node: KubeNodeId },
    /// Pod garbage collector: the pods of a missing node leave the API.
    PodsCollected { node: KubeNodeId },

    /// CNI plugin: addresses of a node may have cooled down.
    AddressesFree { node: KubeNodeId },
    /// CNI plugin: another network interface is attached to a node.
    InterfaceAttached { node: KubeNodeId },
    /// Whoever answers for the load balancer's name: it acts on the health of a zone's targets.
    ZoneHealthSeen { zone: u8, changes: u32 },
    /// The same: it notices that a zone's ALB nodes are gone.
    DeadZoneSeen { zone: u8 },
    /// ARC: a zonal shift reaches DNS and the targets, or its end does.
    ZonalShiftActs { zone: u8, active: bool },
    /// ALB node to itself: it sets the weights of its targets anew.
    WeightsDue { alb_node: AlbNodeId },

    /// The scenario: another workload wants another number of pods.
    OtherWorkloadChanged { workload: u32 },
    /// API server: a pod of another workload was created.
    OtherCreated { workload: u32 },
    /// Kubelet: its containers run.
    OtherStarted { pod: OtherPodId },
    /// It has done its work.
    OtherCompletes { pod: OtherPodId },
    /// API server: its DELETE was committed.
    OtherDeleted { pod: OtherPodId, grace_s: Option<u64> },
    /// Container runtime: its network is gone.
    OtherSandboxRemoved { pod: OtherPodId },
    /// API server: its object is gone.
    OtherGone { pod: OtherPodId },

    /// metrics-server: a window of CPU use is over.
    MetricsScraped,
    /// `HorizontalPodAutoscaler` controller: it looks at its metrics.
    HpaSync,
}

impl Event {
    /// The pod whose kubelet or containers this happens to; on a lost node it does not happen.
    pub(crate) fn pod_on_node(&self) -> Option<PodId> {
        match *self {
            Event::ContainersStarted { pod }
            | Event::StartDetected { pod }
            | Event::ServerListens { pod, .. }
            | Event::ProbeVerdict { pod, .. }
            | Event::StatusWritten { pod, .. }
            | Event::KillStarted { pod }
            | Event::HookEnded { pod, .. }
            | Event::TurnOver { pod, .. }
            | Event::SigtermDelivered { pod, .. }
            | Event::SigkillDue { pod, .. }
            | Event::ServerDies { pod, .. }
            | Event::DrainBegins { pod, .. }
            | Event::DrainCheck { pod, .. }
            | Event::DrainTimeout { pod, .. }
            | Event::RestartOver { pod, .. }
            | Event::SidecarExits { pod, .. }
            | Event::ExitDetected { pod, .. }
            | Event::SandboxRemoved { pod }
            | Event::ObjectDeleted { pod }
            | Event::ContainerRestarts { pod, .. }
            | Event::BusyCheck { pod } => Some(pod),
            _ => None,
        }
    }

    /// Whether the kubelet does it: without a kubelet it does not happen.
    pub(crate) fn is_by_kubelet(&self) -> bool {
        matches!(
            self,
            Event::ContainersStarted { .. }
                | Event::StartDetected { .. }
                | Event::ProbeVerdict { .. }
                | Event::StatusWritten { .. }
                | Event::KillStarted { .. }
                | Event::HookEnded { .. }
                | Event::TurnOver { .. }
                | Event::SandboxRemoved { .. }
                | Event::ObjectDeleted { .. }
                | Event::ContainerRestarts { .. }
        )
    }
}
