//! `sim check` for people: what happens, then what to do about it, worst first.

use std::fmt::Write as _;

use crate::check::report::{CheckReport, PredictionReport};
use crate::check::{Change, Effect, Finding, Level, patch};
use crate::import::Imported;
use crate::output::text::layout::{Paint, Table, wrapped};
use crate::output::text::number::{count, percent, percent_above};
use crate::text::error::{self, Diagnostic, Severity};
use crate::text::source::Sources;

/// The whole result.
pub(crate) fn render(
    report: &CheckReport,
    findings: &[Finding],
    imported: &Imported<'_>,
    sources: &Sources,
    color: bool,
) -> String {
    let paint = Paint { color };
    let mut out = title(report, paint);
    out.push('\n');
    out.push_str(&predictions(&report.predictions, paint));
    for finding in findings {
        out.push('\n');
        out.push_str(&one(finding, sources, paint));
    }
    if !report.predictions_with_all_fixes.is_empty() {
        let _ = write!(out, "\n{}\n", paint.bold("With all fixes together"));
        out.push_str(&predictions(&report.predictions_with_all_fixes, paint));
    }
    if !imported.notes.is_empty() {
        out.push('\n');
        out.push_str(&error::render(&imported.notes, sources, color));
        out.push('\n');
    }
    out.push('\n');
    out.push_str(&verdict(report, findings, paint));
    out
}

fn title(report: &CheckReport, paint: Paint) -> String {
    let service = &report.service;
    let pods = if service.replicas_count == 1 {
        "1 pod".to_owned()
    } else {
        format!("{} pods", service.replicas_count)
    };
    format!(
        "{}  {} → {} → {}\n{pods}, {}, profile {}, {} replications of each disruption, seed {}\n",
        paint.bold(service.workload.split(' ').next_back().unwrap_or_default()),
        service.entry,
        service.service,
        service.workload,
        service.app_preset.as_str().unwrap_or_default(),
        report.profile,
        report.replications,
        report.seed
    )
}

fn predictions(predictions: &[PredictionReport], paint: Paint) -> String {
    let mut table = Table::new(&[
        "disruption",
        ">5xx per event",
        ">95 % interval",
        ">5xx ratio",
        ">worst 5 s",
        "most failed by",
    ]);
    for prediction in predictions {
        let zero = prediction.five_xx_per_event == 0.0;
        let interval = if zero {
            format!("below {}", count_above(prediction.five_xx_per_event_ci95_high))
        } else {
            let (low, high) = (
                prediction.five_xx_per_event_ci95_low,
                prediction.five_xx_per_event_ci95_high,
            );
            format!("{} to {}", count(low), count(high))
        };
        let ratio = if zero {
            format!("below {}", percent_above(prediction.five_xx_ratio_ci95_high))
        } else {
            percent(prediction.five_xx_ratio)
        };
        let most = prediction.causes_per_event.iter().max_by(|a, b| a.1.total_cmp(b.1));
        table.row([
            prediction.disruption.clone(),
            count(prediction.five_xx_per_event),
            interval,
            ratio,
            percent(prediction.peak_five_xx_ratio),
            most.map_or_else(String::new, |(cause, _)| cause.clone()),
        ]);
        if prediction.exceeds_limit {
            table.style_last(Paint::red);
        }
    }
    table.render(paint)
}

/// A bound, rounded up.
fn count_above(value: f64) -> String {
    count((value * 10.0).ceil() / 10.0)
}

fn one(finding: &Finding, sources: &Sources, paint: Paint) -> String {
    let severity = match finding.level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Note => Severity::Note,
    };
    let diagnostic = Diagnostic::at(finding.place.clone(), finding.message.clone())
        .severity(severity)
        .code(finding.rule.id);
    let mut out = error::render([&diagnostic], sources, paint.color);
    out.push('\n');
    let line = |out: &mut String, head: &str, text: &str| {
        let indent = " ".repeat(10);
        out.push_str(&wrapped(text, &format!("  {head:<8}"), &indent));
    };
    line(
        &mut out,
        "why",
        &format!("{} ({})", finding.rule.reason, finding.rule.source),
    );
    if let Some(effect) = &finding.effect {
        line(&mut out, "effect", &effect_text(effect));
    }
    line(&mut out, "fix", &finding.fix.advice);
    for patch in patch::combined(&finding.fix.patches) {
        out.push('\n');
        for text in patch.to_yaml().lines() {
            let _ = writeln!(out, "{}", paint.dim(&format!("          {text}")));
        }
    }
    out
}

/// What the fix alone changes, most first.
fn effect_text(effect: &Effect) -> String {
    let mut changes: Vec<&Change> = effect.changes.iter().filter(|change| change.is_clear()).collect();
    if changes.is_empty() {
        return "none that these disruptions tell from chance".to_owned();
    }
    let size = |change: &Change| (change.without - change.with).abs();
    changes.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let changes = changes.iter().map(|change| {
        format!(
            "{} {} → {}",
            change.standard.name(),
            count(change.without),
            count(change.with)
        )
    });
    format!(
        "with this fix alone, 5xx per event: {}",
        changes.collect::<Vec<_>>().join(", ")
    )
}

fn verdict(report: &CheckReport, findings: &[Finding], paint: Paint) -> String {
    let number = |level: Level| {
        let count = findings.iter().filter(|finding| finding.level == level).count();
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {}{plural}", level.name())
    };
    let found = [Level::Error, Level::Warning, Level::Note].map(number).join(", ");
    let limit = match (report.limits.max_five_xx_ratio, report.limits.max_five_xx_per_event) {
        (Some(ratio), Some(events)) => format!("{} of the requests or {} per event", percent(ratio), count(events)),
        (Some(ratio), None) => format!("{} of the requests", percent(ratio)),
        (None, Some(events)) => format!("{} per event", count(events)),
        (None, None) => unreachable!("one limit is always set"),
    };
    let above: Vec<&str> = report
        .predictions
        .iter()
        .filter(|prediction| prediction.exceeds_limit)
        .map(|prediction| prediction.disruption.as_str())
        .collect();
    let limits = if above.is_empty() {
        format!("every disruption stays within the limit of {limit}")
    } else {
        format!("above the limit of {limit}: {}", above.join(", "))
    };
    let verdict = if report.passed {
        paint.bold("passed")
    } else {
        paint.red("failed")
    };
    format!("{verdict}: {limits}; {found}\n")
}
