use alloc::vec;
use alloc::vec::Vec;

use super::*;

const fn at(secs: u64) -> SimTime {
    SimTime::from_secs(secs)
}

const fn secs(secs: u64) -> SimDuration {
    SimDuration::from_secs(secs)
}

/// An autoscaler from 1 to 100 without windows, which a test changes.
fn hpa(change: impl FnOnce(&mut Hpa)) -> Hpa {
    let mut hpa = Hpa::up_to(100);
    hpa.behavior.scale_down.stabilization_window = SimDuration::ZERO;
    change(&mut hpa);
    hpa
}

/// Feeds recommendations every 15 s and returns the replicas after each.
fn replicas(hpa: &Hpa, mut current: u32, recommendations: &[u32]) -> Vec<u32> {
    let mut history = History::default();
    (0..)
        .zip(recommendations)
        .map(|(index, recommended)| {
            let now = at(15 * index);
            history.begin(now, current);
            let next = history.limit(now, hpa, current, *recommended);
            history.changed(now, current, next);
            current = next;
            next
        })
        .collect()
}

#[test]
fn the_default_goes_down_at_once_and_doubles_on_the_way_up() {
    let default = hpa(|_| {});
    assert_eq!(replicas(&default, 80, &[3]), [3], "100 % per 15 s is no limit");
    // The larger of +4 and ×2: 2 + 4; 6 × 2; 12 × 2; 24 × 2; then what is asked for.
    assert_eq!(replicas(&default, 2, &[60; 5]), [6, 12, 24, 48, 60]);
}

#[test]
fn limits_hold_whatever_is_asked_for() {
    let narrow = hpa(|hpa| {
        hpa.min_replicas = 5;
        hpa.max_replicas = 9;
    });
    assert_eq!(replicas(&narrow, 7, &[0, 200, 200]), [5, 9, 9]);
}

#[test]
fn a_policy_in_pods_counts_what_went_within_its_period() {
    // 2 pods per 60 s: down 2 at once, then at 60 s the change at 0 s is no longer younger than the period.
    let pods = hpa(|hpa| hpa.behavior.scale_down.policies = vec![ScalingPolicy::pods(2, secs(60))]);
    assert_eq!(replicas(&pods, 20, &[1; 6]), [18, 18, 18, 18, 16, 16]);
}

#[test]
fn a_policy_in_percent_counts_from_the_start_of_its_period() {
    // 10 % of 25 per 60 s: 25 × 0.9 = 22.5, cut to 22. After 60 s 22 × 0.9 = 19.8: 19.
    let down = hpa(|hpa| hpa.behavior.scale_down.policies = vec![ScalingPolicy::percent(10, secs(60))]);
    assert_eq!(replicas(&down, 25, &[1; 6]), [22, 22, 22, 22, 19, 19]);
    // Up it rounds up: 5 × 1.1 = 5.5: 6; 6 × 1.1 = 6.6: 7.
    let up = hpa(|hpa| hpa.behavior.scale_up.policies = vec![ScalingPolicy::percent(10, secs(60))]);
    assert_eq!(replicas(&up, 5, &[90; 6]), [6, 6, 6, 6, 7, 7]);
}

#[test]
fn what_was_added_within_a_period_may_be_taken_away_again_only_as_far_as_its_start_allows() {
    // From 10: +10 at 0 s. Down with 2 pods per 60 s: at 15 s the period began with 20 − 10 = 10: 8 is allowed.
    let pods = hpa(|hpa| hpa.behavior.scale_down.policies = vec![ScalingPolicy::pods(2, secs(60))]);
    assert_eq!(replicas(&pods, 10, &[20, 1, 1]), [20, 8, 8]);
}

#[test]
fn max_takes_the_largest_change_min_the_smallest_and_disabled_none() {
    let with = |select_policy| {
        hpa(|hpa| {
            let down = &mut hpa.behavior.scale_down;
            down.select_policy = select_policy;
            down.policies = vec![ScalingPolicy::pods(3, secs(15)), ScalingPolicy::percent(50, secs(15))];
            let up = &mut hpa.behavior.scale_up;
            up.select_policy = select_policy;
            up.policies = down.policies.clone();
        })
    };
    // Of 20: 17 or 10. Of 10: 7 or 5. Of 17: 14 or 8.
    assert_eq!(replicas(&with(SelectPolicy::Max), 20, &[1, 1]), [10, 5]);
    assert_eq!(replicas(&with(SelectPolicy::Min), 20, &[1, 1]), [17, 14]);
    assert_eq!(replicas(&with(SelectPolicy::Disabled), 20, &[1, 1]), [20, 20]);
    // Up, of 20: 23 or 30.
    assert_eq!(replicas(&with(SelectPolicy::Max), 20, &[90]), [30]);
    assert_eq!(replicas(&with(SelectPolicy::Min), 20, &[90]), [23]);
    assert_eq!(replicas(&with(SelectPolicy::Disabled), 20, &[90]), [20]);
}

#[test]
fn the_way_down_follows_the_highest_recommendation_of_the_window() {
    // Window 45 s: each counts for the three looks after its own. The first one is the 20 found.
    let window = hpa(|hpa| hpa.behavior.scale_down.stabilization_window = secs(45));
    assert_eq!(replicas(&window, 20, &[12, 8, 9, 4, 4, 4, 4]), [20, 20, 20, 9, 9, 4, 4]);
}

#[test]
fn the_way_up_follows_the_lowest_recommendation_of_the_window() {
    let window = hpa(|hpa| hpa.behavior.scale_up.stabilization_window = secs(30));
    // At 0 s the lowest is the 5 found; at 15 s 5 and 9 are younger than 30 s; at 30 s 9 and 8.
    assert_eq!(replicas(&window, 5, &[9, 9, 8, 8]), [5, 5, 8, 8]);
}
