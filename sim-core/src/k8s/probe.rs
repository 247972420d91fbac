//! Readiness, liveness and startup probes (kubernetes §2.1), and the answers that all checks get.

use super::pod::{Life, ProbeKind, StopReason};
use crate::event::Event;
use crate::id::PodId;
use crate::scenario::pod::{HealthPath, Probe};
use crate::time::{SimDuration, SimTime};
use crate::trace::ServerState;
use crate::traffic::server::Reuse;
use crate::watch::{Answer, Watch};
use crate::world::World;

impl World<'_> {
    /// The scenario's rules of one probe, if it has it.
    pub(crate) fn probe_rules(&self, probe: ProbeKind) -> Option<&Probe> {
        let pod = &self.scenario.pod;
        match probe {
            ProbeKind::Readiness => pod.readiness_probe.as_ref(),
            ProbeKind::Liveness => pod.liveness_probe.as_ref(),
            ProbeKind::Startup => pod.startup_probe.as_ref(),
        }
    }

    /// What a check of that page with that timeout gets now.
    pub(crate) fn answer(&self, pod: PodId, path: HealthPath, timeout: SimDuration) -> Answer {
        let pod = match self.traffic.reused.get(&pod.0) {
            Some(Reuse::SameApplication { pod }) => PodId(*pod),
            // Refused, or answered with another code than the matcher's.
            Some(Reuse::OtherListens | Reuse::OtherRefuses) => return Answer::Fail,
            None => pod,
        };
        let server = &self.traffic.servers[pod.index()];
        match server.state {
            ServerState::Serving | ServerState::DrainingOpen => match path {
                HealthPath::Dedicated if server.health_fails => Answer::Fail,
                HealthPath::Dedicated => Answer::Pass,
                HealthPath::Shared => {
                    let waits = self.traffic.waiting_time(pod.0, self.now.as_ns());
                    if waits > timeout.as_ns() {
                        Answer::Hang
                    } else {
                        Answer::Pass
                    }
                }
            },
            ServerState::Removed => {
                let in_time = !server.silent && self.scenario.network.dead_ip_icmp <= timeout;
                if in_time { Answer::Fail } else { Answer::Hang }
            }
            ServerState::DrainingUnaccepted | ServerState::Unreachable => Answer::Hang,
            ServerState::Reused => unreachable!("looked up above"),
            ServerState::Starting | ServerState::DrainingClosed | ServerState::Restarting | ServerState::Exited => {
                Answer::Fail
            }
        }
    }

    /// Starts to probe: the first probe at once, unless the initial delay forbids it (kubernetes §2.1.2, §2.1.5).
    pub(crate) fn start_probe(&mut self, pod: PodId, probe: ProbeKind) {
        let Some(rules) = self.probe_rules(probe) else { return };
        let (period, delay) = (rules.period, rules.initial_delay.whole_secs());
        let started = self.pod(pod).container_started;
        let mut first = self.now;
        match self.pod(pod).probing_since[probe as usize] {
            None => self.pod_mut(pod).probing_since[probe as usize] = Some(first),
            // The worker ticks on through restarts of its container (kubernetes §2.1.2); only readiness is also
            // asked for out of turn (kubernetes §2.1.4).
            Some(since) if probe != ProbeKind::Readiness => {
                let ticks = first.saturating_since(since).as_ns() / period.as_ns();
                first = since + period * (ticks + 1);
            }
            Some(_) => {}
        }
        while (first - started).whole_secs() < delay {
            first += period;
        }
        self.stop_probe(pod, probe);
        self.pod_mut(pod).probes[probe as usize] = Some(Watch::new(first, period, Answer::Fail));
        self.refresh_probe(pod, probe);
    }

    pub(crate) fn stop_probe(&mut self, pod: PodId, probe: ProbeKind) {
        if let Some(watch) = self.pod_mut(pod).probes[probe as usize].take()
            && let Some(due) = watch.due
        {
            self.cancel(due.key);
        }
    }

    /// Tells a probe what it gets from now on and queues its next verdict, if there will be one.
    pub(crate) fn refresh_probe(&mut self, pod: PodId, probe: ProbeKind) {
        let Some(rules) = self.probe_rules(probe) else { return };
        let (path, timeout) = (rules.path, rules.timeout);
        let (success_threshold, failure_threshold) = (rules.success_threshold, rules.failure_threshold);
        let answer = self.answer(pod, path, timeout);
        let now = self.now;
        let good_so_far = match probe {
            ProbeKind::Readiness => self.pod(pod).containers_ready,
            ProbeKind::Liveness => true,
            ProbeKind::Startup => self.pod(pod).started_up,
        };
        let Some(watch) = self.pods[pod.index()].probes[probe as usize].as_mut() else {
            return;
        };
        watch.answer_from(now, answer);
        if watch.is_under_way(now) {
            return;
        }
        let old = watch.due.take();
        let matters = match probe {
            ProbeKind::Startup => true,
            ProbeKind::Readiness | ProbeKind::Liveness => answer.passes() != good_so_far,
        };
        let threshold = if answer.passes() {
            success_threshold
        } else {
            failure_threshold
        };
        let at = watch.verdict_at(threshold, timeout).max(now);
        if let Some(old) = old {
            self.cancel(old.key);
        }
        if matters && at != SimTime::MAX {
            let key = self.schedule_at(at, Event::ProbeVerdict { pod, probe });
            if let Some(watch) = self.pods[pod.index()].probes[probe as usize].as_mut() {
                watch.queued(key, threshold);
            }
        }
    }

    pub(crate) fn probe_verdict(&mut self, pod: PodId, probe: ProbeKind) {
        let now = self.now;
        let Some(watch) = self.pods[pod.index()].probes[probe as usize].as_mut() else {
            return;
        };
        let passes = watch.due.take().expect("a verdict was queued").passes;
        watch.restart(now);
        match probe {
            ProbeKind::Readiness => self.set_containers_ready(pod, passes),
            ProbeKind::Startup if passes => {
                self.stop_probe(pod, ProbeKind::Startup);
                self.started_up(pod);
            }
            ProbeKind::Liveness | ProbeKind::Startup => {
                if self.pod(pod).life == Life::Running {
                    self.traffic.summary.observations.probe_restarts += 1;
                    self.stop_probe(pod, ProbeKind::Startup);
                    self.stop_probe(pod, ProbeKind::Liveness);
                    self.begin_stopping(pod, StopReason::Restart);
                }
            }
        }
        self.refresh_probe(pod, probe);
    }

    /// The server's answers changed: every check of it is told.
    pub(crate) fn refresh_checks(&mut self, pod: PodId) {
        for probe in ProbeKind::ALL {
            self.refresh_probe(pod, probe);
        }
        if self.has_node_targets() {
            self.proxied_answer_changed(pod);
            return;
        }
        for alb_node in 0..self.traffic.rules.alb_nodes as usize {
            self.refresh_health_check(pod.into(), alb_node);
        }
    }

    /// The queue passed a threshold of a shared health page.
    pub(crate) fn busy_rose(&mut self, pod: PodId) {
        self.refresh_checks(pod);
        self.queue_busy_check(pod);
    }

    /// Queues a look at the instant at which the queue will have shrunk below the threshold it last passed.
    fn queue_busy_check(&mut self, pod: PodId) {
        let level = usize::from(self.traffic.servers[pod.index()].busy_level);
        let threshold = self.traffic.rules.busy_thresholds[level - 1];
        let waits = self.traffic.waiting_time(pod.0, self.now.as_ns());
        // At least 10 ms ahead, so that a queue at the threshold cannot stall the clock.
        let after = waits.saturating_sub(threshold).max(10_000_000);
        if let Some(old) = self.pod_mut(pod).busy_check.take() {
            self.cancel(old);
        }
        let queued = self.schedule(SimDuration::from_ns(after), Event::BusyCheck { pod });
        self.pod_mut(pod).busy_check = Some(queued);
    }

    pub(crate) fn busy_check(&mut self, pod: PodId) {
        self.pod_mut(pod).busy_check = None;
        let level = usize::from(self.traffic.servers[pod.index()].busy_level);
        let Some(threshold) = level
            .checked_sub(1)
            .map(|index| self.traffic.rules.busy_thresholds[index])
        else {
            return;
        };
        if self.traffic.waiting_time(pod.0, self.now.as_ns()) <= threshold {
            self.traffic.servers[pod.index()].busy_level -= 1;
            self.refresh_checks(pod);
        }
        if self.traffic.servers[pod.index()].busy_level > 0 {
            self.queue_busy_check(pod);
        }
    }
}
