//! Targets that are nodes: what takes a pod or a node out, and what the ALB's connections meet (lbc §4, nodes §3.5).

use sim_core::outcome::{Cause, Hop};
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{AnnouncedBy, Announcement, Disruption, InstanceTermination, NodeFailure};
use sim_core::scenario::elbv2::TargetType;
use sim_core::scenario::kube_proxy::{ExternalTrafficPolicy, NoEndpoint};
use sim_core::scenario::value::Limit;
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::{Fact, NodeChange, RequestRecord};

use super::Topic::{Controller, Health, Nodes, Proxies, Slices, Views};
use super::{Timeline, constants, even_requests, scale};
use crate::support::{constant, ms, secs};

/// Two nodes with one pod each; kube-proxy sees a write after 15 ms and needs 400 ms for its sync.
pub(super) fn two_nodes() -> Scenario {
    let mut scenario = constants();
    scenario.deployment.replicas = 2;
    scenario.target_group.target_type = TargetType::Instance;
    scenario.ec2.os_shutdown_notice = constant(secs(3));
    scenario.ec2.os_shutdown = constant(secs(1));
    scenario
}

fn local() -> Scenario {
    let mut scenario = two_nodes();
    scenario.service.external_traffic_policy = ExternalTrafficPolicy::Local;
    scenario
}

/// The first node is terminated five seconds after it was announced, at 10 s.
fn terminated(mut scenario: Scenario, by: AnnouncedBy) -> Scenario {
    let announcement = Announcement { by, before: secs(5) };
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        instance_termination: Some(InstanceTermination {
            nodes: 1,
            announcement: Some(announcement),
        }),
        ..Disruption::default()
    }];
    scenario
}

fn at(millis: u64) -> SimTime {
    SimTime::ZERO + ms(millis)
}

fn issued(request: &RequestRecord) -> SimTime {
    SimTime::from_ns(request.issued_ns)
}

/// When the first pod's DELETE was committed, and which pod it is.
fn first_deletion(timeline: &Timeline) -> (SimTime, u32) {
    let (at, fact) = timeline
        .all(|fact| matches!(fact, Fact::DeletionCommitted { .. }))
        .next()
        .expect("a deletion");
    match fact {
        Fact::DeletionCommitted { pod, .. } => (at, *pod),
        _ => unreachable!("just found"),
    }
}

#[test]
fn a_pod_leaves_by_kube_proxy_alone() {
    // Slice + 35 as ever; lbc §1.2: the controller does nothing. Every kube-proxy: + 15 seen, + 400 in force = 450.
    // The process is gone at 27 and silent at 257; terminal status 297, endpoint out + 20 + 5 + 10 = 332, seen 347.
    // kubernetes §2.3.16: the next sync begins 1 s after the last one, which began at 50: 1050 + 400.
    let mut scenario = two_nodes();
    scenario.disruptions = vec![scale(secs(10), 1)];
    let timeline = Timeline::of(&scenario).since_delete().in_order_of_deletion();
    timeline.check(
        &[Slices, Proxies, Controller],
        "
        0.035s pod 0 endpoint serving terminating
        0.332s pod 0 endpoint left
        0.45s kube-proxy of every node knows of [0]
        1.45s kube-proxy of every node knows of [0]
        ",
    );
    let race = &timeline.summary.race;
    let only = |samples: &sim_core::stats::Samples| samples.iter().collect::<Vec<SimDuration>>();
    assert_eq!(only(&race.endpoints), [ms(35)]);
    assert_eq!(only(&race.kube_proxy), [ms(415)], "450 − 35");
    assert_eq!(only(&race.controller), [SimDuration::ZERO]);
    assert_eq!(only(&race.propagation), [SimDuration::ZERO]);
    assert_eq!(only(&race.total), [ms(423)], "450 − 27");
}

#[test]
fn new_connections_meet_the_dead_pod_until_the_last_kube_proxy_knows() {
    // Without keep-alive each request is a new connection. Alive until 27; RST until 257, then silence, until 450.
    // The hop is the EndpointSlice until 35, kube-proxy from then on. Afterwards nothing reaches the pod.
    let mut scenario = two_nodes();
    scenario.app.keep_alive_timeout = Limit::At(SimDuration::ZERO);
    scenario.app.service_time = constant(ms(1));
    scenario.workload.open_loop = even_requests(1_000, secs(10), secs(12));
    scenario.disruptions = vec![scale(secs(10), 1)];
    let timeline = Timeline::of(&scenario);
    let (deleted, victim) = first_deletion(&timeline);
    let mut met = std::collections::BTreeSet::new();
    for request in timeline.requests().filter(|request| request.pod == Some(victim)) {
        let after = issued(request).saturating_since(deleted);
        let expected = match after.as_ns() / 1_000_000 {
            0..25 => (None, None),
            // A request in flight at the exit is lost with it.
            25..28 => continue,
            28..35 => (Some(Cause::RefusedProcessDead), Some(Hop::Endpoints)),
            35..257 => (Some(Cause::RefusedProcessDead), Some(Hop::KubeProxy)),
            257..450 => (Some(Cause::SilentPodIp), Some(Hop::KubeProxy)),
            _ => panic!("issued {after} after the deletion"),
        };
        assert_eq!((request.cause, request.hop), expected, "{after} after the deletion");
        met.insert(expected);
    }
    assert_eq!(met.len(), 4);
}

#[test]
fn a_pre_stop_of_one_second_covers_kube_proxy_but_not_an_alb() {
    // 450 ms by kube-proxy; with pods as targets it is 275 ms and 10 s of propagation (lbc §4, end).
    let failed = |target_type| {
        let mut scenario = two_nodes();
        scenario.target_group.target_type = target_type;
        scenario.pod.pre_stop.sleep = Some(secs(1));
        scenario.app.keep_alive_timeout = Limit::At(SimDuration::ZERO);
        scenario.workload.open_loop = even_requests(100, secs(5), secs(40));
        scenario.disruptions = vec![scale(secs(10), 1)];
        Timeline::of(&scenario).summary.five_xx_count()
    };
    assert_eq!(failed(TargetType::Instance), 0);
    assert!(failed(TargetType::Ip) > 100);
}

#[test]
fn without_any_ready_pod_the_terminating_one_is_chosen_until_its_endpoint_leaves() {
    // KEP-1669 (kubernetes §2.3.16): at 450 the only endpoint is terminating but serving, and stays in use although the
    // process has died; from 1450 on there is none at all: REJECT (kubernetes §7 G).
    let mut scenario = two_nodes();
    scenario.deployment.replicas = 1;
    scenario.app.keep_alive_timeout = Limit::At(SimDuration::ZERO);
    scenario.app.service_time = constant(ms(1));
    scenario.workload.open_loop = even_requests(100, secs(10), secs(13));
    scenario.disruptions = vec![scale(secs(10), 0)];
    let timeline = Timeline::of(&scenario);
    let (deleted, _) = first_deletion(&timeline);
    for request in timeline.requests() {
        let after = issued(request).saturating_since(deleted).as_ns() / 1_000_000;
        let expected = match after {
            0..25 => None,
            25..28 => continue,
            28..257 => Some(Cause::RefusedProcessDead),
            257..1450 => Some(Cause::SilentPodIp),
            _ => Some(Cause::NoEndpointRejected),
        };
        assert_eq!(request.cause, expected, "{after} ms after the deletion");
    }
    // Without the fallback there is no endpoint from 450 on.
    scenario.kube_proxy.terminating_fallback = false;
    scenario.kube_proxy.no_endpoint = NoEndpoint::Drop;
    let timeline = Timeline::of(&scenario);
    for request in timeline.requests() {
        if issued(request) >= deleted + ms(450) {
            assert_eq!(request.cause, Some(Cause::NoEndpointDropped));
            // The ALB gives up after its connect timeout (alb §3.1).
            assert_eq!(request.finished_ns - request.issued_ns, 10_000_000_000);
        }
    }
}

#[test]
fn a_taint_takes_a_node_out_and_five_seconds_are_not_enough() {
    // lbc §4: taint 10; seen + 100, reconcile 50, PATCH 30, call 60 = 10.24; every ALB node 10 s later. nodes §3.5:
    // terminated 5 s after the taint; the OS hears of it 3 s later and is down 1 s after that: silence from 19 on.
    let mut scenario = terminated(local(), AnnouncedBy::ToBeDeletedTaint);
    scenario.horizon = secs(22);
    scenario.app.service_time = constant(ms(1));
    scenario.workload.open_loop = even_requests(100, secs(9), secs(21));
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Nodes, Controller, Health, Views],
        "
        10s node 0 tainted
        10.1s reconcile
        10.24s DeregisterTargets [0]
        10.24s target 0 draining
        18s node 0 shutting_down
        19s node 0 terminated
        20.24s ALB node 0: target 0 unknown
        20.24s ALB node 1: target 0 unknown
        ",
    );
    // Its pod gets SIGTERM with the shutdown and is gone within 10 ms; nobody is told (nodes §5.2).
    let mut lost = 0;
    for request in timeline.requests() {
        let expected = match (request.target, issued(request)) {
            (Some(0), sent) if sent >= at(20_240) => panic!("routed to node 0 at {sent}"),
            (Some(0), sent) if sent >= at(19_000) => (Some(Cause::SilentNode), Some(Hop::Propagation)),
            (Some(0), sent) if sent >= at(18_010) => (Some(Cause::RefusedProcessDead), Some(Hop::HealthCheck)),
            (Some(0), sent) if sent >= at(17_990) => continue,
            _ => (None, None),
        };
        assert_eq!((request.cause, request.hop), expected, "issued {}", issued(request));
        lost += u32::from(request.cause == Some(Cause::SilentNode));
    }
    // 124 requests of both ALB nodes in 1.24 s, every second one to node 0.
    assert!((50..=74).contains(&lost), "{lost}");
}

#[test]
fn taints_and_the_label_count_but_a_cordon_does_not() {
    // lbc §4. All three at 10 s, and the call 240 ms later; a cordoned node is found out by nobody until it is dead:
    // the kubelet's lease has 50 s to lapse, which is past 22 s.
    let calls = |by| {
        let mut scenario = terminated(two_nodes(), by);
        scenario.horizon = secs(22);
        let timeline = Timeline::of(&scenario);
        let calls = timeline.all(|fact| matches!(fact, Fact::CallAccepted { .. }));
        calls.map(|(at, _)| at).collect::<Vec<_>>()
    };
    assert_eq!(calls(AnnouncedBy::ToBeDeletedTaint), [at(10_240)]);
    assert_eq!(calls(AnnouncedBy::DisruptedTaint), [at(10_240)]);
    assert_eq!(calls(AnnouncedBy::ExcludeLabel), [at(10_240)]);
    assert_eq!(calls(AnnouncedBy::Cordon), []);
}

#[test]
fn a_dead_node_stays_a_target_until_its_lease_has_lapsed() {
    // kubernetes §5.3: Ready becomes Unknown at a poll after the lease; + 100 + 50 + 30 + 60 until the call, + 10 s.
    // Requests on the pooled connections hang for the idle timeout of 60 s, others for the connect timeout of 10 s.
    let mut scenario = local();
    scenario.horizon = secs(200);
    scenario.target_group.health_check.unhealthy_threshold = 10;
    scenario.app.service_time = constant(ms(1));
    scenario.workload.open_loop = even_requests(10, secs(1), secs(120));
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        node_failure: Some(NodeFailure::default()),
        ..Disruption::default()
    }];
    let timeline = Timeline::of(&scenario);
    let unknown = timeline.first(|fact| {
        matches!(
            fact,
            Fact::NodeChanged {
                change: NodeChange::Unknown,
                ..
            }
        )
    });
    let call = timeline.first(|fact| matches!(fact, Fact::CallAccepted { .. }));
    assert_eq!(call, unknown + ms(240));
    let lost: Vec<&RequestRecord> = timeline.requests().filter(|request| request.cause.is_some()).collect();
    assert!(
        lost.iter()
            .all(|request| request.cause == Some(Cause::SilentNode) && request.target == Some(0))
    );
    let last = lost.iter().map(|request| issued(request)).max().expect("losses");
    assert!(last < call + secs(10) && last > call + ms(9_000), "{last}");
    for request in lost {
        let lasted = if request.reused_connection { secs(60) } else { secs(10) };
        assert_eq!(request.finished_ns - request.issued_ns, lasted.as_ns());
    }
}

#[test]
fn no_node_ready_means_that_unknown_ones_stay() {
    // lbc §1.10: fail open to Ready=Unknown. Both nodes die: nothing is deregistered.
    let mut scenario = two_nodes();
    scenario.horizon = secs(150);
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        node_failure: Some(NodeFailure {
            nodes: 2,
            reported_terminated: false,
        }),
        ..Disruption::default()
    }];
    // The leases lapse at different polls: the first lost node goes while the other still counts as Ready, and comes
    // back once none is.
    let timeline = Timeline::of(&scenario);
    let unknown = timeline
        .all(|fact| {
            matches!(
                fact,
                Fact::NodeChanged {
                    change: NodeChange::Unknown,
                    ..
                }
            )
        })
        .count();
    assert_eq!(unknown, 2);
    let last = timeline.summary.series.last().expect("rows");
    let registered: u32 = last.targets[..3].iter().sum();
    assert_eq!(registered, 2, "{:?}", last.targets);
}
