//! The rules: a numbered list that only grows. Each looks at one thing, says why it matters, and knows the fix.

mod balancer;
mod fleet;
mod hook;
mod refused;
mod server;

use serde_json::Value as Json;

use super::patch::Patch;
use super::{Context, Finding, Fix, Level};
use crate::text::source::Place;

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// `DRN` and three digits; never given to another rule.
    pub(crate) id: &'static str,
    /// Its name in words.
    pub(crate) name: &'static str,
    /// Why it matters.
    pub(crate) reason: &'static str,
    /// Section of the fact sheets that it rests on.
    pub(crate) source: &'static str,
    /// Looks at the service.
    find: fn(&Context<'_, '_>) -> Vec<Found>,
}

/// What a rule found, before it is simulated.
#[derive(Debug)]
struct Found {
    level: Level,
    message: String,
    place: Option<Place>,
    fix: Fix,
}

impl Found {
    fn new(level: Level, message: impl Into<String>) -> Self {
        Self {
            level,
            message: message.into(),
            place: None,
            fix: Fix::default(),
        }
    }

    fn at(mut self, place: Option<&Place>) -> Self {
        self.place = self.place.or_else(|| place.cloned());
        self
    }

    fn advice(mut self, advice: impl Into<String>) -> Self {
        self.fix.advice = advice.into();
        self
    }

    fn set(mut self, path: &str, value: impl Into<Json>) -> Self {
        self.fix.settings.push((path.to_owned(), value.into()));
        self
    }

    fn patch(mut self, patch: Patch) -> Self {
        self.fix.patches.push(patch);
        self
    }
}

/// All rules, by number.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "DRN001",
        name: "preStop longer than the grace period",
        reason: "The grace period includes preStop. A hook that outlasts it is cut, and the server gets SIGTERM with 2 s to live, whatever it still serves.",
        source: "kubernetes §1.3.1, §1.3.2",
        find: hook::longer_than_grace,
    },
    Rule {
        id: "DRN002",
        name: "health check out of ELBv2's range",
        reason: "The controller passes the numbers on unchecked, AWS refuses the whole change, and the target group keeps what it had.",
        source: "alb §1.1, §1.3; lbc §3.5",
        find: refused::health_check_range,
    },
    Rule {
        id: "DRN003",
        name: "health check timeout not below its interval",
        reason: "AWS refuses it, also where one of the two is the controller's default, and the target group keeps what it had.",
        source: "alb §1.3",
        find: refused::health_check_timeout,
    },
    Rule {
        id: "DRN004",
        name: "server closes idle connections before the ALB does",
        reason: "The ALB may send a request on a connection that the server is just closing: a 502 even in a steady fleet.",
        source: "alb §4.1; kubernetes §6.2",
        find: server::keep_alive,
    },
    Rule {
        id: "DRN005",
        name: "no readiness gate",
        reason: "A new pod is Ready before the ALB sends it anything, so a rollout removes old pods while the new ones are still being registered.",
        source: "lbc §2.1, §2.2",
        find: balancer::readiness_gate,
    },
    Rule {
        id: "DRN006",
        name: "probe or health check on a page that users ask for",
        reason: "It waits behind their requests: under load healthy pods leave the Service or the target group, and a failing feature takes the whole pod out.",
        source: "kubernetes §2.1; published run (before)",
        find: balancer::shared_page,
    },
    Rule {
        id: "DRN007",
        name: "SIGTERM never reaches the server",
        reason: "PID 1 without a handler, or a shell in front of the server, ignores SIGTERM. The server works on until SIGKILL cuts what is in flight, and every termination takes the whole grace period.",
        source: "kubernetes §6.1",
        find: server::ignores_sigterm,
    },
    Rule {
        id: "DRN008",
        name: "deregistration delay shorter than the longest requests",
        reason: "When the delay is over, the ALB cuts what is still in flight to the target.",
        source: "alb §5.1",
        find: balancer::deregistration_delay,
    },
    Rule {
        id: "DRN009",
        name: "image lacks the hook's programs",
        reason: "A preStop hook whose program is missing fails at once, and SIGTERM follows without any delay.",
        source: "kubernetes §1.3.4",
        find: hook::missing_program,
    },
    Rule {
        id: "DRN010",
        name: "preStop shorter than the removal from the ALB",
        reason: "The ALB sends requests to a pod until its last node has learned of the deregistration. A pod that stops serving before that fails them: 502 while the port is closed, 504 once the address is gone.",
        source: "alb §5.1; lbc §1; kubernetes §1",
        find: hook::shorter_than_removal,
    },
    Rule {
        id: "DRN011",
        name: "hook stops the server and sleeps afterwards",
        reason: "The sleep is meant to let the ALB catch up, but the server refuses connections already.",
        source: "kubernetes §1.3.6",
        find: hook::sleeps_after_stop,
    },
    Rule {
        id: "DRN012",
        name: "hook restarts the server",
        reason: "While it restarts its port is closed, and the ALB still sends it requests: 502.",
        source: "published run, mechanism 3",
        find: hook::restarts_server,
    },
    Rule {
        id: "DRN013",
        name: "server exits at once on SIGTERM",
        reason: "Requests in flight are cut: 502.",
        source: "kubernetes §6.2",
        find: server::dies_at_once,
    },
    Rule {
        id: "DRN014",
        name: "grace period does not hold hook and drain",
        reason: "What is left of the grace period after preStop is all the server has to finish its requests; then SIGKILL cuts them.",
        source: "kubernetes §1.3",
        find: hook::no_room_for_drain,
    },
    Rule {
        id: "DRN015",
        name: "Service publishes addresses that are not ready",
        reason: "Terminating pods stay registered until their object is gone, which is after they stopped serving.",
        source: "lbc §1.10",
        find: balancer::publishes_not_ready,
    },
    Rule {
        id: "DRN016",
        name: "no readiness probe",
        reason: "A pod is Ready, and registered, as soon as its containers run, whether or not the server listens.",
        source: "kubernetes §2.1.1",
        find: fleet::no_readiness_probe,
    },
    Rule {
        id: "DRN017",
        name: "Recreate takes all pods away at once",
        reason: "A rollout leaves the target group empty until new pods are healthy: 503.",
        source: "kubernetes §4.3.7",
        find: fleet::recreate,
    },
    Rule {
        id: "DRN018",
        name: "no PodDisruptionBudget",
        reason: "A drain evicts all pods of a node at once; nothing waits for their replacements.",
        source: "kubernetes §5.1",
        find: fleet::no_budget,
    },
    Rule {
        id: "DRN019",
        name: "budget that allows no eviction",
        reason: "Drains hang until somebody deletes the pods or the node goes without a drain.",
        source: "kubernetes §5.1",
        find: fleet::blocking_budget,
    },
    Rule {
        id: "DRN020",
        name: "single replica",
        reason: "Whatever takes the pod away leaves no target until its replacement is healthy: 503.",
        source: "alb §3.2",
        find: fleet::single_replica,
    },
    Rule {
        id: "DRN021",
        name: "annotation that the controller cannot read",
        reason: "The controller builds nothing of the Ingress: an event FailedBuildModel, and AWS keeps what it had.",
        source: "lbc §3.1, §3.5",
        find: refused::annotation,
    },
    Rule {
        id: "DRN022",
        name: "attribute that AWS refuses",
        reason: "The controller passes attributes on unchecked; AWS refuses them, an event FailedDeployModel follows, and the old ones stay.",
        source: "lbc §3.4, §3.5",
        find: refused::attribute,
    },
    Rule {
        id: "DRN023",
        name: "targets are nodes, but the Service has no node port",
        reason: "The controller refuses the Ingress: nothing is registered.",
        source: "lbc §3.5",
        find: refused::instance_targets,
    },
    Rule {
        id: "DRN024",
        name: "targets are nodes",
        reason: "Readiness gates do not apply, and a node that goes takes the requests of its port with it, also those for pods elsewhere.",
        source: "lbc §2.1, §4",
        find: balancer::node_targets,
    },
    Rule {
        id: "DRN025",
        name: "replicas set beside an autoscaler",
        reason: "Every apply sets the number back, which is a scale-down in one step whenever the autoscaler had raised it.",
        source: "kubernetes §4.5",
        find: fleet::replicas_beside_autoscaler,
    },
    Rule {
        id: "DRN026",
        name: "health page fails too late to be noticed",
        reason: "A hook that makes the health page fail helps only if the ALB's checks notice before the pod stops serving.",
        source: "alb §1.7",
        find: hook::health_fails_too_late,
    },
    Rule {
        id: "DRN027",
        name: "rollout below the wanted number of pods",
        reason: "`maxUnavailable` lets old pods go before new ones serve; the rest carries the whole load.",
        source: "kubernetes §4.3",
        find: fleet::unavailable_during_rollout,
    },
    Rule {
        id: "DRN028",
        name: "hook runs longer than any removal needs",
        reason: "Every rollout and drain waits for it. Past the slowest removal, more sleep saves no request.",
        source: "alb §5.1",
        find: hook::far_too_long,
    },
    Rule {
        id: "DRN029",
        name: "nobody acts on spot interruptions",
        reason: "preStop runs when the operating system shuts down, but nothing deregisters the pods before: no sleep helps, because the ALB is not told.",
        source: "nodes §3.2, §5.1",
        find: fleet::no_spot_handler,
    },
];

/// What all rules find, worst first and then by number.
pub(crate) fn findings(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for rule in RULES {
        findings.extend((rule.find)(context).into_iter().map(|found| Finding {
            rule,
            level: found.level,
            message: found.message,
            place: found.place,
            fix: found.fix,
            effect: None,
        }));
    }
    findings.sort_by_key(|finding| (finding.level, finding.rule.id));
    findings
}

/// Whole seconds, rounded up.
fn seconds(duration: sim_core::time::SimDuration) -> u64 {
    duration.as_ns().div_ceil(1_000_000_000)
}
