//! One small SVG per figure, kept whole: a change of the layout shows as a difference to be looked at.
//!
//! `UPDATE_EXPECT=1 cargo test -p plots` rewrites them.

use expect_test::expect_file;

use crate::{samples, svg};

#[test]
fn outcomes_are_drawn_as_before() {
    let mut figure = samples::outcomes();
    figure.seconds.truncate(40);
    figure.pods.truncate(40);
    expect_file!["../golden/outcomes.svg"].assert_eq(&svg(&figure));
}

#[test]
fn timeline_is_drawn_as_before() {
    let mut figure = samples::timeline();
    figure.lanes.truncate(2);
    expect_file!["../golden/timeline.svg"].assert_eq(&svg(&figure));
}

#[test]
fn race_window_is_drawn_as_before() {
    let mut figure = samples::race_window();
    figure.removal_s = plots::distribution::Distribution::Samples(vec![3.0, 4.0, 4.5, 6.0, 7.0, 9.0, 13.0]);
    figure.served_after_deletion_s = None;
    expect_file!["../golden/race_window.svg"].assert_eq(&svg(&figure));
}

#[test]
fn sweep_is_drawn_as_before() {
    let mut figure = samples::sweep();
    figure.series.truncate(1);
    expect_file!["../golden/sweep.svg"].assert_eq(&svg(&figure));
}

#[test]
fn heat_map_is_drawn_as_before() {
    let mut figure = samples::heat_map();
    figure.y.levels.truncate(2);
    figure.cells.truncate(2);
    expect_file!["../golden/heat_map.svg"].assert_eq(&svg(&figure));
}

#[test]
fn trade_off_is_drawn_as_before() {
    let mut figure = samples::trade_off();
    figure.points.retain(|point| point.cost < 600.0);
    expect_file!["../golden/trade_off.svg"].assert_eq(&svg(&figure));
}

#[test]
fn tornado_is_drawn_as_before() {
    expect_file!["../golden/tornado.svg"].assert_eq(&svg(&samples::tornado()));
}

#[test]
fn latency_is_drawn_as_before() {
    let mut figure = samples::latency();
    figure.series.truncate(1);
    expect_file!["../golden/latency.svg"].assert_eq(&svg(&figure));
}

#[test]
fn compare_is_drawn_as_before() {
    let mut figure = samples::compare();
    figure.panels.truncate(1);
    expect_file!["../golden/compare.svg"].assert_eq(&svg(&figure));
}

#[test]
fn every_svg_is_well_formed_and_says_what_it_is() {
    for (name, figure) in samples::all() {
        let text = svg(&*figure);
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let root = document.root_element();
        assert_eq!(
            (
                root.tag_name().name(),
                root.attribute("width"),
                root.attribute("height")
            ),
            ("svg", Some("800"), Some("500"))
        );
        let title = root.first_element_child().expect("a title comes first");
        assert!(
            title.tag_name().name() == "title" && title.text().is_some_and(|text| !text.is_empty()),
            "{name}"
        );
        let texts = root.children().filter(|node| node.has_tag_name("text"));
        let families = texts.clone().all(|text| {
            text.attribute("font-family")
                .is_some_and(|family| family.ends_with("sans-serif"))
        });
        assert!(
            families && texts.count() > 5,
            "{name}: texts stay text, in a family that every viewer has"
        );
    }
}

#[test]
fn markup_in_names_stays_text() {
    let mut figure = samples::tornado();
    figure.title = "</title><script>alert(1)</script> & \u{0}".into();
    figure.bars[0].name = "<b>\"bold\"</b>".into();
    let text = svg(&figure);
    let document = roxmltree::Document::parse(&text).expect("well-formed");
    assert!(
        document
            .descendants()
            .all(|node| !node.has_tag_name("script") && !node.has_tag_name("b"))
    );
    assert!(
        document
            .descendants()
            .any(|node| node.text().is_some_and(|text| text.contains("<b>\"bold\"</b>")))
    );
}
