//! What made the control plane wait.

use super::layout::{Paint, Table, wrapped};
use super::number::{duration, grouped};
use crate::report::Report;

/// The waits by bottleneck; nothing if nothing waited.
pub(super) fn section(report: &Report, paint: Paint) -> String {
    if report.waits.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&["waited for", ">waits", ">longest", ">total"]);
    for wait in &report.waits {
        table.row([
            wait.label.clone(),
            grouped(wait.waits_count),
            duration(wait.longest_s),
            duration(wait.total_s),
        ]);
    }
    let runs = report.replications.len();
    let heading = match runs {
        1 => String::from("Waits of the control plane"),
        more => format!("Waits of the control plane in {more} runs"),
    };
    let mut section = format!("{}\n{}", paint.bold(&heading), table.render(paint));
    if let Some(slowest) = &report.slowest_deregistration {
        let text = format!(
            "The slowest of {} deregistrations waited {} after its pod's deletion.",
            grouped(slowest.deregistrations_count),
            duration(slowest.waited_s)
        );
        section.push_str(&wrapped(&text, "  ", "  "));
    }
    section
}
