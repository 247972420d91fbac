use sim_core::outcome::{Cause, Hop};

use super::*;

fn run(replication: u32, ok: u64, bad_gateway: u64) -> RunSummary {
    let mut run = RunSummary::new(replication, SimDuration::from_secs(3));
    run.status_counts[Status::Ok as usize] = ok;
    run.status_counts[Status::BadGateway as usize] = bad_gateway;
    run
}

fn aggregate(runs: &[RunSummary]) -> Aggregate {
    let mut aggregate = Aggregate::new();
    for run in runs {
        aggregate.add(run);
    }
    aggregate
}

#[test]
fn the_ratio_is_one_of_totals_with_an_interval_over_replications() {
    // 1 of 10, 2 of 20, 6 of 30: 9/60. The interval is computed by hand in `validation::interval`.
    let (mean, interval, method) = aggregate(&[run(0, 9, 1), run(1, 18, 2), run(2, 24, 6)]).five_xx_ratio();
    assert_eq!(method, Method::StudentTRatio);
    assert!(
        (mean - 0.15).abs() < 1e-12,
        "a mean of ratios would be 0.1333, found {mean}"
    );
    assert!((interval.high - 0.314_310).abs() < 1e-6, "{interval:?}");
}

#[test]
fn status_500_and_above_are_failures_and_460_is_not() {
    let mut run = RunSummary::new(0, SimDuration::from_secs(1));
    run.status_counts = [100, 20, 3, 4, 5, 6];
    let aggregate = aggregate(&[run]);
    assert_eq!(five_xx_of(&aggregate.status_counts()), 3 + 4 + 5 + 6);
    let (mean, _, _) = aggregate.five_xx_ratio();
    assert!((mean - 18.0 / 138.0).abs() < 1e-12);
}

#[test]
fn seconds_are_summed_over_replications() {
    let mut runs = [run(0, 0, 0), run(1, 0, 0)];
    for (run, failed) in runs.iter_mut().zip([10, 20]) {
        run.series[2].status_counts[Status::GatewayTimeout as usize] = failed;
        run.series[2].status_counts[Status::Ok as usize] = 30;
        run.series[2].dead_target_ns = u64::MAX;
        run.series[2].rotation_target_ns = u64::MAX;
    }
    let pooled = aggregate(&runs).seconds;
    assert_eq!(pooled[1], PooledSecond::default());
    assert_eq!((pooled[2].requests_count, pooled[2].five_xx_count), (90, 30));
    assert_eq!(pooled[2].dead_target_ns, 2 * u128::from(u64::MAX), "no overflow");
}

#[test]
fn the_peak_starts_after_the_warm_up() {
    let mut run = run(0, 0, 0);
    for (second, failed) in [(0, 90), (1, 10), (2, 50)] {
        run.series[second].status_counts[Status::BadGateway as usize] = failed;
        run.series[second].status_counts[Status::Ok as usize] = 100 - failed;
    }
    let aggregate = aggregate(&[run]);
    let start = |warm_up_ms| {
        let peak = aggregate.peak(SimDuration::from_secs(1), SimDuration::from_millis(warm_up_ms));
        peak.map(|peak| peak.start_second)
    };
    assert_eq!(start(0), Some(0));
    assert_eq!(
        start(1),
        Some(2),
        "the rest of second 0 is partly warm-up and is left out"
    );
    assert_eq!(start(2_500), None);
}

#[test]
fn causes_hops_and_costs_add_up() {
    let mut runs = [run(0, 0, 0), run(1, 0, 0)];
    for (run, seconds) in runs.iter_mut().zip([10, 30]) {
        run.causes.add(Cause::SilentPodIp, Hop::Propagation);
        run.termination = Termination {
            pods_count: 2,
            pod_time: SimDuration::from_secs(seconds),
            drain: SimDuration::from_secs(seconds + 1),
        };
        run.latency.record(SimDuration::from_secs(seconds));
        run.race.total.push(SimDuration::from_secs(seconds));
    }
    let aggregate = aggregate(&runs);
    assert_eq!(aggregate.causes.of(Cause::SilentPodIp), 2);
    assert_eq!(aggregate.termination.pods_count, 4);
    assert_eq!(aggregate.termination.pod_time, SimDuration::from_secs(40));
    assert_eq!(aggregate.termination.drain, SimDuration::from_secs(42));
    assert_eq!((aggregate.latency.count(), aggregate.race.total.len()), (2, 2));
}

fn disruption(pods_count: u32) -> DisruptionSummary {
    DisruptionSummary {
        at: SimTime::from_secs(60),
        kind: "scale",
        pods_count,
        status_counts: [100, 0, 0, 7, 0, 0],
        drain: SimDuration::from_secs(30),
    }
}

#[test]
fn disruptions_are_pooled_by_index_also_where_one_is_missing() {
    let mut runs = [run(0, 0, 0), run(1, 0, 0)];
    runs[0].disruptions = vec![disruption(220)];
    runs[1].disruptions = vec![disruption(219), disruption(5)];
    let pooled = aggregate(&runs).disruptions;
    assert_eq!((pooled[0].pods_count, pooled[0].replications_count), (439, 2));
    assert_eq!(pooled[0].status_counts, [200, 0, 0, 14, 0, 0]);
    assert_eq!(pooled[0].drain, SimDuration::from_secs(60));
    assert_eq!((pooled[1].pods_count, pooled[1].replications_count), (5, 1));
}

#[test]
fn disruptions_of_a_kind_are_pooled_whatever_comes_between() {
    let mut runs = [run(0, 0, 0), run(1, 0, 0)];
    let karpenter = DisruptionSummary {
        kind: "karpenter",
        ..disruption(3)
    };
    runs[0].disruptions = vec![disruption(220)];
    runs[1].disruptions = vec![karpenter, disruption(219)];
    let pooled = aggregate(&runs).disruptions;
    let told: Vec<_> = pooled
        .iter()
        .map(|entry| (entry.kind, entry.pods_count, entry.replications_count))
        .collect();
    assert_eq!(told, [("scale", 439, 2), ("karpenter", 3, 1)]);
}

#[test]
fn observations_are_sums_except_for_what_is_a_largest() {
    let observations = |count: u64| Observations {
        hooks_cut: count,
        hooks_failed: count,
        sigkills: count,
        stale_syncs: count,
        throttled: SimDuration::from_secs(count),
        client_limited: SimDuration::from_secs(count),
        targets_max: u32::try_from(count).unwrap(),
        fail_open_requests: count,
        in_flight_at_horizon: count,
        evictions_refused: count,
        node_group_updates_failed: count,
        unschedulable: count,
        probe_restarts: count,
        shut_down_pods: count,
        lost_pods: count,
    };
    let mut runs = [run(0, 0, 0), run(1, 0, 0)];
    runs[0].observations = observations(3);
    runs[1].observations = observations(4);
    let expected = Observations {
        client_limited: SimDuration::from_secs(4),
        targets_max: 4,
        ..observations(7)
    };
    assert_eq!(aggregate(&runs).observations, expected);
}

#[test]
#[should_panic(expected = "in the order of their index")]
fn replications_cannot_be_added_out_of_order() {
    aggregate(&[run(1, 0, 0)]);
}
