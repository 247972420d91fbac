//! One node on its way out (nodes §1.3).
//!
//! ```text
//! taint, cordon ─ delay ─► checked again ─┬─► evictions ─► waiting for the pods ─► held? ─► termination requested
//!                                         │       └─ refused too long   └─ too long
//!                                         └───────────────► kept: taint and cordon taken off
//! ```
//! An empty node skips the evictions.

use alloc::vec::Vec;

use super::AutoscalerStep;
use crate::event::Event;
use crate::id::KubeNodeId;
use crate::k8s::node::{NodeTaint, PodRef};
use crate::scenario::cluster_autoscaler::ClusterAutoscaler;
use crate::time::{SimDuration, SimTime};
use crate::trace::NodeChange;
use crate::world::World;

/// Nodes that are tainted at the same time (nodes §1.2).
const TAINTED_IN_PARALLEL: usize = 5;

/// Poll for the annotations that hold a node back (nodes §1.1).
const ANNOTATION_POLL: SimDuration = SimDuration::from_secs(5);

/// How far a removal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Tainted; the delay runs.
    Tainted,
    /// Evictions that are not accepted yet, and whether one was given up.
    Evicting {
        open: u32,
        retry_until: SimTime,
        given_up: bool,
    },
    /// All evictions were accepted.
    Waiting { until: SimTime },
    /// All pods are gone; an annotation may hold the node back.
    Emptied,
    /// Handed to EC2, or given up.
    Over,
}

/// The removal of one node.
#[derive(Debug)]
pub(super) struct Removal {
    node: KubeNodeId,
    /// Summary entry that its evictions are charged to.
    disruption: u32,
    /// Nothing ran on it when the removal began.
    empty: bool,
    stage: Stage,
}

impl World<'_> {
    fn removal(&mut self, removal: u32) -> &mut Removal {
        &mut self.autoscaler().removals[removal as usize]
    }

    /// Begins the removal of those nodes that are due, as far as there are slots; `false` if none begins.
    pub(super) fn begin_removals(&mut self, removable: &[KubeNodeId]) -> bool {
        let rules = self.autoscaler_rules();
        let (empty, mut occupied) = self.due_nodes(removable);
        let under_way = |removal: &&Removal| removal.stage != Stage::Over;
        let removals = &self.autoscaler().removals;
        let all = removals.iter().filter(under_way).count();
        let drains = removals
            .iter()
            .filter(under_way)
            .filter(|removal| !removal.empty)
            .count();
        let mut slots = (rules.max_scale_down_parallelism as usize).saturating_sub(all);
        let mut batch: Vec<(KubeNodeId, bool)> = empty.into_iter().take(slots).map(|node| (node, true)).collect();
        slots -= batch.len();
        let drain_slots = (rules.max_drain_parallelism as usize).saturating_sub(drains).min(slots);
        occupied.truncate(drain_slots);
        batch.extend(occupied.into_iter().map(|node| (node, false)));
        if batch.is_empty() {
            return false;
        }
        if batch.iter().any(|_| self.autoscaler().latencies.taint_failure.draw()) {
            // Nodes of the batch that were tainted already are untainted again: nothing is left of it.
            self.autoscaler().last_failure = Some(self.now);
            return false;
        }
        self.autoscaler().last_delete = Some(self.now);
        self.taint_batch(&batch, rules);
        true
    }

    /// Nodes that may go now without making their group too small: empty ones and others.
    fn due_nodes(&mut self, removable: &[KubeNodeId]) -> (Vec<KubeNodeId>, Vec<KubeNodeId>) {
        let rules = self.autoscaler_rules();
        let zones = self.scenario.cluster.zones;
        let mut spare: Vec<u32> = (0..zones)
            .map(|zone| {
                let least = ClusterAutoscaler::share_of(rules.min_nodes, zone, zones);
                let zone = u8::try_from(zone).expect("at most six zones");
                let going = |removal: &&Removal| removal.stage != Stage::Over && self.node(removal.node).zone == zone;
                let state = self.cluster_autoscaler.as_ref().expect("a Cluster Autoscaler");
                let going = u32::try_from(state.removals.iter().filter(going).count()).expect("few removals");
                self.group_size(zone).saturating_sub(least + going)
            })
            .collect();
        let (mut empty, mut occupied) = (Vec::new(), Vec::new());
        for node in removable.iter().copied().filter(|node| self.is_due(*node)) {
            let spare = &mut spare[usize::from(self.node(node).zone)];
            if *spare > 0 {
                *spare -= 1;
                let list = if self.has_nothing_to_evict(node) {
                    &mut empty
                } else {
                    &mut occupied
                };
                list.push(node);
            }
        }
        (empty, occupied)
    }

    fn taint_batch(&mut self, batch: &[(KubeNodeId, bool)], rules: &ClusterAutoscaler) {
        let disruption = self.begin_disruption("cluster_autoscaler");
        let mut lanes = [SimDuration::ZERO; TAINTED_IN_PARALLEL];
        for (index, (node, _)) in batch.iter().enumerate() {
            self.taint(*node, NodeTaint::ToBeDeleted);
            if rules.cordon_node_before_terminating {
                self.cordon(*node);
            }
            lanes[index % TAINTED_IN_PARALLEL] += self.latencies.api_write.draw();
        }
        let tainted = lanes.into_iter().max().expect("five lanes");
        for (node, empty) in batch {
            let removals = &mut self.autoscaler().removals;
            let removal = u32::try_from(removals.len()).expect("few removals");
            removals.push(Removal {
                node: *node,
                disruption,
                empty: *empty,
                stage: Stage::Tainted,
            });
            self.autoscaler_after(
                tainted + rules.node_delete_delay_after_taint,
                AutoscalerStep::DelayOver { removal },
            );
        }
    }

    /// Pods may have come, or the budget may be used up by now.
    pub(super) fn removal_delay_over(&mut self, removal: u32) {
        let Removal { node, stage, empty, .. } = *self.removal(removal);
        assert!(
            stage == Stage::Tainted,
            "{}: the delay of a removal is over in {stage:?}",
            self.now
        );
        let pods = self.pods_on(node);
        let has_app = pods
            .iter()
            .any(|pod| matches!(pod, PodRef::App(app) if self.pod(*app).is_active()));
        let nothing = self.has_nothing_to_evict(node);
        if (empty && !nothing) || (has_app && self.disruptions_allowed() == Some(0)) {
            self.give_up(removal);
        } else if nothing {
            self.pods_are_gone(removal);
        } else {
            self.begin_evictions(removal, node, pods);
        }
    }

    fn begin_evictions(&mut self, removal: u32, node: KubeNodeId, pods: Vec<PodRef>) {
        self.node_changed(node, NodeChange::EvictionsStarted);
        let retry_until = self.now + self.autoscaler_rules().max_pod_eviction_time;
        self.removal(removal).stage = Stage::Evicting {
            open: u32::try_from(pods.len()).expect("few pods on a node"),
            retry_until,
            given_up: false,
        };
        for pod in pods {
            self.send_eviction(removal, pod);
        }
    }

    fn send_eviction(&mut self, removal: u32, pod: PodRef) {
        let now = self.now;
        let at = self.autoscaler().client.reserve(now, 1);
        let step = AutoscalerStep::Evict { removal, pod };
        self.schedule_at(at, Event::ClusterAutoscaler { step });
    }

    pub(super) fn removal_evicts(&mut self, removal: u32, pod: PodRef) {
        let rules = self.autoscaler_rules();
        let disruption = self.removal(removal).disruption;
        let grace_s = rules.max_graceful_termination.whole_secs();
        if self.evict(pod, disruption, Some(grace_s)) {
            self.eviction_settled(removal, false);
        } else {
            self.autoscaler_after(rules.eviction_retry, AutoscalerStep::Retry { removal, pod });
        }
    }

    pub(super) fn removal_retries(&mut self, removal: u32, pod: PodRef) {
        let Stage::Evicting { retry_until, .. } = self.removal(removal).stage else {
            panic!("{}: an eviction of a removal without evictions", self.now);
        };
        if self.now < retry_until {
            self.send_eviction(removal, pod);
        } else {
            self.eviction_settled(removal, true);
        }
    }

    /// An eviction was accepted or given up; the drain goes on once that is so for all of them.
    fn eviction_settled(&mut self, removal: u32, refused: bool) {
        let now = self.now;
        let rules = self.autoscaler_rules();
        let Stage::Evicting { open, given_up, .. } = &mut self.removal(removal).stage else {
            panic!("{now}: an eviction of a removal without evictions");
        };
        *open -= 1;
        *given_up |= refused;
        match (*open, *given_up) {
            (0, true) => self.give_up(removal),
            (0, false) => {
                let until = now + rules.max_graceful_termination + rules.eviction_headroom;
                self.removal(removal).stage = Stage::Waiting { until };
                self.removal_polls(removal);
            }
            _ => {}
        }
    }

    pub(super) fn removal_polls(&mut self, removal: u32) {
        let Removal { node, stage, .. } = *self.removal(removal);
        let Stage::Waiting { until } = stage else {
            panic!("{}: a removal waits for pods in {stage:?}", self.now);
        };
        if self.is_emptied(node) {
            self.pods_are_gone(removal);
        } else if self.now < until {
            let poll = self.autoscaler_rules().drain_poll;
            self.autoscaler_after(poll, AutoscalerStep::Poll { removal });
        } else {
            self.give_up(removal);
        }
    }

    /// The node has no pods any more; somebody may hold it back.
    fn pods_are_gone(&mut self, removal: u32) {
        self.removal(removal).stage = Stage::Emptied;
        let rules = self.autoscaler_rules();
        let polls = rules
            .delay_deletion_annotation
            .as_ns()
            .div_ceil(ANNOTATION_POLL.as_ns());
        let held = (ANNOTATION_POLL * polls).min(rules.node_deletion_delay_timeout);
        if held.is_zero() {
            self.request_termination(removal);
        } else {
            self.autoscaler_after(held, AutoscalerStep::Released { removal });
        }
    }

    /// `TerminateInstanceInAutoScalingGroup`: accepted at once, whatever the instance still has to do.
    pub(super) fn request_termination(&mut self, removal: u32) {
        let now = self.now;
        let rules = self.autoscaler_rules();
        let node = self.removal(removal).node;
        self.removal(removal).stage = Stage::Over;
        self.autoscaler().terminated.insert(node);
        if !self.is_there(node) {
            return;
        }
        self.node_changed(node, NodeChange::TerminationRequested);
        if self.node(node).impaired {
            // Nothing runs on it; from now on EC2 says so.
            self.node_mut(node).impaired = false;
            self.look_for_instance(node);
            return;
        }
        let zone = usize::from(self.node(node).zone);
        let batch = &mut self.autoscaler().batches[zone];
        if *batch <= now {
            *batch = now + rules.node_deletion_batcher_interval;
        }
        let after = (*batch - now) + rules.asg_hook_wait;
        if after.is_zero() {
            self.terminate_instance(node);
        } else {
            self.autoscaler_after(after, AutoscalerStep::InstanceEnds { node });
        }
    }

    /// The node stays. It has to be unneeded for the whole time again before the next attempt.
    fn give_up(&mut self, removal: u32) {
        let node = self.removal(removal).node;
        self.removal(removal).stage = Stage::Over;
        self.traffic.summary.observations.removals_given_up += 1;
        if self.is_there(node) {
            self.keep_node(node);
        }
    }

    /// Whether the node was not lost meanwhile.
    fn is_there(&self, node: KubeNodeId) -> bool {
        self.node(node).is_shown_running() && self.node(node).present
    }
}
