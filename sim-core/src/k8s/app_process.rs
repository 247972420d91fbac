//! The application's process: draining, dying, restarting (kubernetes §6.3).

use alloc::vec::Vec;

use super::pod::{Life, StopReason};
use crate::event::Event;
use crate::id::PodId;
use crate::outcome::Cause;
use crate::scenario::app::{IdleOnDrain, ListenerOnDrain, ResponseOnDrain, SigtermMode};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Fact, ServerState};
use crate::traffic::server::IdleRule;
use crate::world::World;

impl World<'_> {
    /// Changes what a new connection meets, and tells every check.
    pub(crate) fn set_server(&mut self, pod: PodId, state: ServerState) {
        let now = self.now;
        let before = self.traffic.servers[pod.index()].is_serving();
        if self.traffic.servers[pod.index()].state == state {
            return;
        }
        self.traffic.set_server_state(now.as_ns(), pod.0, state);
        self.fact(|| Fact::ServerChanged { pod: pod.0, state });
        let after = self.traffic.servers[pod.index()].is_serving();
        if before != after {
            self.pod_mut(pod).race.stopped_serving = (!after).then_some(now);
        }
        self.refresh_checks(pod);
        if !after {
            self.close_race(pod);
        }
    }

    /// SIGTERM reached the server.
    pub(crate) fn server_gets_sigterm(&mut self, pod: PodId) {
        let process = self.pod(pod).process;
        let app = &self.scenario.app;
        let mode = match app.sigterm {
            SigtermMode::NoHandler if app.pid_1 => SigtermMode::Ignored,
            SigtermMode::NoHandler => SigtermMode::DieNow,
            mode => mode,
        };
        match mode {
            SigtermMode::NoHandler | SigtermMode::Ignored => {}
            SigtermMode::DieNow => {
                let after = self.latencies.app_reaction.draw();
                self.schedule(after, Event::ServerDies { pod, process });
            }
            SigtermMode::Drain => {
                let after = self.latencies.app_reaction.draw();
                self.schedule(after, Event::DrainBegins { pod, process });
            }
        }
    }

    fn is_alive(&self, pod: PodId, process: u32) -> bool {
        let state = self.traffic.servers[pod.index()].state;
        self.pod(pod).process == process
            && !matches!(
                state,
                ServerState::Exited | ServerState::Removed | ServerState::Reused | ServerState::Unreachable
            )
    }

    pub(crate) fn server_dies(&mut self, pod: PodId, process: u32) {
        if self.is_alive(pod, process) {
            self.process_exits(pod, Cause::ClosedInFlightAtSigterm);
        }
    }

    pub(crate) fn drain_begins(&mut self, pod: PodId, process: u32) {
        if !self.is_alive(pod, process) {
            return;
        }
        let now = self.now.as_ns();
        let app = &self.scenario.app;
        let (listener, idle, response) = (app.listener_on_drain, app.idle_on_drain, app.response_on_drain);
        let drain_timeout = app.drain_timeout;
        let state = match listener {
            _ if self.traffic.servers[pod.index()].state == ServerState::Starting => {
                // Nothing listens yet: the process exits.
                self.process_exits(pod, Cause::ClosedInFlightAtSigterm);
                return;
            }
            ListenerOnDrain::CloseNow => ServerState::DrainingClosed,
            ListenerOnDrain::OpenUnacceptedUntilExit => ServerState::DrainingUnaccepted,
            ListenerOnDrain::OpenServed => ServerState::DrainingOpen,
        };
        match listener {
            ListenerOnDrain::CloseNow => self.traffic.cut(now, pod.0, |open| {
                (open.fresh && open.start > now).then_some(Cause::ResetInAcceptQueue)
            }),
            ListenerOnDrain::OpenUnacceptedUntilExit => self.traffic.strand_waiting(now, pod.0),
            ListenerOnDrain::OpenServed => {}
        }
        match idle {
            IdleOnDrain::FinNow => self.traffic.close_idle(now, pod.0),
            IdleOnDrain::ServedThenClose => self.traffic.set_idle_rule(pod.0, IdleRule::ServedThenClose),
            IdleOnDrain::ServedKeep => {}
            IdleOnDrain::UnservedUntilExit => self.traffic.set_idle_rule(pod.0, IdleRule::Unserved),
        }
        if response == ResponseOnDrain::CloseHeader || idle == IdleOnDrain::ServedThenClose {
            self.traffic.close_busy_after_response(now, pod.0);
            self.traffic.servers[pod.index()].closes_after_response = true;
        }
        self.set_server(pod, state);
        if let Some(timeout) = drain_timeout.get() {
            self.schedule(timeout, Event::DrainTimeout { pod, process });
        }
        self.drain_check(pod, process);
    }

    /// The drain is complete when nothing is in flight and, where the server waits for them, no connection is idle.
    pub(crate) fn drain_check(&mut self, pod: PodId, process: u32) {
        if !self.is_alive(pod, process) {
            return;
        }
        let now = self.now.as_ns();
        self.traffic.servers[pod.index()].prune(now);
        let busy_until = self.traffic.servers[pod.index()].latest_served_end();
        let idle_until = if self.scenario.app.waits_for_idle {
            self.traffic.last_idle_timeout(pod.0)
        } else {
            None
        };
        match busy_until.max(idle_until).filter(|until| *until > now) {
            Some(u64::MAX) => {}
            Some(until) => {
                self.schedule_at(SimTime::from_ns(until), Event::DrainCheck { pod, process });
            }
            None => self.process_exits(pod, Cause::ClosedInFlightAtSigterm),
        }
    }

    pub(crate) fn drain_timeout(&mut self, pod: PodId, process: u32) {
        if self.is_alive(pod, process) {
            self.process_exits(pod, Cause::ClosedAtDrainTimeout);
        }
    }

    /// The process of some running pods dies.
    pub(crate) fn pod_crash(&mut self, pods: u32) {
        let disruption = self.begin_disruption("pod_crash");
        let mut running: Vec<PodId> = (0..self.pods.len())
            .map(PodId::at)
            .filter(|pod| self.pod(*pod).is_active() && self.traffic.servers[pod.index()].is_serving())
            .collect();
        for _ in 0..pods {
            let Some(count) = u32::try_from(running.len()).ok().filter(|count| *count > 0) else {
                break;
            };
            let victim = running.swap_remove(self.latencies.crash_victims.below(count) as usize);
            self.disruptions[disruption as usize].pods_count += 1;
            self.server_crashes(victim);
        }
    }

    /// A running server's process dies without a signal.
    fn server_crashes(&mut self, pod: PodId) {
        self.process_exits(pod, Cause::ClosedInFlightAtCrash);
    }

    /// The process is gone: the kernel closes its connections (kubernetes §7, state C).
    pub(crate) fn process_exits(&mut self, pod: PodId, in_flight: Cause) {
        self.lose_requests(pod, in_flight);
        self.set_server(pod, ServerState::Exited);
        self.container_exited(pod, 0);
    }

    /// What was accepted is closed with `in_flight`; what only the kernel had accepted is reset.
    fn lose_requests(&mut self, pod: PodId, in_flight: Cause) {
        let now = self.now.as_ns();
        self.traffic.cut(now, pod.0, |open| {
            let unaccepted = open.fresh && open.start > now;
            Some(if unaccepted {
                Cause::ResetInAcceptQueue
            } else {
                in_flight
            })
        });
        self.traffic.close_connections(now, pod.0);
        let server = &mut self.traffic.servers[pod.index()];
        server.idle_rule = IdleRule::Keep;
        server.closes_after_response = false;
    }

    /// A preStop hook restarts the server: its port is closed for a while.
    pub(crate) fn server_restarts(&mut self, pod: PodId, closed_for: SimDuration) {
        if !self.traffic.servers[pod.index()].is_serving() {
            return;
        }
        self.lose_requests(pod, Cause::ClosedInFlightAtRestart);
        self.set_server(pod, ServerState::Restarting);
        let process = self.pod(pod).process;
        self.schedule(closed_for, Event::RestartOver { pod, process });
    }

    pub(crate) fn restart_over(&mut self, pod: PodId, process: u32) {
        if self.pod(pod).process == process && self.traffic.servers[pod.index()].state == ServerState::Restarting {
            self.set_server(pod, ServerState::Serving);
        }
    }

    /// The application's container died without the pod being deleted: the kubelet restarts it.
    pub(crate) fn restart_container(&mut self, pod: PodId) {
        for probe in super::pod::ProbeKind::ALL {
            self.stop_probe(pod, probe);
        }
        self.pod_mut(pod).life = Life::Running;
        self.traffic.servers[pod.index()].health_fails = false;
        self.set_containers_ready(pod, false);
        let process = self.pod(pod).process;
        let after = self.latencies.app_restart.draw();
        self.schedule(after, Event::ContainerRestarts { pod, process });
    }

    /// Whether the pod's containers are being stopped for that reason.
    pub(crate) fn is_stopping_for(&self, pod: PodId, reason: StopReason) -> bool {
        matches!(&self.pod(pod).life, Life::Stopping(stopping) if stopping.reason == reason)
    }
}
