//! The figure's data from the races of runs.

use sim_core::outcome::Hop;
use sim_core::stats;
use sim_core::summary::RaceSamples;

use super::{HopShare, RaceWindow};
use crate::distribution::Distribution;

impl RaceWindow {
    /// The races of one run, or of several whose samples were merged; `pre_stop_covers_s` in seconds.
    ///
    /// No terminated pod gives a figure without samples, which is refused when it is drawn.
    pub fn from_races(
        title: impl Into<String>,
        subtitle: impl Into<String>,
        races: &RaceSamples,
        pre_stop_covers_s: Option<f64>,
    ) -> Self {
        let hops = [
            (Hop::Endpoints, &races.endpoints),
            (Hop::KubeProxy, &races.kube_proxy),
            (Hop::Controller, &races.controller),
            (Hop::ApiThrottle, &races.api_throttle),
            (Hop::Propagation, &races.propagation),
        ];
        let served = (!races.served.is_empty()).then(|| Distribution::from_samples(&races.served));
        Self {
            title: title.into(),
            subtitle: subtitle.into(),
            removal_s: Distribution::from_samples(&races.removal),
            served_after_deletion_s: served,
            pre_stop_covers_s,
            hops: hops
                .into_iter()
                .map(|(hop, samples)| HopShare {
                    hop,
                    mean_s: stats::seconds(samples.mean()),
                })
                .collect(),
        }
    }
}
