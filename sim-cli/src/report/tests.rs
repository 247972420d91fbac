use expect_test::expect_file;
use serde_json::Value;
use sim_core::outcome::{Cause, Hop};

use super::*;

fn json(report: &Report) -> Value {
    serde_json::to_value(report).unwrap()
}

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(Report)).unwrap();
    expect_file!["../../schema/run.schema.json"].assert_eq(&(schema + "\n"));
}

#[test]
fn the_headline_peaks_at_the_dead_target_share() {
    let report = sample::headline(10);
    // 367 to 376 of 1000 requests fail in each second of the drain, and 220 of 600 targets are dead.
    let peak = report.peak_five_xx_ratio.value.unwrap();
    assert!((peak - 0.371_5).abs() < 1e-12, "{peak}");
    assert_eq!(report.peak_five_xx_ratio.start_s, Some(62.0));
    let share = report.peak_dead_target_share.unwrap();
    assert!((share - 220.0 / 600.0).abs() < 1e-12, "{share}");
    assert_eq!(report.five_xx_ratio.method, Method::StudentTRatio);
    assert!((report.five_xx_ratio.mean - 44_580.0 / 1_200_000.0).abs() < 1e-12);
}

#[test]
fn causes_are_ranked_and_name_the_hop_that_lost_most() {
    let causes = sample::headline(1).causes;
    let ranked: Vec<(Cause, u64, Hop)> = causes
        .iter()
        .map(|cause| (cause.cause, cause.count, cause.hop))
        .collect();
    assert_eq!(
        ranked,
        [
            (Cause::SilentPodIp, 3600, Hop::Propagation),
            (Cause::RefusedProcessDead, 804, Hop::Propagation)
        ]
    );
    assert_eq!(
        Vec::from_iter(&causes[1].hops),
        [(&Hop::Endpoints, &324), (&Hop::Propagation, &480)]
    );
    let shares: f64 = causes.iter().map(|cause| cause.share).sum();
    assert!((shares - 1.0).abs() < 1e-12, "{shares}");
}

#[test]
fn who_gave_up_is_a_cause_but_has_no_share_of_the_5xx() {
    let report = sample::long_day();
    let causes: Vec<(u16, u64, f64)> = report
        .causes
        .iter()
        .map(|cause| (cause.elb_status_code, cause.count, cause.share))
        .collect();
    assert_eq!(causes, [(460, 5, 0.0), (503, 2, 1.0)]);
}

#[test]
fn costs_are_means_per_replication_and_counts_are_sums() {
    let report = sample::headline(10);
    assert_eq!(
        report.termination,
        TerminationReport {
            pods_count: 220.0,
            pod_seconds: 501.25,
            drain_s: 25.0
        }
    );
    let disruption = &report.disruptions[0];
    assert_eq!(
        (disruption.at_s, disruption.pods_count, disruption.drain_s),
        (60.0, 220.0, 25.0)
    );
    assert_eq!(disruption.requests_count, 1_200_000);
    assert_eq!(report.race_window_s.pods_count, 2200);
    assert_eq!(report.replications.len(), 10);
    assert_eq!(report.replications[9].replication, 9);
    assert_eq!(report.replications[9].status_counts.gateway_timeout, 12 * 309);
}

#[test]
fn no_failure_is_reported_as_a_bound() {
    let report = sample::quiet();
    assert_eq!(report.five_xx_ratio.method, Method::ClopperPearsonUpper);
    assert_eq!((report.five_xx_ratio.mean, report.five_xx_ratio.ci95_low), (0.0, 0.0));
    // 1 − 0.05^(1/1234620), six digits.
    assert_eq!(report.five_xx_ratio.ci95_high.to_string(), "0.00000242644");
    assert_eq!(report.peak_five_xx_ratio.value, Some(0.0));
}

#[test]
fn thin_statistics_are_warned_about() {
    let codes =
        |report: &Report| -> Vec<String> { report.warnings.iter().map(|warning| warning.code.clone()).collect() };
    assert!(codes(&sample::headline(1)).contains(&String::from("one-replication")));
    assert!(!codes(&sample::headline(2)).contains(&String::from("one-replication")));
    let idle = sample::idle();
    assert_eq!(codes(&idle), ["no-requests"]);
    assert_eq!(idle.five_xx_ratio.method, Method::NoRequests);
    assert_eq!(
        (idle.peak_five_xx_ratio.value, idle.peak_dead_target_share),
        (None, None)
    );
}

#[test]
fn keys_promised_to_readers_are_there() {
    let report = json(&sample::headline(2));
    for pointer in [
        "/schema_version",
        "/provenance/tool_version",
        "/provenance/seed",
        "/provenance/replications",
        "/provenance/scenario_digest",
        "/provenance/scenario",
        "/provenance/profile",
        "/requests_count",
        "/status_counts/200",
        "/status_counts/460",
        "/status_counts/500",
        "/status_counts/502",
        "/status_counts/503",
        "/status_counts/504",
        "/five_xx_ratio/mean",
        "/five_xx_ratio/ci95_low",
        "/five_xx_ratio/ci95_high",
        "/five_xx_ratio/method",
        "/peak_five_xx_ratio/value",
        "/peak_five_xx_ratio/window_s",
        "/peak_five_xx_ratio/start_s",
        "/peak_dead_target_share",
        "/causes/0/cause",
        "/causes/0/elb_status_code",
        "/causes/0/count",
        "/causes/0/share",
        "/causes/0/hop",
        "/causes/0/hops/propagation",
        "/causes/0/explanation",
        "/race_window_s/total/p99",
        "/race_window_s/endpoints/max",
        "/race_window_s/controller/p50",
        "/race_window_s/api_throttle/p95",
        "/race_window_s/propagation/p99",
        "/race_window_s/removal/p99",
        "/race_window_s/served_after_deletion/p50",
        "/latency_s/p90",
        "/termination/pods_count",
        "/termination/pod_seconds",
        "/termination/drain_s",
        "/disruptions/0/at_s",
        "/disruptions/0/kind",
        "/disruptions/0/five_xx_ratio",
        "/warnings/0/code",
        "/warnings/0/message",
        "/warnings/0/hint",
        "/replications/1/replication",
    ] {
        assert!(
            report.pointer(pointer).is_some_and(|value| !value.is_null()),
            "{pointer} is missing"
        );
    }
    assert_eq!(report["five_xx_ratio"]["method"], "student_t_ratio");
    assert_eq!(report["causes"][0]["cause"], "silent_pod_ip");
}

#[test]
fn waits_are_listed_in_the_order_of_the_pipeline_and_only_where_something_waited() {
    let report = sample::headline(10);
    let waits: Vec<(&str, u64, f64, f64)> = report
        .waits
        .iter()
        .map(|wait| (wait.bottleneck.as_str(), wait.waits_count, wait.longest_s, wait.total_s))
        .collect();
    assert_eq!(
        waits,
        [
            ("replica_set_client", 10, 20.5, 205.0),
            ("endpoint_slice_client", 10, 0.45, 4.5)
        ]
    );
    let slowest = report.slowest_deregistration.unwrap();
    assert_eq!((slowest.deregistrations_count, slowest.waited_s), (2200, 0.45));
    assert_eq!(
        Vec::from_iter(slowest.shares_s),
        [(String::from("endpoint_slice_client"), 0.45)]
    );
    let quiet = sample::quiet();
    assert_eq!((quiet.waits.len(), quiet.slowest_deregistration), (0, None));
}
