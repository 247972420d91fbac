//! `sim validate published`: the model against the published run.

pub(super) mod figures;
mod fitted;
mod observed;

use anyhow::{Context as _, bail};
use rayon::prelude::*;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::trace::{TraceLevel, TraceSink};
use sim_core::world;
use validation::published::{Comparison, Effort, FleetScenarios, Given, Outcome, Runner, Series};

use super::Evidence;
use crate::args::validate::PublishedArgs;
use crate::commands::progress::Progress;
use crate::output::OutputFile;
use crate::printer::Printer;
use crate::scenario_file::{self, LoadError};
use crate::simulate;
use crate::sweep::sobol;

/// Everything that is read before anything is run.
pub(super) struct Input {
    series: Vec<Series>,
    scenarios: FleetScenarios,
    given: Option<Given>,
}

impl Input {
    /// Reads the files that the flags name, or the published readings.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with a file, located.
    pub(super) fn read(args: &PublishedArgs) -> anyhow::Result<Self> {
        let series = if args.observed.is_empty() {
            observed::built_in()?
        } else {
            args.observed
                .iter()
                .map(|path| observed::read(path, args.read_off_plots))
                .collect::<Result<Vec<Series>, LoadError>>()?
        };
        for (index, one) in series.iter().enumerate() {
            if series[..index].iter().any(|before: &Series| before.name == one.name) {
                bail!("two files of the name {}; each needs one of its own", one.name);
            }
        }
        let given = args.fitted.as_deref().map(fitted::read).transpose()?;
        let input = Self {
            series,
            scenarios: scenarios()?,
            given,
        };
        // Says what is wrong before the first run.
        Comparison::new(&input.series, &input.scenarios)?;
        Ok(input)
    }

    /// The published readings, and nothing fitted yet.
    ///
    /// # Errors
    ///
    /// If what is built in is broken.
    pub(super) fn built_in() -> anyhow::Result<Self> {
        Ok(Self {
            series: observed::built_in()?,
            scenarios: scenarios()?,
            given: None,
        })
    }

    /// Runs the comparison on the threads of the current pool, and writes the files that the flags ask for.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants, or a file cannot be written.
    pub(super) fn examine(&self, args: &PublishedArgs, seed: Seed, printer: &Printer) -> anyhow::Result<Evidence> {
        let fitted_file = args.write_fitted.as_deref().map(OutputFile::open).transpose()?;
        let outcome = self.outcome(args.effort(), seed, printer)?;
        if let Some(mut file) = fitted_file {
            std::io::Write::write_all(&mut file, fitted::write(&outcome, seed).as_bytes())?;
            file.commit()?;
        }
        for problem in args.pictures.write(&figures::of(&outcome.report, seed))? {
            printer.note(&problem);
        }
        Ok(Evidence {
            sections: vec![outcome.section],
            published: Some(outcome.report),
            ..Evidence::default()
        })
    }

    /// Runs the comparison on the threads of the current pool.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(super) fn outcome(&self, effort: Effort, seed: Seed, printer: &Printer) -> anyhow::Result<Outcome> {
        let threads = Threads { seed, printer };
        let comparison = Comparison::new(&self.series, &self.scenarios)?;
        comparison.examine(self.given.as_ref(), effort, seed, &threads)
    }
}

fn scenarios() -> anyhow::Result<FleetScenarios> {
    let load = |name: &str| -> anyhow::Result<Scenario> {
        Ok(scenario_file::load(name, None, &[])
            .with_context(|| format!("built-in scenario {name}"))?
            .scenario)
    };
    Ok(FleetScenarios {
        script: [load("logistics-before")?, load("logistics-after")?],
        headline: [load("headline-before")?, load("headline-after")?],
    })
}

/// The threads of the current pool.
struct Threads<'p> {
    seed: Seed,
    printer: &'p Printer,
}

impl Runner for Threads<'_> {
    type Error = anyhow::Error;

    fn each<T: Send>(&self, count: usize, job: impl Fn(usize) -> anyhow::Result<T> + Sync) -> anyhow::Result<Vec<T>> {
        let progress = Progress::start(count as u64, "runs", self.printer);
        let one = |number: usize| {
            let result = job(number);
            progress.advance_by(1);
            result
        };
        // Collected first, so that the error is that of the lowest number on any number of threads.
        let results: Vec<anyhow::Result<T>> = (0..count).into_par_iter().map(one).collect();
        results.into_iter().collect()
    }

    fn run(
        &self,
        scenario: &Scenario,
        replication: u32,
        level: TraceLevel,
        sink: &mut dyn TraceSink,
    ) -> anyhow::Result<RunSummary> {
        simulate::guarded(scenario, self.seed, replication, || {
            world::run(scenario, self.seed, replication, level, sink)
        })
    }

    fn unit(&self, index: usize, dimension: usize) -> f64 {
        sobol::unit(index, dimension, self.seed)
    }
}
