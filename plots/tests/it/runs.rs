//! Figures from runs of the model.

use plots::outcomes::Outcomes;
use plots::race_window::RaceWindow;
use plots::timeline::{RaceTimeline, Reach, Step};
use plots::{Figure, Picture, PlotError};
use sim_core::outcome::Status;
use sim_core::rng::Seed;
use sim_core::scenario::{Scenario, disruption, workload};
use sim_core::summary::RunSummary;
use sim_core::time::SimDuration;
use sim_core::trace::{TraceLevel, TraceRecord};

/// Twelve pods, four of which go at 60 s.
fn scale_in(pre_stop: Option<u64>) -> (RunSummary, Vec<TraceRecord>) {
    let mut scenario = Scenario::default();
    scenario.workload.open_loop = Some(workload::OpenLoop::default());
    scenario.pod.pre_stop.sleep = pre_stop.map(SimDuration::from_secs);
    scenario.disruptions.push(disruption::Disruption {
        at: SimDuration::from_secs(60),
        scale: Some(disruption::Scale {
            replicas: Some(8),
            schedule: None,
        }),
        ..disruption::Disruption::default()
    });
    let mut trace = Vec::new();
    let summary = sim_core::world::run(&scenario, Seed(1), 0, TraceLevel::Failures, &mut trace);
    (summary, trace)
}

#[test]
fn every_deleted_pod_has_a_lane_whose_failures_lie_in_its_race() {
    let (summary, trace) = scale_in(None);
    let figure = RaceTimeline::from_trace("t", "", &trace, 12);
    assert_eq!(figure.lanes.len(), 4);
    let alb_nodes = figure.lanes[0].choosers.len();
    assert!(alb_nodes >= 2, "{alb_nodes} ALB nodes");
    let mut failures = 0;
    for lane in &figure.lanes {
        assert!(
            (60.0..61.0).contains(&lane.deleted_s),
            "{} at {}",
            lane.name,
            lane.deleted_s
        );
        let serving_ends = lane
            .states
            .iter()
            .find(|(span, reach)| *reach != Reach::Serving && span.from_s >= 0.0);
        let serving_ends = serving_ends.expect("it stops serving").0.from_s;
        let last_choice = lane
            .choosers
            .iter()
            .flat_map(|chooser| &chooser.chooses)
            .map(|span| span.to_s);
        let last_choice = last_choice.fold(0.0, f64::max);
        for failure in &lane.failures {
            // In flight at the end, or sent in the race window; a second covers service and network.
            let in_race = (serving_ends - 1.0..=last_choice).contains(&failure.at_s);
            assert!(
                in_race,
                "{}: {failure:?} is outside of {serving_ends} to {last_choice}",
                lane.name
            );
        }
        failures += lane.failures.len();
        let steps: Vec<Step> = lane.steps.iter().map(|(_, step)| *step).collect();
        assert!(
            steps.contains(&Step::Sigterm) && steps.contains(&Step::Deregistered),
            "{steps:?}"
        );
    }
    let failed =
        summary.status_counts[Status::BadGateway as usize] + summary.status_counts[Status::GatewayTimeout as usize];
    assert_eq!(
        u64::try_from(failures),
        Ok(failed),
        "every failure of this run is one of the race"
    );
    figure.draw(&Picture::default()).expect("a run can be drawn");
}

#[test]
fn a_long_pre_stop_leaves_no_failure() {
    let (_, trace) = scale_in(Some(28));
    let figure = RaceTimeline::from_trace("t", "", &trace, 2);
    assert_eq!(figure.lanes.len(), 2, "as many as were asked for");
    for lane in &figure.lanes {
        assert!(lane.failures.is_empty());
        let last_choice = lane
            .choosers
            .iter()
            .flat_map(|chooser| &chooser.chooses)
            .map(|span| span.to_s);
        assert!(last_choice.fold(0.0, f64::max) < 28.0);
    }
}

#[test]
fn a_trace_without_deletions_is_refused_and_not_drawn_empty() {
    let figure = RaceTimeline::from_trace("t", "", &[], 12);
    let field = "lanes".to_owned();
    assert_eq!(figure.draw(&Picture::default()), Err(PlotError::Empty { field }));
}

#[test]
fn means_over_runs_add_up_to_what_was_counted() {
    let (summary, _) = scale_in(None);
    let counted = u32::try_from(summary.requests_count()).expect("a small run");
    let figure = Outcomes::from_summaries("t", "", &[summary.clone(), summary]);
    let drawn: f64 = figure
        .seconds
        .iter()
        .map(|second| {
            second.ok
                + second.target_error_500
                + second.bad_gateway_502
                + second.service_unavailable_503
                + second.gateway_timeout_504
                + second.client_closed_460
                + second.other
        })
        .sum();
    assert!(
        (drawn - f64::from(counted)).abs() < 0.5,
        "{drawn} drawn, {counted} counted"
    );
    assert_eq!(figure.disruptions.len(), 1);
    assert!((figure.disruptions[0].at_s - 60.0).abs() < 1e-9 && figure.disruptions[0].name == "scale");
    assert!((figure.pods[30].serving - 12.0).abs() < 1e-9 && figure.pods.len() == figure.seconds.len());
    figure.draw(&Picture::default()).expect("a run can be drawn");
}

#[test]
fn hops_of_a_race_add_up_to_its_removal() {
    let (summary, _) = scale_in(Some(5));
    let figure = RaceWindow::from_races("t", "", &summary.race, Some(5.0));
    let hops: f64 = figure.hops.iter().map(|hop| hop.mean_s).sum();
    let mean = sim_core::stats::seconds(summary.race.removal.mean());
    assert!((hops - mean).abs() < 1e-6 && mean > 0.0, "{hops} and {mean}");
    figure.draw(&Picture::default()).expect("a run can be drawn");
    let none = RaceWindow::from_races("t", "", &sim_core::summary::RaceSamples::default(), None);
    let field = "removal_s".to_owned();
    assert_eq!(none.draw(&Picture::default()), Err(PlotError::Empty { field }));
}

#[test]
fn no_runs_are_refused() {
    let figure = Outcomes::from_summaries("t", "", &[]);
    let field = "seconds".to_owned();
    assert_eq!(figure.draw(&Picture::default()), Err(PlotError::Empty { field }));
}
