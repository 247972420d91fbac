//! Values of metrics from what the events of a run gave.

use std::collections::BTreeMap;

use super::metric::{Codes, Metric};
use super::observe::{EventMeasures, Tally, Window};

/// What one run of one draw gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// Its events, in order.
    pub events: Vec<EventMeasures>,
    /// Length of the preStop hook, seconds.
    pub hook_s: f64,
}

/// The runs of one draw by label.
pub type Runs = BTreeMap<String, Measured>;

fn of(codes: Codes, tally: &Tally) -> u64 {
    let [c500, c502, c503, c504] = *tally;
    match codes {
        Codes::All5xx => c500 + c502 + c503 + c504,
        Codes::C502 => c502,
        Codes::C503 => c503,
        Codes::C504 => c504,
        // The model's clients always get an answer, unless an ALB node dies.
        Codes::ConnectionError => 0,
    }
}

/// Counts of requests and events are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let count = values.clone().count();
    (count > 0).then(|| values.sum::<f64>() / float(count as u64))
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| float(part) / float(whole))
}

/// The value of a metric that one run has, if it can be told from what happened.
pub fn value(metric: &Metric, run: &Measured) -> Option<f64> {
    let events = run.events.iter();
    let all = |of: fn(&EventMeasures) -> &Vec<f64>| events.clone().flat_map(move |event| of(event).iter().copied());
    let failures = |codes| events.clone().map(move |event| of(codes, &event.failures));
    let windows = || events.clone().filter_map(|event| event.window.as_ref());
    match metric {
        // Without any request nothing has been shown, not even that none fails.
        Metric::Count(_) | Metric::StartSide(_) if events.clone().all(|event| event.run_requests_count == 0) => None,
        Metric::Count(codes) => mean(failures(*codes).map(float)),
        Metric::StartSide(codes) => mean(events.clone().map(|event| float(of(*codes, &event.start_side)))),
        Metric::Fraction(codes) => share(
            failures(*codes).sum(),
            events.clone().map(|event| event.requests_count).sum(),
        ),
        Metric::FractionInWindow(codes) => {
            let share_of = |window: &Window| share(of(*codes, &window.failures), window.requests_count);
            mean(windows().filter_map(share_of))
        }
        Metric::Ratio(above, below) => share(failures(*above).sum(), failures(*below).sum()),
        Metric::ErrorWindow => mean(windows().map(|window| window.length_s)),
        Metric::ErrorWindowPerPod => mean(all(|event| &event.pod_windows_s)),
        Metric::Propagation => mean(all(|event| &event.propagation_s)),
        Metric::PropagationSd => standard_deviation(all(|event| &event.propagation_s)),
        Metric::PropagationTail => all(|event| &event.propagation_s).reduce(f64::max),
        Metric::ControllerLag => mean(all(|event| &event.controller_lag_s)),
        Metric::DrainingLifetime => mean(all(|event| &event.draining_s)),
        Metric::RegisterToFirstSuccess => mean(all(|event| &event.registration_s)),
        Metric::HealthCheckDetection => mean(all(|event| &event.detection_s)),
        // They compare runs, or are of something else.
        Metric::Reduction(_) | Metric::RatioToRun(..) | Metric::OfAnotherMechanism(_) => None,
    }
}

/// Of a sample: with `n - 1`.
fn standard_deviation(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let count = values.clone().count();
    let centre = mean(values.clone())?;
    let squares: f64 = values.map(|value| (value - centre).powi(2)).sum();
    (count > 1).then(|| (squares / float(count as u64 - 1)).sqrt())
}

/// All runs as if they were one.
pub fn pooled<'a>(runs: impl Iterator<Item = &'a Measured>) -> Measured {
    let mut all = Measured::default();
    for run in runs {
        all.events.extend(run.events.iter().cloned());
        all.hook_s = all.hook_s.max(run.hook_s);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(failures: Tally, requests_count: u64) -> EventMeasures {
        EventMeasures {
            failures,
            requests_count,
            run_requests_count: requests_count,
            ..EventMeasures::default()
        }
    }

    fn run(events: Vec<EventMeasures>) -> Measured {
        Measured { events, hook_s: 0.0 }
    }

    #[track_caller]
    fn check(name: &str, run: &Measured, expected: Option<f64>) {
        let metric = Metric::parse(name).expect("a metric");
        let found = value(&metric, run);
        let equal = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
            (found, expected) => found == expected,
        };
        assert!(equal, "{name}: {found:?} instead of {expected:?}");
    }

    #[test]
    fn counts_are_means_per_event_and_shares_those_of_all_requests() {
        let run = run(vec![event([0, 3, 1, 2], 100), event([1, 0, 0, 0], 300)]);
        check("502_count", &run, Some(1.5));
        check("5xx_count", &run, Some(3.5));
        check("5xx_fraction", &run, Some(7.0 / 400.0));
        check("ratio_504_to_502", &run, Some(2.0 / 3.0));
        check("ratio_502_to_503", &run, Some(3.0));
        check("conn_error_count", &run, Some(0.0));
    }

    #[test]
    fn windows_are_those_of_events_with_failures() {
        let mut first = event([0, 4, 0, 0], 1000);
        first.window = Some(Window {
            length_s: 12.0,
            failures: [0, 4, 0, 0],
            requests_count: 16,
        });
        first.pod_windows_s = vec![6.0, 10.0];
        let run = run(vec![first, event([0; 4], 1000)]);
        check("error_window_s", &run, Some(12.0));
        check("502_fraction_in_window", &run, Some(0.25));
        check("error_window_per_pod_s", &run, Some(8.0));
    }

    #[test]
    fn propagation_has_a_mean_a_spread_and_a_tail() {
        let mut first = event([0; 4], 1);
        first.propagation_s = vec![12.0, 14.0];
        let mut second = event([0; 4], 1);
        second.propagation_s = vec![16.0];
        let run = run(vec![first, second]);
        check("alb_dereg_propagation_s", &run, Some(14.0));
        check("alb_dereg_propagation_sd_s", &run, Some(2.0));
        check("propagation_tail_s", &run, Some(16.0));
    }

    #[test]
    fn nothing_is_made_up_where_nothing_happened() {
        let without_failures = run(vec![event([0; 4], 7)]);
        for name in [
            "error_window_s",
            "ratio_504_to_502",
            "controller_lag_s",
            "alb_dereg_propagation_sd_s",
        ] {
            check(name, &without_failures, None);
        }
        check("5xx_count", &without_failures, Some(0.0));
        check("5xx_fraction", &without_failures, Some(0.0));
        let without_requests = run(vec![event([0; 4], 0)]);
        for name in ["5xx_count", "5xx_fraction", "start_side_5xx"] {
            check(name, &without_requests, None);
        }
    }
}
