//! The precomputed form of a [`Dist`].

use alloc::boxed::Box;

use super::special::fast_exp;
use super::ziggurat::{standard_exponential, standard_normal};
use super::{Dist, float_ns, from_float_ns, interpolate, log_normal_parameters, sorted_ns};
use crate::rng::Stream;
use crate::time::SimDuration;

/// Draws from a [`Dist`]. Numbers of `u64` taken per sample: a constant, whatever its kind, none; uniform and
/// empirical one; exponential and log-normal one, rarely more; gamma two or more.
#[derive(Clone, Debug)]
pub struct Sampler {
    form: Form,
}

/// Floats are nanoseconds or their logarithms.
#[derive(Clone, Debug)]
enum Form {
    Constant(SimDuration),
    LogNormal { mu: f64, sigma: f64 },
    Exponential { mean: f64 },
    Uniform { min: u64, span: u64 },
    Gamma(Gamma),
    Empirical { sorted: Box<[u64]>, last: f64 },
}

impl Sampler {
    /// Prepares to draw from `dist`. Panics if it is invalid.
    pub fn new(dist: &Dist) -> Self {
        dist.assert_valid();
        if let Some(constant) = constant(dist) {
            return Self { form: Form::Constant(constant) };
        }
        let form = match dist {
            Dist::Constant(duration) => Form::Constant(*duration),
            Dist::Uniform { min, max } => Form::Uniform { min: min.as_ns(), span: (*max - *min).as_ns() },
            Dist::Exponential { mean } => Form::Exponential { mean: float_ns(*mean) },
            Dist::LogNormal { median, p99 } => {
                let (mu, sigma) = log_normal_parameters(*median, *p99);
                Form::LogNormal { mu, sigma }
            }
            Dist::Gamma { mean, shape } => Form::Gamma(Gamma::new(float_ns(*mean), *shape)),
            Dist::Empirical { values } => {
                Form::Empirical { sorted: sorted_ns(values).into_boxed_slice(), last: (values.len() - 1) as f64 }
            }
        };
        Self { form }
    }

    /// One sample.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> SimDuration {
        match &self.form {
            Form::Constant(duration) => *duration,
            // The clamp keeps `fast_exp` in its domain; both ends are beyond what nanoseconds can express.
            Form::LogNormal { mu, sigma } => {
                from_float_ns(fast_exp((mu + sigma * standard_normal(stream)).clamp(-100.0, 100.0)))
            }
            Form::Exponential { mean } => from_float_ns(standard_exponential(stream) * mean),
            Form::Uniform { min, span } => {
                let product = u128::from(stream.next_u64()) * (u128::from(*span) + 1);
                SimDuration::from_ns(min + (product >> 64) as u64)
            }
            Form::Gamma(gamma) => gamma.sample(stream),
            Form::Empirical { sorted, last } => SimDuration::from_ns(interpolate(sorted, stream.unit() * last)),
        }
    }
}

/// The value of a distribution that has only one.
fn constant(dist: &Dist) -> Option<SimDuration> {
    let max = dist.max()?;
    let min = match dist {
        Dist::Uniform { min, .. } => *min,
        Dist::Empirical { values } => *values.iter().min()?,
        _ => max,
    };
    (min == max).then_some(max)
}

/// Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables" (2000).
#[derive(Clone, Debug)]
struct Gamma {
    /// Nanoseconds per unit.
    scale: f64,
    d: f64,
    c: f64,
    /// `1/shape` if the shape is below 1: then shape + 1 is drawn and multiplied by `u^(1/shape)`.
    boost: Option<f64>,
}

impl Gamma {
    fn new(mean_ns: f64, shape: f64) -> Self {
        let boost = (shape < 1.0).then(|| 1.0 / shape);
        let d = if boost.is_some() { shape + 1.0 } else { shape } - 1.0 / 3.0;
        Self { scale: mean_ns / shape, d, c: 1.0 / libm::sqrt(9.0 * d), boost }
    }

    fn sample(&self, stream: &mut Stream) -> SimDuration {
        let unit = loop {
            let x = standard_normal(stream);
            let root = 1.0 + self.c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            // `ln u` for a uniform `u` is minus an exponential.
            if -standard_exponential(stream) < 0.5 * x * x + self.d - self.d * v + self.d * libm::log(v) {
                break self.d * v;
            }
        };
        let boost = self.boost.map_or(1.0, |inverse| libm::exp(-standard_exponential(stream) * inverse));
        from_float_ns(unit * boost * self.scale)
    }
}
