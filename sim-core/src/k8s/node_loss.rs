//! A node that dies without a word, and what the cluster makes of it (kubernetes §5.3, nodes §5.3).
//!
//! ```text
//! death ─► last lease lapses ─► NotReady: Unknown, pods marked not Ready ─┬─► tainted (rate limited) ─ +300 s ─► pods deleted
//!   │                                                                     └─► instance known to be gone: Node object deleted
//!   └─ all packets meet silence                                                     └─ quarantine ─► pods collected
//! ```

use alloc::vec::Vec;

use super::node::{Machine, NodeReady, NodeTaint, PodRef};
use super::pod::ProbeKind;
use crate::event::Event;
use crate::id::{KubeNodeId, PodId};
use crate::latencies::Latencies;
use crate::outcome::Hop;
use crate::scenario::Scenario;
use crate::scenario::disruption::{AnnouncedBy, InstanceTermination, NodeFailure, ZoneFailure};
use crate::time::{SimDuration, SimTime};
use crate::token_bucket::TokenBucket;
use crate::trace::{NodeChange, ServerState};
use crate::world::World;

/// Nodes whose pods the node lifecycle controller marks at the same time (kubernetes §5.3).
const MARKED_IN_PARALLEL: usize = 8;

/// Fewer lost nodes than this are never "much of a zone" (kubernetes §5.3).
const FEWEST_LOST: u32 = 3;

/// State of the controllers that watch over nodes.
#[derive(Debug)]
pub(crate) struct NodeLifecycleState {
    /// `NoExecute` taints of each zone.
    taint_buckets: Vec<TokenBucket>,
    /// The same while much of a zone is lost.
    secondary_buckets: Vec<TokenBucket>,
    /// Until when each of the lanes is busy in which pods are marked not Ready.
    marking_until: [SimTime; MARKED_IN_PARALLEL],
    /// First tick of each controller's period.
    monitor_phase: SimTime,
    cloud_phase: SimTime,
    collector_phase: SimTime,
}

impl NodeLifecycleState {
    pub(crate) fn new(scenario: &Scenario, latencies: &mut Latencies) -> Self {
        let rules = &scenario.node_lifecycle;
        let bucket = |rate| (0..scenario.cluster.zones).map(|_| TokenBucket::new(rate, 1)).collect();
        let mut phase = |period: SimDuration| {
            let ns = latencies.node_controllers_phase.next_u64() % period.as_ns();
            SimTime::from_ns(ns)
        };
        Self {
            taint_buckets: bucket(rules.eviction_rate),
            secondary_buckets: bucket(rules.secondary_eviction_rate),
            marking_until: [SimTime::ZERO; MARKED_IN_PARALLEL],
            monitor_phase: phase(rules.monitor_period),
            cloud_phase: phase(rules.cloud_scan_period),
            collector_phase: phase(rules.pod_gc_period),
        }
    }
}

/// The first tick at or after `at` of a clock that ticks every `period` from `phase` on.
fn tick_at(at: SimTime, phase: SimTime, period: SimDuration) -> SimTime {
    if at <= phase {
        return phase;
    }
    let periods = (at - phase).as_ns().div_ceil(period.as_ns());
    phase + period * periods
}

impl World<'_> {
    /// Some nodes die.
    pub(crate) fn node_failure(&mut self, rules: &NodeFailure) {
        let disruption = self.begin_disruption("node_failure");
        for node in self.nodes_to_hit(rules.nodes) {
            self.node_dies(node, disruption, rules.reported_terminated);
        }
    }

    /// All nodes of a zone die, and its ALB nodes unless they are spared.
    pub(crate) fn zone_failure(&mut self, rules: &ZoneFailure) {
        let disruption = self.begin_disruption("zone_failure");
        for node in self.node_ids() {
            let object = self.node(node);
            let runs = matches!(object.machine, Machine::Running | Machine::ShuttingDown);
            if runs && u32::from(object.zone) == rules.zone {
                self.node_dies(node, disruption, rules.reported_terminated);
            }
        }
        if rules.alb_nodes {
            self.alb_nodes_die(rules.zone);
        }
    }

    fn node_dies(&mut self, node: KubeNodeId, disruption: u32, reported_terminated: bool) {
        self.traffic.summary.observations.lost_pods += self.node(node).pods.len() as u64;
        self.node_mut(node).impaired = !reported_terminated;
        self.charge_lost_pods(node, disruption);
        self.lose_instance(node);
    }

    /// Some instances are terminated without a drain.
    pub(crate) fn instance_termination(&mut self, rules: &InstanceTermination) {
        let disruption = self.begin_disruption("instance_termination");
        for node in self.nodes_to_hit(rules.nodes) {
            if let Some(announcement) = &rules.announcement {
                self.announce_end(node, announcement.by);
                self.schedule(announcement.before, Event::TerminationDue { node, disruption });
            } else {
                self.termination_due(node, disruption);
            }
        }
    }

    fn announce_end(&mut self, node: KubeNodeId, by: AnnouncedBy) {
        match by {
            AnnouncedBy::ToBeDeletedTaint => self.taint(node, NodeTaint::ToBeDeleted),
            AnnouncedBy::DisruptedTaint => self.taint(node, NodeTaint::Disrupted),
            AnnouncedBy::ExcludeLabel => self.exclude_from_load_balancers(node),
            AnnouncedBy::Cordon => self.cordon(node),
        }
    }

    pub(crate) fn termination_due(&mut self, node: KubeNodeId, disruption: u32) {
        self.charge_lost_pods(node, disruption);
        self.terminate_instance(node);
    }

    /// The instance is gone: whatever is sent to it meets silence, and nothing happens on it any more.
    pub(crate) fn lose_instance(&mut self, node: KubeNodeId) {
        self.node_mut(node).machine = Machine::Terminated;
        self.node_changed(node, NodeChange::Terminated);
        self.node_vacated(node);
        for pod in self.node(node).pods.clone() {
            self.lose_pod(pod);
        }
        if !self.node(node).kubelet_stopped {
            self.kubelet_falls_silent(node);
        }
        self.node_mut(node).kubelet_stopped = true;
        self.look_for_instance(node);
    }

    fn lose_pod(&mut self, pod: PodId) {
        for probe in ProbeKind::ALL {
            self.stop_probe(pod, probe);
        }
        if let Some(check) = self.pod_mut(pod).busy_check.take() {
            self.cancel(check);
        }
        self.traffic.fall_silent(self.now.as_ns(), pod.0);
        self.set_server(pod, ServerState::Unreachable);
    }

    /// Charges the pods that a loss takes along to the disruption that brought it about.
    pub(crate) fn charge_lost_pods(&mut self, node: KubeNodeId, disruption: u32) {
        for pod in self.node(node).pods.clone() {
            if self.pod(pod).is_active() {
                self.pod_mut(pod).deletion_cause = Some(disruption);
                self.pod_mut(pod).counted_as_lost = true;
                self.disruptions[disruption as usize].pods_count += 1;
            }
        }
    }

    /// The kubelet renews its lease no more: the node lifecycle controller notices at a poll after the grace period.
    pub(crate) fn kubelet_falls_silent(&mut self, node: KubeNodeId) {
        let rules = &self.scenario.node_lifecycle;
        let since_renewal = self.latencies.lease_phase.next_u64() % rules.lease_interval.as_ns();
        let renewed_at = self.now.as_ns().saturating_sub(since_renewal);
        let lapses = SimTime::from_ns(renewed_at) + rules.monitor_grace_period;
        let at = tick_at(
            lapses.max(self.now),
            self.node_lifecycle.monitor_phase,
            rules.monitor_period,
        );
        self.schedule_at(at, Event::NodeLapses { node });
    }

    /// The lease has lapsed: Ready is Unknown, the node's pods are marked not Ready one by one, and a taint is queued.
    pub(crate) fn node_lapses(&mut self, node: KubeNodeId) {
        if !self.node(node).present || !self.node(node).kubelet_stopped {
            return;
        }
        self.set_node_ready(node, NodeReady::Unknown);
        let lanes = self.node_lifecycle.marking_until;
        let lane = (0..MARKED_IN_PARALLEL).min_by_key(|lane| lanes[*lane]).expect("lanes");
        let mut at = lanes[lane].max(self.now);
        for pod in self.node(node).pods.clone() {
            at += self.latencies.api_write.draw();
            self.schedule_at(at, Event::PodMarkedNotReady { pod });
        }
        self.node_lifecycle.marking_until[lane] = at;
        // Zones are judged when the poll has looked at all their nodes.
        self.schedule(SimDuration::ZERO, Event::NodeTaintQueued { node });
        self.look_for_instance(node);
    }

    pub(crate) fn node_taint_queued(&mut self, node: KubeNodeId) {
        if let (Some(at), Some(toleration)) = (self.tainted_at(node), self.scenario.pod.unreachable_toleration.get()) {
            self.schedule_at(at + toleration, Event::TolerationOver { node });
        }
    }

    /// When the `NoExecute` taint is set, if ever: rate limited per zone, and more so where much of the zone is lost.
    fn tainted_at(&mut self, node: KubeNodeId) -> Option<SimTime> {
        let rules = &self.scenario.node_lifecycle;
        let zone = self.node(node).zone;
        let present = self.nodes.iter().filter(|node| node.present && node.zone == zone);
        let (mut all, mut lost) = (0u32, 0u32);
        for node in present {
            all += 1;
            lost += u32::from(node.ready != NodeReady::True);
        }
        let much = lost >= FEWEST_LOST && rules.unhealthy_zone_threshold.is_reached_by(lost, all);
        let buckets = match (much, all > rules.large_cluster_size_threshold) {
            (false, _) => &mut self.node_lifecycle.taint_buckets,
            (true, true) => &mut self.node_lifecycle.secondary_buckets,
            (true, false) => return None,
        };
        Some(buckets[usize::from(zone)].reserve(self.now, 1)).filter(|at| *at != SimTime::MAX)
    }

    /// Ready=False in the API, written by the node lifecycle controller; containers stay "ready" (kubernetes §2.2.3).
    pub(crate) fn pod_marked_not_ready(&mut self, pod: PodId) {
        let object = self.pod(pod);
        if object.object_gone || object.view.terminal || !object.view.ready {
            return;
        }
        self.traffic.servers[pod.index()].stage = Hop::Endpoints;
        self.change_ready(pod, false);
        self.notify_endpoints(pod);
    }

    /// The taint manager deletes what does not tolerate the node's taint any longer. Nobody there acts on it.
    pub(crate) fn toleration_over(&mut self, node: KubeNodeId) {
        if !self.node(node).present || self.node(node).ready == NodeReady::True {
            return;
        }
        for pod in self.pods_on(node) {
            let cause = match pod {
                PodRef::App(pod) => self.pod(pod).deletion_cause,
                PodRef::Other(_) => None,
            };
            self.delete_pod(pod, cause, None);
        }
    }

    /// The cloud provider's controller deletes the object of a node that is not Ready and has no instance any more.
    pub(crate) fn look_for_instance(&mut self, node: KubeNodeId) {
        let object = self.node(node);
        let known_gone = object.machine == Machine::Terminated && !object.impaired;
        if object.present && known_gone && object.ready != NodeReady::True {
            let period = self.scenario.node_lifecycle.cloud_scan_period;
            let at = tick_at(self.now, self.node_lifecycle.cloud_phase, period);
            self.schedule_at(at, Event::NodeObjectDeleted { node });
        }
    }

    pub(crate) fn node_object_deleted(&mut self, node: KubeNodeId) {
        if !self.node(node).present || self.karpenter.holds(node) {
            return;
        }
        self.delete_node(node);
        // Pod garbage collection: noticed at one tick, quarantined, collected at a later tick (nodes §5.3).
        let rules = &self.scenario.node_lifecycle;
        let phase = self.node_lifecycle.collector_phase;
        let noticed = tick_at(self.now, phase, rules.pod_gc_period);
        let at = tick_at(noticed + rules.pod_gc_quarantine, phase, rules.pod_gc_period);
        self.schedule_at(at, Event::PodsCollected { node });
    }

    /// Pods of a node that is no more leave the API at once.
    pub(crate) fn pods_collected(&mut self, node: KubeNodeId) {
        for pod in self.pods_on(node) {
            match pod {
                PodRef::App(pod) if self.pod(pod).deletion.is_some() => self.object_deleted(pod),
                PodRef::App(pod) => {
                    self.pod_mut(pod).deletion_grace_s = Some(0);
                    self.delete_committed(pod);
                }
                PodRef::Other(other) => self.other_gone(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_ticks_at_its_phase_and_then_once_each_period() {
        let [second, period] = [1, 5].map(SimDuration::from_secs);
        let phase = SimTime::ZERO + second;
        let ticks = [0, 1, 2, 6, 7].map(|at| tick_at(SimTime::ZERO + second * at, phase, period));
        assert_eq!(ticks, [1, 1, 6, 6, 11].map(|at| SimTime::ZERO + second * at));
    }
}
