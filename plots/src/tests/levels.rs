//! Names of levels: all words are named, numbers at even distances.

use super::{faults, samples, scene};
use crate::heat_map::{HeatMap, Levels};
use crate::scene::{Mark, Rect, Scene};
use crate::{Figure, Picture};

/// The presets of the application.
const PRESETS: [&str; 15] = [
    "django-runserver",
    "gunicorn-sync",
    "gunicorn-gthread",
    "uvicorn",
    "node-http",
    "node-close",
    "nginx-term",
    "nginx-quit",
    "spring-boot-graceful",
    "spring-boot-immediate",
    "go-default",
    "go-shutdown",
    "axum-default",
    "axum-graceful",
    "puma",
];

/// A map of so many levels across and upwards, with a value everywhere.
fn map(x: Levels, y: Levels) -> HeatMap {
    let (columns, rows) = (x.levels.len(), y.levels.len());
    let value = |row: usize, column: usize| Some(0.0001 + (row * columns + column) as f64 * 1e-6);
    HeatMap {
        cells: (0..rows)
            .map(|row| (0..columns).map(|column| value(row, column)).collect())
            .collect(),
        x,
        y,
        ..samples::heat_map()
    }
}

fn words(levels: &[&str]) -> Levels {
    Levels {
        name: "words".to_owned(),
        levels: levels.iter().map(|&level| level.to_owned()).collect(),
        are_numbers: false,
    }
}

fn seconds(count: usize) -> Levels {
    Levels {
        name: "numbers".to_owned(),
        levels: (0..count).map(|level| format!("{level}s")).collect(),
        are_numbers: true,
    }
}

/// At its best height, without a fault.
fn drawn(map: &HeatMap) -> Scene {
    let picture = Picture {
        height: map.best_height(),
        ..Picture::default()
    };
    let scene = scene(map, &picture).expect("the data is good");
    let faults = faults(&scene);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    scene
}

fn texts(scene: &Scene) -> Vec<&str> {
    scene.texts().map(|(text, _)| text.content.as_str()).collect()
}

#[test]
fn every_word_is_named_in_full_across_and_upwards() {
    for map in [map(words(&PRESETS), seconds(4)), map(seconds(7), words(&PRESETS))] {
        let scene = drawn(&map);
        let texts = texts(&scene);
        for preset in PRESETS {
            assert!(texts.contains(&preset), "no {preset} in {texts:?}");
        }
    }
}

#[test]
fn a_long_word_is_broken_and_not_cut() {
    let long = "{log_normal: {median: 25s, p99: 45s, and more that does not fit a line}}";
    let scene = drawn(&map(seconds(3), words(&[long, "{constant: 3s}"])));
    let all = texts(&scene).join(" ");
    assert!(!all.contains('…') && all.contains(long), "{all}");
}

#[test]
fn a_hundred_numbers_are_named_at_even_distances() {
    let scene = drawn(&map(seconds(101), seconds(96)));
    let named: Vec<u32> = texts(&scene)
        .iter()
        .filter_map(|text| text.strip_suffix('s')?.parse().ok())
        .collect();
    let falls = named.windows(2).position(|pair| pair[1] <= pair[0]).expect("two axes");
    for axis in [&named[..=falls], &named[falls + 1..]] {
        assert!(axis.len() > 5 && axis[0] == 0, "{axis:?}");
        assert!(axis.windows(2).all(|pair| pair[1] - pair[0] == axis[1]), "{axis:?}");
    }
}

#[test]
fn fine_cells_leave_no_gap_and_no_value_out() {
    let mut map = map(seconds(150), seconds(120));
    // A chessboard, and ten cells of one row alike: one rectangle.
    for (row, cells) in map.cells.iter_mut().enumerate() {
        for (column, cell) in cells.iter_mut().enumerate() {
            *cell = Some(if (row + column) % 2 == 0 { 0.1 } else { 0.2 });
        }
    }
    map.cells[3][20..30].fill(Some(0.5));
    let scene = drawn(&map);
    // The cells come first, row by row from the bottom.
    let rects = scene.marks.iter().filter_map(|mark| match mark {
        Mark::Rect { rect, .. } => Some(*rect),
        _ => None,
    });
    let rects: Vec<Rect> = rects.collect();
    let row = &rects[..150];
    assert!(row.windows(2).all(|pair| pair[1].left <= pair[0].right), "a gap");
    let width = row[1].left - row[0].left;
    assert!((row[149].left - row[0].left - 149.0 * width).abs() < 1e-6);
    let alike = &rects[3 * 150..3 * 150 + 141];
    let widths: Vec<f64> = alike.iter().map(Rect::width).collect();
    assert!((widths[20] - (10.0 * width + 0.5)).abs() < 1e-6, "{widths:?}");
    assert!((widths[21] - (width + 0.5)).abs() < 1e-6, "{widths:?}");
}

#[test]
fn more_levels_than_pixels_can_tell_are_refused() {
    let error = map(seconds(201), seconds(2)).draw(&Picture::default()).unwrap_err();
    assert_eq!(error.to_string(), "x.levels has 201 entries, at most 200 can be drawn");
}
