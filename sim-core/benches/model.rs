//! The full model: what one request, one rollout and the headline scenario cost.
//!
//! `cargo bench -p sim-core` prints the time of each run; divide by the requests that its name gives. Under
//! `cargo test` every benchmark runs with a short horizon, so that it cannot rot.

use sim_core::dist::Dist;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, Rollout, Scale};
use sim_core::scenario::preset::Preset;
use sim_core::scenario::workload::{OpenLoop, Profile, Sessions, Step};
use sim_core::time::SimDuration;
use sim_core::trace::{TraceLevel, TraceRecord};
use sim_core::world::run;

fn main() {
    divan::main();
}

/// Short under `cargo test`, the real length under `cargo bench`.
fn seconds(full: u64) -> SimDuration {
    SimDuration::from_secs(if cfg!(debug_assertions) { 2 } else { full })
}

/// Requests of one run; the number is returned, so that nothing is optimised away.
fn requests(scenario: &Scenario) -> u64 {
    let mut nothing: Vec<TraceRecord> = Vec::new();
    run(scenario, Seed(1), 0, TraceLevel::Off, &mut nothing).requests_count()
}

fn fleet(nodes: u32, replicas: u32) -> Scenario {
    let mut scenario = Scenario::default();
    scenario.cluster.nodes = nodes;
    scenario.cluster.instance_type = "t4g.xlarge".into();
    scenario.deployment.replicas = replicas;
    scenario.app.service_time = Dist::Exponential {
        mean: SimDuration::from_millis(50),
    };
    scenario
}

fn step(name: &str, think: Dist) -> Step {
    Step {
        request: name.into(),
        think,
    }
}

/// 1000 sessions that think for Exp(1 s), 600 pods, one simulated hour: about 3.43 million requests.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn closed_loop_3_43_million_requests(bencher: divan::Bencher<'_, '_>) {
    let mut scenario = fleet(30, 600);
    scenario.horizon = seconds(3600);
    let think = Dist::Exponential {
        mean: SimDuration::from_secs(1),
    };
    scenario.workload.sessions = Some(Sessions {
        count: Profile::Constant(1000),
        steps: vec![step("request", think)],
        ..Sessions::default()
    });
    bencher.bench(|| requests(&scenario));
}

/// 50 000 requests/s on 5000 pods for 60 s: 3 million requests.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn open_loop_3_million_requests(bencher: divan::Bencher<'_, '_>) {
    let mut scenario = fleet(250, 5000);
    scenario.horizon = seconds(60);
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(50_000),
        ..OpenLoop::default()
    });
    bencher.bench(|| requests(&scenario));
}

/// A rollout of 5000 pods without traffic: the control plane alone.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn rollout_of_5000_pods(bencher: divan::Bencher<'_, '_>) {
    let mut scenario = fleet(250, 5000);
    scenario.horizon = seconds(3600);
    let at = SimDuration::from_secs(1);
    scenario.disruptions = vec![Disruption {
        at,
        rollout: Some(Rollout {}),
        ..Disruption::default()
    }];
    bencher.bench(|| requests(&scenario));
}

/// The published headline: 600 pods, 1000 sessions, one scale-down to 380; about 58 thousand requests.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn headline_before(bencher: divan::Bencher<'_, '_>) {
    let mut scenario = fleet(30, 600);
    scenario.horizon = seconds(300);
    scenario.app = Preset::DjangoRunserver.app();
    let constant = |seconds| Dist::Constant(SimDuration::from_secs(seconds));
    let steps = vec![step("todays_orders", constant(0)), step("new_order", constant(10))];
    scenario.workload.sessions = Some(Sessions {
        count: Profile::Constant(1000),
        steps,
        ..Sessions::default()
    });
    let scale = Some(Scale {
        replicas: Some(380),
        schedule: None,
    });
    scenario.disruptions = vec![Disruption {
        at: SimDuration::from_secs(1),
        scale,
        ..Disruption::default()
    }];
    bencher.bench(|| requests(&scenario));
}
