//! The whole way, with the model and small fleets: what the model itself has made must be found again.

use std::convert::Infallible;

use super::drive::tests::script_scenario;
use super::observed::Bin;
use super::parameters::{PARAMETERS, index};
use super::*;

/// Everything on one thread; points of a Halton sequence.
struct Alone;

impl Runner for Alone {
    type Error = Infallible;

    fn each<T: Send>(
        &self,
        count: usize,
        job: impl Fn(usize) -> Result<T, Infallible> + Sync,
    ) -> Result<Vec<T>, Infallible> {
        (0..count).map(job).collect()
    }

    fn run(
        &self,
        scenario: &Scenario,
        replication: u32,
        level: TraceLevel,
        sink: &mut dyn TraceSink,
    ) -> Result<RunSummary, Infallible> {
        Ok(sim_core::world::run(scenario, Seed(1), replication, level, sink))
    }

    fn unit(&self, index: usize, dimension: usize) -> f64 {
        const BASES: [usize; COUNT] = [2, 3, 5, 7, 11, 13, 17, 19];
        let (mut rest, mut unit, mut part) = (index + 1, 0.0, 1.0);
        while rest > 0 {
            part /= f64::from(u32::try_from(BASES[dimension]).expect("small"));
            unit += part * f64::from(u32::try_from(rest % BASES[dimension]).expect("small"));
            rest /= BASES[dimension];
        }
        unit
    }
}

const LOADS: [u32; 16] = [160, 155, 130, 90, 50, 15, 10, 60, 110, 150, 160, 140, 100, 55, 15, 10];
const TRUTH: Values = Values([2.0, 1.2, 15.0, 4.0, 12.6, 1.0, 0.05, 1.5]);

fn scenarios() -> FleetScenarios {
    let pair = || [Era::Before, Era::After].map(script_scenario);
    let mut headline = pair();
    for scenario in &mut headline {
        scenario.deployment.replicas = 600;
        scenario.cluster.nodes = 30;
        scenario.cluster.other_workloads.clear();
        scenario.disruptions.retain_mut(|disruption| {
            let is_scale = disruption.scale.is_some();
            disruption.scale = is_scale.then_some(sim_core::scenario::disruption::Scale {
                replicas: Some(400),
                schedule: None,
            });
            is_scale
        });
    }
    FleetScenarios {
        script: pair(),
        headline,
    }
}

/// A series whose counts the model has made with those values.
fn made(era: Era, values: &Values, draw: u32) -> Series {
    let empty = |load: &u32| Bin {
        label: String::new(),
        load: *load,
        counts: [Some(0), (era == Era::Before).then_some(0)],
        nodes: None,
    };
    let mut observed = Observed {
        era,
        is_read_off: true,
        bin_minutes: 15,
        bins: LOADS.iter().map(empty).collect(),
    };
    let span = Span {
        from: 0,
        to: LOADS.len(),
    };
    let base = script_scenario(era);
    let scenario = drive::scenario(&base, &observed, span, values, Seed(77), draw);
    let Ok(run) = Alone.run(&scenario, draw, TraceLevel::Off, &mut Nowhere);
    let simulated = Simulated::of(&run, &observed, span);
    for (bin, counts) in observed.bins.iter_mut().zip(&simulated.counts) {
        bin.counts = [Some(counts[0]), (era == Era::Before).then_some(counts[1])];
    }
    Series {
        name: String::from(era.name()),
        file: None,
        observed,
    }
}

const EFFORT: Effort = Effort {
    design_runs: 64,
    predictions: 40,
    share_runs: 0,
};

fn examined(series: &[Series], given: Option<&Given>) -> Outcome {
    let scenarios = scenarios();
    let comparison = Comparison::new(series, &scenarios).expect("a fall");
    let Ok(outcome) = comparison.examine(given, EFFORT, Seed(1), &Alone);
    outcome
}

/// Totals of the first falling half for every point of a design, before and after the change.
fn totals(design: &[Values], era: Era) -> Vec<[f64; 2]> {
    let of = |(draw, values): (u32, &Values)| {
        let observed = made(era, values, draw).observed;
        let first = falls(&observed)[0].clone();
        [0, 1].map(|code| {
            observed.bins[first.first..=first.last]
                .iter()
                .map(|bin| f64::from(bin.count(code)))
                .sum()
        })
    };
    (0..).zip(design).map(of).collect()
}

/// Simulation-based calibration: 60 pairs of series that the model has made with values drawn from the ranges are fitted
/// with surfaces learned from other runs. Each parameter lies in its 90 % interval in nine tenths of the cases: of 60
/// fewer than 47 or more than 59 have a chance of 0.2 %. And what the counts tell most about is narrowed most.
#[test]
fn the_fit_finds_what_made_the_counts_as_often_as_it_says() {
    let design: Vec<Values> = (0..220)
        .map(|point| Values::at(|place| Alone.unit(point, place)))
        .collect();
    let (learned, hidden) = design.split_at(160);
    let runs = [Era::Before, Era::After].map(|era| totals(&design, era));
    let places: Vec<[f64; COUNT]> = learned.iter().map(Values::centred).collect();
    let surfaces = [Era::Before, Era::After].map(|era| {
        let runs = &runs[usize::from(era == Era::After)];
        WindowSurfaces::fit(&places, &runs[..learned.len()], &fit::active(era))
    });
    let candidates: Vec<Values> = (1000..5000)
        .map(|point| Values::at(|place| Alone.unit(point, place)))
        .collect();
    let (mut inside, mut widths) = ([0; COUNT], [0.0; COUNT]);
    for (number, truth) in hidden.iter().enumerate() {
        let total = |era: usize| runs[era][learned.len() + number].map(|count| Total { count, reading: 0.0 });
        let fitted = [(&surfaces[0], total(0)), (&surfaces[1], total(1))];
        let found = Posterior::sample(&candidates, &fitted, 1, Seed(1)).marginals;
        for (index, parameter) in PARAMETERS.iter().enumerate() {
            inside[index] += usize::from((found[index].low..=found[index].high).contains(&truth.0[index]));
            widths[index] += (parameter.place(found[index].high) - parameter.place(found[index].low)) / 60.0;
        }
    }
    assert!(inside.iter().all(|count| (47..=59).contains(count)), "{inside:?} of 60");
    assert!(
        widths[index::TEARDOWN] < 0.7 && widths[index::RESTART] < 0.6,
        "{widths:?}"
    );
}

/// The first falling half is fitted, the second predicted; the model has made both, so both lie inside, and each bin of
/// a growing load has none.
#[test]
fn a_series_that_the_model_has_made_is_predicted() {
    let series = [made(Era::Before, &TRUTH, 8)];
    let outcome = examined(&series, None);
    let windows = &outcome.report.windows;
    assert_eq!(
        windows.iter().map(|row| row.is_fitted).collect::<Vec<_>>(),
        [true, true, false, false]
    );
    assert!(windows.iter().all(|row| row.is_inside), "{windows:?}");
    assert!(windows.iter().all(|row| row.crosswise.is_some() == row.is_fitted));
    let growing = outcome.report.bins.iter().filter(|row| row.window.is_none());
    assert!(growing.into_iter().all(|row| row.predicted_502.mean_count < 1.0));
    assert_eq!(outcome.fitted.draws.len(), usize::from(EFFORT.predictions));
}

/// 120 series that the model has made with the given values: nine tenths of their totals lie in the interval that it
/// predicts with these values. With 40 runs the interval itself is uncertain by about four percent of coverage, 120
/// series add three; two codes hang together.
#[test]
fn prediction_intervals_hold_nine_tenths_of_what_the_model_makes() {
    let given = Given {
        draws: vec![TRUTH],
        fitted_to: Vec::new(),
    };
    let outcome = examined(&[made(Era::Before, &TRUTH, 0)], Some(&given));
    let window = &outcome.report.windows[2];
    assert!(outcome.report.fit.is_none() && !window.is_fitted && outcome.report.sensitivity.is_empty());
    let inside = (1..=120)
        .filter(|draw| {
            let series = made(Era::Before, &TRUTH, 1000 + draw);
            let bins = falls(&series.observed)[1].first..=falls(&series.observed)[1].last;
            let total: u32 = series.observed.bins[bins].iter().map(|bin| bin.count(0)).sum();
            window.prediction.holds(f64::from(total))
        })
        .count();
    assert!((96..=119).contains(&inside), "{inside} of 120");
}

/// A series that no combination of the ranges explains fails, and its remark says by how much.
#[test]
fn what_the_model_cannot_explain_fails_with_a_factor() {
    let mut series = made(Era::Before, &TRUTH, 8);
    let second = falls(&series.observed)[1].clone();
    for bin in &mut series.observed.bins[second.first..=second.last] {
        bin.counts = bin.counts.map(|count| count.map(|count| 5 * count));
    }
    let outcome = examined(&[series], None);
    let failed: Vec<_> = outcome
        .section
        .findings
        .iter()
        .filter(|finding| finding.name.starts_with("before_window_2_50"))
        .collect();
    assert_eq!(failed.len(), 2);
    for finding in failed {
        assert_eq!(finding.verdict, crate::report::Verdict::Failed);
        assert!(finding.remark.contains("times the predicted mean"), "{finding:?}");
        assert!(
            finding.remark.contains("the other code is off to the same side"),
            "{finding:?}"
        );
    }
}

/// Every event, before and after, and the falling half over its whole length too.
#[test]
fn shares_are_read_from_runs_of_every_event() {
    let scenarios = scenarios();
    let Ok(table) = share::table(&scenarios, &TRUTH, 1, &Alone);
    let events = 9;
    assert_eq!(table.rows.len(), events * 4 * 3 + 3);
    assert_eq!(table.rows.iter().filter(|row| row.is_nearest).count(), 3);
    for row in &table.rows {
        assert!(
            (0.0..=1.0).contains(&row.before_ratio) && (0.0..=1.0).contains(&row.after_ratio),
            "{row:?}"
        );
        // Before the change nothing keeps a pod from going at once; after it, only a second and a half of restart does.
        assert!(row.before_ratio > row.after_ratio, "{row:?}");
    }
    // All pods but one go at once: in the worst seconds nearly every choice is a dead one.
    let all = table
        .rows
        .iter()
        .find(|row| row.event == "25 → 1 pods" && row.definition == Definition::DeadTargets);
    assert!(all.expect("a row").before_ratio > 0.9);
}

#[test]
fn a_load_without_a_fall_is_refused() {
    let mut series = made(Era::Before, &TRUTH, 8);
    series.observed.bins.truncate(2);
    let scenarios = scenarios();
    let error = Comparison::new(std::slice::from_ref(&series), &scenarios).expect_err("no fall");
    assert!(error.to_string().starts_with("before: the load never falls"), "{error}");
}
