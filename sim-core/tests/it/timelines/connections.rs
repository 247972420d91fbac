//! Connections between ALB nodes and a healthy target (alb §3.2, §4; kubernetes §7).

use std::collections::BTreeMap;

use sim_core::scenario::Scenario;
use sim_core::scenario::elbv2::ConnectionReuse;
use sim_core::scenario::value::Limit;
use sim_core::scenario::workload::{ClientConnection, Profile, Sessions, Step};
use sim_core::time::SimDuration;
use sim_core::trace::RequestRecord;

use super::Topic::Requests;
use super::{Timeline, constants, even_requests};
use crate::support::{constant, ms, secs};

/// One pod in zone 0; 2 ms to the ALB node of its zone, 6 ms to the other; 50 ms of service.
fn one_pod() -> Scenario {
    let mut scenario = constants();
    scenario.app.service_time = constant(ms(50));
    scenario.network.rtt_same_zone = constant(ms(2));
    scenario.network.rtt_cross_zone = constant(ms(6));
    scenario
}

const fn rtt_ms(alb_node: u32) -> u64 {
    if alb_node == 0 { 2 } else { 6 }
}

#[test]
fn a_new_connection_costs_a_round_trip_that_a_pooled_one_saves() {
    // alb §4: the first request of each ALB node opens a connection: SYN and SYN-ACK, request and answer: 2 rtt + 50.
    // All others come 100 ms apart, find it idle, and take 1 rtt + 50.
    let mut scenario = one_pod();
    scenario.horizon = secs(20);
    scenario.workload.open_loop = even_requests(10, secs(1), secs(11));
    let mut known = [false; 2];
    let timeline = Timeline::of(&scenario);
    for request in timeline.requests() {
        let reused = std::mem::replace(&mut known[request.alb_node as usize], true);
        let trips = if reused { 1 } else { 2 };
        let expected = ms(50 + trips * rtt_ms(request.alb_node));
        assert_eq!(request.reused_connection, reused);
        assert_eq!(SimDuration::from_ns(request.finished_ns - request.issued_ns), expected);
    }
    assert_eq!(known, [true, true]);
}

#[test]
fn a_server_without_keep_alive_gets_a_new_connection_each_time() {
    let mut scenario = one_pod();
    scenario.app.keep_alive_timeout = Limit::At(secs(0));
    scenario.workload.open_loop = even_requests(10, secs(1), secs(11));
    for request in Timeline::of(&scenario).requests() {
        let expected = ms(50 + 2 * rtt_ms(request.alb_node));
        assert_eq!(SimDuration::from_ns(request.finished_ns - request.issued_ns), expected);
        assert!(!request.reused_connection);
    }
}

#[test]
fn a_connection_is_reused_only_within_the_shorter_of_both_idle_timeouts() {
    // alb §4.1, without a race: the server closes after 3 s of idleness, the ALB after `idle_timeout`.
    for (app, alb) in [(3, 60), (60, 3)] {
        let mut scenario = one_pod();
        scenario.horizon = secs(210);
        scenario.app.keep_alive_timeout = Limit::At(secs(app));
        scenario.load_balancer.idle_timeout = secs(alb);
        scenario.workload.open_loop = even_requests(1, secs(1), secs(200));
        let mut idle_since = [None; 2];
        let mut opened = 0;
        for request in Timeline::of(&scenario).requests() {
            let since = idle_since[request.alb_node as usize].replace(request.finished_ns);
            let expected = since.is_some_and(|since| request.issued_ns - since < 3_000_000_000);
            assert_eq!(request.reused_connection, expected, "{request:?}");
            opened += usize::from(!expected);
        }
        // Each node gets a request each second with probability 1/2: one gap in eight is of more than 3 s.
        assert!(opened > 5, "{opened}");
    }
}

#[test]
fn the_order_of_reuse_decides_which_connections_time_out() {
    // alb §4: not published. Service 1.5 s, a request each second over two ALB nodes, the server closes after 3 s of
    // idleness: followed here with a list of idle instants per node. The last one in leaves the others to time out.
    let opened = [ConnectionReuse::Lifo, ConnectionReuse::Fifo].map(|order| {
        let mut scenario = one_pod();
        scenario.horizon = secs(610);
        scenario.app.service_time = constant(ms(1500));
        scenario.app.keep_alive_timeout = Limit::At(secs(3));
        scenario.load_balancer.connection_reuse = order;
        scenario.workload.open_loop = even_requests(1, secs(1), secs(600));
        let mut idle = [Vec::new(), Vec::new()];
        let mut opened = 0;
        let timeline = Timeline::of(&scenario);
        let mut requests: Vec<&RequestRecord> = timeline.requests().collect();
        requests.sort_by_key(|request| request.issued_ns);
        for request in requests {
            let idle: &mut Vec<u64> = &mut idle[request.alb_node as usize];
            idle.retain(|since| since + 3_000_000_000 > request.issued_ns);
            let usable = idle.iter().copied().filter(|since| *since <= request.issued_ns);
            let taken = match order {
                ConnectionReuse::Lifo => usable.max(),
                ConnectionReuse::Fifo => usable.min(),
            };
            assert_eq!(request.reused_connection, taken.is_some(), "{order:?} {request:?}");
            opened += usize::from(taken.is_none());
            idle.retain(|since| Some(*since) != taken);
            idle.push(request.finished_ns);
        }
        opened
    });
    assert!(opened[1] < opened[0], "{opened:?}");
}

#[test]
fn a_client_that_gives_up_is_logged_as_460() {
    let mut scenario = one_pod();
    scenario.app.service_time = constant(secs(5));
    scenario.workload.open_loop = even_requests(1, secs(1), ms(3_500));
    scenario.workload.open_loop.as_mut().unwrap().client_timeout = Some(secs(1));
    Timeline::of(&scenario).check(
        &[Requests],
        "
        3s issued 2s to pod 0: 460 client_gave_up
        4s issued 3s to pod 0: 460 client_gave_up
        ",
    );
}

#[test]
fn an_answer_after_the_idle_timeout_is_a_504() {
    // alb §3.1: connected, then no byte for 3 s. Both zones 2 ms: the request is written one round trip after its
    // issue.
    let mut scenario = one_pod();
    scenario.network.rtt_cross_zone = constant(ms(2));
    scenario.app.service_time = constant(secs(5));
    scenario.load_balancer.idle_timeout = secs(3);
    scenario.workload.open_loop = even_requests(1, secs(1), ms(2_500));
    Timeline::of(&scenario).check(&[Requests], "5.002s issued 2s to pod 0: 504 response_timeout");
}

/// One worker and a backlog of one; four requests 100 ms apart, at 2.1, 2.2, 2.3 and 2.4 s; no round trips.
fn full_backlog(service_ms: u64) -> Scenario {
    let mut scenario = constants();
    scenario.horizon = secs(120);
    scenario.app.workers = Limit::At(1);
    scenario.app.backlog = 1;
    scenario.app.keep_alive_timeout = Limit::At(secs(0));
    scenario.app.service_time = constant(ms(service_ms));
    scenario.workload.open_loop = even_requests(10, secs(2), ms(2_450));
    scenario
}

#[test]
fn a_syn_into_a_full_accept_queue_is_sent_again_after_one_second() {
    // kubernetes §7 A′: one in service, and the queue takes backlog + 1 = 2. Served 2.1–2.5, 2.5–2.9, 2.9–3.3. The
    // SYN of 2.4 is dropped and comes again at 3.4, when the worker is free: 3.8.
    Timeline::of(&full_backlog(400)).check(
        &[Requests],
        "
        2.5s issued 2.1s to pod 0: 200
        2.9s issued 2.2s to pod 0: 200
        3.3s issued 2.3s to pod 0: 200
        3.8s issued 2.4s to pod 0: 200
        ",
    );
}

#[test]
fn a_queue_that_stays_full_ends_in_the_connect_timeout() {
    // Served 2.1–32.1 and 32.1–62.1 (59.9 s after it was written, just within the idle timeout). The third would be
    // served until 92.1: 504 at 2.3 + 60. The fourth's SYNs of 2.4, 3.4, 5.4 and 9.4 are all dropped: 504 at 12.4.
    Timeline::of(&full_backlog(30_000)).check(
        &[Requests],
        "
        12.4s issued 2.4s to pod 0: 504 backlog_overflow
        32.1s issued 2.1s to pod 0: 200
        62.1s issued 2.2s to pod 0: 200
        62.3s issued 2.3s to pod 0: 504 response_timeout
        ",
    );
}

#[test]
fn a_kept_client_connection_stays_at_its_alb_node_until_its_time_is_over() {
    // alb §4: `client_keep_alive` 60 s from the connection's start; the next request then opens a new one anywhere.
    let mut scenario = one_pod();
    scenario.horizon = secs(150);
    scenario.load_balancer.client_keep_alive = secs(60);
    scenario.workload.sessions = Some(Sessions {
        count: Profile::Constant(20),
        connection: ClientConnection::KeepAlive,
        steps: vec![Step {
            think: constant(secs(1)),
            ..Step::default()
        }],
        ..Sessions::default()
    });
    let mut connections: BTreeMap<u32, (u32, u64)> = BTreeMap::new();
    let mut moved = 0;
    for request in Timeline::of(&scenario).requests() {
        let session = request.session.expect("a session");
        let (alb_node, opened) = *connections
            .entry(session)
            .or_insert((request.alb_node, request.issued_ns));
        if request.issued_ns - opened >= 60_000_000_000 {
            connections.insert(session, (request.alb_node, request.issued_ns));
            moved += usize::from(request.alb_node != alb_node);
        } else {
            assert_eq!(request.alb_node, alb_node, "{request:?}");
        }
    }
    // Two new connections per session, each moves with probability 1/2: 20 ± 4 · 3.2.
    assert!((8..=32).contains(&moved), "{moved}");
}
