//! Sweeps of many levels, of words, and of no grid at all.

use std::fmt::Write as _;

use super::{place, texts};
use crate::command::Place;

/// A table of `sim sweep`, of which pictures need the summaries, with what varies and the failures of a point.
fn table(factors: &[&str], points: impl Iterator<Item = (Vec<String>, f64, f64)>) -> String {
    let mut table = format!(
        "point,{},row,replications_count,five_xx_ratio,five_xx_ratio_ci95_low,five_xx_ratio_ci95_high,\
         terminating_pod_seconds\n",
        factors.join(",")
    );
    for (point, (levels, ratio, cost)) in points.enumerate() {
        let high = ratio * 1.2 + 1e-5;
        let _ = writeln!(
            table,
            "{point},{},summary,5,{ratio},{},{high},{cost}",
            levels.join(","),
            ratio * 0.8
        );
    }
    table
}

/// Height at which a text stands.
fn height(svg: &str, says: &str) -> f64 {
    let document = roxmltree::Document::parse(svg).expect("well-formed");
    let text = document
        .descendants()
        .find(|node| node.has_tag_name("text") && node.text().is_some_and(|text| text.trim() == says));
    let y = text.and_then(|text| text.attribute("y")).expect("it is there");
    y.parse().expect("a number")
}

/// Whole seconds of two factors, and failures that fall along both.
fn grid(columns: u32, rows: u32) -> String {
    let points = (0..columns).flat_map(|x| (0..rows).map(move |y| (x, y)));
    table(
        &["pod.pre_stop.sleep_s", "target_group.health_check.interval_s"],
        points.map(|(x, y)| {
            let ratio = 0.05 / f64::from((1 + x) * (1 + y));
            (vec![x.to_string(), y.to_string()], ratio, f64::from(x * 10 + y))
        }),
    )
}

fn plot(place: &Place, table: &str) -> (i32, String) {
    let plot = place.sim(&["plot", table, "--plots", "out", "--plot-format", "svg"]);
    (plot.status, plot.stderr)
}

#[test]
fn a_grid_of_a_hundred_by_a_hundred_is_drawn() {
    let place = place().file("large.csv", grid(101, 96));
    assert_eq!(plot(&place, "large.csv"), (0, String::new()));
    assert_eq!(place.names_in("out"), ["heat-map.svg", "trade-off.svg"]);
    let svg = place.read("out/heat-map.svg");
    let texts = texts(&svg);
    // Both axes from their first level on; values have no room.
    assert!(texts.iter().filter(|text| *text == "0s").count() == 2, "{texts:?}");
    // Neighbours of one colour are one rectangle, but no row is.
    assert!(svg.matches("<rect").count() > 10 * 96);
}

#[test]
fn levels_beyond_what_a_picture_can_tell_apart_are_taken_together() {
    let place = place().file("larger.csv", grid(300, 4));
    assert_eq!(plot(&place, "larger.csv"), (0, String::new()));
    let texts = texts(&place.read("out/heat-map.svg"));
    // 1,200 points, four to a cell: 17 columns or a little fewer, of a round width.
    assert!(
        texts.contains(&"0–20 s".to_owned()) && texts.contains(&"3s".to_owned()),
        "{texts:?}"
    );
    assert!(
        texts
            .iter()
            .any(|text| text.contains("a cell is the mean of the points in it"))
    );
}

#[test]
fn a_design_that_is_no_grid_has_a_heat_map_and_a_trade_off_on_paper_and_on_its_page() {
    let place = place();
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--vary",
        "pod.pre_stop.sleep=0s..25s",
        "--vary",
        "elbv2.deregister_propagation=3s..20s",
        "--design",
        "latin-hypercube",
        "--points",
        "64",
        "--replications",
        "1",
        "--plots",
        "out",
        "--plot-format",
        "svg",
        "--html",
        "page.html",
    ]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(place.names_in("out"), ["heat-map.svg", "trade-off.svg"]);
    assert_eq!(place.read("page.html").matches("<figure>").count(), 2);
    let texts = texts(&place.read("out/heat-map.svg"));
    // 64 points, four to a cell: four columns or a little fewer, of a round width.
    assert!(
        texts.contains(&"0–10 s".to_owned()) && texts.contains(&"20–30 s".to_owned()),
        "{texts:?}"
    );
}

#[test]
fn what_cannot_be_drawn_is_named() {
    let words = (0..201).flat_map(|x| (0..2).map(move |y| (vec![format!("w{x}"), format!("v{y}")], 0.01, 1.0)));
    let one = std::iter::once((vec!["puma".to_owned()], 0.01, 1.0));
    let place = place()
        .file("words.csv", table(&["app.preset", "app.other"], words))
        .file("one.csv", table(&["app.preset"], one));
    let (status, stderr) = plot(&place, "words.csv");
    assert_eq!(status, 1);
    assert!(
        stderr.contains("heat-map cannot be drawn: y.levels has 201 entries, at most 200"),
        "{stderr}"
    );
    assert_eq!(place.names_in("out"), ["trade-off.svg"]);
    let (status, stderr) = plot(&place, "one.csv");
    assert_eq!(status, 2);
    assert!(
        stderr.contains("one.csv: a single design point has a picture only where"),
        "{stderr}"
    );
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--vary",
        "app.preset=puma",
        "--replications",
        "1",
        "--plots",
        "none",
    ]);
    assert_eq!(run.status, 0);
    assert!(
        run.stderr.contains("a single design point has a picture only where"),
        "{}",
        run.stderr
    );
}

#[test]
fn words_stand_beside_the_cells_and_are_named_in_full() {
    let presets = [
        "spring-boot-graceful",
        "spring-boot-immediate",
        "django-runserver",
        "puma",
        "go-default",
    ];
    let distribution = "\"{log_normal: {median: 25s, p99: 45s}}\"";
    let points = presets
        .iter()
        .flat_map(|preset| [distribution, "3s"].map(|level| (vec![(*preset).to_owned(), level.to_owned()], 0.01, 1.0)));
    let place = place().file(
        "words.csv",
        table(&["app.preset", "elbv2.deregister_propagation"], points),
    );
    assert_eq!(plot(&place, "words.csv"), (0, String::new()));
    let texts = texts(&place.read("out/heat-map.svg"));
    for preset in presets {
        assert!(texts.contains(&preset.to_owned()), "{texts:?}");
    }
    assert!(
        texts.join(" ").contains("{log_normal: {median: 25s, p99: 45s}}"),
        "{texts:?}"
    );
}

#[test]
fn words_are_read_downwards_and_each_keeps_its_values() {
    let ratio = |preset: u32, sleep: u32| 0.01 * f64::from(1 + preset + 3 * sleep);
    let presets = ["django-runserver", "gunicorn-gthread", "spring-boot-graceful"];
    let points = (0..3_u32).flat_map(|preset| (0..2_u32).map(move |sleep| (preset, sleep)));
    let points = points.map(|(preset, sleep)| {
        let levels = vec![presets[preset as usize].to_owned(), sleep.to_string()];
        (levels, ratio(preset, sleep), 1.0)
    });
    let place = place().file("p.csv", table(&["app.preset", "pod.pre_stop.sleep_s"], points));
    assert_eq!(plot(&place, "p.csv"), (0, String::new()));
    let svg = place.read("out/heat-map.svg");
    let names = presets.map(|preset| height(&svg, preset));
    assert!(names.is_sorted(), "{names:?}");
    // 3 % and 6 % are those of the third.
    for (index, values) in [["1", "4"], ["2", "5"], ["3", "6"]].into_iter().enumerate() {
        for value in values {
            assert!((height(&svg, value) - names[index]).abs() < 1.0, "{value}");
        }
    }
}
