//! kube-proxy's choice (lbc §4): uniform over the ready pods, whatever node the ALB chose.

use sim_core::scenario::Scenario;
use sim_core::scenario::elbv2::TargetType;
use sim_core::scenario::kube_proxy::ExternalTrafficPolicy;
use sim_core::scenario::value::Limit;
use sim_core::time::SimDuration;
use sim_core::trace::RequestRecord;

use super::Oracle;
use super::bench::Bench;
use super::comparison::Comparison;
use super::sample::{Group, shared};
use super::workload::{poisson, secs};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "forwarding_cluster",
        claim: "With the Cluster policy each node sends a fifth of its requests to each of five pods.",
        source: "lbc §4: uniform over all ready pods",
        compare: cluster_policy,
    },
    Oracle {
        name: "forwarding_local",
        claim: "With the Local policy a node keeps its requests, so a pod alone on its node carries a third.",
        source: "lbc §4: uniform over the node's own pods; three nodes with 2, 2 and 1",
        compare: local_policy,
    },
];

/// A run with 3 nodes and 5 pods, each request on a new connection.
fn requests(bench: &mut Bench, policy: ExternalTrafficPolicy) -> Vec<RequestRecord> {
    let mut scenario = Scenario::instantaneous();
    scenario.horizon = secs(60);
    scenario.cluster.nodes = 3;
    scenario.deployment.replicas = 5;
    scenario.target_group.target_type = TargetType::Instance;
    scenario.service.external_traffic_policy = policy;
    scenario.app.keep_alive_timeout = Limit::At(SimDuration::ZERO);
    scenario.workload.open_loop = Some(poisson(1_000));
    bench.requests(&scenario, 0)
}

/// Requests by way of a node, and how many of them reach each of the pods.
fn by_way_of(requests: &[RequestRecord], node: u32, pods: &[u32], share: f64) -> Group {
    let by_node = || requests.iter().filter(|request| request.target == Some(node));
    let reach = |pod: &u32| by_node().filter(|request| request.pod == Some(*pod)).count() as u64;
    Group {
        all: by_node().count() as u64,
        counts: pods.iter().map(|pod| (reach(pod), share)).collect(),
    }
}

fn cluster_policy(bench: &mut Bench) -> Comparison {
    let requests = requests(bench, ExternalTrafficPolicy::Cluster);
    let groups: Vec<Group> = (0..3)
        .map(|node| by_way_of(&requests, node, &[0, 1, 2, 3, 4], 0.2))
        .collect();
    Comparison::all([shared(&groups, "fifths"), nodes_are_equal(&groups)])
}

/// Pods 0 and 3 share node 0, 1 and 4 node 1, pod 2 has node 2 to itself.
fn local_policy(bench: &mut Bench) -> Comparison {
    let requests = requests(bench, ExternalTrafficPolicy::Local);
    let groups = [
        by_way_of(&requests, 0, &[0, 3], 0.5),
        by_way_of(&requests, 1, &[1, 4], 0.5),
        by_way_of(&requests, 2, &[2], 1.0),
    ];
    let strays = requests
        .iter()
        .filter(|request| request.pod.map(|pod| pod % 3) != request.target);
    Comparison::all([
        shared(&groups, "halves"),
        nodes_are_equal(&groups),
        Comparison::same(0, strays.count()).of("requests that left their node:"),
    ])
}

/// Round robin over three nodes at each of three ALB nodes: their counts differ by at most one per ALB node.
fn nodes_are_equal(groups: &[Group]) -> Comparison {
    let most = groups.iter().map(|group| group.all).max().unwrap_or_default();
    let least = groups.iter().map(|group| group.all).min().unwrap_or_default();
    Comparison::between(0, 3, most - least).of("difference between nodes")
}
