//! From the DELETE to the last ALB node: slices, reconciles, calls, propagation, delay (kubernetes §2.3, lbc §1, alb §5).

use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::trace::{Call, Fact, NodeTargetState, TargetHealthState};

use super::super::Oracle;
use super::super::bench::Bench;
use super::super::comparison::Comparison;
use super::super::workload::{constant, even, hops, ms, rollout, scale, secs, unlimited_clients};
use super::{Timeline, terminating};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "removal_pipeline",
        claim: "From the DELETE to the last ALB node each hop adds its latency, and the race window is their sum less \
                what the server still served.",
        source: "kubernetes §2.3.1; lbc §1.4; alb §2.4, §5.1",
        compare: every_hop_adds_up,
    },
    Oracle {
        name: "deregister_before_register",
        claim: "One reconcile deregisters the old pod before it registers the new one.",
        source: "lbc §1.4 steps 7 and 9; kubernetes §2.3.4 (batch period 1 s)",
        compare: deregistration_comes_first,
    },
    Oracle {
        name: "calls_of_200",
        claim: "450 deregistrations take three calls of at most 200 targets, one after the other.",
        source: "lbc §1.5",
        compare: calls_have_200_targets,
    },
    Oracle {
        name: "slices_of_100",
        claim: "A change of 250 endpoints is written as slices of 100, 100 and 50, one after the other.",
        source: "kubernetes §2.3.9",
        compare: slices_have_100_endpoints,
    },
    Oracle {
        name: "stale_cache_back_off",
        claim: "A second change before the echo of the first waits for the back-off of one second.",
        source: "kubernetes §2.3.6",
        compare: a_stale_cache_backs_off,
    },
    Oracle {
        name: "deregistration_delay",
        claim: "The deregistration delay cuts what is in flight at its end, the target drains until then, and what is \
                routed later is not cut.",
        source: "alb §2.4",
        compare: the_delay_cuts_in_flight,
    },
];

/// All of `replicas` pods are deleted and stay for 20 s more.
fn deletions(replicas: u32) -> Scenario {
    let mut scenario = hops();
    scenario.deployment.replicas = replicas;
    scenario.pod.pre_stop.sleep = Some(secs(20));
    scenario.horizon = secs(25);
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario
}

fn reconcile(fact: &Fact) -> bool {
    *fact == Fact::ReconcileStarted
}

fn call(wanted: Call) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::CallAccepted { call, .. } if *call == wanted)
}

fn health(wanted: TargetHealthState) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::TargetHealth { state, .. } if *state == wanted)
}

fn unknown(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::NodeTarget {
            state: NodeTargetState::Unknown,
            ..
        }
    )
}

/// Slice 23, seen 123, call 263, ALB nodes 10 263, delay of 20 s over at 20 263. The server is dead at 17, its terminal
/// status of 274 is written at 297 and seen at 397.
fn every_hop_adds_up(bench: &mut Bench) -> Comparison {
    let mut scenario = hops();
    scenario.target_group.deregistration_delay = secs(20);
    scenario.disruptions = vec![scale(secs(10), 0)];
    let timeline = Timeline::of(bench, &scenario);
    let race = &timeline.summary.race;
    let sums = [
        ("endpoints", race.endpoints.max(), ms(123)),
        ("controller", race.controller.max(), ms(140)),
        ("propagation", race.propagation.max(), secs(10)),
        ("removal", race.removal.max(), ms(10_263)),
        ("served", race.served.max(), ms(17)),
        ("race window", race.total.max(), ms(10_246)),
    ];
    let sums = sums.map(|(what, found, expected)| Comparison::same(expected, found).of(what));
    timeline
        .since_delete()
        .at("endpoint terminating", &[23], terminating)
        .at("reconciles", &[123, 397], reconcile)
        .at("DeregisterTargets", &[263], call(Call::DeregisterTargets))
        .at("draining", &[263], health(TargetHealthState::Draining))
        .at("ALB nodes know", &[10_263, 10_263], unknown)
        .at("unused", &[20_263], health(TargetHealthState::Unused))
        .and(Comparison::all(sums))
        .compare()
}

/// New pod created 10.043, Ready 13.583, seen by the `EndpointSlice` controller 13.594; the old one's DELETE 13.583 + 43
/// = 13.626. A batch of 1 s writes both: 14.594 + 5 + 7 = 14.606. Reconcile 14.706; + 50 + 30 = 14.786; Deregister + 60,
/// then Register + 190.
fn deregistration_comes_first(bench: &mut Bench) -> Comparison {
    let mut scenario = deletions(1);
    scenario.horizon = secs(20);
    scenario.endpoint_slice_controller.batch_period = secs(1);
    scenario.disruptions = vec![rollout(secs(10))];
    Timeline::of(bench, &scenario)
        .at("endpoint terminating", &[14_606], terminating)
        .at("reconcile", &[14_706], reconcile)
        .at("DeregisterTargets", &[14_846], call(Call::DeregisterTargets))
        .at("RegisterTargets", &[15_036], call(Call::RegisterTargets))
        .compare()
}

/// 263, 323, 383: 60 each. One slice of up to 1000 endpoints.
fn calls_have_200_targets(bench: &mut Bench) -> Comparison {
    let mut scenario = deletions(450);
    scenario.cluster.nodes = 20;
    scenario.endpoint_slice_controller.max_endpoints_per_slice = 1000;
    unlimited_clients(&mut scenario);
    let timeline = Timeline::of(bench, &scenario).since_delete();
    let sizes: Vec<String> = timeline
        .trace
        .iter()
        .filter_map(|record| match &record.fact {
            Fact::CallAccepted { targets, .. } => Some(targets.len().to_string()),
            _ => None,
        })
        .collect();
    let sizes = Comparison::same(String::from("200, 200, 50"), sizes.join(", ")).of("of");
    timeline
        .at("calls", &[263, 323, 383], call(Call::DeregisterTargets))
        .and(sizes)
        .compare()
}

/// 23, 30, 37: 7 each.
fn slices_have_100_endpoints(bench: &mut Bench) -> Comparison {
    let mut scenario = deletions(250);
    scenario.cluster.nodes = 10;
    unlimited_clients(&mut scenario);
    let expected = [vec![23; 100], vec![30; 100], vec![37; 50]].concat();
    Timeline::of(bench, &scenario)
        .since_delete()
        .at("endpoints terminating", &expected, terminating)
        .compare()
}

/// Two tokens for each deletion and its Event, 100/s, burst 2: DELETE 0 and 20. The first is written at 23, its echo is
/// back at 34. The second is seen at 31: stale; 1031, + 5 + 7.
fn a_stale_cache_backs_off(bench: &mut Bench) -> Comparison {
    let mut scenario = deletions(2);
    scenario.controller_manager.client_burst = 2;
    scenario.controller_manager.client_qps = 100;
    Timeline::of(bench, &scenario)
        .since_delete()
        .at("DELETE", &[0, 20], super::deleted)
        .at("endpoints terminating", &[23, 1_043], terminating)
        .compare()
}

/// Call accepted 10.306, delay 5 s: 15.306. In flight then: issued 10 to 15, service 30 s. 16 and 17 still come, because
/// the ALB nodes know at 20.306, and nothing cuts them: the deaf server stays.
fn the_delay_cuts_in_flight(bench: &mut Bench) -> Comparison {
    let mut scenario = hops();
    scenario.horizon = secs(90);
    scenario.pod.termination_grace_period = secs(90);
    scenario.app.sigterm = SigtermMode::Ignored;
    scenario.app.service_time = constant(secs(30));
    scenario.target_group.deregistration_delay = secs(5);
    scenario.workload.open_loop = Some(even(1, secs(9), ms(17_500)));
    scenario.disruptions = vec![scale(secs(10), 0)];
    Timeline::of(bench, &scenario)
        .at("draining", &[10_306], health(TargetHealthState::Draining))
        .at("unused", &[15_306], health(TargetHealthState::Unused))
        .requests(&[
            "10s 502 deregistration_delay_expired at 15.306s",
            "11s 502 deregistration_delay_expired at 15.306s",
            "12s 502 deregistration_delay_expired at 15.306s",
            "13s 502 deregistration_delay_expired at 15.306s",
            "14s 502 deregistration_delay_expired at 15.306s",
            "15s 502 deregistration_delay_expired at 15.306s",
            "16s 200 at 46s",
            "17s 200 at 47s",
        ])
        .compare()
}
