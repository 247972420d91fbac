//! Outcomes over time: requests per second by status, failures enlarged, and the pods below.

mod marks;
mod panels;
mod summaries;

use crate::check;
use crate::layout::Layout;
use crate::sheet::Sheet;
use crate::{Picture, PlotError};

/// Requests issued in one second, by the status in which they ended; means over runs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Second {
    /// Answered by the target as they should be, requests.
    pub ok: f64,
    /// Answered 500 by the target itself.
    pub target_error_500: f64,
    /// 502 by the ALB.
    pub bad_gateway_502: f64,
    /// 503 by the ALB.
    pub service_unavailable_503: f64,
    /// 504 by the ALB.
    pub gateway_timeout_504: f64,
    /// Given up by the client, 460 in the ALB's log.
    pub client_closed_460: f64,
    /// Answered by another application's pod, or by nobody.
    pub other: f64,
}

/// Pods at the end of one second; means over runs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PodCounts {
    /// Ready and not terminating, pods.
    pub serving: f64,
    /// Not yet or no longer Ready, and not terminating.
    pub not_ready: f64,
    /// With a `deletionTimestamp`.
    pub terminating: f64,
}

/// Something that was done to the fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct Disruption {
    /// When, seconds since the run's start.
    pub at_s: f64,
    /// What, in a few words: `scale`, `node_drain`.
    pub name: String,
}

/// The figure's data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcomes {
    /// Title of the picture.
    pub title: String,
    /// Second line: scenario, seed, replications. May be empty.
    pub subtitle: String,
    /// One entry per second of the run, from its start.
    pub seconds: Vec<Second>,
    /// One entry per second too, or none for a figure without pods.
    pub pods: Vec<PodCounts>,
    /// Disruptions, drawn as upright lines, or as symbols above the panels where there are more than a dozen.
    pub disruptions: Vec<Disruption>,
}

impl Layout for Outcomes {
    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn sheet(&self, picture: &Picture) -> Result<Sheet, PlotError> {
        check::filled("seconds", self.seconds.len(), check::POINTS_MAX)?;
        for (index, second) in self.seconds.iter().enumerate() {
            for (name, value) in Second::NAMES.iter().zip(second.counts()) {
                check::not_negative(&format!("seconds[{index}].{name}"), value)?;
            }
        }
        if !self.pods.is_empty() {
            check::length("pods", self.pods.len(), self.seconds.len())?;
        }
        for (index, pods) in self.pods.iter().enumerate() {
            for (name, value) in PodCounts::NAMES.iter().zip(pods.counts()) {
                check::not_negative(&format!("pods[{index}].{name}"), value)?;
            }
        }
        check::at_most("disruptions", self.disruptions.len(), check::POINTS_MAX)?;
        for (index, disruption) in self.disruptions.iter().enumerate() {
            check::not_negative(&format!("disruptions[{index}].at_s"), disruption.at_s)?;
        }
        Sheet::new(picture, &self.title, &self.subtitle)
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn lay_out(&self, sheet: &mut Sheet) -> Result<(), PlotError> {
        panels::draw(self, sheet);
        Ok(())
    }
}

impl Second {
    const NAMES: [&'static str; 7] = [
        "ok",
        "target_error_500",
        "bad_gateway_502",
        "service_unavailable_503",
        "gateway_timeout_504",
        "client_closed_460",
        "other",
    ];

    fn counts(&self) -> [f64; 7] {
        [
            self.ok,
            self.target_error_500,
            self.bad_gateway_502,
            self.service_unavailable_503,
            self.gateway_timeout_504,
            self.client_closed_460,
            self.other,
        ]
    }
}

impl PodCounts {
    const NAMES: [&'static str; 3] = ["serving", "not_ready", "terminating"];

    fn counts(&self) -> [f64; 3] {
        [self.serving, self.not_ready, self.terminating]
    }
}
