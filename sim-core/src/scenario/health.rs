//! What an ALB does when targets or zones are not well: health thresholds, DNS, automatic target weights.

use alloc::format;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::dist::{Dist, Probability};
use crate::time::SimDuration;

/// A minimum that may be switched off: a number, or the word `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Minimum {
    /// At least this.
    At(u32),
    /// No minimum.
    Off,
}

impl Minimum {
    /// The minimum, or `None` where there is none.
    pub fn get(self) -> Option<u32> {
        match self {
            Minimum::At(value) => Some(value),
            Minimum::Off => None,
        }
    }
}

impl Serialize for Minimum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Minimum::At(value) => serializer.serialize_u32(*value),
            Minimum::Off => serializer.serialize_str("off"),
        }
    }
}

impl<'de> Deserialize<'de> for Minimum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Minimum;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or \"off\"")
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                u32::try_from(value)
                    .map(Minimum::At)
                    .map_err(|_| E::custom(format!("{value} is too large")))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                Err(E::custom(format!("found {value}, expected a whole number or \"off\"")))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                if text == "off" {
                    return Ok(Minimum::Off);
                }
                Err(E::custom(format!(
                    "found \"{text}\", expected a whole number or \"off\""
                )))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Minimum {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        alloc::borrow::Cow::Borrowed("Minimum")
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A whole number, or `off`.",
            "anyOf": [{ "type": "integer", "minimum": 0 }, { "const": "off" }]
        })
    }
}

/// `target_group_health`: what happens when too few targets are healthy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TargetGroupHealth {
    /// When an ALB node fails open.
    pub unhealthy_state_routing: UnhealthyStateRouting,
    /// When a zone leaves DNS.
    pub dns_failover: DnsFailover,
}

/// `unhealthy_state_routing`: below either minimum an ALB node fails open to all targets it may use.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnhealthyStateRouting {
    /// The two minimums.
    pub minimum_healthy_targets: RoutingMinimum,
}

/// The minimums below which an ALB node fails open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoutingMinimum {
    /// Healthy targets as the ALB node sees them, at least 1. Source: alb §2.1 (1).
    pub count: u32,
    /// Healthy targets in percent of those registered, as the ALB node knows them. Source: alb §2.1 (off).
    pub percentage: Minimum,
}

impl Default for RoutingMinimum {
    fn default() -> Self {
        Self {
            count: 1,
            percentage: Minimum::Off,
        }
    }
}

/// `dns_failover`: below either minimum a zone leaves DNS. It acts with cross-zone off only: with cross-zone on all
/// zones see the same targets and fall below together, and then all stay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DnsFailover {
    /// The two minimums.
    pub minimum_healthy_targets: DnsMinimum,
}

/// The minimums below which a zone leaves DNS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DnsMinimum {
    /// Healthy targets of the zone. Source: alb §2.1 (1; the guide of 2023 said off).
    pub count: Minimum,
    /// Healthy targets in percent of those registered in the zone. Source: alb §2.1 (off).
    pub percentage: Minimum,
}

impl Default for DnsMinimum {
    fn default() -> Self {
        Self {
            count: Minimum::At(1),
            percentage: Minimum::Off,
        }
    }
}

/// A switch as ELBv2 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Switch {
    /// Switched on.
    On,
    /// Switched off.
    Off,
}

impl Switch {
    /// Whether it is on.
    pub fn is_on(self) -> bool {
        self == Switch::On
    }
}

/// The name of the load balancer in DNS, and what its clients make of it. AWS publishes the TTL and no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dns {
    /// TTL of the record; a client's copy is up to that old, uniformly. Source: alb §2.2 (60 s).
    pub ttl: SimDuration,
    /// From a zone that falls below its DNS threshold, or rises above it, to the changed record; the zone must stay
    /// there that long. Source: estimate (10 to 30 s; not published).
    pub failover_time: Dist,
    /// From the death of a zone's ALB nodes to the record without them. Source: estimate (20 to 60 s: three failed
    /// checks of Route 53 at 10 s, and some of its own propagation).
    pub dead_node_time: Dist,
    /// From the start or the end of a zonal shift to the changed record, and to targets that are left out or back.
    /// Source: estimate (5 to 30 s).
    pub shift_time: Dist,
    /// How long a client waits for an ALB node that is gone, on a new connection or on one it has, unless its
    /// `client_timeout` is shorter. Source: estimate (10 s; clients differ from 1 s to minutes).
    pub client_silence_timeout: SimDuration,
}

impl Default for Dns {
    fn default() -> Self {
        let uniform = |min, max| Dist::Uniform {
            min: SimDuration::from_secs(min),
            max: SimDuration::from_secs(max),
        };
        Self {
            ttl: SimDuration::from_secs(60),
            failover_time: uniform(10, 30),
            dead_node_time: uniform(20, 60),
            shift_time: uniform(5, 30),
            client_silence_timeout: SimDuration::from_secs(10),
        }
    }
}

/// Automatic target weights: how an ALB node finds an anomalous target and what it does to it. AWS publishes the
/// period, the least number of healthy targets and that both target 5xx and failed connections count; the rest is a
/// guess at the kind of rule it may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnomalyDetection {
    /// How often weights are set; each ALB node has a phase of its own. Source: alb §8 (5 s).
    pub period: SimDuration,
    /// Healthy targets below which nothing is mitigated. Source: alb §8 (3).
    pub minimum_healthy_targets: u32,
    /// Requests of a target in one period below which it is not judged. Source: estimate (5).
    pub minimum_requests: u32,
    /// A target is anomalous if its share of failures exceeds that of its peers by this. Source: estimate (0.2).
    pub failure_share_above_peers: Probability,
    /// Weight of an anomalous target, as a share of its usual one. Source: estimate (0.05; alb §8: "a minimum share").
    pub minimum_share: Probability,
    /// Time from there back to the usual weight, in equal steps, while nothing fails. Source: estimate (60 s).
    pub ramp: SimDuration,
}

impl Default for AnomalyDetection {
    fn default() -> Self {
        Self {
            period: SimDuration::from_secs(5),
            minimum_healthy_targets: 3,
            minimum_requests: 5,
            failure_share_above_peers: Probability::new(0.2).expect("a probability"),
            minimum_share: Probability::new(0.05).expect("a probability"),
            ramp: SimDuration::from_secs(60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minimums_round_trip_through_json() {
        for text in ["\"off\"", "7"] {
            let minimum: Minimum = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&minimum).unwrap(), text);
        }
        for text in ["\"on\"", "-1", "4294967296", "1.5"] {
            assert!(serde_json::from_str::<Minimum>(text).is_err(), "{text}");
        }
    }
}
