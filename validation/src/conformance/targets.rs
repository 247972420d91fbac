//! The load balancer's part: endpoints, calls, described health, what ALB nodes know.

use std::collections::{BTreeMap, BTreeSet};

use sim_core::scenario::elbv2::TargetType;
use sim_core::time::SimDuration;
use sim_core::trace::{Call, Fact, NodeTargetState, ServerState, TargetHealthState};

use super::behaviour::Behaviour;
use super::{Servers, Watched};

/// A second, nanoseconds.
const SECOND: u64 = SimDuration::from_secs(1).as_ns();

/// One target.
#[derive(Debug, Default)]
struct Target {
    deregistered_at: Option<u64>,
    draining_at: Option<u64>,
    described_healthy: bool,
    /// When each ALB node that knew it learned of its deregistration.
    learned: Vec<u64>,
    views: BTreeMap<u32, NodeTargetState>,
    endpoint_ready: Option<bool>,
}

/// The target group.
#[derive(Debug, Default)]
pub(super) struct Targets {
    known: BTreeMap<u32, Target>,
    /// Whether the present reconcile has registered and deregistered.
    reconcile: (bool, bool),
    /// Pods that have been Ready.
    ready: BTreeSet<u32>,
    /// Pods made since the first disruption: those before it were there when the trace began.
    fresh: BTreeSet<u32>,
    disrupted: bool,
}

impl Targets {
    pub(super) fn see(&mut self, fact: &Fact, servers: &Servers, watched: &mut Watched<'_>) {
        match fact {
            Fact::DisruptionStarted { .. } => self.disrupted = true,
            Fact::PodCreated { pod } if self.disrupted => {
                self.fresh.insert(*pod);
            }
            Fact::PodReady { pod, ready: true } => self.pod_ready(*pod, watched),
            Fact::EndpointWritten {
                pod, present, ready, ..
            } => {
                self.target(*pod).endpoint_ready = Some(*present && *ready);
            }
            Fact::ReconcileStarted => self.reconcile = (false, false),
            Fact::CallAccepted { call, targets } => self.call_accepted(*call, targets, watched),
            Fact::DeregisteredOutOfBand { targets } => {
                for target in targets {
                    self.deregistered(*target, watched.now);
                }
            }
            Fact::TargetHealth { target, state } => self.described(*target, *state, watched),
            Fact::NodeTarget {
                alb_node,
                target,
                state,
            } => {
                self.learned(*alb_node, *target, *state, servers, watched);
            }
            _ => {}
        }
    }

    fn target(&mut self, target: u32) -> &mut Target {
        self.known.entry(target).or_default()
    }

    fn pod_ready(&mut self, pod: u32, watched: &mut Watched<'_>) {
        let settings = &watched.scenario.pod;
        let gated = settings.readiness_gate && settings.readiness_gate_since.is_none();
        let targets_are_pods = watched.scenario.target_group.target_type == TargetType::Ip;
        if self.ready.insert(pod) && gated && targets_are_pods && self.fresh.contains(&pod) {
            let healthy = self.target(pod).described_healthy;
            watched.saw(Behaviour::ReadyWaitsForTheTarget, healthy, || format!("pod {pod}"));
        }
    }

    fn call_accepted(&mut self, call: Call, targets: &[u32], watched: &mut Watched<'_>) {
        match call {
            Call::RegisterTargets => {
                if self.reconcile.1 && !self.reconcile.0 {
                    watched.saw(Behaviour::DeregisterBeforeRegister, true, String::new);
                }
                self.reconcile.0 = true;
                for target in targets {
                    let target = self.target(*target);
                    (target.deregistered_at, target.draining_at) = (None, None);
                    target.learned.clear();
                }
            }
            Call::DeregisterTargets => {
                if self.reconcile.0 {
                    watched.saw(Behaviour::DeregisterBeforeRegister, false, || {
                        format!("{targets:?} deregistered after a registration")
                    });
                }
                self.reconcile.1 = true;
                let targets_are_pods = watched.scenario.target_group.target_type == TargetType::Ip;
                for target in targets {
                    // Before its first record an endpoint is as ready as the pod was when the trace began.
                    let ready = self.target(*target).endpoint_ready.unwrap_or(true);
                    if targets_are_pods {
                        watched.saw(Behaviour::DeregistrationFollowsEndpoint, !ready, || {
                            format!("pod {target}")
                        });
                    }
                    self.deregistered(*target, watched.now);
                }
            }
        }
    }

    fn deregistered(&mut self, target: u32, now: u64) {
        let target = self.target(target);
        target.deregistered_at = Some(now);
        target.learned.clear();
    }

    fn described(&mut self, number: u32, state: TargetHealthState, watched: &mut Watched<'_>) {
        let now = watched.now;
        let delay = watched.scenario.target_group.deregistration_delay.as_ns();
        let target = self.target(number);
        match (state, target.deregistered_at) {
            (TargetHealthState::Healthy, _) => target.described_healthy = true,
            (TargetHealthState::Draining, Some(deregistered_at)) => {
                target.draining_at = Some(now);
                let passed = now.saturating_sub(deregistered_at);
                if !watched.within(passed, 0, SECOND) {
                    watched.saw(Behaviour::DrainingForTheDelay, false, || {
                        format!(
                            "target {number} shown as draining {} after the call",
                            SimDuration::from_ns(passed)
                        )
                    });
                }
            }
            (TargetHealthState::Unused, Some(_)) => {
                let Some(draining_at) = target.draining_at.take() else {
                    return;
                };
                let passed = now.saturating_sub(draining_at);
                let holds = watched.within(passed, delay, delay + SECOND);
                watched.saw(Behaviour::DrainingForTheDelay, holds, || {
                    format!("target {number} was draining for {}", SimDuration::from_ns(passed))
                });
            }
            _ => {}
        }
    }

    fn learned(
        &mut self,
        alb_node: u32,
        number: u32,
        state: NodeTargetState,
        servers: &Servers,
        watched: &mut Watched<'_>,
    ) {
        let now = watched.now;
        let target = self.target(number);
        let before = target.views.insert(alb_node, state);
        match state {
            NodeTargetState::Unknown if target.deregistered_at.is_some() => {
                let last = target.learned.last().copied();
                target.learned.push(now);
                if let Some(last) = last {
                    watched.saw(Behaviour::AlbNodesLearnApart, last != now, || {
                        format!("two ALB nodes forgot target {number} at once")
                    });
                }
            }
            NodeTargetState::Healthy if before.is_some() => healthy(number, servers, watched),
            NodeTargetState::Unhealthy if before == Some(NodeTargetState::Healthy) => {
                unhealthy(number, servers, watched);
            }
            _ => {}
        }
    }
}

fn healthy(number: u32, servers: &Servers, watched: &mut Watched<'_>) {
    if watched.scenario.target_group.target_type != TargetType::Ip {
        return;
    }
    let Some(server) = servers.of(number) else { return };
    // A drain that keeps the listener open still answers; a check that was under way may end a little later.
    let answers = matches!(server.state, ServerState::Serving | ServerState::DrainingOpen);
    let timeout = watched.scenario.target_group.health_check.timeout.as_ns();
    let holds = answers || watched.within(watched.now - server.since, 0, timeout);
    watched.saw(Behaviour::HealthyOnlyIfServed, holds, || {
        format!("target {number}, whose server was {:?}", server.state)
    });
}

fn unhealthy(number: u32, servers: &Servers, watched: &mut Watched<'_>) {
    // What makes a server's page fail while it serves, a hook or a queue, leaves no record of its own.
    let Some(server) = servers.of(number).filter(|server| server.state != ServerState::Serving) else {
        return;
    };
    let check = &watched.scenario.target_group.health_check;
    let pre_stop = &watched.scenario.pod.pre_stop;
    if watched.scenario.target_group.target_type != TargetType::Ip
        || pre_stop.fails_health
        || server.state == ServerState::DrainingOpen
    {
        return;
    }
    let (interval, threshold) = (check.interval.as_ns(), u64::from(check.unhealthy_threshold));
    let passed = watched.now.saturating_sub(server.turned_at);
    // A check that was sent before the end may be the first to fail.
    let least = ((threshold - 1) * interval).saturating_sub(check.timeout.as_ns());
    let most = threshold * interval + check.timeout.as_ns();
    let holds = watched.within(passed, least, most);
    watched.saw(Behaviour::UnhealthyAfterThreshold, holds, || {
        format!(
            "target {number} was found unhealthy {} after its server stopped serving ({:?})",
            SimDuration::from_ns(passed),
            server.state
        )
    });
}
