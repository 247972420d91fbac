//! The Amazon VPC CNI plugin: addresses of pods, and when one is given to another pod.

use serde::{Deserialize, Serialize};

use crate::dist::Dist;
use crate::time::SimDuration;

/// The plugin in its default mode: secondary addresses of the node's network interfaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VpcCni {
    /// `IP_COOLDOWN_PERIOD`: how long a released address is kept before another pod of the node may have it.
    /// Source: nodes §4.2 (30 s).
    pub ip_cooldown_period: SimDuration,
    /// `WARM_ENI_TARGET`: interfaces' worth of free addresses that each node keeps. Source: nodes §4.3 (1).
    pub warm_eni_target: u32,
    /// From a pool that is too small to another attached interface: a check every 5 s and the attachment.
    /// Source: nodes §4.3 (uniform 10 to 15 s: the upper end of "up to ~10 s" after a check).
    pub eni_attach_time: Dist,
}

impl Default for VpcCni {
    fn default() -> Self {
        Self {
            ip_cooldown_period: SimDuration::from_secs(30),
            warm_eni_target: 1,
            eni_attach_time: Dist::Uniform {
                min: SimDuration::from_secs(10),
                max: SimDuration::from_secs(15),
            },
        }
    }
}
