//! Levels of factors.

use super::*;

fn texts(text: &str) -> Vec<String> {
    parse(text)
        .unwrap()
        .list()
        .unwrap()
        .into_iter()
        .map(|level| level.text)
        .collect()
}

#[test]
fn ranges_hold_both_ends_and_every_step() {
    assert_eq!(texts("a=0s..6s/2s"), ["0s", "2s", "4s", "6s"]);
    assert_eq!(texts("a=0s..1s/400ms"), ["0s", "400ms", "800ms"]);
    assert_eq!(texts("a=0.1..0.5/0.1"), ["0.1", "0.2", "0.3", "0.4", "0.5"]);
    assert_eq!(texts("a=-1..1/1"), ["-1", "0", "1"]);
    assert_eq!(texts("a=10/s..30/s/10/s"), ["10/s", "20/s", "30/s"]);
    assert_eq!(texts("a=10%..30%/10%"), ["10%", "20%", "30%"]);
}

#[test]
fn lists_keep_their_order_and_know_their_unit() {
    let factor = parse("a=5s, 1m ,90s").unwrap();
    assert_eq!(factor.column(), "a_s");
    let numbers: Vec<_> = factor.list().unwrap().iter().map(|level| level.number).collect();
    assert_eq!(numbers, [Some(5.0), Some(60.0), Some(90.0)]);
    assert_eq!(parse("app.preset=puma,uvicorn").unwrap().column(), "app.preset");
    assert_eq!(
        texts("a={uniform: {min: 1s, max: 2s}},3s"),
        ["{uniform: {min: 1s, max: 2s}}", "3s"]
    );
    // Words beside numbers make all of them words.
    assert_eq!(parse("a=1,unlimited").unwrap().unit, Unit::Word);
}

#[test]
fn wrong_ranges_say_what_is_wrong() {
    for (wrong, says) in [
        ("a", "expected `PATH=a,b,c`"),
        ("a=", "expected `PATH=a,b,c`"),
        ("=1", "expected `PATH=a,b,c`"),
        ("a=1,,2", "empty value"),
        ("a=1,1", "stands twice"),
        ("a=5s..1s/1s", "not above its start"),
        ("a=1s..5s/0s", "above zero"),
        ("a=1s..5/1s", "all durations"),
        ("a=0s..1000h/1ns", "steps"),
    ] {
        let error = parse(wrong).unwrap_err();
        assert!(error.contains(says), "{wrong}: {error}");
    }
    assert!(parse("a=1s..5s").unwrap().list().unwrap_err().contains("needs a step"));
}

#[test]
fn a_share_of_the_range_is_a_level() {
    let level = |text: &str, u: f64| parse(text).unwrap().at(u).text;
    assert_eq!(level("a=10s..20s", 0.0), "10s");
    assert_eq!(level("a=10s..20s", 0.55), "15.5s");
    assert_eq!(level("a=0..1", 0.3337), "0.333");
    // Never below the range, however its start is written.
    assert_eq!(level("a=1500us..2500us", 0.0), "1.5ms");
    assert_eq!(level("a=1500us..2s", 0.0), "1.5ms");
    assert_eq!(level("a=0s..30s/10s", 0.99), "30s");
    assert_eq!(level("a=x,y,z", 0.5), "y");
}

#[test]
fn what_a_factor_prints_as_its_levels_is_read_as_the_same() {
    for text in [
        "a=5s,15s",
        "a=3s..20s",
        "a=0s..6s/2s",
        "a=10/s..30/s/10/s",
        "a=0.5..1",
        "a=x,{b: 1}",
    ] {
        let factor = parse(text).unwrap();
        assert_eq!(format!("a={}", factor.levels_text()), text);
    }
}
