//! Standard exponential and standard normal draws by the ziggurat method.
//!
//! Marsaglia and Tsang, "The Ziggurat Method for Generating Random Variables" (2000), with 256 layers, and with
//! the bits of the layer apart from those of the position (Doornik 2005). About 98 % of the draws take one
//! `u64`, one multiplication and no transcendental function. The tables are computed by the compiler.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "table sizes and 52-bit positions are exact"
)]

use crate::dist::special::{const_exp, const_ln, const_sqrt};
use crate::rng::{Stream, unit_of};

/// One layer: a position below `inside` is under the curve, whatever the height.
#[derive(Clone, Copy)]
struct Layer {
    /// In steps: of 2^-52 of `right` for the exponential, of 2^-51 for the normal, whose positions have a sign.
    inside: u64,
    right: f64,
}

/// Layers from the base up, and the density at their right corners.
struct Table {
    layers: [Layer; 256],
    density: [f64; 257],
}

/// Where the tail of the exponential begins, from Marsaglia and Tsang.
const EXP_TAIL: f64 = 7.697_117_470_131_05;
/// Where the tail of the normal begins, from Marsaglia and Tsang.
const NORMAL_TAIL: f64 = 3.654_152_885_361_009;
/// Area of each normal layer: `r f(r) + sqrt(pi/2) erfc(r / sqrt 2)`; checked in the tests.
const NORMAL_AREA: f64 = 0.004_928_673_233_974_655;

static EXPONENTIAL: Table = table(EXP_TAIL, (EXP_TAIL + 1.0) * const_exp(-EXP_TAIL), false);
static NORMAL: Table = table(NORMAL_TAIL, NORMAL_AREA, true);

/// The density without its constant factor.
const fn density(x: f64, normal: bool) -> f64 {
    if normal { const_exp(-x * x / 2.0) } else { const_exp(-x) }
}

const fn table(tail: f64, area: f64, normal: bool) -> Table {
    let mut table = Table {
        layers: [Layer { inside: 0, right: 0.0 }; 256],
        density: [1.0; 257],
    };
    // The base layer reaches further than the tail point, so that all layers have the same area.
    let steps = (1_u64 << if normal { 51 } else { 52 }) as f64;
    let mut right = area / density(tail, normal);
    let mut next = tail;
    let mut i = 0;
    while i < 256 {
        table.layers[i] = Layer {
            inside: (next / right * steps) as u64,
            right,
        };
        table.density[i] = density(right, normal);
        let top = density(next, normal) + area / next;
        right = next;
        next = if i >= 254 {
            0.0
        } else if normal {
            const_sqrt(-2.0 * const_ln(top))
        } else {
            -const_ln(top)
        };
        i += 1;
    }
    table
}

/// A draw from the exponential distribution with mean 1. Takes one `u64` in 98 % of the cases, more in the others.
#[inline]
pub fn standard_exponential(stream: &mut Stream) -> f64 {
    let bits = stream.next_u64();
    let layer = &EXPONENTIAL.layers[(bits & 0xff) as usize];
    let x = unit_of(bits) * layer.right;
    if bits >> 12 < layer.inside {
        x
    } else {
        exponential_edge(stream, bits, x)
    }
}

/// Outside the sure part of a layer: decide by the density, or start again.
#[cold]
#[inline(never)]
fn exponential_edge(stream: &mut Stream, bits: u64, x: f64) -> f64 {
    let layer = (bits & 0xff) as usize;
    if layer == 0 {
        // Beyond the tail point the distribution is the same, moved.
        return EXP_TAIL + standard_exponential(stream);
    }
    let (low, high) = (EXPONENTIAL.density[layer], EXPONENTIAL.density[layer + 1]);
    if low + (high - low) * stream.unit() < libm::exp(-x) {
        x
    } else {
        standard_exponential(stream)
    }
}

/// A draw from the normal distribution with mean 0 and variance 1. Takes one `u64` in 98 % of the cases, more in the others.
#[inline]
pub fn standard_normal(stream: &mut Stream) -> f64 {
    let bits = stream.next_u64();
    let layer = &NORMAL.layers[(bits & 0xff) as usize];
    let position = (bits >> 12).cast_signed() - (1 << 51);
    let x = (2.0 * unit_of(bits) - 1.0) * layer.right;
    if position.unsigned_abs() < layer.inside {
        x
    } else {
        normal_edge(stream, bits, x)
    }
}

#[cold]
#[inline(never)]
fn normal_edge(stream: &mut Stream, bits: u64, x: f64) -> f64 {
    let layer = (bits & 0xff) as usize;
    if layer == 0 {
        // Marsaglia's tail: an exponential beyond the tail point, thinned.
        loop {
            let beyond = standard_exponential(stream) / NORMAL_TAIL;
            if 2.0 * standard_exponential(stream) > beyond * beyond {
                let tail = NORMAL_TAIL + beyond;
                return if x < 0.0 { -tail } else { tail };
            }
        }
    }
    let (low, high) = (NORMAL.density[layer], NORMAL.density[layer + 1]);
    if low + (high - low) * stream.unit() < libm::exp(-x * x / 2.0) {
        x
    } else {
        standard_normal(stream)
    }
}

#[cfg(test)]
mod tests {
    use core::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2};
    use std::vec::Vec;

    use super::*;
    use crate::rng::{Seed, Streams};

    const DRAWS: u32 = 400_000;

    fn sorted(draw: fn(&mut Stream) -> f64) -> Vec<f64> {
        let mut stream = Streams::new(Seed(3), 0).stream("ziggurat");
        let mut draws: Vec<f64> = (0..DRAWS).map(|_| draw(&mut stream)).collect();
        draws.sort_by(f64::total_cmp);
        draws
    }

    /// Kolmogorov-Smirnov: above 2.2 / sqrt(n) with probability 2 exp(-2 * 2.2^2) = 1.2e-4.
    fn assert_distributed(draws: &[f64], cdf: impl Fn(f64) -> f64) {
        let n = draws.len() as f64;
        let distance = draws.iter().enumerate().fold(0.0_f64, |worst, (i, &x)| {
            let p = cdf(x);
            worst.max((p - i as f64 / n).abs()).max((p - (i + 1) as f64 / n).abs())
        });
        assert!(distance < 2.2 / libm::sqrt(n), "distance {distance}");
    }

    /// The k-th raw moment within five standard errors; `double` is the 2k-th.
    fn assert_moment(draws: &[f64], k: u32, expected: f64, double: f64) {
        let n = draws.len() as f64;
        let moment = draws
            .iter()
            .map(|x| (0..k).fold(1.0, |power, _| power * x))
            .sum::<f64>()
            / n;
        let error = 5.0 * libm::sqrt((double - expected * expected) / n);
        assert!(
            (moment - expected).abs() < error,
            "moment {k}: {moment}, expected {expected} +- {error}"
        );
    }

    fn assert_tail(draws: &[f64], from: f64, p: f64) {
        let beyond = draws.iter().filter(|x| x.abs() > from).count() as f64;
        let expected = f64::from(DRAWS) * p;
        assert!(
            (beyond - expected).abs() < 5.0 * libm::sqrt(expected),
            "{beyond} in the tail, expected {expected}"
        );
    }

    #[test]
    fn the_layers_close_at_the_top() {
        let exponential_area = (EXP_TAIL + 1.0) * libm::exp(-EXP_TAIL);
        for (table, area, normal) in [(&EXPONENTIAL, exponential_area, false), (&NORMAL, NORMAL_AREA, true)] {
            let top = table.layers[255].right;
            assert!((density(top, normal) + area / top - 1.0).abs() < 1e-9);
            assert!(table.layers.windows(2).all(|pair| pair[1].right < pair[0].right));
            assert!(table.density.windows(2).all(|pair| pair[0] < pair[1]));
        }
        let tail = libm::sqrt(FRAC_PI_2) * libm::erfc(NORMAL_TAIL * FRAC_1_SQRT_2);
        let area = NORMAL_TAIL * libm::exp(-NORMAL_TAIL * NORMAL_TAIL / 2.0) + tail;
        assert!((area / NORMAL_AREA - 1.0).abs() < 1e-11, "{area}");
    }

    #[test]
    fn exponential_draws_are_exponential() {
        let draws = sorted(standard_exponential);
        assert_distributed(&draws, |x| 1.0 - libm::exp(-x));
        assert_moment(&draws, 1, 1.0, 2.0);
        assert_moment(&draws, 2, 2.0, 24.0);
        assert_moment(&draws, 3, 6.0, 720.0);
        assert_tail(&draws, EXP_TAIL, libm::exp(-EXP_TAIL));
    }

    #[test]
    fn normal_draws_are_normal() {
        let draws = sorted(standard_normal);
        assert_distributed(&draws, |x| libm::erfc(-x * FRAC_1_SQRT_2) / 2.0);
        assert_moment(&draws, 1, 0.0, 1.0);
        assert_moment(&draws, 2, 1.0, 3.0);
        assert_moment(&draws, 3, 0.0, 15.0);
        assert_moment(&draws, 4, 3.0, 105.0);
        assert_tail(&draws, NORMAL_TAIL, libm::erfc(NORMAL_TAIL * FRAC_1_SQRT_2));
    }

    #[test]
    fn the_normal_tail_is_a_normal_tail() {
        let mut stream = Streams::new(Seed(5), 0).stream("tail");
        let mut draws: Vec<f64> = (0..DRAWS).map(|_| normal_edge(&mut stream, 0, 1.0)).collect();
        draws.sort_by(f64::total_cmp);
        let beyond = |x: f64| libm::erfc(x * FRAC_1_SQRT_2);
        assert_distributed(&draws, |x| 1.0 - beyond(x) / beyond(NORMAL_TAIL));
        assert!(normal_edge(&mut stream, 0, -1.0) < -NORMAL_TAIL);
    }

    #[test]
    fn nearly_all_draws_take_one_number() {
        for draw in [standard_exponential, standard_normal] {
            let streams = Streams::new(Seed(4), 0);
            let (mut used, mut count) = (streams.stream("count"), streams.stream("count"));
            let (draws, mut taken) = (100_000, 0);
            for _ in 0..draws {
                draw(&mut used);
            }
            let next = used.next_u64();
            while count.next_u64() != next {
                taken += 1;
            }
            assert!(
                (draws..draws + draws / 25).contains(&taken),
                "{taken} numbers for {draws} draws"
            );
        }
    }
}
