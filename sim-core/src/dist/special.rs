//! Special functions: quantiles for reports, a fast exponential for sampling, and `const` ones for tables.

/// `exp(x)` for `|x| <= 700`, within 2 units in the last place of `libm::exp`, in about a third of its time.
///
/// `x = (64 k + j) ln2/64 + r`: the table gives `2^(j/64)`, a polynomial `exp(r)`, the exponent field `2^k`.
/// Only additions and multiplications in a fixed order, so the result is the same on every machine.
#[inline]
pub(super) fn fast_exp(x: f64) -> f64 {
    /// 1.5 x 2^52: adding it rounds to an integer, which then stands in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN2_64_HIGH: f64 = f64::from_bits((core::f64::consts::LN_2 / 64.0).to_bits() & !0xffff_ffff);
    /// What `LN2_64_HIGH` lacks: the rest of the f64, and what ln 2 has beyond that.
    const LN2_64_LOW: f64 = (core::f64::consts::LN_2 / 64.0 - LN2_64_HIGH) + LN2_REST / 64.0;
    debug_assert!(x.abs() <= 700.0, "fast_exp({x})");
    let rounded = x * (64.0 / core::f64::consts::LN_2) + ROUND;
    let n = rounded.to_bits().cast_signed();
    let n_float = rounded - ROUND;
    let r = (x - n_float * LN2_64_HIGH) - n_float * LN2_64_LOW;
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
        table[j] = const_exp(core::f64::consts::LN_2 * j as f64 / 64.0);
        j += 1;
    }
    table
};

/// ln 2 minus its nearest f64, from the digits of ln 2.
const LN2_REST: f64 = 2.319_046_813_846_299_6e-17;

/// Standard normal quantile by bisection of `erfc`; infinite at 0 and 1.
pub(super) fn normal_quantile(p: f64) -> f64 {
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    bisect(-40.0, 0.0, |z| libm::erfc(-z * core::f64::consts::FRAC_1_SQRT_2) / 2.0 < p)
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

/// Regularised lower incomplete gamma function: series below `shape + 1`, continued fraction (modified Lentz)
/// above. DLMF 8.11.4 and 8.9.2.
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
    let mut b = x + 1.0 - shape;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut fraction = d;
    for i in 1..100_000 {
        let i = f64::from(i);
        let a = -i * (i - shape);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        let step = d * c;
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
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if below(middle) { low = middle } else { high = middle }
    }
}

/// `exp(x)` at compile time, `|x| <= 700`: reduced by ln 2, then Taylor.
pub(super) const fn const_exp(x: f64) -> f64 {
    use core::f64::consts::LN_2;
    let k = (x / LN_2 + if x < 0.0 { -0.5 } else { 0.5 }) as i64;
    let r = (x - k as f64 * LN_2) - k as f64 * LN2_REST;
    let (mut sum, mut i) = (1.0, 22);
    while i > 0 {
        sum = 1.0 + sum * r / i as f64;
        i -= 1;
    }
    sum * f64::from_bits(((1023 + k) as u64) << 52)
}

/// `ln(x)` at compile time for normal positive `x`: two Newton steps on [`const_exp`] from the exponent.
pub(super) const fn const_ln(x: f64) -> f64 {
    let exponent = (x.to_bits() >> 52) as i64 - 1023;
    let mut y = exponent as f64 * core::f64::consts::LN_2;
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
        y = (y + x / y) / 2.0;
        i += 1;
    }
    y
}
