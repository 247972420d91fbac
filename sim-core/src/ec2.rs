//! EC2 instances: how they come, and how they go (nodes §5.1, §5.2).
//!
//! ```text
//! launch ─► joins the cluster
//! TerminateInstances ─► operating system told ─► pods shut down ─► off: packets meet silence
//!                         with graceful node shutdown: the kubelet, preStop included
//!                         without: systemd, SIGTERM at once, no preStop, no word to the API
//! ```

use crate::event::Event;
use crate::id::{KubeNodeId, PodId};
use crate::k8s::node::{Machine, NodeReady};
use crate::k8s::pod::{Life, StopReason};
use crate::scenario::instance_type::InstanceType;
use crate::time::SimDuration;
use crate::trace::NodeChange;
use crate::world::World;

impl World<'_> {
    /// Launches an instance that joins the cluster `after` some time.
    pub(crate) fn launch_instance(&mut self, instance: InstanceType, zone: u8, after: SimDuration) -> KubeNodeId {
        let node = self.new_node(instance, zone);
        self.node_changed(node, NodeChange::Launched);
        self.schedule(after, Event::NodeJoins { node });
        node
    }

    pub(crate) fn node_joins_if_running(&mut self, node: KubeNodeId) {
        if self.node(node).machine == Machine::Pending {
            self.node_joins(node);
        }
    }

    /// `TerminateInstances` was accepted: the operating system is told a little later.
    pub(crate) fn terminate_instance(&mut self, node: KubeNodeId) {
        if self.node(node).machine == Machine::Pending {
            // Nothing runs on it yet.
            self.node_mut(node).machine = Machine::Terminated;
            self.node_changed(node, NodeChange::Terminated);
            return;
        }
        let after = self.latencies.os_shutdown_notice.draw();
        self.schedule(after, Event::OsShutdownBegins { node });
    }

    /// The operating system shuts down.
    pub(crate) fn os_shutdown_begins(&mut self, node: KubeNodeId) {
        if self.node(node).machine != Machine::Running {
            return;
        }
        self.node_mut(node).machine = Machine::ShuttingDown;
        self.node_changed(node, NodeChange::ShuttingDown);
        let rules = &self.scenario.ec2;
        let most = rules.os_shutdown_max;
        self.schedule(most, Event::InstanceOff { node });
        let takes = self.latencies.os_shutdown.draw();
        if self.scenario.kubelet.shutdown_grace_period.is_zero() {
            // systemd stops the containers while it stops everything else.
            self.node_mut(node).off_at = self.now + takes;
            self.stop_without_kubelet(node);
        } else {
            // The kubelet holds the shutdown up until its pods have stopped.
            self.node_mut(node).off_after_pods = takes;
            self.graceful_shutdown(node);
        }
        self.turn_off_when_idle(node);
    }

    /// The kubelet's shutdown manager (nodes §5.2): `NotReady` at once, pods killed with preStop, no `deletionTimestamp`.
    fn graceful_shutdown(&mut self, node: KubeNodeId) {
        let after = self.latencies.api_write.draw();
        self.schedule(
            after,
            Event::NodeReadyPosted {
                node,
                ready: NodeReady::False,
            },
        );
        let kubelet = &self.scenario.kubelet;
        let group = kubelet.shutdown_grace_period - kubelet.shutdown_grace_period_critical_pods;
        for pod in self.node(node).pods.clone() {
            self.shut_down_pod(
                pod,
                StopReason::NodeShutdown {
                    grace_s: group.whole_secs(),
                },
            );
        }
    }

    /// systemd stops the containers' scopes, and the kubelet with them (nodes §5.2).
    fn stop_without_kubelet(&mut self, node: KubeNodeId) {
        self.node_mut(node).kubelet_stopped = true;
        self.kubelet_falls_silent(node);
        let grace_s = self.scenario.ec2.systemd_stop_timeout.whole_secs();
        for pod in self.node(node).pods.clone() {
            self.shut_down_pod(pod, StopReason::OsShutdown { grace_s });
        }
    }

    fn has_running_containers(&self, node: KubeNodeId) -> bool {
        let stopped = |pod: &PodId| matches!(self.pod(*pod).life, Life::Stopped);
        !self.node(node).pods.iter().all(stopped)
    }

    /// The instance goes off once its containers have stopped and the rest of the shutdown is over.
    pub(crate) fn turn_off_when_idle(&mut self, node: KubeNodeId) {
        let object = self.node(node);
        if object.machine != Machine::ShuttingDown || self.has_running_containers(node) {
            return;
        }
        let at = object.off_at.max(self.now) + object.off_after_pods;
        self.schedule_at(at, Event::InstanceOff { node });
    }

    /// No packet gets an answer from it any more.
    pub(crate) fn instance_off(&mut self, node: KubeNodeId) {
        if self.node(node).machine != Machine::Terminated {
            self.lose_instance(node);
        }
    }
}
