//! What holds for every figure: no two texts overlap, none leaves the picture, and bad data is refused by its name.

mod legible;
mod levels;
#[path = "../examples/gallery/samples.rs"]
mod samples;
mod trade_offs;
mod wild;

use crate::scene::{Rect, Scene};
use crate::theme::SMALL_PX;
use crate::{Figure, Picture, PlotError, Theme};

/// The scene of a figure.
fn scene(figure: &dyn Figure, picture: &Picture) -> Result<Scene, PlotError> {
    let mut sheet = figure.sheet(picture)?;
    figure.lay_out(&mut sheet)?;
    Ok(sheet.scene)
}

/// What a reader would stumble over.
fn faults(scene: &Scene) -> Vec<String> {
    let mut faults = Vec::new();
    let texts: Vec<(&str, Rect)> = scene
        .texts()
        .map(|(text, bounds)| (text.content.as_str(), *bounds))
        .collect();
    for (index, (text, bounds)) in texts.iter().enumerate() {
        let inside =
            bounds.left >= 0.0 && bounds.top >= 0.0 && bounds.right <= scene.width && bounds.bottom <= scene.height;
        if !inside {
            faults.push(format!("{text:?} leaves the picture: {bounds:?}"));
        }
        for (other, place) in &texts[index + 1..] {
            if bounds.overlaps(place) {
                faults.push(format!("{text:?} and {other:?} overlap: {bounds:?}, {place:?}"));
            }
        }
    }
    faults.extend(
        scene
            .texts()
            .filter(|(text, _)| text.size < SMALL_PX)
            .map(|(text, _)| format!("{:?} is too small", text.content)),
    );
    faults
}

/// Width and height of the pictures tried.
const SIZES: [(u32, u32); 5] = [(800, 400), (800, 500), (800, 1000), (1600, 900), (400, 600)];

#[test]
fn texts_neither_overlap_nor_leave_the_picture() {
    for (name, figure) in samples::all() {
        for (width, height) in SIZES {
            let picture = Picture {
                width,
                height,
                ..Picture::default()
            };
            let scene = scene(&*figure, &picture).unwrap_or_else(|error| panic!("{name}: {error}"));
            let faults = faults(&scene);
            assert!(
                faults.is_empty(),
                "{name} at {width} by {height}:\n{}",
                faults.join("\n")
            );
            assert!(scene.texts().count() > 5, "{name} has hardly any text");
        }
    }
}

#[test]
fn long_words_do_not_break_the_layout() {
    let long = "an_unusually_long_name_without_any_space ".repeat(8);
    let mut sweep = samples::sweep();
    sweep.title.clone_from(&long);
    sweep.subtitle.clone_from(&long);
    sweep.factor.name.clone_from(&long);
    sweep.outcome.name.clone_from(&long);
    sweep.interval.clone_from(&long);
    sweep.series.iter_mut().for_each(|series| series.name.clone_from(&long));
    let mut heat_map = samples::heat_map();
    heat_map.x.levels.iter_mut().for_each(|level| level.clone_from(&long));
    heat_map.y.levels.iter_mut().for_each(|level| level.clone_from(&long));
    heat_map.y.name.clone_from(&long);
    let mut outcomes = samples::outcomes();
    outcomes
        .disruptions
        .iter_mut()
        .for_each(|disruption| disruption.name.clone_from(&long));
    let mut timeline = samples::timeline();
    timeline.lanes.iter_mut().for_each(|lane| lane.name.clone_from(&long));
    let mut race_window = samples::race_window();
    race_window.title.clone_from(&long);
    let mut latency = samples::latency();
    latency
        .series
        .iter_mut()
        .for_each(|series| series.name.clone_from(&long));
    let mut compare = samples::compare();
    compare.labels.iter_mut().for_each(|label| label.clone_from(&long));
    compare.spans.iter_mut().for_each(|span| span.name.clone_from(&long));
    compare.panels.iter_mut().for_each(|panel| panel.name.clone_from(&long));
    compare.interval.clone_from(&long);
    let figures: [&dyn Figure; 7] = [
        &sweep,
        &heat_map,
        &outcomes,
        &timeline,
        &race_window,
        &latency,
        &compare,
    ];
    for (index, figure) in figures.into_iter().enumerate() {
        let faults = faults(&scene(figure, &Picture::default()).expect("the data is good"));
        assert!(faults.is_empty(), "figure {index}:\n{}", faults.join("\n"));
    }
}

#[test]
fn themes_differ_in_colours_alone() {
    for (name, figure) in samples::all() {
        let of = |theme: Theme| {
            let picture = Picture {
                theme,
                ..Picture::default()
            };
            scene(&*figure, &picture).expect("samples are good")
        };
        let (light, dark) = (of(Theme::Light), of(Theme::Dark));
        assert_eq!(light.marks.len(), dark.marks.len(), "{name}");
        assert_ne!(light.background, dark.background);
    }
}

#[test]
fn bad_data_is_refused_by_its_name() {
    let refused = |figure: &dyn Figure| match figure.draw(&Picture::default()) {
        Ok(_) => panic!("it was drawn"),
        Err(error) => error.to_string(),
    };
    let mut outcomes = samples::outcomes();
    outcomes.pods.pop();
    assert_eq!(refused(&outcomes), "pods has 119 entries instead of 120");
    outcomes.seconds[7].gateway_timeout_504 = f64::NAN;
    assert_eq!(
        refused(&outcomes),
        "seconds[7].gateway_timeout_504 is NaN, which is no finite number"
    );
    let mut sweep = samples::sweep();
    sweep.series[1].points[2].low = 0.5;
    assert_eq!(
        refused(&sweep),
        format!(
            "series[1].points[2].mean is {}, below the 0.5 before it",
            sweep.series[1].points[2].mean
        )
    );
    sweep.series.clear();
    assert_eq!(refused(&sweep), "series is empty");
    let mut heat_map = samples::heat_map();
    heat_map.cells[3].push(None);
    assert_eq!(refused(&heat_map), "cells[3] has 7 entries instead of 6");
    let mut timeline = samples::timeline();
    timeline.lanes[2].states[1].0.to_s = 0.1;
    assert_eq!(
        refused(&timeline),
        "lanes[2].states[1].to_s is 0.1, below the 0.5 before it"
    );
    let mut race_window = samples::race_window();
    race_window.pre_stop_covers_s = Some(-1.0);
    assert_eq!(
        refused(&race_window),
        "pre_stop_covers_s is -1, allowed are 0 to 1000000000000000"
    );
    let mut compare = samples::compare();
    compare.panels[1].bins[3].expected.low = 1e3;
    assert_eq!(
        refused(&compare),
        format!(
            "panels[1].bins[3].expected.high is {}, below the 1000 before it",
            compare.panels[1].bins[3].expected.high
        )
    );
    compare.panels[0].bins.pop();
    assert_eq!(refused(&compare), "panels[0].bins has 14 entries instead of 15");
    let mut compare = samples::compare();
    compare.spans[1].first = 5;
    assert_eq!(refused(&compare), "spans[1].first is 5, below the 7 before it");
    let mut tornado = samples::tornado();
    tornado.bars[0].total.high = f64::INFINITY;
    assert_eq!(
        refused(&tornado),
        "bars[0].total.high is inf, which is no finite number"
    );
}

#[test]
fn sizes_that_cannot_be_read_are_refused() {
    let figure = samples::tornado();
    for (width, height, field) in [
        (399, 400, "picture.width"),
        (4001, 4000, "picture.width"),
        (800, 399, "picture.height"),
        (800, 2401, "picture.height"),
    ] {
        let error = figure
            .draw(&Picture {
                width,
                height,
                ..Picture::default()
            })
            .unwrap_err();
        assert!(error.to_string().starts_with(field), "{error}");
    }
}
