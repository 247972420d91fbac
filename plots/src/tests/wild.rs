//! Figures of random data: each is drawn without a fault or refused, and never panics.

use proptest::prelude::*;

use super::{faults, scene};
use crate::compare::{self, Compare, Driver, Expected};
use crate::distribution::{Distribution, Quantile};
use crate::heat_map::{HeatMap, Levels};
use crate::latency::{self, LatencyEcdf};
use crate::outcomes::{Disruption, Outcomes, PodCounts, Second};
use crate::quantity::{Quantity, Unit};
use crate::race_window::{HopShare, RaceWindow};
use crate::sweep::{self, Sweep};
use crate::timeline::{Chooser, Failure, Lane, RaceTimeline, Reach, Span, Step};
use crate::tornado::{Bar, Index, Tornado};
use crate::trade_off::{self, TradeOff};
use crate::{Figure, Picture};
use sim_core::outcome::{Hop, Status};

/// Non-negative numbers of every size that is allowed, many of them zero.
fn tame() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![
        Just(0.0),
        0.0..1.0,
        0.0..1000.0,
        Just(1.0),
        Just(1e15),
        Just(1e-300),
        0.0..1e15
    ]
}

/// Anything that a double can hold.
fn wild() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![20 => 0.0..100.0, 2 => any::<f64>(), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(-0.0)]
}

/// One of both for all numbers of a figure, so that some figures are drawable.
fn numbers(count: usize) -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        3 => prop::collection::vec(tame(), count),
        2 => prop::collection::vec(0.0..50.0, count),
        1 => prop::collection::vec(wild(), count),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("α → <&> \"x\"".to_owned()),
        any::<String>(),
        "[a-z_ ]{0,80}"
    ]
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn unit() -> impl Strategy<Value = Unit> {
    prop_oneof![
        Just(Unit::Ratio),
        Just(Unit::Seconds),
        Just(Unit::Count),
        name().prop_map(Unit::Named)
    ]
}

/// Draws it, and checks what can be checked of any figure.
fn check(figure: &dyn Figure, height: u32) -> Result<(), TestCaseError> {
    let picture = Picture {
        height,
        ..Picture::default()
    };
    match scene(figure, &picture) {
        Err(error) => prop_assert!(!error.to_string().is_empty()),
        Ok(scene) => {
            let faults = faults(&scene);
            prop_assert!(faults.is_empty(), "{}", faults.join("\n"));
            let svg = figure
                .draw(&picture)
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            let text = String::from_utf8(svg).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert!(
                !text.contains("NaN") && !text.contains("inf\""),
                "a coordinate is no number"
            );
            roxmltree::Document::parse(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        }
    }
    Ok(())
}

fn distribution(values: Vec<f64>, as_samples: bool) -> Distribution {
    if as_samples {
        return Distribution::Samples(values);
    }
    let count = values.len().max(1) as f64;
    let quantile = |(index, value): (usize, f64)| Quantile {
        share: index as f64 / count,
        value,
    };
    Distribution::Quantiles(sorted(values).into_iter().enumerate().map(quantile).collect())
}

proptest! {
    // A figure costs milliseconds: a quarter of the usual number, or of what `PROPTEST_CASES` asks for.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    #[test]
    fn outcomes(values in (0..40_usize).prop_flat_map(|n| numbers(n * 10)), title in name(), names in prop::collection::vec((name(), 0.0..30.0), 0..20), height in 400..1500_u32) {
        let rows: Vec<&[f64]> = values.chunks_exact(10).collect();
        let seconds = rows.iter().map(|row| Second { ok: row[0], target_error_500: row[1], bad_gateway_502: row[2], service_unavailable_503: row[3], gateway_timeout_504: row[4], client_closed_460: row[5], other: row[6] });
        let pods = rows.iter().map(|row| PodCounts { serving: row[7], not_ready: row[8], terminating: row[9] });
        let disruptions = names.into_iter().map(|(name, at_s)| Disruption { at_s, name });
        let figure = Outcomes { title: title.clone(), subtitle: title, seconds: seconds.collect(), pods: pods.collect(), disruptions: disruptions.collect() };
        check(&figure, height)?;
    }

    #[test]
    fn sweeps(values in (0..9_usize).prop_flat_map(|n| numbers(n * 4)), names in prop::collection::vec(name(), 0..8), units in (unit(), unit()), log_y: bool, target in prop::option::of(tame()), height in 400..1500_u32) {
        let rows: Vec<Vec<f64>> = values.chunks_exact(4).map(|row| sorted(row.to_vec())).collect();
        let mut points: Vec<sweep::Point> = rows.iter().map(|row| sweep::Point { x: row[3], mean: row[1], low: row[0], high: row[2] }).collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        let series = names.iter().map(|name| sweep::Series { name: name.clone(), points: points.clone() });
        let named = |unit: Unit| Quantity::new(names.first().cloned().unwrap_or_default(), unit);
        let figure = Sweep { title: "t".into(), subtitle: String::new(), factor: named(units.0), outcome: named(units.1), interval: names.last().cloned().unwrap_or_default(), series_name: names.first().cloned().unwrap_or_default(), series: series.collect(), log_y, target };
        check(&figure, height)?;
    }

    #[test]
    fn heat_maps((columns, rows, values) in prop_oneof![9 => (1..40_usize, 1..40_usize), 1 => (1..220_usize, 1..4_usize), 1 => (1..4_usize, 1..220_usize)].prop_flat_map(|(x, y)| (Just(x), Just(y), numbers(x * y))), level in name(), unit in unit(), log_colour: bool, are_numbers: bool, height in 400..1500_u32) {
        let levels = |count: usize| Levels { name: level.clone(), levels: (0..count).map(|index| format!("{index} {level}")).collect(), are_numbers };
        let cells = values.chunks(columns).map(|row| row.iter().map(|value| (*value < 30.0).then_some(*value)).collect());
        let figure = HeatMap { title: level.clone(), subtitle: String::new(), x: levels(columns), y: levels(rows), outcome: Quantity::new(level.clone(), unit), cells: cells.collect(), log_colour };
        check(&figure, height)?;
    }

    #[test]
    fn trade_offs(values in (0..60_usize).prop_flat_map(|n| numbers(n * 2)), label in name(), units in (unit(), unit()), log_value: bool, target in prop::option::of(tame()), height in 400..1500_u32) {
        let points = values.chunks_exact(2).enumerate().map(|(index, pair)| trade_off::Point { cost: pair[0], value: pair[1], high: (index % 3 > 0).then_some(pair[1].max(pair[0])), label: format!("{label} {index}"), is_efficient: index % 2 == 0, is_advised: index == 3 });
        let figure = TradeOff { title: label.clone(), subtitle: label.clone(), cost: Quantity::new("cost", units.0), outcome: Quantity::new(label.clone(), units.1), points: points.collect(), log_value, target, advised: label.clone(), bound: label.clone() };
        check(&figure, height)?;
    }

    #[test]
    fn tornados(values in (0..40_usize).prop_flat_map(|n| prop::collection::vec(prop_oneof![9 => -0.2..1.2, 1 => wild()], n * 6)), label in name(), height in 400..1500_u32) {
        let index = |three: &[f64]| {
            let three = sorted(three.to_vec());
            Index { low: three[0], mean: three[1], high: three[2] }
        };
        let bars = values.chunks_exact(6).map(|six| Bar { name: label.clone(), range: label.clone(), first_order: index(&six[..3]), total: index(&six[3..]) });
        let figure = Tornado { title: label.clone(), subtitle: label.clone(), interval: label.clone(), bars: bars.collect() };
        check(&figure, height)?;
    }

    #[test]
    fn latencies(values in (0..30_usize).prop_flat_map(numbers), names in prop::collection::vec(name(), 0..9), as_samples: bool, stretch_tail: bool, height in 400..1500_u32) {
        let series = names.into_iter().map(|name| latency::Series { name, latency_s: distribution(values.clone(), as_samples) });
        let figure = LatencyEcdf { title: "t".into(), subtitle: String::new(), series: series.collect(), stretch_tail };
        check(&figure, height)?;
    }

    #[test]
    fn race_windows(values in (0..30_usize).prop_flat_map(numbers), served in prop::option::of((1..30_usize).prop_flat_map(numbers)), covers in prop::option::of(tame()), hops in prop::collection::vec((0..Hop::COUNT, tame()), 0..9), as_samples: bool, height in 400..1500_u32) {
        let figure = RaceWindow {
            title: "t".into(), subtitle: String::new(),
            removal_s: distribution(values, as_samples),
            served_after_deletion_s: served.map(|values| distribution(values, !as_samples)),
            pre_stop_covers_s: covers,
            hops: hops.into_iter().map(|(hop, mean_s)| HopShare { hop: Hop::ALL[hop], mean_s }).collect(),
        };
        check(&figure, height)?;
    }

    #[test]
    fn timelines(lanes in prop::collection::vec((name(), numbers(12)), 0..20), nodes in 0..34_usize, height in 400..1500_u32) {
        let lane = |(name, values): (String, Vec<f64>)| {
            let at = sorted(values[..6].to_vec());
            let span = |index: usize| Span { from_s: at[index], to_s: at[index + 1] };
            Lane {
                name: name.clone(), deleted_s: values[6], is_deleted: values[6] > 0.0,
                states: Reach::ALL.iter().enumerate().map(|(index, reach)| (span(index), *reach)).collect(),
                choosers: (0..nodes).map(|node| Chooser { name: format!("ALB node {node}"), chooses: vec![Span { from_s: -values[7], to_s: values[8] }] }).collect(),
                failures: Status::ALL.iter().map(|status| Failure { at_s: values[9], status: *status }).collect(),
                steps: vec![(values[10], Step::Sigterm), (values[11], Step::Sigkill)],
            }
        };
        let figure = RaceTimeline { title: "t".into(), subtitle: String::new(), lanes: lanes.into_iter().map(lane).collect() };
        check(&figure, height)?;
    }

    #[test]
    fn compares(values in (0..60_usize).prop_flat_map(|n| numbers(n * 5)), names in prop::collection::vec(name(), 1..6), blank in 1..5_usize, ends in (0..60_usize, 0..60_usize), has_driver: bool, height in 400..1500_u32) {
        let rows: Vec<&[f64]> = values.chunks_exact(5).collect();
        let bins: Vec<compare::Bin> = rows.iter().enumerate().map(|(index, row)| compare::Bin { observed: (index % blank > 0).then_some(row[0]), expected: Expected { mean: row[1], low: row[2].min(row[3]), high: row[2].max(row[3]) } }).collect();
        let panel = |name: &String| compare::Panel { name: name.clone(), status: Status::BadGateway, bins: bins.clone() };
        let figure = Compare {
            title: names[0].clone(), subtitle: names[0].clone(),
            labels: rows.iter().enumerate().map(|(index, _)| format!("{index} {}", names[0])).collect(),
            axis: names[0].clone(), interval: names[0].clone(), note: names[0].clone(),
            panels: names.iter().map(panel).collect(),
            driver: has_driver.then(|| Driver { name: names[0].clone(), values: rows.iter().map(|row| row[4]).collect() }),
            spans: vec![compare::Span { first: ends.0, last: ends.1, name: names[0].clone() }],
        };
        check(&figure, height)?;
    }
}
