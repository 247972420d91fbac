use sim_core::trace::{Fact, RequestRecord, TraceRecord, TraceSink as _};

use super::tally::Loops;
use super::*;

/// Ten requests a second for a minute; 5, 10 and 5 fail in the seconds 30 to 32.
fn tally() -> Tally {
    let failed = |second: usize| match second {
        30 | 32 => 5.0,
        31 => 10.0,
        _ => 0.0,
    };
    Tally::of_requests(&(0..60).map(|second| (failed(second), 10.0)).collect::<Vec<_>>())
}

/// 20 of 50 in five seconds, 20 of 150 in fifteen, 20 of 600 in the minute and in all.
#[test]
fn the_worst_stretch_is_found_wherever_it_lies() {
    let tally = tally();
    for (seconds, share) in [
        (Some(5), 0.4),
        (Some(15), 20.0 / 150.0),
        (Some(60), 20.0 / 600.0),
        (None, 20.0 / 600.0),
    ] {
        let found = tally.worst(Definition::Requests, seconds);
        assert!((found - share).abs() < 1e-12, "{seconds:?}: {found}");
    }
    // Twice the same run changes no share.
    let twice = Tally::sum(&[tally.clone(), tally.clone()]);
    assert!((twice.worst(Definition::Requests, Some(5)) - 0.4).abs() < 1e-12);
}

fn request(session: u32, second: u64, kind: &str, code: u16) -> TraceRecord {
    TraceRecord {
        at_ns: second * 1_000_000_000,
        fact: Fact::Request(RequestRecord {
            request: 0,
            kind: kind.to_owned(),
            session: Some(session),
            alb_node: 0,
            target: None,
            pod: None,
            issued_ns: second * 1_000_000_000,
            finished_ns: second * 1_000_000_000,
            elb_status_code: code,
            target_status_code: None,
            reused_connection: false,
            request_processing_ns: None,
            target_processing_ns: None,
            response_processing_ns: None,
            cause: None,
            hop: None,
        }),
    }
}

/// Session 0: a loop that fails twice, from second 1; session 3: one that fails at its end, from second 2, and a good one
/// from second 14.
#[test]
fn a_loop_fails_once_however_many_of_its_requests_do() {
    let mut loops = Loops::of("first");
    for record in [
        request(0, 1, "first", 502),
        request(3, 2, "first", 200),
        request(0, 3, "second", 504),
        request(3, 4, "second", 504),
        request(3, 14, "first", 200),
        request(3, 16, "second", 200),
    ] {
        loops.record(record);
    }
    let found: Vec<(usize, (f64, f64))> = loops
        .seconds
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, second)| second.1 > 0.0)
        .collect();
    assert_eq!(found, [(1, (1.0, 1.0)), (2, (1.0, 1.0)), (14, (0.0, 1.0))]);
}

fn row(definition: Definition, window: Window, before: f64, after: f64) -> ShareRow {
    ShareRow {
        event: String::from("25 → 1 pods"),
        definition,
        window,
        before_ratio: before,
        after_ratio: after,
        is_nearest: false,
    }
}

/// Distances as factors: 1 and 1; 2 and 2; 37/4 and 1; and, without failures after, 1 and 100.
#[test]
fn the_nearest_readings_are_those_with_the_smallest_factors() {
    let mut rows = vec![
        row(Definition::Requests, Window::QuarterHour, 0.04, 0.01),
        row(Definition::DeadTargets, Window::Minute, 0.37, 0.01),
        row(Definition::Requests, Window::Minute, 0.185, 0.02),
        row(Definition::LoaderLoops, Window::Minute, 0.37, 0.0),
    ];
    mark(&mut rows);
    assert_eq!(
        rows.iter().map(|row| row.is_nearest).collect::<Vec<_>>(),
        [true, true, true, false]
    );
    let text = reading(&rows);
    assert!(
        text.contains("Nearest of all readings: 37.0 % → 1.0 %, dead targets in the worst 1 min"),
        "{text}"
    );
    // No metric shows dead targets.
    assert!(
        text.contains("the most plausible: 18.5 % → 2.0 %, requests in the worst 1 min of 25 → 1 pods; 4.0 % → 1.0 %,"),
        "{text}"
    );
    assert!(
        text.contains("at most 4.0 % fail over a quarter of an hour or more before the change"),
        "{text}"
    );
    assert!(text.contains("divides the shares of a minute by 9 to 9 here"), "{text}");
}
