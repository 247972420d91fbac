//! The precomputed form of a [`Dist`].

#![allow(clippy::cast_possible_truncation, reason = "halves of 128-bit products")]
#![allow(clippy::inline_always, reason = "measured: a call costs a tenth of a request")]

use alloc::boxed::Box;

use super::special::fast_exp;
use super::ziggurat::{standard_exponential, standard_normal};
use super::{Dist, float_ns, from_float_ns, log_normal_parameters, sorted_ns};
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
    Empirical { sorted: Box<[u64]> },
}

impl Sampler {
    /// Prepares to draw from `dist`. Panics if it is invalid.
    pub fn new(dist: &Dist) -> Self {
        dist.assert_valid();
        if let Some(constant) = constant(dist) {
            return Self {
                form: Form::Constant(constant),
            };
        }
        let form = match dist {
            Dist::Constant(duration) => Form::Constant(*duration),
            Dist::Uniform { min, max } => Form::Uniform {
                min: min.as_ns(),
                span: (*max - *min).as_ns(),
            },
            Dist::Exponential { mean } => Form::Exponential { mean: float_ns(*mean) },
            Dist::LogNormal { median, p99 } => {
                let (mu, sigma) = log_normal_parameters(*median, *p99);
                Form::LogNormal { mu, sigma }
            }
            Dist::Gamma { mean, shape } => Form::Gamma(Gamma::new(float_ns(*mean), *shape)),
            Dist::Empirical { values } => Form::Empirical {
                sorted: sorted_ns(values).into_boxed_slice(),
            },
        };
        Self { form }
    }

    /// One sample. The three forms that the request path draws from most are inlined there.
    #[inline(always)]
    pub fn sample(&self, stream: &mut Stream) -> SimDuration {
        match &self.form {
            Form::Constant(duration) => *duration,
            // The clamp keeps `fast_exp` in its domain; both ends are beyond what nanoseconds can express.
            Form::LogNormal { mu, sigma } => {
                from_float_ns(fast_exp((mu + sigma * standard_normal(stream)).clamp(-100.0, 100.0)))
            }
            Form::Exponential { mean } => from_float_ns(standard_exponential(stream) * mean),
            form => form.sample(stream),
        }
    }
}

impl Form {
    #[inline(never)]
    fn sample(&self, stream: &mut Stream) -> SimDuration {
        match self {
            Form::Constant(_) | Form::LogNormal { .. } | Form::Exponential { .. } => unreachable!("sampled inline"),
            Form::Uniform { min, span } => {
                let product = u128::from(stream.next_u64()) * (u128::from(*span) + 1);
                SimDuration::from_ns(min + (product >> 64) as u64)
            }
            Form::Gamma(gamma) => gamma.sample(stream),
            Form::Empirical { sorted } => {
                let position = u128::from(stream.next_u64()) * (sorted.len() - 1) as u128;
                let below = (position >> 64) as usize;
                let (low, high) = (sorted[below], sorted[below + 1]);
                let beyond = u128::from(high - low) * u128::from(position as u64);
                SimDuration::from_ns(low + ((beyond + (1 << 63)) >> 64) as u64)
            }
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
        Self {
            scale: mean_ns / shape,
            d,
            c: 1.0 / libm::sqrt(9.0 * d),
            boost,
        }
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
        let boost = self
            .boost
            .map_or(1.0, |inverse| libm::exp(-standard_exponential(stream) * inverse));
        from_float_ns(unit * boost * self.scale)
    }
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "statistics of the tests")]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::rng::{Seed, Streams};

    const DRAWS: usize = 200_000;

    const RANDOM: [&str; 8] = [
        r#"{"uniform": {"min": "1ms", "max": "9ms"}}"#,
        r#"{"exponential": {"mean": "50ms"}}"#,
        r#"{"log_normal": {"median": "50ms", "p99": "400ms"}}"#,
        r#"{"log_normal": {"median": "2s", "p99": "2.5s"}}"#,
        r#"{"gamma": {"mean": "50ms", "shape": 4}}"#,
        r#"{"gamma": {"mean": "50ms", "shape": 0.5}}"#,
        r#"{"empirical": {"values": ["9ms", "1ms", "3ms", "2ms"]}}"#,
        r#"{"empirical": {"values": ["1s", "0s"]}}"#,
    ];

    /// Of each of the above, in nanoseconds.
    const FIRST_DRAWS: [[u64; 3]; 8] = [
        [7_976_398, 8_123_279, 8_545_222],
        [17_493_957, 17_212_422, 79_361_584],
        [76_873_116, 77_724_948, 169_652_938],
        [2_094_478_303, 2_096_956_608, 2_280_171_010],
        [58_343_092, 86_949_753, 26_991_192],
        [7_390_804, 51_747_892, 8_855],
        [6_696_894, 7_027_377, 7_976_748],
        [872_049_682, 890_409_835, 943_152_660],
    ];

    fn dist(json: &str) -> Dist {
        serde_json::from_str(json).unwrap()
    }

    fn draws(dist: &Dist, count: usize) -> Vec<u64> {
        let mut stream = Streams::new(Seed(11), 0).stream("sampler");
        let sampler = Sampler::new(dist);
        (0..count).map(|_| sampler.sample(&mut stream).as_ns()).collect()
    }

    /// The share of samples below each quantile is within five standard errors of what the quantile says. The
    /// quantiles come from `libm` by other formulas than the samples.
    #[test]
    fn samples_agree_with_quantiles() {
        for json in RANDOM {
            let dist = dist(json);
            let mut draws = draws(&dist, DRAWS);
            draws.sort_unstable();
            for p in [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999] {
                let below = draws.partition_point(|&ns| ns <= dist.quantile(p).as_ns()) as f64 / DRAWS as f64;
                let error = 5.0 * libm::sqrt(p * (1.0 - p) / DRAWS as f64);
                assert!(
                    (below - p).abs() < error,
                    "{json}: {below} at or below the quantile of {p}, +- {error}"
                );
            }
            let max = dist.max().map_or(u64::MAX, SimDuration::as_ns);
            assert!(draws[DRAWS - 1] <= max);
        }
    }

    #[test]
    fn samples_agree_with_the_mean() {
        for json in RANDOM {
            let dist = dist(json);
            let (n, draws) = (DRAWS as f64, draws(&dist, DRAWS));
            let mean = draws.iter().map(|&ns| ns as f64).sum::<f64>() / n;
            let variance = draws
                .iter()
                .map(|&ns| (ns as f64 - mean) * (ns as f64 - mean))
                .sum::<f64>()
                / n;
            let (expected, error) = (dist.mean().as_ns() as f64, 5.0 * libm::sqrt(variance / n));
            assert!(
                (mean - expected).abs() < error,
                "{json}: mean {mean}, expected {expected} +- {error}"
            );
        }
    }

    #[test]
    fn first_draws_are_locked() {
        for (json, expected) in RANDOM.into_iter().zip(FIRST_DRAWS) {
            assert_eq!(draws(&dist(json), 3), expected, "{json}");
        }
    }

    #[test]
    fn distributions_with_one_value_take_no_draw() {
        for json in [
            r#""0s""#,
            r#""5s""#,
            r#"{"uniform": {"min": "5s", "max": "5s"}}"#,
            r#"{"exponential": {"mean": "0s"}}"#,
            r#"{"log_normal": {"median": "5s", "p99": "5s"}}"#,
            r#"{"gamma": {"mean": "0s", "shape": 2}}"#,
            r#"{"empirical": {"values": ["5s", "5s"]}}"#,
        ] {
            let streams = Streams::new(Seed(1), 0);
            let (mut used, mut fresh) = (streams.stream("s"), streams.stream("s"));
            let dist = dist(json);
            assert_eq!(Sampler::new(&dist).sample(&mut used), dist.mean(), "{json}");
            assert_eq!(used.next_u64(), fresh.next_u64(), "{json}");
        }
    }

    #[test]
    fn every_value_of_a_uniform_occurs_and_none_outside() {
        let dist = Dist::Uniform {
            min: SimDuration::from_ns(3),
            max: SimDuration::from_ns(6),
        };
        let mut counts = [0; 10];
        for ns in draws(&dist, 4_000) {
            counts[ns as usize] += 1;
        }
        // Five standard errors of 1000 are 137.
        assert!(
            counts[3..=6].iter().all(|count| (863..=1137).contains(count)),
            "{counts:?}"
        );
        assert_eq!(counts.iter().sum::<i32>(), counts[3..=6].iter().sum::<i32>());
        draws(
            &Dist::Uniform {
                min: SimDuration::ZERO,
                max: SimDuration::MAX,
            },
            1_000,
        );
    }

    #[test]
    fn samples_past_the_end_of_time_saturate() {
        assert!(draws(&Dist::Exponential { mean: SimDuration::MAX }, 100).contains(&u64::MAX));
        let wide = Dist::LogNormal {
            median: SimDuration::from_ns(1),
            p99: SimDuration::MAX,
        };
        let draws = draws(&wide, 10_000);
        assert!(draws.contains(&u64::MAX) && draws.contains(&0));
    }
}
