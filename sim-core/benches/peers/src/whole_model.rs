//! Our whole model, set up so that the same happens: pools, ALB nodes, health checks and pods come on top.

use sim_core::dist::Dist;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, PodCrash};
use sim_core::scenario::workload::{Profile, Sessions, Step};
use sim_core::time::SimDuration;
use sim_core::trace::{TraceLevel, TraceRecord};

use crate::work::{DEATH_NS, HORIZON_NS, MEAN_SERVICE, MEAN_THINK, REVIVAL_NS, SERVERS, SESSIONS, Tally};

pub fn run(seed: u64) -> Tally {
    let mut nobody: Vec<TraceRecord> = Vec::new();
    let summary = sim_core::world::run(&scenario(), Seed(seed), 0, TraceLevel::Off, &mut nobody);
    Tally {
        requests: summary.requests_count(),
        failures: summary.five_xx_count(),
        latency: summary.latency,
    }
}

fn scenario() -> Scenario {
    let mut scenario = Scenario {
        horizon: SimDuration::from_ns(HORIZON_NS),
        ..Scenario::default()
    };
    scenario.deployment.replicas = SERVERS as u32;
    scenario.cluster.nodes = 40;
    scenario.network.rtt_same_zone = Dist::ZERO;
    scenario.network.rtt_cross_zone = Dist::ZERO;
    scenario.app.service_time = Dist::Exponential { mean: MEAN_SERVICE };
    scenario.workload.sessions = Some(Sessions {
        count: Profile::Constant(u64::from(SESSIONS)),
        steps: vec![Step {
            request: "request".into(),
            think: Dist::Exponential { mean: MEAN_THINK },
        }],
        ..Sessions::default()
    });
    // A fifth of the processes die and are back after 15 s; nothing notices before, so the targets stay in rotation.
    scenario.app.restart_delay = SimDuration::from_ns(REVIVAL_NS - DEATH_NS).into();
    scenario.app.start_up = Dist::ZERO;
    scenario.pod.readiness_probe = None;
    scenario.service.publish_not_ready_addresses = true;
    scenario.target_group.health_check.unhealthy_threshold = 10;
    scenario.disruptions.push(Disruption {
        at: SimDuration::from_ns(DEATH_NS),
        pod_crash: Some(PodCrash {
            pods: SERVERS as u32 / 5,
        }),
        ..Disruption::default()
    });
    scenario
}
