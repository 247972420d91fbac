//! Pods that their node takes down on its own: graceful node shutdown, shutdown of the operating system, node pressure.
//!
//! No `deletionTimestamp` announces it, so nothing takes the pod out of the target group before its containers stop
//! (kubernetes §5.1.6, §5.2; nodes §5.2).

use alloc::vec::Vec;

use super::node::Machine;
use super::pod::{ContainerStop, Life, StopReason, StopStep};
use crate::id::{KubeNodeId, PodId};
use crate::scenario::disruption::NodePressureEviction;
use crate::trace::{Fact, ShutDownBy};
use crate::world::World;

impl From<StopReason> for ShutDownBy {
    fn from(reason: StopReason) -> Self {
        match reason {
            StopReason::NodeShutdown { .. } => ShutDownBy::NodeShutdown,
            StopReason::OsShutdown { .. } => ShutDownBy::OsShutdown,
            StopReason::NodePressure => ShutDownBy::NodePressure,
            StopReason::Deletion | StopReason::Restart => unreachable!("not the node's own doing"),
        }
    }
}

impl World<'_> {
    /// The node takes the pod down on its own: no `deletionTimestamp`, and the API learns of it afterwards if at all.
    pub(crate) fn shut_down_pod(&mut self, pod: PodId, reason: StopReason) {
        let is_ending = match &self.pod(pod).life {
            Life::Unscheduled | Life::Stopped => return,
            Life::Stopping(stopping) => stopping.reason.ends_pod(),
            Life::Starting | Life::Running => false,
        };
        if is_ending && !matches!(reason, StopReason::OsShutdown { .. }) {
            return;
        }
        let grace_s = self.effective_grace(pod, reason);
        if self.pod(pod).deletion.is_none() {
            self.traffic.summary.observations.shut_down_pods += 1;
        }
        self.fact(|| Fact::PodShutDown {
            pod: pod.0,
            by: reason.into(),
            grace_period_s: grace_s,
        });
        match (&self.pod(pod).life, reason) {
            (Life::Starting, _) => self.all_stopped(pod),
            (Life::Running, _) => self.begin_stopping(pod, reason),
            (Life::Stopping(_), StopReason::OsShutdown { grace_s }) => self.stop_at_once(pod, grace_s),
            (Life::Stopping(_), _) => self.end_instead_of_restart(pod, reason),
            (Life::Unscheduled | Life::Stopped, _) => unreachable!("returned above"),
        }
    }

    /// systemd signals every container that has not been signalled yet, whatever the kubelet was waiting for.
    pub(super) fn stop_at_once(&mut self, pod: PodId, grace_s: u64) {
        let sidecars = self.scenario.pod.sidecars.len();
        let now = self.now;
        let Life::Stopping(stopping) = &mut self.pod_mut(pod).life else {
            return;
        };
        stopping.reason = StopReason::OsShutdown { grace_s };
        let stop = ContainerStop {
            grace_s,
            since: now,
            step: StopStep::Hook,
        };
        stopping.containers.resize(1 + sidecars, stop);
        let unsignalled: Vec<(u8, StopStep)> = (0u8..)
            .zip(&stopping.containers)
            .filter(|(_, stop)| matches!(stop.step, StopStep::Hook | StopStep::Turn { .. }))
            .map(|(index, stop)| (index, stop.step))
            .collect();
        for (container, step) in unsignalled {
            if let StopStep::Turn { over } = step {
                self.cancel(over);
            }
            self.stop_of(pod, container).expect("stopping").grace_s = grace_s;
            self.stop_container(pod, container);
        }
    }

    /// The kubelets of some nodes evict pods without asking anybody (kubernetes §5.1.6).
    pub(crate) fn node_pressure_eviction(&mut self, rules: &NodePressureEviction) {
        let disruption = self.begin_disruption("node_pressure_eviction");
        for node in self.nodes_to_hit(rules.nodes) {
            let pods = self.node(node).pods.clone();
            let running = pods.into_iter().filter(|pod| self.pod(*pod).life == Life::Running);
            let victims: Vec<PodId> = running.take(rules.pods_per_node as usize).collect();
            for pod in victims {
                self.disruptions[disruption as usize].pods_count += 1;
                self.shut_down_pod(pod, StopReason::NodePressure);
            }
        }
    }

    /// The nodes that a disruption without a better rule hits: lowest index first among those that run and are not on
    /// their way out.
    pub(crate) fn nodes_to_hit(&self, count: u32) -> Vec<KubeNodeId> {
        self.node_ids()
            .filter(|node| {
                let node = self.node(*node);
                node.present && node.machine == Machine::Running && !node.cordoned && node.taint.is_none()
            })
            .take(count as usize)
            .collect()
    }
}
