//! What failed requests met.

use super::*;

#[test]
fn refusals_are_immediate_and_silence_costs_ten_seconds() {
    let scenario = Scenario::default();
    let refused = |at| vec![failed(Cause::RefusedProcessDead, 0, at)];
    assert_eq!(seen(&scenario, Behaviour::RefusalIsImmediate, refused(2)), (1, 0));
    assert_eq!(seen(&scenario, Behaviour::RefusalIsImmediate, refused(1_001)), (1, 1));
    let silent = |at| vec![failed(Cause::SilentPodIp, 0, at)];
    for (at, broken) in [(9_999, 1), (10_000, 0), (11_001, 1)] {
        let found = seen(&scenario, Behaviour::SilenceCostsTheConnectTimeout, silent(at));
        assert_eq!(found, (1, broken), "{at}");
    }
}

#[test]
fn a_failure_at_a_server_that_served_all_the_while_is_found() {
    let trace = |serving_since, issued| {
        vec![
            (0, server(ServerState::Starting)),
            (serving_since, server(ServerState::Serving)),
            failed(Cause::RefusedNotListening, issued, issued + 500),
        ]
    };
    let behaviour = Behaviour::FailuresMeetAStoppedServer;
    assert_eq!(seen(&Scenario::default(), behaviour, trace(1_100, 1_000)), (1, 0));
    assert_eq!(seen(&Scenario::default(), behaviour, trace(900, 1_000)), (1, 1));
}

#[test]
fn a_race_on_a_new_connection_is_found() {
    let mut reused = failed(Cause::KeepAliveRace, 0, 2);
    if let Fact::Request(request) = &mut reused.1 {
        request.reused_connection = true;
    }
    let behaviour = Behaviour::RaceOnlyOnReused;
    assert_eq!(seen(&Scenario::default(), behaviour, vec![reused]), (1, 0));
    let fresh = vec![failed(Cause::KeepAliveRace, 0, 2)];
    assert_eq!(seen(&Scenario::default(), behaviour, fresh), (1, 1));
}

#[test]
fn slack_widens_both_ends() {
    let scenario = Scenario::default();
    let mut watched = Conformance::new(&scenario, SimDuration::from_millis(500));
    let (at_ms, fact) = failed(Cause::SilentPodIp, 0, 9_600);
    watched.record(TraceRecord {
        at_ns: SimDuration::from_millis(at_ms).as_ns(),
        fact,
    });
    let occasions = watched.finish();
    assert_eq!(occasions.of(Behaviour::SilenceCostsTheConnectTimeout), (1, 0));
    let findings = findings(&[("a".to_owned(), occasions)]);
    assert_eq!(findings.len(), Behaviour::ALL.len());
}
