//! The kubelet's termination sequence (kubernetes §1.3, §1.4).
//!
//! ```text
//! kill ─► preStop hooks, all at once ─► sidecars wait for their turn ─► SIGTERM ─► SIGKILL when grace is over
//!                                                                          │
//!                         all containers gone ◄── exit seen by the kubelet ┘
//!                              └─► sandbox torn down (CNI DEL) ─► terminal status ─► object deleted
//! ```
//! The grace period is counted in whole seconds: each phase takes off its elapsed time rounded down, and the time
//! between SIGTERM and SIGKILL is never below 2 s.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::node::PodRef;
use super::pod::{ContainerStop, Life, ProbeKind, StopReason, StopStep, Stopping};
use crate::event::Event;
use crate::id::PodId;
use crate::outcome::Cause;
use crate::scenario::pod::SidecarKind;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Fact, ServerState};
use crate::world::World;

/// Least time from SIGTERM to SIGKILL (kubernetes §1.3, `minimumGracePeriodInSeconds`).
const GRACE_FLOOR_S: u64 = 2;

impl World<'_> {
    pub(crate) fn kill_started(&mut self, pod: PodId) {
        let is_ending = match &self.pod(pod).life {
            Life::Stopping(stopping) => stopping.reason.ends_pod(),
            Life::Stopped => true,
            Life::Unscheduled | Life::Starting | Life::Running => false,
        };
        if is_ending {
            // Its node is shutting down or short of something: the same stop goes on, or is over.
            return;
        }
        self.fact(|| Fact::KillStarted { pod: pod.0 });
        match &self.pod(pod).life {
            Life::Unscheduled | Life::Stopped => {}
            Life::Starting => {
                // Nothing runs yet: the sync is cancelled and the sandbox torn down (kubernetes §1.2.4).
                self.all_stopped(pod);
            }
            Life::Running => self.begin_stopping(pod, StopReason::Deletion),
            Life::Stopping(_) => {
                // A restart is under way: the stop goes on, and nothing starts afterwards.
                self.end_instead_of_restart(pod, StopReason::Deletion);
            }
        }
    }

    /// A restart is under way when the pod has to end: its stop goes on, and the sidecars' begins.
    pub(super) fn end_instead_of_restart(&mut self, pod: PodId, reason: StopReason) {
        let since = self.now;
        let sidecars = self.scenario.pod.sidecars.len();
        let grace_s = self.effective_grace(pod, reason);
        if let Life::Stopping(stopping) = &mut self.pod_mut(pod).life {
            stopping.reason = reason;
            let hook = ContainerStop {
                grace_s,
                since,
                step: StopStep::Hook,
            };
            stopping.containers.resize(1 + sidecars, hook);
        }
        for container in 1..=sidecars {
            self.start_hook(pod, container);
        }
    }

    /// Whole seconds of grace the kubelet works with, at least 1 (kubernetes §1.2.8).
    pub(super) fn effective_grace(&self, pod: PodId, reason: StopReason) -> u64 {
        if let StopReason::OsShutdown { grace_s } = reason {
            // systemd does not know the pod's own.
            return grace_s;
        }
        let own = self.scenario.pod.termination_grace_period.whole_secs();
        let asked = self.pod(pod).deletion.map_or(own, |deletion| deletion.grace_s);
        own.min(asked).min(reason.grace_s()).max(1)
    }

    /// Starts to stop containers: all hooks begin at once.
    pub(crate) fn begin_stopping(&mut self, pod: PodId, reason: StopReason) {
        let grace_s = self.effective_grace(pod, reason);
        let containers = if reason.ends_pod() {
            1 + self.scenario.pod.sidecars.len()
        } else {
            1
        };
        let stop = ContainerStop {
            grace_s,
            since: self.now,
            step: StopStep::Hook,
        };
        self.pod_mut(pod).life = Life::Stopping(Stopping {
            reason,
            containers: vec![stop; containers],
        });
        // Readiness goes on until all containers have stopped (kubernetes §2.2.1).
        self.stop_probe(pod, ProbeKind::Liveness);
        self.stop_probe(pod, ProbeKind::Startup);
        if let StopReason::OsShutdown { grace_s } = reason {
            self.stop_at_once(pod, grace_s);
            return;
        }
        for container in 0..containers {
            self.start_hook(pod, container);
        }
    }

    pub(super) fn is_process_gone(&self, pod: PodId) -> bool {
        matches!(
            self.traffic.servers[pod.index()].state,
            ServerState::Exited | ServerState::Removed | ServerState::Reused | ServerState::Unreachable
        )
    }

    pub(super) fn container_name(&self, container: usize) -> String {
        match container.checked_sub(1) {
            None => "app".into(),
            Some(sidecar) => self.scenario.pod.sidecars[sidecar].name.clone(),
        }
    }

    pub(super) fn stop_of(&mut self, pod: PodId, container: u8) -> Option<&mut ContainerStop> {
        match &mut self.pod_mut(pod).life {
            Life::Stopping(stopping) => stopping.containers.get_mut(usize::from(container)),
            _ => None,
        }
    }

    /// Takes the hook's whole seconds off the grace period and goes on: sidecars to their turn, others to SIGTERM.
    pub(super) fn after_hook(&mut self, pod: PodId, container: u8, elapsed: SimDuration) {
        let now = self.now;
        let stop = self.stop_of(pod, container).expect("stopping");
        stop.grace_s = stop.grace_s.saturating_sub(elapsed.whole_secs());
        stop.since = now;
        let grace = SimDuration::from_secs(stop.grace_s);
        let waits = container > 0
            && self.scenario.pod.sidecars[usize::from(container) - 1].kind == SidecarKind::RestartableInit
            && !self.has_turn(pod, container);
        if waits && !grace.is_zero() {
            let over = self.schedule(grace, Event::TurnOver { pod, container });
            self.stop_of(pod, container).expect("stopping").step = StopStep::Turn { over };
        } else {
            self.stop_container(pod, container);
        }
    }

    /// A sidecar's turn comes when every main container and every sidecar declared after it has exited.
    fn has_turn(&self, pod: PodId, container: u8) -> bool {
        let Life::Stopping(stopping) = &self.pod(pod).life else {
            return true;
        };
        stopping.containers.iter().enumerate().all(|(other, stop)| {
            let sidecar = other.checked_sub(1).map(|index| self.scenario.pod.sidecars[index].kind);
            let goes_first = sidecar != Some(SidecarKind::RestartableInit) || other > usize::from(container);
            !goes_first || stop.step == StopStep::Exited
        })
    }

    pub(crate) fn turn_over(&mut self, pod: PodId, container: u8) {
        self.end_turn(pod, container);
    }

    fn end_turn(&mut self, pod: PodId, container: u8) {
        let now = self.now;
        let Some(stop) = self.stop_of(pod, container) else {
            return;
        };
        let StopStep::Turn { over } = stop.step else { return };
        stop.grace_s = stop.grace_s.saturating_sub((now - stop.since).whole_secs());
        self.cancel(over);
        self.stop_container(pod, container);
    }

    /// `StopContainer`: SIGTERM now, SIGKILL when the rest of the grace period is over.
    pub(super) fn stop_container(&mut self, pod: PodId, container: u8) {
        let stop = self.stop_of(pod, container).expect("stopping");
        stop.grace_s = stop.grace_s.max(GRACE_FLOOR_S);
        stop.step = StopStep::Signalling;
        if container == 0 && self.is_process_gone(pod) {
            self.schedule(SimDuration::ZERO, Event::ExitDetected { pod, container });
            return;
        }
        let after = self.latencies.sigterm_delivery.draw();
        self.schedule(after, Event::SigtermDelivered { pod, container });
    }

    pub(crate) fn sigterm_delivered(&mut self, pod: PodId, container: u8) {
        if container == 0 && self.is_process_gone(pod) {
            // It crashed meanwhile; the kubelet will learn of the exit.
            return;
        }
        let Some(stop) = self
            .stop_of(pod, container)
            .filter(|stop| stop.step == StopStep::Signalling)
        else {
            return;
        };
        let grace = SimDuration::from_secs(stop.grace_s);
        let name = self.container_name(usize::from(container));
        self.fact(|| Fact::SigtermSent {
            pod: pod.0,
            container: name,
        });
        let sigkill = self.schedule(grace, Event::SigkillDue { pod, container });
        self.stop_of(pod, container).expect("stopping").step = StopStep::Signalled { sigkill };
        if container == 0 {
            self.server_gets_sigterm(pod);
        } else {
            let after = self.latencies.sidecar_stop[usize::from(container) - 1].draw();
            if after < grace {
                self.schedule(after, Event::SidecarExits { pod, container });
            }
        }
    }

    pub(crate) fn sigkill_due(&mut self, pod: PodId, container: u8) {
        let name = self.container_name(usize::from(container));
        self.fact(|| Fact::SigkillSent {
            pod: pod.0,
            container: name,
        });
        self.traffic.summary.observations.sigkills += 1;
        if container == 0 {
            self.process_exits(pod, Cause::KilledInFlight);
        } else {
            self.container_exited(pod, container);
        }
    }

    /// A container's last process is gone; the kubelet learns of it a little later.
    pub(crate) fn container_exited(&mut self, pod: PodId, container: u8) {
        let name = self.container_name(usize::from(container));
        self.fact(|| Fact::ContainerExited {
            pod: pod.0,
            container: name,
        });
        if let Some(stop) = self.stop_of(pod, container)
            && let StopStep::Signalled { sigkill } = stop.step
        {
            self.cancel(sigkill);
        }
        let after = self.latencies.exit_detect.draw();
        self.schedule(after, Event::ExitDetected { pod, container });
    }

    pub(crate) fn exit_detected(&mut self, pod: PodId, container: u8) {
        if container == 0 && !self.is_process_gone(pod) {
            // A probe had noticed this exit first; the container has been restarted since.
            return;
        }
        if self
            .stop_of(pod, container)
            .is_some_and(|stop| stop.step == StopStep::Hook)
        {
            // The kubelet waits for the hook even if the container has exited on its own (kubernetes §1.3.7).
            return;
        }
        if self.pod(pod).life == Life::Running || self.is_stopping_for(pod, StopReason::Restart) {
            self.restart_container(pod);
            return;
        }
        let Some(stop) = self.stop_of(pod, container) else {
            return;
        };
        if let StopStep::Signalled { sigkill } = core::mem::replace(&mut stop.step, StopStep::Exited) {
            self.cancel(sigkill);
        }
        let Life::Stopping(stopping) = &self.pod(pod).life else {
            unreachable!("checked above")
        };
        let waiting: Vec<u8> = (0u8..)
            .zip(&stopping.containers)
            .filter(|(_, stop)| matches!(stop.step, StopStep::Turn { .. }))
            .map(|(index, _)| index)
            .collect();
        let all = stopping.containers.iter().all(|stop| stop.step == StopStep::Exited);
        for sidecar in waiting {
            if self.has_turn(pod, sidecar) {
                self.end_turn(pod, sidecar);
            }
        }
        if all {
            self.all_stopped(pod);
        }
    }

    /// Only now is the sandbox torn down (kubernetes §1.4.1).
    pub(super) fn all_stopped(&mut self, pod: PodId) {
        self.pod_mut(pod).life = Life::Stopped;
        for probe in ProbeKind::ALL {
            self.stop_probe(pod, probe);
        }
        if let Some(node) = self.pod(pod).node {
            self.turn_off_when_idle(node);
            if self.node(node).kubelet_stopped {
                // Nobody tears the sandbox down: its address answers until the instance is off.
                return;
            }
        }
        let mut after = self.latencies.sandbox_teardown.draw();
        while self.latencies.cni_del_failure.draw() {
            after += self.latencies.cni_del_retry.draw() + self.latencies.sandbox_teardown.draw();
        }
        self.schedule(after, Event::SandboxRemoved { pod });
    }

    pub(crate) fn sandbox_removed(&mut self, pod: PodId) {
        let silent = self.traffic.servers[pod.index()].silent;
        self.fact(|| Fact::SandboxRemoved { pod: pod.0, silent });
        self.set_server(pod, ServerState::Removed);
        if let Some(node) = self.pod(pod).node {
            self.release_address(PodRef::App(pod), node);
        }
        self.post_status(pod, true);
        if self.pod(pod).deletion.is_none() {
            // Its object stays behind with a terminal phase.
            return;
        }
        let after = self.latencies.object_delete.draw();
        // The status manager deletes the object after it has posted the terminal status.
        let posted = self
            .pod(pod)
            .node
            .map_or(SimTime::ZERO, |node| self.nodes[node.index()].status_busy_until);
        let at = (self.now + after).max(posted);
        self.schedule_at(at, Event::ObjectDeleted { pod });
    }
}
