//! What a picture must not hide.

use super::{samples, scene};
use crate::outcomes::Disruption;
use crate::scene::{Mark, Rect};
use crate::theme::Theme;
use crate::timeline::{Reach, Span};
use crate::{Picture, sweep};

fn texts(figure: &dyn crate::Figure, picture: &Picture) -> Vec<String> {
    let scene = scene(figure, picture).expect("the data is good");
    scene.texts().map(|(text, _)| text.content.clone()).collect()
}

#[test]
fn every_cell_of_a_narrow_heat_map_has_its_value() {
    let mut map = samples::heat_map();
    // Eleven across, as wide as they get with five digits and a unit that would not fit.
    map.x.levels = (0..11).map(|index| format!("{}s", index * 5)).collect();
    let row = |value: f64| (0..11).map(|_| Some(value)).collect::<Vec<_>>();
    map.cells = [0.000_034, 0.0, 0.026, 0.008_8, 0.000_57].map(row).into();
    let texts = texts(&map, &Picture::default());
    for (value, count) in [("0.0034", 11), ("2.6", 11), ("0.88", 11), ("0.057", 11), ("0", 12)] {
        // The bar beside has a zero too.
        assert_eq!(texts.iter().filter(|text| *text == value).count(), count, "{value}");
    }
    assert!(
        texts.contains(&"5xx ratio (%)".to_owned()),
        "the unit stands on the bar"
    );
}

#[test]
fn a_value_is_readable_on_every_colour_of_the_scale() {
    for step in 0..=200 {
        let fill = Theme::level(f64::from(step) / 200.0);
        assert!(fill.contrast(fill.readable()) >= 4.5, "{fill:?}");
    }
    for theme in [Theme::Light, Theme::Dark] {
        assert!(theme.grid().contrast(theme.grid().readable()) >= 4.5);
    }
}

#[test]
fn a_heat_map_of_nothing_but_zeros_has_no_scale_of_other_values() {
    let mut map = samples::heat_map();
    map.cells.iter_mut().flatten().for_each(|cell| *cell = Some(0.0));
    let texts = texts(&map, &Picture::default());
    let numbers = texts.iter().filter(|text| text.parse::<f64>().is_ok());
    assert!(numbers.clone().all(|text| text == "0"), "{texts:?}");
    assert_eq!(numbers.count(), 30 + 1);
}

#[test]
fn many_disruptions_do_not_cover_the_requests() {
    let mut outcomes = samples::outcomes();
    let kinds = ["scale", "cluster_autoscaler", "rollout"];
    let all = (0..60_u32).map(|index| Disruption {
        at_s: f64::from(index) * 2.0,
        name: kinds[index as usize % 3].to_owned(),
    });
    outcomes.disruptions = all.collect();
    let scene = scene(&outcomes, &Picture::default()).expect("the data is good");
    let areas = scene.marks.iter().filter_map(|mark| match mark {
        Mark::Area { points, .. } => points.iter().map(|point| point[2]).reduce(f64::min),
        _ => None,
    });
    let highest = areas.reduce(f64::min).expect("requests are areas");
    let text = Theme::Light.text();
    for mark in &scene.marks {
        match mark {
            Mark::Polygon { points, fill } if *fill == text => {
                assert!(points.iter().all(|point| point.1 < highest), "{points:?}");
            }
            // Lines of pods have more than two points.
            Mark::Line { points, colour, .. } if *colour == text && points.len() == 2 => {
                assert!(points[0].0 < points[1].0 || points[0].1 > highest, "{points:?}");
            }
            _ => {}
        }
    }
    let texts: Vec<&str> = scene.texts().map(|(text, _)| text.content.as_str()).collect();
    assert!(
        texts.contains(&"scale, 20 times") && texts.contains(&"other disruptions, 40 times"),
        "{texts:?}"
    );
}

#[test]
fn a_run_without_requests_does_not_say_that_all_were_answered() {
    let mut outcomes = samples::outcomes();
    for second in &mut outcomes.seconds {
        *second = crate::outcomes::Second::default();
    }
    let texts = texts(&outcomes, &Picture::default());
    assert!(texts.contains(&"no requests".to_owned()), "{texts:?}");
}

#[test]
fn a_state_of_a_millisecond_is_seen() {
    let mut timeline = samples::timeline();
    let states = &mut timeline.lanes[0].states;
    let serving = states[0].0;
    let refusing = Span {
        from_s: serving.to_s,
        to_s: serving.to_s + 0.001,
    };
    let silent = Span {
        from_s: refusing.to_s,
        to_s: refusing.to_s + 20.0,
    };
    *states = vec![
        (serving, Reach::Serving),
        (refusing, Reach::Refusing),
        (silent, Reach::Silent),
    ];
    timeline.lanes.truncate(1);
    let picture = Picture {
        height: timeline.best_height(),
        ..Picture::default()
    };
    let scene = scene(&timeline, &picture).expect("the data is good");
    let colour = Theme::Light.status(Reach::Refusing.status());
    let widths: Vec<f64> = rects(&scene, colour)
        .iter()
        .filter(|rect| rect.height() > 12.5 && rect.height() < 13.5)
        .map(Rect::width)
        .collect();
    assert!(widths.len() == 1 && widths[0] >= 1.5, "{widths:?}");
}

fn rects(scene: &crate::scene::Scene, colour: crate::theme::Rgb) -> Vec<Rect> {
    let marks = scene.marks.iter().filter_map(|mark| match mark {
        Mark::Rect { rect, fill, .. } if *fill == colour => Some(*rect),
        _ => None,
    });
    marks.collect()
}

#[test]
fn at_its_best_height_a_timeline_shows_every_pod_and_leaves_little_empty() {
    let one = samples::timeline();
    for count in [1, 3, 8, 20] {
        let mut timeline = one.clone();
        timeline.lanes = one.lanes.iter().cycle().take(count).cloned().collect();
        let height = timeline.best_height();
        let picture = Picture {
            height,
            ..Picture::default()
        };
        let scene = scene(&timeline, &picture).expect("the data is good");
        assert!(
            scene.texts().all(|(text, _)| !text.content.starts_with("The first")),
            "{count} pods"
        );
        let lowest = scene.texts().map(|(_, bounds)| bounds.bottom).fold(0.0, f64::max);
        let empty = f64::from(height) - lowest;
        assert!(height == 400 || empty < 30.0, "{empty} px below {count} pods");
    }
}

#[test]
fn an_axis_of_one_decade_or_less_has_ticks_to_read_from() {
    let mut figure = samples::sweep();
    figure.target = None;
    for series in &mut figure.series {
        let zero = |x: f64| sweep::Point {
            x,
            mean: 0.0,
            low: 0.0,
            high: 0.000_022,
        };
        series.points = vec![zero(1.0), zero(2.0)];
    }
    let texts = texts(&figure, &Picture::default());
    let ticks = ["0.001", "0.002", "0.005"];
    assert!(
        ticks.iter().all(|tick| texts.iter().any(|text| text == tick)),
        "{texts:?}"
    );
}

#[test]
fn zeros_of_several_lines_stand_at_their_level_above_each_other() {
    let mut figure = samples::sweep();
    figure.interval = "95 % interval".to_owned();
    figure.series.truncate(3);
    for series in &mut figure.series {
        let point = |x: f64| sweep::Point {
            x,
            mean: if x < 1.5 { 0.01 } else { 0.0 },
            low: 0.0,
            high: 0.02,
        };
        series.points = vec![point(1.0), point(2.0)];
        series.name = String::from("same");
    }
    let scene = scene(&figure, &Picture::default()).expect("the data is good");
    // The first line has discs; those of the legend stand above the panel.
    let discs: Vec<(f64, f64)> = scene
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Disc { centre, radius, .. } if *radius > 4.4 => Some(*centre),
            _ => None,
        })
        .collect();
    let [mean, zero] = discs[..] else { panic!("{discs:?}") };
    // The others have squares and diamonds.
    let middles = |fill| {
        let marks = scene.marks.iter().filter_map(move |mark| match mark {
            Mark::Rect { rect, fill: of, .. } if *of == fill && rect.height() < 9.0 => {
                Some((rect.left, rect.right, rect.top))
            }
            Mark::Polygon { points, fill: of } if *of == fill && points.len() == 4 => {
                Some((points[3].0, points[1].0, points[0].1))
            }
            _ => None,
        });
        marks
            .map(|(left, right, top)| (f64::midpoint(left, right), top))
            .collect::<Vec<_>>()
    };
    let mut tops = vec![zero.1];
    for index in 1..3 {
        let found = middles(Theme::Light.series(index));
        let at = |x: f64| {
            found
                .iter()
                .filter(|middle| (middle.0 - x).abs() < 1e-6)
                .collect::<Vec<_>>()
        };
        assert_eq!((at(mean.0).len(), at(zero.0).len()), (1, 1), "{found:?} of {discs:?}");
        tops.push(at(zero.0)[0].1);
    }
    assert!(tops.windows(2).all(|pair| pair[1] - pair[0] > 5.0), "{tops:?}");
    let note = "Bars: 95 % interval, a little aside so that none covers another.";
    assert!(scene.texts().any(|(text, _)| text.content == note));
}
