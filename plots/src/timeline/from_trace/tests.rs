//! Lanes of traces written by hand.

use sim_core::outcome::{Cause, Hop, Status};
use sim_core::trace::{Call, Fact, NodeTargetState, RequestRecord, ServerState, TraceRecord};

use super::super::{Failure, RaceTimeline, Reach, Span, Step};

fn at(seconds: u64, fact: Fact) -> TraceRecord {
    let at_ns = seconds * 1_000_000_000;
    TraceRecord { at_ns, fact }
}

fn failed(issued_s: u64, target: Option<u32>, pod: Option<u32>, cause: Cause) -> Fact {
    Fact::Request(RequestRecord {
        request: 0,
        kind: "request".into(),
        session: None,
        alb_node: 0,
        target,
        pod,
        issued_ns: issued_s * 1_000_000_000,
        finished_ns: issued_s * 1_000_000_000,
        elb_status_code: cause.status().code(),
        target_status_code: None,
        reused_connection: false,
        request_processing_ns: None,
        target_processing_ns: None,
        response_processing_ns: None,
        cause: Some(cause),
        hop: Some(Hop::Propagation),
    })
}

fn server(pod: u32, state: ServerState) -> Fact {
    Fact::ServerChanged { pod, state }
}

fn deleted(pod: u32) -> Fact {
    Fact::DeletionCommitted {
        pod,
        grace_period_s: 30,
    }
}

#[test]
fn a_lane_has_times_since_its_own_deletion() {
    let node = |alb_node: u32, state: NodeTargetState| Fact::NodeTarget {
        alb_node,
        target: 7,
        state,
    };
    let trace = [
        at(1, server(7, ServerState::Serving)),
        at(2, node(0, NodeTargetState::Healthy)),
        at(3, node(1, NodeTargetState::Healthy)),
        at(10, deleted(7)),
        at(
            11,
            Fact::SigtermSent {
                pod: 7,
                container: "app".into(),
            },
        ),
        at(
            11,
            Fact::SigtermSent {
                pod: 7,
                container: "envoy".into(),
            },
        ),
        at(12, server(7, ServerState::DrainingClosed)),
        at(
            13,
            Fact::CallAccepted {
                call: Call::DeregisterTargets,
                targets: vec![3, 7],
            },
        ),
        at(13, server(7, ServerState::Exited)),
        at(14, node(0, NodeTargetState::Unknown)),
        at(15, failed(13, Some(7), None, Cause::RefusedProcessDead)),
        at(15, failed(13, Some(8), None, Cause::RefusedProcessDead)),
        at(16, server(7, ServerState::Removed)),
        at(16, Fact::SandboxRemoved { pod: 7, silent: true }),
        at(20, Fact::RunEnded { requests_count: 2 }),
    ];
    let figure = RaceTimeline::from_trace("t", "s", &trace, 12);
    assert_eq!(figure.lanes.len(), 1);
    let lane = &figure.lanes[0];
    let span = |from_s: f64, to_s: f64| Span { from_s, to_s };
    assert_eq!((lane.name.as_str(), lane.deleted_s), ("pod 7", 10.0));
    assert!(lane.is_deleted);
    assert_eq!(
        lane.states,
        [
            (span(-9.0, 2.0), Reach::Serving),
            (span(2.0, 6.0), Reach::Refusing),
            (span(6.0, 10.0), Reach::Silent)
        ]
    );
    let chosen: Vec<_> = lane
        .choosers
        .iter()
        .map(|chooser| (chooser.name.as_str(), chooser.chooses.clone()))
        .collect();
    assert_eq!(
        chosen,
        [
            ("ALB node 0", vec![span(-8.0, 4.0)]),
            ("ALB node 1", vec![span(-7.0, 10.0)])
        ]
    );
    let status = Status::BadGateway;
    assert_eq!(lane.failures, [Failure { at_s: 3.0, status }]);
    assert_eq!(lane.steps, [(1.0, Step::Sigterm), (3.0, Step::Deregistered)]);
}

#[test]
fn a_network_that_says_unreachable_refuses() {
    let trace = [
        at(1, server(2, ServerState::Serving)),
        at(5, deleted(2)),
        at(6, Fact::SandboxRemoved { pod: 2, silent: false }),
        at(6, server(2, ServerState::Removed)),
        at(
            9,
            Fact::AddressReused {
                pod: 2,
                successor: None,
            },
        ),
    ];
    let reached: Vec<Reach> = RaceTimeline::from_trace("t", "", &trace, 1).lanes[0]
        .states
        .iter()
        .map(|(_, reach)| *reach)
        .collect();
    assert_eq!(reached, [Reach::Serving, Reach::Refusing, Reach::Reused]);
}

#[test]
fn behind_nodes_the_last_kube_proxy_chooses() {
    let trace = [
        at(1, server(2, ServerState::Serving)),
        at(1, Fact::ProxiesUpdated { pods: vec![2] }),
        at(5, deleted(2)),
        at(6, failed(6, Some(40), Some(2), Cause::SilentPodIp)),
        at(8, Fact::ProxiesUpdated { pods: vec![2, 3] }),
        at(9, Fact::ProxiesUpdated { pods: vec![3] }),
    ];
    let figure = RaceTimeline::from_trace("t", "", &trace, 1);
    let lane = &figure.lanes[0];
    assert_eq!(lane.choosers.len(), 1);
    assert_eq!(
        lane.choosers[0].chooses,
        [Span {
            from_s: -4.0,
            to_s: 3.0
        }]
    );
    assert_eq!(lane.failures.len(), 1, "its target is a node, and the pod is named");
}

#[test]
fn earliest_ends_come_first() {
    let trace = [
        at(3, deleted(9)),
        at(4, deleted(1)),
        at(5, Fact::SandboxRemoved { pod: 9, silent: true }),
        at(6, deleted(4)),
    ];
    let names: Vec<String> = RaceTimeline::from_trace("t", "", &trace, 2)
        .lanes
        .into_iter()
        .map(|lane| lane.name)
        .collect();
    assert_eq!(names, ["pod 9", "pod 1"]);
}

#[test]
fn a_lost_node_ends_its_pods_before_their_deletion() {
    let trace = [
        at(1, server(5, ServerState::Serving)),
        at(20, server(5, ServerState::Unreachable)),
        at(320, deleted(5)),
    ];
    let figure = RaceTimeline::from_trace("t", "", &trace, 1);
    assert!(
        (figure.lanes[0].deleted_s - 20.0).abs() < 1e-9,
        "not when the API server noticed"
    );
    assert_eq!(figure.lanes[0].states[1].1, Reach::Silent);
    assert!(!figure.lanes[0].is_deleted, "its axis does not start with a deletion");
}
