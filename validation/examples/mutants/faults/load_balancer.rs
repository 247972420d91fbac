//! Faults of the AWS Load Balancer Controller, of ELBv2 and of the ALB nodes.

use super::Fault;

const ELBV2: &str = "sim-core/src/elbv2.rs";
const RULES: &str = "sim-core/src/traffic/rules.rs";
const ROTATION: &str = "sim-core/src/traffic/rotation.rs";

/// How the news of a call takes its way to each ALB node.
const PROPAGATION: &str = "for alb_node in alb_nodes {
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
        }";

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "register_before_deregister",
        breaks: "a reconcile registers new targets before it deregisters old ones",
        file: "sim-core/src/lbc/calls.rs",
        old: "deregister
            .map(|targets| (Call::DeregisterTargets, targets.to_vec()))
            .chain(register.map(|targets| (Call::RegisterTargets, targets.to_vec())))
            .collect()",
        new: "register
            .map(|targets| (Call::RegisterTargets, targets.to_vec()))
            .chain(deregister.map(|targets| (Call::DeregisterTargets, targets.to_vec())))
            .collect()",
    },
    Fault {
        name: "calls_without_limit",
        breaks: "one call takes any number of targets, not 200",
        file: "sim-core/src/lbc/reconcile.rs",
        old: "self.scenario.load_balancer_controller.targets_per_call as usize",
        new: "usize::MAX",
    },
    Fault {
        name: "bucket_refills_slowly",
        breaks: "token buckets gain a token only every other interval",
        file: "sim-core/src/token_bucket.rs",
        old: "rate.mean_interval().as_ns()",
        new: "2 * rate.mean_interval().as_ns()",
    },
    Fault {
        name: "sdk_gives_up_early",
        breaks: "the SDK's back-off reaches its maximum one attempt too early",
        file: "sim-core/src/backoff.rs",
        old: "n > 4",
        new: "n > 3",
    },
    Fault {
        name: "propagation_to_all_at_once",
        breaks: "all ALB nodes learn of a call at the same instant: one draw for all",
        file: ELBV2,
        old: PROPAGATION,
        new: "let lag = match call {
            Call::RegisterTargets => self.latencies.register_propagation.draw(),
            Call::DeregisterTargets => self.latencies.deregister_propagation.draw(),
        };
        for alb_node in alb_nodes {
            self.schedule(lag, Event::NodeLearns { call: index, alb_node });
        }",
    },
    Fault {
        name: "propagation_skipped",
        breaks: "ALB nodes stop choosing a target as soon as its deregistration is accepted",
        file: ELBV2,
        old: PROPAGATION,
        new: "for alb_node in alb_nodes {
            let lag = match call {
                Call::RegisterTargets => self.latencies.register_propagation.draw(),
                Call::DeregisterTargets => SimDuration::ZERO,
            };
            self.schedule(lag, Event::NodeLearns { call: index, alb_node });
        }",
    },
    Fault {
        name: "deregistration_delay_ignored",
        breaks: "the end of the deregistration delay cuts nothing that is in flight",
        file: ELBV2,
        old: "self.traffic
                .cut_target(now, target.0, |_| Some(Cause::DeregistrationDelayExpired));",
        new: "",
    },
    Fault {
        name: "drained_at_once",
        breaks: "`draining` turns `unused` without waiting for the deregistration delay",
        file: ELBV2,
        old: "self.schedule(delay, Event::DelayOver { call: index });",
        new: "self.schedule(SimDuration::ZERO, Event::DelayOver { call: index });",
    },
    Fault {
        name: "threshold_off_by_one",
        breaks: "a target is unhealthy after one failed check more than the threshold says",
        file: ELBV2,
        old: "Some(check.unhealthy_threshold)",
        new: "Some(check.unhealthy_threshold + 1)",
    },
    Fault {
        name: "check_without_timeout",
        breaks: "a health check into silence fails at once",
        file: "sim-core/src/watch.rs",
        old: "last.saturating_add(hang)",
        new: "last",
    },
    Fault {
        name: "connect_timeout_halved",
        breaks: "a connect attempt into silence ends after half of the connect timeout",
        file: RULES,
        old: "scenario.elbv2.connect_timeout.as_ns()",
        new: "scenario.elbv2.connect_timeout.as_ns() / 2",
    },
    Fault {
        name: "round_robin_stands_still",
        breaks: "round robin takes the same target again",
        file: ROTATION,
        old: "self.cursor = at + 1",
        new: "self.cursor = at",
    },
    Fault {
        name: "most_outstanding_requests",
        breaks: "least outstanding requests takes the most loaded target",
        file: ROTATION,
        old: "self
            .buckets
            .iter()
            .find(|bucket| !bucket.is_empty())",
        new: "self.buckets.iter().rfind(|bucket| !bucket.is_empty())",
    },
    Fault {
        name: "fail_open_dropped",
        breaks: "an ALB node never fails open",
        file: ROTATION,
        old: "self.minimum.is_missed_by(self.healthy.len(), self.known())",
        new: "false",
    },
    Fault {
        name: "slow_start_ignored",
        breaks: "a new target takes its full share at once",
        file: RULES,
        old: "scenario.target_group.slow_start.as_ns()",
        new: "0",
    },
    Fault {
        name: "dns_without_cache",
        breaks: "clients never use an old answer of DNS",
        file: "sim-core/src/traffic/dns.rs",
        old: "self.cache_age.next_u64() % self.ttl",
        new: "0",
    },
    Fault {
        name: "weight_not_cut",
        breaks: "anomaly mitigation leaves the weight as it is",
        file: "sim-core/src/traffic/mitigation.rs",
        old: "weight.is_none_or(|weight| self.draws.routing.below(FULL) < *weight)",
        new: "true",
    },
    Fault {
        name: "kube_proxy_first_pod",
        breaks: "kube-proxy always forwards to its first pod",
        file: "sim-core/src/traffic/proxies.rs",
        old: "self.choice.below(count) as usize",
        new: "0",
    },
];
