//! Trade-offs of settings that all cost the same, that never fail, and of which none is good enough.

use super::{place, texts};

#[test]
fn settings_that_never_fail_and_cost_nothing_stand_on_their_bound() {
    let place = place();
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--set",
        "disruptions=[]",
        "--vary",
        "pod.pre_stop.sleep=0s,10s,20s",
        "--replications",
        "2",
        "--plots",
        "out",
        "--plot-format",
        "svg",
    ]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let texts = texts(&place.read("out/trade-off.svg"));
    for says in ["0s and 2 more", "All settings cost the same."] {
        assert!(texts.iter().any(|text| text == says), "no {says:?} in {texts:?}");
    }
    // 7,200 requests without a failure: 0.05 % at most, with 95 % confidence; and no cost below zero.
    let numbers: Vec<f64> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    assert!(numbers.iter().any(|number| (0.02..0.1).contains(number)), "{texts:?}");
    assert!(numbers.iter().all(|number| (0.0..=1.0).contains(number)), "{texts:?}");
}

#[test]
fn the_best_found_is_marked_where_nothing_meets_the_target() {
    let place = place();
    let run = place.sim(&[
        "advise",
        "spot-reclaim",
        "--target-errors-per-event",
        "1",
        "--plots",
        "out",
        "--plot-format",
        "svg",
    ]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(place.names_in("out").contains(&"trade-off.svg".to_owned()));
    let texts = texts(&place.read("out/trade-off.svg"));
    assert!(texts.contains(&"best found".to_owned()), "{texts:?}");
    assert!(!texts.contains(&"advised".to_owned()), "{texts:?}");
    assert!(!texts.iter().any(|text| text.starts_with('\u{2212}')), "{texts:?}");
}
