//! The scenarios that are measured.

use sim_core::dist::Dist;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, Rollout, Scale};
use sim_core::scenario::karpenter::Karpenter;
use sim_core::scenario::pod::{HealthPath, Probe};
use sim_core::scenario::preset::Preset;
use sim_core::scenario::workload::{OpenLoop, Profile, Sessions, Step};
use sim_core::time::SimDuration;

const fn secs(secs: u64) -> SimDuration {
    SimDuration::from_secs(secs)
}

fn fleet(name: &str, pods: u32, horizon: SimDuration) -> Scenario {
    let mut scenario = Scenario {
        name: name.into(),
        horizon,
        ..Scenario::default()
    };
    scenario.deployment.replicas = pods;
    scenario.cluster.instance_type = "m5.xlarge".into();
    // 56 pods fit on each; room for a surge of a quarter.
    scenario.cluster.nodes = pods / 40 + 3;
    scenario
}

/// 1000 sessions with exponential think times of 1 s on 600 pods.
pub(crate) fn closed_loop(horizon: SimDuration) -> Scenario {
    let mut scenario = fleet("closed loop", 600, horizon);
    scenario.workload.sessions = Some(Sessions {
        count: Profile::Constant(1000),
        steps: vec![Step {
            request: "request".into(),
            think: Dist::Exponential { mean: secs(1) },
        }],
        ..Sessions::default()
    });
    scenario
}

/// 50 000 requests per second on 5000 pods.
pub(crate) fn open_loop(horizon: SimDuration) -> Scenario {
    let mut scenario = fleet("open loop", 5000, horizon);
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(50_000),
        ..OpenLoop::default()
    });
    scenario
}

/// Every one of 5000 pods is replaced; nobody sends requests.
pub(crate) fn rollout() -> Scenario {
    let mut scenario = fleet("rollout", 5000, secs(3600));
    // The upstream limit of 20 requests per second would stretch it over hours; the cost is that of 5000 replacements.
    scenario.controller_manager.client_qps = 1000;
    scenario.controller_manager.client_burst = 1000;
    scenario.disruptions.push(Disruption {
        at: secs(1),
        rollout: Some(Rollout {}),
        ..Disruption::default()
    });
    scenario
}

/// 20 000 requests per second on 5000 pods, of which 10 run on each of 500 nodes with room for 37; Karpenter takes nodes
/// away until they are full.
pub(crate) fn karpenter(horizon: SimDuration) -> Scenario {
    let mut scenario = fleet("karpenter", 5000, horizon);
    scenario.cluster.nodes = 500;
    scenario.pod.requests.cpu = "100m".parse().expect("a quantity");
    // The upstream limit of 20 requests per second would be all that is seen.
    scenario.controller_manager.client_qps = 1000;
    scenario.controller_manager.client_burst = 1000;
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(20_000),
        ..OpenLoop::default()
    });
    scenario.disruptions.push(Disruption {
        at: secs(1),
        karpenter: Some(Karpenter::default()),
        ..Disruption::default()
    });
    scenario
}

/// The built-in scenario `headline-before`: 600 pods become 380 under 1000 sessions.
pub(crate) fn headline_before() -> Scenario {
    let mut scenario = fleet("headline-before", 600, secs(300));
    scenario.cluster.nodes = 30;
    scenario.cluster.instance_type = "t4g.xlarge".into();
    scenario.pod.readiness_probe = Some(Probe {
        period: secs(3),
        initial_delay: secs(3),
        path: HealthPath::Shared,
        ..Probe::default()
    });
    scenario.app = Preset::DjangoRunserver.app();
    scenario.app.service_time = Dist::LogNormal {
        median: SimDuration::from_millis(40),
        p99: SimDuration::from_millis(400),
    };
    scenario.target_group.health_check.path = HealthPath::Shared;
    let step = |request: &str, think| Step {
        request: request.into(),
        think: Dist::Constant(think),
    };
    scenario.workload.sessions = Some(Sessions {
        count: Profile::Constant(1000),
        steps: vec![step("todays_orders", SimDuration::ZERO), step("new_order", secs(10))],
        ..Sessions::default()
    });
    scenario.disruptions.push(Disruption {
        at: secs(60),
        scale: Some(Scale {
            replicas: Some(380),
            schedule: None,
        }),
        ..Disruption::default()
    });
    scenario
}
