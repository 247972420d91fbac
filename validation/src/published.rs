//! The published run: the model driven by the observed load, held against the observed failures.
//!
//! ```text
//!  CSV ─► observed ─► falls ──────────────┐ windows: some are fitted, the others predicted
//!            └──► path ─► drive ─► runs ──┤
//!  ranges of the parameters ─► response ──┴─► fit ─► prediction ─► findings
//! ```
//!
//! What is fitted: in each file the first falling half whose load was not started again in its midst (without such a one
//! the first). Everything else is predicted from there, with the uncertainty that the fit leaves, that of runs with the
//! same values, and the errors of reading the plots.

mod drive;
mod falls;
mod findings;
mod fit;
pub mod observed;
pub mod parameters;
mod path;
mod prediction;
pub mod report;
mod response;
mod share;
mod simulated;
mod tables;

use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};

use crate::report::Section;
use drive::Span;
use falls::{Fall, falls};
use fit::{Posterior, Total, WindowSurfaces};
use observed::{Era, Observed};
use parameters::{COUNT, Values};
use report::PublishedReport;
use simulated::Simulated;

pub use prediction::{CONFIDENCE, Prediction};
pub use share::{Definition, FleetScenarios, ShareRow, ShareTable, Window};

/// The published readings: name of the series, name of the file, its text.
pub const BUILT_IN: [(&str, &str, &str); 2] = [
    (
        "before",
        "before_cycles_1_2.csv",
        include_str!("../data/before_cycles_1_2.csv"),
    ),
    (
        "after",
        "after_windows_1_2.csv",
        include_str!("../data/after_windows_1_2.csv"),
    ),
];

/// Runs of the design are numbered from 0, those of the predictions from here.
const PREDICTIONS_FROM: u32 = 1_000_000;

/// Runs the model for this module, which knows no threads.
pub trait Runner: Sync {
    /// What may go wrong in a run.
    type Error: Send;

    /// Does the jobs 0 to `count − 1`, in any order and on any number of threads; the results are in theirs.
    ///
    /// # Errors
    ///
    /// The first one of a job.
    fn each<T: Send>(
        &self,
        count: usize,
        job: impl Fn(usize) -> Result<T, Self::Error> + Sync,
    ) -> Result<Vec<T>, Self::Error>;

    /// One replication.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    fn run(
        &self,
        scenario: &Scenario,
        replication: u32,
        level: TraceLevel,
        sink: &mut dyn TraceSink,
    ) -> Result<RunSummary, Self::Error>;

    /// Coordinate, from 0 to below 1, of a point of a sequence that fills the cube of all dimensions evenly.
    fn unit(&self, index: usize, dimension: usize) -> f64;
}

/// How much is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Combinations of values that the response surfaces learn from.
    pub design_runs: u16,
    /// Runs of each file that predictions come from.
    pub predictions: u16,
    /// Runs of each event that shares are read from; without any there is no table of shares.
    pub share_runs: u16,
}

impl Effort {
    /// Five runs for each of the 36 coefficients of a surface; 5 % quantiles with five draws beyond them; shares that
    /// scatter by less than a tenth. That takes half a minute on two cores.
    pub const USUAL: Effort = Effort {
        design_runs: 192,
        predictions: 100,
        share_runs: 6,
    };
}

/// One file and the scenario of its era.
#[derive(Debug, Clone)]
pub struct Series {
    /// Its name in the report.
    pub name: String,
    /// The file that it was read from; nothing for the published readings.
    pub file: Option<String>,
    /// What it says.
    pub observed: Observed,
}

/// A series with its falling halves.
#[derive(Debug)]
struct Prepared<'s> {
    series: &'s Series,
    base: &'s Scenario,
    falls: Vec<Fall>,
    /// Index of the falling half that is fitted.
    fitted: usize,
}

/// Why a comparison is impossible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishedError {
    /// The load never falls by more than a sixth of its largest value.
    #[error("{series}: the load never falls by more than a sixth of its largest value, so there is no falling half")]
    NoFall {
        /// The series.
        series: String,
    },
}

/// Values that were fitted before.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// Equally likely combinations.
    pub draws: Vec<Values>,
    /// The windows that they were fitted to, as [`report::FitSummary`] names them.
    pub fitted_to: Vec<String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The claims.
    pub section: Section,
    /// The tables.
    pub report: PublishedReport,
    /// What was fitted, for [`Comparison::examine`] without a fit.
    pub fitted: Given,
}

/// Takes nothing.
struct Nowhere;

impl TraceSink for Nowhere {
    fn record(&mut self, _: TraceRecord) {}
}

/// Files, their falling halves, and the scenarios that are run against them.
#[derive(Debug)]
pub struct Comparison<'s> {
    prepared: Vec<Prepared<'s>>,
    scenarios: &'s FleetScenarios,
}

impl<'s> Comparison<'s> {
    /// Finds the falling halves.
    ///
    /// # Errors
    ///
    /// If a file has none.
    pub fn new(series: &'s [Series], scenarios: &'s FleetScenarios) -> Result<Self, PublishedError> {
        let prepared = series.iter().map(|series| Prepared::new(series, scenarios));
        Ok(Self {
            prepared: prepared.collect::<Result<_, _>>()?,
            scenarios,
        })
    }

    /// Fits, unless values are given, and predicts.
    ///
    /// # Errors
    ///
    /// Those of the runner.
    pub fn examine<R: Runner>(
        &self,
        given: Option<&Given>,
        effort: Effort,
        seed: Seed,
        runner: &R,
    ) -> Result<Outcome, R::Error> {
        Study {
            comparison: self,
            given,
            effort,
            seed,
            runner,
        }
        .examine()
    }
}

impl<'s> Prepared<'s> {
    fn new(series: &'s Series, scenarios: &'s FleetScenarios) -> Result<Self, PublishedError> {
        let falls = falls(&series.observed);
        if falls.is_empty() {
            return Err(PublishedError::NoFall {
                series: series.name.clone(),
            });
        }
        Ok(Self {
            series,
            base: &scenarios.script[usize::from(series.observed.era == Era::After)],
            fitted: falls.iter().position(|fall| !fall.disturbed).unwrap_or(0),
            falls,
        })
    }

    fn span(&self, fall: usize) -> Span {
        Span {
            from: self.falls[fall].first,
            to: self.falls[fall].last + 1,
        }
    }

    fn whole(&self) -> Span {
        Span {
            from: 0,
            to: self.series.observed.bins.len(),
        }
    }

    fn totals(&self, fall: usize) -> [Total; 2] {
        [0, 1].map(|code| prediction::total(&self.series.observed, self.span(fall), code))
    }
}

/// Everything that an examination needs.
struct Study<'s, R> {
    comparison: &'s Comparison<'s>,
    given: Option<&'s Given>,
    effort: Effort,
    seed: Seed,
    runner: &'s R,
}

/// What was learned from the design's runs.
struct Learned {
    /// Of each series and falling half.
    surfaces: Vec<Vec<WindowSurfaces>>,
    /// Fitted to the windows that are fitted.
    posterior: Posterior,
    /// Fitted to the others, if there are any.
    crosswise: Option<Posterior>,
}

impl<R: Runner> Study<'_, R> {
    fn examine(&self) -> Result<Outcome, R::Error> {
        let (learned, posterior) = if let Some(given) = self.given {
            (None, Posterior::given(self.repeated(&given.draws)))
        } else {
            let learned = self.learn()?;
            let posterior = learned.posterior.clone();
            (Some(learned), posterior)
        };
        let runs = self.predict(&posterior.draws)?;
        let shares = share::table(
            self.comparison.scenarios,
            &posterior.medians(),
            self.effort.share_runs,
            self.runner,
        )?;
        let report = self.report(learned.as_ref(), &posterior, &runs, shares);
        let section = findings::section(&report, &self.never_504(&runs));
        Ok(Outcome {
            section,
            fitted: Given {
                draws: posterior.draws,
                fitted_to: report.fit.iter().flat_map(|fit| fit.windows.clone()).collect(),
            },
            report,
        })
    }

    /// As many as there are predictions.
    fn repeated(&self, values: &[Values]) -> Vec<Values> {
        values
            .iter()
            .copied()
            .cycle()
            .take(usize::from(self.effort.predictions))
            .collect()
    }

    fn simulate(&self, part: &Prepared<'_>, span: Span, values: &Values, draw: u32) -> Result<Simulated, R::Error> {
        let scenario = drive::scenario(part.base, &part.series.observed, span, values, self.seed, draw);
        let run = self.runner.run(&scenario, draw, TraceLevel::Off, &mut Nowhere)?;
        Ok(Simulated::of(&run, &part.series.observed, span))
    }

    /// Runs the design over every falling half and fits.
    fn learn(&self) -> Result<Learned, R::Error> {
        let design: Vec<Values> = (0..usize::from(self.effort.design_runs))
            .map(|index| Values::at(|place| self.runner.unit(index, place)))
            .collect();
        let places: Vec<[f64; COUNT]> = design.iter().map(Values::centred).collect();
        let windows: Vec<(usize, usize)> = (0..self.comparison.prepared.len())
            .flat_map(|part| (0..self.comparison.prepared[part].falls.len()).map(move |fall| (part, fall)))
            .collect();
        let totals = self.runner.each(design.len() * windows.len(), |job| {
            let (index, (part, fall)) = (job / windows.len(), windows[job % windows.len()]);
            let part = &self.comparison.prepared[part];
            let draw = u32::try_from(index).expect("few runs");
            let run = self.simulate(part, part.span(fall), &design[index], draw)?;
            Ok([0, 1].map(|code| run.total(code)))
        })?;
        let mut surfaces: Vec<Vec<WindowSurfaces>> = self.comparison.prepared.iter().map(|_| Vec::new()).collect();
        for (number, (part, _)) in windows.iter().enumerate() {
            let own: Vec<[f64; 2]> = totals.iter().skip(number).step_by(windows.len()).copied().collect();
            let active = fit::active(self.comparison.prepared[*part].series.observed.era);
            surfaces[*part].push(WindowSurfaces::fit(&places, &own, &active));
        }
        let candidates: Vec<Values> = (0..fit::CANDIDATES)
            .map(|index| Values::at(|place| self.runner.unit(index, place)).rounded())
            .collect();
        let of = |fitted: bool| {
            let chosen: Vec<(&WindowSurfaces, [Total; 2])> = windows
                .iter()
                .filter(|(part, fall)| (self.comparison.prepared[*part].fitted == *fall) == fitted)
                .map(|(part, fall)| (&surfaces[*part][*fall], self.comparison.prepared[*part].totals(*fall)))
                .collect();
            let draws = usize::from(self.effort.predictions);
            (!chosen.is_empty()).then(|| Posterior::sample(&candidates, &chosen, draws, self.seed))
        };
        let (posterior, crosswise) = (of(true).expect("every series has a fitted window"), of(false));
        Ok(Learned {
            surfaces,
            posterior,
            crosswise,
        })
    }

    /// Runs every whole file with each combination of values: `[series][draw]`.
    fn predict(&self, draws: &[Values]) -> Result<Vec<Vec<Simulated>>, R::Error> {
        let count = self.comparison.prepared.len();
        let all = self.runner.each(draws.len() * count, |job| {
            let part = &self.comparison.prepared[job % count];
            let draw = u32::try_from(job / count).expect("few runs");
            self.simulate(part, part.whole(), &draws[job / count], PREDICTIONS_FROM + draw)
        })?;
        Ok((0..count)
            .map(|part| all.iter().skip(part).step_by(count).cloned().collect())
            .collect())
    }

    /// Each series whose file has no 504: its name, in how many runs the model gave some, and of how many.
    fn never_504(&self, runs: &[Vec<Simulated>]) -> Vec<(String, usize, usize)> {
        let after = self
            .comparison
            .prepared
            .iter()
            .zip(runs)
            .filter(|(part, _)| part.series.observed.era == Era::After);
        let with_some = |runs: &[Simulated]| runs.iter().filter(|run| run.total(1) > 0.0).count();
        after
            .map(|(part, runs)| (part.series.name.clone(), with_some(runs), runs.len()))
            .collect()
    }
}

#[cfg(test)]
mod tests;
