//! Why requests failed: ranked, each with the hop that lost the race and one sentence.

use std::fmt::Write as _;

use sim_core::outcome::Hop;

use super::layout::{Paint, wrapped};
use super::number::{mean_count, percent};
use super::runs;
use crate::report::{CauseReport, Report};

/// The causes, most frequent first; nothing if nothing failed.
pub(super) fn section(report: &Report, paint: Paint) -> String {
    if report.causes.is_empty() {
        return String::new();
    }
    let mut section = format!("{}\n", paint.bold("Why requests failed"));
    let name_width = report
        .causes
        .iter()
        .map(|cause| cause.cause.name().len())
        .max()
        .unwrap_or(0);
    for (rank, cause) in (1..).zip(&report.causes) {
        let share = if cause.elb_status_code >= 500 {
            format!("{} of the 5xx", percent(cause.share))
        } else {
            String::from("not a 5xx")
        };
        let code = match cause.elb_status_code {
            // No ALB node answered: there is none.
            0 => String::from("---"),
            code => code.to_string(),
        };
        let _ = writeln!(
            section,
            "{rank:>3}. {code} {}  {} per run, {share}",
            paint.bold(&format!("{:<name_width$}", cause.cause.name())),
            mean_count(cause.count, runs(report)),
        );
        section.push_str(&wrapped(&cause.explanation, "     ", "     "));
        section.push_str(&wrapped(&hops(cause), "     ", "     "));
    }
    section
}

/// Which hop was late, or how often each was.
fn hops(cause: &CauseReport) -> String {
    let mut hops: Vec<(Hop, u64)> = cause.hops.iter().map(|(hop, count)| (*hop, *count)).collect();
    hops.sort_by_key(|(hop, count)| (std::cmp::Reverse(*count), *hop));
    match hops.as_slice() {
        [] | [(Hop::None, _)] => String::from("No hop was late: this is no race between a pod and its removal."),
        [(hop, _)] => format!("Late hop: {}.", hop.name()),
        several => {
            let share = |(hop, count): &(Hop, u64)| {
                format!(
                    "{} {}",
                    hop.name(),
                    percent(sim_core::stats::ratio(*count, cause.count))
                )
            };
            format!(
                "Late hop: {}.",
                several.iter().map(share).collect::<Vec<_>>().join(", ")
            )
        }
    }
}
