//! A run that ends too soon proves nothing: what its pods fail after the horizon is not in it.
//!
//! The disruption takes one pod at 10 s, and the run ends at 60 s, so a pod that sleeps 50 s outlives the run.

use serde_json::Value as Json;

use super::{one_error, place, settings};

/// Nobody takes such a pod out of the target group before it is gone, however long it sleeps.
const PUBLISHED: [&str; 2] = ["--set", "service.publish_not_ready_addresses=true"];

fn notes(document: &Json) -> String {
    document["notes"].to_string()
}

#[test]
fn a_sleep_past_the_horizon_meets_no_target() {
    let (status, document) = one_error(&place(), &PUBLISHED);
    assert_eq!((status, document["status"].as_str()), (1, Some("not_reachable")));
    let rows = document["trade_off"].as_array().expect("a list");
    assert!(rows.iter().all(|row| row["measured"]["verdict"] != "met"), "{rows:?}");
    // A cover that is still judged leaves the pod gone before the horizon.
    assert!(document["longest_cover_tried_s"].as_u64() < Some(50), "{document}");
    assert!(notes(&document).contains("--set horizon="), "{}", notes(&document));
    assert!(
        !notes(&document).contains("every cover up to 120 s"),
        "{}",
        notes(&document)
    );
}

#[test]
fn an_own_sleep_past_the_horizon_is_not_taken_to_meet_it() {
    let long = [
        "--set",
        "pod.pre_stop.sleep=55s",
        "--set",
        "pod.termination_grace_period=90s",
    ];
    let (status, document) = one_error(&place(), &long);
    assert_eq!((status, document["status"].as_str()), (0, Some("met")));
    assert_eq!(settings(&document), [("pod.pre_stop.sleep", "11s")]);
    assert_eq!(document["before"]["verdict"], "unfinished");
    assert!(notes(&document).contains("today's settings"), "{}", notes(&document));
}

#[test]
fn a_removal_past_the_horizon_leaves_it_open_what_a_sleep_does() {
    // A pod that sleeps 49 s is gone a second before the horizon, and chosen for minutes after it.
    let (status, document) = one_error(&place(), &["--set", "elbv2.deregister_propagation=200s"]);
    assert_eq!(status, 1);
    assert_ne!(document["after"]["verdict"], "met");
    assert!(notes(&document).contains("--set horizon="), "{}", notes(&document));
}
