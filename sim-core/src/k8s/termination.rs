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

use super::pod::{ContainerStop, Life, ProbeKind, StopReason, StopStep, Stopping};
use crate::event::Event;
use crate::id::PodId;
use crate::outcome::Cause;
use crate::scenario::pod::SidecarKind;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Fact, PreStopResult, ServerState};
use crate::world::World;

/// Least time from SIGTERM to SIGKILL (kubernetes §1.3, `minimumGracePeriodInSeconds`).
const GRACE_FLOOR_S: u64 = 2;

impl World<'_> {
    pub(crate) fn kill_started(&mut self, pod: PodId) {
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
                let since = self.now;
                let sidecars = self.scenario.pod.sidecars.len();
                let grace_s = self.effective_grace(pod);
                if let Life::Stopping(stopping) = &mut self.pod_mut(pod).life {
                    stopping.reason = StopReason::Deletion;
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
        }
    }

    /// Whole seconds of grace the kubelet works with, at least 1 (kubernetes §1.2.8).
    fn effective_grace(&self, pod: PodId) -> u64 {
        let own = self.scenario.pod.termination_grace_period.whole_secs();
        self.pod(pod)
            .deletion
            .map_or(own, |deletion| deletion.grace_s.min(own))
            .max(1)
    }

    /// Starts to stop containers: all hooks begin at once.
    pub(crate) fn begin_stopping(&mut self, pod: PodId, reason: StopReason) {
        let grace_s = self.effective_grace(pod);
        let containers = match reason {
            StopReason::Deletion => 1 + self.scenario.pod.sidecars.len(),
            StopReason::Restart => 1,
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
        for container in 0..containers {
            self.start_hook(pod, container);
        }
    }

    fn is_process_gone(&self, pod: PodId) -> bool {
        matches!(
            self.traffic.servers[pod.index()].state,
            ServerState::Exited | ServerState::Removed
        )
    }

    fn container_name(&self, container: usize) -> String {
        match container.checked_sub(1) {
            None => "app".into(),
            Some(sidecar) => self.scenario.pod.sidecars[sidecar].name.clone(),
        }
    }

    fn stop_of(&mut self, pod: PodId, container: u8) -> Option<&mut ContainerStop> {
        match &mut self.pod_mut(pod).life {
            Life::Stopping(stopping) => stopping.containers.get_mut(usize::from(container)),
            _ => None,
        }
    }

    /// Starts a container's preStop hook; without one it goes on at once.
    fn start_hook(&mut self, pod: PodId, container: usize) {
        let index = u8::try_from(container).expect("few containers");
        let grace = SimDuration::from_secs(self.stop_of(pod, index).expect("stopping").grace_s);
        let (lasts, failed) = if container == 0 {
            if self.is_process_gone(pod) {
                // Nothing to run the hook in: the application had crashed and waited for its restart.
                self.after_hook(pod, index, SimDuration::ZERO);
                return;
            }
            let pre_stop = &self.scenario.pod.pre_stop;
            let runs = pre_stop.exec.is_some() || pre_stop.http_get.is_some();
            if let Some(sleep) = pre_stop.sleep {
                (sleep, false)
            } else if runs {
                let refused = pre_stop.http_get.is_some() && !self.traffic.servers[pod.index()].is_serving();
                let failed = self.latencies.hook_failure.draw() || refused;
                (self.latencies.hook_duration.draw(), failed)
            } else {
                self.after_hook(pod, index, SimDuration::ZERO);
                return;
            }
        } else {
            let sleep = self.scenario.pod.sidecars[container - 1].pre_stop_sleep;
            if sleep.is_zero() {
                self.after_hook(pod, index, SimDuration::ZERO);
                return;
            }
            (sleep, false)
        };
        let name = self.container_name(container);
        self.fact(|| Fact::PreStopStarted {
            pod: pod.0,
            container: name,
        });
        let (after, result) = if failed {
            self.traffic.summary.observations.hooks_failed += 1;
            (SimDuration::ZERO, PreStopResult::Failed)
        } else if lasts > grace {
            self.traffic.summary.observations.hooks_cut += 1;
            (grace, PreStopResult::Cut)
        } else {
            (lasts, PreStopResult::Completed)
        };
        if container == 0 && !failed {
            self.apply_hook(pod);
        }
        self.schedule(
            after,
            Event::HookEnded {
                pod,
                container: index,
                result,
            },
        );
    }

    /// What the application's hook does to its server.
    fn apply_hook(&mut self, pod: PodId) {
        let pre_stop = &self.scenario.pod.pre_stop;
        let (fails_health, restarts_for) = (pre_stop.fails_health, pre_stop.restarts_server_for);
        if fails_health {
            self.traffic.servers[pod.index()].health_fails = true;
            self.refresh_checks(pod);
        }
        if let Some(closed_for) = restarts_for {
            self.server_restarts(pod, closed_for);
        }
    }

    pub(crate) fn hook_ended(&mut self, pod: PodId, container: u8, result: PreStopResult) {
        let now = self.now;
        let Some(stop) = self.stop_of(pod, container).filter(|stop| stop.step == StopStep::Hook) else {
            return;
        };
        let elapsed = now - stop.since;
        let name = self.container_name(usize::from(container));
        self.fact(|| Fact::PreStopEnded {
            pod: pod.0,
            container: name,
            result,
        });
        self.after_hook(pod, container, elapsed);
    }

    /// Takes the hook's whole seconds off the grace period and goes on: sidecars to their turn, others to SIGTERM.
    fn after_hook(&mut self, pod: PodId, container: u8, elapsed: SimDuration) {
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
    fn stop_container(&mut self, pod: PodId, container: u8) {
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
    fn all_stopped(&mut self, pod: PodId) {
        self.pod_mut(pod).life = Life::Stopped;
        for probe in ProbeKind::ALL {
            self.stop_probe(pod, probe);
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
        self.post_status(pod, true);
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
