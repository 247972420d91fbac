//! Karpenter, spot interruptions and node groups.

use sim_core::scenario::Scenario;
use sim_core::scenario::capacity::{
    AzRebalance, InterruptionHandler, NodeGroupScaleIn, NodeGroupUpdate, SpotInterruption,
};
use sim_core::scenario::disruption::Disruption;
use sim_core::scenario::karpenter::{ConsolidationPolicy, Karpenter, KarpenterApi};
use sim_core::scenario::value::Limit;
use sim_core::time::SimDuration;

use super::chance::Chance;
use crate::support::{ms, secs};

pub(super) fn add(chance: &mut Chance, scenario: &mut Scenario) {
    // A cluster has one autoscaler of nodes.
    let has_one = scenario
        .disruptions
        .iter()
        .any(|entry| entry.cluster_autoscaler.is_some());
    if chance.one_in(3) && !has_one {
        let karpenter = Some(karpenter(chance));
        scenario.disruptions.push(Disruption {
            at: chance.seconds(0, 20),
            karpenter,
            ..Disruption::default()
        });
    }
    for _ in 0..chance.between(0, 3).saturating_sub(1) {
        let disruption = disruption(chance, scenario);
        scenario.disruptions.push(disruption);
    }
}

fn karpenter(chance: &mut Chance) -> Karpenter {
    let mut rules = Karpenter {
        instance_types: chance.pick(&[vec![], vec!["m6g.medium".into(), "m5.large".into()]]),
        expire_after: chance.pick(&[Limit::Unlimited, Limit::At(secs(3600)), Limit::At(secs(90))]),
        poll: chance.seconds(1, 10),
        poll_phase: chance.dist(3_000),
        validation_delay: chance.seconds(0, 15),
        replacement_timeout: chance.seconds(1, 60),
        replacement_ready: chance.dist(20_000),
        drain_poll: ms(chance.between(100, 2_000)),
        eviction_backoff: ms(chance.between(50, 500)),
        stuck_after: chance.seconds(0, 60),
        terminate_batch: chance.dist(500),
        instance_poll: chance.seconds(1, 5),
        batch_idle: ms(chance.between(100, 1_000)),
        batch_max: chance.seconds(1, 10),
        ..Karpenter::default()
    };
    if chance.one_in(4) {
        rules.api = KarpenterApi::V1alpha5;
        rules.consolidation_enabled = chance.one_in(2);
        if !rules.consolidation_enabled {
            rules.ttl_seconds_after_empty = Limit::At(chance.seconds(0, 30));
        }
        return rules;
    }
    rules.consolidation_policy = chance.pick(&[
        ConsolidationPolicy::WhenEmpty,
        ConsolidationPolicy::WhenEmptyOrUnderutilized,
        ConsolidationPolicy::WhenEmptyOrUnderutilized,
    ]);
    rules.consolidate_after = chance.pick(&[Limit::At(SimDuration::ZERO), Limit::At(secs(15)), Limit::Unlimited]);
    rules.budget = chance.int_or_percent(4);
    rules.min_drain = chance.seconds(0, 5);
    if chance.one_in(3) {
        rules.termination_grace_period = Limit::At(chance.seconds(1, 60));
    }
    rules
}

fn disruption(chance: &mut Chance, scenario: &Scenario) -> Disruption {
    let horizon_ms = scenario.horizon.as_ns() / 1_000_000;
    let mut disruption = Disruption {
        at: ms(chance.between(0, horizon_ms)),
        every: chance.one_in(4).then(|| chance.seconds(20, 60)),
        ..Disruption::default()
    };
    let nodes = chance.count(0, 2);
    let drain_timeout = chance.seconds(1, 60);
    let retry = chance.seconds(1, 5);
    let node_ready = chance.dist(20_000);
    match chance.stream.below(6) {
        0..3 => {
            disruption.spot_interruption = Some(SpotInterruption {
                nodes,
                notice: chance.seconds(0, 60),
                handler: chance.pick(&[
                    InterruptionHandler::None,
                    InterruptionHandler::NodeTerminationHandlerImds,
                    InterruptionHandler::NodeTerminationHandlerQueue,
                    InterruptionHandler::Karpenter,
                ]),
                kube_client_qps: chance.pick(&[1, 5]),
                kube_client_burst: chance.pick(&[1, 10]),
                metadata_latency: chance.dist(2_000),
                queue_latency: chance.dist(2_000),
                drain_timeout,
                retry,
                exclude_from_load_balancers: chance.one_in(2),
                replacement: chance.one_in(2).then_some(node_ready),
            });
        }
        3 => {
            disruption.node_group_update = Some(NodeGroupUpdate {
                max_unavailable: chance.pick(&[
                    sim_core::scenario::value::IntOrPercent::Int(1),
                    sim_core::scenario::value::IntOrPercent::Int(3),
                    sim_core::scenario::value::IntOrPercent::Percent(50),
                ]),
                force: chance.one_in(2),
                drain_timeout,
                wait: chance.seconds(0, 60),
                retry,
                node_ready,
            });
        }
        4 => {
            disruption.node_group_scale_in = Some(NodeGroupScaleIn {
                nodes,
                drain: chance.one_in(2),
                respects_budget: chance.one_in(2),
                drain_timeout,
                retry,
            });
        }
        _ => {
            disruption.az_rebalance = Some(AzRebalance {
                nodes,
                from_zone: 0,
                to_zone: chance.count(1, scenario.cluster.zones - 1),
                drain: chance.one_in(2),
                drain_timeout,
                in_service: chance.dist(10_000),
                node_ready,
            });
        }
    }
    disruption
}

/// Nodes that expire for ever never settle; and what goes away without a successor may leave too little room.
pub(super) fn calm_down(calm: &mut Scenario) {
    for disruption in &mut calm.disruptions {
        if let Some(karpenter) = &mut disruption.karpenter {
            karpenter.expire_after = Limit::Unlimited;
        }
    }
}
