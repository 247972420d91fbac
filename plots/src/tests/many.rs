//! Trade-offs of many settings.

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
