//! Invented results for tests: the headline, a drain without a failure, and a long day.

use sim_core::bottleneck::Bottleneck;
use sim_core::outcome::{Cause, Hop, Status};
use sim_core::scenario::Scenario;
use sim_core::summary::{DisruptionSummary, RunSummary, Termination};
use sim_core::time::{SimDuration, SimTime};

use super::{Report, report};
use crate::aggregate::Aggregate;
use crate::provenance::Provenance;

/// Replications of 600 pods scaled to 380 at 60 s: 220 of 600 targets are dead until the ALB lets go of them.
pub(crate) fn headline(replications: u32) -> Report {
    let scenario = scenario("headline", 120);
    let runs: Vec<RunSummary> = (0..replications).map(headline_run).collect();
    document(&scenario, &runs)
}

/// Nobody saw an error.
pub(crate) fn quiet() -> Report {
    let scenario = scenario("quiet", 60);
    let runs: Vec<RunSummary> = (0..3)
        .map(|replication| {
            let mut run = RunSummary::new(replication, scenario.horizon);
            add_seconds(&mut run, 0..60, 6_859);
            run
        })
        .collect();
    document(&scenario, &runs)
}

/// Twelve disruptions, of which two failed a few requests.
pub(crate) fn long_day() -> Report {
    let scenario = scenario("long-day", 7200);
    let mut run = RunSummary::new(0, scenario.horizon);
    add_seconds(&mut run, 0..7200, 100);
    add_failures(&mut run, 600, Cause::ClientGaveUp, Hop::None, 5);
    add_failures(&mut run, 601, Cause::NoRegisteredTarget, Hop::Registration, 2);
    for index in 0..12 {
        let failed = if index == 3 { 2 } else { 0 };
        run.disruptions.push(DisruptionSummary {
            at: SimTime::from_secs(600 * index),
            kind: "scale",
            pods_count: 1,
            status_counts: [60_000, 0, 0, 0, failed, 0, 0, 0],
            drain: SimDuration::from_secs(31),
        });
    }
    document(&scenario, &[run])
}

/// A dead zone whose ALB nodes take a third of the requests for a while.
pub(crate) fn lost_zone() -> Report {
    let scenario = scenario("lost-zone", 60);
    let mut run = RunSummary::new(0, scenario.horizon);
    add_seconds(&mut run, 0..60, 300);
    add_failures(&mut run, 20, Cause::AlbNodeUnreachable, Hop::None, 100);
    add_failures(&mut run, 21, Cause::SilentNode, Hop::HealthCheck, 50);
    document(&scenario, &[run])
}

/// No request at all.
pub(crate) fn idle() -> Report {
    let scenario = scenario("idle", 60);
    document(&scenario, &[RunSummary::new(0, scenario.horizon)])
}

fn scenario(name: &str, horizon_s: u64) -> Scenario {
    Scenario {
        name: String::from(name),
        horizon: SimDuration::from_secs(horizon_s),
        ..Scenario::default()
    }
}

fn document(scenario: &Scenario, runs: &[RunSummary]) -> Report {
    let mut aggregate = Aggregate::new();
    for run in runs {
        aggregate.add(run);
    }
    let provenance = Provenance {
        tool_version: String::from("0.0.0"),
        seed: 1,
        replications: u32::try_from(runs.len()).unwrap(),
        scenario_digest: String::from("0011223344556677"),
        scenario: scenario.name.clone(),
        profile: scenario.profile.clone(),
        command: format!("sim run {} --seed 1 --replications {}", scenario.name, runs.len()),
    };
    report(scenario, provenance, &aggregate, SimDuration::from_secs(5))
}

fn headline_run(replication: u32) -> RunSummary {
    let mut run = RunSummary::new(replication, SimDuration::from_secs(120));
    let wobble = u64::from(replication);
    add_seconds(&mut run, 0..120, 1000);
    for second in 62..74 {
        add_failures(&mut run, second, Cause::SilentPodIp, Hop::Propagation, 300 + wobble);
        add_failures(&mut run, second, Cause::RefusedProcessDead, Hop::Propagation, 40);
        add_failures(&mut run, second, Cause::RefusedProcessDead, Hop::Endpoints, 27);
        run.series[second].dead_target_ns = 220 * 3_000_000_000;
        run.series[second].rotation_target_ns = 600 * 3_000_000_000;
    }
    for pod in 0..220 {
        let ms = |base: u64, step: u64| SimDuration::from_millis(base + step * (pod + wobble));
        run.race.endpoints.push(ms(100, 5));
        run.race.kube_proxy.push(SimDuration::ZERO);
        run.race.controller.push(ms(250, 1));
        run.race.api_throttle.push(SimDuration::ZERO);
        run.race.propagation.push(ms(12_000, 10));
        run.race.removal.push(ms(12_350, 16));
        run.race.served.push(ms(40, 0));
        run.race.total.push(ms(12_310, 16));
    }
    run.termination = Termination {
        pods_count: 220,
        pod_time: SimDuration::from_millis(501_250),
        drain: SimDuration::from_secs(25),
    };
    run.disruptions.push(DisruptionSummary {
        at: SimTime::from_secs(60),
        kind: "scale",
        pods_count: 220,
        status_counts: run.status_counts,
        drain: SimDuration::from_secs(25),
    });
    run.observations.client_limited = SimDuration::from_millis(20_500);
    run.observations.stale_syncs = 20;
    let (waits, slice) = (&mut run.observations.waits, SimDuration::from_millis(450));
    waits.add(Bottleneck::ReplicaSetClient, SimDuration::from_millis(20_500));
    waits.add(Bottleneck::EndpointSliceClient, slice);
    let deregistrations = &mut run.observations.deregistrations;
    deregistrations.count = 220;
    deregistrations.slowest.add(Bottleneck::EndpointSliceClient, slice);
    run
}

/// The same number of requests in each of these seconds, all answered.
fn add_seconds(run: &mut RunSummary, seconds: std::ops::Range<usize>, requests: u32) {
    for second in seconds {
        run.series[second].status_counts[Status::Ok as usize] += requests;
        run.status_counts[Status::Ok as usize] += u64::from(requests);
        for request in 0..requests {
            run.latency
                .record(SimDuration::from_millis(20 + u64::from(request % 50)));
        }
    }
}

/// Turns answered requests of that second into failed ones.
fn add_failures(run: &mut RunSummary, second: usize, cause: Cause, hop: Hop, count: u64) {
    let status = cause.status() as usize;
    for _ in 0..count {
        run.series[second].status_counts[Status::Ok as usize] -= 1;
        run.status_counts[Status::Ok as usize] -= 1;
        run.series[second].status_counts[status] += 1;
        run.status_counts[status] += 1;
        run.causes.add(cause, hop);
    }
}
