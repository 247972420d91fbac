//! Zonal shifts and lost zones (alb §2.2, §8).
//!
//! Two zones with one node, one ALB node and one pod each: pod 0 and ALB node 0 are in zone 0.

use std::collections::BTreeMap;

use sim_core::outcome::Cause;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, ZonalShift, ZoneFailure};
use sim_core::scenario::workload::{ClientConnection, Profile, Sessions, Step};
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::RequestRecord;

use super::Topic::Zones;
use super::{Timeline, constants, even_requests, scale};
use crate::support::{constant, secs};

fn two_zones() -> Scenario {
    let mut scenario = constants();
    scenario.horizon = secs(150);
    scenario.deployment.replicas = 2;
    scenario.load_balancer.zonal_shift = true;
    scenario.dns.shift_time = constant(secs(5));
    scenario.dns.dead_node_time = constant(secs(30));
    scenario.workload.open_loop = even_requests(10, secs(0), secs(149));
    scenario
}

fn shift(at_s: u64, duration_s: u64) -> Disruption {
    Disruption {
        at: secs(at_s),
        zonal_shift: Some(ZonalShift {
            zone: 0,
            duration: secs(duration_s),
        }),
        ..Disruption::default()
    }
}

fn zone_fails(at_s: u64) -> Disruption {
    Disruption {
        at: secs(at_s),
        zone_failure: Some(ZoneFailure::default()),
        ..Disruption::default()
    }
}

fn issued(request: &RequestRecord) -> SimTime {
    SimTime::from_ns(request.issued_ns)
}

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + secs(seconds)
}

#[test]
fn a_shift_takes_targets_out_at_once_and_alb_nodes_within_the_ttl() {
    // Asked for at 10, acts 5 s later, for 60 s: §8. Clients forget ALB node 0 at 15 + 60 = 75, when the shift ends; it
    // serves them from pod 1 until then.
    let mut scenario = two_zones();
    scenario.disruptions = vec![shift(10, 60)];
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Zones],
        "
        15s target 0 zonal_shift_active
        15s DNS answers with zones [1]
        75s target 0 no_override
        75s DNS answers with zones [0, 1]
        ",
    );
    for request in timeline.requests() {
        let shifted = (at(15)..at(75)).contains(&issued(request));
        assert!(!shifted || request.target == Some(1), "{request:?}");
    }
    let by_node_0 = |from: u64, to: u64| {
        let during = timeline
            .requests()
            .filter(|request| (at(from)..at(to)).contains(&issued(request)));
        let (node_0, all): (Vec<_>, Vec<_>) = during.partition(|request| request.alb_node == 0);
        (node_0.len(), node_0.len() + all.len())
    };
    let (early, late) = (by_node_0(15, 30), by_node_0(60, 75));
    // Linear from one half to nothing: 0.4375 of 150 = 66 at first, 0.0625 of 150 = 9 at last; 4 standard errors.
    assert!((42..=90).contains(&early.0) && early.1 == 150, "{early:?}");
    assert!((1..=21).contains(&late.0) && late.1 == 150, "{late:?}");
    assert_eq!(
        timeline.summary.requests_count(),
        timeline.summary.status_counts[0],
        "nobody notices"
    );
}

#[test]
fn with_cross_zone_off_a_shift_is_left_to_dns() {
    // §8: the zone's targets go on serving whoever still comes: until 15 + 60 = 75.
    let mut scenario = two_zones();
    scenario.target_group.cross_zone = false;
    scenario.disruptions = vec![shift(10, 100)];
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Zones],
        "
        15s target 0 zonal_shift_delegated_to_dns
        15s DNS answers with zones [1]
        115s target 0 no_override
        115s DNS answers with zones [0, 1]
        ",
    );
    for request in timeline.requests() {
        assert_eq!(request.target, Some(request.alb_node), "{request:?}");
        let forgotten = (at(75)..at(115)).contains(&issued(request));
        assert!(!forgotten || request.alb_node == 1, "{request:?}");
    }
    let late = timeline.requests().filter(|request| issued(request) >= at(115));
    assert!(
        late.filter(|request| request.alb_node == 0).count() > 20,
        "they come back"
    );
}

#[test]
fn a_target_that_is_registered_during_the_shift_waits_for_its_end() {
    // A third pod goes to the first node again. Scaled at 20, created 20.07, Ready 23.61, registered at 24.025 (as the
    // health checks' timelines add up), healthy soon after; its first request comes when the shift ends at 75.
    let mut scenario = two_zones();
    scenario.disruptions = vec![shift(10, 60), scale(secs(20), 3)];
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Zones],
        "
        15s target 0 zonal_shift_active
        15s DNS answers with zones [1]
        24.025s target 2 zonal_shift_active
        75s target 0 no_override
        75s target 2 no_override
        75s DNS answers with zones [0, 1]
        ",
    );
    let to_it = timeline.requests().filter(|request| request.target == Some(2));
    let first = to_it.map(issued).min().expect("some");
    assert!((at(75)..at(77)).contains(&first), "{first}");
}

#[test]
fn clients_of_a_dead_alb_node_get_no_answer_until_they_forget_it() {
    // Dies at 10 with the zone, dropped from DNS at 40, forgotten by all at 100. Each client waits 10 s, or 3 s where
    // that is its own patience.
    for (patience, waits) in [(None, 10), (Some(secs(3)), 3)] {
        let mut scenario = two_zones();
        scenario.workload.open_loop.as_mut().unwrap().client_timeout = patience;
        scenario.disruptions = vec![zone_fails(10)];
        let timeline = Timeline::of(&scenario);
        timeline.check(
            &[Zones],
            "
            10s ALB node 0 died
            40s DNS answers with zones [1]
            ",
        );
        let mut unanswered = 0;
        for request in timeline.requests().filter(|request| issued(request) >= at(10)) {
            if request.alb_node == 1 {
                assert_ne!(request.elb_status_code, 0);
                continue;
            }
            unanswered += 1;
            assert!(issued(request) < at(100), "{request:?}");
            assert_eq!((request.elb_status_code, request.target), (0, None));
            assert_eq!(request.cause, Some(Cause::AlbNodeUnreachable));
            assert_eq!(request.finished_ns - request.issued_ns, secs(waits).as_ns());
        }
        // 30 s of one half and 60 s of a quarter on average at 10/s: 300, a standard deviation of 13.
        assert!((248..=352).contains(&unanswered), "{unanswered}");
        assert_eq!(timeline.summary.causes.of(Cause::AlbNodeUnreachable), unanswered);
        assert_eq!(timeline.summary.five_xx_count() + unanswered, {
            let counts = timeline.summary.status_counts;
            timeline.summary.requests_count() - counts[0] - counts[1]
        });
    }
}

#[test]
fn a_zone_failure_may_spare_the_alb_nodes() {
    let mut scenario = two_zones();
    scenario.disruptions = vec![zone_fails(10)];
    scenario.disruptions[0].zone_failure.as_mut().unwrap().alb_nodes = false;
    let timeline = Timeline::of(&scenario);
    timeline.check(&[Zones], "");
    assert_eq!(timeline.summary.causes.of(Cause::AlbNodeUnreachable), 0);
}

/// Twenty sessions; DNS and clients forget a dead ALB node at once.
fn sessions_at_a_death(connection: ClientConnection, service_time: SimDuration) -> Timeline {
    let mut scenario = two_zones();
    scenario.horizon = secs(100);
    scenario.workload.open_loop = None;
    scenario.workload.sessions = Some(Sessions {
        count: Profile::Constant(20),
        steps: vec![Step {
            think: constant(secs(1)),
            ..Step::default()
        }],
        connection,
        ..Sessions::default()
    });
    scenario.app.service_time = constant(service_time);
    scenario.dns.dead_node_time = constant(secs(0));
    scenario.dns.ttl = SimDuration::from_ns(1);
    scenario.disruptions = vec![zone_fails(50)];
    Timeline::of(&scenario)
}

#[test]
fn a_kept_connection_to_a_dead_alb_node_costs_one_request() {
    // Nobody knows that it is gone but by waiting; then the client connects anew, to the one that lives.
    let timeline = sessions_at_a_death(ClientConnection::KeepAlive, secs(0));
    let mut by_session: BTreeMap<u32, Vec<&RequestRecord>> = BTreeMap::new();
    for request in timeline.requests() {
        by_session.entry(request.session.unwrap()).or_default().push(request);
    }
    let (mut held, mut lost) = (0, 0);
    for requests in by_session.values() {
        let mut before = requests.iter().filter(|request| issued(request) < at(50));
        let on_dead = before.next_back().expect("some").alb_node == 0;
        let unanswered = requests.iter().filter(|request| request.elb_status_code == 0).count();
        assert_eq!(unanswered, usize::from(on_dead), "{requests:?}");
        held += usize::from(on_dead);
        lost += unanswered;
    }
    assert!(held > 3 && held < 17 && held == lost);
}

#[test]
fn what_is_in_flight_through_a_dying_alb_node_is_never_answered() {
    // Requests take 30 s, from the first second on and from 31 s on: those of about 31 are in flight at 50. Silence is
    // counted from the issue, 10 s, which is over: they end at 50.
    let timeline = sessions_at_a_death(ClientConnection::New, secs(30));
    let in_flight = timeline
        .requests()
        .filter(|request| (at(25)..at(50)).contains(&issued(request)) && request.alb_node == 0);
    let mut count = 0;
    for request in in_flight {
        count += 1;
        assert_eq!(
            (request.elb_status_code, request.finished_ns),
            (0, at(50).as_ns()),
            "{request:?}"
        );
    }
    assert!(count > 3, "{count}");
}
