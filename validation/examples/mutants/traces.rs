//! A few scenarios with the latencies of the default profile, for the behaviours and the rules that any trace obeys.

use std::collections::BTreeSet;

use sim_core::check::Checker;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::disruption::{Disruption, NodeDrain, PodCrash, Rollout, Scale};
use sim_core::scenario::pod::Probe;
use sim_core::scenario::value::{IntOrPercent, Limit};
use sim_core::scenario::workload::{OpenLoop, Profile};
use sim_core::time::SimDuration;
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};
use validation::conformance::{Behaviour, Conformance};

/// Number of scenarios.
pub(crate) const COUNT: usize = 6;

const fn secs(count: u64) -> SimDuration {
    SimDuration::from_secs(count)
}

/// Twelve pods, 200 requests/s.
fn fleet(disruption: Disruption) -> Scenario {
    let mut scenario = Scenario {
        horizon: secs(300),
        ..Scenario::default()
    };
    scenario.cluster.nodes = 6;
    scenario.deployment.replicas = 12;
    scenario.app.keep_alive_timeout = Limit::At(secs(5));
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(200),
        ..OpenLoop::default()
    });
    scenario.disruptions = vec![Disruption {
        at: secs(30),
        ..disruption
    }];
    scenario
}

fn gated_rollout() -> Scenario {
    let mut scenario = fleet(Disruption {
        rollout: Some(Rollout {}),
        ..Disruption::default()
    });
    scenario.deployment.max_unavailable = IntOrPercent::Int(0);
    scenario.pod.readiness_gate = true;
    scenario.pod.readiness_probe = Some(Probe {
        period: secs(5),
        ..Probe::default()
    });
    scenario
}

fn scenario(index: usize) -> Scenario {
    let mut scenario = match index {
        0..=2 => gated_rollout(),
        3 => fleet(Disruption {
            node_drain: Some(NodeDrain::default()),
            ..Disruption::default()
        }),
        4 => fleet(Disruption {
            scale: Some(Scale {
                replicas: Some(4),
                schedule: None,
            }),
            ..Disruption::default()
        }),
        _ => fleet(Disruption {
            pod_crash: Some(PodCrash { pods: 3 }),
            ..Disruption::default()
        }),
    };
    match index {
        1 => {
            scenario.app.sigterm = SigtermMode::Ignored;
            scenario.pod.termination_grace_period = secs(5);
        }
        2 => {
            scenario.app.sigterm = SigtermMode::Ignored;
            scenario.pod.pre_stop.sleep = Some(secs(20));
            scenario.pod.termination_grace_period = secs(10);
        }
        3 => scenario.pod.pre_stop.sleep = Some(secs(20)),
        4 => scenario.app.sigterm = SigtermMode::DieNow,
        _ => {}
    }
    scenario
}

/// Names of the behaviours and rules that the trace of one scenario breaks.
pub(crate) fn broken(index: usize, seed: Seed) -> BTreeSet<&'static str> {
    let scenario = scenario(index);
    let mut sink = Watched {
        conformance: Conformance::new(&scenario, SimDuration::ZERO),
        checker: Checker::new(&scenario, TraceLevel::All),
    };
    let summary = sim_core::world::run(&scenario, seed, 0, TraceLevel::All, &mut sink);
    let occasions = sink.conformance.finish();
    let behaviours = Behaviour::ALL
        .iter()
        .filter(|behaviour| occasions.of(**behaviour).1 > 0);
    let violations = sink.checker.finish(&summary);
    let rules = violations.iter().map(|violation| violation.rule.name());
    behaviours.map(|behaviour| behaviour.name()).chain(rules).collect()
}

struct Watched<'a> {
    conformance: Conformance<'a>,
    checker: Checker,
}

impl TraceSink for Watched<'_> {
    fn record(&mut self, record: TraceRecord) {
        self.checker.record(record.clone());
        self.conformance.record(record);
    }
}
