//! The `HorizontalPodAutoscaler` (nodes §7, kubernetes §4.5), driven by what idle containers use.
//!
//! ```text
//! windows end at   0      15      30      45      60     (seconds since the first one ended)
//! shown at           3      18      33      48
//! the HPA looks at     5      20      35      50
//! ```
//! So each look shows the window that ended 5 s ago. A pod requests 100m and the target is 50 %: `idle_cpu: 50m` is
//! the target itself. A change is a write and a watch later with the Deployment controller (30 ms), the same again
//! with the `ReplicaSet` controller, and the pod write takes 10 ms: pods come and go 70 ms after the look.

use sim_core::rng::Streams;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, PodCrash};
use sim_core::scenario::hpa::{Hpa, ScalingPolicy, SelectPolicy};
use sim_core::scenario::quantity::Cpu;
use sim_core::summary::SeriesRow;
use sim_core::time::{SimDuration, SimTime};

use super::Topic::{Autoscaler, Objects};
use super::{Timeline, constants, scale, unlimited_clients};
use crate::support::{SEED, constant, ms, secs};

/// What a random phase is under the seed of every timeline: which one it is, is not the point.
fn phase(stream: &str, period: SimDuration) -> SimDuration {
    SimDuration::from_ns(Streams::new(SEED, 0).stream(stream).next_u64() % period.as_ns())
}

/// When the first window ends: the origin of every time below.
pub(super) fn first_window_end() -> SimDuration {
    phase("metrics_phase", secs(15)) + secs(15)
}

/// A fleet under an autoscaler that looks 5 s after the end of each window, until `until` s after the first one.
pub(super) fn autoscaled(replicas: u32, idle_millicores: u64, until: u64) -> Scenario {
    let mut scenario = constants();
    unlimited_clients(&mut scenario);
    scenario.horizon = first_window_end() + secs(until) + ms(500);
    scenario.deployment.replicas = replicas;
    scenario.cluster.nodes = 20;
    scenario.pod.requests.cpu = Cpu::from_millicores(100);
    scenario.app.idle_cpu = Cpu::from_millicores(idle_millicores);
    scenario.metrics_server.latency = constant(secs(3));
    let mut hpa = Hpa::up_to(40);
    hpa.target_cpu_utilization = 50;
    scenario.disruptions.push(Disruption {
        at: first_window_end() + secs(5) - phase("hpa_phase", secs(15)),
        hpa: Some(hpa),
        ..Disruption::default()
    });
    scenario
}

pub(super) fn hpa(scenario: &mut Scenario) -> &mut Hpa {
    scenario.disruptions[0].hpa.as_mut().expect("the first one")
}

pub(super) fn timeline(scenario: &Scenario) -> Timeline {
    Timeline::of(scenario)
        .in_order_of_deletion()
        .since(SimTime::ZERO + first_window_end())
}

fn check(scenario: &Scenario, expected: &str) {
    timeline(scenario).check(&[Autoscaler], expected);
}

#[test]
fn a_fleet_at_its_target_stays() {
    let timeline = timeline(&autoscaled(6, 50, 35));
    timeline.check(
        &[Autoscaler],
        "
        5s sees 50.0% of 6: wants 6, 6 stay
        20s sees 50.0% of 6: wants 6, 6 stay
        35s sees 50.0% of 6: wants 6, 6 stay
        ",
    );
    // The last row is that of half a second.
    let [first, .., last_whole, _] = timeline.summary.series.as_slice() else {
        panic!("more than three seconds")
    };
    let seen = |row: &SeriesRow| row.cpu_utilization_permille;
    assert_eq!((seen(first), seen(last_whole)), (None, Some(500)));
}

#[test]
fn before_the_first_window_has_ended_nobody_knows_anything() {
    // One period earlier: the look 10 s before the end of the first window finds six pods without metrics.
    let mut scenario = autoscaled(6, 50, 5);
    scenario.disruptions[0].at -= secs(15);
    let all = Timeline::of(&scenario).since(SimTime::ZERO + first_window_end() - secs(15));
    all.check(
        &[Autoscaler],
        "
        5s sees nothing, 6 missing: does not ask, 6 stay
        20s sees 50.0% of 6: wants 6, 6 stay
        ",
    );
}

#[test]
fn a_tenth_above_the_target_is_tolerated_and_more_is_not() {
    // 55 / 50 = 1.1: within 0.1. With 0.05 it is not: ceil(55 × 6 / 50) = ceil(6.6) = 7.
    let mut scenario = autoscaled(6, 55, 5);
    check(&scenario, "5s sees 55.0% of 6: wants 6, 6 stay");
    scenario.hpa_controller.tolerance = sim_core::dist::Probability::from_permille(50);
    check(&scenario, "5s sees 55.0% of 6: wants 7, 6 to 7");
    // 56 / 50 = 1.12: ceil(6.72).
    check(&autoscaled(6, 56, 5), "5s sees 56.0% of 6: wants 7, 6 to 7");
    // 45 / 50 = 0.9 is tolerated; 44 / 50 is not: ceil(5.28) = 6 is what there is.
    check(&autoscaled(6, 45, 5), "5s sees 45.0% of 6: wants 6, 6 stay");
    check(&autoscaled(6, 44, 5), "5s sees 44.0% of 6: wants 6, 6 stay");
}

#[test]
fn the_default_scales_up_by_four_then_doubles_up_to_its_limit() {
    // 300 % of 2: ceil(300 × 2 / 50) = 12, but max(2 + 4, 2 × 2) = 6. The new pods run 3 s after they are made, at
    // 8.07 s; their first point is the scrape at 15 s, so at 20 s they run and have no metrics: they count as 0 on the
    // way up. 600 of 6 × 100 = 100 %: ceil(100 × 6 / 50) = 12 = 6 × 2. At 35 s the first four have a window (15 to 30 s)
    // and were Ready in all of it: 1800 of 12 × 100 = 150 %: 36, but 12 × 2. At 50 s 3600 of 24 × 100: 72, but 40.
    check(
        &autoscaled(2, 300, 50),
        "
        5s sees 300.0% of 2: wants 12, 2 to 6
        20s sees 300.0% of 2, 4 missing: wants 12, 6 to 12
        35s sees 300.0% of 6, 6 missing: wants 36, 12 to 24
        50s sees 300.0% of 12, 12 missing: wants 72, 24 to 40
        ",
    );
}

#[test]
fn a_policy_in_pods_lets_two_go_each_minute() {
    // 10 %: ceil(10 × 10 / 50) = 2, then ceil(10 × 8 / 50) = 2. The change at 5 s is younger than 60 s
    // until 50 s. DELETE 5.07; gone 22 + 4 + 1 + 30 + 200 + 1000 = 1257 later.
    let mut scenario = autoscaled(10, 10, 65);
    let down = &mut hpa(&mut scenario).behavior.scale_down;
    down.stabilization_window = SimDuration::ZERO;
    down.policies = vec![ScalingPolicy::pods(2, secs(60))];
    timeline(&scenario).check(
        &[Autoscaler, Objects],
        "
        5s sees 10.0% of 10: wants 2, 10 to 8
        5.07s pod 0 DELETE, grace 30
        5.07s pod 1 DELETE, grace 30
        6.327s pod 0 gone
        6.327s pod 1 gone
        20s sees 10.0% of 8: wants 2, 8 stay
        35s sees 10.0% of 8: wants 2, 8 stay
        50s sees 10.0% of 8: wants 2, 8 stay
        65s sees 10.0% of 8: wants 2, 8 to 6
        65.07s pod 2 DELETE, grace 30
        65.07s pod 3 DELETE, grace 30
        ",
    );
}

#[test]
fn a_policy_in_percent_is_cut_to_whole_pods() {
    // 25 % per 30 s: 10 × 0.75 = 7.5: 7; at 35 s 7 × 0.75 = 5.25: 5.
    let mut scenario = autoscaled(10, 10, 35);
    let down = &mut hpa(&mut scenario).behavior.scale_down;
    down.stabilization_window = SimDuration::ZERO;
    down.policies = vec![ScalingPolicy::percent(25, secs(30))];
    check(
        &scenario,
        "
        5s sees 10.0% of 10: wants 2, 10 to 7
        20s sees 10.0% of 7: wants 2, 7 stay
        35s sees 10.0% of 7: wants 2, 7 to 5
        ",
    );
}

#[test]
fn select_policy_chooses_between_policies_or_forbids() {
    // One pod or half of them, per 15 s: max takes the half, min the one.
    for (select_policy, expected) in [
        (
            SelectPolicy::Max,
            "5s sees 10.0% of 10: wants 2, 10 to 5\n20s sees 10.0% of 5: wants 1, 5 to 2",
        ),
        (
            SelectPolicy::Min,
            "5s sees 10.0% of 10: wants 2, 10 to 9\n20s sees 10.0% of 9: wants 2, 9 to 8",
        ),
        (
            SelectPolicy::Disabled,
            "5s sees 10.0% of 10: wants 2, 10 stay\n20s sees 10.0% of 10: wants 2, 10 stay",
        ),
    ] {
        let mut scenario = autoscaled(10, 10, 20);
        let down = &mut hpa(&mut scenario).behavior.scale_down;
        down.stabilization_window = SimDuration::ZERO;
        down.select_policy = select_policy;
        down.policies = vec![ScalingPolicy::pods(1, secs(15)), ScalingPolicy::percent(50, secs(15))];
        check(&scenario, expected);
    }
}

#[test]
fn outside_its_limits_it_goes_to_the_nearest_one_without_asking() {
    let mut scenario = autoscaled(6, 50, 5);
    hpa(&mut scenario).max_replicas = 4;
    check(&scenario, "5s sees 50.0% of 6: does not ask, 6 to 4");
    hpa(&mut scenario).max_replicas = 40;
    hpa(&mut scenario).min_replicas = 9;
    check(&scenario, "5s sees 50.0% of 6: does not ask, 6 to 9");
}

#[test]
fn zero_replicas_switch_it_off() {
    // Terminated by 6.33 s; at 20 s there is no pod, and nobody makes one.
    let mut scenario = autoscaled(6, 50, 20);
    scenario.disruptions.push(scale(first_window_end() + ms(5_001), 0));
    check(
        &scenario,
        "
        5s sees 50.0% of 6: wants 6, 6 stay
        20s sees nothing: does not ask, 0 stay
        ",
    );
}

#[test]
fn a_scale_beside_it_is_the_number_it_works_from() {
    // 8 from 18 s: at 20 s the two pods of 18.07 s are Pending, at 35 s they run without metrics (first point 30 s);
    // at the target neither counts, and within the tolerance 8 stay 8.
    let mut scenario = autoscaled(6, 50, 50);
    scenario.disruptions.push(scale(first_window_end() + secs(18), 8));
    check(
        &scenario,
        "
        5s sees 50.0% of 6: wants 6, 6 stay
        20s sees 50.0% of 6, 2 unready: wants 8, 8 stay
        35s sees 50.0% of 6, 2 missing: wants 8, 8 stay
        50s sees 50.0% of 8: wants 8, 8 stay
        ",
    );
}

#[test]
fn a_young_pod_counts_once_it_was_ready_for_a_whole_window() {
    // The kubelet notices the containers of 21.07 s only at 33.07 s: Running and Ready at 33.11 s. At 50 s its window
    // (30 to 45 s) began before that: unready. At 65 s it counts. Once it is 10 s old for the purpose, it counts at 50 s.
    let mut scenario = autoscaled(6, 50, 65);
    scenario.kubelet.start_detect = constant(secs(12));
    scenario.disruptions.push(scale(first_window_end() + secs(18), 7));
    let looks = |at_50: &str| {
        format!(
            "
            5s sees 50.0% of 6: wants 6, 6 stay
            20s sees 50.0% of 6, 1 unready: wants 7, 7 stay
            35s sees 50.0% of 6, 1 missing: wants 7, 7 stay
            50s sees 50.0% of {at_50}: wants 7, 7 stay
            65s sees 50.0% of 7: wants 7, 7 stay
            "
        )
    };
    check(&scenario, &looks("6, 1 unready"));
    scenario.hpa_controller.cpu_initialization_period = secs(10);
    check(&scenario, &looks("7"));
}

#[test]
fn a_restarted_container_has_no_metrics_until_its_second_scrape() {
    // Crash at 16 s, running again at 17 s: first point at 30 s, first window 30 to 45 s.
    let mut scenario = autoscaled(6, 50, 50);
    scenario.disruptions.push(Disruption {
        at: first_window_end() + secs(16),
        pod_crash: Some(PodCrash { pods: 1 }),
        ..Disruption::default()
    });
    check(
        &scenario,
        "
        5s sees 50.0% of 6: wants 6, 6 stay
        20s sees 50.0% of 6: wants 6, 6 stay
        35s sees 50.0% of 5, 1 missing: wants 6, 6 stay
        50s sees 50.0% of 6: wants 6, 6 stay
        ",
    );
}
