//! The ALB's pooled connections to a node's port: conntrack pins each to one pod (alb §4.2).

use sim_core::scenario::app::{IdleOnDrain, ListenerOnDrain, ResponseOnDrain};
use sim_core::scenario::elbv2::{Algorithm, TargetType};
use sim_core::scenario::kube_proxy::ExternalTrafficPolicy;
use sim_core::scenario::value::Limit;
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::{Fact, RequestRecord, ServerState};

use super::node_targets::two_nodes;
use super::{Timeline, even_requests, scale};
use crate::support::{constant, ms, secs};

/// Requests that reached a pod after a number of milliseconds from its DELETE on.
fn late_requests(timeline: &Timeline, after: SimDuration) -> Vec<RequestRecord> {
    let mut deleted: Option<(SimTime, u32)> = None;
    for (at, fact) in timeline.all(|fact| matches!(fact, Fact::DeletionCommitted { .. })) {
        if let Fact::DeletionCommitted { pod, .. } = fact {
            deleted = deleted.or(Some((at, *pod)));
        }
    }
    let (at, victim) = deleted.expect("a deletion");
    timeline
        .requests()
        .filter(|request| request.pod == Some(victim) && request.issued_ns >= (at + after).as_ns())
        .cloned()
        .collect()
}

#[test]
fn a_pinned_connection_outlives_what_kube_proxy_knows() {
    // Every kube-proxy has taken the pod out 450 ms after its DELETE. A server that keeps its connections while it
    // drains goes on to get requests on the old ones, each idle for 50 ms at most, until SIGKILL: grace 30, counted
    // from the kill at 22 ms. One that closes them at SIGTERM (27 ms) gets none.
    let mut scenario = two_nodes();
    scenario.app.service_time = constant(ms(1));
    scenario.workload.open_loop = even_requests(100, secs(5), secs(50));
    scenario.disruptions = vec![scale(secs(10), 1)];
    let timeline = Timeline::of(&scenario);
    assert_eq!(
        late_requests(&timeline, ms(28)).len(),
        timeline.requests().filter(|request| request.cause.is_some()).count(),
        "only refused ones"
    );
    assert_eq!(late_requests(&timeline, ms(450)), []);
    scenario.app.listener_on_drain = ListenerOnDrain::OpenServed;
    scenario.app.idle_on_drain = IdleOnDrain::ServedKeep;
    scenario.app.response_on_drain = ResponseOnDrain::KeepAlive;
    scenario.app.waits_for_idle = true;
    let timeline = Timeline::of(&scenario);
    let late = late_requests(&timeline, ms(450));
    assert!(late.len() > 100, "{}", late.len());
    assert!(late.iter().all(|request| request.reused_connection));
    let killed = timeline.first(|fact| matches!(fact, Fact::SigkillSent { .. })).as_ns();
    let last = late.iter().map(|request| request.issued_ns).max().expect("late ones");
    assert!(
        last < killed && last > killed - 200_000_000,
        "the last one at {last}, SIGKILL at {killed}"
    );
}

#[test]
fn a_pod_on_another_node_costs_a_second_hop() {
    // One pod, on node 0 in zone 0; 2 ms within a zone, 6 ms between zones. ALB node z to node n: 2 or 6; from node 1 on
    // to the pod: 6 more. A new connection takes the way twice, a pooled one once; 50 ms of service.
    let mut scenario = two_nodes();
    scenario.horizon = secs(20);
    scenario.deployment.replicas = 1;
    scenario.app.service_time = constant(ms(50));
    scenario.network.rtt_same_zone = constant(ms(2));
    scenario.network.rtt_cross_zone = constant(ms(6));
    scenario.workload.open_loop = even_requests(10, secs(1), secs(11));
    let timeline = Timeline::of(&scenario);
    let mut ways = std::collections::BTreeSet::new();
    for request in timeline.requests() {
        let target = request.target.expect("a target");
        let first = if request.alb_node == target { 2 } else { 6 };
        let way = first + if target == 0 { 0 } else { 6 };
        let trips = if request.reused_connection { 1 } else { 2 };
        let lasted = SimDuration::from_ns(request.finished_ns - request.issued_ns);
        assert_eq!(lasted, ms(50 + trips * way), "{request:?}");
        ways.insert((request.alb_node, target, trips));
    }
    assert_eq!(ways.len(), 8, "both ALB nodes, both nodes, new and pooled: {ways:?}");
}

#[test]
fn the_deregistration_delay_cuts_what_goes_by_way_of_the_node() {
    // Requests of 40 s are in flight when the node is deregistered; 5 s after the call they are cut, those by way of the
    // other node are not.
    let mut scenario = two_nodes();
    scenario.horizon = secs(100);
    scenario.target_group.deregistration_delay = secs(5);
    scenario.target_group.algorithm = Algorithm::LeastOutstandingRequests;
    scenario.app.service_time = constant(secs(40));
    scenario.workload.open_loop = even_requests(2, secs(1), secs(9));
    let termination = sim_core::scenario::disruption::InstanceTermination {
        nodes: 1,
        announcement: Some(sim_core::scenario::disruption::Announcement {
            before: secs(80),
            ..Default::default()
        }),
    };
    scenario.disruptions = vec![sim_core::scenario::disruption::Disruption {
        at: secs(10),
        instance_termination: Some(termination),
        ..Default::default()
    }];
    let timeline = Timeline::of(&scenario);
    let mut cut = 0;
    for request in timeline.requests() {
        if request.target == Some(0) {
            assert_eq!(request.elb_status_code, 502, "{request:?}");
            // 10.24 and 5 s.
            assert_eq!(request.finished_ns, 15_240_000_000);
            cut += 1;
        } else {
            assert_eq!(request.elb_status_code, 200, "{request:?}");
        }
    }
    assert!(cut > 3, "{cut}");
}

/// Field case kubernetes/kubernetes#85643 (lbc §4): with `externalTrafficPolicy: Local` and targets that are nodes, 10
/// to 15 s of 502 in spite of a preStop of 5 min; none with pods as targets.
#[test]
fn local_policy_fails_until_the_health_check_notices_whatever_pre_stop_does() {
    // Before KEP-1669 a node stops forwarding as soon as its last pod is terminating. The ALB finds out by two failed
    // checks 10 s apart: 10 to 20 s. Two pods on two of four nodes are replaced.
    let failures = |target_type, fallback| {
        let mut scenario = two_nodes();
        scenario.horizon = secs(120);
        scenario.service.external_traffic_policy = ExternalTrafficPolicy::Local;
        scenario.kube_proxy.terminating_fallback = fallback;
        scenario.kube_proxy.no_local_endpoint = sim_core::scenario::kube_proxy::NoEndpoint::Reject;
        scenario.target_group.target_type = target_type;
        scenario.target_group.health_check.interval = secs(10);
        scenario.pod.pre_stop.sleep = Some(secs(300));
        scenario.pod.termination_grace_period = secs(330);
        scenario.app.keep_alive_timeout = Limit::At(SimDuration::ZERO);
        scenario.workload.open_loop = even_requests(100, secs(1), secs(110));
        scenario.disruptions = vec![scale(secs(10), 1)];
        let timeline = Timeline::of(&scenario);
        let failed: Vec<u64> = timeline
            .requests()
            .filter(|request| request.elb_status_code == 502)
            .map(|request| request.issued_ns)
            .collect();
        let (first, last) = (failed.iter().min(), failed.iter().max());
        first.zip(last).map(|(first, last)| SimDuration::from_ns(last - first))
    };
    let window = failures(TargetType::Instance, false).expect("502s");
    assert!(window >= secs(10) && window <= secs(20), "{window}");
    // The serving, terminating pod bridges the gap since Kubernetes 1.28; with pods as targets there is none.
    assert_eq!(failures(TargetType::Instance, true), None);
    assert_eq!(failures(TargetType::Ip, false), None);
}

#[test]
fn a_node_without_a_pod_of_its_own_fails_its_checks_under_the_local_policy() {
    // One pod on node 0: node 1 is unhealthy from the start. A second pod lands on node 1; once it answers, the second
    // passed check in a row makes it healthy: one to two intervals of 15 s later on each ALB node.
    let mut scenario = two_nodes();
    scenario.horizon = secs(90);
    scenario.service.external_traffic_policy = ExternalTrafficPolicy::Local;
    scenario.deployment.replicas = 1;
    scenario.disruptions = vec![scale(secs(10), 2)];
    let timeline = Timeline::of(&scenario);
    assert_eq!(timeline.summary.series[5].targets, [0, 1, 1, 0]);
    // Without a readiness probe kube-proxy knows the pod before its server listens.
    let listens =
        timeline.all(|fact| matches!(fact, Fact::ServerChanged { pod: 1, state } if *state == ServerState::Serving));
    let forwarded = listens.map(|(at, _)| at).last().expect("it listens");
    let updates = timeline.all(|fact| matches!(fact, Fact::ProxiesUpdated { .. }));
    let known = updates.map(|(at, _)| at).last().expect("updates");
    assert!(known < forwarded, "{known}");
    let healthy = timeline.all(|fact| {
        matches!(fact, Fact::NodeTarget { target: 1, state, .. } if *state == sim_core::trace::NodeTargetState::Healthy)
    });
    let mut seen = 0;
    for (at, _) in healthy {
        let after = at.saturating_since(forwarded);
        assert!(after >= secs(15) && after <= secs(30), "{after}");
        seen += 1;
    }
    assert_eq!(seen, 2);
    assert_eq!(timeline.summary.series[80].targets, [0, 2, 0, 0]);
}
