//! The same figures from runs of the model.

use plots::Figure;
use plots::distribution::Distribution;
use plots::latency::{LatencyEcdf, Series};
use plots::outcomes::Outcomes;
use plots::race_window::RaceWindow;
use plots::timeline::RaceTimeline;
use sim_core::rng::Seed;
use sim_core::scenario::disruption::{Disruption, Rollout, Scale};
use sim_core::scenario::{Scenario, workload};
use sim_core::stats::LatencyHistogram;
use sim_core::summary::{RaceSamples, RunSummary};
use sim_core::time::SimDuration;
use sim_core::trace::{TraceLevel, TraceRecord};

/// Replications of each scenario.
const REPLICATIONS: u32 = 10;

/// A fleet of 40 that is scaled in by half and then replaced.
fn scenario(pre_stop: Option<u64>) -> Scenario {
    let mut scenario = Scenario::default();
    scenario.deployment.replicas = 40;
    scenario.workload.open_loop = Some(workload::OpenLoop {
        rate: workload::Profile::Constant(400),
        ..workload::OpenLoop::default()
    });
    scenario.pod.pre_stop.sleep = pre_stop.map(SimDuration::from_secs);
    scenario.disruptions = vec![
        Disruption {
            at: SimDuration::from_secs(60),
            scale: Some(Scale {
                replicas: Some(20),
                schedule: None,
            }),
            ..Disruption::default()
        },
        Disruption {
            at: SimDuration::from_secs(240),
            rollout: Some(Rollout {}),
            ..Disruption::default()
        },
    ];
    scenario
}

/// All replications, and the trace of the first.
fn runs(scenario: &Scenario) -> (Vec<RunSummary>, Vec<TraceRecord>) {
    let mut trace = Vec::new();
    let runs = (0..REPLICATIONS).map(|replication| {
        let mut records: Vec<TraceRecord> = Vec::new();
        let run = sim_core::world::run(scenario, Seed(1), replication, TraceLevel::Failures, &mut records);
        if replication == 0 {
            trace = records;
        }
        run
    });
    (runs.collect(), trace)
}

/// Figures with the names of their files.
pub(crate) fn all() -> Vec<(&'static str, Box<dyn Figure>)> {
    let (before, trace) = runs(&scenario(None));
    let (after, _) = runs(&scenario(Some(10)));
    let subtitle = format!("40 pods → 20 at 60 s, rollout at 240 s; {REPLICATIONS} replications, seed 1");
    let latency = |runs: &[RunSummary]| {
        let mut all = LatencyHistogram::new();
        for run in runs {
            all.merge(&run.latency);
        }
        Distribution::from_histogram(&all)
    };
    let series = |name: &str, runs: &[RunSummary]| Series {
        name: name.to_owned(),
        latency_s: latency(runs),
    };
    let mut race = RaceSamples::default();
    for run in &after {
        race.merge(&run.race);
    }
    vec![
        (
            "real_outcomes",
            Box::new(Outcomes::from_summaries(
                "Outcomes without preStop",
                subtitle.clone(),
                &before,
            )),
        ),
        (
            "real_timeline",
            Box::new(RaceTimeline::from_trace(
                "Race timeline without preStop",
                subtitle.clone(),
                &trace,
                12,
            )),
        ),
        (
            "real_race_window",
            Box::new(RaceWindow::from_races(
                "Race window with a preStop sleep of 10 s",
                subtitle.clone(),
                &race,
                Some(10.0),
            )),
        ),
        (
            "real_latency",
            Box::new(LatencyEcdf {
                title: "Latency from issue to answer".into(),
                subtitle,
                series: vec![series("no preStop", &before), series("preStop sleep 10 s", &after)],
                stretch_tail: true,
            }),
        ),
    ]
}
