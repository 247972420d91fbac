use super::*;
use sim_core::rng::{Seed, Stream, Streams};

fn assert_close(found: f64, expected: f64, relative: f64) {
    assert!(
        (found - expected).abs() <= relative * expected.abs(),
        "found {found}, expected {expected}"
    );
}

#[test]
fn student_t_quantiles_are_those_of_the_tables() {
    for (degrees, expected) in [
        (1.0, 12.706_204_736),
        (2.0, 4.302_652_730),
        (4.0, 2.776_445_105),
        (9.0, 2.262_157_163),
        (30.0, 2.042_272_456),
        (999.0, 1.962_341_461),
    ] {
        assert_close(student_t_quantile(0.975, degrees), expected, 1e-8);
    }
    assert_close(student_t_quantile(0.05, 5.0), -2.015_048_373, 1e-8);
}

#[test]
fn clopper_pearson_is_that_of_the_textbooks() {
    // 10 of 100 at 95 %: 4.90 % to 17.62 % (R: binom.test(10, 100)).
    let ten = clopper_pearson(10, 100, 0.95);
    assert_close(ten.low, 0.049_004_689, 1e-6);
    assert_close(ten.high, 0.176_222_597, 1e-6);
    // 1 of 10: 0.2529 % to 44.50 %.
    let one = clopper_pearson(1, 10, 0.95);
    assert_close(one.low, 0.002_528_579, 1e-6);
    assert_close(one.high, 0.445_016_117, 1e-6);
    assert_eq!(clopper_pearson(0, 7, 0.95).low.to_bits(), 0.0_f64.to_bits());
    assert_eq!(clopper_pearson(7, 7, 0.95).high.to_bits(), 1.0_f64.to_bits());
}

#[test]
fn no_failure_is_a_bound_and_not_zero() {
    // Rule of three: 1 − 0.05^(1/n).
    assert_close(clopper_pearson_upper(0, 1_234_567, 0.95), 2.426_541_968_9e-6, 1e-9);
    assert_close(clopper_pearson_upper(0, 10, 0.95), 0.258_865_550_9, 1e-9);
    let (mean, interval, method) = failure_ratio(
        &[Counts {
            failures: 0,
            requests: 500,
        }; 2],
        0.95,
    );
    assert_eq!(
        (mean.to_bits(), interval.low.to_bits(), method),
        (0, 0, Method::ClopperPearsonUpper)
    );
    assert_close(interval.high, 2.991_249_545e-3, 1e-9);
}

/// The bound by its definition: at the bound, so few failures have a probability of 5 %.
#[test]
fn the_upper_bound_leaves_five_percent_below() {
    let bound = clopper_pearson_upper(2, 400, 0.95);
    let none = (1.0 - bound).powi(400);
    let one = 400.0 * bound * (1.0 - bound).powi(399);
    let two = 400.0 * 399.0 / 2.0 * bound * bound * (1.0 - bound).powi(398);
    assert_close(none + one + two, 0.05, 1e-6);
}

/// Expected values by the same continued fraction, run to its end in another language. The last row fails when the
/// search passes through the middle of the distribution.
#[test]
fn exact_intervals_hold_for_counts_of_real_runs() {
    for (failures, requests, low, high) in [
        (1, 10_000_000, 2.531_780_798e-9, 5.571_642_095e-7),
        (370_000, 1_000_000, 0.369_053_598_57, 0.370_947_154_48),
        (5_000_000, 100_000_000, 0.049_957_291_60, 0.050_042_734_45),
        (50_000_000, 100_000_000, 0.499_901_996_80, 0.500_098_003_20),
    ] {
        let interval = clopper_pearson(failures, requests, 0.95);
        assert_close(interval.low, low, 1e-7);
        assert_close(interval.high, high, 1e-7);
    }
}

#[test]
fn ratio_of_totals_by_hand() {
    // R = 9/60 = 0.15. Residuals 1−1.5, 2−3, 6−4.5 = −0.5, −1, 1.5; squares 0.25 + 1 + 2.25 = 3.5.
    // Standard error √(3.5 / (3·2)) / 20 = 0.0381881; t(0.975; 2) = 4.3026527; half-width 0.164310.
    let data = [(1, 10), (2, 20), (6, 30)].map(|(failures, requests)| Counts { failures, requests });
    let (mean, interval, method) = failure_ratio(&data, 0.95);
    assert_eq!(method, Method::StudentTRatio);
    assert_close(mean, 0.15, 1e-12);
    assert_eq!(
        interval.low.to_bits(),
        0.0_f64.to_bits(),
        "the lower end would be negative"
    );
    assert_close(interval.high, 0.15 + 0.164_310_2, 1e-6);
}

#[test]
fn one_replication_falls_back_to_the_binomial() {
    let (mean, interval, method) = failure_ratio(
        &[Counts {
            failures: 10,
            requests: 100,
        }],
        0.95,
    );
    assert_eq!(
        (method, interval),
        (Method::ClopperPearson, clopper_pearson(10, 100, 0.95))
    );
    assert_close(mean, 0.1, 1e-12);
}

#[test]
fn no_request_says_nothing() {
    let (_, interval, method) = failure_ratio(
        &[Counts {
            failures: 0,
            requests: 0,
        }; 3],
        0.95,
    );
    assert_eq!(
        (method, interval),
        (Method::NoRequests, Interval { low: 0.0, high: 1.0 })
    );
}

/// Exact coverage, no chance involved: for 40 requests and many true shares, the interval of every possible count is
/// weighted with the count's binomial probability. Clopper–Pearson promises at least 95 % everywhere.
#[test]
fn clopper_pearson_covers_at_least_as_promised() {
    let requests = 40_u64;
    let intervals: Vec<Interval> = (0..=requests)
        .map(|failures| clopper_pearson(failures, requests, 0.95))
        .collect();
    for step in 1..100 {
        let share = f64::from(step) / 100.0;
        let mut probability = (1.0 - share).powi(40);
        let mut covered = 0.0;
        for (failures, interval) in (0_u32..).zip(&intervals) {
            if interval.low <= share && share <= interval.high {
                covered += probability;
            }
            probability *= (40.0 - f64::from(failures)) / f64::from(failures + 1) * share / (1.0 - share);
        }
        assert!(covered >= 0.95, "{covered} at a true share of {share}");
    }
}

/// Replications as a drain makes them: every failure comes in a cluster, so the binomial interval would be far too
/// narrow while the ratio estimator keeps about its 95 %.
#[test]
fn student_t_covers_clustered_failures_where_the_binomial_does_not() {
    let mut stream = Streams::new(Seed(7), 0).stream("coverage");
    let (mut by_ratio, mut by_binomial) = (0_u32, 0_u32);
    let experiments = 4_000_u32;
    for _ in 0..experiments {
        let replications: Vec<Counts> = (0..10).map(|_| clustered(&mut stream)).collect();
        let failures = replications.iter().map(|counts| counts.failures).sum();
        let requests = replications.iter().map(|counts| counts.requests).sum();
        let inside = |interval: Interval| interval.low <= TRUE_SHARE && TRUE_SHARE <= interval.high;
        by_ratio += u32::from(inside(student_t_ratio(&replications, 0.95).expect("ten replications")));
        by_binomial += u32::from(inside(clopper_pearson(failures, requests, 0.95)));
    }
    let coverage = f64::from(by_ratio) / f64::from(experiments);
    // Standard error of the coverage itself: √(0.95·0.05/4000) = 0.0034. The delta method is a little short of its
    // promise with ten replications, hence the wider lower limit.
    assert!((0.925..=0.965).contains(&coverage), "coverage of {coverage}");
    let naive = f64::from(by_binomial) / f64::from(experiments);
    assert!(naive < 0.6, "the binomial covers {naive}, so this test shows nothing");
}

/// Expected failures over expected requests of [`clustered`]: 20 clusters in each of which 25 requests fail with
/// probability 0.2, over 1000 plus on average 249.5 requests.
const TRUE_SHARE: f64 = 20.0 * 0.2 * 25.0 / 1249.5;

fn clustered(stream: &mut Stream) -> Counts {
    let clusters: u64 = (0..20).map(|_| u64::from(stream.unit() < 0.2)).sum();
    Counts {
        failures: clusters * 25,
        requests: 1000 + u64::from(stream.below(500)),
    }
}

#[test]
fn a_paired_difference_knows_what_is_common_to_both() {
    // Differences 2, 4, 6: mean 4, standard error 2 / sqrt(3), and 4.302653 is the 97.5 % quantile of two degrees.
    let interval = mean_difference(&[100, 5, 30], &[102, 9, 36], 0.95).unwrap();
    let half_width = 4.302_652_7 * 2.0 / 3.0_f64.sqrt();
    assert!((interval.low - (4.0 - half_width)).abs() < 1e-6, "{interval:?}");
    assert!((interval.high - (4.0 + half_width)).abs() < 1e-6, "{interval:?}");
    // Where every pair differs by the same, nothing is left to chance.
    let same = mean_difference(&[7, 9], &[6, 8], 0.95).unwrap();
    assert_eq!((same.low, same.high), (-1.0, -1.0));
    assert_eq!(mean_difference(&[7], &[6], 0.95), None);
}
