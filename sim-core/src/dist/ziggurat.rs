//! Standard exponential and standard normal draws by the ziggurat method.
//!
//! Marsaglia and Tsang, "The Ziggurat Method for Generating Random Variables" (2000), with 256 layers, and with
//! the bits of the layer apart from those of the position (Doornik 2005). About 99 % of the draws take one
//! `u64`, one multiplication and no transcendental function. The tables are computed by the compiler.

use crate::dist::special::{const_exp, const_ln, const_sqrt};
use crate::rng::Stream;

/// One layer: a position `j` of 53 bits below `inside` is under the curve; the sample is `j * scale`.
#[derive(Clone, Copy)]
struct Layer {
    inside: u64,
    scale: f64,
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

const TWO_POW_53: f64 = (1_u64 << 53) as f64;

static EXPONENTIAL: Table = table(EXP_TAIL, (EXP_TAIL + 1.0) * const_exp(-EXP_TAIL), false);
static NORMAL: Table = table(NORMAL_TAIL, NORMAL_AREA, true);

/// The density without its constant factor.
const fn density(x: f64, normal: bool) -> f64 {
    if normal { const_exp(-x * x / 2.0) } else { const_exp(-x) }
}

const fn table(tail: f64, area: f64, normal: bool) -> Table {
    let mut table = Table { layers: [Layer { inside: 0, scale: 0.0 }; 256], density: [1.0; 257] };
    // The base layer reaches further than the tail point, so that all layers have the same area.
    let mut right = area / density(tail, normal);
    let mut next = tail;
    let mut i = 0;
    while i < 256 {
        table.layers[i] = Layer { inside: (next / right * TWO_POW_53) as u64, scale: right / TWO_POW_53 };
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

/// A draw from the exponential distribution with mean 1. Takes one `u64` in 99 % of the cases.
#[inline]
pub fn standard_exponential(stream: &mut Stream) -> f64 {
    let bits = stream.next_u64();
    let layer = &EXPONENTIAL.layers[(bits & 0xff) as usize];
    let position = bits >> 11;
    let x = position as f64 * layer.scale;
    if position < layer.inside { x } else { exponential_edge(stream, bits, x) }
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
    if low + (high - low) * stream.unit() < libm::exp(-x) { x } else { standard_exponential(stream) }
}

/// A draw from the normal distribution with mean 0 and variance 1. Takes one `u64` in 99 % of the cases.
#[inline]
pub fn standard_normal(stream: &mut Stream) -> f64 {
    let bits = stream.next_u64();
    let layer = &NORMAL.layers[(bits & 0xff) as usize];
    // 54 bits with sign; the arithmetic shift keeps it.
    let position = bits.cast_signed() >> 10;
    let x = position as f64 * layer.scale;
    if position.unsigned_abs() < layer.inside { x } else { normal_edge(stream, bits, x) }
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
    if low + (high - low) * stream.unit() < libm::exp(-x * x / 2.0) { x } else { standard_normal(stream) }
}
