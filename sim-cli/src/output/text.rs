//! `--format text`: the result for people, readable at 96 columns.
//!
//! What comes first is what was asked: how many users see an error, how sure that is, when it is worst. Then why, and
//! what would help. Numbers are rounded here and nowhere else; counts are per replication ("per run").

pub(crate) mod advise;
mod causes;
mod explain;
pub(super) mod layout;
pub(crate) mod number;
mod race;
pub(crate) mod sensitivity;
pub(crate) mod sweep;
pub(crate) mod validate;
mod waits;

use std::fmt::Write as _;
use std::io::{self, Write};

use layout::{Paint, Table, wrapped};
use number::{clock, count, duration, grouped, mean_count, percent, percent_above, percents};

use crate::explain::document::Explanation;
use crate::report::{DisruptionReport, Method, Report, StatusCounts};

/// Disruptions shown one by one.
const DISRUPTIONS_SHOWN: usize = 8;

/// The result.
pub(crate) fn write(out: &mut impl Write, report: &Report, color: bool) -> io::Result<()> {
    out.write_all(render(report, Paint { color }).as_bytes())
}

/// The result of `sim explain`.
pub(crate) fn write_explanation(out: &mut impl Write, explanation: &Explanation, color: bool) -> io::Result<()> {
    out.write_all(explain::render(explanation, Paint { color }).as_bytes())
}

fn render(report: &Report, paint: Paint) -> String {
    let mut sections = vec![title(report, paint), outcomes(report, paint), headline(report, paint)];
    sections.push(disruptions(report, paint));
    sections.push(causes::section(report, paint));
    sections.push(race::section(report, paint));
    sections.push(waits::section(report, paint));
    sections.push(costs(report, paint));
    sections.push(warnings(report, paint));
    sections.push(reproduce(&report.provenance.command, paint.color));
    sections.retain(|section| !section.is_empty());
    sections.join("\n")
}

/// The line that tells how to have the same result again.
pub(crate) fn reproduce(command: &str, color: bool) -> String {
    format!("{} {command}\n", Paint { color }.dim("Reproduce:"))
}

fn title(report: &Report, paint: Paint) -> String {
    let provenance = &report.provenance;
    let replications = match provenance.replications {
        1 => String::from("1 replication"),
        more => format!("{} replications", grouped(u64::from(more))),
    };
    format!(
        "{}  profile {}, {replications}, seed {}\n",
        paint.bold(&provenance.scenario),
        provenance.profile,
        provenance.seed
    )
}

/// The statuses with their AWS or HTTP names; those that never occurred are left out, except 200. The last is none: its
/// requests met a dead ALB node.
fn outcomes(report: &Report, paint: Paint) -> String {
    let mut table = Table::new(&["status", ">per run", ">share"]);
    for (code, name, total) in rows(&report.status_counts) {
        if total == 0 && code != 200 {
            continue;
        }
        let share = sim_core::stats::ratio(total, report.requests_count);
        table.row([
            if code == 0 {
                String::from(name)
            } else {
                format!("{code} {name}")
            },
            mean_count(total, runs(report)),
            percent(share),
        ]);
        if code >= 500 || code == 0 {
            table.style_last(Paint::red);
        }
    }
    table.row([
        String::from("all"),
        mean_count(report.requests_count, runs(report)),
        String::new(),
    ]);
    table.render(paint)
}

fn rows(counts: &StatusCounts) -> [(u16, &'static str, u64); 8] {
    [
        (200, "OK", counts.ok),
        (460, "client gave up", counts.client_closed),
        (500, "application error", counts.target_error),
        (502, "Bad Gateway", counts.bad_gateway),
        (503, "Service Unavailable", counts.service_unavailable),
        (504, "Gateway Timeout", counts.gateway_timeout),
        (404, "wrong application", counts.wrong_target),
        (0, "no ALB answered", counts.unanswered),
    ]
}

fn five_xx(counts: &StatusCounts) -> u64 {
    counts.target_error + counts.bad_gateway + counts.service_unavailable + counts.gateway_timeout
}

fn runs(report: &Report) -> u64 {
    report.replications.len() as u64
}

/// The ratio with its interval, and the worst window.
fn headline(report: &Report, paint: Paint) -> String {
    let ratio = &report.five_xx_ratio;
    let requests = grouped(report.requests_count);
    let value = match ratio.method {
        Method::NoRequests => String::from("no request was issued"),
        Method::ClopperPearsonUpper => {
            format!(
                "0 in {requests} requests: below {} with 95 % confidence",
                percent_above(ratio.ci95_high)
            )
        }
        Method::StudentTRatio | Method::ClopperPearson => {
            let [mean, low, high] = percents([ratio.mean, ratio.ci95_low, ratio.ci95_high]);
            let method = if ratio.method == Method::StudentTRatio {
                "95 % interval, Student-t over replications"
            } else {
                "95 % interval, exact binomial"
            };
            format!(
                "{} [{low}, {high}]  {}",
                paint.bold(&format!("{mean} %")),
                paint.dim(&format!("({method})"))
            )
        }
    };
    let mut section = format!("{}   {value}\n", paint.bold("5xx ratio"));
    if report.status_counts.unanswered > 0 {
        let share = sim_core::stats::ratio(report.status_counts.unanswered, report.requests_count);
        let _ = writeln!(
            section,
            "            Not in it: {} of the requests met a dead ALB node and got no status at all.",
            percent(share)
        );
    }
    if let (Some(peak @ f64::MIN_POSITIVE..), Some(start)) =
        (report.peak_five_xx_ratio.value, report.peak_five_xx_ratio.start_s)
    {
        let end = start + report.peak_five_xx_ratio.window_s;
        let _ = writeln!(
            section,
            "{}        {} of the requests issued from {} to {}",
            paint.bold("Peak"),
            paint.bold(&percent(peak)),
            clock(start),
            clock(end)
        );
        if let Some(share @ f64::MIN_POSITIVE..) = report.peak_dead_target_share {
            let _ = writeln!(
                section,
                "            In these seconds {} of the targets that the ALB chose from no longer served.",
                percent(share)
            );
        }
    }
    section
}

/// Errors per event: the worst ones in order of time, and what the others add.
fn disruptions(report: &Report, paint: Paint) -> String {
    if report.disruptions.is_empty() {
        return String::new();
    }
    let all = report.disruptions.len();
    let mut worst: Vec<usize> = (0..all).collect();
    worst.sort_by_key(|index| std::cmp::Reverse(five_xx(&report.disruptions[*index].status_counts)));
    let (shown, rest) = worst.split_at(all.min(DISRUPTIONS_SHOWN));
    let mut shown = shown.to_vec();
    shown.sort_unstable();

    let mut table = Table::new(&[
        "at",
        "kind",
        ">pods",
        ">502",
        ">503",
        ">504",
        ">5xx per run",
        ">5xx ratio",
        ">drain",
    ]);
    for index in shown {
        table.row(disruption(&report.disruptions[index], runs(report)));
    }
    let heading = match (all, rest.is_empty()) {
        (1, _) => String::from("Disruption, with the requests until the end"),
        (_, true) => String::from("Disruptions, each with the requests until the next"),
        (_, false) => {
            format!("Disruptions, the {DISRUPTIONS_SHOWN} worst of {all}, each with the requests until the next")
        }
    };
    let mut section = format!("{}\n{}", paint.bold(&heading), table.render(paint));
    if !rest.is_empty() {
        let failed: u64 = rest
            .iter()
            .map(|index| five_xx(&report.disruptions[*index].status_counts))
            .sum();
        let events = runs(report) * rest.len() as u64;
        let _ = writeln!(
            section,
            "  the other {}: {} failed requests per event on average",
            rest.len(),
            mean_count(failed, events)
        );
    }
    section
}

fn disruption(disruption: &DisruptionReport, runs: u64) -> [String; 9] {
    let counts = &disruption.status_counts;
    [
        clock(disruption.at_s),
        disruption.kind.clone(),
        count(disruption.pods_count),
        mean_count(counts.bad_gateway, runs),
        mean_count(counts.service_unavailable, runs),
        mean_count(counts.gateway_timeout, runs),
        mean_count(five_xx(counts), runs),
        percent(disruption.five_xx_ratio),
        duration(disruption.drain_s),
    ]
}

fn costs(report: &Report, paint: Paint) -> String {
    let latency = &report.latency_s;
    let mut section = String::new();
    if report.requests_count > 0 {
        let _ = writeln!(
            section,
            "{}     p50 {}, p90 {}, p95 {}, p99 {}, max {}",
            paint.bold("Latency"),
            duration(latency.p50),
            duration(latency.p90),
            duration(latency.p95),
            duration(latency.p99),
            duration(latency.max)
        );
    }
    let termination = &report.termination;
    if termination.pods_count > 0.0 {
        let _ = writeln!(
            section,
            "{} {} pods per run spent {} pod-seconds terminating; the longest drain took {}",
            paint.bold("Termination"),
            count(termination.pods_count),
            count(termination.pod_seconds.round()),
            duration(termination.drain_s)
        );
    }
    section
}

fn warnings(report: &Report, paint: Paint) -> String {
    if report.warnings.is_empty() {
        return String::new();
    }
    let mut section = format!("{}\n", paint.bold("Warnings"));
    for warning in &report.warnings {
        let _ = writeln!(section, "  {}", paint.yellow(&warning.code));
        section.push_str(&wrapped(&warning.message, "    ", "    "));
        section.push_str(&wrapped(&warning.hint, "    > ", "      "));
    }
    section
}

#[cfg(test)]
mod tests;
