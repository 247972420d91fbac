//! The fit: which values of the free parameters agree with the fitted windows.
//!
//! *Prior*: the ranges of [`super::parameters`]. *Likelihood*: a synthetic one (Wood, Nature 466, 2010): the pair of
//! window totals (502, 504) is taken as normal around the response surfaces, with their variances, the correlation of
//! their residuals, and the errors of reading. *Posterior*: importance sampling of a Sobol sequence over the ranges; its
//! draws carry into every prediction.

use libm::{exp, log};
use serde::{Deserialize, Serialize};
use sim_core::rng::{Seed, Streams};

use super::parameters::{COUNT, PARAMETERS, Values};
use super::response::Surface;

/// Points of the ranges that are weighted.
pub(super) const CANDIDATES: usize = 1 << 14;

/// Both surfaces of one window.
#[derive(Debug, Clone)]
pub(super) struct WindowSurfaces {
    /// 502 and 504.
    pub(super) codes: [Surface; 2],
    /// Correlation of the residuals of both.
    correlation: f64,
}

/// What was observed in one window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Total {
    /// Counts.
    pub(super) count: f64,
    /// Variance of their errors of reading.
    pub(super) reading: f64,
}

impl WindowSurfaces {
    /// Learns from the totals of the design's runs.
    pub(super) fn fit(places: &[[f64; COUNT]], totals: &[[f64; 2]], active: &[usize]) -> Self {
        let codes = [0, 1].map(|code| {
            let counts: Vec<f64> = totals.iter().map(|total| total[code]).collect();
            Surface::fit(places, &counts, active.to_vec())
        });
        let mut sums = [0.0; 3];
        for (place, total) in places.iter().zip(totals) {
            let [a, b] = [0, 1].map(|code: usize| {
                let mean = codes[code].mean(place);
                (total[code] - mean) / codes[code].variance(mean).max(1e-12).sqrt()
            });
            sums = [sums[0] + a * b, sums[1] + a * a, sums[2] + b * b];
        }
        let correlation = (sums[0] / (sums[1] * sums[2]).sqrt().max(1e-12)).clamp(-0.95, 0.95);
        Self { codes, correlation }
    }

    /// Logarithm of the likelihood of the observed totals, without its constant.
    fn log_likelihood(&self, place: &[f64; COUNT], totals: &[Total; 2]) -> f64 {
        let [(z, v, own), (z2, v2, own2)] = [0, 1].map(|code: usize| {
            let (surface, total) = (&self.codes[code], totals[code]);
            let mean = surface.mean(place);
            let own = surface.variance(mean);
            // A whole number stands for all that round to it.
            let variance = own + total.reading + 1.0 / 12.0;
            ((total.count - mean) / variance.sqrt(), variance, own / variance)
        });
        // Errors of reading have nothing to do with one another.
        let r = self.correlation * (own * own2).sqrt();
        let rest = 1.0 - r * r;
        -0.5 * ((z * z - 2.0 * r * z * z2 + z2 * z2) / rest + log(v * v2 * rest))
    }
}

/// A parameter after the fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Marginal {
    pub(super) median: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// The values that agree with the fitted windows.
#[derive(Debug, Clone)]
pub(super) struct Posterior {
    /// Equally likely ones.
    pub(super) draws: Vec<Values>,
    /// Median and 90 % interval of each parameter.
    pub(super) marginals: [Marginal; COUNT],
    /// Number of independent draws that the weights are worth.
    pub(super) effective: f64,
}

impl Posterior {
    /// Weights the candidates by the windows that are fitted and draws from them.
    pub(super) fn sample(
        candidates: &[Values],
        fitted: &[(&WindowSurfaces, [Total; 2])],
        count: usize,
        seed: Seed,
    ) -> Self {
        let logs: Vec<f64> = candidates
            .iter()
            .map(|values| {
                let place = values.centred();
                fitted
                    .iter()
                    .map(|(window, totals)| window.log_likelihood(&place, totals))
                    .sum()
            })
            .collect();
        let best = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logs.iter().map(|log| exp(log - best)).collect();
        let sum: f64 = weights.iter().sum();
        let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        let mut marginals = [Marginal {
            median: 0.0,
            low: 0.0,
            high: 0.0,
        }; COUNT];
        for (index, marginal) in marginals.iter_mut().enumerate() {
            let mut sorted: Vec<(f64, f64)> = candidates
                .iter()
                .zip(&weights)
                .map(|(values, weight)| (values.0[index], *weight))
                .collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            let [low, median, high] = [0.05, 0.5, 0.95].map(|share| weighted_quantile(&sorted, share * sum));
            *marginal = Marginal { median, low, high };
        }
        Self {
            draws: systematic(candidates, &weights, sum, count, seed),
            marginals,
            effective: sum * sum / squares,
        }
    }

    /// A posterior that somebody else has found.
    pub(super) fn given(draws: Vec<Values>) -> Self {
        let mut marginals = [Marginal {
            median: 0.0,
            low: 0.0,
            high: 0.0,
        }; COUNT];
        for (index, marginal) in marginals.iter_mut().enumerate() {
            let mut values: Vec<f64> = draws.iter().map(|draw| draw.0[index]).collect();
            values.sort_by(f64::total_cmp);
            let [low, median, high] = [0.05, 0.5, 0.95].map(|share| super::prediction::quantile(&values, share));
            *marginal = Marginal { median, low, high };
        }
        #[expect(clippy::cast_precision_loss, reason = "a few hundred draws")]
        let effective = draws.len() as f64;
        Self {
            draws,
            marginals,
            effective,
        }
    }

    /// The median of each parameter.
    pub(super) fn medians(&self) -> Values {
        Values(self.marginals.map(|marginal| marginal.median))
    }
}

/// The first value at which the weights so far reach `goal`.
fn weighted_quantile(sorted: &[(f64, f64)], goal: f64) -> f64 {
    let mut sum = 0.0;
    for (value, weight) in sorted {
        sum += weight;
        if sum >= goal {
            return *value;
        }
    }
    sorted.last().map_or(0.0, |(value, _)| *value)
}

/// Systematic resampling: one random number, then equal strides through the weights.
fn systematic(candidates: &[Values], weights: &[f64], sum: f64, count: usize, seed: Seed) -> Vec<Values> {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred draws")]
    let stride = sum / count as f64;
    let mut goal = stride * Streams::new(seed, 0).stream("published.posterior").unit();
    let mut draws = Vec::with_capacity(count);
    let mut reached = 0.0;
    let last = weights.iter().rposition(|weight| *weight > 0.0).unwrap_or(0);
    for (index, (values, weight)) in candidates.iter().zip(weights).enumerate() {
        reached += weight;
        // The sum of the weights is rounded: what is left of the goals belongs to the last one.
        while draws.len() < count && (goal < reached || index == last) {
            draws.push(*values);
            goal += stride;
        }
    }
    draws
}

/// The parameters that act in an era.
pub(super) fn active(era: super::observed::Era) -> Vec<usize> {
    (0..COUNT).filter(|index| PARAMETERS[*index].acts_in(era)).collect()
}

#[cfg(test)]
mod tests;
