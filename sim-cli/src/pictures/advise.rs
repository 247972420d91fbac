//! The figures of an advice, and its page.

use plots::quantity::{Quantity, Unit};
use plots::trade_off::{self, TradeOff};
use sim_core::rng::Seed;
use sim_core::summary::RaceSamples;

use super::{Named, Page};
use crate::advise::Measure;
use crate::advise::document::{Advice, MeasuredReport};
use crate::advise::search::Status;
use crate::advise::write::Advised;
use crate::output::html::Section;
use crate::output::text;

/// What each second costs and buys, and the race that the advised settings leave, in runs of the check.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn figures(advised: &Advised) -> anyhow::Result<Vec<Named>> {
    let advice = &advised.advice;
    let mut figures = vec![Named::new("trade-off", trade_off(advice))];
    let check = &advice.independent_check;
    let replications = u32::try_from(check.measured.replications_count).unwrap_or(u32::MAX);
    let scenario = &advised.scenario.scenario;
    let runs = super::runs(scenario, Seed(check.seed), replications)?;
    let mut races = RaceSamples::default();
    for run in &runs {
        races.merge(&run.race);
    }
    if !races.removal.is_empty() {
        let settings = match advice.status {
            Status::Met => "advised settings",
            Status::AlreadyMet => "today's settings",
            Status::NotReachable | Status::Undecided => "best settings found",
        };
        let subtitle = format!(
            "{}, {settings}, {}, seed {}",
            scenario.name,
            super::counted(runs.len()),
            check.seed
        );
        figures.push(super::race_window(scenario, &races, subtitle));
    }
    Ok(figures)
}

fn trade_off(advice: &Advice) -> TradeOff {
    let point = |measured: &MeasuredReport, label: String| {
        let judged = measured.judged(advice.target.measure);
        trade_off::Point {
            cost: measured.terminating_pod_seconds_per_event,
            value: judged.mean,
            high: Some(judged.high.max(judged.mean)),
            label,
            is_efficient: false,
            is_advised: false,
        }
    };
    let by_grace = advice.trade_off.iter().all(|row| row.sleep_s == 0);
    let is_met = matches!(advice.status, Status::Met | Status::AlreadyMet);
    let mut points: Vec<trade_off::Point> = advice
        .trade_off
        .iter()
        .map(|row| {
            let label = if by_grace {
                format!("grace {} s", row.termination_grace_period_s)
            } else {
                format!("sleep {} s", row.sleep_s)
            };
            trade_off::Point {
                is_advised: row.is_advised,
                ..point(&row.measured, label)
            }
        })
        .collect();
    let today = point(&advice.before, "today".to_owned());
    let place = |point: &trade_off::Point| (point.cost.to_bits(), point.value.to_bits());
    match points.iter_mut().find(|point| place(point) == place(&today)) {
        Some(same) if same.is_advised => same.label = format!("today, {}", same.label),
        Some(same) => same.label = today.label,
        None => points.push(today),
    }
    // The scenario's own hook is on no ladder of sleeps.
    if !points.iter().any(|point| point.is_advised) {
        points.push(trade_off::Point {
            is_advised: true,
            ..point(&advice.independent_check.measured, "own hook".to_owned())
        });
    }
    let outcome = match advice.target.measure {
        Measure::ErrorsPerEvent => Quantity::new("5xx responses per event", Unit::Count),
        Measure::FiveXxRatio => Quantity::new("5xx ratio", Unit::Ratio),
    };
    TradeOff {
        title: "What fewer failures cost".to_owned(),
        subtitle: format!(
            "{}, by {}, with the other settings {}",
            advice.provenance.scenario,
            if by_grace { "grace period" } else { "preStop sleep" },
            if is_met { "as advised" } else { "of the best found" }
        ),
        cost: Quantity::new(
            "time that pods spend terminating",
            Unit::Named("pod-seconds per event".to_owned()),
        ),
        outcome,
        points: trade_off::with_efficient(points),
        log_value: true,
        target: Some(advice.target.value),
        advised: if is_met { "advised" } else { "best found" }.to_owned(),
        bound: "up to what can be promised".to_owned(),
    }
}

/// Writes the page: what is printed, part by part, each with its figure, and the advised scenario.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn write(page: Page, advised: &Advised, figures: &[Named]) -> anyhow::Result<()> {
    let advice = &advised.advice;
    let mut sections = vec![Section::Text {
        title: "Target".to_owned(),
        text: text::advise::target(advice),
    }];
    for part in text::advise::parts(advice, &advised.patches, false) {
        let figure = figures
            .iter()
            .find(|figure| part.figure.is_some_and(|name| figure.is(name)));
        sections.push(Section::Text {
            title: part.title,
            text: part.body,
        });
        if let Some(figure) = figure {
            sections.extend(figure.section()?);
        }
    }
    sections.push(Section::Folded {
        title: "Advised scenario, with the source of every value".to_owned(),
        text: advised.scenario.to_yaml(),
    });
    page.write(&format!("{}: advice", advice.provenance.scenario), &sections)
}
