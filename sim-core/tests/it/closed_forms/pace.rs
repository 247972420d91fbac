//! How long a burst of work takes: client buckets, calls to ELBv2, SDK retries, rolling updates.

use sim_core::dist::Probability;
use sim_core::scenario::Scenario;
use sim_core::scenario::value::IntOrPercent;
use sim_core::stats;
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::Fact;

use super::Estimate;
use crate::support::{constant, instant, ms, run_traced, secs};
use crate::timelines::{Timeline, rollout, scale, unlimited_clients};

fn instants(scenario: &Scenario, wanted: impl Fn(&Fact) -> bool) -> Vec<SimTime> {
    let (_, trace) = run_traced(scenario);
    let wanted = trace.iter().filter(|record| wanted(&record.fact));
    wanted.map(|record| SimTime::from_ns(record.at_ns)).collect()
}

#[test]
fn a_scale_down_of_n_pods_takes_two_n_less_thirty_tokens() {
    // kubernetes §2.3.10: 20/s, burst 30, two tokens per deletion: (2n − 30) · 50 ms.
    for n in [10_u32, 15, 25, 100, 400] {
        let mut scenario = instant();
        scenario.horizon = secs(60);
        scenario.cluster.nodes = 20;
        scenario.deployment.replicas = n;
        scenario.disruptions = vec![scale(secs(10), 0)];
        let deleted = instants(&scenario, |fact| matches!(fact, Fact::DeletionCommitted { .. }));
        let expected = ms(50 * u64::from((2 * n).saturating_sub(30)));
        assert_eq!(deleted[n as usize - 1] - deleted[0], expected, "{n} pods");
    }
}

#[test]
fn call_k_waits_for_k_less_twenty_tokens() {
    // lbc §1.7: 4/s, burst 20: the k-th call of a burst waits (k − 20)/4 s; its own two computed examples: 36 calls,
    // 4 s; 200 calls, 45 s. Calls that take no time are a burst.
    for (calls, last) in [(20, secs(0)), (36, secs(4)), (200, secs(45))] {
        let mut scenario = instant();
        scenario.horizon = secs(100);
        scenario.cluster.nodes = 20;
        scenario.deployment.replicas = calls;
        scenario.load_balancer_controller.targets_per_call = 1;
        scenario.elbv2.registration_burst = 1_000;
        scenario.disruptions = vec![scale(secs(10), 0)];
        unlimited_clients(&mut scenario);
        let accepted = instants(&scenario, |fact| matches!(fact, Fact::CallAccepted { .. }));
        assert_eq!(accepted.len(), calls as usize);
        assert_eq!(accepted[calls as usize - 1] - accepted[0], last, "{calls} calls");
    }
}

#[test]
fn one_bucket_serves_all_target_groups() {
    // lbc §1.7: call k of a burst waits (k − 20)/4 s whoever makes it: n groups that each deregister one target. More
    // groups than workers change nothing: a worker is free again as soon as its call has its token.
    for (groups, last) in [(20_u32, secs(0)), (36, secs(4)), (100, secs(20))] {
        let mut scenario = instant();
        scenario.horizon = secs(60);
        scenario.deployment.replicas = 1;
        scenario.pod.pre_stop.sleep = Some(secs(60));
        scenario.pod.termination_grace_period = secs(120);
        scenario.load_balancer_controller.other_target_group_bindings = groups - 1;
        scenario.elbv2.registration_burst = 1_000;
        scenario.disruptions = vec![scale(secs(10), 0)];
        let accepted = instants(&scenario, |fact| {
            matches!(fact, Fact::CallAccepted { .. } | Fact::OtherCallAccepted { .. })
        });
        assert_eq!(accepted.len(), groups as usize);
        assert_eq!(accepted[groups as usize - 1] - accepted[0], last, "{groups} groups");
    }
}

#[test]
fn ten_sdk_attempts_sleep_115_seconds_on_average() {
    // lbc §1.8: U(0,1)·(2 + 4 + 8 + 16) + 5 · 20 s: from 100 to 130, mean 115. Nothing else takes time but the queue's
    // back-off of 5 ms · 2ⁿ, at most 1000 s (§1.3).
    let mut scenario = instant();
    scenario.horizon = secs(100_000);
    scenario.deployment.replicas = 1;
    scenario.elbv2.call_failure = Probability::ONE;
    scenario.disruptions = vec![scale(secs(10), 0)];
    let reconciles = instants(&scenario, |fact| *fact == Fact::ReconcileStarted);
    // The pod's terminal status starts one more reconcile right away; the ladder counts from the first failure on.
    let sleeps: Vec<f64> = (0_u32..)
        .zip(reconciles.windows(2))
        .map(|(failures, pair)| {
            let back_off = ms(5 << failures.min(30)).min(secs(1_000));
            stats::seconds(pair[1] - pair[0]) - stats::seconds(back_off)
        })
        .collect();
    let whole: Vec<f64> = sleeps[20..].to_vec();
    assert!(whole.iter().all(|sleep| (100.0..=130.0).contains(sleep)), "{whole:?}");
    Estimate::of(&whole).assert_is(115.0, 0.05);
}

#[test]
fn a_rolling_update_takes_one_start_per_wave() {
    // kubernetes §4.3.4: at every moment surge + unavailable new pods may be starting, so that n pods take ⌈n / (s +
    // u)⌉ starts of 10 s; the controllers' steps of 3 ms add less than 200 ms per wave.
    for (n, surge, unavailable) in [
        (4, 1, 1),
        (7, 2, 1),
        (10, 3, 2),
        (20, 5, 5),
        (6, 1, 0),
        (6, 0, 2),
        (5, 5, 0),
        (9, 0, 9),
    ] {
        let mut scenario = instant();
        scenario.horizon = secs(120);
        scenario.cluster.nodes = 30;
        scenario.deployment.replicas = n;
        scenario.deployment.max_surge = IntOrPercent::Int(surge);
        scenario.deployment.max_unavailable = IntOrPercent::Int(unavailable);
        scenario.pod.readiness_probe = None;
        scenario.api_server.write_latency = constant(ms(1));
        scenario.api_server.watch_latency = constant(ms(2));
        scenario.kubelet.pod_start = constant(secs(10));
        scenario.disruptions = vec![rollout(secs(10))];
        unlimited_clients(&mut scenario);
        let timeline = Timeline::of(&scenario);
        let ready = timeline.all(|fact| matches!(fact, Fact::PodReady { ready: true, pod } if *pod >= n));
        let ready: Vec<SimDuration> = ready.map(|(at, _)| at - SimTime::from_secs(10)).collect();
        assert_eq!(ready.len(), n as usize, "every pod is replaced once");
        let waves = u64::from(n.div_ceil(surge + unavailable));
        let took = *ready.last().expect("some");
        let bounds = secs(10 * waves)..ms(10_200 * waves);
        assert!(
            bounds.contains(&took),
            "{n} pods, +{surge}, −{unavailable}: {took}, not {bounds:?}"
        );
    }
}
