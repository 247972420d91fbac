//! Health checks of nodes: each goes through kube-proxy to a pod, so what it gets may be a matter of chance.
//!
//! As long as every pod that a node may choose gives the same answer, nothing is queued and the verdict follows from
//! the schedule as for a pod. Only while answers differ is each check drawn on its own.

use super::NodeTargetState;
use crate::event::Event;
use crate::id::{AlbNodeId, KubeNodeId, TargetId};
use crate::scenario::kube_proxy::NoEndpoint;
use crate::time::SimDuration;
use crate::watch::Answer;
use crate::world::World;

/// What checks of a target get from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outlook {
    /// Always this.
    Constant(Answer),
    /// It depends on the pod that kube-proxy chooses.
    Sampled,
}

impl World<'_> {
    /// What checks of a target get from now on.
    pub(super) fn outlook(&mut self, target: TargetId) -> Outlook {
        let check = &self.scenario.target_group.health_check;
        let (path, timeout) = (check.path, check.timeout);
        let now = self.now.as_ns();
        let Some(proxies) = &mut self.traffic.proxies else {
            return Outlook::Constant(self.answer(target.pod(), path, timeout));
        };
        let node = target.0;
        if !proxies.is_on(node) {
            return Outlook::Constant(Answer::Hang);
        }
        if proxies.is_local_only() && self.is_node_unsettled(target.node()) {
            return Outlook::Sampled;
        }
        let proxies = self.traffic.proxies.as_mut().expect("targets are nodes");
        let without_pod = match proxies.no_endpoint() {
            NoEndpoint::Reject => Answer::Fail,
            NoEndpoint::Drop => Answer::Hang,
        };
        if proxies.is_local_only() {
            let pods = proxies.usable(node, now);
            if pods.is_empty() {
                return Outlook::Constant(without_pod);
            }
            let all_pass = pods.iter().all(|(_, pod)| self.kube_proxy.passes(*pod));
            return if all_pass {
                Outlook::Constant(Answer::Pass)
            } else {
                Outlook::Sampled
            };
        }
        if proxies.is_settled() && proxies.usable(node, now).is_empty() {
            Outlook::Constant(without_pod)
        } else if self.kube_proxy.some_fail() || proxies.may_lack_ready() {
            Outlook::Sampled
        } else {
            Outlook::Constant(Answer::Pass)
        }
    }

    /// The answer to one check that is sent to a node now.
    fn sampled_answer(&mut self, target: TargetId) -> Answer {
        let check = &self.scenario.target_group.health_check;
        let (path, timeout) = (check.path, check.timeout);
        let now = self.now.as_ns();
        let proxies = self.traffic.proxies.as_mut().expect("targets are nodes");
        match proxies.choose_for_check(target.0, now) {
            Some(pod) => self.answer(crate::id::PodId(pod), path, timeout),
            None => match proxies.no_endpoint() {
                NoEndpoint::Reject => Answer::Fail,
                NoEndpoint::Drop => Answer::Hang,
            },
        }
    }

    /// Draws each check of one ALB node from its next one on.
    pub(super) fn sample_checks(&mut self, target: TargetId, alb_node: usize) {
        if self.elbv2.sampling_mut(target, alb_node).is_some() {
            return;
        }
        let now = self.now;
        let watch = self.elbv2.watch_mut(target, alb_node);
        let at = watch.next_check(now);
        if !watch.is_under_way(now)
            && let Some(due) = watch.due.take()
        {
            self.cancel(due.key);
        }
        let event = Event::CheckSent {
            alb_node: AlbNodeId::at(alb_node),
            target,
        };
        let key = self.schedule_at(at, event);
        *self.elbv2.sampling_mut(target, alb_node) = Some(key);
    }

    pub(super) fn stop_sampling(&mut self, target: TargetId, alb_node: usize) {
        if let Some(key) = self.elbv2.sampling_mut(target, alb_node).take() {
            self.cancel(key);
        }
    }

    /// The answers of a node's checks may differ from now on.
    pub(crate) fn sample_node(&mut self, node: KubeNodeId) {
        for alb_node in 0..self.traffic.rules.alb_nodes as usize {
            if self.traffic.view(node.0, alb_node) != NodeTargetState::Unknown {
                self.sample_checks(node.into(), alb_node);
            }
        }
    }

    /// One check that is drawn.
    pub(crate) fn check_sent(&mut self, alb_node: AlbNodeId, target: TargetId) {
        let (node, now) = (alb_node.index(), self.now);
        *self.elbv2.sampling_mut(target, node) = None;
        if self.outlook(target) != Outlook::Sampled {
            // Chance has no part in this one any more.
            self.refresh_health_check(target, node);
            return;
        }
        let answer = self.sampled_answer(target);
        let check = &self.scenario.target_group.health_check;
        let (interval, timeout) = (check.interval, check.timeout);
        let threshold = self.verdict_threshold(target, node, answer);
        let watch = self.elbv2.watch_mut(target, node);
        watch.answer_from(now, answer);
        if let Some(threshold) = threshold.filter(|threshold| watch.decides(now, *threshold)) {
            let after = if answer == Answer::Hang {
                timeout
            } else {
                SimDuration::ZERO
            };
            let key = self.schedule(after, Event::HealthVerdict { alb_node, target });
            self.elbv2.watch_mut(target, node).queued(key, threshold);
        }
        let key = self.schedule(interval, Event::CheckSent { alb_node, target });
        *self.elbv2.sampling_mut(target, node) = Some(key);
    }
}
