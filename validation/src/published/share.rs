//! "37 % → 1 %": which reading of the published share the model gives (published-run, "result, README").
//!
//! How that share was computed is not published. Three things are open: how large the event was, over what time, and what
//! was counted. The table has every combination, computed from runs; nothing in it is typed.

mod events;
mod tally;

use libm::{fabs, log};
use schemars::JsonSchema;
use serde::Serialize;

use super::Runner;
use super::parameters::Values;
use events::Event;
use tally::Tally;

pub use events::FleetScenarios;

/// The published shares.
const PUBLISHED: (f64, f64) = (0.37, 0.01);
/// Cells that are marked.
const NEAREST: usize = 3;
/// A share below this counts as this in distances, whose logarithm zero does not have.
const LEAST_SHARE: f64 = 1e-4;

/// What is divided by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Definition {
    /// Requests that ended with 5xx, by requests issued.
    Requests,
    /// Loops of a loader with at least one of them, by loops begun.
    LoaderLoops,
    /// Targets that no longer served, by targets that ALB nodes still chose from.
    DeadTargets,
}

impl Definition {
    const ALL: [Definition; 3] = [Definition::Requests, Definition::LoaderLoops, Definition::DeadTargets];

    /// What is divided by what, for people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Definition::Requests => "those with 5xx, by those issued",
            Definition::LoaderLoops => "those with a 5xx in them, by those begun",
            Definition::DeadTargets => "those that no longer served, by those that ALB nodes still chose from",
        }
    }

    /// Words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Definition::Requests => "requests",
            Definition::LoaderLoops => "loader loops",
            Definition::DeadTargets => "dead targets",
        }
    }
}

/// Over what time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The worst five seconds.
    FiveSeconds,
    /// The worst quarter of a minute, about as long as an ALB node goes on choosing a pod that is gone.
    QuarterMinute,
    /// The worst minute, the finest period of `CloudWatch`'s standard metrics.
    Minute,
    /// The worst quarter of an hour, the bin of the plots.
    QuarterHour,
    /// The whole falling half.
    FallingHalf,
}

impl Window {
    const ALL: [Window; 5] = [
        Window::FiveSeconds,
        Window::QuarterMinute,
        Window::Minute,
        Window::QuarterHour,
        Window::FallingHalf,
    ];

    /// Whether the published run's own metrics could have shown it.
    fn is_minute_or_longer(self) -> bool {
        !matches!(self, Window::FiveSeconds | Window::QuarterMinute)
    }

    /// Seconds; nothing for the whole run.
    const fn seconds(self) -> Option<usize> {
        match self {
            Window::FiveSeconds => Some(5),
            Window::QuarterMinute => Some(15),
            Window::Minute => Some(60),
            Window::QuarterHour => Some(900),
            Window::FallingHalf => None,
        }
    }

    /// Words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Window::FiveSeconds => "5 s",
            Window::QuarterMinute => "15 s",
            Window::Minute => "1 min",
            Window::QuarterHour => "15 min",
            Window::FallingHalf => "falling half",
        }
    }
}

/// One reading of the published share.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ShareRow {
    /// The event, pods before and after.
    pub event: String,
    /// What is divided by what.
    pub definition: Definition,
    /// Over what time.
    pub window: Window,
    /// The share before the change.
    pub before_ratio: f64,
    /// The share after it.
    pub after_ratio: f64,
    /// Whether it is among the nearest to what was published.
    pub is_nearest: bool,
}

/// All readings, and what they say together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ShareTable {
    /// Every reading.
    pub rows: Vec<ShareRow>,
    /// What follows from them.
    pub reading: String,
}

/// Runs every event `replications` times before and after the change, and reads every share.
///
/// # Errors
///
/// Those of the runner.
pub(super) fn table<R: Runner>(
    scenarios: &FleetScenarios,
    values: &Values,
    replications: u16,
    runner: &R,
) -> Result<ShareTable, R::Error> {
    if replications == 0 {
        return Ok(ShareTable::default());
    }
    let events = events::all(scenarios, values);
    let each = usize::from(replications);
    let tallies: Vec<Tally> = runner.each(events.len() * 2 * each, |number| {
        let (event, rest) = (number / (2 * each), number % (2 * each));
        let scenario = &events[event].scenarios[rest / each];
        Tally::of(scenario, u32::try_from(rest % each).expect("few runs"), runner)
    })?;
    let mut rows = Vec::new();
    for (event, runs) in events.iter().zip(tallies.chunks(2 * each)) {
        let (before, after) = runs.split_at(each);
        rows.extend(readings(event, &Tally::sum(before), &Tally::sum(after)));
    }
    mark(&mut rows);
    let reading = reading(&rows);
    Ok(ShareTable { rows, reading })
}

fn readings(event: &Event, before: &Tally, after: &Tally) -> Vec<ShareRow> {
    let windows = Window::ALL
        .into_iter()
        .filter(|window| window.seconds().is_some() || event.is_falling_half);
    let cells = windows.flat_map(|window| Definition::ALL.map(|definition| (window, definition)));
    let row = |(window, definition): (Window, Definition)| ShareRow {
        event: event.name.clone(),
        definition,
        window,
        before_ratio: before.worst(definition, window.seconds()),
        after_ratio: after.worst(definition, window.seconds()),
        is_nearest: false,
    };
    cells.map(row).collect()
}

/// Sum of both factors that lie between a reading and the published shares, as logarithms.
fn distance(row: &ShareRow) -> f64 {
    let factor = |found: f64, published: f64| fabs(log(found.max(LEAST_SHARE) / published));
    factor(row.before_ratio, PUBLISHED.0) + factor(row.after_ratio, PUBLISHED.1)
}

fn mark(rows: &mut [ShareRow]) {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| distance(&rows[*a]).total_cmp(&distance(&rows[*b])));
    for index in order.into_iter().take(NEAREST) {
        rows[index].is_nearest = true;
    }
}

/// What follows from the table, in words that depend on it.
fn reading(rows: &[ShareRow]) -> String {
    let nearest = |may: &dyn Fn(&&ShareRow) -> bool, count: usize| {
        let mut found: Vec<&ShareRow> = rows.iter().filter(may).collect();
        found.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        let told = found.iter().take(count).map(|row| {
            let shares = [row.before_ratio, row.after_ratio].map(percent);
            format!("{} → {}, {}", shares[0], shares[1], described(row))
        });
        told.collect::<Vec<_>>().join("; ")
    };
    let visible = |row: &&ShareRow| row.window.is_minute_or_longer() && row.definition != Definition::DeadTargets;
    let mut sentences = vec![
        format!("Nearest of all readings: {}.", nearest(&|_| true, 1)),
        format!(
            "CloudWatch shows standard metrics by the minute and knows no dead targets; the two nearest that it could have \
             shown, and so the most plausible: {}.",
            nearest(&visible, 2)
        ),
    ];
    let long = rows
        .iter()
        .filter(|row| row.window.is_minute_or_longer() && row.window != Window::Minute);
    let long = long.filter(|row| row.definition != Definition::DeadTargets);
    if let Some(most) = long.max_by(|a, b| a.before_ratio.total_cmp(&b.before_ratio)) {
        let verdict = if most.before_ratio < PUBLISHED.0 / 2.0 {
            "so it is no share over a bin of the plots or longer"
        } else {
            "so it may be a share over a bin of the plots"
        };
        sentences.push(format!(
            "Of requests and loops at most {} fail over a quarter of an hour or more before the change ({}), {verdict}.",
            percent(most.before_ratio),
            described(most)
        ));
    }
    let of_minutes = rows
        .iter()
        .filter(|row| row.window == Window::Minute && row.definition == Definition::Requests);
    let mut factors: Vec<f64> = of_minutes
        .filter(|row| row.after_ratio > 0.0)
        .map(|row| row.before_ratio / row.after_ratio)
        .collect();
    factors.sort_by(f64::total_cmp);
    if let (Some(least), Some(most)) = (factors.first(), factors.last()) {
        sentences.push(format!(
            "What it hangs on: how many pods go within one removal, which bounds the share before the change (with hundreds \
             of pods the limits of the API clients decide, which EKS does not publish); and how long the hook's restart \
             closes the port compared with a removal, which divides the shares of a minute by {least:.0} to {most:.0} here \
             and by 37 in the publication."
        ));
    }
    sentences.join(" ")
}

fn described(row: &ShareRow) -> String {
    format!(
        "{} in the worst {} of {}",
        row.definition.words(),
        row.window.words(),
        row.event
    )
}

fn percent(ratio: f64) -> String {
    format!("{:.1} %", 100.0 * ratio)
}

#[cfg(test)]
mod tests;
