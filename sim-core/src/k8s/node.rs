//! Kubernetes nodes and the EC2 instances under them.
//!
//! ```text
//! instance   Pending ─► Running ─► ShuttingDown ─► Terminated
//! Node object   (none) ─► present: Ready, cordoned, taint, label ─► deleted
//! ```
//! The instance is what runs; the object is what controllers see of it. A lost instance leaves its object behind until
//! somebody notices.

use alloc::vec::Vec;

use super::resources::Room;
use super::vpc_cni::Addresses;
use crate::id::{KubeNodeId, OtherPodId, PodId};
use crate::scenario::Scenario;
use crate::scenario::instance_type::InstanceType;
use crate::scenario::pod::Resources;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Fact, NodeChange};
use crate::world::World;

/// The EC2 instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Machine {
    /// Launched; its kubelet has not registered yet.
    Pending,
    /// It runs.
    Running,
    /// Its operating system is shutting down: the kubelet takes no new pods.
    ShuttingDown,
    /// Packets to it meet silence.
    Terminated,
}

/// The node's Ready condition as the API shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeReady {
    True,
    False,
    /// The kubelet's lease has lapsed.
    Unknown,
}

/// A `NoSchedule` taint by which an autoscaler announces that it will remove the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeTaint {
    /// `ToBeDeletedByClusterAutoscaler` (nodes §1.2).
    ToBeDeleted,
    /// `karpenter.sh/disrupted` (nodes §2.1).
    Disrupted,
}

/// A pod on a node: of the Deployment, or of another workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PodRef {
    App(PodId),
    Other(OtherPodId),
}

/// One node.
#[derive(Debug)]
pub(crate) struct KubeNode {
    pub(crate) zone: u8,
    pub(crate) instance: InstanceType,
    pub(crate) machine: Machine,
    /// Whether the Node object exists.
    pub(crate) present: bool,
    pub(crate) ready: NodeReady,
    /// `spec.unschedulable`.
    pub(crate) cordoned: bool,
    pub(crate) taint: Option<NodeTaint>,
    /// The Cluster Autoscaler's `PreferNoSchedule` taint `DeletionCandidateOfClusterAutoscaler` (nodes §1.2).
    pub(crate) soft_tainted: bool,
    /// Label `node.kubernetes.io/exclude-from-external-load-balancers`.
    pub(crate) excluded: bool,
    /// Pods of the Deployment bound to it that the API still shows.
    pub(crate) pods: Vec<PodId>,
    /// Pods of other workloads bound to it that the API still shows.
    pub(crate) others: Vec<OtherPodId>,
    /// Addresses for them.
    pub(crate) addresses: Addresses,
    /// What all of them request.
    pub(crate) requested: Resources,
    /// The same with what the scheduler's score counts for pods that request nothing.
    counted: Resources,
    /// That of `allocatable`, by which the scheduler orders nodes.
    pub(crate) load: u64,
    /// What pods may request beside the system pods.
    pub(crate) allocatable: Resources,
    /// Pods it can hold beside the system pods.
    pub(crate) room: u32,
    /// Its kubelet's status manager writes one pod at a time; busy until then.
    pub(crate) status_busy_until: SimTime,
    /// Whether packets to removed pod IPs are dropped (nodes §4.4).
    pub(crate) silent: bool,
    /// The kubelet does nothing any more, whatever the API shows.
    pub(crate) kubelet_stopped: bool,
    /// The instance is lost but EC2 does not report it as terminated.
    pub(crate) impaired: bool,
    /// When its operating system is done with the part of its shutdown that runs beside the pods.
    pub(crate) off_at: SimTime,
    /// How long the part takes that comes after the pods.
    pub(crate) off_after_pods: SimDuration,
    /// When it joined.
    pub(crate) joined_at: SimTime,
    /// The last time a pod was bound to it or left it.
    pub(crate) pods_changed_at: SimTime,
    /// The same as Karpenter notes it: not again within [`POD_EVENTS_PERIOD`].
    pub(crate) pod_event_at: SimTime,
}

/// Karpenter writes one pod event of a node in this time (nodes §2.2).
const POD_EVENTS_PERIOD: SimDuration = SimDuration::from_secs(10);

impl KubeNode {
    /// An instance that was just launched.
    pub(crate) fn launched(scenario: &Scenario, instance: InstanceType, zone: u8, silent: bool) -> Self {
        let cluster = &scenario.cluster;
        let allocatable = instance.allocatable().less(cluster.system_requests);
        Self {
            zone,
            instance,
            machine: Machine::Pending,
            present: false,
            ready: NodeReady::False,
            cordoned: false,
            taint: None,
            soft_tainted: false,
            excluded: false,
            pods: Vec::new(),
            others: Vec::new(),
            addresses: Addresses::new(instance, scenario.vpc_cni.warm_eni_target),
            requested: Resources::ZERO,
            counted: Resources::ZERO,
            load: Resources::ZERO.load_of(allocatable),
            allocatable,
            room: instance.max_pods().saturating_sub(cluster.system_pods_per_node),
            status_busy_until: SimTime::ZERO,
            silent,
            kubelet_stopped: false,
            impaired: false,
            off_at: SimTime::ZERO,
            off_after_pods: SimDuration::ZERO,
            joined_at: SimTime::ZERO,
            pods_changed_at: SimTime::ZERO,
            pod_event_at: SimTime::ZERO,
        }
    }

    /// Pods of all workloads that the API shows on it.
    pub(crate) fn pods_count(&self) -> usize {
        self.pods.len() + self.others.len()
    }

    /// Whether the scheduler may put pods on it.
    pub(crate) fn is_schedulable(&self) -> bool {
        self.present
            && self.machine == Machine::Running
            && self.ready == NodeReady::True
            && !self.cordoned
            && self.taint.is_none()
    }

    /// Whether EC2 shows the instance as running: an impaired one is as lost as a terminated one, but still shown.
    pub(crate) fn is_shown_running(&self) -> bool {
        self.machine == Machine::Running || self.impaired
    }

    /// Takes a pod into the sums.
    pub(crate) fn take(&mut self, requests: Resources, now: SimTime) {
        self.requested = self.requested.plus(requests);
        self.count(self.counted.plus(requests.counted()), now);
    }

    fn count(&mut self, counted: Resources, now: SimTime) {
        self.counted = counted;
        self.load = counted.load_of(self.allocatable);
        self.pods_changed_at = now;
        if now >= self.pod_event_at + POD_EVENTS_PERIOD {
            self.pod_event_at = now;
        }
    }

    /// Takes a pod out of the sums again.
    pub(crate) fn release(&mut self, requests: Resources, now: SimTime) {
        self.requested = self.requested.less(requests);
        self.count(self.counted.less(requests.counted()), now);
    }

    /// What it has left for pods.
    pub(crate) fn room_left(&self) -> Room {
        let used = u32::try_from(self.pods_count()).expect("few pods on a node");
        Room {
            free: self.allocatable.less(self.requested),
            slots: self.room.saturating_sub(used),
        }
    }

    /// Whether a pod with these requests fits.
    pub(crate) fn fits(&self, requests: Resources) -> bool {
        self.pods_count() < self.room as usize && self.requested.plus(requests).fits_into(self.allocatable)
    }
}

impl World<'_> {
    pub(crate) fn node(&self, node: KubeNodeId) -> &KubeNode {
        &self.nodes[node.index()]
    }

    pub(crate) fn node_mut(&mut self, node: KubeNodeId) -> &mut KubeNode {
        &mut self.nodes[node.index()]
    }

    pub(crate) fn node_ids(&self) -> impl Iterator<Item = KubeNodeId> + use<> {
        (0..self.nodes.len()).map(KubeNodeId::at)
    }

    /// Launches an instance; it is no node yet.
    pub(crate) fn new_node(&mut self, instance: InstanceType, zone: u8) -> KubeNodeId {
        let silent = self.latencies.dead_ip_silent.draw();
        self.nodes
            .push(KubeNode::launched(self.scenario, instance, zone, silent));
        self.add_node_target(zone);
        KubeNodeId::at(self.nodes.len() - 1)
    }

    /// The kubelet of an instance has registered and is Ready.
    pub(crate) fn node_joins(&mut self, node: KubeNodeId) {
        let now = self.now;
        let object = self.node_mut(node);
        object.machine = Machine::Running;
        object.present = true;
        object.ready = NodeReady::True;
        object.joined_at = now;
        object.pods_changed_at = now;
        object.pod_event_at = now;
        self.node_changed(node, NodeChange::Joined);
        self.retry_unscheduled();
    }

    pub(crate) fn cordon(&mut self, node: KubeNodeId) {
        if !self.node(node).cordoned {
            self.node_mut(node).cordoned = true;
            self.node_changed(node, NodeChange::Cordoned);
        }
    }

    pub(crate) fn taint(&mut self, node: KubeNodeId, taint: NodeTaint) {
        self.node_mut(node).taint = Some(taint);
        self.node_changed(node, NodeChange::Tainted);
    }

    /// An autoscaler gives up on removing the node: taint, cordon and label go.
    pub(crate) fn keep_node(&mut self, node: KubeNodeId) {
        let object = self.node_mut(node);
        object.taint = None;
        object.cordoned = false;
        object.excluded = false;
        self.node_changed(node, NodeChange::Kept);
        self.retry_unscheduled();
    }

    /// Sets the label that keeps the node out of load balancers.
    pub(crate) fn exclude_from_load_balancers(&mut self, node: KubeNodeId) {
        if !self.node(node).excluded {
            self.node_mut(node).excluded = true;
            self.node_changed(node, NodeChange::Excluded);
        }
    }

    pub(crate) fn set_node_ready(&mut self, node: KubeNodeId, ready: NodeReady) {
        if !self.node(node).present || self.node(node).ready == ready {
            return;
        }
        self.node_mut(node).ready = ready;
        let change = match ready {
            NodeReady::True => NodeChange::Ready,
            NodeReady::False => NodeChange::NotReady,
            NodeReady::Unknown => NodeChange::Unknown,
        };
        self.node_changed(node, change);
    }

    /// The Node object is deleted.
    pub(crate) fn delete_node(&mut self, node: KubeNodeId) {
        if self.node(node).present {
            self.node_mut(node).present = false;
            self.node_changed(node, NodeChange::Deleted);
        }
    }

    /// Everything that watches nodes learns of a change here.
    pub(crate) fn node_changed(&mut self, node: KubeNodeId, change: NodeChange) {
        self.fact(|| Fact::NodeChanged { node: node.0, change });
        self.node_target_changed(node, change);
    }

    /// Nodes that the API shows.
    pub(crate) fn nodes_count(&self) -> u32 {
        let present = self.nodes.iter().filter(|node| node.present).count();
        u32::try_from(present).expect("few nodes")
    }
}
