//! The kubelet outside of termination: dispatch, start of containers, status.

use super::pod::{Life, PodView};
use crate::event::Event;
use crate::id::PodId;
use crate::outcome::Hop;
use crate::time::SimDuration;
use crate::trace::{Fact, ServerState};
use crate::world::World;

/// The dispatch loop's housekeeping period (kubernetes §1.2.2).
const HOUSEKEEPING_PERIOD: SimDuration = SimDuration::from_secs(2);

impl World<'_> {
    /// From a commit in the API to the pod's worker: watch, single dispatch loop, PLEG cache (kubernetes §1.2).
    pub(crate) fn kubelet_dispatch(&mut self) -> SimDuration {
        let mut after = self.latencies.api_watch.draw() + self.latencies.dispatch.draw();
        let housekeeping = self.scenario.kubelet.housekeeping;
        if !housekeeping.is_zero() {
            // Housekeeping starts at a random phase; whoever comes while it runs waits for its end.
            let phase = self.latencies.housekeeping.next_u64() % HOUSEKEEPING_PERIOD.as_ns();
            after += SimDuration::from_ns(housekeeping.as_ns().saturating_sub(phase));
        }
        if self.latencies.pleg_recent_sync.draw() {
            after += self.latencies.pleg_wait.draw();
        }
        after
    }

    pub(crate) fn containers_started(&mut self, pod: PodId) {
        if self.pod(pod).life != Life::Starting {
            return;
        }
        self.fact(|| Fact::ContainersStarted { pod: pod.0 });
        self.pod_mut(pod).life = Life::Running;
        self.start_process(pod);
        let after = self.latencies.start_detect.draw();
        self.schedule(after, Event::StartDetected { pod });
    }

    /// A new server process starts; it listens after its start-up time.
    pub(crate) fn start_process(&mut self, pod: PodId) {
        let now = self.now;
        let object = self.pod_mut(pod);
        object.process += 1;
        object.container_started = now;
        object.started_up = false;
        let process = object.process;
        let after = self.latencies.app_start_up.draw();
        self.schedule(after, Event::ServerListens { pod, process });
    }

    /// A dead container's process starts again.
    pub(crate) fn container_restarts(&mut self, pod: PodId, process: u32) {
        if self.pod(pod).process != process || self.pod(pod).life != Life::Running {
            return;
        }
        self.pod_mut(pod).restarts += 1;
        self.set_server(pod, ServerState::Starting);
        self.start_process(pod);
        self.start_detected(pod);
    }

    /// The kubelet notices running containers: it posts the IP and starts to probe.
    pub(crate) fn start_detected(&mut self, pod: PodId) {
        if self.pod(pod).life != Life::Running {
            return;
        }
        if self.scenario.pod.startup_probe.is_some() {
            self.start_probe(pod, super::pod::ProbeKind::Startup);
            self.post_status(pod, false);
        } else {
            self.started_up(pod);
        }
    }

    /// Startup is over, or was never probed: readiness and liveness begin.
    pub(crate) fn started_up(&mut self, pod: PodId) {
        self.pod_mut(pod).started_up = true;
        self.start_probe(pod, super::pod::ProbeKind::Liveness);
        if self.scenario.pod.readiness_probe.is_some() {
            self.start_probe(pod, super::pod::ProbeKind::Readiness);
            self.post_status(pod, false);
        } else {
            // Without a readiness probe a running container is Ready (kubernetes §2.2.4).
            self.set_containers_ready(pod, true);
        }
    }

    /// Changes `ContainersReady` as the kubelet sees it and posts the status.
    pub(crate) fn set_containers_ready(&mut self, pod: PodId, ready: bool) {
        if self.pod(pod).containers_ready != ready {
            self.pod_mut(pod).containers_ready = ready;
            self.post_status(pod, false);
        }
    }

    /// Queues a status PATCH; the status manager of a node writes one pod at a time (kubernetes §1.4.9).
    pub(crate) fn post_status(&mut self, pod: PodId, terminal: bool) {
        let Some(node) = self.pod(pod).node else { return };
        let patch = self.latencies.status_patch.draw();
        let node = &mut self.nodes[node.index()];
        let at = node.status_busy_until.max(self.now) + patch;
        node.status_busy_until = at;
        self.schedule_at(at, Event::StatusWritten { pod, terminal });
    }

    /// The API shows a new status: the one that holds when the PATCH goes out, not when it was queued.
    pub(crate) fn status_written(&mut self, pod: PodId, terminal: bool) {
        if self.pod(pod).object_gone {
            return;
        }
        let object = self.pod(pod);
        let old = object.view;
        let terminal = terminal || old.terminal;
        // Once the containers have stopped, the terminal status is the next one.
        let may_rise = old.ready || object.life != Life::Stopped;
        let new = PodView {
            has_ip: true,
            ready: object.is_ready() && may_rise && !terminal,
            deleting: old.deleting,
            terminal,
        };
        self.pod_mut(pod).view = new;
        self.pod_mut(pod).view.ready = old.ready;
        self.change_ready(pod, new.ready);
        if new.terminal && !old.terminal {
            self.leave_set(pod);
            if !new.deleting {
                // Its node took it down: it is replaced only now (kubernetes §5.2.6), and frees its room.
                self.retire(pod);
                self.seek_replacement(pod);
                self.unbind(pod);
            }
        }
        if new != old {
            self.notify_endpoints(pod);
        }
        if self.pod(pod).gated && self.scenario.load_balancer_controller.pod_watch {
            let after = self.latencies.lbc_watch.draw();
            self.schedule(after, Event::LbcSawPod { pod });
        }
    }

    /// The Ready condition in the API takes this value.
    pub(crate) fn change_ready(&mut self, pod: PodId, ready: bool) {
        let now = self.now;
        let object = self.pod_mut(pod);
        let old = core::mem::replace(&mut object.view.ready, ready);
        if old == ready {
            return;
        }
        object.ready_since = now;
        object.age_before_run = SimDuration::ZERO;
        object.ready_changes += 1;
        let deleting = object.view.deleting;
        self.fact(|| Fact::PodReady { pod: pod.0, ready });
        if !deleting {
            self.deployment.pod_counts[usize::from(old)] -= 1;
            self.deployment.pod_counts[usize::from(ready)] += 1;
            if ready {
                self.await_available(pod);
            } else {
                self.set_available(pod, false);
            }
        }
    }

    /// The server's listening socket is open.
    pub(crate) fn server_listens(&mut self, pod: PodId, process: u32) {
        if self.pod(pod).process != process {
            return;
        }
        let server = &mut self.traffic.servers[pod.index()];
        if server.state != ServerState::Starting {
            return;
        }
        if server.stage == Hop::Registration {
            server.stage = Hop::HealthCheck;
        }
        self.set_server(pod, ServerState::Serving);
    }

    /// A readiness gate was patched: the kubelet recomputes Ready (kubernetes §3.2).
    pub(crate) fn gate_seen(&mut self, pod: PodId) {
        let after = self.latencies.gate_to_ready.draw();
        self.schedule(after, Event::StatusWritten { pod, terminal: false });
    }
}
