//! Which settings drive the 5xx ratio: Sobol indices.
//!
//! Two independent samples A and B of n points each, and for each factor i the sample A whose i-th column is B's:
//! n (k + 2) design points. The first-order index is Saltelli's estimator (Saltelli et al., Computer Physics
//! Communications 181, 2010), the total index is Jansen's (ibid.); intervals are percentile bootstrap over the n rows.

use sim_core::rng::{Seed, Streams};

use super::sobol;
use super::vary::{Factor, Level};

/// Resamples of the bootstrap.
const RESAMPLES: u32 = 1000;

/// One factor's share of the variance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Index {
    /// Its path.
    pub(crate) path: String,
    /// Share of the variance that it explains alone.
    pub(crate) first_order: Estimate,
    /// The same with all that it does together with others.
    pub(crate) total: Estimate,
}

/// A value with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    /// The value.
    pub(crate) value: f64,
    /// Lower end.
    pub(crate) low: f64,
    /// Upper end.
    pub(crate) high: f64,
}

/// The design points: A, B, then A with each column of B.
pub(crate) fn points(factors: &[Factor], count: usize, seed: Seed) -> Vec<Vec<Level>> {
    let k = factors.len();
    let unit = |index: usize, dimension: usize| sobol::unit(index, dimension, seed);
    let row = |from_b: &dyn Fn(usize) -> bool, index: usize| -> Vec<Level> {
        let columns = factors.iter().enumerate();
        columns
            .map(|(i, factor)| factor.at(unit(index, if from_b(i) { k + i } else { i })))
            .collect()
    };
    let mut points: Vec<Vec<Level>> = Vec::with_capacity(count * (k + 2));
    points.extend((0..count).map(|index| row(&|_| false, index)));
    points.extend((0..count).map(|index| row(&|_| true, index)));
    for exchanged in 0..k {
        points.extend((0..count).map(|index| row(&|i| i == exchanged, index)));
    }
    points
}

/// The indices from the results at [`points`], in the order of the factors; nothing if the result never changes.
///
/// # Panics
///
/// If there are not n (k + 2) results.
pub(crate) fn indices(factors: &[Factor], results: &[f64], seed: Seed) -> Option<Vec<Index>> {
    let count = results.len() / (factors.len() + 2);
    assert_eq!(
        count * (factors.len() + 2),
        results.len(),
        "one result per design point"
    );
    let (a, rest) = results.split_at(count);
    let (b, exchanged) = rest.split_at(count);
    let rows: Vec<usize> = (0..count).collect();
    if variance(a, b, &rows) <= 0.0 {
        return None;
    }
    let all = factors
        .iter()
        .zip(exchanged.chunks(count))
        .enumerate()
        .map(|(number, (factor, ab))| {
            let mut stream = Streams::new(seed, 0).stream_indexed("sweep.sensitivity.bootstrap", number as u64);
            let mut firsts = Vec::new();
            let mut totals = Vec::new();
            for _ in 0..RESAMPLES {
                let drawn: Vec<usize> = (0..count)
                    .map(|_| stream.below(u32::try_from(count).expect("fewer than 2^16")) as usize)
                    .collect();
                let variance = variance(a, b, &drawn);
                if variance > 0.0 {
                    firsts.push(first_order(a, b, ab, &drawn) / variance);
                    totals.push(total(a, ab, &drawn) / variance);
                }
            }
            let variance = variance(a, b, &rows);
            Index {
                path: factor.path.clone(),
                first_order: estimate(first_order(a, b, ab, &rows) / variance, firsts),
                total: estimate(total(a, ab, &rows) / variance, totals),
            }
        });
    Some(all.collect())
}

#[expect(clippy::cast_precision_loss, reason = "fewer rows than 2^52")]
fn mean(rows: &[usize], of: impl Fn(usize) -> f64) -> f64 {
    rows.iter().map(|row| of(*row)).sum::<f64>() / rows.len() as f64
}

/// Of A and B together.
fn variance(a: &[f64], b: &[f64], rows: &[usize]) -> f64 {
    let centre = mean(rows, |row| f64::midpoint(a[row], b[row]));
    mean(rows, |row| {
        f64::midpoint((a[row] - centre).powi(2), (b[row] - centre).powi(2))
    })
}

fn first_order(a: &[f64], b: &[f64], ab: &[f64], rows: &[usize]) -> f64 {
    // Centred, which leaves the expectation as it is and lowers the estimator's own variance.
    let centre = mean(rows, |row| f64::midpoint(a[row], b[row]));
    mean(rows, |row| (b[row] - centre) * (ab[row] - a[row]))
}

fn total(a: &[f64], ab: &[f64], rows: &[usize]) -> f64 {
    mean(rows, |row| (a[row] - ab[row]).powi(2)) / 2.0
}

fn estimate(value: f64, mut resampled: Vec<f64>) -> Estimate {
    resampled.sort_by(f64::total_cmp);
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of 1000"
        )]
        let index = (share * (resampled.len().saturating_sub(1)) as f64).round() as usize;
        resampled.get(index).copied().unwrap_or(value)
    };
    Estimate {
        value,
        low: at(0.025),
        high: at(0.975),
    }
}

#[cfg(test)]
mod tests {
    use super::super::vary::parse;
    use super::*;

    /// The Ishigami function with a = 7 and b = 0.1; its indices are known in closed form (Ishigami and Homma 1990).
    #[test]
    fn indices_of_the_ishigami_function_are_found() {
        let pi = std::f64::consts::PI;
        let factors: Vec<Factor> = [
            "x=-3.141592..3.141592",
            "y=-3.141592..3.141592",
            "z=-3.141592..3.141592",
        ]
        .map(|text| parse(text).unwrap())
        .into();
        let points = points(&factors, 4096, Seed(1));
        let results: Vec<f64> = points
            .iter()
            .map(|point| {
                let [x, y, z] = [0, 1, 2].map(|i: usize| point[i].number.unwrap());
                x.sin() + 7.0 * y.sin().powi(2) + 0.1 * z.powi(4) * x.sin()
            })
            .collect();
        let (a, b) = (7.0_f64, 0.1_f64);
        let v1 = 0.5 * (1.0 + b * pi.powi(4) / 5.0).powi(2);
        let v2 = a.powi(2) / 8.0;
        let v13 = b.powi(2) * pi.powi(8) * (1.0 / 18.0 - 1.0 / 50.0);
        let v = v1 + v2 + v13;
        let expected = [(v1 / v, (v1 + v13) / v), (v2 / v, v2 / v), (0.0, v13 / v)];
        let found = indices(&factors, &results, Seed(1)).unwrap();
        for (index, (first, total)) in found.iter().zip(expected) {
            assert!(
                (index.first_order.value - first).abs() < 0.02,
                "{index:?}, expected {first}"
            );
            assert!((index.total.value - total).abs() < 0.02, "{index:?}, expected {total}");
            assert!(index.total.low <= index.total.value && index.total.value <= index.total.high);
        }
    }

    #[test]
    fn what_never_changes_has_no_indices() {
        let factors = [parse("x=0..1").unwrap()];
        assert_eq!(indices(&factors, &[0.25; 12], Seed(1)), None);
    }
}
