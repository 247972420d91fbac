//! ELBv2: accepted calls, their way to the ALB nodes, target health, health checks (alb §1, §2.4, §5).

mod accepted;
mod race;
mod sampled;
mod target;

use alloc::vec::Vec;

use crate::dist::Rate;
use crate::event::Event;
use crate::id::{AlbNodeId, BindingId, TargetId};
use crate::kernel::queue::EventKey;
use crate::outcome::Cause;
use crate::scenario::Scenario;
use crate::scenario::hops::Consensus;
use crate::time::{SimDuration, SimTime};
use crate::token_bucket::TokenBucket;
use crate::trace::{Call, Fact, NodeTargetState, TargetHealthState};
use crate::watch::{Answer, Watch};
use crate::world::World;
use sampled::Outlook;

/// A register or deregister call.
#[derive(Debug)]
pub(crate) struct AcceptedCall {
    /// For whose target group.
    pub(crate) binding: BindingId,
    pub(crate) call: Call,
    pub(crate) targets: Vec<TargetId>,
    /// Time it waited for buckets.
    pub(crate) delay: SimDuration,
    /// ALB nodes that have not learned of it.
    pub(crate) nodes_left: u32,
}

/// What the API and the ALB nodes know of the target group.
#[derive(Debug)]
pub(crate) struct Elbv2State {
    alb_nodes: usize,
    account_bucket: TokenBucket,
    describe_bucket: TokenBucket,
    /// Somebody else has deregistered targets.
    drifted: bool,
    calls: Vec<AcceptedCall>,
    /// The last accepted call of each target; earlier ones no longer matter to it.
    last_calls: Vec<Option<u32>>,
    described: Vec<TargetHealthState>,
    described_counts: [u32; 5],
    /// Health checks, by target and ALB node.
    watches: Vec<Watch>,
    /// The next check that is drawn, where the answers of a node's checks may differ; as `watches`.
    sampling: Vec<Option<EventKey>>,
}

impl Elbv2State {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let rules = &scenario.elbv2;
        let bucket = |all: Rate, others: Rate, burst| {
            let left = (all.per_second() - others.per_second()).max(0.0);
            TokenBucket::new(Rate::new(left).expect("a difference of rates, not negative"), burst)
        };
        Self {
            alb_nodes: scenario.alb_nodes_count() as usize,
            account_bucket: bucket(
                rules.registration_rate,
                rules.other_callers_rate,
                rules.registration_burst,
            ),
            describe_bucket: bucket(rules.describe_rate, rules.other_describes_rate, rules.describe_burst),
            drifted: false,
            calls: Vec::new(),
            last_calls: Vec::new(),
            described: Vec::new(),
            described_counts: [0; 5],
            watches: Vec::new(),
            sampling: Vec::new(),
        }
    }

    pub(crate) fn add_target(&mut self) {
        self.last_calls.push(None);
        self.described.push(TargetHealthState::Unused);
        self.described_counts[TargetHealthState::Unused as usize] += 1;
        for _ in 0..self.alb_nodes {
            self.watches
                .push(Watch::new(SimTime::ZERO, SimDuration::from_secs(1), Answer::Pass));
            self.sampling.push(None);
        }
    }

    pub(crate) fn watch_mut(&mut self, target: TargetId, alb_node: usize) -> &mut Watch {
        &mut self.watches[target.index() * self.alb_nodes + alb_node]
    }

    fn sampling_mut(&mut self, target: TargetId, alb_node: usize) -> &mut Option<EventKey> {
        &mut self.sampling[target.index() * self.alb_nodes + alb_node]
    }

    pub(crate) fn described(&self, target: TargetId) -> TargetHealthState {
        self.described[target.index()]
    }

    pub(crate) fn set_described(&mut self, target: TargetId, state: TargetHealthState) {
        let old = core::mem::replace(&mut self.described[target.index()], state);
        self.described_counts[old as usize] -= 1;
        self.described_counts[state as usize] += 1;
    }

    /// Targets that `DescribeTargetHealth` shows in that state.
    pub(crate) fn described_count(&self, state: TargetHealthState) -> u32 {
        self.described_counts[state as usize]
    }

    /// Whether the account's bucket lets one more registration call through (alb §5.4).
    pub(crate) fn admits(&mut self, at: SimTime) -> bool {
        self.account_bucket.try_take(at)
    }

    pub(crate) fn add_call(&mut self, call: AcceptedCall) -> u32 {
        self.calls.push(call);
        u32::try_from(self.calls.len() - 1).expect("fewer than 2^32 calls")
    }
}

impl World<'_> {
    /// Whether the ALB node lives and sends to the target's zone.
    pub(crate) fn reaches(&self, alb_node: usize, target: TargetId) -> bool {
        let rotation = &self.traffic.rotations[alb_node];
        !rotation.dead && (self.scenario.target_group.cross_zone || rotation.zone == self.zone_of(target))
    }

    fn describe(&mut self, target: TargetId, state: TargetHealthState) {
        if self.elbv2.described(target) == state {
            return;
        }
        self.elbv2.set_described(target, state);
        self.traffic.draining_targets = self.elbv2.described_count(TargetHealthState::Draining);
        self.fact(|| Fact::TargetHealth {
            target: target.0,
            state,
        });
    }

    fn set_view(&mut self, alb_node: usize, target: TargetId, state: NodeTargetState) {
        let initial_usable = self.scenario.elbv2.initial_in_fail_open;
        self.traffic
            .set_view(self.now.as_ns(), alb_node, target.0, state, initial_usable);
        self.fact(|| Fact::NodeTarget {
            alb_node: u32::try_from(alb_node).expect("few ALB nodes"),
            target: target.0,
            state,
        });
        self.check_dns_threshold(alb_node);
    }

    /// The news of a call goes to each ALB node on its own (alb §5.1, §5.2).
    fn apply_call(&mut self, index: u32, targets: Vec<TargetId>) {
        let call = self.elbv2.calls[index as usize].call;
        let delay = self.scenario.target_group.deregistration_delay;
        for target in &targets {
            self.elbv2.last_calls[target.index()] = Some(index);
            match call {
                Call::RegisterTargets => {
                    self.describe(*target, TargetHealthState::Initial);
                    self.override_if_shifted(*target);
                    self.registration_accepted(*target);
                }
                Call::DeregisterTargets => {
                    self.describe(*target, TargetHealthState::Draining);
                    self.deregistration_accepted(*target);
                }
            }
        }
        let registered = [
            TargetHealthState::Initial,
            TargetHealthState::Healthy,
            TargetHealthState::Unhealthy,
        ];
        let registered = registered.map(|state| self.elbv2.described_count(state)).iter().sum();
        let most = &mut self.traffic.summary.observations.targets_max;
        *most = (*most).max(registered);
        self.elbv2.calls[index as usize].targets = targets;
        let alb_nodes = self.living_alb_nodes();
        self.elbv2.calls[index as usize].nodes_left = u32::try_from(alb_nodes.len()).expect("few ALB nodes");
        for alb_node in alb_nodes {
            let lag = match call {
                Call::RegisterTargets => self.latencies.register_propagation.draw(),
                Call::DeregisterTargets => {
                    let lag = self.latencies.deregister_propagation.draw();
                    if self.scenario.elbv2.propagation_bounded_by_delay {
                        lag.min(delay)
                    } else {
                        lag
                    }
                }
            };
            self.schedule(lag, Event::NodeLearns { call: index, alb_node });
        }
        if call == Call::DeregisterTargets {
            self.schedule(delay, Event::DelayOver { call: index });
        }
    }

    /// Whether a later call has overtaken this one for that target.
    fn is_outdated(&self, index: u32, target: TargetId) -> bool {
        self.elbv2.last_calls[target.index()] != Some(index)
    }

    /// One ALB node acts on a call.
    pub(crate) fn node_learns(&mut self, index: u32, alb_node: AlbNodeId) {
        let now = self.now;
        let call = self.elbv2.calls[index as usize].call;
        let targets = self.elbv2.calls[index as usize].targets.clone();
        self.elbv2.calls[index as usize].nodes_left -= 1;
        let last = self.elbv2.calls[index as usize].nodes_left == 0;
        for target in targets {
            if self.is_outdated(index, target) {
                continue;
            }
            let node = alb_node.index();
            match call {
                Call::RegisterTargets => {
                    if !self.reaches(node, target) {
                        continue;
                    }
                    // The first check comes with the registration (alb §1.4).
                    let interval = self.scenario.target_group.health_check.interval;
                    self.drop_watch(target, node);
                    *self.elbv2.watch_mut(target, node) = Watch::new(now, interval, Answer::Fail);
                    self.set_view(node, target, NodeTargetState::Initial);
                    self.refresh_health_check(target, node);
                }
                Call::DeregisterTargets => {
                    if self.traffic.view(target.0, node) != NodeTargetState::Unknown {
                        self.drop_watch(target, node);
                        self.set_view(node, target, NodeTargetState::Unknown);
                    }
                    if last {
                        self.deregistration_learned(target);
                    }
                }
            }
        }
    }

    pub(crate) fn drop_watch(&mut self, target: TargetId, alb_node: usize) {
        self.stop_sampling(target, alb_node);
        if let Some(due) = self.elbv2.watch_mut(target, alb_node).due.take() {
            self.cancel(due.key);
        }
    }

    /// The deregistration delay is over: what is still in flight is cut (alb §2.4).
    pub(crate) fn delay_over(&mut self, index: u32) {
        let now = self.now.as_ns();
        for target in self.elbv2.calls[index as usize].targets.clone() {
            if self.is_outdated(index, target) {
                continue;
            }
            self.traffic
                .cut_target(now, target.0, |_| Some(Cause::DeregistrationDelayExpired));
            self.describe(target, TargetHealthState::Unused);
        }
    }

    /// Tells one ALB node's check of a target what it gets from now on, and queues the next verdict if one will come.
    pub(crate) fn refresh_health_check(&mut self, target: TargetId, alb_node: usize) {
        let view = self.traffic.view(target.0, alb_node);
        if view == NodeTargetState::Unknown {
            return;
        }
        let answer = match self.outlook(target) {
            Outlook::Constant(answer) => answer,
            Outlook::Sampled => return self.sample_checks(target, alb_node),
        };
        self.stop_sampling(target, alb_node);
        let now = self.now;
        let threshold = self.verdict_threshold(target, alb_node, answer);
        let timeout = self.scenario.target_group.health_check.timeout;
        let watch = self.elbv2.watch_mut(target, alb_node);
        watch.answer_from(now, answer);
        if watch.is_under_way(now) {
            return;
        }
        let old = watch.due.take();
        let at = threshold.map(|threshold| watch.verdict_at(threshold, timeout).max(now));
        if let Some(old) = old {
            self.cancel(old.key);
        }
        if let (Some(at), Some(threshold)) = (at, threshold) {
            let node = AlbNodeId::at(alb_node);
            let key = self.schedule_at(at, Event::HealthVerdict { alb_node: node, target });
            self.elbv2.watch_mut(target, alb_node).queued(key, threshold);
        }
    }

    /// Equal answers in a row that change an ALB node's view, if such an answer changes it at all.
    fn verdict_threshold(&self, target: TargetId, alb_node: usize, answer: Answer) -> Option<u32> {
        let check = &self.scenario.target_group.health_check;
        match (self.traffic.view(target.0, alb_node), answer.passes()) {
            (NodeTargetState::Initial, true) => Some(self.scenario.elbv2.initial_pass_count),
            (NodeTargetState::Initial | NodeTargetState::Healthy, false) => Some(check.unhealthy_threshold),
            (NodeTargetState::Unhealthy, true) => Some(check.healthy_threshold),
            (NodeTargetState::Healthy, true) | (NodeTargetState::Unhealthy, false) => None,
            (NodeTargetState::Unknown, _) => unreachable!("only known targets are checked"),
        }
    }

    /// A check reached its threshold on one ALB node.
    pub(crate) fn health_verdict(&mut self, alb_node: AlbNodeId, target: TargetId) {
        let now = self.now;
        let node = alb_node.index();
        let watch = self.elbv2.watch_mut(target, node);
        let passes = watch.due.take().expect("a verdict was queued").passes;
        watch.restart(now);
        let state = if passes {
            NodeTargetState::Healthy
        } else {
            NodeTargetState::Unhealthy
        };
        self.set_view(node, target, state);
        if !passes && self.scenario.elbv2.unhealthy_cuts_in_flight {
            let node = u8::try_from(node).expect("at most 100 ALB nodes");
            self.traffic.cut_target(now.as_ns(), target.0, |open| {
                (open.alb_node == node).then_some(Cause::CutWhenUnhealthy)
            });
        }
        self.update_described(target);
        self.refresh_health_check(target, node);
    }

    /// What `DescribeTargetHealth` makes of the nodes' views (alb §1.6: unknown where they disagree).
    pub(crate) fn update_described(&mut self, target: TargetId) {
        if matches!(
            self.elbv2.described(target),
            TargetHealthState::Draining | TargetHealthState::Unused
        ) {
            return;
        }
        let nodes: Vec<usize> = (0..self.traffic.rules.alb_nodes as usize)
            .filter(|node| self.reaches(*node, target))
            .collect();
        let count = |state| {
            nodes
                .iter()
                .filter(|node| self.traffic.view(target.0, **node) == state)
                .count()
        };
        let (healthy, unhealthy) = (count(NodeTargetState::Healthy), count(NodeTargetState::Unhealthy));
        let enough = match self.scenario.elbv2.described_healthy_by {
            Consensus::All => nodes.len(),
            Consensus::Any => 1,
        };
        let state = if healthy >= enough {
            TargetHealthState::Healthy
        } else if unhealthy > 0 {
            TargetHealthState::Unhealthy
        } else {
            // `initial` is over with the first verdict: nodes that have none yet do not bring it back.
            self.elbv2.described(target)
        };
        self.describe(target, state);
    }
}
