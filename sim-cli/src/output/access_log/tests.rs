use sim_core::outcome::{Cause, Hop};

use super::*;

fn request() -> RequestRecord {
    RequestRecord {
        request: 7,
        kind: String::from("todays_orders"),
        session: Some(258),
        alb_node: 2,
        pod: None,
        target: Some(599),
        issued_ns: 300_000_000_000,
        finished_ns: 300_042_600_000,
        elb_status_code: 200,
        target_status_code: Some(200),
        reused_connection: false,
        request_processing_ns: Some(600_000),
        target_processing_ns: Some(41_700_000),
        response_processing_ns: Some(0),
        cause: None,
        hop: None,
    }
}

fn line(request: &RequestRecord) -> String {
    let mut out = Vec::new();
    write_line(
        &mut out,
        &Identity::new("Logistics (before)", "00112233aabbccdd"),
        request,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

/// Splits as AWS advises: on spaces, except inside quotes.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in line.trim_end_matches('\n').chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

#[test]
fn a_dead_alb_node_writes_no_log() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("access.log");
    let mut log = AccessLog::new(OutputFile::open(&path).unwrap(), "zone", "00112233aabbccdd");
    for code in [0, 200, 0] {
        let request = RequestRecord {
            elb_status_code: code,
            ..request()
        };
        log.record(&TraceRecord {
            at_ns: request.finished_ns,
            fact: Fact::Request(request),
        });
    }
    log.finish().unwrap().commit().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
}

#[test]
fn a_line_is_one_of_the_alb() {
    assert_eq!(
        line(&request()),
        "http 2026-01-01T00:05:00.042600Z app/k8s-logisticsbefore/00112233aabbccdd 198.18.1.2:32775 10.64.2.88:8080 \
         0.001 0.042 0.000 200 200 180 1024 \"GET http://shop.example.test:80/todays_orders HTTP/1.1\" \
         \"drain-simulator\" - - \
         arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/k8s-logisticsbefore/00112233aabbccdd \
         \"Root=1-6955ba2c-000000000000000000000007\" \"-\" \"-\" 1 2026-01-01T00:05:00.000000Z \"forward\" \"-\" \"-\" \
         \"10.64.2.88:8080\" \"200\" \"-\" \"-\" TID_00112233aabbccdd0000000000000007 \"-\" \"-\" \"-\" 10.0.0.6\n"
    );
}

#[test]
fn every_line_has_34_fields() {
    let hostile = RequestRecord {
        kind: String::from("a \"b\"\n c"),
        session: None,
        target: None,
        ..request()
    };
    for request in [request(), hostile] {
        let fields = fields(&line(&request));
        assert_eq!(fields.len(), 34, "{fields:?}");
        assert!(fields.iter().all(|field| !field.is_empty()), "{fields:?}");
    }
}

#[test]
fn times_are_minus_one_where_aws_says_so() {
    let failed = |code, target, times: [Option<u64>; 3]| RequestRecord {
        elb_status_code: code,
        target_status_code: None,
        target,
        request_processing_ns: times[0],
        target_processing_ns: times[1],
        response_processing_ns: times[2],
        cause: Some(Cause::SilentPodIp),
        hop: Some(Hop::Propagation),
        ..request()
    };
    // No target at all, a target that closed the connection, a connection that timed out.
    for (request, expected) in [
        (failed(503, None, [None; 3]), ["-", "-1", "-1", "-1", "503", "-"]),
        (
            failed(502, Some(0), [Some(1_000_000), Some(3_400_000), None]),
            ["10.64.0.1:8080", "0.001", "0.003", "-1", "502", "-"],
        ),
        (
            failed(504, Some(0), [None; 3]),
            ["10.64.0.1:8080", "-1", "-1", "-1", "504", "-"],
        ),
    ] {
        let fields = fields(&line(&request));
        assert_eq!(fields[4..10], expected);
        assert_eq!(
            (&fields[25], &fields[26]),
            (&fields[4], &fields[9]),
            "the two lists repeat the one target"
        );
    }
}

#[test]
fn addresses_stay_in_their_ranges() {
    let last = RequestRecord {
        session: Some(u32::MAX),
        ..request()
    };
    assert_eq!(identity::client_address(&last), "198.19.255.255:32775");
    assert_eq!(identity::target_address((1 << 22) - 2), "10.127.255.255:8080");
    assert_eq!(identity::alb_node_address(99), "10.0.0.103");
}
