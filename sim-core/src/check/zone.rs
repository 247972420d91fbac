//! Zones of the load balancer: what DNS answered, which ALB nodes died, whose weight was cut.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use super::Log;
use super::rule::{Rule, Subject};
use super::target::{Known, Targets};
use crate::outcome::Status;
use crate::scenario::Scenario;
use crate::scenario::workload::ClientConnection;
use crate::time::SimTime;
use crate::trace::{Fact, NodeTargetState, RequestRecord};

/// What a trace has said of zones and ALB nodes.
#[derive(Debug, Default)]
pub(super) struct Zones {
    /// Answers of DNS after the one with all zones.
    answers: Vec<(u64, Vec<u32>)>,
    died: Vec<(u32, u64)>,
    mitigated: BTreeSet<(u32, u32)>,
}

impl Zones {
    pub(super) fn check(&mut self, fact: &Fact, scenario: &Scenario, targets: &Targets, log: &mut Log) {
        match fact {
            Fact::DnsAnswered { zones } => self.answered(zones, scenario, log),
            Fact::AlbNodeDied { alb_node } => {
                let fine = *alb_node < scenario.alb_nodes_count() && self.died_at(*alb_node).is_none();
                log.check(
                    fine,
                    Rule::DeadAlbNode,
                    || Subject::Run,
                    || format!("ALB node {alb_node} dies"),
                );
                self.died.push((*alb_node, log.now));
            }
            Fact::NodeTarget { alb_node, target, .. } => {
                let lives = self.died_at(*alb_node).is_none();
                let subject = || Subject::NodeTarget(*alb_node, *target);
                log.check(lives, Rule::DeadAlbNode, subject, || {
                    "its view changes after its death".into()
                });
            }
            Fact::TargetMitigated {
                alb_node,
                target,
                mitigated,
            } => self.mitigated((*alb_node, *target), *mitigated, scenario, targets, log),
            _ => {}
        }
    }

    fn died_at(&self, alb_node: u32) -> Option<u64> {
        let found = self.died.iter().find(|(dead, _)| *dead == alb_node);
        found.map(|(_, at)| *at)
    }

    fn answered(&mut self, zones: &[u32], scenario: &Scenario, log: &mut Log) {
        let all: Vec<u32> = (0..scenario.cluster.zones).collect();
        let before = self.answers.last().map_or(&all[..], |(_, zones)| zones);
        let fine = !zones.is_empty()
            && zones.is_sorted_by(|one, next| one < next)
            && zones.iter().all(|zone| all.contains(zone))
            && zones != before;
        log.check(
            fine,
            Rule::DnsAnswer,
            || Subject::Run,
            || format!("{zones:?} after {before:?}"),
        );
        self.answers.push((log.now, zones.to_vec()));
    }

    fn mitigated(&mut self, pair: (u32, u32), begins: bool, scenario: &Scenario, targets: &Targets, log: &mut Log) {
        let (alb_node, target) = pair;
        let alternates = if begins {
            self.mitigated.insert(pair)
        } else {
            self.mitigated.remove(&pair)
        };
        let healthy = targets.choice(alb_node, log.now).healthy;
        let view = targets.known(alb_node, target, log.now);
        let may = scenario.target_group.anomaly_mitigation.is_on()
            && healthy >= scenario.anomaly_detection.minimum_healthy_targets
            && view == Known::As(NodeTargetState::Healthy);
        log.check(
            alternates && (may || !begins),
            Rule::Mitigation,
            || Subject::NodeTarget(alb_node, target),
            || format!("begins: {begins}, {view}, one of {healthy} healthy"),
        );
    }

    /// Judges by which ALB node a client could come, and whether it could get an answer.
    pub(super) fn check_request(&self, request: &RequestRecord, scenario: &Scenario, log: &mut Log) {
        let subject = || Subject::Request(request.request);
        let died = self.died_at(request.alb_node);
        let answered = request.elb_status_code != Status::Unanswered.code();
        let fine = if answered {
            died.is_none_or(|died| request.issued_ns < died)
        } else {
            died.is_some_and(|died| request.finished_ns >= died)
        };
        log.check(fine, Rule::DeadAlbNode, subject, || {
            let died = died.map(SimTime::from_ns);
            format!(
                "{} from ALB node {}, dead since {died:?}",
                request.elb_status_code, request.alb_node
            )
        });
        if self.answers.is_empty() {
            return;
        }
        let sessions = scenario.workload.sessions.as_ref();
        let keeps = request.session.is_some()
            && sessions.is_some_and(|sessions| sessions.connection == ClientConnection::KeepAlive);
        let kept = if keeps {
            scenario.load_balancer.client_keep_alive.as_ns()
        } else {
            0
        };
        let oldest = request.issued_ns.saturating_sub(scenario.dns.ttl.as_ns() + kept);
        let zone = request.alb_node / scenario.load_balancer.nodes_per_zone;
        // The first answer was in force from the run's start on; before the first record, that of all zones.
        let ends = self.answers.iter().skip(1).map(|(at, _)| *at).chain([u64::MAX]);
        let all_until = self.answers[0].0;
        let known = (all_until > oldest)
            || self
                .answers
                .iter()
                .zip(ends)
                .any(|((since, zones), end)| *since <= request.issued_ns && end > oldest && zones.contains(&zone));
        log.check(known, Rule::StaleDns, subject, || {
            format!("zone {zone} has long left DNS: {:?}", self.answers)
        });
    }
}
