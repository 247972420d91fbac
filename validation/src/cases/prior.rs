//! What a source does not state and nothing has a default for: drawn, with a reason for the range.

use std::fmt;

use sim_core::rng::{Seed, Streams};

/// A distribution of a setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Prior {
    /// Every value alike.
    Uniform(f64, f64),
    /// Every order of magnitude alike.
    LogUniform(f64, f64),
    /// Whole numbers, both included, every order of magnitude alike.
    Whole(u32, u32),
    /// Every word alike.
    Choice(&'static [&'static str]),
}

impl Prior {
    /// The value at a place in 0..1 of the distribution; that of a choice is the index of the word.
    pub fn at(self, unit: f64) -> f64 {
        match self {
            Prior::Uniform(low, high) => low + (high - low) * unit,
            Prior::LogUniform(low, high) => low * (high / low).powf(unit),
            // Half a step to each side, so that the ends come as often as their neighbours.
            Prior::Whole(low, high) => {
                let (from, to) = (f64::from(low) - 0.5, f64::from(high) + 0.5);
                let value = (from * (to / from).powf(unit)).round();
                value.clamp(f64::from(low), f64::from(high))
            }
            Prior::Choice(words) => {
                let count = u32::try_from(words.len()).expect("few words");
                (f64::from(count) * unit).floor().min(f64::from(count - 1))
            }
        }
    }

    /// The word at a place in 0..1 of a choice.
    ///
    /// # Panics
    ///
    /// If it is no choice.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number between 0 and the number of words"
    )]
    pub fn word_at(self, unit: f64) -> &'static str {
        let Prior::Choice(words) = self else {
            panic!("{self} has no words");
        };
        words[self.at(unit) as usize]
    }
}

impl fmt::Display for Prior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Prior::Uniform(low, high) => write!(f, "uniform {low} to {high}"),
            Prior::LogUniform(low, high) => write!(f, "log-uniform {low} to {high}"),
            Prior::Whole(low, high) => write!(f, "whole, log-uniform {low} to {high}"),
            Prior::Choice(words) => write!(f, "one of {}", words.join(", ")),
        }
    }
}

/// A prior with its reason.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sourced {
    /// The distribution.
    pub prior: Prior,
    /// What the range rests on.
    pub source: &'static str,
}

/// Requests per second of the whole service.
pub const RATE: Sourced = Sourced {
    prior: Prior::LogUniform(2.0, 250.0),
    source: "rates that cases of the built-in file state: 0.5 to 3000 a second, half of them between 2.5 and 250",
};

/// Replicas where nothing is said of them.
pub const REPLICAS: Sourced = Sourced {
    prior: Prior::Whole(2, 12),
    source: "estimate: cases of the built-in file state 1 to 25, and name a single replica where there is one",
};

/// Availability Zones of the ALB.
pub const ZONES: Sourced = Sourced {
    prior: Prior::Choice(&["2", "3"]),
    source: "alb §2.2 (at least two); estimate",
};

/// Kubernetes nodes.
pub const NODES: Sourced = Sourced {
    prior: Prior::Whole(3, 6),
    source: "estimate",
};

/// Median service time, seconds.
pub const SERVICE_TIME: Sourced = Sourced {
    prior: Prior::LogUniform(0.005, 0.2),
    source: "estimate; the range that `sim sweep --sensitivity` varies",
};

/// From the container's start to the listening socket, seconds.
pub const START_UP: Sourced = Sourced {
    prior: Prior::LogUniform(1.0, 30.0),
    source: "estimate; 0.5 to 30 s in `sim sweep --sensitivity`, and few servers start below 1 s",
};

/// Servers of which nothing is known.
pub const SERVERS: Sourced = Sourced {
    prior: Prior::Choice(&[
        "django-runserver",
        "gunicorn-sync",
        "gunicorn-gthread",
        "uvicorn",
        "node-http",
        "node-close",
        "nginx-term",
        "nginx-quit",
        "spring-boot-graceful",
        "spring-boot-immediate",
        "go-default",
        "go-shutdown",
        "axum-default",
        "axum-graceful",
        "puma",
    ]),
    source: "kubernetes §6.2: every preset alike",
};

/// Share of the replicas that a scale-down takes away.
pub const SCALE_DOWN_SHARE: Sourced = Sourced {
    prior: Prior::Uniform(0.1, 0.5),
    source: "estimate; an autoscaler may take all in one step (kubernetes §4.5)",
};

/// The random numbers of one draw: settings of the same name are equal in all runs of a case.
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    streams: Streams,
}

impl Draw {
    /// Draw number `index` of the case whose settings are drawn from `seed`.
    pub fn new(seed: Seed, index: u32) -> Self {
        Self {
            streams: Streams::new(seed, index),
        }
    }

    /// The place in 0..1 of a setting within its distribution.
    pub fn unit(&self, setting: &str) -> f64 {
        self.streams.stream(setting).unit()
    }
}

/// The seed of a case, so that it does not depend on which other cases are looked at.
pub fn case_seed(seed: Seed, case: &str) -> Seed {
    Seed(Streams::new(seed, 0).stream(case).next_u64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Sourced; 8] = [
        RATE,
        REPLICAS,
        ZONES,
        NODES,
        SERVICE_TIME,
        START_UP,
        SERVERS,
        SCALE_DOWN_SHARE,
    ];

    #[test]
    fn values_stay_within_their_range() {
        let draws = || (0..500).map(|index| Draw::new(Seed(7), index).unit("setting"));
        for Sourced { prior, .. } in ALL {
            for unit in draws().chain([0.0, 1.0 - f64::EPSILON]) {
                let value = prior.at(unit);
                let inside = match prior {
                    Prior::Uniform(low, high) | Prior::LogUniform(low, high) => {
                        (low..=high * (1.0 + 1e-12)).contains(&value)
                    }
                    Prior::Whole(low, high) => {
                        value.fract() == 0.0 && (f64::from(low)..=f64::from(high)).contains(&value)
                    }
                    Prior::Choice(words) => words.contains(&prior.word_at(unit)),
                };
                assert!(inside, "{prior} gave {value}");
            }
        }
    }

    #[test]
    fn every_order_of_magnitude_comes_alike() {
        let units = (0..4000).map(|index| Draw::new(Seed(1), index).unit("rate"));
        let below = units
            .filter(|unit| Prior::LogUniform(1.0, 100.0).at(*unit) < 10.0)
            .count();
        // Binomial with n = 4000 and p = 1/2: four standard deviations are 126.
        assert!(below.abs_diff(2000) < 126, "{below} of 4000 below the middle");
    }

    #[test]
    fn draws_differ_by_index_and_setting_and_not_by_run() {
        let draw = Draw::new(Seed(1), 0);
        assert!((draw.unit("a") - Draw::new(Seed(1), 0).unit("a")).abs() < f64::EPSILON);
        assert!((draw.unit("a") - draw.unit("b")).abs() > 1e-9);
        assert!((draw.unit("a") - Draw::new(Seed(1), 1).unit("a")).abs() > 1e-9);
        assert_ne!(case_seed(Seed(1), "a"), case_seed(Seed(1), "b"));
    }
}
