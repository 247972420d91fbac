//! preStop hooks: how long they run, how they end, and what they do to the server (kubernetes §1.3).

use super::pod::StopStep;
use crate::event::Event;
use crate::id::PodId;
use crate::time::SimDuration;
use crate::trace::{Fact, PreStopResult};
use crate::world::World;

impl World<'_> {
    /// Starts a container's preStop hook; without one it goes on at once.
    pub(super) fn start_hook(&mut self, pod: PodId, container: usize) {
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
}
