// The hashes are those that `UPDATE_EXPECT=1` writes.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::{Expect, expect};

use super::*;
use crate::report::sample;

fn check(report: &Report, expected: &Expect) {
    let text = render(report, Paint { color: false });
    assert!(!text.contains('\x1b'), "no colour was asked for");
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "too wide: {line}");
        assert_eq!(line, line.trim_end(), "spaces at the end of a line");
    }
    expected.assert_eq(&text);
}

#[test]
fn the_headline_is_explained() {
    check(
        &sample::headline(10),
        &expect![[r"
        headline  profile eks, 10 replications, seed 1

          status               per run    share
          200 OK               115,542   96.3 %
          502 Bad Gateway          804  0.670 %
          504 Gateway Timeout    3,654   3.04 %
          all                  120,000

        5xx ratio   3.72 % [3.69, 3.74]  (95 % interval, Student-t over replications)
        Peak        37.1 % of the requests issued from 1m2s to 1m7s
                    In these seconds 36.7 % of the targets that the ALB chose from no longer served.

        Disruption, with the requests until the end
          at  kind   pods  502  503    504  5xx per run  5xx ratio   drain
          1m  scale   220  804    0  3,654        4,458     3.72 %  25.0 s

        Why requests failed
          1. 504 silent_pod_ip         3,654 per run, 82.0 % of the 5xx
             The pod's network was torn down, so the connection attempt got no answer within the connect
             timeout.
             Late hop: propagation.
          2. 502 refused_process_dead  804 per run, 18.0 % of the 5xx
             The server process was gone while its pod IP still answered, and the pod was still chosen:
             connection refused.
             Late hop: propagation 59.7 %, endpoints 40.3 %.

        Race window of 2,200 terminated pods
          seconds                                              p50    p95    p99    max
            deletion to EndpointSlice (endpoints)             0.67   1.17   1.21   1.24
          + controller                                        0.36   0.46   0.47   0.48
          + waiting for the API's rate limit (api_throttle)   0.00   0.00   0.00   0.00
          + propagation to the last ALB node                 13.14  14.13  14.22  14.28
          = deletion to removal                              14.17  15.76  15.90  16.00
            deletion to the last new connection served        0.04   0.04   0.04   0.04
            race window: removal after that                  14.13  15.72  15.86  15.96
          A preStop sleep of 16s outlasts 99 % of the removals, and the grace period must hold it and
          the server's own drain. Today half of the pods serve new connections for 40.0 ms or less after
          their deletion.

        Waits of the control plane in 10 runs
          waited for                                    waits  longest   total
          the ReplicaSet controller's client bucket        10   20.5 s   3m25s
          the EndpointSlice controller's client bucket     10   450 ms  4.50 s
          The slowest of 2,200 deregistrations waited 450 ms after its pod's deletion.

        Latency     p50 43.8 ms, p90 64.2 ms, p95 66.8 ms, p99 68.7 ms, max 69.0 ms
        Termination 220 pods per run spent 501 pod-seconds terminating; the longest drain took 25.0 s

        Warnings
          pod-writes-spread-by-client-limit
            The controller manager's client limit (20 requests/s, burst 30) made the last pod wait 20.5s
            for its deletion or creation. That spreads the pods over time and lowers the peak.
            > Expect a higher peak on a control plane with larger limits
              (`controller_manager.client_qps`, which EKS does not publish).
          stale-endpoint-slice-syncs
            In 10 replications, 200 syncs of the EndpointSlice controller met their own stale cache and
            backed off for 1s or more, during which deleted pods stayed in rotation.
            > Let a preStop sleep cover it; the back-off itself cannot be configured.

        Reproduce: sim run headline --seed 1 --replications 10
    "]],
    );
}

#[test]
fn no_failure_is_an_upper_bound() {
    check(
        &sample::quiet(),
        &expect![[r"
        quiet  profile eks, 3 replications, seed 1

          status  per run  share
          200 OK  411,540  100 %
          all     411,540

        5xx ratio   0 in 1,234,620 requests: below 0.0003 % with 95 % confidence

        Latency     p50 43.8 ms, p90 64.2 ms, p95 66.8 ms, p99 68.7 ms, max 69.0 ms

        Reproduce: sim run quiet --seed 1 --replications 3
    "]],
    );
}

#[test]
fn many_disruptions_end_in_a_summary_and_one_replication_in_a_warning() {
    check(
        &sample::long_day(),
        &expect![[r#"
            long-day  profile eks, 1 replication, seed 1

              status                   per run       share
              200 OK                   719,993   99.9990 %
              460 client gave up             5  0.000694 %
              503 Service Unavailable        2  0.000278 %
              all                      720,000

            5xx ratio   0.000278 % [0.000034, 0.001003]  (95 % interval, exact binomial)
            Peak        0.400 % of the requests issued from 9m57s to 10m2s

            Disruptions, the 8 worst of 12, each with the requests until the next
              at     kind   pods  502  503  504  5xx per run  5xx ratio   drain
              0s     scale     1    0    0    0            0        0 %  31.0 s
              10m    scale     1    0    0    0            0        0 %  31.0 s
              20m    scale     1    0    0    0            0        0 %  31.0 s
              30m    scale     1    0    2    0            2  0.00333 %  31.0 s
              40m    scale     1    0    0    0            0        0 %  31.0 s
              50m    scale     1    0    0    0            0        0 %  31.0 s
              1h     scale     1    0    0    0            0        0 %  31.0 s
              1h10m  scale     1    0    0    0            0        0 %  31.0 s
              the other 4: 0 failed requests per event on average

            Why requests failed
              1. 460 client_gave_up        5 per run, not a 5xx
                 The client gave up before the answer.
                 No hop was late: this is no race between a pod and its removal.
              2. 503 no_registered_target  2 per run, 100 % of the 5xx
                 The ALB node knew no registered target.
                 Late hop: registration.

            Latency     p50 43.8 ms, p90 64.2 ms, p95 66.8 ms, p99 68.7 ms, max 69.0 ms

            Warnings
              one-replication
                One replication only: the interval takes requests as independent, but one late deletion
                fails many of them together, so it is too narrow.
                > Use `--replications 10` or more.

            Reproduce: sim run long-day --seed 1 --replications 1
        "#]],
    );
}

#[test]
fn requests_that_no_alb_node_answered_are_told_apart() {
    check(
        &sample::lost_zone(),
        &expect![[r#"
            lost-zone  profile eks, 1 replication, seed 1

              status               per run    share
              200 OK                17,850   99.2 %
              504 Gateway Timeout       50  0.278 %
              no ALB answered          100  0.556 %
              all                   18,000

            5xx ratio   0.278 % [0.206, 0.366]  (95 % interval, exact binomial)
                        Not in it: 0.556 % of the requests met a dead ALB node and got no status at all.
            Peak        3.33 % of the requests issued from 17s to 22s

            Why requests failed
              1. --- alb_node_unreachable  100 per run, not a 5xx
                 The ALB node that the client had connected to or found in its DNS cache was gone: the
                 client got no answer at all.
                 No hop was late: this is no race between a pod and its removal.
              2. 504 silent_node           50 per run, 100 % of the 5xx
                 The pod's node was gone, so neither a connection attempt nor a request on an old connection
                 got an answer.
                 Late hop: health_check.

            Latency     p50 43.8 ms, p90 64.2 ms, p95 66.8 ms, p99 68.7 ms, max 69.0 ms

            Warnings
              one-replication
                One replication only: the interval takes requests as independent, but one late deletion
                fails many of them together, so it is too narrow.
                > Use `--replications 10` or more.

            Reproduce: sim run lost-zone --seed 1 --replications 1
        "#]],
    );
}

#[test]
fn a_run_without_requests_says_so() {
    check(
        &sample::idle(),
        &expect![[r"
        idle  profile eks, 1 replication, seed 1

          status  per run  share
          200 OK        0    0 %
          all           0

        5xx ratio   no request was issued

        Warnings
          no-requests
            No request was issued between the warm-up and the horizon, so there is nothing to report.
            > Give the scenario a workload (`workload.sessions` or `workload.open_loop`) and a longer
              horizon.

        Reproduce: sim run idle --seed 1 --replications 1
    "]],
    );
}

#[test]
fn colour_changes_no_letter() {
    let report = sample::headline(10);
    let colored = render(&report, Paint { color: true });
    assert!(colored.contains("\x1b[31m"), "failures are red");
    let mut plain = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        plain.push_str(before);
        rest = after.split_once('m').expect("every escape ends").1;
    }
    plain.push_str(rest);
    assert_eq!(plain, render(&report, Paint { color: false }));
}
