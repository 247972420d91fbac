//! The figure's data from the summaries of runs.

use sim_core::outcome::Status;
use sim_core::stats;
use sim_core::summary::{RunSummary, SeriesRow};

use super::{Disruption, Outcomes, PodCounts, Second};

impl Outcomes {
    /// Means over replications of one scenario. Disruptions are those of the first.
    #[allow(clippy::cast_precision_loss, reason = "a number of replications")]
    pub fn from_summaries(title: impl Into<String>, subtitle: impl Into<String>, runs: &[RunSummary]) -> Self {
        let length = runs.iter().map(|run| run.series.len()).min().unwrap_or(0);
        let mean = |of: &dyn Fn(&SeriesRow) -> u32, second: usize| {
            let sum: f64 = runs.iter().map(|run| f64::from(of(&run.series[second]))).sum();
            sum / runs.len() as f64
        };
        let status = |status: Status, second: usize| mean(&|row| row.status_counts[status as usize], second);
        let seconds = (0..length).map(|second| Second {
            ok: status(Status::Ok, second),
            target_error_500: status(Status::TargetError, second),
            bad_gateway_502: status(Status::BadGateway, second),
            service_unavailable_503: status(Status::ServiceUnavailable, second),
            gateway_timeout_504: status(Status::GatewayTimeout, second),
            client_closed_460: status(Status::ClientClosed, second),
            other: status(Status::WrongTarget, second) + status(Status::Unanswered, second),
        });
        let pods = (0..length).map(|second| PodCounts {
            not_ready: mean(&|row| row.pods[0], second),
            serving: mean(&|row| row.pods[1], second),
            terminating: mean(&|row| row.pods[2], second),
        });
        let disruptions = runs.first().map_or(&[][..], |run| &run.disruptions);
        Self {
            title: title.into(),
            subtitle: subtitle.into(),
            seconds: seconds.collect(),
            pods: pods.collect(),
            disruptions: disruptions
                .iter()
                .map(|disruption| Disruption {
                    at_s: stats::seconds_at(disruption.at),
                    name: disruption.kind.to_owned(),
                })
                .collect(),
        }
    }
}
