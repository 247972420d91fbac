//! What holds Karpenter back: its own budgets, and the `PodDisruptionBudget`s of the pods (nodes §2).

use sim_core::scenario::capacity::{InterruptionHandler, SpotInterruption};
use sim_core::scenario::disruption::Disruption;
use sim_core::scenario::karpenter::{ConsolidationPolicy, Karpenter};
use sim_core::scenario::value::{IntOrPercent, Limit};

use super::Timeline;
use super::Topic::{Nodes, Objects, Ready};
use super::karpenter::{cluster, steady};
use crate::support::{constant, secs};

#[test]
fn the_budget_lets_the_second_node_go_when_the_first_is_gone() {
    // §2.2: 10 % of four nodes is one. As above node 2 goes from 25.01 to 65.59; the looks at 25, 35, … 65 find the
    // budget used up; 75 does not, validated 90.
    let mut scenario = cluster(
        4,
        2,
        Karpenter {
            consolidation_policy: ConsolidationPolicy::WhenEmpty,
            ..steady()
        },
    );
    scenario.horizon = secs(95);
    Timeline::of(&scenario).check(
        &[Nodes, Objects],
        "
        25.01s node 2 tainted
        25.08s node 2 excluded
        33.58s node 2 shutting_down
        33.59s node 2 not_ready
        63.58s node 2 terminated
        65.59s node 2 deleted
        90.01s node 3 tainted
        90.08s node 3 excluded
        ",
    );
}

#[test]
fn a_larger_budget_lets_both_go_in_one_command() {
    let rules = Karpenter {
        consolidation_policy: ConsolidationPolicy::WhenEmpty,
        budget: IntOrPercent::Percent(26),
        ..steady()
    };
    // 26 % of four rounds up to two.
    let timeline = Timeline::of(&cluster(4, 2, rules));
    timeline.check(
        &[Nodes],
        "
        25.01s node 2 tainted
        25.01s node 3 tainted
        25.08s node 2 excluded
        25.08s node 3 excluded
        33.58s node 2 shutting_down
        33.58s node 3 shutting_down
        33.59s node 2 not_ready
        33.59s node 3 not_ready
        ",
    );
    assert_eq!(timeline.summary.disruptions.len(), 1);
}

#[test]
fn a_refused_eviction_backs_off_from_100_ms_on() {
    // Two nodes with two pods each; three of four must be healthy. Single-node consolidation takes node 0: label 25.08.
    // Pod 0 goes: DELETE 25.1. Pod 2 meets 429 at 25.08 and + 0.1, 0.2, 0.4, 0.8, 1.6: 25.18, 25.38, 25.78, 26.58,
    // 28.18; the replacement is Ready at 28.67, so + 3.2 = 31.38 succeeds: DELETE 31.4. Its phase is terminal 297 ms
    // later and it is waited for no longer (§2.4): looked at every 1 s from 25.08 on: 32.08; TerminateInstances 32.58.
    let mut scenario = cluster(2, 4, steady());
    scenario.pod_disruption_budget.max_unavailable = Some(IntOrPercent::Int(1));
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Nodes, Objects, Ready],
        "
        25.01s node 0 tainted
        25.08s node 0 excluded
        25.1s pod 0 DELETE, grace 30
        25.13s pod 4 created
        25.397s pod 0 not Ready
        26.357s pod 0 gone
        28.67s pod 4 Ready
        31.4s pod 2 DELETE, grace 30
        31.43s pod 5 created
        31.697s pod 2 not Ready
        32.657s pod 2 gone
        34.97s pod 5 Ready
        35.58s node 0 shutting_down
        35.59s node 0 not_ready
        ",
    );
    assert_eq!(timeline.summary.observations.evictions_refused, 6);
    assert_eq!(timeline.summary.disruptions[0].pods_count, 2);
}

#[test]
fn a_node_whose_budget_is_used_up_is_no_candidate() {
    // §2.2: no pod may go, so no node with pods may.
    let mut scenario = cluster(2, 4, steady());
    scenario.pod_disruption_budget.max_unavailable = Some(IntOrPercent::Int(0));
    Timeline::of(&scenario).check(&[Nodes, Objects], "");
}

#[test]
fn the_termination_grace_period_overrules_the_budget() {
    // No pod may be evicted. Spot notice at 10, the NodeClaim is deleted at 12.01, so the deadline is 72.01; taint and
    // label 12.07. Refused at 12.07 and + 0.1, 0.2, … 6.4, 10: 12.17, 12.37, 12.77, 13.57, 15.17, 18.37, 24.77, 34.77.
    // §2.4: forced 30 s before the deadline: 42.07 is the first look after 42.01, 29.94 s are left: 29, DELETE 42.08.
    // Terminal 297 ms later, looked at 43.07, TerminateInstances 43.57.
    let rules = Karpenter {
        termination_grace_period: Limit::At(secs(60)),
        ..steady()
    };
    let mut scenario = cluster(2, 2, rules);
    scenario.pod_disruption_budget.max_unavailable = Some(IntOrPercent::Int(0));
    scenario.disruptions.push(Disruption {
        at: secs(10),
        spot_interruption: Some(SpotInterruption {
            handler: InterruptionHandler::Karpenter,
            queue_latency: constant(secs(2)),
            ..SpotInterruption::default()
        }),
        ..Disruption::default()
    });
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Nodes, Objects],
        "
        10s node 0 interruption_noticed
        12.07s node 0 tainted
        12.07s node 0 excluded
        42.08s pod 0 DELETE, grace 29
        42.11s pod 2 created
        43.337s pod 0 gone
        46.57s node 0 shutting_down
        46.58s node 0 not_ready
        ",
    );
    assert_eq!(timeline.summary.observations.evictions_refused, 9);
}
