//! Special functions: quantiles for reports, a fast exponential for sampling, and `const` ones for tables.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small integers, exact as floats; bit fields by design"
)]

use core::f64::consts::{FRAC_1_SQRT_2, LN_2};

/// `exp(x)` for `|x| <= 700`, within 2 units in the last place of `libm::exp`, in about a third of its time.
///
/// `x = (64 k + j) ln2/64 + r`: the table gives `2^(j/64)`, a polynomial `exp(r)`, the exponent field `2^k`.
/// Only additions and multiplications in a fixed order, so the result is the same on every machine.
#[inline]
pub(super) fn fast_exp(x: f64) -> f64 {
    /// 1.5 x 2^52: adding it rounds to an integer, which then stands in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    debug_assert!(x.abs() <= 700.0, "fast_exp({x})");
    let rounded = x * (64.0 / LN_2) + ROUND;
    let n = rounded.to_bits().cast_signed();
    let n_float = rounded - ROUND;
    let r = (x - n_float * (LN2_HIGH / 64.0)) - n_float * (LN2_LOW / 64.0);
    let r2 = r * r;
    // |r| <= ln2/128, so the first term left out, r^6/720, is below 2^-54.
    let tail = r + r2 * ((0.5 + r * (1.0 / 6.0)) + r2 * ((1.0 / 24.0) + r * (1.0 / 120.0)));
    let power = EXP2_64[(n & 63) as usize];
    let mantissa = power + power * tail;
    f64::from_bits(mantissa.to_bits().wrapping_add(((n >> 6) << 52).cast_unsigned()))
}

/// `2^(j/64)`.
static EXP2_64: [f64; 64] = {
    let mut table = [1.0; 64];
    let mut j = 1;
    while j < 64 {
        table[j] = const_exp(LN_2 * j as f64 / 64.0);
        j += 1;
    }
    table
};

/// The upper 21 bits of ln 2: times an integer below 2^32 it is exact.
const LN2_HIGH: f64 = f64::from_bits(LN_2.to_bits() & !0xffff_ffff);
/// What `LN2_HIGH` lacks: the rest of the f64, and ln 2 minus its nearest f64, from the digits of ln 2.
const LN2_LOW: f64 = (LN_2 - LN2_HIGH) + 2.319_046_813_846_299_6e-17;

/// Standard normal quantile by bisection of `erfc`; infinite at 0 and 1.
pub(super) fn normal_quantile(p: f64) -> f64 {
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    bisect(-40.0, 0.0, |z| libm::erfc(-z * FRAC_1_SQRT_2) / 2.0 < p)
}

/// Quantile of the gamma distribution with scale 1, by bisection; infinite at 1.
pub(super) fn gamma_quantile(shape: f64, p: f64) -> f64 {
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let below = |x: f64| gamma_cdf(shape, x) < p;
    let mut high = shape.max(1.0);
    while below(high) {
        high *= 2.0;
    }
    bisect(0.0, high, below)
}

/// Regularised lower incomplete gamma function: a series below `shape + 1`, above it a continued fraction by the
/// modified Lentz method. Numerical Recipes, 3rd edition, section 6.2.
fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let factor = libm::exp(shape * libm::log(x) - x - libm::lgamma(shape));
    if x < shape + 1.0 {
        let (mut term, mut sum, mut k) = (1.0 / shape, 1.0 / shape, shape);
        while term > sum * 1e-17 {
            k += 1.0;
            term *= x / k;
            sum += term;
        }
        return sum * factor;
    }
    let mut term = x + 1.0 - shape;
    let (mut numerator, mut denominator) = (1e300, 1.0 / term);
    let mut fraction = denominator;
    for i in 1..100_000 {
        let i = f64::from(i);
        let factor = -i * (i - shape);
        term += 2.0;
        denominator = 1.0 / (factor * denominator + term);
        numerator = term + factor / numerator;
        let step = denominator * numerator;
        fraction *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    1.0 - factor * fraction
}

/// Where `below` turns false between `low` and `high`, to the last bit.
fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if below(middle) { low = middle } else { high = middle }
    }
}

/// `exp(x)` at compile time, `|x| <= 700`: reduced by ln 2, then Taylor.
pub(super) const fn const_exp(x: f64) -> f64 {
    let k = (x / LN_2 + if x < 0.0 { -0.5 } else { 0.5 }) as i64;
    let r = (x - k as f64 * LN2_HIGH) - k as f64 * LN2_LOW;
    let (mut sum, mut i) = (1.0, 22);
    while i > 0 {
        sum = 1.0 + sum * r / i as f64;
        i -= 1;
    }
    sum * f64::from_bits(((1023 + k) as u64) << 52)
}

/// `ln(x)` at compile time for normal positive `x`: Newton steps on [`const_exp`] from the exponent.
pub(super) const fn const_ln(x: f64) -> f64 {
    let exponent = (x.to_bits() >> 52).cast_signed() - 1023;
    let mut y = exponent as f64 * LN_2;
    let mut i = 0;
    while i < 8 {
        y += x / const_exp(y) - 1.0;
        i += 1;
    }
    y
}

/// `sqrt(x)` at compile time for `x > 0`, by Newton.
pub(super) const fn const_sqrt(x: f64) -> f64 {
    let mut y = if x > 1.0 { x } else { 1.0 };
    let mut i = 0;
    while i < 64 {
        y = f64::midpoint(y, x / y);
        i += 1;
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, relative: f64) -> bool {
        (a - b).abs() <= relative * b.abs()
    }

    #[test]
    fn fast_exp_is_within_two_units_in_the_last_place() {
        let mut worst = 0;
        for i in 0..1_000_000 {
            let x = -700.0 + f64::from(i) * (1400.0 / 999_999.0);
            worst = worst.max(fast_exp(x).to_bits().abs_diff(libm::exp(x).to_bits()));
        }
        assert!(worst <= 2, "{worst} units");
        assert!(fast_exp(0.0).to_bits() == 1.0_f64.to_bits());
    }

    #[test]
    fn const_functions_agree_with_libm() {
        for i in 1..2_000 {
            let x = f64::from(i) / 100.0;
            assert!(close(const_exp(-x), libm::exp(-x), 1e-15), "exp(-{x})");
            assert!(close(const_sqrt(x), libm::sqrt(x), 3e-16), "sqrt({x})");
            assert!(
                (const_ln(x) - libm::log(x)).abs() <= 1e-15 * (1.0 + libm::log(x).abs()),
                "ln({x})"
            );
        }
    }

    #[test]
    fn normal_quantiles_match_tables() {
        // R: qnorm(c(.975, .99, 1e-10)) with 15 digits.
        assert!(normal_quantile(0.5).abs() < 1e-15);
        assert!(close(normal_quantile(0.975), 1.959_963_984_540_05, 1e-13));
        assert!(close(normal_quantile(0.99), super::super::NORMAL_P99, 1e-13));
        assert!(close(normal_quantile(1e-10), -6.361_340_902_404_06, 1e-13));
        assert!(normal_quantile(0.0) < -1e300 && normal_quantile(1.0) > 1e300);
    }

    #[test]
    fn gamma_quantiles_match_closed_forms() {
        for i in 1..1_000 {
            let p = f64::from(i) / 1_000.0;
            // Shape 1 is exponential; twice a gamma of shape 1/2 is the square of a normal.
            assert!(close(gamma_quantile(1.0, p), -libm::log1p(-p), 1e-11), "{p}");
            let z = normal_quantile(f64::midpoint(p, 1.0));
            assert!(close(gamma_quantile(0.5, p), z * z / 2.0, 1e-8), "{p}");
            // Shape 2: the CDF is 1 - (1 + x) exp(-x).
            let x = gamma_quantile(2.0, p);
            assert!(close(1.0 - (1.0 + x) * libm::exp(-x), p, 1e-11), "{p}");
        }
        assert!(gamma_quantile(2.0, 1.0) > 1e300);
    }
}
