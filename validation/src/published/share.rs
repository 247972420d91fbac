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
/// Runs of each event.
const REPLICATIONS: u32 = 6;
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
    /// The worst minute.
    Minute,
    /// The worst quarter of an hour, the bin of the plots.
    QuarterHour,
    /// The whole falling half.
    FallingHalf,
}

impl Window {
    const ALL: [Window; 4] = [Window::FiveSeconds, Window::Minute, Window::QuarterHour, Window::FallingHalf];

    /// Seconds; nothing for the whole run.
    const fn seconds(self) -> Option<usize> {
        match self {
            Window::FiveSeconds => Some(5),
            Window::Minute => Some(60),
            Window::QuarterHour => Some(900),
            Window::FallingHalf => None,
        }
    }

    /// Words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Window::FiveSeconds => "5 s",
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
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ShareTable {
    /// Every reading.
    pub rows: Vec<ShareRow>,
    /// What follows from them.
    pub reading: String,
}

/// Runs every event and reads every share.
///
/// # Errors
///
/// Those of the runner.
pub(super) fn table<R: Runner>(scenarios: &FleetScenarios, values: &Values, runner: &R) -> Result<ShareTable, R::Error> {
    let events = events::all(scenarios, values);
    let runs = events.len() * 2 * REPLICATIONS as usize;
    let tallies: Vec<Tally> = runner.each(runs, |number| {
        let (event, rest) = (number / (2 * REPLICATIONS as usize), number % (2 * REPLICATIONS as usize));
        let scenario = &events[event].scenarios[rest / REPLICATIONS as usize];
        let replication = u32::try_from(rest).expect("few runs") % REPLICATIONS;
        Tally::of(scenario, replication, runner)
    })?;
    let mut rows = Vec::new();
    for (event, runs) in events.iter().zip(tallies.chunks(2 * REPLICATIONS as usize)) {
        let (before, after) = runs.split_at(REPLICATIONS as usize);
        rows.extend(readings(event, &Tally::sum(before), &Tally::sum(after)));
    }
    mark(&mut rows);
    let reading = reading(&rows);
    Ok(ShareTable { rows, reading })
}

fn readings(event: &Event, before: &Tally, after: &Tally) -> Vec<ShareRow> {
    let windows = Window::ALL.into_iter().filter(|window| window.seconds().is_some() || event.is_falling_half);
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
    let Some(best) = rows.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))) else {
        return String::new();
    };
    let percent = |ratio: f64| format!("{:.1} %", 100.0 * ratio);
    let largest = |windows: &[Window]| {
        let of = rows.iter().filter(|row| windows.contains(&row.window) && row.definition == Definition::Requests);
        of.max_by(|a, b| a.before_ratio.total_cmp(&b.before_ratio))
    };
    let mut text = format!(
        "Nearest is the share of {} in the worst {} of {}: {} before, {} after.",
        best.definition.words(),
        best.window.words(),
        best.event,
        percent(best.before_ratio),
        percent(best.after_ratio)
    );
    if let Some(long) = largest(&[Window::QuarterHour, Window::FallingHalf]) {
        let verdict = if long.before_ratio < PUBLISHED.0 / 2.0 {
            "so 37 % is no share of all requests over a bin of the plots or longer, but of the seconds of the event"
        } else {
            "so 37 % may be a share over a bin of the plots"
        };
        text += &format!(
            " Over a quarter of an hour or more at most {} of the requests fail before the change ({}), {verdict}.",
            percent(long.before_ratio),
            long.event
        );
    }
    text += " A peak share is at most the share of the pods that go within one removal time, so it hangs on how many go at \
             once, and with hundreds of pods on the API clients' limits, which EKS does not publish; after the change it is \
             that share times the seconds of the server's restart in the window.";
    text
}

#[cfg(test)]
mod tests;
