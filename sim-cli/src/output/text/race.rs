//! The race window by hop, and how long a preStop sleep would have to be.

use super::layout::{Paint, Table, wrapped};
use super::number::{duration, grouped};
use crate::report::{Quantiles, RaceWindow, Report};

/// The race window; nothing if no pod was terminated.
pub(super) fn section(report: &Report, paint: Paint) -> String {
    let race = &report.race_window_s;
    if race.pods_count == 0 {
        return String::new();
    }
    let mut table = Table::new(&["seconds", ">p50", ">p95", ">p99", ">max"]);
    let by_alb = [
        ("+ controller", &race.controller),
        ("+ waiting for the API's rate limit (api_throttle)", &race.api_throttle),
        ("+ propagation to the last ALB node", &race.propagation),
    ];
    let by_kube_proxy = [("+ rules of the last node (kube_proxy)", &race.kube_proxy)];
    let removal = if is_by_kube_proxy(race) {
        &by_kube_proxy[..]
    } else {
        &by_alb[..]
    };
    table.row(row("  deletion to EndpointSlice (endpoints)", &race.endpoints));
    for (name, quantiles) in removal {
        table.row(row(name, quantiles));
    }
    for (name, quantiles) in [
        ("= deletion to removal", &race.removal),
        (
            "  deletion to the last new connection served",
            &race.served_after_deletion,
        ),
        ("  race window: removal after that", &race.total),
    ] {
        table.row(row(name, quantiles));
    }
    table.style_last(Paint::bold);
    let heading = format!("Race window of {} terminated pods", grouped(race.pods_count));
    format!(
        "{}\n{}{}",
        paint.bold(&heading),
        table.render(paint),
        wrapped(&advice(race), "  ", "  ")
    )
}

/// Whether targets are nodes, so that kube-proxy takes pods out and not the ALB.
fn is_by_kube_proxy(race: &RaceWindow) -> bool {
    race.kube_proxy.max > 0.0
}

fn row(name: &str, quantiles: &Quantiles) -> [String; 5] {
    let cell = |seconds: f64| format!("{seconds:.2}");
    [
        String::from(name),
        cell(quantiles.p50),
        cell(quantiles.p95),
        cell(quantiles.p99),
        cell(quantiles.max),
    ]
}

/// One sentence on preStop: the p99 of the removal is what it has to outlast.
fn advice(race: &RaceWindow) -> String {
    if race.total.max <= 0.0 {
        let last = if is_by_kube_proxy(race) {
            "kube-proxy"
        } else {
            "ALB node"
        };
        return format!("No pod stopped serving for good before the last {last} had stopped choosing it.");
    }
    let sleep = race.removal.p99.ceil().max(1.0);
    if race.total.p99 <= 0.0 {
        return format!(
            "Fewer than 1 % of the pods lost the race, the worst of them by {}.",
            duration(race.total.max)
        );
    }
    format!(
        "A preStop sleep of {sleep:.0}s outlasts 99 % of the removals, and the grace period must hold it and the \
         server's own drain. Today half of the pods serve new connections for {} or less after their deletion.",
        duration(race.served_after_deletion.p50)
    )
}
