//! What the publication leaves open: the free parameters, with the ranges that are believed before anything is fitted.
//!
//! Ranges are uniform, those of times on a logarithmic scale. Everything else stays as the built-in scenarios have it.

use libm::{exp, log};
use serde::{Deserialize, Serialize};

use super::observed::Era;

/// Number of free parameters.
pub const COUNT: usize = 8;

/// How a range is divided evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Linear,
    Log,
}

/// One free parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Stable name, with its unit.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Where its range comes from.
    pub source: &'static str,
    /// Lower end of its range.
    pub low: f64,
    /// Upper end of its range.
    pub high: f64,
    shape: Shape,
    /// Whether it acts before the change, and after it.
    acts: [bool; 2],
}

impl Parameter {
    /// Whether the era depends on it.
    pub(super) fn acts_in(&self, era: Era) -> bool {
        self.acts[usize::from(era == Era::After)]
    }

    /// The value at a place from 0 to 1 of the range.
    pub(super) fn at(&self, place: f64) -> f64 {
        match self.shape {
            Shape::Linear => self.low + place * (self.high - self.low),
            Shape::Log => exp(log(self.low) + place * (log(self.high) - log(self.low))),
        }
    }

    /// The place of a value in the range, 0 to 1 inside it.
    pub(super) fn place(&self, value: f64) -> f64 {
        match self.shape {
            Shape::Linear => (value - self.low) / (self.high - self.low),
            Shape::Log => (log(value) - log(self.low)) / (log(self.high) - log(self.low)),
        }
    }
}

/// Place of each parameter in [`PARAMETERS`] and [`Values`].
pub(super) mod index {
    pub(in super::super) const METRIC_CALL: usize = 0;
    pub(in super::super) const SESSIONS: usize = 1;
    pub(in super::super) const LOADER_STOP: usize = 2;
    pub(in super::super) const TEARDOWN: usize = 3;
    pub(in super::super) const PROPAGATION: usize = 4;
    pub(in super::super) const APP_CPU: usize = 5;
    pub(in super::super) const SERVICE: usize = 6;
    pub(in super::super) const RESTART: usize = 7;
}

/// The free parameters.
pub const PARAMETERS: [Parameter; COUNT] = [
    Parameter {
        name: "metric_call_s",
        about: "mean time of one of the two metric calls of a loader's loop; the loop takes 10 s besides",
        source: "published-run: CPU starvation of the loaders is unknown; 0.5 s is a fast start of the AWS CLI (estimate)",
        low: 0.5,
        high: 6.0,
        shape: Shape::Log,
        acts: [true, true],
    },
    Parameter {
        name: "sessions_per_worker_ratio",
        about: "sequential loops per load worker",
        source: "published-run: 1 in the script; its headline has 1000 sessions at a peak of 600 load workers",
        low: 1.0,
        high: 1.667,
        shape: Shape::Linear,
        acts: [true, true],
    },
    Parameter {
        name: "loader_stop_s",
        about: "how long loaders that are scaled away go on: their script does not react to SIGTERM if it is PID 1",
        source: "kubernetes §1.1 (killed at 30 s if it ignores SIGTERM, at once if it does not)",
        low: 0.0,
        high: 30.0,
        shape: Shape::Linear,
        acts: [true, true],
    },
    Parameter {
        name: "sandbox_teardown_s",
        about: "median time from a server's exit to the silent pod IP: it divides failures into 502 and 504",
        source: "published-run: slow in that era and on starved nodes, not measured; nodes §4.5 has 0.1 to 2 s for today",
        low: 0.5,
        high: 12.0,
        shape: Shape::Log,
        acts: [true, false],
    },
    Parameter {
        name: "deregister_propagation_s",
        about: "median time from an accepted deregistration to an ALB node that stops choosing the target",
        source: "alb §5.1 (a few seconds to 20 s)",
        low: 6.0,
        high: 20.0,
        shape: Shape::Log,
        acts: [true, true],
    },
    Parameter {
        name: "app_cpu_cores",
        about: "CPU request of an application pod: the less, the more of them share a node, and the more node drains evict; \
                the loaders request what is left, so that the peak keeps its nodes",
        source: "published-run: requests are not published, nodes are",
        low: 0.25,
        high: 3.0,
        shape: Shape::Log,
        acts: [true, true],
    },
    Parameter {
        name: "service_time_s",
        about: "median service time; the 99th percentile is ten times as long",
        source: "published-run: none given; estimate",
        low: 0.02,
        high: 0.5,
        shape: Shape::Log,
        acts: [true, true],
    },
    Parameter {
        name: "server_restart_s",
        about: "how long the port is closed while the hook's edit restarts the server",
        source: "published-run: about a second or two; estimate",
        low: 0.2,
        high: 4.0,
        shape: Shape::Log,
        acts: [false, true],
    },
];

/// One value of each parameter, in the order of [`PARAMETERS`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Values(pub [f64; COUNT]);

impl Values {
    /// The values at places from 0 to 1 of the ranges.
    pub(super) fn at(place: impl Fn(usize) -> f64) -> Self {
        let mut values = [0.0; COUNT];
        for (index, (value, parameter)) in values.iter_mut().zip(&PARAMETERS).enumerate() {
            *value = parameter.at(place(index));
        }
        Self(values)
    }

    /// The same in four digits that count and inside of the ranges, so that a file says all of them.
    pub(super) fn rounded(&self) -> Self {
        let mut values = self.0;
        for (value, parameter) in values.iter_mut().zip(&PARAMETERS) {
            let text = format!("{:.3e}", *value);
            *value = text
                .parse::<f64>()
                .expect("a number was written")
                .clamp(parameter.low, parameter.high);
        }
        Self(values)
    }

    /// Where they lie in the ranges, from −1 to 1.
    pub(super) fn centred(&self) -> [f64; COUNT] {
        let mut places = [0.0; COUNT];
        for ((place, parameter), value) in places.iter_mut().zip(&PARAMETERS).zip(self.0) {
            *place = 2.0 * parameter.place(value) - 1.0;
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_and_its_place_belong_together() {
        for parameter in &PARAMETERS {
            assert!((parameter.at(0.0) - parameter.low).abs() < 1e-12);
            assert!((parameter.at(1.0) - parameter.high).abs() < 1e-9);
            for place in [0.1, 0.5, 0.9] {
                assert!(
                    (parameter.place(parameter.at(place)) - place).abs() < 1e-12,
                    "{}",
                    parameter.name
                );
            }
        }
    }

    #[test]
    fn the_middle_of_a_range_of_times_is_its_geometric_mean() {
        let middle = Values::at(|_| 0.5);
        assert!((middle.0[index::METRIC_CALL] - 3.0_f64.sqrt()).abs() < 1e-9);
        assert!(middle.centred().iter().all(|place| place.abs() < 1e-9));
    }
}
