//! All state of a run, and the one `match` that routes events to components.
//!
//! **Order**: control-plane events leave by time, then by scheduling sequence; they come before a request issued at
//! the same instant, and sessions come before open-loop arrivals, sessions in the order of their index.

mod capacity;
mod close;
mod disruptions;
mod setup;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::dns::DnsState;
use crate::elbv2::Elbv2State;
use crate::event::Event;
use crate::id::PodId;
use crate::k8s::cluster_autoscaler::ClusterAutoscalerState;
use crate::k8s::deployment::DeploymentState;
use crate::k8s::endpoint_slice::EndpointsState;
use crate::k8s::hpa::HpaState;
use crate::k8s::kube_proxy::KubeProxyState;
use crate::k8s::node::{KubeNode, Machine, PodRef};
use crate::k8s::node_drain::DrainState;
use crate::k8s::node_loss::NodeLifecycleState;
use crate::k8s::other_pods::OtherPods;
use crate::k8s::pod::Pod;
use crate::karpenter::KarpenterState;
use crate::kernel::queue::EventQueue;
use crate::latencies::Latencies;
use crate::lbc::LbcState;
use crate::node_group::NodeGroups;
use crate::rng::{Seed, Streams};
use crate::scenario::Scenario;
use crate::spot::SpotState;
use crate::summary::{DisruptionSummary, RunSummary};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Fact, TargetHealthState, TraceLevel, TraceSink};
use crate::traffic::{Signal, Traffic};

/// Runs one replication of a valid scenario and returns its summary; the trace goes to `sink`.
///
/// The result depends on the arguments alone: the same ones give the same bytes on every machine.
///
/// # Panics
///
/// If [`Scenario::validate`] does not hold.
pub fn run(
    scenario: &Scenario,
    seed: Seed,
    replication: u32,
    level: TraceLevel,
    sink: &mut dyn TraceSink,
) -> RunSummary {
    if let Err(errors) = scenario.validate() {
        panic!("{}", errors[0]);
    }
    let mut world = World::new(scenario, seed, replication, level, sink);
    world.run();
    world.finish()
}

/// Everything.
#[derive(Debug)]
pub(crate) struct World<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) now: SimTime,
    queue: EventQueue<Event>,
    pub(crate) latencies: Latencies,
    pub(crate) traffic: Traffic<'a>,
    pub(crate) nodes: Vec<KubeNode>,
    pub(crate) node_lifecycle: NodeLifecycleState,
    pub(crate) pods: Vec<Pod>,
    pub(crate) others: OtherPods,
    /// Pods that no node could take, in the order in which they came.
    pub(crate) unscheduled: Vec<PodRef>,
    pub(crate) deployment: DeploymentState,
    pub(crate) endpoints: EndpointsState,
    pub(crate) kube_proxy: KubeProxyState,
    pub(crate) lbc: LbcState,
    pub(crate) elbv2: Elbv2State,
    pub(crate) dns: DnsState,
    pub(crate) drains: Vec<DrainState>,
    pub(crate) cluster_autoscaler: Option<Box<ClusterAutoscalerState<'a>>>,
    pub(crate) hpa: HpaState,
    pub(crate) karpenter: KarpenterState,
    pub(crate) spot: SpotState,
    pub(crate) node_groups: NodeGroups,
    /// Summary entries of disruptions, and the scenario's entry of each.
    pub(crate) disruptions: Vec<DisruptionSummary>,
    /// The latest disruption that changed the Deployment: deletions by its controllers are charged to it.
    pub(crate) deployment_disruption: Option<u32>,
}

impl<'a> World<'a> {
    pub(crate) fn schedule_at(&mut self, at: SimTime, event: Event) -> crate::kernel::queue::EventKey {
        debug_assert!(at >= self.now, "an event in the past: {event:?}");
        self.queue.push(at, event)
    }

    pub(crate) fn schedule(&mut self, after: SimDuration, event: Event) -> crate::kernel::queue::EventKey {
        self.queue.push(self.now + after, event)
    }

    pub(crate) fn cancel(&mut self, key: crate::kernel::queue::EventKey) {
        self.queue.cancel(key);
    }

    /// Cancels an event and says whether it had still been to come.
    pub(crate) fn prevent(&mut self, key: crate::kernel::queue::EventKey) -> bool {
        self.queue.cancel(key).is_some()
    }

    pub(crate) fn fact(&mut self, fact: impl FnOnce() -> Fact) {
        self.traffic.recorder.fact(self.now, fact);
    }

    pub(crate) fn pod(&self, pod: PodId) -> &Pod {
        &self.pods[pod.index()]
    }

    pub(crate) fn pod_mut(&mut self, pod: PodId) -> &mut Pod {
        &mut self.pods[pod.index()]
    }

    /// Runs to the horizon.
    fn run(&mut self) {
        let horizon = SimTime::ZERO + self.scenario.horizon;
        loop {
            let next = self.queue.peek_time();
            let until = next.min(horizon);
            let reached = self.traffic.run_until(until.as_ns());
            if !self.traffic.signals.is_empty() {
                self.now = SimTime::from_ns(reached);
                for signal in core::mem::take(&mut self.traffic.signals) {
                    match signal {
                        Signal::BusyRose(target) => self.busy_rose(PodId(target)),
                    }
                }
                continue;
            }
            if next > horizon {
                break;
            }
            let (at, event) = self.queue.pop().expect("peeked");
            assert!(
                at >= self.now,
                "time went back from {} to {at} with {event:?}",
                self.now
            );
            self.now = at;
            self.traffic.summary.events_count += 1;
            self.handle(event);
        }
        self.now = horizon;
    }

    fn handle(&mut self, event: Event) {
        if let Some(pod) = event.pod_on_node()
            && self.is_dropped(pod, event.is_by_kubelet())
        {
            return;
        }
        match event {
            Event::SecondEnded => self.second_ended(),
            Event::ProfileChanged => self.profile_changed(),
            Event::DisruptionDue { disruption } => self.disruption_due(disruption),
            Event::ScheduleChanged { disruption } => self.schedule_changed(disruption),
            Event::DeploymentSync => self.deployment_sync(),
            Event::ReplicaSetSpecSeen { revision, spec } => self.replica_set_spec_seen(revision, spec),
            Event::ReplicaSetSync { revision } => self.replica_set_sync(revision),
            Event::PodCreateCommitted { revision } => self.pod_create_committed(revision),
            Event::DeleteCommitted { pod } => self.delete_committed(pod),
            Event::MinReadyPassed { pod, ready_changes } => self.min_ready_passed(pod, ready_changes),
            Event::ContainersStarted { pod } => self.containers_started(pod),
            Event::StartDetected { pod } => self.start_detected(pod),
            Event::ServerListens { pod, process } => self.server_listens(pod, process),
            Event::ProbeVerdict { pod, probe } => self.probe_verdict(pod, probe),
            Event::StatusWritten { pod, terminal } => self.status_written(pod, terminal),
            Event::KillStarted { pod } => self.kill_started(pod),
            Event::HookEnded { pod, container, result } => self.hook_ended(pod, container, result),
            Event::TurnOver { pod, container } => self.turn_over(pod, container),
            Event::SigtermDelivered { pod, container } => self.sigterm_delivered(pod, container),
            Event::SigkillDue { pod, container } => self.sigkill_due(pod, container),
            Event::ServerDies { pod, process } => self.server_dies(pod, process),
            Event::DrainBegins { pod, process } => self.drain_begins(pod, process),
            Event::DrainCheck { pod, process } => self.drain_check(pod, process),
            Event::DrainTimeout { pod, process } => self.drain_timeout(pod, process),
            Event::RestartOver { pod, process } => self.restart_over(pod, process),
            Event::SidecarExits { pod, container } => self.container_exited(pod, container),
            Event::ExitDetected { pod, container } => self.exit_detected(pod, container),
            Event::SandboxRemoved { pod } => self.sandbox_removed(pod),
            Event::ObjectDeleted { pod } => self.object_deleted(pod),
            Event::ContainerRestarts { pod, process } => self.container_restarts(pod, process),
            Event::BusyCheck { pod } => self.busy_check(pod),
            Event::EndpointsSawPod { pod, view } => self.endpoints_saw_pod(pod, view),
            Event::EndpointSync => self.endpoint_sync(),
            Event::SliceWritten { write } => self.slice_written(write),
            Event::SliceSeen { write } => self.slice_seen(write),
            Event::ProxiesUpdated { version } => self.proxies_updated(version),
            Event::LbcSawNode { node, seen } => self.lbc_saw_node(node, seen),
            Event::LbcSawPod { pod } => self.lbc_saw_pod(pod),
            Event::ReconcileDue { binding } => self.reconcile_due(binding),
            Event::ReconcileStep { binding, step } => self.reconcile_step(binding, step),
            Event::TargetsDescribed { binding } => self.targets_described(binding),
            Event::ReconcileEnds { binding, failed } => self.reconcile_ends(binding, failed),
            Event::ResyncDue { binding } => self.resync_due(binding),
            Event::LeaderElected => self.leader_elected(),
            Event::GatePatched { binding, pod, passes } => self.gate_patched(binding, pod, passes),
            Event::CallAccepted { call } => self.call_accepted(call),
            Event::NodeLearns { call, alb_node } => self.node_learns(call, alb_node),
            Event::DelayOver { call } => self.delay_over(call),
            Event::OtherTargetChecked { call, pod } => self.other_target_checked(call, pod),
            Event::HealthVerdict { alb_node, target } => self.health_verdict(alb_node, target),
            Event::CheckSent { alb_node, target } => self.check_sent(alb_node, target),
            Event::EvictionTried { drain, pod } => self.eviction_tried(drain, pod),
            Event::DrainPolled { drain } => self.drain_polled(drain),
            Event::ClusterAutoscaler { step } => self.autoscaler_step(step),
            Event::Karpenter(step) => self.karpenter_step(step),
            Event::Spot(step) => self.spot_step(step),
            Event::NodeGroup(step) => self.group_step(step),
            Event::NodeJoins { node } => self.node_joins_if_running(node),
            Event::TerminationDue { node, disruption } => self.termination_due(node, disruption),
            Event::OsShutdownBegins { node } => self.os_shutdown_begins(node),
            Event::NodeReadyPosted { node, ready } => self.set_node_ready(node, ready),
            Event::InstanceOff { node } => self.instance_off(node),
            Event::NodeLapses { node } => self.node_lapses(node),
            Event::NodeTaintQueued { node } => self.node_taint_queued(node),
            Event::PodMarkedNotReady { pod } => self.pod_marked_not_ready(pod),
            Event::TolerationOver { node } => self.toleration_over(node),
            Event::NodeObjectDeleted { node } => self.node_object_deleted(node),
            Event::PodsCollected { node } => self.pods_collected(node),
            Event::AddressesFree { node } => self.addresses_free(node),
            Event::InterfaceAttached { node } => self.interface_attached(node),
            Event::ZoneHealthSeen { zone, changes } => self.zone_health_seen(zone, changes),
            Event::DeadZoneSeen { zone } => self.dead_zone_seen(zone),
            Event::ZonalShiftActs { zone, active } => self.zonal_shift_acts(zone, active),
            Event::WeightsDue { alb_node } => self.weights_due(alb_node),
            Event::OtherWorkloadChanged { workload } => self.other_workload_changed(workload),
            Event::OtherCreated { workload } => self.other_created(workload),
            Event::OtherStarted { pod } => self.other_started(pod),
            Event::OtherCompletes { pod } => self.other_completes(pod),
            Event::OtherDeleted { pod, grace_s } => self.other_deleted(pod, grace_s),
            Event::OtherSandboxRemoved { pod } => self.other_sandbox_removed(pod),
            Event::OtherGone { pod } => self.other_gone(pod),
            Event::MetricsScraped => self.metrics_scraped(),
            Event::HpaSync => self.hpa_sync(),
        }
    }

    /// Whether nothing can happen to the pod any more because its node is lost, or has lost its kubelet.
    fn is_dropped(&self, pod: PodId, by_kubelet: bool) -> bool {
        let node = self.pod(pod).node;
        node.is_some_and(|node| {
            let node = self.node(node);
            node.machine == Machine::Terminated || (by_kubelet && node.kubelet_stopped)
        })
    }

    /// Closes one row of the series.
    fn second_ended(&mut self) {
        self.traffic.integrate(self.now.as_ns());
        let second = usize::try_from(self.now.as_ns() / 1_000_000_000 - 1).expect("seconds fit in memory");
        let targets = [
            TargetHealthState::Initial,
            TargetHealthState::Healthy,
            TargetHealthState::Unhealthy,
            TargetHealthState::Draining,
        ]
        .map(|state| self.elbv2.described_count(state));
        let (replicas, sessions) = (self.deployment.replicas, self.traffic.sessions.active);
        let (pods, nodes) = (self.deployment.pod_counts, self.nodes_count());
        let cpu_utilization_permille = self.hpa.utilization_permille;
        if let Some(row) = self.traffic.summary.series.get_mut(second) {
            row.targets = targets;
            row.pods = pods;
            row.replicas = replicas;
            row.nodes = nodes;
            row.sessions = sessions;
            row.cpu_utilization_permille = cpu_utilization_permille;
        }
        self.schedule(SimDuration::from_secs(1), Event::SecondEnded);
    }

    /// Applies the profiles over time and schedules their next change.
    pub(crate) fn profile_changed(&mut self) {
        let now = self.now;
        let workload = &self.scenario.workload;
        let mut next: Option<SimTime> = None;
        if let Some(sessions) = &workload.sessions {
            let active = u32::try_from(sessions.count.value_at(now)).expect("fewer than 2^32 sessions");
            if active != self.traffic.sessions.active {
                self.traffic.set_active_sessions(now.as_ns(), active);
            }
            next = sessions.count.next_change(now);
        }
        if let Some(open_loop) = &workload.open_loop {
            self.traffic.set_rate(now.as_ns(), open_loop.rate.value_at(now));
            let change = open_loop.rate.next_change(now);
            next = next.into_iter().chain(change).min();
        }
        if let Some(at) = next {
            self.schedule_at(at, Event::ProfileChanged);
        }
    }

    pub(crate) fn empty(scenario: &'a Scenario, traffic: Traffic<'a>, streams: &Streams) -> Self {
        let mut latencies = Latencies::new(scenario, streams);
        let node_lifecycle = NodeLifecycleState::new(scenario, &mut latencies);
        Self {
            scenario,
            now: SimTime::ZERO,
            queue: EventQueue::new(),
            latencies,
            traffic,
            nodes: Vec::new(),
            node_lifecycle,
            pods: Vec::new(),
            others: OtherPods::new(scenario, streams),
            unscheduled: Vec::new(),
            deployment: DeploymentState::new(scenario),
            endpoints: EndpointsState::new(scenario),
            kube_proxy: KubeProxyState::default(),
            lbc: LbcState::new(scenario),
            elbv2: Elbv2State::new(scenario),
            dns: DnsState::new(scenario),
            drains: Vec::new(),
            cluster_autoscaler: ClusterAutoscalerState::of(scenario, streams),
            hpa: HpaState::default(),
            karpenter: KarpenterState::new(scenario, streams),
            spot: SpotState::new(scenario, streams),
            node_groups: NodeGroups::new(scenario, streams),
            disruptions: Vec::new(),
            deployment_disruption: None,
        }
    }
}
