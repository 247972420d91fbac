//! A Cluster Autoscaler that is in a hurry, because the runs are short.

use sim_core::dist::{Dist, Probability};
use sim_core::scenario::Scenario;
use sim_core::scenario::cluster_autoscaler::ClusterAutoscaler;
use sim_core::scenario::disruption::Disruption;

use super::chance::{Chance, IntoSeconds as _};
use crate::support::ms;

pub(super) fn add(chance: &mut Chance, scenario: &mut Scenario) {
    if !chance.one_in(3) {
        return;
    }
    let min_nodes = chance.count(0, 4);
    let max_scale_down_parallelism = chance.count(1, 10);
    let rules = ClusterAutoscaler {
        min_nodes,
        max_nodes: min_nodes.max(scenario.cluster.zones) + chance.count(0, 8),
        scan_interval: chance.seconds(1, 10),
        frequent_loops_enabled: chance.one_in(2),
        scale_down_unneeded_time: chance.seconds(0, 30),
        scale_down_unready_time: chance.seconds(0, 60),
        scale_down_utilization_threshold: Probability::new(chance.pick(&[0.3, 0.5, 1.0])).expect("a probability"),
        scale_down_delay_after_add: chance.seconds(0, 30),
        scale_down_delay_after_delete: chance.pick(&[0, 0, 20]).into_seconds(),
        scale_down_delay_after_failure: chance.seconds(0, 20),
        unremovable_node_recheck_timeout: chance.seconds(0, 20),
        max_scale_down_parallelism,
        max_drain_parallelism: chance.count(1, max_scale_down_parallelism),
        max_bulk_soft_taint_count: chance.pick(&[0, 1, 10]),
        max_bulk_soft_taint_time: ms(chance.pick(&[0, 20, 3_000])),
        node_delete_delay_after_taint: chance.seconds(0, 8),
        cordon_node_before_terminating: chance.one_in(2),
        taint_failure: Probability::new(chance.pick(&[0.0, 0.0, 0.3])).expect("a probability"),
        max_graceful_termination: chance.pick(&[0, 1, 600]).into_seconds(),
        max_pod_eviction_time: chance.seconds(0, 30),
        eviction_retry: chance.seconds(1, 10),
        drain_poll: chance.seconds(1, 5),
        eviction_headroom: chance.seconds(0, 30),
        kube_client_qps: chance.pick(&[1, 5]),
        kube_client_burst: chance.pick(&[1, 10]),
        delay_deletion_annotation: chance.pick(&[0, 0, 12]).into_seconds(),
        node_deletion_delay_timeout: chance.pick(&[5, 120]).into_seconds(),
        node_deletion_batcher_interval: chance.pick(&[0, 0, 7]).into_seconds(),
        asg_hook_wait: chance.pick(&[0, 0, 15]).into_seconds(),
        node_ready_time: chance.dist(20_000),
        max_node_provision_time: chance.seconds(10, 60),
    };
    let horizon_ms = scenario.horizon.as_ns() / 1_000_000;
    scenario.disruptions.push(Disruption {
        at: ms(chance.between(0, horizon_ms / 2)),
        cluster_autoscaler: Some(rules),
        ..Disruption::default()
    });
}

/// It goes on for ever: without anything to remove it only adds what pods need.
pub(super) fn calm_down(calm: &mut Scenario) {
    for disruption in &mut calm.disruptions {
        if let Some(rules) = &mut disruption.cluster_autoscaler {
            rules.min_nodes = 1_000;
            rules.max_nodes = 1_000;
            rules.node_ready_time = Dist::Constant(ms(1_000));
        }
    }
}
