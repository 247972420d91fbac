//! Pooled connections while a server drains (kubernetes §6.2, column "Idle KA").
//!
//! DELETE 10.07, drain 10.097, ALB nodes know at 20.345. Ten requests of 20 ms per second over two ALB nodes: each
//! has one idle connection whenever the next request comes.

use std::collections::BTreeSet;

use sim_core::scenario::Scenario;
use sim_core::scenario::app::{IdleOnDrain, RequestKind, ResponseOnDrain};
use sim_core::scenario::value::Limit;
use sim_core::scenario::workload::{Profile, Sessions, Step};
use sim_core::trace::{Fact, RequestRecord, ServerState};

use super::{Timeline, constants, even_requests, scale};
use crate::support::{constant, ms, secs};

const DRAIN_NS: u64 = 10_097_000_000;

fn drain_with_traffic(idle: IdleOnDrain) -> Scenario {
    let mut scenario = constants();
    scenario.app.service_time = constant(ms(20));
    scenario.app.keep_alive_timeout = Limit::At(secs(3));
    scenario.app.idle_on_drain = idle;
    scenario.app.response_on_drain = ResponseOnDrain::KeepAlive;
    scenario.workload.open_loop = even_requests(10, secs(8), secs(25));
    scenario.disruptions = vec![scale(secs(10), 0)];
    scenario
}

fn during_drain(timeline: &Timeline, until_ns: u64) -> impl Iterator<Item = &RequestRecord> {
    let open_loop = timeline.requests().filter(|request| request.session.is_none());
    open_loop.filter(move |request| (DRAIN_NS..until_ns).contains(&request.issued_ns))
}

fn exit_ns(timeline: &Timeline) -> u64 {
    let exited = |fact: &Fact| {
        matches!(
            fact,
            Fact::ServerChanged {
                state: ServerState::Exited,
                ..
            }
        )
    };
    timeline.first(exited).as_ns()
}

#[test]
fn idle_connections_that_are_kept_serve_on_and_hold_the_process() {
    // "node < 19": served until their timeout. Requests come until the nodes know: the last at 20.3, answered 20.32;
    // the process ends when that connection has been idle for 3 s: 23.32.
    let mut scenario = drain_with_traffic(IdleOnDrain::ServedKeep);
    scenario.app.waits_for_idle = true;
    let timeline = Timeline::of(&scenario);
    let requests: Vec<&RequestRecord> = during_drain(&timeline, 20_345_000_000).collect();
    assert_eq!(requests.len(), 103, "10.1 to 20.3");
    assert!(
        requests
            .iter()
            .all(|request| request.elb_status_code == 200 && request.reused_connection)
    );
    assert_eq!(exit_ns(&timeline), 23_320_000_000);
}

#[test]
fn idle_connections_are_closed_by_a_server_that_says_so() {
    // Most servers: FIN at the drain's start, and the listener is closed: nothing is served any more; exit at once.
    let timeline = Timeline::of(&drain_with_traffic(IdleOnDrain::FinNow));
    assert_eq!(exit_ns(&timeline), DRAIN_NS);
    let requests: Vec<&RequestRecord> = during_drain(&timeline, 20_345_000_000).collect();
    assert!(
        requests
            .iter()
            .all(|request| request.elb_status_code >= 502 && !request.reused_connection)
    );
}

#[test]
fn a_server_that_serves_one_more_request_answers_each_alb_node_once() {
    // gunicorn 26: answered with a close; the next one needs a new connection and is refused.
    let mut scenario = drain_with_traffic(IdleOnDrain::ServedThenClose);
    scenario.app.waits_for_idle = true;
    let timeline = Timeline::of(&scenario);
    let mut served = BTreeSet::new();
    for request in during_drain(&timeline, 13_000_000_000) {
        let first = served.insert(request.alb_node);
        let expected = if first { (200, true) } else { (502, false) };
        assert_eq!(
            (request.elb_status_code, request.reused_connection),
            expected,
            "{request:?}"
        );
    }
    assert_eq!(served.len(), 2);
}

#[test]
fn a_request_on_a_connection_that_nobody_reads_hangs_until_the_exit() {
    // gunicorn 23: left open but unserved. A session of 6 s requests (0, 6, 12) keeps the process until 12.0; what
    // was written on an idle connection is lost then, what needs a new connection is refused at once.
    let mut scenario = drain_with_traffic(IdleOnDrain::UnservedUntilExit);
    let long = RequestKind {
        service_time: constant(secs(6)),
    };
    scenario.app.requests.insert("long".into(), long);
    scenario.workload.sessions = Some(Sessions {
        count: Profile::Constant(1),
        steps: vec![Step {
            request: "long".into(),
            think: constant(ms(0)),
        }],
        ..Sessions::default()
    });
    let timeline = Timeline::of(&scenario);
    assert_eq!(exit_ns(&timeline), 12_000_000_000);
    let mut hung = 0;
    for request in during_drain(&timeline, 12_000_000_000) {
        assert_eq!(request.elb_status_code, 502);
        let expected = if request.reused_connection {
            12_000_000_000
        } else {
            request.issued_ns
        };
        assert_eq!(request.finished_ns, expected, "{request:?}");
        hung += usize::from(request.reused_connection);
    }
    // One idle connection per ALB node, and perhaps the one that the session's first request left behind.
    assert!((2..=3).contains(&hung), "{hung}");
}
