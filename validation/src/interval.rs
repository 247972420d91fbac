//! Confidence intervals for a share of failed requests, and for what a change does to their number.
//!
//! Two situations, two methods, each named in every report ([`Method`]):
//!
//! * Requests of one replication are **not** independent: a deletion that is late fails many of them together. So with
//!   several replications the replication is the unit, and the share is a ratio of totals `ΣY / ΣX` whose variance
//!   comes from the delta method: with residuals `e = y − R·x`, `Var(R) ≈ Σe² / (n (n − 1) x̄²)`, and a Student-t
//!   quantile with `n − 1` degrees of freedom (Cochran, *Sampling Techniques*, 3rd ed., §6.4).
//! * Without a failure that variance is zero and says nothing, and with one replication there is none. Then the counts
//!   are taken as binomial and the interval is the exact one of Clopper and Pearson (Biometrika 26, 1934). Clusters of
//!   failures make it too narrow, which the caller must say.
//!
//! Where a promise hangs on the bound, [`ratio_upper_bounded`] takes clusters into account that were hardly seen.

mod bounded;

pub use bounded::ratio_upper_bounded;

use statrs::distribution::{Beta, ContinuousCDF, Normal, StudentsT};

/// How an [`Interval`] was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Ratio of totals over replications, delta method, Student-t.
    StudentTRatio,
    /// Exact binomial, two-sided.
    ClopperPearson,
    /// Exact binomial without a failure: from 0 to the one-sided upper bound.
    ClopperPearsonUpper,
    /// No request, so anything is possible: from 0 to 1.
    NoRequests,
}

impl Method {
    /// Stable name in machine output.
    pub const fn name(self) -> &'static str {
        match self {
            Method::StudentTRatio => "student_t_ratio",
            Method::ClopperPearson => "clopper_pearson",
            Method::ClopperPearsonUpper => "clopper_pearson_upper",
            Method::NoRequests => "no_requests",
        }
    }
}

/// A range that covers the true value with the confidence asked for; both ends of a share are within 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Failures and requests of one replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Failed requests; not above `requests`.
    pub failures: u64,
    /// All requests.
    pub requests: u64,
}

/// Share of failures over all replications, with its interval and the method that fits the data.
///
/// # Panics
///
/// If `confidence` is not strictly between 0 and 1, or a replication has more failures than requests.
pub fn failure_ratio(replications: &[Counts], confidence: f64) -> (f64, Interval, Method) {
    let failures: u64 = replications.iter().map(|counts| counts.failures).sum();
    let requests: u64 = replications.iter().map(|counts| counts.requests).sum();
    if requests == 0 {
        return (0.0, Interval { low: 0.0, high: 1.0 }, Method::NoRequests);
    }
    let mean = float(failures) / float(requests);
    if failures == 0 {
        let high = clopper_pearson_upper(0, requests, confidence);
        return (mean, Interval { low: 0.0, high }, Method::ClopperPearsonUpper);
    }
    match student_t_ratio(replications, confidence) {
        Some(interval) => (mean, interval, Method::StudentTRatio),
        None => (
            mean,
            clopper_pearson(failures, requests, confidence),
            Method::ClopperPearson,
        ),
    }
}

/// Interval of the ratio of totals by the delta method; nothing with fewer than two replications or without requests.
///
/// # Panics
///
/// If `confidence` is not strictly between 0 and 1, or a replication has more failures than requests.
pub fn student_t_ratio(replications: &[Counts], confidence: f64) -> Option<Interval> {
    assert!(
        replications.iter().all(|counts| counts.failures <= counts.requests),
        "a replication has more failures than requests"
    );
    let failures: u64 = replications.iter().map(|counts| counts.failures).sum();
    let requests: u64 = replications.iter().map(|counts| counts.requests).sum();
    if replications.len() < 2 || requests == 0 {
        return None;
    }
    let n = float(replications.len() as u64);
    let ratio = float(failures) / float(requests);
    let mean_requests = float(requests) / n;
    let squares: f64 = replications
        .iter()
        .map(|counts| (float(counts.failures) - ratio * float(counts.requests)).powi(2))
        .sum();
    let standard_error = (squares / (n * (n - 1.0))).sqrt() / mean_requests;
    let half_width = student_t_quantile(f64::midpoint(1.0, confidence), n - 1.0) * standard_error;
    Some(Interval {
        low: (ratio - half_width).max(0.0),
        high: (ratio + half_width).min(1.0),
    })
}

/// Exact two-sided binomial interval.
///
/// # Panics
///
/// If `confidence` is not strictly between 0 and 1, or `failures` exceed `requests`, or there are no requests.
pub fn clopper_pearson(failures: u64, requests: u64, confidence: f64) -> Interval {
    assert_binomial(failures, requests, confidence);
    let tail = (1.0 - confidence) / 2.0;
    let low = if failures == 0 {
        0.0
    } else {
        beta_quantile(tail, failures, requests - failures + 1)
    };
    let high = if failures == requests {
        1.0
    } else {
        beta_quantile(1.0 - tail, failures + 1, requests - failures)
    };
    Interval { low, high }
}

/// Exact one-sided upper bound: the true share is below it with the confidence asked for.
/// Without failures this is `1 − (1 − confidence)^(1/requests)`, about `3 / requests` at 95 %.
///
/// # Panics
///
/// If `confidence` is not strictly between 0 and 1, or `failures` exceed `requests`, or there are no requests.
pub fn clopper_pearson_upper(failures: u64, requests: u64, confidence: f64) -> f64 {
    assert_binomial(failures, requests, confidence);
    match failures {
        // Closed form: exact where a numerical inverse of the beta distribution would look for a root at 1e-9.
        0 => -((1.0 - confidence).ln() / float(requests)).exp_m1(),
        _ if failures == requests => 1.0,
        _ => beta_quantile(confidence, failures + 1, requests - failures),
    }
}

/// Interval of the mean of `with - without`, pair by pair: the same replication under the same random numbers, so that
/// what both have in common cancels out. Nothing for a single pair.
///
/// # Panics
///
/// If `confidence` is not strictly between 0 and 1, or the two differ in length.
pub fn mean_difference(without: &[u64], with: &[u64], confidence: f64) -> Option<Interval> {
    assert_eq!(without.len(), with.len(), "each replication has two results");
    if without.len() < 2 {
        return None;
    }
    let n = float(without.len() as u64);
    let differences = || {
        without
            .iter()
            .zip(with)
            .map(|(without, with)| float(*with) - float(*without))
    };
    let mean = differences().sum::<f64>() / n;
    let squares: f64 = differences().map(|difference| (difference - mean).powi(2)).sum();
    let standard_error = (squares / (n * (n - 1.0))).sqrt();
    let half_width = student_t_quantile(f64::midpoint(1.0, confidence), n - 1.0) * standard_error;
    Some(Interval {
        low: mean - half_width,
        high: mean + half_width,
    })
}

/// Quantile of Student's t distribution.
///
/// # Panics
///
/// If `p` is not strictly between 0 and 1, or there is no degree of freedom.
pub fn student_t_quantile(p: f64, degrees_of_freedom: f64) -> f64 {
    assert!(
        p > 0.0 && p < 1.0,
        "quantile of {p}, which is not strictly between 0 and 1"
    );
    let distribution = StudentsT::new(0.0, 1.0, degrees_of_freedom).expect("degrees of freedom are above 0");
    let mut reach = 1.0;
    while distribution.cdf(-reach) > p.min(1.0 - p) {
        reach *= 2.0;
    }
    bisect((-reach, reach), |x| distribution.cdf(x) < p)
}

fn beta_quantile(p: f64, a: u64, b: u64) -> f64 {
    let distribution = Beta::new(float(a), float(b)).expect("both shapes are at least 1");
    bisect(beta_bracket(p, float(a), float(b)), |x| distribution.cdf(x) < p)
}

/// Where the quantile must be. statrs ends its continued fraction after 140 terms, which is too early in the middle of
/// a distribution with both shapes large. There the normal approximation is within 0.05 standard deviations, so the
/// middle need not be visited.
fn beta_bracket(p: f64, a: f64, b: f64) -> (f64, f64) {
    if a.min(b) < 1000.0 {
        return (0.0, 1.0);
    }
    let total = a + b;
    let deviation = (a / total * (b / total) / (total + 1.0)).sqrt();
    let centre = a / total + Normal::standard().inverse_cdf(p) * deviation;
    ((centre - 0.2 * deviation).max(0.0), (centre + 0.2 * deviation).min(1.0))
}

/// The point at which `below` turns false, to the last bit. Instead of the `inverse_cdf` of statrs: that of 0.19 does
/// not return at all for some shapes.
fn bisect((mut low, mut high): (f64, f64), below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        *if below(middle) { &mut low } else { &mut high } = middle;
    }
}

fn assert_binomial(failures: u64, requests: u64, confidence: f64) {
    assert!(
        confidence > 0.0 && confidence < 1.0,
        "confidence of {confidence} is not strictly between 0 and 1"
    );
    assert!(
        requests > 0 && failures <= requests,
        "{failures} failures in {requests} requests"
    );
}

/// Counts of requests stay far below 2^53, where a float is still exact.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact below 2^53, and no run has more requests than that"
)]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
