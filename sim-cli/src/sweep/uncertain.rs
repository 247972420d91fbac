//! What nobody knows for certain: the settings that `--sensitivity` varies, with their ranges.
//!
//! A range is that of the fact sheets where they give one, made wider where the scenario's own value lies outside. Of a
//! distribution it is the median that is drawn; all its times are stretched by the same factor, so that it keeps its
//! shape.

use serde_json::Value as Json;
use sim_core::dist::Dist;
use sim_core::time::SimDuration;

use super::vary::{Basis, Factor, Levels, Range, Shape, Unit};
use crate::scenario_file::Loaded;

/// A setting and its range.
struct Uncertain {
    path: &'static str,
    ends: Ends,
    /// What the range rests on: a section of the fact sheets, or "estimate".
    source: &'static str,
    /// How to find the value of one's own cluster.
    measure: &'static str,
}

/// The ends of a range.
enum Ends {
    /// Of a distribution's median.
    Between(&'static str, &'static str),
    /// From a quarter of the scenario's own median to four times as much, for what its author knows best.
    AroundOwn,
    /// 0 and 1.
    AnyProbability,
}

/// In the order of the removal's hops, then of the pod's end, then of its start.
const UNCERTAIN: &[Uncertain] = &[
    Uncertain {
        path: "elbv2.deregister_propagation",
        ends: Ends::Between("3s", "20s"),
        source: "alb §5.1: field traces; AWS documents 0 s",
        measure: "remove a pod under load; from `DeregisterTargets` in CloudTrail to the last request to its address in the ALB's access log",
    },
    Uncertain {
        path: "elbv2.deregister_latency",
        ends: Ends::Between("30ms", "500ms"),
        source: "lbc §10: one sample, 41 ms",
        measure: "the controller's metric `aws_api_call_duration_seconds{operation=\"DeregisterTargets\"}`",
    },
    Uncertain {
        path: "load_balancer_controller.watch_latency",
        ends: Ends::Between("20ms", "1s"),
        source: "lbc §10: estimate",
        measure: "from the EndpointSlice's write in the API server's audit log to the start of the reconcile in the controller's log",
    },
    Uncertain {
        path: "load_balancer_controller.reconcile_time",
        ends: Ends::Between("10ms", "300ms"),
        source: "lbc §10: estimate",
        measure: "the controller's metric `awslbc_controller_reconcile_stage_duration`",
    },
    Uncertain {
        path: "load_balancer_controller.describe_latency",
        ends: Ends::Between("30ms", "500ms"),
        source: "lbc §10: estimate",
        measure: "the controller's metric `aws_api_call_duration_seconds{operation=\"DescribeTargetHealth\"}`",
    },
    Uncertain {
        path: "api_server.watch_latency",
        ends: Ends::Between("5ms", "100ms"),
        source: "kubernetes §8: p99 of up to 1 s",
        measure: "from a pod's deletion in the API server's audit log to `SyncLoop DELETE` in the kubelet's log",
    },
    Uncertain {
        path: "kubelet.sigterm_delivery",
        ends: Ends::Between("5ms", "100ms"),
        source: "kubernetes §8: estimate",
        measure: "the kubelet's metric `kubelet_runtime_operations_duration_seconds{operation_type=\"stop_container\"}`, of a server that exits at once",
    },
    Uncertain {
        path: "kubelet.sandbox_teardown",
        ends: Ends::Between("100ms", "2s"),
        source: "nodes §4.5: typical",
        measure: "the kubelet's metric `kubelet_runtime_operations_duration_seconds{operation_type=\"stop_podsandbox\"}`",
    },
    Uncertain {
        path: "kubelet.pod_start",
        ends: Ends::Between("1s", "10s"),
        source: "estimate; kubernetes §8: p99 below 5 s",
        measure: "from a pod's `creationTimestamp` to `state.running.startedAt` of its containers",
    },
    Uncertain {
        path: "elbv2.register_propagation",
        ends: Ends::Between("1s", "30s"),
        source: "lbc §10: estimate",
        measure: "from `RegisterTargets` in CloudTrail to the first health check in the pod's own log",
    },
    Uncertain {
        path: "app.start_up",
        ends: Ends::AroundOwn,
        source: "estimate: a quarter to 4 times here",
        measure: "from the start of the process to its first answer, in the application's log",
    },
    Uncertain {
        path: "app.service_time",
        ends: Ends::AroundOwn,
        source: "estimate: a quarter to 4 times here",
        measure: "`TargetResponseTime` in CloudWatch, without load",
    },
    Uncertain {
        path: "network.dead_ip_silent",
        ends: Ends::AnyProbability,
        source: "nodes §4.4: not documented",
        measure: "`HTTPCode_ELB_504_Count` against `HTTPCode_ELB_502_Count` while pods go away",
    },
];

/// The factors of a scenario. What its scenario has at zero, and is varied around that, is no factor.
pub(crate) fn factors(loaded: &Loaded) -> Vec<Factor> {
    UNCERTAIN
        .iter()
        .filter_map(|uncertain| factor(uncertain, loaded))
        .collect()
}

fn factor(uncertain: &Uncertain, loaded: &Loaded) -> Option<Factor> {
    let json = value(loaded, uncertain.path).expect("the list has paths of scenarios");
    let factor = |levels, unit, shape| Factor {
        path: uncertain.path.to_owned(),
        levels: Levels::Range(levels),
        unit,
        shape,
        own: None,
        basis: Some(Basis {
            source: uncertain.source,
            measure: uncertain.measure,
        }),
    };
    let (from, to) = match uncertain.ends {
        Ends::AnyProbability => {
            return Some(factor(Range::numbers(0, 1_000_000), Unit::Number, None));
        }
        Ends::Between(from, to) => (time(from), time(to)),
        Ends::AroundOwn => {
            let own = median(json);
            (
                SimDuration::from_ns(own.as_ns() / 4),
                SimDuration::from_ns(four_times(own)),
            )
        }
    };
    let own = median(json);
    let range = Range::durations(from.min(own), to.max(own));
    let shape = Shape {
        json: json.clone(),
        median: own,
    };
    (from < to).then(|| factor(range, Unit::Seconds, Some(shape)))
}

/// What a scenario has at a path of `--set`.
fn value<'l>(loaded: &'l Loaded, path: &str) -> Option<&'l Json> {
    let pointer = path.replace(['.', '['], "/").replace(']', "");
    loaded.resolved.pointer(&format!("/{pointer}"))
}

/// The same for people: of a distribution its median, to the microsecond.
pub(crate) fn own(loaded: &Loaded, path: &str) -> String {
    match value(loaded, path) {
        None | Some(Json::Null) => "not set".to_owned(),
        Some(Json::String(text)) => text.clone(),
        Some(json) => match serde_json::from_value::<Dist>(json.clone()) {
            Ok(dist) => SimDuration::from_ns((dist.quantile(0.5).as_ns() + 500) / 1000 * 1000).to_string(),
            Err(_) => json.to_string(),
        },
    }
}

/// As far as a range reaches.
fn four_times(own: SimDuration) -> u64 {
    own.as_ns().saturating_mul(4).min(i64::MAX.unsigned_abs())
}

fn time(text: &str) -> SimDuration {
    text.parse().expect("the list has durations")
}

fn median(json: &Json) -> SimDuration {
    let dist: Dist = serde_json::from_value(json.clone()).expect("the list has distributions");
    dist.quantile(0.5)
}

#[cfg(test)]
mod tests {
    use super::super::vary::Level;
    use super::*;
    use crate::scenario_file::builtin::{PROFILES, SCENARIOS};
    use crate::scenario_file::{self, load};

    /// The levels at both ends of the range.
    fn ends(factor: &Factor) -> [Level; 2] {
        [factor.at(0.0), factor.at(1.0 - f64::EPSILON)]
    }

    fn factors_of(scenario: &str, profile: &str) -> Vec<Factor> {
        factors(&load(scenario, Some(profile), &[]).expect("built in"))
    }

    #[test]
    fn every_end_of_every_range_is_a_scenario() {
        for scenario in SCENARIOS {
            let factors = factors(&load(scenario.name, None, &[]).expect("built in"));
            for end in 0..2 {
                let set = |factor: &Factor| format!("{}={}", factor.path, ends(factor)[end].text);
                let sets: Vec<String> = factors.iter().map(set).collect();
                scenario_file::decode(scenario.name, None, &sets).expect("in range");
            }
        }
    }

    #[test]
    fn a_range_holds_the_value_of_any_profile() {
        let mut wider = 0;
        for profile in PROFILES {
            for (factor, uncertain) in factors_of("rollout", profile.name).iter().zip(UNCERTAIN) {
                let Ends::Between(from, to) = uncertain.ends else {
                    continue;
                };
                let own = factor.shape.as_ref().expect("a distribution").median;
                let [low, high] = ends(factor).map(|end| end.number.expect("a number"));
                let seconds = sim_core::stats::seconds;
                assert!(low <= seconds(own) && seconds(own) <= high + 0.001, "{}", factor.path);
                wider += u32::from(!(time(from)..=time(to)).contains(&own));
            }
        }
        // Both propagations of `documented`, the sandbox of `eks-2022-docker`.
        assert_eq!(wider, 3);
    }

    #[test]
    fn what_takes_no_time_in_the_scenario_varies_all_the_same() {
        let factors = factors_of("rollout", "documented");
        let propagation = &factors[0];
        assert_eq!(propagation.path, "elbv2.deregister_propagation");
        let [low, high] = ends(propagation);
        assert_eq!((low.text.as_str(), high.text.as_str()), ("\"0s\"", "\"19.999s\""));
        let loaded = load("rollout", None, &["app.start_up=0s".to_owned()]).expect("valid");
        assert_eq!(super::factors(&loaded).len(), UNCERTAIN.len() - 1, "four times nothing");
    }
}
