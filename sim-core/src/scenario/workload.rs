//! Who sends requests: closed-loop sessions, open-loop arrivals, and how both change over time.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dist::Dist;
use crate::time::{SimDuration, SimTime};

/// Who sends requests; both kinds may run at once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Workload {
    /// Closed loop: each session waits for its answer before it goes on. Source: the scenario's author (none).
    pub sessions: Option<Sessions>,
    /// Open loop: requests arrive whatever became of earlier ones. Source: the scenario's author (none).
    pub open_loop: Option<OpenLoop>,
}

/// Closed-loop sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sessions {
    /// Sessions over time. Source: the scenario's author.
    pub count: Profile,
    /// The steps of one loop, in order. Source: the scenario's author.
    pub steps: Vec<Step>,
    /// Whether the client opens a connection for each request or keeps one. Source: published run (new).
    pub connection: ClientConnection,
    /// How long the client waits for an answer. Source: published run (unlimited).
    pub client_timeout: Option<SimDuration>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            count: Profile::Constant(100),
            steps: alloc::vec![Step::default()],
            connection: ClientConnection::New,
            client_timeout: None,
        }
    }
}

/// One step of a session's loop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// Request kind; its service time is looked up under `app.requests`. Source: the scenario's author.
    pub request: String,
    /// Think time after the answer. Source: the scenario's author (none).
    pub think: Dist,
}

impl Default for Step {
    fn default() -> Self {
        Self {
            request: String::from("request"),
            think: Dist::Constant(SimDuration::ZERO),
        }
    }
}

/// How a client uses its connections to the ALB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ClientConnection {
    /// A new connection, and so a new choice of ALB node, for each request.
    New,
    /// One connection, and so one ALB node, until the ALB's client keep-alive ends.
    KeepAlive,
}

/// Open-loop arrivals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenLoop {
    /// Requests per second over time. Source: the scenario's author.
    pub rate: Profile,
    /// Poisson or evenly spaced. Source: the scenario's author (Poisson).
    pub arrivals: Arrivals,
    /// Request kind; its service time is looked up under `app.requests`. Source: the scenario's author.
    pub request: String,
    /// How long the client waits for an answer. Source: the scenario's author (unlimited).
    pub client_timeout: Option<SimDuration>,
}

impl Default for OpenLoop {
    fn default() -> Self {
        Self {
            rate: Profile::Constant(100),
            arrivals: Arrivals::Poisson,
            request: String::from("request"),
            client_timeout: None,
        }
    }
}

/// Spacing of open-loop arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Arrivals {
    /// Exponential interarrival times.
    Poisson,
    /// Equal interarrival times.
    Even,
}

/// A whole number that changes over time: sessions, replicas, or requests per second.
///
/// In a file a bare number is a constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Profile {
    /// The same all the time.
    Constant(u64),
    /// Holds each value from its instant on; before the first instant the first value holds.
    Steps(Vec<ProfileStep>),
    /// The published load generator: `trunc(amplitude · sin(k · step)) / divide_by + add` in the k-th period, k from
    /// 1, starting again with k = 1 when the angle would pass π.
    Sine(Sine),
}

/// One step of a [`Profile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileStep {
    /// From this instant on.
    pub at: SimDuration,
    /// This value.
    pub value: u64,
}

/// A half sine in steps, as the published run drives itself (published-run, "scaling").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sine {
    /// Value of the sine at its top, before the division.
    pub amplitude: u64,
    /// Angle between two steps, radians, above 0 and below π.
    pub step_radians: f64,
    /// Time between two steps.
    pub every: SimDuration,
    /// Whole-number divisor.
    #[serde(default = "one")]
    pub divide_by: u64,
    /// Added after the division.
    #[serde(default)]
    pub add: u64,
}

fn one() -> u64 {
    1
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum ProfileFile {
    Steps(Vec<ProfileStep>),
    Sine(Sine),
}

impl Serialize for Profile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Profile::Constant(value) => serializer.serialize_u64(*value),
            Profile::Steps(steps) => ProfileFile::Steps(steps.clone()).serialize(serializer),
            Profile::Sine(sine) => ProfileFile::Sine(sine.clone()).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Profile;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a whole number, or a map with one of `steps`, `sine`, `csv`")
            }
            fn visit_u64<E>(self, value: u64) -> Result<Profile, E> {
                Ok(Profile::Constant(value))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Profile, A::Error> {
                let file = ProfileFile::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(match file {
                    ProfileFile::Steps(steps) => Profile::Steps(steps),
                    ProfileFile::Sine(sine) => Profile::Sine(sine),
                })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Profile {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        alloc::borrow::Cow::Borrowed("Profile")
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let steps = generator.subschema_for::<Vec<ProfileStep>>();
        let sine = generator.subschema_for::<Sine>();
        schemars::json_schema!({
            "description": "A whole number over time: constant, steps, a stepped half sine, or a CSV file that sim reads.",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "object", "properties": { "steps": steps }, "required": ["steps"], "additionalProperties": false },
                { "type": "object", "properties": { "sine": sine }, "required": ["sine"], "additionalProperties": false },
                {
                    "type": "object",
                    "properties": { "csv": {
                        "type": "object",
                        "properties": {
                            "path": { "type": "string" },
                            "time_column": { "type": "string" },
                            "time_unit": { "type": "string" },
                            "value_column": { "type": "string" }
                        },
                        "required": ["path", "time_column", "time_unit", "value_column"],
                        "additionalProperties": false
                    } },
                    "required": ["csv"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

impl Profile {
    /// The value at `at`.
    pub fn value_at(&self, at: SimTime) -> u64 {
        match self {
            Profile::Constant(value) => *value,
            Profile::Steps(steps) => {
                let after = steps.partition_point(|step| SimTime::ZERO + step.at <= at);
                steps.get(after.saturating_sub(1)).map_or(0, |step| step.value)
            }
            Profile::Sine(sine) => sine.value_in_period(at.as_ns() / sine.every.as_ns()),
        }
    }

    /// The next instant after `after` at which the value may change, if any.
    pub fn next_change(&self, after: SimTime) -> Option<SimTime> {
        match self {
            Profile::Constant(_) => None,
            Profile::Steps(steps) => steps.iter().map(|step| SimTime::ZERO + step.at).find(|at| *at > after),
            Profile::Sine(sine) => {
                let period = after.as_ns() / sine.every.as_ns() + 1;
                Some(SimTime::from_ns(period * sine.every.as_ns()))
            }
        }
    }

    /// Largest value ever taken before `end`.
    pub fn max_before(&self, end: SimTime) -> u64 {
        let mut at = SimTime::ZERO;
        let mut largest = self.value_at(at);
        while let Some(next) = self.next_change(at).filter(|next| *next < end) {
            at = next;
            largest = largest.max(self.value_at(at));
        }
        largest
    }
}

impl Sine {
    // The angle is the only float here; it is reduced to a whole number at once and `libm` gives the same bits
    // everywhere.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss
    )]
    fn value_in_period(&self, period: u64) -> u64 {
        let steps_per_half_wave = libm::floor(core::f64::consts::PI / self.step_radians) as u64;
        let k = period % steps_per_half_wave.max(1) + 1;
        let sine = libm::sin(k as f64 * self.step_radians).max(0.0);
        (self.amplitude as f64 * sine) as u64 / self.divide_by.max(1) + self.add
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_follows_the_published_script() {
        // 0.168 rad: 18 steps in a half wave; the ninth is 1.512 rad, sin = 0.99827, int(1200 · sin) = 1197.
        let sine = Sine {
            amplitude: 1200,
            step_radians: 0.168,
            every: SimDuration::from_secs(660),
            divide_by: 50,
            add: 1,
        };
        let replicas = Profile::Sine(sine.clone());
        assert_eq!(replicas.value_at(SimTime::from_secs(8 * 660)), 24);
        assert_eq!(replicas.value_at(SimTime::ZERO), 200 / 50 + 1);
        assert_eq!(
            replicas.value_at(SimTime::from_secs(18 * 660)),
            5,
            "the next wave starts"
        );
        let loaders = Profile::Sine(Sine {
            divide_by: 2,
            add: 0,
            ..sine
        });
        assert_eq!(loaders.max_before(SimTime::from_secs(3 * 3600)), 598);
    }

    #[test]
    fn steps_hold_until_the_next_one() {
        let step = |at, value| ProfileStep {
            at: SimDuration::from_secs(at),
            value,
        };
        let profile = Profile::Steps(alloc::vec![step(0, 5), step(10, 7)]);
        assert_eq!(profile.value_at(SimTime::from_secs(9)), 5);
        assert_eq!(profile.value_at(SimTime::from_secs(10)), 7);
        assert_eq!(profile.next_change(SimTime::from_secs(3)), Some(SimTime::from_secs(10)));
        assert_eq!(profile.next_change(SimTime::from_secs(10)), None);
    }
}
