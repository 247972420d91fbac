//! What nobody knows for certain: the settings that `--sensitivity` varies, with their ranges.
//!
//! A range is that of the fact sheets where they give one; the middle is the scenario's own value, whose shape a
//! distribution keeps: all its times are stretched by the same factor.

use serde_json::Value as Json;
use sim_core::dist::Dist;
use sim_core::time::SimDuration;

use super::vary::{Factor, Levels, Range, Shape, Unit};
use crate::scenario_file::Loaded;

/// A setting and its range.
struct Uncertain {
    path: &'static str,
    /// Median of a distribution, or the value itself.
    from: &'static str,
    to: &'static str,
    /// Section of the fact sheets, or "estimate".
    source: &'static str,
}

/// In the order of the removal's hops, then of the pod's end, then of its start.
const UNCERTAIN: &[Uncertain] = &[
    Uncertain {
        path: "elbv2.deregister_propagation",
        from: "3s",
        to: "20s",
        source: "alb §5.1",
    },
    Uncertain {
        path: "elbv2.deregister_latency",
        from: "30ms",
        to: "500ms",
        source: "lbc §10",
    },
    Uncertain {
        path: "load_balancer_controller.watch_latency",
        from: "20ms",
        to: "1s",
        source: "lbc §10",
    },
    Uncertain {
        path: "load_balancer_controller.reconcile_time",
        from: "10ms",
        to: "300ms",
        source: "lbc §10",
    },
    Uncertain {
        path: "load_balancer_controller.describe_latency",
        from: "30ms",
        to: "500ms",
        source: "lbc §10",
    },
    Uncertain {
        path: "api_server.watch_latency",
        from: "5ms",
        to: "1s",
        source: "kubernetes §8",
    },
    Uncertain {
        path: "kubelet.sigterm_delivery",
        from: "5ms",
        to: "100ms",
        source: "kubernetes §8",
    },
    Uncertain {
        path: "kubelet.sandbox_teardown",
        from: "100ms",
        to: "2s",
        source: "nodes §4.5",
    },
    Uncertain {
        path: "kubelet.pod_start",
        from: "1s",
        to: "10s",
        source: "estimate",
    },
    Uncertain {
        path: "elbv2.register_propagation",
        from: "1s",
        to: "30s",
        source: "lbc §10",
    },
    Uncertain {
        path: "app.start_up",
        from: "500ms",
        to: "30s",
        source: "estimate",
    },
    Uncertain {
        path: "app.service_time",
        from: "5ms",
        to: "200ms",
        source: "estimate",
    },
    Uncertain {
        path: "network.dead_ip_silent",
        from: "0",
        to: "1",
        source: "nodes §4.4",
    },
];

/// The factors of a scenario, and what their ranges rest on.
pub(crate) fn factors(loaded: &Loaded) -> Vec<(Factor, &'static str)> {
    UNCERTAIN
        .iter()
        .map(|uncertain| (factor(uncertain, loaded), uncertain.source))
        .collect()
}

fn factor(uncertain: &Uncertain, loaded: &Loaded) -> Factor {
    let pointer = format!("/{}", uncertain.path.replace('.', "/"));
    let json = loaded
        .resolved
        .pointer(&pointer)
        .expect("the list has paths of scenarios");
    match (
        uncertain.from.parse::<SimDuration>(),
        uncertain.to.parse::<SimDuration>(),
    ) {
        (Ok(from), Ok(to)) => Factor {
            path: uncertain.path.to_owned(),
            levels: Levels::Range(Range::durations(from, to)),
            unit: Unit::Seconds,
            shape: Some(shape(json)),
        },
        _ => Factor {
            path: uncertain.path.to_owned(),
            levels: Levels::Range(Range::numbers(0, 1_000_000)),
            unit: Unit::Number,
            shape: None,
        },
    }
}

fn shape(json: &Json) -> Shape {
    let dist: Dist = serde_json::from_value(json.clone()).expect("the list has distributions");
    Shape {
        json: json.clone(),
        median: dist.quantile(0.5),
    }
}
