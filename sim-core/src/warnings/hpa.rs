//! Warnings about the `HorizontalPodAutoscaler`.

use alloc::format;

use super::observed::Counted;
use super::{List, Totals};
use crate::scenario::Scenario;
use crate::scenario::hpa::Hpa;

pub(super) fn add(list: &mut List, scenario: &Scenario, totals: &Totals) {
    let mut hpas = scenario
        .disruptions
        .iter()
        .filter_map(|disruption| disruption.hpa.as_ref());
    if let Some(hpa) = hpas.next() {
        out_of_reach(list, scenario, hpa);
        at_max(list, hpa, totals);
    }
    let counted = |count| Counted {
        count,
        replications_count: totals.replications_count,
    };
    let large_steps = totals.observations.hpa_large_steps;
    if large_steps > 0 {
        list.add(
            "hpa-removed-most-pods-in-one-step",
            format!(
                "{} steps of the HorizontalPodAutoscaler took away more than half of the replicas at once: its default \
                 scale-down waits for its window and then has no step limit.",
                counted(large_steps)
            ),
            "Limit the step, for example `behavior.scale_down.policies: [{ percent: 10, period: 60s }]`.",
        );
    }
}

fn at_max(list: &mut List, hpa: &Hpa, totals: &Totals) {
    let count = totals.observations.hpa_at_max;
    if count > 0 {
        let counted = Counted {
            count,
            replications_count: totals.replications_count,
        };
        list.add(
            "hpa-wants-more-than-max-replicas",
            format!(
                "{counted} times the metric asked for more than the {} replicas that the HorizontalPodAutoscaler may \
                 set.",
                hpa.max_replicas
            ),
            "Raise `max_replicas`, or the target utilisation.",
        );
    }
}

/// Busy workers may use less CPU than the target: then nothing ever scales up.
fn out_of_reach(list: &mut List, scenario: &Scenario, hpa: &Hpa) {
    let (app, request) = (&scenario.app, scenario.pod.requests.cpu);
    let Some(workers) = app.workers.get() else { return };
    let tolerance = scenario.hpa_controller.tolerance.parts_per_million();
    let busiest = u64::from(workers) * app.cpu_share.parts_per_million() / 1000 + app.idle_cpu.millicores();
    let Some(percent) = (busiest * 100).checked_div(request.millicores()) else {
        return;
    };
    if percent * 1_000_000 <= u64::from(hpa.target_cpu_utilization) * (1_000_000 + tolerance) {
        list.add(
            "hpa-target-out-of-reach",
            format!(
                "{workers} busy workers use {percent}% of the CPU request of {request}, which is not above the target \
                 of {}% and its tolerance: the HorizontalPodAutoscaler never scales up, however long the queue.",
                hpa.target_cpu_utilization
            ),
            "Lower `target_cpu_utilization` or `pod.requests.cpu`, or give the server more workers.",
        );
    }
}
