//! How long a burst of work takes: client buckets, calls to ELBv2, SDK retries, rolling updates.

use sim_core::dist::Probability;
use sim_core::scenario::Scenario;
use sim_core::scenario::value::IntOrPercent;
use sim_core::stats;
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::{Fact, TraceLevel};

use super::Oracle;
use super::bench::Bench;
use super::comparison::Comparison;
use super::estimate::Estimate;
use super::workload::{constant, ms, rollout, scale, secs, unlimited_clients};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "scale_down_bucket",
        claim: "A scale-down of n pods takes the time in which its client's bucket gains 2n − 30 tokens.",
        source: "kubernetes §2.3.10: 20/s, burst 30, two tokens per deletion: (2n − 30) · 50 ms",
        compare: scale_downs_drain_the_bucket,
    },
    Oracle {
        name: "deregistration_bucket",
        claim: "The last of n calls of a burst waits for n − 20 tokens of the controller's bucket.",
        source: "lbc §1.7: 4/s, burst 20: (n − 20) / 4 s; its own examples: 36 calls 4 s, 200 calls 45 s",
        compare: calls_drain_the_bucket,
    },
    Oracle {
        name: "deregistration_bucket_shared",
        claim: "All target groups share that bucket.",
        source: "lbc §1.7: n groups of one call each: (n − 20) / 4 s",
        compare: all_groups_share_the_bucket,
    },
    Oracle {
        name: "sdk_retries",
        claim: "Ten attempts of a call that always fails sleep 100 to 130 s, 115 s on average.",
        source: "lbc §1.8: U(0, 1) · (2 + 4 + 8 + 16) + 5 · 20 s",
        compare: ten_attempts_sleep,
    },
    Oracle {
        name: "rollout_duration",
        claim: "A rolling update takes one pod start per wave of surge and unavailable pods.",
        source: "kubernetes §4.3.3, §4.3.4: ⌈n / (⌈surge⌉ + ⌊unavailable⌋)⌉ starts of 10 s, one at least unavailable",
        compare: rollouts_go_in_waves,
    },
];

fn instants(bench: &mut Bench, scenario: &Scenario, wanted: impl Fn(&Fact) -> bool) -> Vec<SimTime> {
    let (_, trace) = bench.traced(scenario, 0, TraceLevel::Failures);
    let wanted = trace.iter().filter(|record| wanted(&record.fact));
    wanted.map(|record| SimTime::from_ns(record.at_ns)).collect()
}

/// Compares the time from the first to the last of `count` instants.
fn spread(instants: &[SimTime], count: u32, expected: SimDuration) -> Comparison {
    let (Some(first), Some(last)) = (instants.first(), instants.last()) else {
        return Comparison::same(count, 0);
    };
    let found = format!("{} in {}", instants.len(), *last - *first);
    Comparison::same(format!("{count} in {expected}"), found)
}

fn scale_downs_drain_the_bucket(bench: &mut Bench) -> Comparison {
    let burst = [(10, 0), (15, 0), (25, 20), (100, 170), (400, 770)];
    Comparison::all(burst.map(|(pods, tokens)| {
        let mut scenario = Scenario::instantaneous();
        scenario.horizon = secs(60);
        scenario.cluster.nodes = 20;
        scenario.deployment.replicas = pods;
        scenario.disruptions = vec![scale(secs(10), 0)];
        let deleted = instants(bench, &scenario, |fact| matches!(fact, Fact::DeletionCommitted { .. }));
        spread(&deleted, pods, ms(50 * tokens))
    }))
}

/// Calls that take no time are a burst.
fn calls_drain_the_bucket(bench: &mut Bench) -> Comparison {
    Comparison::all([(20, secs(0)), (36, secs(4)), (200, secs(45))].map(|(calls, last)| {
        let mut scenario = Scenario::instantaneous();
        scenario.horizon = secs(100);
        scenario.cluster.nodes = 20;
        scenario.deployment.replicas = calls;
        scenario.load_balancer_controller.targets_per_call = 1;
        scenario.elbv2.registration_burst = 1_000;
        scenario.disruptions = vec![scale(secs(10), 0)];
        unlimited_clients(&mut scenario);
        let accepted = instants(bench, &scenario, |fact| matches!(fact, Fact::CallAccepted { .. }));
        spread(&accepted, calls, last)
    }))
}

/// n groups that each deregister one target. More groups than workers change nothing: a worker is free again as soon as
/// its call has its token.
fn all_groups_share_the_bucket(bench: &mut Bench) -> Comparison {
    Comparison::all([(20, secs(0)), (36, secs(4)), (100, secs(20))].map(|(groups, last)| {
        let mut scenario = Scenario::instantaneous();
        scenario.horizon = secs(60);
        scenario.deployment.replicas = 1;
        scenario.pod.pre_stop.sleep = Some(secs(60));
        scenario.pod.termination_grace_period = secs(120);
        scenario.load_balancer_controller.other_target_group_bindings = groups - 1;
        scenario.elbv2.registration_burst = 1_000;
        scenario.disruptions = vec![scale(secs(10), 0)];
        let accepted = instants(bench, &scenario, |fact| {
            matches!(fact, Fact::CallAccepted { .. } | Fact::OtherCallAccepted { .. })
        });
        spread(&accepted, groups, last)
    }))
}

/// Nothing else takes time but the queue's back-off of 5 ms · 2ⁿ, at most 1000 s (lbc §1.3). The pod's terminal status
/// starts one more reconcile right away, so the first ones are left out.
fn ten_attempts_sleep(bench: &mut Bench) -> Comparison {
    let mut scenario = Scenario::instantaneous();
    scenario.horizon = secs(100_000);
    scenario.deployment.replicas = 1;
    scenario.elbv2.call_failure = Probability::ONE;
    scenario.disruptions = vec![scale(secs(10), 0)];
    let reconciles = instants(bench, &scenario, |fact| *fact == Fact::ReconcileStarted);
    let sleeps: Vec<f64> = (0_u32..)
        .zip(reconciles.windows(2))
        .skip(20)
        .map(|(failures, pair)| {
            let back_off = ms(5 << failures.min(30)).min(secs(1_000));
            stats::seconds(pair[1] - pair[0]) - stats::seconds(back_off)
        })
        .collect();
    if sleeps.len() < 12 {
        return Comparison::new("at least 32 reconciles".into(), reconciles.len().to_string(), false);
    }
    let inside = sleeps.iter().filter(|sleep| (100.0..=130.0).contains(*sleep)).count();
    Comparison::all([
        Estimate::of(&sleeps).against(115.0, 0.05, "s"),
        Comparison::same(sleeps.len(), inside).of("within 100 to 130 s:"),
    ])
}

/// At every moment surge + unavailable new pods may be starting; the controllers' steps take no time.
fn rollouts_go_in_waves(bench: &mut Bench) -> Comparison {
    use IntOrPercent::{Int, Percent};
    let updates = [
        (4, Int(1), Int(1), 2),
        (7, Int(2), Int(1), 3),
        (10, Int(3), Int(2), 2),
        (20, Int(5), Int(5), 2),
        (6, Int(1), Int(0), 6),
        (6, Int(0), Int(2), 3),
        (5, Int(5), Int(0), 1),
        (9, Int(0), Int(9), 1),
        // 25 % of 10: +3, −2; of 7: +2, −1; 0 and 5 % of 10, rounded down: one all the same.
        (10, Percent(25), Percent(25), 2),
        (7, Percent(25), Percent(25), 3),
        (10, Int(0), Percent(5), 10),
    ];
    Comparison::all(updates.map(|(pods, surge, unavailable, waves)| {
        let mut scenario = Scenario::instantaneous();
        scenario.horizon = secs(120);
        scenario.cluster.nodes = 30;
        scenario.deployment.replicas = pods;
        scenario.deployment.max_surge = surge;
        scenario.deployment.max_unavailable = unavailable;
        scenario.pod.readiness_probe = None;
        scenario.kubelet.pod_start = constant(secs(10));
        scenario.disruptions = vec![rollout(secs(10))];
        unlimited_clients(&mut scenario);
        let ready = instants(
            bench,
            &scenario,
            |fact| matches!(fact, Fact::PodReady { ready: true, pod } if *pod >= pods),
        );
        let took = ready
            .last()
            .map_or(SimDuration::ZERO, |last| *last - SimTime::from_secs(10));
        let expected = format!("{pods} pods in {}", secs(10 * waves));
        Comparison::same(expected, format!("{} pods in {took}", ready.len()))
    }))
}
