//! A response surface: what the model gives on average for any values of the free parameters, learned from few runs.
//!
//! The logarithm of a window's expected count is a quadratic polynomial of the parameters' places in their ranges. Counts
//! scatter as negative binomial ones do, `m + k m²`: the second part is what differs from run to run under the same
//! values (when the steps fall, how the load was misread, which pods went). The polynomial is fitted by iteratively
//! reweighted least squares (`McCullagh` and Nelder, *Generalized Linear Models*, §2.5), `k` by the method of moments.

use libm::{exp, log};

use super::parameters::COUNT;

/// Rounds of reweighting; they settle after five or so.
const ROUNDS: usize = 12;
/// Keeps the equations solvable where runs say nothing, far below what any run says.
const RIDGE: f64 = 1e-6;
/// Largest logarithm of a count: no window has e^16 = 9 million failures.
const LOG_MOST: f64 = 16.0;

/// One fitted surface.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Surface {
    /// The parameters that it depends on.
    active: Vec<usize>,
    coefficients: Vec<f64>,
    /// `k`.
    pub(super) scatter: f64,
    /// Coefficients per run: the share by which their own errors add to the variance.
    overhead: f64,
    /// Share of the variation of the expected counts among all runs' counts.
    pub(super) explained: f64,
}

impl Surface {
    /// Learns from counts at places from −1 to 1.
    pub(super) fn fit(places: &[[f64; COUNT]], counts: &[f64], active: Vec<usize>) -> Self {
        let rows: Vec<Vec<f64>> = places.iter().map(|place| terms(place, &active)).collect();
        let width = rows[0].len();
        let mut surface = Self {
            active,
            coefficients: vec![0.0; width],
            scatter: 0.0,
            #[expect(clippy::cast_precision_loss, reason = "a few hundred runs")]
            overhead: width as f64 / rows.len() as f64,
            explained: 0.0,
        };
        let mut means: Vec<f64> = counts.iter().map(|count| count + 0.5).collect();
        for _ in 0..ROUNDS {
            let weights: Vec<f64> = means.iter().map(|mean| mean / (1.0 + surface.scatter * mean)).collect();
            // The working response of the logarithmic link.
            let targets: Vec<f64> = means
                .iter()
                .zip(counts)
                .map(|(mean, count)| log(*mean) + (count - mean) / mean)
                .collect();
            surface.coefficients = least_squares(&rows, &targets, &weights);
            means = rows.iter().map(|row| mean(&surface.coefficients, row)).collect();
            surface.scatter = scatter(&means, counts, surface.overhead);
        }
        surface.explained = explained(&means, counts);
        surface
    }

    /// Expected count.
    pub(super) fn mean(&self, place: &[f64; COUNT]) -> f64 {
        mean(&self.coefficients, &terms(place, &self.active))
    }

    /// Variance of one run's count around it, with the surface's own uncertainty.
    pub(super) fn variance(&self, mean: f64) -> f64 {
        (mean + self.scatter * mean * mean) * (1.0 + self.overhead)
    }
}

/// Constant, linear and quadratic terms.
fn terms(place: &[f64; COUNT], active: &[usize]) -> Vec<f64> {
    let mut terms = vec![1.0];
    terms.extend(active.iter().map(|index| place[*index]));
    for (number, first) in active.iter().enumerate() {
        terms.extend(active[number..].iter().map(|second| place[*first] * place[*second]));
    }
    terms
}

fn mean(coefficients: &[f64], terms: &[f64]) -> f64 {
    let sum: f64 = coefficients
        .iter()
        .zip(terms)
        .map(|(coefficient, term)| coefficient * term)
        .sum();
    exp(sum.clamp(-LOG_MOST, LOG_MOST))
}

/// `k` for which the squared residuals are on average what the variance says.
fn scatter(means: &[f64], counts: &[f64], overhead: f64) -> f64 {
    let left = (1.0 - overhead).max(0.1);
    let excess: f64 = means
        .iter()
        .zip(counts)
        .map(|(mean, count)| (count - mean).powi(2) / left - mean)
        .sum();
    let squares: f64 = means.iter().map(|mean| mean * mean).sum();
    (excess / squares.max(1e-300)).max(0.0)
}

fn explained(means: &[f64], counts: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred runs")]
    let centre = counts.iter().sum::<f64>() / counts.len() as f64;
    let all: f64 = counts.iter().map(|count| (count - centre).powi(2)).sum();
    let left: f64 = means
        .iter()
        .zip(counts)
        .map(|(mean, count)| (count - mean).powi(2))
        .sum();
    if all > 0.0 { 1.0 - left / all } else { 0.0 }
}

/// Weighted least squares by the normal equations and Cholesky's decomposition.
fn least_squares(rows: &[Vec<f64>], targets: &[f64], weights: &[f64]) -> Vec<f64> {
    let width = rows[0].len();
    let mut matrix = vec![vec![0.0; width]; width];
    let mut right = vec![0.0; width];
    for ((row, target), weight) in rows.iter().zip(targets).zip(weights) {
        for i in 0..width {
            right[i] += weight * row[i] * target;
            for j in 0..=i {
                matrix[i][j] += weight * row[i] * row[j];
            }
        }
    }
    let total: f64 = weights.iter().sum();
    for i in 0..width {
        matrix[i][i] += RIDGE * (total + 1.0);
        for j in 0..=i {
            let inner: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let rest = matrix[i][j] - inner;
            matrix[i][j] = if i == j {
                rest.max(1e-300).sqrt()
            } else {
                rest / matrix[j][j]
            };
        }
    }
    for i in 0..width {
        let inner: f64 = (0..i).map(|k| matrix[i][k] * right[k]).sum();
        right[i] = (right[i] - inner) / matrix[i][i];
    }
    for i in (0..width).rev() {
        let inner: f64 = (i + 1..width).map(|k| matrix[k][i] * right[k]).sum();
        right[i] = (right[i] - inner) / matrix[i][i];
    }
    right
}

#[cfg(test)]
mod tests {
    use sim_core::rng::{Seed, Streams};

    use super::*;

    fn places(count: u32) -> Vec<[f64; COUNT]> {
        let mut stream = Streams::new(Seed(3), 0).stream("test.places");
        (0..count)
            .map(|_| [(); COUNT].map(|()| 2.0 * stream.unit() - 1.0))
            .collect()
    }

    #[test]
    fn a_surface_without_scatter_is_found_again() {
        let places = places(80);
        let truth = |place: &[f64; COUNT]| exp(4.0 + 0.8 * place[0] - 0.5 * place[2] + 0.3 * place[0] * place[2]);
        let counts: Vec<f64> = places.iter().map(truth).collect();
        let surface = Surface::fit(&places, &counts, vec![0, 2]);
        for place in &places {
            assert!((surface.mean(place) / truth(place) - 1.0).abs() < 1e-3);
        }
        assert!(surface.explained > 0.999 && surface.scatter < 1e-6, "{surface:?}");
    }

    /// Counts are twice, or half as it were, their mean times 1 ± 0.3 with equal chance: k = 0.09 less the part 1/m
    /// that belongs to counting.
    #[test]
    fn scatter_is_what_runs_of_the_same_values_differ_by() {
        let places = places(400);
        let mut stream = Streams::new(Seed(4), 0).stream("test.scatter");
        let counts: Vec<f64> = places
            .iter()
            .map(|place| exp(5.0 + 0.5 * place[1]) * if stream.unit() < 0.5 { 0.7 } else { 1.3 })
            .collect();
        let surface = Surface::fit(&places, &counts, vec![1]);
        assert!(
            (surface.scatter - (0.09 - 1.0 / 150.0)).abs() < 0.01,
            "{}",
            surface.scatter
        );
    }

    #[test]
    fn windows_without_any_failure_have_a_mean_near_zero() {
        let places = places(60);
        let surface = Surface::fit(&places, &[0.0; 60], vec![0, 1]);
        assert!(places.iter().all(|place| surface.mean(place) < 0.01));
    }
}
