//! Pooled connections: when they are closed, and what a drain does to them (alb §4, kubernetes §6.2).

use sim_core::scenario::app::{IdleOnDrain, ResponseOnDrain};
use sim_core::scenario::value::Limit;
use sim_core::trace::ServerState;

use super::super::Oracle;
use super::super::bench::Bench;
use super::super::comparison::Comparison;
use super::super::workload::{constant, even, hops, ms, scale, secs};
use super::{Timeline, records, server};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "keep_alive_close",
        claim: "A connection is used again only within the shorter of both idle timeouts.",
        source: "alb §4.1: server 3 s and ALB 60 s, server 60 s and ALB 3 s",
        compare: the_shorter_timeout_closes,
    },
    Oracle {
        name: "keep_alive_drain",
        claim: "A server that keeps idle connections during its drain serves on them until no ALB node chooses it, and \
                exits when the last has been idle for its timeout.",
        source: "kubernetes §6.2 (idle connections kept)",
        compare: kept_connections_hold_the_process,
    },
];

/// One request per second over two ALB nodes: reused if and only if the one before at the same ALB node came less than
/// 3 s ago.
fn the_shorter_timeout_closes(bench: &mut Bench) -> Comparison {
    Comparison::all([(3, 60), (60, 3)].map(|(app_s, alb_s)| {
        let mut scenario = hops();
        scenario.horizon = secs(210);
        scenario.app.keep_alive_timeout = Limit::At(secs(app_s));
        scenario.load_balancer.idle_timeout = secs(alb_s);
        scenario.workload.open_loop = Some(even(1, secs(1), secs(200)));
        let timeline = Timeline::of(bench, &scenario);
        let mut idle_since = [None; 2];
        let (mut reused, mut opened, mut wrong) = (0, 0, 0);
        for request in records(&timeline.trace) {
            let since = idle_since[request.alb_node as usize].replace(request.finished_ns);
            let expected = since.is_some_and(|since| request.issued_ns - since < secs(3).as_ns());
            reused += u64::from(expected);
            opened += u64::from(!expected);
            wrong += u64::from(expected != request.reused_connection);
        }
        // 198 gaps, of which one in eight is longer than 3 s at its ALB node.
        timeline
            .and(Comparison::same(0, wrong).of("wrong"))
            .and(Comparison::between(100, 190, reused).of("reused"))
            .and(Comparison::between(8, 98, opened).of("opened"))
            .compare()
    }))
}

/// Ten requests of 20 ms per second, so that each ALB node has an idle connection. Drain 10.060; the ALB nodes know at
/// 20.306: 10.1 to 20.3 are 103 requests. The last is answered at 20.32, and its connection idle until 23.32.
fn kept_connections_hold_the_process(bench: &mut Bench) -> Comparison {
    let mut scenario = hops();
    scenario.app.service_time = constant(ms(20));
    scenario.app.keep_alive_timeout = Limit::At(secs(3));
    scenario.app.idle_on_drain = IdleOnDrain::ServedKeep;
    scenario.app.response_on_drain = ResponseOnDrain::KeepAlive;
    scenario.app.waits_for_idle = true;
    scenario.workload.open_loop = Some(even(10, secs(8), secs(25)));
    scenario.disruptions = vec![scale(secs(10), 0)];
    let timeline = Timeline::of(bench, &scenario);
    let drain = ms(10_060).as_ns()..ms(20_306).as_ns();
    let served = records(&timeline.trace).into_iter().filter(|request| {
        drain.contains(&request.issued_ns) && request.elb_status_code == 200 && request.reused_connection
    });
    let served = Comparison::same(103, served.count()).of("served during the drain");
    timeline
        .at("exit", &[23_320], server(ServerState::Exited))
        .and(served)
        .compare()
}
