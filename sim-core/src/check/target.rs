//! The target group: calls, described health, and what each ALB node knows of each target.

#![expect(
    clippy::match_same_arms,
    clippy::struct_field_names,
    reason = "one arm for each kind of transition"
)]

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;

use super::Log;
use super::rule::{Rule, Subject};
use crate::scenario::Scenario;
use crate::scenario::elbv2::TargetType;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Call, Fact, NodeTargetState, TargetHealthState, TargetOverride};

/// What the trace has said of one target.
#[derive(Debug, Clone, Copy)]
struct TargetLife {
    /// The last accepted call.
    call: Option<Call>,
    deregistered_at: u64,
    registrations: u32,
    described: TargetHealthState,
}

impl TargetLife {
    const UNUSED: Self = Self {
        call: None,
        deregistered_at: 0,
        registrations: 0,
        described: TargetHealthState::Unused,
    };

    /// Without a call it was registered before the run, or never.
    fn is_registered(&self) -> bool {
        match self.call {
            Some(call) => call == Call::RegisterTargets,
            None => self.described != TargetHealthState::Unused,
        }
    }
}

/// One ALB node's view of one target over time.
#[derive(Debug, Default)]
struct View {
    history: Vec<(u64, NodeTargetState)>,
    /// Registrations of the target when this node last added it.
    registrations: u32,
}

/// Targets that one ALB node chooses from, from an instant on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Choice {
    /// Healthy ones.
    pub(super) healthy: u32,
    /// Ones that may take traffic when too few are healthy.
    pub(super) fallback: u32,
    /// Known ones that may not.
    unusable: u32,
}

impl Choice {
    /// Targets known to the ALB node.
    pub(super) fn known(&self) -> usize {
        (self.healthy + self.fallback + self.unusable) as usize
    }

    fn count_mut(&mut self, state: NodeTargetState, shifted: bool, scenario: &Scenario) -> Option<&mut u32> {
        match state {
            NodeTargetState::Unknown => None,
            _ if shifted => Some(&mut self.unusable),
            NodeTargetState::Healthy => Some(&mut self.healthy),
            NodeTargetState::Unhealthy => Some(&mut self.fallback),
            NodeTargetState::Initial if scenario.elbv2.initial_in_fail_open => Some(&mut self.fallback),
            NodeTargetState::Initial => Some(&mut self.unusable),
        }
    }
}

/// One ALB node.
#[derive(Debug, Default)]
struct AlbNode {
    views: Vec<View>,
    choices: Vec<(u64, Choice)>,
}

/// What an ALB node knew of a target at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Never,
    Forgotten { since: u64 },
    As(NodeTargetState),
}

/// The target group of a trace.
#[derive(Debug, Default)]
pub(super) struct Targets {
    targets: Vec<TargetLife>,
    nodes: Vec<AlbNode>,
    /// Administrative overrides of targets over time.
    overrides: BTreeMap<u32, Vec<(u64, TargetOverride)>>,
    /// Whether a disruption has begun: until then targets may appear as they were before the run.
    disrupted: bool,
}

/// The entry of a history that holds at `at`: the last one not after it.
fn at_instant<T: Copy>(history: &[(u64, T)], at: u64) -> Option<(u64, T)> {
    let after = history.partition_point(|(since, _)| *since <= at);
    after.checked_sub(1).map(|last| history[last])
}

/// Whether the last override leaves the target out.
fn is_active(history: &[(u64, TargetOverride)]) -> bool {
    history
        .last()
        .is_some_and(|(_, state)| *state == TargetOverride::ZonalShiftActive)
}

fn entry<T>(list: &mut Vec<T>, index: u32, empty: impl Fn() -> T) -> &mut T {
    let index = index as usize;
    if list.len() <= index {
        list.resize_with(index + 1, empty);
    }
    &mut list[index]
}

fn is_node(scenario: &Scenario) -> bool {
    scenario.target_group.target_type == TargetType::Instance
}

impl Targets {
    /// Whether the trace says what ALB nodes know; a trace of a real ALB cannot.
    pub(super) fn tells_views(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// What an ALB node knew of a target when it took a request issued at `at`: control-plane events come first.
    pub(super) fn known(&self, alb_node: u32, target: u32, at: u64) -> Known {
        let view = self
            .nodes
            .get(alb_node as usize)
            .and_then(|node| node.views.get(target as usize));
        match view.and_then(|view| at_instant(&view.history, at)) {
            None => Known::Never,
            Some((since, NodeTargetState::Unknown)) => Known::Forgotten { since },
            Some((_, state)) => Known::As(state),
        }
    }

    /// What an ALB node could choose from when it took a request issued at `at`.
    pub(super) fn choice(&self, alb_node: u32, at: u64) -> Choice {
        let node = self.nodes.get(alb_node as usize);
        node.and_then(|node| at_instant(&node.choices, at))
            .map_or(Choice::default(), |(_, choice)| choice)
    }

    /// Whether a zonal shift left the target out at `at`.
    pub(super) fn is_shifted(&self, target: u32, at: u64) -> bool {
        let history = self.overrides.get(&target);
        let state = history.and_then(|history| at_instant(history, at));
        state.is_some_and(|(_, state)| state == TargetOverride::ZonalShiftActive)
    }

    pub(super) fn check(&mut self, fact: &Fact, scenario: &Scenario, log: &mut Log) {
        match fact {
            Fact::DisruptionStarted { .. } => self.disrupted = true,
            Fact::CallAccepted { call, targets } => self.call_accepted(*call, targets, scenario, log),
            Fact::DeregisteredOutOfBand { targets } => self.deregistered_out_of_band(targets, log),
            Fact::TargetHealth { target, state } => self.described(*target, *state, scenario, log),
            Fact::NodeTarget {
                alb_node,
                target,
                state,
            } => self.node_changed(*alb_node, *target, *state, scenario, log),
            Fact::AlbNodeDied { alb_node } => self.forget_all(*alb_node, log),
            Fact::TargetOverridden { target, state } => self.overridden(*target, *state, scenario, log),
            _ => {}
        }
    }

    /// A dead ALB node knows nobody.
    fn forget_all(&mut self, alb_node: u32, log: &Log) {
        let node = entry(&mut self.nodes, alb_node, AlbNode::default);
        for view in node.views.iter_mut().filter(|view| !view.history.is_empty()) {
            view.history.push((log.now, NodeTargetState::Unknown));
        }
        node.choices.push((log.now, Choice::default()));
    }

    fn overridden(&mut self, target: u32, to: TargetOverride, scenario: &Scenario, log: &mut Log) {
        let history = self.overrides.entry(target).or_default();
        let from = history.last().map_or(TargetOverride::NoOverride, |(_, state)| *state);
        let wanted = if scenario.target_group.cross_zone {
            TargetOverride::ZonalShiftActive
        } else {
            TargetOverride::ZonalShiftDelegatedToDns
        };
        let shifts = scenario.load_balancer.zonal_shift;
        let fine = from != to && (to == TargetOverride::NoOverride || (to == wanted && shifts));
        log.check(
            fine,
            Rule::TargetOverride,
            || Subject::Target(target),
            || format!("{from:?} to {to:?}"),
        );
        let was_active = is_active(history);
        history.push((log.now, to));
        let active = is_active(history);
        for node in &mut self.nodes {
            let last = node.views.get(target as usize).and_then(|view| view.history.last());
            let state = last.map_or(NodeTargetState::Unknown, |(_, state)| *state);
            let mut choice = node.choices.last().map_or(Choice::default(), |(_, choice)| *choice);
            if let Some(count) = choice.count_mut(state, was_active, scenario) {
                *count -= 1;
            }
            if let Some(count) = choice.count_mut(state, active, scenario) {
                *count += 1;
            }
            node.choices.push((log.now, choice));
        }
    }

    fn call_accepted(&mut self, call: Call, targets: &[u32], scenario: &Scenario, log: &mut Log) {
        let most = scenario.load_balancer_controller.targets_per_call as usize;
        let different: BTreeSet<u32> = targets.iter().copied().collect();
        let fine = (1..=most).contains(&targets.len()) && different.len() == targets.len();
        log.check(
            fine,
            Rule::CallTargets,
            || Subject::Run,
            || format!("{call:?} of {targets:?}, at most {most} different ones"),
        );
        for target in different {
            let life = entry(&mut self.targets, target, || TargetLife::UNUSED);
            let registers = call == Call::RegisterTargets;
            log.check(
                life.is_registered() != registers,
                Rule::CallTargets,
                || Subject::Target(target),
                || format!("{call:?} changes nothing: {life:?}"),
            );
            life.call = Some(call);
            if registers {
                life.registrations += 1;
            } else {
                life.deregistered_at = log.now;
            }
        }
        let quota = scenario.elbv2.targets_per_target_group_quota as usize;
        if call == Call::RegisterTargets && scenario.elbv2.enforce_targets_quota {
            let registered = self.targets.iter().filter(|life| life.is_registered()).count();
            log.check(
                registered <= quota,
                Rule::TargetsQuota,
                || Subject::Run,
                || format!("{registered} targets, quota {quota}"),
            );
        }
    }

    fn deregistered_out_of_band(&mut self, targets: &[u32], log: &mut Log) {
        for target in targets {
            let life = entry(&mut self.targets, *target, || TargetLife::UNUSED);
            log.check(
                life.is_registered(),
                Rule::CallTargets,
                || Subject::Target(*target),
                || format!("deregistered by somebody else, which changes nothing: {life:?}"),
            );
            life.call = Some(Call::DeregisterTargets);
            life.deregistered_at = log.now;
        }
    }

    fn described(&mut self, target: u32, to: TargetHealthState, scenario: &Scenario, log: &mut Log) {
        use TargetHealthState::{Draining, Healthy, Initial, Unhealthy, Unused};
        let life = entry(&mut self.targets, target, || TargetLife::UNUSED);
        let from = life.described;
        let fine = match (from, to) {
            // alb §1.6; a target that the trace begins with was registered before.
            (Unused | Draining, Initial) => life.call == Some(Call::RegisterTargets),
            (Unused, Healthy) => !self.disrupted && life.call.is_none(),
            // A node without a pod of its own, where it may not forward to others.
            (Unused, Unhealthy) => !self.disrupted && life.call.is_none() && is_node(scenario),
            (Initial, Healthy | Unhealthy) | (Healthy, Unhealthy) | (Unhealthy, Healthy) => life.is_registered(),
            (Initial | Healthy | Unhealthy, Draining) | (Draining, Unused) => {
                life.call == Some(Call::DeregisterTargets)
            }
            _ => false,
        };
        log.check(
            fine,
            Rule::TargetTransition,
            || Subject::Target(target),
            || format!("{from:?} to {to:?} after {:?}", life.call),
        );
        if (from, to) == (Draining, Unused) {
            let delay = scenario.target_group.deregistration_delay;
            let lasted = SimDuration::from_ns(log.now.saturating_sub(life.deregistered_at));
            log.check(
                lasted >= delay,
                Rule::DeregistrationDelay,
                || Subject::Target(target),
                || format!("draining for {lasted}, delay {delay}"),
            );
        }
        life.described = to;
    }

    fn node_changed(&mut self, alb_node: u32, target: u32, to: NodeTargetState, scenario: &Scenario, log: &mut Log) {
        use NodeTargetState::{Healthy, Initial, Unhealthy, Unknown};
        let life = *entry(&mut self.targets, target, || TargetLife::UNUSED);
        let node = entry(&mut self.nodes, alb_node, AlbNode::default);
        let view = entry(&mut node.views, target, View::default);
        let subject = || Subject::NodeTarget(alb_node, target);
        let from = view.history.last().map_or(Unknown, |(_, state)| *state);
        let fine = match (from, to) {
            (Unknown, Initial) | (Initial, Healthy | Unhealthy) | (Healthy, Unhealthy) | (Unhealthy, Healthy) => true,
            (Initial | Healthy | Unhealthy, Unknown) => true,
            (Unknown, Healthy) => !self.disrupted && view.history.is_empty(),
            (Unknown, Unhealthy) => !self.disrupted && view.history.is_empty() && is_node(scenario),
            // Registered anew before it had learned of the deregistration.
            (Initial | Healthy | Unhealthy, Initial) => view.registrations < life.registrations,
            _ => false,
        };
        log.check(fine, Rule::NodeTransition, subject, || format!("{from:?} to {to:?}"));
        match to {
            Initial => {
                let fine = life.call == Some(Call::RegisterTargets);
                log.check(fine, Rule::NodeLearnsEarly, subject, || {
                    format!("last call {:?}", life.call)
                });
                view.registrations = life.registrations;
            }
            Unknown => {
                let fine = life.call == Some(Call::DeregisterTargets);
                log.check(fine, Rule::NodeForgetsEarly, subject, || {
                    format!("last call {:?}", life.call)
                });
            }
            Healthy | Unhealthy => {}
        }
        view.history.push((log.now, to));
        let shifted = self.overrides.get(&target).is_some_and(|history| is_active(history));
        let mut choice = node.choices.last().map_or(Choice::default(), |(_, choice)| *choice);
        if let Some(count) = choice.count_mut(from, shifted, scenario) {
            *count -= 1;
        }
        if let Some(count) = choice.count_mut(to, shifted, scenario) {
            *count += 1;
        }
        node.choices.push((log.now, choice));
    }
}

impl core::fmt::Display for Known {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Known::Never => f.write_str("never known"),
            Known::Forgotten { since } => write!(f, "forgotten at {}", SimTime::from_ns(*since)),
            Known::As(state) => write!(f, "{state:?}"),
        }
    }
}
