//! Settings that may save the requests of a cause, the mildest first.
//!
//! Values come from the story and the run where they can: a preStop sleep is the smallest whole second that outlasts
//! the removal of this target, then of every target of the run. Where the trace cannot say how much is enough (how
//! long a request that was cut would still have taken), the setting is doubled and doubled again.

use sim_core::outcome::Cause;
use sim_core::scenario::Scenario;
use sim_core::scenario::capacity::InterruptionHandler;
use sim_core::scenario::cluster::Strategy;
use sim_core::scenario::elbv2::TargetType;
use sim_core::scenario::value::Limit;
use sim_core::time::SimDuration;

use crate::explain::document::{Anchor, AnchorKind};
use crate::explain::trial::Change;
use crate::explain::words::{span, whole_seconds_above};

/// Longest deregistration delay that ELBv2 takes, seconds (alb §2.1).
const DEREGISTRATION_DELAY_MAX_S: u64 = 3600;

/// Longest idle timeout that ELBv2 takes, seconds (alb §4).
const IDLE_TIMEOUT_MAX_S: u64 = 4000;

/// What the candidates depend on.
#[derive(Debug)]
pub(super) struct Situation<'a> {
    /// The cause.
    pub(super) cause: Cause,
    /// What the story counts from.
    pub(super) anchor: Anchor,
    /// From the deletion to the last ALB node, or kube-proxy, that let go of this target.
    pub(super) removal_ns: Option<u64>,
    /// The longest such time of the run.
    pub(super) longest_removal_ns: Option<u64>,
    /// As it stands.
    pub(super) scenario: &'a Scenario,
}

impl Situation<'_> {
    /// The changes to try, in this order.
    pub(super) fn changes(&self) -> Vec<Change> {
        let mut changes = self.of_the_cause();
        match self.anchor.kind {
            AnchorKind::PodDeleted if self.cause != Cause::KeepAliveRace => changes.extend(self.sleeps()),
            AnchorKind::PodShutDown | AnchorKind::ServerStopped => changes.extend(self.unannounced()),
            _ => {}
        }
        if matches!(self.cause, Cause::WrongPod | Cause::RefusedByWrongPod) {
            changes.extend(self.longer_cooldown());
        }
        changes
    }

    fn of_the_cause(&self) -> Vec<Change> {
        match self.cause {
            Cause::KeepAliveRace => self.longer_keep_alive(),
            Cause::RefusedServerRestart | Cause::ClosedInFlightAtRestart => vec![Change::one(
                "pod.pre_stop.restarts_server_for",
                "null",
                "a preStop hook that does not restart the server",
            )],
            Cause::RefusedNotListening | Cause::FailOpenNotReady | Cause::OnlyUnusableTargets => self.gated(),
            Cause::NoRegisteredTarget => self.kept_available(),
            Cause::KilledInFlight => self.longer_grace(),
            Cause::ClosedAtDrainTimeout => self.longer_drain(),
            Cause::DeregistrationDelayExpired => self.longer_delay(),
            Cause::ResponseTimeout => self.longer_idle_timeout(),
            Cause::BacklogOverflow => self.more_replicas(),
            Cause::CutWhenUnhealthy => vec![Change::one(
                "elbv2.unhealthy_cuts_in_flight",
                "false",
                "requests in flight outlive the health check's verdict",
            )],
            _ => Vec::new(),
        }
    }

    /// A preStop sleep that outlasts the removal: of this target, of all, and with room for what is in flight then.
    fn sleeps(&self) -> Vec<Change> {
        let current = self.scenario.pod.pre_stop.sleep.map_or(0, SimDuration::as_ns);
        let mut changes: Vec<Change> = Vec::new();
        let mut last = current.div_euclid(1_000_000_000);
        let by = match self.scenario.target_group.target_type {
            TargetType::Ip => "",
            TargetType::Instance => " by kube-proxy",
        };
        let all = self.longest_removal_ns;
        let candidates = [
            self.removal_ns.map(|ns| {
                let reason = format!("outlasts the removal of this target{by}: {}", span(ns));
                (whole_seconds_above(ns), reason)
            }),
            all.map(|ns| {
                let reason = format!("outlasts every removal of this run: at most {}", span(ns));
                (whole_seconds_above(ns), reason)
            }),
            all.map(|ns| {
                let reason = String::from("outlasts every removal and leaves 5 s for requests in flight then");
                (whole_seconds_above(ns) + 5, reason)
            }),
        ];
        for (seconds, reason) in candidates.into_iter().flatten() {
            if seconds > last {
                changes.push(self.sleep(seconds, reason));
                last = seconds;
            }
        }
        changes
    }

    /// A sleep of that length, in a grace period that holds it and the server's own drain.
    fn sleep(&self, seconds: u64, reason: String) -> Change {
        let pod = &self.scenario.pod;
        let mut change = Change::one("pod.pre_stop.sleep", format!("{seconds}s"), reason);
        // At most one handler may be given.
        if pod.pre_stop.exec.is_some() {
            change = change.and("pod.pre_stop.exec", "null");
        }
        if pod.pre_stop.http_get.is_some() {
            change = change.and("pod.pre_stop.http_get", "null");
        }
        let drain = match self.scenario.app.drain_timeout {
            Limit::At(timeout) => whole_seconds_above(timeout.as_ns()).min(30),
            Limit::Unlimited => 10,
        };
        let needed = seconds + drain;
        if pod.termination_grace_period < SimDuration::from_secs(needed) {
            change = change.and("pod.termination_grace_period", format!("{needed}s"));
        }
        change
    }

    /// What notices the end of a pod that nobody announces, or has somebody announce it.
    fn unannounced(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        let spot = (0..).zip(&self.scenario.disruptions).find(|(_, disruption)| {
            let spot = disruption.spot_interruption.as_ref();
            spot.is_some_and(|spot| spot.handler == InterruptionHandler::None)
        });
        if let Some((index, _)) = spot {
            let path = format!("disruptions[{index}].spot_interruption.handler");
            let handler = |name: &str, reason| Change::one(&path, name, reason);
            changes.push(handler(
                "node_termination_handler_queue",
                "drains the node on the notice",
            ));
            changes.push(handler("karpenter", "drains the node on the notice"));
        }
        let check = &self.scenario.target_group.health_check;
        if check.interval > SimDuration::from_secs(5) || check.unhealthy_threshold > 2 {
            let faster = Change::one(
                "target_group.health_check.interval",
                "5s",
                "the fastest health check: it shortens the race but cannot win it",
            );
            changes.push(
                faster
                    .and("target_group.health_check.timeout", "2s")
                    .and("target_group.health_check.unhealthy_threshold", "2"),
            );
        }
        changes
    }

    fn longer_keep_alive(&self) -> Vec<Change> {
        let idle = whole_seconds_above(self.scenario.load_balancer.idle_timeout.as_ns());
        let reason = format!("above load_balancer.idle_timeout, {idle}s, so that the ALB closes first");
        vec![Change::one("app.keep_alive_timeout", format!("{}s", idle + 5), reason)]
    }

    /// Pods that take traffic only once they serve.
    fn gated(&self) -> Vec<Change> {
        let pod = &self.scenario.pod;
        let mut changes = Vec::new();
        if !pod.readiness_gate {
            let mut gate = Change::one(
                "pod.readiness_gate",
                "true",
                "the old pods stay until the ALB can use the new ones",
            );
            if pod.readiness_probe.is_none() {
                gate = gate.and("pod.readiness_probe.period", "5s");
            }
            changes.push(gate);
        } else if pod.readiness_probe.is_none() {
            changes.push(Change::one(
                "pod.readiness_probe.period",
                "5s",
                "the pod is Ready only once its server answers",
            ));
        }
        changes.extend(self.kept_available());
        changes
    }

    /// No pod goes before its replacement is there.
    fn kept_available(&self) -> Vec<Change> {
        let deployment = &self.scenario.deployment;
        let reason = "no pod goes before its replacement is available";
        let mut change = match deployment.strategy {
            Strategy::Recreate => {
                Change::one("deployment.strategy", "rolling_update", reason).and("deployment.max_unavailable", "0")
            }
            Strategy::RollingUpdate => Change::one("deployment.max_unavailable", "0", reason),
        };
        if !self.scenario.pod.readiness_gate {
            change = change.and("pod.readiness_gate", "true");
        }
        vec![change]
    }

    fn longer_grace(&self) -> Vec<Change> {
        let grace = whole_seconds_above(self.scenario.pod.termination_grace_period.as_ns());
        let longer = |times: u64| {
            let reason = format!("{times} times the grace period: the trace cannot say how long the request needed");
            Change::one("pod.termination_grace_period", format!("{}s", grace * times), reason)
        };
        vec![longer(2), longer(4)]
    }

    fn longer_drain(&self) -> Vec<Change> {
        let Limit::At(timeout) = self.scenario.app.drain_timeout else {
            return Vec::new();
        };
        let pre_stop = self.scenario.pod.pre_stop.sleep.map_or(0, SimDuration::as_ns);
        let longer = |times: u64| {
            let drain = whole_seconds_above(timeout.as_ns()) * times;
            let reason =
                format!("{times} times the drain's own timeout: the trace cannot say how long the request needed");
            let change = Change::one("app.drain_timeout", format!("{drain}s"), reason);
            let needed = whole_seconds_above(pre_stop) + drain;
            if self.scenario.pod.termination_grace_period < SimDuration::from_secs(needed) {
                change.and("pod.termination_grace_period", format!("{needed}s"))
            } else {
                change
            }
        };
        vec![longer(2), longer(4)]
    }

    fn longer_delay(&self) -> Vec<Change> {
        let delay = whole_seconds_above(self.scenario.target_group.deregistration_delay.as_ns());
        let longer = |times: u64| {
            let seconds = (delay * times).min(DEREGISTRATION_DELAY_MAX_S);
            let reason = format!("{times} times the delay: the trace cannot say how long the request needed");
            Change::one("target_group.deregistration_delay", format!("{seconds}s"), reason)
        };
        vec![longer(2), longer(4), longer(8)]
    }

    fn longer_idle_timeout(&self) -> Vec<Change> {
        let idle = whole_seconds_above(self.scenario.load_balancer.idle_timeout.as_ns());
        let longer = |times: u64| {
            let seconds = (idle * times).min(IDLE_TIMEOUT_MAX_S);
            let reason = format!("{times} times the idle timeout: the trace cannot say how long the request needed");
            let change = Change::one("load_balancer.idle_timeout", format!("{seconds}s"), reason);
            match self.scenario.app.keep_alive_timeout {
                // The server must not close idle connections first.
                Limit::At(kept) if !kept.is_zero() && kept <= SimDuration::from_secs(seconds) => {
                    change.and("app.keep_alive_timeout", format!("{}s", seconds + 5))
                }
                _ => change,
            }
        };
        let mut changes = vec![longer(2), longer(4)];
        changes.extend(self.more_replicas());
        changes
    }

    fn more_replicas(&self) -> Vec<Change> {
        let replicas = u64::from(self.scenario.deployment.replicas);
        let more = |times: u64| {
            let reason = format!("{times} times the pods for the same load");
            Change::one("deployment.replicas", (replicas * times).to_string(), reason)
        };
        vec![more(2), more(4)]
    }

    /// Addresses rest until the ALB has let go of them.
    fn longer_cooldown(&self) -> Vec<Change> {
        let cooldown = self.scenario.vpc_cni.ip_cooldown_period;
        let needed = self.longest_removal_ns.map_or(30, whole_seconds_above).max(30);
        if SimDuration::from_secs(needed) <= cooldown {
            return Vec::new();
        }
        let reason = "no address is given away before the ALB has let go of it";
        vec![Change::one("vpc_cni.ip_cooldown_period", format!("{needed}s"), reason)]
    }
}
