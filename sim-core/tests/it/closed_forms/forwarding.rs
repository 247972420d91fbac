//! kube-proxy's choice (lbc §4): uniform over the ready pods, whatever node the ALB chose.

use sim_core::rng::Seed;
use sim_core::scenario::elbv2::TargetType;
use sim_core::scenario::kube_proxy::ExternalTrafficPolicy;
use sim_core::scenario::value::Limit;
use sim_core::scenario::workload::{OpenLoop, Profile};
use sim_core::time::SimDuration;
use sim_core::trace::{Fact, RequestRecord, TraceLevel};

use crate::support::{instant, run_with, secs};

/// Requests of a run with 3 nodes and 5 pods, each on a new connection.
fn requests(policy: ExternalTrafficPolicy) -> Vec<RequestRecord> {
    let mut scenario = instant();
    scenario.horizon = secs(60);
    scenario.cluster.nodes = 3;
    scenario.deployment.replicas = 5;
    scenario.target_group.target_type = TargetType::Instance;
    scenario.service.external_traffic_policy = policy;
    scenario.app.keep_alive_timeout = Limit::At(SimDuration::ZERO);
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(1_000),
        ..OpenLoop::default()
    });
    let (_, trace) = run_with(&scenario, Seed(3), 0, TraceLevel::All);
    let requests = trace.into_iter().filter_map(|record| match record.fact {
        Fact::Request(request) => Some(request),
        _ => None,
    });
    requests.collect()
}

/// Share of the requests by way of a node that reach a pod, times the number by way of the node.
fn count(requests: &[RequestRecord], node: u32, pod: u32) -> (f64, f64) {
    let by_node: Vec<&RequestRecord> = requests.iter().filter(|request| request.target == Some(node)).collect();
    let reached = by_node.iter().filter(|request| request.pod == Some(pod)).count();
    (
        f64::from(u32::try_from(reached).unwrap()),
        f64::from(u32::try_from(by_node.len()).unwrap()),
    )
}

#[test]
fn with_the_cluster_policy_each_node_sends_a_fifth_to_each_of_five_pods() {
    // Binomial with p = 1/5 and n of about 20 000: four standard deviations are about 226.
    let requests = requests(ExternalTrafficPolicy::Cluster);
    for node in 0..3 {
        for pod in 0..5 {
            let (reached, all) = count(&requests, node, pod);
            assert!(all > 19_000.0, "{all} by way of node {node}");
            let bound = 4.0 * (all * 0.2 * 0.8).sqrt();
            assert!(
                (reached - 0.2 * all).abs() < bound,
                "node {node}, pod {pod}: {reached} of {all}"
            );
        }
    }
}

#[test]
fn with_the_local_policy_a_pod_alone_on_its_node_carries_a_third() {
    // Pods 0 and 3 share node 0, 1 and 4 node 1, pod 2 has node 2 to itself: nodes are equal to the ALB, so pod 2 gets
    // 1/3 of all requests and the others 1/6 each.
    let requests = requests(ExternalTrafficPolicy::Local);
    let all = f64::from(u32::try_from(requests.len()).unwrap());
    for (pod, share) in [
        (0, 1.0 / 6.0),
        (1, 1.0 / 6.0),
        (2, 1.0 / 3.0),
        (3, 1.0 / 6.0),
        (4, 1.0 / 6.0),
    ] {
        let reached = requests.iter().filter(|request| request.pod == Some(pod)).count();
        let reached = f64::from(u32::try_from(reached).unwrap());
        let bound = 4.0 * (all * share * (1.0 - share)).sqrt();
        assert!((reached - share * all).abs() < bound, "pod {pod}: {reached} of {all}");
    }
    let local = |request: &RequestRecord| request.pod.map(|pod| pod % 3) == request.target;
    assert!(requests.iter().all(local));
}
