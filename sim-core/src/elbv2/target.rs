//! What a target is: a pod, or a node behind whose port kube-proxy chooses a pod.

use crate::id::{KubeNodeId, TargetId};
use crate::k8s::pod::RaceTimes;
use crate::outcome::Hop;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Fact, NodeTargetState, TargetHealthState};
use crate::watch::{Answer, Watch};
use crate::world::World;

impl World<'_> {
    /// Whether targets are nodes.
    pub(crate) fn has_node_targets(&self) -> bool {
        self.traffic.proxies.is_some()
    }

    /// All targets, registered or not.
    pub(crate) fn target_ids(&self) -> impl Iterator<Item = TargetId> + use<> {
        (0..self.traffic.targets_count()).map(TargetId::at)
    }

    /// Zone of a target.
    pub(crate) fn zone_of(&self, target: TargetId) -> u8 {
        self.traffic.target_zone(target.0)
    }

    /// Sets the hop that has not yet done its part in taking a target out.
    pub(crate) fn set_target_stage(&mut self, target: TargetId, stage: Hop) {
        match &mut self.traffic.proxies {
            Some(proxies) => proxies.set_stage(target.0, stage),
            None => self.traffic.servers[target.index()].stage = stage,
        }
    }

    pub(super) fn registration_accepted(&mut self, target: TargetId) {
        if self.has_node_targets() {
            self.set_target_stage(target, Hop::HealthCheck);
            return;
        }
        let serves = self.traffic.servers[target.index()].is_serving();
        let stage = if serves { Hop::HealthCheck } else { Hop::Registration };
        self.set_target_stage(target, stage);
        let race = &mut self.pod_mut(target.pod()).race;
        // What left while this call waited for a bucket is on its way out again.
        let seen = race
            .seen
            .filter(|seen| race.accepted.is_some_and(|accepted| accepted < *seen));
        *race = RaceTimes {
            seen,
            ..RaceTimes::default()
        };
    }

    pub(super) fn deregistration_accepted(&mut self, target: TargetId) {
        self.set_target_stage(target, Hop::Propagation);
        if !self.has_node_targets() {
            let now = self.now;
            self.pod_mut(target.pod()).race.accepted = Some(now);
        }
    }

    /// The last ALB node has learned of a deregistration.
    pub(super) fn deregistration_learned(&mut self, target: TargetId) {
        if !self.has_node_targets() {
            let now = self.now;
            self.pod_mut(target.pod()).race.learned = Some(now);
            self.close_race(target.pod());
        }
    }

    /// Adds the target of a node that has not joined yet, if nodes are targets.
    pub(crate) fn add_node_target(&mut self, zone: u8) {
        if !self.has_node_targets() {
            return;
        }
        let ns = |duration: SimDuration| u32::try_from(duration.as_ns()).unwrap_or(u32::MAX);
        let same = ns(self.latencies.rtt_same_zone.draw());
        let cross = ns(self.latencies.rtt_cross_zone.draw());
        if let Some(proxies) = &mut self.traffic.proxies {
            proxies.add_node(zone, same, cross);
        }
        self.traffic.add_target();
        self.elbv2.add_target();
        self.lbc.nodes.add();
    }

    /// All ALB nodes have long known a target, and checked it with that result.
    pub(crate) fn add_steady_target(&mut self, target: TargetId, passes: bool) {
        let (view, health, answer) = if passes {
            (NodeTargetState::Healthy, TargetHealthState::Healthy, Answer::Pass)
        } else {
            (NodeTargetState::Unhealthy, TargetHealthState::Unhealthy, Answer::Fail)
        };
        let interval = self.scenario.target_group.health_check.interval;
        for alb_node in 0..self.traffic.rules.alb_nodes as usize {
            if !self.reaches(alb_node, target) {
                continue;
            }
            let first = SimTime::from_ns(self.latencies.health_check_phase.next_u64() % interval.as_ns());
            *self.elbv2.watch_mut(target, alb_node) = Watch::new(first, interval, answer);
            let initial_usable = self.scenario.elbv2.initial_in_fail_open;
            self.traffic.set_view(0, alb_node, target.0, view, initial_usable);
            self.fact(|| Fact::NodeTarget {
                alb_node: u32::try_from(alb_node).expect("few ALB nodes"),
                target: target.0,
                state: view,
            });
        }
        self.elbv2.set_described(target, health);
        self.fact(|| Fact::TargetHealth {
            target: target.0,
            state: health,
        });
    }

    /// Nodes of the start of the run are targets whose kube-proxy knows the pods of the start of the run.
    pub(crate) fn add_steady_node_targets(&mut self) {
        if !self.has_node_targets() {
            return;
        }
        self.publish_steady_endpoints();
        for node in self.node_ids() {
            self.register_steady_node(node);
            let passes = self.some_pod_is_usable(node);
            self.add_steady_target(node.into(), passes);
        }
    }

    fn some_pod_is_usable(&mut self, node: KubeNodeId) -> bool {
        let now = self.now.as_ns();
        let proxies = self.traffic.proxies.as_mut().expect("targets are nodes");
        !proxies.usable(node.0, now).is_empty()
    }
}
