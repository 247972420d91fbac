//! The containers of one pod: hook, SIGTERM, SIGKILL, exit (kubernetes §1.3).

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::Log;
use super::rule::{Rule, Subject};
use crate::scenario::Scenario;
use crate::scenario::pod::SidecarKind;
use crate::time::SimDuration;
use crate::trace::{Fact, PreStopResult};

/// Least time from SIGTERM to SIGKILL (kubernetes §1.3).
const FLOOR: SimDuration = SimDuration::from_secs(2);

/// Why and how containers may be told to stop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    /// When the kubelet started to kill the pod; without it a probe may have failed.
    pub(super) killed_at: Option<u64>,
    /// Effective grace period.
    pub(super) grace_s: u64,
    /// The operating system does it: it knows neither hooks nor turns, and has its own patience.
    pub(super) by_os: bool,
}

/// What the trace has said of one container.
#[derive(Debug, Clone, Copy, Default)]
struct Container {
    hook_started: Option<u64>,
    hook_ended: bool,
    sigterm: Option<u64>,
    sigkill: bool,
    exited: bool,
}

impl Container {
    /// When its stop began: at the kill, or earlier for a restart that the kill met.
    fn stop_began(&self, stop: Stop) -> Option<u64> {
        [stop.killed_at, self.hook_started, self.sigterm]
            .into_iter()
            .flatten()
            .min()
    }
}

/// The application's container, then the sidecars as declared.
#[derive(Debug)]
pub(super) struct Containers {
    running: bool,
    all: Vec<Container>,
}

impl Containers {
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self {
            running: false,
            all: vec![Container::default(); 1 + scenario.pod.sidecars.len()],
        }
    }

    pub(super) fn start(&mut self) {
        self.running = true;
    }

    pub(super) fn are_running(&self) -> bool {
        self.running
    }

    pub(super) fn restart_app(&mut self) {
        self.all[0] = Container::default();
    }

    pub(super) fn app_has_sigterm(&self) -> bool {
        self.all[0].sigterm.is_some()
    }

    pub(super) fn all_exited(&self) -> bool {
        !self.running || self.all.iter().all(|container| container.exited)
    }

    /// Judges one fact about a container; `stop` says whether it may be told to stop.
    pub(super) fn check(&mut self, pod: u32, fact: &Fact, stop: Option<Stop>, scenario: &Scenario, log: &mut Log) {
        let (name, rule) = match fact {
            Fact::PreStopStarted { container, .. } | Fact::PreStopEnded { container, .. } => {
                (container, Rule::PreStopOrder)
            }
            Fact::SigtermSent { container, .. } => (container, Rule::SigtermOrder),
            Fact::SigkillSent { container, .. } => (container, Rule::SigkillOrder),
            Fact::ContainerExited { container, .. } => (container, Rule::ContainerExit),
            _ => return,
        };
        let subject = || Subject::Container(pod, name.clone());
        let Some(index) = index_of(name, scenario) else {
            log.broken(rule, subject(), || "the scenario has no such container".into());
            return;
        };
        // A probe restarts the application's container only.
        let stop = stop.filter(|stop| stop.killed_at.is_some() || index == 0);
        let has_turn = self.has_turn(index, scenario);
        let container = &mut self.all[index];
        let before = *container;
        let was = || format!("before: {before:?}");
        let now = log.now;
        match fact {
            Fact::PreStopStarted { .. } => {
                let fresh = before.hook_started.is_none() && before.sigterm.is_none() && !before.exited;
                let fine = has_hook(index, scenario) && stop.is_some() && self.running && fresh;
                log.check(fine, rule, subject, was);
                container.hook_started = Some(now);
            }
            Fact::PreStopEnded { result, .. } => {
                container.hook_ended = true;
                let Some(started) = before.hook_started.filter(|_| !before.hook_ended) else {
                    log.broken(rule, subject(), was);
                    return;
                };
                let lasted = SimDuration::from_ns(now.saturating_sub(started));
                let grace = SimDuration::from_secs(stop.map_or(0, |stop| stop.grace_s));
                let sleep = sleep_of(index, scenario);
                let fine = match result {
                    PreStopResult::Completed => sleep.is_none_or(|sleep| lasted >= sleep),
                    PreStopResult::Failed => sleep.is_none(),
                    PreStopResult::Cut => lasted >= grace && sleep.is_none_or(|sleep| sleep > grace),
                };
                log.check(fine, Rule::PreStopLength, subject, || {
                    format!("{result:?} after {lasted}, sleep {sleep:?}, grace {grace}")
                });
            }
            Fact::SigtermSent { .. } => {
                let by_os = stop.is_some_and(|stop| stop.by_os);
                let hook_over = before.hook_ended || !has_hook(index, scenario) || by_os;
                let alive = self.running && !before.exited && before.sigterm.is_none();
                log.check(hook_over && alive && stop.is_some(), rule, subject, was);
                let began = stop.and_then(|stop| before.stop_began(stop)).unwrap_or(now);
                let grace = SimDuration::from_secs(stop.map_or(0, |stop| stop.grace_s));
                let waited = SimDuration::from_ns(now.saturating_sub(began));
                log.check(has_turn || by_os || waited >= grace, Rule::SidecarTurn, subject, || {
                    format!("{waited} after the kill, grace {grace}, others still run")
                });
                container.sigterm = Some(now);
            }
            Fact::SigkillSent { .. } => {
                container.sigkill = true;
                let Some(sigterm) = before.sigterm.filter(|_| !before.sigkill && !before.exited) else {
                    log.broken(rule, subject(), was);
                    return;
                };
                let since = SimDuration::from_ns(now.saturating_sub(sigterm));
                log.check(since >= FLOOR, Rule::SigkillBeforeFloor, subject, || {
                    format!("{since} after SIGTERM")
                });
                let Some(stop) = stop.filter(|stop| !stop.by_os) else {
                    return;
                };
                let began = before.stop_began(stop).unwrap_or(sigterm);
                let lasted = SimDuration::from_ns(now.saturating_sub(began));
                let grace = SimDuration::from_secs(stop.grace_s);
                log.check(lasted >= grace, Rule::SigkillBeforeGraceEnded, subject, || {
                    format!("{lasted} after the stop began, grace {grace}")
                });
            }
            _ => {
                let crashes = index == 0 && scenario.disruptions.iter().any(|entry| entry.pod_crash.is_some());
                let fine = self.running && !before.exited && (before.sigterm.is_some() || crashes);
                log.check(fine, rule, subject, was);
                container.exited = true;
            }
        }
    }

    /// Whether every container that stops before this one has exited: main containers first, then the restartable
    /// init containers in the reverse order of their declaration.
    fn has_turn(&self, index: usize, scenario: &Scenario) -> bool {
        let waits = |index: usize| index > 0 && scenario.pod.sidecars[index - 1].kind == SidecarKind::RestartableInit;
        let mut others = self.all.iter().enumerate();
        !waits(index) || others.all(|(other, container)| container.exited || (waits(other) && other <= index))
    }
}

fn index_of(name: &String, scenario: &Scenario) -> Option<usize> {
    if name == "app" {
        return Some(0);
    }
    let sidecars = &scenario.pod.sidecars;
    let index = sidecars.iter().position(|sidecar| sidecar.name == *name)?;
    Some(index + 1)
}

/// The length of a hook that is a sleep.
fn sleep_of(index: usize, scenario: &Scenario) -> Option<SimDuration> {
    match index.checked_sub(1) {
        None => scenario.pod.pre_stop.sleep,
        Some(sidecar) => Some(scenario.pod.sidecars[sidecar].pre_stop_sleep).filter(|sleep| !sleep.is_zero()),
    }
}

fn has_hook(index: usize, scenario: &Scenario) -> bool {
    let pre_stop = &scenario.pod.pre_stop;
    let runs = index == 0 && (pre_stop.exec.is_some() || pre_stop.http_get.is_some());
    runs || sleep_of(index, scenario).is_some()
}
