//! What was observed: load and failures per bin, as they stand in a CSV file.
//!
//! | column | in each row |
//! | --- | --- |
//! | `time_of_day` | label of the bin, such as `02:15`; optional |
//! | `minutes_since_start` | start of the bin, whole minutes; equal steps |
//! | `load_workers` | load workers, whole number: the mean of what was posted in the bin |
//! | `http_502`, `http_504` | failures in the bin, whole numbers; blank where the plot has no point |
//! | `nodes` | Kubernetes nodes; optional, blank allowed |
//!
//! *Blank counts are zero.* A plot of counters has no point where nothing was counted, and in the published files the
//! blanks are the bins in which the load grows, for which the plots show none (published-run, "What the plots show").
//! A blank cell has no reading error. The one blank among points (`http_502` at 05:45, beside 57 of 504) counts zero too.
//!
//! *The column `http_504` decides the era*: with it the file is of the application before its change, without it of the
//! application after, whose plots have no 504 at all, so that none is what was observed.

use std::ops::Range;

use sim_core::outcome::Status;

/// The codes that are compared, in the order of every pair of counts.
pub const CODES: [Status; 2] = [Status::BadGateway, Status::GatewayTimeout];

/// Fewest bins: less has no rise and fall.
const FEWEST_BINS: usize = 4;
/// Most bins: a week of quarters of an hour.
const MOST_BINS: usize = 672;
/// Longest bin, minutes; longer ones say nothing about steps of 10 to 12 minutes.
const LONGEST_BIN: u32 = 30;
/// Most load workers: what a run can hold in a few seconds.
const MOST_LOAD: u32 = 100_000;
/// Most failures of one bin.
const MOST_FAILURES: u32 = 100_000_000;

const COLUMNS: [&str; 6] = [
    "time_of_day",
    "minutes_since_start",
    "load_workers",
    "http_502",
    "http_504",
    "nodes",
];

/// One field of a CSV file, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// Where it stands in the file, bytes.
    pub span: Range<usize>,
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ObservedError {
    /// Where, bytes of the file; nothing where the whole file is meant.
    pub span: Option<Range<usize>>,
    /// What was found and what would be right.
    pub problem: String,
}

/// Whether the application had been changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Era {
    /// Probed on a page of its users, without preStop: scenario `logistics-before`.
    Before,
    /// A health page of its own and a preStop hook: scenario `logistics-after`.
    After,
}

impl Era {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Era::Before => "before",
            Era::After => "after",
        }
    }

    /// Largest error of a reading of 502 and of 504 off a plot, counts. Source: published-run, head.
    pub const fn reading_error(self) -> [u32; 2] {
        match self {
            Era::Before => [2, 5],
            Era::After => [1, 0],
        }
    }

    /// Largest error of a reading of the load, load workers. Source: published-run, head.
    pub const fn load_error(self) -> u32 {
        match self {
            Era::Before => 7,
            Era::After => 4,
        }
    }
}

/// One bin.
#[derive(Debug, Clone, PartialEq)]
pub struct Bin {
    /// Its label: time of day, or minutes since the start.
    pub label: String,
    /// Load workers.
    pub load: u32,
    /// Counts of [`CODES`]; nothing where the file is blank.
    pub counts: [Option<u32>; 2],
    /// Nodes, if the file says.
    pub nodes: Option<f64>,
}

impl Bin {
    /// The count of a code; a blank is zero.
    pub fn count(&self, code: usize) -> u32 {
        self.counts[code].unwrap_or(0)
    }
}

/// What one file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Whether the application had been changed.
    pub era: Era,
    /// Whether the values were read off plots, and so may be misread; otherwise they are exact.
    pub is_read_off: bool,
    /// Length of a bin, minutes.
    pub bin_minutes: u32,
    /// The bins, each directly after the one before.
    pub bins: Vec<Bin>,
}

impl Observed {
    /// Reads the rows of a CSV file below its header; `is_read_off` says whether they were read off plots.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place.
    pub fn read(header: &[Cell], rows: &[Vec<Cell>], is_read_off: bool) -> Result<Self, ObservedError> {
        let columns = Columns::of(header)?;
        if rows.len() < FEWEST_BINS || rows.len() > MOST_BINS {
            return Err(ObservedError {
                span: None,
                problem: format!(
                    "{} rows below the header, allowed are {FEWEST_BINS} to {MOST_BINS}",
                    rows.len()
                ),
            });
        }
        let mut bins = Vec::with_capacity(rows.len());
        let mut starts: Vec<u32> = Vec::with_capacity(rows.len());
        for row in rows {
            let cell = &row[columns.minutes];
            let start = whole(cell, "minutes_since_start", 1_000_000)?;
            match starts.as_slice() {
                [] => {}
                [first] => {
                    let length = start.saturating_sub(*first);
                    if length == 0 || length > LONGEST_BIN {
                        return Err(wrong(
                            cell,
                            format!("bins of 1 to {LONGEST_BIN} minutes are expected, found {start} after {first}"),
                        ));
                    }
                }
                [first, second, ..] => {
                    let expected = starts[starts.len() - 1] + second - first;
                    if start != expected {
                        return Err(wrong(
                            cell,
                            format!("equal steps are expected, here {expected}, found {start}"),
                        ));
                    }
                }
            }
            starts.push(start);
            bins.push(columns.bin(row, start - starts[0])?);
        }
        Ok(Self {
            era: if columns.counts[1].is_some() {
                Era::Before
            } else {
                Era::After
            },
            is_read_off,
            bin_minutes: starts[1] - starts[0],
            bins,
        })
    }

    /// Largest error of the counts of [`CODES`].
    pub fn reading_error(&self) -> [u32; 2] {
        if self.is_read_off {
            self.era.reading_error()
        } else {
            [0, 0]
        }
    }

    /// Largest error of the load, load workers.
    pub fn load_error(&self) -> u32 {
        if self.is_read_off { self.era.load_error() } else { 0 }
    }

    /// Largest load.
    pub fn peak(&self) -> u32 {
        self.bins.iter().map(|bin| bin.load).max().unwrap_or(0)
    }
}

/// Where which column stands.
struct Columns {
    time_of_day: Option<usize>,
    minutes: usize,
    load: usize,
    counts: [Option<usize>; 2],
    nodes: Option<usize>,
}

impl Columns {
    fn of(header: &[Cell]) -> Result<Self, ObservedError> {
        for (index, cell) in header.iter().enumerate() {
            if !COLUMNS.contains(&cell.text.as_str()) {
                let problem = format!("unknown column {:?}; known are {}", cell.text, COLUMNS.join(", "));
                return Err(wrong(cell, problem));
            }
            if header[..index].iter().any(|before| before.text == cell.text) {
                return Err(wrong(cell, format!("the column {:?} stands twice", cell.text)));
            }
        }
        let find = |name: &str| header.iter().position(|cell| cell.text == name);
        let must = |name: &str| {
            find(name).ok_or_else(|| ObservedError {
                span: header.first().map(|first| first.span.clone()),
                problem: format!("the column {name:?} is missing"),
            })
        };
        Ok(Self {
            time_of_day: find("time_of_day"),
            minutes: must("minutes_since_start")?,
            load: must("load_workers")?,
            counts: [Some(must("http_502")?), find("http_504")],
            nodes: find("nodes"),
        })
    }

    fn bin(&self, row: &[Cell], minutes: u32) -> Result<Bin, ObservedError> {
        let mut counts = [None; 2];
        for ((count, column), name) in counts.iter_mut().zip(self.counts).zip(["http_502", "http_504"]) {
            let cell = column.map(|column| &row[column]).filter(|cell| !cell.text.is_empty());
            *count = cell.map(|cell| whole(cell, name, MOST_FAILURES)).transpose()?;
        }
        let nodes = self
            .nodes
            .map(|column| &row[column])
            .filter(|cell| !cell.text.is_empty());
        let label = self.time_of_day.map(|column| row[column].text.clone());
        Ok(Bin {
            label: label
                .filter(|label| !label.is_empty())
                .unwrap_or_else(|| format!("{minutes} min")),
            load: whole(&row[self.load], "load_workers", MOST_LOAD)?,
            counts,
            nodes: nodes.map(number).transpose()?,
        })
    }
}

fn wrong(cell: &Cell, problem: String) -> ObservedError {
    ObservedError {
        span: Some(cell.span.clone()),
        problem,
    }
}

fn whole(cell: &Cell, column: &str, most: u32) -> Result<u32, ObservedError> {
    let parsed = cell.text.parse::<u32>().ok().filter(|value| *value <= most);
    parsed.ok_or_else(|| {
        wrong(
            cell,
            format!(
                "{column}: expected a whole number from 0 to {most}, found {:?}",
                cell.text
            ),
        )
    })
}

fn number(cell: &Cell) -> Result<f64, ObservedError> {
    let parsed = cell.text.parse::<f64>().ok();
    parsed
        .filter(|value| value.is_finite() && *value >= 0.0 && *value <= 1e6)
        .ok_or_else(|| {
            wrong(
                cell,
                format!("nodes: expected a number of zero or more, found {:?}", cell.text),
            )
        })
}

#[cfg(test)]
pub(super) mod tests;
