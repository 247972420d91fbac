use super::*;

const TARGET: Target = Target {
    measure: Measure::ErrorsPerEvent,
    value: 1.0,
    confidence: 0.95,
};

fn rows(failures: &[u64]) -> Vec<Row> {
    failures
        .iter()
        .map(|count| Row {
            requests_count: 1000,
            five_xx_count: *count,
            events_count: 2,
            pods_count: 2,
            pod_time: SimDuration::from_secs(30),
            drain: SimDuration::from_secs(20),
            rollout: None,
            removal_max: SimDuration::ZERO,
            removals_count: 2,
            late_count: 0,
            causes: BTreeMap::new(),
        })
        .collect()
}

#[test]
fn without_a_failure_the_bound_is_three_over_the_events() {
    let measured = Measured::new(&rows(&[0; 10]), TARGET, 0, true);
    // −ln 0.05 / 20 events.
    assert!((measured.errors_per_event.high - 0.149_8).abs() < 1e-4, "{measured:?}");
    assert_eq!(measured.verdict, Verdict::Met);
    assert!((measured.pod_seconds_per_event - 15.0).abs() < 1e-12);
    assert_eq!(Measured::new(&rows(&[0]), TARGET, 0, true).verdict, Verdict::Undecided);
}

#[test]
fn clusters_of_failures_widen_the_bounds() {
    let even = Measured::new(&rows(&[2; 10]), TARGET, 0, true);
    // Exact binomial: the failures of a run may be equal by chance.
    assert!((even.errors_per_event.mean - 1.0).abs() < 1e-12);
    assert!(even.errors_per_event.high > 1.4 && even.errors_per_event.low < 0.7);
    let together = Measured::new(&rows(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 20]), TARGET, 0, true);
    // One run in ten, 39.416 % at most by Clopper and Pearson, with 20 failures in 2 events.
    assert!(
        (together.errors_per_event.high / 3.941_6 - 1.0).abs() < 0.005,
        "{together:?}"
    );
    assert_eq!(Measured::new(&rows(&[9; 10]), TARGET, 0, true).verdict, Verdict::Missed);
}

#[test]
fn what_a_run_could_have_had_counts_too() {
    // No run in ten, so 25.887 % at most; each may have 20 failures in 2 events.
    let measured = Measured::new(&rows(&[0; 10]), TARGET, 20, true);
    assert!(
        (measured.errors_per_event.high / 2.588_7 - 1.0).abs() < 0.005,
        "{measured:?}"
    );
    assert_eq!((measured.verdict, measured.worst_count), (Verdict::Undecided, 20));
    // 20 · ln 20 / (a quarter of 2 events) = 119.8.
    assert_eq!(measured.enough_for_worst(TARGET), 120);
}

#[test]
fn a_setting_lowers_the_failures_only_beyond_chance() {
    let before = rows(&[5, 6, 5, 6]);
    assert!(lowers(&before, &rows(&[4, 5, 4, 5]), 0.95));
    assert!(!lowers(&before, &before, 0.95));
    assert!(!lowers(&before, &rows(&[9, 0, 9, 1]), 0.95));
}

#[test]
fn a_run_is_finished_once_its_pods_are_gone_and_out_of_the_load_balancer() {
    let with = |pods_count: u64, removals_count: u64| {
        let mut rows = rows(&[0; 10]);
        for row in &mut rows {
            (row.pods_count, row.removals_count) = (pods_count, removals_count);
        }
        rows
    };
    let all = with(20, 20);
    assert!(finished(&all, [&all, &all]));
    assert!(finished(&with(19, 19), [&all, &all]), "chance may keep one in twenty");
    assert!(!finished(&with(18, 20), [&all, &all]) && !finished(&with(20, 18), [&all, &all]));
    assert!(
        !finished(&with(0, 0), [&with(0, 0), &all]),
        "nor where today's are as few"
    );
    // Only the replications of both are compared.
    assert!(finished(&all, [&all[..4], &all]) && finished(&all[..4], [&all, &all]));
    let mut unseen = with(20, 0);
    assert!(finished(&unseen, [&unseen, &unseen]), "their server was dead before");
    unseen[0].late_count = 1;
    assert!(!finished(&unseen, [&unseen, &unseen]), "the ALB still chooses them");
    assert!(
        finished(&with(0, 0), [&with(0, 0), &with(0, 0)]),
        "a dead node deletes nothing"
    );
    let early = Measured::new(&rows(&[0; 10]), TARGET, 0, false);
    assert_eq!(early.verdict, Verdict::Unfinished);
    assert_eq!(
        Measured::new(&rows(&[9; 10]), TARGET, 0, false).verdict,
        Verdict::Missed
    );
}
