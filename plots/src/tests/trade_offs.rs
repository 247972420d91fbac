//! Trade-offs of many settings, of settings that cost the same, and of settings that never fail.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{faults, samples, scene};
use crate::Picture;
use crate::scene::Mark;
use crate::trade_off::{self, Point, TradeOff};

fn point(cost: f64, value: f64) -> Point {
    Point {
        cost,
        value,
        high: None,
        label: format!("{cost}, {value}"),
        is_efficient: false,
        is_advised: false,
    }
}

proptest! {
    #[test]
    fn a_point_is_efficient_where_no_other_beats_it(values in prop::collection::vec((0..6_u8, 0..6_u8), 0..30)) {
        let points: Vec<Point> = values.iter().map(|&(cost, value)| point(f64::from(cost), f64::from(value))).collect();
        let beats = |a: &Point, b: &Point| a.cost <= b.cost && a.value <= b.value && (a.cost < b.cost || a.value < b.value);
        for point in trade_off::with_efficient(points.clone()) {
            let is_beaten = points.iter().any(|other| beats(other, &point));
            prop_assert_eq!(point.is_efficient, !is_beaten, "{:?}", point);
        }
    }
}

#[test]
fn ten_thousand_settings_are_drawn_with_no_mark_twice() {
    let of = |index: u32| point(f64::from(index % 100), 0.001 * f64::from(index * 7919 % 10_007));
    let figure = TradeOff {
        points: trade_off::with_efficient((0..10_000).map(of).collect()),
        target: None,
        ..samples::trade_off()
    };
    let scene = scene(&figure, &Picture::default()).expect("the data is good");
    assert!(faults(&scene).is_empty());
    let mut discs: BTreeMap<String, u32> = BTreeMap::new();
    for mark in &scene.marks {
        if let Mark::Disc { centre, radius, fill } = mark {
            // Those of the legend are larger.
            if *radius >= 4.0 {
                continue;
            }
            *discs
                .entry(format!("{:.0} {:.0} {radius} {fill:?}", centre.0, centre.1))
                .or_default() += 1;
        }
    }
    assert!(
        discs.len() > 5_000 && discs.values().all(|count| *count == 1),
        "{}",
        discs.len()
    );
}

/// All texts, and the diamonds' middles.
fn drawn(points: Vec<Point>, target: Option<f64>) -> (Vec<String>, Vec<(f64, f64)>) {
    let figure = TradeOff {
        points: trade_off::with_efficient(points),
        target,
        ..samples::trade_off()
    };
    let scene = scene(&figure, &Picture::default()).expect("the data is good");
    assert!(faults(&scene).is_empty());
    let texts = scene.texts().map(|(text, _)| text.content.clone()).collect();
    let diamonds = scene.marks.iter().filter_map(|mark| match mark {
        Mark::Polygon { points, .. } if points.len() == 4 => Some((points[0].0, points[1].1)),
        _ => None,
    });
    (texts, diamonds.collect())
}

#[test]
fn settings_that_cost_nothing_have_no_negative_costs_beside_them_and_the_found_one_is_marked() {
    let mut points: Vec<Point> = [0.011, 0.012, 0.0105].map(|value| point(0.0, value)).into();
    points[0].is_advised = true;
    let (texts, diamonds) = drawn(points, Some(0.001));
    assert!(!texts.iter().any(|text| text.contains('\u{2212}')), "{texts:?}");
    assert!(texts.contains(&"All settings cost the same.".to_owned()), "{texts:?}");
    // One in the legend, one for the setting, at the left end.
    assert_eq!(diamonds.len(), 2, "{diamonds:?}");
    assert!(diamonds[1].0 < 120.0, "{diamonds:?}");
}

#[test]
fn settings_at_one_place_share_a_label() {
    let (texts, _) = drawn((0..5).map(|_| point(3.0, 0.0)).collect(), None);
    assert!(texts.contains(&"3, 0 and 4 more".to_owned()), "{texts:?}");
}

#[test]
fn where_nothing_fails_the_axis_follows_the_bounds() {
    let bound = |cost: f64, high: f64| Point {
        high: Some(high),
        ..point(cost, 0.0)
    };
    let (texts, _) = drawn(vec![bound(10.0, 0.000_015), bound(20.0, 0.000_016)], None);
    let percents: Vec<f64> = texts
        .iter()
        .filter_map(|text| text.parse().ok())
        .filter(|value| *value < 10.0)
        .collect();
    // 0.0015 % lies within, and nothing reaches a tenth of a percent.
    assert!(
        percents.iter().any(|value| (0.000_5..=0.005).contains(value)),
        "{texts:?}"
    );
    assert!(percents.iter().all(|value| *value < 0.1), "{texts:?}");
}
