//! The `HorizontalPodAutoscaler` and its load: what requests cost, and what failed requests do not.
//!
//! Times as in `hpa.rs`. All of a service time of 15 ms is CPU here, so one request in a window of 15 s is 1m.

use sim_core::dist::Probability;
use sim_core::scenario::Scenario;
use sim_core::scenario::value::Limit;
use sim_core::scenario::workload::{Arrivals, OpenLoop, Profile, ProfileStep, Sessions, Step};
use sim_core::time::SimDuration;
use sim_core::trace::Fact;

use super::Topic::{Autoscaler, Objects};
use super::hpa::{autoscaled, first_window_end, hpa, timeline};
use super::{Timeline, scale};
use crate::support::{constant, ms, secs};

/// Requests per second from the start of each window named on, evenly spaced. The windows that end at 0 s, 15 s, … have
/// the numbers 0, 1, …
///
/// A step comes some milliseconds before its window, the first request one interval later, and so the last one of a
/// window as long before its end: `15 × rate` in each. Each step comes closer than the one before, which lets that last
/// request pass.
fn load(windows: &[(u64, u64)]) -> Option<OpenLoop> {
    let step = |(index, &(window, value)): (u64, &(u64, u64))| ProfileStep {
        at: first_window_end() + secs(15 * window) - secs(15) - ms(10 - index),
        value,
    };
    let nothing = ProfileStep {
        at: SimDuration::ZERO,
        value: 0,
    };
    let steps = (0..).zip(windows).map(step);
    Some(OpenLoop {
        rate: Profile::Steps([nothing].into_iter().chain(steps).collect()),
        arrivals: Arrivals::Even,
        ..OpenLoop::default()
    })
}

/// Six pods that serve requests of 1m each, and nothing else.
fn serving(idle_millicores: u64, until: u64, windows: &[(u64, u64)]) -> Scenario {
    let mut scenario = autoscaled(6, idle_millicores, until);
    scenario.app.cpu_share = Probability::ONE;
    scenario.app.service_time = constant(ms(15));
    scenario.workload.open_loop = load(windows);
    scenario
}

#[test]
fn after_a_cliff_one_big_step_comes_when_the_window_is_over() {
    // 20/s: 300 requests, 300m of 600m: 50 %. From window 3 on 4/s: 60m of 600m: 10 %: ceil(10 × 6 / 50) = 2. The last
    // recommendation of 6 is that of 35 s; at 320 s it is 285 s old, at 335 s 300 s: no longer in the window.
    let scenario = serving(0, 335, &[(0, 20), (3, 4)]);
    let looks = |at: u64| match at {
        0..50 => format!("{at}s sees 50.0% of 6: wants 6, 6 stay"),
        50..335 => format!("{at}s sees 10.0% of 6: wants 2, 6 stay"),
        _ => format!("{at}s sees 10.0% of 6: wants 2, 6 to 2"),
    };
    let looks = (5..=335).step_by(15).map(looks);
    let deletions = (0..4).map(|pod| format!("335.07s pod {pod} DELETE, grace 30"));
    let expected = looks.chain(deletions).collect::<Vec<_>>().join("\n");
    let timeline = timeline(&scenario);
    timeline.check(&[Autoscaler, Objects], &expected);
    let change = &timeline.summary.disruptions[0];
    assert_eq!(
        (change.kind, change.pods_count),
        ("hpa", 4),
        "its victims are charged to it"
    );
    assert_eq!(timeline.summary.observations.hpa_large_steps, 1, "4 of 6 in one step");
}

#[test]
fn a_falling_load_is_followed_in_steps() {
    // Window of 60 s, 10m idle. Load per window 240, 240, 180, 120, 60, 0: with 60m idle 50, 50, 40, 30, 20, 10 %.
    // Wanted: 6, 6, ceil(4.8) = 5, ceil(3.6) = 4, ceil(2.4) = 3, ceil(1.2) = 2. At 80 s the 6 of 20 s is 60 s old: the
    // highest is 5; and so on every 15 s. With five pods 10 % asks for 1.
    let mut scenario = serving(10, 140, &[(0, 16), (2, 12), (3, 8), (4, 4), (5, 0)]);
    hpa(&mut scenario).behavior.scale_down.stabilization_window = secs(60);
    timeline(&scenario).check(
        &[Autoscaler],
        "
        5s sees 50.0% of 6: wants 6, 6 stay
        20s sees 50.0% of 6: wants 6, 6 stay
        35s sees 40.0% of 6: wants 5, 6 stay
        50s sees 30.0% of 6: wants 4, 6 stay
        65s sees 20.0% of 6: wants 3, 6 stay
        80s sees 10.0% of 6: wants 2, 6 to 5
        95s sees 10.0% of 5: wants 1, 5 to 4
        110s sees 10.0% of 4: wants 1, 4 to 3
        125s sees 10.0% of 3: wants 1, 3 to 2
        140s sees 10.0% of 2: wants 1, 2 to 1
        ",
    );
}

#[test]
fn a_short_peak_does_not_scale_up_through_a_window() {
    // 40/s in window 1 alone: 600m of 600m: 100 %: 12. Up needs 30 s of it: the lowest of the last two looks is 6.
    let mut scenario = serving(0, 50, &[(0, 20), (1, 40), (2, 20)]);
    hpa(&mut scenario).behavior.scale_up.stabilization_window = secs(30);
    timeline(&scenario).check(
        &[Autoscaler],
        "
        5s sees 50.0% of 6: wants 6, 6 stay
        20s sees 100.0% of 6: wants 12, 6 stay
        35s sees 50.0% of 6: wants 6, 6 stay
        50s sees 50.0% of 6: wants 6, 6 stay
        ",
    );
}

#[test]
fn a_saturated_server_uses_its_workers_and_works_off_the_rest_later() {
    // One pod, one worker, requests of 100 ms: 20/s are 30 s of work in the windows 0 and 1 each, of which 15 s are
    // done per window: 1000m of 4000m. The other 30 s are done in the windows 2 and 3, where nothing comes in.
    let mut scenario = serving(0, 65, &[(0, 20), (2, 0)]);
    scenario.deployment.replicas = 1;
    scenario.cluster.instance_type = "m5.4xlarge".into();
    scenario.pod.requests.cpu = "4".parse().expect("a quantity");
    scenario.app.workers = Limit::At(1);
    scenario.app.service_time = constant(ms(100));
    timeline(&scenario).check(
        &[Autoscaler],
        "
        5s sees 25.0% of 1: wants 1, 1 stay
        20s sees 25.0% of 1: wants 1, 1 stay
        35s sees 25.0% of 1: wants 1, 1 stay
        50s sees 25.0% of 1: wants 1, 1 stay
        65s sees 0.0% of 1: wants 0, 1 stay
        ",
    );
}

#[test]
fn half_of_the_service_time_on_the_cpu_is_half_the_use() {
    let mut scenario = serving(0, 5, &[(0, 20)]);
    scenario.app.cpu_share = Probability::from_permille(500);
    // 300 requests of 0.5m: 25 % and, because each pod's use is rounded up to whole millicores, at most six more.
    let seen = looks(&Timeline::of(&scenario));
    assert!((250..=260).contains(&seen[0].0), "{seen:?}");
}

/// Utilisation in permille and recommendation of each look.
fn looks(timeline: &Timeline) -> Vec<(u32, u32)> {
    timeline
        .all(|fact| matches!(fact, Fact::HpaSynced { .. }))
        .map(|(_, fact)| match fact {
            Fact::HpaSynced {
                cpu_utilization_permille: Some(permille),
                recommended_count: Some(recommended),
                ..
            } => (*permille, *recommended),
            other => panic!("without metrics: {other:?}"),
        })
        .collect()
}

#[test]
fn an_outage_that_blocks_sessions_lowers_the_load_and_the_recommendation() {
    // Eight sessions without think time keep 800 ms of CPU busy per second, whatever the number of pods. At 15 s six of
    // eight pods go; for 10 s the ALB still chooses them and every session soon waits for a silent IP. In the window from
    // 15 to 30 s at most a third of the load is left. Where the pods serve until the ALB has forgotten them nothing is
    // missing but what the leaving pods served in their last seconds.
    let mut outage = autoscaled(8, 0, 35);
    hpa(&mut outage).behavior.scale_down.select_policy = sim_core::scenario::hpa::SelectPolicy::Disabled;
    outage.pod.requests.cpu = "200m".parse().expect("a quantity");
    outage.app.cpu_share = Probability::from_permille(100);
    outage.app.service_time = constant(ms(100));
    outage.workload.sessions = Some(Sessions {
        count: Profile::Constant(8),
        steps: vec![Step::default()],
        ..Sessions::default()
    });
    outage.disruptions.push(scale(first_window_end() + secs(15), 2));
    let mut without = outage.clone();
    without.elbv2.deregister_propagation = constant(SimDuration::ZERO);
    without.pod.pre_stop.sleep = Some(secs(5));

    let (failing, smooth) = (Timeline::of(&outage), Timeline::of(&without));
    assert!(failing.summary.five_xx_count() >= 8, "every session was blocked");
    assert_eq!(smooth.summary.five_xx_count(), 0);
    let (failing, smooth) = (looks(&failing), looks(&smooth));
    // 800m of 8 × 200m; each pod's use is rounded up by less than 1m.
    assert!(
        failing[0] == smooth[0] && (500..=505).contains(&failing[0].0),
        "{failing:?}"
    );
    // Of two pods 800m are 200 %, which asks for eight again.
    let (blocked, served) = (failing[2], smooth[2]);
    assert!(served.0 > 1_900 && served.1 == 8, "{smooth:?}");
    assert!(blocked.0 < 700 && blocked.1 <= 3, "{failing:?}");
}
