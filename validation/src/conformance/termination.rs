//! The kubelet's part: hook, SIGTERM, SIGKILL, sandbox.

use std::collections::BTreeMap;

use sim_core::scenario::pod::SidecarKind;
use sim_core::time::SimDuration;
use sim_core::trace::{Fact, PreStopResult, ServerState};

use super::behaviour::Behaviour;
use super::{Servers, Watched};

const fn secs(count: u64) -> u64 {
    SimDuration::from_secs(count).as_ns()
}

/// One container on its way out.
#[derive(Debug, Clone, Copy, Default)]
struct Container {
    hook_ended: Option<u64>,
    hook_cut: bool,
    sigterm: Option<u64>,
    ended: bool,
}

/// One pod on its way out.
#[derive(Debug, Default)]
struct Pod {
    killed_at: Option<u64>,
    grace: Option<u64>,
    /// Its node or the operating system stops it, by rules of their own.
    by_node: bool,
    last_exit: Option<u64>,
    containers: BTreeMap<String, Container>,
}

/// All pods that a kubelet kills.
#[derive(Debug, Default)]
pub(super) struct Termination {
    pods: BTreeMap<u32, Pod>,
}

impl Termination {
    pub(super) fn see(&mut self, fact: &Fact, servers: &Servers, watched: &mut Watched<'_>) {
        let now = watched.now;
        match fact {
            Fact::DeletionCommitted { pod, grace_period_s } => {
                // The smaller one, at least 1 s (kubernetes §1.2.8).
                let own = watched.scenario.pod.termination_grace_period.as_ns();
                self.pod(*pod).grace = Some(secs(*grace_period_s).min(own).max(secs(1)));
            }
            Fact::PodShutDown { pod, .. } => self.pod(*pod).by_node = true,
            Fact::KillStarted { pod } => self.pod(*pod).killed_at = Some(now),
            Fact::PreStopEnded { pod, container, result } => {
                let name = container;
                let container = self.container(*pod, name);
                container.hook_ended = Some(now);
                container.hook_cut = *result == PreStopResult::Cut;
                if let Some(sigterm) = container.sigterm {
                    watched.saw(Behaviour::SigtermFollowsHook, false, || {
                        let sigterm = SimDuration::from_ns(sigterm);
                        format!("pod {pod}, container {name}: SIGTERM at {sigterm}, before the hook ended")
                    });
                }
            }
            Fact::SigtermSent { pod, container } => {
                let container = self.container(*pod, container);
                container.sigterm = Some(now);
                if container.hook_ended.is_some() {
                    watched.saw(Behaviour::SigtermFollowsHook, true, String::new);
                }
            }
            Fact::SigkillSent { pod, container } => self.sigkill(*pod, container, watched),
            Fact::ContainerExited { pod, container } => {
                self.container(*pod, container).ended = true;
                self.pod(*pod).last_exit = Some(now);
            }
            Fact::ContainersStarted { pod } => {
                self.pods.remove(pod);
            }
            Fact::SandboxRemoved { pod, .. } => self.sandbox_removed(*pod, servers, watched),
            _ => {}
        }
    }

    fn pod(&mut self, pod: u32) -> &mut Pod {
        self.pods.entry(pod).or_default()
    }

    fn container(&mut self, pod: u32, name: &str) -> &mut Container {
        self.pod(pod).containers.entry(name.to_owned()).or_default()
    }

    fn sigkill(&mut self, number: u32, name: &str, watched: &mut Watched<'_>) {
        let now = watched.now;
        let pod = self.pod(number);
        let container = pod.containers.entry(name.to_owned()).or_default();
        container.ended = true;
        if pod.by_node {
            return;
        }
        let (Some(sigterm), Some(killed_at), Some(grace)) = (container.sigterm, pod.killed_at, pod.grace) else {
            return;
        };
        let detail = |since: &str, passed: u64| {
            format!(
                "pod {number}, container {name}: {} after {since}, grace period {}",
                SimDuration::from_ns(passed),
                SimDuration::from_ns(grace)
            )
        };
        if container.hook_cut {
            let passed = now.saturating_sub(sigterm);
            let holds = watched.within(passed, secs(2), secs(3));
            watched.saw(Behaviour::SigkillFloor, holds, || detail("SIGTERM", passed));
        }
        // A probe may have begun the stop before the deletion did.
        if sigterm >= killed_at {
            let passed = now.saturating_sub(killed_at);
            let holds = watched.within(passed, grace, grace + secs(3));
            watched.saw(Behaviour::SigkillEndsGrace, holds, || detail("the kill", passed));
        }
    }

    fn sandbox_removed(&mut self, number: u32, servers: &Servers, watched: &mut Watched<'_>) {
        let Some(last_exit) = self.pods.get(&number).and_then(|pod| pod.last_exit) else {
            return;
        };
        let Some(server) = servers.of(number) else { return };
        let refused = server.state == ServerState::Exited || server.state == ServerState::Removed;
        let holds = refused && last_exit <= watched.now;
        watched.saw(Behaviour::RefusesBeforeSilence, holds, || {
            format!(
                "pod {number} was {:?} since {}",
                server.state,
                SimDuration::from_ns(server.since)
            )
        });
        self.pods.remove(&number);
    }

    /// Hooks that ended without a SIGTERM.
    pub(super) fn finish(&mut self, watched: &mut Watched<'_>) {
        for (number, pod) in &self.pods {
            for (name, container) in &pod.containers {
                let Some(ended) = container.hook_ended else { continue };
                let of_main = watched
                    .scenario
                    .pod
                    .sidecars
                    .iter()
                    .all(|sidecar| sidecar.name != *name || sidecar.kind != SidecarKind::RestartableInit);
                let waits = container.sigterm.is_none() && !container.ended && !pod.by_node;
                if of_main && waits && watched.now > ended + secs(2) + watched.slack {
                    watched.saw(Behaviour::SigtermFollowsHook, false, || {
                        format!(
                            "pod {number}, container {name}: the hook ended at {}",
                            SimDuration::from_ns(ended)
                        )
                    });
                }
            }
        }
    }
}
